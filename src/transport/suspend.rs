//! Whether the machine was suspended.

use std::time::{Duration, Instant, SystemTime};

/// The wall clock has run ahead of the monotonic clock by more than this after a suspend. A correction of the
/// wall clock looks the same; it costs a new connection.
const AHEAD: Duration = Duration::from_secs(2);

/// How late an answer may be read that had arrived when its time was up.
pub(super) const LAST_LOOK: Duration = Duration::from_millis(50);

/// A point in time on both clocks. On most systems the monotonic one stands still while the machine is
/// suspended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    at: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), wall: SystemTime::now() }
    }

    /// True if the machine was suspended between this moment and the later one.
    pub(super) fn slept_until(self, later: Self) -> bool {
        let awake = later.at.saturating_duration_since(self.at);
        // A wall clock that was set back says nothing.
        later.wall.duration_since(self.wall).is_ok_and(|all| all > awake.saturating_add(AHEAD))
    }

    /// Now, if the machine was suspended for this long since.
    #[cfg(test)]
    pub(super) fn before_suspend(suspended: Duration) -> Self {
        let now = Self::now();
        Self { wall: now.wall - suspended, ..now }
    }

    /// This moment after the machine has been awake and suspended for some time.
    #[cfg(test)]
    pub(super) fn after(self, awake: Duration, suspended: Duration) -> Self {
        Self { at: self.at + awake, wall: self.wall + awake + suspended }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspend_is_seen_and_a_small_correction_of_the_clock_is_not() {
        let now = Moment::now();
        let minute = Duration::from_secs(60);
        assert!(!now.slept_until(now));
        assert!(!now.slept_until(now.after(minute, Duration::ZERO)));
        assert!(!now.slept_until(now.after(minute, Duration::from_secs(1))));
        assert!(now.slept_until(now.after(Duration::ZERO, Duration::from_secs(3))));
        assert!(now.slept_until(now.after(minute, minute)));
        assert!(Moment::before_suspend(minute).slept_until(Moment::now()));
        // Set back.
        assert!(!now.after(Duration::ZERO, minute).slept_until(now));
    }
}
