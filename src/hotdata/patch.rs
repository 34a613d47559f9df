//! The three things that an update can do to a field.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an update does to a field: keep it (not sent), clear it (`null`) or set it.
///
/// A plain value converts into a `Patch`, and so does an `Option`, whose `None` clears:
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
    /// Returns true if the field is not sent. For `skip_serializing_if`.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Returns the value that is set, if there is one.
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

/// `None` clears.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// Serializes the value or `null`. `Keep` has to be left out by `skip_serializing_if`; elsewhere it is `null`
/// too.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// Deserializes `null` as `Clear`; a missing field is `Keep` by `default`.
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
