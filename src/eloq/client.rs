//! The client of EloqCloud, generic over its mode: blocking or async.
//!
//! [`Client`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`eloq::Client`](super::Client) blocks the thread, `eloq::AsyncClient` (feature `async`) returns futures.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::{Mode, Platform, Shared};
use crate::engine::{PollPolicy, Service, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::call::Call;
use super::command::Command;
use super::credentials::Credentials;
use super::project::Project;
use super::protocol::Protocol;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// The marker type of EloqCloud in generic types, such as the client builder. It has no values.
#[derive(Clone, Copy, Debug)]
pub enum Eloq {}

/// What the builder collects besides the settings of all clients.
#[derive(Debug, Default)]
#[doc(hidden)]
pub struct Setup {
    pub(crate) credentials: Option<Credentials>,
    pub(crate) project: Option<Project>,
}

impl Platform for Eloq {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    /// The project of the call, if it is not the client's.
    type Options = Option<Project>;

    // There is a limit, but its number is not documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    fn settings() -> Settings {
        let mut poll = PollPolicy::every(Duration::from_secs(5));
        poll.max_interval = Duration::from_secs(30);
        Settings { poll, ..Settings::default() }
    }

    fn protocol(setup: Setup) -> Result<Protocol, Error> {
        Protocol::new(setup)
    }

    fn secrets(protocol: &Protocol) -> Vec<SecretString> {
        protocol.secrets().map(|secrets| secrets.list().to_vec()).unwrap_or_default()
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of EloqCloud.
///
/// It has the eight calls of the vendor's client under their names: `info`, `org`, `clusters`, `cluster`,
/// `cluster_create`, `cluster_delete`, `cluster_credentials`, `get_skus`; and waits: `.and_wait()` on a
/// creation or deletion, `wait_for_cluster`, `wait_for_cluster_deletion`. Each returns a [`Call`], which does
/// nothing until it is sent.
///
/// A client is cheap to clone; all clones share the connections, the rate limit and the ids of the
/// organization and its projects.
///
/// ```
/// use controlplane::eloq::{Client, CloudProvider, EloqModule, SkuType};
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # const HIDDEN: &str = stringify! {
/// let client = Client::from_env()?; // ELOQ_API_KEY
/// # };
/// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
/// for sku in client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send()? {
///     println!("{} {}", sku.sku_id, sku.sku_name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "EloqAPI")]
pub struct Client<M> {
    pub(crate) shared: Shared<Eloq, M>,
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

/// # Constructors
///
/// An `AsyncClient` is used inside a Tokio runtime with I/O and time enabled.
impl<M: Mode> Client<M> {
    /// Returns a client with the API key in `ELOQ_API_KEY` and default settings.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the variable is missing, empty or not a valid key;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if `ELOQ_BASE_URL` is set and cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a client as [`from_env`](Client::from_env) does, under the vendor's name.
    ///
    /// # Errors
    ///
    /// The errors are those of [`from_env`](Client::from_env).
    pub fn from_environ() -> Result<Self, Error> {
        Self::from_env()
    }

    /// Returns a client with these credentials and default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a proxy variable of the environment cannot be used,
    /// or if `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be read or has no certificate.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// Returns a client with this API key.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is not valid.
    pub fn from_key(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::new(Credentials::builder().api_key(key).build()?)
    }

    /// Returns a client with this API key for an API at another address, for example an emulator. The URL
    /// ends before `org-info`, with or without a slash.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is not valid,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the URL is not.
    pub fn from_key_and_url(
        key: impl Into<SecretString>,
        base_url: impl Into<String>,
    ) -> Result<Self, Error> {
        Self::new(Credentials::builder().api_key(key).base_url(base_url).build()?)
    }

    /// Returns a builder with default settings.
    pub fn builder() -> ClientBuilder<M> {
        ClientBuilder::new()
    }

    /// Returns a client without credentials: its calls return their requests ([`Call::to_request`]) and
    /// cannot be sent.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.cluster("a b").to_request()?.path, "/orgs/{org}/projects/{project}/clusters/a%20b");
    /// assert!(client.cluster("a b").send().is_err());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn offline() -> Self {
        Self { shared: Shared::offline() }
    }
}

impl<M> Client<M> {
    /// Returns a call with this command, for example an [`AnyCommand`](super::AnyCommand) from a plan.
    ///
    /// ```
    /// use controlplane::eloq::{AnyCommand, Client};
    ///
    /// let client = Client::offline();
    /// let command: AnyCommand = serde_json::from_str(r#"{"cluster": {"cluster_name": "c1"}}"#)?;
    /// let request = client.call(command).to_request()?;
    /// assert_eq!(request.path, "/orgs/{org}/projects/{project}/clusters/c1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }
}

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use controlplane::eloq::{Client, Credentials};
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let (key, url) = (emulator.api_key(), emulator.url());
/// let client = Client::builder()
///     .credentials(Credentials::builder().api_key(key).base_url(url).build()?)
///     .project("p2") // or its id; default: the first
///     .timeout(Duration::from_secs(20))
///     .build()?;
/// # assert!(client.clusters().send()?.cluster_list.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The interval between polls starts at 5 s and grows to 30 s by default; see
/// [`docs::timeouts`](crate::docs::timeouts).
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Eloq, M>;

impl<M> ClientBuilder<M> {
    /// Sets the credentials. Default: [`Credentials::from_env`] when the client is built.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.setup.credentials = Some(credentials);
        self
    }

    /// Sets the project of calls about clusters: its id, its name, or the ids of organization and project.
    /// Default: the first project of the key's organization, as in the vendor's client. See
    /// [`Call::project`].
    pub fn project(mut self, project: impl Into<Project>) -> Self {
        self.setup.project = Some(project.into());
        self
    }
}
