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
/// Afterwards [`Credentials`] and so [`Client::from_env`](super::Client) of every program on this machine use
/// the session: no API key is needed, and the calls are made as that person. The vendor's `oh` uses it too,
/// and this crate uses the one that `oh login` makes. The organization must have sign-in for the API enabled.
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
/// The page ends on this machine, at `http://127.0.0.1:<port>/oauth/callback`. For a browser on another
/// machine forward a [`port`](SignIn::port) by SSH.
///
/// # The session
///
/// It is the file `~/.onehouse/sessions/<host[_port]>.json`, which its owner alone may read, and it has the
/// form of the vendor's tools. An access token lasts an hour; it is renewed for 30 days from the sign-in. The
/// server accepts each refresh token once, and ends the session if the same token is sent again. So the
/// session is renewed while a lock file beside it is held, and the new session is written before its token is
/// used. Programs that follow the same rules, such as `oh`, can share the session.
///
/// `oh` keeps refresh tokens in the system's keychain where there is one. This crate does not read the
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

    /// Sets where the base URL, the profile and the directory of sessions are looked up. The other values of
    /// the builder are not used.
    pub fn credentials(mut self, builder: CredentialsBuilder) -> Self {
        self.lookup = builder;
        self
    }

    /// Sets the base URL, whose host is signed in to. Default: that of [`Credentials`].
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.lookup = self.lookup.base_url(url);
        self
    }

    /// Sets the directory of the session files. Default: `~/.onehouse/sessions`. Programs that are to use the
    /// session need the same setting: [`CredentialsBuilder::sessions_directory`].
    pub fn sessions_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.lookup = self.lookup.sessions_directory(path);
        self
    }

    /// Sets the port of the listener on 127.0.0.1. Default: any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the time for the person to sign in. Default: 300 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Opens no browser. The callback is called once, with the address of the page on which the person signs
    /// in. It runs on the thread that waits, so it should return at once. The address is not secret, but good
    /// for this sign-in alone.
    pub fn no_browser(mut self, show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.browser = Browser::Callback(Arc::new(show));
        self
    }

    /// Sets a token with which another thread or task can cancel the sign-in.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Sets the time limit of one request to the server. Default: 20 s.
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

    /// Sets the proxy for requests to the server. Default: that of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
    /// and `NO_PROXY`.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// Returns the session of the host, whether or not anybody is signed in. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the home directory is not known or the credentials file has
    /// to be read and cannot be, and [`InvalidArgument`](ErrorKind::InvalidArgument) for a base URL that
    /// cannot be used.
    pub fn session(&self) -> Result<Session, Error> {
        let http = match &self.ca_file {
            Some(path) => self.http.clone().extra_ca_file(path)?,
            None => self.http.clone(),
        };
        Ok(Session { place: self.lookup.session_place()?, http, http_timeout: self.http_timeout })
    }

    /// Signs in: reads the server's metadata, opens the browser, waits for the person, exchanges the code and
    /// writes the session. Replaces an existing session.
    ///
    /// # Errors
    ///
    /// - those of [`session`](SignIn::session), and [`Credentials`](ErrorKind::Credentials) if the session
    ///   cannot be written or another program holds its lock for 30 s;
    /// - [`Authentication`](ErrorKind::Authentication): the person or the server has denied it, or the
    ///   response came from another server;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): nobody signed in in time;
    /// - [`Transport`](ErrorKind::Transport): the server was not reached, the port is in use, or no browser
    ///   could be opened;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse): the server's metadata name another issuer, or
    ///   something is missing in a response;
    /// - [`Cancelled`](ErrorKind::Cancelled).
    pub fn run(self) -> Result<Session, Error> {
        let (session, call) = self.start::<Blocking>()?;
        call.send()?;
        Ok(session)
    }

    /// Signs in as [`run`](SignIn::run) does, for asynchronous programs.
    ///
    /// # Errors
    ///
    /// As those of [`run`](SignIn::run).
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
    /// Returns the issuer of its tokens: scheme, host and port of the base URL.
    pub fn issuer(&self) -> &str {
        &self.place.issuer
    }

    /// Returns the path of its file.
    pub fn path(&self) -> &Path {
        self.place.file.path()
    }

    /// True if there is a session on this machine. Whether the server still accepts it, only a call shows.
    pub fn is_signed_in(&self) -> bool {
        self.place.file.read().is_ok()
    }

    /// Signs out: deletes the session on this machine, then has the server revoke it.
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
    /// the server is not reached or does not revoke the session, the result is [`SignedOut::Unconfirmed`],
    /// not an error.
    pub fn sign_out(&self) -> Result<SignedOut, Error> {
        self.call::<Blocking, _>(SignOut(self.place.clone()))?.timeout(REST).send()
    }

    /// Signs out as [`sign_out`](Session::sign_out) does, for asynchronous programs.
    ///
    /// # Errors
    ///
    /// As those of [`sign_out`](Session::sign_out).
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
