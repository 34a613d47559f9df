//! Operations about connections of the older API.

use serde::{Deserialize, Serialize};

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::Older;
use crate::hotdata::wire::or_default;

/// The operations about the health and the cache of connections, of the [older API](crate::hotdata::older).
/// Returned by [`Older::connections`].
///
/// Today's API has no such operations. Other operations about connections are in
/// [`hotdata::Connections`](crate::hotdata::Connections).
#[derive(Debug)]
pub struct Connections<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Returns the operations about the health and the cache of connections: whether the source can be
    /// reached, and the data of the source that the service has cached.
    pub fn connections(&self) -> Connections<M> {
        Connections { client: self.client.clone() }
    }
}

impl<M> Connections<M> {
    /// Checks whether the source of a connection can be reached. `GET /v1/connections/{connection_id}/health`
    /// (`check_connection_health`).
    ///
    /// If the source cannot be reached, the call succeeds too: [`healthy`](ConnectionHealthResponse::healthy)
    /// in its output is false.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no connection has this id.
    #[doc(alias = "check_connection_health")]
    pub fn check_health(&self, connection_id: impl Into<String>) -> Call<M, CheckConnectionHealth> {
        self.client.call(CheckConnectionHealth::new(connection_id))
    }

    /// Deletes the cached data of all tables of a connection. `DELETE /v1/connections/{connection_id}/cache`
    /// (`purge_connection_cache`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is a managed catalog (one whose tables
    /// Hotdata stores itself), which has no cache; [`NotFound`](crate::ErrorKind::NotFound) if no connection
    /// has this id; [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "purge_connection_cache")]
    pub fn purge_cache(&self, connection_id: impl Into<String>) -> Call<M, PurgeConnectionCache> {
        self.client.call(PurgeConnectionCache::new(connection_id))
    }

    /// Deletes the cached data of one table of a connection.
    /// `DELETE /v1/connections/{connection_id}/tables/{schema}/{table}/cache` (`purge_table_cache`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is a managed catalog (one whose tables
    /// Hotdata stores itself), which has no cache; [`NotFound`](crate::ErrorKind::NotFound) if the
    /// connection, the schema or the table does not exist; [`Conflict`](crate::ErrorKind::Conflict) if the
    /// service responds with 409.
    pub fn purge_table_cache(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, PurgeTableCache> {
        self.client.call(PurgeTableCache::new(connection_id, schema, table))
    }
}

/// Checks whether the source of a connection can be reached: the command of [`Connections::check_health`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CheckConnectionHealth {
    /// The id of the connection.
    pub connection_id: String,
}

impl CheckConnectionHealth {
    /// Returns the command with its required parameters.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into() }
    }
}

impl Command for CheckConnectionHealth {
    type Output = ConnectionHealthResponse;
    const NAME: &'static str = "check_connection_health";

    fn endpoint(&self) -> Endpoint<'_, ConnectionHealthResponse> {
        Endpoint::get(Self::NAME, "/v1/connections/{connection_id}/health")
            .at("connection_id", &self.connection_id)
    }
}

/// Deletes the cached data of all tables of a connection: the command of [`Connections::purge_cache`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PurgeConnectionCache {
    /// The id of the connection.
    pub connection_id: String,
}

impl PurgeConnectionCache {
    /// Returns the command with its required parameters.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into() }
    }
}

impl Command for PurgeConnectionCache {
    type Output = ();
    const NAME: &'static str = "purge_connection_cache";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/connections/{connection_id}/cache")
            .at("connection_id", &self.connection_id)
            .nothing()
    }
}

/// Deletes the cached data of one table of a connection: the command of [`Connections::purge_table_cache`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PurgeTableCache {
    /// The id of the connection.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
}

impl PurgeTableCache {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Self {
        Self { connection_id: connection_id.into(), schema: schema.into(), table: table.into() }
    }
}

impl Command for PurgeTableCache {
    type Output = ();
    const NAME: &'static str = "purge_table_cache";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/connections/{connection_id}/tables/{schema}/{table}/cache")
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
            .nothing()
    }
}

/// The result of a check of a connection: the response of [`Connections::check_health`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionHealthResponse {
    /// The id of the connection.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_id: String,
    /// Whether the source of the connection can be reached.
    #[serde(default, deserialize_with = "or_default")]
    pub healthy: bool,
    /// The duration of the check, in milliseconds.
    #[serde(default, deserialize_with = "or_default")]
    pub latency_ms: u64,
    /// The reason why the source cannot be reached, if it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
