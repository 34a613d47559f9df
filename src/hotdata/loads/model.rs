//! Requests and responses about loads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hotdata::jobs::SubmitJobResponse;
use crate::hotdata::wire::or_default;
use crate::open_enum::impl_open_enum;

/// The request to load a table.
///
/// The source of the rows is exactly one of `upload_id`, `result_id` and `data`. [`Load`](super::Load) checks
/// that before it sends; the plain commands do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTableRequest {
    /// What happens to the rows that the table has.
    pub mode: LoadMode,
    /// The id of the source: a finalized upload, which can be loaded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// The id of the source: a saved result, which is copied and can be loaded again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// The source: CSV with a header row, at most 2 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The format of the upload. Default: by its content type, then by its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<LoadFormat>,
    /// The types of the columns, only with `data`: of all of its columns and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, ColumnDefinition>>,
    /// The key columns for delete, update and upsert. Default: those declared with the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// The idempotency key, only with `data`: the same key and data are loaded once. At most 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Whether the load runs in the background, as a job. Not with `result_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// With `async`: the time in milliseconds that the service waits for the end before it responds with the
    /// job; at least 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl LoadManagedTableRequest {
    /// Returns a request in this mode, without a source.
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

    /// Sets the source: a finalized upload.
    pub fn upload_id(mut self, id: impl Into<String>) -> Self {
        self.upload_id = Some(id.into());
        self
    }

    /// Sets the source: a saved result.
    pub fn result_id(mut self, id: impl Into<String>) -> Self {
        self.result_id = Some(id.into());
        self
    }

    /// Sets the source: CSV with a header row.
    pub fn data(mut self, csv: impl Into<String>) -> Self {
        self.data = Some(csv.into());
        self
    }

    /// Sets the format of the upload.
    pub fn format(mut self, format: LoadFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the type of one column of the data.
    pub fn column(mut self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.columns.get_or_insert_default().insert(name.into(), column.into());
        self
    }

    /// Sets the key columns.
    pub fn key<I: IntoIterator<Item: Into<String>>>(mut self, columns: I) -> Self {
        self.key = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the idempotency key of a load of `data`.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Lets the service work in the background, by a job.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Lets the load run in the background unless it ends within this time in milliseconds: at least 1000.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// The type of a column: its name, or its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum ColumnDefinition {
    /// The name, as `BIGINT` or `DECIMAL(10,2)`.
    Name(String),
    /// The parts.
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

/// The parts of the type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ColumnTypeSpec {
    /// The name without parameters, for example `DECIMAL`.
    pub r#type: String,
    /// The number of digits: 1 to 38.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u64>,
    /// The number of digits after the point; needs a precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i64>,
}

impl ColumnTypeSpec {
    /// Returns a request with its required fields.
    pub fn new(r#type: impl Into<String>) -> Self {
        Self { r#type: r#type.into(), precision: None, scale: None }
    }

    /// Returns the type `DECIMAL` with this precision and scale.
    pub fn decimal(precision: u64, scale: i64) -> Self {
        Self { r#type: "DECIMAL".to_owned(), precision: Some(precision), scale: Some(scale) }
    }
}

/// The contents of a table after a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoadManagedTableResponse {
    /// The id of the connection of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The number of rows of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The columns, as an Arrow schema in JSON.
    #[serde(default, deserialize_with = "or_default")]
    pub arrow_schema_json: String,
}

/// The outcome of a load: it has ended, or continues as a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum LoadOutcome {
    /// The load has ended (HTTP 200).
    Loaded(LoadManagedTableResponse),
    /// The load continues as a job (HTTP 202).
    Submitted(SubmitJobResponse),
}

impl LoadOutcome {
    /// Returns the contents of the table, if the load has ended.
    pub fn loaded(self) -> Option<LoadManagedTableResponse> {
        match self {
            Self::Loaded(loaded) => Some(loaded),
            Self::Submitted(_) => None,
        }
    }

    /// Returns the job, if the load continues.
    pub fn submitted(self) -> Option<SubmitJobResponse> {
        match self {
            Self::Submitted(ticket) => Some(ticket),
            Self::Loaded(_) => None,
        }
    }
}

/// What a load does to the rows of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadMode {
    /// `replace`: replaces all rows
    Replace,
    /// `append`: adds rows; the data needs all columns of the table, and new columns are added
    Append,
    /// `delete`: deletes the rows with these keys; the data has key columns only
    Delete,
    /// `update`: replaces whole rows by key; rows without a match are ignored
    Update,
    /// `upsert`: as `update`, but rows without a match are added
    Upsert,
    /// Any other value.
    Other(String),
}

impl_open_enum!(LoadMode, "load mode", {
    Replace => "replace",
    Append => "append",
    Delete => "delete",
    Update => "update",
    Upsert => "upsert",
});

/// The format of the data of a load.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadFormat {
    /// `csv`: the only format of inline data
    Csv,
    /// `json`: one object in each line, not an array
    Json,
    /// `parquet`
    Parquet,
    /// Any other value.
    Other(String),
}

impl_open_enum!(LoadFormat, "load format", {
    Csv => "csv",
    Json => "json",
    Parquet => "parquet",
});
