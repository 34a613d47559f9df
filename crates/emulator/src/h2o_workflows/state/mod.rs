//! What the service keeps, and what becomes of it.

mod actions;
mod check;
mod context;
mod execution;
mod listed;
mod logs;
mod run;
mod runners;
mod runs;
mod values;
mod work;
mod workflows;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::calendar::Calendar;
use crate::document::words::count;
use crate::moment::Moment;
use crate::seeded::mix;
use crate::time::{End, Pending};

use super::refusal::{Code, Refusal};
use super::script::Workers;
use super::source::{Problem, is_valid};

use actions::Action;
pub(super) use logs::Stream;
use run::Run;
use runners::Runner;
pub(super) use runners::RunnerFields;
pub(super) use runs::RetryMode;
use workflows::Workflow;

/// Sets ids apart from other numbers of the same seed.
const IDS: u64 = 0x6964_735f_6832_6f00;
/// The most of each kind that is kept: memory is bounded.
const MAX_KEPT: usize = 10_000;
/// Who does everything.
const CREATOR: &str = "users/emulator";
/// Who starts what a schedule starts.
const SCHEDULER: &str = "users/scheduler";

/// How the emulator goes about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) pending: Pending,
    pub(super) any_drafts: bool,
    /// Whether steps run in a real shell.
    pub(super) run_steps: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { pending: Pending::polls(1), any_drafts: false, run_steps: false }
    }
}

/// The emulator's world.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(skip)]
    pub(super) rules: Rules,
    /// Of ids and drawn durations.
    seed: u64,
    calendar: Calendar,
    /// How much was made, of whatever kind.
    #[serde(deserialize_with = "count")]
    made: u64,
    /// How much was begun that takes its time.
    #[serde(deserialize_with = "count")]
    begun: u64,
    workflows: Vec<Workflow>,
    runs: Vec<Run>,
    runners: Vec<Runner>,
    actions: Vec<Action>,
    /// Steps that fail the next time: job, position, exit code.
    failing: Vec<(String, usize, i32)>,
    /// Those of all spaces.
    #[serde(skip)]
    pub(super) workers: Workers,
}

impl State {
    pub(super) fn new(rules: Rules, seed: u64, now: Moment) -> Self {
        Self {
            rules,
            seed,
            calendar: Calendar::new(now),
            made: 0,
            begun: 0,
            workflows: Vec::new(),
            runs: Vec::new(),
            runners: Vec::new(),
            actions: Vec::new(),
            failing: Vec::new(),
            workers: Workers::default(),
        }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The next time that a step of this job begins that has this position, it fails with this exit code. No
    /// step fails with 0, which counts as 1.
    pub(super) fn fail_next(&mut self, job_id: &str, position: usize, exit_code: i32) {
        let exit_code = if exit_code == 0 { 1 } else { exit_code };
        self.failing.push((job_id.to_owned(), position, exit_code));
    }

    /// The number of something new.
    fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An id that follows from the seed and the number.
    fn id(&self, number: u64) -> String {
        format!("{:012x}", mix(self.seed ^ IDS ^ mix(number)) >> 16)
    }

    /// The end of something that begins now.
    fn end(&mut self, now: Moment) -> End {
        self.begun += 1;
        self.rules.pending.end(now, self.seed, self.begun)
    }

    fn time(&self, at: Option<Moment>) -> Value {
        at.map_or(Value::Null, |at| json!(self.calendar.show(at)))
    }
}

/// That there is room for one more.
fn room<T>(kept: &[T], what: &str) -> Result<(), Refusal> {
    if kept.len() < MAX_KEPT {
        Ok(())
    } else {
        Err(Refusal::new(
            Code::ResourceExhausted,
            format!("there are already {MAX_KEPT} {what}, the limit of the emulator"),
        ))
    }
}

/// Refuses a source with problems, and names the first one.
fn usable(problems: &[Problem]) -> Result<(), Refusal> {
    match problems.iter().find(|one| !is_valid(std::slice::from_ref(*one))) {
        None => Ok(()),
        Some(Problem { place, path, message, .. }) => {
            let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
            Err(Refusal::argument(format!("line {}: {path}{message}", place.line)))
        }
    }
}

/// The answer to a question about a source.
pub(super) fn validation(problems: &[Problem]) -> Value {
    let errors: Vec<Value> = problems.iter().map(Problem::to_json).collect();
    json!({ "isValid": is_valid(problems), "validationErrors": errors })
}
