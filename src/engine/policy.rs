//! Retry and polling policies, and the delays that follow from them. The only file that names the crate
//! `backoff`.

use std::time::Duration;

use backoff::backoff::Backoff;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};

use crate::http::LONGEST;

use super::retry::Verdict;
use super::service::Failure;

/// The longest `Retry-After` that is respected; a longer one is cut to it.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
/// The shortest interval between two polls. Shorter ones count as this.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The number of retries of a failed request, and the delays between them.
///
/// Default: 3 retries. The delays start at 0.5 s and double up to 8 s, and at random up to half of each delay
/// is added or taken away. A longer `Retry-After` of the server replaces a delay, up to 60 s;
/// [`docs::timeouts`](crate::docs::timeouts) lists the exceptions.
///
/// Which requests may be sent again does not depend on this policy: see
/// [`docs::errors`](crate::docs::errors).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The largest number of retries of a request. With 0, a request is sent once. Default: 3.
    pub retries: u32,
    /// The delay before the first retry. Default: 0.5 s.
    pub first_delay: Duration,
    /// The factor from each delay to the next. Less than 1 counts as 1. Default: 2.
    pub factor: f64,
    /// The longest delay, before the random part is added. Default: 8 s.
    pub max_delay: Duration,
    /// The random part of a delay, from 0 to 1: with 0.5, a delay of 4 s becomes 2 s to 6 s. Default: 0.5.
    pub jitter: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 3,
            first_delay: Duration::from_millis(500),
            factor: 2.0,
            max_delay: Duration::from_secs(8),
            jitter: 0.5,
        }
    }
}

impl RetryPolicy {
    /// Returns the default policy with another number of retries.
    pub fn retries(retries: u32) -> Self {
        Self { retries, ..Self::default() }
    }

    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(self.first_delay, self.factor, self.max_delay, self.jitter)
    }
}

/// The retries of one request: a policy, and the rules that a service adds to it.
#[derive(Clone, Debug)]
pub(crate) struct Retries {
    pub(crate) policy: RetryPolicy,
    /// Jitter only lengthens delays, up to the longest one. A `Retry-After` in seconds replaces the delay, is
    /// not capped, and gets jitter too.
    pub(crate) is_additive: bool,
    /// No attempt begins later than this after the first.
    pub(crate) deadline: Option<Duration>,
    /// Changes the verdict about a failed response.
    pub(crate) rule: Option<fn(&Failure, Verdict) -> Verdict>,
}

impl From<RetryPolicy> for Retries {
    fn from(policy: RetryPolicy) -> Self {
        Self { policy, is_additive: false, deadline: None, rule: None }
    }
}

impl Retries {
    pub(crate) fn schedule(&self) -> Schedule {
        let policy = &self.policy;
        if !self.is_additive {
            return policy.schedule();
        }
        let jitter = if policy.jitter.is_finite() { policy.jitter.clamp(0.0, 1.0) } else { 0.0 };
        let mut schedule = Schedule::new(policy.first_delay, policy.factor, policy.max_delay, 0.0);
        schedule.additive = Some(AdditiveJitter { jitter, dice: Schedule::new(DICE, 1.0, DICE, 1.0).delays });
        schedule
    }
}

/// The intervals between the polls of an operation.
///
/// Default: 1 s, growing by a factor of 1.5 up to 10 s, without a random part. The clients of some services
/// have other defaults: see [`docs::timeouts`](crate::docs::timeouts). The first poll is sent at once. A
/// batch may poll an operation later than this policy says: see [`client::Batch`](crate::client::Batch).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PollPolicy {
    /// The interval between the first poll and the second. Less than 10 ms counts as 10 ms. Default: 1 s.
    pub interval: Duration,
    /// The factor from each interval to the next. Less than 1 counts as 1. Default: 1.5.
    pub factor: f64,
    /// The longest interval; a longer `interval` is cut to it. Default: 10 s.
    pub max_interval: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), factor: 1.5, max_interval: Duration::from_secs(10) }
    }
}

impl PollPolicy {
    /// Returns the default policy with another first interval. If that is longer than 10 s, it is the longest
    /// interval too.
    pub fn every(interval: Duration) -> Self {
        Self::default().beginning_with(interval)
    }

    /// The same policy with another first interval.
    pub(crate) fn beginning_with(self, interval: Duration) -> Self {
        Self { max_interval: self.max_interval.max(interval), interval, ..self }
    }

    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(
            self.interval.max(MIN_POLL_INTERVAL),
            self.factor,
            self.max_interval.max(MIN_POLL_INTERVAL),
            0.0,
        )
    }
}

/// A series of delays.
#[derive(Debug)]
pub(crate) struct Schedule {
    delays: ExponentialBackoff,
    additive: Option<AdditiveJitter>,
}

/// Jitter that only lengthens delays.
#[derive(Debug)]
struct AdditiveJitter {
    jitter: f64,
    /// Gives random delays up to twice [`DICE`].
    dice: ExponentialBackoff,
}

/// The mean of the random delays of [`AdditiveJitter`].
const DICE: Duration = Duration::from_secs(1);

