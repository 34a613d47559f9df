//! Responses about tables and columns.

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::{TablePartitionKey, TableSortKey};

/// A page of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InformationSchemaResponse {
    /// The tables.
    pub tables: Vec<TableInfo>,
    /// The number of items on this page.
    pub count: u64,
    /// The page size.
    pub limit: u64,
    /// Whether there are more pages.
    pub has_more: bool,
    /// The cursor of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableInfo {
    /// The name of the connection.
    pub connection: String,
    /// The schema.
    pub schema: String,
    /// The name.
    pub table: String,
    /// Whether its rows were synced.
    pub synced: bool,
    /// The time of the last sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<String>,
    /// The columns, if they were requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnInfo>>,
    /// The columns that determine the partition.
    pub partition_by: Vec<TablePartitionKey>,
    /// The sort order.
    pub sorted_by: Vec<TableSortKey>,
    /// The columns that were declared equal in all rows with the same key.
    pub constant_per_key: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnInfo {
    /// The name.
    pub name: String,
    /// The type.
    pub data_type: String,
    /// Whether it can be null.
    pub nullable: bool,
}
