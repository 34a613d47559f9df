//! Documents of databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage};
use crate::hotdata::wire::or_default;
use crate::timestamp::Timestamp;

/// The operations about documents of databases: named texts that are stored with a database, in the vendor's
/// API its "context". Returned by [`Client::database_contexts`].
#[derive(Debug)]
pub struct DatabaseContexts<M> {
    pub(super) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about documents of databases: named texts that are stored with a database, in
    /// the vendor's API its "context".
    pub fn database_contexts(&self) -> DatabaseContexts<M> {
        DatabaseContexts { client: self.clone() }
    }
}

impl<M> DatabaseContexts<M> {
    /// Lists all documents of a database, with their texts. `GET /v1/databases/{database_id}/context`
    /// (`list_database_contexts`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id.
    #[doc(alias = "list_database_contexts")]
    pub fn list(&self, database_id: impl Into<String>) -> Call<M, ListDatabaseContexts> {
        self.client.call(ListDatabaseContexts::new(database_id))
    }

    /// Creates a document of a database, or replaces the document that has this name.
    /// `POST /v1/databases/{database_id}/context` (`upsert_database_context`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name breaks the rules of
    /// [`UpsertDatabaseContextRequest::name`]; [`NotFound`](crate::ErrorKind::NotFound) if no database has
    /// this id.
    #[doc(alias = "upsert_database_context")]
    pub fn upsert(
        &self,
        database_id: impl Into<String>,
        name: impl Into<String>,
        content: impl Into<String>,
    ) -> Call<M, UpsertDatabaseContext> {
        self.client.call(UpsertDatabaseContext::new(database_id, name, content))
    }

    /// Returns a document. `GET /v1/databases/{database_id}/context/{name}` (`get_database_context`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name is invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no database with this id, or no document with
    /// this name.
    #[doc(alias = "get_database_context")]
    pub fn get(
        &self,
        database_id: impl Into<String>,
        name: impl Into<String>,
    ) -> Call<M, GetDatabaseContext> {
        self.client.call(GetDatabaseContext::new(database_id, name))
    }

    /// Deletes a document. `DELETE /v1/databases/{database_id}/context/{name}` (`delete_database_context`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name is invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no database with this id, or no document with
    /// this name.
    #[doc(alias = "delete_database_context")]
    pub fn delete(
        &self,
        database_id: impl Into<String>,
        name: impl Into<String>,
    ) -> Call<M, DeleteDatabaseContext> {
        self.client.call(DeleteDatabaseContext::new(database_id, name))
    }
}

/// Lists all documents of a database: the command of [`DatabaseContexts::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListDatabaseContexts {
    /// The id of the database.
    pub database_id: String,
}

impl ListDatabaseContexts {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into() }
    }
}

impl Command for ListDatabaseContexts {
    type Output = ListDatabaseContextsResponse;
    const NAME: &'static str = "list_database_contexts";

    fn endpoint(&self) -> Endpoint<'_, ListDatabaseContextsResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/{database_id}/context").at("database_id", &self.database_id)
    }
}

impl List for ListDatabaseContexts {
    type Item = DatabaseContextEntry;

    fn split(&self, page: ListDatabaseContextsResponse) -> (Vec<DatabaseContextEntry>, NextPage) {
        (page.contexts, Ok(None))
    }
}

/// Creates or replaces a named document of a database: the command of [`DatabaseContexts::upsert`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpsertDatabaseContext {
    /// The id of the database.
    pub database_id: String,
    /// The name and the text of the document.
    pub upsert_database_context_request: UpsertDatabaseContextRequest,
}

impl UpsertDatabaseContext {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, name: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            database_id: database_id.into(),
            upsert_database_context_request: UpsertDatabaseContextRequest::new(name, content),
        }
    }
}

impl Command for UpsertDatabaseContext {
    type Output = UpsertDatabaseContextResponse;
    const NAME: &'static str = "upsert_database_context";

    fn endpoint(&self) -> Endpoint<'_, UpsertDatabaseContextResponse> {
        Endpoint::post(Self::NAME, "/v1/databases/{database_id}/context")
            .at("database_id", &self.database_id)
            .json(&self.upsert_database_context_request)
    }
}

/// Returns a document of a database: the command of [`DatabaseContexts::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseContext {
    /// The id of the database.
    pub database_id: String,
    /// The name of the document.
    pub name: String,
}

impl GetDatabaseContext {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { database_id: database_id.into(), name: name.into() }
    }
}

impl Command for GetDatabaseContext {
    type Output = GetDatabaseContextResponse;
    const NAME: &'static str = "get_database_context";

    fn endpoint(&self) -> Endpoint<'_, GetDatabaseContextResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/{database_id}/context/{name}")
            .at("database_id", &self.database_id)
            .at("name", &self.name)
    }
}

/// Deletes a document of a database: the command of [`DatabaseContexts::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDatabaseContext {
    /// The id of the database.
    pub database_id: String,
    /// The name of the document.
    pub name: String,
}

impl DeleteDatabaseContext {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { database_id: database_id.into(), name: name.into() }
    }
}

impl Command for DeleteDatabaseContext {
    type Output = ();
    const NAME: &'static str = "delete_database_context";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/databases/{database_id}/context/{name}")
            .at("database_id", &self.database_id)
            .at("name", &self.name)
            .nothing()
    }
}

/// The request of [`DatabaseContexts::upsert`]: the name and the text of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpsertDatabaseContextRequest {
    /// The name of the document: 1 to 128 characters. The first is an ASCII letter or `_`, the others are
    /// letters, digits and `_`. A reserved word of SQL is not allowed.
    pub name: String,
    /// The text of the document.
    pub content: String,
}

impl UpsertDatabaseContextRequest {
    /// Returns a request with this name and text.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// A document: a named text that is stored with a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseContextEntry {
    /// The name of the document.
    pub name: String,
    /// The text of the document.
    #[serde(default, deserialize_with = "or_default")]
    pub content: String,
    /// The time of the last write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// All documents of a database: the response of [`DatabaseContexts::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatabaseContextsResponse {
    /// The documents.
    #[serde(default, deserialize_with = "or_default")]
    pub contexts: Vec<DatabaseContextEntry>,
}

/// A document of a database: the response of [`DatabaseContexts::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetDatabaseContextResponse {
    /// The document as it is stored.
    pub context: DatabaseContextEntry,
}

/// The response of [`DatabaseContexts::upsert`]: the document as it was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpsertDatabaseContextResponse {
    /// The document as it was stored.
    pub context: DatabaseContextEntry,
}
