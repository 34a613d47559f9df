//! How runs, attempts, jobs and steps stand, and why they failed: each enum has room for values that the API may add. A
//! missing value reads as unspecified.

use crate::open_enum::impl_open_enum;

/// What a run is doing: what its latest attempt does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunState {
    /// `STATE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `STATE_PENDING`: scheduled, without an attempt yet
    Pending,
    /// `STATE_QUEUED`: may last long under concurrency control
    Queued,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`: or cancelled, or out of time: see [`RunFailureReason`]
    Failed,
    /// Any other.
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

/// What an attempt of a run is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunAttemptState {
    /// `STATE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `STATE_QUEUED`
    Queued,
    /// `STATE_RUNNING`
    Running,
    /// `STATE_SUCCEEDED`
    Succeeded,
    /// `STATE_FAILED`: or cancelled, or out of time
    Failed,
    /// Any other.
    Other(String),
}

impl_open_enum!(RunAttemptState, "attempt state", {
    Unspecified => "STATE_UNSPECIFIED",
    Queued => "STATE_QUEUED",
    Running => "STATE_RUNNING",
    Succeeded => "STATE_SUCCEEDED",
    Failed => "STATE_FAILED",
});

/// What a job is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// `STATE_UNSPECIFIED`: nothing was said.
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
    /// `STATE_SKIPPED`: what it depends on failed, it was cancelled before it began, or a retry left it out
    Skipped,
    /// Any other.
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

/// What a step is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepState {
    /// `STATE_UNSPECIFIED`: nothing was said.
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
    /// `STATE_SKIPPED`: what it depends on failed, it was cancelled before it began, or a retry left it out
    Skipped,
    /// Any other.
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

/// Why a run failed. Means something in the state [`RunState::Failed`] only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunFailureReason {
    /// `RUN_FAILURE_REASON_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `RUN_FAILURE_REASON_JOB_FAILED`
    JobFailed,
    /// `RUN_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `RUN_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by another job with `cancel_on_failure`, or other policy
    Canceled,
    /// `RUN_FAILURE_REASON_INTERNAL`: the service failed: the sandbox could not be made, for instance
    Internal,
    /// Any other.
    Other(String),
}

impl_open_enum!(RunFailureReason, "run failure reason", {
    Unspecified => "RUN_FAILURE_REASON_UNSPECIFIED",
    JobFailed => "RUN_FAILURE_REASON_JOB_FAILED",
    Timeout => "RUN_FAILURE_REASON_TIMEOUT",
    Canceled => "RUN_FAILURE_REASON_CANCELED",
    Internal => "RUN_FAILURE_REASON_INTERNAL",
});

/// Why an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunAttemptFailureReason {
    /// `RUN_ATTEMPT_FAILURE_REASON_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `RUN_ATTEMPT_FAILURE_REASON_JOB_FAILED`
    JobFailed,
    /// `RUN_ATTEMPT_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `RUN_ATTEMPT_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by another job with `cancel_on_failure`, or other policy
    Canceled,
    /// `RUN_ATTEMPT_FAILURE_REASON_INTERNAL`: the service failed: the sandbox could not be made, for instance
    Internal,
    /// Any other.
    Other(String),
}

impl_open_enum!(RunAttemptFailureReason, "attempt failure reason", {
    Unspecified => "RUN_ATTEMPT_FAILURE_REASON_UNSPECIFIED",
    JobFailed => "RUN_ATTEMPT_FAILURE_REASON_JOB_FAILED",
    Timeout => "RUN_ATTEMPT_FAILURE_REASON_TIMEOUT",
    Canceled => "RUN_ATTEMPT_FAILURE_REASON_CANCELED",
    Internal => "RUN_ATTEMPT_FAILURE_REASON_INTERNAL",
});

