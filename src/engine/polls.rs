//! When an operation is polled.

use std::fmt;
use std::time::Duration;

use super::policy::{PollPolicy, Schedule};

/// Decides how long to wait before the next poll.
pub(super) trait Polls: fmt::Debug + Send {
    /// Before the first poll of an operation that has been running for so long.
    fn first(&self, _age: Duration) -> Duration {
        Duration::ZERO
    }

    /// After a poll that found it running at this age.
    fn found_running(&mut self, age: Duration) -> Duration;

    /// After a poll that found it ended at this age.
    fn found_ended(&mut self, _age: Duration) {}

    /// The age at which to poll by what is known now. `last`: the age at which it was found running.
    #[cfg(operation_batches)]
    fn reconsider(&self, _last: Option<Duration>) -> Option<Duration> {
        None
    }

    /// The age at which a call outside of a batch would poll. `last`: the age at which it was found running.
    #[cfg(operation_batches)]
    fn by_policy(&self, _last: Option<Duration>) -> Option<Duration> {
        None
    }

    /// The age at which it has ended almost surely, if that is known. It was running at this age, or never polled.
    #[cfg(operation_batches)]
    fn sure(&self, _age: Option<Duration>) -> Option<Duration> {
        None
    }
}

/// The first poll at once, then growing intervals.
#[derive(Debug)]
pub(super) struct Intervals(Schedule);

impl Intervals {
    pub(super) fn new(policy: &PollPolicy) -> Self {
        Self(policy.schedule())
    }
}

impl Polls for Intervals {
    fn found_running(&mut self, _: Duration) -> Duration {
        self.0.next()
    }
}
