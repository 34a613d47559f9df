//! What is asked of databases (reference, section 4.4).

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::SchemaDecl;

/// A new database, as it is asked for.
///
/// ```
/// use controlplane::hotdata::{Client, CreateDatabaseRequest, SchemaDecl};
///
/// let asked = CreateDatabaseRequest::new().name("orders").if_not_exists(true).expires_at("24h").schemas([
///     SchemaDecl::new("sales").tables(["orders".into(), "lines".into()]),
/// ]);
/// let request = Client::offline().databases().create(asked).to_request()?;
/// # assert_eq!(request.path, "/v1/databases");
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatabaseRequest {
    /// Its name: a label that others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its own catalog is called in queries: small letters, digits and `_`, no digit first. Default: `default`.
    /// Reserved: `hotdata`, `information_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of tables that are named without one; same rule. Default: `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Never early, and perhaps late. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Gives the database of this name if there is one. Needs a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_not_exists: Option<bool>,
    /// Schemas and tables that it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl CreateDatabaseRequest {
    /// Without a name, with the defaults of the service.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name: a label that others may have too.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What its own catalog is called in queries: small letters, digits and `_`, no digit first. Default: `default`.
    /// Reserved: `hotdata`, `information_schema`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// The schema of tables that are named without one; same rule. Default: `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Never early, and perhaps late. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Gives the database of this name if there is one. Needs a name.
    pub fn if_not_exists(mut self, if_not_exists: bool) -> Self {
        self.if_not_exists = Some(if_not_exists);
        self
    }

    /// Schemas and tables that it begins with.
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = SchemaDecl>) -> Self {
        self.schemas = Some(schemas.into_iter().collect());
        self
    }
}

/// Of this name.
impl From<&str> for CreateDatabaseRequest {
    fn from(name: &str) -> Self {
        Self::new().name(name)
    }
}

/// Many databases of one kind, as they are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabasesRequest {
    /// How many: 1 to 10 000.
    pub count: u64,
    /// Their names: holds `{index}`, which counts from 0 and is padded with zeros. What tells the batch is added at the
    /// end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_template: Option<String>,
    /// What its own catalog is called in queries: small letters, digits and `_`, no digit first. Default: `default`.
    /// Reserved: `hotdata`, `information_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of tables that are named without one; same rule. Default: `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Never early, and perhaps late. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Makes a repetition harmless: the same key gives the batch that it made first, even if the rest differs. With it
    /// the request is sent again where the answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Schemas and tables that it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl BulkCreateDatabasesRequest {
    /// So many.
    pub fn new(count: u64) -> Self {
        Self {
            count,
            name_template: None,
            default_catalog: None,
            default_schema: None,
            expires_at: None,
            idempotency_key: None,
            schemas: None,
        }
    }

    /// Their names: holds `{index}`, which counts from 0 and is padded with zeros. What tells the batch is added at the
    /// end.
    pub fn name_template(mut self, name_template: impl Into<String>) -> Self {
        self.name_template = Some(name_template.into());
        self
    }

    /// What its own catalog is called in queries: small letters, digits and `_`, no digit first. Default: `default`.
    /// Reserved: `hotdata`, `information_schema`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// The schema of tables that are named without one; same rule. Default: `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Never early, and perhaps late. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Makes a repetition harmless: the same key gives the batch that it made first, even if the rest differs. With it
    /// the request is sent again where the answer was lost.
    pub fn idempotency_key(mut self, idempotency_key: impl Into<String>) -> Self {
        self.idempotency_key = Some(idempotency_key.into());
        self
    }

    /// Schemas and tables that it begins with.
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = SchemaDecl>) -> Self {
        self.schemas = Some(schemas.into_iter().collect());
        self
    }
}

/// A copy of a database, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabaseRequest {
    /// Its name, which others may have too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for: at most 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Default: as the source, if that is still to
    /// come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl ForkDatabaseRequest {
    /// Without a name, with the defaults of the service.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its name, which others may have too.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What it is for: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// When it goes: RFC 3339, or `24h`, `90m` (minutes), `7d` from now. Default: as the source, if that is still to
    /// come.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }
}

/// A catalog that a database is to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AttachDatabaseCatalogRequest {
    /// Whose: a connection, or the `default_connection_id` of another database.
    pub connection_id: String,
    /// What it is called in queries. Needed where its name would be `default`, reserved, or that of the database's own
    /// catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl AttachDatabaseCatalogRequest {
    /// Of this connection, under its own name.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into(), alias: None }
    }

    /// What it is called in queries. Needed where its name would be `default`, reserved, or that of the database's own
    /// catalog.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }
}
