//! What is asked of a query, and what is told of queries and their runs (reference, section 4.5).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::query_runs::QueryRunStatus;
use crate::open_enum::impl_open_enum;

/// A query, as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The SQL, like that of Postgres unless there is a dialect.
    pub sql: String,
    /// The database. The header says the same: both may be given only if they are equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_id: Option<String>,
    /// In the background: the answer is a ticket unless the query is quick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: how long the service waits before it gives a ticket, in milliseconds; 1000 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
    /// The catalog of tables that are named without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of tables that are named without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The words of SQL that it is written in. The service refuses what it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
}

impl QueryRequest {
    /// This SQL and nothing else.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            database_id: None,
            r#async: None,
            async_after_ms: None,
            default_catalog: None,
            default_schema: None,
            dialect: None,
        }
    }

    /// The database, in the body.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.database_id = Some(id.into());
        self
    }

    /// In the background.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// In the background, unless it ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }

    /// The catalog of tables that are named without one.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(catalog.into());
        self
    }

    /// The schema of tables that are named without one.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.default_schema = Some(schema.into());
        self
    }

    /// The words of SQL that it is written in.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }
}

/// The rows of a query, or the first of them.
///
/// Cells are what JSON has: text, numbers, booleans, null, and lists and objects for nested values. Integers of 64 bits are
/// exact; infinities and NaN come as null. Arrow keeps all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryResponse {
    /// The columns' names.
    pub columns: Vec<String>,
    /// Whether a column may hold nulls, for each of them.
    pub nullable: Vec<bool>,
    /// The rows: all of them, or the first if it is truncated and was not followed.
    pub rows: Vec<Vec<Value>>,
    /// How many rows the service's answer held: fewer than `rows` where the rest was fetched.
    pub preview_row_count: i64,
    /// The same; an older name.
    pub row_count: u64,
    /// How many rows there are in all, if that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// The answer held only the first rows. It stays so where the rest was fetched.
    pub truncated: bool,
    /// The query's run.
    pub query_run_id: String,
    /// The saved result: there is always one if it is truncated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// How long it took, in milliseconds.
    pub execution_time_ms: u64,
    /// What went less well: that the result could not be saved, for instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// The ticket of a query that goes on in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AsyncQueryResponse {
    /// The query's run: what to wait for.
    pub query_run_id: String,
    /// What it is doing.
    pub status: QueryRunStatus,
    /// Where to ask; the client makes the address of the id instead.
    pub status_url: String,
    /// Why it is a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The outcome of a query: its rows, or a ticket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum QueryOutcome {
    /// The query has ended: its rows (HTTP 200).
    Completed(QueryResponse),
    /// The query goes on in the background (HTTP 202).
    Submitted(AsyncQueryResponse),
}

impl QueryOutcome {
    /// Returns the rows, if the query has ended.
    pub fn completed(self) -> Option<QueryResponse> {
        match self {
            Self::Completed(response) => Some(response),
            Self::Submitted(_) => None,
        }
    }

    /// Returns the ticket, if the query goes on.
    pub fn submitted(self) -> Option<AsyncQueryResponse> {
        match self {
            Self::Submitted(ticket) => Some(ticket),
            Self::Completed(_) => None,
        }
    }

    /// Returns the id of the query's run.
    pub fn query_run_id(&self) -> &str {
        match self {
            Self::Completed(response) => &response.query_run_id,
            Self::Submitted(ticket) => &ticket.query_run_id,
        }
    }
}

/// The words of SQL that a query is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `hotsql`: the service's default, like that of Postgres
    #[default]
    Hotsql,
    /// `duckdb`
    Duckdb,
    /// `postgres`
    Postgres,
    /// `snowflake`
    Snowflake,
    /// Any other.
    Other(String),
}

impl_open_enum!(Dialect, "SQL dialect", {
    Hotsql => "hotsql",
    Duckdb => "duckdb",
    Postgres => "postgres",
    Snowflake => "snowflake",
});
