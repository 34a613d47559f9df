//! Results as rows.

use serde_json::{Map, Value};

/// The rows of a result, and the names of their columns in the order in which they first appear.
#[derive(Debug, PartialEq)]
pub(super) struct Rows<'a> {
    pub(super) columns: Vec<&'a str>,
    rows: Vec<&'a Map<String, Value>>,
}

impl<'a> Rows<'a> {
    /// Returns the rows of an array of objects; `None` for any other value.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        let rows: Vec<_> = value.as_array()?.iter().map(Value::as_object).collect::<Option<_>>()?;
        let mut columns: Vec<&str> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for key in rows.iter().flat_map(|row| row.keys()) {
            if known.insert(key.as_str()) {
                columns.push(key);
            }
        }
        Some(Self { columns, rows })
    }

    /// Returns the cells of each row, in the order of the columns.
    pub(super) fn cells(&self) -> impl Iterator<Item = Vec<String>> {
        let cell = |row: &Map<String, Value>, column: &str| row.get(column).map(super::text::cell);
        self.rows
            .iter()
            .map(move |row| self.columns.iter().map(|column| cell(row, column).unwrap_or_default()).collect())
    }
}
