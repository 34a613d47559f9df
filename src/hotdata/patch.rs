//! The three things that an update can do to a field.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The change that an update makes to a field: none (the field is not sent), clear it (`null` is sent) or set
/// it.
///
/// A plain value converts into `Set`. An `Option` converts too: `Some` sets the field, and `None` clears it.
///
/// ```
/// use controlplane::hotdata::Patch;
///
/// assert_eq!(Patch::from("daily"), Patch::Set("daily".to_owned()));
/// assert_eq!(Patch::<String>::from(None), Patch::Clear);
/// assert_eq!(Patch::<String>::default(), Patch::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field remains as it is: it is not sent.
    #[default]
    Keep,
    /// The field is cleared: `null` is sent.
    Clear,
    /// The field is set to this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns true for `Keep`: the field is not sent. Use it as `skip_serializing_if` of a field.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Returns the value of `Set`, and `None` for `Keep` and `Clear`.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

/// Converts `Some` into `Set`, and `None` into `Clear`.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// Serializes `Set` as its value, and `Clear` as `null`. A field with `Keep` has to be left out by
/// `skip_serializing_if`; without that attribute, `Keep` is serialized as `null` too.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// Deserializes `null` as `Clear`. A missing field is `Keep` if the field has `#[serde(default)]`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Update {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
    }

    #[test]
    fn three_answers_there_and_back() {
        for (json, name) in [
            ("{}", Patch::Keep),
            (r#"{"name":null}"#, Patch::Clear),
            (r#"{"name":""}"#, Patch::Set(String::new())),
            (r#"{"name":"x"}"#, "x".into()),
        ] {
            let update = Update { name };
            assert_eq!(serde_json::from_str::<Update>(json).unwrap(), update);
            assert_eq!(serde_json::to_string(&update).unwrap(), json);
        }
    }
}
