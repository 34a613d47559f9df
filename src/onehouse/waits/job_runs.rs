//! Until a run of a job is over, and running a job and waiting for that.

use std::fmt;
use std::sync::Arc;

use crate::engine::{Completed, Follow, Operation, Run, Wait};
use crate::error::{Error, ErrorKind, shown};
use crate::open_enum::{OpenEnum, impl_open_enum};

use super::super::commands::{CreateAndRunJob, DescribeJobRun, RunJob};
use super::super::payload;
use super::{
    Action, Call, CallOptions, Client, Command, Core, NameCheck, Onehouse, Running, Seen, StatusResponse,
    context, label, not_run, secrets_in, status_response, unclear, wait,
};

/// How a run of a job stands.
///
/// The values that the vendor's Airflow provider knows. What it does not list is kept in `Other`: it counts as not
/// over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobRunStatus {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It came to a good end.
    Completed,
    /// It came to a bad end.
    Failed,
    /// Somebody cancelled it.
    Canceled,
    /// The vendor's tools count it among the failures.
    Invalid,
    /// The vendor's tools ask again after it.
    NotRun,
    /// A status that this version does not know, as the server spells it.
    Other(String),
}

impl_open_enum!(JobRunStatus, "status of a job run", {
    Queued => "SPARK_JOB_RUN_STATUS_QUEUED",
    Running => "SPARK_JOB_RUN_STATUS_RUNNING",
    Completed => "SPARK_JOB_RUN_STATUS_COMPLETED",
    Failed => "SPARK_JOB_RUN_STATUS_FAILED",
    Canceled => "SPARK_JOB_RUN_STATUS_CANCELED",
    Invalid => "SPARK_JOB_RUN_STATUS_INVALID",
    NotRun => "SPARK_JOB_RUN_STATUS_NOT_RUN",
});

impl JobRunStatus {
    /// True if the run is over, well or badly.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed) || self.is_failure()
    }

    /// True for `FAILED`, `CANCELED` and `INVALID`.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Canceled | Self::Invalid)
    }

    /// The status in the answer to `DESCRIBE JOB_RUN`: `sparkJobRun.status`, as the vendor's code reads it, or the
    /// status of a row, should the payload be flat.
    fn of(answer: &StatusResponse) -> Option<Self> {
        let nested = answer.payload().pointer("/sparkJobRun/status").and_then(serde_json::Value::as_str);
        let status =
            nested.map(str::to_owned).or_else(|| payload::text(answer.payload(), &["status", "state"]))?;
        Some(Self::read(&status))
    }
}

/// A run of a job that came to a good end.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobRun {
    /// The run's id.
    pub job_run_id: String,
    /// The job's name.
    pub job_name: String,
    /// How the run ended: [`Completed`](JobRunStatus::Completed).
    pub status: JobRunStatus,
    /// The answer to the `DESCRIBE JOB_RUN` that said so.
    pub described: StatusResponse,
}

/// The wait for the end of a run: see [`Client::wait_for_job_run`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitForJobRun {
    job_run_id: String,
    job_name: String,
}

/// A run of a job and the wait for its end: see [`Call::and_wait`].
#[derive(Clone)]
pub struct RunAndWait {
    command: Arc<dyn Command + Send + Sync>,
    job_name: String,
}

impl fmt::Debug for RunAndWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunAndWait")
            .field("command", &self.command.spec().helper)
            .field("job_name", &self.job_name)
            .finish()
    }
}

/// What came of the wait for a run.
fn ended(
    outcome: Result<Completed, Error>,
    job_name: String,
    id: Option<String>,
    start: Option<StatusResponse>,
) -> Result<JobRun, Error> {
    match (outcome, id) {
        (Ok(check), Some(job_run_id)) => {
            let described = status_response(check);
            let status = JobRunStatus::of(&described).unwrap_or(JobRunStatus::Completed);
            Ok(JobRun { job_run_id, job_name, status, described })
        }
        (Ok(_), None) => Err(not_run()),
        (Err(error), id) => Err(told(error, &job_name, id, start)),
    }
}

