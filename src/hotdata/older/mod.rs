//! The operations of an earlier API (the vendor's clients up to 0.9) that today's API no longer has, for
//! servers that still have them.
//!
//! New programs do not need this; the docs of each group name the replacement. [`Client::older`] returns the
//! groups:
//!
//! ```
//! # use controlplane::hotdata::Client;
//! let request = Client::offline().older().secrets().get("pg-reader").to_request()?;
//! assert_eq!(request.path, "/v1/secrets/pg-reader");
//! # Ok::<(), controlplane::Error>(())
//! ```
//!
//! Operations that today's API still has were called without a database then, and could name a session: see
//! [`Older::in_session`].

mod connection_types;
mod connections;
mod context;
mod datasets;
mod files;
mod refresh;
mod secrets;
mod session;

use super::client::Client;
use super::command::{Call, Command};

pub use connection_types::{
    ConnectionTypeDetail, ConnectionTypeSummary, ConnectionTypes, GetConnectionType, ListConnectionTypes,
    ListConnectionTypesResponse,
};
pub use connections::{
    CheckConnectionHealth, ConnectionHealthResponse, Connections, PurgeConnectionCache, PurgeTableCache,
};
pub use context::{GetWorkspaceContext, ListWorkspaceContexts, UpsertWorkspaceContext, WorkspaceContext};
pub use datasets::{
    CreateDataset, CreateDatasetRequest, CreateDatasetResponse, DatasetDetail, DatasetSource, DatasetSummary,
    DatasetVersion, Datasets, DeleteDataset, GetDataset, InlineData, ListDatasetVersions,
    ListDatasetVersionsResponse, ListDatasets, ListDatasetsResponse, UpdateDataset, UpdateDatasetRequest,
    UpdateDatasetResponse,
};
pub use files::{FileBody, Files, ListUploads, ListUploadsResponse, UploadResponse, UploadStream};
pub use refresh::{
    ConnectionRefreshError, ConnectionRefreshResult, Refresh, RefreshOutcome, RefreshRequest, RefreshSources,
    RefreshWarning, SchemaRefreshResult, TableRefreshError, TableRefreshResult,
};
pub use secrets::{
    CreateSecret, CreateSecretRequest, CreateSecretResponse, DeleteSecret, GetSecret, ListSecrets,
    ListSecretsResponse, SecretInfo, Secrets, UpdateSecret, UpdateSecretRequest, UpdateSecretResponse,
};
pub use session::InSession;

/// The operations of the older API: see [`Client::older`].
#[derive(Debug)]
pub struct Older<M> {
    client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations of an earlier API: see [`older`](super::older).
    pub fn older(&self) -> Older<M> {
        Older { client: self.clone() }
    }
}

impl<M> Older<M> {
    /// Returns a call with a command as in the older API: without the client's database, and in a session (a
    /// "sandbox") if one is named. It was used for queries, query runs and results.
    ///
    /// ```
    /// # use controlplane::hotdata::{Client, GetQueryRun};
    /// let client = Client::offline();
    /// let request = client.older().in_session(GetQueryRun::new("qrun_1"), Some("sess_1")).to_request()?;
    /// assert_eq!(request.headers.text("X-Session-Id").as_deref(), Some("sess_1"));
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn in_session<C: Command>(&self, command: C, session_id: Option<&str>) -> Call<M, InSession<C>> {
        self.client.call(InSession::new(command, session_id))
    }
}
