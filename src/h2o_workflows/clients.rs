//! The nine clients of the vendor's bundle.

use std::fmt;

use crate::client::Shared;

use super::client::H2oWorkflows;
use super::command::Call;
use super::*;

/// Calls about workflows: see [`Clients::workflow`](super::client::Clients::workflow).
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
    /// One page of the workflows of a workspace. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/workflows`.
    pub fn list_workflows(&self, parent: impl Into<String>) -> Call<M, ListWorkflows> {
        Call::new(self.0.clone(), ListWorkflows::new(parent))
    }

    /// One workflow.
    ///
    /// `GET /v1/{name}`.
    pub fn get_workflow(&self, name: impl Into<String>) -> Call<M, GetWorkflow> {
        Call::new(self.0.clone(), GetWorkflow::new(name))
    }

    /// Creates a workflow: a draft, which runs once it is activated. The id is the one of the YAML.
    ///
    /// `POST /v1/{parent}/workflows`. Sent once and not again after it may have been taken.
    pub fn create_workflow(&self, parent: impl Into<String>, workflow: Workflow) -> Call<M, CreateWorkflow> {
        Call::new(self.0.clone(), CreateWorkflow::new(parent, workflow))
    }

    /// Changes the draft of a workflow, and no revision.
    ///
    /// `PATCH /v1/{name}`. See [`Call::update_mask`].
    pub fn update_workflow(&self, workflow: Workflow) -> Call<M, UpdateWorkflow> {
        Call::new(self.0.clone(), UpdateWorkflow::new(workflow))
    }

    /// Deletes a workflow with its revisions and runs. Refused while a run of it has not ended.
    ///
    /// `DELETE /v1/{name}`. Sent once and not again after it may have been taken.
    pub fn delete_workflow(&self, name: impl Into<String>) -> Call<M, DeleteWorkflow> {
        Call::new(self.0.clone(), DeleteWorkflow::new(name))
    }

    /// Makes a revision of the draft, which then is the one that runs. Refused if the YAML is invalid.
    ///
    /// `POST /v1/{name}:activate`. Sent once and not again after it may have been taken.
    pub fn activate_workflow(&self, name: impl Into<String>) -> Call<M, ActivateWorkflow> {
        Call::new(self.0.clone(), ActivateWorkflow::new(name))
    }

    /// Leaves a workflow without a revision that runs.
    ///
    /// `POST /v1/{name}:deactivate`. Sent once and not again after it may have been taken.
    pub fn deactivate_workflow(&self, name: impl Into<String>) -> Call<M, DeactivateWorkflow> {
        Call::new(self.0.clone(), DeactivateWorkflow::new(name))
    }

    /// Checks a YAML. What is wrong with it is in the answer, and no error.
    ///
    /// `POST /v1/{parent}/workflows:validate`.
    pub fn validate_workflow(
        &self,
        parent: impl Into<String>,
        source_contents: impl Into<String>,
    ) -> Call<M, ValidateWorkflow> {
        Call::new(self.0.clone(), ValidateWorkflow::new(parent, source_contents))
    }
}

/// Calls about revisions of workflows: see [`Clients::workflow_revision`](super::client::Clients::workflow_revision).
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
    /// One page of the revisions of a workflow. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/revisions`.
    pub fn list_workflow_revisions(&self, parent: impl Into<String>) -> Call<M, ListWorkflowRevisions> {
        Call::new(self.0.clone(), ListWorkflowRevisions::new(parent))
    }

    /// One revision; the id `active` stands for the one that runs.
    ///
    /// `GET /v1/{name}`.
    pub fn get_workflow_revision(&self, name: impl Into<String>) -> Call<M, GetWorkflowRevision> {
        Call::new(self.0.clone(), GetWorkflowRevision::new(name))
    }

    /// Starts a run of a revision; the id `active` stands for the one that runs. Returns as soon as it is queued:
    /// [`run_and_wait`](WorkflowRevisionClient::run_and_wait) waits for the end.
    ///
    /// `POST /v1/{name}:run`. Sent once and not again after it may have been taken: a repetition starts a second run.
    pub fn run_workflow_revision(&self, name: impl Into<String>) -> Call<M, RunWorkflowRevision> {
        Call::new(self.0.clone(), RunWorkflowRevision::new(name))
    }
}

