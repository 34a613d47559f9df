//! Cancelling a call from elsewhere in the program.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::engine::blocking::driver::Clock;
use crate::http::Interrupt;

use super::clock::AnyClock;

/// A token that cancels calls: give it to the calls with `.cancel_with(…)`, and call
/// [`cancel`](CancelToken::cancel) from anywhere. All clones of a token share one state.
///
/// When a call is cancelled, its wait ends at once, and its request in flight is aborted. The error of the
/// call is [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) if the request changes something and may have
/// been accepted, else [`Cancelled`](crate::ErrorKind::Cancelled). The error carries every id that is known.
/// Whatever the call started at the service continues there.
///
/// A blocking call through a SOCKS proxy may end later: at the connect timeout if it is just connecting, and
/// on Windows at the timeout of the request if a request is in flight.
///
/// An async call can also be cancelled by dropping its future; then there is no error that carries the ids.
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
    /// Returns a token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels all calls that have the token, also those that are sent later. This cannot be undone.
    pub fn cancel(&self) {
        self.0.trip();
    }

    /// Returns true once [`cancel`](CancelToken::cancel) was called on this token or a clone of it.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_tripped()
    }

    /// The token that is cancelled when the interrupt is tripped.
    #[cfg(any(errands, tokens))]
    pub(crate) fn of(interrupt: Interrupt) -> Self {
        Self(interrupt)
    }

    /// The interrupt that aborts requests.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.0
    }

    /// Returns after this long, or when the token is cancelled.
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
