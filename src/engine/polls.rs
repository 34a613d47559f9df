//! When an operation is asked about again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::batch::Durations;
use super::policy::{PollPolicy, Schedule};

/// How probable an end has to be for a poll to be worth its request.
const LIKELY: f64 = 0.25;
/// How probable an end has to be for a poll to be as good as needed.
const SURE: f64 = 0.9;

/// How long operations of one kind take, known to all of them.
pub(crate) type SharedDurations = Arc<Mutex<Durations>>;

/// Says how long to wait before the next poll.
#[derive(Debug)]
pub(super) enum Polls {
    /// As a policy has it: the first at once, then growing intervals.
    Policy(Schedule),
    /// When an end has become likely, as others of the kind have shown.
    Learned(Box<Learned>),
}

#[derive(Debug)]
pub(super) struct Learned {
    durations: SharedDurations,
    /// Between two polls at least.
    least: Duration,
    /// The longest interval while there is no telling.
    most: Duration,
}

impl Polls {
    pub(super) fn policy(policy: &PollPolicy) -> Self {
        Self::Policy(policy.schedule())
    }

    pub(super) fn learned(policy: &PollPolicy, durations: SharedDurations) -> Self {
        let least = policy.schedule().next();
        Self::Learned(Box::new(Learned { durations, least, most: policy.max_interval.max(least) }))
    }

    /// Before the first poll of an operation that has been running for so long.
    pub(super) fn first(&self, age: Duration) -> Duration {
        match self {
            Self::Policy(_) => Duration::ZERO,
            Self::Learned(learned) => learned.first(age),
        }
    }

    /// After a poll that found it running at this age.
    pub(super) fn found_running(&mut self, age: Duration) -> Duration {
        match self {
            Self::Policy(schedule) => schedule.next(),
            Self::Learned(learned) => {
                learned.saw(age, false);
                learned.next(age)
            }
        }
    }

    /// The same again, now that more may be known: the age at which to poll. `last`: when it was found running.
    pub(super) fn reconsider(&self, last: Option<Duration>) -> Option<Duration> {
        match (self, last) {
            (Self::Policy(_), _) => None,
            (Self::Learned(learned), None) => Some(learned.first(Duration::ZERO)),
            (Self::Learned(learned), Some(last)) => Some(last + learned.next(last)),
        }
    }

    /// After a poll that found it ended at this age.
    pub(super) fn found_ended(&mut self, age: Duration) {
        if let Self::Learned(learned) = self {
            learned.saw(age, true);
        }
    }

    /// The age at which it has ended almost surely, if that is known. It was running at this age, or never asked about.
    pub(super) fn sure(&self, age: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Policy(_) => None,
            Self::Learned(learned) => {
                let durations = learned.durations();
                durations.is_known().then(|| durations.likely_end(age, SURE)).flatten()
            }
        }
    }
}

impl Learned {
    fn durations(&self) -> std::sync::MutexGuard<'_, Durations> {
        self.durations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, age: Duration, has_ended: bool) {
        self.durations().saw(age, has_ended);
    }

    /// The age at which the first poll is worth its request.
    fn first(&self, age: Duration) -> Duration {
        let durations = self.durations();
        if !durations.is_known() {
            return Duration::ZERO;
        }
        let end = durations.likely_end(None, LIKELY).unwrap_or_else(|| durations.unknown_age(Duration::ZERO));
        end.saturating_sub(age)
    }

    /// After it was found running at `last`.
    fn next(&self, last: Duration) -> Duration {
        let durations = self.durations();
        let wait = match durations.likely_end(Some(last), LIKELY) {
            Some(end) => end.saturating_sub(last),
            // Nobody has been asked at a later age: not to be put off for long.
            None => durations.unknown_age(last).saturating_sub(last).min(self.most),
        };
        wait.max(self.least)
    }
}
