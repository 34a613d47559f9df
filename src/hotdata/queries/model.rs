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

/// The request to run a query: the body of `POST /v1/query`, for [`Query`](super::Query) and
/// [`Client::query_plain`](crate::hotdata::Client::query_plain).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The SQL statement. Its dialect is similar to that of Postgres, unless [`dialect`](Self::dialect) is
    /// set.
    pub sql: String,
    /// The id of the database, which is sent in the body. If the header `X-Database-Id` names a database too,
    /// the service rejects a different id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_id: Option<String>,
    /// Whether the query runs in the background. Then the response is a ticket, unless the query ends
    /// quickly. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// The time in milliseconds that the service waits for the end of a query with `async` before it responds
    /// with a ticket, at least 1000. If the query ends within this time, the response has the rows. Only with
    /// `async`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
    /// The catalog of the tables that the SQL names without a catalog. Default: the default catalog of the
    /// database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of the tables that the SQL names without a schema. Default: the default schema of the
    /// database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The SQL dialect. The service rejects a dialect that it does not know. Default: `hotsql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
}

impl QueryRequest {
    /// Returns a request to run this SQL, without optional fields.
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

    /// Sets the id of the database, which is sent in the body. If the header `X-Database-Id` names a database
    /// too, the service rejects a different id.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.database_id = Some(id.into());
        self
    }

    /// Makes the query run in the background. Then the response is a ticket, unless the query ends quickly.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Makes the query run in the background if it has not ended after this time in milliseconds, at least
    /// 1000. Then the response is a ticket; otherwise it has the rows.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }

    /// Sets the catalog of the tables that the SQL names without a catalog. Default: the default catalog of
    /// the database.
    pub fn default_catalog(mut self, catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(catalog.into());
        self
    }

    /// Sets the schema of the tables that the SQL names without a schema. Default: the default schema of the
    /// database.
    pub fn default_schema(mut self, schema: impl Into<String>) -> Self {
        self.default_schema = Some(schema.into());
        self
    }

    /// Sets the SQL dialect. Default: [`Dialect::Hotsql`].
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }
}

/// The rows of a query, or only the first rows of a large result: what [`Client::query`] returns as
/// [`QueryOutcome::Completed`].
///
/// Cells are JSON values: text, numbers, booleans and nulls, and lists and objects for nested values.
/// Integers of 64 bits are exact. Infinities and NaN are null here; they are kept only if the rows are
/// fetched as Arrow ([`ResultFormat::Arrow`](crate::hotdata::ResultFormat::Arrow)).
///
/// [`Client::query`]: crate::hotdata::Client::query
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryResponse {
    /// The names of the columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<String>,
    /// For each column, whether it can have nulls, in the order of `columns`.
    #[serde(default, deserialize_with = "or_default")]
    pub nullable: Vec<bool>,
    /// The rows, each with one cell for each column. Only the first rows if `truncated` is true and the call
    /// did not fetch the others, for example because of `.follow(false)`.
    #[serde(default, deserialize_with = "or_default")]
    pub rows: Vec<Vec<Value>>,
    /// The number of rows in the response to the query. If the call fetched further rows, `rows` has more. 0
    /// if the query ran in the background.
    #[serde(default, deserialize_with = "or_default")]
    pub preview_row_count: i64,
    /// The same number as `preview_row_count`, under its older name.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The total number of rows of the result, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// Whether the response to the query had only the first rows. It stays true after the call has fetched
    /// the others. False if the query ran in the background.
    #[serde(default, deserialize_with = "or_default")]
    pub truncated: bool,
    /// The id of the query run, for [`query_runs().get(…)`](crate::hotdata::QueryRuns::get).
    #[serde(default, deserialize_with = "or_default")]
    pub query_run_id: String,
    /// The id of the saved result, for [`results().get(…)`](crate::hotdata::Results::get). According to
    /// the vendor, a response with `truncated` always has an id. `None` if there is no saved result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// The execution time of the query, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub execution_time_ms: u64,
    /// A warning of the service, for example that it could not save the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The texts of the responses from which `rows` was read.
    #[serde(skip)]
    pub(crate) source: Source,
}

impl QueryResponse {
    /// Returns the rows as maps from the names of the columns to the cells.
    pub fn named_rows(&self) -> Vec<Row> {
        named(&self.columns, &self.rows)
    }

    /// Returns the rows as values of a type of your own, whose fields have the names of the columns.
    ///
    /// The values are read from the text of the responses. So fields of type `u128`, `i128` or
    /// `Box<serde_json::value::RawValue>` keep every digit of a number; a cell in [`rows`](Self::rows)
    /// is rounded if it is a number of more than 64 bits.
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

/// The ticket of a query that continues in the background: it has the id of the query run, for
/// [`query_runs().wait_for_query_run(…)`](crate::hotdata::QueryRuns::wait_for_query_run).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AsyncQueryResponse {
    /// The id of the query run.
    pub query_run_id: String,
    /// The status of the query run when the service sent the ticket.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: QueryRunStatus,
    /// The address at which the service returns the query run. The client does not use this address: it makes
    /// the address from `query_run_id`.
    #[serde(default, deserialize_with = "or_default")]
    pub status_url: String,
    /// The reason why the query continues in the background, in the service's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The outcome of a query: a response with rows, or a ticket if the query continues in the background. In JSON
/// it has no tag: it is the [`QueryResponse`] or the [`AsyncQueryResponse`] itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum QueryOutcome {
    /// The query has ended (HTTP 200). The response has its rows, or only the first ones if
    /// [`truncated`](QueryResponse::truncated) is true.
    Completed(QueryResponse),
    /// The query continues in the background (HTTP 202). The ticket has the id of the query run.
    Submitted(AsyncQueryResponse),
}

impl QueryOutcome {
    /// Returns the response with the rows, or `None` if the query continues in the background.
    pub fn completed(self) -> Option<QueryResponse> {
        match self {
            Self::Completed(response) => Some(response),
            Self::Submitted(_) => None,
        }
    }

    /// Returns the ticket, or `None` if the query has ended.
    pub fn submitted(self) -> Option<AsyncQueryResponse> {
        match self {
            Self::Submitted(ticket) => Some(ticket),
            Self::Completed(_) => None,
        }
    }

    /// Returns the id of the query run.
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
    /// `hotsql`: the service's own dialect, similar to that of Postgres; the default
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
