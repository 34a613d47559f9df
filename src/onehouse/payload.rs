//! Payloads in the three shapes that the vendor's pages and packages show: flat, tabular, wrapped.

use serde_json::{Map, Value};

use crate::engine::Words;
use crate::rows::{Row, numbered};

/// The value inside a single `…ApiResponse` wrapper, or the value itself.
pub(super) fn unwrapped(payload: &Value) -> &Value {
    match payload {
        Value::Object(map) if map.len() == 1 => match map.iter().next() {
            Some((key, inner)) if key.ends_with("ApiResponse") => inner,
            _ => payload,
        },
        _ => payload,
    }
}

/// The rows of an unwrapped payload.
pub(super) fn rows(payload: &Value) -> Vec<Row> {
    maps(payload).into_iter().map(Row::from).collect()
}

fn maps(payload: &Value) -> Vec<Map<String, Value>> {
    match payload {
        Value::Null => Vec::new(),
        Value::Array(entries) => entries.iter().map(row).collect(),
        Value::Object(map) => match (map.get("columns"), map.get("rows"), map.get("data")) {
            (Some(Value::Array(columns)), Some(Value::Array(rows)), _) => {
                let columns = column_names(columns);
                rows.iter().map(|cells| table_row(&columns, cells)).collect()
            }
            (_, _, Some(Value::Array(entries))) => entries.iter().map(row).collect(),
            _ if map.is_empty() => Vec::new(),
            _ => vec![map.clone()],
        },
        other => vec![row(other)],
    }
}

/// The text under the first of these keys, in any ASCII case, in the only row of an unwrapped payload; if
/// that row has nothing but an object, in that object.
pub(super) fn text(payload: &Value, keys: &[&str]) -> Option<String> {
    let rows = maps(payload);
    let [row] = &rows[..] else { return None };
    let inner = match row.values().next() {
        Some(Value::Object(inner)) if row.len() == 1 => inner,
        _ => row,
    };
    let under = |key: &&str| {
        let (_, value) = inner.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    keys.iter().find_map(under)
}

/// What the payload of a failed operation says. The vendor does not document such payloads; these are the
/// names that its own APIs and the emulator use.
pub(super) fn words(payload: &Value) -> Words {
    let Value::Object(map) = unwrapped(payload) else { return Words::default() };
    // Some APIs put them into an object of their own.
    let map = match map.get("error") {
        Some(Value::Object(inner)) => inner,
        _ => map,
    };
    let under = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let plain = |name: &String| name.replace(['_', '-'], "").eq_ignore_ascii_case(key);
            match map.iter().find(|(name, _)| plain(name))?.1 {
                Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        })
    };
    let (code, error) = (under(&["code", "errorcode"]), under(&["error"]));
    let message = under(&["message", "errormessage"]);
    match (code, error, message) {
        // An `error` of one word is a code, any other is the message.
        (None, Some(error), message) if !error.contains(char::is_whitespace) => {
            Words { code: Some(error), message }
        }
        (code, error, message) => Words { code, message: message.or(error) },
    }
}

/// The shape of a payload, without its values.
pub(super) fn shape(payload: &Value) -> String {
    match payload {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(entries) => match entries.first() {
            Some(first) => {
                format!("an array with {} entries, the first of which is {}", entries.len(), shape(first))
            }
            None => "an empty array".to_owned(),
        },
        Value::Object(map) if map.is_empty() => "an empty object".to_owned(),
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().take(10).map(String::as_str).collect();
            format!("an object with the keys {}", keys.join(", "))
        }
    }
}

fn row(entry: &Value) -> Map<String, Value> {
    match entry {
        Value::Object(map) => map.clone(),
        other => Map::from_iter([("value".to_owned(), other.clone())]),
    }
}

/// Cells without a column are kept under a number; columns without a cell are null.
fn table_row(columns: &[String], cells: &Value) -> Map<String, Value> {
    let Value::Array(cells) = cells else { return row(cells) };
    let name = |i: usize| columns.get(i).cloned().unwrap_or_else(|| numbered(i));
    (0..columns.len().max(cells.len()))
        .map(|i| (name(i), cells.get(i).cloned().unwrap_or_default()))
        .collect()
}

