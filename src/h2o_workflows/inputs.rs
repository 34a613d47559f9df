//! Inputs of runs, and the inputs and outputs that workflows and actions declare.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::h2o_workflows::wire::{integer, or_default};
use crate::redact::REDACTED;

/// The inputs of a run, in a list for each of the three types: text, bool and integer.
///
/// ```
/// use controlplane::h2o_workflows::InputValues;
///
/// let inputs = InputValues::new().with("day", "2026-01-01").with("dry_run", true).with("epochs", 100);
/// assert_eq!(inputs.int_values[0].value, 100);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct InputValues {
    /// The inputs that are texts.
    #[serde(default, deserialize_with = "or_default", alias = "string_values")]
    pub string_values: Vec<StringValue>,
    /// The inputs that are bools.
    #[serde(default, deserialize_with = "or_default", alias = "bool_values")]
    pub bool_values: Vec<BoolValue>,
    /// The inputs that are integers.
    #[serde(default, deserialize_with = "or_default", alias = "int_values")]
    pub int_values: Vec<IntValue>,
}

impl InputValues {
    /// Returns an empty set of inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the input of this name: a text, a bool or an integer.
    pub fn with(mut self, parameter: impl Into<String>, value: impl Into<InputValue>) -> Self {
        let parameter = parameter.into();
        match value.into() {
            InputValue::String(value) => {
                self.string_values.push(StringValue { parameter, value, redacted: false });
            }
            InputValue::Bool(value) => self.bool_values.push(BoolValue { parameter, value }),
            InputValue::Int(value) => self.int_values.push(IntValue { parameter, value }),
        }
        self
    }

    /// The body of a request: without the fields that only the service sets.
    pub(super) fn to_body(&self) -> Value {
        let strings: Vec<Value> =
            self.string_values.iter().map(|v| json!({"parameter": v.parameter, "value": v.value})).collect();
        json!({"stringValues": strings, "boolValues": self.bool_values, "intValues": self.int_values})
    }
}

/// An input of one of the three types.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputValue {
    /// A text.
    String(String),
    /// A bool.
    Bool(bool),
    /// An integer.
    Int(i64),
}

/// Shows no text: it may be a secret.
impl fmt::Debug for InputValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(_) => f.write_str("String(…)"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Int(value) => write!(f, "Int({value})"),
        }
    }
}

impl From<&str> for InputValue {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for InputValue {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<bool> for InputValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for InputValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for InputValue {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

/// An input that is a text. `Debug` does not show it: it may be a secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StringValue {
    /// The name of the input.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its value.
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    /// True if the input is a secret and the service has replaced its value. This field is not sent.
    #[serde(default, deserialize_with = "or_default")]
    pub redacted: bool,
}

impl fmt::Debug for StringValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StringValue")
            .field("parameter", &self.parameter)
            .field("redacted", &self.redacted)
            .finish_non_exhaustive()
    }
}

/// An input that is a bool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoolValue {
    /// The name of the input.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its value.
    #[serde(default, deserialize_with = "or_default")]
    pub value: bool,
}

/// An input that is an integer. The API writes it as text; numbers are read too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntValue {
    /// The name of the input.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its value.
    #[serde(default, serialize_with = "as_text", deserialize_with = "integer_or_0")]
    pub value: i64,
}

fn as_text<S: Serializer>(value: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn as_text_or_null<S: Serializer>(value: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn integer_or_0<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    integer(deserializer).map(Option::unwrap_or_default)
}

/// The inputs that a workflow or a composite action declares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct InputDefinitions {
    /// The inputs that are texts.
    #[serde(default, deserialize_with = "or_default")]
    pub string_inputs: Vec<StringInput>,
    /// The inputs that are bools.
    #[serde(default, deserialize_with = "or_default")]
    pub bool_inputs: Vec<BoolInput>,
    /// The inputs that are integers.
    #[serde(default, deserialize_with = "or_default")]
    pub int_inputs: Vec<IntInput>,
}

/// The declaration of an input that is a text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct StringInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run needs a value for this input. A default value counts as one.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// Its description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Whether it is a secret. `Debug` does not show the default value of a secret.
    #[serde(default, deserialize_with = "or_default")]
    pub secret: bool,
    /// Its default value.
    #[serde(default, deserialize_with = "or_default")]
    pub default_value: Option<String>,
}

impl fmt::Debug for StringInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.default_value.as_ref().map(|_| REDACTED.to_owned());
        f.debug_struct("StringInput")
            .field("parameter", &self.parameter)
            .field("required", &self.required)
            .field("description", &self.description)
            .field("secret", &self.secret)
            .field("default_value", if self.secret { &hidden } else { &self.default_value })
            .finish()
    }
}

/// The declaration of an input that is a bool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct BoolInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run needs a value for this input. A default value counts as one.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// Its description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Its default value.
    #[serde(default, deserialize_with = "or_default")]
    pub default_value: Option<bool>,
}

/// The declaration of an input that is an integer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct IntInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run needs a value for this input. A default value counts as one.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// Its description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Its default value. The API writes it as text.
    #[serde(default, serialize_with = "as_text_or_null", deserialize_with = "integer")]
    pub default_value: Option<i64>,
}

/// The outputs of a composite action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputDefinitions {
    /// The outputs.
    #[serde(default, deserialize_with = "or_default")]
    pub outputs: Vec<OutputDefinition>,
}

/// An output of a composite action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputDefinition {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}
