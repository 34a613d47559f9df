//! What the service knows of the SQL engine, beside the tables that each catalog has.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::server::lock;

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
/// The longest that a query may take. A load waits somewhat longer.
const MAX_TIME: Duration = Duration::from_secs(300);
/// The largest part of a result that comes with the answer to its query, in bytes as Arrow.
const PREVIEW: u64 = 8 * 1024 * 1024;

/// The longest that a query may take of which only the columns are wanted, and its largest result.
const PEEK_TIME: Duration = Duration::from_secs(10);
const PEEK_BYTES: u64 = 64 * 1024 * 1024;

/// How many queries run at a time, each with memory of its own; more wait.
const AT_A_TIME: usize = 8;

/// Runs queries, and has the room for what they find.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    pub(super) pool: Arc<Pool>,
    gate: Arc<Gate>,
}

/// Lets in so many at a time.
#[derive(Debug, Default)]
struct Gate {
    crowd: Mutex<Crowd>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct Crowd {
    inside: usize,
    waiting: usize,
}

impl Gate {
    fn enter(&self) -> Inside<'_> {
        let mut crowd = lock(&self.crowd);
        crowd.waiting += 1;
        let crowd = self.left.wait_while(crowd, |crowd| crowd.inside >= AT_A_TIME);
        let mut crowd = crowd.unwrap_or_else(PoisonError::into_inner);
        crowd.waiting -= 1;
        crowd.inside += 1;
        Inside(self)
    }
}

/// Somebody who is inside, until it is dropped.
#[derive(Debug)]
pub(super) struct Inside<'g>(&'g Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        lock(&self.0.crowd).inside -= 1;
        self.0.left.notify_one();
    }
}

impl Engine {
    pub(super) fn new() -> Self {
        Self { pool: Pool::new(IN_MEMORY), gate: Arc::default() }
    }

    /// `now`: microseconds since 1970.
    pub(super) fn query(&self, scope: &Scope, sql: &str, now: i64) -> Result<Answered, SqlError> {
        let _inside = self.gate.enter();
        let limits = Limits { time: MAX_TIME, bytes: MAX_RESULT, now };
        sql::query(scope, sql, &limits, &self.pool).map(Arc::new)
    }

    /// A query of which only the columns are wanted.
    pub(super) fn peek(&self, scope: &Scope, sql: &str, now: i64) -> Result<StoredResult, SqlError> {
        let _inside = self.gate.enter();
        let limits = Limits { time: PEEK_TIME, bytes: PEEK_BYTES, now };
        sql::query(scope, sql, &limits, &Pool::new(PEEK_BYTES))
    }
}

#[cfg(test)]
impl Engine {
    /// Until these are dropped, every query waits.
    pub(super) fn fill(&self) -> Vec<Inside<'_>> {
        (0..AT_A_TIME).map(|_| self.gate.enter()).collect()
    }

    /// How many queries wait.
    pub(super) fn waiting(&self) -> usize {
        lock(&self.gate.crowd).waiting
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
