//! What is told of results (reference, sections 4.5 and 9).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A result, or how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetResultResponse {
    /// Its id.
    pub result_id: String,
    /// How it stands.
    pub status: ResultStatus,
    /// The columns' names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Whether a column may hold nulls, for each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nullable: Option<Vec<bool>>,
    /// The rows that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<Value>>>,
    /// How many rows are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_count: Option<i64>,
    /// How many rows the result has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_row_count: Option<i64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// A result in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResultInfo {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub status: ResultStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListResultsResponse {
    /// The results.
    pub results: Vec<ResultInfo>,
    /// How many are in this page.
    pub count: u64,
    /// How many a page may hold.
    pub limit: u64,
    /// How many come before this page.
    pub offset: u64,
    /// Whether there are more.
    pub has_more: bool,
}

/// What came of asking for a result: what it is, whatever was asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResultOutcome {
    /// It is there, with its rows as JSON (HTTP 200).
    Ready(GetResultResponse),
    /// It is not there yet (HTTP 202).
    Pending {
        /// How it stands: there are no rows.
        result: GetResultResponse,
        /// How long the service asks to wait before it is asked again.
        retry_after: Option<Duration>,
    },
    /// It is there, as text (HTTP 200): CSV or Markdown, as the content type says.
    Text(ResultText),
    /// It is there, as bytes (HTTP 200): Parquet or an Arrow stream, as the content type says.
    Bytes(ResultBytes),
}

impl ResultOutcome {
    /// What is told in JSON, of a result that is there or not yet.
    pub fn json(self) -> Option<GetResultResponse> {
        match self {
            Self::Ready(result) | Self::Pending { result, .. } => Some(result),
            Self::Text(_) | Self::Bytes(_) => None,
        }
    }

    /// The text, if it came as such.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.text),
            _ => None,
        }
    }

    /// The bytes, if it came as such.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.bytes),
            _ => None,
        }
    }
}

/// JSON as it came, text as a string, bytes as base64.
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
    /// What the service calls it: `text/csv; charset=utf-8`.
    pub content_type: String,
    /// The text, as it came.
    pub text: String,
    /// How many rows the result has, whatever part of it this is.
    pub total_row_count: Option<u64>,
}

/// A result as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultBytes {
    /// What the service calls it: `application/vnd.apache.parquet`.
    pub content_type: String,
    /// The bytes, as they came.
    pub bytes: Vec<u8>,
    /// How many rows the result has, whatever part of it this is. Not told for Parquet.
    pub total_row_count: Option<u64>,
}

/// What is becoming of a result (reference, section 5).
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
    /// Any other.
    Other(String),
}

impl_open_enum!(ResultStatus, "result status", {
    Pending => "pending",
    Processing => "processing",
    Ready => "ready",
    Failed => "failed",
});

/// What a result is given as (reference, section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultFormat {
    /// `arrow`: an Arrow IPC stream, the only one that keeps what is not finite
    Arrow,
    /// `json`: the only one with a limit of size
    Json,
    /// `csv`: one header row, LF at the ends of lines
    Csv,
    /// `md`: a table of pipes
    Md,
    /// `parquet`: the stored file, always whole
    Parquet,
    /// Any other.
    Other(String),
}

impl_open_enum!(ResultFormat, "result format", {
    Arrow => "arrow",
    Json => "json",
    Csv => "csv",
    Md => "md",
    Parquet => "parquet",
});
