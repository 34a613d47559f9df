//! Responses about databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::or_default;
use crate::timestamp::Timestamp;

/// A database: the response of [`Databases::create`](crate::hotdata::Databases::create), which may return one
/// that existed, and of [`Databases::fork`](crate::hotdata::Databases::fork).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatabaseResponse {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in queries of the database's own catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema in which queries look for tables that are named without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The id of the connection of the database's own catalog, for operations about managed tables
    /// ([`Connections`](crate::hotdata::Connections)) and [indexes](crate::hotdata::Indexes).
    /// [`Connections::get`](crate::hotdata::Connections::get) and
    /// [`delete`](crate::hotdata::Connections::delete) do not accept it.
    #[serde(default, deserialize_with = "or_default")]
    pub default_connection_id: String,
    /// The time at which the database expires, if it does. The service may delete it later than that, never
    /// earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// True if this request created the database, false if it existed. `None` if the service does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// The database from which this one was copied, if it is a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A database with its attached catalogs: the response of [`Databases::get`](crate::hotdata::Databases::get)
/// and [`Databases::lookup_by_name`](crate::hotdata::Databases::lookup_by_name).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseDetailResponse {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in queries of the database's own catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema in which queries look for tables that are named without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The id of the connection of the database's own catalog, for operations about managed tables
    /// ([`Connections`](crate::hotdata::Connections)) and [indexes](crate::hotdata::Indexes).
    /// [`Connections::get`](crate::hotdata::Connections::get) and
    /// [`delete`](crate::hotdata::Connections::delete) do not accept it.
    #[serde(default, deserialize_with = "or_default")]
    pub default_connection_id: String,
    /// The catalogs that are attached to the database.
    #[serde(default, deserialize_with = "or_default")]
    pub attachments: Vec<DatabaseAttachmentInfo>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which the database expires, if it does. The service may delete it later than that, never
    /// earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The database from which this one was copied, if it is a copy.
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
    /// The alias of the catalog in queries, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// A database, as an entry of [`Databases::list`](crate::hotdata::Databases::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseSummary {
    /// The id.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in queries of the database's own catalog.
    #[serde(default, deserialize_with = "or_default")]
    pub default_catalog: String,
    /// The schema in which queries look for tables that are named without a schema.
    #[serde(default, deserialize_with = "or_default")]
    pub default_schema: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which the database expires, if it does. The service may delete it later than that, never
    /// earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The database from which this one was copied, if it is a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<ForkedFromInfo>,
}

/// A page of databases: the response of [`Databases::list`](crate::hotdata::Databases::list). An older
/// service sends only `databases`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatabasesResponse {
    /// The databases.
    #[serde(default, deserialize_with = "or_default")]
    pub databases: Vec<DatabaseSummary>,
    /// The number of databases on this page, not of all pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The number of databases: the response of [`Databases::count`](crate::hotdata::Databases::count).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseCountResponse {
    /// The total number.
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
    /// The name of the database that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description that was given when the copy was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time at which the copy was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The id of the snapshot that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// The ancestors and the copies of a database: the response of
/// [`Databases::lineage`](crate::hotdata::Databases::lineage).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseLineageResponse {
    /// The id of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub database_id: String,
    /// The id of the database at the root of the lineage.
    #[serde(default, deserialize_with = "or_default")]
    pub root_id: String,
    /// The ancestors: the databases from which this one was copied, directly or through other copies.
    #[serde(default, deserialize_with = "or_default")]
    pub ancestors: Vec<LineageInfo>,
    /// True if there are more ancestors than the response lists.
    #[serde(default, deserialize_with = "or_default")]
    pub ancestors_truncated: bool,
    /// The copies of this database, at most `forks_limit` of the request.
    #[serde(default, deserialize_with = "or_default")]
    pub forks: Vec<LineageInfo>,
    /// The total number of copies.
    #[serde(default, deserialize_with = "or_default")]
    pub fork_count: i64,
}

/// An ancestor or a copy of a database: `LineageAncestorInfo` and `LineageForkInfo` in the vendor's client.
///
/// The description, the time and the snapshot are those of one copy. For a copy, it is this one. For an ancestor,
/// the vendor does not document which of its copies it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineageInfo {
    /// The id of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub database_id: String,
    /// Whether the database still exists.
    #[serde(default, deserialize_with = "or_default")]
    pub exists: bool,
    /// The name of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description that was given when the copy was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time at which the copy was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<Timestamp>,
    /// The id of the snapshot that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<i64>,
}

/// A batch of databases that are created in the background: the response of
/// [`Databases::bulk_create`](crate::hotdata::Databases::bulk_create) and
/// [`Databases::batch`](crate::hotdata::Databases::batch).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseBatchResponse {
    /// The id of the batch.
    pub batch_id: String,
    /// The number of databases that were requested.
    #[serde(default, deserialize_with = "or_default")]
    pub count: i64,
    /// The number of databases created so far.
    #[serde(default, deserialize_with = "or_default")]
    pub created_count: i64,
    /// Whether cancelling the creation of the databases was requested.
    #[serde(default, deserialize_with = "or_default")]
    pub cancel_requested: bool,
    /// The time at which the databases expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The id of the job that creates them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The address of the status of the batch. The client does not use it: it builds the address from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
}

/// The response of [`Databases::delete_batch`](crate::hotdata::Databases::delete_batch).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeleteDatabaseBatchResponse {
    /// The id of the batch.
    pub batch_id: String,
    /// The number of databases that were deleted.
    #[serde(default, deserialize_with = "or_default")]
    pub deleted_count: i64,
}

/// The result of the job of [`Databases::bulk_create`](crate::hotdata::Databases::bulk_create).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkCreateDatabasesResult {
    /// The id of the batch.
    #[serde(default, deserialize_with = "or_default")]
    pub batch_id: String,
    /// The number of databases that were requested.
    #[serde(default, deserialize_with = "or_default")]
    pub requested: u64,
    /// The number of databases that were created.
    #[serde(default, deserialize_with = "or_default")]
    pub created: u64,
    /// Whether the creation of the databases was cancelled.
    #[serde(default, deserialize_with = "or_default")]
    pub cancelled: bool,
}
