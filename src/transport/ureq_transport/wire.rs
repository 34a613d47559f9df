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
use super::socket::Socket;

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
            let left = until.left()?;
            if left != self.writes_within {
                self.socket.stream().set_write_timeout(left)?;
                self.writes_within = left;
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
            let time = self.socket.time_to_read(until.left()?);
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
        matches!(self.writing, Writing::Works) && self.socket.is_idle()
    }
}
