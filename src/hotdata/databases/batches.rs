//! Batches of databases.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;

use super::commands::Databases;
use super::model::{DatabaseBatchResponse, DeleteDatabaseBatchResponse};
use super::request::BulkCreateDatabasesRequest;

impl<M> Databases<M> {
    /// Creates many databases in the background, as one batch. `POST /v1/databases/bulk`
    /// (`bulk_create_databases`).
    ///
    /// The response describes the batch. [`batch`](Databases::batch) returns how many of its databases exist
    /// so far, [`Jobs::get`](crate::hotdata::Jobs::get) with its `job_id` returns the state of the job that
    /// creates them, and [`list`](Databases::list) with `.batch(…)` lists them. [`and_wait`](Call::and_wait)
    /// waits for the job. If the response is lost, the request is sent again only if it has an [idempotency
    /// key](BulkCreateDatabasesRequest::idempotency_key).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the number of databases is not from 1 to 10 000;
    /// [`Conflict`](crate::ErrorKind::Conflict) while a request with the same idempotency key is running.
    #[doc(alias = "bulk_create_databases")]
    pub fn bulk_create(
        &self,
        bulk_create_databases_request: BulkCreateDatabasesRequest,
    ) -> Call<M, BulkCreateDatabases> {
        self.client.call(BulkCreateDatabases::new(bulk_create_databases_request))
    }

    /// Returns the state of a batch of databases. `GET /v1/databases/bulk/{batch_id}` (`get_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no batch has this id.
    #[doc(alias = "get_database_batch")]
    pub fn batch(&self, batch_id: impl Into<String>) -> Call<M, GetDatabaseBatch> {
        self.client.call(GetDatabaseBatch::new(batch_id))
    }

    /// Deletes all databases of a batch. Their tables must be empty, and are deleted too.
    /// `DELETE /v1/databases/bulk/{batch_id}` (`delete_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if no batch has this id;
    /// [`Conflict`](crate::ErrorKind::Conflict) if data was loaded into one of the databases.
    #[doc(alias = "delete_database_batch")]
    pub fn delete_batch(&self, batch_id: impl Into<String>) -> Call<M, DeleteDatabaseBatch> {
        self.client.call(DeleteDatabaseBatch::new(batch_id))
    }
}

/// Creates many databases in the background: the command of [`Databases::bulk_create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabases {
    /// The number and the settings of the new databases.
    pub bulk_create_databases_request: BulkCreateDatabasesRequest,
}

impl BulkCreateDatabases {
    /// Returns the command with its required parameters.
    pub fn new(bulk_create_databases_request: BulkCreateDatabasesRequest) -> Self {
        Self { bulk_create_databases_request }
    }
}

impl Command for BulkCreateDatabases {
    type Output = DatabaseBatchResponse;
    const NAME: &'static str = "bulk_create_databases";

    fn endpoint(&self) -> Endpoint<'_, DatabaseBatchResponse> {
        Endpoint::post(Self::NAME, "/v1/databases/bulk")
            .effect(effect(&self.bulk_create_databases_request))
            .json(&self.bulk_create_databases_request)
    }
}

/// Returns the effect of the request: the same key returns the same batch. An empty key counts as none,
/// because its meaning is not documented.
fn effect(request: &BulkCreateDatabasesRequest) -> Effect {
    let has_key = request.idempotency_key.as_deref().is_some_and(|key| !key.is_empty());
    if has_key { Effect::Repeatable } else { Effect::Changes }
}

/// Returns the state of a batch of databases: the command of [`Databases::batch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseBatch {
    /// The id of the batch.
    pub batch_id: String,
}

impl GetDatabaseBatch {
    /// Returns the command with its required parameters.
    pub fn new(batch_id: impl Into<String>) -> Self {
        Self { batch_id: batch_id.into() }
    }
}

impl Command for GetDatabaseBatch {
    type Output = DatabaseBatchResponse;
    const NAME: &'static str = "get_database_batch";

    fn endpoint(&self) -> Endpoint<'_, DatabaseBatchResponse> {
        Endpoint::get(Self::NAME, "/v1/databases/bulk/{batch_id}").at("batch_id", &self.batch_id)
    }
}

/// Deletes all databases of a batch: the command of [`Databases::delete_batch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDatabaseBatch {
    /// The id of the batch.
    pub batch_id: String,
}

impl DeleteDatabaseBatch {
    /// Returns the command with its required parameters.
    pub fn new(batch_id: impl Into<String>) -> Self {
        Self { batch_id: batch_id.into() }
    }
}

impl Command for DeleteDatabaseBatch {
    type Output = DeleteDatabaseBatchResponse;
    const NAME: &'static str = "delete_database_batch";

    fn endpoint(&self) -> Endpoint<'_, DeleteDatabaseBatchResponse> {
        Endpoint::delete(Self::NAME, "/v1/databases/bulk/{batch_id}").at("batch_id", &self.batch_id)
    }
}
