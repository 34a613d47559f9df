//! Carries out a plan: many commands under one rate limit, in the order that they need, with progress bars,
//! and a journal from which it continues after an interruption.
//!
//! ```text
//! cargo run --example provision -- [PLAN] [--dry-run] [--journal FILE] [--stop-on-failure]
//! cargo run --example provision -- --resume FILE [--again KEY]… [--settled KEY]…
//! ```
//!
//! A plan is a JSON list: `[{"key": "lake", "command": {"create_lake": {…}}, "after": ["cluster"]}, …]`;
//! without one it is `examples/provision.json`. It is checked as a whole before anything is sent: every fault
//! is printed with its file, line and column. An editor checks it too, with
//! `schemas/onehouse-plan.schema.json`. Without credentials in the environment it talks to an emulator inside
//! this program, which forgets everything when the program ends; to try `--resume`, start
//! `controlplane-emulator onehouse` and set what it prints. With credentials of a real account it does what
//! the plan says, which may cost money.
//!
//! The exit code is 0 if everything succeeded, 1 if something failed, and 2 if it could not begin.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use controlplane::onehouse::{AnyCommand, Batch, Blocking, CallState, Client, StatusResponse};
use controlplane::plan::{self, Fault};
use controlplane::{Error, ErrorKind, Progress};
use controlplane_emulator::onehouse::{Emulator, Pending};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

type Anything = Box<dyn std::error::Error>;

#[derive(Default)]
struct Arguments {
    plan: Option<PathBuf>,
    dry_run: bool,
    stop_on_failure: bool,
    journal: Option<PathBuf>,
    resume: Option<PathBuf>,
    again: Vec<String>,
    settled: Vec<String>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("provision: {error}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::{Long, Value, ValueExt};
    let mut arguments = Arguments::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("dry-run") => arguments.dry_run = true,
            Long("stop-on-failure") => arguments.stop_on_failure = true,
            Long("journal") => arguments.journal = Some(parser.value()?.into()),
            Long("resume") => arguments.resume = Some(parser.value()?.into()),
            Long("again") => arguments.again.push(parser.value()?.string()?),
            Long("settled") => arguments.settled.push(parser.value()?.string()?),
            Value(plan) if arguments.plan.is_none() => arguments.plan = Some(plan.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(arguments)
}

/// Returns true if everything succeeded.
fn run() -> Result<bool, Anything> {
    let arguments = arguments()?;
    if arguments.dry_run {
        let client = Client::offline();
        let batch = planned(&client, &arguments)?;
        let mut out = std::io::stdout().lock();
        for call in batch.order()? {
            let after: Vec<&str> = call.after().collect();
            let after =
                if after.is_empty() { String::new() } else { format!(" (after {})", after.join(", ")) };
            writeln!(out, "-- {}{after}\n{}\n", call.key(), call.sql())?;
        }
        writeln!(out, "{} statements; nothing was sent.", batch.len())?;
        return Ok(true);
    }

    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_real = ["ONEHOUSE_API_KEY", "ONEHOUSE_PROFILE"].iter().any(is_set);
    // Kept until the end: an emulator stops when it is dropped.
    let emulator;
    let client = if is_real {
        Client::builder().timeout(Duration::from_secs(30 * 60)).build()?
    } else {
        let pending = Pending::between(Duration::from_millis(200)..=Duration::from_millis(1500));
        emulator = Emulator::builder().pending(pending).rate_limit(Some(10)).start()?;
        println!("No credentials are set: this is an emulator at {}.", emulator.url());
        Client::builder()
            .credentials(emulator.credentials())
            .poll_interval(Duration::from_millis(200))
            .build()?
    };

    let mut batch = match &arguments.resume {
        Some(journal) => client.batch_from(journal)?,
        None => {
            let mut batch = planned(&client, &arguments)?;
            batch.stop_on_failure(arguments.stop_on_failure);
            if let Some(journal) = &arguments.journal {
                batch.journal(journal);
            }
            batch
        }
    };
    for key in &arguments.again {
        batch.again(key);
    }
    for key in &arguments.settled {
        batch.settled(key);
    }
    provision(batch, arguments.journal.as_deref().or(arguments.resume.as_deref()))
}

/// The plan as a batch.
fn planned<M>(
    client: &controlplane::onehouse::client::Client<M>,
    arguments: &Arguments,
) -> Result<Batch<M>, Anything> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/provision.json");
    let path = arguments.plan.clone().unwrap_or_else(|| default.into());
    let text = std::fs::read_to_string(&path).map_err(|e| format!("reading {}: {e}", path.display()))?;
    let steps = plan::read::<AnyCommand>(&text).map_err(|faults| refused(&path, &faults))?;
    // What only a statement can say: a name with a character that no name has, for example.
    let statement = |step: &plan::Step<AnyCommand>| {
        let error = client.call(step.command.clone()).to_sql().err()?;
        Some(Fault::new(step.place, error.to_string()))
    };
    let faults: Vec<Fault> = steps.iter().filter_map(statement).collect();
    if !faults.is_empty() {
        return Err(refused(&path, &faults).into());
    }
    let mut batch = client.batch();
    for step in steps {
        let mut added = batch.add(step.key, client.call(step.command));
        for key in step.after {
            added = added.after(key);
        }
    }
    Ok(batch)
}

/// The faults of a plan, one a line.
fn refused(path: &Path, faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("{}:{fault}", path.display())).collect();
    format!("the plan cannot be used; nothing was sent.\n{}", lines.join("\n"))
}

