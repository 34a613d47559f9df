//! Prints the results of the services' commands: values, lists, and requests that are not sent.

use controlplane::http::Request;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, lines};

/// Prints one value.
pub(crate) fn value(app: &App, value: &impl Serialize) -> Result {
    app.out.value(&to_value(value)?)
}

/// Prints a list up to a limit. A table has these columns, as far as any item has them.
pub(crate) fn list<T: Serialize>(
    app: &App,
    items: impl Iterator<Item = controlplane::Result<T>>,
    limit: Option<usize>,
    columns: &[&str],
) -> Result {
    let mut rows = Vec::new();
    for item in items.take(limit.unwrap_or(usize::MAX)) {
        rows.push(to_value(&item?)?);
    }
    rows_of(app, rows, columns)
}

/// Prints rows. A table has these columns, as far as any row has them.
pub(crate) fn rows_of(app: &App, rows: Vec<Value>, columns: &[&str]) -> Result {
    if rows.is_empty() {
        app.progress.note("There are none.");
    }
    let all = Value::Array(rows);
    if app.out.format() != Format::Table {
        return app.out.value(&all);
    }
    let rows = all.as_array().into_iter().flatten();
    let used = |column: &&&str| rows.clone().any(|row| row.get(**column).is_some());
    let columns: Vec<&str> = columns.iter().filter(used).copied().collect();
    let row = |row: &Value| -> Value {
        let cell = |column: &&str| ((*column).to_owned(), row.get(*column).cloned().unwrap_or_default());
        Value::Object(columns.iter().map(cell).collect())
    };
    let view = Value::Array(rows.clone().map(row).collect());
    app.out.shaped(&all, &view)
}

/// Prints the outcome of a command that returns nothing: what it was about, and what has become of it.
pub(crate) fn outcome(app: &App, name: &str, status: &str) -> Result {
    app.out.value(&json!({"name": name, "status": status}))
}

/// Prints a request that is not sent.
pub(crate) fn request(app: &App, request: &Request) -> Result {
    let shown = request_json(request);
    if app.out.format() == Format::Table && !app.out.has_query() {
        return app.out.text(&lines(&request_text(&shown)));
    }
    app.out.value(&shown)
}

/// A request for a person: its first line and its body.
pub(crate) fn request_text(request: &Value) -> String {
    let part = |name: &str| request[name].as_str().unwrap_or_default();
    let query: Vec<String> = request["query"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|pair| {
            format!("{}={}", pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default())
        })
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let body = match request.get("body") {
        Some(body) => format!("\n{}", serde_json::to_string_pretty(body).unwrap_or_default()),
        None => String::new(),
    };
    format!("{} {}{query}{body}", part("method"), part("path"))
}

/// A request as JSON: without headers, which are the same for all requests or secret.
pub(crate) fn request_json(request: &Request) -> Value {
    let mut shown = Map::new();
    shown.insert("method".into(), request.method.as_str().into());
    shown.insert("path".into(), request.path.clone().into());
    if !request.query.is_empty() {
        let query = request.query.iter().map(|(name, value)| json!([name, value])).collect();
        shown.insert("query".into(), Value::Array(query));
    }
    if let Some(body) = &request.body {
        let text = String::from_utf8_lossy(body);
        shown.insert("body".into(), serde_json::from_str(&text).unwrap_or_else(|_| text.into()));
    }
    Value::Object(shown)
}

/// Returns a value as JSON.
pub(crate) fn to_value(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Failure::new(Exit::Failed, format!("writing the result as JSON: {error}")))
}
