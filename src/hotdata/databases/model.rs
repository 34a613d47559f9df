//! What is told of databases (reference, section 4.4).

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// A database that was created, copied or found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatabaseResponse {
    /// Its id.
    pub id: String,
    /// Its name, which others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its own catalog is called in queries.
    pub default_catalog: String,
    /// The schema of tables that are named without one.
    pub default_schema: String,
    /// The connection of its own catalog: for managed tables and indexes. Those that list, give and delete connections
    /// refuse it.
    pub default_connection_id: String,
    /// When it goes: not before, and perhaps later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether it was created now. Not said is not the same as no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// What it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A database, in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseDetailResponse {
    /// Its id.
    pub id: String,
    /// Its name, which others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its own catalog is called in queries.
    pub default_catalog: String,
    /// The schema of tables that are named without one.
    pub default_schema: String,
    /// The connection of its own catalog: for managed tables and indexes. Those that list, give and delete connections
    /// refuse it.
    pub default_connection_id: String,
    /// The catalogs that it sees besides its own.
    pub attachments: Vec<DatabaseAttachmentInfo>,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it goes: not before, and perhaps later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A catalog that a database sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseAttachmentInfo {
    /// Whose it is.
    pub connection_id: String,
    /// What it is called in queries, if not by its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// A database in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseSummary {
    /// Its id.
    pub id: String,
    /// Its name, which others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its own catalog is called in queries.
    pub default_catalog: String,
    /// The schema of tables that are named without one.
    pub default_schema: String,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it goes: not before, and perhaps later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A page of databases, the newest first. An older service says nothing but the databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatabasesResponse {
    /// The databases.
    pub databases: Vec<DatabaseSummary>,
    /// How many are on this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How many there may be on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether there is another page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// Where that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// How many databases there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseCountResponse {
    /// So many.
    pub total: i64,
}

/// What a database was copied from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForkedFromInfo {
    /// The source.
    pub database_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was said when it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The state that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// Where a database comes from, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseLineageResponse {
    /// The database.
    pub database_id: String,
    /// Where it all began.
    pub root_id: String,
    /// What it comes from.
    pub ancestors: Vec<LineageInfo>,
    /// Whether there are more of them.
    pub ancestors_truncated: bool,
    /// What was copied from it: as many as were asked for.
    pub forks: Vec<LineageInfo>,
    /// How many copies there are in all.
    pub fork_count: i64,
}

/// A database that another comes from, or that was copied from it: what the vendor calls `LineageAncestorInfo` and
/// `LineageForkInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineageInfo {
    /// Its id.
    pub database_id: String,
    /// Whether it is still there.
    pub exists: bool,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was said when it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The state that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// Many databases that are created in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseBatchResponse {
    /// Its id.
    pub batch_id: String,
    /// How many were asked for.
    pub count: i64,
    /// How many there are by now.
    pub created_count: i64,
    /// Whether it is to end early.
    pub cancel_requested: bool,
    /// When the databases go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The job that creates them: what to wait for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// Where to ask; the client makes the address of the id instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
}

/// A batch whose databases were deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeleteDatabaseBatchResponse {
    /// Its id.
    pub batch_id: String,
    /// How many were deleted.
    pub deleted_count: i64,
}

/// What came of creating many databases: the result of the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkCreateDatabasesResult {
    /// The batch.
    pub batch_id: String,
    /// How many were asked for.
    pub requested: u64,
    /// How many were created.
    pub created: u64,
    /// Whether it ended early because it was told to.
    pub cancelled: bool,
}
