//! Client of Hotdata: all operations of its HTTP API, queries that return all of their rows, uploads of data
//! and loads into tables, and waits.
//!
//! Modelled on the vendor's Python client hotdata 0.12.0. A client groups its operations by resource, under
//! the vendor's names: `client.databases().list()` is the vendor's `list_databases`. Each method returns a
//! [`Call`], which does nothing until it is sent. Required parameters are arguments; optional ones are
//! methods of the call.
//!
//! ```
//! use controlplane::hotdata::{Client, CreateDatabaseRequest, TableDecl};
//!
//! # use controlplane::hotdata::Credentials;
//! # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
//! # let credentials = Credentials::builder()
//! #     .api_key(emulator.api_key()).workspace_id(emulator.workspace_id()).base_url(emulator.url()).build()?;
//! # let client = Client::new(credentials)?;
//! # const HIDDEN: &str = stringify! {
//! let client = Client::from_env()?; // HOTDATA_API_KEY, HOTDATA_WORKSPACE, HOTDATA_DATABASE
//! # };
//! let request = CreateDatabaseRequest::new().name("sales").if_not_exists(true).expires_at("7d");
//! let database = client.databases().create(request).send()?.id;
//! client.databases().add_table(&database, "main", TableDecl::new("orders").key(["id"])).send()?;
//!
//! for database in client.databases().list().iter() {
//!     println!("{:?}", database?.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Methods | Resources |
//! |---|---|
//! | [`Client::workspaces`], [`Client::usage`] | workspaces (these calls need no workspace in the credentials), and the usage of the workspace |
//! | [`Client::connections`] | connections to sources of data, and managed tables (those that Hotdata stores) by the id of their connection |
//! | [`Client::databases`], [`Client::database_contexts`] | databases: their tables, loads, copies, batches and documents |
//! | [`Client::query`], [`Client::query_runs`], [`Client::results`], [`Client::saved_queries`] | queries, their runs and their results |
//! | [`Client::uploads`] | uploads of data to storage, for a load |
//! | [`Client::indexes`], [`Client::embedding_providers`] | indexes, and the embedding providers that turn text into vectors for them |
//! | [`Client::information_schema`], [`Client::jobs`] | lists of tables and columns; jobs that the service runs in the background |
//! | [`Client::older`] | operations of an earlier API, which the service no longer has |
//!
//! # Waiting
//!
//! `and_wait()` makes a call wait for the end of the query, load, index or batch of databases that it starts.
//! To wait for a job, a query run, a result or a workspace that exists already, use
//! [`wait_for_job`](Jobs::wait_for_job), [`wait_for_query_run`](QueryRuns::wait_for_query_run),
//! [`wait_for_result`](Results::wait_for_result), [`wait_for_workspace`](Workspaces::wait_for_workspace). A
//! failure state ends these waits with an error, unless [`Call::accept_failure`] is set. [`Call::until`] sets
//! another rule for the end of a wait.
//!
//! # Errors
//!
//! [`Error::request_id`](crate::Error::request_id) is the id of a query run or of a job,
//! [`Error::resource`](crate::Error::resource) that of a result, an upload, a batch or a workspace.
//! [`Error::detail`](crate::Error::detail) of an error about a result is a [`ResultFailure`], that of an
//! error about an upload an [`UploadFailure`](uploads::UploadFailure), if the error has details.
//!
//! [`Client::query`]: client::Client::query

mod any;
#[cfg(feature = "arrow")]
pub mod arrow;
mod backoff_policy;
mod batch;
pub mod client;
mod command;
mod composite;
mod connections;
mod credentials;
mod databases;
mod embedding_providers;
mod endpoint;
mod indexes;
mod information_schema;
mod jobs;
mod limits;
mod loads;
pub mod older;
mod pages;
mod patch;
mod path;
mod protocol;
mod queries;
mod query_runs;
mod results;
mod rows;
mod saved_queries;
mod secret;
mod sql;
mod success;
mod tables;
pub mod uploads;
mod usage;
mod waits;
mod wire;
mod workspaces;

