//! Documents to compare a schema with the reader: recorded ones, those with all fields, and wrong ones of each.

use std::path::Path;

use serde_json::{Value, json};

use crate::hole::{Hole, Reads};
use crate::learn::sample;

/// Values that replace others.
fn junk() -> Vec<Value> {
    let text = "null, true, 0, 1, -1, 300, 1.5, \"x\", \"\", \"managed\", [], [[]], [1], [\"x\"], {}, {\"k\": 1}, {\"k\": \"x\"},
        {\"other\": \"x\"}, 18446744073709551615, -9223372036854775808";
    serde_json::from_str(&format!("[{text}]")).unwrap()
}

/// The recorded commands of the files that begin so.
pub(crate) fn recorded(service: &str) -> Vec<Value> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with(service) || !name.ends_with(".jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(path).unwrap().lines().filter(|line| !line.trim().is_empty()) {
            let case: Value = serde_json::from_str(line).unwrap();
            let name = case.get("op").or_else(|| case.get("helper")).and_then(Value::as_str);
            if let (Some(name), Some(args)) = (name, case.get("args")) {
                all.push(json!({name: args}));
            }
        }
    }
    all
}

/// A document with as many fields of a command as can be together.
pub(crate) fn whole(reads: Reads, name: &str, schema: &Value) -> Value {
    let place = Hole::new(reads).field(&[], name);
    let value = filled(&place, schema);
    json!({name: value})
}

fn filled(hole: &Hole, schema: &Value) -> Value {
    let plain = || serde_json::from_str(&sample(hole).unwrap()).unwrap();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return plain() };
    // A command in a field: an object with one key, its name.
    if schema.get("maxProperties").is_some_and(|most| most == 1) {
        let (name, schema) = properties.iter().next().unwrap();
        return json!({name: filled(&hole.field(&[], name), schema)});
    }
    let mut object: Value = plain();
    let mut fields: Vec<(String, String)> = match object.as_object() {
        Some(map) => map.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        None => return object,
    };
    for (name, schema) in properties {
        let place = hole.field(&fields, name);
        // Another name of a field that is there.
        if place.asks("null").message().starts_with("duplicate field") || sample(&place).is_none() {
            continue;
        }
        let value = filled(&place, schema);
        let mut with = object.clone();
        with[name] = value.clone();
        if hole.takes(&with.to_string()) {
            fields.retain(|(other, _)| other != name);
            fields.push((name.clone(), value.to_string()));
            object = with;
        }
    }
    object
}

/// Changed copies of a document: without each part, with each part replaced, and with an unknown key.
pub(crate) fn changed(document: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let mut all = Vec::new();
    for place in places {
        let (parent, key) = place.rsplit_once('/').unwrap_or(("", ""));
        if !place.is_empty() {
            let mut without = document.clone();
            match without.pointer_mut(parent) {
                Some(Value::Object(map)) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
                Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
                _ => {}
            }
            all.push(without);
        }
        let here = document.pointer(&place).unwrap();
        for value in junk() {
            // serde reads a list as the fields of a structure in their order. No plan is written so.
            if here.is_object() && value.is_array() {
                continue;
            }
            let mut with = document.clone();
            *with.pointer_mut(&place).unwrap() = value;
            all.push(with);
        }
        if let Some(map) = here.as_object() {
            let mut with = document.clone();
            with.pointer_mut(&place).unwrap()["?!"] = json!(1);
            all.push(with);
            if map.is_empty() {
                continue;
            }
            for (key, value) in map {
                let text = value.as_str().filter(|text| !text.is_empty());
                let Some(text) = text else { continue };
                for changed in [text.to_ascii_uppercase(), text.to_ascii_lowercase(), format!("{text}?")] {
                    let mut with = document.clone();
                    with.pointer_mut(&place).unwrap()[key] = json!(changed);
                    all.push(with);
                }
            }
        }
    }
    all
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        // One item stands for the others.
        Value::Array(items) => {
            if let Some(item) = items.first() {
                collect(item, format!("{place}/0"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}
