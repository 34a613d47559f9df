//! Results as Arrow.

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use controlplane::hotdata::{AsyncClient, Client, GetResult};
use controlplane::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use super::arrow_cells::cell;
use super::arrow_types::{has_type, type_name};
use super::arrow_values::is_value;
use super::case::{Case, Done};
use super::compare::is_same;
use super::errors;
use crate::vectors::unknown;

/// What comes of a case: the columns, the batches, and what another call gave after it.
type Got = Result<(Schema, Vec<RecordBatch>, Option<Value>), Error>;

/// True if another call follows on the same client.
fn lists_results(case: &Case<'_>) -> bool {
    case.args()["then"] == "list_results on the same client"
}

fn wanted(case: &Case<'_>) -> GetResult {
    let settings = ["take_batches", "then"];
    let args = case.args().as_object().unwrap().iter();
    let args: Map<String, Value> = args
        .filter(|(name, _)| !settings.contains(&&***name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    serde_json::from_value(args.into()).unwrap()
}

/// The call of a case, in the same words for both modes.
macro_rules! call {
    ($call:expr, $wanted:expr) => {{
        let mut call = $call;
        if let Some(id) = &$wanted.x_database_id {
            call = call.database_id(id.clone());
        }
        if let Some(offset) = $wanted.offset {
            call = call.offset(offset);
        }
        if let Some(limit) = $wanted.limit {
            call = call.limit(limit);
        }
        call
    }};
}

/// What comes of a case of this layer.
pub(super) fn run(case: &Case<'_>, client: &Client) -> Done {
    let wanted = wanted(case);
    let got = || -> Got {
        if case.op() == "get_result_arrow" {
            let table = call!(client.results().arrow(&wanted.id), wanted).send()?;
            return Ok(((*table.schema).clone(), table.batches, None));
        }
        let mut stream = call!(client.results().stream_arrow(&wanted.id), wanted).send()?;
        let schema = (*stream.schema()).clone();
        let most = case.args()["take_batches"].as_u64().map_or(usize::MAX, |n| n.try_into().unwrap());
        let batches = stream.by_ref().take(most).collect::<Result<_, _>>()?;
        drop(stream);
        let then = lists_results(case).then(|| {
            let list = client.results().list().database_id(wanted.x_database_id.clone().unwrap());
            serde_json::to_value(list.send().unwrap()).unwrap()
        });
        Ok((schema, batches, then))
    };
    compared(case, got())
}

/// The same as a future.
pub(super) async fn run_async(case: &Case<'_>, client: &AsyncClient) -> Done {
    let wanted = wanted(case);
    let got = async || -> Got {
        if case.op() == "get_result_arrow" {
            let table = call!(client.results().arrow(&wanted.id), wanted).send().await?;
            return Ok(((*table.schema).clone(), table.batches, None));
        }
        let mut stream = call!(client.results().stream_arrow(&wanted.id), wanted).send().await?;
        let schema = (*stream.schema()).clone();
        let most = case.args()["take_batches"].as_u64().map_or(usize::MAX, |n| n.try_into().unwrap());
        let mut batches = Vec::new();
        while batches.len() < most {
            match stream.next().await {
                Some(batch) => batches.push(batch?),
                None => break,
            }
        }
        drop(stream);
        let mut then = None;
        if lists_results(case) {
            let list = client.results().list().database_id(wanted.x_database_id.clone().unwrap());
            then = Some(serde_json::to_value(list.send().await.unwrap()).unwrap());
        }
        Ok((schema, batches, then))
    };
    compared(case, got().await)
}

fn compared(case: &Case<'_>, got: Got) -> Done {
    let mut wrong = Vec::new();
    let then = &case.args()["then"];
    if !then.is_null() && !lists_results(case) {
        wrong.push(unknown(format_args!("what follows: {then}")));
    }
    let outcome = case.outcome();
    let result = match (got, outcome.get("ok")) {
        (Ok((schema, batches, then)), Some(expected)) => {
            wrong.extend(compare_table(&schema, &batches, expected));
            if !is_same(&then.unwrap_or_default(), &expected["then"]) {
                wrong.push(format!("then: it is not {}", expected["then"]));
            }
            Ok(Value::Null)
        }
        (Err(error), None) => {
            compare_error(case, &error, &outcome["error"], &mut wrong);
            Err(error)
        }
        (Ok((_, batches, _)), None) => {
            wrong.push(format!("{} batches are not {outcome}", batches.len()));
            Ok(Value::Null)
        }
        (Err(error), Some(_)) => {
            wrong.push(format!("{error:?} is not {outcome}"));
            Err(error)
        }
    };
    Done { wrong, is_compared: true, ..Done::new(result) }
}

fn compare_table(schema: &Schema, batches: &[RecordBatch], expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for key in expected.as_object().into_iter().flatten().map(|(key, _)| &**key) {
        if !["columns", "num_rows", "rows", "batches", "then", "metadata"].contains(&key) {
            wrong.push(unknown(format_args!("`{key}` of a table")));
        }
    }
    let columns = expected["columns"].as_array().map_or(&[][..], Vec::as_slice);
    let is_column = |field: &Field, expected: &Value| {
        expected["name"] == **field.name()
            && expected["nullable"] == field.is_nullable()
            && expected["type"].as_str().is_some_and(|name| has_type(field, name))
    };
    let fields = schema.fields();
    if fields.len() != columns.len()
        || !fields.iter().zip(columns).all(|(field, column)| is_column(field, column))
    {
        let got: Vec<Value> = fields.iter().map(|field| column(field)).collect();
        wrong.push(format!("the columns {} are not {}", json!(got), expected["columns"]));
    }
    let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
    let total: usize = sizes.iter().sum();
    if json!(total) != expected["num_rows"] {
        wrong.push(format!("{total} rows, not {}", expected["num_rows"]));
    }
    if !expected["batches"].is_null() && json!(sizes) != expected["batches"] {
        wrong.push(format!("the batches {sizes:?} are not {}", expected["batches"]));
    }
    let places = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    let rows = expected["rows"].as_array().map_or(&[][..], Vec::as_slice);
    if rows.len() != total {
        wrong.push(format!("{total} rows, not {}", rows.len()));
    }
    for (i, ((batch, row), expected)) in places.zip(rows).enumerate() {
        let cells = expected.as_array().map_or(&[][..], Vec::as_slice);
        if cells.len() != batch.num_columns() {
            wrong.push(format!("row {i}: {} columns, not {}", batch.num_columns(), cells.len()));
        }
        for (array, expected) in batch.columns().iter().zip(cells) {
            match cell(array, row) {
                Ok(cell) if is_value(&cell, expected) => {}
                Ok(cell) => wrong.push(format!("row {i}: {cell:?} is not {expected}")),
                Err(why) => wrong.push(why),
            }
        }
    }
    wrong
}

fn column(field: &Field) -> Value {
    json!({"name": field.name(), "type": type_name(field.data_type()), "nullable": field.is_nullable()})
}

fn compare_error(case: &Case<'_>, error: &Error, expected: &Value, wrong: &mut Vec<String>) {
    let is_right = match expected["exception"].as_str().unwrap_or_default() {
        "ResultNotReadyError" => {
            if error.api_status() != expected["result_status"].as_str() {
                wrong.push(format!("status {:?} is not {}", error.api_status(), expected["result_status"]));
            }
            error.kind() == ErrorKind::NotReady && error.resource() == expected["result_id"].as_str()
        }
        // The stream cannot be read to its end.
        "OSError" | "ArrowInvalid" => {
            error.kind() == ErrorKind::UnexpectedResponse && error.resource().is_some()
        }
        _ => {
            let wrong_before = wrong.len();
            wrong.extend(errors::compare(case, error, false));
            // A failed result is named.
            let id = expected["result"]["result_id"].as_str();
            wrong.len() == wrong_before && (id.is_none() || error.resource() == id)
        }
    };
    if !is_right {
        wrong.push(format!("{error:?}\n    is not {expected}"));
    }
}
