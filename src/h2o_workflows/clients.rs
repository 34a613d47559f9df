//! The nine clients of the vendor's Python package (`Clients`): their methods have the vendor's names.

use std::fmt;

use crate::client::Shared;

use super::client::H2oWorkflows;
use super::command::Call;
use super::*;

/// Calls about workflows: see [`Client::workflow`](super::client::Client::workflow).
pub struct WorkflowClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for WorkflowClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for WorkflowClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> WorkflowClient<M> {
    /// Lists the workflows of a workspace, one page per request.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/workflows`.
    pub fn list_workflows(&self, parent: impl Into<String>) -> Call<M, ListWorkflows> {
        Call::new(self.0.clone(), ListWorkflows::new(parent))
    }

    /// Returns a workflow.
    ///
    /// `GET /v1/{name}`.
    pub fn get_workflow(&self, name: impl Into<String>) -> Call<M, GetWorkflow> {
        Call::new(self.0.clone(), GetWorkflow::new(name))
    }

    /// Creates a workflow: a draft, which can be run once it is activated. Its id is the `id` in the YAML.
    ///
    /// `POST /v1/{parent}/workflows`. Not sent again once it may have been accepted.
    pub fn create_workflow(&self, parent: impl Into<String>, workflow: Workflow) -> Call<M, CreateWorkflow> {
        Call::new(self.0.clone(), CreateWorkflow::new(parent, workflow))
    }

    /// Changes the draft of a workflow. Its revisions stay as they are.
    ///
    /// `PATCH /v1/{name}`. [`Call::update_mask`] sets the fields that are overwritten. Not sent
    /// again once it may have been accepted.
    pub fn update_workflow(&self, workflow: Workflow) -> Call<M, UpdateWorkflow> {
        Call::new(self.0.clone(), UpdateWorkflow::new(workflow))
    }

    /// Deletes a workflow with its revisions and runs. Rejected while one of its runs has not ended.
    ///
    /// `DELETE /v1/{name}`. Not sent again once it may have been accepted.
    pub fn delete_workflow(&self, name: impl Into<String>) -> Call<M, DeleteWorkflow> {
        Call::new(self.0.clone(), DeleteWorkflow::new(name))
    }

    /// Makes the draft of a workflow its active revision. Rejected if the YAML is invalid.
    ///
    /// `POST /v1/{name}:activate`. Not sent again once it may have been accepted.
    pub fn activate_workflow(&self, name: impl Into<String>) -> Call<M, ActivateWorkflow> {
        Call::new(self.0.clone(), ActivateWorkflow::new(name))
    }

    /// Leaves a workflow without an active revision.
    ///
    /// `POST /v1/{name}:deactivate`. Not sent again once it may have been accepted.
    pub fn deactivate_workflow(&self, name: impl Into<String>) -> Call<M, DeactivateWorkflow> {
        Call::new(self.0.clone(), DeactivateWorkflow::new(name))
    }

    /// Validates the YAML of a workflow. An invalid YAML is not an error: the findings are in the output.
    ///
    /// `POST /v1/{parent}/workflows:validate`. Not sent again once it may have been accepted.
    pub fn validate_workflow(
        &self,
        parent: impl Into<String>,
        source_contents: impl Into<String>,
    ) -> Call<M, ValidateWorkflow> {
        Call::new(self.0.clone(), ValidateWorkflow::new(parent, source_contents))
    }
}

/// Calls about revisions of workflows: see
/// [`Client::workflow_revision`](super::client::Client::workflow_revision).
pub struct WorkflowRevisionClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for WorkflowRevisionClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for WorkflowRevisionClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> WorkflowRevisionClient<M> {
    /// Lists the revisions of a workflow, one page per request.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/revisions`.
    pub fn list_workflow_revisions(&self, parent: impl Into<String>) -> Call<M, ListWorkflowRevisions> {
        Call::new(self.0.clone(), ListWorkflowRevisions::new(parent))
    }

