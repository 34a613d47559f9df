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

/// Runs a query in the background, waits for it and fetches its rows: the command of
/// [`client.query(…).and_wait()`](Call::and_wait).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QueryAndWait {
    /// The query, which runs in the background.
    pub query: FollowedQuery,
}

impl HoldsQuery for QueryAndWait {
    fn held(&mut self) -> &mut FollowedQuery {
        &mut self.query
    }
}

impl<M> Client<M> {
    /// Starts a query in the background and does not wait for its end. This call is
    /// [`query(…)`](Client::query) with [`background`](Call::background), and fails with the same errors.
    ///
    /// The call returns a ticket with the id of the query run, for
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run). If the service sends the rows
    /// at once, the call returns the rows.
    pub fn submit_query(&self, sql: impl Into<String>) -> Call<M, FollowedQuery> {
        self.follow_query(Query::new(QueryRequest::new(sql).background()))
    }
}

impl<M> Call<M, FollowedQuery> {
    /// Runs the query in the background, waits until it has succeeded, and returns its rows. Use it for
    /// queries that take longer than a connection lasts. As the service recommends, the call polls the query
    /// run and not the result. The first poll is sent at once, the second after 0.5 s; each later interval is
    /// twice as long, at most 5 s. [`Call::polling`] sets other intervals.
    ///
    /// The call fetches the rows in pages, as [`query`](Client::query) does, within [`Call::max_auto_rows`]
    /// and [`Call::max_auto_bytes`]. The query, the wait and the pages together have to end within the
    /// timeout of the call ([`Call::timeout`]), which is 300 s unless the client has another timeout.
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
    /// If the call is cancelled ([`Call::cancel_with`]) or its future is dropped, the query continues at the
    /// service. [`Call::on_progress`] receives the id of the query run as
    /// [`Submitted`](crate::Progress::Submitted). With this id,
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run) waits for the end of the query.
    ///
    /// # Errors
    ///
    /// The errors of [`query`](Client::query) and of
    /// [`query_runs().wait_for_query_run(…)`](QueryRuns::wait_for_query_run). If the query succeeded but the
    /// service did not save its rows, the error is [`OperationFailed`](ErrorKind::OperationFailed) with the
    /// detail [`ResultFailure::Unavailable`].
    pub fn and_wait(self) -> Call<M, QueryAndWait> {
        self.map(|mut query| {
            query.query.query_request.r#async = Some(true);
            query.follow = true;
            QueryAndWait { query }
        })
    }
}

/// Returns the response to a query that ran in the background, without its rows, which are fetched later.
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
