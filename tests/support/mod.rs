//! Raw servers on loopback: what they do is written out by each test, byte by byte.

#![allow(dead_code, unreachable_pub, missing_docs, missing_debug_implementations)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// A listener whose connections are handled one after the other.
pub struct RawServer {
    pub addr: SocketAddr,
    connections: Arc<AtomicUsize>,
    stop: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl RawServer {
    /// `handle` gets each connection and its number, from 0.
    pub fn start(handle: impl FnMut(TcpStream, usize) + Send + 'static) -> Self {
        Self::start_on("127.0.0.1:0", handle)
    }

    pub fn start_on(addr: &str, mut handle: impl FnMut(TcpStream, usize) + Send + 'static) -> Self {
        let listener = TcpListener::bind(addr).unwrap();
        let addr = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.try_recv().is_ok() {
                    return;
                }
                let Ok(stream) = stream else { continue };
                // A test that goes wrong ends in an error and not in a hang.
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                handle(stream, counter.fetch_add(1, Ordering::SeqCst));
            }
        });
        Self { addr, connections, stop, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        // Wakes the listener.
        let _ = TcpStream::connect(self.addr);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads one request, header and body; `None` if the connection ends before it is whole.
pub fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            _ => return None,
        }
    }
    let header = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = header
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |n| n.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// An answer with a length.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Answers every request of a connection with the same bytes.
pub fn answer_all(stream: &mut (impl Read + Write), bytes: &[u8]) {
    while read_request(stream).is_some() {
        if stream.write_all(bytes).is_err() {
            return;
        }
    }
}

/// Waits until the peer has closed the connection.
pub fn wait_for_close(stream: &mut impl Read) {
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer), Ok(n) if n > 0) {}
}