    /// Returns a revision; the id `active` stands for the active one.
    ///
    /// `GET /v1/{name}`.
    pub fn get_workflow_revision(&self, name: impl Into<String>) -> Call<M, GetWorkflowRevision> {
        Call::new(self.0.clone(), GetWorkflowRevision::new(name))
    }

    /// Starts a run of a revision; the id `active` stands for the active one. Returns when the run is queued.
    ///
    /// [`Call::and_wait`] waits for its end.
    ///
    /// `POST /v1/{name}:run`. Not sent again once it may have been accepted, because that would
    /// start a second run.
    pub fn run_workflow_revision(&self, name: impl Into<String>) -> Call<M, RunWorkflowRevision> {
        Call::new(self.0.clone(), RunWorkflowRevision::new(name))
    }
}

/// Calls about runs: see [`Client::run`](super::client::Client::run).
pub struct RunClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for RunClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for RunClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> RunClient<M> {
    /// Lists the runs of a revision, one page per request. `-` in place of the id of a revision, workflow or
    /// workspace stands for any.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/runs`.
    pub fn list_runs(&self, parent: impl Into<String>) -> Call<M, ListRuns> {
        Call::new(self.0.clone(), ListRuns::new(parent))
    }

    /// Returns a run.
    ///
    /// `GET /v1/{name}`.
    pub fn get_run(&self, name: impl Into<String>) -> Call<M, GetRun> {
        Call::new(self.0.clone(), GetRun::new(name))
    }

    /// Requests the cancellation of a run. Jobs that have not begun end at once; running ones may take time.
    /// Rejected if the run has ended.
    ///
    /// `POST /v1/{name}:cancel`. Not sent again once it may have been accepted.
    pub fn cancel_run(&self, name: impl Into<String>) -> Call<M, CancelRun> {
        Call::new(self.0.clone(), CancelRun::new(name))
    }

    /// Deletes a run that has ended, with its attempts, jobs and steps.
    ///
    /// `DELETE /v1/{name}`. Not sent again once it may have been accepted.
    pub fn delete_run(&self, name: impl Into<String>) -> Call<M, DeleteRun> {
        Call::new(self.0.clone(), DeleteRun::new(name))
    }

    /// Starts another attempt of a run that has ended.
    ///
    /// [`Call::retry_mode`] sets which jobs run; [`Call::and_wait`] waits for the end of the attempt.
    ///
    /// `POST /v1/{name}:retry`. Not sent again once it may have been accepted.
    pub fn retry_run(&self, name: impl Into<String>) -> Call<M, RetryRun> {
        Call::new(self.0.clone(), RetryRun::new(name))
    }
}

/// Calls about attempts of runs: see [`Client::run_attempt`](super::client::Client::run_attempt).
pub struct RunAttemptClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for RunAttemptClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for RunAttemptClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> RunAttemptClient<M> {
    /// Lists the attempts of a run, one page per request, the first attempt first.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/attempts`.
    pub fn list_run_attempts(&self, parent: impl Into<String>) -> Call<M, ListRunAttempts> {
        Call::new(self.0.clone(), ListRunAttempts::new(parent))
    }

    /// Returns an attempt; the id `latest` stands for the last one.
    ///
    /// `GET /v1/{name}`.
    pub fn get_run_attempt(&self, name: impl Into<String>) -> Call<M, GetRunAttempt> {
        Call::new(self.0.clone(), GetRunAttempt::new(name))
    }
}

/// Calls about jobs: see [`Client::job`](super::client::Client::job).
pub struct JobClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for JobClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for JobClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> JobClient<M> {
    /// Lists the jobs of an attempt, one page per request, the newest first.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/jobs`.
    pub fn list_jobs(&self, parent: impl Into<String>) -> Call<M, ListJobs> {
        Call::new(self.0.clone(), ListJobs::new(parent))
    }

