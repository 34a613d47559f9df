//! Queries in the background, and waits for their rows (reference, section 5).

use crate::client::{Action, Running, not_run};
use crate::engine::chain::Chain;
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::{Client, Hotdata};
use crate::hotdata::command::{Call, CallOptions, Core};
use crate::hotdata::query_runs::QueryRunInfo;

use super::model::{QueryRequest, QueryResponse};
use super::plain::Query;
use super::query::{FollowedQuery, Following, HoldsQuery};

/// See [`Client::query_and_wait`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueryAndWait {
    /// The query, in the background.
    pub query: FollowedQuery,
}

impl HoldsQuery for QueryAndWait {
    fn held(&mut self) -> &mut FollowedQuery {
        &mut self.query
    }
}

impl<M> Client<M> {
    /// Runs a query in the background, waits for it, and gives its rows: for queries that take longer than a connection
    /// lasts. It waits on the query's run, as the service suggests, and not on the result.
    ///
    /// The limits are those of [`query`](Client::query): at most as many rows as [`Call::max_auto_rows`] and
    /// [`Call::max_auto_bytes`] allow, fetched in pages. The whole has to end within the time of the call
    /// ([`Call::timeout`]), 300 s unless the client has another.
    ///
    /// # Stopping
    ///
    /// As with [`query`](Client::query): the call ends, and the query goes on. Its run is told to [`Call::on_progress`] as
    /// [`Submitted`](crate::Progress::Submitted); [`query_runs().wait(…)`](QueryRuns::wait) goes on waiting for it.
    ///
    /// # Errors
    ///
    /// As those of [`query`](Client::query) and of [`query_runs().wait(…)`](QueryRuns::wait).
    /// [`ResultUnavailable`](ErrorKind::ResultUnavailable) with the run's id if it has succeeded and its rows were not saved.
    pub fn query_and_wait(&self, sql: impl Into<String>) -> Call<M, QueryAndWait> {
        self.query(sql).and_wait()
    }

    /// Sends a query to run in the background, and waits for nothing. What comes back is a ticket for
    /// [`query_runs().wait(…)`](QueryRuns::wait), or the rows if the service had them at once. The same as
    /// [`query(…)`](Client::query) with [`background`](Call::background).
    pub fn submit_query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        self.follow_query(Query::new(QueryRequest::new(sql).background()))
    }
}

impl<M> Call<M, FollowedQuery> {
    /// In the background, and waits for its end: see [`Client::query_and_wait`].
    pub fn and_wait(self) -> Call<M, QueryAndWait> {
        self.map(|mut query| {
            query.query.query_request.r#async = Some(true);
            query.follow = true;
            QueryAndWait { query }
        })
    }
}

/// What stands for the answer to a query that has run in the background, until its rows are there.
pub(crate) fn answer_of(label: &str, run: QueryRunInfo) -> Result<QueryResponse, Error> {
    if run.result_id.is_none() {
        let mut happened = "the query has succeeded, and its rows were not saved".to_owned();
        if let Some(warning) = &run.warning_message {
            happened.push_str(&format!(": {}", shown(warning)));
        }
        return Err(Error::new(ErrorKind::ResultUnavailable, label, happened)
            .with_request_id(run.id)
            .with_api_message(run.warning_message)
            .with_advice("Run it again, not in the background."));
    }
    Ok(QueryResponse {
        columns: Vec::new(),
        nullable: Vec::new(),
        rows: Vec::new(),
        preview_row_count: 0,
        row_count: 0,
        total_row_count: run.row_count,
        truncated: false,
        query_run_id: run.id,
        result_id: run.result_id,
        execution_time_ms: run
            .execution_time_ms
            .and_then(|time| u64::try_from(time).ok())
            .unwrap_or_default(),
        warning: run.warning_message,
    })
}

impl Action<Hotdata> for QueryAndWait {
    type Output = QueryResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryResponse>, Error> {
        let plan = Following::new(core, options, &self.query)?.waiting();
        Ok(Running::new(Chain::new(plan), |chain| {
            let outcome = chain.finish().unwrap_or_else(|| Err(not_run()))?;
            outcome.answered().ok_or_else(not_run)
        }))
    }
}
