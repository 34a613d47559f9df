//! Kinds of sources, of the older API (reference, section 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::Older;

/// Kinds of sources, of the older API: see [`Older::connection_types`].
#[derive(Debug)]
pub struct ConnectionTypes<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Kinds of sources that there can be connections to.
    pub fn connection_types(&self) -> ConnectionTypes<M> {
        ConnectionTypes { client: self.client.clone() }
    }
}

impl<M> ConnectionTypes<M> {
    /// All kinds of sources. `GET /v1/connection-types` (`list_connection_types`).
    #[doc(alias = "list_connection_types")]
    pub fn list(&self) -> Call<M, ListConnectionTypes> {
        self.client.call(ListConnectionTypes::new())
    }

    /// One kind, with what a connection to it needs. `GET /v1/connection-types/{name}` (`get_connection_type`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_connection_type")]
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetConnectionType> {
        self.client.call(GetConnectionType::new(name))
    }
}

/// See [`ConnectionTypes::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListConnectionTypes {}

impl ListConnectionTypes {
    /// All.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListConnectionTypes {
    type Output = ListConnectionTypesResponse;
    const NAME: &'static str = "list_connection_types";

    fn endpoint(&self) -> Endpoint<'_, ListConnectionTypesResponse> {
        Endpoint::get(Self::NAME, "/v1/connection-types")
    }
}

/// See [`ConnectionTypes::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetConnectionType {
    /// Its name.
    pub name: String,
}

impl GetConnectionType {
    /// The one of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for GetConnectionType {
    type Output = ConnectionTypeDetail;
    const NAME: &'static str = "get_connection_type";

    fn endpoint(&self) -> Endpoint<'_, ConnectionTypeDetail> {
        Endpoint::get(Self::NAME, "/v1/connection-types/{name}").at("name", &self.name)
    }
}

/// A kind of source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionTypeSummary {
    /// Its name: a `source_type`.
    pub name: String,
    /// The same for people.
    pub label: String,
}

/// All kinds of sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListConnectionTypesResponse {
    /// The kinds.
    pub connection_types: Vec<ConnectionTypeSummary>,
}

/// A kind of source, in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionTypeDetail {
    /// Its name: a `source_type`.
    pub name: String,
    /// The same for people.
    pub label: String,
    /// How to log in, as JSON of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Value>,
    /// Which fields its settings have, as a JSON schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_schema: Option<Value>,
}
