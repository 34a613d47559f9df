//! Rows of results as types that keep every digit.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Error as JsonError, Map, Value};

use crate::error::{Error, ErrorKind};
use crate::rows::{Row, Source, WithoutText, numbered, object};

/// Rows with the names of their columns.
pub(super) fn named(columns: &[String], rows: &[Vec<Value>]) -> Vec<Row> {
    let name = |i: usize| columns.get(i).cloned().unwrap_or_else(|| numbered(i));
    let row = |cells: &Vec<Value>| {
        let width = columns.len().max(cells.len());
        let values = (0..width).map(|i| (name(i), cells.get(i).cloned().unwrap_or_default()));
        Row::from(values.collect::<Map<String, Value>>())
    };
    rows.iter().map(row).collect()
}

/// A response with rows.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    rows: Option<Vec<Vec<&'a RawValue>>>,
}

/// Reads rows from the texts of their responses, or from their values if there are no texts, or other ones.
pub(super) fn typed<T: DeserializeOwned>(
    columns: &[String],
    rows: &[Vec<Value>],
    source: &Source,
) -> Result<Vec<T>, JsonError> {
    let mut texts = Vec::new();
    for response in source.texts() {
        let part: Part<'_> = serde_json::from_slice(response)?;
        for cells in part.rows.unwrap_or_default() {
            texts.push(object(columns, &cells)?);
        }
    }
    if texts.len() == rows.len() {
        return crate::rows::typed(&texts);
    }
    named(columns, rows)
        .into_iter()
        .map(|row| serde_json::from_value(Value::Object(row.into_map())))
        .collect()
}

/// The error for a row that does not fit a type. The text of the JSON error may quote the row.
#[cold]
pub(super) fn misfit<T>(error: &JsonError) -> Error {
    let happened = format!("a row does not fit `{}`", std::any::type_name::<T>());
    Error::new(ErrorKind::UnexpectedResponse, "reading the rows", happened)
        .with_advice(
            "Compare the columns with the fields of the type; a column that can be null needs an `Option`.",
        )
        .with_source(WithoutText(error.classify()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Wide {
        id: u128,
        low: i128,
        price: Box<RawValue>,
        name: Option<String>,
    }

    #[test]
    fn digits_are_kept_over_all_pages() {
        let page = |low: &str| {
            let id = u128::MAX;
            format!("{{\"rows\": [[{id}, {low}, 1.10, null]], \"columns\": []}}")
        };
        let mut source = Source::of(page("-170141183460469231731687303715884105728").as_bytes());
        source.extend(Source::of(page("-1").as_bytes()));
        let columns = ["id", "low", "price", "name"].map(str::to_owned);
        let rows: Vec<Vec<Value>> = vec![vec![json!(3.4e38), json!(-1), json!(1.1), Value::Null]; 2];
        let read: Vec<Wide> = typed(&columns, &rows, &source).unwrap();
        assert_eq!((read[0].id, read[0].low, read[1].low), (u128::MAX, i128::MIN, -1));
        assert_eq!((read[0].price.get(), read[1].name.as_deref()), ("1.10", None));
        // Rows that were changed are read as they are now.
        let rows = vec![vec![json!(5), json!(-5), json!(2)]];
        let read: Vec<Wide> = typed(&columns, &rows, &source).unwrap();
        assert_eq!((read.len(), read[0].id, read[0].price.get()), (1, 5, "2"));
        assert!(typed::<Wide>(&columns[..1], &rows, &Source::default()).is_err());
        assert_eq!(named(&columns, &rows)[0].get("name"), Some(&Value::Null));
    }
}
