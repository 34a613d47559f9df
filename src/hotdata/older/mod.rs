//! The operations of an earlier API of Hotdata that today's API no longer has, for servers that still have
//! them.
//!
//! Earlier versions of the vendor's Python client have these operations, and version 0.12.0 does not. New
//! programs use the operations that replaced them:
//!
//! | Operations | Replaced today by |
//! |---|---|
//! | [`Older::secrets`] | the settings of [connections](Client::connections) and [embedding providers](Client::embedding_providers): the service stores the secrets in them |
//! | [`Older::files`] | [`Client::uploads`] |
//! | [`Older::datasets`] | tables of [databases](Client::databases) |
//! | [`Older::context`] | [`Client::database_contexts`] |
//! | [`Older::connection_types`], [`Older::connections`], [`Older::refresh`] | nothing: today's API has no such operations |
//!
//! [`Client::older`] returns the operations:
//!
//! ```
//! # use controlplane::hotdata::Client;
//! let request = Client::offline().older().secrets().get("pg-reader").to_request()?;
//! assert_eq!(request.path, "/v1/secrets/pg-reader");
//! # Ok::<(), controlplane::Error>(())
//! ```
//!
//! In the earlier API, requests about query runs and results named no database, and requests about queries
//! and results could name a session. [`Older::in_session`] sends a command of today's API in this way.

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

/// The operations of an earlier API of Hotdata that today's API no longer has: see [`older`](super::older).
/// Returned by [`Client::older`].
#[derive(Debug)]
pub struct Older<M> {
    client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations of an earlier API of Hotdata, for servers that still have them: see
    /// [`older`](super::older).
    pub fn older(&self) -> Older<M> {
        Older { client: self.clone() }
    }
}

impl<M> Older<M> {
    /// Returns a call that sends a command as in the earlier API: without the client's default database, and
    /// in a session (the vendor's "sandbox") if one is named. Use it for commands about queries, query runs
    /// and results.
    ///
    /// A database that the command itself names is still sent. The session is sent in the header
    /// `X-Session-Id`.
    ///
    /// ```
    /// # use controlplane::hotdata::{Client, GetQueryRun};
    /// let client = Client::offline();
    /// let request = client.older().in_session(GetQueryRun::new("qrun_1"), Some("sess_1")).to_request()?;
    /// assert_eq!(request.headers.text("X-Session-Id").as_deref(), Some("sess_1"));
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The call returns the errors of the command. It also returns
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), and sends nothing, if the session id has
    /// characters other than printable ASCII, or begins or ends with a space.
    pub fn in_session<C: Command>(&self, command: C, session_id: Option<&str>) -> Call<M, InSession<C>> {
        self.client.call(InSession::new(command, session_id))
    }
}