/// The error of a wait, with all that is needed to go on. Once the run was started, never with the advice to start it.
fn told(error: Error, job_name: &str, id: Option<String>, start: Option<StatusResponse>) -> Error {
    let error = match &id {
        Some(id) => error.with_job_run_id(id.clone()),
        None => error,
    };
    let Some(start) = start else { return error };
    let is_over = error.api_status().is_some_and(|status| JobRunStatus::read(status).is_failure());
    let error = error.with_request_id(start.request_id).with_retryable(false);
    match id {
        Some(_) if is_over => error.with_advice("The run is over; running the job again makes another."),
        Some(id) => error.with_advice(format!(
            "The run {} was started, and may go on. Take the wait up again with `wait_for_job_run` and its id; do not \
             run the job `{}` again.",
            shown(&id),
            shown(job_name)
        )),
        None => error,
    }
}

fn see(answer: &StatusResponse) -> Seen {
    match JobRunStatus::of(answer) {
        Some(JobRunStatus::Completed) => Seen::Done,
        Some(status) if status.is_failure() => Seen::Failed(status.to_string()),
        Some(status) => Seen::Pending(status.to_string()),
        None => unclear(answer.payload(), "`status` of the run"),
    }
}

fn wait_for_end(core: &Core, options: &CallOptions, id: &str, job_name: &str) -> Result<Wait, Error> {
    wait(core, options, &DescribeJobRun::new(id, job_name), " until the run is over", see)
}

impl Action<Onehouse> for WaitForJobRun {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        let wait = wait_for_end(core, options, &self.job_run_id, &self.job_name)?;
        let (id, job_name) = (self.job_run_id.clone(), self.job_name.clone());
        Ok(Running::new(wait, |mut wait| {
            ended(wait.finish().unwrap_or_else(|| Err(not_run())), job_name, Some(id), None)
        }))
    }
}

impl Action<Onehouse> for RunAndWait {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        // What cannot be waited for is not started.
        DescribeJobRun::new("0", self.job_name.as_str()).render(options.own)?;
        let sql = self.command.render(options.own)?;
        let context = context(core, label(&sql), secrets_in(&sql), options)?;
        let request = core.protocol()?.submit_request(&sql);
        let operation = Operation::submit(context.clone(), request, self.command.spec().effect);
        // The server knows its own ids: they are not held to the vendor's rule for what people type.
        let (core, mut options) = (core.clone(), options.clone());
        options.own = NameCheck::Unchecked;
        let (job_name, what) = (self.job_name.clone(), context.label.clone());
        let follow: Follow = Box::new(move |start: &Completed| {
            let answer = status_response(start.clone());
            let unusable = |why: String| {
                Error::new(ErrorKind::UnexpectedResponse, what.clone(), why).with_advice(
                    "Do not run the job again. `show_runs_in_job` tells its runs, and `wait_for_job_run` waits for one.",
                )
            };
            let Some(id) = answer.job_run_id() else {
                let shape = payload::shape(answer.payload());
                return Err(unusable(format!(
                    "the run was started, but the answer has no `jobRunId`: it is {shape}"
                )));
            };
            wait_for_end(&core, &options, &id, &job_name).map_err(|e| {
                unusable(format!("the run was started, but it cannot be asked for: {}", e.happened()))
            })
        });
        let run = Run::new(context, operation, follow);
        let job_name = self.job_name.clone();
        Ok(Running::new(run, |mut run| {
            let outcome = run.finish().unwrap_or_else(|| Err(not_run()));
            let start = run.started().cloned().map(status_response);
            let id = start.as_ref().and_then(StatusResponse::job_run_id);
            ended(outcome, job_name, id, start)
        }))
    }
}

impl<M> Call<M, WaitForJobRun> {
    /// Relaxes the check of the run's id, as [`Call::unchecked_names`] does for a command.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own = NameCheck::Unchecked;
        self
    }
}

