//! The settings of a client, whichever its service.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::blocking::driver::Clock;
use crate::engine::{Budget, PollPolicy, RetryPolicy, Settings};
use crate::error::Error;
#[cfg(feature = "async")]
use crate::transport::AsyncTransport;
use crate::transport::{HttpConfig, Proxy, Transport};

#[cfg(feature = "async")]
use super::Async;
use super::clock::AnyClock;
use super::mode::Mode;
use super::{Blocking, Core, Platform, Shared};

/// A builder for a client and its settings. Each service has an alias of this type, such as
/// `onehouse::ClientBuilder`, with a method for the credentials.
///
/// [`docs::timeouts`](crate::docs::timeouts) lists the default time limits and intervals of each service.
#[derive(Debug)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder<S: Platform, M> {
    pub(crate) setup: S::Setup,
    settings: Settings,
    rate_limit: Option<u32>,
    ca_file: Option<PathBuf>,
    http: HttpConfig,
    transport: Option<M>,
    clock: AnyClock,
}

impl<S: Platform, M> ClientBuilder<S, M> {
    pub(crate) fn new() -> Self {
        Self {
            setup: S::Setup::default(),
            settings: S::settings(),
            rate_limit: S::REQUESTS_PER_SECOND,
            ca_file: None,
            http: HttpConfig::default(),
            transport: None,
            clock: AnyClock::default(),
        }
    }

    /// Sets the time limit of a whole call: submit, retries, waits and requests in flight. A call can have
    /// its own: see [`Call::timeout`](super::Call::timeout). Default: that of the service in
    /// [`docs::timeouts`](crate::docs::timeouts).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        (self.settings.timeout, self.settings.has_own_timeout) = (timeout, true);
        self
    }

    /// Sets the time limit of one HTTP request, response body included. Default: that of the service in
    /// [`docs::timeouts`](crate::docs::timeouts).
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.settings.http_timeout = timeout;
        self
    }

    /// Sets the time limit of connecting, TLS included. Default: 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// Sets the first interval between two polls; later ones grow by the factor of the policy, up to its
    /// longest interval, or up to this one if it is longer. Less than 10 ms counts as 10 ms. Default: that of
    /// the service in [`docs::timeouts`](crate::docs::timeouts).
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = self.settings.poll.clone().beginning_with(interval);
        self
    }

    /// Sets the intervals between two polls: the first, their growth and the longest. Default: those of the
    /// service in [`docs::timeouts`](crate::docs::timeouts).
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.settings.poll = policy;
        self
    }

    /// Sets how often and after which delays a failed request is sent again. Default: 3 retries. The first
    /// delay is 0.5 s, each is twice the one before, at most 8 s, and up to half of it is added or taken away
    /// at random.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets the largest number of requests in a second, submits and polls together, of this client and all
    /// its clones. 0 counts as 1. Default: 10 for Onehouse, which is the service's own limit for a project;
    /// no limit for the other services.
    ///
    /// If a poll or a call of a batch gets a 429, others use the service's limit too: the client then slows
    /// down below its own limit, and tries to speed up again later.
    pub fn rate_limit(mut self, per_second: u32) -> Self {
        self.rate_limit = Some(per_second);
        self
    }

    /// Removes the rate limit of the client. The server's limit remains: beyond it, the server responds with
    /// 429.
    pub fn no_rate_limit(mut self) -> Self {
        self.rate_limit = None;
        self
    }

    /// Sets a PEM file with certificate authorities that are trusted in addition to the
    /// [default ones](crate::docs::networks), for a company's proxy or a server with its own CA.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Sets whether the server's certificate is verified. Default: true.
    ///
    /// **Dangerous with `false`**: any certificate is accepted then, so anyone between you and the server can
    /// read your secrets and respond as the server. Use it only for a test server on your own machine; to
    /// trust a CA, use [`ca_file`](ClientBuilder::ca_file).
    pub fn verify_tls(mut self, verify: bool) -> Self {
        self.http.verify_tls = verify;
        self
    }

    /// Sets the proxy. Default: that of the variables `https_proxy`, `http_proxy`, `all_proxy` and
    /// `no_proxy`, or of the same names in capitals: see [`docs::networks`](crate::docs::networks).
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// Sets the `User-Agent` of all requests but those to presigned URLs (Hotdata's uploads), which have
    /// none. Default: `controlplane/<version>`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.http.user_agent = user_agent.into();
        self
    }
}

