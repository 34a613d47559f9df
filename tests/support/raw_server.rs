//! Raw servers on loopback: what they do is written out by each test, byte by byte.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A listener whose connections are handled one after the other.
pub(crate) struct RawServer {
    pub(crate) addr: SocketAddr,
    stop: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl RawServer {
    /// `handle` gets each connection and its number, from 0.
    pub(crate) fn start(handle: impl FnMut(TcpStream, usize) + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handle)
    }

    /// The same with a listener.
    pub(crate) fn on(
        listener: TcpListener,
        mut handle: impl FnMut(TcpStream, usize) + Send + 'static,
    ) -> Self {
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            for stream in listener.incoming() {
                if stopped.try_recv().is_ok() {
                    return;
                }
                let Ok(stream) = stream else { continue };
                // A test that goes wrong ends in an error and not in a hang.
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                handle(stream, number);
                number += 1;
            }
        });
        Self { addr, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
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
