//! Hotdata: all operations of its HTTP API, queries that are followed to their end, loads, waits and uploads.
//!
//! Made after the vendor's Python client hotdata 0.12.0. A client has its operations by resource, under the vendor's own
//! words: `client.databases().list()` is the vendor's `list_databases`. Each returns a [`Call`], which does nothing until it is
//! sent; what must be given is an argument, what may be given a method.
//!
//! ```
//! use controlplane::hotdata::{Client, CreateDatabaseRequest, TableDecl};
//!
//! # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
//! # let client = Client::builder()
//! #     .api_key(emulator.api_key()).workspace_id(emulator.workspace_id()).base_url(emulator.url()).build()?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?; // HOTDATA_API_KEY, HOTDATA_WORKSPACE, HOTDATA_DATABASE
//! # };
//! let asked = CreateDatabaseRequest::new().name("sales").if_not_exists(true).expires_at("7d");
//! let database = client.databases().create(asked).send()?.id;
//! client.databases().add_table(&database, "main", TableDecl::new("orders").key(["id"])).send()?;
//!
//! for database in client.databases().list().iter() {
//!     println!("{:?}", database?.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | [`Client::workspaces`], [`Client::usage`] | workspaces, which need no workspace themselves, and what one has used |
//! | [`Client::connections`] | connections to sources, and managed tables by their connection |
//! | [`Client::databases`], [`Client::database_contexts`] | databases, their tables, loads, batches, forks, documents |
//! | [`Client::query`], [`Client::query_runs`], [`Client::results`], [`Client::saved_queries`] | queries and what comes of them |
//! | [`Client::uploads`] | bytes that go to storage, to be loaded then |
//! | [`Client::indexes`], [`Client::embedding_providers`] | indexes, and who makes vectors for them |
//! | [`Client::information_schema`], [`Client::jobs`] | tables and columns, what goes on in the background |
//! | [`Client::older`] | what an earlier API had and this one no longer has |
//!
//! [`Client::query`]: client::Client::query

mod any;
mod any_output;
#[cfg(feature = "arrow")]
pub mod arrow;
pub mod client;
mod command;
mod connection_model;
mod connections;
mod context_model;
mod database_batches;
mod database_contexts;
mod database_model;
mod database_request;
mod database_tables;
mod databases;
mod embedding_provider_model;
mod embedding_providers;
mod enums;
mod follow;
mod index_model;
mod indexes;
mod information_schema;
mod information_schema_model;
mod job_model;
mod job_waits;
mod jobs;
mod limits;
mod load_model;
mod loading;
mod loads;
mod managed_tables;
pub mod older;
mod pages;
mod parts;
mod patch;
mod path;
mod profile_model;
mod protocol;
mod query;
mod query_model;
mod query_runs;
mod ready;
mod result_model;
mod results;
mod run_waits;
mod saved_queries;
mod saved_query_model;
mod secret;
mod setup;
mod sketch;
mod table_model;
pub mod uploads;
mod usage;
mod workspace_model;
mod workspaces;

