//! A TCP connection for ureq.
//!
//! ureq's own gives up when a write fails, although the response may have arrived already, and its writes may
//! last longer than their time if the peer reads slowly.

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::time::Duration as Span;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport as Wire};
use ureq::{Error, Timeout};

use crate::transport::suspend::LAST_LOOK;

use super::call::CALL;
use super::socket::{Socket, time_to_wait};

/// The most that is held back for the next write: the head of a request, so that one packet has head and body.
const MOST_HELD: usize = 8 * 1024;

/// The end of what may last for some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    at: Option<Instant>,
    reason: Timeout,
}

impl Until {
    const ENDLESS: Self = Self { at: None, reason: Timeout::Global };

    #[cfg(test)]
    pub(super) fn new(at: Option<Instant>, reason: Timeout) -> Self {
        Self { at, reason }
    }

    pub(super) fn from_now(timeout: NextTimeout) -> Self {
        let at = match timeout.after {
            Span::Exact(after) => Instant::now().checked_add(after),
            Span::NotHappening => None,
        };
        Self { at, reason: timeout.reason }
    }

    pub(super) fn at(&self) -> Option<Instant> {
        self.at
    }

    /// The error at the timeout.
    pub(super) fn over(&self) -> Error {
        Error::Timeout(self.reason)
    }

    /// The time that is left: `None` if it does not end.
    pub(super) fn left(&self) -> Result<Option<Duration>, Error> {
        let Some(at) = self.at else { return Ok(None) };
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.over()) } else { Ok(Some(left)) }
    }

    /// The time that is left, for ureq.
    pub(super) fn timeout(&self) -> Result<NextTimeout, Error> {
        let after = self.left()?.map_or(Span::NotHappening, Span::Exact);
        Ok(NextTimeout { after, reason: self.reason, per_read: None, per_write: None })
    }
}

/// The connection.
pub(super) struct Tcp {
    /// Shared with what may shut it down meanwhile.
    socket: Arc<Socket>,
    buffers: LazyBuffers,
    reads_within: Option<Duration>,
    writes_within: Option<Duration>,
    writing: Writing,
    /// What is to be written before anything else, and before a read.
    held: Vec<u8>,
    /// The time for that write.
    held_until: Until,
}

/// Whether the peer takes what is written.
enum Writing {
    Works,
    /// A write failed, with this error until it is reported.
    Failed(Option<Error>),
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tcp")
    }
}

impl Tcp {
    pub(super) fn new(socket: Arc<Socket>, buffers: LazyBuffers) -> Self {
        Self {
            socket,
            buffers,
            reads_within: None,
            writes_within: None,
            writing: Writing::Works,
            held: Vec::new(),
            held_until: Until::ENDLESS,
        }
    }

