//! Polls when an end has become likely, as other operations of the kind have shown.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::engine::policy::{PollPolicy, Schedule};
use crate::engine::polls::Polls;

use super::Durations;

/// How probable an end has to be for a poll to be worth its request.
const LIKELY: f64 = 0.25;
/// How probable an end has to be for a poll to be as good as needed.
const SURE: f64 = 0.9;

/// How long operations of one kind take, known to all of them.
pub(crate) type SharedDurations = Arc<Mutex<Durations>>;

#[derive(Debug)]
pub(in crate::engine) struct Learned {
    durations: SharedDurations,
    /// The shortest interval between two polls.
    least: Duration,
    /// The longest interval while nothing is known.
    most: Duration,
    /// The intervals of a call outside of a batch.
    intervals: Schedule,
    /// The interval after the last poll by these.
    interval: Duration,
}

impl Polls for Learned {
    fn first(&self, age: Duration) -> Duration {
        self.first_at(age)
    }

    fn found_running(&mut self, age: Duration) -> Duration {
        self.saw(age, false);
        self.interval = self.intervals.next();
        self.next_after(age)
    }

    fn found_ended(&mut self, age: Duration) {
        self.saw(age, true);
    }

    fn reconsider(&self, last: Option<Duration>) -> Option<Duration> {
        Some(match last {
            None => self.first_at(Duration::ZERO),
            Some(last) => last + self.next_after(last),
        })
    }

    fn by_policy(&self, last: Option<Duration>) -> Option<Duration> {
        Some(last.map_or(Duration::ZERO, |last| last + self.interval))
    }

    fn sure(&self, age: Option<Duration>) -> Option<Duration> {
        let durations = self.durations();
        durations.is_known().then(|| durations.likely_end(age, SURE)).flatten()
    }
}

impl Learned {
    pub(in crate::engine) fn new(policy: &PollPolicy, durations: SharedDurations) -> Self {
        let least = policy.schedule().next();
        let most = policy.max_interval.max(least);
        Self { durations, least, most, intervals: policy.schedule(), interval: Duration::ZERO }
    }

    fn durations(&self) -> std::sync::MutexGuard<'_, Durations> {
        self.durations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, age: Duration, has_ended: bool) {
        self.durations().saw(age, has_ended);
    }

    /// The age at which the first poll is worth its request.
    fn first_at(&self, age: Duration) -> Duration {
        let durations = self.durations();
        if !durations.is_known() {
            return Duration::ZERO;
        }
        let end = durations.likely_end(None, LIKELY).unwrap_or_else(|| durations.unknown_age(Duration::ZERO));
        end.saturating_sub(age)
    }

    /// After it was found running at `last`.
    fn next_after(&self, last: Duration) -> Duration {
        let durations = self.durations();
        let wait = match durations.likely_end(Some(last), LIKELY) {
            Some(end) => end.saturating_sub(last),
            // Nobody has been asked at a later age: not to be put off for long.
            None => durations.unknown_age(last).saturating_sub(last).min(self.most),
        };
        wait.max(self.least)
    }
}
