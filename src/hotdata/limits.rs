//! How much of a result is held in memory without being asked, and the errors about it.

use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// What was too much: see [`too_large`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Rows.
    Rows,
    /// Bytes, as far as they can be told from the cells.
    Bytes,
}

/// How a result was larger than its limit: behind [`ResultTooLarge`](ErrorKind::ResultTooLarge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLarge {
    /// What was counted.
    pub measure: Measure,
    /// How much there is: of the whole result if that was known, else of what had come.
    pub observed: u64,
    /// How much there may be.
    pub limit: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { observed, limit, .. } = self;
        match self.measure {
            Measure::Rows => write!(f, "the result has {observed} rows or more, and the limit is {limit}"),
            Measure::Bytes => write!(f, "the result has {observed} bytes or more, and the limit is {limit}"),
        }
    }
}

impl StdError for TooLarge {}

/// How rows were missing: behind [`ResultIncomplete`](ErrorKind::ResultIncomplete).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incomplete {
    /// How many rows came.
    pub fetched: u64,
    /// How many the result has.
    pub expected: u64,
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows of {} came, and then none", self.fetched, self.expected)
    }
}

impl StdError for Incomplete {}

/// What was too large, of an error of the kind [`ResultTooLarge`](ErrorKind::ResultTooLarge).
pub fn too_large(error: &Error) -> Option<TooLarge> {
    error.source()?.downcast_ref().copied()
}

/// What is missing, of an error of the kind [`ResultIncomplete`](ErrorKind::ResultIncomplete).
pub fn incomplete(error: &Error) -> Option<Incomplete> {
    error.source()?.downcast_ref().copied()
}

/// How much of a result may be held. `None`: without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guards {
    pub(super) rows: Option<u64>,
    pub(super) bytes: Option<u64>,
}

impl Default for Guards {
    fn default() -> Self {
        Self { rows: Some(1_000_000), bytes: Some(64 * 1024 * 1024) }
    }
}

impl Guards {
    /// Rows are looked at first.
    pub(super) fn check(&self, label: &str, result_id: &str, rows: u64, bytes: u64) -> Result<(), Error> {
        let checks = [(Measure::Rows, rows, self.rows), (Measure::Bytes, bytes, self.bytes)];
        for (measure, observed, limit) in checks {
            if let Some(limit) = limit.filter(|limit| observed > *limit) {
                return Err(too_large_error(label, result_id, TooLarge { measure, observed, limit }));
            }
        }
        Ok(())
    }
}

#[cold]
fn too_large_error(label: &str, result_id: &str, what: TooLarge) -> Error {
    let knob = match what.measure {
        Measure::Rows => "max_auto_rows",
        Measure::Bytes => "max_auto_bytes",
    };
    Error::new(ErrorKind::ResultTooLarge, label, what.to_string())
        .with_request_id(result_id)
        .with_source(what)
        .with_advice(format!(
            "The query ran. Stream its result with this id (`results().stream_arrow(…)`), or raise `.{knob}(…)`."
        ))
}

#[cold]
pub(super) fn incomplete_error(label: &str, result_id: &str, fetched: u64, expected: u64) -> Error {
    let what = Incomplete { fetched, expected };
    Error::new(ErrorKind::ResultIncomplete, label, what.to_string())
        .with_request_id(result_id)
        .with_source(what)
        .with_advice("The query ran. Fetch its result with this id in one request: as Arrow, CSV or Parquet.")
}

/// About how many bytes rows are: as the vendor's client counts, the text of each cell and two more, and two for each row.
pub(super) fn estimate(rows: &[Vec<Value>]) -> u64 {
    let cell = |value: &Value| length(value, false).saturating_add(2);
    rows.iter().map(|row| row.iter().map(cell).fold(2, u64::saturating_add)).fold(0, u64::saturating_add)
}

fn length(value: &Value, nested: bool) -> u64 {
    let count = |text: &str| u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    // Two around a list or an object, and two between their entries.
    let around = |entries: u64, number: usize| {
        let commas = u64::try_from(number.saturating_sub(1)).unwrap_or(u64::MAX).saturating_mul(2);
        entries.saturating_add(commas).saturating_add(2)
    };
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => count(&number.to_string()),
        Value::String(text) => count(text) + if nested { 2 } else { 0 },
        Value::Array(entries) => around(
            entries.iter().map(|entry| length(entry, true)).fold(0, u64::saturating_add),
            entries.len(),
        ),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| length(value, true).saturating_add(count(key) + 4);
            around(entries.iter().map(entry).fold(0, u64::saturating_add), entries.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_measured_by_their_text() {
        let rows = |value: Value| -> Vec<Vec<Value>> { serde_json::from_value(value).unwrap() };
        for (value, expected) in [
            (json!([]), 0),
            (json!([[]]), 2),
            (json!([[0], [1]]), 10),
            (json!([[null, true, false]]), 2 + 6 + 6 + 7),
            (json!([["日本", -1.5]]), 2 + 4 + 6),
            (json!([[[1, null], {"k": "v"}]]), 2 + 11 + 12),
        ] {
            assert_eq!(estimate(&rows(value.clone())), expected, "{value}");
        }
    }

    #[test]
    fn rows_count_before_bytes() {
        let guards = Guards { rows: Some(1), bytes: Some(1) };
        let error = guards.check("q", "r", 2, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResultTooLarge);
        let what = too_large(&error).unwrap();
        assert_eq!(what, TooLarge { measure: Measure::Rows, observed: 2, limit: 1 });
        assert_eq!(error.request_id(), Some("r"));
        assert!(guards.check("q", "r", 1, 1).is_ok());
        assert!(Guards { rows: None, bytes: None }.check("q", "r", u64::MAX, u64::MAX).is_ok());
        let error = incomplete_error("q", "r", 2, 5);
        assert_eq!(incomplete(&error), Some(Incomplete { fetched: 2, expected: 5 }));
        assert_eq!(too_large(&error), None);
    }
}
