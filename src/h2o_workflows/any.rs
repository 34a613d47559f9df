//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::client::{Action as CallAction, Running};
use crate::engine::Machine;
use crate::error::Error;
use crate::http::Request;

use super::client::H2oWorkflows;
use super::command::{CallOptions, Command, Core};
use super::*;

/// All commands in one type, under the names of the vendor's clients and methods: a plan can be kept as JSON.
///
/// ```
/// use controlplane::h2o_workflows::{AnyCommand, Command};
///
/// let plan = r#"[
///     {"workflow.create_workflow": {"parent": "workspaces/w", "workflow": {"source_contents": "id: f"}}},
///     {"workflow.activate_workflow": {"name": "workspaces/w/workflows/f"}},
///     {"workflow_revision.run_workflow_revision": {"name": "workspaces/w/workflows/f/revisions/active"}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{}: {} {}", command.name(), request.method.as_str(), request.path);
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

/// A command with its output as an [`AnyOutput`].
trait Erased {
    fn name(&self) -> &'static str;

    fn effect(&self) -> Effect;

    fn to_request(&self) -> Result<Request, Error>;

    fn describe(&self) -> String;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error>;
}

impl<C: Command<Output: Into<AnyOutput> + 'static>> Erased for C {
    fn name(&self) -> &'static str {
        Command::name(self)
    }

    fn effect(&self) -> Effect {
        Command::effect(self)
    }

    fn to_request(&self) -> Result<Request, Error> {
        Command::to_request(self)
    }

    fn describe(&self) -> String {
        Command::describe(self)
    }

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error> {
        let machine = CallAction::start(self, core, options)?.0;
        Ok(Running::new(machine.map(|outcome| outcome.map(Into::into))))
    }
}

impl AnyCommand {
    /// Returns the JSON Schema (draft 2020-12) of a command: its name, its fields and what they mean. The same
    /// text is in the folder `schemas/` of the repository.
    ///
    /// ```
    /// use controlplane::h2o_workflows::AnyCommand;
    ///
    /// let schema: serde_json::Value = serde_json::from_str(AnyCommand::schema())?;
    /// assert_eq!(schema["$defs"]["workflow.get_workflow"]["required"][0], "name");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn schema() -> &'static str {
        include_str!("../../schemas/h2o-workflows-command.schema.json")
    }

    fn inner(&self) -> &dyn Erased {
        match self {
            Self::ListWorkflows(command) => command,
            Self::GetWorkflow(command) => command,
            Self::CreateWorkflow(command) => command,
            Self::UpdateWorkflow(command) => command,
            Self::DeleteWorkflow(command) => command,
            Self::ActivateWorkflow(command) => command,
            Self::DeactivateWorkflow(command) => command,
            Self::ValidateWorkflow(command) => command,
            Self::ListWorkflowRevisions(command) => command,
            Self::GetWorkflowRevision(command) => command,
            Self::RunWorkflowRevision(command) => command,
            Self::ListRuns(command) => command,
            Self::GetRun(command) => command,
            Self::CancelRun(command) => command,
            Self::DeleteRun(command) => command,
            Self::RetryRun(command) => command,
            Self::ListRunAttempts(command) => command,
            Self::GetRunAttempt(command) => command,
            Self::ListJobs(command) => command,
            Self::GetJob(command) => command,
            Self::ListSteps(command) => command,
            Self::GetStep(command) => command,
            Self::GetStepLogs(command) => command,
            Self::StreamStepLogs(command) => command,
            Self::ListRunners(command) => command,
            Self::GetRunner(command) => command,
            Self::CreateRunner(command) => command,
            Self::UpdateRunner(command) => command,
            Self::DeleteRunner(command) => command,
            Self::ListAllRunners(command) => command,
            Self::DeleteAllRunners(command) => command,
            Self::ApplyRunners(command) => command,
            Self::ListActions(command) => command,
            Self::GetAction(command) => command,
            Self::CreateAction(command) => command,
            Self::UpdateAction(command) => command,
            Self::DeleteAction(command) => command,
            Self::PublishAction(command) => command,
            Self::ValidateAction(command) => command,
            Self::ListActionRevisions(command) => command,
            Self::GetActionRevision(command) => command,
        }
    }
}

impl Command for AnyCommand {
    /// The name of the type; [`name`](Command::name) is that of the command in it.
    const NAME: &'static str = "AnyCommand";

    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn effect(&self) -> Effect {
        self.inner().effect()
    }

    fn to_request(&self) -> Result<Request, Error> {
        self.inner().to_request()
    }

    fn describe(&self) -> String {
        self.inner().describe()
    }
}

impl CallAction<H2oWorkflows> for AnyCommand {
    type Output = AnyOutput;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error> {
        self.inner().start(core, options)
    }
}

impl From<ListWorkflows> for AnyCommand {
    fn from(command: ListWorkflows) -> Self {
        Self::ListWorkflows(command)
    }
}

impl From<GetWorkflow> for AnyCommand {
    fn from(command: GetWorkflow) -> Self {
        Self::GetWorkflow(command)
    }
}

impl From<CreateWorkflow> for AnyCommand {
    fn from(command: CreateWorkflow) -> Self {
        Self::CreateWorkflow(command)
    }
}

impl From<UpdateWorkflow> for AnyCommand {
    fn from(command: UpdateWorkflow) -> Self {
        Self::UpdateWorkflow(command)
    }
}

impl From<DeleteWorkflow> for AnyCommand {
    fn from(command: DeleteWorkflow) -> Self {
        Self::DeleteWorkflow(command)
    }
}

