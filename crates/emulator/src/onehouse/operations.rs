//! Operations: what a statement becomes once it is taken.
//!
//! A statement is checked and takes effect when it is taken, in the order of arrival; only its result is held
//! back until the operation ends. So statements that arrive at the same time cannot see half of one another,
//! and a test that sends the same statements gets the same results. The real service works in the background
//! and makes no such promise.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::moment::Moment;
use crate::seeded::mix;

use crate::document::words::{Word, count, one_of};
use crate::time::End;

/// The wire's words for how an operation stands.
pub(super) const PENDING: &str = "API_OPERATION_STATUS_PENDING";
pub(super) const SUCCESS: &str = "API_OPERATION_STATUS_SUCCESS";
pub(super) const FAILED: &str = "API_OPERATION_STATUS_FAILED";
pub(super) const INVALID: &str = "API_OPERATION_STATUS_INVALID";

/// How many operations are remembered: the oldest are forgotten, and asking for them is a 404.
pub(super) const REMEMBERED: usize = 65_536;

/// How many pending operations are listed for those who look at the emulator.
const LISTED: usize = 200;

/// Why a statement did not do what it says. The codes and texts are the emulator's own: the real ones are not
/// published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    #[serde(deserialize_with = "status")]
    status: Word,
    #[serde(deserialize_with = "code")]
    code: Word,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &[FAILED, INVALID])
}

fn code<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &["INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION"])
}

impl Fault {
    /// The statement makes no sense, whatever the state of things: `API_OPERATION_STATUS_INVALID`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { status: INVALID, code: "INVALID_ARGUMENT", message: message.into() }
    }

    /// There is no such thing.
    pub(super) fn unknown(what: &str, name: &str) -> Self {
        Self::failed("NOT_FOUND", format!("{what} '{name}' does not exist"))
    }

    /// There is one already.
    pub(super) fn taken(what: &str, name: &str) -> Self {
        Self::failed("ALREADY_EXISTS", format!("{what} '{name}' exists already"))
    }

    /// The state of things forbids it.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::failed("FAILED_PRECONDITION", message)
    }

    fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: FAILED, code, message: message.into() }
    }
}

/// The result of a statement: the payload, or why there is none.
pub(super) type Outcome = Result<Value, Fault>;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    outcome: Outcome,
    end: End,
    began: Moment,
    has_shown_end: bool,
}

/// Where ids come from: the same ones in the same order for the same seed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    pub(super) seed: u64,
    #[serde(deserialize_with = "count")]
    count: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    /// An id that looks like a version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = self.numbers();
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }

    /// Thirty-two hexadecimal digits: a key or a secret that opens nothing.
    pub(super) fn hex(&mut self) -> String {
        let (high, low) = self.numbers();
        format!("{high:016x}{low:016x}")
    }

    fn numbers(&mut self) -> (u64, u64) {
        self.count += 1;
        (mix(self.seed ^ mix(2 * self.count)), mix(self.seed ^ mix(2 * self.count + 1)))
    }
}

/// All operations that are remembered.
#[derive(Debug, Default)]
pub(super) struct Operations {
    by_id: HashMap<String, Operation>,
    order: VecDeque<String>,
}

/// The operations with their ids, the oldest first.
impl Serialize for Operations {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        to.collect_seq(self.order.iter().filter_map(|id| Some((id, self.by_id.get(id)?))))
    }
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<(String, Operation)>::deserialize(from)?;
        if all.len() > REMEMBERED {
            return Err(D::Error::custom(format!("there are more than {REMEMBERED} operations")));
        }
        let mut operations = Self::default();
        for (id, operation) in all {
            operations.order.push_back(id.clone());
            if operations.by_id.insert(id, operation).is_some() {
                return Err(D::Error::custom("two operations have the same id"));
            }
        }
        Ok(operations)
    }
}

impl Operations {
    /// Takes up an operation that is pending until its end.
    pub(super) fn begin(&mut self, id: String, outcome: Outcome, now: Moment, end: End) {
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        self.order.push_back(id.clone());
        self.by_id.insert(id, Operation { outcome, end, began: now, has_shown_end: false });
    }

    /// One look at an operation: what the status endpoint answers.
    pub(super) fn poll(&mut self, id: &str, now: Moment) -> Option<Value> {
        let operation = self.by_id.get_mut(id)?;
        if !operation.end.look(now) {
            return Some(json!({ "apiStatus": PENDING, "apiResponse": null }));
        }
        operation.has_shown_end = true;
        Some(match &operation.outcome {
            Ok(payload) => json!({ "apiStatus": SUCCESS, "apiResponse": payload }),
            Err(fault) => json!({
                "apiStatus": fault.status,
                "apiResponse": { "error": fault.code, "message": fault.message },
            }),
        })
    }

    /// The ids of the operations that have not ended, the newest last, and their age.
    pub(super) fn pending(&self, now: Moment) -> Vec<(&str, Duration)> {
        let pending = self.order.iter().rev().filter_map(|id| {
            let operation = self.by_id.get(id)?;
            let is_pending = !operation.end.has_come(now);
            is_pending.then(|| (id.as_str(), now.saturating_duration_since(operation.began)))
        });
        let mut newest: Vec<_> = pending.take(LISTED).collect();
        newest.reverse();
        newest
    }

    /// True once a poll has been given the outcome.
    pub(super) fn has_shown_end(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|operation| operation.has_shown_end)
    }

    /// True once the operation would show its outcome, and for one that is forgotten.
    pub(super) fn is_over(&self, id: &str, now: Moment) -> bool {
        self.by_id.get(id).is_none_or(|operation| operation.end.has_come(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_uuids_and_repeat_for_a_seed() {
        let ids = |seed| {
            let mut ids = Ids::new(seed);
            (0..1000).map(|_| ids.uuid()).collect::<Vec<_>>()
        };
        let first = ids(1);
        assert_eq!(first, ids(1));
        assert_ne!(first, ids(2));
        let distinct: std::collections::HashSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), 1000);
        for id in &first {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
    }

    #[test]
    fn pending_so_many_times_then_the_outcome_for_good() {
        let (mut operations, now) = (Operations::default(), Moment::START);
        operations.begin("a".into(), Ok(json!({"name": "x"})), now, End::AfterLooks(2));
        operations.begin("b".into(), Err(Fault::unknown("lake", "l")), now, End::AfterLooks(0));
        let statuses: Vec<_> =
            (0..4).map(|_| operations.poll("a", now).unwrap()["apiStatus"].clone()).collect();
        assert_eq!(statuses, [PENDING, PENDING, SUCCESS, SUCCESS]);
        assert_eq!(operations.poll("a", now).unwrap()["apiResponse"]["name"], "x");
        assert_eq!(
            operations.poll("b", now).unwrap(),
            json!({"apiStatus": FAILED, "apiResponse": {"error": "NOT_FOUND", "message": "lake 'l' does not exist"}})
        );
        assert_eq!(operations.poll("c", now), None);
    }

    #[test]
    fn the_oldest_operations_are_forgotten() {
        let (mut operations, now) = (Operations::default(), Moment::START);
        for i in 0..=REMEMBERED {
            operations.begin(i.to_string(), Ok(Value::Null), now, End::AfterLooks(0));
        }
        assert_eq!(operations.poll("0", now), None);
        assert!(operations.poll("1", now).is_some());
        assert_eq!(operations.by_id.len(), REMEMBERED);
    }
}
