//! One Hotdata database: its tables, in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::server::lock;

use super::error::SqlError;
use super::lexer::quoted;
use super::load::{self, Load, Loaded};
use super::profile;
use super::types::Column;

/// How long a load waits for queries of the same database to end, and a query for a load: longer than any
/// takes.
pub(super) const BUSY: Duration = Duration::from_secs(330);

/// The tables of one Hotdata database. Clones are the same database; when the last is dropped, the tables are
/// gone.
///
/// SQLite keeps at most 1 GiB of them.
#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    /// Under which SQLite knows it in this process.
    uri: String,
    /// Keeps it alive, and is what changes it.
    writer: Mutex<Connection>,
    tables: Mutex<BTreeMap<(String, String), TableFacts>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("tables", &lock(&self.0.tables)).finish_non_exhaustive()
    }
}

/// What is known of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableFacts {
    /// Its columns, in order.
    pub(crate) columns: Vec<Column>,
    /// How many rows it has.
    pub(crate) rows: u64,
}

/// What SQLite calls a table: its schemas are none of SQLite's.
pub(super) fn stored_name(schema: &str, table: &str) -> String {
    format!("{schema}.{table}")
}

impl Database {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// 500 if SQLite has no memory for it.
    pub(crate) fn new() -> Result<Self, SqlError> {
        // A name that no other database of this process has, nor can be guessed from SQL.
        let mut random = [0; 16];
        let none =
            |_| SqlError::Internal("the system has no random bytes for the name of a database".to_owned());
        SystemRandom::new().fill(&mut random).map_err(none)?;
        let uri = format!("file:/controlplane-{:032x}?vfs=memdb", u128::from_ne_bytes(random));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let writer = Connection::open_with_flags(&uri, flags)?;
        writer.busy_timeout(BUSY)?;
        writer.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")?;
        Ok(Self(Arc::new(Inner { uri, writer: Mutex::new(writer), tables: Mutex::default() })))
    }

    /// What changes it, and what is known of its tables.
    pub(super) fn parts(&self) -> (MutexGuard<'_, Connection>, BTreeMap<(String, String), TableFacts>) {
        let writer = lock(&self.0.writer);
        let tables = lock(&self.0.tables).clone();
        (writer, tables)
    }

    /// Something was put into a table that is new.
    pub(super) fn set_facts(&self, name: (String, String), facts: TableFacts) {
        lock(&self.0.tables).insert(name, facts);
    }

    pub(super) fn uri(&self) -> &str {
        &self.0.uri
    }

    /// An independent copy.
    ///
    /// # Errors
    ///
    /// 500 if SQLite has no memory for it.
    pub(crate) fn fork(&self) -> Result<Self, SqlError> {
        let fork = Self::new()?;
        let source = lock(&self.0.writer);
        {
            let mut target = lock(&fork.0.writer);
            let copied = Backup::new(&source, &mut target)?.run_to_completion(i32::MAX, Duration::ZERO, None);
            copied.map_err(|e| SqlError::Internal(format!("the database cannot be copied: {e}")))?;
        }
        *lock(&fork.0.tables) = lock(&self.0.tables).clone();
        drop(source);
        Ok(fork)
    }

    /// Loads. All or nothing; loads of one database wait for each other.
    ///
    /// # Errors
    ///
    /// 400 for what breaks a rule of `LoadManagedTableRequest`, 404 for rows to change in a table that holds
    /// none, 409 for a column that would change its type other than by widening. The table is as it was.
    pub(crate) fn load(&self, load: &Load<'_>) -> Result<Loaded, SqlError> {
        let mut writer = lock(&self.0.writer);
        let name = (load.schema.to_owned(), load.table.to_owned());
        let existing = lock(&self.0.tables).get(&name).cloned();
        let facts = load::run(&mut writer, load, existing.as_ref())?;
        let loaded = Loaded {
            row_count: facts.rows,
            arrow_schema_json: super::types::arrow_schema_json(&facts.columns),
        };
        lock(&self.0.tables).insert(name, facts);
        Ok(loaded)
    }

    /// Removes a table; false if there was none.
    ///
    /// # Errors
    ///
    /// 503 if queries of it do not end.
    pub(crate) fn drop_table(&self, schema: &str, table: &str) -> Result<bool, SqlError> {
        let writer = lock(&self.0.writer);
        let name = (schema.to_owned(), table.to_owned());
        if !lock(&self.0.tables).contains_key(&name) {
            return Ok(false);
        }
        writer.execute_batch(&format!("DROP TABLE {}", quoted(&stored_name(schema, table))))?;
        lock(&self.0.tables).remove(&name);
        Ok(true)
    }

    /// What is known of a table; none until something was loaded into it.
    pub(crate) fn table(&self, schema: &str, table: &str) -> Option<TableFacts> {
        lock(&self.0.tables).get(&(schema.to_owned(), table.to_owned())).cloned()
    }

    /// Schema and name of all tables into which something was loaded, in order.
    pub(crate) fn tables(&self) -> Vec<(String, String)> {
        lock(&self.0.tables).keys().cloned().collect()
    }

    /// A table's columns as `ColumnProfileInfo` has them; none until something was loaded into it.
    ///
    /// # Errors
    ///
    /// 503 if it takes too much.
    pub(crate) fn profile(
        &self,
        schema: &str,
        table: &str,
    ) -> Result<Option<Vec<serde_json::Value>>, SqlError> {
        let writer = lock(&self.0.writer);
        match self.table(schema, table) {
            None => Ok(None),
            Some(facts) => profile::columns(&writer, &stored_name(schema, table), &facts).map(Some),
        }
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> u64 {
        let pages = "SELECT (page_count - freelist_count) * page_size \
                     FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        lock(&self.0.writer)
            .query_row(pages, [], |row| row.get::<_, i64>(0))
            .map_or(0, |n| u64::try_from(n).unwrap_or(0))
    }
}
