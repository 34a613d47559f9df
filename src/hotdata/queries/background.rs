//! Queries in the background, and waits for their rows.

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::client::Client;
use crate::hotdata::command::Call;
use crate::hotdata::query_runs::QueryRunInfo;
#[cfg(doc)]
use crate::hotdata::query_runs::QueryRuns;
use crate::hotdata::results::ResultFailure;
use crate::rows::Source;

use super::model::{QueryRequest, QueryResponse};
use super::plain::Query;
use super::query::{FollowedQuery, HoldsQuery};

/// The command of [`Call::and_wait`] of [`FollowedQuery`].
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
    /// Sends a query to run in the background, and does not wait for it. The output is a ticket for
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run), or the rows if the service had
    /// them at once. The same as [`query(…)`](Client::query) with [`background`](Call::background).
    pub fn submit_query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        self.follow_query(Query::new(QueryRequest::new(sql).background()))
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Runs the query in the background, waits for it, and returns its rows: for queries that take longer
    /// than a connection lasts. The call waits for the run of the query, as the service recommends, and not
    /// for the result.
    ///
    /// The rows are fetched as [`query`](Client::query) does it, within [`Call::max_auto_rows`] and
    /// [`Call::max_auto_bytes`]. All of it has to end within the timeout of the call ([`Call::timeout`]), 300
    /// s unless the client has another.
    ///
    /// ```no_run
    /// # use controlplane::hotdata::Client;
    /// # let client = Client::from_env()?;
    /// let response = client.query("SELECT id, amount FROM orders ORDER BY id").and_wait().send()?;
    /// println!("{} rows", response.rows.len());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Cancelling
    ///
    /// As with [`query`](Client::query): the call ends, and the query goes on. Its run is reported to
    /// [`Call::on_progress`] as [`Submitted`](crate::Progress::Submitted);
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run) waits for it.
    ///
    /// # Errors
    ///
    /// As those of [`query`](Client::query) and of
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run).
    /// [`OperationFailed`](ErrorKind::OperationFailed) with [`ResultFailure::Unavailable`] if the query
    /// succeeded and its rows were not saved.
    pub fn and_wait(self) -> Call<M, QueryAndWait> {
        self.map(|mut query| {
            query.query.query_request.r#async = Some(true);
            query.follow = true;
            QueryAndWait { query }
        })
    }
}

/// What stands for the response to a query that ran in the background, until its rows are fetched.
pub(crate) fn response_of(label: &str, run: QueryRunInfo) -> Result<QueryResponse, Error> {
    if run.result_id.is_none() {
        let failure = ResultFailure::Unavailable { warning: run.warning_message };
        return Err(failure
            .error(label)
            .with_request_id(run.id)
            .with_advice("If the query changes nothing, run it again without `.and_wait()`: its response has the first rows."));
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
        source: Source::default(),
    })
}
