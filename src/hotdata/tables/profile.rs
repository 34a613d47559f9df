//! The profile of a table.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::wire::or_default;

/// Returns the profile of a table: the command of
/// [`Connections::table_profile`](crate::hotdata::Connections::table_profile).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetTableProfile {
    /// The id of the connection of the table.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
}

impl GetTableProfile {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Self {
        Self { connection_id: connection_id.into(), schema: schema.into(), table: table.into() }
    }
}

impl Command for GetTableProfile {
    type Output = TableProfileResponse;
    const NAME: &'static str = "get_table_profile";

    fn endpoint(&self) -> Endpoint<'_, TableProfileResponse> {
        Endpoint::get(Self::NAME, "/v1/connections/{connection_id}/tables/{schema}/{table}/profile")
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
    }
}

/// The profile of a table: statistics of each column, the response of
/// [`Connections::table_profile`](crate::hotdata::Connections::table_profile).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableProfileResponse {
    /// The name of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
    /// The number of rows of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The time of the sync at which the statistics were computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// The statistics of each column.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<ColumnProfileInfo>,
}

/// The statistics of a column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnProfileInfo {
    /// The name of the column.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The data type of the column: an Arrow type, as text.
    #[serde(default, deserialize_with = "or_default")]
    pub data_type: String,
    /// The approximate number of distinct values.
    #[serde(default, deserialize_with = "or_default")]
    pub cardinality: u64,
    /// The number of nulls.
    #[serde(default, deserialize_with = "or_default")]
    pub null_count: u64,
    /// The percentage of nulls, 0 to 100.
    #[serde(default, deserialize_with = "or_default")]
    pub null_percentage: f64,
    /// Details that depend on the kind of values in the column, if the service sends them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ColumnProfileDetail>,
}

/// Details of the statistics of a column. The variant depends on the kind of values in the column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ColumnProfileDetail {
    /// A column with few distinct values.
    #[non_exhaustive]
    Categorical {
        /// The values with their counts, at most 200, the most frequent first.
        values: Vec<CategoryValueInfo>,
    },
    /// A column of text.
    #[non_exhaustive]
    Text {
        /// The length of the shortest text.
        min_length: u64,
        /// The length of the longest text.
        max_length: u64,
        /// The mean length.
        avg_length: f64,
    },
    /// A column of numbers. `min` and `max` are text, so that no digit is lost.
    #[non_exhaustive]
    Numeric {
        /// The smallest value.
        min: String,
        /// The largest value.
        max: String,
        /// The mean of the values.
        mean: f64,
    },
    /// A column of dates or times. `min` and `max` are in ISO 8601.
    #[non_exhaustive]
    Temporal {
        /// The earliest value.
        min: String,
        /// The latest value.
        max: String,
    },
    /// A column of booleans.
    #[non_exhaustive]
    Boolean {
        /// The number of rows with `true`.
        true_count: u64,
        /// The number of rows with `false`.
        false_count: u64,
    },
    /// Details of an unknown kind, or with other fields than documented, as JSON.
    #[serde(untagged)]
    Other(Value),
}

/// A value of a column, and the number of rows with this value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CategoryValueInfo {
    /// The value as text. `None`: null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The number of rows with this value.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
}
