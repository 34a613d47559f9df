//! Three answers to "what becomes of this field": it stays, it goes, it becomes something.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an update makes of one field. A field that stays is not sent; `null` clears it.
///
/// A value can be given as it is where a `Patch` is asked for, and so can an `Option`, whose `None` clears:
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
    /// It stays as it is: nothing is sent.
    #[default]
    Keep,
    /// It is cleared: `null` is sent.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Patch<T> {
    /// True if nothing is to be sent. For `skip_serializing_if`.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// What it becomes, if that is a value.
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

/// As the value or `null`. A field that stays is to be left out by `skip_serializing_if`; elsewhere it is `null` too.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// `null` clears; a field that is not there stays, by `default`.
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
