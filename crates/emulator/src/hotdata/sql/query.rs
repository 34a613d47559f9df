//! Queries: one statement that reads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::hotdata::formats::{Cell, ResultBuilder, StoredResult};
use crate::hotdata::storage::Pool;

use super::database::{BUSY, Database, stored_name};
use super::error::{SqlError, bad};
use super::functions;
use super::lexer::quoted;
use super::translate::{Names, translate};
use super::types::ColumnType;

/// The longest statement.
const MAX_SQL: usize = 1_000_000;
/// The longest single value.
const MAX_VALUE: i32 = 64 * 1024 * 1024;
/// How many steps of SQLite's machine pass between two looks at the clock.
const STEPS: i32 = 10_000;
/// How many catalogs one query may use: SQLite attaches no more.
const MAX_CATALOGS: usize = 10;
const INFORMATION_SCHEMA: &str = "information_schema";

/// What a query sees.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The catalogs, each with the names it answers to. The database's own is the first; it answers to
    /// `default` and to the name that was chosen for it.
    pub(crate) catalogs: Vec<(Vec<String>, Database)>,
    /// Which catalog a name without one means, by one of its names.
    pub(crate) default_catalog: String,
    /// Which schema a name without one means.
    pub(crate) default_schema: String,
}

impl Scope {
    /// The type of the columns with this name, if all have the same.
    fn column_type(&self, name: &str) -> Option<ColumnType> {
        let mut found = None;
        for (_, database) in &self.catalogs {
            for (schema, table) in database.tables() {
                let facts = database.table(&schema, &table);
                let columns = facts.iter().flat_map(|facts| &facts.columns);
                for column in columns.filter(|column| column.name.eq_ignore_ascii_case(name)) {
                    if found.is_some_and(|found| found != column.data_type) {
                        return None;
                    }
                    found = Some(column.data_type);
                }
            }
        }
        found
    }
}

/// How much a query may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How long it may run.
    pub(crate) time: Duration,
    /// How many bytes its result may have.
    pub(crate) bytes: u64,
    /// How many microseconds since 1970 it is: what `now()` says.
    pub(crate) now: i64,
}

/// Runs a query. Its result is kept in `pool`.
///
/// It has a connection of its own, to which only the catalogs that it names are attached: it can see nothing
/// else. SQLite must find that it only reads, and nothing is attached, set or written while it runs.
///
/// # Errors
///
/// 400 with SQLite's own words if the statement is wrong, or is none that reads; 503 if it takes too much.
pub(crate) fn query(
    scope: &Scope,
    sql: &str,
    limits: &Limits,
    pool: &Arc<Pool>,
) -> Result<StoredResult, SqlError> {
    if sql.len() > MAX_SQL {
        return bad(format!("a statement has at most {MAX_SQL} bytes"));
    }
    let mut names = Resolved { scope, used: BTreeMap::new(), wants_information: false };
    let translated = translate(sql, &mut names)?;
    let Resolved { used, wants_information, .. } = names;
    let connection = open(limits)?;
    if used.len() > MAX_CATALOGS {
        return bad(format!("a query can use at most {MAX_CATALOGS} catalogs"));
    }
    for place in used.keys() {
        if let Some((_, database)) = scope.catalogs.get(*place) {
            connection.execute(&format!("ATTACH ?1 AS c{place}"), [database.uri()])?;
        }
    }
    if wants_information {
        information(&connection, scope)?;
    }
    connection.execute_batch("PRAGMA case_sensitive_like = ON; PRAGMA query_only = ON")?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        // What a series is asked for is checked in its brackets only.
        AuthAction::Read { table_name, column_name }
            if table_name.eq_ignore_ascii_case("generate_series")
                && ["start", "stop", "step"].contains(&column_name) =>
        {
            Authorization::Deny
        }
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))?;
    let ends = Instant::now() + limits.time;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= ends))?;
    read(&connection, &translated, scope, limits, pool)
}

/// A connection to nothing yet.
fn open(limits: &Limits) -> Result<Connection, SqlError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(":memory:", flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, 200)?;
    // A name that is not a column is a mistake, not text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    rusqlite::vtab::series::load_module(&connection)?;
    functions::add(&connection, limits.now)?;
    Ok(connection)
}

