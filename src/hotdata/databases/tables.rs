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
    /// Lets a database see a catalog: that of a connection, or that of another database by its `default_connection_id`.
    /// Nothing is copied, it can only be read, and what that one sees is not seen through it.
    /// `POST /v1/databases/{database_id}/catalogs` (`attach_database_catalog`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected); [`NotFound`](crate::ErrorKind::NotFound);
    /// [`Conflict`](crate::ErrorKind::Conflict) if it is attached already, or its alias is taken.
    #[doc(alias = "attach_database_catalog")]
    pub fn attach_catalog(
        &self,
        database_id: impl Into<String>,
        connection_id: impl Into<String>,
    ) -> Call<M, AttachDatabaseCatalog> {
        self.client.call(AttachDatabaseCatalog::new(database_id, connection_id))
    }

    /// Takes a catalog from what a database sees. `DELETE /v1/databases/{database_id}/catalogs/{connection_id}`
    /// (`detach_database_catalog`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for its own; [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "detach_database_catalog")]
    pub fn detach_catalog(
        &self,
        database_id: impl Into<String>,
        connection_id: impl Into<String>,
    ) -> Call<M, DetachDatabaseCatalog> {
        self.client.call(DetachDatabaseCatalog::new(database_id, connection_id))
    }

    /// A new schema in the database's own catalog. `POST /v1/databases/{database_id}/schemas` (`add_database_schema`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a name that cannot be one;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) if there is one already.
    #[doc(alias = "add_database_schema")]
    pub fn add_schema(
        &self,
        database_id: impl Into<String>,
        add_managed_schema_request: impl Into<SchemaDecl>,
    ) -> Call<M, AddDatabaseSchema> {
        self.client.call(AddDatabaseSchema::new(database_id, add_managed_schema_request))
    }

    /// A new table in the database's own catalog. A load declares a table that there is not, without a layout.
    /// `POST /v1/databases/{database_id}/schemas/{schema}/tables` (`add_database_table`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for names and layouts that cannot be;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) if there is one already.
    #[doc(alias = "add_database_table")]
    pub fn add_table(
        &self,
        database_id: impl Into<String>,
        schema: impl Into<String>,
        add_managed_table_request: impl Into<TableDecl>,
    ) -> Call<M, AddDatabaseTable> {
        self.client.call(AddDatabaseTable::new(database_id, schema, add_managed_table_request))
    }

    /// Says which columns never differ between rows of one key, in place of what was said before. From the next load
    /// on, keyed loads rely on it: if it is not true, they double rows without a word. No columns: it is taken back.
    /// `PUT /v1/databases/{database_id}/schemas/{schema}/tables/{table}/constant-per-key`
    /// (`set_database_table_constant_per_key`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for columns that there are not;
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict).
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

/// See [`Databases::attach_catalog`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AttachDatabaseCatalog {
    /// The database.
    pub database_id: String,
    /// The catalog.
    pub attach_database_catalog_request: AttachDatabaseCatalogRequest,
}

impl AttachDatabaseCatalog {
    /// The catalog of this connection, to this database.
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
    /// What it is called in queries. Needed where its name would be `default`, reserved, or that of the database's own
    /// catalog.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.command.attach_database_catalog_request.alias = Some(alias.into());
        self
    }
}

/// See [`Databases::detach_catalog`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DetachDatabaseCatalog {
    /// The database.
    pub database_id: String,
    /// The connection.
    pub connection_id: String,
}

impl DetachDatabaseCatalog {
    /// The catalog of this connection, from this database.
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

/// See [`Databases::add_schema`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddDatabaseSchema {
    /// The database.
    pub database_id: String,
    /// The schema.
    pub add_managed_schema_request: SchemaDecl,
}

impl AddDatabaseSchema {
    /// This schema in this database.
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

/// See [`Databases::add_table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddDatabaseTable {
    /// The database.
    pub database_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub add_managed_table_request: TableDecl,
}

impl AddDatabaseTable {
    /// This table in this schema.
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

/// See [`Databases::set_constant_per_key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SetDatabaseTableConstantPerKey {
    /// The database.
    pub database_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
    /// The columns.
    pub update_managed_table_request: UpdateManagedTableRequest,
}

impl SetDatabaseTableConstantPerKey {
    /// These columns of this table.
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
