//! Responses about jobs.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::hotdata::databases::BulkCreateDatabasesResult;
use crate::hotdata::indexes::IndexInfoResponse;
use crate::hotdata::loads::LoadManagedTableResponse;
use crate::hotdata::wire::{or_default, or_unknown, unknown};
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A job that a request has started, for example a load or an index with `async`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubmitJobResponse {
    /// The id of the job.
    pub id: String,
    /// The status of the job.
    #[serde(default = "unknown", deserialize_with = "or_unknown")]
    pub status: JobStatus,
    /// The address of the status of the job. The client does not use it: it builds the address from the id.
    #[serde(default, deserialize_with = "or_default")]
    pub status_url: String,
}

/// A job, which the service runs in the background: the response of [`Jobs::get`](crate::hotdata::Jobs::get),
/// and an entry of [`Jobs::list`](crate::hotdata::Jobs::list).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JobStatusResponse {
    /// The id.
    pub id: String,
    /// The type of the job.
    pub job_type: JobType,
    /// The status of the job.
    pub status: JobStatus,
    /// The number of times that the service has tried to run the job.
    pub attempts: i64,
    /// The time at which the job was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The time at which the job ended, if it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The reason why the job failed or, if it succeeded in part, what was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The result, if the job has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<JobResult>,
}

/// The result of a job. The variant depends on the type of the job; a result of another type, or one that has
/// not the documented fields of its type, is kept as JSON in `Other`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum JobResult {
    /// The result of a `managed_load`: the table, with its number of rows after the load.
    Load(LoadManagedTableResponse),
    /// The result of a `create_index`: the index.
    Index(IndexInfoResponse),
    /// The result of a `bulk_create_databases`: the number of databases that were created.
    BulkCreateDatabases(BulkCreateDatabasesResult),
    /// Any other result, as JSON.
    Other(Value),
}

impl JobResult {
    fn of(job_type: &JobType, value: Value) -> Self {
        let read = match job_type {
            JobType::ManagedLoad => known(&value).map(Self::Load),
            JobType::CreateIndex => known(&value).map(Self::Index),
            JobType::BulkCreateDatabases => known(&value).map(Self::BulkCreateDatabases),
            _ => None,
        };
        read.unwrap_or(Self::Other(value))
    }
}

/// The value as a model, if it has any of the model's fields: a model without identity fields reads every
/// object.
fn known<T: DeserializeOwned + Serialize>(value: &Value) -> Option<T> {
    let model = T::deserialize(value).ok()?;
    let fields = serde_json::to_value(&model).ok()?;
    value.as_object()?.keys().any(|key| fields.get(key).is_some()).then_some(model)
}

impl<'de> Deserialize<'de> for JobStatusResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A job whose result is still JSON.
        #[derive(Deserialize)]
        struct Raw {
            id: String,
            #[serde(default = "unknown", deserialize_with = "or_unknown")]
            job_type: JobType,
            #[serde(default = "unknown", deserialize_with = "or_unknown")]
            status: JobStatus,
            #[serde(default, deserialize_with = "or_default")]
            attempts: i64,
            created_at: Option<Timestamp>,
            completed_at: Option<Timestamp>,
            error_message: Option<String>,
            result: Option<Value>,
        }
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self {
            id: raw.id,
            status: raw.status,
            attempts: raw.attempts,
            created_at: raw.created_at,
            completed_at: raw.completed_at,
            error_message: raw.error_message,
            result: raw.result.map(|value| JobResult::of(&raw.job_type, value)),
            job_type: raw.job_type,
        })
    }
}

/// A page of jobs: the response of [`Jobs::list`](crate::hotdata::Jobs::list). The response does not say
/// whether there are more pages; [`iter`](crate::hotdata::Call::iter) takes a page with fewer jobs than
/// requested, or with fewer than 50 if more were requested, for the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListJobsResponse {
    /// The jobs.
    #[serde(default, deserialize_with = "or_default")]
    pub jobs: Vec<JobStatusResponse>,
}

