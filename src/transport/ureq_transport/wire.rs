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

/// The end of what may last for some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    at: Option<Instant>,
    reason: Timeout,
}

impl Until {
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
        Self { socket, buffers, reads_within: None, writes_within: None, writing: Writing::Works }
    }

    fn write(&mut self, amount: usize, until: Until) -> Result<(), Error> {
        let mut rest = &self.buffers.output()[..amount];
        while !rest.is_empty() {
            let time = time_to_wait(self.writes_within, until.left()?);
            if time != self.writes_within {
                self.socket.stream().set_write_timeout(time)?;
                self.writes_within = time;
            }
            match self.socket.write(rest) {
                Ok(0) => return Err(std::io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if is_unfinished(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
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

/// True if the call was interrupted by a signal, or its time limit has passed: the clock says whether all
/// time is up.
fn is_unfinished(error: &std::io::Error) -> bool {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock => true,
        // Elsewhere keepalive has found that the peer is gone, and the next read would look like an end.
        ErrorKind::TimedOut => cfg!(windows),
        _ => false,
    }
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
        // What has arrived is read also if the write fails, so the error is kept until then.
        if let Err(error) = self.write(amount, Until::from_now(timeout.for_write())) {
            CALL.with_borrow_mut(|call| call.write_failed = true);
            self.writing = Writing::Failed(Some(error));
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
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
        // What was read and not asked for belongs to no later request. With TLS, nobody else looks here.
        matches!(self.writing, Writing::Works) && self.buffers.input().is_empty() && self.socket.is_idle()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_with_input_that_nobody_asked_for_is_not_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut tcp = Tcp::new(Arc::new(Socket::new(stream)), LazyBuffers::new(1024, 1024));
        let mut peer = listener.accept().unwrap().0;
        assert!(tcp.is_open());
        peer.write_all(b"surplus").unwrap();
        assert!(tcp.await_input(NextTimeout::default()).unwrap());
        assert!(!tcp.is_open());
        tcp.buffers().input_consume(7);
        assert!(tcp.is_open());
    }

    #[test]
    fn a_peer_that_keepalive_has_given_up_is_an_error_where_a_limit_has_another_kind() {
        let is_unfinished = |kind: ErrorKind| is_unfinished(&kind.into());
        assert!(is_unfinished(ErrorKind::WouldBlock) && is_unfinished(ErrorKind::Interrupted));
        assert_eq!(is_unfinished(ErrorKind::TimedOut), cfg!(windows));
        assert!(!is_unfinished(ErrorKind::ConnectionReset));
    }
}