/// Calls about runs: see [`Clients::run`](super::client::Clients::run).
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
    /// One page of the runs of a revision. `-` in place of a revision, workflow or workspace stands for any.
    /// For all pages: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/runs`.
    pub fn list_runs(&self, parent: impl Into<String>) -> Call<M, ListRuns> {
        Call::new(self.0.clone(), ListRuns::new(parent))
    }

    /// One run.
    ///
    /// `GET /v1/{name}`.
    pub fn get_run(&self, name: impl Into<String>) -> Call<M, GetRun> {
        Call::new(self.0.clone(), GetRun::new(name))
    }

    /// Asks a run to end. What has not begun ends at once; what runs may take its time. Refused if it has ended.
    ///
    /// `POST /v1/{name}:cancel`. Sent once and not again after it may have been taken.
    pub fn cancel_run(&self, name: impl Into<String>) -> Call<M, CancelRun> {
        Call::new(self.0.clone(), CancelRun::new(name))
    }

    /// Deletes a run that has ended, with its attempts, jobs and steps.
    ///
    /// `DELETE /v1/{name}`. Sent once and not again after it may have been taken.
    pub fn delete_run(&self, name: impl Into<String>) -> Call<M, DeleteRun> {
        Call::new(self.0.clone(), DeleteRun::new(name))
    }

    /// Begins another attempt of a run that has ended. See [`Call::retry_mode`].
    ///
    /// `POST /v1/{name}:retry`. Sent once and not again after it may have been taken.
    pub fn retry_run(&self, name: impl Into<String>) -> Call<M, RetryRun> {
        Call::new(self.0.clone(), RetryRun::new(name))
    }
}

/// Calls about attempts of runs: see [`Clients::run_attempt`](super::client::Clients::run_attempt).
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
    /// One page of the attempts of a run, the first attempt first. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/attempts`.
    pub fn list_run_attempts(&self, parent: impl Into<String>) -> Call<M, ListRunAttempts> {
        Call::new(self.0.clone(), ListRunAttempts::new(parent))
    }

    /// One attempt; the id `latest` stands for the last one.
    ///
    /// `GET /v1/{name}`.
    pub fn get_run_attempt(&self, name: impl Into<String>) -> Call<M, GetRunAttempt> {
        Call::new(self.0.clone(), GetRunAttempt::new(name))
    }
}

/// Calls about jobs: see [`Clients::job`](super::client::Clients::job).
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
    /// One page of the jobs of an attempt, the newest first. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/jobs`.
    pub fn list_jobs(&self, parent: impl Into<String>) -> Call<M, ListJobs> {
        Call::new(self.0.clone(), ListJobs::new(parent))
    }

    /// One job.
    ///
    /// `GET /v1/{name}`.
    pub fn get_job(&self, name: impl Into<String>) -> Call<M, GetJob> {
        Call::new(self.0.clone(), GetJob::new(name))
    }
}

/// Calls about steps: see [`Clients::step`](super::client::Clients::step).
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
    /// One page of the steps of a job, in their order. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/steps`.
    pub fn list_steps(&self, parent: impl Into<String>) -> Call<M, ListSteps> {
        Call::new(self.0.clone(), ListSteps::new(parent))
    }

    /// One step.
    ///
    /// `GET /v1/{name}`.
    pub fn get_step(&self, name: impl Into<String>) -> Call<M, GetStep> {
        Call::new(self.0.clone(), GetStep::new(name))
    }

    /// What a step has written so far; all of it once it has ended.
    ///
    /// `GET /v1/{name}:logs`. See [`Call::output`].
    pub fn get_step_logs(&self, name: impl Into<String>) -> Call<M, GetStepLogs> {
        Call::new(self.0.clone(), GetStepLogs::new(name))
    }

    /// What a step writes, while it writes. Sent as a call it waits for the end and gives all of it;
    /// to follow, see `Call::follow` and, with futures, `Call::follow_stream`.
    ///
    /// `GET /v1/{name}:streamLogs`. See [`Call::output`] and [`Call::offset`].
    pub fn stream_step_logs(&self, name: impl Into<String>) -> Call<M, StreamStepLogs> {
        Call::new(self.0.clone(), StreamStepLogs::new(name))
    }
}

