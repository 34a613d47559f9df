//! The profile of a table: what is told of its values (reference, section 4.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;

/// See [`Connections::table_profile`](crate::hotdata::Connections::table_profile).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetTableProfile {
    /// The connection.
    pub connection_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
}

impl GetTableProfile {
    /// Of this table.
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

/// What is in a table, by column. Profiles are made when a connection is synced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableProfileResponse {
    /// The connection's name.
    pub connection: String,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// How many rows it has.
    pub row_count: u64,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnProfileInfo>,
}

/// What is in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnProfileInfo {
    /// Its name.
    pub name: String,
    /// Its Arrow type, as text.
    pub data_type: String,
    /// How many different values there are, about.
    pub cardinality: u64,
    /// How many nulls.
    pub null_count: u64,
    /// The same as a share of the rows, 0 to 100.
    pub null_percentage: f64,
    /// More, by the kind of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ColumnProfileDetail>,
}

/// What is told of a column's values, by their kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ColumnProfileDetail {
    /// Few different values.
    #[non_exhaustive]
    Categorical {
        /// Each with how often it is there, the most frequent first: at most 200.
        values: Vec<CategoryValueInfo>,
    },
    /// Text.
    #[non_exhaustive]
    Text {
        /// The shortest.
        min_length: u64,
        /// The longest.
        max_length: u64,
        /// The mean.
        avg_length: f64,
    },
    /// Numbers. The ends are text, so that no digit is lost.
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
        /// How often true.
        true_count: u64,
        /// How often false.
        false_count: u64,
    },
    /// A kind that is not known here, or one that looks different: as it came.
    #[serde(untagged)]
    Other(Value),
}

/// A value and how often it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CategoryValueInfo {
    /// The value as text, if it is not null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How often.
    pub count: u64,
}
