//! Responses about tables and columns.

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::{TablePartitionKey, TableSortKey};
use crate::hotdata::wire::{or_default, or_yes, yes};

/// A page of tables: the response of [`InformationSchema::list`](crate::hotdata::InformationSchema::list).
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
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A table of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableInfo {
    /// The name of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// Whether the service has synced the rows of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub synced: bool,
    /// The time of the last sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<String>,
    /// The columns, if the request has `include_columns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<ColumnInfo>>,
    /// The columns that determine the partition of a row; empty if the table has no partitions.
    #[serde(default, deserialize_with = "or_default")]
    pub partition_by: Vec<TablePartitionKey>,
    /// The columns by which the table is sorted; empty if it is not sorted.
    #[serde(default, deserialize_with = "or_default")]
    pub sorted_by: Vec<TableSortKey>,
    /// The columns that were declared equal in all rows with the same key.
    #[serde(default, deserialize_with = "or_default")]
    pub constant_per_key: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnInfo {
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The data type, as the service writes it.
    #[serde(default, deserialize_with = "or_default")]
    pub data_type: String,
    /// Whether the column can contain nulls. True if the service does not say.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub nullable: bool,
}
