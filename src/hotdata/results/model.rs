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

/// The rows of a result as JSON, or the state of a result that is not ready or has failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetResultResponse {
    /// The id of the result.
    pub result_id: String,
    /// The status of the result.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: ResultStatus,
    /// The names of the columns. `None` if the result is not ready or has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// For each column, whether it can have nulls, in the order of `columns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nullable: Option<Vec<bool>>,
    /// The requested rows, each with one cell for each column. `None` if the result is not ready or has
    /// failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<Value>>>,
    /// The number of rows in this response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// The number of rows of the whole result, even if only a part of it was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// The reason why the result failed, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The text of the response from which `rows` was read.
    #[serde(skip)]
    pub(crate) source: Source,
}

impl GetResultResponse {
    /// Returns the rows as maps from the names of the columns to the cells. The list is empty if the response
    /// has no rows.
    pub fn named_rows(&self) -> Vec<Row> {
        named(self.columns.as_deref().unwrap_or_default(), self.rows.as_deref().unwrap_or_default())
    }

    /// Returns the rows as values of a type of your own, whose fields have the names of the columns. The list
    /// is empty if the response has no rows.
    /// [`QueryResponse::rows_as`](crate::hotdata::QueryResponse::rows_as) has an example.
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

/// A result without its rows, as an entry of [`Results::list`](crate::hotdata::Results::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResultInfo {
    /// The id of the result.
    pub id: String,
    /// The status of the result.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: ResultStatus,
    /// The time at which the service created the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The reason why the result failed, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// A page of results: the response of [`Results::list`](crate::hotdata::Results::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListResultsResponse {
    /// The results on this page.
    #[serde(default, deserialize_with = "or_default")]
    pub results: Vec<ResultInfo>,
    /// The number of results on this page, which is not the total number of results.
    #[serde(default, deserialize_with = "or_default")]
    pub count: u64,
    /// The page size: the largest number of results on a page.
    #[serde(default, deserialize_with = "or_default")]
    pub limit: u64,
    /// The number of results before this page.
    #[serde(default, deserialize_with = "or_default")]
    pub offset: u64,
    /// Whether there are more pages after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

/// The outcome of a request for a result: its rows as JSON, text or bytes, or its state if it is not ready.
/// In JSON, text is a string, and bytes are a string in base64.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResultOutcome {
    /// The result is ready, and the response has its rows as JSON (HTTP 200).
    Ready(GetResultResponse),
    /// The result is not ready (HTTP 202).
    Pending {
        /// The state of the result, without rows.
        result: GetResultResponse,
        /// The delay that the service requests before the next request (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The result is ready, and the content type of the response is text (HTTP 200): CSV or Markdown.
    Text(ResultText),
    /// The result is ready, and the content type of the response is neither JSON nor text (HTTP 200): Parquet
    /// or an Arrow stream.
    Bytes(ResultBytes),
}

impl ResultOutcome {
    /// Returns the JSON of a result, whether the result is ready or not. `None` if the response is text or
    /// bytes.
    pub fn json(self) -> Option<GetResultResponse> {
        match self {
            Self::Ready(result) | Self::Pending { result, .. } => Some(result),
            Self::Text(_) | Self::Bytes(_) => None,
        }
    }

    /// Returns the text. `None` if the response is JSON or bytes.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.text),
            _ => None,
        }
    }

    /// Returns the bytes. `None` if the response is JSON or text.
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

/// A result as text: CSV or Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultText {
    /// The content type, for example `text/csv; charset=utf-8`.
    pub content_type: String,
    /// The rows as text.
    pub text: String,
    /// The number of rows of the whole result, even if only a part of it was requested. `None` if the service
    /// does not send it.
    pub total_row_count: Option<u64>,
}

/// A result as bytes: Parquet or an Arrow stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultBytes {
    /// The content type, for example `application/vnd.apache.parquet`.
    pub content_type: String,
    /// The rows as bytes, in the format of `content_type`.
    pub bytes: Vec<u8>,
    /// The number of rows of the whole result, even if only a part of it was requested. The service does not
    /// send it for Parquet; then it is `None`.
    pub total_row_count: Option<u64>,
}

/// The status of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultStatus {
    /// `pending`: the service has not saved the result yet
    Pending,
    /// `processing`: the service has not saved the result yet
    Processing,
    /// `ready`: the rows can be fetched
    Ready,
    /// `failed`: the service could not save the result
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
    /// `json`: the only format whose size the service limits
    Json,
    /// `csv`: with a header row; lines end with a line feed
    Csv,
    /// `md`: a Markdown table
    Md,
    /// `parquet`: the stored file, always the whole result
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