pub use any::AnyCommand;
pub use any_output::AnyOutput;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Hotdata};
pub use command::{Call, Command, Scope, Spec};
pub use connection_model::{
    ConnectionInfo, CreateConnectionRequest, CreateConnectionResponse, GetConnectionResponse,
    ListConnectionsResponse,
};
pub use connections::{Connections, CreateConnection, DeleteConnection, GetConnection, ListConnections};
pub use context_model::{
    DatabaseContextEntry, GetDatabaseContextResponse, ListDatabaseContextsResponse,
    UpsertDatabaseContextRequest, UpsertDatabaseContextResponse,
};
pub use database_batches::{BulkCreateDatabases, DeleteDatabaseBatch, GetDatabaseBatch};
pub use database_contexts::{
    DatabaseContexts, DeleteDatabaseContext, GetDatabaseContext, ListDatabaseContexts, UpsertDatabaseContext,
};
pub use database_model::{
    BulkCreateDatabasesResult, CreateDatabaseResponse, DatabaseAttachmentInfo, DatabaseBatchResponse,
    DatabaseCountResponse, DatabaseDetailResponse, DatabaseLineageResponse, DatabaseSummary,
    DeleteDatabaseBatchResponse, ForkedFromInfo, LineageInfo, ListDatabasesResponse,
};
pub use database_request::{
    AttachDatabaseCatalogRequest, BulkCreateDatabasesRequest, CreateDatabaseRequest, ForkDatabaseRequest,
};
pub use database_tables::{
    AddDatabaseSchema, AddDatabaseTable, AttachDatabaseCatalog, DetachDatabaseCatalog,
    SetDatabaseTableConstantPerKey,
};
pub use databases::{
    CountDatabases, CreateDatabase, Databases, DeleteDatabase, ForkDatabase, GetDatabase, GetDatabaseLineage,
    ListDatabases, LookupDatabaseByName,
};
pub use embedding_provider_model::{
    CreateEmbeddingProviderRequest, CreateEmbeddingProviderResponse, EmbeddingProviderResponse,
    ListEmbeddingProvidersResponse, UpdateEmbeddingProviderRequest, UpdateEmbeddingProviderResponse,
};
pub use embedding_providers::{
    CreateEmbeddingProvider, DeleteEmbeddingProvider, EmbeddingProviders, GetEmbeddingProvider,
    ListEmbeddingProviders, UpdateEmbeddingProvider,
};
pub use enums::{
    Dialect, DiscoveryStatus, EmbeddingProviderSource, EmbeddingProviderType, IndexAlgorithm, IndexStatus,
    IndexType, JobStatus, JobType, LoadFormat, LoadMode, NullsOrder, PartitionTransform, ProvisionStatus,
    QueryRunStatus, ResultFormat, ResultStatus, SortDirection, UploadMode, VectorMetric, VectorPrecision,
};
pub use follow::{FollowedQuery, HoldsQuery};
pub use index_model::{
    CreateIndexRequest, IndexEntryResponse, IndexInfoResponse, IndexOutcome, ListIndexesPageResponse,
    ListIndexesResponse,
};
pub use indexes::{CreateIndex, DeleteIndex, Indexes, ListIndexes, ListIndexesCollection};
pub use information_schema::{InformationSchema, ListTables};
pub use information_schema_model::{ColumnInfo, InformationSchemaResponse, TableInfo};
pub use job_model::{JobResult, JobStatusResponse, ListJobsResponse, SubmitJobResponse};
pub use job_waits::{BulkCreateAndWait, CreateIndexAndWait, JobEnd, WaitForJob, WaitUntilProvisioned};
pub use jobs::{GetJob, Jobs, ListJobs};
pub use limits::{Incomplete, Measure, TooLarge, incomplete, too_large};
pub use load_model::{
    ColumnDefinition, ColumnTypeSpec, LoadManagedTableRequest, LoadManagedTableResponse, LoadOutcome,
};
pub use loading::{HoldsLoad, Load, LoadAndWait, LoadCommand};
pub use loads::{LoadDatabaseTable, LoadManagedTable};
pub use managed_tables::{
    AddManagedSchema, AddManagedTable, DeleteManagedTable, GetTableProfile, SetManagedTableConstantPerKey,
};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::{Items, List};
pub use patch::Patch;
pub use profile_model::{CategoryValueInfo, ColumnProfileDetail, ColumnProfileInfo, TableProfileResponse};
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
pub use run_waits::{QueryAndWait, WaitForQueryRun};
pub use saved_queries::{
    CreateSavedQuery, DeleteSavedQuery, ExecuteSavedQuery, GetSavedQuery, ListSavedQueries,
    ListSavedQueryVersions, SavedQueries, UpdateSavedQuery,
};
pub use saved_query_model::{
    CreateSavedQueryRequest, ExecuteSavedQueryRequest, ListSavedQueriesResponse,
    ListSavedQueryVersionsResponse, SavedQueryDetail, SavedQuerySummary, SavedQueryVersionInfo,
    UpdateSavedQueryRequest,
};
pub use secret::{ConfigJson, Secret};
pub use setup::DEFAULT_BASE_URL;
pub use sketch::Sketched;
pub use table_model::{
    ManagedSchemaResponse, ManagedTableConstantPerKeyResponse, ManagedTableResponse, SchemaDecl, TableDecl,
    TablePartitionKey, TableSortKey, UpdateManagedTableRequest,
};
pub use uploads::{
    CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts, UploadCall, Uploads,
};
pub use usage::{GetUsage, Usage, WorkspaceUsageResponse};
pub use workspace_model::{
    CreateWorkspaceRequest, CreateWorkspaceResponse, ListWorkspacesResponse, WorkspaceDetail,
    WorkspaceListItem,
};
pub use workspaces::{CreateWorkspace, DeleteWorkspace, ListWorkspaces, Workspaces};

pub use crate::timestamp::Timestamp;

/// The client whose calls block the thread.
///
/// ```
/// use controlplane::hotdata::{Client, CreateDatabaseRequest, LoadMode};
///
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// let client = Client::builder().api_key(key).workspace_id(workspace).base_url(url).build()?; // or `Client::from_env()?`
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
///
/// // What is uploaded is loaded into a table, which is made of it.
/// let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
/// let csv = "id,amount\n1,2.5\n2,4.5\n"; // or `upload_path("orders.csv")`
/// client.uploads().upload_bytes(csv).content_type("text/csv").and_load(load).send()?;
///
/// let outcome = client.query("SELECT sum(amount) FROM orders").database_id(&database).send()?;
/// if let Some(answer) = outcome.answered() {
///     assert_eq!(answer.rows, [[7.0]]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
pub type Client = client::Client<Blocking>;

/// The client whose calls are futures for Tokio.
///
/// ```
/// use controlplane::hotdata::{AsyncClient, CreateDatabaseRequest, LoadMode};
///
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let client = AsyncClient::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).await?.id;
/// let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
/// load.data("id,amount\n1,2.5\n2,4.5\n").and_wait().await?;
/// let answer = client.query_and_wait("SELECT id FROM orders ORDER BY id").database_id(&database).await?;
/// assert_eq!(answer.rows, [[1], [2]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All calls are on the generic [`client::Client`]; this name fixes the mode.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
