//! Runs of queries, and the rows of those that have ended.

use std::path::PathBuf;

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::{Blocking, Call, GetQueryRun, QueryRunInfo};

use crate::choices::open_choice;
use crate::command;
use crate::failure::{Exit, Failure, Result};
use crate::show;
use crate::watch::watched;

use super::{Hotdata, arrow, rows};

const STATUSES: &[&str] =
    &["queued", "pending", "running", "succeeded", "failed", "interrupted", "cancelled"];

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show a run
    #[command(alias = "get")]
    Show {
        /// Id of the query run
        id: String,
    },
    /// List the runs of the database, the newest first
    #[command(alias = "ls")]
    List {
        /// List only runs with one of these statuses; a status that is not known here is sent unchanged
        #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = open_choice(STATUSES))]
        status: Vec<String>,
        /// Largest number of runs to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Wait until a run has ended, then print its rows
    Rows {
        /// Id of the query run
        id: String,
        /// Write the rows to this file, as an Arrow stream
        #[arg(long, value_name = "FILE")]
        arrow: Option<PathBuf>,
    },
    /// Wait until a run has ended; exits with 1 if it failed
    Wait {
        /// Id of the query run
        id: String,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let app = hotdata.app;
    match command {
        Command::List { status, limit } => {
            let mut command = hotdata.client.query_runs().list().command().clone();
            command.status = (!status.is_empty()).then(|| status.join(","));
            command.x_database_id.clone_from(&hotdata.database_id);
            let columns = ["id", "status", "created_at", "row_count", "execution_time_ms", "sql_text"];
            command::list(app, hotdata.client.call(command), |call| call.iter(), limit, &columns)
        }
        Command::Show { id } => hotdata.send(one(hotdata, &id)),
        Command::Wait { id } | Command::Rows { id, .. } if app.globals.dry_run => {
            hotdata.send(one(hotdata, &id))
        }
        Command::Wait { id } => show::value(app, &wait(hotdata, &id)?),
        Command::Rows { id, arrow: file } => {
            let result = result_of(&wait(hotdata, &id)?)?;
            match file {
                Some(file) => arrow::write(hotdata, &id, &result, &file),
                None => rows::of_result(hotdata, &id, &result),
            }
        }
    }
}

fn one(hotdata: &Hotdata<'_>, id: &str) -> Call<Blocking, GetQueryRun> {
    let call = hotdata.client.query_runs().get(id);
    match &hotdata.database_id {
        Some(database) => call.database_id(database),
        None => call,
    }
}

/// Waits for a run.
pub(super) fn wait(hotdata: &Hotdata<'_>, id: &str) -> Result<QueryRunInfo> {
    let call = hotdata.client.query_runs().wait_for_query_run(id);
    let label = format!("waiting for {id}");
    let call = watched(hotdata.app, call, &label, Effect::Repeatable);
    call.send().map_err(|error| hotdata.run_failure(error, "wait", id))
}

/// The result that has the rows of a run.
pub(super) fn result_of(run: &QueryRunInfo) -> Result<String> {
    run.result_id.clone().ok_or_else(|| {
        let why = run.warning_message.as_deref().unwrap_or("the service has saved no result");
        Failure::new(Exit::Failed, format!("reading the rows of {}: {why}", run.id))
            .hint("The query itself has run. To see its first rows, run it again with `controlplane hotdata query`, without --arrow.")
    })
}
