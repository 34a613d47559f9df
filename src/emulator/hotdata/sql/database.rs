//! One Hotdata database: its tables, in memory.

use std::sync::Arc;

use super::error::{SqlError, bad};
use super::load::{Load, Loaded};
use super::types::Column;

/// The tables of one Hotdata database. Clones are the same database; when the last is dropped, the tables are gone.
#[derive(Clone, Debug)]
pub(crate) struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner;

/// What is known of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableFacts {
    /// Its columns, in order.
    pub(crate) columns: Vec<Column>,
    /// How many rows it has.
    pub(crate) rows: u64,
}

impl Database {
    /// An empty one.
    pub(crate) fn new() -> Result<Self, SqlError> {
        Ok(Self(Arc::new(Inner)))
    }

    /// An independent copy.
    pub(crate) fn fork(&self) -> Result<Self, SqlError> {
        Self::new()
    }

    /// Loads. All or nothing; loads of one database wait for each other.
    pub(crate) fn load(&self, load: &Load<'_>) -> Result<Loaded, SqlError> {
        bad(format!("{} cannot be loaded yet", load.table))
    }

    /// Removes a table; false if there was none.
    pub(crate) fn drop_table(&self, _schema: &str, _table: &str) -> Result<bool, SqlError> {
        Ok(false)
    }

    /// What is known of a table; none until something was loaded into it.
    pub(crate) fn table(&self, _schema: &str, _table: &str) -> Option<TableFacts> {
        None
    }

    /// Schema and name of all tables that hold something, in order.
    pub(crate) fn tables(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// A table's columns as `ColumnProfileInfo` has them; none until something was loaded into it.
    pub(crate) fn profile(
        &self,
        _schema: &str,
        _table: &str,
    ) -> Result<Option<Vec<serde_json::Value>>, SqlError> {
        Ok(None)
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> u64 {
        0
    }
}
