//! The socket of a connection, as its thread uses it.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{Duplex, Stop};

/// The interval at which a thread that waits for its client looks whether the server stops. `None`: shutting the socket down wakes
/// it. Windows does not document that it does.
const LOOKS_EVERY: Option<Duration> = if cfg!(windows) { Some(Duration::from_millis(20)) } else { None };
/// The pause between two attempts to write, where a thread has to look.
const BETWEEN_WRITES: Duration = Duration::from_millis(5);

/// A connection that ends when its server stops, and when its client is silent for too long.
pub(crate) struct Socket<'a> {
    stream: &'a TcpStream,
    stop: &'a Stop,
    looks_every: Option<Duration>,
    silence: Cell<Duration>,
}

impl<'a> Socket<'a> {
    /// `silence`: how long the client may be silent.
    pub(super) fn new(stream: &'a TcpStream, stop: &'a Stop, silence: Duration) -> io::Result<Self> {
        Self::looking(stream, stop, silence, LOOKS_EVERY)
    }

    fn looking(
        stream: &'a TcpStream,
        stop: &'a Stop,
        silence: Duration,
        looks_every: Option<Duration>,
    ) -> io::Result<Self> {
        let socket = Self { stream, stop, looks_every, silence: Cell::new(silence) };
        stream.set_read_timeout(Some(looks_every.unwrap_or(silence)))?;
        stream.set_write_timeout(Some(silence))?;
        let _ = stream.set_nodelay(true);
        Ok(socket)
    }

    /// Writes nothing more, and gives the client so long to close the connection.
    pub(super) fn finish_within(&self, time: Duration) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.silence.set(time);
        let _ = self.stream.set_read_timeout(Some(self.looks_every.unwrap_or(time)));
    }

    /// Tries again until it does not wait, the server stops, or the time is over.
    fn patiently<T>(&self, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let began = Instant::now();
        loop {
            if self.stop.is_stopped() {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            match attempt() {
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if began.elapsed() >= self.silence.get() {
                        return Err(e);
                    }
                }
                other => return other,
            }
        }
    }
}

impl Read for &Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.looks_every.is_some() {
            // By Windows' documentation, what arrives when a read times out may be lost. A peek takes nothing.
            self.patiently(|| self.stream.peek(&mut [0]))?;
        }
        (&mut &*self.stream).read(buffer)
    }
}

impl Write for &Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.looks_every.is_none() {
            return (&mut &*self.stream).write(bytes);
        }
        // By Windows' documentation, a connection cannot be used after a write timed out.
        self.patiently(|| {
            self.stream.set_nonblocking(true)?;
            let written = (&mut &*self.stream).write(bytes);
            self.stream.set_nonblocking(false)?;
            if matches!(&written, Err(e) if e.kind() == ErrorKind::WouldBlock) {
                thread::sleep(BETWEEN_WRITES);
            }
            written
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Duplex for &Socket<'_> {
    fn finish(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::{Arc, mpsc};

    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    /// Nobody shuts the connections of this test down.
    #[test]
    fn a_thread_that_looks_ends_when_the_server_stops_or_the_client_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connect = || {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            (stream, listener.accept().unwrap().0)
        };
        let looks = Some(Duration::from_millis(1));
        let stop = Arc::new(Stop::default());
        let (mut client, stream) = connect();
        let silent = Socket::looking(&stream, &stop, Duration::from_millis(2), looks).unwrap();
        client.write_all(b"abc").unwrap();
        let mut buffer = [0; 8];
        assert_eq!((&silent).read(&mut buffer).unwrap(), 3);
        let kind = (&silent).read(&mut buffer).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{kind:?}");
        let (ends, ended) = mpsc::channel();
        let mut clients = Vec::new();
        for writes in [false, true] {
            let (client, stream) = connect();
            clients.push(client);
            let (stop, ends) = (stop.clone(), ends.clone());
            thread::spawn(move || {
                let socket = Socket::looking(&stream, &stop, LONG, looks).unwrap();
                let mut piece = vec![0; 1 << 20];
                let error = loop {
                    let result = if writes { (&socket).write(&piece) } else { (&socket).read(&mut piece) };
                    if let Err(error) = result {
                        break error;
                    }
                };
                ends.send(error.kind()).unwrap();
            });
        }
        stop.stop();
        for _ in 0..2 {
            assert_eq!(ended.recv_timeout(Duration::from_secs(60)).unwrap(), ErrorKind::ConnectionAborted);
        }
    }
}
