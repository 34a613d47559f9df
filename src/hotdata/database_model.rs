//! What is told of databases.

use serde::{Deserialize, Serialize};

/// A database, in full (reference, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseDetailResponse {
    /// Its id.
    pub id: String,
    /// Its name, which others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its own catalog in its queries.
    pub default_catalog: String,
    /// The schema of tables that are named without one.
    pub default_schema: String,
    /// The connection of its own catalog: for managed tables and indexes.
    pub default_connection_id: String,
}
