//! Times of an emulator's clock.

use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A time of an emulator's clock: nanoseconds since the emulator was started.
///
/// Unlike an `Instant` it can be written down, and read by another process. It is negative for a time that
/// was restored into an emulator that is younger than the one that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Moment(i64);

impl Moment {
    /// The start of the emulator.
    #[cfg(test)]
    pub(crate) const START: Self = Self(0);

    /// The time so many nanoseconds after the start.
    pub(crate) fn of_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    pub(crate) fn nanos(self) -> i64 {
        self.0
    }

    /// Whether a clock may show it: it is at most 100 years from the start. Sums with it have room up to the
    /// last time.
    pub(crate) fn is_in_reach(self) -> bool {
        const REACH: u64 = 100 * 366 * 24 * 3600 * 1_000_000_000;
        self.0.unsigned_abs() <= REACH
    }

    /// `None` if there is no time that late.
    pub(crate) fn checked_add(self, time: Duration) -> Option<Self> {
        let nanos = i64::try_from(time.as_nanos()).ok()?;
        self.0.checked_add(nanos).map(Self)
    }

    /// Zero if the other time is the later one.
    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        let nanos = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

/// The last time there is, if the sum is later.
impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        self.checked_add(time).unwrap_or(Self(i64::MAX))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}
