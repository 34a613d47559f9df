//! The client of both modes.
//!
//! [`Client`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`eloq::Client`](super::Client) blocks the thread, `eloq::AsyncClient` (feature `async`) gives futures.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::{Defaults, Platform, Shared};
use crate::engine::{PollPolicy, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::command::{Call, Command};
use super::project::Project;
use super::protocol::Protocol;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// EloqCloud, for what all clients share.
#[derive(Clone, Copy, Debug)]
pub enum Eloq {}

/// What the builder collects.
#[derive(Debug, Default)]
pub struct Setup {
    pub(crate) key: Option<SecretString>,
    pub(crate) base_url: Option<String>,
    pub(crate) project: Option<Project>,
}

impl Platform for Eloq {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    /// Another project than the client's.
    type Options = Option<Project>;

    // There is a limit, but no figure is documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    fn settings() -> Defaults {
        let mut poll = PollPolicy::every(Duration::from_secs(5));
        poll.max_interval = Duration::from_secs(30);
        Defaults(Settings { poll, ..Settings::default() })
    }

    fn protocol(setup: Setup) -> Result<Protocol, Error> {
        Protocol::new(setup)
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of EloqCloud.
///
/// Has the eight calls of the vendor's client under their own names: `info`, `org`, `clusters`, `cluster`,
/// `cluster_create`, `cluster_delete`, `cluster_credentials`, `get_skus`; and waits for what takes time:
/// `create_and_wait`, `delete_and_wait`, `wait_for_cluster`, `wait_until_usable`, `wait_until_deleted`. Each returns a
/// [`Call`], which does nothing until it is sent.
///
/// Cheap to clone; all clones share the connections and what is known of the organization.
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
    pub(super) shared: Shared<Eloq, M>,
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
    /// A client with the API key in `ELOQ_API_KEY`, and default settings.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the variable is not there, is empty, or cannot be a key.
    #[doc(alias = "from_environ")]
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with this API key.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if it cannot be one.
    pub fn from_key(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().key(key).build()
    }

    /// A client with this API key, for an API at another address: an emulator, for instance. The URL ends before
    /// `org-info`; whether it has a slash at its end makes no difference.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key cannot be one,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the URL cannot.
    pub fn from_key_and_url(
        key: impl Into<SecretString>,
        base_url: impl Into<String>,
    ) -> Result<Self, Error> {
        Self::builder().key(key).base_url(base_url).build()
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder<Blocking> {
        ClientBuilder::new()
    }

    /// A client without a key: its calls give their requests ([`Call::to_request`]) and cannot be sent.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.cluster("a b").to_request()?.path, "/orgs/{org}/projects/{project}/clusters/a%20b");
    /// assert!(client.cluster("a b").send().is_err());
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
    /// A client with the API key in `ELOQ_API_KEY`, and default settings.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the variable is not there, is empty, or cannot be a key.
    #[doc(alias = "from_environ")]
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with this API key.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if it cannot be one.
    pub fn from_key(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().key(key).build()
    }

    /// A client with this API key, for an API at another address: an emulator, for instance. The URL ends before
    /// `org-info`; whether it has a slash at its end makes no difference.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key cannot be one,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the URL cannot.
    pub fn from_key_and_url(
        key: impl Into<SecretString>,
        base_url: impl Into<String>,
    ) -> Result<Self, Error> {
        Self::builder().key(key).base_url(base_url).build()
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder<Async> {
        ClientBuilder::new()
    }

    /// A client without a key: its calls give their requests ([`Call::to_request`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Async>::offline() }
    }
}

impl<M> Client<M> {
    /// A call with a command in hand, for instance an [`AnyCommand`](super::AnyCommand) from a plan.
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
/// use controlplane::eloq::Client;
///
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let (key, url) = (emulator.api_key(), emulator.url());
/// let client = Client::builder()
///     .key(key)
///     .base_url(url)
///     .project("p2") // or its id; default: the first
///     .timeout(Duration::from_secs(20))
///     .build()?;
/// # assert!(client.clusters().send()?.cluster_list.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The first interval between two polls is 5 s here unless it is set; it grows to 30 s.
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Eloq, M>;

impl<M> ClientBuilder<M> {
    /// The API key. Default: `ELOQ_API_KEY`, when the client is built.
    pub fn key(mut self, key: impl Into<SecretString>) -> Self {
        self.setup.key = Some(key.into());
        self
    }

    /// Where the API is. Default: [`DEFAULT_BASE_URL`](super::DEFAULT_BASE_URL).
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.setup.base_url = Some(base_url.into());
        self
    }

    /// The project that calls about clusters are for: its id, its name, or the ids of organization and project.
    /// Default: the first of the key's organization, as in the vendor's client. See [`Call::project`].
    pub fn project(mut self, project: impl Into<Project>) -> Self {
        self.setup.project = Some(project.into());
        self
    }
}
