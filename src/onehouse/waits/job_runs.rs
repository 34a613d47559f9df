//! Waits for the end of a job run, and running a job with such a wait.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::client::batch::own_rule;
use crate::client::{Action, Running, Seen};
use crate::engine::operation::Completed;
use crate::engine::sequence::then;
use crate::engine::{BoxMachine, CallContext, Machine};
use crate::error::{Error, ErrorKind, shown};
use crate::open_enum::{OpenEnum, impl_open_enum};

use super::super::call::{operation, resume};
use super::super::commands::{AnyCommand, Command, CreateAndRunJob, DescribeJobRun, RunJob};
use super::super::payload;
use super::{
    Call, CallOptions, Client, Core, NameCheck, Onehouse, Protocol, RESOURCE_TIMEOUT, Rule, Statement,
    StatusResponse, context, status_response, unclear, wait, waiting,
};

/// The state of a job run.
///
/// The values are those of the vendor's Airflow provider. Other values are kept in `Other` and count as not
/// ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobRunStatus {
    /// The run waits in a queue.
    Queued,
    /// The run has started and has not ended.
    Running,
    /// The run ended with a success.
    Completed,
    /// The run failed.
    Failed,
    /// The run was cancelled.
    Canceled,
    /// The run is `SPARK_JOB_RUN_STATUS_INVALID`. The vendor's Airflow provider and this crate treat this
    /// status as a failure.
    Invalid,
    /// The run is `SPARK_JOB_RUN_STATUS_NOT_RUN`. The vendor's Airflow provider and the waits of this crate
    /// continue to poll after this status.
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
    /// True if the run has ended, with a success or a failure.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed) || self.is_failure()
    }

    /// True for `FAILED`, `CANCELED` and `INVALID`.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Canceled | Self::Invalid)
    }

    /// The status in the response to `DESCRIBE JOB_RUN`: `sparkJobRun.status`, as the vendor's Airflow
    /// provider reads it, or the status of a row, if the payload is flat.
    fn of(answer: &StatusResponse) -> Option<Self> {
        let nested = answer.payload().pointer("/sparkJobRun/status").and_then(serde_json::Value::as_str);
        let status =
            nested.map(str::to_owned).or_else(|| payload::text(answer.payload(), &["status", "state"]))?;
        Some(Self::read(&status))
    }
}

/// A job run at the end of a wait.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobRun {
    /// The run's id.
    pub job_run_id: String,
    /// The job's name.
    pub job_name: String,
    /// The run's status: [`Completed`](JobRunStatus::Completed), unless the call accepts failures or has a
    /// custom rule. If the response has no status, which only a custom rule accepts, `Other` with an empty
    /// text.
    pub status: JobRunStatus,
    /// The response to the last `DESCRIBE JOB_RUN`.
    pub described: StatusResponse,
}

/// The rule for the end of a run.
#[derive(Clone)]
struct End {
    job_name: String,
    accepts_failure: bool,
    rule: Option<Arc<Rule>>,
}

/// The wait for the end of a run: see [`Client::wait_for_job_run`].
#[derive(Clone)]
pub struct WaitForJobRun {
    job_run_id: String,
    end: End,
}

impl fmt::Debug for WaitForJobRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForJobRun")
            .field("job_run_id", &self.job_run_id)
            .field("job_name", &self.end.job_name)
            .finish_non_exhaustive()
    }
}

/// A run of a job and the wait for its end: see [`Call::and_wait`].
#[derive(Clone)]
pub struct RunAndWait {
    command: AnyCommand,
    end: End,
}

impl fmt::Debug for RunAndWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunAndWait")
            .field("command", &self.command.name())
            .field("job_name", &self.end.job_name)
            .finish_non_exhaustive()
    }
}

/// Ends the wait by the status of the run.
fn see(answer: &StatusResponse) -> Seen {
    match JobRunStatus::of(answer) {
        Some(JobRunStatus::Completed) => Seen::Done,
        Some(status) if status.is_failure() => Seen::Failed(status.to_string()),
        Some(status) => Seen::Pending(status.to_string()),
        None => unclear(answer.payload(), "`status` of the run"),
    }
}

/// The label of a wait.
fn label(job_run_id: &str, job_name: &str) -> String {
    format!("waiting for run {} of the job `{}` to end", shown(job_run_id), shown(job_name))
}

impl End {
    fn new(job_name: String) -> Self {
        Self { job_name, accepts_failure: false, rule: None }
    }

