//! The operations that load tables, as single requests. The loads that wait for locks and jobs are in
//! `load.rs`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::success::Success;

use super::model::{LoadManagedTableRequest, LoadOutcome};

/// Loads a table of a managed catalog, one whose tables Hotdata stores itself:
/// `POST /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads` (`load_managed_table`).
///
/// [`Client::load`](crate::hotdata::Client::load) and
/// [`Connections::load`](crate::hotdata::Connections::load) check the request before they send it, and retry
/// the load while another load has locked the table. [`Client::call`](crate::hotdata::Client::call) does
/// neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTable {
    /// The id of the connection of the managed catalog.
    pub connection_id: String,
    /// The name of the schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The mode, the source and the settings of the load.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadManagedTable {
    /// Returns the command that loads this table with this request.
    pub fn new(
        connection_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        load_managed_table_request: LoadManagedTableRequest,
    ) -> Self {
        Self {
            connection_id: connection_id.into(),
            schema: schema.into(),
            table: table.into(),
            load_managed_table_request,
        }
    }
}

/// Loads a table of a database: `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads`
/// (`load_database_table`).
///
/// [`Client::load`](crate::hotdata::Client::load) and [`Databases::load`](crate::hotdata::Databases::load)
/// check the request before they send it, and retry the load while another load has locked the table.
/// [`Client::call`](crate::hotdata::Client::call) does neither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadDatabaseTable {
    /// The id of the database.
    pub database_id: String,
    /// The name of the schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The name of the table.
    pub table: String,
    /// The mode, the source and the settings of the load.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadDatabaseTable {
    /// Returns the command that loads this table with this request.
    pub fn new(
        database_id: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
        load_managed_table_request: LoadManagedTableRequest,
    ) -> Self {
        Self {
            database_id: database_id.into(),
            schema: schema.into(),
            table: table.into(),
            load_managed_table_request,
        }
    }
}

/// A load with an idempotency key is done once however often it is sent. The meaning of an empty key is not
/// documented, so it counts as none.
fn effect(load: &LoadManagedTableRequest) -> Effect {
    let has_key = load.data.is_some() && load.idempotency_key.as_deref().is_some_and(|key| !key.is_empty());
    if has_key { Effect::Repeatable } else { Effect::Changes }
}

/// Reads 200, the loaded table, or 202, the job that loads it.
fn read_outcome(success: &Success<'_>) -> Result<LoadOutcome, Error> {
    match success.status() {
        200 => success.json().map(LoadOutcome::Loaded),
        202 => success.json().map(LoadOutcome::Submitted),
        _ => Err(success.other_status("200 (a loaded table) or 202 (a job)")),
    }
}

impl Command for LoadManagedTable {
    type Output = LoadOutcome;
    const NAME: &'static str = "load_managed_table";

    fn endpoint(&self) -> Endpoint<'_, LoadOutcome> {
        let template = "/v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads";
        Endpoint::post_read(Self::NAME, template, read_outcome)
            .about(format!("{}.{}", self.schema, self.table))
            .at("connection_id", &self.connection_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
            .effect(effect(&self.load_managed_table_request))
            .json(&self.load_managed_table_request)
    }
}

impl Command for LoadDatabaseTable {
    type Output = LoadOutcome;
    const NAME: &'static str = "load_database_table";

    fn endpoint(&self) -> Endpoint<'_, LoadOutcome> {
        let template = "/v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads";
        Endpoint::post_read(Self::NAME, template, read_outcome)
            .about(format!("{}.{}", self.schema, self.table))
            .at("database_id", &self.database_id)
            .at("schema", &self.schema)
            .at("table", &self.table)
            .effect(effect(&self.load_managed_table_request))
            .json(&self.load_managed_table_request)
    }
}
