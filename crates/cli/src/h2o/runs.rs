//! Runs: starting them, waiting for their end, and what is done to them afterwards.

use clap::Subcommand;
use controlplane::Effect;
use controlplane::h2o_workflows::{RetryMode, RunState};

use crate::command;
use crate::confirm;
use crate::failure::{Exit, Failure, Result};
use crate::show;

use super::inputs::{Input, input};
use super::names::{example, parent, revision};
use super::{H2o, again, logs};

#[derive(Debug, clap::Args)]
pub(super) struct Start {
    /// Workflow (workspaces/w/workflows/f, which runs its active revision) or revision (…/revisions/r)
    name: String,
    /// Input of the run: KEY=TEXT, or KEY:=VALUE for a bool or an integer. May be given several times
    #[arg(long = "input", short, value_name = "KEY=TEXT", value_parser = input)]
    inputs: Vec<Input>,
    /// Print the logs as they are written
    #[arg(long, short)]
    follow: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show a run
    #[command(alias = "get")]
    Show {
        /// Name, as workspaces/w/workflows/f/revisions/r/runs/n
        name: String,
    },
    /// List the runs of a revision, a workflow or a workspace
    #[command(alias = "ls")]
    List {
        /// Workspace (w or workspaces/w), workflow (…/workflows/f) or revision (…/revisions/r)
        #[arg(required_unless_present = "workspace")]
        parent: Option<String>,
        /// Workspace, as w or workspaces/w
        #[arg(long, short, conflicts_with = "parent")]
        workspace: Option<String>,
        /// Filter in the language of the service (AIP-160), for example 'state = STATE_RUNNING'
        #[arg(long)]
        filter: Option<String>,
        /// Largest number of runs to show [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Delete a run
    Delete {
        /// Name, as workspaces/w/workflows/f/revisions/r/runs/n
        name: String,
    },
    /// Cancel a run
    Cancel {
        /// Name, as workspaces/w/workflows/f/revisions/r/runs/n
        name: String,
    },
    /// Run the jobs of a run once more, as a new attempt, and wait until it has ended
    Retry {
        /// Name, as workspaces/w/workflows/f/revisions/r/runs/n
        name: String,
        /// Run only the jobs that failed and the jobs that were skipped because of them
        #[arg(long)]
        failed: bool,
    },
    /// Wait until a run has ended; exits with 1 if it failed
    Wait {
        /// Name, as workspaces/w/workflows/f/revisions/r/runs/n
        name: String,
    },
}

pub(super) fn start(h2o: &H2o<'_>, args: Start) -> Result {
    let globals = &h2o.app.globals;
    if !args.name.contains('/') {
        let form = "workspaces/{workspace}/workflows/{workflow}";
        let advice = example(form).unwrap_or_default();
        return Err(Failure::usage(format!(
            "running a workflow: {:?} does not have the form {form}",
            args.name
        ))
        .hint(format!("Nothing was sent. {advice}")));
    }
    let mut call = h2o.client.workflow_revision().run_workflow_revision(revision(&args.name));
    for Input { key, value } in args.inputs {
        call = call.input(key, value);
    }
    if globals.dry_run || globals.no_wait {
        return h2o.send(call);
    }
    if !args.follow {
        let run = h2o.prepared(call.and_wait(), &format!("running {}", args.name), Effect::Changes).send();
        return show::value(h2o.app, &run.map_err(|error| again(error, &args.name))?);
    }
    let Some(run) = h2o.sent(call)? else { return Ok(()) };
    if !globals.quiet {
        crate::stderr::say(&format!("run {}", crate::progress::one_line(&run.name)));
    }
    logs::follow(h2o, &run.name, None)?;
    finished(h2o, &run.name)
}

/// Tells how a run has ended, on standard error: standard output has its log.
pub(super) fn finished(h2o: &H2o<'_>, name: &str) -> Result {
    let call = h2o.client.run().wait_for_run(name).accept_failure();
    let run = h2o.prepared(call, &format!("waiting for {name}"), Effect::Repeatable).send();
    let run = run.map_err(|error| again(error, name))?;
    if run.state == RunState::Failed {
        let message = if run.failure_message.is_empty() { "" } else { ": " };
        return Err(Failure::new(
            Exit::Failed,
            format!("the run {name} has failed ({}){message}{}", run.failure_reason, run.failure_message),
        ));
    }
    h2o.app.progress.note(&format!("The run has ended: {}.", run.state));
    Ok(())
}

pub(super) fn run(h2o: &H2o<'_>, command: Command) -> Result {
    let (client, globals) = (h2o.client.run(), &h2o.app.globals);
    match command {
        Command::List { parent: name, workspace, filter, limit } => {
            let name = name.or(workspace).unwrap_or_default();
            let mut call = client.list_runs(parent(&name));
            if let Some(filter) = filter {
                call = call.filter(filter);
            }
            let columns = ["name", "state", "creator", "startTime", "endTime"];
            command::list(h2o.app, call, |call| call.iter(), limit, &columns)
        }
        Command::Show { name } => h2o.send(client.get_run(name)),
        Command::Wait { name } => {
            if globals.dry_run {
                return h2o.send(client.get_run(name));
            }
            let call = client.wait_for_run(&*name);
            let run = h2o.prepared(call, &format!("waiting for {name}"), Effect::Repeatable).send();
            show::value(h2o.app, &run.map_err(|error| again(error, &name))?)
        }
        Command::Cancel { name } => h2o.send(client.cancel_run(name)),
        Command::Retry { name, failed } => {
            let mode = if failed { RetryMode::FailedJobs } else { RetryMode::AllJobs };
            let call = client.retry_run(&*name).retry_mode(mode);
            if globals.dry_run || globals.no_wait {
                return h2o.send(call);
            }
            let run = h2o.prepared(call.and_wait(), &format!("retrying {name}"), Effect::Changes).send();
            show::value(h2o.app, &run.map_err(|error| again(error, &name))?)
        }
        Command::Delete { name } => {
            if !globals.dry_run {
                confirm::ask(h2o.app, &format!("Delete the run {name}"))?;
            }
            let Some(()) = h2o.sent(client.delete_run(&*name))? else { return Ok(()) };
            show::outcome(h2o.app, &name, "deleted")
        }
    }
}