    /// Waits until this run has ended.
    fn machine(
        self,
        protocol: &Arc<Protocol>,
        context: Arc<CallContext>,
        check: &Statement,
        job_run_id: String,
    ) -> impl Machine<Output = JobRun> + use<> {
        let rule = self.rule.unwrap_or_else(|| Arc::new(see));
        let job_name = self.job_name;
        wait(protocol, context, check, rule, self.accepts_failure).map(|outcome| match outcome {
            Ok(described) => {
                let status = JobRunStatus::of(&described).unwrap_or(JobRunStatus::Other(String::new()));
                Ok(JobRun { job_run_id, job_name, status, described })
            }
            Err(error) => Err(error.with_resource(job_run_id)),
        })
    }

    /// Waits for the run that this statement has started.
    fn after(
        self,
        protocol: &Arc<Protocol>,
        context: &Arc<CallContext>,
        start: Completed,
    ) -> Result<BoxMachine<JobRun>, Error> {
        let request_id = start.id.clone();
        let answer = status_response(start);
        let unusable = |why: String| {
            Error::new(ErrorKind::UnexpectedResponse, context.label.clone(), why)
                .with_request_id(request_id.clone())
                .with_advice(
                    "Do not run the job again. `show_runs_in_job` lists its runs, and `wait_for_job_run` waits for one.",
                )
        };
        let Some(job_run_id) = answer.job_run_id() else {
            let shape = payload::shape(answer.payload());
            return Err(unusable(format!(
                "the run was started, but the payload of the response has no `jobRunId`: it is {shape}"
            )));
        };
        // The server's own id need not match the vendor's rule for ids that people type.
        let check = DescribeJobRun::new(&*job_run_id, &*self.job_name).statement(NameCheck::Unchecked);
        let check = check.map_err(|e| {
            unusable(format!("the run was started, but cannot be described: {}", e.happened()))
                .with_resource(&*job_run_id)
        })?;
        let mut context = CallContext::clone(context).with_secrets(check.secrets.clone());
        context.label = label(&job_run_id, &self.job_name);
        let job_name = self.job_name.clone();
        let wait = self.machine(protocol, Arc::new(context), &check, job_run_id);
        Ok(Box::new(wait.map(move |outcome| outcome.map_err(|error| started(error, request_id, &job_name)))))
    }
}

/// The error of a wait after the run was started. It never says that the job can be run again.
fn started(error: Error, request_id: String, job_name: &str) -> Error {
    let is_over = error.api_status().is_some_and(|status| JobRunStatus::read(status).is_failure());
    let advice = match error.resource() {
        _ if is_over => "The run has ended; running the job again starts another run.".to_owned(),
        id => format!(
            "The run {} was started, and may still be running. Continue with `wait_for_job_run` and its id; do not run \
             the job `{}` again.",
            shown(id.unwrap_or_default()),
            shown(job_name)
        ),
    };
    error.with_request_id(request_id).with_retryable(false).with_advice(advice)
}

impl WaitForJobRun {
    /// Returns the wait as a batch and its journal keep it.
    pub(in crate::onehouse) fn keep(&self, options: &CallOptions) -> Result<RunWait, Error> {
        let check = options.own.statement(&DescribeJobRun::new(&*self.job_run_id, &*self.end.job_name))?;
        let wait = RunWait { check, job_run_id: self.job_run_id.clone(), end: self.end.keep()? };
        Ok(wait)
    }
}

impl Action<Onehouse> for WaitForJobRun {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        let check = options.own.statement(&DescribeJobRun::new(&*self.job_run_id, &*self.end.job_name))?;
        wait_for_run(core, options, &check, &self.job_run_id, self.end.clone())
    }
}

fn wait_for_run(
    core: &Core,
    options: &CallOptions,
    check: &Statement,
    job_run_id: &str,
    end: End,
) -> Result<Running<JobRun>, Error> {
    let context = waiting(core, options, check, label(job_run_id, &end.job_name))?;
    Ok(Running::new(end.machine(core.protocol()?, context, check, job_run_id.to_owned())))
}

impl RunAndWait {
    /// Returns the run as a batch and its journal keep it.
    pub(in crate::onehouse) fn keep(&self, options: &CallOptions) -> Result<RunStatement, Error> {
        Ok(RunStatement { run: self.rendered(options)?, end: self.end.keep()? })
    }

