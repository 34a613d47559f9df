//! Carries out a plan of Onehouse and EloqCloud: many commands, those of each service under its rate limit, in the
//! order that they need, with progress bars, and a journal from which it continues after an interruption.
//!
//! ```text
//! cargo run --example provision -- [PLAN] [--dry-run] [--journal FILE] [--stop-on-failure]
//! cargo run --example provision -- --resume FILE [--again KEY]… [--settled KEY]…
//! ```
//!
//! A plan is a JSON list, whose commands name their service:
//! `[{"key": "lake", "command": {"onehouse": {"create_lake": {…}}}, "after": ["cluster"]}, …]`; without one it
//! is `examples/provision.json`. It is checked as a whole before anything is sent: every fault is printed with
//! its file, line and column. An editor checks it too, with `schemas/plan.schema.json`. A cluster of EloqCloud
//! that is created or deleted is waited for. A service without credentials in the environment is an emulator
//! inside this program, which forgets everything when the program ends; to try `--resume`, start
//! `controlplane-emulator onehouse` and `controlplane-emulator eloq`, and set what they print. With credentials
//! of a real account it does what the plan says, which may cost money.
//!
//! The exit code is 0 if everything succeeded, 1 if something failed, and 2 if it could not begin.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use controlplane::client::CallState;
use controlplane::plan::{self, Fault};
use controlplane::{AnyOutput, Batch, Error, ErrorKind, PlanCommand, Progress, eloq, onehouse};
use controlplane_emulator::{Pending, eloq as eloq_emulator, onehouse as onehouse_emulator};
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
        let batch = planned(&Clients::offline(), &arguments)?;
        let mut out = std::io::stdout().lock();
        for call in batch.order()? {
            let after: Vec<&str> = call.after().collect();
            let after =
                if after.is_empty() { String::new() } else { format!(" (after {})", after.join(", ")) };
            writeln!(out, "-- {}: {}{after}", call.service(), call.key())?;
            if let Some(sql) = call.sql() {
                writeln!(out, "{sql}\n")?;
            } else if let Some(request) = call.to_request() {
                let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
                writeln!(out, "{} {} {body}\n", request.method.as_str(), request.path)?;
            }
        }
        writeln!(out, "{} calls; nothing was sent.", batch.len())?;
        return Ok(true);
    }

    let (clients, _emulators) = Clients::of_the_environment()?;
    let mut batch = match &arguments.resume {
        Some(journal) => Batch::from_journal(journal, [(&clients.onehouse).into(), (&clients.eloq).into()])?,
        None => {
            let mut batch = planned(&clients, &arguments)?;
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

/// A client for each service of a plan.
struct Clients {
    onehouse: onehouse::Client,
    eloq: eloq::Client,
}

/// Kept until the end: an emulator stops when it is dropped.
#[derive(Default)]
struct Emulators {
    _onehouse: Option<onehouse_emulator::Emulator>,
    _eloq: Option<eloq_emulator::Emulator>,
}

impl Clients {
    /// They have no credentials, and send nothing.
    fn offline() -> Self {
        Self { onehouse: onehouse::Client::offline(), eloq: eloq::Client::offline() }
    }

    /// Those with credentials in the environment, and emulators for the others.
    fn of_the_environment() -> Result<(Self, Emulators), Anything> {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let pending = || Pending::between(Duration::from_millis(200)..=Duration::from_millis(1500));
        let mut emulators = Emulators::default();
        let onehouse = if ["ONEHOUSE_API_KEY", "ONEHOUSE_PROFILE"].iter().any(is_set) {
            onehouse::Client::builder().timeout(Duration::from_secs(30 * 60)).build()?
        } else {
            let emulator =
                onehouse_emulator::Emulator::builder().pending(pending()).rate_limit(Some(10)).start()?;
            println!("No credentials of Onehouse are set: this is an emulator at {}.", emulator.url());
            let client = onehouse::Client::builder().credentials(emulator.credentials());
            emulators._onehouse = Some(emulator);
            client.poll_interval(Duration::from_millis(200)).build()?
        };
        let eloq = if is_set(&"ELOQ_API_KEY") {
            eloq::Client::from_env()?
        } else {
            let emulator = eloq_emulator::Emulator::builder().pending(pending()).start()?;
            println!("No credentials of EloqCloud are set: this is an emulator at {}.", emulator.url());
            let (key, url) = (emulator.api_key(), emulator.url());
            let credentials = eloq::Credentials::builder().api_key(key).base_url(url).build()?;
            emulators._eloq = Some(emulator);
            eloq::Client::builder()
                .credentials(credentials)
                .poll_interval(Duration::from_millis(200))
                .build()?
        };
        Ok((Self { onehouse, eloq }, emulators))
    }

    /// What is wrong with a command that only the service's own client can say: a name with a character that no name
    /// has, for example.
    fn problem(&self, command: &PlanCommand) -> Option<String> {
        let error = match command {
            PlanCommand::Onehouse(command) => self.onehouse.call(command.clone()).to_sql().err(),
            PlanCommand::Eloq(command) => self.eloq.call(command.clone()).to_request().err(),
            _ => return Some("this program has no client of the service".to_owned()),
        };
        error.map(|error| error.to_string())
    }
}

/// The plan as a batch.
fn planned(clients: &Clients, arguments: &Arguments) -> Result<Batch, Anything> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/provision.json");
    let path = arguments.plan.clone().unwrap_or_else(|| default.into());
    let text = std::fs::read_to_string(&path).map_err(|e| format!("reading {}: {e}", path.display()))?;
    let steps = plan::read::<PlanCommand>(&text).map_err(|faults| refused(&path, &faults))?;
    let problem =
        |step: &plan::Step<PlanCommand>| Some(Fault::new(step.place, clients.problem(&step.command)?));
    let faults: Vec<Fault> = steps.iter().filter_map(problem).collect();
    if !faults.is_empty() {
        return Err(refused(&path, &faults).into());
    }
    let (onehouse, eloq) = (&clients.onehouse, &clients.eloq);
    let mut batch = Batch::new();
    for step in steps {
        let mut added = match step.command {
            PlanCommand::Onehouse(command) => batch.add(step.key, onehouse.call(command)),
            PlanCommand::Eloq(eloq::AnyCommand::CreateCluster(create)) => {
                batch.add(step.key, eloq.call(create).and_wait())
            }
            PlanCommand::Eloq(eloq::AnyCommand::DeleteCluster(delete)) => {
                batch.add(step.key, eloq.call(delete).and_wait())
            }
            PlanCommand::Eloq(command) => batch.add(step.key, eloq.call(command)),
            _ => continue, // refused above
        };
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
fn provision(mut batch: Batch, journal: Option<&Path>) -> Result<bool, Anything> {
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

fn row(result: &Result<AnyOutput, Error>) -> String {
    match result {
        Ok(AnyOutput::Onehouse(done)) if done.is_partial() => "done in part".to_owned(),
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
