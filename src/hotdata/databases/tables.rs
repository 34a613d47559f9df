//! Catalogs, schemas and tables of databases.

use serde::{Deserialize, Serialize};

use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::tables::{
    ManagedSchemaResponse, ManagedTableConstantPerKeyResponse, ManagedTableResponse, SchemaDecl, TableDecl,
    UpdateManagedTableRequest,
};

use super::commands::Databases;
use super::request::AttachDatabaseCatalogRequest;

impl<M> Databases<M> {
    /// Attaches a catalog to a database, so that its queries can read the tables of the catalog: the catalog
    /// of a connection or, by its `default_connection_id`, of another database. Nothing is copied, and the
    /// attached catalog is read-only. Catalogs that are attached to the other database do not become visible.
    /// `POST /v1/databases/{database_id}/catalogs` (`attach_database_catalog`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the request is invalid, for example because an alias is
    /// required; [`NotFound`](crate::ErrorKind::NotFound) if the database or the connection does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the catalog is already attached, or if the alias is in
    /// use.
    #[doc(alias = "attach_database_catalog")]
    pub fn attach_catalog(
        &self,
        database_id: impl Into<String>,
        connection_id: impl Into<String>,
    ) -> Call<M, AttachDatabaseCatalog> {
        self.client.call(AttachDatabaseCatalog::new(database_id, connection_id))
    }

    /// Detaches a catalog from a database. `DELETE /v1/databases/{database_id}/catalogs/{connection_id}`
    /// (`detach_database_catalog`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the catalog is the database's own;
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id, or if the catalog is not attached
    /// to it.
    #[doc(alias = "detach_database_catalog")]
    pub fn detach_catalog(
        &self,
        database_id: impl Into<String>,
        connection_id: impl Into<String>,
    ) -> Call<M, DetachDatabaseCatalog> {
        self.client.call(DetachDatabaseCatalog::new(database_id, connection_id))
    }

    /// Creates a schema in the database's own catalog. `POST /v1/databases/{database_id}/schemas`
    /// (`add_database_schema`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the name is invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if no database has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the schema already exists.
    #[doc(alias = "add_database_schema")]
    pub fn add_schema(
        &self,
        database_id: impl Into<String>,
        add_managed_schema_request: impl Into<SchemaDecl>,
    ) -> Call<M, AddDatabaseSchema> {
        self.client.call(AddDatabaseSchema::new(database_id, add_managed_schema_request))
    }

    /// Creates an empty table in the database's own catalog. A load creates a missing table too, but without
    /// sort order and partitions. `POST /v1/databases/{database_id}/schemas/{schema}/tables`
    /// (`add_database_table`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if a name, the sort order or the partitions are invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the database or the schema does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the table already exists.
    #[doc(alias = "add_database_table")]
    pub fn add_table(
        &self,
        database_id: impl Into<String>,
        schema: impl Into<String>,
        add_managed_table_request: impl Into<TableDecl>,
    ) -> Call<M, AddDatabaseTable> {
        self.client.call(AddDatabaseTable::new(database_id, schema, add_managed_table_request))
    }

    /// Sets the columns whose values are equal in all rows with the same key. Replaces an earlier setting; an
    /// empty list removes the setting. Later loads by key (delete, update, upsert) rely on the setting: if
    /// the values differ, these loads duplicate rows silently.
    /// `PUT /v1/databases/{database_id}/schemas/{schema}/tables/{table}/constant-per-key`
    /// (`set_database_table_constant_per_key`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if a column does not exist;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the database, the schema or the table does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "set_database_table_constant_per_key")]
    pub fn set_constant_per_key(
        &self,
        database_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        columns: impl IntoIterator<Item: Into<String>>,
    ) -> Call<M, SetDatabaseTableConstantPerKey> {
        self.client.call(SetDatabaseTableConstantPerKey::new(database_id, schema, table, columns))
    }
}

/// Attaches a catalog to a database: the command of [`Databases::attach_catalog`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AttachDatabaseCatalog {
    /// The id of the database.
    pub database_id: String,
    /// The catalog to attach, and its alias.
    pub attach_database_catalog_request: AttachDatabaseCatalogRequest,
}

impl AttachDatabaseCatalog {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, connection_id: impl Into<String>) -> Self {
        Self {
            database_id: database_id.into(),
            attach_database_catalog_request: AttachDatabaseCatalogRequest::new(connection_id),
        }
    }
}

