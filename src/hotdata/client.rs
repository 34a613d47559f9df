//! The client type behind both modes, blocking and asynchronous.
//!
//! [`Client`] is generic over its mode. Programs use two aliases: [`hotdata::Client`](super::Client) blocks
//! the thread, `hotdata::AsyncClient` (feature `async`) returns futures.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::{Mode, Platform, Shared};
use crate::engine::{PollPolicy, Service, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::command::{Call, Command};
use super::credentials::Credentials;
use super::protocol::Protocol;

#[cfg(feature = "async")]
pub use crate::client::Async;
pub use crate::client::Blocking;

/// Associates the clients of Hotdata with the service.
#[derive(Clone, Copy, Debug)]
pub enum Hotdata {}

/// The time limit of a call, and of one HTTP request: the vendor's command line allows a request 300 s,
/// because the response to a query can take long.
const LONG: Duration = Duration::from_secs(300);

impl Platform for Hotdata {
    type Client<M> = Client<M>;
    type Setup = Setup;
    type Protocol = Protocol;
    type Options = ();

    // The service has a limit, but its number is not documented.
    const REQUESTS_PER_SECOND: Option<u32> = None;

    /// The intervals between polls are those of the vendor's client (hotdata 0.12.0).
    fn settings() -> Settings {
        let mut poll = PollPolicy::every(Duration::from_millis(500));
        poll.factor = 2.0;
        poll.max_interval = Duration::from_secs(5);
        Settings { poll, timeout: LONG, http_timeout: LONG, ..Settings::default() }
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

/// The settings of a builder that only Hotdata has.
#[derive(Debug, Default)]
#[doc(hidden)]
pub struct Setup {
    pub(super) credentials: Option<Credentials>,
    pub(super) database_id: Option<String>,
    pub(super) headers: Vec<(String, SecretString)>,
}

/// A client of Hotdata, in the blocking or the asynchronous mode `M`.
///
/// Its operations are grouped by resource: `client.databases().list()`. Each returns a [`Call`], which does
/// nothing until it is sent. A client is cheap to clone, and all clones share its HTTP connections.
pub struct Client<M> {
    pub(crate) shared: Shared<Hotdata, M>,
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
impl<M: Mode> Client<M> {
    /// Returns a client with credentials from the environment ([`Credentials::from_env`]) and default
    /// settings.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the API key is missing or cannot be sent in a header, or if
    /// a variable is not Unicode; [`InvalidArgument`](ErrorKind::InvalidArgument) if another value cannot be
    /// used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a client with these credentials and default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be read or
    /// has no certificate. The credentials were checked when they were built.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// Returns a builder with default settings.
    pub fn builder() -> ClientBuilder<M> {
        ClientBuilder::new()
    }

    /// Returns a client without credentials. Its calls can return their requests ([`Call::to_request`]);
    /// sending one fails with [`Credentials`](ErrorKind::Credentials).
    ///
    /// ```
    /// # use controlplane::hotdata::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.workspaces().list().to_request()?.method.as_str(), "GET");
    /// assert!(client.workspaces().list().send().is_err());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn offline() -> Self {
        Self { shared: Shared::offline() }
    }
}

/// # Any command
impl<M> Client<M> {
    /// Returns a call that sends this command, for example an [`AnyCommand`](super::AnyCommand) that was read
    /// from a JSON file.
    pub fn call<C: Command>(&self, command: C) -> Call<M, C> {
        Call::new(self.shared.clone(), command)
    }
}

/// Settings of a [`Client`].
///
/// | Setting | Default |
/// |---|---|
/// | [`credentials`](ClientBuilder::credentials) | from environment variables ([`Credentials::from_env`]) |
/// | [`timeout`](ClientBuilder::timeout) of a call | 300 s |
/// | [`http_timeout`](ClientBuilder::http_timeout) of one HTTP request | 300 s |
/// | [`polling`](ClientBuilder::polling): the intervals between polls | 0.5 s, then each twice as long, at most 5 s |
/// | [`rate_limit`](ClientBuilder::rate_limit) of requests per second | none |
///
/// [`docs::timeouts`](crate::docs::timeouts) lists the time limits of all kinds of calls.
pub type ClientBuilder<M = Blocking> = crate::client::ClientBuilder<Hotdata, M>;

impl<M> ClientBuilder<M> {
    /// Sets the credentials. Default: those from environment variables ([`Credentials::from_env`]).
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.setup.credentials = Some(credentials);
        self
    }

    /// Sets the id of the default database: calls that need or accept a database use it if they name none.
    /// Default: the database of the credentials.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.setup.database_id = Some(id.into());
        self
    }

    /// Adds a header to all requests to the API. Requests to storage, which carry the bytes of uploads, do
    /// not have it.
    ///
    /// [`build`](ClientBuilder::build) fails with [`InvalidArgument`](ErrorKind::InvalidArgument) if the
    /// client sets this header itself (for example `Authorization`), if the name is not a valid header name,
    /// or if the value has characters other than printable ASCII or begins or ends with a space.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.setup.headers.push((name.into(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of the builder's table and of [`docs::timeouts`](crate::docs::timeouts).
    #[test]
    fn the_defaults_are_those_of_the_docs() {
        let settings = Hotdata::settings();
        assert_eq!((settings.timeout.as_secs(), settings.http_timeout.as_secs()), (300, 300));
        let mut intervals = settings.poll.schedule();
        let seconds: Vec<f64> = (0..5).map(|_| intervals.next().as_secs_f64()).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 5.0]);
        assert_eq!(Hotdata::REQUESTS_PER_SECOND, None);
    }
}
