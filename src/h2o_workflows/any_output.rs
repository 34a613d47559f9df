//! The outputs of all commands in one type.

use serde::Serialize;

use super::*;

/// The output of an [`AnyCommand`]. Serializes as the value in it does.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// The output of a command that returns nothing.
    Nothing(()),
    /// A page of workflows.
    WorkflowsPage(WorkflowsPage),
    /// A workflow.
    Workflow(Box<Workflow>),
    /// The findings of a validation.
    Validation(Validation),
    /// A page of revisions of a workflow.
    WorkflowRevisionsPage(WorkflowRevisionsPage),
    /// A revision of a workflow.
    WorkflowRevision(Box<WorkflowRevision>),
    /// A page of runs.
    RunsPage(RunsPage),
    /// A run.
    Run(Box<Run>),
    /// A page of attempts.
    RunAttemptsPage(RunAttemptsPage),
    /// An attempt of a run.
    RunAttempt(Box<RunAttempt>),
    /// A page of jobs.
    JobsPage(JobsPage),
    /// A job.
    Job(Box<Job>),
    /// A page of steps.
    StepsPage(StepsPage),
    /// A step.
    Step(Box<Step>),
    /// The log of a step.
    StepLogs(StepLogs),
    /// The log of a step in chunks.
    LogChunks(Vec<LogChunk>),
    /// A page of runners.
    RunnersPage(RunnersPage),
    /// A runner.
    Runner(Box<Runner>),
    /// All runners of a workspace.
    Runners(Vec<Runner>),
    /// A page of composite actions.
    ActionsPage(ActionsPage),
    /// A composite action.
    Action(Box<Action>),
    /// A page of revisions of a composite action.
    ActionRevisionsPage(ActionRevisionsPage),
    /// A revision of a composite action.
    ActionRevision(Box<ActionRevision>),
}

impl From<()> for AnyOutput {
    fn from(output: ()) -> Self {
        Self::Nothing(output)
    }
}

impl From<WorkflowsPage> for AnyOutput {
    fn from(output: WorkflowsPage) -> Self {
        Self::WorkflowsPage(output)
    }
}

impl From<Workflow> for AnyOutput {
    fn from(output: Workflow) -> Self {
        Self::Workflow(Box::new(output))
    }
}

impl From<Validation> for AnyOutput {
    fn from(output: Validation) -> Self {
        Self::Validation(output)
    }
}

impl From<WorkflowRevisionsPage> for AnyOutput {
    fn from(output: WorkflowRevisionsPage) -> Self {
        Self::WorkflowRevisionsPage(output)
    }
}

impl From<WorkflowRevision> for AnyOutput {
    fn from(output: WorkflowRevision) -> Self {
        Self::WorkflowRevision(Box::new(output))
    }
}

impl From<RunsPage> for AnyOutput {
    fn from(output: RunsPage) -> Self {
        Self::RunsPage(output)
    }
}

impl From<Run> for AnyOutput {
    fn from(output: Run) -> Self {
        Self::Run(Box::new(output))
    }
}

impl From<RunAttemptsPage> for AnyOutput {
    fn from(output: RunAttemptsPage) -> Self {
        Self::RunAttemptsPage(output)
    }
}

impl From<RunAttempt> for AnyOutput {
    fn from(output: RunAttempt) -> Self {
        Self::RunAttempt(Box::new(output))
    }
}

impl From<JobsPage> for AnyOutput {
    fn from(output: JobsPage) -> Self {
        Self::JobsPage(output)
    }
}

impl From<Job> for AnyOutput {
    fn from(output: Job) -> Self {
        Self::Job(Box::new(output))
    }
}

impl From<StepsPage> for AnyOutput {
    fn from(output: StepsPage) -> Self {
        Self::StepsPage(output)
    }
}

impl From<Step> for AnyOutput {
    fn from(output: Step) -> Self {
        Self::Step(Box::new(output))
    }
}

impl From<StepLogs> for AnyOutput {
    fn from(output: StepLogs) -> Self {
        Self::StepLogs(output)
    }
}

impl From<Vec<LogChunk>> for AnyOutput {
    fn from(output: Vec<LogChunk>) -> Self {
        Self::LogChunks(output)
    }
}

impl From<RunnersPage> for AnyOutput {
    fn from(output: RunnersPage) -> Self {
        Self::RunnersPage(output)
    }
}

impl From<Runner> for AnyOutput {
    fn from(output: Runner) -> Self {
        Self::Runner(Box::new(output))
    }
}

impl From<Vec<Runner>> for AnyOutput {
    fn from(output: Vec<Runner>) -> Self {
        Self::Runners(output)
    }
}

impl From<ActionsPage> for AnyOutput {
    fn from(output: ActionsPage) -> Self {
        Self::ActionsPage(output)
    }
}

impl From<Action> for AnyOutput {
    fn from(output: Action) -> Self {
        Self::Action(Box::new(output))
    }
}

impl From<ActionRevisionsPage> for AnyOutput {
    fn from(output: ActionRevisionsPage) -> Self {
        Self::ActionRevisionsPage(output)
    }
}

impl From<ActionRevision> for AnyOutput {
    fn from(output: ActionRevision) -> Self {
        Self::ActionRevision(Box::new(output))
    }
}
