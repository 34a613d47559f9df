//! Every field of an answer, removed and set to null in turn.

use std::collections::BTreeSet;

use serde_json::Value;

/// An answer with one field less.
pub(crate) struct Changed {
    /// The field without the places in lists: `databases[].id`.
    pub(crate) field: String,
    /// The answer.
    pub(crate) answer: Value,
}

/// The answer with each field, however deep, removed and set to null.
pub(crate) fn changed(answer: &Value) -> Vec<Changed> {
    let mut paths = Vec::new();
    collect(answer, &mut Vec::new(), &mut paths);
    let mut all = Vec::new();
    for path in paths {
        for is_null in [false, true] {
            let mut answer = answer.clone();
            change(&mut answer, &path, is_null);
            all.push(Changed { field: shown(&path), answer });
        }
    }
    all
}

#[derive(Clone)]
enum Step {
    Key(String),
    Entry(usize),
}

fn collect(value: &Value, path: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                path.push(Step::Key(key.clone()));
                all.push(path.clone());
                collect(value, path, all);
                path.pop();
            }
        }
        Value::Array(entries) => {
            for (i, value) in entries.iter().enumerate() {
                path.push(Step::Entry(i));
                collect(value, path, all);
                path.pop();
            }
        }
        _ => {}
    }
}

fn change(value: &mut Value, path: &[Step], is_null: bool) {
    match (value, path) {
        (Value::Object(map), [Step::Key(key)]) if is_null => {
            map.insert(key.clone(), Value::Null);
        }
        (Value::Object(map), [Step::Key(key)]) => {
            map.shift_remove(key);
        }
        (Value::Object(map), [Step::Key(key), rest @ ..]) => {
            change(map.get_mut(key).unwrap(), rest, is_null);
        }
        (Value::Array(entries), [Step::Entry(i), rest @ ..]) => change(&mut entries[*i], rest, is_null),
        _ => panic!("no such path"),
    }
}

fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Entry(_) => text.push_str("[]"),
        }
    }
    text
}

/// Compares the fields whose absence was an error with the identity fields. `is_all`: every one of them has
/// to be there.
pub(crate) fn compare(missed: &BTreeSet<String>, identities: &[&str], is_all: bool) {
    let unexpected: Vec<_> = missed.iter().filter(|field| !identities.contains(&&***field)).collect();
    assert!(unexpected.is_empty(), "these are required, and no identity: {unexpected:#?}");
    let optional: Vec<_> = identities.iter().filter(|field| !missed.contains(**field)).collect();
    assert!(!is_all || optional.is_empty(), "these are not required: {optional:#?}");
}