pub use any::{AnyCommand, AnyOutput, PlanCommand};
pub use backoff_policy::BackoffPolicy;
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder};
pub use command::{Call, Command};
pub use connections::{
    ConnectionInfo, Connections, CreateConnection, CreateConnectionRequest, CreateConnectionResponse,
    DeleteConnection, DiscoveryStatus, GetConnection, GetConnectionResponse, ListConnections,
    ListConnectionsResponse,
};
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
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
pub use loads::{
    AnyLoad, ColumnDefinition, ColumnTypeSpec, Load, LoadAndWait, LoadDatabaseTable, LoadFormat,
    LoadManagedTable, LoadManagedTableRequest, LoadManagedTableResponse, LoadMode, LoadOutcome,
};
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::Items;
pub use patch::Patch;
pub use queries::{
    AsyncQueryResponse, Dialect, FollowedQuery, Query, QueryAndWait, QueryOutcome, QueryRequest,
    QueryResponse,
};
pub use query_runs::{
    GetQueryRun, ListQueryRuns, ListQueryRunsResponse, QueryRunInfo, QueryRunStatus, QueryRuns,
    WaitForQueryRun,
};
pub use results::{
    FetchReadyResult, GetResult, GetResultResponse, ListResults, ListResultsResponse, Measure, ResultBytes,
    ResultFailure, ResultFormat, ResultInfo, ResultOutcome, ResultStatus, ResultText, Results, WaitForResult,
};
pub use saved_queries::{
    CreateSavedQuery, CreateSavedQueryRequest, DeleteSavedQuery, ExecuteSavedQuery, ExecuteSavedQueryRequest,
    GetSavedQuery, ListSavedQueries, ListSavedQueriesResponse, ListSavedQueryVersions,
    ListSavedQueryVersionsResponse, SavedQueries, SavedQueryDetail, SavedQuerySummary, SavedQueryVersionInfo,
    UpdateSavedQuery, UpdateSavedQueryRequest,
};
pub use secret::{ConfigJson, Secret};
pub use tables::{
    AddManagedSchema, AddManagedTable, CategoryValueInfo, ColumnProfileDetail, ColumnProfileInfo,
    DeleteManagedTable, GetTableProfile, ManagedSchemaResponse, ManagedTableConstantPerKeyResponse,
    ManagedTableResponse, NullsOrder, PartitionTransform, SchemaDecl, SetManagedTableConstantPerKey,
    SortDirection, TableDecl, TablePartitionKey, TableProfileResponse, TableSortKey,
    UpdateManagedTableRequest,
};
pub use uploads::{
    CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts, UploadAndLoadFile,
    UploadCall, UploadMode, Uploads,
};
pub use usage::{GetUsage, Usage, WorkspaceUsageResponse};
pub use workspaces::{
    CreateWorkspace, CreateWorkspaceRequest, CreateWorkspaceResponse, DeleteWorkspace, ListWorkspaces,
    ListWorkspacesResponse, ProvisionStatus, WaitForWorkspace, WorkspaceDetail, WorkspaceListItem,
    Workspaces,
};

#[cfg(feature = "async")]
pub use batch::AsyncBatchResults;
pub use batch::{Batch, BatchCall, BatchResults, Finished};

pub use crate::client::{Added, CallState, Seen};
pub use crate::timestamp::Timestamp;

/// The blocking client of Hotdata: sending a call blocks the thread until its outcome is known.
///
/// ```
/// use controlplane::hotdata::{Client, CreateDatabaseRequest, Credentials, LoadMode};
///
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send()?.id;
///
/// // Loads the upload into the table `orders`, which the service creates.
/// let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
/// let csv = "id,amount\n1,2.5\n2,4.5\n"; // or `upload_path("orders.csv")`
/// client.uploads().upload_bytes(csv).content_type("text/csv").and_load(load).send()?;
///
/// let outcome = client.query("SELECT sum(amount) FROM orders").database_id(&database).send()?;
/// if let Some(response) = outcome.completed() {
///     assert_eq!(response.rows, [[7.0]]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the page of the generic [`client::Client`], of which this type is the blocking form.
pub type Client = client::Client<Blocking>;

/// The asynchronous client of Hotdata: its calls are futures for the Tokio runtime.
///
/// ```
/// use controlplane::hotdata::{AsyncClient, CreateDatabaseRequest, LoadMode};
///
/// # use controlplane::hotdata::Credentials;
/// # let emulator = controlplane_emulator::hotdata::Emulator::start()?;
/// # let (key, workspace, url) = (emulator.api_key(), emulator.workspace_id(), emulator.url());
/// # let credentials = Credentials::builder().api_key(key).workspace_id(workspace).base_url(url).build()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let client = AsyncClient::new(credentials)?;
/// let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).await?.id;
/// let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
/// load.data("id,amount\n1,2.5\n2,4.5\n").and_wait().await?;
/// let query = client.query("SELECT id FROM orders ORDER BY id").database_id(&database);
/// assert_eq!(query.and_wait().await?.rows, [[1], [2]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the page of the generic [`client::Client`], of which this type is the asynchronous
/// form.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
