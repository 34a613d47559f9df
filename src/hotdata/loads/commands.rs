//! The operations that load tables, by themselves. What waits for locks and jobs is in `load.rs`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::hotdata::command::{Answer, Command, RequestParts, Spec, about, request};
use crate::http::{Method, Request};

use super::model::{LoadManagedTableRequest, LoadOutcome};

/// `POST /v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads` (`load_managed_table`), as it is: nothing is
/// looked at before, and a locked table is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadManagedTable {
    /// The connection: of a managed catalog.
    pub connection_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
    /// What is loaded, and how.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadManagedTable {
    /// This load into this table.
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

/// `POST /v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads` (`load_database_table`), as it is: nothing is looked
/// at before, and a locked table is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct LoadDatabaseTable {
    /// The database.
    pub database_id: String,
    /// The schema.
    #[serde(rename = "var_schema", alias = "schema")]
    pub schema: String,
    /// The table.
    pub table: String,
    /// What is loaded, and how.
    pub load_managed_table_request: LoadManagedTableRequest,
}

impl LoadDatabaseTable {
    /// This load into this table.
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

/// A load with a key of its own is done once however often it is sent. An empty key is none: who knows what it counts as.
fn spec(operation: &'static str, load: &LoadManagedTableRequest) -> Spec {
    let has_key = load.data.is_some() && load.idempotency_key.as_deref().is_some_and(|key| !key.is_empty());
    let spec = Spec::changes(operation);
    if has_key { Spec { effect: Effect::Repeatable, ..spec } } else { spec }
}

fn read(answer: &Answer<'_>) -> Result<LoadOutcome, Error> {
    match answer.response.status {
        200 => answer.json().map(LoadOutcome::Loaded),
        202 => answer.json().map(LoadOutcome::Submitted),
        _ => Err(answer.unusable("neither that it is done (200) nor a ticket (202)")),
    }
}

impl Command for LoadManagedTable {
    type Output = LoadOutcome;

    fn spec(&self) -> Spec {
        spec("load_managed_table", &self.load_managed_table_request)
    }

    fn label(&self) -> String {
        about("load_managed_table", &format!("{}.{}", self.schema, self.table))
    }

    fn to_request(&self) -> Result<Request, Error> {
        let template = "/v1/connections/{connection_id}/schemas/{schema}/tables/{table}/loads";
        let parameters =
            [("connection_id", &*self.connection_id), ("schema", &self.schema), ("table", &self.table)];
        request(self, Method::Post, template, &parameters)?.json(&self.load_managed_table_request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<LoadOutcome, Error> {
        read(&answer)
    }
}

impl Command for LoadDatabaseTable {
    type Output = LoadOutcome;

    fn spec(&self) -> Spec {
        spec("load_database_table", &self.load_managed_table_request)
    }

    fn label(&self) -> String {
        about("load_database_table", &format!("{}.{}", self.schema, self.table))
    }

    fn to_request(&self) -> Result<Request, Error> {
        let template = "/v1/databases/{database_id}/schemas/{schema}/tables/{table}/loads";
        let parameters =
            [("database_id", &*self.database_id), ("schema", &self.schema), ("table", &self.table)];
        request(self, Method::Post, template, &parameters)?.json(&self.load_managed_table_request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<LoadOutcome, Error> {
        read(&answer)
    }
}
