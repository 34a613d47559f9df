//! What runs are given, and what workflows and actions say about that.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::redact::REDACTED;
use crate::wire::{integer, or_default};

/// What a run is given. The API keeps the three types apart.
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
    /// Texts.
    #[serde(default, deserialize_with = "or_default", alias = "string_values")]
    pub string_values: Vec<StringValue>,
    /// Truth values.
    #[serde(default, deserialize_with = "or_default", alias = "bool_values")]
    pub bool_values: Vec<BoolValue>,
    /// Integers.
    #[serde(default, deserialize_with = "or_default", alias = "int_values")]
    pub int_values: Vec<IntValue>,
}

impl InputValues {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// And this.
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

    /// As they are sent: without what only the service says.
    pub(super) fn to_body(&self) -> Value {
        let strings: Vec<Value> =
            self.string_values.iter().map(|v| json!({"parameter": v.parameter, "value": v.value})).collect();
        json!({"stringValues": strings, "boolValues": self.bool_values, "intValues": self.int_values})
    }
}

/// A value of one of the three types.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputValue {
    /// A text.
    String(String),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
}

/// Texts may be secret.
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

/// A text for an input. `Debug` does not show it: it may be a secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StringValue {
    /// Which input.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its value.
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    /// True if the service has blanked out a secret. Never sent.
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

/// A truth value for an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoolValue {
    /// Which input.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Its value.
    #[serde(default, deserialize_with = "or_default")]
    pub value: bool,
}

/// An integer for an input. The API writes it as text; numbers are read as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntValue {
    /// Which input.
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

/// What a run may be given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct InputDefinitions {
    /// Texts.
    #[serde(default, deserialize_with = "or_default")]
    pub string_inputs: Vec<StringInput>,
    /// Truth values.
    #[serde(default, deserialize_with = "or_default")]
    pub bool_inputs: Vec<BoolInput>,
    /// Integers.
    #[serde(default, deserialize_with = "or_default")]
    pub int_inputs: Vec<IntInput>,
}

/// An input that is a text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct StringInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run must be given one. A default is as good.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// What it is.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Whether it is a secret. The default of a secret does not show in `Debug`.
    #[serde(default, deserialize_with = "or_default")]
    pub secret: bool,
    /// What it is if a run is given none.
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

/// An input that is true or false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct BoolInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run must be given one. A default is as good.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// What it is.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// What it is if a run is given none.
    #[serde(default, deserialize_with = "or_default")]
    pub default_value: Option<bool>,
}

/// An input that is an integer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct IntInput {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// Whether a run must be given one. A default is as good.
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    /// What it is.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// What it is if a run is given none. The API writes it as text.
    #[serde(default, serialize_with = "as_text_or_null", deserialize_with = "integer")]
    pub default_value: Option<i64>,
}

/// What an action gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputDefinitions {
    /// Each of them.
    #[serde(default, deserialize_with = "or_default")]
    pub outputs: Vec<OutputDefinition>,
}

/// One thing that an action gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputDefinition {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub parameter: String,
    /// What it is.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}
