//! Names and ids alone.

use serde_json::Value;

use super::text::{cell, visible};

/// Returns the name of each entry on a line of its own: its `name`, else its `id`, else the first key that
/// ends like an id, else its only value. `None` if an entry has none of them.
pub(super) fn render(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Array(entries) => entries.iter().map(|entry| name(entry).map(|name| name + "\n")).collect(),
        one => name(one).map(|name| name + "\n"),
    }
}

fn name(value: &Value) -> Option<String> {
    let Value::Object(map) = value else {
        return scalar(value);
    };
    let named = ["name", "id"].into_iter().find_map(|key| map.get(key).and_then(scalar));
    let is_id = |key: &str| key.ends_with("_id") || key.ends_with("Id");
    named
        .or_else(|| map.iter().filter(|(key, _)| is_id(key)).find_map(|(_, value)| scalar(value)))
        .or_else(|| map.values().next().filter(|_| map.len() == 1).and_then(scalar))
}

fn scalar(value: &Value) -> Option<String> {
    let is_scalar = !value.is_null() && !value.is_array() && !value.is_object();
    is_scalar.then(|| visible(&cell(value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_come_before_ids() {
        let rows = json!([{"id": "1", "name": "a"}, {"id": 2}, {"jobRunId": "r"}, {"x": "y"}, "z"]);
        assert_eq!(render(&rows).as_deref(), Some("a\n2\nr\ny\nz\n"));
        assert_eq!(render(&Value::Null).as_deref(), Some(""));
        assert_eq!(render(&json!([{"a": 1, "b": 2}])), None);
        assert_eq!(render(&json!({"name": null, "id": "i"})).as_deref(), Some("i\n"));
    }
}
