//! The place of an error in a JSON document.

use crate::text::one_line;

/// What is open at a place.
enum Open {
    Object { key: String, expects_key: bool },
    Array { index: usize },
}

/// The place as a JSON pointer: `/state/clusters/0/name`. Lines and columns are those of `serde_json`: both
/// from 1, columns in bytes.
pub(super) fn of(text: &str, line: usize, column: usize) -> String {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let bytes = text.as_bytes();
    let end = start.saturating_add(column).min(bytes.len());
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while at < end {
        match bytes[at] {
            b'"' => {
                let from = at + 1;
                at = from;
                while at < end && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if let Some(Open::Object { key, expects_key: true }) = open.last_mut() {
                    *key = String::from_utf8_lossy(&bytes[from..at.min(end)]).into_owned();
                }
            }
            b'{' => open.push(Open::Object { key: String::new(), expects_key: true }),
            b'[' => open.push(Open::Array { index: 0 }),
            b',' => match open.last_mut() {
                Some(Open::Object { expects_key, .. }) => *expects_key = true,
                Some(Open::Array { index }) => *index += 1,
                None => {}
            },
            b':' => {
                if let Some(Open::Object { expects_key, .. }) = open.last_mut() {
                    *expects_key = false;
                }
            }
            // An error that is found at the end of something is about that.
            b'}' if at + 1 < end => drop(open.pop()),
            b'}' => {
                if let Some(Open::Object { key, .. }) = open.last_mut() {
                    key.clear();
                }
            }
            b']' if at + 1 < end => drop(open.pop()),
            _ => {}
        }
        at += 1;
    }
    let mut pointer = String::new();
    for one in &open {
        match one {
            Open::Object { key, .. } if key.is_empty() => {}
            Open::Object { key, .. } => {
                pointer.push('/');
                pointer.push_str(key);
            }
            Open::Array { index } => pointer.push_str(&format!("/{index}")),
        }
    }
    if pointer.is_empty() { "its beginning".to_owned() } else { one_line(&pointer, 300) }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "list")]
        _list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "a")]
        _a: u8,
        #[serde(rename = "b")]
        _b: String,
    }

    #[test]
    fn the_pointer_leads_to_the_error() {
        for (text, place) in [
            (r#"{"list": [{"a": 1, "b": "]}\""}, {"a": 2, "b": 7}]}"#, "/list/1/b"),
            ("{\"list\": [\n  {\"a\": 1, \"b\": \"x\"},\n  {\"a\": 300, \"b\": \"\"}\n]}", "/list/1/a"),
            (r#"{"list": [{"a": 1, "c": 1}]}"#, "/list/0/c"),
            (r#"{"list": [{"a": 1}]}"#, "/list/0"),
            (r#"{"list": 3}"#, "/list"),
            (r#"{"list": [], "more": 1}"#, "/more"),
            (r#"{"list": [{"a": 1, "b": "x"#, "/list/0/b"),
            ("", "its beginning"),
            ("[", "/0"),
        ] {
            let error = serde_json::from_str::<Outer>(text).unwrap_err();
            assert_eq!(of(text, error.line(), error.column()), place, "{text} {error}");
        }
    }
}