impl Command for AttachDatabaseCatalog {
    type Output = ();
    const NAME: &'static str = "attach_database_catalog";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::post(Self::NAME, "/v1/databases/{database_id}/catalogs")
            .at("database_id", &self.database_id)
            .json(&self.attach_database_catalog_request)
            .nothing()
    }
}

impl<M> Call<M, AttachDatabaseCatalog> {
    /// Sets the alias of the catalog in queries. An alias is required if the name of the catalog is `default`
    /// or reserved (`hotdata`, `information_schema`), or is the name of the database's own catalog.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.command.attach_database_catalog_request.alias = Some(alias.into());
        self
    }
}

/// Detaches a catalog from a database: the command of [`Databases::detach_catalog`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DetachDatabaseCatalog {
    /// The id of the database.
    pub database_id: String,
    /// The id of the connection of the attached catalog.
    pub connection_id: String,
}

impl DetachDatabaseCatalog {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, connection_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into(), connection_id: connection_id.into() }
    }
}

impl Command for DetachDatabaseCatalog {
    type Output = ();
    const NAME: &'static str = "detach_database_catalog";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/databases/{database_id}/catalogs/{connection_id}")
            .at("database_id", &self.database_id)
            .at("connection_id", &self.connection_id)
            .nothing()
    }
}

/// Creates a schema in a database's own catalog: the command of [`Databases::add_schema`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddDatabaseSchema {
    /// The id of the database.
    pub database_id: String,
    /// The schema to create, with its tables.
    pub add_managed_schema_request: SchemaDecl,
}

impl AddDatabaseSchema {
    /// Returns the command with its required parameters.
    pub fn new(database_id: impl Into<String>, add_managed_schema_request: impl Into<SchemaDecl>) -> Self {
        Self {
            database_id: database_id.into(),
            add_managed_schema_request: add_managed_schema_request.into(),
        }
    }
}

impl Command for AddDatabaseSchema {
    type Output = ManagedSchemaResponse;
    const NAME: &'static str = "add_database_schema";

    fn endpoint(&self) -> Endpoint<'_, ManagedSchemaResponse> {
        Endpoint::post(Self::NAME, "/v1/databases/{database_id}/schemas")
            .at("database_id", &self.database_id)
            .json(&self.add_managed_schema_request)
    }
}

/// Creates a table in a database's own catalog: the command of [`Databases::add_table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddDatabaseTable {
    /// The id of the database.
    pub database_id: String,
    /// The schema of the new table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table to create.
    pub add_managed_table_request: TableDecl,
}

impl AddDatabaseTable {
    /// Returns the command with its required parameters.
    pub fn new(
        database_id: impl Into<String>,
        schema: impl Into<String>,
        add_managed_table_request: impl Into<TableDecl>,
    ) -> Self {
        Self {
            database_id: database_id.into(),
            schema: schema.into(),
            add_managed_table_request: add_managed_table_request.into(),
        }
    }
}

impl Command for AddDatabaseTable {
    type Output = ManagedTableResponse;
    const NAME: &'static str = "add_database_table";

    fn endpoint(&self) -> Endpoint<'_, ManagedTableResponse> {
        Endpoint::post(Self::NAME, "/v1/databases/{database_id}/schemas/{schema}/tables")
            .at("database_id", &self.database_id)
            .at("schema", &self.schema)
            .json(&self.add_managed_table_request)
    }
}

/// Sets the columns whose values are equal in all rows with the same key: the command of
/// [`Databases::set_constant_per_key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SetDatabaseTableConstantPerKey {
    /// The id of the database.
    pub database_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The columns whose values are equal in all rows with the same key.
    pub update_managed_table_request: UpdateManagedTableRequest,
}

impl SetDatabaseTableConstantPerKey {
    /// Returns the command with its required parameters.
    pub fn new(
        database_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        columns: impl IntoIterator<Item: Into<String>>,
    ) -> Self {
        Self {
            database_id: database_id.into(),
            schema: schema.into(),
            table: table.into(),
            update_managed_table_request: UpdateManagedTableRequest::new().constant_per_key(columns),
        }
    }
}

impl Command for SetDatabaseTableConstantPerKey {
    type Output = ManagedTableConstantPerKeyResponse;
    const NAME: &'static str = "set_database_table_constant_per_key";

    fn endpoint(&self) -> Endpoint<'_, ManagedTableConstantPerKeyResponse> {
        Endpoint::put(
            Self::NAME,
            "/v1/databases/{database_id}/schemas/{schema}/tables/{table}/constant-per-key",
        )
        .at("database_id", &self.database_id)
        .at("schema", &self.schema)
        .at("table", &self.table)
        .json(&self.update_managed_table_request)
    }
}
