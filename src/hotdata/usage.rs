//! The usage of a workspace.

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use super::client::Client;
use super::command::{Call, Command};
use super::endpoint::Endpoint;
use crate::hotdata::wire::or_default;

/// The operation about the usage of a workspace: returned by [`Client::usage`].
#[derive(Debug)]
pub struct Usage<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operation about the usage of the workspace: the bytes that queries read, the number of
    /// queries, and the bytes stored.
    pub fn usage(&self) -> Usage<M> {
        Usage { client: self.clone() }
    }
}

impl<M> Usage<M> {
    /// Returns the usage of the workspace since the beginning of the current month (UTC), or since the time
    /// that [`since`](Call::since) sets. `GET /v1/usage` (`get_usage`).
    #[doc(alias = "get_usage")]
    pub fn get(&self) -> Call<M, GetUsage> {
        self.client.call(GetUsage::new())
    }
}

/// Returns the usage of the workspace: the command of [`Usage::get`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetUsage {
    /// The beginning of the period, in ISO 8601. Default: the beginning of the current month (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl GetUsage {
    /// Returns the command without optional parameters.
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
    /// Sets the beginning of the period, in ISO 8601. Default: the beginning of the current month (UTC).
    pub fn since(mut self, since: impl Into<String>) -> Self {
        self.command.since = Some(since.into());
        self
    }
}

/// The usage of a workspace: the response of [`Usage::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceUsageResponse {
    /// The number of bytes that queries read from storage. Reads from the cache do not count.
    #[serde(default, deserialize_with = "or_default")]
    pub bytes_scanned: i64,
    /// The number of queries that have ended, succeeded and failed ones together.
    #[serde(default, deserialize_with = "or_default")]
    pub query_count: i64,
    /// The beginning of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The number of stored bytes.
    #[serde(default, deserialize_with = "or_default")]
    pub storage_bytes: i64,
    /// The time at which `storage_bytes` was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_captured_at: Option<Timestamp>,
}
