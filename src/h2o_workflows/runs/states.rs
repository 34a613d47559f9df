//! States of runs, attempts, jobs and steps, and reasons of their failures. Each enum keeps values that the
//! API may add; a missing value reads as unspecified.

use crate::open_enum::impl_open_enum;

/// The state of a run: that of its latest attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_PENDING`: scheduled, without an attempt yet
    Pending,
    /// `STATE_QUEUED`: waiting to start; concurrency control may keep a run in this state for long
    Queued,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`: also for a run that was cancelled or timed out, see [`RunFailureReason`]
    Failed,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RunState, "run state", {
    Unspecified => "STATE_UNSPECIFIED",
    Pending => "STATE_PENDING",
    Queued => "STATE_QUEUED",
    Running => "STATE_RUNNING",
    Succeeded => "STATE_SUCCEEDED",
    Failed => "STATE_FAILED",
});

/// The state of an attempt of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunAttemptState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_QUEUED`
    Queued,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`: also for an attempt that was cancelled or timed out
    Failed,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RunAttemptState, "attempt state", {
    Unspecified => "STATE_UNSPECIFIED",
    Queued => "STATE_QUEUED",
    Running => "STATE_RUNNING",
    Succeeded => "STATE_SUCCEEDED",
    Failed => "STATE_FAILED",
});

/// The state of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_PENDING`
    Pending,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`
    Failed,
    /// `STATE_SKIPPED`: a dependency failed, the job was cancelled before it began, or a retry left it out
    Skipped,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(JobState, "job state", {
    Unspecified => "STATE_UNSPECIFIED",
    Pending => "STATE_PENDING",
    Running => "STATE_RUNNING",
    Succeeded => "STATE_SUCCEEDED",
    Failed => "STATE_FAILED",
    Skipped => "STATE_SKIPPED",
});

/// The state of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_PENDING`
    Pending,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`
    Failed,
    /// `STATE_SKIPPED`: a dependency failed, the step was cancelled before it began, or a retry left it out
    Skipped,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(StepState, "step state", {
    Unspecified => "STATE_UNSPECIFIED",
    Pending => "STATE_PENDING",
    Running => "STATE_RUNNING",
    Succeeded => "STATE_SUCCEEDED",
    Failed => "STATE_FAILED",
    Skipped => "STATE_SKIPPED",
});

/// The reason of a run's failure. It applies to the state [`RunState::Failed`] only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunFailureReason {
    /// `RUN_FAILURE_REASON_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `RUN_FAILURE_REASON_JOB_FAILED`
    JobFailed,
    /// `RUN_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `RUN_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by `cancel_on_failure` of another
    /// job, or by another policy
    Canceled,
    /// `RUN_FAILURE_REASON_INTERNAL`: the service failed; it could not create the sandbox in which jobs run,
    /// for example
    Internal,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RunFailureReason, "run failure reason", {
    Unspecified => "RUN_FAILURE_REASON_UNSPECIFIED",
    JobFailed => "RUN_FAILURE_REASON_JOB_FAILED",
    Timeout => "RUN_FAILURE_REASON_TIMEOUT",
    Canceled => "RUN_FAILURE_REASON_CANCELED",
    Internal => "RUN_FAILURE_REASON_INTERNAL",
});

/// The reason of an attempt's failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunAttemptFailureReason {
    /// `RUN_ATTEMPT_FAILURE_REASON_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `RUN_ATTEMPT_FAILURE_REASON_JOB_FAILED`
    JobFailed,
    /// `RUN_ATTEMPT_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `RUN_ATTEMPT_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by `cancel_on_failure` of
    /// another job, or by another policy
    Canceled,
    /// `RUN_ATTEMPT_FAILURE_REASON_INTERNAL`: the service failed; it could not create the sandbox in which
    /// jobs run, for example
    Internal,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RunAttemptFailureReason, "attempt failure reason", {
    Unspecified => "RUN_ATTEMPT_FAILURE_REASON_UNSPECIFIED",
    JobFailed => "RUN_ATTEMPT_FAILURE_REASON_JOB_FAILED",
    Timeout => "RUN_ATTEMPT_FAILURE_REASON_TIMEOUT",
    Canceled => "RUN_ATTEMPT_FAILURE_REASON_CANCELED",
    Internal => "RUN_ATTEMPT_FAILURE_REASON_INTERNAL",
});

