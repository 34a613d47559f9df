//! Requests about databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::SchemaDecl;

/// The request to create a database.
///
/// ```
/// use controlplane::hotdata::{Client, CreateDatabaseRequest, SchemaDecl};
///
/// let request = CreateDatabaseRequest::new().name("orders").if_not_exists(true).expires_at("24h").schemas([
///     SchemaDecl::new("sales").tables(["orders".into(), "lines".into()]),
/// ]);
/// let request = Client::offline().databases().create(request).to_request()?;
/// # assert_eq!(request.path, "/v1/databases");
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct CreateDatabaseRequest {
    /// The name: a label that need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of its own catalog in queries: lowercase letters, digits and `_`, no digit first. Default:
    /// `default`. Reserved: `hotdata`, `information_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of table names without a schema, lowercase letters, digits and `_`, no digit first. Default:
    /// the declared schema, if exactly one is declared, else `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`. It may
    /// be deleted later, never earlier. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Whether a database that has this name already is returned as it is, and no second one is created. Needs a
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_not_exists: Option<bool>,
    /// The schemas and tables to create with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl CreateDatabaseRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name: a label that need not be unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the name of its own catalog in queries: lowercase letters, digits and `_`, no digit first.
    /// Default: `default`. Reserved: `hotdata`, `information_schema`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// Sets the schema of table names without a schema, lowercase letters, digits and `_`, no digit first. Default:
    /// the declared schema, if exactly one is declared, else `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// Sets the time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`.
    /// It may be deleted later, never earlier. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Sets whether a database that has this name already is returned as it is, and no second one is created.
    /// Needs a name.
    pub fn if_not_exists(mut self, if_not_exists: bool) -> Self {
        self.if_not_exists = Some(if_not_exists);
        self
    }

    /// Sets the schemas and tables to create with it.
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = SchemaDecl>) -> Self {
        self.schemas = Some(schemas.into_iter().collect());
        self
    }
}

/// Returns a request with this name.
impl From<&str> for CreateDatabaseRequest {
    fn from(name: &str) -> Self {
        Self::new().name(name)
    }
}

/// The request to create many databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabasesRequest {
    /// The number of databases: 1 to 10 000.
    pub count: u64,
    /// The template of the names. It contains `{index}`, which counts from 0 and is padded with zeros; the
    /// service appends a suffix for the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_template: Option<String>,
    /// The name of its own catalog in queries: lowercase letters, digits and `_`, no digit first. Default:
    /// `default`. Reserved: `hotdata`, `information_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema of table names without a schema, lowercase letters, digits and `_`, no digit first. Default:
    /// the declared schema, if exactly one is declared, else `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`. It may
    /// be deleted later, never earlier. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The idempotency key: a request with the same key returns the first batch, even if the rest differs.
    /// With a key, the request is repeated if the response is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The schemas and tables to create with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl BulkCreateDatabasesRequest {
    /// Returns a request with its required fields.
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

    /// Sets the template of the names. It contains `{index}`, which counts from 0 and is padded with zeros;
    /// the service appends a suffix for the batch.
    pub fn name_template(mut self, name_template: impl Into<String>) -> Self {
        self.name_template = Some(name_template.into());
        self
    }

    /// Sets the name of its own catalog in queries: lowercase letters, digits and `_`, no digit first.
    /// Default: `default`. Reserved: `hotdata`, `information_schema`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// Sets the schema of table names without a schema, lowercase letters, digits and `_`, no digit first. Default:
    /// the declared schema, if exactly one is declared, else `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// Sets the time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`.
    /// It may be deleted later, never earlier. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Sets the idempotency key: a request with the same key returns the first batch, even if the rest
    /// differs. With a key, the request is repeated if the response is lost.
    pub fn idempotency_key(mut self, idempotency_key: impl Into<String>) -> Self {
        self.idempotency_key = Some(idempotency_key.into());
        self
    }

    /// Sets the schemas and tables to create with it.
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = SchemaDecl>) -> Self {
        self.schemas = Some(schemas.into_iter().collect());
        self
    }
}

/// The request to copy a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabaseRequest {
    /// The name, which need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description: at most 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`.
    /// Default: that of the source, if it is in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl ForkDatabaseRequest {
    /// Returns a request without optional fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name, which need not be unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the description: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the time at which it expires: RFC 3339, or a period from now as `24h`, `90m` (minutes) or `7d`.
    /// Default: that of the source, if it is in the future.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }
}

/// The request to attach a catalog to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AttachDatabaseCatalogRequest {
    /// The id of the connection of the catalog, or the `default_connection_id` of another database.
    pub connection_id: String,
    /// The alias of the catalog in queries. Required if its name is `default`, reserved, or that of the
    /// database's own catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl AttachDatabaseCatalogRequest {
    /// Returns a request with its required fields.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into(), alias: None }
    }

    /// Sets the alias of the catalog in queries. Required if its name is `default`, reserved, or that of the
    /// database's own catalog.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }
}
