//! `job`: jobs, their runs, and jars.

use clap::{ArgGroup, Args, Subcommand};
use controlplane::onehouse::{
    AlterJob, CancelJobRun, CreateAndRunJob, CreateJob, DeleteJob, DescribeJob, DescribeJobRun, JobChange,
    JobType, ReplaceJar, RunJob, ShowJobs, ShowRunsInJob, UploadJar,
};

use crate::failure::{Failure, Result};

use super::choices::{JOB_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Job {
    /// Create a job
    Create(Create),
    /// Describe a job
    Describe {
        /// Name of the job
        name: String,
    },
    /// List the jobs
    Show,
    /// Change the cluster or the parameters of a job
    #[command(group = ArgGroup::new("change").required(true).args(["cluster", "parameters"]))]
    Alter {
        /// Name of the job
        name: String,
        /// New cluster; not together with --parameters
        #[arg(long, allow_hyphen_values = true)]
        cluster: Option<String>,
        /// New parameter of spark-submit; repeatable, replaces all parameters of the job; not together with
        /// --cluster
        #[arg(long, value_name = "PARAMETER", allow_hyphen_values = true)]
        parameters: Vec<String>,
    },
    /// Delete a job
    Delete {
        /// Name of the job
        name: String,
    },
    /// Create a job and run it once
    CreateAndRun(Create),
    /// Run a job
    Run {
        /// Name of the job
        name: String,
    },
    /// Describe a run of a job
    DescribeRun(Run),
    /// List the runs of a job
    ShowRuns {
        /// Name of the job
        name: String,
    },
    /// Cancel a run of a job
    CancelRun(Run),
    /// Upload a jar from a bucket
    UploadJar {
        /// Name of the jar
        name: String,
        #[command(flatten)]
        with: With,
    },
    /// Replace a jar by one from a bucket
    ReplaceJar {
        /// Name of the jar
        name: String,
        #[command(flatten)]
        with: With,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the job
    name: String,
    /// Language of the job
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<JobType>(JOB_TYPES), ignore_case = true)]
    job_type: JobType,
    /// Cluster that the job runs on
    #[arg(long, allow_hyphen_values = true)]
    cluster: String,
    /// Parameter of spark-submit; repeatable. Options come first, then the file of the application, then its
    /// parameters
    #[arg(long, value_name = "PARAMETER", allow_hyphen_values = true)]
    parameters: Vec<String>,
}

impl Create {
    /// Checks what `oh` leaves to a traceback.
    fn checked(self) -> Result<Self> {
        if self.parameters.is_empty() {
            return Err(Failure::usage(format!(
                "job '{}': a job needs at least one parameter, the file of its application; nothing was sent",
                self.name
            ))
            .hint("Add `--parameters s3a://bucket/job.py`, and one more `--parameters` for each further word of spark-submit."));
        }
        Ok(self)
    }
}

#[derive(Args, Debug)]
pub(super) struct Run {
    /// Id of the run
    job_run_id: String,
    /// Name of the job
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    job_name: String,
}

impl Job {
    pub(super) fn task(self) -> Result<Task> {
        Ok(match self {
            Self::Create(create) => {
                let Create { name, job_type, cluster, parameters } = create.checked()?;
                let command = CreateJob::new(&name, job_type, parameters, cluster);
                Task::change(command, format!("Job '{name}' created."))
            }
            Self::CreateAndRun(create) => {
                let Create { name, job_type, cluster, parameters } = create.checked()?;
                let command = CreateAndRunJob::new(&name, job_type, parameters, cluster);
                Task::change(command, format!("Job '{name}' created and started."))
            }
            Self::Alter { name, cluster, parameters } => {
                let change = cluster.map_or(JobChange::Parameters(parameters), JobChange::Cluster);
                Task::change(AlterJob::new(&name, change), format!("Job '{name}' altered."))
            }
            Self::Delete { name } => Task::delete(DeleteJob::new(&name), &format!("job '{name}'")),
            Self::Run { name } => Task::change(RunJob::new(&name), format!("Job '{name}' started.")),
            Self::CancelRun(Run { job_run_id, job_name }) => {
                let done = format!("Job run '{job_run_id}' cancelled.");
                Task::silent(CancelJobRun::new(job_run_id, job_name), done)
            }
            Self::Describe { name } => Task::read(DescribeJob::new(name)),
            Self::DescribeRun(Run { job_run_id, job_name }) => {
                Task::read(DescribeJobRun::new(job_run_id, job_name))
            }
            Self::Show => Task::read(ShowJobs::new()),
            Self::ShowRuns { name } => Task::read(ShowRunsInJob::new(name)),
            Self::UploadJar { name, with } => {
                let mut command = UploadJar::new(&name);
                command.options = with.into_options();
                Task::change(command, format!("JAR '{name}' uploaded."))
            }
            Self::ReplaceJar { name, with } => {
                let mut command = ReplaceJar::new(&name);
                command.options = with.into_options();
                Task::change(command, format!("JAR '{name}' replaced."))
            }
        })
    }
}
