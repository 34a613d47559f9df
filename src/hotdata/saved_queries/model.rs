//! Requests and responses about saved queries.

use serde::{Deserialize, Serialize};

use crate::hotdata::patch::Patch;
use crate::hotdata::wire::or_default;
use crate::timestamp::Timestamp;

/// The request to save a query: the body of [`CreateSavedQuery`](super::CreateSavedQuery).
///
/// The current limits are not documented. An earlier version of the service accepted a name of at most 255
/// characters, SQL of at most 1 000 000 characters, a description of at most 10 000 characters, and at most
/// 50 tags of at most 100 characters each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSavedQueryRequest {
    /// The name of the saved query.
    pub name: String,
    /// The SQL of version 1.
    pub sql: String,
    /// The description. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The tags. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

impl CreateSavedQueryRequest {
    /// Returns a request to save this SQL under this name, without description and tags.
    pub fn new(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self { name: name.into(), sql: sql.into(), description: None, tags: None }
    }

    /// Sets the description of the saved query. Default: none.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the tags of the saved query. Default: none.
    pub fn tags(mut self, tags: impl IntoIterator<Item: Into<String>>) -> Self {
        self.tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }
}

/// The request to update a saved query: the body of [`UpdateSavedQuery`](super::UpdateSavedQuery).
///
/// Fields that are not set remain as they are. If the request changes the SQL, the service creates a new
/// version.
///
/// ```
/// use controlplane::hotdata::{Patch, UpdateSavedQueryRequest};
///
/// let change = UpdateSavedQueryRequest::new().name("Revenue by day").category_override(Patch::Clear);
/// assert_eq!(serde_json::to_string(&change)?, r#"{"name":"Revenue by day","category_override":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateSavedQueryRequest {
    /// The new name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// The new SQL.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub sql: Patch<String>,
    /// The new description.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub description: Patch<String>,
    /// The new tags, which replace all earlier ones.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub tags: Patch<Vec<String>>,
    /// A category that replaces the service's classification of the query. If it is cleared (`null`), the
    /// service's classification counts again.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub category_override: Patch<String>,
    /// A table size that replaces the service's estimate. If it is cleared (`null`), the service's estimate
    /// counts again.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_size_override: Patch<String>,
}

impl UpdateSavedQueryRequest {
    /// Returns a request that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the new SQL. If it differs from the SQL of the latest version, the service creates a new version.
    pub fn sql(mut self, sql: impl Into<Patch<String>>) -> Self {
        self.sql = sql.into();
        self
    }

    /// Sets the new description.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the new tags, which replace all earlier ones.
    pub fn tags(mut self, tags: impl Into<Patch<Vec<String>>>) -> Self {
        self.tags = tags.into();
        self
    }

    /// Sets a category that replaces the service's classification of the query. With [`Patch::Clear`], the
    /// service's classification counts again.
    pub fn category_override(mut self, category_override: impl Into<Patch<String>>) -> Self {
        self.category_override = category_override.into();
        self
    }

    /// Sets a table size that replaces the service's estimate. With [`Patch::Clear`], the service's estimate
    /// counts again.
    pub fn table_size_override(mut self, table_size_override: impl Into<Patch<String>>) -> Self {
        self.table_size_override = table_size_override.into();
        self
    }
}

/// The request to run a saved query: the body of [`ExecuteSavedQuery`](super::ExecuteSavedQuery).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ExecuteSavedQueryRequest {
    /// The number of the version to run. Default: the latest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl ExecuteSavedQueryRequest {
    /// Returns a request to run the latest version.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of the version to run. Default: the latest version.
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

/// A saved query without its SQL, as an entry of [`SavedQueries::list`](super::SavedQueries::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQuerySummary {
    /// The id of the saved query.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// The tags.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// The number of the latest version. The first version is 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The time at which the query was saved first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change of the saved query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A saved query with the SQL of its latest version and the service's analysis of the SQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryDetail {
    /// The id of the saved query.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// The tags.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// The number of the latest version. The first version is 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The time at which the query was saved first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change of the saved query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// The SQL of the latest version.
    #[serde(default, deserialize_with = "or_default")]
    pub sql: String,
    /// The hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The category of the SQL: the service's classification (`full_scan`, `projection`, `filtered_scan`,
    /// `point_lookup`, `aggregation`, `join` or another word), or the `category_override` of an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The size of the tables that the SQL reads: the service's estimate, or the `table_size_override` of an
    /// update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// The number of tables that the SQL reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether the SQL has a condition on rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether the SQL has a join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether the SQL has an aggregation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether the SQL has a `GROUP BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether the SQL has an `ORDER BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether the SQL has a `LIMIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A version of a saved query: its SQL and the service's analysis of the SQL. An entry of
/// [`SavedQueries::versions`](super::SavedQueries::versions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryVersionInfo {
    /// The number of the version. The first version is 1.
    #[serde(default, deserialize_with = "or_default")]
    pub version: i64,
    /// The time at which the version was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The SQL of the version.
    #[serde(default, deserialize_with = "or_default")]
    pub sql: String,
    /// The hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The category of the SQL: the service's classification (`full_scan`, `projection`, `filtered_scan`,
    /// `point_lookup`, `aggregation`, `join` or another word), or the `category_override` of an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The size of the tables that the SQL reads: the service's estimate, or the `table_size_override` of an
    /// update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// The number of tables that the SQL reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether the SQL has a condition on rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether the SQL has a join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether the SQL has an aggregation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether the SQL has a `GROUP BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether the SQL has an `ORDER BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether the SQL has a `LIMIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A page of saved queries: the response of [`SavedQueries::list`](super::SavedQueries::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueriesResponse {
    /// The saved queries on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub queries: Vec<SavedQuerySummary>,
    /// The number of saved queries on this page, which is not the total number of saved queries.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size: the largest number of saved queries on a page.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of saved queries before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

/// A page of the versions of a saved query: the response of
/// [`SavedQueries::versions`](super::SavedQueries::versions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueryVersionsResponse {
    /// The id of the saved query.
    #[serde(default, deserialize_with = "or_default")]
    pub saved_query_id: String,
    /// The versions on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<SavedQueryVersionInfo>,
    /// The number of versions on this page, which is not the total number of versions.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size: the largest number of versions on a page.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of versions before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}
