//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::client::{Action, Running};
use crate::error::Error;
use crate::http::Request;

use super::any_output::AnyOutput;
use super::client::Hotdata;
use super::command::{CallOptions, Command, Core, Spec};
use super::older;
use super::uploads::{CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts};
use super::{
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

/// All commands in one type, under the vendor's names of the operations: a plan can live in a JSON file. The older surface is
/// among them, under the names that it had.
///
/// ```
/// use controlplane::hotdata::AnyCommand;
///
/// let plan = r#"[
///     {"create_database": {"create_database_request": {"name": "orders"}}},
///     {"query": {"query_request": {"sql": "SELECT 1"}, "x_database_id": "dbid7h2k9q4m1x8c"}},
///     {"list_jobs": {"status": "running,pending"}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{} {}", request.method.as_str(), request.path);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum AnyCommand {
    /// [`ListWorkspaces`]
    ListWorkspaces(ListWorkspaces),
    /// [`CreateWorkspace`]
    CreateWorkspace(CreateWorkspace),
    /// [`DeleteWorkspace`]
    DeleteWorkspace(DeleteWorkspace),
    /// [`ListConnections`]
    ListConnections(ListConnections),
    /// [`CreateConnection`]
    CreateConnection(CreateConnection),
    /// [`GetConnection`]
    GetConnection(GetConnection),
    /// [`DeleteConnection`]
    DeleteConnection(DeleteConnection),
    /// [`AddManagedSchema`]
    AddManagedSchema(AddManagedSchema),
    /// [`AddManagedTable`]
    AddManagedTable(AddManagedTable),
    /// [`DeleteManagedTable`]
    DeleteManagedTable(DeleteManagedTable),
    /// [`LoadManagedTable`]
    LoadManagedTable(LoadManagedTable),
    /// [`SetManagedTableConstantPerKey`]
    SetManagedTableConstantPerKey(SetManagedTableConstantPerKey),
    /// [`GetTableProfile`]
    GetTableProfile(GetTableProfile),
    /// [`ListDatabases`]
    ListDatabases(ListDatabases),
    /// [`CountDatabases`]
    CountDatabases(CountDatabases),
    /// [`LookupDatabaseByName`]
    LookupDatabaseByName(LookupDatabaseByName),
    /// [`CreateDatabase`]
    CreateDatabase(CreateDatabase),
    /// [`BulkCreateDatabases`]
    BulkCreateDatabases(BulkCreateDatabases),
    /// [`GetDatabaseBatch`]
    GetDatabaseBatch(GetDatabaseBatch),
    /// [`DeleteDatabaseBatch`]
    DeleteDatabaseBatch(DeleteDatabaseBatch),
    /// [`GetDatabase`]
    GetDatabase(GetDatabase),
    /// [`DeleteDatabase`]
    DeleteDatabase(DeleteDatabase),
    /// [`ForkDatabase`]
    ForkDatabase(ForkDatabase),
    /// [`GetDatabaseLineage`]
    GetDatabaseLineage(GetDatabaseLineage),
    /// [`AttachDatabaseCatalog`]
    AttachDatabaseCatalog(AttachDatabaseCatalog),
    /// [`DetachDatabaseCatalog`]
    DetachDatabaseCatalog(DetachDatabaseCatalog),
    /// [`AddDatabaseSchema`]
    AddDatabaseSchema(AddDatabaseSchema),
    /// [`AddDatabaseTable`]
    AddDatabaseTable(AddDatabaseTable),
    /// [`LoadDatabaseTable`]
    LoadDatabaseTable(LoadDatabaseTable),
    /// [`SetDatabaseTableConstantPerKey`]
    SetDatabaseTableConstantPerKey(SetDatabaseTableConstantPerKey),
    /// [`ListDatabaseContexts`]
    ListDatabaseContexts(ListDatabaseContexts),
    /// [`UpsertDatabaseContext`]
    UpsertDatabaseContext(UpsertDatabaseContext),
    /// [`GetDatabaseContext`]
    GetDatabaseContext(GetDatabaseContext),
    /// [`DeleteDatabaseContext`]
    DeleteDatabaseContext(DeleteDatabaseContext),
    /// [`Query`]
    Query(Query),
    /// [`GetQueryRun`]
    GetQueryRun(GetQueryRun),
    /// [`ListQueryRuns`]
    ListQueryRuns(ListQueryRuns),
    /// [`ListResults`]
    ListResults(ListResults),
    /// [`GetResult`]
    GetResult(GetResult),
    /// [`ListSavedQueries`]
    ListSavedQueries(ListSavedQueries),
    /// [`CreateSavedQuery`]
    CreateSavedQuery(CreateSavedQuery),
    /// [`GetSavedQuery`]
    GetSavedQuery(GetSavedQuery),
    /// [`UpdateSavedQuery`]
    UpdateSavedQuery(UpdateSavedQuery),
    /// [`DeleteSavedQuery`]
    DeleteSavedQuery(DeleteSavedQuery),
    /// [`ListSavedQueryVersions`]
    ListSavedQueryVersions(ListSavedQueryVersions),
    /// [`ExecuteSavedQuery`]
    ExecuteSavedQuery(ExecuteSavedQuery),
    /// [`CreateUploadSession`]
    #[serde(rename = "create_upload_session_handler")]
    CreateUploadSession(CreateUploadSession),
    /// [`CreateUploadSessionsBatch`]
    #[serde(rename = "create_upload_sessions_batch_handler")]
    CreateUploadSessionsBatch(CreateUploadSessionsBatch),
    /// [`MintUploadParts`]
    #[serde(rename = "mint_upload_parts_handler")]
    MintUploadParts(MintUploadParts),
    /// [`FinalizeUpload`]
    #[serde(rename = "finalize_upload_handler")]
    FinalizeUpload(FinalizeUpload),
    /// [`CreateIndex`]
    CreateIndex(CreateIndex),
    /// [`ListIndexes`]
    ListIndexes(ListIndexes),
    /// [`DeleteIndex`]
    DeleteIndex(DeleteIndex),
    /// [`ListIndexesCollection`]
    ListIndexesCollection(ListIndexesCollection),
    /// [`ListTables`]
    #[serde(rename = "information_schema")]
    ListTables(ListTables),
    /// [`GetJob`]
    GetJob(GetJob),
    /// [`ListJobs`]
    ListJobs(ListJobs),
    /// [`GetUsage`]
    GetUsage(GetUsage),
    /// [`ListEmbeddingProviders`]
    ListEmbeddingProviders(ListEmbeddingProviders),
    /// [`CreateEmbeddingProvider`]
    CreateEmbeddingProvider(CreateEmbeddingProvider),
    /// [`GetEmbeddingProvider`]
    GetEmbeddingProvider(GetEmbeddingProvider),
    /// [`UpdateEmbeddingProvider`]
    UpdateEmbeddingProvider(UpdateEmbeddingProvider),
    /// [`DeleteEmbeddingProvider`]
    DeleteEmbeddingProvider(DeleteEmbeddingProvider),
    /// [`older::UploadStream`]
    UploadStream(older::UploadStream),
    /// [`older::ListUploads`]
    ListUploads(older::ListUploads),
    /// [`older::CreateSecret`]
    CreateSecret(older::CreateSecret),
    /// [`older::ListSecrets`]
    ListSecrets(older::ListSecrets),
    /// [`older::GetSecret`]
    GetSecret(older::GetSecret),
    /// [`older::UpdateSecret`]
    UpdateSecret(older::UpdateSecret),
    /// [`older::DeleteSecret`]
    DeleteSecret(older::DeleteSecret),
    /// [`older::ListConnectionTypes`]
    ListConnectionTypes(older::ListConnectionTypes),
    /// [`older::GetConnectionType`]
    GetConnectionType(older::GetConnectionType),
    /// [`older::CheckConnectionHealth`]
    CheckConnectionHealth(older::CheckConnectionHealth),
    /// [`older::PurgeConnectionCache`]
    PurgeConnectionCache(older::PurgeConnectionCache),
    /// [`older::PurgeTableCache`]
    PurgeTableCache(older::PurgeTableCache),
    /// [`older::RefreshSources`]
    #[serde(rename = "refresh")]
    RefreshSources(older::RefreshSources),
    /// [`older::ListDatasets`]
    ListDatasets(older::ListDatasets),
    /// [`older::CreateDataset`]
    CreateDataset(older::CreateDataset),
    /// [`older::GetDataset`]
    GetDataset(older::GetDataset),
    /// [`older::UpdateDataset`]
    UpdateDataset(older::UpdateDataset),
    /// [`older::DeleteDataset`]
    DeleteDataset(older::DeleteDataset),
    /// [`older::ListDatasetVersions`]
    ListDatasetVersions(older::ListDatasetVersions),
    /// [`older::ListWorkspaceContexts`]
    ListWorkspaceContexts(older::ListWorkspaceContexts),
    /// [`older::GetWorkspaceContext`]
    GetWorkspaceContext(older::GetWorkspaceContext),
    /// [`older::UpsertWorkspaceContext`]
    UpsertWorkspaceContext(older::UpsertWorkspaceContext),
}

