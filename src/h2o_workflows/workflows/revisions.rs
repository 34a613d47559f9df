//! Revisions of workflows.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, Spec, label};
use crate::h2o_workflows::inputs::InputValues;
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::h2o_workflows::runs::Run;
use crate::http::{Method, Request};

use super::model::{WorkflowRevision, WorkflowRevisionsPage};

/// See [`WorkflowRevisionClient::list_workflow_revisions`](crate::h2o_workflows::clients::WorkflowRevisionClient::list_workflow_revisions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkflowRevisions {
    /// What they are in: `workspaces/{workspace}/workflows/{workflow}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListWorkflowRevisions {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListWorkflowRevisions {
    type Output = WorkflowRevisionsPage;

    fn spec(&self) -> Spec {
        Spec::reads("workflow_revision.list_workflow_revisions")
    }

    fn label(&self) -> String {
        label("list_workflow_revisions", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Workflow,
            &self.parent,
            "revisions",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<WorkflowRevisionsPage, Error> {
        answer.whole()
    }
}

impl List for ListWorkflowRevisions {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`WorkflowRevisionClient::get_workflow_revision`](crate::h2o_workflows::clients::WorkflowRevisionClient::get_workflow_revision).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkflowRevision {
    /// `…/workflows/{workflow}/revisions/{revision}`.
    pub name: String,
}

impl GetWorkflowRevision {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetWorkflowRevision {
    type Output = WorkflowRevision;

    fn spec(&self) -> Spec {
        Spec::reads("workflow_revision.get_workflow_revision")
    }

    fn label(&self) -> String {
        label("get_workflow_revision", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::WorkflowRevision, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<WorkflowRevision, Error> {
        answer.part("workflowRevision")
    }
}

/// See [`WorkflowRevisionClient::run_workflow_revision`](crate::h2o_workflows::clients::WorkflowRevisionClient::run_workflow_revision).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct RunWorkflowRevision {
    /// `…/workflows/{workflow}/revisions/{revision}`.
    pub name: String,
    /// What the run is given.
    #[serde(default)]
    pub inputs: InputValues,
}

impl RunWorkflowRevision {
    /// A run without inputs.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), inputs: InputValues::default() }
    }
}

impl Command for RunWorkflowRevision {
    type Output = Run;

    fn spec(&self) -> Spec {
        Spec::changes("workflow_revision.run_workflow_revision")
    }

    fn label(&self) -> String {
        label("run_workflow_revision", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            name_request(&self.label(), Method::Post, Kind::WorkflowRevision, &self.name, ":run")?;
        request.body = Some(json!({"inputs": self.inputs.to_body()}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Run, Error> {
        answer.part("run")
    }
}

impl<M> Call<M, RunWorkflowRevision> {
    /// What the run is given, instead of what was said before.
    pub fn inputs(mut self, inputs: InputValues) -> Self {
        self.command.inputs = inputs;
        self
    }

    /// One more thing that the run is given: a text, a bool or an integer.
    pub fn input(
        mut self,
        parameter: impl Into<String>,
        value: impl Into<crate::h2o_workflows::inputs::InputValue>,
    ) -> Self {
        self.command.inputs = self.command.inputs.with(parameter, value);
        self
    }
}
