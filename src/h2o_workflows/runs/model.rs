//! Models of runs, their attempts, jobs and steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::inputs::InputValues;
use crate::h2o_workflows::wire::{or_default, texts};
use crate::timestamp::Timestamp;

use super::states::{
    JobFailureReason, JobState, JobType, RunAttemptFailureReason, RunAttemptState, RunFailureReason,
    RunState, RunTrigger, StepFailureReason, StepState, StepType,
};

/// A run of a revision of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// `…/revisions/{revision}/runs/{run}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its state.
    #[serde(default, deserialize_with = "or_default")]
    pub state: RunState,
    /// The reason of its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: RunFailureReason,
    /// What the service says about its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// The job of another run that called this run, if the trigger is a workflow call.
    #[serde(default, deserialize_with = "or_default")]
    pub parent_job: Option<String>,
    /// What started it.
    #[serde(default, deserialize_with = "or_default")]
    pub trigger: RunTrigger,
    /// Its inputs.
    #[serde(default, deserialize_with = "or_default")]
    pub inputs: InputValues,
    /// When it was created.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// Who created it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was scheduled to begin.
    #[serde(default, deserialize_with = "or_default")]
    pub scheduled_time: Option<Timestamp>,
    /// When its latest attempt began.
    #[serde(default, deserialize_with = "or_default")]
    pub start_time: Option<Timestamp>,
    /// When its latest attempt ended.
    #[serde(default, deserialize_with = "or_default")]
    pub end_time: Option<Timestamp>,
}

impl Run {
    /// True if the run was cancelled. The service has no state for cancelled runs: their state is
    /// [`RunState::Failed`], and their failure reason is [`RunFailureReason::Canceled`].
    pub fn is_cancelled(&self) -> bool {
        self.state == RunState::Failed && self.failure_reason == RunFailureReason::Canceled
    }
}

/// One attempt of a run: the first, or a retry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunAttempt {
    /// `…/runs/{run}/attempts/{attempt}`; the last part counts from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its state.
    #[serde(default, deserialize_with = "or_default")]
    pub state: RunAttemptState,
    /// The reason of its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: RunAttemptFailureReason,
    /// What the service says about its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Who started it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was created.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// When it began.
    #[serde(default, deserialize_with = "or_default")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "or_default")]
    pub end_time: Option<Timestamp>,
}

/// A job of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// `…/attempts/{attempt}/jobs/{job}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its state.
    #[serde(default, deserialize_with = "or_default")]
    pub state: JobState,
    /// The reason of its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: JobFailureReason,
    /// What the service says about its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Its key in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub job_id: String,
    /// Its name in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: Option<String>,
    /// The values of the matrix by their keys, if the job is an instance of a matrix job.
    #[serde(default, deserialize_with = "texts")]
    pub matrix_values: BTreeMap<String, String>,
    /// Whether it has steps or calls a workflow.
    #[serde(default, deserialize_with = "or_default")]
    #[serde(rename = "type")]
    pub job_type: JobType,
    /// The run that the job called, if it calls a workflow.
    #[serde(default, deserialize_with = "or_default")]
    pub child_run: Option<String>,
    /// The runner that it runs on.
    #[serde(default, deserialize_with = "or_default")]
    pub runner: Option<String>,
    /// The ids of the jobs that must succeed before it.
    #[serde(default, deserialize_with = "or_default")]
    pub depends_on: Vec<String>,
    /// Its outputs.
    #[serde(default, deserialize_with = "texts")]
    pub outputs: BTreeMap<String, String>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// When it began.
    #[serde(default, deserialize_with = "or_default")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "or_default")]
    pub end_time: Option<Timestamp>,
}

/// A step of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `…/jobs/{job}/steps/{step}`; the last part counts from 1.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its state.
    #[serde(default, deserialize_with = "or_default")]
    pub state: StepState,
    /// The reason of its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: StepFailureReason,
    /// What the service says about its failure.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Its name in the YAML, or a description.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: Option<String>,
    /// Its type.
    #[serde(default, deserialize_with = "or_default")]
    #[serde(rename = "type")]
    pub step_type: StepType,
    /// When it began.
    #[serde(default, deserialize_with = "or_default")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "or_default")]
    pub end_time: Option<Timestamp>,
    /// The exit code of its script, if it ran one.
    #[serde(default, deserialize_with = "or_default")]
    pub exit_code: Option<i64>,
    /// Whether the job continues if this step fails.
    #[serde(default, deserialize_with = "or_default")]
    pub continue_on_error: bool,
    /// Its id in the YAML; empty if it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub ref_id: String,
    /// Its outputs; secrets are masked.
    #[serde(default, deserialize_with = "texts")]
    pub outputs: BTreeMap<String, String>,
    /// The revision of the composite action that it calls.
    #[serde(default, deserialize_with = "or_default")]
    pub action_revision: String,
}

/// A page of runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunsPage {
    /// The runs on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub runs: Vec<Run>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunAttemptsPage {
    /// The attempts on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub run_attempts: Vec<RunAttempt>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct JobsPage {
    /// The jobs on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub jobs: Vec<Job>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct StepsPage {
    /// The steps on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub steps: Vec<Step>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}
