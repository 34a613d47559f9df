//! Waits for query runs.

use serde_json::{Value, json};

use crate::client::{Action, Running};
use crate::engine::operation::Completed;
use crate::engine::{Id, Judgement, Machine};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core};
use crate::hotdata::composite::{Composite, Origin, text};
use crate::hotdata::endpoint::about;
use crate::hotdata::sql;
use crate::hotdata::waits::{Until, Waits};

use super::commands::{GetQueryRun, QueryRuns};
use super::model::QueryRunInfo;

/// The state of a run.
fn judge_run(body: Value) -> Result<Judgement, String> {
    let status = text(&body, "status")?;
    Ok(match &*status {
        "succeeded" => Judgement::Done { status, body },
        "failed" | "interrupted" | "cancelled" => {
            // The message may repeat the statement, whose secrets another program knows.
            let sql = body["sql_text"].as_str().unwrap_or_default();
            let message = |key: &str| match &body[key] {
                Value::String(message) => sql::masked_text(message, sql).into(),
                other => other.clone(),
            };
            let detail = json!({
                "error_message": message("error_message"),
                "warning_message": message("warning_message"),
                "trace_id": body["trace_id"],
            });
            Judgement::Failed { status, detail }
        }
        // The service may get new states.
        _ => Judgement::Pending { status },
    })
}

/// Waits for a run, as a part of a call.
pub(crate) fn run_wait(
    calls: &Composite,
    id: &str,
    database_id: &str,
    origin: Origin,
    until: Until<QueryRunInfo>,
) -> Result<impl Machine<Output = QueryRunInfo> + use<>, Error> {
    let mut run = GetQueryRun::new(id);
    run.x_database_id = Some(database_id.to_owned());
    let id = Id::Request(id.to_owned());
    let wait = calls.wait(&run, id, origin, move |body| until.judge(body, judge_run))?;
    let label = calls.label().to_owned();
    Ok(wait.map(move |outcome| match outcome {
        Ok(completed) => run_of(&label, completed),
        Err(error) => Err(explained(error)),
    }))
}

/// An error of the wait, with what the service says about the run.
fn explained(error: Error) -> Error {
    if error.kind() != ErrorKind::OperationFailed {
        return error;
    }
    let message = error.api_response().and_then(|detail| detail["error_message"].as_str()).map(str::to_owned);
    let is_interrupted = error.api_status() == Some("interrupted");
    let error = error.with_api_message(message);
    match is_interrupted {
        // The service documents that it can be repeated.
        true => error.with_retryable(true).with_advice("The service interrupted the query. Run it again."),
        false => error.with_advice(
            "Correct the query before you run it again. The query run has the service's message.",
        ),
    }
}

fn run_of(label: &str, completed: Completed) -> Result<QueryRunInfo, Error> {
    let id = completed.id;
    serde_json::from_value(completed.body).map_err(|e| {
        let happened = format!("the query has ended; HTTP 200 with an invalid body: {e}");
        Error::new(ErrorKind::UnexpectedResponse, label, happened)
            .with_request_id(id)
            .with_advice("Get the query run by the request id of this error; do not run the query again.")
    })
}

/// Waits until a query has succeeded: the command of [`QueryRuns::wait_for_query_run`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitForQueryRun {
    /// The id of the query run.
    pub id: String,
    /// The id of the database in which the query runs. Default: the database that the program or its
    /// credentials set.
    pub x_database_id: Option<String>,
    until: Until<QueryRunInfo>,
}

impl WaitForQueryRun {
    pub(in crate::hotdata) fn kept(id: &str, x_database_id: Option<String>, accept_failure: bool) -> Self {
        Self { id: id.to_owned(), x_database_id, until: Until::kept(accept_failure) }
    }

    pub(in crate::hotdata) fn keep(&self) -> Result<bool, Error> {
        self.until.keep(&self.label())
    }

    pub(in crate::hotdata) fn label(&self) -> String {
        about("waiting for query run", &self.id)
    }
}

impl Waits for WaitForQueryRun {
    type Polled = QueryRunInfo;

    fn until(&mut self) -> &mut Until<QueryRunInfo> {
        &mut self.until
    }
}

/// # Waiting
impl<M> QueryRuns<M> {
    /// Waits until a query has succeeded, and returns its query run. `id` is the id of the query run.
    ///
    /// The first poll is sent at once, the second after 0.5 s; each later interval is twice as long, at most
    /// 5 s. [`Call::polling`] sets other intervals, and [`Call::timeout`] another time limit than 300 s. A
    /// poll that fails temporarily, for example because the connection breaks or the service is busy, is
    /// repeated until the timeout. An unknown status counts as pending.
    ///
    /// If the returned run has a [`result_id`](QueryRunInfo::result_id), the result is ready. A query can
    /// succeed without a saved result: the response to the query had all rows, but the service could not save
    /// them. [`warning_message`](QueryRunInfo::warning_message) says why.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the query ended with the status `failed`,
    /// `cancelled` or `interrupted`. An interrupted query can be run again, and its error is
    /// [retryable](Error::is_retryable). [`OperationTimeout`](ErrorKind::OperationTimeout), with the last
    /// status of the query run, if the query has not ended within the timeout;
    /// [`NotFound`](ErrorKind::NotFound) if the database has no query run with this id. These errors have the
    /// id of the query run as [`request_id`](Error::request_id).
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if neither the call nor the client names a database.
    pub fn wait_for_query_run(&self, id: impl Into<String>) -> Call<M, WaitForQueryRun> {
        let wait = WaitForQueryRun { id: id.into(), x_database_id: None, until: Until::default() };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl<M> Call<M, WaitForQueryRun> {
    /// Sets the id of the database in which the query runs. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }
}

impl Action<Hotdata> for WaitForQueryRun {
    type Output = QueryRunInfo;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<QueryRunInfo>, Error> {
        let calls = Composite::new(core, options, self.label())?;
        let database = calls.database(self.x_database_id.as_deref())?;
        Ok(Running::new(run_wait(&calls, &self.id, &database, Origin::Earlier, self.until.clone())?))
    }
}
