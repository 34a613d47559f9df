//! Rows out of any source, one by one, and the types of their values.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use rusqlite::types::Value as Stored;
use serde_json::Value;

use crate::hotdata::formats::{
    Cell, Window, format_date, format_timestamp, parse_date, parse_decimal, parse_timestamp,
};
use crate::hotdata::sql::error::{SqlError, bad};
use crate::hotdata::sql::functions::{number, round};
use crate::hotdata::sql::types::ColumnType;

use super::csv::{CsvError, MAX_COLUMNS, MAX_RECORD, Records};
use super::{Source, SourceFormat};

/// A value as its source has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Null,
    /// Text of which nobody has said what it is.
    Untyped(String),
    /// Text that is text, or at most a day or a time.
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
    /// JSON inside of JSON, which is text.
    Nested(String),
    /// Of a column with a type.
    Cell(Cell),
}

/// Who gets the rows.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[String], u64, Vec<Raw>) -> Result<(), SqlError>;

/// Hands out every row: the names so far, the line, the values in the order of the names. Gives all names.
pub(super) fn each(source: &Source<'_>, take: Take<'_>) -> Result<Vec<String>, SqlError> {
    let unreadable = |e: std::io::Error| SqlError::Internal(format!("the source cannot be read: {e}"));
    match source {
        Source::Result(result) => {
            let names: Vec<String> = result.columns().iter().map(|column| column.name.clone()).collect();
            let mut line = 0;
            for batch in result.batches(Window::default()) {
                for row in crate::hotdata::formats::rows(&batch.map_err(unreadable)?) {
                    line += 1;
                    take(&names, line, row.into_iter().map(Raw::Cell).collect())?;
                }
            }
            Ok(names)
        }
        Source::Text(SourceFormat::Csv, open) => {
            let wrong = |error| match error {
                CsvError::Wrong(line, why) => SqlError::BadRequest(format!("CSV, line {line}: {why}")),
                CsvError::Io(e) => unreadable(e),
            };
            let mut records = Records::new(BufReader::with_capacity(64 * 1024, open().map_err(unreadable)?));
            let Some((_, header)) = records.next().map_err(wrong)? else {
                return bad("the CSV is empty: it needs a header row");
            };
            let names: Vec<String> = header.into_iter().map(|field| field.text).collect();
            while let Some((line, fields)) = records.next().map_err(wrong)? {
                if fields.len() != names.len() {
                    let (found, wanted) = (fields.len(), names.len());
                    return bad(format!(
                        "CSV, line {line}: the record has {found} values, and the header names {wanted} columns"
                    ));
                }
                let values =
                    fields.into_iter().map(|field| match field.text.is_empty() && !field.is_quoted {
                        true => Raw::Null,
                        false => Raw::Untyped(field.text),
                    });
                take(&names, line, values.collect())?;
            }
            Ok(names)
        }
        Source::Text(SourceFormat::Json, open) => {
            let mut input = BufReader::with_capacity(64 * 1024, open().map_err(unreadable)?);
            let (mut names, mut places) = (Vec::new(), HashMap::new());
            let (mut text, mut line) = (Vec::new(), 0);
            loop {
                text.clear();
                let most = MAX_RECORD as u64;
                let read = input.by_ref().take(most).read_until(b'\n', &mut text).map_err(unreadable)?;
                line += 1;
                if read == 0 {
                    return Ok(names);
                }
                if read as u64 == most && text.last() != Some(&b'\n') {
                    return bad(format!("JSON, line {line}: the line is longer than 16 MiB"));
                }
                if text.trim_ascii().is_empty() {
                    continue;
                }
                let object = match serde_json::from_slice(&text) {
                    Ok(Value::Object(object)) => object,
                    Ok(_) => return bad(format!("JSON, line {line}: the line is not an object")),
                    Err(e) => {
                        return bad(format!("JSON, line {line}: {e}; each line must be one object"));
                    }
                };
                let mut values = vec![Raw::Null; names.len()];
                for (name, value) in object {
                    let place = *places.entry(name).or_insert_with_key(|name: &String| {
                        names.push(name.clone());
                        values.push(Raw::Null);
                        names.len() - 1
                    });
                    if names.len() > MAX_COLUMNS {
                        return bad(format!("there are more than {MAX_COLUMNS} columns"));
                    }
                    values[place] = raw(value);
                }
                take(&names, line, values)?;
            }
        }
    }
}

