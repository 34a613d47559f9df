//! Jobs in the background: loads, indexes, databases.

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::JobType;

use crate::failure::{Result, shell_word};
use crate::show;
use crate::watch::failed_wait;

use super::Hotdata;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the jobs of the workspace, the newest first
    List {
        /// Only jobs of this type, as managed_load or create_index
        #[arg(long = "type", value_name = "TYPE")]
        job_type: Option<String>,
        /// Only jobs with one of these statuses, as running,failed
        #[arg(long)]
        status: Option<String>,
        /// Largest number of jobs to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show a job
    Get {
        /// Id
        id: String,
    },
    /// Wait until a job has ended; exits with 1 if it failed
    Wait {
        /// Id
        id: String,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, jobs) = (hotdata.app, hotdata.client.jobs());
    match command {
        Command::List { job_type, status, limit } => {
            let mut call = jobs.list();
            if let Some(job_type) = job_type {
                call = call.job_type(job_type.parse::<JobType>()?);
            }
            let mut command = call.command().clone();
            command.status = status;
            let call = hotdata.command(hotdata.client.call(command));
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            let columns =
                ["id", "job_type", "status", "attempts", "created_at", "completed_at", "error_message"];
            show::list(app, call.iter(), limit, &columns)
        }
        Command::Get { id } => hotdata.send(jobs.get(id)),
        Command::Wait { id } if app.globals.dry_run => hotdata.send(jobs.get(id)),
        Command::Wait { id } => wait(hotdata, &id),
    }
}

/// Waits for a job and prints it.
pub(super) fn wait(hotdata: &Hotdata<'_>, id: &str) -> Result {
    let call = hotdata.client.jobs().wait_for_job(id);
    let job = hotdata.prepared(call, &format!("waiting for {id}"), Effect::Repeatable).send();
    let again = || format!("controlplane hotdata jobs wait {}", shell_word(id));
    show::value(hotdata.app, &job.map_err(|error| failed_wait(error, again))?)
}
