//! What is asked of a load, and what comes of it (reference, section 4.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hotdata::jobs::SubmitJobResponse;
use crate::open_enum::impl_open_enum;

/// A load, as it is sent.
///
/// Exactly one of `upload_id`, `result_id` and `data` says what is loaded. The plain commands send what they are given;
/// the loads of the groups look before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTableRequest {
    /// What becomes of the rows that are there.
    pub mode: LoadMode,
    /// A finalized upload. It can be loaded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// A saved result, which is copied. It can be loaded again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// CSV with a header row, 2 MiB at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What the upload is. Without it the service looks at its content type, then at its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<LoadFormat>,
    /// The types of the columns, only with `data`: all of its columns and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, ColumnDefinition>>,
    /// The columns that tell rows apart, for delete, update and upsert; else those that the table was declared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// Makes a repetition harmless, only with `data`: the same key and data are loaded once. 255 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// In the background, as a job. Not for `result_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: how long the service waits before it gives a ticket, in milliseconds; 1000 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl LoadManagedTableRequest {
    /// In this mode, of nothing yet.
    pub fn new(mode: LoadMode) -> Self {
        Self {
            mode,
            upload_id: None,
            result_id: None,
            data: None,
            format: None,
            columns: None,
            key: None,
            idempotency_key: None,
            r#async: None,
            async_after_ms: None,
        }
    }

    /// What is loaded: a finalized upload.
    pub fn upload_id(mut self, id: impl Into<String>) -> Self {
        self.upload_id = Some(id.into());
        self
    }

    /// What is loaded: a saved result.
    pub fn result_id(mut self, id: impl Into<String>) -> Self {
        self.result_id = Some(id.into());
        self
    }

    /// What is loaded: CSV with a header row.
    pub fn data(mut self, csv: impl Into<String>) -> Self {
        self.data = Some(csv.into());
        self
    }

    /// What the upload is.
    pub fn format(mut self, format: LoadFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// The type of one column of the data.
    pub fn column(mut self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.columns.get_or_insert_default().insert(name.into(), column.into());
        self
    }

    /// The columns that tell rows apart.
    pub fn key<I: IntoIterator<Item: Into<String>>>(mut self, columns: I) -> Self {
        self.key = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Makes a repetition harmless, for `data`.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// In the background, as a job.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// In the background, unless it ends within so many milliseconds: 1000 or more.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// The type of a column: its name, or the same in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum ColumnDefinition {
    /// `BIGINT`, `DECIMAL(10,2)`.
    Name(String),
    /// In parts.
    Spec(ColumnTypeSpec),
}

impl From<&str> for ColumnDefinition {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for ColumnDefinition {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<ColumnTypeSpec> for ColumnDefinition {
    fn from(spec: ColumnTypeSpec) -> Self {
        Self::Spec(spec)
    }
}

/// The type of a column, in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ColumnTypeSpec {
    /// `DECIMAL`, for instance.
    pub r#type: String,
    /// How many digits: 1 to 38.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u64>,
    /// How many of them after the point; needs a precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i64>,
}

impl ColumnTypeSpec {
    /// This type.
    pub fn new(r#type: impl Into<String>) -> Self {
        Self { r#type: r#type.into(), precision: None, scale: None }
    }

    /// How many digits it has, and how many of them after the point.
    pub fn decimal(precision: u64, scale: i64) -> Self {
        Self { r#type: "DECIMAL".to_owned(), precision: Some(precision), scale: Some(scale) }
    }
}

/// What is in a table after a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoadManagedTableResponse {
    /// The connection of the table.
    pub connection_id: String,
    /// Its schema.
    pub schema_name: String,
    /// Its name.
    pub table_name: String,
    /// How many rows it has now.
    pub row_count: u64,
    /// Its columns, as Arrow's schema in JSON.
    pub arrow_schema_json: String,
}

/// What came of a load: it is done, or goes on as a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum LoadOutcome {
    /// It is done (HTTP 200).
    Loaded(LoadManagedTableResponse),
    /// It goes on as a job (HTTP 202).
    Submitted(SubmitJobResponse),
}

impl LoadOutcome {
    /// What is in the table, if it is done.
    pub fn loaded(self) -> Option<LoadManagedTableResponse> {
        match self {
            Self::Loaded(loaded) => Some(loaded),
            Self::Submitted(_) => None,
        }
    }

    /// The ticket, if it goes on.
    pub fn submitted(self) -> Option<SubmitJobResponse> {
        match self {
            Self::Submitted(ticket) => Some(ticket),
            Self::Loaded(_) => None,
        }
    }
}

/// What a load does to the rows that are there (reference, section 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadMode {
    /// `replace`: the whole contents
    Replace,
    /// `append`: needs every column that is there; columns that are new are added
    Append,
    /// `delete`: the rows of these keys; the data holds key columns only
    Delete,
    /// `update`: whole rows by key; those without a match are ignored
    Update,
    /// `upsert`: as update, and what has no match is added
    Upsert,
    /// Any other.
    Other(String),
}

impl_open_enum!(LoadMode, "load mode", {
    Replace => "replace",
    Append => "append",
    Delete => "delete",
    Update => "update",
    Upsert => "upsert",
});

/// What loaded data is written as. Without it, the service looks at the upload's content type, then at its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadFormat {
    /// `csv`: the only one for inline data
    Csv,
    /// `json`: one object in each line, not an array
    Json,
    /// `parquet`
    Parquet,
    /// Any other.
    Other(String),
}

impl_open_enum!(LoadFormat, "load format", {
    Csv => "csv",
    Json => "json",
    Parquet => "parquet",
});
