//! `controlplane apply`: carries out a plan as a batch, with a journal from which it goes on.

mod bars;
mod batches;
mod continued;
mod dry_run;
mod files;
mod plan;
mod report;
mod results;
mod service;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use controlplane::Batch;
use controlplane::client::CallState;
use serde_json::{Value, json};

use crate::app::App;
use crate::confirm;
use crate::duration;
use crate::failure::{Exit, Failure, Result};
use crate::input;
use crate::output::Format;
use crate::profile;
use crate::shell::shell_path;

use batches::Listed;

pub(crate) use batches::{SECRETS, creates_secret};
pub(crate) use continued::resume;
pub(crate) use service::Service;

/// Run a plan: commands in the order of their dependencies
///
/// A plan is a JSON list of steps: {"key": "lake", "command": {"create_lake": {...}}, "after": ["cluster"]}.
/// In a plan of several services each command names its service: {"eloq": {"cluster_create": {...}}}. The
/// whole plan is checked before anything is sent. With --journal, a second run with the same journal
/// continues where the first was interrupted, and does not send a change again that the service accepted or
/// may have accepted.
///
/// With Hotdata, a step may upload a file and load it: {"upload_and_load": {"path": "orders.csv",
/// "content_type": "text/csv", "load": {"load_database_table": {...}}}}. A relative path starts at the
/// working directory, also when the journal is continued. "filename", "content_type" and "content_encoding"
/// are optional; the load is a command load_database_table or load_managed_table without a source. A file
/// that cannot be read is a fault of the plan. The file is read when its step begins, and again if the step
/// was interrupted before its load was sent.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// File with the plan; - reads standard input
    plan: PathBuf,
    /// File that records what was sent and what has ended (the journal). If it exists, its batch is continued
    #[arg(long, short, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Submit nothing more once a step has failed [default: skip only the steps that depend on it; a journal
    /// that was begun with this option keeps it]
    #[arg(long)]
    stop_on_failure: bool,
    /// Service of the commands [default: found by the names of the commands]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    decisions: Decisions,
}

/// The options of a batch, and what the person has decided about steps of an earlier run.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Decisions {
    /// Send the step with this key again, which failed or whose outcome is unknown. May be given several
    /// times
    #[arg(long, value_name = "KEY")]
    again: Vec<String>,
    /// Count the step with this key as done, which failed or whose outcome is unknown. May be given several
    /// times
    #[arg(long, value_name = "KEY")]
    settled: Vec<String>,
    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, value_parser = duration::interval, value_name = "DURATION")]
    pub(crate) poll_interval: Option<Duration>,
    /// Append the output of each step to this file, as a line of JSON, when the step has ended. Only its
    /// owner can read the file
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
}

