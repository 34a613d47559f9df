//! Declarations of and responses about managed tables.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;

/// The declaration of a managed table: `AddManagedTableRequest`, `AddManagedTableDecl` and
/// `DatabaseDefaultTableDecl` in the vendor's client. The layout cannot be changed later.
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
    /// The name. The service converts it to lowercase.
    pub name: String,
    /// The key columns, for loads by key that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// The columns that determine the partition. It cannot be changed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<Vec<TablePartitionKey>>,
    /// The sort order. It cannot be changed later, and a sorted table cannot have an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorted_by: Option<Vec<TableSortKey>>,
    /// The columns that are equal in all rows with the same key. Loads by key rely on it: if it is not true,
    /// they duplicate rows silently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl TableDecl {
    /// Returns a declaration without key and layout.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), key: None, partition_by: None, sorted_by: None, constant_per_key: None }
    }

    /// Sets the key columns, for loads by key that name none.
    pub fn key(mut self, key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.key = Some(key.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the columns that determine the partition. It cannot be changed later.
    pub fn partition_by(mut self, partition_by: impl IntoIterator<Item = TablePartitionKey>) -> Self {
        self.partition_by = Some(partition_by.into_iter().collect());
        self
    }

    /// Sets the sort order. It cannot be changed later, and a sorted table cannot have an index.
    pub fn sorted_by(mut self, sorted_by: impl IntoIterator<Item = TableSortKey>) -> Self {
        self.sorted_by = Some(sorted_by.into_iter().collect());
        self
    }

    /// Sets the columns that are equal in all rows with the same key. Loads by key rely on it: if it is not
    /// true, they duplicate rows silently.
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

/// The declaration of a schema with tables: `AddManagedSchemaRequest` and `DatabaseDefaultSchemaDecl` in the
/// vendor's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SchemaDecl {
    /// The name. The service converts it to lowercase.
    pub name: String,
    /// The tables to create with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<TableDecl>>,
}

impl SchemaDecl {
    /// Returns a declaration without tables.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tables: None }
    }

    /// Sets the tables to create with it.
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

/// A column that determines the partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TablePartitionKey {
    /// The column.
    #[serde(default, deserialize_with = "or_default")]
    pub column: String,
    /// The part of its value that counts.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub transform: PartitionTransform,
}

impl TablePartitionKey {
    /// Returns a partition key with this column and transform.
    pub fn new(column: impl Into<String>, transform: PartitionTransform) -> Self {
        Self { column: column.into(), transform }
    }
}

/// A column that a table is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableSortKey {
    /// The column.
    #[serde(default, deserialize_with = "or_default")]
    pub column: String,
    /// The direction. Default: ascending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<SortDirection>,
    /// The position of nulls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullsOrder>,
}

impl TableSortKey {
    /// Returns a sort key with this column.
    pub fn new(column: impl Into<String>) -> Self {
        Self { column: column.into(), direction: None, nulls: None }
    }

    /// Sets the direction. Default: ascending.
    pub fn direction(mut self, direction: SortDirection) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Sets the position of nulls.
    pub fn nulls(mut self, nulls: NullsOrder) -> Self {
        self.nulls = Some(nulls);
        self
    }
}

/// The response to creating a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedSchemaResponse {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The name, as the service writes it.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The tables that were declared with it.
    #[serde(default, deserialize_with = "or_default")]
    pub tables: Vec<String>,
}

/// The response to creating a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableResponse {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name, as the service writes it.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
}

/// The request to update a managed table. The service rejects any other field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateManagedTableRequest {
    /// The columns that are equal in all rows with the same key. An empty list removes the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl UpdateManagedTableRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the columns that are equal in all rows with the same key. An empty list removes the setting.
    pub fn constant_per_key(mut self, constant_per_key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.constant_per_key = Some(constant_per_key.into_iter().map(Into::into).collect());
        self
    }
}

/// The response to updating a managed table: the setting for later loads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableConstantPerKeyResponse {
    /// The id of the connection of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The table.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
    /// The columns.
    #[serde(default, deserialize_with = "or_default")]
    pub constant_per_key: Vec<String>,
}

/// The part of a column's value that determines the partition. A calendar transform alone ignores larger
/// units: `month` puts the same month of all years together, so declare `year` and `month`.
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
    /// Any other value.
    Other(String),
}

impl_open_enum!(PartitionTransform, "partition transform", {
    Identity => "identity",
    Year => "year",
    Month => "month",
    Day => "day",
    Hour => "hour",
});

/// The direction in which a table is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortDirection {
    /// `asc`: the service's default
    #[default]
    Asc,
    /// `desc`
    Desc,
    /// Any other value.
    Other(String),
}

impl_open_enum!(SortDirection, "sort direction", {
    Asc => "asc",
    Desc => "desc",
});

/// The position of nulls in a sorted table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NullsOrder {
    /// `first`
    First,
    /// `last`
    Last,
    /// Any other value.
    Other(String),
}

impl_open_enum!(NullsOrder, "place of nulls", {
    First => "first",
    Last => "last",
});
