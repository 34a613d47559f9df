//! Waits for query runs (reference, section 5).

use serde_json::{Value, json};

use crate::client::{Action, Running, not_run};
use crate::engine::operation::Completed;
use crate::engine::{Judgement, Operation};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core, about};
use crate::hotdata::parts::{Parts, text};
use crate::hotdata::results::database;

use super::commands::{GetQueryRun, QueryRuns};
use super::model::QueryRunInfo;

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
pub(crate) fn run_wait(parts: &Parts, id: &str, database_id: &str) -> Result<Operation, Error> {
    let mut run = GetQueryRun::new(id);
    run.x_database_id = Some(database_id.to_owned());
    parts.wait(&run, id, Box::new(judge_run))
}

/// An error of such a wait.
pub(crate) fn told(error: Error) -> Error {
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

pub(crate) fn run_of(label: &str, completed: Completed) -> Result<QueryRunInfo, Error> {
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