impl AdditiveJitter {
    fn added_to(&mut self, delay: Duration) -> Duration {
        let thrown = self.dice.next_backoff().unwrap_or_default().as_secs_f64() / (2.0 * DICE.as_secs_f64());
        let more = delay.min(LONGEST).as_secs_f64() * self.jitter * thrown.clamp(0.0, 1.0);
        delay.saturating_add(Duration::from_secs_f64(more))
    }
}

impl Schedule {
    fn new(first: Duration, factor: f64, max: Duration, jitter: f64) -> Self {
        let max = max.min(LONGEST);
        let factor = if factor.is_finite() { factor.max(1.0) } else { 1.0 };
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
        let delays = ExponentialBackoffBuilder::new()
            .with_initial_interval(first.min(max))
            .with_multiplier(factor)
            .with_max_interval(max)
            .with_randomization_factor(jitter)
            .with_max_elapsed_time(None)
            .build();
        Self { delays, additive: None }
    }

    pub(crate) fn next(&mut self) -> Duration {
        // It only ends with a largest elapsed time, and there is none.
        let delay = self.delays.next_backoff().unwrap_or(self.delays.max_interval);
        match &mut self.additive {
            Some(jitter) => jitter.added_to(delay).min(self.delays.max_interval),
            None => delay,
        }
    }

    pub(crate) fn restart(&mut self) {
        self.delays.reset();
    }

    /// The delay before the next attempt: the schedule's, or the server's `Retry-After` (capped) if that is
    /// longer. Never zero: polls are retried until the deadline.
    ///
    /// With additive jitter, a `Retry-After` counts alone and is not capped. One of zero names no time, and
    /// would use up all retries at once: the schedule's delay counts.
    pub(crate) fn delay(&mut self, retry_after: Option<Duration>) -> Duration {
        let own = self.next();
        let retry_after = retry_after.filter(|asked| !asked.is_zero());
        if let (Some(asked), Some(jitter)) = (retry_after, &mut self.additive) {
            return jitter.added_to(asked);
        }
        own.max(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER)).max(MIN_POLL_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn additive(policy: RetryPolicy) -> Retries {
        Retries { is_additive: true, ..policy.into() }
    }

    #[test]
    fn the_vendors_polling_schedule() {
        let mut schedule = PollPolicy::default().schedule();
        let delays: Vec<f64> = (0..9).map(|_| schedule.next().as_secs_f64()).collect();
        assert_eq!(delays, [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0, 10.0]);
        schedule.restart();
        assert_eq!(schedule.next(), SECOND);
    }

    #[test]
    fn retry_delays_double_within_their_jitter_and_stop_growing() {
        let mut schedule = RetryPolicy::default().schedule();
        for full in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0] {
            let delay = schedule.next().as_secs_f64();
            assert!((full * 0.5..=full * 1.5 + 1e-6).contains(&delay), "{delay} of {full}");
        }
    }

    #[test]
    fn policies_beyond_reason_do_no_harm() {
        for factor in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            let policy = PollPolicy { interval: Duration::ZERO, factor, max_interval: Duration::MAX };
            let mut schedule = policy.schedule();
            for _ in 0..50 {
                let delay = schedule.next();
                assert!((MIN_POLL_INTERVAL..=LONGEST).contains(&delay), "{factor}: {delay:?}");
            }
        }
        let policy = PollPolicy::every(Duration::MAX);
        assert_eq!(policy.schedule().next(), LONGEST);
        assert_eq!(PollPolicy::every(20 * SECOND).schedule().next(), 20 * SECOND);
    }

    #[test]
    fn what_the_server_asks_for_is_honoured_within_reason() {
        let mut schedule = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() }.schedule();
        assert_eq!(schedule.delay(None), SECOND / 2);
        assert_eq!(schedule.delay(Some(7 * SECOND)), 7 * SECOND);
        assert_eq!(schedule.delay(Some(Duration::ZERO)), 2 * SECOND);
        let mut at_once = RetryPolicy { first_delay: Duration::ZERO, ..RetryPolicy::default() }.schedule();
        assert_eq!(at_once.delay(Some(Duration::ZERO)), MIN_POLL_INTERVAL);
        assert_eq!(schedule.delay(Some(Duration::from_secs(99_999))), MAX_RETRY_AFTER);
    }

    #[test]
    fn chance_on_top_only_adds_and_a_wish_of_the_server_is_not_cut() {
        let policy = RetryPolicy { max_delay: 8 * SECOND, ..RetryPolicy::default() };
        for _ in 0..100 {
            let mut schedule = additive(policy.clone()).schedule();
            for full in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] {
                let delay = schedule.delay(None).as_secs_f64();
                let most = f64::min(full * 1.5, 8.0);
                assert!((full - 1e-6..=most + 1e-6).contains(&delay), "{delay} of {full}");
            }
            let asked = schedule.delay(Some(100 * SECOND)).as_secs_f64();
            assert!((100.0..=150.0).contains(&asked), "{asked}");
        }
        let mut exact = additive(RetryPolicy { jitter: 0.0, ..policy }).schedule();
        assert_eq!(exact.delay(Some(Duration::ZERO)), SECOND / 2);
        assert_eq!(exact.delay(Some(90 * SECOND)), 90 * SECOND);
        assert_eq!(exact.delay(None), 2 * SECOND);
    }
}
