//! `WITH` options: an ordered map of keys to values.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::redact::{is_secret_key, without_passwords};

/// The value of an option in the `WITH` clause of a statement. Every value is written in quotes: a number as
/// decimal text, a boolean as `'TRUE'` or `'FALSE'`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum OptionValue {
    /// Text.
    String(String),
    /// A whole number.
    Int(i64),
    /// A decimal number. A call with infinity or NaN fails with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
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

/// A number that does not fit into `i64` is kept as text, with all its digits.
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

/// A number that does not fit into `i64` is kept as text, with all its digits.
impl From<i128> for OptionValue {
    fn from(value: i128) -> Self {
        i64::try_from(value).map_or_else(|_| Self::String(value.to_string()), Self::Int)
    }
}

/// A number that does not fit into `i64` is kept as text, with all its digits.
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
    /// Returns empty options. A command with empty options has no `WITH` clause.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option. A key that is set already keeps its place and gets the new value.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<OptionValue>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Returns the value of a key, or `None` if the key is not set. Upper and lower case are distinguished.
    pub fn get(&self, key: &str) -> Option<&OptionValue> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Returns the keys and values, in the order in which the keys were first set.
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
        // Searching the list for each key would take time that grows with the square of their number.
        let mut places: HashMap<String, usize> =
            self.0.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
        for (key, value) in pairs {
            match places.entry(key.into()) {
                Entry::Occupied(place) => self.0[*place.get()].1 = value.into(),
                Entry::Vacant(place) => {
                    self.0.push((place.key().clone(), value.into()));
                    place.insert(self.0.len() - 1);
                }
            }
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

/// Reads a JSON object and keeps the order of its keys. `null` is read as empty options.
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
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry::<String, OptionValue>()? {
                    pairs.push(pair);
                }
                Ok(pairs.into_iter().collect())
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onehouse::sql_value::write_option;

    fn written(value: &OptionValue) -> String {
        let mut sql = String::new();
        write_option(&mut sql, value).unwrap();
        sql
    }

    #[test]
    fn integers_keep_their_digits_however_many_they_are() {
        let long = "1234567890".repeat(10);
        let texts = [
            i64::MAX.to_string(),
            i64::MIN.to_string(),
            u64::MAX.to_string(),
            "9223372036854775808".to_owned(),
            "-9223372036854775809".to_owned(),
            i128::MIN.to_string(),
            u128::MAX.to_string(),
            format!("-{long}"),
            long,
        ];
        for text in texts {
            for json in
                [format!("{{\"k\": {text}}}"), format!("{{\"k\": [1], \"k\": {text}}}").replace("[1]", "1")]
            {
                let options: Options = serde_json::from_str(&json).unwrap();
                assert_eq!(written(options.get("k").unwrap()), format!("'{text}'"), "{json}");
                // Kept in a journal and read again, it is written in the same way.
                let again = serde_json::to_string(&options).unwrap();
                let again: Options = serde_json::from_str(&again).unwrap();
                assert_eq!(written(again.get("k").unwrap()), format!("'{text}'"), "{json}");
            }
        }
        for value in [OptionValue::from(u128::MAX), OptionValue::from(i128::MIN), OptionValue::from(u64::MAX)]
        {
            assert!(matches!(value, OptionValue::String(_)), "{value:?}");
        }
        assert_eq!(OptionValue::from(7_u128), OptionValue::Int(7));
    }

    /// Also through a value that was read before: what serde_json holds of a number is then all there is.
    #[test]
    fn a_value_that_was_read_before_keeps_64_bits() {
        let value = serde_json::json!({ "k": u64::MAX, "n": i64::MIN });
        let options: Options = serde_json::from_value(value).unwrap();
        assert_eq!(written(options.get("k").unwrap()), "'18446744073709551615'");
        assert_eq!(written(options.get("n").unwrap()), "'-9223372036854775808'");
    }

    #[test]
    fn a_key_that_comes_again_keeps_its_place_and_has_the_last_value() {
        let options: Options = serde_json::from_str(r#"{"a": 1, "b": 2, "a": 3, "c": 4, "b": 5}"#).unwrap();
        let expected = [("a", 3), ("b", 5), ("c", 4)];
        assert!(options.iter().eq(
            expected.map(|(key, value)| (key, OptionValue::Int(value))).each_ref().map(|(k, v)| (*k, v))
        ));
        let mut more: Options = expected.into_iter().collect();
        more.extend([("b", 6), ("d", 7), ("d", 8)]);
        let keys: Vec<(&str, &OptionValue)> = more.iter().collect();
        assert_eq!(keys.len(), 4);
        assert_eq!((more.get("b"), more.get("d")), (Some(&OptionValue::Int(6)), Some(&OptionValue::Int(8))));
    }

    /// With a search for each key this would not end while somebody waits.
    #[test]
    fn options_without_end_are_read_in_a_time_that_grows_with_their_number() {
        let pairs: Vec<String> = (0..300_000).map(|number| format!("\"key.{number}\":{number}")).collect();
        let options: Options = serde_json::from_str(&format!("{{{}}}", pairs.join(","))).unwrap();
        assert_eq!(options.len(), 300_000);
    }
}
