//! Job runs.
//!
//! Vendor's pages: `oh job`, SQL reference `RUN JOB`, `CANCEL JOB_RUN`, `DESCRIBE JOB_RUN`,
//! `SHOW RUNS IN JOB`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};

use super::Command;

/// Runs a job once (`RUN JOB`): see [`Client::run_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RunJob {
    /// The job's name.
    pub name: String,
}

impl RunJob {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for RunJob {
    const NAME: &'static str = "run_job";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("RUN JOB").name("name", &self.name);
    }
}

/// Cancels a job run (`CANCEL JOB_RUN`): see [`Client::cancel_job_run`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CancelJobRun {
    /// The run's id: hexadecimal digits and `-`.
    pub job_run_id: String,
    /// The job's name. The statement has it in quotes, so it may be any text without line breaks and NUL.
    pub job_name: String,
}

impl CancelJobRun {
    /// Returns the command.
    pub fn new(job_run_id: impl Into<String>, job_name: impl Into<String>) -> Self {
        Self { job_run_id: job_run_id.into(), job_name: job_name.into() }
    }
}

impl Command for CancelJobRun {
    const NAME: &'static str = "cancel_job_run";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CANCEL JOB_RUN").run_id("job_run_id", &self.job_run_id).clause(
            CLAUSE,
            "JOB_NAME",
            &self.job_name,
        );
    }
}

/// Describes a job run (`DESCRIBE JOB_RUN`): see [`Client::describe_job_run`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeJobRun {
    /// The run's id: hexadecimal digits and `-`.
    pub job_run_id: String,
    /// The job's name. The statement has it in quotes, so it may be any text without line breaks and NUL.
    pub job_name: String,
}

impl DescribeJobRun {
    /// Returns the command.
    pub fn new(job_run_id: impl Into<String>, job_name: impl Into<String>) -> Self {
        Self { job_run_id: job_run_id.into(), job_name: job_name.into() }
    }
}

impl Command for DescribeJobRun {
    const NAME: &'static str = "describe_job_run";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE JOB_RUN").run_id("job_run_id", &self.job_run_id).clause(
            CLAUSE,
            "JOB_NAME",
            &self.job_name,
        );
    }
}

/// Lists the runs of a job (`SHOW RUNS IN JOB`): see [`Client::show_runs_in_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowRunsInJob {
    /// The job's name.
    pub name: String,
}

impl ShowRunsInJob {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for ShowRunsInJob {
    const NAME: &'static str = "show_runs_in_job";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW RUNS IN JOB").name("name", &self.name);
    }
}

/// # Job runs
impl<M> Client<M> {
    /// Runs a job once: `RUN JOB`.
    ///
    /// Success means that the run was started, not that it has ended. The id of the run is in the payload, as
    /// `jobRunId` in `runJobApiResponse`: [`job_run_id`](crate::onehouse::StatusResponse::job_run_id) returns
    /// it. [`describe_job_run`](Client::describe_job_run) returns the state of the run. `and_wait` on the
    /// call waits for the end of the run, and so does [`wait_for_job_run`](Client::wait_for_job_run).
    ///
    /// If the command is sent twice, there are two runs. If it is not known whether a run was started, check
    /// with [`show_runs_in_job`](Client::show_runs_in_job) before you send the command again.
    ///
    /// Vendor's page: `RUN JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.run_job("etl").to_sql()?, "RUN JOB `etl`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn run_job(&self, name: impl Into<String>) -> Call<M, RunJob> {
        self.call(RunJob::new(name))
    }

    /// Cancels a job run: `CANCEL JOB_RUN`.
    ///
    /// Vendor's page: `CANCEL JOB_RUN` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.cancel_job_run("acde070d-8c4c-4f0d-9d8a-162843c10333", "etl");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CANCEL JOB_RUN `acde070d-8c4c-4f0d-9d8a-162843c10333`\n  JOB_NAME = 'etl'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn cancel_job_run(
        &self,
        job_run_id: impl Into<String>,
        job_name: impl Into<String>,
    ) -> Call<M, CancelJobRun> {
        self.call(CancelJobRun::new(job_run_id, job_name))
    }

    /// Describes a job run: `DESCRIBE JOB_RUN`.
    ///
    /// The payload has the state of the run as `status` in `sparkJobRun` in `describeJobRunApiResponse`:
    /// `SPARK_JOB_RUN_STATUS_QUEUED` and `…_RUNNING` until it ends, `…_COMPLETED` after a success,
    /// `…_FAILED`, `…_CANCELED` or `…_INVALID` after a failure. The vendor's own tools continue to poll after
    /// `…_NOT_RUN`. [`wait_for_job_run`](Client::wait_for_job_run) waits for the end of a run.
    ///
    /// Vendor's page: `DESCRIBE JOB_RUN` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.describe_job_run("acde070d-8c4c-4f0d-9d8a-162843c10333", "etl");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "DESCRIBE JOB_RUN `acde070d-8c4c-4f0d-9d8a-162843c10333`\n  JOB_NAME = 'etl'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_job_run(
        &self,
        job_run_id: impl Into<String>,
        job_name: impl Into<String>,
    ) -> Call<M, DescribeJobRun> {
        self.call(DescribeJobRun::new(job_run_id, job_name))
    }

    /// Lists the runs of a job: `SHOW RUNS IN JOB`.
    ///
    /// Vendor's page: `SHOW RUNS IN JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_runs_in_job("etl").to_sql()?, "SHOW RUNS IN JOB `etl`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_runs_in_job")]
    pub fn show_runs_in_job(&self, name: impl Into<String>) -> Call<M, ShowRunsInJob> {
        self.call(ShowRunsInJob::new(name))
    }
}
