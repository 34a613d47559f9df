//! Runs, their attempts, jobs and steps, and waits for them.

mod and_wait;
mod attempts;
mod commands;
mod ends;
mod jobs;
mod model;
mod states;
mod steps;
mod waits;

pub use and_wait::AndWait;
pub use attempts::{GetRunAttempt, ListRunAttempts};
pub use commands::{CancelRun, DeleteRun, GetRun, ListRuns, RetryRun};
pub use ends::{Ends, RunFailure};
pub use jobs::{GetJob, ListJobs};
pub use model::{Job, JobsPage, Run, RunAttempt, RunAttemptsPage, RunsPage, Step, StepsPage};
pub use states::{
    JobFailureReason, JobState, JobType, RetryMode, RunAttemptFailureReason, RunAttemptState,
    RunFailureReason, RunState, RunTrigger, StepFailureReason, StepState, StepType,
};
pub use steps::{GetStep, GetStepLogs, ListSteps, StreamStepLogs};
pub use waits::WaitFor;
