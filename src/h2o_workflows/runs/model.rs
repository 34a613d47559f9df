//! What runs, their attempts, jobs and steps are, as the API tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::inputs::InputValues;
use crate::timestamp::Timestamp;
use crate::wire::or_default;

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
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub state: RunState,
    /// Why it failed.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: RunFailureReason,
    /// What the service says about that.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// The job that called it, if the trigger is a workflow call.
    #[serde(default, deserialize_with = "or_default")]
    pub parent_job: Option<String>,
    /// What started it.
    #[serde(default, deserialize_with = "or_default")]
    pub trigger: RunTrigger,
    /// What it was given.
    #[serde(default, deserialize_with = "or_default")]
    pub inputs: InputValues,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// Who made it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was to begin, if it was scheduled.
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
    /// True if it was cancelled. There is no state for that: such a run has failed, with a reason of its own.
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
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub state: RunAttemptState,
    /// Why it failed.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: RunAttemptFailureReason,
    /// What the service says about that.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Who asked for it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was made.
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
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub state: JobState,
    /// Why it failed.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: JobFailureReason,
    /// What the service says about that.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Its key in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub job_id: String,
    /// Its name in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: Option<String>,
    /// Which instance of a matrix it is.
    #[serde(default, deserialize_with = "or_default")]
    pub matrix_values: BTreeMap<String, String>,
    /// What it is made of.
    #[serde(default, deserialize_with = "or_default")]
    #[serde(rename = "type")]
    pub job_type: JobType,
    /// The run that it called.
    #[serde(default, deserialize_with = "or_default")]
    pub child_run: Option<String>,
    /// What it runs on.
    #[serde(default, deserialize_with = "or_default")]
    pub runner: Option<String>,
    /// Ids of the jobs that must have ended well before.
    #[serde(default, deserialize_with = "or_default")]
    pub depends_on: Vec<String>,
    /// What it gave.
    #[serde(default, deserialize_with = "or_default")]
    pub outputs: BTreeMap<String, String>,
    /// When it was made.
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
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub state: StepState,
    /// Why it failed.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_reason: StepFailureReason,
    /// What the service says about that.
    #[serde(default, deserialize_with = "or_default")]
    pub failure_message: String,
    /// Its name in the YAML, or what it does.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: Option<String>,
    /// What it does.
    #[serde(default, deserialize_with = "or_default")]
    #[serde(rename = "type")]
    pub step_type: StepType,
    /// When it began.
    #[serde(default, deserialize_with = "or_default")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "or_default")]
    pub end_time: Option<Timestamp>,
    /// Of a script that ran.
    #[serde(default, deserialize_with = "or_default")]
    pub exit_code: Option<i64>,
    /// Whether the job goes on if it fails.
    #[serde(default, deserialize_with = "or_default")]
    pub continue_on_error: bool,
    /// Its id in the YAML; empty if it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub ref_id: String,
    /// What it gave; secrets are masked.
    #[serde(default, deserialize_with = "or_default")]
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
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub runs: Vec<Run>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunAttemptsPage {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub run_attempts: Vec<RunAttempt>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct JobsPage {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub jobs: Vec<Job>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct StepsPage {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub steps: Vec<Step>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}
