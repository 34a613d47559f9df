//! Serde for the enums of commands, which a person writes: known values only.

pub(crate) use crate::open_enum::strict::{deserialize, serialize};

/// The same for an `Option`.
pub(crate) mod option {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::open_enum::OpenEnum;

    pub(crate) fn serialize<E, S>(value: &Option<E>, serializer: S) -> Result<S::Ok, S::Error>
    where
        E: OpenEnum + PartialEq,
        S: Serializer,
    {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, E, D>(deserializer: D) -> Result<Option<E>, D::Error>
    where
        E: OpenEnum,
        D: Deserializer<'de>,
    {
        /// One value as serde's own `Option` wants it.
        struct One<E>(E);

        impl<'de, E: OpenEnum> Deserialize<'de> for One<E> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::deserialize(deserializer).map(One)
            }
        }

        Ok(Option::<One<E>>::deserialize(deserializer)?.map(|one| one.0))
    }
}
