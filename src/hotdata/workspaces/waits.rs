//! Waits for workspaces.

use serde_json::Value;

use crate::client::{Action, Running};
use crate::engine::{Id, Judgement, Machine};
use crate::error::{Error, ErrorKind};
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core};
use crate::hotdata::composite::{Composite, Origin, text};
use crate::hotdata::endpoint::about;
use crate::hotdata::waits::{Until, Waits};

use super::commands::{ListWorkspaces, Workspaces};
use super::model::WorkspaceListItem;

/// Waits until a workspace is provisioned: the command of [`Workspaces::wait_for_workspace`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitForWorkspace {
    /// The id of the workspace.
    pub public_id: String,
    /// The id of the organization of the workspace. Default: the caller's current organization.
    pub organization_public_id: Option<String>,
    until: Until<WorkspaceListItem>,
}

impl WaitForWorkspace {
    pub(in crate::hotdata) fn kept(
        public_id: &str,
        organization_public_id: Option<String>,
        accept_failure: bool,
    ) -> Self {
        let until = Until::kept(accept_failure);
        Self { public_id: public_id.to_owned(), organization_public_id, until }
    }

    pub(in crate::hotdata) fn keep(&self) -> Result<bool, Error> {
        self.until.keep(&self.label())
    }

    pub(in crate::hotdata) fn label(&self) -> String {
        about("waiting for workspace", &self.public_id)
    }
}

impl Waits for WaitForWorkspace {
    type Polled = WorkspaceListItem;

    fn until(&mut self) -> &mut Until<WorkspaceListItem> {
        &mut self.until
    }
}

/// # Waiting
impl<M> Workspaces<M> {
    /// Waits until the workspace with this id has the status `provisioned`, and returns the workspace.
    ///
    /// The wait polls the list of the workspaces of the caller's current organization, or of the organization
    /// that [`organization_public_id`](Call::organization_public_id) sets. Any other status counts as pending,
    /// and so does a workspace that is not in this list. The time limit is the [`timeout`](Call::timeout) of
    /// the call, by default 300 s.
    ///
    /// # Errors
    ///
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), with the last status of the workspace and its id as
    /// [`resource`](Error::resource), if it is not provisioned within the timeout of the call.
    pub fn wait_for_workspace(&self, public_id: impl Into<String>) -> Call<M, WaitForWorkspace> {
        let wait = WaitForWorkspace {
            public_id: public_id.into(),
            organization_public_id: None,
            until: Until::default(),
        };
        Call::new(self.client.shared.clone(), wait)
    }
}

impl<M> Call<M, WaitForWorkspace> {
    /// Sets the id of the organization of the workspace. Default: the caller's current organization.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.command.organization_public_id = Some(organization_public_id.into());
        self
    }
}

/// The state of a workspace.
fn judge_workspace(workspace: Value) -> Result<Judgement, String> {
    let status = text(&workspace, "provision_status")?;
    Ok(match &*status {
        "provisioned" => Judgement::Done { status, body: workspace },
        _ => Judgement::Pending { status },
    })
}

impl Action<Hotdata> for WaitForWorkspace {
    type Output = WorkspaceListItem;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<WorkspaceListItem>, Error> {
        let calls = Composite::new(core, options, self.label())?;
        let (id, until) = (self.public_id.clone(), self.until.clone());
        let judge = move |body: Value| {
            let workspaces =
                body["workspaces"].as_array().ok_or_else(|| "it has no workspaces".to_owned())?;
            match workspaces.iter().find(|workspace| workspace["public_id"] == *id) {
                Some(workspace) => until.judge(workspace.clone(), judge_workspace),
                None => Ok(Judgement::Pending { status: "not in the list".to_owned() }),
            }
        };
        let id = Id::Resource(self.public_id.clone());
        let list = ListWorkspaces { organization_public_id: self.organization_public_id.clone() };
        let wait = calls.wait(&list, id, Origin::Earlier, judge)?;
        let resource = self.public_id.clone();
        Ok(Running::new(wait.map(move |outcome| {
            serde_json::from_value(outcome?.body).map_err(|e| {
                let happened = format!("HTTP 200 with an invalid body: {e}");
                Error::new(ErrorKind::UnexpectedResponse, calls.label(), happened).with_resource(resource)
            })
        })))
    }
}
