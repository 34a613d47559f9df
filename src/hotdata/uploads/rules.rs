//! The rules for the size, the number and the time limits of parts, as in the vendor's client (hotdata
//! 0.12.0). Pure functions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) const MIB: u64 = 1024 * 1024;
/// Up to this size the session declares the size; a larger upload gets a session in which the URL of each
/// part is requested.
pub(super) const STREAMING_THRESHOLD: u64 = 8 * MIB;
/// The largest size that JSON integers of the API can have: they are signed.
pub(super) const WIRE_LIMIT: u64 = i64::MAX as u64;
/// The largest number of parts that the service accepts.
pub(super) const MAX_PARTS: u64 = 10_000;
/// The largest part that the storage accepts.
pub(super) const MAX_PART_SIZE: u64 = 5 * 1024 * MIB;
/// The time limit of a request for a URL.
pub(super) const MINT_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest `Retry-After` of the storage that is respected.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// The default of [`UploadCall::memory_budget`](super::UploadCall::memory_budget), in bytes: 256 MiB of parts
/// in memory.
pub const DEFAULT_MEMORY_BUDGET: u64 = 256 * MIB;
/// The default of [`UploadCall::max_concurrency`](super::UploadCall::max_concurrency): 10 parts are written
/// at a time, or fewer if they exceed the memory budget.
pub const DEFAULT_MAX_CONCURRENCY: usize = 10;
/// The default of [`UploadCall::max_extra_rounds`](super::UploadCall::max_extra_rounds): 3 rounds after the
/// first one, for the parts that failed.
pub const DEFAULT_MAX_EXTRA_ROUNDS: u32 = 3;
/// The default of [`UploadCall::round_base_delay`](super::UploadCall::round_base_delay): 2 s before the first
/// extra round. Each later pause is twice as long as the one before it.
pub const DEFAULT_ROUND_BASE_DELAY: Duration = Duration::from_secs(2);

/// Returns the default part size, in bytes, of an upload of `size` bytes: 8 MiB. If that makes more than 9000
/// parts, it is the smallest number of whole MiB with which 9000 parts suffice, at most 5 GiB.
///
/// ```
/// use controlplane::hotdata::uploads::auto_part_size_hint;
///
/// assert_eq!(auto_part_size_hint(0), 8 << 20);
/// assert_eq!(auto_part_size_hint(9000 * (8 << 20) + 1), 9 << 20);
/// ```
pub fn auto_part_size_hint(size: u64) -> u64 {
    const TARGET_PARTS: u64 = 9_000;
    let needed = size.div_ceil(TARGET_PARTS).max(8 * MIB);
    (needed.div_ceil(MIB).saturating_mul(MIB)).clamp(5 * MIB, MAX_PART_SIZE)
}

/// Returns the number of parts that are in memory and written at a time in the first round of an upload: as
/// many parts of `part_size` bytes as fit into `memory_budget` (bytes), at most `max_concurrency`, at least
/// one.
///
/// ```
/// use controlplane::hotdata::uploads::{DEFAULT_MEMORY_BUDGET, effective_in_flight};
///
/// assert_eq!(effective_in_flight(100, 8 << 20, DEFAULT_MEMORY_BUDGET), 32);
/// ```
pub fn effective_in_flight(max_concurrency: usize, part_size: u64, memory_budget: u64) -> usize {
    let fit = usize::try_from(memory_budget / part_size.max(1)).unwrap_or(usize::MAX);
    max_concurrency.max(1).min(fit).max(1)
}

/// Returns the number of parts that are written at a time in a round of an upload: `base` in round 0, and in
/// each later round half as many as in the one before it, rounded down, at least one.
///
/// ```
/// use controlplane::hotdata::uploads::round_in_flight;
///
/// assert_eq!([0, 1, 2, 3].map(|round| round_in_flight(10, round)), [10, 5, 2, 1]);
/// ```
pub fn round_in_flight(base: usize, round: u32) -> usize {
    base.checked_shr(round).unwrap_or(0).max(1)
}

