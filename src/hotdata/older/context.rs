//! Documents of a workspace, of the older API. In today's API documents belong to databases. The vendor's
//! names of these operations are not known: those in `AnyCommand` are this crate's own.

use serde::{Deserialize, Serialize};

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::databases::{
    GetDatabaseContextResponse, ListDatabaseContextsResponse, UpsertDatabaseContextRequest,
    UpsertDatabaseContextResponse,
};
use super::super::endpoint::Endpoint;
use super::Older;

/// The operations about documents of the workspace, of the [older API](crate::hotdata::older): named texts
/// that are stored with the workspace, in the vendor's API its "context". Returned by [`Older::context`].
///
/// In today's API, documents belong to databases: see [`Client::database_contexts`]. The vendor's names of
/// these operations are not known; the names in [`AnyCommand`](crate::hotdata::AnyCommand), for example
/// `list_workspace_contexts`, are this crate's own.
#[derive(Debug)]
pub struct WorkspaceContext<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about documents of the workspace: named texts that are stored with the
    /// workspace, in the vendor's API its "context".
    pub fn context(&self) -> WorkspaceContext<M> {
        WorkspaceContext { client: self.client.clone() }
    }
}

impl<M> WorkspaceContext<M> {
    /// Lists all documents of the workspace, with their texts. `GET /v1/context`.
    pub fn list(&self) -> Call<M, ListWorkspaceContexts> {
        self.client.call(ListWorkspaceContexts::new())
    }

    /// Returns a document of the workspace. `GET /v1/context/{name}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the workspace has no document with this name.
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetWorkspaceContext> {
        self.client.call(GetWorkspaceContext::new(name))
    }

    /// Creates a document of the workspace, or replaces the document that has this name. `POST /v1/context`.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name is invalid.
    /// [`UpsertDatabaseContextRequest::name`] has the rules of today's API for names.
    pub fn upsert(
        &self,
        name: impl Into<String>,
        content: impl Into<String>,
    ) -> Call<M, UpsertWorkspaceContext> {
        self.client.call(UpsertWorkspaceContext::new(name, content))
    }
}

/// Lists all documents of the workspace: the command of [`WorkspaceContext::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkspaceContexts {}

impl ListWorkspaceContexts {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListWorkspaceContexts {
    type Output = ListDatabaseContextsResponse;
    const NAME: &'static str = "list_workspace_contexts";

    fn endpoint(&self) -> Endpoint<'_, ListDatabaseContextsResponse> {
        Endpoint::get(Self::NAME, "/v1/context")
    }
}

/// Returns a document of the workspace: the command of [`WorkspaceContext::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkspaceContext {
    /// The name of the document.
    pub name: String,
}

impl GetWorkspaceContext {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetWorkspaceContext {
    type Output = GetDatabaseContextResponse;
    const NAME: &'static str = "get_workspace_context";

    fn endpoint(&self) -> Endpoint<'_, GetDatabaseContextResponse> {
        Endpoint::get(Self::NAME, "/v1/context/{name}").at("name", &self.name)
    }
}

/// Creates or replaces a named document of the workspace: the command of [`WorkspaceContext::upsert`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpsertWorkspaceContext {
    /// The name and the text of the document.
    pub upsert_workspace_context_request: UpsertDatabaseContextRequest,
}

impl UpsertWorkspaceContext {
    /// Returns the command for a document with this name and text.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { upsert_workspace_context_request: UpsertDatabaseContextRequest::new(name, content) }
    }
}

impl Command for UpsertWorkspaceContext {
    type Output = UpsertDatabaseContextResponse;
    const NAME: &'static str = "upsert_workspace_context";

    fn endpoint(&self) -> Endpoint<'_, UpsertDatabaseContextResponse> {
        Endpoint::post(Self::NAME, "/v1/context")
            .about(&self.upsert_workspace_context_request.name)
            .json(&self.upsert_workspace_context_request)
    }
}