    fn rendered(&self, options: &CallOptions) -> Result<Statement, Error> {
        // A run that cannot be waited for is not started.
        options.own.statement(&DescribeJobRun::new("0", &*self.end.job_name))?;
        options.own.statement(&self.command)
    }
}

impl Action<Onehouse> for RunAndWait {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        run_and_wait(core, options, &self.rendered(options)?, self.end.clone(), None)
    }
}

/// Runs the job, and waits for the end of the run. `submitted`: the request id under which an earlier program
/// has run it.
fn run_and_wait(
    core: &Core,
    options: &CallOptions,
    statement: &Statement,
    end: End,
    submitted: Option<&str>,
) -> Result<Running<JobRun>, Error> {
    let context = context(core, statement, options)?;
    let protocol = core.protocol()?.clone();
    let start = match submitted {
        None => operation(&protocol, context.clone(), statement),
        Some(id) => resume(&protocol, context.clone(), id),
    };
    let waits = context.clone();
    Ok(Running::new(then(context, start, move |started| end.after(&protocol, &waits, started))))
}

/// The end of a run that no rule of the program's own decides.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptEnd {
    job_name: String,
    accept_failure: bool,
}

impl End {
    fn keep(&self) -> Result<KeptEnd, Error> {
        match self.rule {
            Some(_) => Err(own_rule(&format!("waiting for a run of the job `{}`", shown(&self.job_name)))),
            None => Ok(KeptEnd { job_name: self.job_name.clone(), accept_failure: self.accepts_failure }),
        }
    }

    fn kept(end: &KeptEnd) -> Self {
        Self { job_name: end.job_name.clone(), accepts_failure: end.accept_failure, rule: None }
    }
}

/// A [`WaitForJobRun`] without a rule of its own, rendered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunWait {
    pub(in crate::onehouse) check: Statement,
    job_run_id: String,
    end: KeptEnd,
}

impl RunWait {
    /// Returns what the wait does, for messages.
    pub(in crate::onehouse) fn described(&self) -> String {
        label(&self.job_run_id, &self.end.job_name)
    }
}

impl Action<Onehouse> for RunWait {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        wait_for_run(core, options, &self.check, &self.job_run_id, End::kept(&self.end))
    }
}

/// A [`RunAndWait`] without a rule of its own, rendered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStatement {
    pub(in crate::onehouse) run: Statement,
    end: KeptEnd,
}

impl Action<Onehouse> for RunStatement {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        run_and_wait(core, options, &self.run, End::kept(&self.end), None)
    }
}

/// The rest of a [`RunStatement`] that was accepted under this request id.
#[derive(Clone, Copy, Debug)]
pub(in crate::onehouse) struct ResumedRun<'a> {
    pub(in crate::onehouse) run: &'a RunStatement,
    pub(in crate::onehouse) id: &'a str,
}

impl Action<Onehouse> for ResumedRun<'_> {
    type Output = JobRun;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<JobRun>, Error> {
        run_and_wait(core, options, &self.run.run, End::kept(&self.run.end), Some(self.id))
    }
}

impl<M> Call<M, WaitForJobRun> {
    /// Makes a run that failed, was cancelled or is invalid an output of the call. Default: such a run is an
    /// error of the kind [`OperationFailed`](ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.end.accepts_failure = true;
        self
    }

    /// Replaces the rule that decides when the wait ends. By default the wait ends with the run. The new rule
    /// is called with the response to each `DESCRIBE JOB_RUN`, and returns a [`Seen`], or `true` for done and
    /// `false` for pending. A wait with a rule of its own cannot be part of a batch.
    pub fn until<R: Into<Seen>>(
        mut self,
        rule: impl Fn(&StatusResponse) -> R + Send + Sync + 'static,
    ) -> Self {
        self.command.end.rule = Some(Arc::new(move |answer: &StatusResponse| rule(answer).into()));
        self
    }

    /// Relaxes the check of the run's id, which otherwise must be hexadecimal digits and `-`: see
    /// [`NameCheck`].
    pub fn unchecked_names(mut self) -> Self {
        self.options.own.names = NameCheck::Unchecked;
        self
    }
}

