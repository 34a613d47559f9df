//! Commands about workflows.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, FieldMask, Single, Success};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request, source_body};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{Validation, Workflow, WorkflowsPage};

/// Lists the workflows of a workspace, one page per request: see
/// [`WorkflowClient::list_workflows`](crate::h2o_workflows::clients::WorkflowClient::list_workflows).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkflows {
    /// The workspace that they belong to: `workspaces/{workspace}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListWorkflows {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListWorkflows {
    const NAME: &'static str = "workflow.list_workflows";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = WorkflowsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Workspace, &self.parent, "workflows", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<WorkflowsPage, Error> {
        success.whole()
    }
}

impl List for ListWorkflows {
    type Item = Workflow;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: WorkflowsPage) -> (Vec<Workflow>, String) {
        (page.workflows, page.next_page_token)
    }
}

/// Returns a workflow: see
/// [`WorkflowClient::get_workflow`](crate::h2o_workflows::clients::WorkflowClient::get_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkflow {
    /// The workflow: `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl GetWorkflow {
    /// Returns the command for the workflow of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetWorkflow {
    const NAME: &'static str = "workflow.get_workflow";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Workflow;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Workflow, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Workflow, Error> {
        success.part("workflow")
    }
}

/// Creates a workflow: see
/// [`WorkflowClient::create_workflow`](crate::h2o_workflows::clients::WorkflowClient::create_workflow).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkflow {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
    /// The workflow to create. Only its source is sent.
    pub workflow: Workflow,
}

impl CreateWorkflow {
    /// Returns the command that creates this workflow in this workspace.
    pub fn new(parent: impl Into<String>, workflow: Workflow) -> Self {
        Self { parent: parent.into(), workflow }
    }
}

impl Single for CreateWorkflow {
    const NAME: &'static str = "workflow.create_workflow";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Workflow;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request =
            collection_request(label, Method::Post, Kind::Workspace, &self.parent, "workflows")?;
        request.body = Some(source_body(&self.workflow.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Workflow, Error> {
        success.part("workflow")
    }
}

/// Changes the draft of a workflow: see
/// [`WorkflowClient::update_workflow`](crate::h2o_workflows::clients::WorkflowClient::update_workflow).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkflow {
    /// The workflow with its name and its new values. Only its source is sent.
    pub workflow: Workflow,
    /// The fields that are overwritten. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateWorkflow {
    /// Returns the command that overwrites all fields.
    pub fn new(workflow: Workflow) -> Self {
        Self { workflow, update_mask: FieldMask::all() }
    }
}

impl Single for UpdateWorkflow {
    const NAME: &'static str = "workflow.update_workflow";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Workflow;

    fn subject(&self) -> &str {
        &self.workflow.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Patch, Kind::Workflow, &self.workflow.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(source_body(&self.workflow.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Workflow, Error> {
        success.part("workflow")
    }
}

impl<M> Call<M, UpdateWorkflow> {
    /// Sets the fields that are overwritten. Default: all. There is one: `source_contents`.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// Deletes a workflow: see
/// [`WorkflowClient::delete_workflow`](crate::h2o_workflows::clients::WorkflowClient::delete_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteWorkflow {
    /// The workflow: `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl DeleteWorkflow {
    /// Returns the command for the workflow of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for DeleteWorkflow {
    const NAME: &'static str = "workflow.delete_workflow";
    const EFFECT: Effect = Effect::Changes;

    type Reply = ();

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Delete, Kind::Workflow, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<(), Error> {
        success.nothing()
    }
}

/// Makes the draft of a workflow its active revision: see
/// [`WorkflowClient::activate_workflow`](crate::h2o_workflows::clients::WorkflowClient::activate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ActivateWorkflow {
    /// The workflow: `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl ActivateWorkflow {
    /// Returns the command for the workflow of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for ActivateWorkflow {
    const NAME: &'static str = "workflow.activate_workflow";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Workflow;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::Workflow, &self.name, ":activate")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Workflow, Error> {
        success.part("workflow")
    }
}

/// Leaves a workflow without an active revision: see
/// [`WorkflowClient::deactivate_workflow`](crate::h2o_workflows::clients::WorkflowClient::deactivate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeactivateWorkflow {
    /// The workflow: `workspaces/{workspace}/workflows/{workflow}`.
    pub name: String,
}

impl DeactivateWorkflow {
    /// Returns the command for the workflow of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for DeactivateWorkflow {
    const NAME: &'static str = "workflow.deactivate_workflow";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Workflow;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::Workflow, &self.name, ":deactivate")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Workflow, Error> {
        success.part("workflow")
    }
}

/// Validates the YAML of a workflow: see
/// [`WorkflowClient::validate_workflow`](crate::h2o_workflows::clients::WorkflowClient::validate_workflow).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ValidateWorkflow {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
    /// The YAML.
    pub source_contents: String,
}

impl ValidateWorkflow {
    /// Returns the command that validates this YAML for this workspace.
    pub fn new(parent: impl Into<String>, source_contents: impl Into<String>) -> Self {
        Self { parent: parent.into(), source_contents: source_contents.into() }
    }
}

impl Single for ValidateWorkflow {
    const NAME: &'static str = "workflow.validate_workflow";
    // No source says that this POST has no effect, so it is not sent again.
    const EFFECT: Effect = Effect::Changes;

    type Reply = Validation;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request =
            collection_request(label, Method::Post, Kind::Workspace, &self.parent, "workflows:validate")?;
        request.body = Some(source_body(&self.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Validation, Error> {
        success.whole()
    }
}
