//! Declarations of and responses about managed tables.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;

/// The declaration of a managed table, a table that Hotdata stores: its name, keys, partitions and sort
/// order. In the vendor's client it is `AddManagedTableRequest`, `AddManagedTableDecl` and
/// `DatabaseDefaultTableDecl`. The key, the partitions and the sort order cannot be changed later.
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
    /// The name of the table. The service converts it to lowercase.
    pub name: String,
    /// The key columns. Loads by key (delete, update, upsert) that name no key columns use them. Default:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// The columns that determine the partition of a row. They cannot be changed later. Default: no
    /// partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<Vec<TablePartitionKey>>,
    /// The columns by which the table is sorted. They cannot be changed later, and a sorted table cannot have
    /// an index. Default: not sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorted_by: Option<Vec<TableSortKey>>,
    /// The columns whose values are equal in all rows with the same key. Loads by key (delete, update,
    /// upsert) rely on this declaration: if the values differ, these loads duplicate rows silently. Default:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl TableDecl {
    /// Returns a declaration with this name, without key, partitions and sort order.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), key: None, partition_by: None, sorted_by: None, constant_per_key: None }
    }

    /// Sets the key columns. Loads by key (delete, update, upsert) that name no key columns use them.
    /// Default: none.
    pub fn key(mut self, key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.key = Some(key.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the columns that determine the partition of a row. They cannot be changed later. Default: no
    /// partitions.
    pub fn partition_by(mut self, partition_by: impl IntoIterator<Item = TablePartitionKey>) -> Self {
        self.partition_by = Some(partition_by.into_iter().collect());
        self
    }

    /// Sets the columns by which the table is sorted. They cannot be changed later, and a sorted table cannot
    /// have an index. Default: not sorted.
    pub fn sorted_by(mut self, sorted_by: impl IntoIterator<Item = TableSortKey>) -> Self {
        self.sorted_by = Some(sorted_by.into_iter().collect());
        self
    }

    /// Sets the columns whose values are equal in all rows with the same key. Loads by key (delete, update,
    /// upsert) rely on this declaration: if the values differ, these loads duplicate rows silently. Default:
    /// none.
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

/// The declaration of a schema and its tables. In the vendor's client it is `AddManagedSchemaRequest` and
/// `DatabaseDefaultSchemaDecl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SchemaDecl {
    /// The name of the schema. The service converts it to lowercase.
    pub name: String,
    /// The tables to create in the schema. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<TableDecl>>,
}

impl SchemaDecl {
    /// Returns a declaration with this name, without tables.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tables: None }
    }

    /// Sets the tables to create in the schema. Default: none.
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

/// A column that determines the partition of a row, together with the part of its value that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TablePartitionKey {
    /// The name of the column.
    #[serde(default, deserialize_with = "or_default")]
    pub column: String,
    /// The part of the column's value that determines the partition, for example its year.
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
    /// The name of the column.
    #[serde(default, deserialize_with = "or_default")]
    pub column: String,
    /// The direction. Default: [`Asc`](SortDirection::Asc).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<SortDirection>,
    /// The position of nulls. Default: the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullsOrder>,
}

impl TableSortKey {
    /// Returns a sort key with this column.
    pub fn new(column: impl Into<String>) -> Self {
        Self { column: column.into(), direction: None, nulls: None }
    }

    /// Sets the direction. Default: [`Asc`](SortDirection::Asc).
    pub fn direction(mut self, direction: SortDirection) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Sets the position of nulls. Default: the service's own.
    pub fn nulls(mut self, nulls: NullsOrder) -> Self {
        self.nulls = Some(nulls);
        self
    }
}

/// The response of [`Databases::add_schema`](crate::hotdata::Databases::add_schema) and
/// [`Connections::add_schema`](crate::hotdata::Connections::add_schema): the new schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedSchemaResponse {
    /// The id of the connection of the catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The name of the schema, as the service writes it: in lowercase.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The names of the tables that were declared with the schema.
    #[serde(default, deserialize_with = "or_default")]
    pub tables: Vec<String>,
}

/// The response of [`Databases::add_table`](crate::hotdata::Databases::add_table) and
/// [`Connections::add_table`](crate::hotdata::Connections::add_table): the new table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableResponse {
    /// The id of the connection of the catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name of the table, as the service writes it: in lowercase.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
}

/// The request to change a managed table. The only setting that can be changed is `constant_per_key`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateManagedTableRequest {
    /// The columns whose values are equal in all rows with the same key. An empty list removes the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant_per_key: Option<Vec<String>>,
}

impl UpdateManagedTableRequest {
    /// Returns a request without a setting.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the columns whose values are equal in all rows with the same key. An empty list removes the
    /// setting.
    pub fn constant_per_key(mut self, constant_per_key: impl IntoIterator<Item: Into<String>>) -> Self {
        self.constant_per_key = Some(constant_per_key.into_iter().map(Into::into).collect());
        self
    }
}

/// The response of [`Databases::set_constant_per_key`](crate::hotdata::Databases::set_constant_per_key) and
/// [`Connections::set_constant_per_key`](crate::hotdata::Connections::set_constant_per_key): the setting that
/// later loads rely on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTableConstantPerKeyResponse {
    /// The id of the connection of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table: String,
    /// The columns whose values are equal in all rows with the same key.
    #[serde(default, deserialize_with = "or_default")]
    pub constant_per_key: Vec<String>,
}

/// The part of a column's value that determines the partition of a row. A part of a date ignores the larger
/// units: `month` alone puts the same month of all years into one partition, so declare both `year` and
/// `month`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartitionTransform {
    /// `identity`: the value itself
    Identity,
    /// `year`: the year of a date or time
    Year,
    /// `month`: the month of the year
    Month,
    /// `day`: the day of the month
    Day,
    /// `hour`: the hour of the day
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
    /// `asc`: ascending, the service's default
    #[default]
    Asc,
    /// `desc`: descending
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
    /// `first`: nulls come before all values
    First,
    /// `last`: nulls come after all values
    Last,
    /// Any other value.
    Other(String),
}

impl_open_enum!(NullsOrder, "place of nulls", {
    First => "first",
    Last => "last",
});
