//! The client of both modes, and its builder.
//!
//! [`Client`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`onehouse::Client`](super::Client) blocks the thread, `onehouse::AsyncClient` (feature `async`) gives futures.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Budget, Context, PollPolicy, RetryPolicy, Service, Settings};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};
#[cfg(feature = "async")]
use crate::transport::{AnyAsyncTransport, AsyncTransport, HyperTransport};
use crate::transport::{HttpConfig, Proxy, SendError, SendErrorKind, Transport, UreqTransport};

use secrecy::SecretString;

use super::call::{Call, CallOptions, GetStatus, RawSql, Resume, SubmitSql};
use super::commands::Command;
use super::credentials::Credentials;
use super::protocol::Protocol;

/// Requests in a second that a project may send: the vendor's limit.
const REQUESTS_PER_SECOND: u32 = 10;

/// The mode of a client whose calls block the thread. The default mode.
pub struct Blocking(Box<dyn Transport>);

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocking")
    }
}

/// The mode of a client whose calls are futures for Tokio.
#[cfg(feature = "async")]
pub struct Async(AnyAsyncTransport);

#[cfg(feature = "async")]
impl fmt::Debug for Async {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Async")
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
/// use controlplane::emulator::onehouse::Emulator;
/// use controlplane::onehouse::{Client, ClusterType};
///
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send()?;
/// println!("{} {}", done.api_status, done.api_response);
/// # assert!(client.show_clusters().send()?.rows().iter().any(|row| row["name"] == "prod"));
/// # Ok::<(), controlplane::Error>(())
/// ```
///
/// With the feature `async` the same calls are futures:
///
#[cfg_attr(feature = "async", doc = "```")]
#[cfg_attr(not(feature = "async"), doc = "```ignore")]
/// use controlplane::emulator::onehouse::Emulator;
/// use controlplane::onehouse::{AsyncClient, ClusterType};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// # let emulator = Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = AsyncClient::new(credentials)?; // or `AsyncClient::from_env()?`
/// let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).send().await?;
/// println!("{} {}", done.api_status, done.api_response);
/// # Ok::<(), controlplane::Error>(())
/// # }).unwrap();
/// ```
#[doc(alias = "OnehouseResources")]
pub struct Client<M> {
    inner: Arc<Inner<M>>,
}

struct Inner<M> {
    core: Core,
    mode: M,
}

impl<M> Clone for Client<M> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<M> fmt::Debug for Client<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("protocol", &self.inner.core.protocol).finish_non_exhaustive()
    }
}

/// What a client is, whichever its mode.
#[derive(Clone, Debug)]
pub struct Core {
    /// `None`: the client has no credentials and cannot send.
    protocol: Option<Arc<Protocol>>,
    pub(super) settings: Settings,
    budget: Arc<Budget>,
}

impl Core {
    fn offline() -> Self {
        Self { protocol: None, settings: Settings::default(), budget: Arc::new(Budget::unlimited()) }
    }

    pub(super) fn protocol(&self) -> Result<&Arc<Protocol>, Error> {
        self.protocol.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Credentials,
                "sending a call",
                "this client was made with `Client::offline()`, which has no credentials",
            )
            .with_advice("Make it with `Client::from_env()` or `Client::new(credentials)` to send.")
        })
    }

    pub(super) fn context(
        &self,
        label: String,
        secrets: Vec<SecretString>,
        options: &CallOptions,
    ) -> Result<Arc<Context>, Error> {
        let service: Arc<dyn Service> = self.protocol()?.clone();
        Ok(Arc::new(Context {
            label,
            settings: options.settings.clone(),
            budget: self.budget.clone(),
            service,
            secrets,
            observer: options.observer.clone(),
        }))
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
        Self::from_parts(Core::offline(), Blocking(Box::new(NoTransport)))
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.inner.mode.0
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
        Self::from_parts(Core::offline(), Async(AnyAsyncTransport(Box::new(NoTransport))))
    }

    pub(super) fn transport(&self) -> &AnyAsyncTransport {
        &self.inner.mode.0
    }
}

impl<M> Client<M> {
    fn from_parts(core: Core, mode: M) -> Self {
        Self { inner: Arc::new(Inner { core, mode }) }
    }

    pub(super) fn core(&self) -> &Core {
        &self.inner.core
    }

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
        Call::new(self.clone(), command)
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
    /// # let emulator = controlplane::emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let done = client.execute("SHOW LAKES").send()?;
    /// assert!(done.rows().is_empty());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn execute(&self, sql: impl Into<String>) -> Call<M, RawSql> {
        self.call(RawSql::new(sql))
    }

    /// A statement as you write it, submitted and not waited for: [`execute`](Client::execute) with
    /// [`submit`](Call::submit), under the vendor's name.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane::emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.submit("SHOW CLUSTERS").send()?;
    /// let done = client.resume(submitted.request_id).send()?;
    /// assert!(done.is_terminal());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn submit(&self, sql: impl Into<String>) -> Call<M, SubmitSql> {
        Call::new(self.clone(), SubmitSql(RawSql::new(sql)))
    }

    /// One poll of an operation. `FAILED` and `INVALID` are answers here, not errors.
    ///
    /// Vendor's page: [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane::emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let submitted = client.show_clusters().submit()?;
    /// let status = client.get_status(&submitted.request_id).send()?;
    /// println!("{}", status.api_status);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn get_status(&self, request_id: impl Into<String>) -> Call<M, GetStatus> {
        Call::new(self.clone(), GetStatus(request_id.into()))
    }

    /// The wait for an operation that was submitted before, by this process or another. Nothing is submitted.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane::emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # let id = client.show_clusters().submit()?.request_id;
    /// let done = client.resume(id).send()?;
    /// println!("{}", done.api_status);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "wait")]
    pub fn resume(&self, request_id: impl Into<String>) -> Call<M, Resume> {
        Call::new(self.clone(), Resume(request_id.into()))
    }
}

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use controlplane::onehouse::{Client, Credentials};
///
/// # let emulator = controlplane::emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::builder()
///     .credentials(credentials)
///     .timeout(Duration::from_secs(600))
///     .rate_limit(5)
///     .build()?;
/// # client.show_clusters().send()?;
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder<M = Blocking> {
    credentials: Option<Credentials>,
    settings: Settings,
    rate_limit: Option<u32>,
    ca_file: Option<PathBuf>,
    http: HttpConfig,
    transport: Option<M>,
}

