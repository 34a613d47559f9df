//! Retries of requests that the service rejects for a while: a busy service, a locked table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::policy::Retries;
use crate::engine::retry::Verdict;
use crate::engine::{Failure, RetryPolicy};

/// The number, the delays and the total time of retries of a request that the service rejected for the moment.
///
/// The fields are those of the vendor's `RetryPolicy` and `LoadRetryPolicy` (hotdata 0.12.0). Jitter only
/// lengthens a delay. A `Retry-After` of the service replaces the delay, is not cut to `max_backoff`, and
/// gets jitter too.
///
/// [`Call::when_busy`](super::Call::when_busy) sets it for queries,
/// [`Call::when_locked`](super::Call::when_locked) for loads:
///
/// ```
/// use std::time::Duration;
/// use controlplane::hotdata::{BackoffPolicy, Client};
///
/// let mut patient = BackoffPolicy::of_queries();
/// patient.deadline = Duration::from_secs(600);
/// let call = Client::offline().query("SELECT 1").when_busy(patient);
/// # let _ = call;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackoffPolicy {
    /// The largest number of retries. 0: none.
    pub max_retries: u32,
    /// The delay before the first retry. Each later delay is twice as long.
    pub base_backoff: Duration,
    /// The longest delay.
    pub max_backoff: Duration,
    /// The time from the first attempt in which the last one has to begin.
    pub deadline: Duration,
    /// The random part that is added to a delay, from 0 to 1: with 0.5 a delay of 4 s becomes 4 s to 6 s.
    pub jitter: f64,
}

impl BackoffPolicy {
    /// Returns the default for queries that the service is too busy for (429): 5 retries, 0.5 s × 2, at most
    /// 30 s, for 120 s, jitter 0.5.
    pub fn of_queries() -> Self {
        Self {
            max_retries: 5,
            base_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            jitter: 0.5,
        }
    }

    /// Returns the default for loads of a locked table (409 with the code `RESOURCE_LOCKED`): 10 retries, 1 s
    /// × 2, at most 15 s, for 60 s, jitter 0.5.
    pub fn of_loads() -> Self {
        Self {
            max_retries: 10,
            base_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(15),
            deadline: Duration::from_secs(60),
            jitter: 0.5,
        }
    }

    /// Returns the policy with numbers that JSON has. It behaves the same.
    pub(super) fn kept(self) -> Self {
        Self { jitter: if self.jitter.is_finite() { self.jitter } else { 0.0 }, ..self }
    }

    /// Returns the retries of the engine. `rule` changes the verdict about a failed response.
    pub(super) fn retries(self, rule: Option<fn(&Failure, Verdict) -> Verdict>) -> Retries {
        let policy = RetryPolicy {
            retries: self.max_retries,
            first_delay: self.base_backoff,
            factor: 2.0,
            max_delay: self.max_backoff,
            jitter: self.jitter,
        };
        Retries { policy, is_additive: true, deadline: Some(self.deadline), rule }
    }
}
