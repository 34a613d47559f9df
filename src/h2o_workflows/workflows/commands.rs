//! Workflows.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, FieldMask, Spec, label};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Validation, Workflow, WorkflowsPage};

/// See [`WorkflowClient::list_workflows`](crate::h2o_workflows::clients::WorkflowClient::list_workflows).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkflows {
    /// What they are in: `workspaces/{workspace}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListWorkflows {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListWorkflows {
    type Output = WorkflowsPage;

    fn spec(&self) -> Spec {
        Spec::reads("workflow.list_workflows")
    }

    fn label(&self) -> String {
        label("list_workflows", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Workspace,
            &self.parent,
            "workflows",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<WorkflowsPage, Error> {
        answer.whole()
    }
}

impl List for ListWorkflows {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`WorkflowClient::get_workflow`](crate::h2o_workflows::clients::WorkflowClient::get_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkflow {
    /// `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl GetWorkflow {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetWorkflow {
    type Output = Workflow;

    fn spec(&self) -> Spec {
        Spec::reads("workflow.get_workflow")
    }

    fn label(&self) -> String {
        label("get_workflow", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Workflow, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Workflow, Error> {
        answer.part("workflow")
    }
}

/// See [`WorkflowClient::create_workflow`](crate::h2o_workflows::clients::WorkflowClient::create_workflow).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkflow {
    /// `workspaces/{workspace}`.
    pub parent: String,
    /// What is to be created: of it, the source alone is sent.
    pub workflow: Workflow,
}

impl CreateWorkflow {
    /// This one, in this workspace.
    pub fn new(parent: impl Into<String>, workflow: Workflow) -> Self {
        Self { parent: parent.into(), workflow }
    }
}

impl Command for CreateWorkflow {
    type Output = Workflow;

    fn spec(&self) -> Spec {
        Spec::changes("workflow.create_workflow")
    }

    fn label(&self) -> String {
        label("create_workflow", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            collection_request(&self.label(), Method::Post, Kind::Workspace, &self.parent, "workflows")?;
        request.body = Some(json!({"sourceContents": self.workflow.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Workflow, Error> {
        answer.part("workflow")
    }
}

/// See [`WorkflowClient::update_workflow`](crate::h2o_workflows::clients::WorkflowClient::update_workflow).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkflow {
    /// What it is to be, under its name: of it, the source alone is sent.
    pub workflow: Workflow,
    /// Which fields count. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateWorkflow {
    /// To be this, all of it.
    pub fn new(workflow: Workflow) -> Self {
        Self { workflow, update_mask: FieldMask::all() }
    }
}

impl Command for UpdateWorkflow {
    type Output = Workflow;

    fn spec(&self) -> Spec {
        Spec::changes("workflow.update_workflow")
    }

    fn label(&self) -> String {
        label("update_workflow", &self.workflow.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            name_request(&self.label(), Method::Patch, Kind::Workflow, &self.workflow.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(json!({"sourceContents": self.workflow.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Workflow, Error> {
        answer.part("workflow")
    }
}

impl<M> Call<M, UpdateWorkflow> {
    /// Which fields count. Default: all. The only one there is: `source_contents`.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// See [`WorkflowClient::delete_workflow`](crate::h2o_workflows::clients::WorkflowClient::delete_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteWorkflow {
    /// `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl DeleteWorkflow {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteWorkflow {
    type Output = ();

    fn spec(&self) -> Spec {
        Spec::changes("workflow.delete_workflow")
    }

    fn label(&self) -> String {
        label("delete_workflow", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Delete, Kind::Workflow, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<(), Error> {
        answer.nothing()
    }
}

/// See [`WorkflowClient::activate_workflow`](crate::h2o_workflows::clients::WorkflowClient::activate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ActivateWorkflow {
    /// `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl ActivateWorkflow {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for ActivateWorkflow {
    type Output = Workflow;

    fn spec(&self) -> Spec {
        Spec::changes("workflow.activate_workflow")
    }

    fn label(&self) -> String {
        label("activate_workflow", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Post, Kind::Workflow, &self.name, ":activate")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Workflow, Error> {
        answer.part("workflow")
    }
}

/// See [`WorkflowClient::deactivate_workflow`](crate::h2o_workflows::clients::WorkflowClient::deactivate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeactivateWorkflow {
    /// `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl DeactivateWorkflow {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeactivateWorkflow {
    type Output = Workflow;

    fn spec(&self) -> Spec {
        Spec::changes("workflow.deactivate_workflow")
    }

    fn label(&self) -> String {
        label("deactivate_workflow", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            name_request(&self.label(), Method::Post, Kind::Workflow, &self.name, ":deactivate")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Workflow, Error> {
        answer.part("workflow")
    }
}

/// See [`WorkflowClient::validate_workflow`](crate::h2o_workflows::clients::WorkflowClient::validate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ValidateWorkflow {
    /// `workspaces/{workspace}`.
    pub parent: String,
    /// The YAML.
    pub source_contents: String,
}

impl ValidateWorkflow {
    /// This YAML, as for this workspace.
    pub fn new(parent: impl Into<String>, source_contents: impl Into<String>) -> Self {
        Self { parent: parent.into(), source_contents: source_contents.into() }
    }
}

impl Command for ValidateWorkflow {
    type Output = Validation;

    // No POST of this service is repeated: no source says that this one leaves nothing behind.
    fn spec(&self) -> Spec {
        Spec::changes("workflow.validate_workflow")
    }

    fn label(&self) -> String {
        label("validate_workflow", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = collection_request(
            &self.label(),
            Method::Post,
            Kind::Workspace,
            &self.parent,
            "workflows:validate",
        )?;
        request.body = Some(json!({"sourceContents": self.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Validation, Error> {
        answer.whole()
    }
}