impl<S: Platform, M: Mode> ClientBuilder<S, M> {
    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](crate::ErrorKind::Credentials) if credentials are missing or cannot be read,
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an address, a `User-Agent` or a proxy URL
    /// that cannot be used, and for a CA file, `SSL_CERT_FILE` or `SSL_CERT_DIR` that cannot be read or has
    /// no certificate.
    pub fn build(self) -> Result<S::Client<M>, Error> {
        let core = Core {
            protocol: Some(Arc::new(S::protocol(self.setup)?)),
            settings: self.settings,
            budget: Arc::new(match self.rate_limit {
                Some(limit) => Budget::per_second(limit),
                None => Budget::unlimited(),
            }),
            clock: self.clock,
        };
        let mode = match self.transport {
            Some(mode) => mode,
            None => M::connect(&match &self.ca_file {
                Some(path) => self.http.extra_ca_file(path)?,
                None => self.http,
            })?,
        };
        Ok(S::client(Shared::new(core, mode)))
    }
}

impl<S: Platform> ClientBuilder<S, Blocking> {
    /// Sets a custom transport, which sends the requests: to record or replay them, or to use another HTTP
    /// library. The settings about connections, proxies and TLS, and the `User-Agent`, do not apply to it. An
    /// `Arc` or a `Box` of a transport is a transport too:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use controlplane::http::{Headers, Request, Response};
    /// use controlplane::transport::{SendError, Transport};
    /// use controlplane::{ErrorKind, onehouse::Client};
    ///
    /// /// Refuses everything.
    /// struct Refusing;
    ///
    /// impl Transport for Refusing {
    ///     fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
    ///         Ok(Response::new(403, Headers::new(), ""))
    ///     }
    /// }
    ///
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// let shared: Arc<dyn Transport> = Arc::new(Refusing);
    /// let client = Client::builder()
    ///     .credentials(emulator.credentials())
    ///     .transport(shared.clone())
    ///     .build()?;
    /// assert_eq!(client.show_lakes().send().unwrap_err().kind(), ErrorKind::PermissionDenied);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Blocking::new(transport));
        self
    }

    /// Sets a custom clock, for tests in which time passes only when something waits. With a custom clock, a
    /// batch uses one thread. Default: the clock of the system.
    ///
    /// ```
    /// use std::sync::Mutex;
    /// use std::time::{Duration, Instant, SystemTime};
    /// use controlplane_emulator::onehouse::{Emulator, Pending};
    /// use controlplane::{Clock, onehouse::Client};
    ///
    /// /// A clock whose `sleep` moves the time forward and does not wait.
    /// struct Leaping(Mutex<Instant>);
    ///
    /// impl Clock for Leaping {
    ///     fn now(&self) -> Instant {
    ///         *self.0.lock().unwrap()
    ///     }
    ///     fn wall(&self) -> SystemTime {
    ///         SystemTime::now()
    ///     }
    ///     fn sleep(&self, time: Duration) {
    ///         *self.0.lock().unwrap() += time;
    ///     }
    /// }
    ///
    /// let emulator = Emulator::builder().pending(Pending::polls(100)).start()?;
    /// let client = Client::builder()
    ///     .credentials(emulator.credentials())
    ///     .clock(Leaping(Mutex::new(Instant::now())))
    ///     .timeout(Duration::from_secs(3600))
    ///     .build()?;
    /// // A hundred polls, up to ten seconds apart.
    /// client.show_lakes().send()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = AnyClock::new(clock);
        self
    }
}

#[cfg(feature = "async")]
impl<S: Platform> ClientBuilder<S, Async> {
    /// Sets a custom transport, which sends the requests: to record or replay them, or to use another HTTP
    /// library. The settings about connections, proxies and TLS, and the `User-Agent`, do not apply to it.
    pub fn transport(mut self, transport: impl AsyncTransport + 'static) -> Self {
        self.transport = Some(Async::new(transport));
        self
    }
}
