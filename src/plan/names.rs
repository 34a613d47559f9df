//! The names that a type has, and those that a misspelt one is like.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::error::shown;
use crate::open_enum::distance;

/// The most names that a message proposes.
const MAX_PROPOSED: usize = 3;

/// Returns the names of the variants of an enum; `None` for another type. `path`: it is the value of this
/// variant of another enum, and so on.
pub(super) fn variants<C: DeserializeOwned>(path: &[&str]) -> Option<Vec<&'static str>> {
    match C::deserialize(Asking { path }) {
        Err(Variants(names)) => names,
        Ok(_) => None,
    }
}

/// The error message for a name that is not known.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let mut message = format!("unknown {what} `{}`", shown(name));
    let near = nearest(name, known);
    if near.is_empty() {
        if (1..=8).contains(&known.len()) {
            message.push_str(&format!("; known names: {}", quoted(known)));
        }
    } else {
        message.push_str(&format!("; did you mean {}?", quoted(&near)));
    }
    message
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns the names that are like this one, the most similar first.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    // A longer text is not a misspelt name, and would take long to compare, as many names would.
    if name.len() > 100 || known.len() > 2000 {
        return Vec::new();
    }
    let most = (name.len() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|known| {
            // The vendor's client before the dot is easily left out.
            let last = known.rsplit('.').next().unwrap_or(known);
            (distance(name, known).min(distance(name, last)), *known)
        })
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort();
    near.into_iter().map(|(_, known)| known).take(MAX_PROPOSED).collect()
}

/// A deserializer that gives the names on its path, and whose error has the variants that it was asked for after
/// them. An enum may have those of another one besides its own: it asks for its own, and passes a name that it does not
/// know on to the other, which refuses it with a list of those that it knows.
struct Asking<'a> {
    path: &'a [&'a str],
}

#[derive(Debug)]
struct Variants(Option<Vec<&'static str>>);

impl fmt::Display for Variants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no value")
    }
}

impl std::error::Error for Variants {}

impl de::Error for Variants {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }

    fn unknown_variant(_: &str, variants: &'static [&'static str]) -> Self {
        Self(Some(variants.to_vec()))
    }
}

/// A name that no variant has.
const NO_NAME: &str = "?";

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Variants;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Variants> {
        Err(Variants(None))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Variants> {
        match self.path {
            [] => {
                let mut all = variants.to_vec();
                let unknown = visitor.visit_enum(Named { name: NO_NAME, value: Asking { path: &[] } });
                if let Err(Variants(Some(others))) = unknown {
                    all.extend(others.into_iter().filter(|other| !variants.contains(other)));
                }
                Err(Variants(Some(all)))
            }
            [name, path @ ..] => visitor.visit_enum(Named { name, value: Asking { path } }),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant of this name, with a value.
struct Named<'a> {
    name: &'a str,
    value: Asking<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Named<'a> {
    type Error = Variants;
    type Variant = Asking<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Asking<'a>), Variants> {
        let name: StrDeserializer<'_, Variants> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.value))
    }
}

impl<'de> VariantAccess<'de> for Asking<'_> {
    type Error = Variants;

    fn unit_variant(self) -> Result<(), Variants> {
        Err(Variants(None))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Variants> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Variants> {
        Err(Variants(None))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Variants> {
        Err(Variants(None))
    }
}
