//! Hotdata: all operations of its HTTP API, queries that are followed to their end, loads, waits and uploads.
//!
//! Made after the vendor's Python client hotdata 0.12.0. A client has its operations by resource, under the vendor's own
//! words: `client.databases().list()` is the vendor's `list_databases`. What an earlier API had and this one no longer has is
//! apart.

pub mod client;
mod command;
mod database_model;
mod databases;
mod enums;
mod follow;
mod job_model;
mod jobs;
mod limits;
mod load_model;
mod loads;
mod parts;
mod patch;
mod path;
mod protocol;
mod query;
mod query_model;
mod query_runs;
mod ready;
mod result_model;
mod results;
mod setup;

#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Hotdata};
pub use command::{Call, Command, Scope, Spec};
pub use database_model::DatabaseDetailResponse;
pub use databases::{Databases, GetDatabase};
pub use enums::{
    Dialect, DiscoveryStatus, EmbeddingProviderSource, EmbeddingProviderType, IndexAlgorithm, IndexStatus,
    IndexType, JobStatus, JobType, LoadFormat, LoadMode, NullsOrder, PartitionTransform, ProvisionStatus,
    QueryRunStatus, ResultFormat, ResultStatus, SortDirection, UploadMode, VectorMetric, VectorPrecision,
};
pub use follow::{FollowedQuery, HoldsQuery};
pub use job_model::{JobResult, JobStatusResponse, ListJobsResponse, SubmitJobResponse};
pub use jobs::{GetJob, Jobs, ListJobs};
pub use limits::{Incomplete, Measure, TooLarge, incomplete, too_large};
pub use load_model::{
    ColumnDefinition, ColumnTypeSpec, LoadManagedTableRequest, LoadManagedTableResponse, LoadOutcome,
};
pub use loads::{LoadDatabaseTable, LoadManagedTable};
pub use patch::Patch;
pub use query::Query;
pub use query_model::{
    AsyncQueryResponse, ListQueryRunsResponse, QueryOutcome, QueryRequest, QueryResponse, QueryRunInfo,
};
pub use query_runs::{GetQueryRun, ListQueryRuns, QueryRuns};
pub use ready::{FetchReadyResult, WaitForResult};
pub use result_model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultInfo, ResultOutcome, ResultText,
};
pub use results::{GetResult, ListResults, Results};
pub use setup::DEFAULT_BASE_URL;

pub use crate::timestamp::Timestamp;

/// The client whose calls block the thread.
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
pub type Client = client::Client<Blocking>;

/// The client whose calls are futures for Tokio.
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
