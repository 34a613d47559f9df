//! Workspaces.

mod commands;
mod model;
mod waits;

pub use commands::{CreateWorkspace, DeleteWorkspace, ListWorkspaces, Workspaces};
pub use model::{
    CreateWorkspaceRequest, CreateWorkspaceResponse, ListWorkspacesResponse, ProvisionStatus,
    WorkspaceDetail, WorkspaceListItem,
};
pub use waits::WaitForWorkspace;
