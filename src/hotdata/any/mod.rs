//! A type that holds any command.

mod from;
mod output;
mod plan;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::endpoint::Endpoint;
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

pub use output::AnyOutput;
pub use plan::PlanCommand;

/// Any command of Hotdata. In JSON, a command is an object with one key, the vendor's name of the operation,
/// so that a list of commands can be kept in a file (a plan). The commands of the earlier API, in [`older`],
/// are variants too.
///
/// ```
/// use controlplane::hotdata::{AnyCommand, Command};
///
/// let plan = r#"[
///     {"create_database": {"create_database_request": {"name": "orders"}}},
///     {"query": {"query_request": {"sql": "SELECT 1"}, "x_database_id": "dbid7h2k9q4m1x8c"}},
///     {"list_jobs": {"status": "running,pending"}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{}: {} {}", command.name(), request.method.as_str(), request.path);
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

impl AnyCommand {
    /// Returns the JSON Schema (draft 2020-12) of a command: the names of all commands, their fields and what
    /// the fields mean. The file `schemas/hotdata-command.schema.json` of the repository has the same text.
    ///
    /// ```
    /// use controlplane::hotdata::AnyCommand;
    ///
    /// let schema: serde_json::Value = serde_json::from_str(AnyCommand::schema())?;
    /// assert_eq!(schema["$defs"]["get_job"]["required"][0], "id");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn schema() -> &'static str {
        include_str!("../../../schemas/hotdata-command.schema.json")
    }
}

impl Command for AnyCommand {
    type Output = AnyOutput;

    /// A name for all commands together; [`name`](Command::name) returns that of the command in the variant.
    const NAME: &'static str = "any_command";

