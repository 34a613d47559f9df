//! Entries of plans that are statements or commands.

use controlplane::onehouse::AnyCommand;
use serde::Deserialize;
use serde_json::Value;

use crate::document::without_value;

use super::extra::Parsed;
use super::parser::parse;

/// An entry of a plan for the client's batches. Entries are carried out in their order, so nothing has to be
/// waited for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "key")]
    _key: String,
    command: AnyCommand,
    #[serde(default, rename = "after")]
    _after: Vec<String>,
}

/// The statement or command of an entry; `None`: it is a request.
pub(super) fn command(entry: &Value) -> Option<Result<Parsed, String>> {
    if let Value::String(statement) = entry {
        return Some(parse(statement).map_err(|e| e.without_text()));
    }
    let map = entry.as_object()?;
    if map.contains_key("path") {
        return None;
    }
    let wanted = "an entry is a statement as text, a command such as {\"create_cluster\": {…}}, an object with `key`, `command` and `after`, or a request with `method` and `path`";
    let read = if map.contains_key("command") {
        serde_json::from_value::<Entry>(entry.clone()).map(|entry| entry.command)
    } else {
        serde_json::from_value::<AnyCommand>(entry.clone())
    };
    Some(read.map(Parsed::from).map_err(|e| format!("{}; {wanted}", without_value(&e.to_string()))))
}
