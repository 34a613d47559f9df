//! Requests and responses about connections.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::secret::ConfigJson;
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;

/// A connection to a source of data, as an entry of [`Connections::list`](crate::hotdata::Connections::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the source, for example `postgres`.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
}

/// All connections of the workspace: the response of
/// [`Connections::list`](crate::hotdata::Connections::list).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListConnectionsResponse {
    /// The connections.
    #[serde(default, deserialize_with = "or_default")]
    pub connections: Vec<ConnectionInfo>,
}

/// A connection with the numbers of its tables: the response of
/// [`Connections::get`](crate::hotdata::Connections::get).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetConnectionResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the source, for example `postgres`.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of tables that the service has discovered in the source.
    #[serde(default, deserialize_with = "or_default")]
    pub table_count: u64,
    /// The number of tables that the service has synced from the source.
    #[serde(default, deserialize_with = "or_default")]
    pub synced_table_count: u64,
}

/// The request of [`Connections::create`](crate::hotdata::Connections::create): a new connection.
///
/// ```
/// use controlplane::hotdata::CreateConnectionRequest;
///
/// let request = CreateConnectionRequest::new("warehouse", "postgres")
///     .config("host", "db.internal")
///     .config("port", 5432)
///     .secret_name("pg-reader");
/// assert!(!format!("{:?}", request.clone().config("password", "hunter2")).contains("hunter2"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateConnectionRequest {
    /// The name of the new connection.
    pub name: String,
    /// The type of the source, for example `postgres`.
    pub source_type: String,
    /// The settings of the source. Their fields depend on the type of the source. The service stores a
    /// password or token in the settings as a secret. Default: no settings.
    #[serde(default)]
    pub config: ConfigJson,
    /// The name of a secret that the service has stored already. Set at most one of `secret_name` and
    /// `secret_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
    /// The id of a secret that the service has stored already. Set at most one of `secret_name` and
    /// `secret_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<String>,
}

impl CreateConnectionRequest {
    /// Returns a request with this name and type of source, and without settings.
    pub fn new(name: impl Into<String>, source_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source_type: source_type.into(),
            config: ConfigJson::default(),
            secret_name: None,
            secret_id: None,
        }
    }

    /// Sets one field of the settings of the source, for example `host`.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.set(field, value);
        self
    }

    /// Sets the name of a secret that the service has stored already. Set at most one of `secret_name` and
    /// `secret_id`.
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }

    /// Sets the id of a secret that the service has stored already. Set at most one of `secret_name` and
    /// `secret_id`.
    pub fn secret_id(mut self, secret_id: impl Into<String>) -> Self {
        self.secret_id = Some(secret_id.into());
        self
    }
}

/// A new connection, and the result of the discovery of its tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateConnectionResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the source, for example `postgres`.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of tables that the service has discovered in the source.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_discovered: u64,
    /// The outcome of the discovery of the tables of the source.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub discovery_status: DiscoveryStatus,
    /// The reason why the discovery failed, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery_error: Option<String>,
}

/// The outcome of the discovery of the tables of a new connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiscoveryStatus {
    /// `success`
    Success,
    /// `skipped`
    Skipped,
    /// `failed`: the reason is in [`discovery_error`](CreateConnectionResponse::discovery_error)
    Failed,
    /// Any other value.
    Other(String),
}

impl_open_enum!(DiscoveryStatus, "discovery status", {
    Success => "success",
    Skipped => "skipped",
    Failed => "failed",
});
