//! The plain operations that load tables. The load that waits for locks and jobs is in `load.rs`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;
use crate::hotdata::success::Success;

use super::model::{LoadManagedTableRequest, LoadOutcome};

/// `POST /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads` (`load_managed_table`),
/// without checks before and retries for a locked table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTable {
    /// The id of the connection of a managed catalog.
    pub connection_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
    /// The request body.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadManagedTable {
    /// Returns the command with its required parameters.
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

/// `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads` (`load_database_table`), without
/// checks before and retries for a locked table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadDatabaseTable {
    /// The id of the database.
    pub database_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
    /// The request body.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadDatabaseTable {
    /// Returns the command with its required parameters.
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
        _ => Err(success.unusable("it is neither a loaded table (200) nor a job (202)")),
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
