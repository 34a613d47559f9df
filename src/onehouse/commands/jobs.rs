//! Jobs: Spark programs that the platform runs.
//!
//! Vendor's pages: `oh job`, SQL reference `CREATE JOB`, `CREATE AND RUN JOB`, `ALTER JOB`, `DELETE JOB`,
//! `DESCRIBE JOB`, `SHOW JOBS`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::Command;

/// The type of a job: what it runs. It cannot be changed later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// A class from a jar.
    Jar,
    /// A Python program.
    Python,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands JobType, "job type", {
    Jar => "JAR",
    Python => "PYTHON",
});

/// Writes the statement that creates a job, with or without running it.
fn write_job(
    sql: &mut StatementBuilder,
    words: &str,
    name: &str,
    job_type: &JobType,
    parameters: &Vec<String>,
    cluster: &str,
) {
    sql.words(words)
        .name("name", name)
        .clause(CLAUSE, "TYPE", job_type)
        .clause(CLAUSE, "PARAMETERS", parameters)
        .clause(CLAUSE, "CLUSTER", cluster);
}

/// Creates a job, without running it (`CREATE JOB`): see [`Client::create_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateJob {
    /// The job's name.
    pub name: String,
    /// The type of the job. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub job_type: JobType,
    /// The arguments for `spark-submit`, one string each: options, then the file of the application, then the
    /// application's own arguments. At least one.
    pub parameters: Vec<String>,
    /// The cluster that the job runs on. Its type must be `Spark`.
    pub cluster: String,
}

impl CreateJob {
    /// Returns the command.
    pub fn new(
        name: impl Into<String>,
        job_type: JobType,
        parameters: impl IntoIterator<Item = impl Into<String>>,
        cluster: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            job_type,
            parameters: parameters.into_iter().map(Into::into).collect(),
            cluster: cluster.into(),
        }
    }
}

impl Command for CreateJob {
    const NAME: &'static str = "create_job";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_job(sql, "CREATE JOB", &self.name, &self.job_type, &self.parameters, &self.cluster);
    }
}

/// Creates a job and runs it once (`CREATE AND RUN JOB`): see [`Client::create_and_run_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateAndRunJob {
    /// The job's name.
    pub name: String,
    /// The type of the job. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub job_type: JobType,
    /// The arguments for `spark-submit`, one string each: options, then the file of the application, then the
    /// application's own arguments. At least one.
    pub parameters: Vec<String>,
    /// The cluster that the job runs on. Its type must be `Spark`.
    pub cluster: String,
}

impl CreateAndRunJob {
    /// Returns the command.
    pub fn new(
        name: impl Into<String>,
        job_type: JobType,
        parameters: impl IntoIterator<Item = impl Into<String>>,
        cluster: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            job_type,
            parameters: parameters.into_iter().map(Into::into).collect(),
            cluster: cluster.into(),
        }
    }
}

impl Command for CreateAndRunJob {
    const NAME: &'static str = "create_and_run_job";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        write_job(sql, "CREATE AND RUN JOB", &self.name, &self.job_type, &self.parameters, &self.cluster);
    }
}

/// The change that `ALTER JOB` makes: one at a time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum JobChange {
    /// Sets the cluster that the job runs on.
    Cluster(String),
    /// Replaces all arguments for `spark-submit`. At least one is required.
    Parameters(Vec<String>),
}

/// Changes the cluster or the parameters of a job, one of the two at a time (`ALTER JOB`): see
/// [`Client::alter_job`].
///
/// In JSON there is exactly one of the keys `cluster` and `parameters`, which is the change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AlterJobJson", into = "AlterJobJson")]
#[non_exhaustive]
pub struct AlterJob {
    /// The job's name.
    pub name: String,
    /// The change.
    pub change: JobChange,
}

impl AlterJob {
    /// Returns the command.
    pub fn new(name: impl Into<String>, change: JobChange) -> Self {
        Self { name: name.into(), change }
    }
}

impl Command for AlterJob {
    const NAME: &'static str = "alter_job";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("ALTER JOB").name("name", &self.name);
        match &self.change {
            JobChange::Cluster(cluster) => sql.clause(CLAUSE, "SET CLUSTER", cluster),
            JobChange::Parameters(parameters) => sql.clause(CLAUSE, "SET PARAMETERS", parameters),
        };
    }
}

/// [`AlterJob`] as it is in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlterJobJson {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameters: Option<Vec<String>>,
}

impl From<AlterJob> for AlterJobJson {
    fn from(command: AlterJob) -> Self {
        let mut json = Self { name: command.name, cluster: None, parameters: None };
        match command.change {
            JobChange::Cluster(cluster) => json.cluster = Some(cluster),
            JobChange::Parameters(parameters) => json.parameters = Some(parameters),
        }
        json
    }
}

impl TryFrom<AlterJobJson> for AlterJob {
    type Error = String;

