//! The inputs that a workflow or an action declares.

use serde_json::{Value, json};

use super::check::{Checker, Fields, Severity};
use super::yaml::Data;

/// The types of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum InputType {
    String,
    Bool,
    Int,
}

/// An input.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Input {
    pub(in super::super) parameter: String,
    pub(in super::super) input_type: InputType,
    pub(in super::super) required: bool,
    pub(in super::super) description: String,
    pub(in super::super) secret: bool,
    /// As the wire has it: an integer is text.
    pub(in super::super) default: Option<Value>,
}

/// `InputDefinitions`.
pub(in super::super) fn definitions(inputs: &[Input]) -> Value {
    let of = |wanted: InputType| -> Vec<Value> {
        let of_type = inputs.iter().filter(|input| input.input_type == wanted);
        of_type
            .map(|input| {
                let mut definition = json!({
                    "parameter": input.parameter,
                    "required": input.required,
                    "description": input.description,
                });
                if wanted == InputType::String {
                    definition["secret"] = json!(input.secret);
                }
                definition["defaultValue"] = input.default.clone().unwrap_or_default();
                definition
            })
            .collect()
    };
    json!({
        "stringInputs": of(InputType::String),
        "boolInputs": of(InputType::Bool),
        "intInputs": of(InputType::Int),
    })
}

/// Reads the field `inputs`.
pub(super) fn read(checker: &mut Checker, fields: &Fields<'_>, unknown: Severity) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (parameter, place, node) in checker.entries(fields, "inputs") {
        let path = format!("{}.{parameter}", fields.path_of("inputs"));
        if parameter.is_empty() {
            checker.error(place, &path, "the name of an input cannot be empty");
        }
        let known = ["type", "required", "default", "description", "secret"];
        let Some(input) = checker.fields(node, &path, &known, unknown) else { continue };
        checker.needed(&input, "type");
        let Some(name) = checker.text(&input, "type") else { continue };
        let input_type = match name.as_str() {
            "string" => InputType::String,
            "bool" => InputType::Bool,
            "int" => InputType::Int,
            _ => {
                checker.error(input.place, &input.path_of("type"), "the type has to be string, bool or int");
                continue;
            }
        };
        let secret = checker.flag(&input, "secret", false);
        if secret && input_type != InputType::String {
            checker.error(input.place, &input.path_of("secret"), "only a string can be secret");
        }
        let default = input.get("default").and_then(|node| match (&node.data, input_type) {
            (Data::Text(text), InputType::String) => Some(json!(text)),
            (Data::Bool(flag), InputType::Bool) => Some(json!(flag)),
            (Data::Int(number), InputType::Int) => Some(json!(number.to_string())),
            _ => {
                let message = format!("{} cannot be the default of an input of type {name}", node.is_a());
                checker.error(node.place, &input.path_of("default"), message);
                None
            }
        });
        inputs.push(Input {
            parameter: parameter.to_owned(),
            input_type,
            required: checker.flag(&input, "required", false),
            description: checker.text(&input, "description").unwrap_or_default(),
            secret,
            default,
        });
    }
    inputs
}
