//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::client::{Action as CallAction, Running};
use crate::error::Error;
use crate::http::Request;

use super::client::H2oWorkflows;
use super::command::{CallOptions, Command, Core, Spec};
use super::*;

/// All commands in one type, under the names of the vendor's clients and methods: a plan can live in a JSON file.
///
/// ```
/// use controlplane::h2o_workflows::AnyCommand;
///
/// let plan = r#"[
///     {"workflow.create_workflow": {"parent": "workspaces/w", "workflow": {"source_contents": "id: f"}}},
///     {"workflow.activate_workflow": {"name": "workspaces/w/workflows/f"}},
///     {"workflow_revision.run_workflow_revision": {"name": "workspaces/w/workflows/f/revisions/active"}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{} {}", request.method.as_str(), request.path);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AnyCommand {
    /// [`ListWorkflows`]
    #[serde(rename = "workflow.list_workflows")]
    ListWorkflows(ListWorkflows),
    /// [`GetWorkflow`]
    #[serde(rename = "workflow.get_workflow")]
    GetWorkflow(GetWorkflow),
    /// [`CreateWorkflow`]
    #[serde(rename = "workflow.create_workflow")]
    CreateWorkflow(CreateWorkflow),
    /// [`UpdateWorkflow`]
    #[serde(rename = "workflow.update_workflow")]
    UpdateWorkflow(UpdateWorkflow),
    /// [`DeleteWorkflow`]
    #[serde(rename = "workflow.delete_workflow")]
    DeleteWorkflow(DeleteWorkflow),
    /// [`ActivateWorkflow`]
    #[serde(rename = "workflow.activate_workflow")]
    ActivateWorkflow(ActivateWorkflow),
    /// [`DeactivateWorkflow`]
    #[serde(rename = "workflow.deactivate_workflow")]
    DeactivateWorkflow(DeactivateWorkflow),
    /// [`ValidateWorkflow`]
    #[serde(rename = "workflow.validate_workflow")]
    ValidateWorkflow(ValidateWorkflow),
    /// [`ListWorkflowRevisions`]
    #[serde(rename = "workflow_revision.list_workflow_revisions")]
    ListWorkflowRevisions(ListWorkflowRevisions),
    /// [`GetWorkflowRevision`]
    #[serde(rename = "workflow_revision.get_workflow_revision")]
    GetWorkflowRevision(GetWorkflowRevision),
    /// [`RunWorkflowRevision`]
    #[serde(rename = "workflow_revision.run_workflow_revision")]
    RunWorkflowRevision(RunWorkflowRevision),
    /// [`ListRuns`]
    #[serde(rename = "run.list_runs")]
    ListRuns(ListRuns),
    /// [`GetRun`]
    #[serde(rename = "run.get_run")]
    GetRun(GetRun),
    /// [`CancelRun`]
    #[serde(rename = "run.cancel_run")]
    CancelRun(CancelRun),
    /// [`DeleteRun`]
    #[serde(rename = "run.delete_run")]
    DeleteRun(DeleteRun),
    /// [`RetryRun`]
    #[serde(rename = "run.retry_run")]
    RetryRun(RetryRun),
    /// [`ListRunAttempts`]
    #[serde(rename = "run_attempt.list_run_attempts")]
    ListRunAttempts(ListRunAttempts),
    /// [`GetRunAttempt`]
    #[serde(rename = "run_attempt.get_run_attempt")]
    GetRunAttempt(GetRunAttempt),
    /// [`ListJobs`]
    #[serde(rename = "job.list_jobs")]
    ListJobs(ListJobs),
    /// [`GetJob`]
    #[serde(rename = "job.get_job")]
    GetJob(GetJob),
    /// [`ListSteps`]
    #[serde(rename = "step.list_steps")]
    ListSteps(ListSteps),
    /// [`GetStep`]
    #[serde(rename = "step.get_step")]
    GetStep(GetStep),
    /// [`GetStepLogs`]
    #[serde(rename = "step.get_step_logs")]
    GetStepLogs(GetStepLogs),
    /// [`StreamStepLogs`]
    #[serde(rename = "step.stream_step_logs")]
    StreamStepLogs(StreamStepLogs),
    /// [`ListRunners`]
    #[serde(rename = "runner.list_runners")]
    ListRunners(ListRunners),
    /// [`GetRunner`]
    #[serde(rename = "runner.get_runner")]
    GetRunner(GetRunner),
    /// [`CreateRunner`]
    #[serde(rename = "runner.create_runner")]
    CreateRunner(CreateRunner),
    /// [`UpdateRunner`]
    #[serde(rename = "runner.update_runner")]
    UpdateRunner(UpdateRunner),
    /// [`DeleteRunner`]
    #[serde(rename = "runner.delete_runner")]
    DeleteRunner(DeleteRunner),
    /// [`ListAllRunners`]
    #[serde(rename = "runner.list_all_runners")]
    ListAllRunners(ListAllRunners),
    /// [`DeleteAllRunners`]
    #[serde(rename = "runner.delete_all_runners")]
    DeleteAllRunners(DeleteAllRunners),
    /// [`ApplyRunners`]
    #[serde(rename = "runner.apply_runners")]
    ApplyRunners(ApplyRunners),
    /// [`ListActions`]
    #[serde(rename = "action.list_actions")]
    ListActions(ListActions),
    /// [`GetAction`]
    #[serde(rename = "action.get_action")]
    GetAction(GetAction),
    /// [`CreateAction`]
    #[serde(rename = "action.create_action")]
    CreateAction(CreateAction),
    /// [`UpdateAction`]
    #[serde(rename = "action.update_action")]
    UpdateAction(UpdateAction),
    /// [`DeleteAction`]
    #[serde(rename = "action.delete_action")]
    DeleteAction(DeleteAction),
    /// [`PublishAction`]
    #[serde(rename = "action.publish_action")]
    PublishAction(PublishAction),
    /// [`ValidateAction`]
    #[serde(rename = "action.validate_action")]
    ValidateAction(ValidateAction),
    /// [`ListActionRevisions`]
    #[serde(rename = "action_revision.list_action_revisions")]
    ListActionRevisions(ListActionRevisions),
    /// [`GetActionRevision`]
    #[serde(rename = "action_revision.get_action_revision")]
    GetActionRevision(GetActionRevision),
}