fn read(
    connection: &Connection,
    translated: &super::translate::Translated,
    scope: &Scope,
    limits: &Limits,
    pool: &Arc<Pool>,
) -> Result<StoredResult, SqlError> {
    let mut statement = connection.prepare(&translated.sql)?;
    if !statement.readonly() {
        return bad("only queries are allowed: the statement would change data");
    }
    let count = statement.column_count();
    let columns = statement.columns();
    let described = columns.iter().enumerate().map(|(place, column)| {
        let declared = column.decl_type().and_then(ColumnType::of_declared);
        let hint = translated.hints.of(place, count);
        let name = hint.name.unwrap_or_else(|| column.name().to_owned());
        // Columns of tables may be null; what is calculated may be if it is.
        let like = || hint.like.as_deref().and_then(|name| scope.column_type(name));
        (name, declared.or(hint.kind).or_else(like), declared.is_some())
    });
    let mut result = ResultBuilder::new(pool, described.collect());
    let full = |e: std::io::Error| SqlError::Internal(format!("the result cannot be stored: {e}"));
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut cells = Vec::with_capacity(count);
        for place in 0..count {
            cells.push(match row.get_ref(place)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Real(number) => Cell::Real(number),
                ValueRef::Text(bytes) => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
                ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
            });
        }
        result.push(cells).map_err(full)?;
        if result.kept() > limits.bytes {
            return Err(SqlError::Exhausted(format!("the result is larger than {} bytes", limits.bytes)));
        }
    }
    result.finish().map_err(full)
}

/// Finds tables in the scope, and notes which catalogs are used.
struct Resolved<'a> {
    scope: &'a Scope,
    used: BTreeMap<usize, ()>,
    wants_information: bool,
}

impl Names for Resolved<'_> {
    fn table(&mut self, catalog: Option<&str>, schema: Option<&str>, table: &str) -> Option<String> {
        let catalog = catalog.unwrap_or(&self.scope.default_catalog).to_lowercase();
        let schema = schema.unwrap_or(&self.scope.default_schema).to_lowercase();
        let table = table.to_lowercase();
        if schema == INFORMATION_SCHEMA && ["tables", "columns"].contains(&table.as_str()) {
            self.wants_information = true;
            return Some(format!("temp.{}", quoted(&stored_name(&schema, &table))));
        }
        let has_name = |names: &Vec<String>| names.iter().any(|name| name.to_lowercase() == catalog);
        let place = self.scope.catalogs.iter().position(|(names, _)| has_name(names))?;
        self.scope.catalogs[place].1.table(&schema, &table)?;
        self.used.insert(place, ());
        Some(format!("c{place}.{}", quoted(&stored_name(&schema, &table))))
    }
}

/// The tables of the information schema, of what is in scope.
fn information(connection: &Connection, scope: &Scope) -> Result<(), SqlError> {
    connection.execute_batch(
        "CREATE TEMP TABLE \"information_schema.tables\" (table_catalog VARCHAR, table_schema VARCHAR, \
         table_name VARCHAR, table_type VARCHAR);
         CREATE TEMP TABLE \"information_schema.columns\" (table_catalog VARCHAR, table_schema VARCHAR, \
         table_name VARCHAR, column_name VARCHAR, ordinal_position BIGINT, is_nullable VARCHAR, data_type VARCHAR)",
    )?;
    for (names, database) in &scope.catalogs {
        let catalog = names.first().map_or("default", String::as_str);
        for (schema, table) in database.tables() {
            connection.execute(
                "INSERT INTO \"information_schema.tables\" VALUES (?1, ?2, ?3, 'BASE TABLE')",
                [catalog, &schema, &table],
            )?;
            let Some(facts) = database.table(&schema, &table) else { continue };
            for (place, column) in facts.columns.iter().enumerate() {
                connection.execute(
                    "INSERT INTO \"information_schema.columns\" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    rusqlite::params![
                        catalog,
                        schema,
                        table,
                        column.name,
                        i64::try_from(place + 1).unwrap_or(i64::MAX),
                        if column.nullable { "YES" } else { "NO" },
                        column.data_type.arrow_text(),
                    ],
                )?;
            }
        }
    }
    Ok(())
}
