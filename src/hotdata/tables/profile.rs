//! The profile of a table.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::wire::or_default;

/// The command of [`Connections::table_profile`](crate::hotdata::Connections::table_profile).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetTableProfile {
    /// The id of the connection.
    pub connection_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
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

/// The profile of a table: statistics of each column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableProfileResponse {
    /// The name of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The table.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
    /// The number of rows.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The time of the sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// The columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<ColumnProfileInfo>,
}

/// The statistics of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnProfileInfo {
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The Arrow type, as text.
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
    /// Details by the kind of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ColumnProfileDetail>,
}

/// Details of a column, by the kind of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ColumnProfileDetail {
    /// Few distinct values.
    #[non_exhaustive]
    Categorical {
        /// The values with their counts, the most frequent first: at most 200.
        values: Vec<CategoryValueInfo>,
    },
    /// Text.
    #[non_exhaustive]
    Text {
        /// The shortest length.
        min_length: u64,
        /// The longest length.
        max_length: u64,
        /// The mean.
        avg_length: f64,
    },
    /// Numbers. The bounds are text, so that no digit is lost.
    #[non_exhaustive]
    Numeric {
        /// The smallest.
        min: String,
        /// The largest.
        max: String,
        /// The mean.
        mean: f64,
    },
    /// Dates or times, in ISO form.
    #[non_exhaustive]
    Temporal {
        /// The first.
        min: String,
        /// The last.
        max: String,
    },
    /// True or false.
    #[non_exhaustive]
    Boolean {
        /// The number of `true`.
        true_count: u64,
        /// The number of `false`.
        false_count: u64,
    },
    /// An unknown kind, or one with other fields, as JSON.
    #[serde(untagged)]
    Other(Value),
}

/// A value and its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CategoryValueInfo {
    /// The value as text, if it is not null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The count.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
}
