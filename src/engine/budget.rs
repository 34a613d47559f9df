//! The rate budget: how many requests may go in a second, shared by everything that uses one client.
//!
//! The limit is the server's, so it holds where requests arrive and not where they leave. A request arrives some time
//! between the moment it is sent and its answer. So it counts as late as it can have arrived: one in flight may be
//! arriving now, and one that took longer than others may have spent the difference on its way there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{CallContext, Progress};

/// In any window of this length at most so many requests arrive. A little longer than the second that the limit speaks
/// of, for what cannot be seen from here.
const WINDOW: Duration = Duration::from_millis(1010);
/// How many of the last round trips are remembered, to know how short one can be.
const ROUND_TRIPS: usize = 32;

/// A sliding window over the times at which requests go. A place is reserved before its time comes, taken when the
/// request goes, and given back if it is not used.
#[derive(Debug)]
pub(crate) struct Budget {
    /// `None`: no limit.
    places: Option<Mutex<Places>>,
}

/// Names a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticket(u64);

#[derive(Debug)]
struct Places {
    limit: usize,
    next_ticket: u64,
    /// Reserved times, in order.
    reserved: VecDeque<(Instant, Ticket)>,
    /// True if something was given back, so that there may be room between the reserved times.
    has_gaps: bool,
    /// Requests that went and still count.
    gone: Vec<Gone>,
    /// The last round trips.
    round_trips: VecDeque<Duration>,
}

#[derive(Debug)]
struct Gone {
    ticket: Ticket,
    sent: Instant,
    fate: Fate,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    InFlight,
    /// Nobody waits for the answer any more: it may arrive until the next look at the budget.
    Abandoned,
    Answered(Duration),
}

impl Budget {
    /// At most this many requests in a second; 0 counts as 1.
    pub(crate) fn per_second(limit: u32) -> Self {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self {
            places: Some(Mutex::new(Places {
                limit,
                next_ticket: 0,
                reserved: VecDeque::new(),
                has_gaps: false,
                gone: Vec::new(),
                round_trips: VecDeque::new(),
            })),
        }
    }

    pub(crate) fn unlimited() -> Self {
        Self { places: None }
    }

