//! Which fault applies to which request.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::document::words::count;
use crate::seeded::{fraction, mix};
use crate::server::{CONTROL, lock};

use super::{Action, Fault, Pick, RequestKind, When};

/// The most faults that there may be by requests. A program adds as many as it likes.
pub(crate) const MAX_FAULTS: usize = 1000;
/// Sets the chances of faults apart from other numbers of the same seed.
const FAULTS: u64 = 0x6661_756c_7473;

/// What is known of a request when it is decided whether a fault applies.
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
pub(crate) struct Faults(Mutex<Arms>);

/// The seed of chances, and the faults in order.
#[derive(Debug)]
pub(crate) struct Arms {
    seed: u64,
    armed: Vec<Armed>,
}

/// Faults with their counts, as a document holds them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFaults {
    seed: u64,
    list: Vec<KeptFault>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFault {
    fault: String,
    #[serde(deserialize_with = "count")]
    met: u64,
    #[serde(deserialize_with = "count")]
    struck: u64,
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
        Self(Mutex::new(Arms::new(seed, faults)))
    }

    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.0).armed.push(Armed::new(fault));
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).armed.clear();
    }

    /// These and no others, with all counts at zero.
    pub(crate) fn start_anew(&self, seed: u64, faults: impl IntoIterator<Item = Fault>) {
        *lock(&self.0) = Arms::new(seed, faults);
    }

    /// As a document holds them.
    pub(crate) fn kept(&self) -> KeptFaults {
        let arms = lock(&self.0);
        let keep = |armed: &Armed| KeptFault {
            fault: armed.fault.to_string(),
            met: armed.met,
            struck: armed.struck,
        };
        KeptFaults { seed: arms.seed, list: arms.armed.iter().map(keep).collect() }
    }

    /// Those of a document and no others.
    pub(crate) fn restore(&self, arms: Arms) {
        *lock(&self.0) = arms;
    }

    /// What there is, in order.
    pub(crate) fn all(&self) -> Vec<Arc<Fault>> {
        lock(&self.0).armed.iter().map(|armed| Arc::clone(&armed.fault)).collect()
    }

    /// The fault that closes the connection of a request of which only the header has been read.
    pub(crate) fn on_arrival(&self, seen: &Seen<'_>) -> Option<Arc<Fault>> {
        self.decide(seen, true)
    }

    /// The fault that applies to a request that has been read.
    pub(crate) fn on_request(&self, seen: &Seen<'_>) -> Option<Arc<Fault>> {
        self.decide(seen, false)
    }

    fn decide(&self, seen: &Seen<'_>, on_arrival: bool) -> Option<Arc<Fault>> {
        // A test must be able to look what happened.
        if seen.path.starts_with(CONTROL) {
            return None;
        }
        let mut strikes = None;
        let Arms { seed, armed } = &mut *lock(&self.0);
        // All of them, so that all count.
        for (place, armed) in (0..).zip(armed.iter_mut()) {
            if armed.fault.is_for_arrivals() == on_arrival && armed.fault.meets(seen) {
                armed.met += 1;
                if armed.would_strike(*seed, place) && strikes.is_none() {
                    armed.struck += 1;
                    strikes = Some(armed.fault.clone());
                }
            }
        }
        strikes
    }
}

impl Arms {
    fn new(seed: u64, faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { seed: mix(seed ^ FAULTS), armed: faults.into_iter().map(Armed::new).collect() }
    }
}

impl KeptFaults {
    /// What they say; an error names the fault that cannot be read.
    pub(crate) fn read(self) -> Result<Arms, String> {
        let read = |(place, kept): (usize, KeptFault)| match Fault::from_kept(&kept.fault) {
            Ok(fault) => Ok(Armed { fault: Arc::new(fault), met: kept.met, struck: kept.struck }),
            Err(e) => Err(format!("/faults/list/{place}/fault: {e}")),
        };
        let armed = self.list.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Arms { seed: self.seed, armed })
    }
}

impl Armed {
    fn new(fault: Fault) -> Self {
        Self { fault: Arc::new(fault), met: 0, struck: 0 }
    }

    fn would_strike(&self, seed: u64, place: u64) -> bool {
        let (picked, times) = match self.fault.when.pick {
            Pick::All => (true, u64::MAX),
            Pick::Nth(n) => (self.met >= n, 1),
            Pick::Every(n) => (self.met.is_multiple_of(n), u64::MAX),
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