impl AnyCommand {
    /// The request that would be sent, or the first of them.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::ListWorkflows(c) => c.to_request(),
            Self::GetWorkflow(c) => c.to_request(),
            Self::CreateWorkflow(c) => c.to_request(),
            Self::UpdateWorkflow(c) => c.to_request(),
            Self::DeleteWorkflow(c) => c.to_request(),
            Self::ActivateWorkflow(c) => c.to_request(),
            Self::DeactivateWorkflow(c) => c.to_request(),
            Self::ValidateWorkflow(c) => c.to_request(),
            Self::ListWorkflowRevisions(c) => c.to_request(),
            Self::GetWorkflowRevision(c) => c.to_request(),
            Self::RunWorkflowRevision(c) => c.to_request(),
            Self::ListRuns(c) => c.to_request(),
            Self::GetRun(c) => c.to_request(),
            Self::CancelRun(c) => c.to_request(),
            Self::DeleteRun(c) => c.to_request(),
            Self::RetryRun(c) => c.to_request(),
            Self::ListRunAttempts(c) => c.to_request(),
            Self::GetRunAttempt(c) => c.to_request(),
            Self::ListJobs(c) => c.to_request(),
            Self::GetJob(c) => c.to_request(),
            Self::ListSteps(c) => c.to_request(),
            Self::GetStep(c) => c.to_request(),
            Self::GetStepLogs(c) => c.to_request(),
            Self::StreamStepLogs(c) => c.to_request(),
            Self::ListRunners(c) => c.to_request(),
            Self::GetRunner(c) => c.to_request(),
            Self::CreateRunner(c) => c.to_request(),
            Self::UpdateRunner(c) => c.to_request(),
            Self::DeleteRunner(c) => c.to_request(),
            Self::ListAllRunners(c) => c.to_request(),
            Self::DeleteAllRunners(c) => c.to_request(),
            Self::ApplyRunners(c) => c.to_request(),
            Self::ListActions(c) => c.to_request(),
            Self::GetAction(c) => c.to_request(),
            Self::CreateAction(c) => c.to_request(),
            Self::UpdateAction(c) => c.to_request(),
            Self::DeleteAction(c) => c.to_request(),
            Self::PublishAction(c) => c.to_request(),
            Self::ValidateAction(c) => c.to_request(),
            Self::ListActionRevisions(c) => c.to_request(),
            Self::GetActionRevision(c) => c.to_request(),
        }
    }

    /// The vendor's name and the command's effect.
    pub fn spec(&self) -> Spec {
        match self {
            Self::ListWorkflows(c) => c.spec(),
            Self::GetWorkflow(c) => c.spec(),
            Self::CreateWorkflow(c) => c.spec(),
            Self::UpdateWorkflow(c) => c.spec(),
            Self::DeleteWorkflow(c) => c.spec(),
            Self::ActivateWorkflow(c) => c.spec(),
            Self::DeactivateWorkflow(c) => c.spec(),
            Self::ValidateWorkflow(c) => c.spec(),
            Self::ListWorkflowRevisions(c) => c.spec(),
            Self::GetWorkflowRevision(c) => c.spec(),
            Self::RunWorkflowRevision(c) => c.spec(),
            Self::ListRuns(c) => c.spec(),
            Self::GetRun(c) => c.spec(),
            Self::CancelRun(c) => c.spec(),
            Self::DeleteRun(c) => c.spec(),
            Self::RetryRun(c) => c.spec(),
            Self::ListRunAttempts(c) => c.spec(),
            Self::GetRunAttempt(c) => c.spec(),
            Self::ListJobs(c) => c.spec(),
            Self::GetJob(c) => c.spec(),
            Self::ListSteps(c) => c.spec(),
            Self::GetStep(c) => c.spec(),
            Self::GetStepLogs(c) => c.spec(),
            Self::StreamStepLogs(c) => c.spec(),
            Self::ListRunners(c) => c.spec(),
            Self::GetRunner(c) => c.spec(),
            Self::CreateRunner(c) => c.spec(),
            Self::UpdateRunner(c) => c.spec(),
            Self::DeleteRunner(c) => c.spec(),
            Self::ListAllRunners(c) => c.spec(),
            Self::DeleteAllRunners(c) => c.spec(),
            Self::ApplyRunners(c) => c.spec(),
            Self::ListActions(c) => c.spec(),
            Self::GetAction(c) => c.spec(),
            Self::CreateAction(c) => c.spec(),
            Self::UpdateAction(c) => c.spec(),
            Self::DeleteAction(c) => c.spec(),
            Self::PublishAction(c) => c.spec(),
            Self::ValidateAction(c) => c.spec(),
            Self::ListActionRevisions(c) => c.spec(),
            Self::GetActionRevision(c) => c.spec(),
        }
    }
}

