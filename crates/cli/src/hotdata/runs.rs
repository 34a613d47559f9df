//! Runs of queries, and the rows of those that have ended.

use std::path::PathBuf;

use clap::Subcommand;
use controlplane::Effect;
use controlplane::hotdata::QueryRunInfo;

use crate::failure::{Exit, Failure, Result, shell_word};
use crate::show;
use crate::watch::failed_wait;

use super::{Hotdata, arrow, rows};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the runs of the database, the newest first
    List {
        /// Only runs with one of these statuses, as succeeded,failed
        #[arg(long)]
        status: Option<String>,
        /// Largest number of runs to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show a run
    Get {
        /// Id
        id: String,
    },
    /// Wait until a run has ended; exits with 1 if it failed
    Wait {
        /// Id
        id: String,
    },
    /// Wait until a run has ended, then print its rows
    Rows {
        /// Id
        id: String,
        /// Write the rows to this file, as an Arrow stream
        #[arg(long, value_name = "FILE")]
        arrow: Option<PathBuf>,
    },
}

pub(super) fn run(hotdata: &Hotdata<'_>, command: Command) -> Result {
    let (app, runs) = (hotdata.app, hotdata.client.query_runs());
    match command {
        Command::List { status, limit } => {
            let mut command = runs.list().command().clone();
            command.status = status;
            let call = hotdata.command(hotdata.client.call(command));
            if app.globals.dry_run {
                return show::request(app, &call.to_request()?);
            }
            let columns = ["id", "status", "created_at", "row_count", "execution_time_ms", "sql_text"];
            show::list(app, call.iter(), limit, &columns)
        }
        Command::Get { id } => hotdata.send(runs.get(id)),
        Command::Wait { id } | Command::Rows { id, .. } if app.globals.dry_run => hotdata.send(runs.get(id)),
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

/// Waits for a run.
pub(super) fn wait(hotdata: &Hotdata<'_>, id: &str) -> Result<QueryRunInfo> {
    let call = hotdata.client.query_runs().wait_for_query_run(id);
    let run = hotdata.prepared(call, &format!("waiting for {id}"), Effect::Repeatable).send();
    run.map_err(|error| {
        failed_wait(error, || {
            format!("controlplane hotdata runs wait {}{}", shell_word(id), hotdata.database_option())
        })
    })
}

/// The result that has the rows of a run.
pub(super) fn result_of(run: &QueryRunInfo) -> Result<String> {
    run.result_id.clone().ok_or_else(|| {
        let why = run.warning_message.as_deref().unwrap_or("the service has saved no result");
        Failure::new(Exit::Failed, format!("reading the rows of {}: {why}", run.id))
            .hint("The query itself has run. Run it again without --arrow to see its first rows.")
    })
}
