//! What is told of tables and columns (reference, section 4.9).

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::{TablePartitionKey, TableSortKey};

/// A page of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InformationSchemaResponse {
    /// The tables.
    pub tables: Vec<TableInfo>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// Whether there is another page.
    pub has_more: bool,
    /// Where that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableInfo {
    /// The name of its connection.
    pub connection: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Whether its rows are here.
    pub synced: bool,
    /// When they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<String>,
    /// Its columns, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnInfo>>,
    /// How it is cut into partitions.
    pub partition_by: Vec<TablePartitionKey>,
    /// How it is sorted.
    pub sorted_by: Vec<TableSortKey>,
    /// Columns that never differ between rows of one key, as was said.
    pub constant_per_key: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: String,
    /// Whether it may be null.
    pub nullable: bool,
}