impl<M> Call<M, RunAndWait> {
    /// Makes a run that failed, was cancelled or is invalid an output of the call. Default: such a run is an
    /// error of the kind [`OperationFailed`](ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.end.accepts_failure = true;
        self
    }

    /// Replaces the rule that decides when the wait ends. By default the wait ends with the run. The new rule
    /// is called with the response to each `DESCRIBE JOB_RUN`, and returns a [`Seen`], or `true` for done and
    /// `false` for pending. A wait with a rule of its own cannot be part of a batch.
    pub fn until<R: Into<Seen>>(
        mut self,
        rule: impl Fn(&StatusResponse) -> R + Send + Sync + 'static,
    ) -> Self {
        self.command.end.rule = Some(Arc::new(move |answer: &StatusResponse| rule(answer).into()));
        self
    }
}

impl<M> Call<M, RunJob> {
    /// Returns a call that runs the job and then waits for the end of the run, not only for the end of the
    /// statement `RUN JOB`. One [`timeout`](Call::timeout) covers both. Default: the timeout that was set on
    /// the call or on the client, otherwise 30 minutes; see [`docs::timeouts`](crate::docs::timeouts).
    ///
    /// The job is run at most once, whatever fails. For the wait see [`Client::wait_for_job_run`].
    ///
    /// # Errors
    ///
    /// Until `RUN JOB` has ended, those of [`send`](Call::send). After that:
    ///
    /// - [`OperationFailed`](ErrorKind::OperationFailed) if the run failed, was cancelled or is invalid,
    ///   unless [`accept_failure`](Call::accept_failure) is set;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the response to `RUN JOB` has no id of the
    ///   run. The run was started: [`show_runs_in_job`](Client::show_runs_in_job) lists it;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout) and others if the wait ended before the run. The
    ///   run continues: pass its id to [`Client::wait_for_job_run`] to continue the wait.
    ///
    /// Each of these errors has the request id of `RUN JOB` and, if it is known, the run's id as its
    /// [`resource`](Error::resource). None is [retryable](Error::is_retryable). If the timeout passes after
    /// the submit and before `RUN JOB` has ended, the error has the request id, and the run's id is not known
    /// yet: [`resume`](Client::resume) waits for the response, and its
    /// [`job_run_id`](StatusResponse::job_run_id) returns the run's id.
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
    ///     Err(error) => match error.resource() {
    ///         Some(id) => eprintln!("run {id}: {error}"), // it was started
    ///         None => eprintln!("{error}"),
    ///     },
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn and_wait(self) -> Call<M, RunAndWait> {
        self.map(|command| RunAndWait { end: End::new(command.name.clone()), command: command.into() })
            .default_timeout(RESOURCE_TIMEOUT)
    }
}

impl<M> Call<M, CreateAndRunJob> {
    /// Returns a call that creates the job, runs it, and waits for the end of the run. The default timeout of
    /// 30 minutes and the errors are those of `and_wait` of [`run_job`](Client::run_job).
    ///
    /// The vendor does not document the response to `CREATE AND RUN JOB`. This crate expects the run's id as
    /// `jobRunId`, as in the response to `RUN JOB`; if it is missing, the error
    /// ([`UnexpectedResponse`](ErrorKind::UnexpectedResponse)) says so, and
    /// [`show_runs_in_job`](Client::show_runs_in_job) lists the run.
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
        self.map(|command| RunAndWait { end: End::new(command.name.clone()), command: command.into() })
            .default_timeout(RESOURCE_TIMEOUT)
    }
}

/// # Waits for job runs
impl<M> Client<M> {
    /// Waits until a job run has ended. The output is a [`JobRun`] with the status `COMPLETED`. `FAILED`,
    /// `CANCELED` and `INVALID` are errors, unless [`accept_failure`](Call::accept_failure) is set. The wait
    /// continues at any other status, known or not.
    ///
    /// The default time limit is 30 minutes, as in the vendor's Terraform provider, unless the client has
    /// one.
    ///
    /// To run a job and wait in one call, use `and_wait` on [`run_job`](Client::run_job) or
    /// [`create_and_run_job`](Client::create_and_run_job).
    ///
    /// # Errors
    ///
    /// Those of [`wait_for`](Client::wait_for), and [`OperationFailed`](ErrorKind::OperationFailed) if the
    /// run failed, was cancelled or is invalid, with the run's status as [`api_status`](Error::api_status).
    /// Errors after the first request have the run's id as their [`resource`](Error::resource).
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
        let wait = WaitForJobRun { job_run_id: job_run_id.into(), end: End::new(job_name.into()) };
        Call::new(self.shared.clone(), wait).default_timeout(RESOURCE_TIMEOUT)
    }
}
