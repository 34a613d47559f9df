//! Inputs of a run: `KEY=TEXT`, and `KEY:=JSON` for a bool or an integer.

use controlplane::h2o_workflows::InputValue;
use serde_json::Value;

/// An input of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) key: String,
    pub(super) value: InputValue,
}

/// Reads an input. Its value may be secret, so no message shows it.
pub(super) fn input(text: &str) -> Result<Input, String> {
    let (key, value) =
        text.split_once('=').ok_or("write KEY=TEXT, or KEY:=VALUE for a bool or an integer")?;
    let (key, value) = match key.strip_suffix(':') {
        None => (key, InputValue::from(value)),
        Some(key) => {
            let value = match serde_json::from_str::<Value>(value) {
                Ok(Value::Bool(value)) => InputValue::from(value),
                Ok(Value::String(value)) => InputValue::from(value),
                Ok(Value::Number(number)) => match number.as_i64() {
                    Some(value) => InputValue::from(value),
                    None => return Err(format!("the number of the input {key:?} is not a 64-bit integer")),
                },
                _ => {
                    return Err(format!(
                        "the value of the input {key:?} is not a bool, an integer or a JSON string"
                    ));
                }
            };
            (key, value)
        }
    };
    if key.is_empty() {
        return Err("the name of the input is empty: write KEY=TEXT or KEY:=VALUE".to_owned());
    }
    Ok(Input { key: key.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_text_unless_they_are_written_as_json() {
        for (text, key, value) in [
            ("who=you", "who", InputValue::from("you")),
            ("who=", "who", InputValue::from("")),
            ("who=a=b", "who", InputValue::from("a=b")),
            ("n=1", "n", InputValue::from("1")),
            ("n:=1", "n", InputValue::from(1_i64)),
            ("b:=true", "b", InputValue::from(true)),
            ("s:=\"x\"", "s", InputValue::from("x")),
        ] {
            let read = input(text).unwrap();
            assert_eq!((read.key.as_str(), read.value), (key, value), "{text}");
        }
        for text in ["who", "=x", ":=1", "n:=1.5", "n:=hunter2", "n:=[1]", "n:=99999999999999999999"] {
            let error = input(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
