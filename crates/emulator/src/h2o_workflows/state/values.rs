//! The values that a run is started with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::h2o_workflows::refusal::Refusal;
use crate::h2o_workflows::source::{CallInput, Input, InputType};

/// What a run was given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Values {
    /// `InputValues`, as it is shown: without what is secret.
    pub(super) shown: Value,
    /// Every input that has a value, its default if none was given, as text.
    pub(super) texts: Vec<(String, String)>,
    /// The texts that are secret.
    pub(super) secrets: Vec<String>,
}

/// One value as it came.
enum Given {
    Text(String),
    Bool(bool),
    Int(i64),
}

impl Values {
    /// By the body of a request: `InputValues`, or nothing.
    pub(super) fn read(inputs: &[Input], body: Option<&Value>) -> Result<Self, Refusal> {
        let empty = Map::new();
        let body = match body {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(body)) => body,
            Some(_) => return Err(Refusal::argument("inputs is not an object")),
        };
        let mut given = Vec::new();
        for (key, list) in body {
            let read: fn(&Value) -> Option<Given> = match key.as_str() {
                "stringValues" => |value| Some(Given::Text(value.as_str()?.to_owned())),
                "boolValues" => |value| Some(Given::Bool(value.as_bool()?)),
                // The mapping of 64-bit integers to JSON: text, and numbers are accepted.
                "intValues" => |value| match value {
                    Value::String(text) => text.parse().ok().map(Given::Int),
                    other => other.as_i64().map(Given::Int),
                },
                _ => {
                    let key = crate::text::one_line(key, 60);
                    return Err(Refusal::argument(format!("inputs.{key} is not known")));
                }
            };
            let list = match list {
                Value::Null => continue,
                Value::Array(list) => list,
                _ => return Err(Refusal::argument(format!("inputs.{key} is not a list"))),
            };
            for one in list {
                let bad = |why: &str| Refusal::argument(format!("inputs.{key}: {why}"));
                let one = one.as_object().ok_or_else(|| bad("a value is not an object"))?;
                // `redacted` is for answers; what a client sends back of it does not count.
                if one.keys().any(|name| !matches!(name.as_str(), "parameter" | "value" | "redacted")) {
                    return Err(bad("a value has parameter and value, and nothing else"));
                }
                let parameter = one
                    .get("parameter")
                    .and_then(Value::as_str)
                    .ok_or_else(|| bad("parameter is missing"))?;
                let default = match key.as_str() {
                    "stringValues" => json!(""),
                    "boolValues" => json!(false),
                    _ => json!("0"),
                };
                let value = read(one.get("value").unwrap_or(&default)).ok_or_else(|| {
                    bad(&format!("the value of {} has the wrong type", crate::text::one_line(parameter, 60)))
                })?;
                given.push((parameter.to_owned(), value));
            }
        }
        Self::of(inputs, given)
    }

    /// By what a job that calls a workflow gives it.
    pub(super) fn of_call(inputs: &[Input], given: Vec<(String, CallInput)>) -> Result<Self, Refusal> {
        let given = given.into_iter().map(|(parameter, value)| {
            let value = match value {
                CallInput::Text(text) => Given::Text(text),
                CallInput::Bool(flag) => Given::Bool(flag),
                CallInput::Int(number) => Given::Int(number),
            };
            (parameter, value)
        });
        Self::of(inputs, given.collect())
    }

    fn of(inputs: &[Input], given: Vec<(String, Given)>) -> Result<Self, Refusal> {
        let mut values = Self::default();
        let (mut strings, mut bools, mut ints) = (Vec::new(), Vec::new(), Vec::new());
        for (parameter, value) in given {
            let shown = crate::text::one_line(&parameter, 60);
            let Some(input) = inputs.iter().find(|input| input.parameter == parameter) else {
                return Err(Refusal::argument(format!("input {shown} is not defined")));
            };
            if values.texts.iter().any(|(other, _)| *other == parameter) {
                return Err(Refusal::argument(format!("input {shown} is given twice")));
            }
            let text = match (value, input.input_type) {
                (Given::Text(text), InputType::String) => {
                    let value = if input.secret { "" } else { &text };
                    strings.push(json!({ "parameter": parameter, "value": value, "redacted": input.secret }));
                    text
                }
                (Given::Bool(flag), InputType::Bool) => {
                    bools.push(json!({ "parameter": parameter, "value": flag }));
                    flag.to_string()
                }
                (Given::Int(number), InputType::Int) => {
                    ints.push(json!({ "parameter": parameter, "value": number.to_string() }));
                    number.to_string()
                }
                _ => return Err(Refusal::argument(format!("input {shown} has another type"))),
            };
            values.texts.push((parameter, text));
        }
        for input in inputs {
            if values.texts.iter().any(|(other, _)| *other == input.parameter) {
                continue;
            }
            match &input.default {
                Some(Value::String(text)) => values.texts.push((input.parameter.clone(), text.clone())),
                Some(other) => values.texts.push((input.parameter.clone(), other.to_string())),
                None if input.required => {
                    return Err(Refusal::argument(format!("input {} is required", input.parameter)));
                }
                None => {}
            }
        }
        let secret = |name: &String| inputs.iter().any(|input| input.secret && input.parameter == *name);
        values.secrets = values
            .texts
            .iter()
            .filter(|(name, text)| secret(name) && !text.is_empty())
            .map(|(_, text)| text.clone())
            .collect();
        values.shown = json!({ "stringValues": strings, "boolValues": bools, "intValues": ints });
        Ok(values)
    }
}
