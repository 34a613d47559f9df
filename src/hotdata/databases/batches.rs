//! Batches of databases.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;

use super::commands::Databases;
use super::model::{DatabaseBatchResponse, DeleteDatabaseBatchResponse};
use super::request::BulkCreateDatabasesRequest;

impl<M> Databases<M> {
    /// Creates many databases in the background. `POST /v1/databases/bulk` (`bulk_create_databases`).
    ///
    /// The response is the batch. [`batch`](Databases::batch) returns the number of databases so far,
    /// `client.jobs().get(…)` with its `job_id` the state of the job, and [`list`](Databases::list) with
    /// `.batch(…)` the databases. If the response is lost, the request is repeated only if it has an
    /// idempotency key.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the number is not 1 to 10 000;
    /// [`Conflict`](crate::ErrorKind::Conflict) while a request with the same key is running.
    #[doc(alias = "bulk_create_databases")]
    pub fn bulk_create(
        &self,
        bulk_create_databases_request: BulkCreateDatabasesRequest,
    ) -> Call<M, BulkCreateDatabases> {
        self.client.call(BulkCreateDatabases::new(bulk_create_databases_request))
    }

    /// Returns the state of a batch. `GET /v1/databases/bulk/{batch_id}` (`get_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_database_batch")]
    pub fn batch(&self, batch_id: impl Into<String>) -> Call<M, GetDatabaseBatch> {
        self.client.call(GetDatabaseBatch::new(batch_id))
    }

    /// Deletes all databases of a batch, together with declared tables without data.
    /// `DELETE /v1/databases/bulk/{batch_id}` (`delete_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) if one of the
    /// databases has loaded data.
    #[doc(alias = "delete_database_batch")]
    pub fn delete_batch(&self, batch_id: impl Into<String>) -> Call<M, DeleteDatabaseBatch> {
        self.client.call(DeleteDatabaseBatch::new(batch_id))
    }
}

/// The command of [`Databases::bulk_create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabases {
    /// The request body.
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

/// The command of [`Databases::batch`].
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

/// The command of [`Databases::delete_batch`].
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
