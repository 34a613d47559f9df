//! Fetching anew what is known of sources, of the older API (reference, section 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::super::jobs::SubmitJobResponse;
use super::super::success::Success;
use super::Older;

/// Fetching anew, of the older API: see [`Older::refresh`].
#[derive(Debug)]
pub struct Refresh<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Fetching anew what is known of sources.
    pub fn refresh(&self) -> Refresh<M> {
        Refresh { client: self.client.clone() }
    }
}

impl<M> Refresh<M> {
    /// Fetches schemas anew, and rows if that is asked for. `POST /v1/refresh` (`refresh`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a managed catalog; [`NotFound`](crate::ErrorKind::NotFound);
    /// [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "refresh")]
    pub fn start(&self, refresh_request: RefreshRequest) -> Call<M, RefreshSources> {
        self.client.call(RefreshSources::new(refresh_request))
    }
}

/// See [`Refresh::start`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshSources {
    /// What is fetched.
    pub refresh_request: RefreshRequest,
}

impl RefreshSources {
    /// This.
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

/// What is fetched anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The connection. Default: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// The rows, rather than the schema. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<bool>,
    /// Also what is not cached; the reference gives no more than the name. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_uncached: Option<bool>,
    /// In the background, as a job. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: how long the service waits before it gives a ticket, in milliseconds; 1000 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl RefreshRequest {
    /// The schemas of all connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// The connection. Default: all of them.
    pub fn connection_id(mut self, connection_id: impl Into<String>) -> Self {
        self.connection_id = Some(connection_id.into());
        self
    }

    /// The schema.
    pub fn schema_name(mut self, schema_name: impl Into<String>) -> Self {
        self.schema_name = Some(schema_name.into());
        self
    }

    /// The table.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }

    /// The rows, rather than the schema. Default: no.
    pub fn data(mut self, data: bool) -> Self {
        self.data = Some(data);
        self
    }

    /// Also what is not cached; the reference gives no more than the name. Default: no.
    pub fn include_uncached(mut self, include_uncached: bool) -> Self {
        self.include_uncached = Some(include_uncached);
        self
    }

    /// In the background, as a job.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// In the background, unless it is done within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// What came of fetching anew: what it says depends on what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum RefreshOutcome {
    /// Schemas.
    Schema(SchemaRefreshResult),
    /// The rows of a table.
    Table(TableRefreshResult),
    /// The rows of the tables of a connection.
    Connection(ConnectionRefreshResult),
    /// It goes on in the background: the ticket of the job.
    Submitted(SubmitJobResponse),
}

/// The shapes differ by their fields.
fn read_outcome(success: &Success<'_>) -> Result<RefreshOutcome, Error> {
    if success.status() == 202 {
        return success.json().map(RefreshOutcome::Submitted);
    }
    let body: Value = success.json()?;
    match () {
        () if body.get("connections_refreshed").is_some() => success.json().map(RefreshOutcome::Schema),
        () if body.get("rows_synced").is_some() => success.json().map(RefreshOutcome::Table),
        () => success.json().map(RefreshOutcome::Connection),
    }
}

/// What came of fetching schemas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SchemaRefreshResult {
    /// How many connections it worked for.
    pub connections_refreshed: u64,
    /// How many it did not work for.
    pub connections_failed: u64,
    /// How many tables there are.
    pub tables_discovered: u64,
    /// How many of them are new.
    pub tables_added: u64,
    /// How many of them have changed.
    pub tables_modified: u64,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ConnectionRefreshError>>,
}

/// What went wrong with a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshError {
    /// The connection.
    pub connection_id: String,
    /// What went wrong.
    pub error: String,
}

/// What came of fetching a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshResult {
    /// The connection.
    pub connection_id: String,
    /// The schema.
    pub schema_name: String,
    /// The table.
    pub table_name: String,
    /// How many rows came.
    pub rows_synced: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// What came of fetching the tables of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionRefreshResult {
    /// The connection.
    pub connection_id: String,
    /// How many tables it worked for.
    pub tables_refreshed: u64,
    /// How many it did not work for.
    pub tables_failed: u64,
    /// How many rows came.
    pub total_rows: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<TableRefreshError>>,
    /// What to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<RefreshWarning>>,
}

/// What went wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableRefreshError {
    /// The schema.
    pub schema_name: String,
    /// The table.
    pub table_name: String,
    /// What went wrong.
    pub error: String,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshWarning {
    /// What.
    pub message: String,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
}
