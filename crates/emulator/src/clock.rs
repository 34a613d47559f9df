//! The clock of an emulator, which tests can advance, stop and start.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::moment::Moment;
use crate::server::lock;

/// The clock of an emulator. Clones show the same time.
#[derive(Clone)]
pub(crate) struct Clock {
    source: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// The time of the source when the clock showed zero.
    start: Instant,
    hand: Arc<Mutex<Hand>>,
    /// How many nanoseconds later it is here than by the hand: not zero after a state was restored.
    shift: Arc<AtomicI64>,
}

/// The difference between the clock and its source.
#[derive(Clone, Copy, Default)]
struct Hand {
    /// The time that the clock showed, and the time of the source at that moment. `None`: the clock shows the
    /// time of its source.
    set: Option<(Instant, Instant)>,
    is_stopped: bool,
    /// The sum of all advances.
    advanced: Duration,
}

impl Hand {
    fn now(&self, source: Instant) -> Instant {
        match self.set {
            None => source,
            Some((shown, _)) if self.is_stopped => shown,
            // A source that has no such time is at its end.
            Some((shown, at)) => shown.checked_add(source.saturating_duration_since(at)).unwrap_or(shown),
        }
    }
}

/// The state of a clock, for those who look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) advanced: Duration,
    pub(crate) is_stopped: bool,
}

impl Clock {
    pub(crate) fn new(source: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        let start = source();
        Self { source: Arc::new(source), start, hand: Arc::default(), shift: Arc::default() }
    }

    /// A clock with the same source that begins now, and is advanced and stopped by itself.
    pub(crate) fn separate(&self) -> Self {
        let (source, start) = (Arc::clone(&self.source), (self.source)());
        Self { source, start, hand: Arc::default(), shift: Arc::default() }
    }

    /// A clock that is advanced and stopped together with this one, and set by itself.
    pub(crate) fn of_another_space(&self) -> Self {
        Self { shift: Arc::default(), ..self.clone() }
    }

    pub(crate) fn now(&self) -> Moment {
        let hand = lock(&self.hand);
        let shown = self.moment(hand.now((self.source)()));
        Moment::of_nanos(shown.nanos().saturating_add(self.shift.load(Ordering::Acquire)))
    }

    /// Lets the clock go on from this time, or stand still at it if it is stopped.
    pub(crate) fn set(&self, now: Moment) {
        let hand = lock(&self.hand);
        let shown = self.moment(hand.now((self.source)()));
        self.shift.store(now.nanos().saturating_sub(shown.nanos()), Ordering::Release);
    }

    /// What a time of the source is by the hand.
    fn moment(&self, at: Instant) -> Moment {
        let nanos = at.saturating_duration_since(self.start).as_nanos();
        Moment::of_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    pub(crate) fn reading(&self) -> Reading {
        let hand = lock(&self.hand);
        Reading { advanced: hand.advanced, is_stopped: hand.is_stopped }
    }

    /// Advances the clock. `false`: there is no time that late, and nothing changed.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let mut hand = lock(&self.hand);
        let source = (self.source)();
        let (Some(shown), Some(advanced)) = (hand.now(source).checked_add(by), hand.advanced.checked_add(by))
        else {
            return false;
        };
        let later = self.moment(shown).nanos().checked_add(self.shift.load(Ordering::Acquire));
        // A state of a later time could not be restored.
        if !later.is_some_and(|nanos| Moment::of_nanos(nanos).is_in_reach()) {
            return false;
        }
        hand.set = Some((shown, source));
        hand.advanced = advanced;
        true
    }

    /// Stops the clock, or lets it run on from the time that it shows.
    pub(crate) fn set_stopped(&self, is_stopped: bool) {
        let mut hand = lock(&self.hand);
        let source = (self.source)();
        hand.set = Some((hand.now(source), source));
        hand.is_stopped = is_stopped;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Instant::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_clock_is_advanced_stopped_and_started() {
        let (start, minutes) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let source = Arc::clone(&minutes);
        let clock =
            Clock::new(move || start + MINUTE * u32::try_from(source.load(Ordering::SeqCst)).unwrap());
        let pass = |n| minutes.fetch_add(n, Ordering::SeqCst);
        let shows = |expected: u32| assert_eq!(clock.now() - Moment::START, expected * MINUTE);
        shows(0);
        pass(1);
        shows(1);
        assert!(clock.advance(20 * MINUTE));
        shows(21);
        pass(1);
        shows(22);
        clock.set_stopped(true);
        pass(5);
        shows(22);
        assert!(clock.advance(MINUTE));
        shows(23);
        clock.set_stopped(true);
        shows(23);
        clock.set_stopped(false);
        shows(23);
        pass(2);
        shows(25);
        assert_eq!(clock.reading(), Reading { advanced: 21 * MINUTE, is_stopped: false });
        assert!(!clock.advance(Duration::MAX));
        shows(25);
        // The same source, and nothing of what was done to the other.
        let separate = clock.separate();
        assert_eq!(separate.now(), Moment::START);
        pass(1);
        assert_eq!(separate.now() - Moment::START, MINUTE);
        shows(26);
    }

    #[test]
    fn a_clock_is_set_and_the_clock_of_another_space_is_not() {
        let start = Instant::now();
        let clock = Clock::new(move || start);
        let other = clock.of_another_space();
        for set in [Moment::START + 3 * MINUTE, Moment::of_nanos(-1), Moment::START] {
            clock.set(set);
            assert_eq!((clock.now(), other.now()), (set, Moment::START));
            assert_eq!(clock.clone().now(), set);
        }
        clock.set(Moment::START + 3 * MINUTE);
        assert!(other.advance(MINUTE));
        assert_eq!((clock.now() - Moment::START, other.now() - Moment::START), (4 * MINUTE, MINUTE));
        assert!(!clock.advance(Duration::from_secs(600 * 365 * 24 * 3600)), "later than any moment");
    }
}
