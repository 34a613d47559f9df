//! Requests and responses about workspaces.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, or_yes, unknown, yes};
use crate::open_enum::impl_open_enum;

/// The request of [`Workspaces::create`](crate::hotdata::Workspaces::create): a new workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspaceRequest {
    /// The name of the new workspace.
    pub name: String,
    /// The id of the organization of the new workspace. Default: the caller's current organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_public_id: Option<String>,
}

impl CreateWorkspaceRequest {
    /// Returns a request with this name, for the caller's current organization.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), organization_public_id: None }
    }

    /// Sets the id of the organization of the new workspace. Default: the caller's current organization.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.organization_public_id = Some(organization_public_id.into());
        self
    }
}

/// The response of [`Workspaces::create`](crate::hotdata::Workspaces::create).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateWorkspaceResponse {
    /// Whether the workspace was created. True if the service does not say.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub ok: bool,
    /// The new workspace.
    pub workspace: WorkspaceDetail,
}

/// A workspace that was just created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceDetail {
    /// The id of the workspace: the value for
    /// [`workspace_id`](crate::hotdata::CredentialsBuilder::workspace_id) of the credentials.
    pub public_id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The state of provisioning: `Pending` for a new workspace.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provision_status: ProvisionStatus,
}

/// A workspace, as an entry of [`Workspaces::list`](crate::hotdata::Workspaces::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceListItem {
    /// The id of the workspace: the value for
    /// [`workspace_id`](crate::hotdata::CredentialsBuilder::workspace_id) of the credentials.
    pub public_id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Whether the workspace is active.
    #[serde(default, deserialize_with = "or_default")]
    pub active: bool,
    /// Whether the workspace is a favorite of the caller.
    #[serde(default, deserialize_with = "or_default")]
    pub favorite: bool,
    /// The state of provisioning.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provision_status: ProvisionStatus,
}

/// All workspaces of an organization: the response of [`Workspaces::list`](crate::hotdata::Workspaces::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWorkspacesResponse {
    /// Whether the request succeeded. True if the service does not say.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub ok: bool,
    /// The workspaces.
    #[serde(default, deserialize_with = "or_default")]
    pub workspaces: Vec<WorkspaceListItem>,
}

/// The state of provisioning of a workspace, which the service does in the background after a workspace was
/// created.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProvisionStatus {
    /// `pending`: not provisioned yet
    Pending,
    /// `provisioned`: final
    Provisioned,
    /// Any other value.
    Other(String),
}

impl_open_enum!(ProvisionStatus, "provision status", {
    Pending => "pending",
    Provisioned => "provisioned",
});
