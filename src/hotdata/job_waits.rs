//! Waits for jobs, and for what else goes on in the background (reference, section 5).

use serde_json::{Value, json};

use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::{Completed, Judgement, Operation, Progress};
use crate::error::{Error, ErrorKind};
use crate::http::Response;

use super::client::Hotdata;
use super::command::{Call, CallOptions, Command, Core, about};
use super::database_batches::BulkCreateDatabases;
use super::database_model::{BulkCreateDatabasesResult, DatabaseBatchResponse};
use super::enums::JobStatus;
use super::index_model::{IndexInfoResponse, IndexOutcome};
use super::indexes::CreateIndex;
use super::job_model::{JobResult, JobStatusResponse};
use super::jobs::{GetJob, Jobs};
use super::parts::{Parts, text};
use super::workspace_model::WorkspaceListItem;
use super::workspaces::{ListWorkspaces, Workspaces};

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
    pub(super) fn of(
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
pub(super) fn job_wait(parts: &Parts, id: &str) -> Result<Operation, Error> {
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
struct Begun<C, T> {
    parts: Parts,
    command: C,
    was_asked: bool,
    /// There is a job.
    has_begun: bool,
    /// What the answer says.
    what: fn(&Parts, &C, &Response) -> Result<AtOnce<T>, Error>,
}

enum AtOnce<T> {
    Done(T),
    Job(String),
}

enum Ended<T> {
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

/// See [`Call::and_wait`] of [`CreateIndex`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateIndexAndWait {
    /// The index, in the background.
    pub create: CreateIndex,
}

impl<M> Call<M, CreateIndex> {
    /// In the background, and waits until the index is there.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job fails,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it does not end within the time of the call. Both have the job's
    /// id as [`request_id`](Error::request_id): wait for it with [`jobs().wait(…)`](Jobs::wait).
    pub fn and_wait(self) -> Call<M, CreateIndexAndWait> {
        self.map(|mut create| {
            create.create_index_request.r#async = Some(true);
            CreateIndexAndWait { create }
        })
    }
}

impl Action<Hotdata> for CreateIndexAndWait {
    type Output = JobEnd<IndexInfoResponse>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let label = self.create.label();
        let plan = Begun {
            parts: Parts::new(core, options, label.clone())?,
            command: self.create.clone(),
            was_asked: false,
            has_begun: false,
            what: |parts, command, answer| {
                Ok(match parts.read(command, answer)? {
                    IndexOutcome::Created(index) => AtOnce::Done(*index),
                    IndexOutcome::Submitted(ticket) => AtOnce::Job(ticket.id),
                })
            },
        };
        Ok(Running::new(Chain::new(plan), move |chain| {
            match chain.finish().unwrap_or_else(|| Err(not_run()))? {
                Ended::AtOnce(index) => Ok(JobEnd::Succeeded(index)),
                Ended::Job(completed) => JobEnd::of(&label, completed, |result| match result {
                    JobResult::Index(index) => Some(index),
                    _ => None,
                }),
            }
        }))
    }
}

/// See [`Call::and_wait`] of [`BulkCreateDatabases`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkCreateAndWait {
    /// The databases.
    pub create: BulkCreateDatabases,
}

impl<M> Call<M, BulkCreateDatabases> {
    /// Waits until the job that creates them has ended.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job fails,
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) if it does not end within the time of the call. Both have the job's
    /// id as [`request_id`](Error::request_id): wait for it with [`jobs().wait(…)`](Jobs::wait).
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the service names no job, with the batch as the request id.
    pub fn and_wait(self) -> Call<M, BulkCreateAndWait> {
        self.map(|create| BulkCreateAndWait { create })
    }
}

impl Action<Hotdata> for BulkCreateAndWait {
    type Output = JobEnd<BulkCreateDatabasesResult>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let label = self.create.label();
        let plan = Begun {
            parts: Parts::new(core, options, label.clone())?,
            command: self.create.clone(),
            was_asked: false,
            has_begun: false,
            what: |parts, command, answer| {
                let batch: DatabaseBatchResponse = parts.read(command, answer)?;
                match batch.job_id {
                    Some(id) => Ok(AtOnce::<()>::Job(id)),
                    None => Err(Error::new(
                        ErrorKind::UnexpectedResponse,
                        &*parts.label,
                        "it was taken, and no job is named to wait for",
                    )
                    .with_request_id(batch.batch_id)
                    .with_advice(
                        "Look with `databases().batch(…)` how many there are; do not begin it again.",
                    )),
                }
            },
        };
        Ok(Running::new(Chain::new(plan), move |chain| {
            match chain.finish().unwrap_or_else(|| Err(not_run()))? {
                Ended::AtOnce(()) => Err(not_run()),
                Ended::Job(completed) => JobEnd::of(&label, completed, |result| match result {
                    JobResult::BulkCreateDatabases(result) => Some(result),
                    _ => None,
                }),
            }
        }))
    }
}

/// See [`Workspaces::wait_until_provisioned`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitUntilProvisioned {
    /// The workspace.
    pub public_id: String,
}

/// # Waiting
impl<M> Workspaces<M> {
    /// Waits until a workspace is `provisioned`, as the list of workspaces has it, and gives it. Any other status, and not
    /// being in the list, counts as still going.
    ///
    /// # Errors
    ///
    /// [`OperationTimeout`](ErrorKind::OperationTimeout) with the last status if it is not within the time of the call.
    pub fn wait_until_provisioned(&self, public_id: impl Into<String>) -> Call<M, WaitUntilProvisioned> {
        let wait = WaitUntilProvisioned { public_id: public_id.into() };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl Action<Hotdata> for WaitUntilProvisioned {
    type Output = WorkspaceListItem;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<WorkspaceListItem>, Error> {
        let label = about("waiting for workspace", &self.public_id);
        let parts = Parts::new(core, options, label.clone())?;
        let id = self.public_id.clone();
        let judge = move |body: Value| {
            let workspaces =
                body["workspaces"].as_array().ok_or_else(|| "the answer has no workspaces".to_owned())?;
            let Some(ours) = workspaces.iter().find(|workspace| workspace["public_id"] == *id) else {
                return Ok(Judgement::Pending { status: "not in the list".to_owned() });
            };
            let status = text(ours, "provision_status")?;
            Ok(match &*status {
                "provisioned" => Judgement::Done { status, body: ours.clone() },
                _ => Judgement::Pending { status },
            })
        };
        let wait = parts.wait(&ListWorkspaces::default(), &self.public_id, Box::new(judge))?;
        Ok(Running::new(wait, move |mut wait| {
            let done = wait.finish().unwrap_or_else(|| Err(not_run()))?;
            serde_json::from_value(done.body)
                .map_err(|e| Error::new(ErrorKind::UnexpectedResponse, label, e.to_string()))
        }))
    }
}
