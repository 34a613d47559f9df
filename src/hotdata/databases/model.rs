//! Responses about databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::or_default;
use crate::timestamp::Timestamp;

/// A database that was created, copied, or existed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatabaseResponse {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its own catalog in queries.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema of table names without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The id of the connection of its own catalog, for operations about managed tables and indexes.
    /// Operations about connections do not accept it.
    #[serde(default, deserialize_with = "or_default")]
    pub default_connection_id: String,
    /// The time at which it expires. It may be deleted later, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether it was created by this request. `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The database that it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A database with all details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseDetailResponse {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its own catalog in queries.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema of table names without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The id of the connection of its own catalog, for operations about managed tables and indexes.
    /// Operations about connections do not accept it.
    #[serde(default, deserialize_with = "or_default")]
    pub default_connection_id: String,
    /// The attached catalogs.
    #[serde(default, deserialize_with = "or_default")]
    pub attachments: Vec<DatabaseAttachmentInfo>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which it expires. It may be deleted later, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The database that it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A catalog that is attached to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseAttachmentInfo {
    /// The id of the connection of the catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// Its alias in queries, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// A database in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseSummary {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its own catalog in queries.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema of table names without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which it expires. It may be deleted later, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The database that it was copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A page of databases, the newest first. An older service sends only `databases`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatabasesResponse {
    /// The databases.
    #[serde(default, deserialize_with = "or_default")]
    pub databases: Vec<DatabaseSummary>,
    /// The number of items on this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The number of databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseCountResponse {
    /// The number.
    #[serde(default, deserialize_with = "or_default")]
    pub total: i64,
}

/// The origin of a copied database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForkedFromInfo {
    /// The id of the database that was copied.
    #[serde(default, deserialize_with = "or_default")]
    pub database_id: String,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description given with the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The snapshot that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// The ancestors and the copies of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseLineageResponse {
    /// The id of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub database_id: String,
    /// The id of the database at the root of the lineage.
    #[serde(default, deserialize_with = "or_default")]
    pub root_id: String,
    /// The ancestors.
    #[serde(default, deserialize_with = "or_default")]
    pub ancestors: Vec<LineageInfo>,
    /// Whether there are more ancestors.
    #[serde(default, deserialize_with = "or_default")]
    pub ancestors_truncated: bool,
    /// The copies, at most as many as requested.
    #[serde(default, deserialize_with = "or_default")]
    pub forks: Vec<LineageInfo>,
    /// The total number of copies.
    #[serde(default, deserialize_with = "or_default")]
    pub fork_count: i64,
}

/// An ancestor or a copy of a database: `LineageAncestorInfo` and `LineageForkInfo` in the vendor's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineageInfo {
    /// The id.
    #[serde(default, deserialize_with = "or_default")]
    pub database_id: String,
    /// Whether it still exists.
    #[serde(default, deserialize_with = "or_default")]
    pub exists: bool,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description given with the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The snapshot that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// A batch of databases that are created in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseBatchResponse {
    /// The id.
    pub batch_id: String,
    /// The requested number.
    #[serde(default, deserialize_with = "or_default")]
    pub count: i64,
    /// The number of databases created so far.
    #[serde(default, deserialize_with = "or_default")]
    pub created_count: i64,
    /// Whether cancellation was requested.
    #[serde(default, deserialize_with = "or_default")]
    pub cancel_requested: bool,
    /// The time at which the databases expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The id of the job that creates them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The address of the status. The client does not use it; it builds the address from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
}

/// The response to deleting a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeleteDatabaseBatchResponse {
    /// The id.
    pub batch_id: String,
    /// The number of databases that were deleted.
    #[serde(default, deserialize_with = "or_default")]
    pub deleted_count: i64,
}

/// The result of a job that creates many databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkCreateDatabasesResult {
    /// The id of the batch.
    #[serde(default, deserialize_with = "or_default")]
    pub batch_id: String,
    /// The requested number.
    #[serde(default, deserialize_with = "or_default")]
    pub requested: u64,
    /// The number of databases that were created.
    #[serde(default, deserialize_with = "or_default")]
    pub created: u64,
    /// Whether it was cancelled.
    #[serde(default, deserialize_with = "or_default")]
    pub cancelled: bool,
}
