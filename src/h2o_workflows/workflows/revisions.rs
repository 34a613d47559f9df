//! Commands about revisions of workflows.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, Single, Success};
use crate::h2o_workflows::inputs::{InputValue, InputValues};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::h2o_workflows::runs::Run;
use crate::http::{Method, Request};

use super::model::{WorkflowRevision, WorkflowRevisionsPage};

/// Lists the revisions of a workflow, one page per request: see
/// [`WorkflowRevisionClient::list_workflow_revisions`](crate::h2o_workflows::clients::WorkflowRevisionClient::list_workflow_revisions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkflowRevisions {
    /// The workflow that they belong to: `workspaces/{workspace}/workflows/{workflow}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListWorkflowRevisions {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListWorkflowRevisions {
    const NAME: &'static str = "workflow_revision.list_workflow_revisions";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = WorkflowRevisionsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Workflow, &self.parent, "revisions", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<WorkflowRevisionsPage, Error> {
        success.whole()
    }
}

impl List for ListWorkflowRevisions {
    type Item = WorkflowRevision;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: WorkflowRevisionsPage) -> (Vec<WorkflowRevision>, String) {
        (page.workflow_revisions, page.next_page_token)
    }
}

/// Returns a revision of a workflow: see
/// [`WorkflowRevisionClient::get_workflow_revision`](crate::h2o_workflows::clients::WorkflowRevisionClient::get_workflow_revision).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkflowRevision {
    /// The revision: `…/workflows/{workflow}/revisions/{revision}`; its id may be `active`.
    pub name: String,
}

impl GetWorkflowRevision {
    /// Returns the command for the revision of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetWorkflowRevision {
    const NAME: &'static str = "workflow_revision.get_workflow_revision";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = WorkflowRevision;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::WorkflowRevision, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<WorkflowRevision, Error> {
        success.part("workflowRevision")
    }
}

/// Starts a run of a revision: see
/// [`WorkflowRevisionClient::run_workflow_revision`](crate::h2o_workflows::clients::WorkflowRevisionClient::run_workflow_revision).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RunWorkflowRevision {
    /// The revision: `…/workflows/{workflow}/revisions/{revision}`; its id may be `active`.
    pub name: String,
    /// The inputs of the run.
    #[serde(default)]
    pub inputs: InputValues,
}

impl RunWorkflowRevision {
    /// Returns the command that starts a run without inputs.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), inputs: InputValues::default() }
    }
}

impl Single for RunWorkflowRevision {
    const NAME: &'static str = "workflow_revision.run_workflow_revision";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Run;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::WorkflowRevision, &self.name, ":run")?;
        request.body = Some(json!({"inputs": self.inputs.to_body()}).to_string().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Run, Error> {
        success.part("run")
    }
}

impl<M> Call<M, RunWorkflowRevision> {
    /// Sets the inputs of the run. They replace those that were set before.
    pub fn inputs(mut self, inputs: InputValues) -> Self {
        self.command.inputs = inputs;
        self
    }

    /// Adds an input of the run: a text, a bool or an integer.
    pub fn input(mut self, parameter: impl Into<String>, value: impl Into<InputValue>) -> Self {
        self.command.inputs = self.command.inputs.with(parameter, value);
        self
    }
}