impl From<ActivateWorkflow> for AnyCommand {
    fn from(command: ActivateWorkflow) -> Self {
        Self::ActivateWorkflow(command)
    }
}

impl From<DeactivateWorkflow> for AnyCommand {
    fn from(command: DeactivateWorkflow) -> Self {
        Self::DeactivateWorkflow(command)
    }
}

impl From<ValidateWorkflow> for AnyCommand {
    fn from(command: ValidateWorkflow) -> Self {
        Self::ValidateWorkflow(command)
    }
}

impl From<ListWorkflowRevisions> for AnyCommand {
    fn from(command: ListWorkflowRevisions) -> Self {
        Self::ListWorkflowRevisions(command)
    }
}

impl From<GetWorkflowRevision> for AnyCommand {
    fn from(command: GetWorkflowRevision) -> Self {
        Self::GetWorkflowRevision(command)
    }
}

impl From<RunWorkflowRevision> for AnyCommand {
    fn from(command: RunWorkflowRevision) -> Self {
        Self::RunWorkflowRevision(command)
    }
}

impl From<ListRuns> for AnyCommand {
    fn from(command: ListRuns) -> Self {
        Self::ListRuns(command)
    }
}

impl From<GetRun> for AnyCommand {
    fn from(command: GetRun) -> Self {
        Self::GetRun(command)
    }
}

impl From<CancelRun> for AnyCommand {
    fn from(command: CancelRun) -> Self {
        Self::CancelRun(command)
    }
}

impl From<DeleteRun> for AnyCommand {
    fn from(command: DeleteRun) -> Self {
        Self::DeleteRun(command)
    }
}

impl From<RetryRun> for AnyCommand {
    fn from(command: RetryRun) -> Self {
        Self::RetryRun(command)
    }
}

impl From<ListRunAttempts> for AnyCommand {
    fn from(command: ListRunAttempts) -> Self {
        Self::ListRunAttempts(command)
    }
}

impl From<GetRunAttempt> for AnyCommand {
    fn from(command: GetRunAttempt) -> Self {
        Self::GetRunAttempt(command)
    }
}

impl From<ListJobs> for AnyCommand {
    fn from(command: ListJobs) -> Self {
        Self::ListJobs(command)
    }
}

impl From<GetJob> for AnyCommand {
    fn from(command: GetJob) -> Self {
        Self::GetJob(command)
    }
}

impl From<ListSteps> for AnyCommand {
    fn from(command: ListSteps) -> Self {
        Self::ListSteps(command)
    }
}

impl From<GetStep> for AnyCommand {
    fn from(command: GetStep) -> Self {
        Self::GetStep(command)
    }
}

impl From<GetStepLogs> for AnyCommand {
    fn from(command: GetStepLogs) -> Self {
        Self::GetStepLogs(command)
    }
}

impl From<StreamStepLogs> for AnyCommand {
    fn from(command: StreamStepLogs) -> Self {
        Self::StreamStepLogs(command)
    }
}

impl From<ListRunners> for AnyCommand {
    fn from(command: ListRunners) -> Self {
        Self::ListRunners(command)
    }
}

impl From<GetRunner> for AnyCommand {
    fn from(command: GetRunner) -> Self {
        Self::GetRunner(command)
    }
}

impl From<CreateRunner> for AnyCommand {
    fn from(command: CreateRunner) -> Self {
        Self::CreateRunner(command)
    }
}

impl From<UpdateRunner> for AnyCommand {
    fn from(command: UpdateRunner) -> Self {
        Self::UpdateRunner(command)
    }
}

impl From<DeleteRunner> for AnyCommand {
    fn from(command: DeleteRunner) -> Self {
        Self::DeleteRunner(command)
    }
}

impl From<ListAllRunners> for AnyCommand {
    fn from(command: ListAllRunners) -> Self {
        Self::ListAllRunners(command)
    }
}

impl From<DeleteAllRunners> for AnyCommand {
    fn from(command: DeleteAllRunners) -> Self {
        Self::DeleteAllRunners(command)
    }
}

impl From<ApplyRunners> for AnyCommand {
    fn from(command: ApplyRunners) -> Self {
        Self::ApplyRunners(command)
    }
}

impl From<ListActions> for AnyCommand {
    fn from(command: ListActions) -> Self {
        Self::ListActions(command)
    }
}

impl From<GetAction> for AnyCommand {
    fn from(command: GetAction) -> Self {
        Self::GetAction(command)
    }
}

impl From<CreateAction> for AnyCommand {
    fn from(command: CreateAction) -> Self {
        Self::CreateAction(command)
    }
}

impl From<UpdateAction> for AnyCommand {
    fn from(command: UpdateAction) -> Self {
        Self::UpdateAction(command)
    }
}

impl From<DeleteAction> for AnyCommand {
    fn from(command: DeleteAction) -> Self {
        Self::DeleteAction(command)
    }
}

impl From<PublishAction> for AnyCommand {
    fn from(command: PublishAction) -> Self {
        Self::PublishAction(command)
    }
}

impl From<ValidateAction> for AnyCommand {
    fn from(command: ValidateAction) -> Self {
        Self::ValidateAction(command)
    }
}

impl From<ListActionRevisions> for AnyCommand {
    fn from(command: ListActionRevisions) -> Self {
        Self::ListActionRevisions(command)
    }
}

impl From<GetActionRevision> for AnyCommand {
    fn from(command: GetActionRevision) -> Self {
        Self::GetActionRevision(command)
    }
}
