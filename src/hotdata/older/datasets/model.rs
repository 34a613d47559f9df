//! Requests and responses about datasets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

use crate::hotdata::information_schema::ColumnInfo;
use crate::hotdata::patch::Patch;
use crate::hotdata::wire::or_default;

/// The request of [`Datasets::create`](crate::hotdata::older::Datasets::create): a new dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatasetRequest {
    /// The label of the dataset, for display.
    pub label: String,
    /// The name of the table of the dataset. Default: the service chooses a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// The source of the rows.
    pub source: DatasetSource,
}

impl CreateDatasetRequest {
    /// Returns a request with this label and source.
    pub fn new(label: impl Into<String>, source: DatasetSource) -> Self {
        Self { label: label.into(), table_name: None, source }
    }

    /// Sets the name of the table of the dataset. Default: the service chooses a name.
    pub fn table_name(mut self, table_name: impl Into<String>) -> Self {
        self.table_name = Some(table_name.into());
        self
    }
}

/// The source of the rows of a dataset, in a [`CreateDatasetRequest`]. In JSON, the field `type` says which
/// source it is, for example `sql_query`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DatasetSource {
    /// An uploaded file.
    Upload {
        /// The id of the upload, as in [`UploadResponse::id`](crate::hotdata::older::UploadResponse::id).
        upload_id: String,
        /// The format of the file, for example `csv`. Default: no format is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The type of each column as text, by the name of the column. Default: no types are sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// The rows that a saved query returns. With this source, the call needs a database.
    SavedQuery {
        /// The id of the saved query.
        saved_query_id: String,
        /// The number of the version of the saved query. Default: the last version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<i64>,
    },
    /// The rows that a query returns. With this source, the call needs a database.
    SqlQuery {
        /// The SQL of the query.
        sql: String,
        /// A name for the query. Default: no name is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// A description of the query. Default: no description is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// The rows of a file at a URL.
    Url {
        /// The URL of the file.
        url: String,
        /// The format of the file, for example `csv`. Default: no format is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The type of each column as text, by the name of the column. Default: no types are sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<BTreeMap<String, String>>,
    },
    /// Rows that the request itself contains.
    Inline {
        /// The rows, as text with a format.
        inline: InlineData,
    },
}

/// Rows that a request contains as text: the source [`DatasetSource::Inline`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct InlineData {
    /// The rows as text.
    pub content: String,
    /// The format of the text, for example `csv`.
    pub format: String,
    /// The type of each column as text, by the name of the column. Default: no types are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, String>>,
}

impl InlineData {
    /// Returns rows with this text and format.
    pub fn new(content: impl Into<String>, format: impl Into<String>) -> Self {
        Self { content: content.into(), format: format.into(), columns: None }
    }

    /// Sets the type of each column as text, by the name of the column. Default: no types are sent.
    pub fn columns(mut self, columns: BTreeMap<String, String>) -> Self {
        self.columns = Some(columns);
        self
    }
}

/// The request of [`Datasets::update`](crate::hotdata::older::Datasets::update): changes of a dataset. A
/// field that is [`Patch::Keep`] is not sent and remains unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateDatasetRequest {
    /// The new label of the dataset, for display.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub label: Patch<String>,
    /// The new name of the table of the dataset.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub table_name: Patch<String>,
    /// The number of the version that queries read. If the field is cleared, queries read the last version.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub pinned_version: Patch<i64>,
}

impl UpdateDatasetRequest {
    /// Returns a request that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new label of the dataset, for display.
    pub fn label(mut self, label: impl Into<Patch<String>>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the new name of the table of the dataset.
    pub fn table_name(mut self, table_name: impl Into<Patch<String>>) -> Self {
        self.table_name = table_name.into();
        self
    }

    /// Sets the number of the version that queries read. `None` or [`Patch::Clear`] clears the field: queries
    /// read the last version then.
    pub fn pinned_version(mut self, pinned_version: impl Into<Patch<i64>>) -> Self {
        self.pinned_version = pinned_version.into();
        self
    }
}

/// A dataset that was just created: the response of
/// [`Datasets::create`](crate::hotdata::older::Datasets::create).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateDatasetResponse {
    /// The id of the dataset.
    pub id: String,
    /// The label of the dataset, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The status of the dataset, as the service writes it.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A dataset with its columns: the response of [`Datasets::get`](crate::hotdata::older::Datasets::get).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetDetail {
    /// The id of the dataset.
    pub id: String,
    /// The label of the dataset, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The type of the source of the rows, for example `upload`: see [`DatasetSource`].
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of the last version. The first version has the number 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The number of the version that queries read, if one is pinned. Otherwise queries read the last
    /// version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The columns of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<ColumnInfo>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A dataset without its columns, as an entry of [`Datasets::list`](crate::hotdata::older::Datasets::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetSummary {
    /// The id of the dataset.
    pub id: String,
    /// The label of the dataset, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The schema of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of the last version. The first version has the number 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The number of the version that queries read, if one is pinned. Otherwise queries read the last
    /// version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A page of datasets: the response of [`Datasets::list`](crate::hotdata::older::Datasets::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetsResponse {
    /// The datasets of this page.
    #[serde(default, deserialize_with = "or_default")]
    pub datasets: Vec<DatasetSummary>,
    /// The number of datasets on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of datasets before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages. `None` if the service does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

/// The response of [`Datasets::update`](crate::hotdata::older::Datasets::update): the dataset after the
/// changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateDatasetResponse {
    /// The id of the dataset.
    pub id: String,
    /// The label of the dataset, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The name of the table of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of the last version. The first version has the number 1.
    #[serde(default, deserialize_with = "or_default")]
    pub latest_version: i64,
    /// The number of the version that queries read, if one is pinned. Otherwise queries read the last
    /// version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_version: Option<i64>,
    /// The time of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// A version of a dataset, as an entry of [`Datasets::versions`](crate::hotdata::older::Datasets::versions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatasetVersion {
    /// The id of the version.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// The number of the version. The first version has the number 1.
    #[serde(default, deserialize_with = "or_default")]
    pub version: i64,
    /// The type of the source of the rows, for example `upload`: see [`DatasetSource`].
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A page of the versions of a dataset: the response of
/// [`Datasets::versions`](crate::hotdata::older::Datasets::versions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatasetVersionsResponse {
    /// The id of the dataset.
    #[serde(default, deserialize_with = "or_default")]
    pub dataset_id: String,
    /// The versions of this page.
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<DatasetVersion>,
    /// The number of versions on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of versions before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages. `None` if the service does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}