/// What all commands have, whatever they give.
trait AnyPlain {
    fn spec(&self) -> Spec;
    fn to_request(&self) -> Result<Request, Error>;
}

impl<C: Command> AnyPlain for C {
    fn spec(&self) -> Spec {
        Command::spec(self)
    }

    fn to_request(&self) -> Result<Request, Error> {
        Command::to_request(self)
    }
}

impl AnyCommand {
    /// The request that would be sent.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        self.plain().to_request()
    }

    /// The vendor's name, the command's effect, and whose it is.
    pub fn spec(&self) -> Spec {
        self.plain().spec()
    }

    fn plain(&self) -> &dyn AnyPlain {
        match self {
            Self::ListWorkspaces(c) => c,
            Self::CreateWorkspace(c) => c,
            Self::DeleteWorkspace(c) => c,
            Self::ListConnections(c) => c,
            Self::CreateConnection(c) => c,
            Self::GetConnection(c) => c,
            Self::DeleteConnection(c) => c,
            Self::AddManagedSchema(c) => c,
            Self::AddManagedTable(c) => c,
            Self::DeleteManagedTable(c) => c,
            Self::LoadManagedTable(c) => c,
            Self::SetManagedTableConstantPerKey(c) => c,
            Self::GetTableProfile(c) => c,
            Self::ListDatabases(c) => c,
            Self::CountDatabases(c) => c,
            Self::LookupDatabaseByName(c) => c,
            Self::CreateDatabase(c) => c,
            Self::BulkCreateDatabases(c) => c,
            Self::GetDatabaseBatch(c) => c,
            Self::DeleteDatabaseBatch(c) => c,
            Self::GetDatabase(c) => c,
            Self::DeleteDatabase(c) => c,
            Self::ForkDatabase(c) => c,
            Self::GetDatabaseLineage(c) => c,
            Self::AttachDatabaseCatalog(c) => c,
            Self::DetachDatabaseCatalog(c) => c,
            Self::AddDatabaseSchema(c) => c,
            Self::AddDatabaseTable(c) => c,
            Self::LoadDatabaseTable(c) => c,
            Self::SetDatabaseTableConstantPerKey(c) => c,
            Self::ListDatabaseContexts(c) => c,
            Self::UpsertDatabaseContext(c) => c,
            Self::GetDatabaseContext(c) => c,
            Self::DeleteDatabaseContext(c) => c,
            Self::Query(c) => c,
            Self::GetQueryRun(c) => c,
            Self::ListQueryRuns(c) => c,
            Self::ListResults(c) => c,
            Self::GetResult(c) => c,
            Self::ListSavedQueries(c) => c,
            Self::CreateSavedQuery(c) => c,
            Self::GetSavedQuery(c) => c,
            Self::UpdateSavedQuery(c) => c,
            Self::DeleteSavedQuery(c) => c,
            Self::ListSavedQueryVersions(c) => c,
            Self::ExecuteSavedQuery(c) => c,
            Self::CreateUploadSession(c) => c,
            Self::CreateUploadSessionsBatch(c) => c,
            Self::MintUploadParts(c) => c,
            Self::FinalizeUpload(c) => c,
            Self::CreateIndex(c) => c,
            Self::ListIndexes(c) => c,
            Self::DeleteIndex(c) => c,
            Self::ListIndexesCollection(c) => c,
            Self::ListTables(c) => c,
            Self::GetJob(c) => c,
            Self::ListJobs(c) => c,
            Self::GetUsage(c) => c,
            Self::ListEmbeddingProviders(c) => c,
            Self::CreateEmbeddingProvider(c) => c,
            Self::GetEmbeddingProvider(c) => c,
            Self::UpdateEmbeddingProvider(c) => c,
            Self::DeleteEmbeddingProvider(c) => c,
            Self::UploadStream(c) => c,
            Self::ListUploads(c) => c,
            Self::CreateSecret(c) => c,
            Self::ListSecrets(c) => c,
            Self::GetSecret(c) => c,
            Self::UpdateSecret(c) => c,
            Self::DeleteSecret(c) => c,
            Self::ListConnectionTypes(c) => c,
            Self::GetConnectionType(c) => c,
            Self::CheckConnectionHealth(c) => c,
            Self::PurgeConnectionCache(c) => c,
            Self::PurgeTableCache(c) => c,
            Self::RefreshSources(c) => c,
            Self::ListDatasets(c) => c,
            Self::CreateDataset(c) => c,
            Self::GetDataset(c) => c,
            Self::UpdateDataset(c) => c,
            Self::DeleteDataset(c) => c,
            Self::ListDatasetVersions(c) => c,
            Self::ListWorkspaceContexts(c) => c,
            Self::GetWorkspaceContext(c) => c,
            Self::UpsertWorkspaceContext(c) => c,
        }
    }
}

