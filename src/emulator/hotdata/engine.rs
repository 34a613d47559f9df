//! What the service has its rows from: the one place that knows the SQL engine.

use serde_json::{Map, Value};

use crate::emulator::server::Reply;

use super::refusal::Refusal;
use super::state::Column;

/// What a query sees: catalogs by name, and where names without one are looked for.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// Names, and the ids of the connections behind them.
    pub(super) catalogs: Vec<(String, String)>,
    pub(super) default_catalog: String,
    pub(super) default_schema: String,
}

/// What rows do to those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Replace,
    Append,
    Delete,
    Update,
    Upsert,
}

impl Mode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Append => "append",
            Self::Delete => "delete",
            Self::Update => "update",
            Self::Upsert => "upsert",
        }
    }

    pub(super) fn has_key(self) -> bool {
        matches!(self, Self::Delete | Self::Update | Self::Upsert)
    }
}

/// Where the rows of a load come from.
#[derive(Debug)]
pub(super) enum Rows {
    Csv(Vec<u8>),
    Json(Vec<u8>),
    Answered(Answered),
}

/// A load.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) catalog: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) mode: Mode,
    pub(super) key: Vec<String>,
    /// The types of its columns, if they are said.
    pub(super) columns: Option<Map<String, Value>>,
    pub(super) rows: Rows,
}

/// What came of a load.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The rows that came.
    pub(super) came: u64,
    /// The rows that the table has now.
    pub(super) total: u64,
    pub(super) columns: Vec<Column>,
}

/// The rows of all tables.
#[derive(Debug)]
pub(super) struct Engine;

/// The rows that a query has found.
#[derive(Clone, Debug)]
pub(super) struct Answered;

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Arrow,
    Csv,
    Markdown,
    Parquet,
}

impl Answered {
    pub(super) fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    /// Which columns may be null in these rows.
    pub(super) fn nullable(&self, _offset: u64, _rows: u64) -> Result<Vec<bool>, Refusal> {
        Ok(Vec::new())
    }

    /// Rows as a list of lists, in JSON.
    pub(super) fn json_rows(&self, _offset: u64, _rows: u64) -> Result<String, Refusal> {
        Ok("[]".to_owned())
    }

    /// The reply with a body that is made as it is sent.
    pub(super) fn stream(
        &self,
        reply: Reply,
        _format: Format,
        _offset: u64,
        _limit: Option<u64>,
    ) -> Result<Reply, Refusal> {
        Ok(reply)
    }

    pub(super) fn total(&self) -> u64 {
        0
    }

    /// How many rows come inline: no more than these, and no more than fit.
    pub(super) fn preview(&self, most: Option<u64>) -> u64 {
        most.unwrap_or(u64::MAX).min(self.total())
    }
}

impl Engine {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn query(&self, _scope: &Scope, _sql: &str) -> Result<Answered, String> {
        Ok(Answered)
    }

    pub(super) fn load(&mut self, _load: Load) -> Result<Loaded, Refusal> {
        Err(Refusal::bad("there is no engine yet"))
    }
}
