//! Retries of requests that the service rejects for a while: a busy service, a locked table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::policy::Retries;
use crate::engine::retry::Verdict;
use crate::engine::{Failure, RetryPolicy};

/// Settings of the retries of a query while the service is busy, or of a load while its table is locked:
/// their number, delays and total time.
///
/// The fields are those of the vendor's `RetryPolicy` and `LoadRetryPolicy` (hotdata 0.12.0). The jitter, a
/// random part, only lengthens a delay. A `Retry-After` in seconds, if it is more than 0, replaces the delay;
/// it is not limited by `max_backoff`, and jitter is added to it too. A request that was not sent, because no
/// connection could be made, is retried with the same settings. In a batch, a 429 is not limited by this
/// policy: the request is repeated until the deadline of the call.
///
/// [`Call::when_busy`](super::Call::when_busy) sets the policy of a query,
/// [`Call::when_locked`](super::Call::when_locked) that of a load:
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
    /// The largest number of retries, not counting the first attempt. 0: no retries.
    pub max_retries: u32,
    /// The delay before the first retry. Each later delay is twice as long.
    pub base_backoff: Duration,
    /// The longest delay, jitter included; a `Retry-After` may be longer.
    pub max_backoff: Duration,
    /// The time limit of the retries: no attempt begins later than this after the first one.
    pub deadline: Duration,
    /// The largest random part that is added to a delay, as a fraction of the delay from 0 to 1: with 0.5, a
    /// delay of 4 s becomes 4 s to 6 s.
    pub jitter: f64,
}

impl BackoffPolicy {
    /// Returns the default for queries, which are retried while the service is too busy (429): 5 retries
    /// within 120 s. The first delay is 0.5 s, and each later one is twice as long, at most 30 s; the jitter
    /// is 0.5.
    pub fn of_queries() -> Self {
        Self {
            max_retries: 5,
            base_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            jitter: 0.5,
        }
    }

    /// Returns the default for loads, which are retried while another load has locked the table (409 with the
    /// code `RESOURCE_LOCKED`): 10 retries within 60 s. The first delay is 1 s, and each later one is twice
    /// as long, at most 15 s; the jitter is 0.5.
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
