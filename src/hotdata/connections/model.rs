//! What is asked and told of connections (reference, section 4.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hotdata::secret::ConfigJson;
use crate::open_enum::impl_open_enum;

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What kind of source it is to, as `postgres`.
    pub source_type: String,
}

/// All connections of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListConnectionsResponse {
    /// The connections.
    pub connections: Vec<ConnectionInfo>,
}

/// A connection, with how many tables it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetConnectionResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What kind of source it is to.
    pub source_type: String,
    /// How many tables were found.
    pub table_count: u64,
    /// How many of them were synced.
    pub synced_table_count: u64,
}

/// A new connection, as it is asked for.
///
/// ```
/// use controlplane::hotdata::CreateConnectionRequest;
///
/// let asked = CreateConnectionRequest::new("warehouse", "postgres")
///     .config("host", "db.internal")
///     .config("port", 5432)
///     .secret_name("pg-reader");
/// assert!(!format!("{:?}", asked.clone().config("password", "hunter2")).contains("hunter2"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateConnectionRequest {
    /// Its name.
    pub name: String,
    /// What kind of source it is to.
    pub source_type: String,
    /// How to reach the source: which fields there are depends on its kind. A password or token in it becomes a stored
    /// secret.
    #[serde(default)]
    pub config: ConfigJson,
    /// A stored secret, by name. Not together with `secret_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
    /// A stored secret, by id. Not together with `secret_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_id: Option<String>,
}

impl CreateConnectionRequest {
    /// Of this name, to a source of this kind.
    pub fn new(name: impl Into<String>, source_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source_type: source_type.into(),
            config: ConfigJson::default(),
            secret_name: None,
            secret_id: None,
        }
    }

    /// One field of how to reach the source.
    pub fn config(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.config.set(field, value);
        self
    }

    /// A stored secret, by name. Not together with `secret_id`.
    pub fn secret_name(mut self, secret_name: impl Into<String>) -> Self {
        self.secret_name = Some(secret_name.into());
        self
    }

    /// A stored secret, by id. Not together with `secret_name`.
    pub fn secret_id(mut self, secret_id: impl Into<String>) -> Self {
        self.secret_id = Some(secret_id.into());
        self
    }
}

/// A connection that was created, and what was found at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateConnectionResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What kind of source it is to.
    pub source_type: String,
    /// How many tables were found.
    pub tables_discovered: u64,
    /// How looking for tables ended.
    pub discovery_status: DiscoveryStatus,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery_error: Option<String>,
}

/// How the discovery of a new connection's tables ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiscoveryStatus {
    /// `success`
    Success,
    /// `skipped`
    Skipped,
    /// `failed`: `discovery_error` says why
    Failed,
    /// Any other.
    Other(String),
}

impl_open_enum!(DiscoveryStatus, "discovery status", {
    Success => "success",
    Skipped => "skipped",
    Failed => "failed",
});