/// The reason of a job's failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobFailureReason {
    /// `JOB_FAILURE_REASON_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `JOB_FAILURE_REASON_STEP_FAILED`
    StepFailed,
    /// `JOB_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `JOB_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by `cancel_on_failure` of another
    /// job, or by another policy
    Canceled,
    /// `JOB_FAILURE_REASON_INTERNAL`: the service failed; it could not create the sandbox in which jobs run,
    /// for example
    Internal,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(JobFailureReason, "job failure reason", {
    Unspecified => "JOB_FAILURE_REASON_UNSPECIFIED",
    StepFailed => "JOB_FAILURE_REASON_STEP_FAILED",
    Timeout => "JOB_FAILURE_REASON_TIMEOUT",
    Canceled => "JOB_FAILURE_REASON_CANCELED",
    Internal => "JOB_FAILURE_REASON_INTERNAL",
});

/// The reason of a step's failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepFailureReason {
    /// `STEP_FAILURE_REASON_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STEP_FAILURE_REASON_EXECUTION`: its exit code is not 0, or its script could not be run
    Execution,
    /// `STEP_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `STEP_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by `cancel_on_failure` of another
    /// job, or by another policy
    Canceled,
    /// `STEP_FAILURE_REASON_INTERNAL`: the service failed; it could not create the sandbox in which jobs run,
    /// for example
    Internal,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(StepFailureReason, "step failure reason", {
    Unspecified => "STEP_FAILURE_REASON_UNSPECIFIED",
    Execution => "STEP_FAILURE_REASON_EXECUTION",
    Timeout => "STEP_FAILURE_REASON_TIMEOUT",
    Canceled => "STEP_FAILURE_REASON_CANCELED",
    Internal => "STEP_FAILURE_REASON_INTERNAL",
});

/// What started a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunTrigger {
    /// `TRIGGER_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `TRIGGER_MANUAL`
    Manual,
    /// `TRIGGER_SCHEDULE`
    Schedule,
    /// `TRIGGER_WORKFLOW_CALL`: by a job of another run
    WorkflowCall,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RunTrigger, "run trigger", {
    Unspecified => "TRIGGER_UNSPECIFIED",
    Manual => "TRIGGER_MANUAL",
    Schedule => "TRIGGER_SCHEDULE",
    WorkflowCall => "TRIGGER_WORKFLOW_CALL",
});

/// The type of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// `TYPE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `TYPE_STEPS`
    Steps,
    /// `TYPE_WORKFLOW_CALL`: it runs another workflow
    WorkflowCall,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(JobType, "job type", {
    Unspecified => "TYPE_UNSPECIFIED",
    Steps => "TYPE_STEPS",
    WorkflowCall => "TYPE_WORKFLOW_CALL",
});

/// The type of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepType {
    /// `TYPE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `TYPE_RUN`
    Run,
    /// `TYPE_UPLOAD`
    Upload,
    /// `TYPE_DOWNLOAD`
    Download,
    /// `TYPE_ACTION`: it calls a composite action; the vendor's client (h2o-workflows 1.1.2) cannot read it
    Action,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(StepType, "step type", {
    Unspecified => "TYPE_UNSPECIFIED",
    Run => "TYPE_RUN",
    Upload => "TYPE_UPLOAD",
    Download => "TYPE_DOWNLOAD",
    Action => "TYPE_ACTION",
});

/// The jobs that a retry runs again. `Unspecified` acts as `FailedJobs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// `RETRY_MODE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `RETRY_MODE_ALL_JOBS`
    AllJobs,
    /// `RETRY_MODE_FAILED_JOBS`: those that failed, or were skipped because another failed
    FailedJobs,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(RetryMode, "retry mode", {
    Unspecified => "RETRY_MODE_UNSPECIFIED",
    AllJobs => "RETRY_MODE_ALL_JOBS",
    FailedJobs => "RETRY_MODE_FAILED_JOBS",
});

impl RunState {
    /// True if the run has ended: the state is `STATE_SUCCEEDED` or `STATE_FAILED`. A state that
    /// this crate does not know counts as not ended.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl RunAttemptState {
    /// True if the attempt has ended: the state is `STATE_SUCCEEDED` or `STATE_FAILED`. A state that
    /// this crate does not know counts as not ended.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl JobState {
    /// True if the job has ended: the state is `STATE_SUCCEEDED`, `STATE_FAILED` or `STATE_SKIPPED`. A state
    /// that this crate does not know counts as not ended.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}

impl StepState {
    /// True if the step has ended: the state is `STATE_SUCCEEDED`, `STATE_FAILED` or `STATE_SKIPPED`. A state
    /// that this crate does not know counts as not ended.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}
