//! Requests and responses about datasets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use crate::hotdata::information_schema::ColumnInfo;
use crate::hotdata::patch::Patch;
use crate::hotdata::wire::or_default;

/// The request to create a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatasetRequest {
    /// The label for display.
    pub label: String,
    /// The name of the table. Default: the service's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// The source of the rows.
    pub source: DatasetSource,
}

impl CreateDatasetRequest {
    /// Returns a request with its required fields.
    pub fn new(label: impl Into<String>, source: DatasetSource) -> Self {
        Self { label: label.into(), table_name: None, source }
    }

    /// Sets the name of the table. Default: the service's choice.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }
}

/// The source of the rows of a dataset. `columns` has the type of each column, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DatasetSource {
    /// An uploaded file.
    Upload {
        /// The `id` of the upload.
        upload_id: String,
        /// The format, for example `csv`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The types of the columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// The rows of a saved query. The call needs a database.
    SavedQuery {
        /// The query.
        saved_query_id: String,
        /// The version. Default: the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<i64>,
    },
    /// The rows of a query. The call needs a database.
    SqlQuery {
        /// The SQL.
        sql: String,
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// The contents of a URL.
    Url {
        /// The URL.
        url: String,
        /// The format, for example `csv`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The types of the columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// Rows in the request itself.
    Inline {
        /// The rows.
        inline: InlineData,
    },
}

/// Rows in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct InlineData {
    /// The rows as text.
    pub content: String,
    /// The format of the text, for example `csv`.
    pub format: String,
    /// The types of the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, String>>,
}

impl InlineData {
    /// Returns rows with this text and format.
    pub fn new(content: impl Into<String>, format: impl Into<String>) -> Self {
        Self { content: content.into(), format: format.into(), columns: None }
    }

    /// Sets the types of the columns.
    pub fn columns(mut self, columns: BTreeMap<String, String>) -> Self {
        self.columns = Some(columns);
        self
    }
}

/// The request to update a dataset. Fields that are not set remain as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateDatasetRequest {
    /// The label for display.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub label: Patch<String>,
    /// The name of the table.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_name: Patch<String>,
    /// The version that queries read. Cleared: the last.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub pinned_version: Patch<i64>,
}

impl UpdateDatasetRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the label for display.
    pub fn label(mut self, label: impl Into<Patch<String>>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the name of the table.
    pub fn table_name(mut self, table_name: impl Into<Patch<String>>) -> Self {
        self.table_name = table_name.into();
        self
    }

    /// Sets the version that queries read. Cleared: the last.
    pub fn pinned_version(mut self, pinned_version: impl Into<Patch<i64>>) -> Self {
        self.pinned_version = pinned_version.into();
        self
    }
}

/// The response to creating a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatasetResponse {
    /// The id.
    pub id: String,
    /// The label for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The status.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A dataset with all details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetDetail {
    /// The id.
    pub id: String,
    /// The label for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The type of the source of the rows.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of the last version, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The version that queries read, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The columns.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<ColumnInfo>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A dataset in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetSummary {
    /// The id.
    pub id: String,
    /// The label for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of the last version, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The version that queries read, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A page of datasets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetsResponse {
    /// The datasets.
    #[serde(default, deserialize_with = "or_default")]
    pub datasets: Vec<DatasetSummary>,
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

/// The response to updating a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateDatasetResponse {
    /// The id.
    pub id: String,
    /// The label for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of the last version, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The version that queries read, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The time of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A version of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetVersion {
    /// The id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// The number, from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub version: i64,
    /// The type of the source of the rows.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A page of the versions of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetVersionsResponse {
    /// The id of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub dataset_id: String,
    /// The versions.
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<DatasetVersion>,
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
