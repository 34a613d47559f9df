//! What is told of query runs (reference, section 4.5).

use serde::{Deserialize, Serialize};

use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A query's run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryRunInfo {
    /// Its id.
    pub id: String,
    /// What it is doing, or how it ended.
    pub status: QueryRunStatus,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The SQL.
    pub sql_text: String,
    /// A hash of the SQL.
    pub sql_hash: String,
    /// The state of the data that it read.
    pub snapshot_id: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What went less well: that the result could not be saved, for instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_message: Option<String>,
    /// The saved result. A run can succeed without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// How many rows the result has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// How many rows were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_scanned: Option<i64>,
    /// How many bytes were read: 0 from a cache, nothing if no table was touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_scanned: Option<i64>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<i64>,
    /// How long the service was busy with it, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_processing_ms: Option<i64>,
    /// The saved query that was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_version: Option<i64>,
    /// The service's own name for the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Who ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_public_id: Option<String>,
}

/// A page of query runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListQueryRunsResponse {
    /// The runs.
    pub query_runs: Vec<QueryRunInfo>,
    /// How many are in this page.
    pub count: u64,
    /// How many a page may hold.
    pub limit: u64,
    /// Whether there are more.
    pub has_more: bool,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What a query run is doing (reference, section 5).
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
    /// `interrupted`: for good; the query can be sent again
    Interrupted,
    /// `cancelled`: not documented, and tolerated by the vendor's clients
    Cancelled,
    /// Any other.
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
