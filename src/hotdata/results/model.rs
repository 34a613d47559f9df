//! Responses about results.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::Error;
use crate::hotdata::rows::{misfit, named, typed};
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::rows::{Row, Source};
use crate::timestamp::Timestamp;

/// A result, or the state of one that is not ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetResultResponse {
    /// The id.
    pub result_id: String,
    /// The status.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: ResultStatus,
    /// The names of the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// For each column, whether it can have nulls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nullable: Option<Vec<bool>>,
    /// The requested rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<Value>>>,
    /// The number of rows in this response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// The number of rows of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// The reason of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The text of the response that `rows` comes from.
    #[serde(skip)]
    pub(crate) source: Source,
}

impl GetResultResponse {
    /// Returns the rows with the names of their columns; none if the response has none.
    pub fn named_rows(&self) -> Vec<Row> {
        named(self.columns.as_deref().unwrap_or_default(), self.rows.as_deref().unwrap_or_default())
    }

    /// Returns the rows as a type of your own: see
    /// [`QueryResponse::rows_as`](crate::hotdata::QueryResponse::rows_as).
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse), with the id of the result, if a row does
    /// not fit the type.
    pub fn rows_as<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let (columns, rows) = (self.columns.as_deref(), self.rows.as_deref());
        typed(columns.unwrap_or_default(), rows.unwrap_or_default(), &self.source)
            .map_err(|error| misfit::<T>(&error).with_resource(self.result_id.clone()))
    }
}

/// A result in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResultInfo {
    /// The id.
    pub id: String,
    /// The status.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: ResultStatus,
    /// The time of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The reason of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListResultsResponse {
    /// The results.
    #[serde(default, deserialize_with = "or_default")]
    pub results: Vec<ResultInfo>,
    /// The number of items on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of items before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

/// The outcome of requesting a result, in the format of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResultOutcome {
    /// The rows as JSON (HTTP 200).
    Ready(GetResultResponse),
    /// The result is not ready (HTTP 202).
    Pending {
        /// The state of the result, without rows.
        result: GetResultResponse,
        /// The delay that the service requests before the next request (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// Text (HTTP 200): CSV or Markdown, by the content type.
    Text(ResultText),
    /// Bytes (HTTP 200): Parquet or an Arrow stream, by the content type.
    Bytes(ResultBytes),
}

impl ResultOutcome {
    /// Returns the JSON, of a result that is ready or not.
    pub fn json(self) -> Option<GetResultResponse> {
        match self {
            Self::Ready(result) | Self::Pending { result, .. } => Some(result),
            Self::Text(_) | Self::Bytes(_) => None,
        }
    }

    /// Returns the text, if the response is text.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.text),
            _ => None,
        }
    }

    /// Returns the bytes, if the response is bytes.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.bytes),
            _ => None,
        }
    }
}

/// Serializes JSON as it is, text as a string and bytes as base64.
impl Serialize for ResultOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ready(result) | Self::Pending { result, .. } => result.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(&text.text),
            Self::Bytes(bytes) => serializer.serialize_str(&BASE64.encode(&bytes.bytes)),
        }
    }
}

/// A result as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultText {
    /// The content type, for example `text/csv; charset=utf-8`.
    pub content_type: String,
    /// The text.
    pub text: String,
    /// The total number of rows of the result.
    pub total_row_count: Option<u64>,
}

/// A result as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultBytes {
    /// The content type, for example `application/vnd.apache.parquet`.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The total number of rows of the result. `None` for Parquet.
    pub total_row_count: Option<u64>,
}

/// The status of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultStatus {
    /// `pending`
    Pending,
    /// `processing`
    Processing,
    /// `ready`
    Ready,
    /// `failed`
    Failed,
    /// Any other value.
    Other(String),
}

impl_open_enum!(ResultStatus, "result status", {
    Pending => "pending",
    Processing => "processing",
    Ready => "ready",
    Failed => "failed",
});

/// The format of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultFormat {
    /// `arrow`: an Arrow IPC stream, the only format that keeps infinities and NaN
    Arrow,
    /// `json`: the only format with a size limit
    Json,
    /// `csv`: with a header row; lines end with LF
    Csv,
    /// `md`: a Markdown table
    Md,
    /// `parquet`: the stored file, always whole
    Parquet,
    /// Any other value.
    Other(String),
}

impl_open_enum!(ResultFormat, "result format", {
    Arrow => "arrow",
    Json => "json",
    Csv => "csv",
    Md => "md",
    Parquet => "parquet",
});