/// Calls about runners: see [`Clients::runner`](super::client::Clients::runner).
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
    /// One page of the runners of a workspace. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/runners`.
    pub fn list_runners(&self, parent: impl Into<String>) -> Call<M, ListRunners> {
        Call::new(self.0.clone(), ListRunners::new(parent))
    }

    /// One runner.
    ///
    /// `GET /v1/{name}`.
    pub fn get_runner(&self, name: impl Into<String>) -> Call<M, GetRunner> {
        Call::new(self.0.clone(), GetRunner::new(name))
    }

    /// Creates a runner.
    ///
    /// `POST /v1/{parent}/runners`. Sent once and not again after it may have been taken.
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
    /// `PATCH /v1/{name}`. See [`Call::update_mask`]: by default everything is overwritten with what the value holds.
    pub fn update_runner(&self, runner: Runner) -> Call<M, UpdateRunner> {
        Call::new(self.0.clone(), UpdateRunner::new(runner))
    }

    /// Deletes a runner.
    ///
    /// `DELETE /v1/{name}`. Sent once and not again after it may have been taken.
    pub fn delete_runner(&self, name: impl Into<String>) -> Call<M, DeleteRunner> {
        Call::new(self.0.clone(), DeleteRunner::new(name))
    }

    /// All runners of a workspace, in pages of 500.
    pub fn list_all_runners(&self, parent: impl Into<String>) -> Call<M, ListAllRunners> {
        Call::new(self.0.clone(), ListAllRunners::new(parent))
    }

    /// Deletes all runners of a workspace, one after the other. An error half-way leaves the rest there.
    pub fn delete_all_runners(&self, parent: impl Into<String>) -> Call<M, DeleteAllRunners> {
        Call::new(self.0.clone(), DeleteAllRunners::new(parent))
    }

    /// Deletes all runners of a workspace, creates these, and lists what is there then. Not in one piece: after an error
    /// half-way the old runners are gone.
    pub fn apply_runners(
        &self,
        configs: impl IntoIterator<Item = RunnerConfig>,
        parent: impl Into<String>,
    ) -> Call<M, ApplyRunners> {
        Call::new(self.0.clone(), ApplyRunners::new(configs, parent))
    }
}

/// Calls about composite actions: see [`Clients::action`](super::client::Clients::action).
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
    /// One page of the composite actions of a workspace. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/actions`.
    pub fn list_actions(&self, parent: impl Into<String>) -> Call<M, ListActions> {
        Call::new(self.0.clone(), ListActions::new(parent))
    }

    /// One action.
    ///
    /// `GET /v1/{name}`.
    pub fn get_action(&self, name: impl Into<String>) -> Call<M, GetAction> {
        Call::new(self.0.clone(), GetAction::new(name))
    }

    /// Creates a composite action: a draft, which can be used once it is published. The id is the one of the YAML.
    ///
    /// `POST /v1/{parent}/actions`. Sent once and not again after it may have been taken.
    pub fn create_action(&self, parent: impl Into<String>, action: Action) -> Call<M, CreateAction> {
        Call::new(self.0.clone(), CreateAction::new(parent, action))
    }

    /// Changes the draft of an action, and no revision.
    ///
    /// `PATCH /v1/{name}`. See [`Call::update_mask`].
    pub fn update_action(&self, action: Action) -> Call<M, UpdateAction> {
        Call::new(self.0.clone(), UpdateAction::new(action))
    }

    /// Deletes an action with its revisions.
    ///
    /// `DELETE /v1/{name}`. Sent once and not again after it may have been taken.
    pub fn delete_action(&self, name: impl Into<String>) -> Call<M, DeleteAction> {
        Call::new(self.0.clone(), DeleteAction::new(name))
    }

    /// Makes a revision of the draft. Refused if the YAML is invalid.
    ///
    /// `POST /v1/{name}:publish`. Sent once and not again after it may have been taken.
    pub fn publish_action(&self, name: impl Into<String>) -> Call<M, PublishAction> {
        Call::new(self.0.clone(), PublishAction::new(name))
    }

    /// Checks a YAML. What is wrong with it is in the answer, and no error.
    ///
    /// `POST /v1/{parent}/actions:validate`.
    pub fn validate_action(
        &self,
        parent: impl Into<String>,
        source_contents: impl Into<String>,
    ) -> Call<M, ValidateAction> {
        Call::new(self.0.clone(), ValidateAction::new(parent, source_contents))
    }
}

/// Calls about revisions of actions: see [`Clients::action_revision`](super::client::Clients::action_revision).
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
    /// One page of the revisions of an action, the newest first. For all of them: `Call::iter`, `Call::stream`.
    ///
    /// `GET /v1/{parent}/revisions`.
    pub fn list_action_revisions(&self, parent: impl Into<String>) -> Call<M, ListActionRevisions> {
        Call::new(self.0.clone(), ListActionRevisions::new(parent))
    }

    /// One revision; the id `latest` stands for the last one.
    ///
    /// `GET /v1/{name}`.
    pub fn get_action_revision(&self, name: impl Into<String>) -> Call<M, GetActionRevision> {
        Call::new(self.0.clone(), GetActionRevision::new(name))
    }
}
