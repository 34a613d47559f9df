//! Loads: what is in a source becomes rows of a table (`LoadManagedTableRequest` of Hotdata's Python SDK 0.12.0).

mod apply;
mod csv;
mod plan;
mod rows;

use std::io::{self, Read};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hotdata::formats::StoredResult;

pub(super) use apply::{create, run};

use super::checks::Check;
use super::error::{SqlError, bad};
use super::types::ColumnType;

/// What a load does with the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// They are the whole contents from now on.
    Replace,
    /// They come after those that are there.
    Append,
    /// Rows with these keys go away.
    Delete,
    /// Rows with these keys become these.
    Update,
    /// Like `Update`; what has no match is added.
    Upsert,
}

impl Mode {
    /// # Errors
    ///
    /// 400 if there is no such mode.
    pub(crate) fn parse(text: &str) -> Result<Self, SqlError> {
        Ok(match text {
            "replace" => Self::Replace,
            "append" => Self::Append,
            "delete" => Self::Delete,
            "update" => Self::Update,
            "upsert" => Self::Upsert,
            _ => return bad("`mode` must be one of replace, append, delete, update, upsert"),
        })
    }

    /// Whether rows are found by their keys.
    pub(crate) fn is_keyed(self) -> bool {
        matches!(self, Self::Delete | Self::Update | Self::Upsert)
    }
}

/// How rows are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceFormat {
    /// CSV with a header row.
    Csv,
    /// One JSON object a line.
    Json,
}

impl SourceFormat {
    /// Reads the field `format` of a load.
    ///
    /// # Errors
    ///
    /// 400 if there is no such format, and for Parquet, which the emulator does not read.
    pub(crate) fn parse(text: &str) -> Result<Self, SqlError> {
        match text {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            "parquet" => bad("the emulator does not read Parquet: load CSV or JSON lines"),
            _ => bad("`format` must be csv or json"),
        }
    }

    /// Tells it from an upload's content type, then from its first bytes.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(crate) fn detect(content_type: Option<&str>, first: &[u8]) -> Result<Self, SqlError> {
        let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "text/csv" | "application/csv" => return Ok(Self::Csv),
            "application/json"
            | "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/json-lines"
            | "application/x-jsonlines" => return Ok(Self::Json),
            "application/vnd.apache.parquet" | "application/x-parquet" => return Self::parse("parquet"),
            _ => {}
        }
        if first.starts_with(b"PAR1") {
            return Self::parse("parquet");
        }
        match first.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Ok(Self::Json),
            _ => Ok(Self::Csv),
        }
    }
}

/// A source that can be read from its beginning more than once.
pub(crate) type Open<'a> = &'a dyn Fn() -> io::Result<Box<dyn Read + Send>>;

/// Where the rows come from.
pub(crate) enum Source<'a> {
    /// Text, of an upload or of the request itself.
    Text(SourceFormat, Open<'a>),
    /// A result that is kept.
    Result(&'a Arc<StoredResult>),
}

/// One load.
pub(crate) struct Load<'a> {
    /// The schema, normalised; it and the table are made if they are not there.
    pub(crate) schema: &'a str,
    /// The table, normalised.
    pub(crate) table: &'a str,
    /// What is done with the rows.
    pub(crate) mode: Mode,
    /// The key columns: those of the request, else those the table was declared with.
    pub(crate) key: &'a [String],
    /// The types of all columns of the source, if the request says.
    pub(crate) columns: Option<&'a [(String, ColumnType)]>,
    /// What the values of these columns have to be beyond their types.
    pub(crate) checks: &'a [(String, Check)],
    /// The rows.
    pub(crate) source: Source<'a>,
}

/// What a load has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// The table's rows after it.
    pub(crate) row_count: u64,
    /// The table's schema after it.
    pub(crate) arrow_schema_json: String,
}
