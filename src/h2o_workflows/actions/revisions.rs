//! Commands about revisions of composite actions.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::h2o_workflows::command::{Single, Success};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{ActionRevision, ActionRevisionsPage};

/// Lists the revisions of a composite action, one page per request: see
/// [`ActionRevisionClient::list_action_revisions`](crate::h2o_workflows::clients::ActionRevisionClient::list_action_revisions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListActionRevisions {
    /// The action that they belong to: `workspaces/{workspace}/actions/{action}`.
    pub parent: String,
    /// The largest number of items on the page, up to 500. 0: the service's default, 50. A page may have
    /// fewer.
    #[serde(default)]
    pub page_size: u32,
    /// The page to request: `next_page_token` of the page before it. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListActionRevisions {
    /// Returns the command for the first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Single for ListActionRevisions {
    const NAME: &'static str = "action_revision.list_action_revisions";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = ActionRevisionsPage;

    fn subject(&self) -> &str {
        &self.parent
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        page_request(label, Kind::Action, &self.parent, "revisions", self.page_size, &self.page_token)
    }

    fn read(&self, success: Success<'_>) -> Result<ActionRevisionsPage, Error> {
        success.whole()
    }
}

impl List for ListActionRevisions {
    type Item = ActionRevision;

    fn page_token(&mut self) -> &mut String {
        &mut self.page_token
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }

    fn items(page: ActionRevisionsPage) -> (Vec<ActionRevision>, String) {
        (page.action_revisions, page.next_page_token)
    }
}

/// Returns a revision of a composite action: see
/// [`ActionRevisionClient::get_action_revision`](crate::h2o_workflows::clients::ActionRevisionClient::get_action_revision).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetActionRevision {
    /// The revision: `…/actions/{action}/revisions/{revision}`; its id may be `latest`.
    pub name: String,
}

impl GetActionRevision {
    /// Returns the command for the revision of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Single for GetActionRevision {
    const NAME: &'static str = "action_revision.get_action_revision";
    const EFFECT: Effect = Effect::Repeatable;

    type Reply = ActionRevision;

    fn subject(&self) -> &str {
        &self.name
    }

    fn request(&self, label: &str) -> Result<Request, Error> {
        name_request(label, Method::Get, Kind::ActionRevision, &self.name, "")
    }

    fn read(&self, success: Success<'_>) -> Result<ActionRevision, Error> {
        success.part("actionRevision")
    }
}
