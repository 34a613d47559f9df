//! Workspaces.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage};

use super::model::{
    CreateWorkspaceRequest, CreateWorkspaceResponse, ListWorkspacesResponse, WorkspaceListItem,
};

/// The operations about workspaces, which do not need a workspace in the credentials. Returned by
/// [`Client::workspaces`].
#[derive(Debug)]
pub struct Workspaces<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about workspaces, which do not need a workspace in the credentials.
    pub fn workspaces(&self) -> Workspaces<M> {
        Workspaces { client: self.clone() }
    }
}

impl<M> Workspaces<M> {
    /// Lists all workspaces of the caller's current organization, or of the organization that
    /// [`organization_public_id`](Call::organization_public_id) sets. `GET /v1/workspaces`
    /// (`list_workspaces`).
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not a member of the
    /// organization, or if the API key is limited to one workspace; [`NotFound`](crate::ErrorKind::NotFound)
    /// if the organization does not exist.
    #[doc(alias = "list_workspaces")]
    pub fn list(&self) -> Call<M, ListWorkspaces> {
        self.client.call(ListWorkspaces::new())
    }

    /// Creates a workspace. The service provisions it in the background;
    /// [`wait_for_workspace`](Workspaces::wait_for_workspace) waits until it is provisioned.
    /// `POST /v1/workspaces` (`create_workspace`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name is empty;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the API key does not allow the request;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the organization does not exist.
    #[doc(alias = "create_workspace")]
    pub fn create(&self, name: impl Into<String>) -> Call<M, CreateWorkspace> {
        self.client.call(CreateWorkspace::new(name))
    }

    /// Deletes a workspace permanently, with its contents. After the response, the service removes the
    /// storage of the workspace in the background. `DELETE /v1/workspaces/{public_id}` (`delete_workspace`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no workspace has this id;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the API key is limited to one workspace.
    #[doc(alias = "delete_workspace")]
    pub fn delete(&self, public_id: impl Into<String>) -> Call<M, DeleteWorkspace> {
        self.client.call(DeleteWorkspace::new(public_id))
    }
}

/// Lists all workspaces of an organization: the command of [`Workspaces::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkspaces {
    /// The id of the organization whose workspaces are listed. Default: the caller's current organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_public_id: Option<String>,
}

impl ListWorkspaces {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListWorkspaces {
    type Output = ListWorkspacesResponse;
    const NAME: &'static str = "list_workspaces";

    fn endpoint(&self) -> Endpoint<'_, ListWorkspacesResponse> {
        Endpoint::get(Self::NAME, "/v1/workspaces")
            .of(Scope::Account)
            .query("organization_public_id", self.organization_public_id.as_deref())
    }
}

impl<M> Call<M, ListWorkspaces> {
    /// Sets the id of the organization whose workspaces are listed. Default: the caller's current
    /// organization.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.command.organization_public_id = Some(organization_public_id.into());
        self
    }
}

impl List for ListWorkspaces {
    type Item = WorkspaceListItem;

    fn split(&self, page: ListWorkspacesResponse) -> (Vec<WorkspaceListItem>, NextPage) {
        (page.workspaces, Ok(None))
    }
}

/// Creates a workspace: the command of [`Workspaces::create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspace {
    /// The name and the organization of the new workspace.
    pub create_workspace_request: CreateWorkspaceRequest,
}

impl CreateWorkspace {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { create_workspace_request: CreateWorkspaceRequest::new(name) }
    }
}

impl Command for CreateWorkspace {
    type Output = CreateWorkspaceResponse;
    const NAME: &'static str = "create_workspace";

    fn endpoint(&self) -> Endpoint<'_, CreateWorkspaceResponse> {
        Endpoint::post(Self::NAME, "/v1/workspaces")
            .of(Scope::Account)
            .about(&self.create_workspace_request.name)
            .json(&self.create_workspace_request)
    }
}

impl<M> Call<M, CreateWorkspace> {
    /// Sets the id of the organization of the new workspace. Default: the caller's current organization.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.command.create_workspace_request.organization_public_id = Some(organization_public_id.into());
        self
    }
}

/// Deletes a workspace permanently: the command of [`Workspaces::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteWorkspace {
    /// The id of the workspace.
    pub public_id: String,
}

impl DeleteWorkspace {
    /// Returns the command with its required parameters.
    pub fn new(public_id: impl Into<String>) -> Self {
        Self { public_id: public_id.into() }
    }
}

impl Command for DeleteWorkspace {
    type Output = ();
    const NAME: &'static str = "delete_workspace";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/workspaces/{public_id}")
            .of(Scope::Account)
            .at("public_id", &self.public_id)
            .nothing()
    }
}