    fn name(&self) -> &'static str {
        self.endpoint().name()
    }

    fn endpoint(&self) -> Endpoint<'_, AnyOutput> {
        match self {
            Self::ListWorkspaces(c) => c.endpoint().map(|o| AnyOutput::ListWorkspaces(Box::new(o))),
            Self::CreateWorkspace(c) => c.endpoint().map(|o| AnyOutput::CreateWorkspace(Box::new(o))),
            Self::DeleteWorkspace(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ListConnections(c) => c.endpoint().map(|o| AnyOutput::ListConnections(Box::new(o))),
            Self::CreateConnection(c) => c.endpoint().map(|o| AnyOutput::CreateConnection(Box::new(o))),
            Self::GetConnection(c) => c.endpoint().map(|o| AnyOutput::GetConnection(Box::new(o))),
            Self::DeleteConnection(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::AddManagedSchema(c) => c.endpoint().map(|o| AnyOutput::ManagedSchema(Box::new(o))),
            Self::AddManagedTable(c) => c.endpoint().map(|o| AnyOutput::ManagedTable(Box::new(o))),
            Self::DeleteManagedTable(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::LoadManagedTable(c) => c.endpoint().map(|o| AnyOutput::LoadOutcome(Box::new(o))),
            Self::SetManagedTableConstantPerKey(c) => {
                c.endpoint().map(|o| AnyOutput::ManagedTableConstantPerKey(Box::new(o)))
            }
            Self::GetTableProfile(c) => c.endpoint().map(|o| AnyOutput::TableProfile(Box::new(o))),
            Self::ListDatabases(c) => c.endpoint().map(|o| AnyOutput::ListDatabases(Box::new(o))),
            Self::CountDatabases(c) => c.endpoint().map(|o| AnyOutput::DatabaseCount(Box::new(o))),
            Self::LookupDatabaseByName(c) => c.endpoint().map(|o| AnyOutput::DatabaseDetail(Box::new(o))),
            Self::CreateDatabase(c) => c.endpoint().map(|o| AnyOutput::CreateDatabase(Box::new(o))),
            Self::BulkCreateDatabases(c) => c.endpoint().map(|o| AnyOutput::DatabaseBatch(Box::new(o))),
            Self::GetDatabaseBatch(c) => c.endpoint().map(|o| AnyOutput::DatabaseBatch(Box::new(o))),
            Self::DeleteDatabaseBatch(c) => c.endpoint().map(|o| AnyOutput::DeleteDatabaseBatch(Box::new(o))),
            Self::GetDatabase(c) => c.endpoint().map(|o| AnyOutput::DatabaseDetail(Box::new(o))),
            Self::DeleteDatabase(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ForkDatabase(c) => c.endpoint().map(|o| AnyOutput::CreateDatabase(Box::new(o))),
            Self::GetDatabaseLineage(c) => c.endpoint().map(|o| AnyOutput::DatabaseLineage(Box::new(o))),
            Self::AttachDatabaseCatalog(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::DetachDatabaseCatalog(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::AddDatabaseSchema(c) => c.endpoint().map(|o| AnyOutput::ManagedSchema(Box::new(o))),
            Self::AddDatabaseTable(c) => c.endpoint().map(|o| AnyOutput::ManagedTable(Box::new(o))),
            Self::LoadDatabaseTable(c) => c.endpoint().map(|o| AnyOutput::LoadOutcome(Box::new(o))),
            Self::SetDatabaseTableConstantPerKey(c) => {
                c.endpoint().map(|o| AnyOutput::ManagedTableConstantPerKey(Box::new(o)))
            }
            Self::ListDatabaseContexts(c) => {
                c.endpoint().map(|o| AnyOutput::ListDatabaseContexts(Box::new(o)))
            }
            Self::UpsertDatabaseContext(c) => {
                c.endpoint().map(|o| AnyOutput::UpsertDatabaseContext(Box::new(o)))
            }
            Self::GetDatabaseContext(c) => c.endpoint().map(|o| AnyOutput::GetDatabaseContext(Box::new(o))),
            Self::DeleteDatabaseContext(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::Query(c) => c.endpoint().map(|o| AnyOutput::QueryOutcome(Box::new(o))),
            Self::GetQueryRun(c) => c.endpoint().map(|o| AnyOutput::QueryRunInfo(Box::new(o))),
            Self::ListQueryRuns(c) => c.endpoint().map(|o| AnyOutput::ListQueryRuns(Box::new(o))),
            Self::ListResults(c) => c.endpoint().map(|o| AnyOutput::ListResults(Box::new(o))),
            Self::GetResult(c) => c.endpoint().map(|o| AnyOutput::ResultOutcome(Box::new(o))),
            Self::ListSavedQueries(c) => c.endpoint().map(|o| AnyOutput::ListSavedQueries(Box::new(o))),
            Self::CreateSavedQuery(c) => c.endpoint().map(|o| AnyOutput::SavedQueryDetail(Box::new(o))),
            Self::GetSavedQuery(c) => c.endpoint().map(|o| AnyOutput::SavedQueryDetail(Box::new(o))),
            Self::UpdateSavedQuery(c) => c.endpoint().map(|o| AnyOutput::SavedQueryDetail(Box::new(o))),
            Self::DeleteSavedQuery(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ListSavedQueryVersions(c) => {
                c.endpoint().map(|o| AnyOutput::ListSavedQueryVersions(Box::new(o)))
            }
            Self::ExecuteSavedQuery(c) => c.endpoint().map(|o| AnyOutput::QueryOutcome(Box::new(o))),
            Self::CreateUploadSession(c) => c.endpoint().map(|o| AnyOutput::UploadSession(Box::new(o))),
            Self::CreateUploadSessionsBatch(c) => {
                c.endpoint().map(|o| AnyOutput::BatchCreateUpload(Box::new(o)))
            }
            Self::MintUploadParts(c) => c.endpoint().map(|o| AnyOutput::MintUploadParts(Box::new(o))),
            Self::FinalizeUpload(c) => c.endpoint().map(|o| AnyOutput::FinalizeUpload(Box::new(o))),
            Self::CreateIndex(c) => c.endpoint().map(|o| AnyOutput::IndexOutcome(Box::new(o))),
            Self::ListIndexes(c) => c.endpoint().map(|o| AnyOutput::ListIndexes(Box::new(o))),
            Self::DeleteIndex(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ListIndexesCollection(c) => c.endpoint().map(|o| AnyOutput::ListIndexesPage(Box::new(o))),
            Self::ListTables(c) => c.endpoint().map(|o| AnyOutput::InformationSchema(Box::new(o))),
            Self::GetJob(c) => c.endpoint().map(|o| AnyOutput::JobStatus(Box::new(o))),
            Self::ListJobs(c) => c.endpoint().map(|o| AnyOutput::ListJobs(Box::new(o))),
            Self::GetUsage(c) => c.endpoint().map(|o| AnyOutput::WorkspaceUsage(Box::new(o))),
            Self::ListEmbeddingProviders(c) => {
                c.endpoint().map(|o| AnyOutput::ListEmbeddingProviders(Box::new(o)))
            }
            Self::CreateEmbeddingProvider(c) => {
                c.endpoint().map(|o| AnyOutput::CreateEmbeddingProvider(Box::new(o)))
            }
            Self::GetEmbeddingProvider(c) => c.endpoint().map(|o| AnyOutput::EmbeddingProvider(Box::new(o))),
            Self::UpdateEmbeddingProvider(c) => {
                c.endpoint().map(|o| AnyOutput::UpdateEmbeddingProvider(Box::new(o)))
            }
            Self::DeleteEmbeddingProvider(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::UploadStream(c) => c.endpoint().map(|o| AnyOutput::Upload(Box::new(o))),
            Self::ListUploads(c) => c.endpoint().map(|o| AnyOutput::ListUploads(Box::new(o))),
            Self::CreateSecret(c) => c.endpoint().map(|o| AnyOutput::CreateSecret(Box::new(o))),
            Self::ListSecrets(c) => c.endpoint().map(|o| AnyOutput::ListSecrets(Box::new(o))),
            Self::GetSecret(c) => c.endpoint().map(|o| AnyOutput::SecretInfo(Box::new(o))),
            Self::UpdateSecret(c) => c.endpoint().map(|o| AnyOutput::UpdateSecret(Box::new(o))),
            Self::DeleteSecret(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ListConnectionTypes(c) => c.endpoint().map(|o| AnyOutput::ListConnectionTypes(Box::new(o))),
            Self::GetConnectionType(c) => c.endpoint().map(|o| AnyOutput::ConnectionTypeDetail(Box::new(o))),
            Self::CheckConnectionHealth(c) => c.endpoint().map(|o| AnyOutput::ConnectionHealth(Box::new(o))),
            Self::PurgeConnectionCache(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::PurgeTableCache(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::RefreshSources(c) => c.endpoint().map(|o| AnyOutput::RefreshOutcome(Box::new(o))),
            Self::ListDatasets(c) => c.endpoint().map(|o| AnyOutput::ListDatasets(Box::new(o))),
            Self::CreateDataset(c) => c.endpoint().map(|o| AnyOutput::CreateDataset(Box::new(o))),
            Self::GetDataset(c) => c.endpoint().map(|o| AnyOutput::DatasetDetail(Box::new(o))),
            Self::UpdateDataset(c) => c.endpoint().map(|o| AnyOutput::UpdateDataset(Box::new(o))),
            Self::DeleteDataset(c) => c.endpoint().map(AnyOutput::Nothing),
            Self::ListDatasetVersions(c) => c.endpoint().map(|o| AnyOutput::ListDatasetVersions(Box::new(o))),
            Self::ListWorkspaceContexts(c) => {
                c.endpoint().map(|o| AnyOutput::ListDatabaseContexts(Box::new(o)))
            }
            Self::GetWorkspaceContext(c) => c.endpoint().map(|o| AnyOutput::GetDatabaseContext(Box::new(o))),
            Self::UpsertWorkspaceContext(c) => {
                c.endpoint().map(|o| AnyOutput::UpsertDatabaseContext(Box::new(o)))
            }
        }
    }
}