impl Decisions {
    /// The calls of a journal that are to be sent, for the first time or again. Not those that are skipped because a
    /// call before them has failed.
    fn to_send<'c>(&self, calls: &'c [Listed]) -> impl Iterator<Item = &'c Listed> {
        let has_failed = |call: &Listed| matches!(call.state, CallState::Failed { .. } | CallState::Unknown);
        let is_decided = |call: &Listed| self.again.contains(&call.key) || self.settled.contains(&call.key);
        let mut stopped: HashSet<&str> = HashSet::new();
        loop {
            let before = stopped.len();
            for call in calls {
                if (has_failed(call) && !is_decided(call))
                    || call.after.iter().any(|key| stopped.contains(&**key))
                {
                    stopped.insert(&call.key);
                }
            }
            if stopped.len() == before {
                break;
            }
        }
        calls.iter().filter(move |call| {
            let is_left =
                matches!(call.state, CallState::Todo) || (has_failed(call) && self.again.contains(&call.key));
            is_left && !stopped.contains(&*call.key)
        })
    }

    /// Refuses options about steps for something that has none.
    pub(crate) fn check_id(&self, id: &str) -> Result {
        if self.again.is_empty() && self.settled.is_empty() && self.results.is_none() {
            return Ok(());
        }
        Err(Failure::usage(format!("{id:?} is one operation, without steps: nothing was sent"))
            .hint("--again, --settled and --results are for the steps of a journal."))
    }
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let text = input::text(app, &args.plan)?;
    let plan = plan::Plan::read(&args.plan, &text, args.service)?;
    let poll = args.decisions.poll_interval;
    let waits = !app.globals.no_wait;
    let journal = args.journal.as_deref();
    let earlier = journal.filter(|path| path.exists());
    if earlier.is_none() {
        plan.check_files(&args.plan, |_| true)?;
    }
    if app.globals.dry_run {
        if earlier.is_some() {
            app.progress
                .note("The whole plan is shown, including the steps that are done according to the journal.");
        }
        let order = batches::order(&batches::of_plan(app, &plan, true, poll, waits)?)?;
        return dry_run::print(app, &plan, &order, waits);
    }
    profile::check(app, &plan.services())?;
    if !waits && plan.services().contains(&Service::Onehouse) {
        app.progress.warn("--no-wait has no effect on the steps of Onehouse: they are waited for");
    }
    let batch = match earlier {
        Some(path) => {
            let mut batch = continued::of_plan(app, &plan, path, poll)?;
            let calls = batches::calls(&batch);
            // The file of a step that is done may be gone.
            let left: Vec<&str> = args.decisions.to_send(&calls).map(|call| &*call.key).collect();
            plan.check_files(&args.plan, |key| left.contains(&key))?;
            if args.stop_on_failure {
                batch.stop_on_failure(true);
            }
            batch
        }
        None => {
            let mut batch = batches::of_plan(app, &plan, false, poll, waits)?;
            batch.stop_on_failure(args.stop_on_failure);
            if let Some(journal) = journal {
                batch.journal(journal);
            }
            batch
        }
    };
    carry_out(app, batch, journal, &args.decisions)
}

/// Returns what a step sends, for a person: a statement, or the first line of a request and its body.
fn shown(sends: &Value) -> String {
    match sends {
        Value::String(sql) => sql.clone(),
        request => crate::show::request_text(request),
    }
}

/// Runs a batch and prints how each of its calls has ended.
fn carry_out(app: &App, mut batch: Batch, journal: Option<&Path>, decisions: &Decisions) -> Result {
    // What was refused is to do again already.
    let todo: Vec<String> = batches::calls(&batch)
        .into_iter()
        .filter(|call| matches!(call.state, CallState::Todo))
        .map(|call| call.key)
        .collect();
    for key in decisions.again.iter().filter(|key| !todo.contains(key)) {
        batch.again(key);
    }
    for key in &decisions.settled {
        batch.settled(key);
    }
    let calls = batches::calls(&batch);
    check_secrets(app, &calls, decisions)?;
    confirm_deletions(app, &calls)?;
    let mut results = decisions.results.as_deref().map(results::Results::open).transpose()?;
    if journal.is_none() {
        app.progress
            .note("There is no journal: if the plan is interrupted, it cannot be continued. --journal FILE keeps one.");
    }
    let mut report = report::Report::new(&calls);
    let bars = bars::Bars::new(app, &calls);
    if let Some(timeout) = app.globals.timeout {
        batch.timeout(timeout);
    }
    let shown = bars.clone();
    batch.cancel_with(app.interrupt.token()).on_progress(move |key, progress| shown.show(key, progress));
    // It checks everything, and opens the journal.
    let running = batch.run().map_err(|error| {
        bars.clear();
        Failure::from(error).hint_unless_set("Nothing was sent.")
    })?;
    for finished in running {
        let id = bars.finish(&finished.key);
        let result = finished.result.map(batches::output);
        if let (Some(results), Ok(output)) = (&mut results, &result) {
            results.add(&finished.key, id.as_deref(), output);
        }
        report.add(&finished.key, id, result);
    }
    bars.clear();
    let printed = match results.and_then(|results| results.failure()) {
        // Some outputs are shown once: those that the file lacks are printed.
        Some(why) => report.print_whole(app, &why),
        None => report.print(app),
    };
    // How the batch has ended is more urgent than that it could not be printed.
    match report.exit(app.interrupt.token().is_cancelled()) {
        Exit::Done => printed,
        exit => {
            if let Err(error) = printed {
                app.progress.warn(&error.to_string());
            }
            Err(not_done(exit, &report.summary(), report.unwritten(), journal))
        }
    }
}

