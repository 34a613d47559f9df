//! The rate limit of a service.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The window of the limit.
const SECOND: Duration = Duration::from_secs(1);

/// So many requests in any one second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Limiter(VecDeque<Moment>);

impl Limiter {
    /// Whether one more may come now.
    pub(crate) fn admit(&mut self, now: Moment, per_second: u32) -> bool {
        while self.0.front().is_some_and(|then| now.saturating_duration_since(*then) >= SECOND) {
            self.0.pop_front();
        }
        let admitted = self.0.len() < per_second as usize;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_what_was_admitted_in_the_last_second() {
        let mut limiter = Limiter::default();
        let start = Moment::START;
        let at = |ms| start + Duration::from_millis(ms);
        let admitted: Vec<bool> =
            [0, 0, 500, 999, 1000, 1001, 1500, 1501].into_iter().map(|ms| limiter.admit(at(ms), 3)).collect();
        assert_eq!(admitted, [true, true, true, false, true, true, true, false]);
    }
}
