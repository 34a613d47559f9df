//! Whether an output holds everything that a recording has.

use serde_json::Value;

/// What counts as equal beyond being the same JSON.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// True for a value that stands for `null` in the recording: the default of its type.
    pub(crate) is_default: fn(&Value) -> bool,
    /// True if two texts mean the same.
    pub(crate) is_same_text: fn(&str, &str) -> bool,
}

/// True if everything that is expected is there. Numbers compare by value; the output may have further
/// fields.
pub(crate) fn fits(got: &Value, expected: &Value, rules: Rules) -> bool {
    let fits = |got, expected| fits(got, expected, rules);
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| fits(got.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(got, expected)| fits(got, expected))
        }
        (Value::Number(_), Value::Number(_)) => is_same_number(got, expected),
        (Value::String(got), Value::String(expected)) => {
            got == expected || (rules.is_same_text)(got, expected)
        }
        (got, Value::Null) => got.is_null() || (rules.is_default)(got),
        _ => got == expected,
    }
}

/// True if two numbers are equal: integers as integers, and as floating point if one of them has a point.
pub(crate) fn is_same_number(got: &Value, expected: &Value) -> bool {
    got == expected || (got.is_f64() || expected.is_f64()) && got.as_f64() == expected.as_f64()
}
