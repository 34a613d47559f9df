//! Runs, their attempts, jobs and steps, and waits for them.

mod attempts;
mod commands;
mod jobs;
mod model;
mod states;
mod steps;
mod waits;

pub use attempts::{GetRunAttempt, ListRunAttempts};
pub use commands::{CancelRun, DeleteRun, GetRun, ListRuns, RetryRun};
pub use jobs::{GetJob, ListJobs};
pub use model::{Job, JobsPage, Run, RunAttempt, RunAttemptsPage, RunsPage, Step, StepsPage};
pub use states::{
    JobFailureReason, JobState, JobType, RetryMode, RunAttemptFailureReason, RunAttemptState,
    RunFailureReason, RunState, RunTrigger, StepFailureReason, StepState, StepType,
};
pub use steps::{GetStep, GetStepLogs, ListSteps, StreamStepLogs};
pub use waits::{Ends, RunAndWait, WaitFor, failure_reason, is_cancelled};
