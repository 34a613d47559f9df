//! Waits for jobs, and for what ends as a job (reference, section 5).

use serde_json::{Value, json};

use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Next, Plan};
use crate::engine::operation::Completed;
use crate::engine::{Judgement, Operation, Progress};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core, about};
use crate::hotdata::parts::{Parts, text};
use crate::http::Response;

use super::commands::{GetJob, Jobs};
use super::model::{JobResult, JobStatus, JobStatusResponse};

/// How a job ended that gives something.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum JobEnd<T> {
    /// With this.
    Succeeded(T),
    /// With this, and something was left out.
    PartiallySucceeded {
        /// What came of it.
        result: T,
        /// What was left out, in the service's words.
        error_message: Option<String>,
    },
}

impl<T> JobEnd<T> {
    /// What came of it, whole or not.
    pub fn into_result(self) -> T {
        match self {
            Self::Succeeded(result) | Self::PartiallySucceeded { result, .. } => result,
        }
    }

    /// Of the last answer of a wait.
    pub(crate) fn of(
        label: &str,
        completed: Completed,
        pick: impl FnOnce(JobResult) -> Option<T>,
    ) -> Result<Self, Error> {
        let job = job_of(label, completed)?;
        let (id, error_message) = (job.id, job.error_message);
        let Some(result) = job.result.and_then(pick) else {
            let happened = "the job has succeeded, and does not tell what came of it";
            return Err(Error::new(ErrorKind::UnexpectedResponse, label, happened)
                .with_request_id(id)
                .with_advice(
                    "Look at the table, the index or the databases themselves; do not begin it again.",
                ));
        };
        Ok(match job.status {
            JobStatus::PartiallySucceeded => Self::PartiallySucceeded { result, error_message },
            _ => Self::Succeeded(result),
        })
    }
}

fn job_of(label: &str, completed: Completed) -> Result<JobStatusResponse, Error> {
    let id = completed.request_id;
    serde_json::from_value(completed.body).map_err(|e| {
        let happened = format!("the job has ended, but of the answer: {e}");
        Error::new(ErrorKind::UnexpectedResponse, label, happened)
            .with_request_id(id)
            .with_advice("Ask for the job again.")
    })
}

/// How a job stands.
fn judge_job(body: Value) -> Result<Judgement, String> {
    let status = text(&body, "status")?;
    Ok(match &*status {
        "succeeded" | "partially_succeeded" => Judgement::Done { status, body },
        "failed" => Judgement::Failed { status, detail: json!({ "error_message": body["error_message"] }) },
        // What is not known goes on: a service may get new ones.
        _ => Judgement::Pending { status },
    })
}

/// The wait for a job, as a part of a call.
pub(crate) fn job_wait(parts: &Parts, id: &str) -> Result<Operation, Error> {
    parts.wait(&GetJob::new(id), id, Box::new(judge_job))
}

/// See [`Jobs::wait`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitForJob {
    /// The job.
    pub id: String,
}

/// # Waiting
impl<M> Jobs<M> {
    /// Waits until a job has ended: at once, after 0.5 s, and then after twice as long, up to 5 s, within the time of the
    /// call. A poll that fails in a way that may pass is made again.
    ///
    /// A job that has [succeeded in part](JobStatus::PartiallySucceeded) has a result and an `error_message` about what was
    /// left out. A status that is not known counts as still going.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if it has failed,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) with the last status if it goes on. Both have its id as
    /// [`request_id`](Error::request_id).
    pub fn wait(&self, id: impl Into<String>) -> Call<M, WaitForJob> {
        Call::new(self.client.shared.clone(), WaitForJob { id: id.into() })
    }
}

impl Action<Hotdata> for WaitForJob {
    type Output = JobStatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobStatusResponse>, Error> {
        let label = about("waiting for job", &self.id);
        let parts = Parts::new(core, options, label.clone())?;
        Ok(Running::new(job_wait(&parts, &self.id)?, move |mut wait| {
            job_of(&label, wait.finish().unwrap_or_else(|| Err(not_run()))?)
        }))
    }
}

/// Something that is begun, and ends as a job or at once.
pub(crate) struct Begun<C, T> {
    pub(crate) parts: Parts,
    pub(crate) command: C,
    pub(crate) was_asked: bool,
    /// There is a job.
    pub(crate) has_begun: bool,
    /// What the answer says.
    pub(crate) what: fn(&Parts, &C, &Response) -> Result<AtOnce<T>, Error>,
}

pub(crate) enum AtOnce<T> {
    Done(T),
    Job(String),
}

pub(crate) enum Ended<T> {
    AtOnce(T),
    Job(Completed),
}

impl<C: Command, T: Send> Plan for Begun<C, T> {
    type Output = Ended<T>;

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Ended<T>>, Error> {
        let Some(answer) = answer else {
            if std::mem::replace(&mut self.was_asked, true) {
                return Err(not_run());
            }
            return Ok(Next::Send(self.parts.exchange(&self.command)?));
        };
        match (self.what)(&self.parts, &self.command, &answer)? {
            AtOnce::Done(done) => Ok(Next::Done(Ended::AtOnce(done))),
            AtOnce::Job(id) => {
                self.has_begun = true;
                let request_id = id.clone();
                self.parts.context().observer.emit(&Progress::Submitted { request_id });
                Ok(Next::Await(Box::new(job_wait(&self.parts, &id)?)))
            }
        }
    }

    fn has_begun(&self) -> bool {
        self.has_begun
    }

    fn ended(&mut self, completed: Completed) -> Result<Next<Ended<T>>, Error> {
        Ok(Next::Done(Ended::Job(completed)))
    }
}
