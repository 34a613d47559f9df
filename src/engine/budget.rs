//! The rate budget: how many requests may go in a second, shared by everything that uses one client.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// In any window of this length at most so many requests are sent. A little longer than the second that the
/// limit speaks of: requests that leave a second apart may arrive closer together.
const WINDOW: Duration = Duration::from_millis(1010);

/// A sliding window over the times at which requests go. A time is reserved before it comes, and given back if it is
/// not used.
#[derive(Debug)]
pub(crate) struct Budget {
    /// `None`: no limit.
    times: Option<Mutex<Times>>,
}

#[derive(Debug)]
struct Times {
    per_second: usize,
    /// The reserved times that still matter, in order.
    reserved: VecDeque<Instant>,
}

impl Budget {
    /// At most this many requests in a second; 0 counts as 1.
    pub(crate) fn per_second(limit: u32) -> Self {
        let per_second = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self { times: Some(Mutex::new(Times { per_second, reserved: VecDeque::new() })) }
    }

    pub(crate) fn unlimited() -> Self {
        Self { times: None }
    }

    /// Reserves the next free time, which may lie ahead. If that is at or past the deadline, nothing is
    /// reserved and the free time is the error.
    pub(crate) fn reserve(&self, now: Instant, deadline: Instant) -> Result<Instant, Instant> {
        let Some(times) = &self.times else { return Ok(now) };
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        while times.reserved.front().is_some_and(|oldest| *oldest + WINDOW <= now) {
            times.reserved.pop_front();
        }
        let free = times.free(now);
        if free > now && free >= deadline {
            return Err(free);
        }
        let at = times.reserved.partition_point(|time| *time <= free);
        times.reserved.insert(at, free);
        Ok(free)
    }

    /// Gives back a time that was not used.
    pub(crate) fn release(&self, time: Instant) {
        if let Some(times) = &self.times {
            let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(at) = times.reserved.binary_search(&time) {
                times.reserved.remove(at);
            }
        }
    }
}

impl Times {
    /// The first time from `now` on that leaves at most `per_second` requests in any window. It is now, or a window
    /// after one of the reserved times.
    fn free(&self, now: Instant) -> Instant {
        let after = self.reserved.iter().map(|time| *time + WINDOW).filter(|time| *time > now);
        std::iter::once(now).chain(after).find(|time| self.fits(*time)).unwrap_or(now)
    }

    fn fits(&self, time: Instant) -> bool {
        let (reserved, limit) = (&self.reserved, self.per_second);
        let at = reserved.partition_point(|earlier| *earlier <= time);
        // The list with the new time in it: what stands `limit` places apart must be a window apart.
        let place = |i: usize| match i.cmp(&at) {
            Ordering::Less => reserved.get(i).copied(),
            Ordering::Equal => Some(time),
            Ordering::Greater => reserved.get(i - 1).copied(),
        };
        (at.saturating_sub(limit)..=at).all(|first| {
            match (place(first), place(first.saturating_add(limit))) {
                (Some(first), Some(last)) => last >= first + WINDOW,
                _ => true,
            }
        })
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

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::per_second(2);
        let start = Instant::now();
        let slots: Vec<Instant> = (0..8).map(|_| budget.reserve(start, far(start)).unwrap()).collect();
        assert_eq!(slots[7], start + WINDOW * 3);
        // From the middle: the next one fits in there, whatever is reserved after it.
        budget.release(slots[3]);
        assert_eq!(budget.reserve(start, far(start)), Ok(slots[3]));
        assert_eq!(budget.reserve(start, far(start)), Ok(start + WINDOW * 4));
        for slot in &slots[2..] {
            budget.release(*slot);
        }
        assert_eq!(budget.reserve(start, far(start)), Ok(start + WINDOW));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// Whatever is reserved, given back and waited: never more than the limit in any window.
        #[test]
        fn never_more_than_the_limit_in_any_window(
            limit in 1u32..6,
            steps in proptest::collection::vec((0u64..700, proptest::prelude::any::<bool>()), 1..80),
        ) {
            let budget = Budget::per_second(limit);
            let mut now = Instant::now();
            let mut used = Vec::new();
            for (millis, gives_back) in steps {
                now += Duration::from_millis(millis);
                let slot = budget.reserve(now, far(now)).unwrap();
                proptest::prop_assert!(slot >= now);
                if gives_back { budget.release(slot) } else { used.push(slot) }
            }
            used.sort();
            for window in used.windows(limit as usize + 1) {
                proptest::prop_assert!(window[limit as usize] - window[0] >= WINDOW);
            }
        }
    }
}
