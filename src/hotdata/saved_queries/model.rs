//! Requests and responses about saved queries.

use serde::{Deserialize, Serialize};

use crate::hotdata::patch::Patch;
use crate::hotdata::wire::or_default;
use crate::timestamp::Timestamp;

/// The request to save a query. An older service accepts names of up to 255 characters, SQL of up to 1 000
/// 000, descriptions of up to 10 000, and 50 tags of up to 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSavedQueryRequest {
    /// The name.
    pub name: String,
    /// The SQL.
    pub sql: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

impl CreateSavedQueryRequest {
    /// Returns a request with its required fields.
    pub fn new(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self { name: name.into(), sql: sql.into(), description: None, tags: None }
    }

    /// Sets the description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the tags.
    pub fn tags(mut self, tags: impl IntoIterator<Item: Into<String>>) -> Self {
        self.tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }
}

/// The request to update a saved query. Fields that are not set remain as they are. Other SQL creates a new
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
    /// The name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// The SQL.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub sql: Patch<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub description: Patch<String>,
    /// The tags.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub tags: Patch<Vec<String>>,
    /// The category that replaces the service's classification. Cleared: the service's own.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub category_override: Patch<String>,
    /// The table size that replaces the service's estimate. Cleared: the service's own.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_size_override: Patch<String>,
}

impl UpdateSavedQueryRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the SQL.
    pub fn sql(mut self, sql: impl Into<Patch<String>>) -> Self {
        self.sql = sql.into();
        self
    }

    /// Sets the description.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets the tags.
    pub fn tags(mut self, tags: impl Into<Patch<Vec<String>>>) -> Self {
        self.tags = tags.into();
        self
    }

    /// Sets the category that replaces the service's classification. Cleared: the service's own.
    pub fn category_override(mut self, category_override: impl Into<Patch<String>>) -> Self {
        self.category_override = category_override.into();
        self
    }

    /// Sets the table size that replaces the service's estimate. Cleared: the service's own.
    pub fn table_size_override(mut self, table_size_override: impl Into<Patch<String>>) -> Self {
        self.table_size_override = table_size_override.into();
        self
    }
}

/// The request to run a saved query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ExecuteSavedQueryRequest {
    /// The version. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl ExecuteSavedQueryRequest {
    /// Returns a request for the last version.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version. Default: the last.
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

/// A saved query in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQuerySummary {
    /// The id.
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
    /// The number of the last version, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A saved query with all details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryDetail {
    /// The id.
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
    /// The number of the last version, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// The SQL of the last version.
    #[serde(default, deserialize_with = "or_default")]
    pub sql: String,
    /// The hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The service's classification: `full_scan`, `projection`, `filtered_scan`, `point_lookup`,
    /// `aggregation`, `join`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The service's estimate of the size of the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// The number of tables that it reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether it has a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether it has a join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether it has an aggregation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether it has a `GROUP BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether it has an `ORDER BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether it has a `LIMIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A version of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryVersionInfo {
    /// The number, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub version: i64,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql: String,
    /// The hash of the SQL.
    #[serde(default, deserialize_with = "or_default")]
    pub sql_hash: String,
    /// The service's classification: `full_scan`, `projection`, `filtered_scan`, `point_lookup`,
    /// `aggregation`, `join`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The service's estimate of the size of the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// The number of tables that it reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether it has a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether it has a join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether it has an aggregation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether it has a `GROUP BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether it has an `ORDER BY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether it has a `LIMIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A page of saved queries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueriesResponse {
    /// The queries.
    #[serde(default, deserialize_with = "or_default")]
    pub queries: Vec<SavedQuerySummary>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of items before the page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

/// A page of the versions of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueryVersionsResponse {
    /// The id of the query.
    #[serde(default, deserialize_with = "or_default")]
    pub saved_query_id: String,
    /// The versions.
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<SavedQueryVersionInfo>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of items before the page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}
