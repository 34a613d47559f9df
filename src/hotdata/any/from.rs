//! Each command as an [`AnyCommand`].

use super::super::older;
use super::super::uploads::{
    CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts,
};
use super::super::{
    AddDatabaseSchema, AddDatabaseTable, AddManagedSchema, AddManagedTable, AttachDatabaseCatalog,
    BulkCreateDatabases, CountDatabases, CreateConnection, CreateDatabase, CreateEmbeddingProvider,
    CreateIndex, CreateSavedQuery, CreateWorkspace, DeleteConnection, DeleteDatabase, DeleteDatabaseBatch,
    DeleteDatabaseContext, DeleteEmbeddingProvider, DeleteIndex, DeleteManagedTable, DeleteSavedQuery,
    DeleteWorkspace, DetachDatabaseCatalog, ExecuteSavedQuery, ForkDatabase, GetConnection, GetDatabase,
    GetDatabaseBatch, GetDatabaseContext, GetDatabaseLineage, GetEmbeddingProvider, GetJob, GetQueryRun,
    GetResult, GetSavedQuery, GetTableProfile, GetUsage, ListConnections, ListDatabaseContexts,
    ListDatabases, ListEmbeddingProviders, ListIndexes, ListIndexesCollection, ListJobs, ListQueryRuns,
    ListResults, ListSavedQueries, ListSavedQueryVersions, ListTables, ListWorkspaces, LoadDatabaseTable,
    LoadManagedTable, LookupDatabaseByName, Query, SetDatabaseTableConstantPerKey,
    SetManagedTableConstantPerKey, UpdateEmbeddingProvider, UpdateSavedQuery, UpsertDatabaseContext,
};
use super::AnyCommand;

impl From<ListWorkspaces> for AnyCommand {
    fn from(command: ListWorkspaces) -> Self {
        Self::ListWorkspaces(command)
    }
}

impl From<CreateWorkspace> for AnyCommand {
    fn from(command: CreateWorkspace) -> Self {
        Self::CreateWorkspace(command)
    }
}

impl From<DeleteWorkspace> for AnyCommand {
    fn from(command: DeleteWorkspace) -> Self {
        Self::DeleteWorkspace(command)
    }
}

impl From<ListConnections> for AnyCommand {
    fn from(command: ListConnections) -> Self {
        Self::ListConnections(command)
    }
}

impl From<CreateConnection> for AnyCommand {
    fn from(command: CreateConnection) -> Self {
        Self::CreateConnection(command)
    }
}

impl From<GetConnection> for AnyCommand {
    fn from(command: GetConnection) -> Self {
        Self::GetConnection(command)
    }
}

impl From<DeleteConnection> for AnyCommand {
    fn from(command: DeleteConnection) -> Self {
        Self::DeleteConnection(command)
    }
}

impl From<AddManagedSchema> for AnyCommand {
    fn from(command: AddManagedSchema) -> Self {
        Self::AddManagedSchema(command)
    }
}

impl From<AddManagedTable> for AnyCommand {
    fn from(command: AddManagedTable) -> Self {
        Self::AddManagedTable(command)
    }
}

impl From<DeleteManagedTable> for AnyCommand {
    fn from(command: DeleteManagedTable) -> Self {
        Self::DeleteManagedTable(command)
    }
}

impl From<LoadManagedTable> for AnyCommand {
    fn from(command: LoadManagedTable) -> Self {
        Self::LoadManagedTable(command)
    }
}

impl From<SetManagedTableConstantPerKey> for AnyCommand {
    fn from(command: SetManagedTableConstantPerKey) -> Self {
        Self::SetManagedTableConstantPerKey(command)
    }
}

impl From<GetTableProfile> for AnyCommand {
    fn from(command: GetTableProfile) -> Self {
        Self::GetTableProfile(command)
    }
}

impl From<ListDatabases> for AnyCommand {
    fn from(command: ListDatabases) -> Self {
        Self::ListDatabases(command)
    }
}

