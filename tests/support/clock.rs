//! A clock on which waiting takes no time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use controlplane::Clock;

/// A clock that a pause moves on. Its clones are the same clock.
#[derive(Clone, Debug)]
pub(crate) struct Leaping(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    start: Instant,
    passed: Duration,
    slept: Vec<Duration>,
}

impl Leaping {
    /// A clock that begins at 2026-03-01T12:00:00Z, as in the recordings.
    pub(crate) fn new() -> Self {
        let hands = Hands { start: Instant::now(), passed: Duration::ZERO, slept: Vec::new() };
        Self(Arc::new(Mutex::new(hands)))
    }

    /// The pauses so far, in seconds.
    pub(crate) fn slept(&self) -> Vec<f64> {
        self.0.lock().unwrap().slept.iter().map(Duration::as_secs_f64).collect()
    }
}

impl Clock for Leaping {
    fn now(&self) -> Instant {
        let hands = self.0.lock().unwrap();
        hands.start + hands.passed
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400) + self.0.lock().unwrap().passed
    }

    fn sleep(&self, time: Duration) {
        let mut hands = self.0.lock().unwrap();
        hands.passed += time;
        hands.slept.push(time);
    }
}
