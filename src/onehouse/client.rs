//! The client of both modes, and its builder.
//!
//! [`Client`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`onehouse::Client`](super::Client) blocks the thread, `onehouse::AsyncClient` (feature `async`) gives futures.

use std::fmt;

use crate::client::{Defaults, Platform, Shared};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::call::{Call, GetStatus, RawSql, Resume, SubmitSql};
use super::commands::Command;
use super::credentials::Credentials;
use super::protocol::Protocol;
use super::statement::NameCheck;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// Requests in a second that a project may send: the vendor's limit.
const REQUESTS_PER_SECOND: u32 = 10;

/// Onehouse, for what all clients share.
#[derive(Clone, Copy, Debug)]
pub enum Onehouse {}

impl Platform for Onehouse {
    type Client<M> = Client<M>;
    type Setup = Option<Credentials>;
    type Protocol = Protocol;
    type Options = NameCheck;

    const REQUESTS_PER_SECOND: Option<u32> = Some(REQUESTS_PER_SECOND);

    fn settings() -> Defaults {
        Defaults::default()
    }

    fn protocol(credentials: Option<Credentials>) -> Result<Protocol, Error> {
        match credentials {
            Some(credentials) => Protocol::new(&credentials),
            None => Protocol::new(&Credentials::from_env()?),
        }
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of the Onehouse SQL API.
///
/// Has a helper for every command, by family: clusters, lakes, databases, tables, catalogs, sources, flows,
/// transformations, validations, table services, jobs, service principals, API tokens. Each returns a [`Call`],
/// which does nothing until it is sent. Raw SQL goes through [`execute`](Client::execute).
///
/// Cheap to clone; all clones share the connections and the rate budget. Make one for a project and keep it.
///
/// ```
/// use controlplane_emulator::onehouse::Emulator;
/// use controlplane::onehouse::{Client, ClusterType};
///
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send()?;
/// println!("{} {}", done.api_status, done.api_response);
/// # assert!(client.show_clusters().send()?.rows().iter().any(|row| row["name"] == "prod"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With the feature `async` the same calls are futures:
///
#[cfg_attr(feature = "async", doc = "```")]
#[cfg_attr(not(feature = "async"), doc = "```ignore")]
/// use controlplane_emulator::onehouse::Emulator;
/// use controlplane::onehouse::{AsyncClient, ClusterType};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = AsyncClient::new(credentials)?; // or `AsyncClient::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send().await?;
/// println!("{} {}", done.api_status, done.api_response);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[doc(alias = "OnehouseResources")]
pub struct Client<M> {
    pub(super) shared: Shared<Onehouse, M>,
}

impl<M> Clone for Client<M> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<M> fmt::Debug for Client<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

/// # Making a blocking client
impl Client<Blocking> {
    /// A client with credentials from the environment and the credentials file, and default settings.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials), naming every field that is missing and where it may be set.
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Credentials::from_env()?)
    }

    /// A client with these credentials and default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL of the credentials is not one.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder<Blocking> {
        ClientBuilder::new()
    }

    /// A client without credentials: its calls give their SQL ([`Call::to_sql`]) and cannot be sent.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_lakes().to_sql()?, "SHOW LAKES");
    /// assert!(client.show_lakes().send().is_err());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Blocking>::offline() }
    }
}

/// # Making a client of futures
///
/// To be used inside a Tokio runtime with I/O and time switched on.
#[cfg(feature = "async")]
impl Client<Async> {
    /// A client with credentials from the environment and the credentials file, and default settings. The file is
    /// small and read at once, without a future.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials), naming every field that is missing and where it may be set.
    pub fn from_env() -> Result<Self, Error> {
        Self::new(Credentials::from_env()?)
    }

    /// A client with these credentials and default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL of the credentials is not one.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder<Async> {
        ClientBuilder::new()
    }

    /// A client without credentials: its calls give their SQL ([`Call::to_sql`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Async>::offline() }
    }
}

impl<M> Client<M> {
    /// A call with a command in hand, for instance an [`AnyCommand`](super::AnyCommand) from a plan.
    ///
    /// ```
    /// use controlplane::onehouse::{AnyCommand, Client};
    ///
    /// let client = Client::offline();
    /// let command: AnyCommand = serde_json::from_str(r#"{"delete_cluster": {"name": "prod"}}"#)?;
    /// assert_eq!(client.call(command).to_sql()?, "DELETE CLUSTER `prod`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }

    /// A statement as you write it, submitted and waited for. It is sent untouched and not checked, except that
    /// it must not be empty; the API takes no `;` at its end.
    ///
    /// A statement that begins with `SHOW` or `DESCRIBE` counts as reading, any other as changing: it is never
    /// sent again once it may have been taken.
    ///
    /// Vendor's page: [Execution modes](https://docs.onehouse.ai/sdks/python/resources/execution-modes).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let done = client.execute("SHOW LAKES").send()?;
    /// assert!(done.rows().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn execute(&self, sql: impl Into<String>) -> Call<M, RawSql> {
        self.call(RawSql::new(sql))
    }

    /// A statement as you write it, submitted and not waited for: [`execute`](Client::execute) with
    /// [`submit`](Call::submit), under the vendor's name.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.submit("SHOW CLUSTERS").send()?;
    /// let done = client.resume(submitted.request_id).send()?;
    /// assert!(done.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn submit(&self, sql: impl Into<String>) -> Call<M, SubmitSql> {
        Call::new(self.shared.clone(), SubmitSql(RawSql::new(sql)))
    }

    /// One poll of an operation. `FAILED` and `INVALID` are answers here, not errors.
    ///
    /// Vendor's page: [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.show_clusters().submit()?;
    /// let status = client.get_status(&submitted.request_id).send()?;
    /// println!("{}", status.api_status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_status(&self, request_id: impl Into<String>) -> Call<M, GetStatus> {
        Call::new(self.shared.clone(), GetStatus(request_id.into()))
    }

    /// The wait for an operation that was submitted before, by this process or another. Nothing is submitted.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # let id = client.show_clusters().submit()?.request_id;
    /// let done = client.resume(id).send()?;
    /// println!("{}", done.api_status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "wait")]
    pub fn resume(&self, request_id: impl Into<String>) -> Call<M, Resume> {
        Call::new(self.shared.clone(), Resume(request_id.into()))
    }
}

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use controlplane::onehouse::{Client, Credentials};
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::builder()
///     .credentials(credentials)
///     .timeout(Duration::from_secs(600))
///     .rate_limit(5)
///     .build()?;
/// # client.show_clusters().send()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Onehouse, M>;

impl<M> ClientBuilder<M> {
    /// Whose project, and where. Default: [`Credentials::from_env`], when the client is built.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.setup = Some(credentials);
        self
    }
}