/// The names of columns, which are texts or objects with a name: `{"name": "state", "type": "string"}`.
pub(super) fn column_names(columns: &[Value]) -> Vec<String> {
    let name = |(i, column): (usize, &Value)| {
        let name = column.as_str().or_else(|| column.get("name")?.as_str());
        name.map_or_else(|| numbered(i), str::to_owned)
    };
    columns.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_of_every_shape() {
        let expected = json!([{"name": "a", "state": "RUNNING"}, {"name": "b", "state": null}]);
        for payload in [
            json!([{"name": "a", "state": "RUNNING"}, {"name": "b", "state": null}]),
            json!({"data": [{"name": "a", "state": "RUNNING"}, {"name": "b", "state": null}]}),
            json!({"columns": ["name", "state"], "rows": [["a", "RUNNING"], ["b"]]}),
            json!({"columns": [{"name": "name"}, {"name": "state"}], "rows": [["a", "RUNNING"], ["b", null]]}),
            json!({"showClustersApiResponse": [{"name": "a", "state": "RUNNING"}, {"name": "b", "state": null}]}),
            json!({"showClustersApiResponse": {"columns": ["name", "state"], "rows": [["a", "RUNNING"], ["b"]]}}),
        ] {
            let rows = rows(unwrapped(&payload));
            assert_eq!(serde_json::to_value(rows).unwrap(), expected, "{payload}");
        }
    }

    #[test]
    fn rows_of_what_is_no_table() {
        for (payload, expected) in [
            (json!(null), json!([])),
            (json!({}), json!([])),
            (json!({"xApiResponse": {}}), json!([])),
            (json!({"name": "a"}), json!([{"name": "a"}])),
            (json!({"columns": ["a"], "rows": []}), json!([])),
            (
                json!({"columns": ["a"], "rows": [["x", "y"], 7]}),
                json!([{"a": "x", "column_2": "y"}, {"value": 7}]),
            ),
            (json!(["a", 1]), json!([{"value": "a"}, {"value": 1}])),
            (json!("text"), json!([{"value": "text"}])),
            (json!({"aApiResponse": 1, "bApiResponse": 2}), json!([{"aApiResponse": 1, "bApiResponse": 2}])),
        ] {
            assert_eq!(serde_json::to_value(rows(unwrapped(&payload))).unwrap(), expected, "{payload}");
        }
    }

    #[test]
    fn texts_of_every_shape() {
        for payload in [
            json!({"name": "a", "state": "RUNNING", "status": "x"}),
            json!([{"State": "RUNNING"}]),
            json!({"state": null, "status": "RUNNING"}),
            json!({"state": " ", "status": "RUNNING"}),
            json!({"columns": ["name", "state"], "rows": [["a", "RUNNING"]]}),
            json!({"data": [{"state": "RUNNING"}]}),
            json!({"cluster": {"status": "RUNNING"}}),
        ] {
            assert_eq!(text(&payload, &["state", "status"]).as_deref(), Some("RUNNING"), "{payload}");
        }
        for payload in [
            json!(null),
            json!({}),
            json!({"state": 1}),
            json!([{"state": "a"}, {"state": "b"}]),
            json!({"name": "a", "options": {"state": "RUNNING"}}),
            json!({"options": {"state": "RUNNING"}, "name": "a"}),
            json!("RUNNING"),
        ] {
            assert_eq!(text(&payload, &["state", "status"]), None, "{payload}");
        }
    }

    #[test]
    fn words_of_failures() {
        let words = |code: Option<&str>, message: Option<&str>| Words {
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
        };
        for (payload, expected) in [
            (json!(null), words(None, None)),
            (json!("text"), words(None, None)),
            (json!({"name": "a"}), words(None, None)),
            (json!({"error": "NOT_FOUND", "message": "m"}), words(Some("NOT_FOUND"), Some("m"))),
            (json!({"xApiResponse": {"errorCode": 5, "errorMessage": "m"}}), words(Some("5"), Some("m"))),
            (json!({"error": {"code": "c", "message": " m "}}), words(Some("c"), Some("m"))),
            (json!({"error": "it is not there"}), words(None, Some("it is not there"))),
            (json!({"error_code": "c", "error": "why not"}), words(Some("c"), Some("why not"))),
            (json!({"message": ""}), words(None, None)),
        ] {
            assert_eq!(super::words(&payload), expected, "{payload}");
        }
    }
}
