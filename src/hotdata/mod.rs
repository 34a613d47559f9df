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
mod connections;
mod credentials;
mod databases;
mod embedding_providers;
mod indexes;
mod information_schema;
mod jobs;
mod limits;
mod loads;
pub mod older;
mod pages;
mod parts;
mod patch;
mod path;
mod protocol;
mod queries;
mod query_runs;
mod results;
mod saved_queries;
mod secret;
mod sketch;
mod tables;
pub mod uploads;
mod usage;
mod workspaces;

pub use any::AnyCommand;
pub use any_output::AnyOutput;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Hotdata};
pub use command::{Call, Command, Scope, Spec};
pub use connections::{
    ConnectionInfo, Connections, CreateConnection, CreateConnectionRequest, CreateConnectionResponse,
    DeleteConnection, DiscoveryStatus, GetConnection, GetConnectionResponse, ListConnections,
    ListConnectionsResponse,
};
pub use credentials::DEFAULT_BASE_URL;
pub use databases::{
    AddDatabaseSchema, AddDatabaseTable, AttachDatabaseCatalog, AttachDatabaseCatalogRequest,
    BulkCreateAndWait, BulkCreateDatabases, BulkCreateDatabasesRequest, BulkCreateDatabasesResult,
    CountDatabases, CreateDatabase, CreateDatabaseRequest, CreateDatabaseResponse, DatabaseAttachmentInfo,
    DatabaseBatchResponse, DatabaseContextEntry, DatabaseContexts, DatabaseCountResponse,
    DatabaseDetailResponse, DatabaseLineageResponse, DatabaseSummary, Databases, DeleteDatabase,
    DeleteDatabaseBatch, DeleteDatabaseBatchResponse, DeleteDatabaseContext, DetachDatabaseCatalog,
    ForkDatabase, ForkDatabaseRequest, ForkedFromInfo, GetDatabase, GetDatabaseBatch, GetDatabaseContext,
    GetDatabaseContextResponse, GetDatabaseLineage, LineageInfo, ListDatabaseContexts,
    ListDatabaseContextsResponse, ListDatabases, ListDatabasesResponse, LookupDatabaseByName,
    SetDatabaseTableConstantPerKey, UpsertDatabaseContext, UpsertDatabaseContextRequest,
    UpsertDatabaseContextResponse,
};
pub use embedding_providers::{
    CreateEmbeddingProvider, CreateEmbeddingProviderRequest, CreateEmbeddingProviderResponse,
    DeleteEmbeddingProvider, EmbeddingProviderResponse, EmbeddingProviderSource, EmbeddingProviderType,
    EmbeddingProviders, GetEmbeddingProvider, ListEmbeddingProviders, ListEmbeddingProvidersResponse,
    UpdateEmbeddingProvider, UpdateEmbeddingProviderRequest, UpdateEmbeddingProviderResponse,
};
pub use indexes::{
    CreateIndex, CreateIndexAndWait, CreateIndexRequest, DeleteIndex, IndexAlgorithm, IndexEntryResponse,
    IndexInfoResponse, IndexOutcome, IndexStatus, IndexType, Indexes, ListIndexes, ListIndexesCollection,
    ListIndexesPageResponse, ListIndexesResponse, VectorMetric, VectorPrecision,
};
pub use information_schema::{
    ColumnInfo, InformationSchema, InformationSchemaResponse, ListTables, TableInfo,
};
pub use jobs::{
    GetJob, JobEnd, JobResult, JobStatus, JobStatusResponse, JobType, Jobs, ListJobs, ListJobsResponse,
    SubmitJobResponse, WaitForJob,
};
pub use limits::{Incomplete, Measure, TooLarge, incomplete, too_large};
pub use loads::{
    ColumnDefinition, ColumnTypeSpec, HoldsLoad, Load, LoadAndWait, LoadCommand, LoadDatabaseTable,
    LoadFormat, LoadManagedTable, LoadManagedTableRequest, LoadManagedTableResponse, LoadMode, LoadOutcome,
};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::{Items, List};
pub use patch::Patch;
pub use queries::{
    AsyncQueryResponse, Dialect, FollowedQuery, HoldsQuery, Query, QueryAndWait, QueryOutcome, QueryRequest,
    QueryResponse,
};
pub use query_runs::{
    GetQueryRun, ListQueryRuns, ListQueryRunsResponse, QueryRunInfo, QueryRunStatus, QueryRuns,
    WaitForQueryRun,
};
pub use results::{
    FetchReadyResult, GetResult, GetResultResponse, ListResults, ListResultsResponse, ResultBytes,
    ResultFormat, ResultInfo, ResultOutcome, ResultStatus, ResultText, Results, WaitForResult,
};
pub use saved_queries::{
    CreateSavedQuery, CreateSavedQueryRequest, DeleteSavedQuery, ExecuteSavedQuery, ExecuteSavedQueryRequest,
    GetSavedQuery, ListSavedQueries, ListSavedQueriesResponse, ListSavedQueryVersions,
    ListSavedQueryVersionsResponse, SavedQueries, SavedQueryDetail, SavedQuerySummary, SavedQueryVersionInfo,
    UpdateSavedQuery, UpdateSavedQueryRequest,
};
pub use secret::{ConfigJson, Secret};
pub use sketch::Sketched;
pub use tables::{
    AddManagedSchema, AddManagedTable, CategoryValueInfo, ColumnProfileDetail, ColumnProfileInfo,
    DeleteManagedTable, GetTableProfile, ManagedSchemaResponse, ManagedTableConstantPerKeyResponse,
    ManagedTableResponse, NullsOrder, PartitionTransform, SchemaDecl, SetManagedTableConstantPerKey,
    SortDirection, TableDecl, TablePartitionKey, TableProfileResponse, TableSortKey,
    UpdateManagedTableRequest,
};
pub use uploads::{
    CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts, UploadCall, UploadMode,
    Uploads,
};
pub use usage::{GetUsage, Usage, WorkspaceUsageResponse};
pub use workspaces::{
    CreateWorkspace, CreateWorkspaceRequest, CreateWorkspaceResponse, DeleteWorkspace, ListWorkspaces,
    ListWorkspacesResponse, ProvisionStatus, WaitUntilProvisioned, WorkspaceDetail, WorkspaceListItem,
    Workspaces,
};

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