/// Prints rows about steps. As names they are their keys.
fn print_steps(app: &App, whole: &Value, rows: Vec<Value>) -> Result {
    let view = match app.out.format() {
        Format::Name => rows.into_iter().map(|mut row| row["key"].take()).collect(),
        _ => rows,
    };
    app.out.shaped(whole, &Value::Array(view))
}

/// Refuses a batch that creates secrets which are shown once, if nothing would show them.
fn check_secrets(app: &App, calls: &[Listed], decisions: &Decisions) -> Result {
    let shows_outputs = matches!(app.out.format(), Format::Json | Format::Jsonl | Format::Yaml);
    if decisions.results.is_some() || (shows_outputs && !app.out.has_query()) {
        return Ok(());
    }
    let is_left = |call: &&Listed| call.creates_secret && !call.is_over();
    let keys: Vec<&str> = calls.iter().filter(is_left).map(|call| call.key.as_str()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the service shows the secrets of these steps only once, and this output would not have them: {}; nothing was sent",
        keys.join(", ")
    ))
    .hint("Add `--results FILE`, which only its owner can read, or `-o json`."))
}

/// Prints the states of the calls in a journal. Sends nothing.
pub(crate) fn status(app: &App, path: &Path) -> Result {
    let batch = batches::of_journal(app, &continued::services(path)?, path, None, false)?;
    let row = |call: Listed| {
        let (status, id, error) = match call.state {
            CallState::Todo => ("to do", None, None),
            CallState::Submitted { request_id } => ("submitted", Some(request_id), None),
            CallState::Done { request_id } => ("done", request_id, None),
            CallState::Failed { error } => ("failed", None, Some(error)),
            CallState::Unknown => ("unknown", None, None),
            // A state of a later version of the library.
            _ => ("other", None, None),
        };
        json!({"key": call.key, "status": status, "id": id, "error": error})
    };
    let whole: Vec<Value> = batches::calls(&batch).into_iter().map(row).collect();
    let mut rows = whole.clone();
    for row in &mut rows {
        // The advice on further lines is for programs.
        if let Some(error) = row["error"].as_str() {
            row["error"] = report::first_line(error).into();
        }
    }
    print_steps(app, &Value::Array(whole), rows)
}

/// Asks before steps that delete something are sent.
fn confirm_deletions(app: &App, calls: &[Listed]) -> Result {
    let is_left = |call: &&Listed| call.deletes && matches!(call.state, CallState::Todo);
    let deletions: Vec<String> = calls
        .iter()
        .filter(is_left)
        .map(|call| format!("{} ({})", call.key, shown(&call.shown).lines().next().unwrap_or_default()))
        .collect();
    if deletions.is_empty() {
        return Ok(());
    }
    confirm::ask(
        app,
        &format!("Carry out a plan that deletes: {}", crate::output::visible(&deletions.join("; "))),
    )
}

/// The failure of a batch, with the command that continues it.
///
/// `unwritten`: why the journal could not be written.
fn not_done(exit: Exit, summary: &str, unwritten: Option<&str>, journal: Option<&Path>) -> Failure {
    let why = unwritten.map(|why| format!("; {why}")).unwrap_or_default();
    let failure = Failure::new(exit, format!("the plan was not carried out completely: {summary}{why}"));
    let Some(journal) = journal else {
        return failure.hint("There is no journal. Check what was done before you carry the plan out again.");
    };
    let how = format!("controlplane resume {}", shell_path(journal));
    if unwritten.is_some() {
        return failure.hint(format!(
            "After the journal failed, nothing more was sent. If another program continues this batch, wait for its end; else \
             make sure that the journal can be written: space on the disk, permissions, the file in its place. Then \
             continue with `{how}`. A step that was sent and whose end is not in the journal has the status unknown, and \
             is not sent again."
        ));
    }
    failure.hint(match exit {
        Exit::OutcomeUnknown => format!(
            "Check whether the steps with an unknown outcome took effect, then continue with `{how} --again KEY` to send \
             one again, or `--settled KEY` to count it as done."
        ),
        Exit::StillRunning | Exit::Interrupted => format!("Continue with `{how}`. What was sent is not sent again."),
        _ => format!(
            "Correct the cause, then continue with `{how}`, and add `--again KEY` for each step that failed after it was \
             accepted. Steps that are done are not sent again."
        ),
    })
}
