//! The socket of a connection, which another thread can shut down.

use std::fmt;
use std::io::{self, Read, Write};
#[cfg(unix)]
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::{Domain, SockRef, Type};
use ureq::unversioned::transport::ShutdownHandle;

use super::call::interruption;

/// The interval at which a thread that waits for the peer looks whether its socket was shut down. `None`:
/// shutting it down wakes the thread. Windows does not document that it does.
const LOOKS_EVERY: Option<Duration> = if cfg!(windows) { Some(Duration::from_millis(100)) } else { None };

/// The pause between two attempts to write, where a thread has to look.
const BETWEEN_WRITES: Duration = Duration::from_millis(5);

/// True if shutting down a socket that connects ends the attempt.
const SHUTDOWN_ENDS_CONNECT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The longest time that is one time limit. A longer one is divided.
const SHORT: Duration = Duration::from_millis(20);

/// The time limit of the next read or write, if this much is left and that of the one before was `last`. It
/// is shorter than what is left, so that it serves the next calls too: telling the system of a limit takes a
/// system call.
pub(super) fn time_to_wait(last: Option<Duration>, left: Option<Duration>) -> Option<Duration> {
    let left = left?;
    if left <= SHORT {
        return Some(left);
    }
    last.filter(|last| (left / 2..=left).contains(last)).or(Some(left * 3 / 4))
}

/// A TCP socket.
pub(super) struct Socket {
    stream: TcpStream,
    looks_every: Option<Duration>,
    is_shut: AtomicBool,
    /// The result of connecting on a thread of its own.
    connected: Mutex<Option<io::Result<()>>>,
    changed: Condvar,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}

impl Socket {
    /// Returns a socket that is not connected yet, for an address of this kind.
    pub(super) fn for_address(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(*address), Type::STREAM, None)?;
        Ok(Self::new(socket.into()))
    }

    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            looks_every: LOOKS_EVERY,
            is_shut: AtomicBool::new(false),
            connected: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Connects within this time, or until the socket is shut down.
    pub(super) fn connect(self: &Arc<Self>, address: &SocketAddr, time: Duration) -> io::Result<()> {
        if SHUTDOWN_ENDS_CONNECT {
            return self.connect_here(address, time);
        }
        self.connect_apart(address, time)
    }

    fn connect_here(&self, address: &SocketAddr, time: Duration) -> io::Result<()> {
        SockRef::from(&self.stream).connect_timeout(&(*address).into(), time)
    }

    /// Connects on another thread, which is left alone if the socket is shut down meanwhile.
    fn connect_apart(self: &Arc<Self>, address: &SocketAddr, time: Duration) -> io::Result<()> {
        let (socket, to) = (self.clone(), *address);
        let connecting = thread::Builder::new().name("connect".to_owned()).spawn(move || {
            let result = socket.connect_here(&to, time);
            *socket.connected() = Some(result);
            socket.changed.notify_all();
        });
        if connecting.is_err() {
            // No thread: a shutdown is noticed when the attempt is over.
            return self.connect_here(address, time);
        }
        let goes_on = |result: &mut Option<_>| result.is_none() && !self.is_shut();
        let mut result =
            self.changed.wait_while(self.connected(), goes_on).unwrap_or_else(PoisonError::into_inner);
        // Also if it was connected at the last moment: then shutting it down had no effect yet.
        if self.is_shut() {
            return Err(interruption());
        }
        result.take().unwrap_or_else(|| Err(interruption()))
    }

    fn connected(&self) -> MutexGuard<'_, Option<io::Result<()>>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_shut(&self) -> bool {
        self.is_shut.load(Ordering::SeqCst)
    }

    /// Wakes those that look whether it is shut.
    fn mark_shut(&self) {
        self.is_shut.store(true, Ordering::SeqCst);
        // Whoever is about to wait has seen the flag, or waits when it is notified.
        drop(self.connected());
        self.changed.notify_all();
    }

    /// The time limit of the next read, if this much is left and that of the one before was `last`. A read
    /// that ends before what is left is to be followed by another.
    pub(super) fn time_to_read(&self, last: Option<Duration>, left: Option<Duration>) -> Option<Duration> {
        match (self.looks_every, left) {
            (Some(looks_every), Some(left)) => Some(left.min(looks_every)),
            (Some(looks_every), None) => Some(looks_every),
            (None, left) => time_to_wait(last, left),
        }
    }

    /// Reads, within the read timeout of the stream.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.looks_every.is_some() {
            if self.is_shut() {
                return Err(interruption());
            }
            // By Windows' documentation, what arrives when a read times out may be lost. A peek takes
            // nothing.
            self.stream.peek(&mut [0])?;
        }
        (&self.stream).read(buffer)
    }

    /// Writes some of the bytes, within the write timeout of the stream.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        if self.looks_every.is_none() {
            return (&self.stream).write(bytes);
        }
        if self.is_shut() {
            return Err(interruption());
        }
        // By Windows' documentation, a connection cannot be used after a write timed out.
        self.stream.set_nonblocking(true)?;
        let written = (&self.stream).write(bytes);
        self.stream.set_nonblocking(false)?;
        if matches!(&written, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            thread::sleep(BETWEEN_WRITES);
        }
        written
    }

    /// Returns true if there is nothing to read, and no end.
    pub(super) fn is_idle(&self) -> bool {
        self.peek_now().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Looks at what has arrived, and does not wait for it.
    #[cfg(unix)]
    fn peek_now(&self) -> io::Result<usize> {
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        SockRef::from(&self.stream).recv_with_flags(&mut [MaybeUninit::uninit()], flags)
    }

    /// Looks at what has arrived, and does not wait for it.
    #[cfg(not(unix))]
    fn peek_now(&self) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let seen = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        seen
    }
}

