//! Rows of results: values by the names of their columns, and types that keep every digit.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Error as JsonError, Map, Value};

use crate::redact::Redacted;

/// A row of a result: values by the names of their columns, in the order of the columns.
///
/// [`get`](Row::get) and [`text`](Row::text) read a value, and return `None` if the column is missing. A row
/// also has the methods of [`Map`]; indexing as in `row["name"]` panics if the column is missing.
///
/// Numbers beyond 64 bits, and decimals with more than 17 digits, are rounded in a [`Value`]. The method
/// `rows_as` of the response keeps all digits in fields of type `u128`, `i128` or
/// `Box<serde_json::value::RawValue>`.
///
/// `Debug` masks the values of columns whose names indicate a secret, such as `password` or `api_key`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Row(Map<String, Value>);

impl Row {
    /// Returns the value of a column, or `None` if there is no such column. A column with exactly
    /// this name takes precedence over one whose name differs in ASCII case.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.0.get(column).or_else(|| {
            let mut entries = self.0.iter();
            entries.find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, value)| value)
        })
    }

    /// Returns the text in a column, or `None` if there is no such column or its value is not text.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column)?.as_str()
    }

    /// Returns the row as a map from the names of the columns to their values.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Map<String, Value>> for Row {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl Deref for Row {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl IntoIterator for Row {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Redacted(&Value::Object(self.0.clone())).to_string())
    }
}

/// The texts of the responses from which something was read. Clones share them, and they count in no
/// comparison.
#[derive(Clone, Default)]
pub(crate) struct Source(Vec<Arc<[u8]>>);

impl Source {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self(vec![body.into()])
    }

    /// Adds the texts of another.
    #[cfg(paged_rows)]
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|text| &**text)
    }
}

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The text of a row with these cells. Cells without a column are kept under a number; columns without a cell
/// are null.
pub(crate) fn object(columns: &[String], cells: &[&RawValue]) -> Result<String, JsonError> {
    let mut text = String::from("{");
    for i in 0..columns.len().max(cells.len()) {
        let name = columns.get(i).cloned().unwrap_or_else(|| numbered(i));
        // Two columns may have one name; a type can have one field of it.
        if columns.iter().take(i).any(|earlier| *earlier == name) {
            continue;
        }
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(&name)?);
        text.push(':');
        text.push_str(cells.get(i).map_or("null", |cell| cell.get()));
    }
    text.push('}');
    Ok(text)
}

/// The name of a column that has none.
pub(crate) fn numbered(i: usize) -> String {
    format!("column_{}", i + 1)
}

/// Reads the texts of rows.
pub(crate) fn typed<T: DeserializeOwned>(rows: &[String]) -> Result<Vec<T>, JsonError> {
    rows.iter().map(|row| serde_json::from_str(row)).collect()
}

/// The kind of a JSON error, without the text that quotes the JSON.
#[derive(Debug, thiserror::Error)]
#[error("{}", kind_of(.0))]
pub(crate) struct WithoutText(pub(crate) serde_json::error::Category);

fn kind_of(category: &serde_json::error::Category) -> &'static str {
    use serde_json::error::Category;
    match category {
        Category::Io => "the JSON could not be read",
        Category::Syntax => "the JSON has a syntax error",
        Category::Data => "a JSON value has another type than the field, or a field is missing",
        Category::Eof => "the JSON ends too early",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> Row {
        serde_json::from_value(json!({"Name": "prod", "state": null, "size": 3})).unwrap()
    }

    #[test]
    fn a_missing_column_is_none() {
        let row = row();
        assert_eq!(row.text("Name"), Some("prod"));
        assert_eq!(row.text("NAME"), Some("prod"));
        assert_eq!(row.text("size"), None);
        assert_eq!(row.get("size"), Some(&json!(3)));
        assert_eq!(row.get("state"), Some(&Value::Null));
        assert_eq!(row.get("other"), None);
        assert_eq!((row.len(), row.keys().count()), (3, 3));
    }

    #[test]
    fn debug_masks_secrets() {
        let row: Row = serde_json::from_value(json!({"secret": "hunter2", "name": "x"})).unwrap();
        let shown = format!("{row:?}");
        assert!(!shown.contains("hunter2") && shown.contains('x'), "{shown}");
    }
}
