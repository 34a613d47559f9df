//! A run, with its attempts, their jobs, and the steps of those.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::document::words::{Word, one_of};
use crate::h2o_workflows::script::Process;
use crate::h2o_workflows::source::WorkflowSource;
use crate::moment::Moment;
use crate::time::End;

use super::values::Values;
use super::{CREATOR, SCHEDULER, State};

/// How far something is. Not everything has every phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Pending,
    Queued,
    Running,
    Succeeded,
    Failed,
    Skipped,
}

impl Phase {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Pending => "STATE_PENDING",
            Self::Queued => "STATE_QUEUED",
            Self::Running => "STATE_RUNNING",
            Self::Succeeded => "STATE_SUCCEEDED",
            Self::Failed => "STATE_FAILED",
            Self::Skipped => "STATE_SKIPPED",
        }
    }

    pub(super) fn is_end(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}

/// Why something failed: what follows on `…_FAILURE_REASON_`, and a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    #[serde(deserialize_with = "reason")]
    pub(super) reason: Word,
    pub(super) message: String,
}

fn reason<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    let known = ["CANCELED", "EXECUTION", "INTERNAL", "JOB_FAILED", "STEP_FAILED", "TIMEOUT"];
    one_of(from, &known)
}

fn trigger<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &["TRIGGER_MANUAL", "TRIGGER_SCHEDULE", "TRIGGER_WORKFLOW_CALL"])
}

fn creator<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &[CREATOR, SCHEDULER])
}

impl Failure {
    pub(super) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }

    pub(super) fn canceled() -> Self {
        Self::new("CANCELED", "canceled")
    }
}

/// Whether a step runs in a real shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shell {
    /// Its end and its log were known when it began.
    Unused,
    /// Its process runs.
    Awaited,
    /// Its process has ended.
    Ended,
}

/// What every part of a run has.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    pub(super) phase: Phase,
    pub(super) failure: Option<Failure>,
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
}

impl Progress {
    pub(super) fn new(phase: Phase) -> Self {
        Self { phase, failure: None, start: None, end: None }
    }

    pub(super) fn begin(&mut self, at: Moment) {
        self.phase = Phase::Running;
        self.start = Some(at);
    }

    pub(super) fn finish(&mut self, at: Moment, phase: Phase, failure: Option<Failure>) {
        self.phase = phase;
        self.failure = failure;
        self.end = Some(at);
    }

