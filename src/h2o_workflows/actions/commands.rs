//! Commands about composite actions.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Call, FieldMask, Single, Success};
use crate::h2o_workflows::names::{Kind, collection_request, name_request, page_request, source_body};
use crate::h2o_workflows::pages::List;
use crate::h2o_workflows::workflows::Validation;
use crate::http::{Method, Request};

use super::model::{Action, ActionRevision, ActionsPage};

/// Lists the composite actions of a workspace, one page per request: see
/// [`ActionClient::list_actions`](crate::h2o_workflows::clients::ActionClient::list_actions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListActions {
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

impl ListActions {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListActions {
    const NAME: &'static str = "action.list_actions";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = ActionsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Workspace, &self.parent, "actions", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<ActionsPage, Error> {
        success.whole()
    }
}

impl List for ListActions {
    type Item = Action;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: ActionsPage) -> (Vec<Action>, String) {
        (page.actions, page.next_page_token)
    }
}

/// Returns a composite action: see
/// [`ActionClient::get_action`](crate::h2o_workflows::clients::ActionClient::get_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetAction {
    /// The action: `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl GetAction {
    /// Returns the command for the action of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetAction {
    const NAME: &'static str = "action.get_action";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = Action;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::Action, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<Action, Error> {
        success.part("action")
    }
}

/// Creates a composite action: see
/// [`ActionClient::create_action`](crate::h2o_workflows::clients::ActionClient::create_action).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateAction {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
    /// The action to create. Only its source is sent.
    pub action: Action,
}

impl CreateAction {
    /// Returns the command that creates this action in this workspace.
    pub fn new(parent: impl Into<String>, action: Action) -> Self {
        Self { parent: parent.into(), action }
    }
}

impl Single for CreateAction {
    const NAME: &'static str = "action.create_action";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Action;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = collection_request(label, Method::Post, Kind::Workspace, &self.parent, "actions")?;
        request.body = Some(source_body(&self.action.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Action, Error> {
        success.part("action")
    }
}

/// Changes the draft of a composite action: see
/// [`ActionClient::update_action`](crate::h2o_workflows::clients::ActionClient::update_action).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpdateAction {
    /// The action with its name and its new values. Only its source is sent.
    pub action: Action,
    /// The fields that are overwritten. Default: all.
    #[serde(default)]
    pub update_mask: FieldMask,
}

impl UpdateAction {
    /// Returns the command that overwrites all fields.
    pub fn new(action: Action) -> Self {
        Self { action, update_mask: FieldMask::all() }
    }
}

impl Single for UpdateAction {
    const NAME: &'static str = "action.update_action";
    const EFFECT: Effect = Effect::Changes;

    type Reply = Action;

    fn subject(&self) -> &str {
        &self.action.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Patch, Kind::Action, &self.action.name, "")?;
        self.update_mask.add_to(&mut request);
        request.body = Some(source_body(&self.action.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Action, Error> {
        success.part("action")
    }
}

impl<M> Call<M, UpdateAction> {
    /// Sets the fields that are overwritten. Default: all. There is one: `source_contents`.
    pub fn update_mask(mut self, mask: impl Into<FieldMask>) -> Self {
        self.command.update_mask = mask.into();
        self
    }
}

/// Deletes a composite action: see
/// [`ActionClient::delete_action`](crate::h2o_workflows::clients::ActionClient::delete_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteAction {
    /// The action: `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl DeleteAction {
    /// Returns the command for the action of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for DeleteAction {
    const NAME: &'static str = "action.delete_action";
    const EFFECT: Effect = Effect::Changes;

    type Reply = ();

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Delete, Kind::Action, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<(), Error> {
        success.nothing()
    }
}

/// Publishes the draft of a composite action as a revision: see
/// [`ActionClient::publish_action`](crate::h2o_workflows::clients::ActionClient::publish_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PublishAction {
    /// The action: `workspaces/{workspace}/actions/{action}`.
    pub name: String,
}

impl PublishAction {
    /// Returns the command for the action of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for PublishAction {
    const NAME: &'static str = "action.publish_action";
    const EFFECT: Effect = Effect::Changes;

    type Reply = ActionRevision;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request = name_request(label, Method::Post, Kind::Action, &self.name, ":publish")?;
        request.body = Some(b"{}".to_vec().into());
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<ActionRevision, Error> {
        success.part("actionRevision")
    }
}

/// Validates the YAML of a composite action: see
/// [`ActionClient::validate_action`](crate::h2o_workflows::clients::ActionClient::validate_action).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ValidateAction {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
    /// The YAML.
    pub source_contents: String,
}

impl ValidateAction {
    /// Returns the command that validates this YAML for this workspace.
    pub fn new(parent: impl Into<String>, source_contents: impl Into<String>) -> Self {
        Self { parent: parent.into(), source_contents: source_contents.into() }
    }
}

impl Single for ValidateAction {
    const NAME: &'static str = "action.validate_action";
    // No source says that this POST has no effect, so it is not sent again.
    const EFFECT: Effect = Effect::Changes;

    type Reply = Validation;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        let mut request =
            collection_request(label, Method::Post, Kind::Workspace, &self.parent, "actions:validate")?;
        request.body = Some(source_body(&self.source_contents));
        Ok(request)
    }

    fn read(&self, success: Success<'_>) -> Result<Validation, Error> {
        success.whole()
    }
}
