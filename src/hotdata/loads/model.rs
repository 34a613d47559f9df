//! Requests and responses about loads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hotdata::jobs::SubmitJobResponse;
use crate::hotdata::wire::or_default;
use crate::open_enum::impl_open_enum;

/// The request to load rows into a table: the body of [`LoadDatabaseTable`](super::LoadDatabaseTable) and
/// [`LoadManagedTable`](super::LoadManagedTable).
///
/// The source of the rows is exactly one of `upload_id`, `result_id` and `data`.
/// [`Client::load`](crate::hotdata::Client::load) checks this before it sends the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTableRequest {
    /// The mode: whether the load replaces, adds, updates or deletes rows of the table.
    pub mode: LoadMode,
    /// The id of a finalized upload, as the source of the rows. An upload can be loaded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// The id of a saved result of a query, as the source of the rows. The service copies the result, so it
    /// can be loaded several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<String>,
    /// CSV text with a header row, as the source of the rows. At most 2 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The format of the upload. Not with `result_id`; `data` is always CSV. Default: the service detects the
    /// format by the content type of the upload, then by its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<LoadFormat>,
    /// The types of the columns of `data`: of every column in its header row, and of no others. Only with
    /// `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, ColumnDefinition>>,
    /// The columns that identify a row, for the modes delete, update and upsert; the other modes ignore them.
    /// Default: the key that was declared with the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<String>>,
    /// The idempotency key of `data`, at most 255 characters. The service loads the data of a key once, and
    /// rejects the key with other data, another table or another mode. Only with `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Whether the load runs in the background, as a job. Not with `result_id`. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#async: Option<bool>,
    /// The time in milliseconds that the service waits for the end of a load with `async` before it responds
    /// with the job, at least 1000. Only with `async`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_after_ms: Option<u64>,
}

impl LoadManagedTableRequest {
    /// Returns a request with this mode and without a source.
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

    /// Sets the id of a finalized upload as the source of the rows. An upload can be loaded once.
    pub fn upload_id(mut self, id: impl Into<String>) -> Self {
        self.upload_id = Some(id.into());
        self
    }

    /// Sets the id of a saved result of a query as the source of the rows. The service copies the result, so
    /// it can be loaded several times.
    pub fn result_id(mut self, id: impl Into<String>) -> Self {
        self.result_id = Some(id.into());
        self
    }

    /// Sets CSV text with a header row as the source of the rows. At most 2 MiB.
    pub fn data(mut self, csv: impl Into<String>) -> Self {
        self.data = Some(csv.into());
        self
    }

    /// Sets the format of the upload. Default: the service detects the format by the content type of the
    /// upload, then by its bytes.
    pub fn format(mut self, format: LoadFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the type of one column of `data`. If one column has a type, all columns need one.
    pub fn column(mut self, name: impl Into<String>, column: impl Into<ColumnDefinition>) -> Self {
        self.columns.get_or_insert_default().insert(name.into(), column.into());
        self
    }

    /// Sets the columns that identify a row, for the modes delete, update and upsert. Default: the key that
    /// was declared with the table.
    pub fn key<I: IntoIterator<Item: Into<String>>>(mut self, columns: I) -> Self {
        self.key = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the idempotency key of `data`, at most 255 characters. The service loads the data of a key once,
    /// and rejects the key with other data, another table or another mode.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Makes the load run in the background, as a job. Not with `result_id`.
    pub fn background(mut self) -> Self {
        self.r#async = Some(true);
        self
    }

    /// Makes the load run in the background, as a job, if it has not ended after this time in milliseconds,
    /// at least 1000. Not with `result_id`.
    pub fn async_after_ms(mut self, after: u64) -> Self {
        self.r#async = Some(true);
        self.async_after_ms = Some(after);
        self
    }
}

/// The type of a column of inline CSV data ([`LoadManagedTableRequest::columns`]): its full name, or its name
/// and parameters apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum ColumnDefinition {
    /// The full name of the type, for example `BIGINT` or `DECIMAL(10,2)`.
    Name(String),
    /// The name and the parameters of the type.
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

/// The name and the parameters of the type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ColumnTypeSpec {
    /// The name of the type without parameters, for example `DECIMAL`.
    pub r#type: String,
    /// The total number of digits, from 1 to 38.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u64>,
    /// The number of digits after the decimal point, at most the precision. Only with a precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i64>,
}

impl ColumnTypeSpec {
    /// Returns the type with this name, without precision and scale.
    pub fn new(r#type: impl Into<String>) -> Self {
        Self { r#type: r#type.into(), precision: None, scale: None }
    }

    /// Returns the type `DECIMAL` with this precision (total number of digits) and scale (digits after the
    /// decimal point).
    pub fn decimal(precision: u64, scale: i64) -> Self {
        Self { r#type: "DECIMAL".to_owned(), precision: Some(precision), scale: Some(scale) }
    }
}

/// The loaded table: its name, number of rows and columns after the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoadManagedTableResponse {
    /// The id of the connection of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// The name of the schema.
    #[serde(default, deserialize_with = "or_default")]
    pub schema_name: String,
    /// The name of the table.
    #[serde(default, deserialize_with = "or_default")]
    pub table_name: String,
    /// The total number of rows of the table after the load.
    #[serde(default, deserialize_with = "or_default")]
    pub row_count: u64,
    /// The columns of the table, as the text of an Arrow schema in JSON.
    #[serde(default, deserialize_with = "or_default")]
    pub arrow_schema_json: String,
}

/// The outcome of a load: the loaded table, or a job if the load continues in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum LoadOutcome {
    /// The load has ended (HTTP 200). The response describes the loaded table.
    Loaded(LoadManagedTableResponse),
    /// The load continues in the background (HTTP 202). The response has the id of the job, for
    /// [`jobs().wait_for_job(…)`](crate::hotdata::Jobs::wait_for_job).
    Submitted(SubmitJobResponse),
}

impl LoadOutcome {
    /// Returns the loaded table, or `None` if the load continues in the background.
    pub fn loaded(self) -> Option<LoadManagedTableResponse> {
        match self {
            Self::Loaded(loaded) => Some(loaded),
            Self::Submitted(_) => None,
        }
    }

    /// Returns the job, or `None` if the load has ended.
    pub fn submitted(self) -> Option<SubmitJobResponse> {
        match self {
            Self::Submitted(ticket) => Some(ticket),
            Self::Loaded(_) => None,
        }
    }
}

/// The mode of a load: whether it replaces, adds, updates or deletes rows of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadMode {
    /// `replace`: replaces all rows of the table
    Replace,
    /// `append`: adds rows; the data must have all columns of the table, and columns that the table lacks are
    /// added to it
    Append,
    /// `delete`: deletes the rows whose keys are in the data, which has only the key columns
    Delete,
    /// `update`: replaces each row of the table whose key is in the data; rows of the data whose key is not
    /// in the table are ignored
    Update,
    /// `upsert`: as `update`, but rows of the data whose key is not in the table are added
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

/// The format of the source of a load.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadFormat {
    /// `csv`: the only format of [`data`](LoadManagedTableRequest::data) in the request
    Csv,
    /// `json`: one JSON object on each line, not an array
    Json,
    /// `parquet`: a Parquet file
    Parquet,
    /// Any other value.
    Other(String),
}

impl_open_enum!(LoadFormat, "load format", {
    Csv => "csv",
    Json => "json",
    Parquet => "parquet",
});
