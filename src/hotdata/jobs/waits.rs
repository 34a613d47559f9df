//! Waits for jobs, and for calls that end as a job.

use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};

use crate::client::{Action, Running};
use crate::engine::operation::Completed;
use crate::engine::policy::Retries;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Id, Judgement, Machine, Operation, Progress};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Command, Core};
use crate::hotdata::composite::{Composite, Origin, text};
use crate::hotdata::endpoint::about;
use crate::hotdata::waits::{Until, Waits};

use super::commands::{GetJob, Jobs};
use super::model::{JobResult, JobStatus, JobStatusResponse};

/// The end of a job that has a result: what a load, an index or a batch of databases with `and_wait` returns.
/// In JSON, `Succeeded` is the result itself, and `PartiallySucceeded` an object with `result` and
/// `error_message`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum JobEnd<T> {
    /// The job succeeded completely.
    Succeeded(T),
    /// The job succeeded in part: something was left out.
    PartiallySucceeded {
        /// The result.
        result: T,
        /// What was left out, in the service's words.
        error_message: Option<String>,
    },
}

impl<T> JobEnd<T> {
    /// Returns the result, whether the job succeeded completely or in part.
    pub fn into_result(self) -> T {
        match self {
            Self::Succeeded(result) | Self::PartiallySucceeded { result, .. } => result,
        }
    }

    /// Reads the response to the last poll.
    fn of(label: &str, completed: Completed, pick: fn(JobResult) -> Option<T>) -> Result<Self, Error> {
        let job = job_of(label, completed)?;
        let (id, error_message) = (job.id, job.error_message);
        let Some(result) = job.result.and_then(pick) else {
            let happened = "the job succeeded; HTTP 200 with an invalid body: missing field `result`";
            return Err(Error::new(ErrorKind::UnexpectedResponse, label, happened)
                .with_request_id(id)
                .with_advice(
                    "Look at the table, the index or the databases themselves; do not start the job again.",
                ));
        };
        Ok(match job.status {
            JobStatus::PartiallySucceeded => Self::PartiallySucceeded { result, error_message },
            _ => Self::Succeeded(result),
        })
    }
}

fn job_of(label: &str, completed: Completed) -> Result<JobStatusResponse, Error> {
    let id = completed.id;
    serde_json::from_value(completed.body).map_err(|e| {
        let happened = format!("the job has ended; HTTP 200 with an invalid body: {e}");
        Error::new(ErrorKind::UnexpectedResponse, label, happened)
            .with_request_id(id)
            .with_advice("Get the job again; do not start it again.")
    })
}

/// The state of a job.
fn judge_job(body: Value) -> Result<Judgement, String> {
    let status = text(&body, "status")?;
    Ok(match &*status {
        "succeeded" | "partially_succeeded" => Judgement::Done { status, body },
        "failed" => Judgement::Failed { status, detail: json!({ "error_message": body["error_message"] }) },
        // The service may get new states.
        _ => Judgement::Pending { status },
    })
}

fn job_wait(
    calls: &Composite,
    id: &str,
    origin: Origin,
    until: Until<JobStatusResponse>,
) -> Result<Operation, Error> {
    let command = GetJob::new(id);
    calls.wait(&command, Id::Request(id.to_owned()), origin, move |body| until.judge(body, judge_job))
}

/// Waits until a job has ended: the command of [`Jobs::wait_for_job`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitForJob {
    /// The id of the job.
    pub id: String,
    until: Until<JobStatusResponse>,
}

impl WaitForJob {
    pub(in crate::hotdata) fn kept(id: &str, accept_failure: bool) -> Self {
        Self { id: id.to_owned(), until: Until::kept(accept_failure) }
    }

    pub(in crate::hotdata) fn keep(&self) -> Result<bool, Error> {
        self.until.keep(&self.label())
    }

    pub(in crate::hotdata) fn label(&self) -> String {
        about("waiting for job", &self.id)
    }
}

impl Waits for WaitForJob {
    type Polled = JobStatusResponse;

    fn until(&mut self) -> &mut Until<JobStatusResponse> {
        &mut self.until
    }
}