    fn try_from(json: AlterJobJson) -> Result<Self, String> {
        let change = match (json.cluster, json.parameters) {
            (Some(cluster), None) => JobChange::Cluster(cluster),
            (None, Some(parameters)) => JobChange::Parameters(parameters),
            (None, None) => {
                return Err("alter_job: nothing to change: give `cluster` or `parameters`".to_owned());
            }
            _ => return Err("alter_job: one change at a time: give `cluster` or `parameters`".to_owned()),
        };
        Ok(Self { name: json.name, change })
    }
}

/// Deletes a job (`DELETE JOB`): see [`Client::delete_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteJob {
    /// The job's name.
    pub name: String,
}

impl DeleteJob {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteJob {
    const NAME: &'static str = "delete_job";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE JOB").name("name", &self.name);
    }
}

/// Describes a job (`DESCRIBE JOB`): see [`Client::describe_job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeJob {
    /// The job's name.
    pub name: String,
}

impl DescribeJob {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeJob {
    const NAME: &'static str = "describe_job";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE JOB").name("name", &self.name);
    }
}

/// Lists the jobs (`SHOW JOBS`): see [`Client::show_jobs`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowJobs {}

impl ShowJobs {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowJobs {
    const NAME: &'static str = "show_jobs";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW JOBS");
    }
}

/// # Jobs
impl<M> Client<M> {
    /// Creates a job, without running it: `CREATE JOB`.
    ///
    /// The parameters are those of `spark-submit`, one string each: options, then the file of the
    /// application, then the application's own arguments. There must be at least one. `Debug` shows them as
    /// they are, so they should not contain secrets.
    ///
    /// Vendor's page: `CREATE JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, JobType};
    ///
    /// let client = Client::offline();
    /// let parameters = ["--class", "com.example.Main", "s3a://bucket/etl.jar"];
    /// let call = client.create_job("etl", JobType::Jar, parameters, "spark");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE JOB `etl`\n  TYPE = 'JAR'\n  \
    ///      PARAMETERS = ('--class', 'com.example.Main', 's3a://bucket/etl.jar')\n  CLUSTER = 'spark'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_job(
        &self,
        name: impl Into<String>,
        job_type: impl Choice<JobType>,
        parameters: impl IntoIterator<Item = impl Into<String>>,
        cluster: impl Into<String>,
    ) -> Call<M, CreateJob> {
        let mut checks = Checks::default();
        let job_type = checks.choose(job_type);
        self.checked(checks, CreateJob::new(name, job_type, parameters, cluster))
    }

    /// Creates a job and runs it once: `CREATE AND RUN JOB`. For the parameters see
    /// [`create_job`](Client::create_job).
    ///
    /// Success means that the run was started, not that it has ended: `and_wait` on the call waits for the
    /// end of the run, and [`describe_job_run`](Client::describe_job_run) returns its state.
    ///
    /// Vendor's page: `CREATE AND RUN JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, JobType};
    ///
    /// let client = Client::offline();
    /// let call = client.create_and_run_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE AND RUN JOB `etl`\n  TYPE = 'PYTHON'\n  PARAMETERS = ('s3a://bucket/etl.py')\n  \
    ///      CLUSTER = 'spark'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_and_run_job(
        &self,
        name: impl Into<String>,
        job_type: impl Choice<JobType>,
        parameters: impl IntoIterator<Item = impl Into<String>>,
        cluster: impl Into<String>,
    ) -> Call<M, CreateAndRunJob> {
        let mut checks = Checks::default();
        let job_type = checks.choose(job_type);
        self.checked(checks, CreateAndRunJob::new(name, job_type, parameters, cluster))
    }

    /// Changes the cluster or the parameters of a job, one of the two at a time: `ALTER JOB`.
    ///
    /// Vendor's page: `ALTER JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, JobChange};
    ///
    /// let client = Client::offline();
    /// let call = client.alter_job("etl", JobChange::Cluster("spark2".into()));
    /// assert_eq!(call.to_sql()?, "ALTER JOB `etl`\n  SET CLUSTER = 'spark2'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn alter_job(&self, name: impl Into<String>, change: JobChange) -> Call<M, AlterJob> {
        self.call(AlterJob::new(name, change))
    }

    /// Deletes a job: `DELETE JOB`.
    ///
    /// Vendor's page: `DELETE JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_job("etl").to_sql()?, "DELETE JOB `etl`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_job(&self, name: impl Into<String>) -> Call<M, DeleteJob> {
        self.call(DeleteJob::new(name))
    }

    /// Describes a job: `DESCRIBE JOB`.
    ///
    /// Vendor's page: `DESCRIBE JOB` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_job("etl").to_sql()?, "DESCRIBE JOB `etl`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_job(&self, name: impl Into<String>) -> Call<M, DescribeJob> {
        self.call(DescribeJob::new(name))
    }

    /// Lists the jobs: `SHOW JOBS`.
    ///
    /// Vendor's page: `SHOW JOBS` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_jobs().to_sql()?, "SHOW JOBS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_jobs")]
    pub fn show_jobs(&self) -> Call<M, ShowJobs> {
        self.call(ShowJobs::new())
    }
}
