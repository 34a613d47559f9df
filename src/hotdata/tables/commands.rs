//! Managed tables: commands that name the connection of the table's database.

use serde::{Deserialize, Serialize};

use crate::hotdata::command::{Call, Command};
use crate::hotdata::connections::Connections;
use crate::hotdata::endpoint::Endpoint;

use super::model::{
    ManagedSchemaResponse, ManagedTableConstantPerKeyResponse, ManagedTableResponse, SchemaDecl, TableDecl,
    UpdateManagedTableRequest,
};
use super::profile::GetTableProfile;

impl<M> Connections<M> {
    /// Creates a schema in a managed catalog, one whose tables Hotdata stores itself.
    /// `POST /v1/connections/{connection_id}/schemas` (`add_managed_schema`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is not managed, or if the name is invalid;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the schema already exists.
    #[doc(alias = "add_managed_schema")]
    pub fn add_schema(
        &self,
        connection_id: impl Into<String>,
        add_managed_schema_request: impl Into<SchemaDecl>,
    ) -> Call<M, AddManagedSchema> {
        self.client.call(AddManagedSchema::new(connection_id, add_managed_schema_request))
    }

    /// Creates an empty table in a managed catalog, one whose tables Hotdata stores itself. A load creates a
    /// missing table too, but without sort order and partitions.
    /// `POST /v1/connections/{connection_id}/schemas/{schema}/tables` (`add_managed_table`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is not managed, or if a name, the sort
    /// order or the partitions are invalid; [`NotFound`](crate::ErrorKind::NotFound) if the connection or the
    /// schema does not exist; [`Conflict`](crate::ErrorKind::Conflict) if the table already exists.
    #[doc(alias = "add_managed_table")]
    pub fn add_table(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        add_managed_table_request: impl Into<TableDecl>,
    ) -> Call<M, AddManagedTable> {
        self.client.call(AddManagedTable::new(connection_id, schema, add_managed_table_request))
    }

    /// Deletes a managed table with its rows.
    /// `DELETE /v1/connections/{connection_id}/schemas/{schema}/tables/{table}` (`delete_managed_table`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the connection is not managed;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection, the schema or the table does not exist.
    #[doc(alias = "delete_managed_table")]
    pub fn delete_table(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, DeleteManagedTable> {
        self.client.call(DeleteManagedTable::new(connection_id, schema, table))
    }

    /// Sets the columns whose values are equal in all rows with the same key. Replaces an earlier setting; an
    /// empty list removes the setting. Later loads by key (delete, update, upsert) rely on the setting: if
    /// the values differ, these loads duplicate rows silently.
    /// `PUT /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/constant-per-key`
    /// (`set_managed_table_constant_per_key`).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if a column does not exist;
    /// [`NotFound`](crate::ErrorKind::NotFound) if the connection, the schema or the table does not exist;
    /// [`Conflict`](crate::ErrorKind::Conflict) if the service responds with 409.
    #[doc(alias = "set_managed_table_constant_per_key")]
    pub fn set_constant_per_key(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        columns: impl IntoIterator<Item: Into<String>>,
    ) -> Call<M, SetManagedTableConstantPerKey> {
        self.client.call(SetManagedTableConstantPerKey::new(connection_id, schema, table, columns))
    }

    /// Returns the profile of a table: statistics of each column. The service computes the profile when it
    /// syncs the connection, so a managed table has no profile for some time after a load.
    /// `GET /v1/connections/{connection_id}/tables/{schema}/{table}/profile` (`get_table_profile`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the table does not exist or has no profile.
    #[doc(alias = "get_table_profile")]
    pub fn table_profile(
        &self,
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Call<M, GetTableProfile> {
        self.client.call(GetTableProfile::new(connection_id, schema, table))
    }
}

/// Creates a schema in a managed catalog: the command of [`Connections::add_schema`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddManagedSchema {
    /// The id of a managed connection: the `default_connection_id` of a database.
    pub connection_id: String,
    /// The schema to create, with its tables.
    pub add_managed_schema_request: SchemaDecl,
}

impl AddManagedSchema {
    /// Returns the command with its required parameters.
    pub fn new(connection_id: impl Into<String>, add_managed_schema_request: impl Into<SchemaDecl>) -> Self {
        Self {
            connection_id: connection_id.into(),
            add_managed_schema_request: add_managed_schema_request.into(),
        }
    }
}

impl Command for AddManagedSchema {
    type Output = ManagedSchemaResponse;
    const NAME: &'static str = "add_managed_schema";

