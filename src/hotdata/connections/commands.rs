//! Connections. Managed tables are in `tables`.

use serde::{Deserialize, Serialize};

use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::pages::{List, NextPage};

use super::model::{
    ConnectionInfo, CreateConnectionRequest, CreateConnectionResponse, GetConnectionResponse,
    ListConnectionsResponse,
};

/// Connections to sources, and managed tables by their connection: see [`Client::connections`].
#[derive(Debug)]
pub struct Connections<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Operations about connections, and about managed tables by their connection.
    pub fn connections(&self) -> Connections<M> {
        Connections { client: self.clone() }
    }
}

impl<M> Connections<M> {
    /// All connections of the workspace. Those behind databases are not among them. `GET /v1/connections`
    /// (`list_connections`).
    #[doc(alias = "list_connections")]
    pub fn list(&self) -> Call<M, ListConnections> {
        self.client.call(ListConnections::new())
    }

    /// A new connection. The service looks for tables at once. `POST /v1/connections` (`create_connection`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for settings that cannot be used;
    /// [`Conflict`](crate::ErrorKind::Conflict) for a name that is taken.
    #[doc(alias = "create_connection")]
    pub fn create(&self, create_connection_request: CreateConnectionRequest) -> Call<M, CreateConnection> {
        self.client.call(CreateConnection::new(create_connection_request))
    }

    /// One connection. `GET /v1/connections/{connection_id}` (`get_connection`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of this id, and for that of a database.
    #[doc(alias = "get_connection")]
    pub fn get(&self, connection_id: impl Into<String>) -> Call<M, GetConnection> {
        self.client.call(GetConnection::new(connection_id))
    }

    /// Deletes a connection. `DELETE /v1/connections/{connection_id}` (`delete_connection`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) while a database needs it: as
    /// its own catalog, or attached.
    #[doc(alias = "delete_connection")]
    pub fn delete(&self, connection_id: impl Into<String>) -> Call<M, DeleteConnection> {
        self.client.call(DeleteConnection::new(connection_id))
    }
}

/// See [`Connections::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListConnections {}

impl ListConnections {
    /// All.
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

/// See [`Connections::create`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// What is asked for.
    pub create_connection_request: CreateConnectionRequest,
}

impl CreateConnection {
    /// This one.
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

/// See [`Connections::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetConnection {
    /// The connection.
    pub connection_id: String,
}

impl GetConnection {
    /// The one of this id.
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

/// See [`Connections::delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteConnection {
    /// The connection.
    pub connection_id: String,
}

impl DeleteConnection {
    /// The one of this id.
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
