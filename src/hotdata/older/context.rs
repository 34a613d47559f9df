//! Documents of a workspace, of the oldest API (reference, section 12). Today, documents belong to databases. What the
//! operations were called is not known: their names in `AnyCommand` are our own.

use serde::{Deserialize, Serialize};

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::databases::{
    GetDatabaseContextResponse, ListDatabaseContextsResponse, UpsertDatabaseContextRequest,
    UpsertDatabaseContextResponse,
};
use super::super::endpoint::Endpoint;
use super::Older;

/// Documents of the workspace, of the oldest API: see [`Older::context`].
#[derive(Debug)]
pub struct WorkspaceContext<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Documents that belong to the workspace.
    pub fn context(&self) -> WorkspaceContext<M> {
        WorkspaceContext { client: self.client.clone() }
    }
}

impl<M> WorkspaceContext<M> {
    /// All documents of the workspace. `GET /v1/context`.
    pub fn list(&self) -> Call<M, ListWorkspaceContexts> {
        self.client.call(ListWorkspaceContexts::new())
    }

    /// One document. `GET /v1/context/{name}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetWorkspaceContext> {
        self.client.call(GetWorkspaceContext::new(name))
    }

    /// Writes a document: a new one, or over the one of this name. `POST /v1/context`.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a name that cannot be one.
    pub fn upsert(
        &self,
        name: impl Into<String>,
        content: impl Into<String>,
    ) -> Call<M, UpsertWorkspaceContext> {
        self.client.call(UpsertWorkspaceContext::new(name, content))
    }
}

/// See [`WorkspaceContext::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListWorkspaceContexts {}

impl ListWorkspaceContexts {
    /// All.
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

/// See [`WorkspaceContext::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetWorkspaceContext {
    /// Its name.
    pub name: String,
}

impl GetWorkspaceContext {
    /// The one of this name.
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

/// See [`WorkspaceContext::upsert`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpsertWorkspaceContext {
    /// The document.
    pub upsert_workspace_context_request: UpsertDatabaseContextRequest,
}

impl UpsertWorkspaceContext {
    /// This text under this name.
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
