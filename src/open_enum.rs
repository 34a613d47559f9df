//! Enums that a server may extend: known values with a canonical spelling, everything else kept as text.

use crate::error::{Error, shown};

/// An enum with a canonical spelling for each known value and a variant for all others.
///
/// The trait impls that every such enum has (`Display`, `FromStr`, serde) come from
/// [`impl_open_enum!`]; the enum itself, its variants and their docs are written out where they belong.
pub(crate) trait OpenEnum: Clone + Sized + 'static {
    /// The name of the enum, for messages: "cluster type".
    const WHAT: &'static str;
    /// The known values and their canonical spellings.
    const KNOWN: &'static [(Self, &'static str)];

    /// Returns the variant for a text that is not known.
    fn other(text: String) -> Self;

    /// Returns the text of the variant for others.
    fn as_other(&self) -> Option<&str>;

    /// Returns the known value with this spelling, in any ASCII case.
    fn known(text: &str) -> Option<Self> {
        let place = place_of(text, &mut Self::spellings())?;
        Self::KNOWN.get(place).map(|(value, _)| value.clone())
    }

    /// Returns the canonical spellings of the known values.
    fn spellings() -> impl Iterator<Item = &'static str> {
        Self::KNOWN.iter().map(|(_, spelling)| *spelling)
    }

    /// Converts any text: into a known value, or into the variant for others.
    fn read(text: &str) -> Self {
        Self::known(text).unwrap_or_else(|| Self::other(text.to_owned()))
    }

    /// Returns the canonical spelling.
    fn spelling(&self) -> &str
    where
        Self: PartialEq,
    {
        self.as_other()
            .or_else(|| Self::KNOWN.iter().find(|(value, _)| value == self).map(|(_, spelling)| *spelling))
            .unwrap_or_default()
    }

    /// Returns the known value of which this text is probably a misspelling. `None` for a known value and for
    /// a text that is similar to none.
    #[cfg(checks)]
    fn nearly(text: &str) -> Option<&'static str> {
        match place_of(text.trim(), &mut Self::spellings()) {
            Some(_) => None,
            None => close_to(text.trim(), &mut Self::spellings()),
        }
    }

    /// Returns the message for a text that must be known and is not.
    fn unknown(text: &str) -> String {
        unknown(Self::WHAT, text, &mut Self::spellings())
    }

    /// Returns the known value, or an error that lists all of them.
    fn parse_known(text: &str) -> Result<Self, Error> {
        Self::known(text).ok_or_else(|| refused(Self::WHAT, Self::unknown(text)))
    }
}

// The parts of the trait that do not depend on the enum are compiled once, and not for each of them.

/// Returns the place of this spelling, in any ASCII case.
fn place_of(text: &str, spellings: &mut dyn Iterator<Item = &'static str>) -> Option<usize> {
    spellings.enumerate().find(|(_, spelling)| spelling.eq_ignore_ascii_case(text)).map(|(place, _)| place)
}