    /// Writes what is held, and this much of the output.
    fn write(&mut self, amount: usize, until: Until) -> Result<(), Error> {
        let (mut held, mut rest) = (&*self.held, &self.buffers.output()[..amount]);
        while !held.is_empty() || !rest.is_empty() {
            let time = time_to_wait(self.writes_within, until.left()?);
            if time != self.writes_within {
                self.socket.stream().set_write_timeout(time)?;
                self.writes_within = time;
            }
            match self.socket.write(held, rest) {
                Ok(0) => return Err(std::io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => {
                    let of_held = written.min(held.len());
                    (held, rest) = (&held[of_held..], &rest[written - of_held..]);
                }
                Err(error) if is_unfinished(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The same. What has arrived is read also if the write fails, so the error is kept until then.
    fn write_or_keep(&mut self, amount: usize, until: Until) {
        if let Err(error) = self.write(amount, until) {
            CALL.with_borrow_mut(|call| call.write_failed = true);
            self.writing = Writing::Failed(Some(error));
        }
        self.held.clear();
    }

    fn read(&mut self, until: Until) -> Result<usize, Error> {
        loop {
            let time = self.socket.time_to_read(self.reads_within, until.left()?);
            if time != self.reads_within {
                self.socket.stream().set_read_timeout(time)?;
                self.reads_within = time;
            }
            match self.socket.read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount);
                }
                Err(error) if is_unfinished(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Interrupted by a signal, or its time is up: whether it is, the clock says.
fn is_unfinished(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

impl Wire for Tcp {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Writing::Failed(_) = self.writing {
            // It would not arrive. What has arrived here is to be read.
            return Ok(());
        }
        let until = Until::from_now(timeout.for_write());
        if self.held.is_empty() && amount <= MOST_HELD {
            self.held.extend_from_slice(&self.buffers.output()[..amount]);
            self.held_until = until;
        } else {
            self.write_or_keep(amount, until);
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.held.is_empty() {
            self.write_or_keep(0, self.held_until);
        }
        let mut timeout = timeout.for_read();
        if let Writing::Failed(_) = self.writing {
            timeout.after = timeout.after.min(Span::Exact(LAST_LOOK));
        }
        let read = self.read(Until::from_now(timeout));
        match (&mut self.writing, read) {
            // The end of a connection that broke is not an end of a body.
            (Writing::Failed(error), Ok(0) | Err(_)) => {
                Err(error.take().unwrap_or_else(|| std::io::Error::from(ErrorKind::BrokenPipe).into()))
            }
            (_, read) => Ok(read? > 0),
        }
    }

    fn is_open(&mut self) -> bool {
        matches!(self.writing, Writing::Works) && self.held.is_empty() && self.socket.is_idle()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// A connection and its other end.
    fn connected() -> (Tcp, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let tcp = Tcp::new(Arc::new(Socket::new(stream)), LazyBuffers::new(1024, 32 * 1024));
        (tcp, listener.accept().unwrap().0)
    }

    fn within(after: Duration) -> NextTimeout {
        NextTimeout { after: Span::Exact(after), ..NextTimeout::default() }
    }

    const LONG: Duration = Duration::from_secs(600);

    fn transmit(tcp: &mut Tcp, bytes: &[u8], time: Duration) {
        tcp.buffers().output()[..bytes.len()].copy_from_slice(bytes);
        tcp.transmit_output(bytes.len(), within(time)).unwrap();
    }

    #[test]
    fn a_head_goes_with_its_body_and_a_large_piece_at_once() {
        let (mut tcp, mut peer) = connected();
        transmit(&mut tcp, b"head", LONG);
        assert!(!tcp.is_open(), "it is written to");
        peer.set_nonblocking(true).unwrap();
        assert_eq!(peer.peek(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        peer.set_nonblocking(false).unwrap();
        transmit(&mut tcp, b"body", LONG);
        let mut read = vec![0; 8];
        peer.read_exact(&mut read).unwrap();
        assert_eq!(read, b"headbody");
        let large = vec![b'x'; MOST_HELD + 1];
        transmit(&mut tcp, &large, LONG);
        let mut read = vec![0; large.len()];
        peer.read_exact(&mut read).unwrap();
        assert!(read == large && tcp.is_open());
    }

    #[test]
    fn what_is_held_is_written_before_a_read_waits() {
        let (mut tcp, mut peer) = connected();
        transmit(&mut tcp, b"head", LONG);
        let answers = std::thread::spawn(move || {
            peer.read_exact(&mut [0; 4])?;
            peer.write_all(b"answer")
        });
        assert!(tcp.await_input(within(LONG)).unwrap());
        answers.join().unwrap().unwrap();
        assert_eq!(tcp.buffers().input(), b"answer");
    }

    #[test]
    fn what_is_held_is_not_written_after_its_time() {
        let (mut tcp, mut peer) = connected();
        transmit(&mut tcp, b"head", Duration::ZERO);
        assert!(matches!(tcp.await_input(within(LONG)), Err(Error::Timeout(_))));
        assert!(!tcp.is_open());
        drop(tcp);
        let mut arrived = Vec::new();
        peer.read_to_end(&mut arrived).unwrap();
        assert!(arrived.is_empty());
    }
}
