//! The values that the API names, each with room for those that it may add (reference, section 4).

use crate::open_enum::impl_open_enum;

/// How the discovery of a new connection's tables ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiscoveryStatus {
    /// `success`
    Success,
    /// `skipped`
    Skipped,
    /// `failed`: `discovery_error` says why
    Failed,
    /// Any other.
    Other(String),
}

impl_open_enum!(DiscoveryStatus, "discovery status", {
    Success => "success",
    Skipped => "skipped",
    Failed => "failed",
});

/// What of a column decides the partition. A calendar transform alone merges what it does not tell apart: `month` the same
/// month of all years, so declare `year` and `month`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartitionTransform {
    /// `identity`: the value itself
    Identity,
    /// `year`
    Year,
    /// `month`
    Month,
    /// `day`
    Day,
    /// `hour`
    Hour,
    /// Any other.
    Other(String),
}

impl_open_enum!(PartitionTransform, "partition transform", {
    Identity => "identity",
    Year => "year",
    Month => "month",
    Day => "day",
    Hour => "hour",
});

/// Which way a table is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortDirection {
    /// `asc`: the service's default
    #[default]
    Asc,
    /// `desc`
    Desc,
    /// Any other.
    Other(String),
}

impl_open_enum!(SortDirection, "sort direction", {
    Asc => "asc",
    Desc => "desc",
});

/// Where a sorted table has its nulls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NullsOrder {
    /// `first`
    First,
    /// `last`
    Last,
    /// Any other.
    Other(String),
}

impl_open_enum!(NullsOrder, "place of nulls", {
    First => "first",
    Last => "last",
});

/// The words of SQL that a query is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `hotsql`: the service's default, like that of Postgres
    #[default]
    Hotsql,
    /// `duckdb`
    Duckdb,
    /// `postgres`
    Postgres,
    /// `snowflake`
    Snowflake,
    /// Any other.
    Other(String),
}

impl_open_enum!(Dialect, "SQL dialect", {
    Hotsql => "hotsql",
    Duckdb => "duckdb",
    Postgres => "postgres",
    Snowflake => "snowflake",
});

/// What a query run is doing (reference, section 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryRunStatus {
    /// `queued`: not documented, and tolerated by the vendor's clients
    Queued,
    /// `pending`: not documented, and tolerated by the vendor's clients
    Pending,
    /// `running`
    Running,
    /// `succeeded`
    Succeeded,
    /// `failed`
    Failed,
    /// `interrupted`: for good; the query can be sent again
    Interrupted,
    /// `cancelled`: not documented, and tolerated by the vendor's clients
    Cancelled,
    /// Any other.
    Other(String),
}

impl_open_enum!(QueryRunStatus, "query run status", {
    Queued => "queued",
    Pending => "pending",
    Running => "running",
    Succeeded => "succeeded",
    Failed => "failed",
    Interrupted => "interrupted",
    Cancelled => "cancelled",
});

/// What is becoming of a result (reference, section 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultStatus {
    /// `pending`
    Pending,
    /// `processing`
    Processing,
    /// `ready`
    Ready,
    /// `failed`
    Failed,
    /// Any other.
    Other(String),
}

impl_open_enum!(ResultStatus, "result status", {
    Pending => "pending",
    Processing => "processing",
    Ready => "ready",
    Failed => "failed",
});

/// What a result is given as (reference, section 9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResultFormat {
    /// `arrow`: an Arrow IPC stream, the only one that keeps what is not finite
    Arrow,
    /// `json`: the only one with a limit of size
    Json,
    /// `csv`: one header row, LF at the ends of lines
    Csv,
    /// `md`: a table of pipes
    Md,
    /// `parquet`: the stored file, always whole
    Parquet,
    /// Any other.
    Other(String),
}

impl_open_enum!(ResultFormat, "result format", {
    Arrow => "arrow",
    Json => "json",
    Csv => "csv",
    Md => "md",
    Parquet => "parquet",
});