impl<M> ClientBuilder<M> {
    fn new() -> Self {
        Self {
            credentials: None,
            settings: Settings::default(),
            rate_limit: Some(REQUESTS_PER_SECOND),
            ca_file: None,
            http: HttpConfig::default(),
            transport: None,
        }
    }

    /// Whose project, and where. Default: [`Credentials::from_env`], when the client is built.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// How long a whole call may take. Default: 60 s (the vendor's). See [`Call::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How long one HTTP request may take, body included. Default: 30 s (the vendor's).
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.settings.http_timeout = timeout;
        self
    }

    /// How long connecting may take, TLS included. Default: 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// The first interval between two polls at an operation. Default: 1 s. See [`Call::poll_interval`].
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = PollPolicy::every(interval);
        self
    }

    /// All about the intervals between two polls. Default: 1 s × 1.5, at most 10 s (the vendor's).
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.settings.poll = policy;
        self
    }

    /// How often and after how long a request that failed is sent again. Default: 3 times, 0.5 s × 2, at most 8 s.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Requests in a second, submits and polls together, of this client and all its clones. Default: 10, the
    /// vendor's limit for a project. 0 counts as 1.
    pub fn rate_limit(mut self, per_second: u32) -> Self {
        self.rate_limit = Some(per_second);
        self
    }

    /// No limit on the client's side. The server's stays: it answers 429.
    pub fn no_rate_limit(mut self) -> Self {
        self.rate_limit = None;
        self
    }

    /// A PEM file with certificate authorities that are trusted in addition to the built-in ones, for a company's
    /// proxy or a server with a CA of its own.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// **Dangerous with `false`**: any certificate is accepted then, and whoever sits between you and the server
    /// reads your API secret and can answer in the server's name. For a test server on your own machine and
    /// nothing else; to trust a CA, use [`ca_file`](ClientBuilder::ca_file). Default: true.
    pub fn verify_tls(mut self, verify: bool) -> Self {
        self.http.verify_tls = verify;
        self
    }

    /// The proxy. Default: what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// What the client calls itself in `User-Agent`. Default: `controlplane/<version>`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.http.user_agent = user_agent.into();
        self
    }

    /// The client, with a transport made for its mode unless there is one.
    fn assemble(self, make: impl FnOnce(&HttpConfig) -> Result<M, Error>) -> Result<Client<M>, Error> {
        let credentials = match self.credentials {
            Some(credentials) => credentials,
            None => Credentials::from_env()?,
        };
        let core = Core {
            protocol: Some(Arc::new(Protocol::new(&credentials)?)),
            settings: self.settings,
            budget: Arc::new(match self.rate_limit {
                Some(limit) => Budget::per_second(limit),
                None => Budget::unlimited(),
            }),
        };
        let mode = match self.transport {
            Some(mode) => mode,
            None => make(&match &self.ca_file {
                Some(path) => self.http.extra_ca_file(path)?,
                None => self.http,
            })?,
        };
        Ok(Client::from_parts(core, mode))
    }
}

impl ClientBuilder<Blocking> {
    /// A transport of your own: to record, to replay, to go another way. The settings about connections and TLS do
    /// not apply to it.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Blocking(Box::new(transport)));
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if there are none, [`InvalidArgument`](ErrorKind::InvalidArgument)
    /// for a base URL that is not one or a CA file that cannot be read.
    pub fn build(self) -> Result<Client<Blocking>, Error> {
        self.assemble(|http| Ok(Blocking(Box::new(UreqTransport::new(http)?))))
    }
}

#[cfg(feature = "async")]
impl ClientBuilder<Async> {
    /// A transport of your own: to record, to replay, to go another way. The settings about connections and TLS do
    /// not apply to it.
    pub fn transport(mut self, transport: impl AsyncTransport + 'static) -> Self {
        self.transport = Some(Async(AnyAsyncTransport(Box::new(transport))));
        self
    }

    /// The client. Needs no runtime yet.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if there are none, [`InvalidArgument`](ErrorKind::InvalidArgument)
    /// for a base URL that is not one or a CA file that cannot be read.
    pub fn build(self) -> Result<Client<Async>, Error> {
        self.assemble(|http| Ok(Async(AnyAsyncTransport(Box::new(HyperTransport::new(http)?)))))
    }
}

/// The transport of a client that cannot send: it is never asked, because there are no credentials either.
#[derive(Debug)]
struct NoTransport;

impl NoTransport {
    fn refuse() -> SendError {
        SendError::new(SendErrorKind::InvalidRequest, false, "this client is offline")
    }
}

impl Transport for NoTransport {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        Err(Self::refuse())
    }
}

#[cfg(feature = "async")]
impl AsyncTransport for NoTransport {
    async fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        Err(Self::refuse())
    }
}
