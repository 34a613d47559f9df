//! Requests and responses about workspaces.

use serde::{Deserialize, Serialize};

use crate::hotdata::wire::{or_default, or_unknown, or_yes, unknown, yes};
use crate::open_enum::impl_open_enum;

/// The request to create a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspaceRequest {
    /// The name.
    pub name: String,
    /// The id of the organization. Default: the caller's current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_public_id: Option<String>,
}

impl CreateWorkspaceRequest {
    /// Returns a request with its required fields.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), organization_public_id: None }
    }

    /// Sets the organization. Default: the caller's current one.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.organization_public_id = Some(organization_public_id.into());
        self
    }
}

/// The response to creating a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateWorkspaceResponse {
    /// Whether it was created.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub ok: bool,
    /// The new workspace.
    pub workspace: WorkspaceDetail,
}

/// A workspace after its creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceDetail {
    /// The id: the `workspace_id` of the credentials.
    pub public_id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The state of provisioning. A new workspace is pending.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provision_status: ProvisionStatus,
}

/// A workspace in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceListItem {
    /// The id: the `workspace_id` of the credentials.
    pub public_id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Whether it is active.
    #[serde(default, deserialize_with = "or_default")]
    pub active: bool,
    /// Whether it is a favorite of the caller.
    #[serde(default, deserialize_with = "or_default")]
    pub favorite: bool,
    /// The status.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub provision_status: ProvisionStatus,
}

/// All workspaces of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWorkspacesResponse {
    /// Whether the request succeeded.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub ok: bool,
    /// The workspaces.
    #[serde(default, deserialize_with = "or_default")]
    pub workspaces: Vec<WorkspaceListItem>,
}

/// The state of provisioning of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProvisionStatus {
    /// `pending`
    Pending,
    /// `provisioned`
    Provisioned,
    /// Any other value.
    Other(String),
}

impl_open_enum!(ProvisionStatus, "provision status", {
    Pending => "pending",
    Provisioned => "provisioned",
});
