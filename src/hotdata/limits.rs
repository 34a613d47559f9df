//! The limits of rows that are held in memory.

use serde_json::Value;

use crate::error::Error;

use super::results::{Measure, ResultFailure};

/// How much of a result may be held in memory. `None`: without limit.
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
    /// Checks the rows first, as the vendor's client does (hotdata 0.12.0).
    pub(super) fn check(&self, label: &str, rows: u64, bytes: u64) -> Result<(), Error> {
        let checks = [(Measure::Rows, rows, self.rows), (Measure::Bytes, bytes, self.bytes)];
        for (measure, observed, limit) in checks {
            if let Some(limit) = limit.filter(|limit| observed > *limit) {
                return Err(ResultFailure::TooLarge { measure, observed, limit }.error(label));
            }
        }
        Ok(())
    }
}

/// Estimates the bytes of rows as the vendor's client does (hotdata 0.12.0): the text of each cell and two
/// more, and two for each row.
pub(super) fn estimate(rows: &[Vec<Value>]) -> u64 {
    let cell = |value: &Value| length(value, false).saturating_add(2);
    rows.iter().map(|row| row.iter().map(cell).fold(2, u64::saturating_add)).fold(0, u64::saturating_add)
}

fn length(value: &Value, nested: bool) -> u64 {
    let count = |text: &str| u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    // Two for the brackets of a list or an object, and two between entries.
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
    use crate::error::ErrorKind;

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
    fn rows_are_checked_before_bytes() {
        let guards = Guards { rows: Some(1), bytes: Some(1) };
        let error = guards.check("q", 2, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        let expected = ResultFailure::TooLarge { measure: Measure::Rows, observed: 2, limit: 1 };
        assert_eq!(error.detail(), Some(&expected));
        assert!(guards.check("q", 1, 1).is_ok());
        assert!(Guards { rows: None, bytes: None }.check("q", u64::MAX, u64::MAX).is_ok());
    }
}