/// Why a job failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobFailureReason {
    /// `JOB_FAILURE_REASON_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `JOB_FAILURE_REASON_STEP_FAILED`
    StepFailed,
    /// `JOB_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `JOB_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by another job with `cancel_on_failure`, or other policy
    Canceled,
    /// `JOB_FAILURE_REASON_INTERNAL`: the service failed: the sandbox could not be made, for instance
    Internal,
    /// Any other.
    Other(String),
}

impl_open_enum!(JobFailureReason, "job failure reason", {
    Unspecified => "JOB_FAILURE_REASON_UNSPECIFIED",
    StepFailed => "JOB_FAILURE_REASON_STEP_FAILED",
    Timeout => "JOB_FAILURE_REASON_TIMEOUT",
    Canceled => "JOB_FAILURE_REASON_CANCELED",
    Internal => "JOB_FAILURE_REASON_INTERNAL",
});

/// Why a step failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepFailureReason {
    /// `STEP_FAILURE_REASON_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `STEP_FAILURE_REASON_EXECUTION`: its exit code is not 0, or its script cannot be run
    Execution,
    /// `STEP_FAILURE_REASON_TIMEOUT`
    Timeout,
    /// `STEP_FAILURE_REASON_CANCELED`: by a person, by concurrency control, by another job with `cancel_on_failure`, or other policy
    Canceled,
    /// `STEP_FAILURE_REASON_INTERNAL`: the service failed: the sandbox could not be made, for instance
    Internal,
    /// Any other.
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
    /// `TRIGGER_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `TRIGGER_MANUAL`
    Manual,
    /// `TRIGGER_SCHEDULE`
    Schedule,
    /// `TRIGGER_WORKFLOW_CALL`: by a job of another run
    WorkflowCall,
    /// Any other.
    Other(String),
}

impl_open_enum!(RunTrigger, "run trigger", {
    Unspecified => "TRIGGER_UNSPECIFIED",
    Manual => "TRIGGER_MANUAL",
    Schedule => "TRIGGER_SCHEDULE",
    WorkflowCall => "TRIGGER_WORKFLOW_CALL",
});

/// What a job is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// `TYPE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `TYPE_STEPS`
    Steps,
    /// `TYPE_WORKFLOW_CALL`: it runs another workflow
    WorkflowCall,
    /// Any other.
    Other(String),
}

impl_open_enum!(JobType, "job type", {
    Unspecified => "TYPE_UNSPECIFIED",
    Steps => "TYPE_STEPS",
    WorkflowCall => "TYPE_WORKFLOW_CALL",
});

/// What a step does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepType {
    /// `TYPE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `TYPE_RUN`
    Run,
    /// `TYPE_UPLOAD`
    Upload,
    /// `TYPE_DOWNLOAD`
    Download,
    /// `TYPE_ACTION`: it calls a composite action. The vendor's client cannot read such a step
    Action,
    /// Any other.
    Other(String),
}

impl_open_enum!(StepType, "step type", {
    Unspecified => "TYPE_UNSPECIFIED",
    Run => "TYPE_RUN",
    Upload => "TYPE_UPLOAD",
    Download => "TYPE_DOWNLOAD",
    Action => "TYPE_ACTION",
});

/// Which jobs a retry runs again. Unspecified acts as failed jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// `RETRY_MODE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `RETRY_MODE_ALL_JOBS`
    AllJobs,
    /// `RETRY_MODE_FAILED_JOBS`: those that failed, or were skipped because another failed
    FailedJobs,
    /// Any other.
    Other(String),
}

impl_open_enum!(RetryMode, "retry mode", {
    Unspecified => "RETRY_MODE_UNSPECIFIED",
    AllJobs => "RETRY_MODE_ALL_JOBS",
    FailedJobs => "RETRY_MODE_FAILED_JOBS",
});

impl RunState {
    /// True if it has ended. States that are not known count as still going.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl RunAttemptState {
    /// True if it has ended. States that are not known count as still going.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl JobState {
    /// True if it has ended. States that are not known count as still going.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}

impl StepState {
    /// True if it has ended. States that are not known count as still going.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}