impl ShutdownHandle for Socket {
    fn shutdown(&self) {
        self.mark_shut();
        // One that is not connected cannot be shut down on most systems.
        drop(self.stream.shutdown(Shutdown::Both));
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::transport::addresses::silent::Silent;

    /// Longer than a test waits: what ends before was interrupted.
    const LONG: Duration = Duration::from_secs(600);

    /// A socket that has to look, and its peer.
    fn connected() -> (Arc<Socket>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut socket = Socket::new(stream);
        socket.looks_every = Some(Duration::from_millis(1));
        (Arc::new(socket), listener.accept().unwrap().0)
    }

    /// Calls until it does not time out, but not for ever.
    fn until_over(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        let mut result = call();
        for _ in 0..10_000 {
            let kind = result.as_ref().map_err(io::Error::kind);
            if !matches!(kind, Err(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)) {
                break;
            }
            result = call();
        }
        result
    }

    #[test]
    fn one_limit_serves_many_calls_and_none_is_longer_than_what_is_left() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(time_to_wait(None, None), None);
        assert_eq!(time_to_wait(seconds(30), None), None);
        assert_eq!(time_to_wait(None, seconds(40)), seconds(30));
        for kept in [40, 39, 31, 30, 60] {
            assert_eq!(time_to_wait(seconds(30), seconds(kept)), seconds(30), "{kept}");
        }
        assert_eq!(time_to_wait(seconds(30), seconds(28)), seconds(21));
        assert_eq!(time_to_wait(seconds(30), seconds(80)), seconds(60));
        // A wait for the whole time has few limits, and the last is exact.
        let (mut left, mut last, mut limits) = (Duration::from_secs(600), None, 0);
        while !left.is_zero() {
            last = time_to_wait(last, Some(left));
            let limit = last.filter(|last| *last <= left && !last.is_zero()).unwrap();
            left -= limit;
            limits += 1;
        }
        assert!(limits < 12, "{limits}");
    }

    #[test]
    fn a_socket_is_idle_until_something_arrives_or_the_peer_closes_it() {
        let (socket, mut peer) = connected();
        assert!(socket.is_idle());
        peer.write_all(b"a").unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        // Waits for it.
        assert_eq!(socket.stream.peek(&mut [0]).unwrap(), 1);
        assert!(!socket.is_idle());
        assert_eq!((&socket.stream).read(&mut [0; 8]).unwrap(), 1);
        assert_eq!(socket.stream.peek(&mut [0]).unwrap(), 0);
        assert!(!socket.is_idle());
    }

    /// The system shuts nothing down in these tests: only the mark is set.
    #[test]
    fn a_thread_that_looks_leaves_a_read_and_a_write_when_the_socket_is_shut() {
        let (socket, mut peer) = connected();
        let time = socket.time_to_read(None, Some(LONG));
        assert_eq!((time, socket.time_to_read(time, None)), (socket.looks_every, socket.looks_every));
        assert_eq!(socket.time_to_read(time, Some(Duration::from_nanos(1))), Some(Duration::from_nanos(1)));
        socket.stream().set_read_timeout(time).unwrap();
        peer.write_all(b"abc").unwrap();
        let mut buffer = [0; 8];
        assert_eq!(until_over(|| socket.read(&mut buffer)).unwrap(), 3);
        assert_eq!(&buffer[..3], b"abc");
        assert!(socket.is_idle());
        let reading = socket.clone();
        let (waits, is_waiting) = std::sync::mpsc::channel();
        let reader = thread::spawn(move || {
            until_over(|| {
                let read = reading.read(&mut [0; 8]);
                let _ = waits.send(());
                read
            })
        });
        let writing = socket.clone();
        let writer = thread::spawn(move || {
            let piece = vec![0; 1 << 20];
            loop {
                until_over(|| writing.write(&piece))?;
            }
        });
        is_waiting.recv().unwrap();
        socket.mark_shut();
        assert!(reader.join().unwrap().unwrap_err().to_string().contains("interrupted"));
        let result: io::Result<()> = writer.join().unwrap();
        assert!(result.unwrap_err().to_string().contains("interrupted"));
    }

    #[test]
    fn connecting_on_a_thread_ends_with_the_shutdown_the_peer_or_the_time() {
        let silent = Silent::new();
        let shut = Arc::new(Socket::for_address(&silent.address()).unwrap());
        shut.mark_shut();
        let error = shut.connect_apart(&silent.address(), LONG).unwrap_err();
        assert!(error.to_string().contains("interrupted"), "{error}");
        let (_listener, address) = Silent::other();
        let socket = Arc::new(Socket::for_address(&address).unwrap());
        socket.connect_apart(&address, LONG).unwrap();
        assert_eq!(socket.stream().peer_addr().unwrap(), address);
        let late = Arc::new(Socket::for_address(&silent.address()).unwrap());
        assert!(late.connect_apart(&silent.address(), Duration::from_millis(1)).is_err());
    }
}
