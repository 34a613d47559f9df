//! Many databases at once.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::Endpoint;

use super::commands::Databases;
use super::model::{DatabaseBatchResponse, DeleteDatabaseBatchResponse};
use super::request::BulkCreateDatabasesRequest;

impl<M> Databases<M> {
    /// Many databases of one kind, created in the background. `POST /v1/databases/bulk` (`bulk_create_databases`).
    ///
    /// The answer is the batch: [`batch`](Databases::batch) says how many there are by now, `client.jobs().get(…)` with
    /// its `job_id` how the job goes, and [`list`](Databases::list) with `.batch(…)` which they are. It is sent again
    /// where the answer was lost only if it has an idempotency key.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) for a number that is not 1 to 10 000;
    /// [`Conflict`](crate::ErrorKind::Conflict) while the same key is still at work.
    #[doc(alias = "bulk_create_databases")]
    pub fn bulk_create(
        &self,
        bulk_create_databases_request: BulkCreateDatabasesRequest,
    ) -> Call<M, BulkCreateDatabases> {
        self.client.call(BulkCreateDatabases::new(bulk_create_databases_request))
    }

    /// How far a batch is. `GET /v1/databases/bulk/{batch_id}` (`get_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound).
    #[doc(alias = "get_database_batch")]
    pub fn batch(&self, batch_id: impl Into<String>) -> Call<M, GetDatabaseBatch> {
        self.client.call(GetDatabaseBatch::new(batch_id))
    }

    /// Deletes all databases of a batch. Tables that were declared and hold nothing are no hindrance.
    /// `DELETE /v1/databases/bulk/{batch_id}` (`delete_database_batch`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Conflict`](crate::ErrorKind::Conflict) if one of them holds loaded
    /// data.
    #[doc(alias = "delete_database_batch")]
    pub fn delete_batch(&self, batch_id: impl Into<String>) -> Call<M, DeleteDatabaseBatch> {
        self.client.call(DeleteDatabaseBatch::new(batch_id))
    }
}

/// See [`Databases::bulk_create`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct BulkCreateDatabases {
    /// What is asked for.
    pub bulk_create_databases_request: BulkCreateDatabasesRequest,
}

impl BulkCreateDatabases {
    /// These.
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

/// The same key gives the same batch. An empty one is none: who knows what it counts as.
fn effect(request: &BulkCreateDatabasesRequest) -> Effect {
    let has_key = request.idempotency_key.as_deref().is_some_and(|key| !key.is_empty());
    if has_key { Effect::Repeatable } else { Effect::Changes }
}

/// See [`Databases::batch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabaseBatch {
    /// The batch.
    pub batch_id: String,
}

impl GetDatabaseBatch {
    /// The one of this id.
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

/// See [`Databases::delete_batch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteDatabaseBatch {
    /// The batch.
    pub batch_id: String,
}

impl DeleteDatabaseBatch {
    /// The one of this id.
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
