//! Prints the results of the services' commands: values, lists, and requests that are not sent.

use controlplane::http::Request;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Format, lines, visible};

/// Prints one value.
pub(crate) fn value(app: &App, value: &impl Serialize) -> Result {
    app.out.value(&to_value(value)?)
}

/// Prints what a command has created or started. `-o name` prints this name if the value has none.
pub(crate) fn named(app: &App, value: &impl Serialize, name: &str) -> Result {
    app.out.named(&to_value(value)?, name)
}

/// Prints rows. A table has these columns, as far as any row has them.
pub(crate) fn rows_of(app: &App, rows: Vec<Value>, columns: &[&str]) -> Result {
    if rows.is_empty() {
        app.progress.note("The list is empty.");
    }
    if app.out.wants_names() {
        return app.out.text(&rows.iter().map(|row| name_of(row, columns)).collect::<String>());
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

/// The name of a row on a line: its first column, or the next one that it has.
fn name_of(row: &Value, columns: &[&str]) -> String {
    let text = |column: &&str| match row.get(*column)? {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    columns.iter().find_map(text).map_or_else(String::new, |name| visible(&name) + "\n")
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

/// Prints the requests of a command that would send several, one after the other.
pub(crate) fn requests(app: &App, requests: &[Request]) -> Result {
    let shown: Vec<Value> = requests.iter().map(request_json).collect();
    if app.out.format() == Format::Table && !app.out.has_query() {
        let texts: Vec<String> = shown.iter().map(request_text).collect();
        return app.out.text(&lines(&texts.join("\n\n")));
    }
    app.out.value(&Value::Array(shown))
}

/// The headers of a request that are shown: what names a part of the account. All others are the same for all
/// requests, or secret.
const SHOWN_HEADERS: [&str; 1] = ["X-Database-Id"];

/// A request for a person: its first line, its headers and its body.
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
    let headers = request["headers"].as_object().into_iter().flatten();
    let headers: String =
        headers.map(|(name, value)| format!("\n{name}: {}", value.as_str().unwrap_or_default())).collect();
    format!("{} {}{query}{headers}{body}", part("method"), part("path"))
}

/// A request as JSON.
pub(crate) fn request_json(request: &Request) -> Value {
    let mut shown = Map::new();
    shown.insert("method".into(), request.method.as_str().into());
    shown.insert("path".into(), with_placeholders(&request.path).into());
    if !request.query.is_empty() {
        let query = request.query.iter().map(|(name, value)| json!([name, value])).collect();
        shown.insert("query".into(), Value::Array(query));
    }
    let headers: Map<String, Value> = SHOWN_HEADERS
        .iter()
        .filter_map(|name| {
            Some(((*name).to_owned(), String::from_utf8_lossy(request.headers.get(name)?).into()))
        })
        .collect();
    if !headers.is_empty() {
        shown.insert("headers".into(), Value::Object(headers));
    }
    if let Some(body) = &request.body {
        let text = String::from_utf8_lossy(body);
        shown.insert("body".into(), serde_json::from_str(&text).unwrap_or_else(|_| text.into()));
    }
    Value::Object(shown)
}

/// Returns what stands in a dry run for a value that only the service gives, as "the id of `sales`".
pub(crate) fn placeholder(what: &str) -> String {
    // What a header cannot contain is not shown.
    let shown: String = what.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    format!("{{{}}}", shown.replace(['{', '}', '/'], ""))
}

/// A path whose placeholders are readable: they are encoded as every other text is.
fn with_placeholders(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(start) = rest.find("%7B") {
        let (before, begun) = rest.split_at(start);
        out.push_str(before);
        let segment = begun.find('/').unwrap_or(begun.len());
        let end = begun[..segment].find("%7D").map_or(segment, |end| end + "%7D".len());
        let (placeholder, after) = begun.split_at(end);
        out.push_str(&if placeholder.ends_with("%7D") {
            decoded(placeholder)
        } else {
            placeholder.to_owned()
        });
        rest = after;
    }
    out + rest
}

/// Percent-encoded ASCII as it is.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(u8::is_ascii) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out + rest
}

/// Returns a value as JSON.
pub(crate) fn to_value(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Failure::new(Exit::Failed, format!("writing the result as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use controlplane::hotdata::Client;

    use super::*;

    #[test]
    fn a_placeholder_is_readable_in_a_path_and_in_a_header() {
        let stands = placeholder("the id of a/b%é {x}");
        assert_eq!(stands, "{the id of ab% x}");
        let client = Client::offline();
        let shown = request_json(&client.databases().delete(stands).to_request().unwrap());
        assert_eq!(shown["path"], "/v1/databases/{the id of ab% x}");
        let query = client.query_runs().get("r").database_id(placeholder("the id of sales"));
        let shown = request_json(&query.to_request().unwrap());
        assert_eq!(shown["headers"], json!({"X-Database-Id": "{the id of sales}"}));
        assert_eq!(request_text(&shown), "GET /v1/query-runs/r\nX-Database-Id: {the id of sales}");
        assert_eq!(with_placeholders("/a/%C3%A9/%7Bx/%7B%zz%7D"), "/a/%C3%A9/%7Bx/{%zz}");
        assert_eq!(with_placeholders("/v1/w%2F%7Bthe%20id%7D:run%7D/%7B"), "/v1/w%2F{the id}:run%7D/%7B");
    }
}
