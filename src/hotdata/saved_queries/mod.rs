//! Saved queries: SQL that the service keeps under a name, with versions.

mod commands;
mod model;

pub use commands::{
    CreateSavedQuery, DeleteSavedQuery, ExecuteSavedQuery, GetSavedQuery, ListSavedQueries,
    ListSavedQueryVersions, SavedQueries, UpdateSavedQuery,
};
pub use model::{
    CreateSavedQueryRequest, ExecuteSavedQueryRequest, ListSavedQueriesResponse,
    ListSavedQueryVersionsResponse, SavedQueryDetail, SavedQuerySummary, SavedQueryVersionInfo,
    UpdateSavedQueryRequest,
};
