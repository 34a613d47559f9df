//! Comma-separated values.

use serde_json::Value;

use super::rows::Rows;

/// Renders an array of objects as a header and one record for each, an object as one record, other values as
/// one column named `value`. Nothing for null.
pub(super) fn render(value: &Value) -> Vec<u8> {
    let one;
    let rows = match value {
        Value::Null => return Vec::new(),
        Value::Object(_) => {
            one = Value::Array(vec![value.clone()]);
            &one
        }
        Value::Array(_) if Rows::of(value).is_some() => value,
        other => {
            let entries = other.as_array().cloned().unwrap_or_else(|| vec![other.clone()]);
            one = entries.into_iter().map(|entry| serde_json::json!({ "value": entry })).collect();
            &one
        }
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(rows) = Rows::of(rows).filter(|rows| !rows.columns.is_empty()) {
        // Writing to memory does not fail, and all records have the length of the header.
        let _ = writer.write_record(&rows.columns);
        for row in rows.cells() {
            let _ = writer.write_record(row);
        }
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        String::from_utf8(render(value)).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_needed_and_nothing_is_lost() {
        let rows = json!([{"name": "a,\"b\"\nc", "n": 1}, {"n": null, "o": {"k": [1]}}]);
        assert_eq!(text(&rows), "name,n,o\n\"a,\"\"b\"\"\nc\",1,\n,,\"{\"\"k\"\":[1]}\"\n");
        assert_eq!(text(&json!({"a": 1, "b": "x"})), "a,b\n1,x\n");
        assert_eq!(text(&json!(["x", 2])), "value\nx\n2\n");
        assert_eq!(text(&json!("x")), "value\nx\n");
        assert_eq!(text(&Value::Null), "");
        assert_eq!(text(&json!([])), "");
    }
}