fn raw(value: Value) -> Raw {
    match value {
        Value::Null => Raw::Null,
        Value::Bool(value) => Raw::Bool(value),
        Value::Number(number) => Raw::Number(number),
        Value::String(text) => Raw::Text(text),
        nested => Raw::Nested(nested.to_string()),
    }
}

/// The type of a value taken alone; none for a null.
pub(super) fn guess(raw: &Raw) -> Option<ColumnType> {
    Some(match raw {
        Raw::Null | Raw::Cell(_) => return None,
        Raw::Bool(_) => ColumnType::Boolean,
        Raw::Number(number) if number.is_i64() => ColumnType::Int64,
        Raw::Number(_) => ColumnType::Float64,
        Raw::Nested(_) => ColumnType::Utf8,
        Raw::Text(text) => temporal(text).unwrap_or(ColumnType::Utf8),
        Raw::Untyped(text) => {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
            if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
                ColumnType::Boolean
            } else if text.parse::<i64>().is_ok() {
                ColumnType::Int64
            } else if is_number && text.parse::<f64>().is_ok() {
                ColumnType::Float64
            } else {
                temporal(text).unwrap_or(ColumnType::Utf8)
            }
        }
    })
}

fn temporal(text: &str) -> Option<ColumnType> {
    // Before anything is tried: most texts are none.
    if !(8..=40).contains(&text.len()) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if parse_date(text).is_some() {
        return Some(ColumnType::Date);
    }
    parse_timestamp(text).map(|(_, zoned)| ColumnType::Timestamp { zoned })
}

/// The value as SQLite keeps it in a column of this type; none if it is not such a value.
pub(super) fn store(raw: &Raw, wanted: ColumnType) -> Option<Stored> {
    let text = match raw {
        Raw::Null | Raw::Cell(Cell::Null) => return Some(Stored::Null),
        Raw::Bool(value) => value.to_string(),
        Raw::Number(number) => number.to_string(),
        Raw::Untyped(text) | Raw::Text(text) | Raw::Nested(text) | Raw::Cell(Cell::Text(text)) => {
            text.clone()
        }
        Raw::Cell(Cell::Blob(bytes)) => {
            return (wanted == ColumnType::Binary).then(|| Stored::Blob(bytes.clone()));
        }
        Raw::Cell(Cell::Int(number)) if wanted == ColumnType::Boolean => {
            return matches!(number, 0 | 1).then_some(Stored::Integer(*number));
        }
        Raw::Cell(Cell::Int(number)) => number.to_string(),
        Raw::Cell(Cell::Real(number)) if wanted == ColumnType::Float64 => return Some(Stored::Real(*number)),
        Raw::Cell(Cell::Real(number)) => number.to_string(),
    };
    let trimmed = text.trim();
    match wanted {
        ColumnType::Utf8 => Some(Stored::Text(text)),
        ColumnType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Some(Stored::Integer(1)),
            "false" | "f" | "0" => Some(Stored::Integer(0)),
            _ => None,
        },
        ColumnType::Int64 => trimmed.parse().ok().map(Stored::Integer),
        ColumnType::Float64 => trimmed.parse().ok().map(Stored::Real),
        ColumnType::Decimal { precision, scale } => {
            let rounded = round(trimmed, usize::try_from(scale).unwrap_or(0));
            parse_decimal(&rounded, precision, scale).map(|value| number(value, scale))
        }
        ColumnType::Date => parse_date(trimmed).map(|days| Stored::Text(format_date(days))),
        ColumnType::Timestamp { .. } => {
            parse_timestamp(trimmed).map(|(micros, _)| Stored::Text(format_timestamp(micros, ' ')))
        }
        ColumnType::Binary => Some(Stored::Blob(text.into_bytes())),
    }
}
