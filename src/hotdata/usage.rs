//! What a workspace has used.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use super::client::Client;
use super::command::{Call, Command};
use super::endpoint::Endpoint;

/// What the workspace has used: see [`Client::usage`].
#[derive(Debug)]
pub struct Usage<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// The operation about what the workspace has used.
    pub fn usage(&self) -> Usage<M> {
        Usage { client: self.clone() }
    }
}

impl<M> Usage<M> {
    /// What the workspace has used since a time: since the month began (UTC), unless it is said otherwise.
    /// `GET /v1/usage` (`get_usage`).
    #[doc(alias = "get_usage")]
    pub fn get(&self) -> Call<M, GetUsage> {
        self.client.call(GetUsage::new())
    }
}

/// See [`Usage::get`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetUsage {
    /// Since when, in ISO 8601. Default: since the month began (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl GetUsage {
    /// Since the month began.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for GetUsage {
    type Output = WorkspaceUsageResponse;
    const NAME: &'static str = "get_usage";

    fn endpoint(&self) -> Endpoint<'_, WorkspaceUsageResponse> {
        Endpoint::get(Self::NAME, "/v1/usage").query("since", self.since.as_deref())
    }
}

impl<M> Call<M, GetUsage> {
    /// Since when, in ISO 8601. Default: since the month began (UTC).
    pub fn since(mut self, since: impl Into<String>) -> Self {
        self.command.since = Some(since.into());
        self
    }
}

/// What a workspace has used (reference, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceUsageResponse {
    /// Bytes that were read from storage; what came from the cache counts nothing.
    pub bytes_scanned: i64,
    /// Queries that succeeded or failed.
    pub query_count: i64,
    /// Since when.
    pub since: Timestamp,
    /// Bytes that are stored.
    pub storage_bytes: i64,
    /// When that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_captured_at: Option<Timestamp>,
}
