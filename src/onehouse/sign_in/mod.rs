//! Signing in through a browser, and the session that it leaves on this machine.
//!
//! The protocol is OAuth 2.1: an authorization code with proof key (RFC 7636), sent back to a listener on the
//! loopback address (RFC 8252). Client, scope, paths and the session file are those of the vendor's SDK 0.3.0
//! and CLI 0.4.0.

mod browser;
mod discovery;
mod flow;
mod listener;
mod lock;
mod page;
mod pkce;
mod place;
mod renewal;
mod session_file;
mod sign_out;
#[cfg(test)]
mod tests;
mod token_endpoint;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::auth::Issuer;
#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, CancelToken, Mode, Shared};
use crate::engine::{Budget, CallContext};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::transport::{HttpConfig, Proxy};

use super::call::{Call, CallOptions};
#[cfg(doc)]
use super::credentials::Credentials;
use super::credentials::CredentialsBuilder;

use browser::Browser;
use flow::Flow;
use sign_out::SignOut;

pub use sign_out::SignedOut;

pub(super) use place::Place;
pub(super) use renewal::SessionTokens;

/// The time for the person, as in the vendor's SDK 0.3.0.
const TIMEOUT: Duration = Duration::from_secs(300);
/// The time of everything besides the person: requests, and the lock of the session file.
const REST: Duration = Duration::from_secs(90);

/// Signs a person in through the browser, as the vendor's `oh login` does, and keeps the session on this
/// machine.
///
/// Afterwards [`Credentials`], and so [`Client::from_env`](super::Client), use the session in every program
/// that this person runs on this machine. No API key is needed, and the calls are made as the person. The
/// vendor's command line `oh` uses the session too, and this crate uses a session that `oh login` has made.
/// The organization must have sign-in for the API enabled.
///
/// ```no_run
/// use controlplane::onehouse::{Client, SignIn};
///
/// let session = SignIn::new().run()?;
/// println!("signed in to {}", session.issuer());
/// let client = Client::from_env()?;
/// # Ok::<(), controlplane::Error>(())
/// ```
///
/// Where there is no browser, the program shows the address of the page:
///
/// ```no_run
/// # use controlplane::onehouse::SignIn;
/// SignIn::new().no_browser(|url| eprintln!("Open this page to sign in:\n  {url}")).run()?;
/// # Ok::<(), controlplane::Error>(())
/// ```
///
/// At the end, the browser is sent to `http://127.0.0.1:<port>/oauth/callback`, where this program listens.
/// If the browser is on another machine, choose a [`port`](SignIn::port) and forward it by SSH.
///
/// # The session
///
/// The session is the file `~/.onehouse/sessions/<host[_port]>.json`, in the form of the vendor's tools. Only
/// its owner may read it. It has an access token, which is valid for an hour, and a refresh token, with which
/// a new access token is requested; this is possible for 30 days from the sign-in. The server accepts each
/// refresh token once, and ends the session if the same token is sent again. So the session is renewed only
/// while a lock file beside it is held, and the new session is written before its token is used. Programs
/// that follow the same rules, such as `oh`, can share the session.
///
/// `oh` keeps refresh tokens in the system's keychain, if the system has one. This crate does not read the
/// keychain: the three operating systems have different interfaces, and a keychain asks its user for each new
/// program. To share sessions on such a machine, run `oh` with `ONEHOUSE_SESSION_STORE=file`.
#[derive(Clone, Debug)]
#[must_use = "nobody signs in until `run` is called"]
pub struct SignIn {
    lookup: CredentialsBuilder,
    port: u16,
    timeout: Duration,
    browser: Browser,
    cancel: Option<CancelToken>,
    http: HttpConfig,
    ca_file: Option<PathBuf>,
    http_timeout: Duration,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            lookup: CredentialsBuilder::default(),
            port: 0,
            timeout: TIMEOUT,
            browser: Browser::default(),
            cancel: None,
            http: HttpConfig::default(),
            ca_file: None,
            http_timeout: renewal::HTTP_TIMEOUT,
        }
    }
}

impl SignIn {
    /// Returns a sign-in to the host that [`Credentials::from_env`] would use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the builder that finds the base URL and the directory of sessions, with its profile, file and
    /// environment. The other values of the builder are not used. It replaces what
    /// [`base_url`](SignIn::base_url) and [`sessions_directory`](SignIn::sessions_directory) have set before.
    pub fn credentials(mut self, builder: CredentialsBuilder) -> Self {
        self.lookup = builder;
        self
    }

