//! Composite actions.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Call, Command, FieldMask, Spec, label};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::h2o_workflows::workflows::Validation;
use crate::http::{Method, Request};

use super::model::{Action, ActionRevision, ActionsPage};

/// See [`ActionClient::list_actions`](crate::h2o_workflows::clients::ActionClient::list_actions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListActions {
    /// What they are in: `workspaces/{workspace}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListActions {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListActions {
    type Output = ActionsPage;

    fn spec(&self) -> Spec {
        Spec::reads("action.list_actions")
    }

    fn label(&self) -> String {
        label("list_actions", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Workspace,
            &self.parent,
            "actions",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<ActionsPage, Error> {
        answer.whole()
    }
}

impl List for ListActions {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`ActionClient::get_action`](crate::h2o_workflows::clients::ActionClient::get_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetAction {
    /// `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl GetAction {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetAction {
    type Output = Action;

    fn spec(&self) -> Spec {
        Spec::reads("action.get_action")
    }

    fn label(&self) -> String {
        label("get_action", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::Action, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<Action, Error> {
        answer.part("action")
    }
}

/// See [`ActionClient::create_action`](crate::h2o_workflows::clients::ActionClient::create_action).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateAction {
    /// `workspaces/{workspace}`.
    pub parent: String,
    /// What is to be created: of it, the source alone is sent.
    pub action: Action,
}

impl CreateAction {
    /// This one, in this workspace.
    pub fn new(parent: impl Into<String>, action: Action) -> Self {
        Self { parent: parent.into(), action }
    }
}

impl Command for CreateAction {
    type Output = Action;

    fn spec(&self) -> Spec {
        Spec::changes("action.create_action")
    }

    fn label(&self) -> String {
        label("create_action", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request =
            collection_request(&self.label(), Method::Post, Kind::Workspace, &self.parent, "actions")?;
        request.body = Some(json!({"sourceContents": self.action.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Action, Error> {
        answer.part("action")
    }
}

/// See [`ActionClient::update_action`](crate::h2o_workflows::clients::ActionClient::update_action).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateAction {
    /// What it is to be, under its name: of it, the source alone is sent.
    pub action: Action,
    /// Which fields count. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateAction {
    /// To be this, all of it.
    pub fn new(action: Action) -> Self {
        Self { action, update_mask: FieldMask::all() }
    }
}

impl Command for UpdateAction {
    type Output = Action;

    fn spec(&self) -> Spec {
        Spec::changes("action.update_action")
    }

    fn label(&self) -> String {
        label("update_action", &self.action.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Patch, Kind::Action, &self.action.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(json!({"sourceContents": self.action.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Action, Error> {
        answer.part("action")
    }
}

impl<M> Call<M, UpdateAction> {
    /// Which fields count. Default: all. The only one there is: `source_contents`.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// See [`ActionClient::delete_action`](crate::h2o_workflows::clients::ActionClient::delete_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteAction {
    /// `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl DeleteAction {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteAction {
    type Output = ();

    fn spec(&self) -> Spec {
        Spec::changes("action.delete_action")
    }

    fn label(&self) -> String {
        label("delete_action", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Delete, Kind::Action, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<(), Error> {
        answer.nothing()
    }
}

/// See [`ActionClient::publish_action`](crate::h2o_workflows::clients::ActionClient::publish_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PublishAction {
    /// `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl PublishAction {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for PublishAction {
    type Output = ActionRevision;

    fn spec(&self) -> Spec {
        Spec::changes("action.publish_action")
    }

    fn label(&self) -> String {
        label("publish_action", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = name_request(&self.label(), Method::Post, Kind::Action, &self.name, ":publish")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<ActionRevision, Error> {
        answer.part("actionRevision")
    }
}

/// See [`ActionClient::validate_action`](crate::h2o_workflows::clients::ActionClient::validate_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ValidateAction {
    /// `workspaces/{workspace}`.
    pub parent: String,
    /// The YAML.
    pub source_contents: String,
}

impl ValidateAction {
    /// This YAML, as for this workspace.
    pub fn new(parent: impl Into<String>, source_contents: impl Into<String>) -> Self {
        Self { parent: parent.into(), source_contents: source_contents.into() }
    }
}

impl Command for ValidateAction {
    type Output = Validation;

    // No POST of this service is repeated: no source says that this one leaves nothing behind.
    fn spec(&self) -> Spec {
        Spec::changes("action.validate_action")
    }

    fn label(&self) -> String {
        label("validate_action", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = collection_request(
            &self.label(),
            Method::Post,
            Kind::Workspace,
            &self.parent,
            "actions:validate",
        )?;
        request.body = Some(json!({"sourceContents": self.source_contents}).to_string().into());
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<Validation, Error> {
        answer.whole()
    }
}