/// Returns the first spelling that is similar to the text.
#[cfg(checks)]
fn close_to(text: &str, spellings: &mut dyn Iterator<Item = &'static str>) -> Option<&'static str> {
    for known in spellings {
        let most = if known.len() < 5 { 1 } else { 2 };
        if text.len().abs_diff(known.len()) <= most && distance(text, known) <= most {
            return Some(known);
        }
    }
    None
}

fn unknown(what: &str, text: &str, spellings: &mut dyn Iterator<Item = &'static str>) -> String {
    let known: Vec<&str> = spellings.filter(|spelling| !spelling.is_empty()).collect();
    format!("unknown {what} {:?}; known values: {}", shown(text), known.join(", "))
}

#[cold]
fn refused(what: &str, why: String) -> Error {
    Error::invalid(format!("reading the {what}"), why)
        .with_advice("To send a value that is not in this list, use the enum's `Other` variant.")
}

/// The number of letters to change, add, leave out or swap to get from one text to the other, ASCII case
/// aside.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let lower = |text: &str| text.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>();
    let (a, b) = (lower(a), lower(b));
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// The trait impls of an [`OpenEnum`], and, if the spellings are given, [`OpenEnum`] itself:
///
/// ```text
/// impl_open_enum!(JobType, "job type", { Jar => "JAR", Python => "PYTHON" });
/// ```
///
/// - `Display` and `as_str` write the canonical spelling;
/// - `Deserialize` takes any text: what a server says is kept;
/// - `FromStr` takes known values only: what a person types is checked.
///
/// With `commands` before the name, for an enum that only people write: `Deserialize` takes known values
/// only, as `FromStr` does, and `{"other": "…"}`; `TryFrom` takes texts.
macro_rules! impl_open_enum {
    (commands $name:ident, $what:literal, { $($variant:ident => $spelling:literal),+ $(,)? }) => {
        $crate::open_enum::impl_open_enum!(@known $name, $what, { $($variant => $spelling),+ });
        $crate::open_enum::impl_open_enum!(@text $name);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::open_enum::strict::serialize(self, serializer)
            }
        }

        /// Accepts the known spellings, in any ASCII case, and `{"other": "…"}` for any other value.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::open_enum::strict::deserialize(deserializer)
            }
        }

        /// Accepts the known spellings, in any ASCII case. Any other text is an error (`InvalidArgument`).
        impl TryFrom<&str> for $name {
            type Error = $crate::Error;
            fn try_from(text: &str) -> Result<Self, $crate::Error> {
                $crate::open_enum::OpenEnum::parse_known(text)
            }
        }

        /// Accepts the known spellings, in any ASCII case. Any other text is an error (`InvalidArgument`).
        impl TryFrom<String> for $name {
            type Error = $crate::Error;
            fn try_from(text: String) -> Result<Self, $crate::Error> {
                $crate::open_enum::OpenEnum::parse_known(&text)
            }
        }
    };
    ($name:ident, $what:literal, { $($variant:ident => $spelling:literal),+ $(,)? }) => {
        $crate::open_enum::impl_open_enum!(@known $name, $what, { $($variant => $spelling),+ });
        $crate::open_enum::impl_open_enum!($name);
    };
    (@known $name:ident, $what:literal, { $($variant:ident => $spelling:literal),+ $(,)? }) => {
        impl $crate::open_enum::OpenEnum for $name {
            const WHAT: &'static str = $what;
            const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$variant, $spelling)),+];

            fn other(text: String) -> Self {
                Self::Other(text)
            }

            fn as_other(&self) -> Option<&str> {
                // Written out, so that a variant without a spelling does not compile.
                match self {
                    Self::Other(text) => Some(text),
                    $(Self::$variant)|+ => None,
                }
            }
        }
    };
    (@text $name:ident) => {
        impl $name {
            /// Returns the service's spelling of the value: if there are several, the one that requests use. For
            /// `Other`, this is the text in it.
            pub fn as_str(&self) -> &str {
                $crate::open_enum::OpenEnum::spelling(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Accepts the known spellings, in any ASCII case. Any other text is an error (`InvalidArgument`).
        impl std::str::FromStr for $name {
            type Err = $crate::Error;
            fn from_str(text: &str) -> Result<Self, $crate::Error> {
                $crate::open_enum::OpenEnum::parse_known(text)
            }
        }
    };
    ($($name:ident),+ $(,)?) => {$(
        $crate::open_enum::impl_open_enum!(@text $name);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok($crate::open_enum::OpenEnum::read(&text))
            }
        }
    )+};
}
pub(crate) use impl_open_enum;

/// Serde for a field that a person writes, in a plan for instance: a text must be known, and a value that is
/// not known is said as `{"other": "…"}`.
#[cfg(strict_enums)]
pub(crate) mod strict {
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::{self, MapAccess, Visitor};
    use serde::{Deserializer, Serialize, Serializer};

    use super::*;

    #[derive(Serialize)]
    struct Other<'a> {
        other: &'a str,
    }

    /// Reads what is written for one value.
    struct Reader<E>(PhantomData<E>);

    impl<'de, E: OpenEnum> Visitor<'de> for Reader<E> {
        type Value = E;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a {} as text, or {{\"other\": \"…\"}}", E::WHAT)
        }

        fn visit_str<D: de::Error>(self, text: &str) -> Result<E, D> {
            E::known(text).ok_or_else(|| D::custom(E::unknown(text)))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<E, A::Error> {
            match (map.next_entry::<String, String>()?, map.next_key::<String>()?) {
                (Some((key, text)), None) if key == "other" => Ok(E::other(text)),
                _ => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
            }
        }
    }

    pub(crate) fn serialize<E, S>(value: &E, serializer: S) -> Result<S::Ok, S::Error>
    where
        E: OpenEnum + PartialEq,
        S: Serializer,
    {
        match value.as_other() {
            Some(text) => Other { other: text }.serialize(serializer),
            None => serializer.serialize_str(value.spelling()),
        }
    }

    pub(crate) fn deserialize<'de, E, D>(deserializer: D) -> Result<E, D::Error>
    where
        E: OpenEnum,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn a_slip_of_the_keys_is_one_letter() {
        for (a, b, expected) in [
            ("RUNNING", "running", 0),
            ("RUNING", "RUNNING", 1),
            ("RUNNNING", "RUNNING", 1),
            ("RUNNIGN", "RUNNING", 1),
            ("RUMMING", "RUNNING", 2),
            ("STARTED", "STARTING", 3),
            ("", "abc", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{a} {b}");
        }
    }
}
