//! Requests about databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::tables::SchemaDecl;

/// The request of [`Databases::create`](crate::hotdata::Databases::create): the settings of a new database.
/// All are optional.
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
    /// The name: a label that need not be unique. Default: no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in queries of the database's own catalog: lowercase letters, digits and `_`, the first not a
    /// digit. The names `hotdata` and `information_schema` are reserved. Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema in which queries look for tables that are named without a schema: lowercase letters, digits
    /// and `_`, the first not a digit. Default: the schema in `schemas` if that has exactly one, else `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The time at which the database expires: a time in RFC 3339, or a period from now, such as `24h`, `90m`
    /// (minutes) or `7d`. The service may delete it later than that, never earlier. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Whether an existing database of this name is returned unchanged, in place of a second one with the
    /// same name. Requires `name`. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_not_exists: Option<bool>,
    /// The schemas to create in the database, with their tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl CreateDatabaseRequest {
    /// Returns a request without a name and with the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name: a label that need not be unique. Default: no name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the name in queries of the database's own catalog: lowercase letters, digits and `_`, the first
    /// not a digit. The names `hotdata` and `information_schema` are reserved. Default: `default`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// Sets the schema in which queries look for tables that are named without a schema: lowercase letters,
    /// digits and `_`, the first not a digit. Default: the schema in `schemas` if that has exactly one, else
    /// `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// Sets the time at which the database expires: a time in RFC 3339, or a period from now, such as `24h`,
    /// `90m` (minutes) or `7d`. The service may delete it later than that, never earlier. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Sets whether an existing database of this name is returned unchanged, in place of a second one with
    /// the same name. Requires a [`name`](CreateDatabaseRequest::name). Default: false.
    pub fn if_not_exists(mut self, if_not_exists: bool) -> Self {
        self.if_not_exists = Some(if_not_exists);
        self
    }

    /// Sets the schemas to create in the database, with their tables.
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

/// The request of [`Databases::bulk_create`](crate::hotdata::Databases::bulk_create): the number of new
/// databases, and settings that are the same for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabasesRequest {
    /// The number of databases: 1 to 10 000.
    pub count: u64,
    /// The template of the names of the databases. It must contain `{index}`, which the service replaces by a
    /// number that counts from 0 and is padded with zeros. The service appends a suffix that identifies the
    /// batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_template: Option<String>,
    /// The name in queries of each database's own catalog: lowercase letters, digits and `_`, the first not a
    /// digit. The names `hotdata` and `information_schema` are reserved. Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_catalog: Option<String>,
    /// The schema in which queries look for tables that are named without a schema: lowercase letters, digits
    /// and `_`, the first not a digit. Default: the schema in `schemas` if that has exactly one, else `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// The time at which the databases expire: a time in RFC 3339, or a period from now, such as `24h`, `90m`
    /// (minutes) or `7d`. The service may delete them later than that, never earlier. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The idempotency key: a second request with the same key returns the batch of the first request, even
    /// if the other fields differ. With a key, the client sends the request again if the response is lost;
    /// without a key, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The schemas to create in each database, with their tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<SchemaDecl>>,
}

impl BulkCreateDatabasesRequest {
    /// Returns a request for this number of databases, with the default settings.
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

    /// Sets the template of the names of the databases. It must contain `{index}`, which the service replaces
    /// by a number that counts from 0 and is padded with zeros. The service appends a suffix that identifies
    /// the batch.
    pub fn name_template(mut self, name_template: impl Into<String>) -> Self {
        self.name_template = Some(name_template.into());
        self
    }

    /// Sets the name in queries of each database's own catalog: lowercase letters, digits and `_`, the first
    /// not a digit. The names `hotdata` and `information_schema` are reserved. Default: `default`.
    pub fn default_catalog(mut self, default_catalog: impl Into<String>) -> Self {
        self.default_catalog = Some(default_catalog.into());
        self
    }

    /// Sets the schema in which queries look for tables that are named without a schema: lowercase letters,
    /// digits and `_`, the first not a digit. Default: the schema in `schemas` if that has exactly one, else
    /// `main`.
    pub fn default_schema(mut self, default_schema: impl Into<String>) -> Self {
        self.default_schema = Some(default_schema.into());
        self
    }

    /// Sets the time at which the databases expire: a time in RFC 3339, or a period from now, such as `24h`,
    /// `90m` (minutes) or `7d`. The service may delete them later than that, never earlier. Default: never.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }

    /// Sets the idempotency key: a second request with the same key returns the batch of the first request,
    /// even if the other fields differ. With a key, the client sends the request again if the response is
    /// lost; without a key, it does not.
    pub fn idempotency_key(mut self, idempotency_key: impl Into<String>) -> Self {
        self.idempotency_key = Some(idempotency_key.into());
        self
    }

    /// Sets the schemas to create in each database, with their tables.
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = SchemaDecl>) -> Self {
        self.schemas = Some(schemas.into_iter().collect());
        self
    }
}

/// The settings of a copy that [`Databases::fork`](crate::hotdata::Databases::fork) makes. All are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ForkDatabaseRequest {
    /// The name of the copy. It need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description of the copy: at most 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The time at which the copy expires: a time in RFC 3339, or a period from now, such as `24h`, `90m`
    /// (minutes) or `7d`. Default: the expiry of the source, if it is in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl ForkDatabaseRequest {
    /// Returns a request with the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the copy. It need not be unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets a description of the copy: at most 4096 bytes.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the time at which the copy expires: a time in RFC 3339, or a period from now, such as `24h`,
    /// `90m` (minutes) or `7d`. Default: the expiry of the source, if it is in the future.
    pub fn expires_at(mut self, expires_at: impl Into<String>) -> Self {
        self.expires_at = Some(expires_at.into());
        self
    }
}

/// The request of [`Databases::attach_catalog`](crate::hotdata::Databases::attach_catalog): the catalog to
/// attach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AttachDatabaseCatalogRequest {
    /// The id of the connection of the catalog, or the `default_connection_id` of another database.
    pub connection_id: String,
    /// The alias of the catalog in queries. An alias is required if the name of the catalog is `default` or
    /// reserved (`hotdata`, `information_schema`), or is the name of the database's own catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

impl AttachDatabaseCatalogRequest {
    /// Returns a request for the catalog of this connection, without an alias.
    pub fn new(connection_id: impl Into<String>) -> Self {
        Self { connection_id: connection_id.into(), alias: None }
    }

    /// Sets the alias of the catalog in queries. An alias is required if the name of the catalog is `default`
    /// or reserved (`hotdata`, `information_schema`), or is the name of the database's own catalog.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }
}