    /// Returns a job.
    ///
    /// `GET /v1/{name}`.
    pub fn get_job(&self, name: impl Into<String>) -> Call<M, GetJob> {
        Call::new(self.0.clone(), GetJob::new(name))
    }
}

/// Calls about steps and their logs: see [`Client::step`](super::client::Client::step).
pub struct StepClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for StepClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for StepClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> StepClient<M> {
    /// Lists the steps of a job, one page per request, in their order.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/steps`.
    pub fn list_steps(&self, parent: impl Into<String>) -> Call<M, ListSteps> {
        Call::new(self.0.clone(), ListSteps::new(parent))
    }

    /// Returns a step.
    ///
    /// `GET /v1/{name}`.
    pub fn get_step(&self, name: impl Into<String>) -> Call<M, GetStep> {
        Call::new(self.0.clone(), GetStep::new(name))
    }

    /// Returns the log of a step: what the step has written so far, or all of it once the step has ended.
    ///
    /// `GET /v1/{name}:logs`. See [`Call::output`].
    pub fn get_step_logs(&self, name: impl Into<String>) -> Call<M, GetStepLogs> {
        Call::new(self.0.clone(), GetStepLogs::new(name))
    }

    /// Returns the log of a step while the step writes it: see [`Call::follow`]. With [`send`](Call::send),
    /// the call waits for the end of the step and returns the whole log.
    ///
    /// `GET /v1/{name}:streamLogs`. See [`Call::output`] and [`Call::offset`].
    pub fn stream_step_logs(&self, name: impl Into<String>) -> Call<M, StreamStepLogs> {
        Call::new(self.0.clone(), StreamStepLogs::new(name))
    }
}

/// Calls about runners: see [`Client::runner`](super::client::Client::runner).
pub struct RunnerClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for RunnerClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for RunnerClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> RunnerClient<M> {
    /// Lists the runners of a workspace, one page per request.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/runners`.
    pub fn list_runners(&self, parent: impl Into<String>) -> Call<M, ListRunners> {
        Call::new(self.0.clone(), ListRunners::new(parent))
    }

    /// Returns a runner.
    ///
    /// `GET /v1/{name}`.
    pub fn get_runner(&self, name: impl Into<String>) -> Call<M, GetRunner> {
        Call::new(self.0.clone(), GetRunner::new(name))
    }

    /// Creates a runner.
    ///
    /// `POST /v1/{parent}/runners`. Not sent again once it may have been accepted.
    pub fn create_runner(
        &self,
        parent: impl Into<String>,
        runner: Runner,
        runner_id: impl Into<String>,
    ) -> Call<M, CreateRunner> {
        Call::new(self.0.clone(), CreateRunner::new(parent, runner, runner_id))
    }

    /// Changes a runner.
    ///
    /// `PATCH /v1/{name}`. [`Call::update_mask`] sets the fields that are overwritten. Not sent
    /// again once it may have been accepted.
    pub fn update_runner(&self, runner: Runner) -> Call<M, UpdateRunner> {
        Call::new(self.0.clone(), UpdateRunner::new(runner))
    }

    /// Deletes a runner.
    ///
    /// `DELETE /v1/{name}`. Not sent again once it may have been accepted.
    pub fn delete_runner(&self, name: impl Into<String>) -> Call<M, DeleteRunner> {
        Call::new(self.0.clone(), DeleteRunner::new(name))
    }

    /// Lists all runners of a workspace, page after page.
    pub fn list_all_runners(&self, parent: impl Into<String>) -> Call<M, ListAllRunners> {
        Call::new(self.0.clone(), ListAllRunners::new(parent))
    }

    /// Deletes all runners of a workspace, one request each. After an error, the runners that follow remain.
    pub fn delete_all_runners(&self, parent: impl Into<String>) -> Call<M, DeleteAllRunners> {
        Call::new(self.0.clone(), DeleteAllRunners::new(parent))
    }

