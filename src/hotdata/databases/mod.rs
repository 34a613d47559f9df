//! Databases: their commands, requests and responses, tables, batches, documents and waits.

mod batches;
mod commands;
mod contexts;
mod model;
mod request;
mod tables;
mod waits;

pub use batches::{BulkCreateDatabases, DeleteDatabaseBatch, GetDatabaseBatch};
pub use commands::{
    CountDatabases, CreateDatabase, Databases, DeleteDatabase, ForkDatabase, GetDatabase, GetDatabaseLineage,
    ListDatabases, LookupDatabaseByName,
};
pub use contexts::{
    DatabaseContextEntry, DatabaseContexts, DeleteDatabaseContext, GetDatabaseContext,
    GetDatabaseContextResponse, ListDatabaseContexts, ListDatabaseContextsResponse, UpsertDatabaseContext,
    UpsertDatabaseContextRequest, UpsertDatabaseContextResponse,
};
pub use model::{
    BulkCreateDatabasesResult, CreateDatabaseResponse, DatabaseAttachmentInfo, DatabaseBatchResponse,
    DatabaseCountResponse, DatabaseDetailResponse, DatabaseLineageResponse, DatabaseSummary,
    DeleteDatabaseBatchResponse, ForkedFromInfo, LineageInfo, ListDatabasesResponse,
};
pub use request::{
    AttachDatabaseCatalogRequest, BulkCreateDatabasesRequest, CreateDatabaseRequest, ForkDatabaseRequest,
};
pub use tables::{
    AddDatabaseSchema, AddDatabaseTable, AttachDatabaseCatalog, DetachDatabaseCatalog,
    SetDatabaseTableConstantPerKey,
};
pub use waits::BulkCreateAndWait;
