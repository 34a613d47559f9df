//! What is told of jobs (reference, section 4.9).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::hotdata::databases::BulkCreateDatabasesResult;
use crate::hotdata::indexes::IndexInfoResponse;
use crate::hotdata::loads::LoadManagedTableResponse;
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// The ticket of something that goes on in the background as a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubmitJobResponse {
    /// The job: what to wait for.
    pub id: String,
    /// What it is doing.
    pub status: JobStatus,
    /// Where to ask; the client makes the address of the id instead.
    pub status_url: String,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JobStatusResponse {
    /// Its id.
    pub id: String,
    /// What it does.
    pub job_type: JobType,
    /// What it is doing, or how it ended.
    pub status: JobStatus,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Why it failed, or what of it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<JobResult>,
}

/// What came of a job: the job's type says what it is. What does not fit, or is not known, stays as it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum JobResult {
    /// Of `managed_load`: what is in the table now.
    Load(LoadManagedTableResponse),
    /// Of `create_index`: the index.
    Index(IndexInfoResponse),
    /// Of `bulk_create_databases`: how many there are.
    BulkCreateDatabases(BulkCreateDatabasesResult),
    /// Of any other type, as it came.
    Other(Value),
}

impl JobResult {
    fn of(job_type: &JobType, value: Value) -> Self {
        let read = match job_type {
            JobType::ManagedLoad => serde_json::from_value(value.clone()).map(Self::Load),
            JobType::CreateIndex => serde_json::from_value(value.clone()).map(Self::Index),
            JobType::BulkCreateDatabases => {
                serde_json::from_value(value.clone()).map(Self::BulkCreateDatabases)
            }
            _ => return Self::Other(value),
        };
        read.unwrap_or(Self::Other(value))
    }
}

impl<'de> Deserialize<'de> for JobStatusResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The same with the result as it came.
        #[derive(Deserialize)]
        struct Raw {
            id: String,
            job_type: JobType,
            status: JobStatus,
            attempts: i64,
            created_at: Timestamp,
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

/// Jobs, a page of them. Whether there are more is not told: a page that is not full is the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListJobsResponse {
    /// The jobs.
    pub jobs: Vec<JobStatusResponse>,
}

/// What a job is doing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobStatus {
    /// `pending`
    Pending,
    /// `running`
    Running,
    /// `succeeded`
    Succeeded,
    /// `partially_succeeded`: an end: there is a result, and an `error_message` for what was left out
    PartiallySucceeded,
    /// `failed`
    Failed,
    /// Any other.
    Other(String),
}

impl_open_enum!(JobStatus, "job status", {
    Pending => "pending",
    Running => "running",
    Succeeded => "succeeded",
    PartiallySucceeded => "partially_succeeded",
    Failed => "failed",
});

/// What a job is for. Internal maintenance is never listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobType {
    /// `noop`
    Noop,
    /// `bulk_create_databases`: its result is a `BulkCreateDatabasesResult`
    BulkCreateDatabases,
    /// `create_index`: its result is an `IndexInfoResponse`
    CreateIndex,
    /// `managed_load`: its result is a `LoadManagedTableResponse`
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
    /// `data_refresh_table`: of the older surface
    DataRefreshTable,
    /// `data_refresh_connection`: of the older surface
    DataRefreshConnection,
    /// `dataset_refresh`: of the older surface
    DatasetRefresh,
    /// `create_dataset_index`: of the older surface
    CreateDatasetIndex,
    /// Any other.
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
