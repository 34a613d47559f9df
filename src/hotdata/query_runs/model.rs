//! Responses about query runs.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A query run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryRunInfo {
    /// The id.
    pub id: String,
    /// The status.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: QueryRunStatus,
    /// The time of its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_text: String,
    /// A hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The id of the snapshot of the data that it read.
    #[serde(default, deserialize_with = "or_default")]
    pub snapshot_id: String,
    /// The reason of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// A warning, for example that the result could not be saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_message: Option<String>,
    /// The id of the saved result. A run can succeed without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// The number of rows of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// The number of rows that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_scanned: Option<i64>,
    /// The number of bytes that were read: 0 from a cache, `None` if no table was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_scanned: Option<i64>,
    /// The duration, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<i64>,
    /// The processing time of the service, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_processing_ms: Option<i64>,
    /// The id of the saved query, if one was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_id: Option<String>,
    /// The version of the saved query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_version: Option<i64>,
    /// The service's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The id of the user who ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_public_id: Option<String>,
}

/// A page of query runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListQueryRunsResponse {
    /// The runs.
    #[serde(default, deserialize_with = "or_default")]
    pub query_runs: Vec<QueryRunInfo>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The status of a query run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryRunStatus {
    /// `queued`: not documented, and tolerated by the vendor's clients
    Queued,
    /// `pending`: not documented, and tolerated by the vendor's clients
    Pending,
    /// `running`
    Running,
    /// `succeeded`
    Succeeded,
    /// `failed`
    Failed,
    /// `interrupted`: final; the query can be sent again
    Interrupted,
    /// `cancelled`: not documented, and tolerated by the vendor's clients
    Cancelled,
    /// Any other value.
    Other(String),
}

impl_open_enum!(QueryRunStatus, "query run status", {
    Queued => "queued",
    Pending => "pending",
    Running => "running",
    Succeeded => "succeeded",
    Failed => "failed",
    Interrupted => "interrupted",
    Cancelled => "cancelled",
});
