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

/// The operation that refreshes sources, of the older API: see [`Older::refresh`].
#[derive(Debug)]
pub struct Refresh<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operation that refreshes schemas and rows of sources.
    pub fn refresh(&self) -> Refresh<M> {
        Refresh { client: self.client.clone() }
    }
}

impl<M> Refresh<M> {
    /// Refreshes schemas, or rows if requested. `POST /v1/refresh` (`refresh`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if it is a managed catalog;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "refresh")]
    pub fn start(&self, refresh_request: RefreshRequest) -> Call<M, RefreshSources> {
        self.client.call(RefreshSources::new(refresh_request))
    }
}

/// The command of [`Refresh::start`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshSources {
    /// The request body.
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

/// The request to refresh schemas or rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The id of the connection. Default: all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Whether rows are refreshed, instead of schemas. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<bool>,
    /// The vendor's `include_uncached`, of which only the name is documented. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_uncached: Option<bool>,
    /// Whether the work is done in the background, by a job. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: the time in milliseconds that the service waits for the end before it responds with the
    /// job; at least 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl RefreshRequest {
    /// Returns a request to refresh the schemas of all connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the connection. Default: all connections.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.connection_id = Some(connection_id.into());
        self
    }

    /// Sets the schema.
    pub fn schema_name(mut self, schema_name: impl Into<String>) -> Self {
        self.schema_name = Some(schema_name.into());
        self
    }

    /// Sets the table.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }

    /// Sets whether rows are refreshed, instead of schemas. Default: false.
    pub fn data(mut self, data: bool) -> Self {
        self.data = Some(data);
        self
    }

    /// Sets the vendor's `include_uncached`, of which only the name is documented. Default: false.
    pub fn include_uncached(mut self, include_uncached: bool) -> Self {
        self.include_uncached = Some(include_uncached);
        self
    }

    /// Lets the service work in the background, by a job.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Lets the service work in the background unless it is done within this time in milliseconds: at least 1000.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// The outcome of a refresh, by what was requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum RefreshOutcome {
    /// Schemas were refreshed.
    Schema(SchemaRefreshResult),
    /// The rows of a table were refreshed.
    Table(TableRefreshResult),
    /// The rows of the tables of a connection were refreshed.
    Connection(ConnectionRefreshResult),
    /// The refresh continues in the background, as this job.
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
        () if has(&["connections_refreshed", "connections_failed", "tables_discovered", "tables_added"]) => {
            success.json().map(RefreshOutcome::Schema)
        }
        () if has(&["rows_synced", "table_name", "schema_name"]) => success.json().map(RefreshOutcome::Table),
        () if has(&["tables_refreshed", "tables_failed", "total_rows", "connection_id"]) => {
            success.json().map(RefreshOutcome::Connection)
        }
        () => Err(success.unusable("it has no field of a refresh of schemas, tables or connections")),
    }
}

/// The result of a refresh of schemas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SchemaRefreshResult {
    /// The number of connections that were refreshed.
    #[serde(default, deserialize_with = "or_default")]
    pub connections_refreshed: u64,
    /// The number of connections that failed.
    #[serde(default, deserialize_with = "or_default")]
    pub connections_failed: u64,
    /// The number of tables.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_discovered: u64,
    /// The number of new tables.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_added: u64,
    /// The number of changed tables.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_modified: u64,
    /// The errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ConnectionRefreshError>>,
}

/// An error of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshError {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The errors.
    #[serde(default, deserialize_with = "or_default")]
    pub error: String,
}

/// The result of a refresh of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshResult {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of rows that were synced.
    #[serde(default, deserialize_with = "or_default")]
    pub rows_synced: u64,
    /// The duration, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub duration_ms: u64,
    /// The warnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// The result of a refresh of the tables of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshResult {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The number of tables that were refreshed.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_refreshed: u64,
    /// The number of connections that failed.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_failed: u64,
    /// The number of rows that were synced.
    #[serde(default, deserialize_with = "or_default")]
    pub total_rows: u64,
    /// The duration, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub duration_ms: u64,
    /// The errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<TableRefreshError>>,
    /// The warnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// An error of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshError {
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The errors.
    #[serde(default, deserialize_with = "or_default")]
    pub error: String,
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshWarning {
    /// The message.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
}