/// What an [`AnyCommand`] gives. Serializes as what is in it: the wire's own JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// See there.
    WorkflowsPage(WorkflowsPage),
    /// See there.
    Workflow(Box<Workflow>),
    /// Of what gives nothing.
    Nothing(()),
    /// See there.
    Validation(Validation),
    /// See there.
    WorkflowRevisionsPage(WorkflowRevisionsPage),
    /// See there.
    WorkflowRevision(Box<WorkflowRevision>),
    /// See there.
    Run(Box<Run>),
    /// See there.
    RunsPage(RunsPage),
    /// See there.
    RunAttemptsPage(RunAttemptsPage),
    /// See there.
    RunAttempt(Box<RunAttempt>),
    /// See there.
    JobsPage(JobsPage),
    /// See there.
    Job(Box<Job>),
    /// See there.
    StepsPage(StepsPage),
    /// See there.
    Step(Box<Step>),
    /// See there.
    StepLogs(StepLogs),
    /// A list.
    LogChunks(Vec<LogChunk>),
    /// See there.
    RunnersPage(RunnersPage),
    /// See there.
    Runner(Box<Runner>),
    /// A list.
    Runners(Vec<Runner>),
    /// See there.
    ActionsPage(ActionsPage),
    /// See there.
    Action(Box<Action>),
    /// See there.
    ActionRevision(Box<ActionRevision>),
    /// See there.
    ActionRevisionsPage(ActionRevisionsPage),
}

