//! What the service knows of the SQL engine, beside the tables that each catalog has.

use std::sync::Arc;
use std::time::Duration;

use super::formats::StoredResult;
use super::refusal::Refusal;
use super::sql::{self, Limits, Scope, SqlError};
use super::storage::Pool;

/// The rows that a query has found.
pub(super) type Answered = Arc<StoredResult>;

/// The room in memory for results and uploads, in bytes: what has none there lies in files without names.
const IN_MEMORY: u64 = 256 * 1024 * 1024;
/// The largest result, in bytes as Arrow.
const MAX_RESULT: u64 = 8 * 1024 * 1024 * 1024;
/// The longest that a query may take.
const MAX_TIME: Duration = Duration::from_secs(300);
/// The largest part of a result that comes with the answer to its query, in bytes as Arrow.
const PREVIEW: u64 = 8 * 1024 * 1024;

/// Runs queries, and has the room for what they find.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    pub(super) pool: Arc<Pool>,
}

impl Engine {
    pub(super) fn new() -> Self {
        Self { pool: Pool::new(IN_MEMORY) }
    }

    /// `now`: microseconds since 1970.
    pub(super) fn query(&self, scope: &Scope, sql: &str, now: i64) -> Result<Answered, SqlError> {
        let limits = Limits { time: MAX_TIME, bytes: MAX_RESULT, now };
        sql::query(scope, sql, &limits, &self.pool).map(Arc::new)
    }
}

/// How many rows come inline: no more than these, and no more than fit.
pub(super) fn preview(answered: &Answered, most: Option<u64>) -> u64 {
    most.unwrap_or(u64::MAX).min(answered.rows_within(PREVIEW))
}

impl From<SqlError> for Refusal {
    fn from(error: SqlError) -> Self {
        Self::new(error.status(), error.code(), error.message())
    }
}
