//! JSON pointers (RFC 6901), with which `--query` chooses a part of a result.

use serde_json::Value;

use crate::near::{did_you_mean, nearest};
use crate::output::visible;

/// The most keys that a message lists.
const MAX_LISTED: usize = 20;

/// A pointer whose syntax was checked before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// Returns the pointer as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns why a value has no such part, and what it has in its place.
    pub(crate) fn missing_in(&self, value: &Value) -> String {
        let (mut part, mut at) = (value, String::new());
        for token in self.0.split('/').skip(1) {
            let key = token.replace("~1", "/").replace("~0", "~");
            let next = format!("{at}/{token}");
            match part.pointer(&format!("/{token}")) {
                Some(inner) => (part, at) = (inner, next),
                None => return visible(&missing(part, &at, &key)),
            }
        }
        "it has this part".to_owned()
    }
}

/// Why this part, which is at `at`, has no such key.
fn missing(part: &Value, at: &str, key: &str) -> String {
    let place = if at.is_empty() { "the result".to_owned() } else { format!("`{at}`") };
    match part {
        Value::Object(map) if map.is_empty() => format!("{place} is empty"),
        Value::Object(map) => {
            let near = nearest(key, map.keys().map(String::as_str));
            let advice = if near.is_empty() {
                let keys: Vec<&str> = map.keys().take(MAX_LISTED).map(String::as_str).collect();
                let more = if map.len() > MAX_LISTED { ", …" } else { "" };
                format!("Its keys are {}{more}.", keys.join(", "))
            } else {
                let pointers: Vec<String> = near.iter().map(|key| format!("{at}/{}", escaped(key))).collect();
                did_you_mean(&pointers.iter().map(String::as_str).collect::<Vec<_>>())
            };
            format!("{place} has no key {key:?}. {advice}")
        }
        Value::Array(list) if list.is_empty() => format!("{place} is an empty list"),
        Value::Array(list) => {
            let is_number = key.parse::<usize>().is_ok();
            let has_key = list[0].get(key).is_some();
            let advice = match (is_number, has_key) {
                (false, true) => format!(" {}", did_you_mean(&[&format!("{at}/0/{}", escaped(key))])),
                _ => String::new(),
            };
            match list.len() {
                1 => format!("{place} is a list with the entry `{at}/0` alone.{advice}"),
                count => {
                    format!("{place} is a list with the entries `{at}/0` to `{at}/{}`.{advice}", count - 1)
                }
            }
        }
        Value::Null => format!("{place} is null"),
        _ => format!("{place} is a single value"),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Reads a pointer: empty, or parts that each begin with `/`; `~` only as `~0` or `~1`.
pub(crate) fn pointer(text: &str) -> Result<Pointer, String> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err(format!("a JSON pointer begins with `/`: write `/{text}`"));
    }
    if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return Err("in a JSON pointer `~` is written `~0`, and `/` inside a key `~1`".to_owned());
    }
    Ok(Pointer(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn syntax_is_checked() {
        for good in ["", "/", "/a/0/b", "/a~1b~0c"] {
            assert_eq!(pointer(good).unwrap().as_str(), good);
        }
        for bad in ["a", "a/b", "/a~", "/a~2"] {
            assert!(pointer(bad).is_err(), "{bad}");
        }
        assert!(pointer("state").unwrap_err().contains("`/state`"));
    }

    #[test]
    fn what_is_there_instead_is_said() {
        let value = json!([{"cluster_name": "c1", "a/b": {"x": null}}, {}]);
        for (text, expected) in [
            ("/0/cluster_nam", "`/0` has no key \"cluster_nam\". Did you mean `/0/cluster_name`?"),
            (
                "/cluster_name",
                "the result is a list with the entries `/0` to `/1`. Did you mean `/0/cluster_name`?",
            ),
            ("/9", "the result is a list with the entries `/0` to `/1`."),
            ("/0/a~1c", "`/0` has no key \"a/c\". Did you mean `/0/a~1b`?"),
            ("/0/zzzzzz", "`/0` has no key \"zzzzzz\". Its keys are cluster_name, a/b."),
            ("/1/x", "`/1` is empty"),
            ("/0/a~1b/x/y", "`/0/a~1b/x` is null"),
            ("/0/cluster_name/0", "`/0/cluster_name` is a single value"),
        ] {
            assert_eq!(pointer(text).unwrap().missing_in(&value), expected, "{text}");
        }
        assert_eq!(pointer("/x").unwrap().missing_in(&json!([])), "the result is an empty list");
        let one = pointer("/1").unwrap().missing_in(&json!([{}]));
        assert_eq!(one, "the result is a list with the entry `/0` alone.");
    }
}