impl Action<Hotdata> for AnyCommand {
    type Output = AnyOutput;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<AnyOutput>, Error> {
        Ok(match self {
            Self::ListWorkspaces(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListWorkspaces(Box::new(o)))
            }
            Self::CreateWorkspace(c) => {
                c.start(core, options)?.map(|o| AnyOutput::CreateWorkspace(Box::new(o)))
            }
            Self::DeleteWorkspace(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListConnections(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListConnections(Box::new(o)))
            }
            Self::CreateConnection(c) => {
                c.start(core, options)?.map(|o| AnyOutput::CreateConnection(Box::new(o)))
            }
            Self::GetConnection(c) => c.start(core, options)?.map(|o| AnyOutput::GetConnection(Box::new(o))),
            Self::DeleteConnection(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::AddManagedSchema(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ManagedSchema(Box::new(o)))
            }
            Self::AddManagedTable(c) => c.start(core, options)?.map(|o| AnyOutput::ManagedTable(Box::new(o))),
            Self::DeleteManagedTable(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::LoadManagedTable(c) => c.start(core, options)?.map(|o| AnyOutput::LoadOutcome(Box::new(o))),
            Self::SetManagedTableConstantPerKey(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ManagedTableConstantPerKey(Box::new(o)))
            }
            Self::GetTableProfile(c) => c.start(core, options)?.map(|o| AnyOutput::TableProfile(Box::new(o))),
            Self::ListDatabases(c) => c.start(core, options)?.map(|o| AnyOutput::ListDatabases(Box::new(o))),
            Self::CountDatabases(c) => c.start(core, options)?.map(|o| AnyOutput::DatabaseCount(Box::new(o))),
            Self::LookupDatabaseByName(c) => {
                c.start(core, options)?.map(|o| AnyOutput::DatabaseDetail(Box::new(o)))
            }
            Self::CreateDatabase(c) => {
                c.start(core, options)?.map(|o| AnyOutput::CreateDatabase(Box::new(o)))
            }
            Self::BulkCreateDatabases(c) => {
                c.start(core, options)?.map(|o| AnyOutput::DatabaseBatch(Box::new(o)))
            }
            Self::GetDatabaseBatch(c) => {
                c.start(core, options)?.map(|o| AnyOutput::DatabaseBatch(Box::new(o)))
            }
            Self::DeleteDatabaseBatch(c) => {
                c.start(core, options)?.map(|o| AnyOutput::DeleteDatabaseBatch(Box::new(o)))
            }
            Self::GetDatabase(c) => c.start(core, options)?.map(|o| AnyOutput::DatabaseDetail(Box::new(o))),
            Self::DeleteDatabase(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ForkDatabase(c) => c.start(core, options)?.map(|o| AnyOutput::CreateDatabase(Box::new(o))),
            Self::GetDatabaseLineage(c) => {
                c.start(core, options)?.map(|o| AnyOutput::DatabaseLineage(Box::new(o)))
            }
            Self::AttachDatabaseCatalog(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::DetachDatabaseCatalog(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::AddDatabaseSchema(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ManagedSchema(Box::new(o)))
            }
            Self::AddDatabaseTable(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ManagedTable(Box::new(o)))
            }
            Self::LoadDatabaseTable(c) => {
                c.start(core, options)?.map(|o| AnyOutput::LoadOutcome(Box::new(o)))
            }
            Self::SetDatabaseTableConstantPerKey(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ManagedTableConstantPerKey(Box::new(o)))
            }
            Self::ListDatabaseContexts(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListDatabaseContexts(Box::new(o)))
            }
            Self::UpsertDatabaseContext(c) => {
                c.start(core, options)?.map(|o| AnyOutput::UpsertDatabaseContext(Box::new(o)))
            }
            Self::GetDatabaseContext(c) => {
                c.start(core, options)?.map(|o| AnyOutput::GetDatabaseContext(Box::new(o)))
            }
            Self::DeleteDatabaseContext(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::Query(c) => c.start(core, options)?.map(|o| AnyOutput::QueryOutcome(Box::new(o))),
            Self::GetQueryRun(c) => c.start(core, options)?.map(|o| AnyOutput::QueryRunInfo(Box::new(o))),
            Self::ListQueryRuns(c) => c.start(core, options)?.map(|o| AnyOutput::ListQueryRuns(Box::new(o))),
            Self::ListResults(c) => c.start(core, options)?.map(|o| AnyOutput::ListResults(Box::new(o))),
            Self::GetResult(c) => c.start(core, options)?.map(|o| AnyOutput::ResultOutcome(Box::new(o))),
            Self::ListSavedQueries(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListSavedQueries(Box::new(o)))
            }
            Self::CreateSavedQuery(c) => {
                c.start(core, options)?.map(|o| AnyOutput::SavedQueryDetail(Box::new(o)))
            }
            Self::GetSavedQuery(c) => {
                c.start(core, options)?.map(|o| AnyOutput::SavedQueryDetail(Box::new(o)))
            }
            Self::UpdateSavedQuery(c) => {
                c.start(core, options)?.map(|o| AnyOutput::SavedQueryDetail(Box::new(o)))
            }
            Self::DeleteSavedQuery(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListSavedQueryVersions(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListSavedQueryVersions(Box::new(o)))
            }
            Self::ExecuteSavedQuery(c) => {
                c.start(core, options)?.map(|o| AnyOutput::QueryOutcome(Box::new(o)))
            }
            Self::CreateUploadSession(c) => {
                c.start(core, options)?.map(|o| AnyOutput::UploadSession(Box::new(o)))
            }
            Self::CreateUploadSessionsBatch(c) => {
                c.start(core, options)?.map(|o| AnyOutput::BatchCreateUpload(Box::new(o)))
            }
            Self::MintUploadParts(c) => {
                c.start(core, options)?.map(|o| AnyOutput::MintUploadParts(Box::new(o)))
            }
            Self::FinalizeUpload(c) => {
                c.start(core, options)?.map(|o| AnyOutput::FinalizeUpload(Box::new(o)))
            }
            Self::CreateIndex(c) => c.start(core, options)?.map(|o| AnyOutput::IndexOutcome(Box::new(o))),
            Self::ListIndexes(c) => c.start(core, options)?.map(|o| AnyOutput::ListIndexes(Box::new(o))),
            Self::DeleteIndex(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListIndexesCollection(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListIndexesPage(Box::new(o)))
            }
            Self::ListTables(c) => c.start(core, options)?.map(|o| AnyOutput::InformationSchema(Box::new(o))),
            Self::GetJob(c) => c.start(core, options)?.map(|o| AnyOutput::JobStatus(Box::new(o))),
            Self::ListJobs(c) => c.start(core, options)?.map(|o| AnyOutput::ListJobs(Box::new(o))),
            Self::GetUsage(c) => c.start(core, options)?.map(|o| AnyOutput::WorkspaceUsage(Box::new(o))),
            Self::ListEmbeddingProviders(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListEmbeddingProviders(Box::new(o)))
            }
            Self::CreateEmbeddingProvider(c) => {
                c.start(core, options)?.map(|o| AnyOutput::CreateEmbeddingProvider(Box::new(o)))
            }
            Self::GetEmbeddingProvider(c) => {
                c.start(core, options)?.map(|o| AnyOutput::EmbeddingProvider(Box::new(o)))
            }
            Self::UpdateEmbeddingProvider(c) => {
                c.start(core, options)?.map(|o| AnyOutput::UpdateEmbeddingProvider(Box::new(o)))
            }
            Self::DeleteEmbeddingProvider(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::UploadStream(c) => c.start(core, options)?.map(|o| AnyOutput::Upload(Box::new(o))),
            Self::ListUploads(c) => c.start(core, options)?.map(|o| AnyOutput::ListUploads(Box::new(o))),
            Self::CreateSecret(c) => c.start(core, options)?.map(|o| AnyOutput::CreateSecret(Box::new(o))),
            Self::ListSecrets(c) => c.start(core, options)?.map(|o| AnyOutput::ListSecrets(Box::new(o))),
            Self::GetSecret(c) => c.start(core, options)?.map(|o| AnyOutput::SecretInfo(Box::new(o))),
            Self::UpdateSecret(c) => c.start(core, options)?.map(|o| AnyOutput::UpdateSecret(Box::new(o))),
            Self::DeleteSecret(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListConnectionTypes(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListConnectionTypes(Box::new(o)))
            }
            Self::GetConnectionType(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ConnectionTypeDetail(Box::new(o)))
            }
            Self::CheckConnectionHealth(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ConnectionHealth(Box::new(o)))
            }
            Self::PurgeConnectionCache(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::PurgeTableCache(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::RefreshSources(c) => {
                c.start(core, options)?.map(|o| AnyOutput::RefreshOutcome(Box::new(o)))
            }
            Self::ListDatasets(c) => c.start(core, options)?.map(|o| AnyOutput::ListDatasets(Box::new(o))),
            Self::CreateDataset(c) => c.start(core, options)?.map(|o| AnyOutput::CreateDataset(Box::new(o))),
            Self::GetDataset(c) => c.start(core, options)?.map(|o| AnyOutput::DatasetDetail(Box::new(o))),
            Self::UpdateDataset(c) => c.start(core, options)?.map(|o| AnyOutput::UpdateDataset(Box::new(o))),
            Self::DeleteDataset(c) => c.start(core, options)?.map(AnyOutput::Nothing),
            Self::ListDatasetVersions(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListDatasetVersions(Box::new(o)))
            }
            Self::ListWorkspaceContexts(c) => {
                c.start(core, options)?.map(|o| AnyOutput::ListDatabaseContexts(Box::new(o)))
            }
            Self::GetWorkspaceContext(c) => {
                c.start(core, options)?.map(|o| AnyOutput::GetDatabaseContext(Box::new(o)))
            }
            Self::UpsertWorkspaceContext(c) => {
                c.start(core, options)?.map(|o| AnyOutput::UpsertDatabaseContext(Box::new(o)))
            }
        })
    }
}