    fn endpoint(&self) -> Endpoint<'_, ManagedSchemaResponse> {
        Endpoint::post(Self::NAME, "/v1/connections/{connection_id}/schemas")
            .at("connection_id", &self.connection_id)
            .json(&self.add_managed_schema_request)
    }
}

/// Creates a table in a managed catalog: the command of [`Connections::add_table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct AddManagedTable {
    /// The id of a managed connection: the `default_connection_id` of a database.
    pub connection_id: String,
    /// The schema of the new table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table to create.
    pub add_managed_table_request: TableDecl,
}

impl AddManagedTable {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        add_managed_table_request: impl Into<TableDecl>,
    ) -> Self {
        Self {
            connection_id: connection_id.into(),
            schema: schema.into(),
            add_managed_table_request: add_managed_table_request.into(),
        }
    }
}

impl Command for AddManagedTable {
    type Output = ManagedTableResponse;
    const NAME: &'static str = "add_managed_table";

    fn endpoint(&self) -> Endpoint<'_, ManagedTableResponse> {
        Endpoint::post(Self::NAME, "/v1/connections/{connection_id}/schemas/{schema}/tables")
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .json(&self.add_managed_table_request)
    }
}

/// Deletes a managed table with its rows: the command of [`Connections::delete_table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteManagedTable {
    /// The id of a managed connection: the `default_connection_id` of a database.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
}

impl DeleteManagedTable {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Self {
        Self { connection_id: connection_id.into(), schema: schema.into(), table: table.into() }
    }
}

impl Command for DeleteManagedTable {
    type Output = ();
    const NAME: &'static str = "delete_managed_table";

    fn endpoint(&self) -> Endpoint<'_, ()> {
        Endpoint::delete(Self::NAME, "/v1/connections/{connection_id}/schemas/{schema}/tables/{table}")
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
            .nothing()
    }
}

/// Sets the columns whose values are equal in all rows with the same key: the command of
/// [`Connections::set_constant_per_key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct SetManagedTableConstantPerKey {
    /// The id of a managed connection: the `default_connection_id` of a database.
    pub connection_id: String,
    /// The schema of the table.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The columns whose values are equal in all rows with the same key.
    pub update_managed_table_request: UpdateManagedTableRequest,
}

impl SetManagedTableConstantPerKey {
    /// Returns the command with its required parameters.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        columns: impl IntoIterator<Item: Into<String>>,
    ) -> Self {
        Self {
            connection_id: connection_id.into(),
            schema: schema.into(),
            table: table.into(),
            update_managed_table_request: UpdateManagedTableRequest::new().constant_per_key(columns),
        }
    }
}

impl Command for SetManagedTableConstantPerKey {
    type Output = ManagedTableConstantPerKeyResponse;
    const NAME: &'static str = "set_managed_table_constant_per_key";

    fn endpoint(&self) -> Endpoint<'_, ManagedTableConstantPerKeyResponse> {
        Endpoint::put(
            Self::NAME,
            "/v1/connections/{connection_id}/schemas/{schema}/tables/{table}/constant-per-key",
        )
        .at("connection_id", &self.connection_id)
        .at("schema", &self.schema)
        .at("table", &self.table)
        .json(&self.update_managed_table_request)
    }
}
