//! Partition keys: the fields by which the table of a flow is partitioned.
//!
//! Vendor's pages: [`oh flow`](https://docs.onehouse.ai/cli/commands/flow), SQL reference `CREATE FLOW`.

use serde::{Deserialize, Serialize};

use crate::onehouse::sql_value::{SqlValue, list, quote};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

/// The type of the values of a partition field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartitionType {
    /// Not a time: the table is partitioned by the value itself. Written as an empty string. The default.
    #[default]
    Plain,
    /// Dates as text.
    DateString,
    /// Milliseconds since the beginning of 1970 (UTC).
    EpochMillis,
    /// Microseconds since the beginning of 1970 (UTC).
    EpochMicros,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands PartitionType, "partition type", {
    Plain => "",
    DateString => "DATE_STRING",
    EpochMillis => "EPOCH_MILLIS",
    EpochMicros => "EPOCH_MICROS",
});

/// A field that a table is partitioned by.
///
/// For a field that is not a time, its name is enough: a text converts to a `PartitionKey`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PartitionKey {
    /// The field's name.
    pub field: String,
    /// The type of its values.
    #[serde(default, with = "strict")]
    pub partition_type: PartitionType,
    /// The format of its values; empty for a field that is not a time.
    #[serde(default)]
    pub input_format: String,
    /// The format of the names of partitions; empty for a field that is not a time.
    #[serde(default)]
    pub output_format: String,
}

impl PartitionKey {
    /// Returns the key of a field that is not a time.
    pub fn new(field: impl Into<String>) -> Self {
        Self::time(field, PartitionType::Plain, "", "")
    }

    /// Returns the key of a field that is a time, with the format of its values and the format of the names
    /// of partitions.
    pub fn time(
        field: impl Into<String>,
        partition_type: PartitionType,
        input_format: impl Into<String>,
        output_format: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            partition_type,
            input_format: input_format.into(),
            output_format: output_format.into(),
        }
    }
}

impl From<&str> for PartitionKey {
    fn from(field: &str) -> Self {
        Self::new(field)
    }
}

impl From<String> for PartitionKey {
    fn from(field: String) -> Self {
        Self::new(field)
    }
}

/// `(field = '…' partition_type = '…' input_format = '…' output_format = '…', …)`: no commas inside an entry.
impl SqlValue for Vec<PartitionKey> {
    fn write(&self, out: &mut String) -> Result<(), String> {
        list(out, self, |out, key| {
            out.push_str("field = ");
            quote(out, &key.field)?;
            out.push_str(" partition_type = ");
            key.partition_type.write(out)?;
            out.push_str(" input_format = ");
            quote(out, &key.input_format)?;
            out.push_str(" output_format = ");
            quote(out, &key.output_format)
        })
    }
}