    fn places(&self) -> Option<MutexGuard<'_, Places>> {
        self.places.as_ref().map(|places| places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Places {
    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    /// Forgets what no longer counts.
    fn look(&mut self, now: Instant) {
        for gone in &mut self.gone {
            if let Fate::Abandoned = gone.fate {
                gone.fate = Fate::Answered(now.saturating_duration_since(gone.sent));
            }
        }
        let least = self.least();
        self.gone
            .retain(|gone| matches!(gone.fate, Fate::InFlight) || gone.arrived(now, least) + WINDOW > now);
        if self.reserved.is_empty() {
            self.has_gaps = false;
        }
    }

    /// The shortest time that a request and its answer take, as far as is known. The first ones may all have had to
    /// connect, so they tell nothing.
    fn least(&self) -> Duration {
        let known = if self.round_trips.len() < ROUND_TRIPS { None } else { self.round_trips.iter().min() };
        known.copied().unwrap_or_default()
    }

    /// The latest times at which the requests that went can have arrived, in order.
    fn arrivals(&self, now: Instant) -> Vec<Instant> {
        let least = self.least();
        let mut arrivals: Vec<Instant> = self.gone.iter().map(|gone| gone.arrived(now, least)).collect();
        arrivals.sort_unstable();
        arrivals
    }

    /// The first time from `now` on that leaves at most the limit in any window, as far as can be foreseen.
    fn free(&self, now: Instant) -> Instant {
        let mut times = self.arrivals(now);
        if self.reserved.is_empty() {
            return self.free_after(&times, now);
        }
        times.extend(self.reserved.iter().map(|(time, _)| *time));
        times.sort_unstable();
        if !self.has_gaps {
            return self.free_after(&times, now);
        }
        let after = times.iter().map(|time| *time + WINDOW).filter(|time| *time > now);
        let fits = |time: &Instant| fits(&times, *time, self.limit);
        std::iter::once(now).chain(after).find(fits).unwrap_or(now)
    }

    /// The first free time after all of these.
    fn free_after(&self, times: &[Instant], now: Instant) -> Instant {
        let from = times.last().copied().filter(|_| !self.reserved.is_empty()).unwrap_or(now).max(now);
        match times.len().checked_sub(self.limit) {
            Some(at) => from.max(times[at] + WINDOW),
            None => from,
        }
    }

    fn insert(&mut self, time: Instant, ticket: Ticket) {
        let at = self.reserved.partition_point(|(earlier, _)| *earlier <= time);
        self.reserved.insert(at, (time, ticket));
    }

    fn remove(&mut self, ticket: Ticket) {
        self.reserved.retain(|(_, other)| *other != ticket);
    }

    /// When one more request may go, from what has gone alone.
    fn may_go(&self, now: Instant) -> Instant {
        let arrivals = self.arrivals(now);
        match arrivals.len().checked_sub(self.limit) {
            Some(at) => now.max(arrivals[at] + WINDOW),
            None => now,
        }
    }
}

impl Gone {
    /// The latest time at which it can have arrived.
    fn arrived(&self, now: Instant, least: Duration) -> Instant {
        let spent = match self.fate {
            Fate::InFlight | Fate::Abandoned => now.saturating_duration_since(self.sent),
            Fate::Answered(round_trip) => round_trip,
        };
        self.sent + spent.saturating_sub(least)
    }
}

/// Whether one more at this time leaves at most the limit in any window.
fn fits(times: &[Instant], time: Instant, limit: usize) -> bool {
    let at = times.partition_point(|earlier| *earlier <= time);
    // The list with the new time in it: what stands `limit` places apart must be a window apart.
    let place = |i: usize| match i.cmp(&at) {
        std::cmp::Ordering::Less => times.get(i).copied(),
        std::cmp::Ordering::Equal => Some(time),
        std::cmp::Ordering::Greater => times.get(i - 1).copied(),
    };
    (at.saturating_sub(limit)..=at).all(|first| match (place(first), place(first.saturating_add(limit))) {
        (Some(first), Some(last)) => last >= first + WINDOW,
        _ => true,
    })
}

/// When the next request may go.
#[derive(Debug, PartialEq)]
pub(crate) enum Turn {
    Now,
    At(Instant),
    /// Not before the deadline; the time at which it could.
    Never(Instant),
}

/// One place in the budget: taken when it is needed, kept until its time has come, and counted until what was sent
/// with it no longer matters.
#[derive(Debug)]
pub(crate) struct Pace {
    budget: Arc<Budget>,
    reserved: Option<(Instant, Ticket)>,
    in_flight: Option<Ticket>,
}

impl Pace {
    pub(crate) fn new(budget: Arc<Budget>) -> Self {
        Self { budget, reserved: None, in_flight: None }
    }

    /// [`turn`](Pace::turn), and tells if it has to wait.
    pub(super) fn turn_of(&mut self, context: &CallContext, now: Instant, deadline: Instant) -> Turn {
        let is_new = self.reserved.is_none();
        let turn = self.turn(now, deadline);
        if let (true, Turn::At(time)) = (is_new, &turn) {
            context.observer.emit(&Progress::WaitingForBudget { delay: *time - now });
        }
        turn
    }

    /// When the next request may go. After `Now` it counts as sent.
    pub(super) fn turn(&mut self, now: Instant, deadline: Instant) -> Turn {
        let Some(mut places) = self.budget.places() else { return Turn::Now };
        places.look(now);
        let (mut time, ticket) = match self.reserved {
            Some(reserved) => reserved,
            None => (places.free(now), places.ticket()),
        };
        if self.reserved.take().is_some() {
            places.remove(ticket);
        }
        if time <= now {
            time = places.may_go(now);
            if time <= now {
                places.gone.push(Gone { ticket, sent: now, fate: Fate::InFlight });
                self.in_flight = Some(ticket);
                return Turn::Now;
            }
        }
        if time >= deadline {
            places.has_gaps = true;
            return Turn::Never(time);
        }
        places.insert(time, ticket);
        self.reserved = Some((time, ticket));
        Turn::At(time)
    }

    /// The request that went last is answered, or failed.
    pub(super) fn answered(&mut self, now: Instant) {
        let Some(ticket) = self.in_flight.take() else { return };
        let Some(mut places) = self.budget.places() else { return };
        let Some(gone) = places.gone.iter_mut().find(|gone| gone.ticket == ticket) else { return };
        let round_trip = now.saturating_duration_since(gone.sent);
        gone.fate = Fate::Answered(round_trip);
        places.round_trips.push_back(round_trip);
        if places.round_trips.len() > ROUND_TRIPS {
            places.round_trips.pop_front();
        }
    }

    /// Nothing was sent after all.
    #[cfg(batches)]
    pub(super) fn unused(mut self) {
        if let (Some(ticket), Some(mut places)) = (self.in_flight.take(), self.budget.places()) {
            places.gone.retain(|gone| gone.ticket != ticket);
        }
    }

    #[cfg(batches)]
    /// Lets the request that went last be answered through another one, so that this one is free for the next.
    pub(super) fn hand_over(&mut self) -> Self {
        Self { budget: self.budget.clone(), reserved: None, in_flight: self.in_flight.take() }
    }
}

/// What is dropped while it waits gives its place back.
impl Drop for Pace {
    fn drop(&mut self) {
        if self.reserved.is_none() && self.in_flight.is_none() {
            return;
        }
        let Some(mut places) = self.budget.places() else { return };
        if let Some((_, ticket)) = self.reserved {
            places.remove(ticket);
            places.has_gaps = true;
        }
        if let Some(ticket) = self.in_flight {
            if let Some(gone) = places.gone.iter_mut().find(|gone| gone.ticket == ticket) {
                gone.fate = Fate::Abandoned;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn far(now: Instant) -> Instant {
        now + Duration::from_secs(3600)
    }

    /// So many that all want to go now, and when they may.
    fn waiting(budget: &Arc<Budget>, now: Instant, count: usize) -> Vec<(Pace, Instant)> {
        (0..count)
            .map(|_| {
                let mut pace = Pace::new(budget.clone());
                match pace.turn(now, far(now)) {
                    Turn::Now => (pace, now),
                    Turn::At(time) => (pace, time),
                    Turn::Never(_) => panic!("never"),
                }
            })
            .collect()
    }

    /// Sends now, and is answered at once.
    fn goes(budget: &Arc<Budget>, now: Instant) -> bool {
        let mut pace = Pace::new(budget.clone());
        let went = pace.turn(now, far(now)) == Turn::Now;
        pace.answered(now);
        went
    }

    #[test]
    fn at_most_the_limit_in_any_window() {
        let budget = Arc::new(Budget::per_second(10));
        let start = Instant::now();
        let times: Vec<Instant> = waiting(&budget, start, 95).iter().map(|(_, time)| *time).collect();
        assert!(times.is_sorted());
        assert_eq!(times[9], start);
        assert_eq!(times[94], start + WINDOW * 9);
        for pair in times.windows(11) {
            assert!(pair[10] - pair[0] >= WINDOW);
        }
    }

    #[test]
    fn an_idle_budget_is_full_again() {
        let budget = Arc::new(Budget::per_second(2));
        let start = Instant::now();
        assert!(goes(&budget, start) && goes(&budget, start));
        let later = start + Duration::from_secs(5);
        assert!(goes(&budget, later) && goes(&budget, later));
        assert_eq!(waiting(&budget, later, 1)[0].1, later + WINDOW);
    }

    #[test]
    fn nothing_is_reserved_past_the_deadline() {
        let budget = Arc::new(Budget::per_second(1));
        let start = Instant::now();
        assert!(goes(&budget, start));
        let soon = start + Duration::from_millis(500);
        assert_eq!(Pace::new(budget.clone()).turn(start, soon), Turn::Never(start + WINDOW));
        assert_eq!(waiting(&budget, start, 1)[0].1, start + WINDOW);
    }

    #[test]
    fn it_can_be_off() {
        let budget = Arc::new(Budget::unlimited());
        let start = Instant::now();
        assert!((0..1000).all(|_| goes(&budget, start)));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Arc::new(Budget::per_second(2));
        let start = Instant::now();
        let mut all = waiting(&budget, start, 8);
        assert_eq!(all[7].1, start + WINDOW * 3);
        // From the middle: the next one fits in there, whatever is reserved after it.
        let (freed, time) = all.remove(3);
        drop(freed);
        let mut next = waiting(&budget, start, 2);
        assert_eq!((next[0].1, next[1].1), (time, start + WINDOW * 4));
        next.clear();
        all.truncate(2);
        assert_eq!(waiting(&budget, start, 1)[0].1, start + WINDOW);
    }

    #[test]
    fn a_request_counts_as_late_as_it_can_have_arrived() {
        let budget = Arc::new(Budget::per_second(1));
        let start = Instant::now();
        let mut pace = Pace::new(budget.clone());
        assert_eq!(pace.turn(start, far(start)), Turn::Now);
        // In flight: it may be arriving now.
        let later = start + 5 * SECOND;
        assert_eq!(waiting(&budget, later, 1)[0].1, later + WINDOW);
        // Answered: it arrived before that.
        pace.answered(later);
        let still = later + WINDOW / 2;
        assert_eq!(waiting(&budget, still, 1)[0].1, later + WINDOW);
        // Given up: until the next look it may have been on its way.
        let then = later + WINDOW;
        assert_eq!(pace.turn(then, far(then)), Turn::Now);
        drop(pace);
        let look = then + SECOND;
        assert_eq!(waiting(&budget, look, 1)[0].1, look + WINDOW);
    }

    #[test]
    fn a_steady_round_trip_costs_nothing() {
        let budget = Arc::new(Budget::per_second(1));
        let mut now = Instant::now();
        let mut pace = Pace::new(budget);
        let mut times = Vec::new();
        while times.len() < 50 {
            match pace.turn(now, far(now)) {
                Turn::At(time) => now = time,
                Turn::Never(_) => panic!("never"),
                Turn::Now => {
                    times.push(now);
                    now += Duration::from_millis(300);
                    pace.answered(now);
                }
            }
        }
        assert_eq!(times[49] - times[48], WINDOW);
    }

    #[test]
    fn who_comes_late_to_his_place_crowds_nobody() {
        let budget = Arc::new(Budget::per_second(2));
        let start = Instant::now();
        let mut all = waiting(&budget, start, 6);
        for (pace, _) in &mut all[..2] {
            pace.answered(start);
        }
        // Four wake up when the last two were due.
        let late = start + WINDOW * 2;
        let turns: Vec<Turn> = all[2..].iter_mut().map(|(pace, _)| pace.turn(late, far(late))).collect();
        assert_eq!(turns, [Turn::Now, Turn::Now, Turn::At(late + WINDOW), Turn::At(late + WINDOW)]);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// However many want to go, wait, come late, are answered late or give up: never more than the limit arrives
        /// in a window, wherever between sending and answer it arrives.
        #[test]
        fn never_more_than_the_limit_arrives_in_any_second(
            limit in 1u32..6,
            steps in proptest::collection::vec((0u64..700, 0u8..8, 0.0f64..1.0), 1..100),
        ) {
            let budget = Arc::new(Budget::per_second(limit));
            let mut now = Instant::now();
            let mut waiting: Vec<Pace> = Vec::new();
            let mut in_flight: Vec<(Pace, Instant, f64)> = Vec::new();
            let (mut arrived, mut answered) = (Vec::new(), 0);
            for (millis, what, place) in steps {
                now += Duration::from_millis(millis / 4);
                match what {
                    0 => drop(waiting.pop()),
                    1..=3 => if !in_flight.is_empty() {
                        let (mut pace, sent, place) = in_flight.remove(0);
                        arrived.push(sent + (now - sent).mul_f64(place));
                        if what == 1 { drop(pace) } else { pace.answered(now); answered += 1 }
                        if answered == ROUND_TRIPS { break }
                    },
                    _ => waiting.push(Pace::new(budget.clone())),
                }
                let mut still = Vec::new();
                for mut pace in waiting.drain(..) {
                    match pace.turn(now, far(now)) {
                        Turn::Now => in_flight.push((pace, now, place)),
                        _ => still.push(pace),
                    }
                }
                waiting = still;
            }
            arrived.extend(in_flight.iter().map(|(_, sent, place)| *sent + (now - *sent).mul_f64(*place)));
            arrived.sort();
            for window in arrived.windows(limit as usize + 1) {
                let apart = window[limit as usize] - window[0];
                proptest::prop_assert!(apart >= WINDOW, "{apart:?}");
            }
        }
    }
}