impl From<CountDatabases> for AnyCommand {
    fn from(command: CountDatabases) -> Self {
        Self::CountDatabases(command)
    }
}

impl From<LookupDatabaseByName> for AnyCommand {
    fn from(command: LookupDatabaseByName) -> Self {
        Self::LookupDatabaseByName(command)
    }
}

impl From<CreateDatabase> for AnyCommand {
    fn from(command: CreateDatabase) -> Self {
        Self::CreateDatabase(command)
    }
}

impl From<BulkCreateDatabases> for AnyCommand {
    fn from(command: BulkCreateDatabases) -> Self {
        Self::BulkCreateDatabases(command)
    }
}

impl From<GetDatabaseBatch> for AnyCommand {
    fn from(command: GetDatabaseBatch) -> Self {
        Self::GetDatabaseBatch(command)
    }
}

impl From<DeleteDatabaseBatch> for AnyCommand {
    fn from(command: DeleteDatabaseBatch) -> Self {
        Self::DeleteDatabaseBatch(command)
    }
}

impl From<GetDatabase> for AnyCommand {
    fn from(command: GetDatabase) -> Self {
        Self::GetDatabase(command)
    }
}

impl From<DeleteDatabase> for AnyCommand {
    fn from(command: DeleteDatabase) -> Self {
        Self::DeleteDatabase(command)
    }
}

impl From<ForkDatabase> for AnyCommand {
    fn from(command: ForkDatabase) -> Self {
        Self::ForkDatabase(command)
    }
}

impl From<GetDatabaseLineage> for AnyCommand {
    fn from(command: GetDatabaseLineage) -> Self {
        Self::GetDatabaseLineage(command)
    }
}

impl From<AttachDatabaseCatalog> for AnyCommand {
    fn from(command: AttachDatabaseCatalog) -> Self {
        Self::AttachDatabaseCatalog(command)
    }
}

impl From<DetachDatabaseCatalog> for AnyCommand {
    fn from(command: DetachDatabaseCatalog) -> Self {
        Self::DetachDatabaseCatalog(command)
    }
}

impl From<AddDatabaseSchema> for AnyCommand {
    fn from(command: AddDatabaseSchema) -> Self {
        Self::AddDatabaseSchema(command)
    }
}

impl From<AddDatabaseTable> for AnyCommand {
    fn from(command: AddDatabaseTable) -> Self {
        Self::AddDatabaseTable(command)
    }
}

impl From<LoadDatabaseTable> for AnyCommand {
    fn from(command: LoadDatabaseTable) -> Self {
        Self::LoadDatabaseTable(command)
    }
}

impl From<SetDatabaseTableConstantPerKey> for AnyCommand {
    fn from(command: SetDatabaseTableConstantPerKey) -> Self {
        Self::SetDatabaseTableConstantPerKey(command)
    }
}

impl From<ListDatabaseContexts> for AnyCommand {
    fn from(command: ListDatabaseContexts) -> Self {
        Self::ListDatabaseContexts(command)
    }
}

impl From<UpsertDatabaseContext> for AnyCommand {
    fn from(command: UpsertDatabaseContext) -> Self {
        Self::UpsertDatabaseContext(command)
    }
}

impl From<GetDatabaseContext> for AnyCommand {
    fn from(command: GetDatabaseContext) -> Self {
        Self::GetDatabaseContext(command)
    }
}

impl From<DeleteDatabaseContext> for AnyCommand {
    fn from(command: DeleteDatabaseContext) -> Self {
        Self::DeleteDatabaseContext(command)
    }
}

impl From<Query> for AnyCommand {
    fn from(command: Query) -> Self {
        Self::Query(command)
    }
}

impl From<GetQueryRun> for AnyCommand {
    fn from(command: GetQueryRun) -> Self {
        Self::GetQueryRun(command)
    }
}

impl From<ListQueryRuns> for AnyCommand {
    fn from(command: ListQueryRuns) -> Self {
        Self::ListQueryRuns(command)
    }
}