impl<M> Call<M, RunJob> {
    /// Runs the job, and waits for the end of the run and not only of the statement. One
    /// [`timeout`](Call::timeout) covers both; the default, the client's, is 60 s and short for a job.
    ///
    /// The job is run at most once, whatever fails. For the wait see [`Client::wait_for_job_run`].
    ///
    /// # Errors
    ///
    /// When it is sent, those of [`run_job`](Client::run_job) itself as long as it has not ended; then:
    ///
    /// - [`OperationFailed`](ErrorKind::OperationFailed) if the run failed, was cancelled or is invalid;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout) and others if the wait ended before the run. The run goes on:
    ///   [`job_run_id`](Error::job_run_id) is what [`Client::wait_for_job_run`] needs to take the wait up again.
    ///
    /// Each of them has the run's id and the request id of `RUN JOB`, and none is
    /// [retryable](Error::is_retryable). If the time is over before `RUN JOB` itself has ended, there is a request id and
    /// no run's id yet: [`resume`](Client::resume) waits for the answer, whose
    /// [`job_run_id`](StatusResponse::job_run_id) is the run's.
    ///
    /// ```
    /// # use controlplane_emulator::onehouse::Emulator;
    /// use std::time::Duration;
    /// use controlplane::onehouse::{Client, ClusterType, JobType};
    ///
    /// # let emulator = Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::builder()
    /// #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
    /// # client.create_cluster("spark", ClusterType::Spark).send()?;
    /// # client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send()?;
    /// match client.run_job("etl").and_wait().timeout(Duration::from_secs(3600)).send() {
    ///     Ok(run) => println!("run {} has ended: {}", run.job_run_id, run.status),
    ///     Err(error) => match error.job_run_id() {
    ///         Some(id) => eprintln!("run {id}: {error}"), // it was started
    ///         None => eprintln!("{error}"),
    ///     },
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn and_wait(self) -> Call<M, RunAndWait> {
        self.map(|command| RunAndWait { job_name: command.name.clone(), command: Arc::new(command) })
    }
}

impl<M> Call<M, CreateAndRunJob> {
    /// Creates the job, runs it, and waits for the end of the run: as [`run_job`](Client::run_job) with its
    /// `and_wait`, which tells the rest.
    ///
    /// No source shows what `CREATE AND RUN JOB` answers. That the run's id is `jobRunId`, as in the answer to `RUN JOB`, is
    /// this crate's reading; if it is not there, the error ([`UnexpectedResponse`](ErrorKind::UnexpectedResponse))
    /// says so, and [`show_runs_in_job`](Client::show_runs_in_job) has it.
    ///
    /// ```
    /// # use controlplane_emulator::onehouse::Emulator;
    /// # use std::time::Duration;
    /// use controlplane::onehouse::{Client, ClusterType, JobType};
    ///
    /// # let emulator = Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::builder()
    /// #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
    /// # client.create_cluster("spark", ClusterType::Spark).send()?;
    /// let call = client.create_and_run_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark");
    /// let run = call.and_wait().send()?;
    /// println!("run {} has ended: {}", run.job_run_id, run.status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn and_wait(self) -> Call<M, RunAndWait> {
        self.map(|command| RunAndWait { job_name: command.name.clone(), command: Arc::new(command) })
    }
}

/// # Waiting for runs of jobs
impl<M> Client<M> {
    /// Waits until a run of a job is over: `COMPLETED` is its output, `FAILED`, `CANCELED` and `INVALID` are errors. Any
    /// other status, known or not, is waited out.
    ///
    /// To run a job and wait in one call there is `and_wait`, on [`run_job`](Client::run_job) and
    /// [`create_and_run_job`](Client::create_and_run_job).
    ///
    /// # Errors
    ///
    /// When it is sent, those of [`wait_until`](Client::wait_until);
    /// [`OperationFailed`](ErrorKind::OperationFailed) if the run ended badly, with the status as
    /// [`api_status`](Error::api_status). All have the [`job_run_id`](Error::job_run_id).
    ///
    /// ```
    /// # use controlplane_emulator::onehouse::Emulator;
    /// # use std::time::Duration;
    /// use controlplane::onehouse::{Client, ClusterType, JobRunStatus, JobType};
    ///
    /// # let emulator = Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::builder()
    /// #     .credentials(emulator.credentials()).poll_interval(Duration::ZERO).build()?;
    /// # client.create_cluster("spark", ClusterType::Spark).send()?;
    /// # client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send()?;
    /// let id = client.run_job("etl").send()?.job_run_id().expect("the id of the run");
    /// let run = client.wait_for_job_run(id, "etl").send()?;
    /// assert_eq!(run.status, JobRunStatus::Completed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_job_run(
        &self,
        job_run_id: impl Into<String>,
        job_name: impl Into<String>,
    ) -> Call<M, WaitForJobRun> {
        let wait = WaitForJobRun { job_run_id: job_run_id.into(), job_name: job_name.into() };
        Call::new(self.shared.clone(), wait)
    }
}
