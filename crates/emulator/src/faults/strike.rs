//! Which fault strikes which request.

use std::sync::{Arc, Mutex};

use crate::seeded::{fraction, mix};
use crate::server::{CONTROL, lock};

use super::{Action, Fault, Pick, RequestKind, When};

/// Sets the chances of faults apart from other numbers of the same seed.
const FAULTS: u64 = 0x6661_756c_7473;

/// What is known of a request when it is decided whether a fault strikes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'r> {
    pub(crate) method: &'r str,
    pub(crate) path: &'r str,
    /// What the service says it is for.
    pub(crate) kind: RequestKind,
    /// The statement, if it has one.
    pub(crate) statement: Option<&'r str>,
    /// Whether it is a poll of an operation that has shown its end before.
    pub(crate) has_ended: bool,
}

/// The faults of one emulator, with their counts.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    armed: Mutex<Vec<Armed>>,
}

#[derive(Debug)]
struct Armed {
    fault: Arc<Fault>,
    /// Requests that met the conditions.
    met: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64, faults: impl IntoIterator<Item = Fault>) -> Self {
        let new = Self { seed: mix(seed ^ FAULTS), armed: Mutex::default() };
        faults.into_iter().for_each(|fault| new.add(fault));
        new
    }

    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.armed).push(Armed { fault: Arc::new(fault), met: 0, struck: 0 });
    }

    pub(crate) fn clear(&self) {
        lock(&self.armed).clear();
    }

    /// These and no others, with all counts at zero.
    pub(crate) fn set(&self, faults: impl IntoIterator<Item = Fault>) {
        self.clear();
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    /// What there is, in order.
    pub(crate) fn all(&self) -> Vec<Arc<Fault>> {
        lock(&self.armed).iter().map(|armed| Arc::clone(&armed.fault)).collect()
    }

    /// The fault that closes the connection of a request of which only the header has been read.
    pub(crate) fn on_arrival(&self, seen: &Seen<'_>) -> Option<Arc<Fault>> {
        self.decide(seen, true)
    }

    /// The fault that strikes a request that has been read.
    pub(crate) fn on_request(&self, seen: &Seen<'_>) -> Option<Arc<Fault>> {
        self.decide(seen, false)
    }

    fn decide(&self, seen: &Seen<'_>, on_arrival: bool) -> Option<Arc<Fault>> {
        // A test must be able to look what happened.
        if seen.path.starts_with(CONTROL) {
            return None;
        }
        let mut strikes = None;
        // All of them, so that all count.
        for (place, armed) in (0..).zip(lock(&self.armed).iter_mut()) {
            if armed.fault.is_for_arrivals() == on_arrival && armed.fault.meets(seen) {
                armed.met += 1;
                if armed.would_strike(self.seed, place) && strikes.is_none() {
                    armed.struck += 1;
                    strikes = Some(armed.fault.clone());
                }
            }
        }
        strikes
    }
}

impl Armed {
    fn would_strike(&self, seed: u64, place: u64) -> bool {
        let (picked, times) = match self.fault.when.pick {
            Pick::All => (true, u64::MAX),
            Pick::Nth(n) => (self.met >= n, 1),
            Pick::Every(n) => (self.met % n == 0, u64::MAX),
            Pick::Chance(p) => (fraction(seed ^ mix(mix(place) ^ self.met)) < p, u64::MAX),
        };
        picked && self.struck < self.fault.when.times.unwrap_or(times)
    }
}

impl Fault {
    /// Whether it can be decided without the body of the request.
    fn is_for_arrivals(&self) -> bool {
        self.action == Action::CloseBeforeRead && self.when.starts.is_none() && self.when.contains.is_none()
    }

    fn meets(&self, seen: &Seen<'_>) -> bool {
        let When { pick: _, times: _, kind, method, path, starts, contains } = &self.when;
        let statement = seen.statement;
        kind.is_none_or(|kind| kind == seen.kind)
            && (!self.action.is_for_polls() || seen.kind == RequestKind::Poll)
            && (self.action != Action::BackToPending || seen.has_ended)
            && method.as_ref().is_none_or(|method| method == seen.method)
            && path.as_ref().is_none_or(|path| seen.path.starts_with(path.as_str()))
            && starts.as_ref().is_none_or(|words| statement.is_some_and(|s| begins_with(s, words)))
            && contains.as_ref().is_none_or(|text| statement.is_some_and(|s| has_in_it(s, text)))
    }
}

fn begins_with(statement: &str, words: &str) -> bool {
    let mut statement = statement.split_whitespace();
    words.split_whitespace().all(|word| statement.next().is_some_and(|s| s.eq_ignore_ascii_case(word)))
}

fn has_in_it(statement: &str, text: &str) -> bool {
    statement.to_lowercase().contains(&text.to_lowercase())
}
