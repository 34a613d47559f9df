//! The rate budget: how many requests may go in a second, shared by everything that uses one client.
//!
//! The limit is the server's, so it holds where requests arrive and not where they leave. A request arrives some time
//! between the moment it is sent and its answer. So it counts as late as it can have arrived: one in flight may be
//! arriving now, and one that took longer than others may have spent the difference on its way there.

mod slowdown;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{CallContext, Progress};
use slowdown::Slowdown;

/// In any window of this length at most so many requests arrive. A little longer than the second that the limit speaks
/// of, for what cannot be seen from here.
const WINDOW: Duration = Duration::from_millis(1010);
/// The second that the server's limit speaks of.
const SECOND: Duration = Duration::from_secs(1);
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
    /// Since a 429.
    slowdown: Option<Slowdown>,
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
                slowdown: None,
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

    /// How many requests may go in a window, and how long that is.
    fn limits(&self) -> (usize, Duration) {
        match &self.slowdown {
            Some(slowdown) => (slowdown.places().min(self.limit), slowdown.window()),
            None => (self.limit, WINDOW),
        }
    }

    /// The earliest time at which a request may go, whatever went before.
    fn earliest(&self, now: Instant) -> Instant {
        self.slowdown.as_ref().map_or(now, |slowdown| slowdown.paused().max(now))
    }

    /// How many requests that were sent in the second before this time have been admitted.
    fn admitted(&self, sent: Instant) -> usize {
        let is_admitted = |gone: &&Gone| {
            matches!(gone.fate, Fate::Answered(_)) && sent.saturating_duration_since(gone.sent) < SECOND
        };
        self.gone.iter().filter(is_admitted).count()
    }

    /// Forgets what no longer counts.
    fn look(&mut self, now: Instant) {
        self.slowdown.take_if(|slowdown| slowdown.is_forgotten(now));
        let (_, window) = self.limits();
        for gone in &mut self.gone {
            if let Fate::Abandoned = gone.fate {
                gone.fate = Fate::Answered(now.saturating_duration_since(gone.sent));
            }
        }
        let least = self.least();
        self.gone
            .retain(|gone| matches!(gone.fate, Fate::InFlight) || gone.arrived(now, least) + window > now);
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
        let now = self.earliest(now);
        if self.reserved.is_empty() {
            return self.free_after(&times, now);
        }
        times.extend(self.reserved.iter().map(|(time, _)| *time));
        times.sort_unstable();
        if !self.has_gaps {
            return self.free_after(&times, now);
        }
        let (limit, window) = self.limits();
        let after = times.iter().map(|time| *time + window).filter(|time| *time > now);
        let fits = |time: &Instant| fits(&times, *time, limit, window);
        std::iter::once(now).chain(after).find(fits).unwrap_or(now)
    }

    /// The first free time after all of these.
    fn free_after(&self, times: &[Instant], now: Instant) -> Instant {
        let from = times.last().copied().filter(|_| !self.reserved.is_empty()).unwrap_or(now).max(now);
        let (limit, window) = self.limits();
        match times.len().checked_sub(limit) {
            Some(at) => from.max(times[at] + window),
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

    /// When one more request may go, from what has gone alone. An `urgent` one does not wait for a slowed budget.
    fn may_go(&self, now: Instant, urgent: bool) -> Instant {
        let arrivals = self.arrivals(now);
        let ((limit, window), now) =
            if urgent { ((self.limit, WINDOW), now) } else { (self.limits(), self.earliest(now)) };
        match arrivals.len().checked_sub(limit) {
            Some(at) => now.max(arrivals[at] + window),
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
fn fits(times: &[Instant], time: Instant, limit: usize, window: Duration) -> bool {
    let at = times.partition_point(|earlier| *earlier <= time);
    // The list with the new time in it: what stands `limit` places apart must be a window apart.
    let place = |i: usize| match i.cmp(&at) {
        std::cmp::Ordering::Less => times.get(i).copied(),
        std::cmp::Ordering::Equal => Some(time),
        std::cmp::Ordering::Greater => times.get(i - 1).copied(),
    };
    (at.saturating_sub(limit)..=at).all(|first| match (place(first), place(first.saturating_add(limit))) {
        (Some(first), Some(last)) => last >= first + window,
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
    pub(super) fn turn_of(
        &mut self,
        context: &CallContext,
        now: Instant,
        deadline: Instant,
        urgent: bool,
    ) -> Turn {
        let is_new = self.reserved.is_none();
        let turn = if urgent { self.urgent_turn(now, deadline) } else { self.turn(now, deadline) };
        if let (true, Turn::At(time)) = (is_new, &turn) {
            context.observer.emit(&Progress::WaitingForRateLimit { delay: *time - now });
        }
        turn
    }

    /// When the next request may go. After `Now` it counts as sent.
    pub(super) fn turn(&mut self, now: Instant, deadline: Instant) -> Turn {
        self.turn_at(now, deadline, false)
    }

    /// The same for a request that cannot wait until the server admits more: the last poll of an operation.
    pub(super) fn urgent_turn(&mut self, now: Instant, deadline: Instant) -> Turn {
        self.turn_at(now, deadline, true)
    }

    fn turn_at(&mut self, now: Instant, deadline: Instant, urgent: bool) -> Turn {
        let Some(mut places) = self.budget.places() else { return Turn::Now };
        places.look(now);
        let reserved = self.reserved.take();
        if let Some((_, ticket)) = reserved {
            places.remove(ticket);
        }
        let (mut time, ticket) = match reserved {
            Some((time, ticket)) => (if urgent { now } else { time }, ticket),
            None => (if urgent { now } else { places.free(now) }, places.ticket()),
        };
        if time <= now {
            time = places.may_go(now, urgent);
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
        let (in_window, most) = (places.admitted(now), places.limit);
        places.slowdown.take_if(|slowdown| slowdown.admitted(in_window, most));
    }

    /// The request that went last was answered with 429, perhaps with a `Retry-After`: the server has not counted it, and
    /// the budget slows down.
    pub(super) fn refused(&mut self, now: Instant, asked: Option<Duration>) {
        let Some(ticket) = self.in_flight.take() else { return };
        let Some(mut places) = self.budget.places() else { return };
        let Some(at) = places.gone.iter().position(|gone| gone.ticket == ticket) else { return };
        let sent = places.gone.swap_remove(at).sent;
        let admitted = places.admitted(sent);
        match &mut places.slowdown {
            Some(slowdown) => slowdown.refused(now, sent, asked, admitted),
            None => places.slowdown = Some(Slowdown::new(now, asked, admitted)),
        }
    }

    /// How many requests may be in flight at a time. While a batch `begins`, nothing is known of others that use the limit.
    #[cfg(batches)]
    pub(super) fn most_in_flight(&self, begins: bool) -> usize {
        let Some(places) = self.budget.places() else { return usize::MAX };
        match &places.slowdown {
            Some(slowdown) => {
                slowdown.most_in_flight(places.round_trips.iter().min().copied().unwrap_or_default())
            }
            None if begins => 1,
            None => usize::MAX,
        }
    }

    /// How many requests may go in a second while the budget is not slowed; `None`: any number.
    #[cfg(batches)]
    pub(super) fn limit(&self) -> Option<usize> {
        self.budget.places().map(|places| places.limit)
    }

    /// True since a 429, until the budget has its full size again.
    #[cfg(batches)]
    pub(super) fn is_slowed(&self) -> bool {
        self.budget.places().is_some_and(|places| places.slowdown.is_some())
    }

    /// True if nothing limits the requests, so that they cannot be slowed either.
    #[cfg(batches)]
    pub(super) fn is_unlimited(&self) -> bool {
        self.budget.places.is_none()
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
        if let Some(ticket) = self.in_flight
            && let Some(gone) = places.gone.iter_mut().find(|gone| gone.ticket == ticket)
        {
            gone.fate = Fate::Abandoned;
        }
    }
}

#[cfg(test)]
mod tests;
