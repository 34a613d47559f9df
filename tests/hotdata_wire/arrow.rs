//! Results as Arrow.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};
use controlplane::hotdata::{AsyncClient, Client, GetResult};
use controlplane::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use crate::case::{Case, Done};
use crate::compare::is_same;
use crate::server::Server;

/// What comes of a case: the columns, the batches, and what another call gave after it.
type Got = Result<(Schema, Vec<RecordBatch>, Option<Value>), Error>;

fn wanted(case: &Case) -> GetResult {
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
        let mut call = $call.database_id($wanted.x_database_id.clone().unwrap());
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
pub fn run(case: &Case, _: &Server, client: &Client) -> Option<Done> {
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
        let then = case.args()["then"].is_string().then(|| {
            let list = client.results().list().database_id(wanted.x_database_id.clone().unwrap());
            serde_json::to_value(list.send().unwrap()).unwrap()
        });
        Ok((schema, batches, then))
    };
    Some(compared(case, got()))
}

/// The same as a future.
pub async fn run_async(case: &Case, _: &Server, client: &AsyncClient) -> Option<Done> {
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
        if case.args()["then"].is_string() {
            let list = client.results().list().database_id(wanted.x_database_id.clone().unwrap());
            then = Some(serde_json::to_value(list.send().await.unwrap()).unwrap());
        }
        Ok((schema, batches, then))
    };
    Some(compared(case, got().await))
}

fn compared(case: &Case, got: Got) -> Done {
    let mut wrong = Vec::new();
    let outcome = case.outcome();
    let result = match (got, outcome.get("ok")) {
        (Ok((schema, batches, then)), Some(expected)) => {
            let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
            let mut told = json!({
                "columns": columns(&schema),
                "num_rows": sizes.iter().sum::<usize>(),
                "rows": batches.iter().flat_map(rows).collect::<Vec<_>>(),
                "then": then,
            });
            if !expected["batches"].is_null() {
                told["batches"] = json!(sizes);
            }
            if !is_same(&told, expected) {
                wrong.push(format!("{told}\n    is not {expected}"));
            }
            Ok(told)
        }
        (Err(error), None) => {
            errors(&error, &outcome["error"], &mut wrong);
            Err(error)
        }
        (got, _) => {
            wrong.push(format!("{:?} is not {outcome}", got.as_ref().map(|(_, batches, _)| batches.len())));
            got.map(|_| Value::Null)
        }
    };
    Done { wrong, is_compared: true, ..Done::new(result) }
}

fn errors(error: &Error, expected: &Value, wrong: &mut Vec<String>) {
    let status = expected["status"].as_u64();
    let (kind, is_about) = match expected["exception"].as_str().unwrap() {
        "ResultNotReadyError" => {
            if error.api_status() != expected["result_status"].as_str() {
                wrong.push(format!("{:?} is not {}", error.api_status(), expected["result_status"]));
            }
            (ErrorKind::ResultNotReady, error.request_id() == expected["result_id"].as_str())
        }
        "OSError" => (ErrorKind::UnexpectedResponse, error.request_id().is_some()),
        "ConflictException" => {
            let id = expected["result"]["result_id"].as_str();
            (ErrorKind::OperationFailed, error.request_id() == id && error.status() == Some(409))
        }
        "ForbiddenException" => (ErrorKind::PermissionDenied, true),
        "UnauthorizedException" => (ErrorKind::Authentication, true),
        "NotFoundException" => (ErrorKind::NotFound, true),
        "BadRequestException" => (ErrorKind::Rejected, true),
        "ServiceException" => (ErrorKind::Server, true),
        _ if status == Some(429) => (ErrorKind::RateLimited, true),
        _ => (ErrorKind::Rejected, true),
    };
    if error.kind() != kind || !is_about {
        wrong.push(format!("{error:?}\n    is not {expected}"));
    }
    if status.is_some() && error.status().map(u64::from) != status {
        wrong.push(format!("status {:?} is not {status:?}", error.status()));
    }
    if error.api_code() != expected["code"].as_str() {
        wrong.push(format!("code {:?} is not {}", error.api_code(), expected["code"]));
    }
}

fn columns(schema: &Schema) -> Vec<Value> {
    let fields = schema.fields().iter();
    fields
        .map(|field| {
            json!({
                "name": field.name(),
                "type": type_name(field.data_type()),
                "nullable": field.is_nullable(),
            })
        })
        .collect()
}

/// As pyarrow calls it.
fn type_name(data_type: &DataType) -> String {
    let inner =
        |field: &arrow_schema::FieldRef| format!("{}: {}", field.name(), type_name(field.data_type()));
    match data_type {
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Utf8 => "string".to_owned(),
        DataType::LargeUtf8 => "large_string".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal128({precision}, {scale})"),
        DataType::List(field) => format!("list<{}>", inner(field)),
        DataType::FixedSizeList(field, size) => format!("fixed_size_list<{}>[{size}]", inner(field)),
        DataType::Struct(fields) => {
            format!("struct<{}>", fields.iter().map(inner).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}

fn rows(batch: &RecordBatch) -> Vec<Value> {
    let row = |i| batch.columns().iter().map(|column| cell(column, i)).collect();
    (0..batch.num_rows()).map(row).collect()
}

fn float(value: f64) -> Value {
    match value {
        _ if value.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        _ => value.into(),
    }
}

fn cell(array: &ArrayRef, i: usize) -> Value {
    if array.is_null(i) {
        return Value::Null;
    }
    let list = |items: ArrayRef| -> Value { (0..items.len()).map(|j| cell(&items, j)).collect() };
    match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(i).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(i).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(i).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(i).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(i).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(i).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(i).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(i).into(),
        DataType::Float32 => float(array.as_primitive::<Float32Type>().value(i).into()),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(i)),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(i).into(),
        DataType::Boolean => array.as_boolean().value(i).into(),
        DataType::Utf8 => array.as_string::<i32>().value(i).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(i).into(),
        DataType::List(_) => list(array.as_list::<i32>().value(i)),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(i)),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            fields
                .iter()
                .zip(columns)
                .map(|(field, column)| (field.name().clone(), cell(column, i)))
                .collect()
        }
        other => panic!("{other}: say here what it is in JSON"),
    }
}
