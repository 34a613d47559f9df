//! The rows of a result, fetched in pages.

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::hotdata::limits::{Guards, estimate};
use crate::hotdata::results::{GetResult, ResultFailure, ResultFormat, ResultOutcome};
use crate::rows::Source;

use super::query::FollowedQuery;

/// The pages of a result that arrived so far.
#[derive(Debug)]
pub(super) struct Pages {
    command: GetResult,
    page_size: u64,
    total: Option<u64>,
    guards: Guards,
    bytes: u64,
    columns: Vec<String>,
    nullable: Vec<bool>,
    rows: Vec<Vec<Value>>,
    source: Source,
}

/// The error for a page that cannot be used.
#[cold]
fn unusable(label: &str, happened: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, label, happened).with_advice(
        "The query ran. Fetch its result by the resource id of this error; do not run the query again.",
    )
}

/// Rows with their columns.
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) nullable: Vec<bool>,
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) source: Source,
}

impl Pages {
    /// Returns the pages of a result, or an error if it is known to be too large.
    pub(super) fn new(
        followed: &FollowedQuery,
        label: &str,
        result_id: &str,
        database_id: &str,
        total: Option<u64>,
    ) -> Result<Self, Error> {
        let guards = Guards { rows: followed.max_auto_rows, bytes: followed.max_auto_bytes };
        guards.check(label, total.unwrap_or_default(), 0)?;
        let page_size = followed.page_size.max(1);
        let mut command = GetResult::new(result_id);
        command.x_database_id = Some(database_id.to_owned());
        command.format = Some(ResultFormat::Json);
        command.offset = Some(0);
        command.limit = Some(page_size);
        Ok(Self {
            command,
            page_size,
            total,
            guards,
            bytes: 0,
            columns: Vec::new(),
            nullable: Vec::new(),
            rows: Vec::new(),
            source: Source::default(),
        })
    }

    /// The command for the next page.
    pub(super) fn command(&self) -> &GetResult {
        &self.command
    }

    /// Takes a page. Returns true if it was the last one.
    pub(super) fn take(&mut self, label: &str, page: ResultOutcome) -> Result<bool, Error> {
        let page = match page {
            ResultOutcome::Ready(page) => page,
            ResultOutcome::Pending { .. } => {
                let happened =
                    "the result was ready, but a request for a page returned HTTP 202: it is pending again";
                return Err(unusable(label, happened));
            }
            ResultOutcome::Text(_) | ResultOutcome::Bytes(_) => {
                let happened =
                    "a page of the result was requested as JSON, but the response has another content type";
                return Err(unusable(label, happened));
            }
        };
        let rows = page.rows.unwrap_or_default();
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let fetched = self.command.offset.unwrap_or_default();
        if let Some(expected) = self.total.filter(|total| rows.is_empty() && fetched < *total) {
            return Err(ResultFailure::Incomplete { fetched, expected }.error(label));
        }
        self.bytes = self.bytes.saturating_add(estimate(&rows));
        self.rows.extend(rows);
        self.source.extend(page.source);
        self.columns = page.columns.unwrap_or_default();
        self.nullable = page.nullable.unwrap_or_default();
        let fetched = fetched.saturating_add(count);
        self.guards.check(label, fetched, self.bytes)?;
        self.command.offset = Some(fetched);
        Ok(match self.total {
            Some(total) => fetched >= total,
            None => count < self.page_size,
        })
    }

    pub(super) fn into_rows(self) -> Rows {
        Rows { columns: self.columns, nullable: self.nullable, rows: self.rows, source: self.source }
    }
}
