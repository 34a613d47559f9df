//! Queries in the background, and waits for their runs (reference, section 5).

use serde_json::{Value, json};

use crate::client::{Action, Running, not_run};
use crate::engine::chain::Chain;
use crate::engine::{Completed, Judgement, Operation};
use crate::error::{Error, ErrorKind, shown};

use super::client::{Client, Hotdata};
use super::command::{Call, CallOptions, Core, about};
use super::follow::{FollowedQuery, Following, HoldsQuery};
use super::parts::{Parts, text};
use super::query::Query;
use super::query_model::{QueryRequest, QueryResponse, QueryRunInfo};
use super::query_runs::{GetQueryRun, QueryRuns};
use super::ready::database;

/// How a run stands.
fn judge_run(body: Value) -> Result<Judgement, String> {
    let status = text(&body, "status")?;
    Ok(match &*status {
        "succeeded" => Judgement::Done { status, body },
        "failed" | "interrupted" | "cancelled" => {
            let detail = json!({
                "error_message": body["error_message"],
                "warning_message": body["warning_message"],
                "trace_id": body["trace_id"],
            });
            Judgement::Failed { status, detail }
        }
        // What is not known goes on: a service may get new ones.
        _ => Judgement::Pending { status },
    })
}

/// The wait for a run, as a part of a call.
pub(super) fn run_wait(parts: &Parts, id: &str, database_id: &str) -> Result<Operation, Error> {
    let mut run = GetQueryRun::new(id);
    run.x_database_id = Some(database_id.to_owned());
    parts.wait(&run, id, Box::new(judge_run))
}

/// An error of such a wait.
pub(super) fn told(error: Error) -> Error {
    if error.kind() != ErrorKind::OperationFailed {
        return error;
    }
    let message = error.api_response().and_then(|detail| detail["error_message"].as_str()).map(str::to_owned);
    let is_interrupted = error.api_status() == Some("interrupted");
    let error = error.with_api_message(message);
    match is_interrupted {
        // The service says of it that it can be repeated.
        true => error.with_retryable(true).with_advice("The service interrupted it: run it again."),
        false => error.with_advice("Correct the query, or look what the service says of its run."),
    }
}

pub(super) fn run_of(label: &str, completed: Completed) -> Result<QueryRunInfo, Error> {
    let id = completed.request_id;
    serde_json::from_value(completed.body).map_err(|e| {
        let happened = format!("the query has ended, but of the answer: {e}");
        Error::new(ErrorKind::UnexpectedResponse, label, happened)
            .with_request_id(id)
            .with_advice("Ask for its run again.")
    })
}

/// See [`QueryRuns::wait`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitForQueryRun {
    /// The run.
    pub id: String,
    /// The database, rather than the client's.
    pub x_database_id: Option<String>,
}

/// # Waiting
impl<M> QueryRuns<M> {
    /// Waits until a query has ended well: at once, after 0.5 s, and then after twice as long, up to 5 s, within the time of
    /// the call. A poll that fails in a way that may pass is made again.
    ///
    /// A run may have succeeded and have no `result_id`: then all of its rows were in the answer to the query, and could not
    /// be saved; `warning_message` says why. Where there is a result, it is ready. A status that is not known counts as still
    /// going.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) for the statuses `failed`, `cancelled` and `interrupted`; after the
    /// last the query can be run again ([`is_retryable`](Error::is_retryable)).
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) with the last status if it goes on. Both have the run's id as
    /// [`request_id`](Error::request_id).
    pub fn wait(&self, id: impl Into<String>) -> Call<M, WaitForQueryRun> {
        let wait = WaitForQueryRun { id: id.into(), x_database_id: None };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl<M> Call<M, WaitForQueryRun> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }
}

impl Action<Hotdata> for WaitForQueryRun {
    type Output = QueryRunInfo;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryRunInfo>, Error> {
        let label = about("waiting for query run", &self.id);
        let parts = Parts::new(core, options, label.clone())?;
        let database = database(&parts, self.x_database_id.as_deref())?;
        Ok(Running::new(run_wait(&parts, &self.id, &database)?, move |mut wait| {
            run_of(&label, wait.finish().unwrap_or_else(|| Err(not_run())).map_err(told)?)
        }))
    }
}

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
pub(super) fn answer_of(label: &str, run: QueryRunInfo) -> Result<QueryResponse, Error> {
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
