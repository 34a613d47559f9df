//! Requests and responses about connections.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::secret::ConfigJson;
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;

/// A connection.
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

/// All connections of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListConnectionsResponse {
    /// The connections.
    #[serde(default, deserialize_with = "or_default")]
    pub connections: Vec<ConnectionInfo>,
}

/// A connection, with the number of its tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetConnectionResponse {
    /// The id.
    pub id: String,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The type of the source.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of tables that were discovered.
    #[serde(default, deserialize_with = "or_default")]
    pub table_count: u64,
    /// The number of tables that were synced.
    #[serde(default, deserialize_with = "or_default")]
    pub synced_table_count: u64,
}

/// The request to create a connection.
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
    /// The name.
    pub name: String,
    /// The type of the source.
    pub source_type: String,
    /// The settings of the source, whose fields depend on its type. A password or token in them becomes a
    /// stored secret.
    #[serde(default)]
    pub config: ConfigJson,
    /// The name of a stored secret. Not together with `secret_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
    /// The id of a stored secret. Not together with `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<String>,
}

impl CreateConnectionRequest {
    /// Returns a request with its required fields.
    pub fn new(name: impl Into<String>, source_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source_type: source_type.into(),
            config: ConfigJson::default(),
            secret_name: None,
            secret_id: None,
        }
    }

    /// Sets one field of the settings of the source.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.set(field, value);
        self
    }

    /// Sets the name of a stored secret. Not together with `secret_id`.
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }

    /// Sets the id of a stored secret. Not together with `secret_name`.
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
    /// The type of the source.
    #[serde(default, deserialize_with = "or_default")]
    pub source_type: String,
    /// The number of tables that were discovered.
    #[serde(default, deserialize_with = "or_default")]
    pub tables_discovered: u64,
    /// The outcome of the discovery of tables.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub discovery_status: DiscoveryStatus,
    /// The reason of the failure.
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
    /// `failed`; `discovery_error` has the reason
    Failed,
    /// Any other value.
    Other(String),
}

impl_open_enum!(DiscoveryStatus, "discovery status", {
    Success => "success",
    Skipped => "skipped",
    Failed => "failed",
});