/// Runs the batch with its bars, and prints the results.
fn provision(mut batch: Batch<Blocking>, journal: Option<&Path>) -> Result<bool, Anything> {
    let order: Vec<String> = batch.calls().map(|call| call.key().to_owned()).collect();
    let mut rows: HashMap<String, String> = HashMap::new();
    let mut is_good = true;
    for call in batch.calls() {
        let earlier = match call.state() {
            CallState::Done { .. } => "done earlier".to_owned(),
            CallState::Failed { error } => {
                is_good = false;
                format!("failed earlier: {}", first_line(&error))
            }
            _ => continue,
        };
        rows.insert(call.key().to_owned(), earlier);
    }

    let bars = Arc::new(Bars::new(order.len() - rows.len()));
    let seen = bars.clone();
    batch.on_progress(move |key, progress| seen.show(key, progress));
    let started = Instant::now();
    let results = batch.run()?;
    if let Some(journal) = journal {
        eprintln!("If this is interrupted: --resume {}", journal.display());
    }
    for finished in results {
        bars.finish(&finished.key);
        is_good &= finished.result.is_ok();
        rows.insert(finished.key, row(&finished.result));
    }
    bars.clear();

    let width = order.iter().map(|key| key.chars().count()).max().unwrap_or_default();
    for key in &order {
        println!("{key:width$}  {}", rows.get(key).map_or("", String::as_str));
    }
    println!(
        "\n{} after {:.1} s.",
        if is_good { "All done" } else { "Something failed" },
        started.elapsed().as_secs_f64()
    );
    Ok(is_good)
}

fn row(result: &Result<StatusResponse, Error>) -> String {
    match result {
        Ok(done) if done.is_partial() => "done in part".to_owned(),
        Ok(_) => "done".to_owned(),
        Err(error) => {
            let what = match error.kind() {
                ErrorKind::Skipped => "skipped",
                ErrorKind::OutcomeUnknown => "UNKNOWN",
                _ if error.is_resumable() => "still running",
                _ => "FAILED",
            };
            format!("{what}: {}", first_line(&error.to_string()))
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A bar for the whole, and a line for each call that is running.
struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    running: Mutex<HashMap<String, ProgressBar>>,
}

impl Bars {
    fn new(calls: usize) -> Self {
        let all = MultiProgress::new();
        let total = all.add(ProgressBar::new(calls as u64));
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} done, {elapsed} {msg}") {
            total.set_style(style);
        }
        total.enable_steady_tick(Duration::from_millis(200));
        Self { all, total, running: Mutex::default() }
    }

    fn show(&self, key: &str, progress: &Progress) {
        let mut running = self.running.lock().unwrap_or_else(|e| e.into_inner());
        let bar = running.entry(key.to_owned()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix}: {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(key.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        bar.set_message(progress.to_string());
    }

    fn finish(&self, key: &str) {
        if let Some(bar) = self.running.lock().unwrap_or_else(|e| e.into_inner()).remove(key) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        self.total.inc(1);
    }

    fn clear(&self) {
        self.total.finish_and_clear();
    }
}