/// The status of a job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobStatus {
    /// `pending`: not started yet
    Pending,
    /// `running`
    Running,
    /// `succeeded`: final
    Succeeded,
    /// `partially_succeeded`: final; the job has a result, and `error_message` says what was left out
    PartiallySucceeded,
    /// `failed`: final; `error_message` has the reason
    Failed,
    /// Any other value.
    Other(String),
}

impl_open_enum!(JobStatus, "job status", {
    Pending => "pending",
    Running => "running",
    Succeeded => "succeeded",
    PartiallySucceeded => "partially_succeeded",
    Failed => "failed",
});

/// The type of a job. Lists never contain jobs of the service's internal maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// `noop`
    Noop,
    /// `bulk_create_databases`: its result is a [`BulkCreateDatabasesResult`]
    BulkCreateDatabases,
    /// `create_index`: its result is an [`IndexInfoResponse`]
    CreateIndex,
    /// `managed_load`: its result is a [`LoadManagedTableResponse`]
    ManagedLoad,
    /// `ducklake_vacuum`
    DucklakeVacuum,
    /// `ducklake_orphan_cleanup`
    DucklakeOrphanCleanup,
    /// `result_deletion`
    ResultDeletion,
    /// `stale_result_cleanup`
    StaleResultCleanup,
    /// `result_retention`
    ResultRetention,
    /// `ducklake_compaction`
    DucklakeCompaction,
    /// `ducklake_table_compaction`
    DucklakeTableCompaction,
    /// `table_constants_update`
    TableConstantsUpdate,
    /// `database_fork`
    DatabaseFork,
    /// `data_refresh_table`: a job of the [older API](crate::hotdata::older)
    DataRefreshTable,
    /// `data_refresh_connection`: a job of the [older API](crate::hotdata::older)
    DataRefreshConnection,
    /// `dataset_refresh`: a job of the [older API](crate::hotdata::older)
    DatasetRefresh,
    /// `create_dataset_index`: a job of the [older API](crate::hotdata::older)
    CreateDatasetIndex,
    /// Any other value.
    Other(String),
}

impl_open_enum!(JobType, "job type", {
    Noop => "noop",
    BulkCreateDatabases => "bulk_create_databases",
    CreateIndex => "create_index",
    ManagedLoad => "managed_load",
    DucklakeVacuum => "ducklake_vacuum",
    DucklakeOrphanCleanup => "ducklake_orphan_cleanup",
    ResultDeletion => "result_deletion",
    StaleResultCleanup => "stale_result_cleanup",
    ResultRetention => "result_retention",
    DucklakeCompaction => "ducklake_compaction",
    DucklakeTableCompaction => "ducklake_table_compaction",
    TableConstantsUpdate => "table_constants_update",
    DatabaseFork => "database_fork",
    DataRefreshTable => "data_refresh_table",
    DataRefreshConnection => "data_refresh_connection",
    DatasetRefresh => "dataset_refresh",
    CreateDatasetIndex => "create_dataset_index",
});

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(job_type: &str, result: Value) -> JobStatusResponse {
        serde_json::from_value(json!({
            "id": "job_1", "job_type": job_type, "status": "succeeded", "attempts": 1,
            "created_at": "2026-03-01T12:00:00Z", "result": result,
        }))
        .unwrap()
    }

    #[test]
    fn the_type_says_what_a_result_is() {
        let load = json!({
            "connection_id": "c", "schema_name": "s", "table_name": "t", "row_count": 5_000_000_000_u64,
            "arrow_schema_json": "{}",
        });
        assert!(matches!(job("managed_load", load.clone()).result, Some(JobResult::Load(_))));
        assert_eq!(job("table_teleport", load.clone()).result, Some(JobResult::Other(load)));
        let odd = json!({"rows": 3});
        assert_eq!(job("managed_load", odd.clone()).result, Some(JobResult::Other(odd)));
        assert_eq!(job("noop", Value::Null).result, None);
    }
}
