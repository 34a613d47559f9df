//! Stopping a blocking call from another thread.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::engine::blocking::driver::Clock;
use crate::engine::{Machine, Step};
use crate::error::{Error, ErrorKind};
use crate::http::{Interrupt, Response};
use crate::transport::SendError;

use super::clock::AnyClock;

/// Stops what blocks other threads: give it to calls, and [`cancel`](CancelToken::cancel) from anywhere. All clones are one.
///
/// A wait ends at once. A request under way is cut off; if it changes something, its error is
/// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown), as for any connection that breaks. Otherwise the error is
/// [`Cancelled`](ErrorKind::Cancelled). What was started at the service goes on there.
///
/// A future needs none: drop it.
///
/// ```
/// # use controlplane::client::CancelToken;
/// let token = CancelToken::new();
/// let watcher = token.clone();
/// // In a handler of signals, or on another thread:
/// watcher.cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CancelToken(Interrupt);

impl CancelToken {
    /// Nothing is cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops everything that has it, now and later.
    pub fn cancel(&self) {
        self.0.trip();
    }

    /// True once it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_tripped()
    }

    /// For requests.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.0
    }

    /// Returns after this long, or when it is cancelled.
    pub(crate) fn sleep(&self, time: Duration) {
        let bell = Arc::new((Mutex::new(false), Condvar::new()));
        let ring = bell.clone();
        let callback: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            *ring.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            ring.1.notify_all();
        });
        self.0.on_trip(&callback);
        let rung = bell.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Early or late makes no difference: whoever sleeps looks at the clock again.
        drop(bell.1.wait_timeout_while(rung, time, |rung| !*rung));
    }
}

/// The error of what was stopped.
#[cold]
pub(crate) fn cancelled(label: &str) -> Error {
    Error::new(ErrorKind::Cancelled, label, "it was cancelled")
        .with_advice("What was started at the service goes on there: this ends the call alone.")
}

/// A machine that stops when the token says so.
pub(crate) struct Cancellable<'a> {
    machine: &'a mut dyn Machine,
    token: &'a CancelToken,
    stopped: bool,
}

impl fmt::Debug for Cancellable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancellable").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

impl<'a> Cancellable<'a> {
    pub(crate) fn new(machine: &'a mut dyn Machine, token: &'a CancelToken) -> Self {
        Self { machine, token, stopped: false }
    }

    /// Whether it was stopped before its end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }
}

impl Machine for Cancellable<'_> {
    fn next(&mut self, now: Instant) -> Step {
        let step = self.machine.next(now);
        if matches!(step, Step::Done) {
            return step;
        }
        if self.token.is_cancelled() {
            self.stopped = true;
            return Step::Done;
        }
        match step {
            Step::Send(request, timeout) => {
                let mut request = (*request).clone();
                request.interrupt = Some(self.token.interrupt().clone());
                Step::Send(Arc::new(request), timeout)
            }
            step => step,
        }
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        self.machine.received(now, wall, result);
    }
}

/// A clock whose sleep the token ends.
pub(crate) struct CancellableClock<'a> {
    pub(crate) clock: &'a AnyClock,
    pub(crate) token: &'a CancelToken,
}

impl Clock for CancellableClock<'_> {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn sleep(&self, time: Duration) {
        if self.token.is_cancelled() {
            return;
        }
        if self.clock.is_of_the_system() {
            self.token.sleep(time);
        } else {
            self.clock.sleep(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_ends_when_it_is_cancelled() {
        let token = CancelToken::new();
        let other = token.clone();
        let sleeper = std::thread::spawn(move || other.sleep(Duration::from_secs(3600)));
        token.cancel();
        sleeper.join().unwrap();
        // And one that begins later does not sleep at all.
        token.sleep(Duration::from_secs(3600));
    }
}
