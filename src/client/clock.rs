//! The clock of a blocking client.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::engine::blocking::driver::{Clock, SystemClock};

/// The system's clock, or one of a test.
#[derive(Clone, Default)]
pub(crate) struct AnyClock(Option<Arc<dyn Clock>>);

impl AnyClock {
    pub(super) fn new(clock: impl Clock + 'static) -> Self {
        Self(Some(Arc::new(clock)))
    }

    /// Returns true if it advances by itself, so that threads can wait for it.
    pub(crate) fn is_of_the_system(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for AnyClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_of_the_system() { "SystemClock" } else { "Clock" })
    }
}

impl Clock for AnyClock {
    fn now(&self) -> Instant {
        self.0.as_deref().map_or_else(|| SystemClock.now(), Clock::now)
    }

    fn wall(&self) -> SystemTime {
        self.0.as_deref().map_or_else(|| SystemClock.wall(), Clock::wall)
    }

    fn sleep(&self, time: Duration) {
        match &self.0 {
            Some(clock) => clock.sleep(time),
            None => SystemClock.sleep(time),
        }
    }
}
