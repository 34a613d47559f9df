//! `WITH` options: an ordered map of keys to values.

use std::fmt;

use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::redact::{is_secret_key, without_passwords};

/// The value of an option. Every value is written in quotes: a number as decimal text, a boolean as `'TRUE'`
/// or `'FALSE'`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum OptionValue {
    /// Text.
    String(String),
    /// A whole number.
    Int(i64),
    /// A decimal number; must be finite.
    Float(f64),
    /// True or false.
    Bool(bool),
}

impl From<&str> for OptionValue {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for OptionValue {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<&String> for OptionValue {
    fn from(value: &String) -> Self {
        Self::String(value.clone())
    }
}

impl From<i64> for OptionValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for OptionValue {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for OptionValue {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

/// A number beyond `i64` is kept as text, which is written in the same way.
impl From<u64> for OptionValue {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::String(value.to_string()), Self::Int)
    }
}

impl From<f64> for OptionValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<bool> for OptionValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl fmt::Debug for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => text.fmt(f),
            Self::Int(n) => n.fmt(f),
            Self::Float(x) => x.fmt(f),
            Self::Bool(b) => b.fmt(f),
        }
    }
}

/// A number beyond `i64` is kept as text, which is written in the same way.
impl From<i128> for OptionValue {
    fn from(value: i128) -> Self {
        i64::try_from(value).map_or_else(|_| Self::String(value.to_string()), Self::Int)
    }
}

/// A number beyond `i64` is kept as text, which is written in the same way.
impl From<u128> for OptionValue {
    fn from(value: u128) -> Self {
        i64::try_from(value).map_or_else(|_| Self::String(value.to_string()), Self::Int)
    }
}

/// The name under which `serde_json` gives the text of a value instead of the value. Other formats give the
/// value.
const RAW_JSON: &str = "$serde_json::private::RawValue";

/// Reads the text of a JSON value. Integers keep their digits, however many they are.
fn of_json(text: &str) -> Result<OptionValue, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > 18 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.parse().map_or_else(|_| OptionValue::String(text.to_owned()), OptionValue::Int));
    }
    match serde_json::from_str(text).map_err(|error| error.to_string())? {
        Value::String(text) => Ok(OptionValue::String(text)),
        Value::Bool(value) => Ok(OptionValue::Bool(value)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Ok(OptionValue::Int(int)),
            (None, Some(float)) => Ok(OptionValue::Float(float)),
            (None, None) => Ok(OptionValue::String(text.to_owned())),
        },
        Value::Null => Err("invalid type: null, expected a string, a number or a boolean".to_owned()),
        Value::Array(_) => Err("invalid type: sequence, expected a string, a number or a boolean".to_owned()),
        Value::Object(_) => Err("invalid type: map, expected a string, a number or a boolean".to_owned()),
    }
}

impl Serialize for OptionValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::String(text) => serializer.serialize_str(text),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Float(x) => serializer.serialize_f64(*x),
            Self::Bool(b) => serializer.serialize_bool(*b),
        }
    }
}

impl<'de> Deserialize<'de> for OptionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = OptionValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number or a boolean")
            }

            fn visit_str<E>(self, text: &str) -> Result<OptionValue, E> {
                Ok(OptionValue::String(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<OptionValue, E> {
                Ok(OptionValue::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<OptionValue, E> {
                Ok(OptionValue::Int(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<OptionValue, E> {
                Ok(value.into())
            }

            fn visit_i128<E>(self, value: i128) -> Result<OptionValue, E> {
                Ok(value.into())
            }

            fn visit_u128<E>(self, value: u128) -> Result<OptionValue, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<OptionValue, E> {
                Ok(OptionValue::Float(value))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<OptionValue, D::Error> {
                value.deserialize_any(self)
            }

            /// The text of a JSON value.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OptionValue, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((key, text)) if key == RAW_JSON => of_json(&text).map_err(A::Error::custom),
                    _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_newtype_struct(RAW_JSON, Reader)
    }
}

/// The options of a `WITH` clause, in the order in which they were set.
///
/// Setting a key again replaces its value and keeps its place. `Debug` masks values whose key names a secret
/// (`….secret`, `….api.key`, `password`, …).
///
/// ```
/// use controlplane::onehouse::Options;
///
/// let mut options = Options::new();
/// options.set("kafka.topic.name", "page_views");
/// options.set("compaction.frequency", 5);
/// assert_eq!(serde_json::to_string(&options)?, r#"{"kafka.topic.name":"page_views","compaction.frequency":5}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Options(Vec<(String, OptionValue)>);

impl Options {
    /// Returns an empty list: the clause is omitted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<OptionValue>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&OptionValue> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Returns keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OptionValue)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// True if there are no options.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of options.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<K: Into<String>, V: Into<OptionValue>> FromIterator<(K, V)> for Options {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut options = Self::new();
        options.extend(pairs);
        options
    }
}

impl<K: Into<String>, V: Into<OptionValue>> Extend<(K, V)> for Options {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.set(key, value);
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (key, value) in self.iter() {
            if is_secret_key(key) {
                map.entry(&key, &format_args!("[redacted]"));
            } else if let OptionValue::String(text) = value {
                map.entry(&key, &without_passwords(text));
            } else {
                map.entry(&key, value);
            }
        }
        map.finish()
    }
}

impl Serialize for Options {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// An object, in its order; `null` is the same as no options.
impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Options;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of options")
            }

            fn visit_unit<E>(self) -> Result<Options, E> {
                Ok(Options::new())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Options, A::Error> {
                let mut options = Options::new();
                while let Some((key, value)) = map.next_entry::<String, OptionValue>()? {
                    options.set(key, value);
                }
                Ok(options)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
