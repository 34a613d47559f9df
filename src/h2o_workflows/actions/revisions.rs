//! Revisions of composite actions.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::h2o_workflows::command::{Answer, Command, Spec, label};
use crate::h2o_workflows::names::{Kind, name_request, page_request};
use crate::h2o_workflows::pages::List;
use crate::http::{Method, Request};

use super::model::{ActionRevision, ActionRevisionsPage};

/// See [`ActionRevisionClient::list_action_revisions`](crate::h2o_workflows::clients::ActionRevisionClient::list_action_revisions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListActionRevisions {
    /// What they are in: `workspaces/{workspace}/actions/{action}`.
    pub parent: String,
    /// How many at most. 0: the service's choice, 50. It gives no more than 500, and may give fewer.
    #[serde(default)]
    pub page_size: u32,
    /// From the page before. Empty: the first page.
    #[serde(default)]
    pub page_token: String,
}

impl ListActionRevisions {
    /// The first page.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into(), ..Self::default() }
    }
}

impl Command for ListActionRevisions {
    type Output = ActionRevisionsPage;

    fn spec(&self) -> Spec {
        Spec::reads("action_revision.list_action_revisions")
    }

    fn label(&self) -> String {
        label("list_action_revisions", &self.parent)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let request = page_request(
            &self.label(),
            Kind::Action,
            &self.parent,
            "revisions",
            self.page_size,
            &self.page_token,
        )?;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<ActionRevisionsPage, Error> {
        answer.whole()
    }
}

impl List for ListActionRevisions {
    fn next_page(&mut self, token: String) {
        self.page_token = token;
    }

    fn page_size(&mut self) -> &mut u32 {
        &mut self.page_size
    }
}

/// See [`ActionRevisionClient::get_action_revision`](crate::h2o_workflows::clients::ActionRevisionClient::get_action_revision).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetActionRevision {
    /// `…/actions/{action}/revisions/{revision}`.
    pub name: String,
}

impl GetActionRevision {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetActionRevision {
    type Output = ActionRevision;

    fn spec(&self) -> Spec {
        Spec::reads("action_revision.get_action_revision")
    }

    fn label(&self) -> String {
        label("get_action_revision", &self.name)
    }

    fn to_request(&self) -> Result<Request, Error> {
        name_request(&self.label(), Method::Get, Kind::ActionRevision, &self.name, "")
    }

    fn read(&self, answer: Answer<'_>) -> Result<ActionRevision, Error> {
        answer.part("actionRevision")
    }
}
