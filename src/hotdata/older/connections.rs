//! More about connections, of the older API (reference, section 12).

use serde::{Deserialize, Serialize};

use super::super::client::Client;
use super::super::command::{Call, Command};
use super::super::endpoint::Endpoint;
use super::Older;

/// More about connections, of the older API: see [`Older::connections`].
#[derive(Debug)]
pub struct Connections<M> {
    client: Client<M>,
}

impl<M> Older<M> {
    /// Whether connections work, and what is cached of their tables.
    pub fn connections(&self) -> Connections<M> {
        Connections { client: self.client.clone() }
    }
}

impl<M> Connections<M> {
    /// Whether a source can be reached. `GET /v1/connections/{connection_id}/health` (`check_connection_health`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "check_connection_health")]
    pub fn check_health(&self, connection_id: impl Into<String>) -> Call<M, CheckConnectionHealth> {
        self.client.call(CheckConnectionHealth::new(connection_id))
    }

    /// Drops what is cached of all tables of a connection. `DELETE /v1/connections/{connection_id}/cache`
    /// (`purge_connection_cache`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a managed catalog, whose tables are no cache;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
    #[doc(alias = "purge_connection_cache")]
    pub fn purge_cache(&self, connection_id: impl Into<String>) -> Call<M, PurgeConnectionCache> {
        self.client.call(PurgeConnectionCache::new(connection_id))
    }

    /// Drops what is cached of a table. `DELETE /v1/connections/{connection_id}/tables/{schema}/{table}/cache`
    /// (`purge_table_cache`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a managed catalog, whose tables are no cache;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
    pub fn purge_table_cache(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, PurgeTableCache> {
        self.client.call(PurgeTableCache::new(connection_id, schema, table))
    }
}

/// See [`Connections::check_health`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CheckConnectionHealth {
    /// The connection.
    pub connection_id: String,
}

impl CheckConnectionHealth {
    /// Of this one.
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

/// See [`Connections::purge_cache`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PurgeConnectionCache {
    /// The connection.
    pub connection_id: String,
}

impl PurgeConnectionCache {
    /// Of this one.
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

/// See [`Connections::purge_table_cache`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PurgeTableCache {
    /// The connection.
    pub connection_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
}

impl PurgeTableCache {
    /// Of this one.
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

/// Whether a source can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionHealthResponse {
    /// The connection.
    pub connection_id: String,
    /// Whether it can.
    pub healthy: bool,
    /// How long that took, in milliseconds.
    pub latency_ms: u64,
    /// Why it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
