//! A type that holds the output of any command.

use serde::Serialize;

use super::super::older;
use super::super::uploads::{
    BatchCreateUploadResponse, FinalizeUploadResponse, MintUploadPartsResponse, UploadSessionResponse,
};
use super::super::{
    BulkCreateDatabasesResult, CreateConnectionResponse, CreateDatabaseResponse,
    CreateEmbeddingProviderResponse, CreateWorkspaceResponse, DatabaseBatchResponse, DatabaseCountResponse,
    DatabaseDetailResponse, DatabaseLineageResponse, DeleteDatabaseBatchResponse, EmbeddingProviderResponse,
    GetConnectionResponse, GetDatabaseContextResponse, GetResultResponse, IndexInfoResponse, IndexOutcome,
    InformationSchemaResponse, JobEnd, JobStatusResponse, ListConnectionsResponse,
    ListDatabaseContextsResponse, ListDatabasesResponse, ListEmbeddingProvidersResponse,
    ListIndexesPageResponse, ListIndexesResponse, ListJobsResponse, ListQueryRunsResponse,
    ListResultsResponse, ListSavedQueriesResponse, ListSavedQueryVersionsResponse, ListWorkspacesResponse,
    LoadManagedTableResponse, LoadOutcome, ManagedSchemaResponse, ManagedTableConstantPerKeyResponse,
    ManagedTableResponse, QueryOutcome, QueryResponse, QueryRunInfo, ResultOutcome, SavedQueryDetail,
    TableProfileResponse, UpdateEmbeddingProviderResponse, UpsertDatabaseContextResponse, WorkspaceListItem,
    WorkspaceUsageResponse,
};

