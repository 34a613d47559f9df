//! Rows of a query: with all digits of their numbers, which JSON values of this program do not have.

use std::collections::HashSet;
use std::fmt;

use controlplane::Effect;
use controlplane::hotdata::{GetResultResponse, QueryResponse};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::watch::watched;

use super::Hotdata;

/// Prints the rows of a query.
pub(super) fn of_response(app: &App, response: &QueryResponse) -> Result {
    print(app, &response.columns, &response.rows_as()?)
}

/// Fetches the rows of a result and prints them.
pub(super) fn of_result(hotdata: &Hotdata<'_>, run: &str, result: &str) -> Result {
    let call = hotdata.client.results().fetch_ready(result);
    let call = watched(hotdata.app, call, "fetching the rows", Effect::Repeatable);
    let fetched = call.send().map_err(|error| hotdata.run_failure(error, "rows", run))?;
    let json: GetResultResponse = fetched.json().ok_or_else(|| {
        Failure::new(Exit::Failed, format!("fetching the rows of {run}: the response is not JSON"))
    })?;
    print(hotdata.app, json.columns.as_deref().unwrap_or_default(), &json.rows_as()?)
}

fn print(app: &App, columns: &[String], rows: &[Box<RawValue>]) -> Result {
    let mut seen = HashSet::new();
    if let Some(twice) = columns.iter().find(|column| !seen.insert(column.as_str())) {
        let name = crate::progress::one_line(twice);
        app.progress.warn(&format!(
            "two columns have the name {name:?}, and only the first is shown. Name the others with AS."
        ));
    }
    match app.out.format() {
        Format::Json if !app.out.has_query() => app.out.text(&array(rows)),
        Format::Jsonl if !app.out.has_query() => {
            app.out.text(&rows.iter().map(|row| on_one_line(row) + "\n").collect::<String>())
        }
        Format::Table if rows.is_empty() => {
            app.progress.note("There are no rows.");
            Ok(())
        }
        // The header is a result too.
        Format::Csv if rows.is_empty() && !app.out.has_query() => {
            let mut header = csv::Writer::from_writer(Vec::new());
            // Writing to memory does not fail.
            let _ = header.write_record(columns);
            app.out.bytes(&header.into_inner().unwrap_or_default())
        }
        _ => {
            let rows = rows.iter().map(|row| cells(row)).collect::<Result<Vec<Value>>>()?;
            app.out.value(&Value::Array(rows))
        }
    }
}

/// The rows as one array, each row on a line.
fn array(rows: &[Box<RawValue>]) -> String {
    if rows.is_empty() {
        return "[]\n".to_owned();
    }
    let rows: Vec<String> = rows.iter().map(|row| format!("  {}", on_one_line(row))).collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// A row without line breaks, which may stand between its values.
fn on_one_line(row: &RawValue) -> String {
    row.get().replace(['\n', '\r'], " ")
}

/// A row as values. A number that has more digits than a value can hold is the text of its digits.
fn cells(row: &RawValue) -> Result<Value> {
    let Cells(cells) = serde_json::from_str(row.get())
        .map_err(|error| Failure::new(Exit::Failed, format!("reading a row: {error}")))?;
    Ok(Value::Object(cells.into_iter().map(|(name, cell)| (name, exact(&cell))).collect()))
}

fn exact(cell: &RawValue) -> Value {
    let text = cell.get();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Number(number)) if number.to_string() == text => Value::Number(number),
        Ok(Value::Number(_)) | Err(_) => text.into(),
        Ok(value) => value,
    }
}

/// The cells of a row in the order of the columns.
struct Cells(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Cells, A::Error> {
                let mut cells = Vec::new();
                while let Some(cell) = map.next_entry()? {
                    cells.push(cell);
                }
                Ok(Cells(cells))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn numbers_keep_their_digits() {
        let row = raw(r#"{"b": 340282366920938463463374607431768211455, "a": 1.10, "n": 7, "s": "x"}"#);
        let value = cells(&row).unwrap();
        assert_eq!(
            value.to_string(),
            r#"{"b":"340282366920938463463374607431768211455","a":"1.10","n":7,"s":"x"}"#
        );
        assert_eq!(array(&[row.clone(), row]).matches("340282366920938463463374607431768211455").count(), 2);
        assert_eq!(array(&[]), "[]\n");
        let lines = on_one_line(&raw("{\"a\":\n1}"));
        assert!(!lines.contains('\n') && serde_json::from_str::<Value>(&lines).is_ok());
    }
}
