//! What values have to be beyond their types.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::formats::parse_clock;

/// What the values of a type have to be, beyond what the emulator keeps of it: it has no type of its own for
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Check {
    /// Nothing more.
    Nothing,
    /// A whole number of 8 bits.
    Int8,
    /// A whole number of 16 bits.
    Int16,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 8 bits without a sign.
    UInt8,
    /// A whole number of 16 bits without a sign.
    UInt16,
    /// A whole number of 32 bits without a sign.
    UInt32,
    /// A whole number of 64 bits without a sign.
    UInt64,
    /// A UUID: 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12 or in one.
    Uuid,
    /// A time of day.
    Time,
}

/// The names of checks, the first of each for messages.
const CHECKS: [(&str, Check); 14] = [
    ("bigint", Check::Nothing),
    ("tinyint", Check::Int8),
    ("smallint", Check::Int16),
    ("int2", Check::Int16),
    ("integer", Check::Int32),
    ("int", Check::Int32),
    ("int4", Check::Int32),
    ("utinyint", Check::UInt8),
    ("usmallint", Check::UInt16),
    ("uinteger", Check::UInt32),
    ("ubigint", Check::UInt64),
    ("uuid", Check::Uuid),
    ("time", Check::Time),
    ("int8", Check::Nothing),
];

impl Check {
    /// That of a type with this name.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.split('(').next().unwrap_or_default().trim();
        let found = CHECKS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map_or(Self::Nothing, |(_, check)| *check)
    }

    /// That of a `ColumnDefinition`.
    pub(crate) fn from_json(definition: &Value) -> Self {
        let name = definition.as_str().or_else(|| definition.get("type")?.as_str());
        name.map_or(Self::Nothing, Self::of)
    }

    /// The name of the type.
    pub(crate) fn name(self) -> &'static str {
        CHECKS.iter().find(|(_, check)| *check == self).map_or("", |(name, _)| name)
    }

    /// Whether a whole number is of the type.
    pub(crate) fn admits_number(self, number: i128) -> bool {
        let (least, most): (i128, i128) = match self {
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::UInt8 => (0, u8::MAX.into()),
            Self::UInt16 => (0, u16::MAX.into()),
            Self::UInt32 => (0, u32::MAX.into()),
            Self::UInt64 => (0, u64::MAX.into()),
            Self::Nothing | Self::Uuid | Self::Time => (i64::MIN.into(), i64::MAX.into()),
        };
        (least..=most).contains(&number)
    }

    /// Whether a text is of the type.
    pub(crate) fn admits_text(self, text: &str) -> bool {
        match self {
            Self::Nothing => true,
            Self::Uuid => {
                let groups: Vec<&str> = text.split('-').collect();
                let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
                matches!(lengths.as_slice(), [32] | [8, 4, 4, 4, 12])
                    && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
            }
            Self::Time => parse_clock(text).is_some(),
            _ => text.parse().is_ok_and(|number| self.admits_number(number)),
        }
    }
}
