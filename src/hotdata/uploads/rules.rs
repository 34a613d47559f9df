//! How large parts are, how many are in flight, how long they may take (reference, sections 10.2 and 10.5). Pure.

use std::time::Duration;

pub(super) const MIB: u64 = 1024 * 1024;
/// Up to here the size is declared; what is larger gets a session that mints a URL for each part.
pub(super) const STREAMING_THRESHOLD: u64 = 8 * MIB;
/// The integers of the wire are signed.
pub(super) const WIRE_LIMIT: u64 = i64::MAX as u64;
/// The service takes no more parts (reference, section 10.1).
pub(super) const MAX_PARTS: u64 = 10_000;
/// The largest part (reference, section 10.1).
pub(super) const MAX_PART_SIZE: u64 = 5 * 1024 * MIB;
/// How long minting a URL may take.
pub(super) const MINT_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest `Retry-After` of the storage that is waited out.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// The memory that the parts in flight may take unless it is said otherwise: 256 MiB.
pub const DEFAULT_MEMORY_BUDGET: u64 = 256 * MIB;
/// The parts in flight unless it is said otherwise, and as far as the memory goes.
pub const DEFAULT_MAX_CONCURRENCY: usize = 10;
/// The rounds after the first one unless it is said otherwise.
pub const DEFAULT_MAX_EXTRA_ROUNDS: u32 = 3;
/// The pause before the first extra round unless it is said otherwise; each later one is twice as long.
pub const DEFAULT_ROUND_BASE_DELAY: Duration = Duration::from_secs(2);

/// The part size in bytes that is asked for where the program names none: 8 MiB, or as much as it takes to make do with 9000
/// parts, in whole MiB, at most 5 GiB.
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

/// How many parts of this size are in flight in the first round: as many as are allowed, as far as `memory_budget` (bytes)
/// holds them, and at least one.
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

/// How many parts are in flight in a round, the first one being 0: half as many in each.
///
/// ```
/// use controlplane::hotdata::uploads::round_in_flight;
///
/// assert_eq!([0, 1, 2, 3].map(|round| round_in_flight(10, round)), [10, 5, 2, 1]);
/// ```
pub fn round_in_flight(base: usize, round: u32) -> usize {
    base.checked_shr(round).unwrap_or(0).max(1)
}

/// How long one attempt to write a part of so many bytes may take: a minute and a second for each 64 KiB, at most half an hour.
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

/// How many parts there are, at least one.
pub(super) fn part_count(size: u64, part_size: u64) -> u64 {
    size.div_ceil(part_size.max(1)).max(1)
}

/// How often one PUT is tried again at the same URL, before its part is left to the next round.
///
/// Default: 3 times, at once, after 0.4 s and after 0.8 s. Tried again are 429 (and 413 and 503 if they say when), connections
/// that could not be made, and such as broke or were too slow. A `Retry-After` is waited out instead, up to 120 s.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PartRetry {
    /// How often. 0: never.
    pub max_retries: u32,
    /// The second retry comes after twice this time, each later one after twice the time of the one before; the first one at
    /// once.
    pub backoff: Duration,
    /// The longest of these times.
    pub max_backoff: Duration,
}

impl Default for PartRetry {
    fn default() -> Self {
        Self { max_retries: 3, backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(120) }
    }
}

impl PartRetry {
    /// The default with another number of retries.
    pub fn retries(max_retries: u32) -> Self {
        Self { max_retries, ..Self::default() }
    }

    /// Another base of the times between two attempts.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }

    /// The time before this retry, the first one being 1.
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

/// `time · 2^power`, as far as it goes.
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
