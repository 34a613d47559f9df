//! Responses about query runs.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A query run: the state and the statistics of one execution of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueryRunInfo {
    /// The id of the query run.
    pub id: String,
    /// The status of the query run.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: QueryRunStatus,
    /// The time at which the query run started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which the query run ended. `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The SQL of the query.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_text: String,
    /// The hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The id of the snapshot of the data that the query read.
    #[serde(default, deserialize_with = "or_default")]
    pub snapshot_id: String,
    /// The reason why the query failed, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// A warning of the service, for example that it could not save the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_message: Option<String>,
    /// The id of the saved result, for [`results().get(…)`](crate::hotdata::Results::get). `None` if there is
    /// no saved result: a query can succeed although the service could not save its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// The number of rows of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// The number of rows that the query read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_scanned: Option<i64>,
    /// The number of bytes that the query read from storage: 0 if all of them came from a cache, `None` if
    /// the query read no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_scanned: Option<i64>,
    /// The execution time of the query, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<i64>,
    /// The time that the service spent on the query, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_processing_ms: Option<i64>,
    /// The id of the saved query, if a saved query was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_id: Option<String>,
    /// The version of the saved query, if a saved query was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_query_version: Option<i64>,
    /// The service's trace id of the request. The vendor's support can find the request by this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The id of the user who ran the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_public_id: Option<String>,
}

/// A page of query runs: the response of [`QueryRuns::list`](crate::hotdata::QueryRuns::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListQueryRunsResponse {
    /// The query runs on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub query_runs: Vec<QueryRunInfo>,
    /// The number of query runs on this page, which is not the total number of query runs.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size: the largest number of query runs on a page.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// Whether there are more pages after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page, if there is a next page: pass it to `cursor(…)` of the next call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The status of a query run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryRunStatus {
    /// `queued`: the query has not ended; not documented, but accepted by the vendor's clients
    Queued,
    /// `pending`: the query has not ended; not documented, but accepted by the vendor's clients
    Pending,
    /// `running`: the query has not ended
    Running,
    /// `succeeded`: the query has ended, and its result can be fetched if it was saved
    Succeeded,
    /// `failed`: the query has ended with an error
    Failed,
    /// `interrupted`: the service has ended the query; it can be run again
    Interrupted,
    /// `cancelled`: the query has ended; not documented, but accepted by the vendor's clients
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
