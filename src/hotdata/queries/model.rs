//! Requests and responses about queries.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::hotdata::query_runs::QueryRunStatus;
use crate::hotdata::rows::{misfit, named, typed};
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::rows::{Row, Source};

/// The request to run a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The SQL, in a dialect like that of Postgres unless another is set.
    pub sql: String,
    /// The id of the database in the body. If the header names one too, both must be equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_id: Option<String>,
    /// Whether the query runs in the background: the response is a ticket unless the query ends quickly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: the time in milliseconds that the service waits for the end before it responds with the
    /// job; at least 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
    /// The catalog of table names without a catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of table names without a schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The SQL dialect. The service rejects an unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
}

impl QueryRequest {
    /// Returns a request with its required fields.
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

    /// Sets the database in the body.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.database_id = Some(id.into());
        self
    }

    /// Lets the query run in the background.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Lets the load run in the background unless it ends within this time in milliseconds: at least 1000.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }

    /// Sets the catalog of table names without a catalog.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(catalog.into());
        self
    }

    /// Sets the schema of table names without a schema.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.default_schema = Some(schema.into());
        self
    }

    /// Sets the SQL dialect.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }
}

/// The rows of a query, or the first of them.
///
/// Cells are JSON: text, numbers, booleans, null, and lists and objects for nested values. Integers of 64
/// bits are exact; infinities and NaN are null. Arrow keeps all values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryResponse {
    /// The names of the columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<String>,
    /// For each column, whether it can have nulls.
    #[serde(default, deserialize_with = "or_default")]
    pub nullable: Vec<bool>,
    /// The rows: all of them, or only the first if the response is truncated and was not followed.
    #[serde(default, deserialize_with = "or_default")]
    pub rows: Vec<Vec<Value>>,
    /// The number of rows in the first response: fewer than in `rows` if the rest was fetched.
    #[serde(default, deserialize_with = "or_default")]
    pub preview_row_count: i64,
    /// An older name of `preview_row_count`.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The total number of rows, if it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// Whether the first response had only the first rows. It remains true if the rest was fetched.
    #[serde(default, deserialize_with = "or_default")]
    pub truncated: bool,
    /// The id of the query run.
    #[serde(default, deserialize_with = "or_default")]
    pub query_run_id: String,
    /// The id of the saved result, which exists if the response is truncated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// The duration, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub execution_time_ms: u64,
    /// A warning, for example that the result could not be saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The texts of the responses that `rows` comes from.
    #[serde(skip)]
    pub(crate) source: Source,
}

impl QueryResponse {
    /// Returns the rows with the names of their columns.
    pub fn named_rows(&self) -> Vec<Row> {
        named(&self.columns, &self.rows)
    }

    /// Returns the rows as a type of your own, whose fields are named as the columns.
    ///
    /// They are read from the text of the responses, so that fields of type `u128`, `i128` or
    /// `Box<serde_json::value::RawValue>` keep every digit, which a [`Value`] beyond 64 bits does not.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// #[derive(serde::Deserialize)]
    /// struct Order {
    ///     id: u128,
    ///     customer: Option<String>,
    /// }
    ///
    /// let response = client.query("SELECT id, customer FROM orders").and_wait().send()?;
    /// for order in response.rows_as::<Order>()? {
    ///     println!("{}: {}", order.id, order.customer.as_deref().unwrap_or("nobody"));
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse), with the id of the query run, if a row
    /// does not fit the type.
    pub fn rows_as<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        typed(&self.columns, &self.rows, &self.source)
            .map_err(|error| misfit::<T>(&error).with_request_id(self.query_run_id.clone()))
    }
}

/// The ticket of a query that continues in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AsyncQueryResponse {
    /// The id of the query run.
    pub query_run_id: String,
    /// The status.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: QueryRunStatus,
    /// The address of the status. The client does not use it; it builds the address from the id.
    #[serde(default, deserialize_with = "or_default")]
    pub status_url: String,
    /// The reason why the query continues in the background.
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
    /// The query continues in the background (HTTP 202).
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

    /// Returns the ticket, if the query continues.
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

/// The SQL dialect of a query.
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
    /// Any other value.
    Other(String),
}

impl_open_enum!(Dialect, "SQL dialect", {
    Hotsql => "hotsql",
    Duckdb => "duckdb",
    Postgres => "postgres",
    Snowflake => "snowflake",
});