/// What a load does to the rows that are there (reference, section 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadMode {
    /// `replace`: the whole contents
    Replace,
    /// `append`: needs every column that is there; columns that are new are added
    Append,
    /// `delete`: the rows of these keys; the data holds key columns only
    Delete,
    /// `update`: whole rows by key; those without a match are ignored
    Update,
    /// `upsert`: as update, and what has no match is added
    Upsert,
    /// Any other.
    Other(String),
}

impl_open_enum!(LoadMode, "load mode", {
    Replace => "replace",
    Append => "append",
    Delete => "delete",
    Update => "update",
    Upsert => "upsert",
});

/// What loaded data is written as. Without it, the service looks at the upload's content type, then at its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadFormat {
    /// `csv`: the only one for inline data
    Csv,
    /// `json`: one object in each line, not an array
    Json,
    /// `parquet`
    Parquet,
    /// Any other.
    Other(String),
}

impl_open_enum!(LoadFormat, "load format", {
    Csv => "csv",
    Json => "json",
    Parquet => "parquet",
});

/// How the bytes of an upload travel (reference, section 10.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMode {
    /// `single`: one PUT
    Single,
    /// `multipart`: one PUT for each part
    Multipart,
    /// Any other.
    Other(String),
}

impl_open_enum!(UploadMode, "upload mode", {
    Single => "single",
    Multipart => "multipart",
});

/// What kind an index is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexType {
    /// `sorted`: the default
    #[default]
    Sorted,
    /// `bm25`: full text
    Bm25,
    /// `vector`: nearest vectors; one in a table
    Vector,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexType, "index type", {
    Sorted => "sorted",
    Bm25 => "bm25",
    Vector => "vector",
});

/// How a vector index is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexAlgorithm {
    /// `hnsw`: the default; searched with the SQL function `vector_search`
    #[default]
    Hnsw,
    /// `ivf`: searched with `ORDER BY vector_distance(column, <query>) LIMIT k`; not carried over to a fork
    Ivf,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexAlgorithm, "index algorithm", {
    Hnsw => "hnsw",
    Ivf => "ivf",
});

/// What a vector index calls near.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorMetric {
    /// `l2`: the default, unless the embedding provider has another
    #[default]
    L2,
    /// `cosine`
    Cosine,
    /// `dot`: not for `ivf`
    Dot,
    /// Any other.
    Other(String),
}

impl_open_enum!(VectorMetric, "metric", {
    L2 => "l2",
    Cosine => "cosine",
    Dot => "dot",
});

/// How exactly a vector index keeps numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VectorPrecision {
    /// `float64`: over a column of doubles only
    Float64,
    /// `float32`: for both algorithms
    Float32,
    /// `float16`: for `hnsw`
    Float16,
    /// `float8`: for `hnsw`
    Float8,
    /// `int8`: for `ivf`, where it is the default
    Int8,
    /// Any other.
    Other(String),
}

impl_open_enum!(VectorPrecision, "vector precision", {
    Float64 => "float64",
    Float32 => "float32",
    Float16 => "float16",
    Float8 => "float8",
    Int8 => "int8",
});

/// Whether an index can be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IndexStatus {
    /// `ready`
    Ready,
    /// `pending`: it is being built
    Pending,
    /// Any other.
    Other(String),
}

impl_open_enum!(IndexStatus, "index status", {
    Ready => "ready",
    Pending => "pending",
});

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

/// Where embeddings are made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderType {
    /// `local`
    Local,
    /// `service`
    Service,
    /// Any other.
    Other(String),
}

impl_open_enum!(EmbeddingProviderType, "type of embedding provider", {
    Local => "local",
    Service => "service",
});

/// Whose an embedding provider is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmbeddingProviderSource {
    /// `system`: the service's own
    System,
    /// `user`
    User,
    /// Any other.
    Other(String),
}

impl_open_enum!(EmbeddingProviderSource, "source of embedding providers", {
    System => "system",
    User => "user",
});

/// How far a new workspace is (an open string at the service).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProvisionStatus {
    /// `pending`
    Pending,
    /// `provisioned`
    Provisioned,
    /// Any other.
    Other(String),
}

impl_open_enum!(ProvisionStatus, "provision status", {
    Pending => "pending",
    Provisioned => "provisioned",
});
