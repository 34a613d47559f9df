//! `controlplane apply`: carries out a plan as a batch, with a journal from which it goes on.

mod bars;
mod batches;
mod continued;
mod plan;
mod report;
mod service;

use std::path::{Path, PathBuf};
use std::time::Duration;

use controlplane::Batch;
use controlplane::client::CallState;
use serde_json::{Value, json};

use crate::app::App;
use crate::confirm;
use crate::duration;
use crate::failure::{Exit, Failure, Result, shell_word};
use crate::input;
use crate::output::Format;

use batches::Listed;

pub(crate) use continued::resume;
pub(crate) use service::Service;

/// Carry out a plan: many commands, each after those that it depends on
///
/// A plan is a JSON list of steps: {"key": "lake", "command": {"create_lake": {...}}, "after": ["cluster"]}. In
/// a plan of several services each command names its service: {"eloq": {"cluster_create": {...}}}. It is checked
/// as a whole before anything is sent. With --journal, a second run with the same journal goes
/// on where the first was interrupted, and sends nothing twice.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// File with the plan; - reads standard input
    plan: String,
    /// File that records what was sent and what has ended. If it exists, the batch in it goes on
    #[arg(long, short, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Submit nothing more once a step has failed [default: only the steps after it are skipped]
    #[arg(long)]
    stop_on_failure: bool,
    /// Service of the commands [default: by their names]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    decisions: Decisions,
}

/// The options of a batch, and what the person has decided about steps of an earlier run.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Decisions {
    /// Send this step again, which failed or whose outcome is unknown. May be given several times
    #[arg(long, value_name = "KEY")]
    again: Vec<String>,
    /// Take this step as done, which failed or whose outcome is unknown. May be given several times
    #[arg(long, value_name = "KEY")]
    settled: Vec<String>,
    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, value_parser = duration::interval, value_name = "DURATION")]
    pub(crate) poll_interval: Option<Duration>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let text = input::text(app, &args.plan)?;
    let plan = plan::Plan::read(&args.plan, &text, args.service)?;
    let poll = args.decisions.poll_interval;
    if app.globals.dry_run {
        return dry_run(app, &batches::order(&batches::of_plan(app, &plan, true, poll)?)?);
    }
    let journal = args.journal.as_deref();
    let batch = match journal.filter(|path| path.exists()) {
        Some(path) => continued::of_plan(app, &plan, path, poll)?,
        None => {
            let mut batch = batches::of_plan(app, &plan, false, poll)?;
            batch.stop_on_failure(args.stop_on_failure);
            if let Some(journal) = journal {
                batch.journal(journal);
            }
            batch
        }
    };
    carry_out(app, batch, journal, &args.decisions)
}

/// Prints the calls in their order.
fn dry_run(app: &App, order: &[Listed]) -> Result {
    let steps: Vec<Value> = order
        .iter()
        .map(|call| json!({"key": call.key, "after": call.after, "service": call.service, "sends": call.shown}))
        .collect();
    if app.out.format() != Format::Table || app.out.has_query() {
        return app.out.value(&Value::Array(steps));
    }
    let mut text = String::new();
    for call in order {
        let after =
            if call.after.is_empty() { String::new() } else { format!(" (after {})", call.after.join(", ")) };
        text.push_str(&format!("-- {}{after}\n{}\n\n", call.key, shown(&call.shown)));
    }
    app.out.text(&crate::output::lines(&text))?;
    app.progress.note(&format!("{} steps; nothing was sent.", order.len()));
    Ok(())
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
    confirm_deletions(app, &calls)?;
    if journal.is_none() {
        app.progress
            .note("There is no journal: if this is interrupted, it cannot be continued. See --journal.");
    }
    let mut report = report::Report::new(&calls);
    let left = calls.iter().filter(|call| !is_over(&call.state)).count();
    let bars = bars::Bars::new(app, left);
    if let Some(timeout) = app.globals.timeout {
        batch.timeout(timeout);
    }
    let shown = bars.clone();
    batch.cancel_with(app.interrupt.token()).on_progress(move |key, progress| shown.show(key, progress));
    for finished in batch.run()? {
        let id = bars.finish(&finished.key);
        report.add(&finished.key, id, finished.result.map(batches::output));
    }
    bars.clear();
    // How the batch has ended is more urgent than that it could not be printed.
    let printed = report.print(app);
    match report.exit(app.interrupt.token().is_cancelled()) {
        Exit::Done => printed,
        exit => {
            if let Err(error) = printed {
                app.progress.warn(&error.to_string());
            }
            Err(not_done(exit, &report.summary(), journal))
        }
    }
}

/// Prints the states of the calls in a journal. Sends nothing.
pub(crate) fn status(app: &App, path: &Path) -> Result {
    let batch = batches::of_journal(app, &continued::services(path)?, path, None)?;
    let rows = batches::calls(&batch).into_iter().map(|call| {
        let (status, request_id, error) = match call.state {
            CallState::Todo => ("to do", None, None),
            CallState::Submitted { request_id } => ("submitted", Some(request_id), None),
            CallState::Done { request_id } => ("done", request_id, None),
            CallState::Failed { error } => ("failed", None, Some(error)),
            CallState::Unknown => ("unknown", None, None),
            // A state of a later version of the library.
            _ => ("other", None, None),
        };
        json!({"key": call.key, "status": status, "request_id": request_id, "error": error})
    });
    app.out.value(&Value::Array(rows.collect()))
}

fn is_over(state: &CallState) -> bool {
    matches!(state, CallState::Done { .. } | CallState::Failed { .. } | CallState::Unknown)
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
fn not_done(exit: Exit, summary: &str, journal: Option<&Path>) -> Failure {
    let failure = Failure::new(exit, format!("the plan was not carried out completely: {summary}"));
    let Some(journal) = journal else {
        return failure.hint("There is no journal. Check what was done before you carry the plan out again.");
    };
    let journal = shell_word(&journal.to_string_lossy());
    let how = format!("controlplane resume {journal}");
    failure.hint(match exit {
        Exit::OutcomeUnknown => format!(
            "Check whether the steps with an unknown outcome took effect, then continue with `{how} --again KEY` to send \
             one again, or `--settled KEY` to take it as done."
        ),
        Exit::StillRunning | Exit::Interrupted => format!("Continue with `{how}`. What was sent is not sent again."),
        _ => format!(
            "Correct the cause, then continue with `{how}`, and add `--again KEY` for each step that failed after it was \
             accepted. Steps that are done are not sent again."
        ),
    })
}
