//! What is asked and told of datasets (reference, section 12).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use crate::hotdata::information_schema::ColumnInfo;
use crate::hotdata::patch::Patch;

/// A new dataset, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatasetRequest {
    /// Its name for people.
    pub label: String,
    /// Its table. Default: the service's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Where its rows come from.
    pub source: DatasetSource,
}

impl CreateDatasetRequest {
    /// Of this name, with rows from there.
    pub fn new(label: impl Into<String>, source: DatasetSource) -> Self {
        Self { label: label.into(), table_name: None, source }
    }

    /// Its table. Default: the service's choice.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }
}

/// Where the rows of a dataset come from. `columns` gives each column its type, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DatasetSource {
    /// A file that was uploaded.
    Upload {
        /// The `id` of the upload.
        upload_id: String,
        /// What it is: `csv`, for instance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The types of its columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// What a saved query gives. The call needs a database.
    SavedQuery {
        /// The query.
        saved_query_id: String,
        /// Which version of it. Default: the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<i64>,
    },
    /// What a query gives. The call needs a database.
    SqlQuery {
        /// What it asks.
        sql: String,
        /// A name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// What is at an address.
    Url {
        /// The address.
        url: String,
        /// What is there: `csv`, for instance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The types of its columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// What the request itself holds.
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
    /// What the text is: `csv`, for instance.
    pub format: String,
    /// The types of its columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, String>>,
}

impl InlineData {
    /// This text, which is this.
    pub fn new(content: impl Into<String>, format: impl Into<String>) -> Self {
        Self { content: content.into(), format: format.into(), columns: None }
    }

    /// The types of its columns.
    pub fn columns(mut self, columns: BTreeMap<String, String>) -> Self {
        self.columns = Some(columns);
        self
    }
}

/// What of a dataset is changed. What is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateDatasetRequest {
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub label: Patch<String>,
    /// Its table.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_name: Patch<String>,
    /// The version that queries see. Cleared: the last.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub pinned_version: Patch<i64>,
}

impl UpdateDatasetRequest {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name for people.
    pub fn label(mut self, label: impl Into<Patch<String>>) -> Self {
        self.label = label.into();
        self
    }

    /// Its table.
    pub fn table_name(mut self, table_name: impl Into<Patch<String>>) -> Self {
        self.table_name = table_name.into();
        self
    }

    /// The version that queries see. Cleared: the last.
    pub fn pinned_version(mut self, pinned_version: impl Into<Patch<i64>>) -> Self {
        self.pinned_version = pinned_version.into();
        self
    }
}

/// A dataset that was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatasetResponse {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// The schema of its table.
    pub schema_name: String,
    /// Its table.
    pub table_name: String,
    /// How far it is.
    pub status: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A dataset, in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetDetail {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// The schema of its table.
    pub schema_name: String,
    /// Its table.
    pub table_name: String,
    /// What kind of source its rows come from.
    pub source_type: String,
    /// Its last version, from 1.
    pub latest_version: i64,
    /// The version that queries see, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// Its columns.
    pub columns: Vec<ColumnInfo>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A dataset in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetSummary {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// The schema of its table.
    pub schema_name: String,
    /// Its table.
    pub table_name: String,
    /// Its last version, from 1.
    pub latest_version: i64,
    /// The version that queries see, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A page of datasets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetsResponse {
    /// The datasets.
    pub datasets: Vec<DatasetSummary>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// How many come before it.
    pub offset: u64,
    /// Whether there is another page.
    pub has_more: bool,
}

/// A dataset that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateDatasetResponse {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its table.
    pub table_name: String,
    /// Its last version, from 1.
    pub latest_version: i64,
    /// The version that queries see, if it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// A version of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetVersion {
    /// Its id.
    pub id: String,
    /// Its number, from 1.
    pub version: i64,
    /// What kind of source its rows come from.
    pub source_type: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A page of the versions of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetVersionsResponse {
    /// The dataset.
    pub dataset_id: String,
    /// Its versions.
    pub versions: Vec<DatasetVersion>,
    /// How many are on this page.
    pub count: u64,
    /// How many there may be on one.
    pub limit: u64,
    /// How many come before it.
    pub offset: u64,
    /// Whether there is another page.
    pub has_more: bool,
}