    /// Replaces the runners of a workspace: deletes all, creates these, and returns the runners that exist
    /// then. Not atomic: after an error the old runners may be deleted and some of the new ones missing. It
    /// can be sent again.
    pub fn apply_runners(
        &self,
        configs: impl IntoIterator<Item = RunnerConfig>,
        parent: impl Into<String>,
    ) -> Call<M, ApplyRunners> {
        Call::new(self.0.clone(), ApplyRunners::new(configs, parent))
    }
}

/// Calls about composite actions: see [`Client::action`](super::client::Client::action).
pub struct ActionClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for ActionClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for ActionClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> ActionClient<M> {
    /// Lists the composite actions of a workspace, one page per request.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/actions`.
    pub fn list_actions(&self, parent: impl Into<String>) -> Call<M, ListActions> {
        Call::new(self.0.clone(), ListActions::new(parent))
    }

    /// Returns a composite action.
    ///
    /// `GET /v1/{name}`.
    pub fn get_action(&self, name: impl Into<String>) -> Call<M, GetAction> {
        Call::new(self.0.clone(), GetAction::new(name))
    }

    /// Creates a composite action: a draft, which can be used once it is published. Its id is the `id` in the
    /// YAML.
    ///
    /// `POST /v1/{parent}/actions`. Not sent again once it may have been accepted.
    pub fn create_action(&self, parent: impl Into<String>, action: Action) -> Call<M, CreateAction> {
        Call::new(self.0.clone(), CreateAction::new(parent, action))
    }

    /// Changes the draft of a composite action. Its revisions stay as they are.
    ///
    /// `PATCH /v1/{name}`. [`Call::update_mask`] sets the fields that are overwritten. Not sent
    /// again once it may have been accepted.
    pub fn update_action(&self, action: Action) -> Call<M, UpdateAction> {
        Call::new(self.0.clone(), UpdateAction::new(action))
    }

    /// Deletes a composite action with its revisions.
    ///
    /// `DELETE /v1/{name}`. Not sent again once it may have been accepted.
    pub fn delete_action(&self, name: impl Into<String>) -> Call<M, DeleteAction> {
        Call::new(self.0.clone(), DeleteAction::new(name))
    }

    /// Publishes the draft of a composite action as a revision. Rejected if the YAML is invalid.
    ///
    /// `POST /v1/{name}:publish`. Not sent again once it may have been accepted.
    pub fn publish_action(&self, name: impl Into<String>) -> Call<M, PublishAction> {
        Call::new(self.0.clone(), PublishAction::new(name))
    }

    /// Validates the YAML of a composite action. An invalid YAML is not an error: the findings are in the
    /// output.
    ///
    /// `POST /v1/{parent}/actions:validate`. Not sent again once it may have been accepted.
    pub fn validate_action(
        &self,
        parent: impl Into<String>,
        source_contents: impl Into<String>,
    ) -> Call<M, ValidateAction> {
        Call::new(self.0.clone(), ValidateAction::new(parent, source_contents))
    }
}

/// Calls about revisions of composite actions: see
/// [`Client::action_revision`](super::client::Client::action_revision).
pub struct ActionRevisionClient<M>(pub(super) Shared<H2oWorkflows, M>);

impl<M> Clone for ActionRevisionClient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for ActionRevisionClient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M> ActionRevisionClient<M> {
    /// Lists the revisions of a composite action, one page per request, the newest first.
    ///
    /// [`Call::iter`] and `Call::stream` return all items, page after page.
    ///
    /// `GET /v1/{parent}/revisions`.
    pub fn list_action_revisions(&self, parent: impl Into<String>) -> Call<M, ListActionRevisions> {
        Call::new(self.0.clone(), ListActionRevisions::new(parent))
    }

    /// Returns a revision; the id `latest` stands for the last one.
    ///
    /// `GET /v1/{name}`.
    pub fn get_action_revision(&self, name: impl Into<String>) -> Call<M, GetActionRevision> {
        Call::new(self.0.clone(), GetActionRevision::new(name))
    }
}
