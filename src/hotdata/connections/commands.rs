//! Connections. Operations about managed tables are in `tables`.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage};

use super::model::{
    ConnectionInfo, CreateConnectionRequest, CreateConnectionResponse, GetConnectionResponse,
    ListConnectionsResponse,
};

/// The operations about connections to sources of data, and about managed tables, which Hotdata stores
/// itself. Returned by [`Client::connections`].
///
/// The operations about managed tables need a connection of the type `managed`. Every database owns one, and
/// its `default_connection_id` is the id of that connection. [`list`](Connections::list) leaves out the
/// connections of databases, and [`get`](Connections::get) and [`delete`](Connections::delete) do not accept
/// their ids.
#[derive(Debug)]
pub struct Connections<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about connections to sources of data, and about managed tables by the id of
    /// their connection.
    pub fn connections(&self) -> Connections<M> {
        Connections { client: self.clone() }
    }
}

impl<M> Connections<M> {
    /// Lists all connections of the workspace. Connections that belong to databases are not in the list.
    /// `GET /v1/connections` (`list_connections`).
    #[doc(alias = "list_connections")]
    pub fn list(&self) -> Call<M, ListConnections> {
        self.client.call(ListConnections::new())
    }

    /// Creates a connection to a source. The service discovers the tables of the source at once.
    /// `POST /v1/connections` (`create_connection`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the settings are invalid;
    /// [`Conflict`](crate::ErrorKind::Conflict) if a connection with this name exists.
    #[doc(alias = "create_connection")]
    pub fn create(&self, create_connection_request: CreateConnectionRequest) -> Call<M, CreateConnection> {
        self.client.call(CreateConnection::new(create_connection_request))
    }

    /// Returns a connection. `GET /v1/connections/{connection_id}` (`get_connection`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no connection has this id, or if the connection belongs to
    /// a database.
    #[doc(alias = "get_connection")]
    pub fn get(&self, connection_id: impl Into<String>) -> Call<M, GetConnection> {
        self.client.call(GetConnection::new(connection_id))
    }

    /// Deletes a connection. `DELETE /v1/connections/{connection_id}` (`delete_connection`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no connection has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) while the connection is a database's own catalog, or is
    /// attached to a database.
    #[doc(alias = "delete_connection")]
    pub fn delete(&self, connection_id: impl Into<String>) -> Call<M, DeleteConnection> {
        self.client.call(DeleteConnection::new(connection_id))
    }
}

/// Lists all connections of the workspace: the command of [`Connections::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListConnections {}

impl ListConnections {
    /// Returns the command without optional parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Command for ListConnections {
    type Output = ListConnectionsResponse;
    const NAME: &'static str = "list_connections";

    fn endpoint(&self) -> Endpoint<'_, ListConnectionsResponse> {
        Endpoint::get(Self::NAME, "/v1/connections")
    }
}

impl List for ListConnections {
    type Item = ConnectionInfo;

    fn split(&self, page: ListConnectionsResponse) -> (Vec<ConnectionInfo>, NextPage) {
        (page.connections, Ok(None))
    }
}

/// Creates a connection to a source: the command of [`Connections::create`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// The name, the type and the settings of the connection.
    pub create_connection_request: CreateConnectionRequest,
}

impl CreateConnection {
    /// Returns the command with its required parameters.
    pub fn new(create_connection_request: CreateConnectionRequest) -> Self {
        Self { create_connection_request }
    }
}

impl Command for CreateConnection {
    type Output = CreateConnectionResponse;
    const NAME: &'static str = "create_connection";

    fn endpoint(&self) -> Endpoint<'_, CreateConnectionResponse> {
        Endpoint::post(Self::NAME, "/v1/connections")
            .about(&self.create_connection_request.name)
            .json(&self.create_connection_request)
            .secrets(self.create_connection_request.config.secrets())
    }
}

/// Returns a connection: the command of [`Connections::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetConnection {
    /// The id of the connection.
    pub connection_id: String,
}

impl GetConnection {
    /// Returns the command with its required parameters.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into() }
    }
}

impl Command for GetConnection {
    type Output = GetConnectionResponse;
    const NAME: &'static str = "get_connection";

    fn endpoint(&self) -> Endpoint<'_, GetConnectionResponse> {
        Endpoint::get(Self::NAME, "/v1/connections/{connection_id}").at("connection_id", &self.connection_id)
    }
}

/// Deletes a connection: the command of [`Connections::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteConnection {
    /// The id of the connection.
    pub connection_id: String,
}

impl DeleteConnection {
    /// Returns the command with its required parameters.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into() }
    }
}

impl Command for DeleteConnection {
    type Output = ();
    const NAME: &'static str = "delete_connection";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/connections/{connection_id}")
            .at("connection_id", &self.connection_id)
            .nothing()
    }
}
