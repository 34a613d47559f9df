//! Refreshing schemas and rows of sources, of the older API.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::super::jobs::SubmitJobResponse;
use super::super::success::Success;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operation that refreshes what the service has copied from sources, of the [older
/// API](crate::hotdata::older): their schemas (which tables and columns there are) or their rows. Returned by
/// [`Older::refresh`].
///
/// Today's API has no such operation.
#[derive(Debug)]
pub struct Refresh<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operation that refreshes what the service has copied from sources: their schemas (which
    /// tables and columns there are) or their rows.
    pub fn refresh(&self) -> Refresh<M> {
        Refresh { client: self.client.clone() }
    }
}

impl<M> Refresh<M> {
    /// Refreshes the schemas of sources (which tables and columns there are), or their rows if `data` of the
    /// request is true. `POST /v1/refresh` (`refresh`).
    ///
    /// The output is the result, or a job if the refresh continues in the background.
    /// [`wait_for_job`](crate::hotdata::Jobs::wait_for_job) waits for the end of a job.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is a managed catalog (one whose tables
    /// Hotdata stores itself), or if `async_after_ms` is out of range;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection, the schema or the table does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "refresh")]
    pub fn start(&self, refresh_request: RefreshRequest) -> Call<M, RefreshSources> {
        self.client.call(RefreshSources::new(refresh_request))
    }
}

/// Refreshes schemas or rows of sources: the command of [`Refresh::start`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshSources {
    /// What is refreshed, and whether the service does it in the background.
    pub refresh_request: RefreshRequest,
}

impl RefreshSources {
    /// Returns the command with its required parameters.
    pub fn new(refresh_request: RefreshRequest) -> Self {
        Self { refresh_request }
    }
}

impl Command for RefreshSources {
    type Output = RefreshOutcome;
    const NAME: &'static str = "refresh";

    fn endpoint(&self) -> Endpoint<'_, RefreshOutcome> {
        Endpoint::post_read(Self::NAME, "/v1/refresh", read_outcome).json(&self.refresh_request)
    }
}

/// The request of [`Refresh::start`]: what is refreshed, and whether the service does it in the background.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The id of the connection to refresh. Default: all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The schema that contains the tables to refresh. Default: the request names no schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The name of the table to refresh. Default: the request names no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Whether rows are refreshed (true) or schemas (false). Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<bool>,
    /// The field `include_uncached`, whose meaning the vendor does not document. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_uncached: Option<bool>,
    /// Whether the service refreshes in the background, as a job. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// The time in milliseconds, at least 1000, that the service waits for the end of the refresh before it
    /// responds with the job. Only with `async`. Default: the request names no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl RefreshRequest {
    /// Returns a request to refresh the schemas of all connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the connection to refresh. Default: all connections.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.connection_id = Some(connection_id.into());
        self
    }

    /// Sets the schema that contains the tables to refresh. Default: the request names no schema.
    pub fn schema_name(mut self, schema_name: impl Into<String>) -> Self {
        self.schema_name = Some(schema_name.into());
        self
    }

    /// Sets the name of the table to refresh. Default: the request names no table.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }

    /// Sets whether rows are refreshed (true) or schemas (false). Default: false.
    pub fn data(mut self, data: bool) -> Self {
        self.data = Some(data);
        self
    }

    /// Sets the field `include_uncached`, whose meaning the vendor does not document. Default: false.
    pub fn include_uncached(mut self, include_uncached: bool) -> Self {
        self.include_uncached = Some(include_uncached);
        self
    }

    /// Makes the service refresh in the background, as a job. Default: the service responds after the
    /// refresh.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Makes the service refresh in the background, as a job, unless the refresh ends within this time in
    /// milliseconds, at least 1000. Default: the service responds after the refresh.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// The outcome of a refresh: the output of [`Refresh::start`]. The variant depends on what was requested, and
/// on whether the refresh continues in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum RefreshOutcome {
    /// The result of a refresh of schemas.
    Schema(SchemaRefreshResult),
    /// The result of a refresh of the rows of one table.
    Table(TableRefreshResult),
    /// The result of a refresh of the rows of the tables of a connection.
    Connection(ConnectionRefreshResult),
    /// The refresh continues in the background, as this job (HTTP 202).
    Submitted(SubmitJobResponse),
}

/// Reads the outcome. The forms are distinguished by their fields.
fn read_outcome(success: &Success<'_>) -> Result<RefreshOutcome, Error> {
    if success.status() == 202 {
        return success.json().map(RefreshOutcome::Submitted);
    }
    let body: Value = success.json()?;
    let has = |keys: &[&str]| keys.iter().any(|key| body.get(key).is_some());
    match () {
        () if has(&[
            "connections_refreshed",
            "connections_failed",
            "tables_discovered",
            "tables_added",
            "tables_modified",
        ]) => {
            success.json().map(RefreshOutcome::Schema)
        }
        () if has(&["rows_synced", "table_name", "schema_name"]) => success.json().map(RefreshOutcome::Table),
        () if has(&["tables_refreshed", "tables_failed", "total_rows", "connection_id"]) => {
            success.json().map(RefreshOutcome::Connection)
        }
        () => Err(success.unusable(
            "it has no field of a refresh result, for example `connections_refreshed` (schemas), `rows_synced` (a table) or `tables_refreshed` (a connection)",
        )),
    }
}

/// The result of a refresh of schemas: see [`RefreshOutcome::Schema`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SchemaRefreshResult {
    /// The number of connections that were refreshed.
    #[serde(default, deserialize_with = "or_default")]
    pub connections_refreshed: u64,
    /// The number of connections whose refresh failed.
    #[serde(default, deserialize_with = "or_default")]
    pub connections_failed: u64,
    /// The number of tables that were found.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_discovered: u64,
    /// The number of tables that are new.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_added: u64,
    /// The number of tables that have changed.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_modified: u64,
    /// The errors of the connections whose refresh failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ConnectionRefreshError>>,
}

/// The error of a connection whose refresh failed, in [`SchemaRefreshResult::errors`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshError {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The reason why the refresh of the connection failed.
    #[serde(default, deserialize_with = "or_default")]
    pub error: String,
}

/// The result of a refresh of the rows of one table: see [`RefreshOutcome::Table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshResult {
    /// The id of the connection of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of rows that were synced from the source.
    #[serde(default, deserialize_with = "or_default")]
    pub rows_synced: u64,
    /// The duration of the refresh, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub duration_ms: u64,
    /// The warnings, if the service sends any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// The result of a refresh of the rows of the tables of a connection: see [`RefreshOutcome::Connection`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshResult {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The number of tables that were refreshed.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_refreshed: u64,
    /// The number of tables whose refresh failed.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_failed: u64,
    /// The number of rows that were synced from the source, of all tables together.
    #[serde(default, deserialize_with = "or_default")]
    pub total_rows: u64,
    /// The duration of the refresh, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub duration_ms: u64,
    /// The errors of the tables whose refresh failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<TableRefreshError>>,
    /// The warnings, if the service sends any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// The error of a table whose refresh failed, in [`ConnectionRefreshResult::errors`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshError {
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The reason why the refresh of the table failed.
    #[serde(default, deserialize_with = "or_default")]
    pub error: String,
}

/// A warning about a refresh of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshWarning {
    /// The text of the warning.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    /// The schema of the table that the warning is about, if the warning names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The name of the table that the warning is about, if the warning names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
}
