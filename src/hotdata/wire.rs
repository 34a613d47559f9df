//! How Hotdata's models read what is missing: see "Tolerant reading" in DESIGN.md.

use serde::{Deserialize, Deserializer};

use crate::open_enum::OpenEnum;
pub(super) use crate::wire::or_default;

/// The value of an enum that the response leaves out: the variant for other texts, with an empty text. No
/// known value is claimed.
pub(super) fn unknown<E: OpenEnum>() -> E {
    E::read("")
}

/// For `deserialize_with`, together with `default = "unknown"`: null is as good as nothing.
pub(super) fn or_unknown<'de, D, E>(deserializer: D) -> Result<E, D::Error>
where
    D: Deserializer<'de>,
    E: OpenEnum + Deserialize<'de>,
{
    Ok(Option::<E>::deserialize(deserializer)?.unwrap_or_else(unknown))
}

/// The value of a flag whose absence means yes.
pub(super) fn yes() -> bool {
    true
}

/// For `deserialize_with`, together with `default = "yes"`: null is as good as nothing.
pub(super) fn or_yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<bool>::deserialize(deserializer)?.unwrap_or(true))
}
