//! How types of states are written that serde does not know how to read.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

#[cfg(any(feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
use crate::text::one_line;

/// Reads a count. It goes on, so it is far from its largest value.
pub(crate) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    const MOST: u64 = 1 << 53;
    match u64::deserialize(from)? {
        count if count <= MOST => Ok(count),
        count => Err(D::Error::custom(format!("{count} is more than {MOST}"))),
    }
}

/// A word out of a list that is part of the program. The alias keeps serde from borrowing it from the
/// document.
#[cfg(any(feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
pub(crate) type Word = &'static str;

/// Reads a word that is one of these.
#[cfg(any(feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
pub(crate) fn one_of<'de, D: Deserializer<'de>>(from: D, known: &[Word]) -> Result<Word, D::Error> {
    let text = String::deserialize(from)?;
    known
        .iter()
        .find(|word| **word == text)
        .copied()
        .ok_or_else(|| D::Error::custom(format!("`{}` is none of {}", one_line(&text, 60), known.join(", "))))
}

/// Reads a word that is one of these, or null.
#[cfg(any(feature = "hotdata", feature = "onehouse"))]
pub(crate) fn one_of_or_none<'de, D: Deserializer<'de>>(
    from: D,
    known: &[Word],
) -> Result<Option<Word>, D::Error> {
    match Option::<String>::deserialize(from)? {
        None => Ok(None),
        Some(text) => one_of(serde::de::value::StringDeserializer::<D::Error>::new(text), known).map(Some),
    }
}

/// A map whose keys are not texts, as a list of pairs.
#[cfg(feature = "onehouse")]
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, Z: Serializer>(
        map: &BTreeMap<K, V>,
        to: Z,
    ) -> Result<Z::Ok, Z::Error> {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(from).map(|pairs| pairs.into_iter().collect())
    }
}

/// Bytes in base64.
#[cfg(feature = "hotdata")]
pub(crate) mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<Z: Serializer>(bytes: &[u8], to: Z) -> Result<Z::Ok, Z::Error> {
        STANDARD.encode(bytes).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(from)?)
            .map_err(|e| D::Error::custom(format!("the text is not base64: {e}")))
    }
}