impl From<ListResults> for AnyCommand {
    fn from(command: ListResults) -> Self {
        Self::ListResults(command)
    }
}

impl From<GetResult> for AnyCommand {
    fn from(command: GetResult) -> Self {
        Self::GetResult(command)
    }
}

impl From<ListSavedQueries> for AnyCommand {
    fn from(command: ListSavedQueries) -> Self {
        Self::ListSavedQueries(command)
    }
}

impl From<CreateSavedQuery> for AnyCommand {
    fn from(command: CreateSavedQuery) -> Self {
        Self::CreateSavedQuery(command)
    }
}

impl From<GetSavedQuery> for AnyCommand {
    fn from(command: GetSavedQuery) -> Self {
        Self::GetSavedQuery(command)
    }
}

impl From<UpdateSavedQuery> for AnyCommand {
    fn from(command: UpdateSavedQuery) -> Self {
        Self::UpdateSavedQuery(command)
    }
}

impl From<DeleteSavedQuery> for AnyCommand {
    fn from(command: DeleteSavedQuery) -> Self {
        Self::DeleteSavedQuery(command)
    }
}

impl From<ListSavedQueryVersions> for AnyCommand {
    fn from(command: ListSavedQueryVersions) -> Self {
        Self::ListSavedQueryVersions(command)
    }
}

impl From<ExecuteSavedQuery> for AnyCommand {
    fn from(command: ExecuteSavedQuery) -> Self {
        Self::ExecuteSavedQuery(command)
    }
}

impl From<CreateUploadSession> for AnyCommand {
    fn from(command: CreateUploadSession) -> Self {
        Self::CreateUploadSession(command)
    }
}

impl From<CreateUploadSessionsBatch> for AnyCommand {
    fn from(command: CreateUploadSessionsBatch) -> Self {
        Self::CreateUploadSessionsBatch(command)
    }
}

impl From<MintUploadParts> for AnyCommand {
    fn from(command: MintUploadParts) -> Self {
        Self::MintUploadParts(command)
    }
}

impl From<FinalizeUpload> for AnyCommand {
    fn from(command: FinalizeUpload) -> Self {
        Self::FinalizeUpload(command)
    }
}

impl From<CreateIndex> for AnyCommand {
    fn from(command: CreateIndex) -> Self {
        Self::CreateIndex(command)
    }
}

impl From<ListIndexes> for AnyCommand {
    fn from(command: ListIndexes) -> Self {
        Self::ListIndexes(command)
    }
}

impl From<DeleteIndex> for AnyCommand {
    fn from(command: DeleteIndex) -> Self {
        Self::DeleteIndex(command)
    }
}

impl From<ListIndexesCollection> for AnyCommand {
    fn from(command: ListIndexesCollection) -> Self {
        Self::ListIndexesCollection(command)
    }
}

impl From<ListTables> for AnyCommand {
    fn from(command: ListTables) -> Self {
        Self::ListTables(command)
    }
}

impl From<GetJob> for AnyCommand {
    fn from(command: GetJob) -> Self {
        Self::GetJob(command)
    }
}

impl From<ListJobs> for AnyCommand {
    fn from(command: ListJobs) -> Self {
        Self::ListJobs(command)
    }
}

impl From<GetUsage> for AnyCommand {
    fn from(command: GetUsage) -> Self {
        Self::GetUsage(command)
    }
}

impl From<ListEmbeddingProviders> for AnyCommand {
    fn from(command: ListEmbeddingProviders) -> Self {
        Self::ListEmbeddingProviders(command)
    }
}

impl From<CreateEmbeddingProvider> for AnyCommand {
    fn from(command: CreateEmbeddingProvider) -> Self {
        Self::CreateEmbeddingProvider(command)
    }
}

impl From<GetEmbeddingProvider> for AnyCommand {
    fn from(command: GetEmbeddingProvider) -> Self {
        Self::GetEmbeddingProvider(command)
    }
}

impl From<UpdateEmbeddingProvider> for AnyCommand {
    fn from(command: UpdateEmbeddingProvider) -> Self {
        Self::UpdateEmbeddingProvider(command)
    }
}