/// The output of an [`AnyCommand`](super::AnyCommand), or of a call of a [`Batch`](crate::hotdata::Batch).
/// Serialization writes the output in the variant as it serializes itself, mostly as the JSON that the
/// service sends; `Nothing` is `null`.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// The output of commands without one, such as those that delete.
    Nothing(()),
    /// [`ListWorkspacesResponse`]
    ListWorkspaces(Box<ListWorkspacesResponse>),
    /// [`CreateWorkspaceResponse`]
    CreateWorkspace(Box<CreateWorkspaceResponse>),
    /// [`ListConnectionsResponse`]
    ListConnections(Box<ListConnectionsResponse>),
    /// [`CreateConnectionResponse`]
    CreateConnection(Box<CreateConnectionResponse>),
    /// [`GetConnectionResponse`]
    GetConnection(Box<GetConnectionResponse>),
    /// [`ManagedSchemaResponse`]
    ManagedSchema(Box<ManagedSchemaResponse>),
    /// [`ManagedTableResponse`]
    ManagedTable(Box<ManagedTableResponse>),
    /// [`LoadOutcome`]
    LoadOutcome(Box<LoadOutcome>),
    /// [`ManagedTableConstantPerKeyResponse`]
    ManagedTableConstantPerKey(Box<ManagedTableConstantPerKeyResponse>),
    /// [`TableProfileResponse`]
    TableProfile(Box<TableProfileResponse>),
    /// [`ListDatabasesResponse`]
    ListDatabases(Box<ListDatabasesResponse>),
    /// [`DatabaseCountResponse`]
    DatabaseCount(Box<DatabaseCountResponse>),
    /// [`DatabaseDetailResponse`]
    DatabaseDetail(Box<DatabaseDetailResponse>),
    /// [`CreateDatabaseResponse`]
    CreateDatabase(Box<CreateDatabaseResponse>),
    /// [`DatabaseBatchResponse`]
    DatabaseBatch(Box<DatabaseBatchResponse>),
    /// [`DeleteDatabaseBatchResponse`]
    DeleteDatabaseBatch(Box<DeleteDatabaseBatchResponse>),
    /// [`DatabaseLineageResponse`]
    DatabaseLineage(Box<DatabaseLineageResponse>),
    /// [`ListDatabaseContextsResponse`]
    ListDatabaseContexts(Box<ListDatabaseContextsResponse>),
    /// [`UpsertDatabaseContextResponse`]
    UpsertDatabaseContext(Box<UpsertDatabaseContextResponse>),
    /// [`GetDatabaseContextResponse`]
    GetDatabaseContext(Box<GetDatabaseContextResponse>),
    /// [`QueryOutcome`]
    QueryOutcome(Box<QueryOutcome>),
    /// [`QueryRunInfo`]
    QueryRunInfo(Box<QueryRunInfo>),
    /// [`ListQueryRunsResponse`]
    ListQueryRuns(Box<ListQueryRunsResponse>),
    /// [`ListResultsResponse`]
    ListResults(Box<ListResultsResponse>),
    /// [`ResultOutcome`]
    ResultOutcome(Box<ResultOutcome>),
    /// [`ListSavedQueriesResponse`]
    ListSavedQueries(Box<ListSavedQueriesResponse>),
    /// [`SavedQueryDetail`]
    SavedQueryDetail(Box<SavedQueryDetail>),
    /// [`ListSavedQueryVersionsResponse`]
    ListSavedQueryVersions(Box<ListSavedQueryVersionsResponse>),
    /// [`UploadSessionResponse`]
    UploadSession(Box<UploadSessionResponse>),
    /// [`BatchCreateUploadResponse`]
    BatchCreateUpload(Box<BatchCreateUploadResponse>),
    /// [`MintUploadPartsResponse`]
    MintUploadParts(Box<MintUploadPartsResponse>),
    /// [`FinalizeUploadResponse`]
    FinalizeUpload(Box<FinalizeUploadResponse>),
    /// [`IndexOutcome`]
    IndexOutcome(Box<IndexOutcome>),
    /// [`ListIndexesResponse`]
    ListIndexes(Box<ListIndexesResponse>),
    /// [`ListIndexesPageResponse`]
    ListIndexesPage(Box<ListIndexesPageResponse>),
    /// [`InformationSchemaResponse`]
    InformationSchema(Box<InformationSchemaResponse>),
    /// [`JobStatusResponse`]
    JobStatus(Box<JobStatusResponse>),
    /// [`ListJobsResponse`]
    ListJobs(Box<ListJobsResponse>),
    /// [`WorkspaceUsageResponse`]
    WorkspaceUsage(Box<WorkspaceUsageResponse>),
    /// [`ListEmbeddingProvidersResponse`]
    ListEmbeddingProviders(Box<ListEmbeddingProvidersResponse>),
    /// [`CreateEmbeddingProviderResponse`]
    CreateEmbeddingProvider(Box<CreateEmbeddingProviderResponse>),
    /// [`EmbeddingProviderResponse`]
    EmbeddingProvider(Box<EmbeddingProviderResponse>),
    /// [`UpdateEmbeddingProviderResponse`]
    UpdateEmbeddingProvider(Box<UpdateEmbeddingProviderResponse>),
    /// [`older::UploadResponse`]
    Upload(Box<older::UploadResponse>),
    /// [`older::ListUploadsResponse`]
    ListUploads(Box<older::ListUploadsResponse>),
    /// [`older::CreateSecretResponse`]
    CreateSecret(Box<older::CreateSecretResponse>),
    /// [`older::ListSecretsResponse`]
    ListSecrets(Box<older::ListSecretsResponse>),
    /// [`older::SecretInfo`]
    SecretInfo(Box<older::SecretInfo>),
    /// [`older::UpdateSecretResponse`]
    UpdateSecret(Box<older::UpdateSecretResponse>),
    /// [`older::ListConnectionTypesResponse`]
    ListConnectionTypes(Box<older::ListConnectionTypesResponse>),
    /// [`older::ConnectionTypeDetail`]
    ConnectionTypeDetail(Box<older::ConnectionTypeDetail>),
    /// [`older::ConnectionHealthResponse`]
    ConnectionHealth(Box<older::ConnectionHealthResponse>),
    /// [`older::RefreshOutcome`]
    RefreshOutcome(Box<older::RefreshOutcome>),
    /// [`older::ListDatasetsResponse`]
    ListDatasets(Box<older::ListDatasetsResponse>),
    /// [`older::CreateDatasetResponse`]
    CreateDataset(Box<older::CreateDatasetResponse>),
    /// [`older::DatasetDetail`]
    DatasetDetail(Box<older::DatasetDetail>),
    /// [`older::UpdateDatasetResponse`]
    UpdateDataset(Box<older::UpdateDatasetResponse>),
    /// [`older::ListDatasetVersionsResponse`]
    ListDatasetVersions(Box<older::ListDatasetVersionsResponse>),
    /// [`QueryResponse`]
    QueryResponse(Box<QueryResponse>),
    /// [`GetResultResponse`]
    ResultState(Box<GetResultResponse>),
    /// [`WorkspaceListItem`]
    Workspace(Box<WorkspaceListItem>),
    /// The result of a load with `and_wait`.
    LoadEnd(Box<JobEnd<LoadManagedTableResponse>>),
    /// The index that a call with `and_wait` has created.
    IndexEnd(Box<JobEnd<IndexInfoResponse>>),
    /// The result of a [`bulk_create`](crate::hotdata::Databases::bulk_create) with `and_wait`.
    BulkCreateEnd(Box<JobEnd<BulkCreateDatabasesResult>>),
}