    /// Sets the base URL of the host to sign in to. Default: the base URL that [`Credentials`] would have.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.lookup = self.lookup.base_url(url);
        self
    }

    /// Sets the directory of the session files. Default: `~/.onehouse/sessions`. Programs that use the
    /// session need the same directory: see [`CredentialsBuilder::sessions_directory`].
    pub fn sessions_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.lookup = self.lookup.sessions_directory(path);
        self
    }

    /// Sets the port of the listener on 127.0.0.1. Default: 0, which is any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the time that the person has to sign in. Default: 300 s. If it passes, the sign-in fails with
    /// [`OperationTimeout`](ErrorKind::OperationTimeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Opens no browser. Instead, the callback is called once, with the address of the page on which the
    /// person signs in. It runs on the thread that waits, so it should return at once. The address is not a
    /// secret, and is valid for this sign-in only.
    pub fn no_browser(mut self, show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.browser = Browser::Callback(Arc::new(show));
        self
    }

    /// Sets a token with which another thread or task can cancel the sign-in.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Sets the time limit of one request to the server, for the sign-in and for [`Session::sign_out`].
    /// Default: 20 s.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.http_timeout = timeout;
        self
    }

    /// Sets a PEM file with certificate authorities that are trusted in addition to the
    /// [default ones](crate::docs::networks).
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Sets the proxy for requests to the server. Default: that of the variables `https_proxy`, `http_proxy`,
    /// `all_proxy` and `no_proxy`, or of the same names in capitals: see
    /// [`docs::networks`](crate::docs::networks).
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// Returns the session of the host, whether or not anybody is signed in. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the home directory is not known, or if the base URL has to
    /// come from the credentials file and the file cannot be read.
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL or the CA file cannot be used.
    pub fn session(&self) -> Result<Session, Error> {
        let http = match &self.ca_file {
            Some(path) => self.http.clone().extra_ca_file(path)?,
            None => self.http.clone(),
        };
        Ok(Session { place: self.lookup.session_place()?, http, http_timeout: self.http_timeout })
    }

    /// Signs in: reads the server's OAuth metadata, opens the browser, waits for the person, exchanges the
    /// returned code for tokens, and writes the session. An existing session is replaced.
    ///
    /// # Errors
    ///
    /// - those of [`session`](SignIn::session), and [`Credentials`](ErrorKind::Credentials) if the session
    ///   cannot be written or another program holds its lock for 30 s;
    /// - [`Authentication`](ErrorKind::Authentication): the person or the server has denied the sign-in, or
    ///   the response came from another server;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): the person did not sign in within the
    ///   [`timeout`](SignIn::timeout);
    /// - [`Transport`](ErrorKind::Transport) and the other kinds of failed requests: the server was not
    ///   reached or responded with an error, the port is in use, or no browser could be opened;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): the server's OAuth metadata name another
    ///   issuer, or a response is not complete;
    /// - [`Cancelled`](ErrorKind::Cancelled): the token of [`cancel_with`](SignIn::cancel_with) was
    ///   cancelled.
    pub fn run(self) -> Result<Session, Error> {
        let (session, call) = self.start::<Blocking>()?;
        call.send()?;
        Ok(session)
    }

    /// Signs in as [`run`](SignIn::run) does, for asynchronous programs.
    ///
    /// # Errors
    ///
    /// The same as those of [`run`](SignIn::run).
    #[cfg(feature = "async")]
    pub async fn run_async(self) -> Result<Session, Error> {
        let (session, call) = self.start::<Async>()?;
        call.send().await?;
        Ok(session)
    }

    fn start<M: Mode>(self) -> Result<(Session, Call<M, Flow>), Error> {
        let session = self.session()?;
        let Self { port, timeout, browser, cancel, .. } = self;
        let flow = Flow { place: session.place.clone(), port, browser, timeout };
        let mut call = session.call(flow)?.timeout(timeout.saturating_add(REST));
        call.options.cancel = cancel;
        Ok((session, call))
    }
}

/// The session of one host on this machine: see [`SignIn`].
#[derive(Clone, Debug)]
pub struct Session {
    place: Place,
    http: HttpConfig,
    http_timeout: Duration,
}

impl Session {
    /// Returns the issuer of the session's tokens, which is the scheme, host and port of the base URL.
    pub fn issuer(&self) -> &str {
        &self.place.issuer
    }

    /// Returns the path of the session file.
    pub fn path(&self) -> &Path {
        self.place.file.path()
    }

    /// True if there is a session file with a refresh token. Only a call shows whether the server still
    /// accepts the session.
    pub fn is_signed_in(&self) -> bool {
        self.place.file.read().is_ok()
    }

    /// Signs out: deletes the session on this machine, then requests the server to revoke it.
    ///
    /// ```no_run
    /// use controlplane::onehouse::{SignIn, SignedOut};
    ///
    /// match SignIn::new().session()?.sign_out()? {
    ///     SignedOut::Revoked => println!("signed out"),
    ///     SignedOut::Unconfirmed(why) => println!("signed out on this machine alone: {why}"),
    ///     _ => println!("nobody was signed in"),
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the file cannot be deleted, and
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) for a CA file or a proxy URL that cannot be used. If
    /// the server is not reached or does not revoke the session, or if another program holds the lock of the
    /// session for 30 s, the result is [`SignedOut::Unconfirmed`], not an error.
    pub fn sign_out(&self) -> Result<SignedOut, Error> {
        self.call::<Blocking, _>(SignOut(self.place.clone()))?.timeout(REST).send()
    }

    /// Signs out as [`sign_out`](Session::sign_out) does, for asynchronous programs.
    ///
    /// # Errors
    ///
    /// The same as those of [`sign_out`](Session::sign_out).
    #[cfg(feature = "async")]
    pub async fn sign_out_async(&self) -> Result<SignedOut, Error> {
        self.call::<Async, _>(SignOut(self.place.clone()))?.timeout(REST).send().await
    }

    fn call<M: Mode, C>(&self, command: C) -> Result<Call<M, C>, Error> {
        let client = Shared::without_credentials(&self.http)?;
        Ok(Call::new(client, command).http_timeout(self.http_timeout))
    }
}

/// The context of a call to the authorization server.
fn unauthenticated(label: &str, options: &CallOptions) -> Arc<CallContext> {
    let issuer = Arc::new(Issuer { secrets: crate::redact::Secrets::default() });
    let context = CallContext::new(label, options.settings.clone(), Arc::new(Budget::unlimited()), issuer);
    let observer = options.observer.clone().of(label, context.service.name());
    Arc::new(context.with_observer(observer))
}
