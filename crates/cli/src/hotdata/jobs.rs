//! Jobs in the background: loads, indexes, databases.

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::{JobStatus, JobType};

use crate::choices::choice;
use crate::command;
use crate::failure::Result;
use crate::show;

use super::{Hotdata, job_failure};

/// Types of jobs that are listed; internal maintenance is not.
pub(super) const JOB_TYPES: &[&str] = &[
    "managed_load",
    "create_index",
    "bulk_create_databases",
    "database_fork",
    "table_constants_update",
    "data_refresh_table",
    "data_refresh_connection",
    "dataset_refresh",
];
pub(super) const STATUSES: &[&str] = &["pending", "running", "succeeded", "partially_succeeded", "failed"];

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show a job
    #[command(alias = "get")]
    Show {
        /// Id of the job
        id: String,
    },
    /// List the jobs of the workspace, the newest first
    #[command(alias = "ls")]
    List {
        /// List only jobs of this type
        #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = choice::<JobType>(JOB_TYPES))]
        job_type: Option<JobType>,
        /// List only jobs with one of these statuses
        #[arg(long, value_name = "STATUS", ignore_case = true, value_delimiter = ',', value_parser = choice::<JobStatus>(STATUSES))]
        status: Vec<JobStatus>,
        /// Largest number of jobs to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Wait until a job has ended; exits with 1 if it failed
    Wait {
        /// Id of the job
        id: String,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, jobs) = (hotdata.app, hotdata.client.jobs());
    match command {
        Command::List { job_type, status, limit } => {
            let mut call = jobs.list();
            if let Some(job_type) = job_type {
                call = call.job_type(job_type);
            }
            let mut command = call.command().clone();
            if !status.is_empty() {
                let statuses: Vec<&str> = status.iter().map(JobStatus::as_str).collect();
                command.status = Some(statuses.join(","));
            }
            let columns =
                ["id", "job_type", "status", "attempts", "created_at", "completed_at", "error_message"];
            command::list(app, hotdata.client.call(command), |call| call.iter(), limit, &columns)
        }
        Command::Show { id } => hotdata.send(jobs.get(id)),
        Command::Wait { id } if app.globals.dry_run => hotdata.send(jobs.get(id)),
        Command::Wait { id } => wait(hotdata, &id),
    }
}

/// Waits for a job and prints it.
pub(super) fn wait(hotdata: &Hotdata<'_>, id: &str) -> Result {
    let call = hotdata.client.jobs().wait_for_job(id);
    let job = hotdata.prepared(call, &format!("waiting for {id}"), Effect::Repeatable).send();
    show::value(hotdata.app, &job.map_err(|error| job_failure(error, id))?)
}