impl From<DeleteEmbeddingProvider> for AnyCommand {
    fn from(command: DeleteEmbeddingProvider) -> Self {
        Self::DeleteEmbeddingProvider(command)
    }
}

impl From<older::UploadStream> for AnyCommand {
    fn from(command: older::UploadStream) -> Self {
        Self::UploadStream(command)
    }
}

impl From<older::ListUploads> for AnyCommand {
    fn from(command: older::ListUploads) -> Self {
        Self::ListUploads(command)
    }
}

impl From<older::CreateSecret> for AnyCommand {
    fn from(command: older::CreateSecret) -> Self {
        Self::CreateSecret(command)
    }
}

impl From<older::ListSecrets> for AnyCommand {
    fn from(command: older::ListSecrets) -> Self {
        Self::ListSecrets(command)
    }
}

impl From<older::GetSecret> for AnyCommand {
    fn from(command: older::GetSecret) -> Self {
        Self::GetSecret(command)
    }
}

impl From<older::UpdateSecret> for AnyCommand {
    fn from(command: older::UpdateSecret) -> Self {
        Self::UpdateSecret(command)
    }
}

impl From<older::DeleteSecret> for AnyCommand {
    fn from(command: older::DeleteSecret) -> Self {
        Self::DeleteSecret(command)
    }
}

impl From<older::ListConnectionTypes> for AnyCommand {
    fn from(command: older::ListConnectionTypes) -> Self {
        Self::ListConnectionTypes(command)
    }
}

impl From<older::GetConnectionType> for AnyCommand {
    fn from(command: older::GetConnectionType) -> Self {
        Self::GetConnectionType(command)
    }
}

impl From<older::CheckConnectionHealth> for AnyCommand {
    fn from(command: older::CheckConnectionHealth) -> Self {
        Self::CheckConnectionHealth(command)
    }
}

impl From<older::PurgeConnectionCache> for AnyCommand {
    fn from(command: older::PurgeConnectionCache) -> Self {
        Self::PurgeConnectionCache(command)
    }
}

impl From<older::PurgeTableCache> for AnyCommand {
    fn from(command: older::PurgeTableCache) -> Self {
        Self::PurgeTableCache(command)
    }
}

impl From<older::RefreshSources> for AnyCommand {
    fn from(command: older::RefreshSources) -> Self {
        Self::RefreshSources(command)
    }
}

impl From<older::ListDatasets> for AnyCommand {
    fn from(command: older::ListDatasets) -> Self {
        Self::ListDatasets(command)
    }
}

impl From<older::CreateDataset> for AnyCommand {
    fn from(command: older::CreateDataset) -> Self {
        Self::CreateDataset(command)
    }
}

impl From<older::GetDataset> for AnyCommand {
    fn from(command: older::GetDataset) -> Self {
        Self::GetDataset(command)
    }
}

impl From<older::UpdateDataset> for AnyCommand {
    fn from(command: older::UpdateDataset) -> Self {
        Self::UpdateDataset(command)
    }
}

impl From<older::DeleteDataset> for AnyCommand {
    fn from(command: older::DeleteDataset) -> Self {
        Self::DeleteDataset(command)
    }
}

impl From<older::ListDatasetVersions> for AnyCommand {
    fn from(command: older::ListDatasetVersions) -> Self {
        Self::ListDatasetVersions(command)
    }
}

impl From<older::ListWorkspaceContexts> for AnyCommand {
    fn from(command: older::ListWorkspaceContexts) -> Self {
        Self::ListWorkspaceContexts(command)
    }
}

impl From<older::GetWorkspaceContext> for AnyCommand {
    fn from(command: older::GetWorkspaceContext) -> Self {
        Self::GetWorkspaceContext(command)
    }
}

impl From<older::UpsertWorkspaceContext> for AnyCommand {
    fn from(command: older::UpsertWorkspaceContext) -> Self {
        Self::UpsertWorkspaceContext(command)
    }
}
