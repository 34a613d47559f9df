//! A clock on which waiting takes no time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use controlplane::Clock;

/// A clock that a pause moves on. Its clones are the same clock.
#[derive(Clone, Debug)]
pub(crate) struct Leaping {
    start: Instant,
    passed: Arc<Mutex<Duration>>,
    /// The pauses so far.
    pub(crate) slept: Arc<Mutex<Vec<Duration>>>,
}

impl Leaping {
    /// A clock that begins at 2026-03-01T12:00:00Z, as in the recordings.
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), passed: Arc::default(), slept: Arc::default() }
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }
}

impl Clock for Leaping {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400) + self.passed()
    }

    fn sleep(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
        self.slept.lock().unwrap().push(time);
    }
}
