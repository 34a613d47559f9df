//! The client of both modes.
//!
//! [`Client`] is generic over its mode. Programs use it under the two names that fix the mode:
//! [`hotdata::Client`](super::Client) blocks the thread, `hotdata::AsyncClient` (feature `async`) gives futures.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::{Action, Defaults, Platform, Shared};
use crate::engine::{PollPolicy, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::command::Call;
use super::credentials::Setup;
use super::protocol::Protocol;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// Hotdata, for what all clients share.
#[derive(Clone, Copy, Debug)]
pub enum Hotdata {}

impl Platform for Hotdata {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    type Options = ();

    // There is a limit, but no figure is documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    /// Five minutes, as the vendor's command line has it: a query's answer may take long. Polls as those of that command line
    /// begin, and as those of the vendor's client grow.
    fn settings() -> Defaults {
        let mut poll = PollPolicy::every(Duration::from_millis(500));
        poll.factor = 2.0;
        poll.max_interval = Duration::from_secs(5);
        let long = Duration::from_secs(300);
        Defaults(Settings { poll, timeout: long, http_timeout: long, ..Settings::default() })
    }

    fn protocol(setup: Setup) -> Result<Protocol, Error> {
        Protocol::new(setup)
    }

    fn client<M>(shared: Shared<Self, M>) -> Client<M> {
        Client { shared }
    }
}

/// A client of Hotdata.
///
/// Its operations are grouped by resource, as `client.databases().list()`. Each returns a [`Call`], which does nothing until
/// it is sent. Cheap to clone; all clones share the connections.
pub struct Client<M> {
    pub(super) shared: Shared<Hotdata, M>,
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
    /// A client with what the environment says: see [`builder`](Client::<Blocking>::builder).
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) for a key that cannot be one,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) for another value that cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with settings of your own, and what the environment says where there is none.
    pub fn builder() -> ClientBuilder<Blocking> {
        ClientBuilder::new()
    }

    /// A client without an account: its calls give their requests ([`Call::to_request`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Blocking>::offline() }
    }
}

/// # Making a client of futures
///
/// To be used inside a Tokio runtime with I/O and time switched on.
#[cfg(feature = "async")]
impl Client<Async> {
    /// A client with what the environment says: see [`builder`](Client::<Async>::builder).
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) for a key that cannot be one,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) for another value that cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with settings of your own, and what the environment says where there is none.
    pub fn builder() -> ClientBuilder<Async> {
        ClientBuilder::new()
    }

    /// A client without an account: its calls give their requests ([`Call::to_request`]) and cannot be sent.
    pub fn offline() -> Self {
        Self { shared: Shared::<_, Async>::offline() }
    }
}

impl<M> Client<M> {
    /// A call with a command in hand, for instance an `AnyCommand` from a plan.
    pub fn call<C: Action<Hotdata>>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }
}

/// Settings of a [`Client`].
///
/// What is given here counts before the environment; an empty variable counts as none.
///
/// | Setting | Variable | Without it |
/// |---|---|---|
/// | [`api_key`](ClientBuilder::api_key) | `HOTDATA_API_KEY` | requests go without, and the service answers 401 |
/// | [`workspace_id`](ClientBuilder::workspace_id) | `HOTDATA_WORKSPACE`, else `HOTDATA_WORKSPACE_ID` | only operations about workspaces can be sent |
/// | [`database_id`](ClientBuilder::database_id) | `HOTDATA_DATABASE` | calls that need a database must name one |
/// | [`base_url`](ClientBuilder::base_url) | `HOTDATA_API_URL` | [`DEFAULT_BASE_URL`](super::DEFAULT_BASE_URL) |
///
/// A call may take 300 s, and so may one HTTP request, unless it is set otherwise; the first interval between two polls is
/// 0.5 s and doubles up to 5 s.
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Hotdata, M>;

impl<M> ClientBuilder<M> {
    /// The API key, or a JWT.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.setup.api_key = Some(key.into());
        self
    }

    /// The workspace that all calls are for.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.setup.workspace_id = Some(id.into());
        self
    }

    /// The database of calls that need one and name none.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.setup.database_id = Some(id.into());
        self
    }

    /// Where the API is, without `/v1`. A slash at its end makes no difference.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.setup.base_url = Some(base_url.into());
        self
    }

    /// A header for all requests to the API; storage never sees it. Headers that the client sets itself are refused.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.setup.headers.push((name.into(), value.into()));
        self
    }

    /// These variables in place of the process's environment, all of it.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.setup.env = Some(vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }
}
