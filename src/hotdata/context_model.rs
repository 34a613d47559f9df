//! What is asked and told of documents that belong to a database (reference, section 4.4).

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// A document, as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UpsertDatabaseContextRequest {
    /// Its name: 1 to 128 characters, a letter or `_` first, then letters, digits and `_`; no reserved word of SQL.
    pub name: String,
    /// Its text.
    pub content: String,
}

impl UpsertDatabaseContextRequest {
    /// This text under this name.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// A document that belongs to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DatabaseContextEntry {
    /// Its name.
    pub name: String,
    /// Its text.
    pub content: String,
    /// When it was written.
    pub updated_at: Timestamp,
}

/// All documents of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDatabaseContextsResponse {
    /// The documents.
    pub contexts: Vec<DatabaseContextEntry>,
}

/// A document of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GetDatabaseContextResponse {
    /// The document.
    pub context: DatabaseContextEntry,
}

/// A document as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpsertDatabaseContextResponse {
    /// The document.
    pub context: DatabaseContextEntry,
}
