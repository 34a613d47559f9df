//! The settings of a call, as the journal keeps them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::{PollPolicy, RetryPolicy, Settings};

/// The limits and policies of a call. Times are in milliseconds. Versions before 3 did not keep what is optional: it is as
/// the client has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptSettings {
    pub(super) timeout_ms: u64,
    pub(super) http_timeout_ms: Option<u64>,
    pub(super) poll: KeptPolls,
    pub(super) retry: Option<KeptRetries>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptPolls {
    pub(super) interval_ms: u64,
    pub(super) factor: Option<f64>,
    pub(super) max_interval_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptRetries {
    pub(super) retries: u32,
    pub(super) first_delay_ms: u64,
    pub(super) factor: f64,
    pub(super) max_delay_ms: u64,
    pub(super) jitter: f64,
}

impl KeptSettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        let (poll, retry) = (&settings.poll, &settings.retry);
        Self {
            timeout_ms: millis(settings.timeout),
            http_timeout_ms: Some(millis(settings.http_timeout)),
            poll: KeptPolls {
                interval_ms: millis(poll.interval),
                factor: Some(finite(poll.factor, 1.0)),
                max_interval_ms: Some(millis(poll.max_interval)),
            },
            retry: Some(KeptRetries {
                retries: retry.retries,
                first_delay_ms: millis(retry.first_delay),
                factor: finite(retry.factor, 1.0),
                max_delay_ms: millis(retry.max_delay),
                jitter: finite(retry.jitter, 0.0),
            }),
        }
    }

    /// Sets everything that is kept.
    pub(crate) fn restore(&self, settings: &mut Settings) {
        settings.timeout = Duration::from_millis(self.timeout_ms);
        if let Some(timeout) = self.http_timeout_ms {
            settings.http_timeout = Duration::from_millis(timeout);
        }
        let interval = Duration::from_millis(self.poll.interval_ms);
        settings.poll = match (self.poll.factor, self.poll.max_interval_ms) {
            (Some(factor), Some(longest)) => {
                PollPolicy { interval, factor, max_interval: Duration::from_millis(longest) }
            }
            _ => settings.poll.clone().beginning_with(interval),
        };
        if let Some(retry) = &self.retry {
            settings.retry = RetryPolicy {
                retries: retry.retries,
                first_delay: Duration::from_millis(retry.first_delay_ms),
                factor: retry.factor,
                max_delay: Duration::from_millis(retry.max_delay_ms),
                jitter: retry.jitter,
            };
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// JSON has no other numbers. A policy treats them as this too.
fn finite(number: f64, otherwise: f64) -> f64 {
    if number.is_finite() { number } else { otherwise }
}
