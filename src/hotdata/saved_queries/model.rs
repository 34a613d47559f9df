//! What is asked and told of saved queries (reference, section 4.6).

use serde::{Deserialize, Serialize};

use crate::hotdata::patch::Patch;
use crate::timestamp::Timestamp;

/// A query to be saved. An older service took names of up to 255 characters, SQL of up to 1 000 000, descriptions of up
/// to 10 000, and 50 tags of up to 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateSavedQueryRequest {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub sql: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

impl CreateSavedQueryRequest {
    /// This SQL under this name.
    pub fn new(name: impl Into<String>, sql: impl Into<String>) -> Self {
        Self { name: name.into(), sql: sql.into(), description: None, tags: None }
    }

    /// What it is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Its tags.
    pub fn tags(mut self, tags: impl IntoIterator<Item: Into<String>>) -> Self {
        self.tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }
}

/// What of a saved query is changed. What is not named stays as it is. Other SQL makes a new version.
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
    /// Its name.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<String>,
    /// What it asks.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub sql: Patch<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub description: Patch<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub tags: Patch<Vec<String>>,
    /// What kind of query it is to count as. Cleared: what the service takes it for.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub category_override: Patch<String>,
    /// How large its tables are to count as. Cleared: what the service takes them for.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_size_override: Patch<String>,
}

impl UpdateSavedQueryRequest {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name.
    pub fn name(mut self, name: impl Into<Patch<String>>) -> Self {
        self.name = name.into();
        self
    }

    /// What it asks.
    pub fn sql(mut self, sql: impl Into<Patch<String>>) -> Self {
        self.sql = sql.into();
        self
    }

    /// What it is for.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.description = description.into();
        self
    }

    /// Its tags.
    pub fn tags(mut self, tags: impl Into<Patch<Vec<String>>>) -> Self {
        self.tags = tags.into();
        self
    }

    /// What kind of query it is to count as. Cleared: what the service takes it for.
    pub fn category_override(mut self, category_override: impl Into<Patch<String>>) -> Self {
        self.category_override = category_override.into();
        self
    }

    /// How large its tables are to count as. Cleared: what the service takes them for.
    pub fn table_size_override(mut self, table_size_override: impl Into<Patch<String>>) -> Self {
        self.table_size_override = table_size_override.into();
        self
    }
}

/// Which version of a saved query is run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ExecuteSavedQueryRequest {
    /// The version. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl ExecuteSavedQueryRequest {
    /// The last version.
    pub fn new() -> Self {
        Self::default()
    }

    /// The version. Default: the last.
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
}

/// A saved query in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQuerySummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its last version, from 1.
    pub latest_version: i64,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A saved query, in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryDetail {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its last version, from 1.
    pub latest_version: i64,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// What it asks, in its last version.
    pub sql: String,
    /// The same as a hash.
    pub sql_hash: String,
    /// What kind of query the service takes it for: `full_scan`, `projection`, `filtered_scan`, `point_lookup`,
    /// `aggregation`, `join`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How large it takes the tables to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// How many tables it reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether it has a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether it aggregates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether it groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether it sorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether it is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A version of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedQueryVersionInfo {
    /// Its number, from 1.
    pub version: i64,
    /// When it was saved.
    pub created_at: Timestamp,
    /// What it asks.
    pub sql: String,
    /// The same as a hash.
    pub sql_hash: String,
    /// What kind of query the service takes it for: `full_scan`, `projection`, `filtered_scan`, `point_lookup`,
    /// `aggregation`, `join`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How large it takes the tables to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_size: Option<String>,
    /// How many tables it reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_tables: Option<i64>,
    /// Whether it has a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_predicate: Option<bool>,
    /// Whether it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_join: Option<bool>,
    /// Whether it aggregates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_aggregation: Option<bool>,
    /// Whether it groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_group_by: Option<bool>,
    /// Whether it sorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_order_by: Option<bool>,
    /// Whether it is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_limit: Option<bool>,
}

/// A page of saved queries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueriesResponse {
    /// The queries.
    pub queries: Vec<SavedQuerySummary>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// How many come before it.
    pub offset: u64,
    /// Whether there is another page.
    pub has_more: bool,
}

/// A page of the versions of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListSavedQueryVersionsResponse {
    /// The query.
    pub saved_query_id: String,
    /// Its versions.
    pub versions: Vec<SavedQueryVersionInfo>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// How many come before it.
    pub offset: u64,
    /// Whether there is another page.
    pub has_more: bool,
}