    fn show(&self, state: &State, prefix: &str) -> Value {
        let reason = self.failure.as_ref().map_or("UNSPECIFIED", |failure| failure.reason);
        json!({
            "state": self.phase.text(),
            "failureReason": format!("{prefix}_FAILURE_REASON_{reason}"),
            "failureMessage": self.failure.as_ref().map_or("", |failure| failure.message.as_str()),
            "startTime": state.time(self.start),
            "endTime": state.time(self.end),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    /// How many things were made before it.
    pub(super) number: u64,
    pub(super) workspace: String,
    pub(super) revision: String,
    pub(super) id: String,
    /// That of its revision. A document has the id of the workflow.
    #[serde(rename = "workflow", with = "by_workflow")]
    pub(super) source: Arc<WorkflowSource>,
    pub(super) values: Values,
    #[serde(deserialize_with = "trigger")]
    pub(super) trigger: Word,
    pub(super) parent_job: Option<String>,
    #[serde(deserialize_with = "creator")]
    pub(super) creator: Word,
    pub(super) created: Moment,
    pub(super) scheduled: Option<Moment>,
    /// The group of which one run at a time is running.
    pub(super) group: Option<String>,
    pub(super) attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    pub(super) progress: Progress,
    #[serde(deserialize_with = "creator")]
    pub(super) creator: Word,
    pub(super) created: Moment,
    /// The end of the queue.
    pub(super) queue: End,
    /// When it stops, if it was told to.
    pub(super) stopping: Option<End>,
    pub(super) jobs: Vec<Job>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    /// Its place in the source.
    pub(super) source: usize,
    /// The job's id, with the values of the matrix if it has one.
    pub(super) label: String,
    pub(super) matrix: Vec<(String, String)>,
    pub(super) progress: Progress,
    pub(super) created: Moment,
    /// Not selected for this attempt: it succeeded in an earlier one.
    pub(super) is_carried: bool,
    pub(super) runner: Option<String>,
    /// The number of the run that it called, and its name.
    pub(super) child: Option<(u64, String)>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) progress: Progress,
    /// When it ends, once it runs.
    pub(super) until: Option<End>,
    /// The looks that it takes, if it ends by looks.
    pub(super) looks: u32,
    /// How it will end.
    pub(super) exit_code: i32,
    pub(super) failure: Option<Failure>,
    pub(super) action_revision: String,
    pub(super) log: Vec<super::logs::Line>,
    /// How much of the log there is, if the step was stopped before its end.
    pub(super) printed: Option<usize>,
    pub(super) shell: Shell,
    /// What runs, while `shell` says that it does. A step that is restored has none, and fails.
    #[serde(skip)]
    pub(super) process: Option<Process>,
}

/// A source as the id of its workflow. What is read has nothing else until [`State::link`].
mod by_workflow {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::h2o_workflows::source::WorkflowSource;

    pub(super) fn serialize<Z: Serializer>(source: &Arc<WorkflowSource>, to: Z) -> Result<Z::Ok, Z::Error> {
        source.id.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<WorkflowSource>, D::Error> {
        let id = String::deserialize(from)?;
        Ok(Arc::new(WorkflowSource { id, ..WorkflowSource::default() }))
    }
}

impl Step {
    pub(super) fn new() -> Self {
        Self {
            progress: Progress::new(Phase::Pending),
            until: None,
            looks: 0,
            exit_code: 0,
            failure: None,
            action_revision: String::new(),
            log: Vec::new(),
            printed: None,
            shell: Shell::Unused,
            process: None,
        }
    }
}

impl Run {
    pub(super) fn name(&self) -> String {
        let Self { workspace, source, revision, id, .. } = self;
        format!("workspaces/{workspace}/workflows/{}/revisions/{revision}/runs/{id}", source.id)
    }

    pub(super) fn is_of(&self, workspace: &str, workflow: &str) -> bool {
        self.workspace == workspace && self.source.id == workflow
    }

    /// Every run has one.
    pub(super) fn latest(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    pub(super) fn phase(&self) -> Phase {
        self.latest().map_or(Phase::Pending, |attempt| attempt.progress.phase)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.phase().is_end()
    }
}

fn with(mut shown: Value, more: Value) -> Value {
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

impl State {
    pub(super) fn show_run(&self, run: &Run) -> Value {
        let progress = run.latest().map(|attempt| attempt.progress.show(self, "RUN"));
        with(
            json!({ "name": run.name() }),
            with(
                progress.unwrap_or_default(),
                json!({
                    "parentJob": run.parent_job,
                    "trigger": run.trigger,
                    "inputs": run.values.shown,
                    "createTime": self.time(Some(run.created)),
                    "creator": run.creator,
                    "scheduledTime": self.time(run.scheduled),
                }),
            ),
        )
    }

    pub(super) fn show_attempt(&self, run: &Run, attempt: usize) -> Value {
        let shown = &run.attempts[attempt];
        with(
            json!({ "name": format!("{}/attempts/{}", run.name(), attempt + 1) }),
            with(
                shown.progress.show(self, "RUN_ATTEMPT"),
                json!({ "creator": shown.creator, "createTime": self.time(Some(shown.created)) }),
            ),
        )
    }

    pub(super) fn show_job(&self, run: &Run, attempt: usize, job: usize) -> Value {
        let shown = &run.attempts[attempt].jobs[job];
        let source = &run.source.jobs[shown.source];
        let is_call = source.call.is_some();
        let matrix: serde_json::Map<String, Value> =
            shown.matrix.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        with(
            json!({ "name": format!("{}/attempts/{}/jobs/{}", run.name(), attempt + 1, shown.label) }),
            with(
                shown.progress.show(self, "JOB"),
                json!({
                    "jobId": source.id,
                    "displayName": source.name,
                    "matrixValues": matrix,
                    "type": if is_call { "TYPE_WORKFLOW_CALL" } else { "TYPE_STEPS" },
                    "childRun": shown.child.as_ref().map(|(_, name)| name),
                    "runner": shown.runner,
                    "dependsOn": source.depends_on,
                    "outputs": {},
                    "createTime": self.time(Some(shown.created)),
                }),
            ),
        )
    }

    pub(super) fn show_step(&self, run: &Run, attempt: usize, job: usize, step: usize) -> Value {
        let job = &run.attempts[attempt].jobs[job];
        let source = &run.source.jobs[job.source].steps[step];
        let shown = &job.steps[step];
        let is_run = source.work.type_name() == "TYPE_RUN";
        let has_code = is_run && matches!(shown.progress.phase, Phase::Succeeded | Phase::Failed);
        let name = format!("{}/attempts/{}/jobs/{}/steps/{}", run.name(), attempt + 1, job.label, step + 1);
        with(
            json!({ "name": name }),
            with(
                shown.progress.show(self, "STEP"),
                json!({
                    "displayName": source.name.clone().unwrap_or_else(|| source.work.display_name()),
                    "type": source.work.type_name(),
                    "exitCode": has_code.then_some(shown.exit_code),
                    "continueOnError": source.continue_on_error,
                    "refId": source.id,
                    "outputs": {},
                    "actionRevision": shown.action_revision,
                }),
            ),
        )
    }
}
