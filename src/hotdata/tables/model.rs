//! What is declared and told of managed tables (reference, section 4.2).

use serde::{Deserialize, Serialize};

use crate::open_enum::impl_open_enum;

/// A managed table, as it is declared: what the vendor calls `AddManagedTableRequest`, `AddManagedTableDecl` and
/// `DatabaseDefaultTableDecl`. Its layout stays as it is declared.
///
/// ```
/// use controlplane::hotdata::{PartitionTransform, TableDecl, TablePartitionKey};
///
/// let orders = TableDecl::new("orders").key(["order_id"]).partition_by([
///     TablePartitionKey::new("ordered_at", PartitionTransform::Year),
///     TablePartitionKey::new("ordered_at", PartitionTransform::Month),
/// ]);
/// # assert_eq!(orders.partition_by.unwrap().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct TableDecl {
    /// Its name. The service writes it in small letters.
    pub name: String,
    /// The columns that tell rows apart: for loads by key that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// How it is cut into partitions. It stays as it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<Vec<TablePartitionKey>>,
    /// How it is sorted. It stays as it is declared, and such a table takes no index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorted_by: Option<Vec<TableSortKey>>,
    /// Columns that never differ between rows of one key. Loads rely on it: if it is not true, keyed loads double rows
    /// without a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl TableDecl {
    /// Of this name, without key and layout.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), key: None, partition_by: None, sorted_by: None, constant_per_key: None }
    }

    /// The columns that tell rows apart: for loads by key that name none.
    pub fn key(mut self, key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.key = Some(key.into_iter().map(Into::into).collect());
        self
    }

    /// How it is cut into partitions. It stays as it is declared.
    pub fn partition_by(mut self, partition_by: impl IntoIterator<Item = TablePartitionKey>) -> Self {
        self.partition_by = Some(partition_by.into_iter().collect());
        self
    }

    /// How it is sorted. It stays as it is declared, and such a table takes no index.
    pub fn sorted_by(mut self, sorted_by: impl IntoIterator<Item = TableSortKey>) -> Self {
        self.sorted_by = Some(sorted_by.into_iter().collect());
        self
    }

    /// Columns that never differ between rows of one key. Loads rely on it: if it is not true, keyed loads double rows
    /// without a word.
    pub fn constant_per_key(mut self, constant_per_key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.constant_per_key = Some(constant_per_key.into_iter().map(Into::into).collect());
        self
    }
}

impl From<&str> for TableDecl {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// A schema with tables, as it is declared: what the vendor calls `AddManagedSchemaRequest` and
/// `DatabaseDefaultSchemaDecl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SchemaDecl {
    /// Its name. The service writes it in small letters.
    pub name: String,
    /// Tables that it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<TableDecl>>,
}

impl SchemaDecl {
    /// Of this name, without tables.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tables: None }
    }

    /// Tables that it begins with.
    pub fn tables(mut self, tables: impl IntoIterator<Item = TableDecl>) -> Self {
        self.tables = Some(tables.into_iter().collect());
        self
    }
}

impl From<&str> for SchemaDecl {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// A column that decides the partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TablePartitionKey {
    /// The column.
    pub column: String,
    /// What of it.
    pub transform: PartitionTransform,
}

impl TablePartitionKey {
    /// This of this column.
    pub fn new(column: impl Into<String>, transform: PartitionTransform) -> Self {
        Self { column: column.into(), transform }
    }
}

/// A column that a table is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableSortKey {
    /// The column.
    pub column: String,
    /// Which way. Default: ascending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<SortDirection>,
    /// Where its nulls are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullsOrder>,
}

impl TableSortKey {
    /// By this column.
    pub fn new(column: impl Into<String>) -> Self {
        Self { column: column.into(), direction: None, nulls: None }
    }

    /// Which way. Default: ascending.
    pub fn direction(mut self, direction: SortDirection) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Where its nulls are.
    pub fn nulls(mut self, nulls: NullsOrder) -> Self {
        self.nulls = Some(nulls);
        self
    }
}

/// A schema that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedSchemaResponse {
    /// The connection that it is in.
    pub connection_id: String,
    /// Its name, as the service writes it.
    pub schema: String,
    /// The tables that were declared with it.
    pub tables: Vec<String>,
}

/// A table that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableResponse {
    /// The connection that it is in.
    pub connection_id: String,
    /// Its schema.
    pub schema: String,
    /// Its name, as the service writes it.
    pub table: String,
}

/// What of a managed table is replaced. The service refuses every other field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateManagedTableRequest {
    /// Columns that never differ between rows of one key. None of them: what was said is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl UpdateManagedTableRequest {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Columns that never differ between rows of one key. None of them: what was said is taken back.
    pub fn constant_per_key(mut self, constant_per_key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.constant_per_key = Some(constant_per_key.into_iter().map(Into::into).collect());
        self
    }
}

/// What now counts as constant for each key, from the next load on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableConstantPerKeyResponse {
    /// The connection that the table is in.
    pub connection_id: String,
    /// Its schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The columns.
    pub constant_per_key: Vec<String>,
}

/// What of a column decides the partition. A calendar transform alone merges what it does not tell apart: `month` the same
/// month of all years, so declare `year` and `month`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartitionTransform {
    /// `identity`: the value itself
    Identity,
    /// `year`
    Year,
    /// `month`
    Month,
    /// `day`
    Day,
    /// `hour`
    Hour,
    /// Any other.
    Other(String),
}

impl_open_enum!(PartitionTransform, "partition transform", {
    Identity => "identity",
    Year => "year",
    Month => "month",
    Day => "day",
    Hour => "hour",
});

/// Which way a table is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortDirection {
    /// `asc`: the service's default
    #[default]
    Asc,
    /// `desc`
    Desc,
    /// Any other.
    Other(String),
}

impl_open_enum!(SortDirection, "sort direction", {
    Asc => "asc",
    Desc => "desc",
});

/// Where a sorted table has its nulls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NullsOrder {
    /// `first`
    First,
    /// `last`
    Last,
    /// Any other.
    Other(String),
}

impl_open_enum!(NullsOrder, "place of nulls", {
    First => "first",
    Last => "last",
});