/// # Waiting
impl<M> Jobs<M> {
    /// Waits until a job has ended.
    ///
    /// The first poll is sent at once, the second after 0.5 s; each later interval is twice as long, at most
    /// 5 s. [`Call::polling`] sets other intervals, and [`Call::timeout`] another time limit than 300 s. A
    /// poll that fails temporarily, for example because the connection breaks or the service is busy, is
    /// repeated until the timeout.
    ///
    /// A job that [succeeded in part](JobStatus::PartiallySucceeded) counts as a success: it has a result,
    /// and its `error_message` says what was left out. An unknown status counts as pending.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the job failed;
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), with the last status of the job, if it has not
    /// ended within the timeout; [`NotFound`](ErrorKind::NotFound) if no job has this id. All have the job's
    /// id as [`request_id`](Error::request_id).
    pub fn wait_for_job(&self, id: impl Into<String>) -> Call<M, WaitForJob> {
        let wait = WaitForJob { id: id.into(), until: Until::default() };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl Action<Hotdata> for WaitForJob {
    type Output = JobStatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobStatusResponse>, Error> {
        let calls = Composite::new(core, options, self.label())?;
        let wait = job_wait(&calls, &self.id, Origin::Earlier, self.until.clone())?;
        Ok(Running::new(wait.map(move |outcome| job_of(calls.label(), outcome?))))
    }
}

/// A call that starts a job and waits for it.
pub(crate) trait ByJob: Action<Hotdata> {
    /// Makes the machine that only waits for the job, which an earlier run of a batch has started.
    fn resume(&self, job: &str, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error>;
}

/// A call whose job an earlier run of a batch has started.
pub(crate) struct ResumedJob<'a, A> {
    pub(crate) call: &'a A,
    pub(crate) job: &'a str,
}

impl<A: ByJob> Action<Hotdata> for ResumedJob<'_, A> {
    type Output = A::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<A::Output>, Error> {
        self.call.resume(self.job, core, options)
    }
}

/// What the response to a command that may start a job says.
pub(crate) enum Started<T> {
    /// It is done already.
    Done(T),
    /// A job was started.
    Job(String),
}

/// Sends a command that may start a job, and waits for the end of the job.
pub(crate) struct JobPlan<C: Command, T> {
    calls: Composite,
    command: C,
    /// `None`: the retries of the call.
    retries: Option<Retries>,
    /// Reads the output of the command; it is given the label of the call.
    read: fn(&str, C::Output) -> Result<Started<T>, Error>,
    /// Returns the result of the job, if it is of the right type.
    pick: fn(JobResult) -> Option<T>,
    /// The id of the job, once it is known.
    job: Option<String>,
    /// True if an earlier run of a batch has started the job.
    is_resumed: bool,
}

/// The output of either machine of a [`JobPlan`].
pub(crate) enum JobPart<O> {
    Submitted(O),
    Ended(Completed),
}

impl<C: Command, T: Send + 'static> JobPlan<C, T> {
    pub(crate) fn new(
        calls: Composite,
        command: C,
        read: fn(&str, C::Output) -> Result<Started<T>, Error>,
        pick: fn(JobResult) -> Option<T>,
    ) -> Self {
        Self { calls, command, retries: None, read, pick, job: None, is_resumed: false }
    }

    pub(crate) fn retrying(mut self, retries: Retries) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Waits for a job that was started before, and starts none.
    pub(crate) fn resumed(self, job: &str) -> Self {
        Self { job: Some(job.to_owned()), is_resumed: true, ..self }
    }

    pub(crate) fn running(self) -> Running<JobEnd<T>> {
        Running::new(Sequence::new(self.calls.context().clone(), self))
    }
}

impl<C: Command, T: Send> Plan for JobPlan<C, T> {
    type Part = JobPart<C::Output>;
    type Output = JobEnd<T>;

    fn begin(&mut self, _: Instant) -> Planned<JobPart<C::Output>, JobEnd<T>> {
        if let Some(id) = self.job.as_ref().filter(|_| self.is_resumed) {
            let wait = job_wait(&self.calls, id, Origin::Earlier, Until::default())?;
            return Ok(Next::Run(Box::new(wait.map(|outcome| outcome.map(JobPart::Ended)))));
        }
        let submit = self.calls.send_with(&self.command, self.retries.clone())?;
        Ok(Next::Run(Box::new(submit.map(|outcome| outcome.map(JobPart::Submitted)))))
    }

    fn ended(
        &mut self,
        _: Instant,
        outcome: Result<JobPart<C::Output>, Error>,
    ) -> Planned<JobPart<C::Output>, JobEnd<T>> {
        self.step(outcome).map_err(|error| match &self.job {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        })
    }

    fn has_begun(&self) -> bool {
        self.job.is_some()
    }
}

impl<C: Command, T: Send> JobPlan<C, T> {
    fn step(&mut self, outcome: Result<JobPart<C::Output>, Error>) -> Planned<JobPart<C::Output>, JobEnd<T>> {
        match outcome? {
            JobPart::Submitted(output) => match (self.read)(self.calls.label(), output)? {
                Started::Done(result) => Ok(Next::Done(JobEnd::Succeeded(result))),
                Started::Job(id) => {
                    self.job = Some(id.clone());
                    self.calls.emit(&Progress::Submitted { id: id.clone() });
                    let wait = job_wait(&self.calls, &id, Origin::ThisCall, Until::default())?;
                    Ok(Next::Run(Box::new(wait.map(|outcome| outcome.map(JobPart::Ended)))))
                }
            },
            JobPart::Ended(completed) => JobEnd::of(self.calls.label(), completed, self.pick).map(Next::Done),
        }
    }
}