/// Returns the time limit of one attempt to write a part of this many bytes: one minute plus one second for
/// each 64 KiB, at most half an hour.
///
/// ```
/// use controlplane::hotdata::uploads::part_put_timeout;
///
/// assert_eq!(part_put_timeout(8 << 20).as_secs(), 188);
/// ```
pub fn part_put_timeout(bytes: u64) -> Duration {
    const SLOWEST: f64 = 65_536.0;
    #[allow(clippy::cast_precision_loss)]
    let seconds = 60.0 + bytes as f64 / SLOWEST;
    Duration::from_secs_f64(seconds.min(1_800.0))
}

/// Returns the number of parts, at least one.
pub(super) fn part_count(size: u64, part_size: u64) -> u64 {
    size.div_ceil(part_size.max(1)).max(1)
}

/// The retries of a part of an upload with the same URL, before the part is left to the next round: see
/// [`UploadCall::part_retry`](super::UploadCall::part_retry).
///
/// By default there are 3 retries: the first is sent at once, the second after 0.4 s, the third after 0.8 s.
/// The PUT request of a part is retried if the storage responds with 429, if it responds with 413 or 503 and
/// a `Retry-After` header, and if the connection failed, broke or was too slow. The time in a `Retry-After`
/// header replaces the delay, except 0; a time of more than 120 s counts as 120 s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartRetry {
    /// The number of retries. Default: 3. 0: none.
    pub max_retries: u32,
    /// The base of the delays: the first retry is sent at once, the second after twice this time, and each
    /// later delay is twice the one before it. Default: 0.2 s.
    pub backoff: Duration,
    /// The longest delay that is computed from `backoff`. Default: 120 s.
    pub max_backoff: Duration,
}

impl Default for PartRetry {
    fn default() -> Self {
        Self { max_retries: 3, backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(120) }
    }
}

impl PartRetry {
    /// Returns the default policy with this number of retries. 0: none.
    pub fn retries(max_retries: u32) -> Self {
        Self { max_retries, ..Self::default() }
    }

    /// Sets the base of the delays: the first retry is sent at once, the second after twice this time, and
    /// each later delay is twice the one before it. Default: 0.2 s.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }

    /// Returns the delay before this retry, counted from 1.
    pub(super) fn delay(&self, retry: u32, asked: Option<Duration>) -> Duration {
        if let Some(asked) = asked.filter(|asked| !asked.is_zero()) {
            return asked.min(MAX_RETRY_AFTER);
        }
        match retry {
            0 | 1 => Duration::ZERO,
            _ => times_power_of_two(self.backoff, retry - 1).min(self.max_backoff),
        }
    }
}

/// Returns `time · 2^power`, saturating.
pub(super) fn times_power_of_two(time: Duration, power: u32) -> Duration {
    time.saturating_mul(1u32.checked_shl(power).unwrap_or(u32::MAX)).min(crate::http::LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_sizes() {
        assert_eq!(auto_part_size_hint(75_497_472_000), 8 * MIB);
        assert_eq!(auto_part_size_hint(75_497_472_001), 9 * MIB);
        assert_eq!(auto_part_size_hint(u64::MAX), 5 * 1024 * MIB);
    }

    #[test]
    fn in_flight() {
        assert_eq!(effective_in_flight(10, 25 * MIB, DEFAULT_MEMORY_BUDGET), 10);
        assert_eq!(effective_in_flight(0, MIB, DEFAULT_MEMORY_BUDGET), 1);
        assert_eq!(effective_in_flight(10, 512 * MIB, DEFAULT_MEMORY_BUDGET), 1);
        assert_eq!(effective_in_flight(10, 0, 0), 1);
        assert_eq!(round_in_flight(8, 3), 1);
        assert_eq!(round_in_flight(usize::MAX, 200), 1);
    }

    #[test]
    fn times() {
        assert_eq!(part_put_timeout(0).as_secs(), 60);
        assert_eq!(part_put_timeout(u64::MAX).as_secs(), 1800);
        let retry = PartRetry::default();
        let delays: Vec<u128> =
            (1..=4).map(|retry_number| retry.delay(retry_number, None).as_millis()).collect();
        assert_eq!(delays, [0, 400, 800, 1600]);
        assert_eq!(retry.delay(60, None), MAX_RETRY_AFTER);
        assert_eq!(retry.delay(1, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(retry.delay(1, Some(Duration::from_secs(700))), MAX_RETRY_AFTER);
        assert_eq!(retry.delay(2, Some(Duration::ZERO)).as_millis(), 400);
    }
}
