//! What is asked and told of workspaces (reference, section 4.1).

use serde::{Deserialize, Serialize};

use crate::open_enum::impl_open_enum;

/// A new workspace, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspaceRequest {
    /// Its name.
    pub name: String,
    /// The organisation that it is in. Default: the caller's current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_public_id: Option<String>,
}

impl CreateWorkspaceRequest {
    /// Of this name, in the caller's current organisation.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), organization_public_id: None }
    }

    /// The organisation that it is in. Default: the caller's current one.
    pub fn organization_public_id(mut self, organization_public_id: impl Into<String>) -> Self {
        self.organization_public_id = Some(organization_public_id.into());
        self
    }
}

/// What came of creating a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateWorkspaceResponse {
    /// Whether it was created.
    pub ok: bool,
    /// The new workspace.
    pub workspace: WorkspaceDetail,
}

/// A workspace that was just created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceDetail {
    /// Its id: what a client is made with.
    pub public_id: String,
    /// Its name.
    pub name: String,
    /// How far it is. A new one is pending at first.
    pub provision_status: ProvisionStatus,
}

/// A workspace in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceListItem {
    /// Its id: what a client is made with.
    pub public_id: String,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether the caller marked it.
    pub favorite: bool,
    /// How far it is.
    pub provision_status: ProvisionStatus,
}

/// All workspaces of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWorkspacesResponse {
    /// Whether the list could be made.
    pub ok: bool,
    /// The workspaces.
    pub workspaces: Vec<WorkspaceListItem>,
}

/// How far a new workspace is (an open string at the service).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProvisionStatus {
    /// `pending`
    Pending,
    /// `provisioned`
    Provisioned,
    /// Any other.
    Other(String),
}

impl_open_enum!(ProvisionStatus, "provision status", {
    Pending => "pending",
    Provisioned => "provisioned",
});
