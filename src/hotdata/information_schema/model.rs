//! Responses about tables and columns.

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::{TablePartitionKey, TableSortKey};
use crate::hotdata::wire::{or_default, or_yes, yes};

/// A page of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InformationSchemaResponse {
    /// The tables.
    #[serde(default, deserialize_with = "or_default")]
    pub tables: Vec<TableInfo>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableInfo {
    /// The name of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name.
    pub table: String,
    /// Whether its rows were synced.
    #[serde(default, deserialize_with = "or_default")]
    pub synced: bool,
    /// The time of the last sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<String>,
    /// The columns, if they were requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnInfo>>,
    /// The columns that determine the partition.
    #[serde(default, deserialize_with = "or_default")]
    pub partition_by: Vec<TablePartitionKey>,
    /// The sort order.
    #[serde(default, deserialize_with = "or_default")]
    pub sorted_by: Vec<TableSortKey>,
    /// The columns that were declared equal in all rows with the same key.
    #[serde(default, deserialize_with = "or_default")]
    pub constant_per_key: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnInfo {
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type.
    #[serde(default, deserialize_with = "or_default")]
    pub data_type: String,
    /// Whether it can be null.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub nullable: bool,
}
