//! A validator for the keywords that the schemas use. `.ci/run` asks another one about the same documents.

use serde_json::Value;

/// True if a value fits a schema. `root` has the definitions.
pub(crate) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return schema != &Value::Bool(false) };
    schema.iter().all(|(keyword, limit)| {
        let each = |check: &mut dyn FnMut(&Value) -> bool| {
            limit.as_array().unwrap().iter().filter(|one| check(one)).count()
        };
        match (&**keyword, value) {
            ("$schema" | "title" | "description" | "$defs" | "format" | "contentEncoding", _) => true,
            ("$ref", _) => {
                let path = limit.as_str().unwrap().trim_start_matches('#');
                fits(root, root.pointer(path).unwrap_or_else(|| panic!("{path}")), value)
            }
            ("type", _) => match limit {
                Value::Array(types) => types.iter().any(|kind| is(kind.as_str().unwrap(), value)),
                kind => is(kind.as_str().unwrap(), value),
            },
            ("const", _) => limit == value,
            ("enum", _) => limit.as_array().unwrap().contains(value),
            ("anyOf", _) => each(&mut |one| fits(root, one, value)) > 0,
            ("oneOf", _) => each(&mut |one| fits(root, one, value)) == 1,
            ("allOf", _) => each(&mut |one| !fits(root, one, value)) == 0,
            ("not", _) => !fits(root, limit, value),
            ("minimum", Value::Number(number)) => compare(number, limit) >= 0.0,
            ("maximum", Value::Number(number)) => compare(number, limit) <= 0.0,
            ("minLength", Value::String(text)) => text.chars().count() as u64 >= limit.as_u64().unwrap(),
            ("pattern", Value::String(text)) => matches(limit.as_str().unwrap(), text),
            ("items", Value::Array(items)) => items.iter().all(|item| fits(root, limit, item)),
            ("minItems", Value::Array(items)) => items.len() as u64 >= limit.as_u64().unwrap(),
            ("required", Value::Object(map)) => {
                limit.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap()))
            }
            ("properties", Value::Object(map)) => limit
                .as_object()
                .unwrap()
                .iter()
                .all(|(name, schema)| map.get(name).is_none_or(|value| fits(root, schema, value))),
            ("additionalProperties", Value::Object(map)) => {
                let known = schema.get("properties").and_then(Value::as_object);
                map.iter()
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                    .all(|(_, value)| fits(root, limit, value))
            }
            ("minProperties", Value::Object(map)) => map.len() as u64 >= limit.as_u64().unwrap(),
            ("maxProperties", Value::Object(map)) => map.len() as u64 <= limit.as_u64().unwrap(),
            (
                "minimum"
                | "maximum"
                | "minLength"
                | "pattern"
                | "items"
                | "minItems"
                | "required"
                | "properties"
                | "additionalProperties"
                | "minProperties"
                | "maxProperties",
                _,
            ) => true,
            _ => panic!("the keyword {keyword} is not known here"),
        }
    })
}

fn is(kind: &str, value: &Value) -> bool {
    match (kind, value) {
        ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
        ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("boolean", Value::Bool(_))
        | ("null", Value::Null)
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer" | "number" | "string" | "boolean" | "null" | "array" | "object", _) => false,
        _ => panic!("the type {kind} is not known here"),
    }
}

fn compare(number: &serde_json::Number, limit: &Value) -> f64 {
    match (number.as_i128(), limit.as_i128()) {
        (Some(number), Some(limit)) => (number - limit).signum() as f64,
        _ => number.as_f64().unwrap() - limit.as_f64().unwrap(),
    }
}

trait Whole {
    fn as_i128(&self) -> Option<i128>;
}

impl Whole for Value {
    fn as_i128(&self) -> Option<i128> {
        self.as_i64().map(i128::from).or_else(|| self.as_u64().map(i128::from))
    }
}

/// An integer, or `^(one|two)$`, where a letter may be a class of two: `[Aa]`.
fn matches(pattern: &str, text: &str) -> bool {
    if pattern == "^[+-]?[0-9]+$" {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    }
    let inner = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$")).unwrap();
    inner.split('|').any(|one| {
        let (mut pattern, mut text) = (one.chars(), text.chars());
        while let Some(c) = pattern.next() {
            let Some(found) = text.next() else { return false };
            let fits = match c {
                '[' => {
                    let class: Vec<char> = pattern.by_ref().take_while(|c| *c != ']').collect();
                    class.contains(&found)
                }
                '\\' => pattern.next() == Some(found),
                c => c == found,
            };
            if !fits {
                return false;
            }
        }
        text.next().is_none()
    })
}

#[test]
fn a_pattern_is_a_list_of_texts_in_any_case() {
    for (text, fits) in
        [("ab", true), ("AB", true), ("a.1", true), ("a-1", false), ("abc", false), ("", false)]
    {
        assert_eq!(matches("^([Aa][Bb]|[Aa]\\.1)$", text), fits, "{text}");
    }
}