impl CallAction<H2oWorkflows> for AnyCommand {
    type Output = AnyOutput;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error> {
        Ok(match self {
            Self::ListWorkflows(c) => c.start(core, options)?.map(AnyOutput::WorkflowsPage),
            Self::GetWorkflow(c) => c.start(core, options)?.map(|o| AnyOutput::Workflow(Box::new(o))),
            Self::CreateWorkflow(c) => c.start(core, options)?.map(|o| AnyOutput::Workflow(Box::new(o))),
            Self::UpdateWorkflow(c) => c.start(core, options)?.map(|o| AnyOutput::Workflow(Box::new(o))),
            Self::DeleteWorkflow(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ActivateWorkflow(c) => c.start(core, options)?.map(|o| AnyOutput::Workflow(Box::new(o))),
            Self::DeactivateWorkflow(c) => c.start(core, options)?.map(|o| AnyOutput::Workflow(Box::new(o))),
            Self::ValidateWorkflow(c) => c.start(core, options)?.map(AnyOutput::Validation),
            Self::ListWorkflowRevisions(c) => c.start(core, options)?.map(AnyOutput::WorkflowRevisionsPage),
            Self::GetWorkflowRevision(c) => {
                c.start(core, options)?.map(|o| AnyOutput::WorkflowRevision(Box::new(o)))
            }
            Self::RunWorkflowRevision(c) => c.start(core, options)?.map(|o| AnyOutput::Run(Box::new(o))),
            Self::ListRuns(c) => c.start(core, options)?.map(AnyOutput::RunsPage),
            Self::GetRun(c) => c.start(core, options)?.map(|o| AnyOutput::Run(Box::new(o))),
            Self::CancelRun(c) => c.start(core, options)?.map(|o| AnyOutput::Run(Box::new(o))),
            Self::DeleteRun(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::RetryRun(c) => c.start(core, options)?.map(|o| AnyOutput::Run(Box::new(o))),
            Self::ListRunAttempts(c) => c.start(core, options)?.map(AnyOutput::RunAttemptsPage),
            Self::GetRunAttempt(c) => c.start(core, options)?.map(|o| AnyOutput::RunAttempt(Box::new(o))),
            Self::ListJobs(c) => c.start(core, options)?.map(AnyOutput::JobsPage),
            Self::GetJob(c) => c.start(core, options)?.map(|o| AnyOutput::Job(Box::new(o))),
            Self::ListSteps(c) => c.start(core, options)?.map(AnyOutput::StepsPage),
            Self::GetStep(c) => c.start(core, options)?.map(|o| AnyOutput::Step(Box::new(o))),
            Self::GetStepLogs(c) => c.start(core, options)?.map(AnyOutput::StepLogs),
            Self::StreamStepLogs(c) => c.start(core, options)?.map(AnyOutput::LogChunks),
            Self::ListRunners(c) => c.start(core, options)?.map(AnyOutput::RunnersPage),
            Self::GetRunner(c) => c.start(core, options)?.map(|o| AnyOutput::Runner(Box::new(o))),
            Self::CreateRunner(c) => c.start(core, options)?.map(|o| AnyOutput::Runner(Box::new(o))),
            Self::UpdateRunner(c) => c.start(core, options)?.map(|o| AnyOutput::Runner(Box::new(o))),
            Self::DeleteRunner(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListAllRunners(c) => c.start(core, options)?.map(AnyOutput::Runners),
            Self::DeleteAllRunners(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ApplyRunners(c) => c.start(core, options)?.map(AnyOutput::Runners),
            Self::ListActions(c) => c.start(core, options)?.map(AnyOutput::ActionsPage),
            Self::GetAction(c) => c.start(core, options)?.map(|o| AnyOutput::Action(Box::new(o))),
            Self::CreateAction(c) => c.start(core, options)?.map(|o| AnyOutput::Action(Box::new(o))),
            Self::UpdateAction(c) => c.start(core, options)?.map(|o| AnyOutput::Action(Box::new(o))),
            Self::DeleteAction(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::PublishAction(c) => c.start(core, options)?.map(|o| AnyOutput::ActionRevision(Box::new(o))),
            Self::ValidateAction(c) => c.start(core, options)?.map(AnyOutput::Validation),
            Self::ListActionRevisions(c) => c.start(core, options)?.map(AnyOutput::ActionRevisionsPage),
            Self::GetActionRevision(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ActionRevision(Box::new(o)))
            }
        })
    }
}
