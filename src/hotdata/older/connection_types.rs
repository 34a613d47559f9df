//! Types of connections of the older API.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operations about types of connections, of the [older API](crate::hotdata::older): the kinds of sources
/// to which a connection can be created, for example `postgres`. Returned by [`Older::connection_types`].
///
/// Today's API has no such operations.
#[derive(Debug)]
pub struct ConnectionTypes<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about types of connections: the kinds of sources to which a connection can be
    /// created, for example `postgres`.
    pub fn connection_types(&self) -> ConnectionTypes<M> {
        ConnectionTypes { client: self.client.clone() }
    }
}

impl<M> ConnectionTypes<M> {
    /// Lists all types of connections, with their names and labels. `GET /v1/connection-types`
    /// (`list_connection_types`).
    #[doc(alias = "list_connection_types")]
    pub fn list(&self) -> Call<M, ListConnectionTypes> {
        self.client.call(ListConnectionTypes::new())
    }

    /// Returns a type of connection, with the settings that a connection of this type needs.
    /// `GET /v1/connection-types/{name}` (`get_connection_type`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no type of connection has this name.
    #[doc(alias = "get_connection_type")]
    pub fn get(&self, name: impl Into<String>) -> Call<M, GetConnectionType> {
        self.client.call(GetConnectionType::new(name))
    }
}

/// Lists all types of connections: the command of [`ConnectionTypes::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListConnectionTypes {}

impl ListConnectionTypes {
    /// Returns the command.
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

/// Returns a type of connection: the command of [`ConnectionTypes::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetConnectionType {
    /// The name of the type, for example `postgres`.
    pub name: String,
}

impl GetConnectionType {
    /// Returns the command with its required parameters.
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

/// A type of connection, as an entry of [`ConnectionTypes::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionTypeSummary {
    /// The name of the type, for example `postgres`: the `source_type` of a connection.
    pub name: String,
    /// The label of the type, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
}

/// All types of connections: the response of [`ConnectionTypes::list`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListConnectionTypesResponse {
    /// The types of connections.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_types: Vec<ConnectionTypeSummary>,
}

/// A type of connection with its settings: the response of [`ConnectionTypes::get`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionTypeDetail {
    /// The name of the type, for example `postgres`: the `source_type` of a connection.
    pub name: String,
    /// The label of the type, for display.
    #[serde(default, deserialize_with = "or_default")]
    pub label: String,
    /// The description of the authentication, as JSON. The vendor does not document its form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Value>,
    /// The JSON schema of the settings of a connection of this type, the field `config` of a
    /// [`CreateConnectionRequest`](crate::hotdata::CreateConnectionRequest).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_schema: Option<Value>,
}
