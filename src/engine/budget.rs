//! The rate budget: how many requests may go in a second, shared by everything that uses one client.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// In any window of this length at most so many requests are sent. A little longer than the second that the
/// limit speaks of: requests that leave a second apart may arrive closer together.
const WINDOW: Duration = Duration::from_millis(1010);

/// A sliding window over the times of the last requests. Reserving is in order: first come, first served.
#[derive(Debug)]
pub(crate) struct Budget {
    /// `None`: no limit.
    times: Option<Mutex<Times>>,
}

#[derive(Debug)]
struct Times {
    per_second: usize,
    /// The last `per_second` reserved times, oldest first.
    last: VecDeque<Instant>,
}

impl Budget {
    /// At most this many requests in a second; 0 counts as 1.
    pub(crate) fn per_second(limit: u32) -> Self {
        let per_second = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self { times: Some(Mutex::new(Times { per_second, last: VecDeque::new() })) }
    }

    pub(crate) fn unlimited() -> Self {
        Self { times: None }
    }

    /// Reserves the next free time, which may lie ahead. If that is at or past the deadline, nothing is
    /// reserved and the free time is the error.
    pub(crate) fn reserve(&self, now: Instant, deadline: Instant) -> Result<Instant, Instant> {
        let Some(times) = &self.times else { return Ok(now) };
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        while times.last.front().is_some_and(|oldest| *oldest + WINDOW <= now) {
            times.last.pop_front();
        }
        let mut free = now;
        if let Some(&newest) = times.last.back() {
            free = free.max(newest);
        }
        if times.last.len() >= times.per_second {
            if let Some(&oldest) = times.last.front() {
                free = free.max(oldest + WINDOW);
            }
        }
        if free > now && free >= deadline {
            return Err(free);
        }
        if times.last.len() >= times.per_second {
            times.last.pop_front();
        }
        times.last.push_back(free);
        Ok(free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far(now: Instant) -> Instant {
        now + Duration::from_secs(3600)
    }

    #[test]
    fn at_most_the_limit_in_any_window() {
        let budget = Budget::per_second(10);
        let start = Instant::now();
        let slots: Vec<Instant> = (0..95).map(|_| budget.reserve(start, far(start)).unwrap()).collect();
        assert!(slots.is_sorted());
        assert_eq!(slots[9], start);
        assert_eq!(slots[94], start + WINDOW * 9);
        for pair in slots.windows(11) {
            assert!(pair[10] - pair[0] >= WINDOW);
        }
    }

    #[test]
    fn an_idle_budget_is_full_again() {
        let budget = Budget::per_second(2);
        let start = Instant::now();
        for _ in 0..2 {
            assert_eq!(budget.reserve(start, far(start)), Ok(start));
        }
        let later = start + Duration::from_secs(5);
        assert_eq!(budget.reserve(later, far(later)), Ok(later));
        assert_eq!(budget.reserve(later, far(later)), Ok(later));
        assert_eq!(budget.reserve(later, far(later)), Ok(later + WINDOW));
    }

    #[test]
    fn nothing_is_reserved_past_the_deadline() {
        let budget = Budget::per_second(1);
        let start = Instant::now();
        assert_eq!(budget.reserve(start, far(start)), Ok(start));
        let soon = start + Duration::from_millis(500);
        assert_eq!(budget.reserve(start, soon), Err(start + WINDOW));
        assert_eq!(budget.reserve(start, far(start)), Ok(start + WINDOW));
    }

    #[test]
    fn it_can_be_off() {
        let budget = Budget::unlimited();
        let start = Instant::now();
        assert!((0..1000).all(|_| budget.reserve(start, start) == Ok(start)));
    }
}
