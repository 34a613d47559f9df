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

/// Settings of a client. Each service has this type under a name of its own, as `onehouse::ClientBuilder`, with
/// methods for whose account it is.
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

    /// How long a whole call may take. Default: 60 s. See [`Call::timeout`](super::Call::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How long one HTTP request may take, body included. Default: 30 s.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.settings.http_timeout = timeout;
        self
    }

    /// How long connecting may take, TLS included. Default: 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// The first interval between two polls at an operation. Default: 1 s, or what the service says. See
    /// [`Call::poll_interval`](super::Call::poll_interval).
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = PollPolicy::every(interval);
        self
    }

    /// All about the intervals between two polls. Default: 1 s × 1.5, at most 10 s, or what the service says.
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.settings.poll = policy;
        self
    }

    /// How often and after how long a request that failed is sent again. Default: 3 times, 0.5 s × 2, at most 8 s.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Requests in a second, submits and polls together, of this client and all its clones. Default: the service's
    /// own limit, if one is known (Onehouse: 10 for a project). 0 counts as 1.
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
}

impl<S: Platform, M: Mode> ClientBuilder<S, M> {
    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](crate::ErrorKind::Credentials) if credentials are missing or cannot be read,
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an address that cannot be used,
    /// [`Tls`](crate::ErrorKind::Tls) if the CA file cannot be read, and
    /// [`Transport`](crate::ErrorKind::Transport) for a proxy variable that cannot be used.
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
    /// Sets a custom transport: to record, to replay, to use another HTTP library. The settings about connections and TLS
    /// do not apply to it.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Blocking::new(transport));
        self
    }

    /// Sets a custom clock, for tests in which time passes only when something waits. Batches use one thread with it.
    ///
    /// ```
    /// use std::sync::Mutex;
    /// use std::time::{Duration, Instant, SystemTime};
    /// use controlplane_emulator::onehouse::{Emulator, Pending};
    /// use controlplane::{Clock, onehouse::Client};
    ///
    /// /// Waits by moving its hands.
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
    /// // A hundred polls, ten seconds apart.
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
    /// Sets a custom transport: to record, to replay, to use another HTTP library. The settings about connections and TLS
    /// do not apply to it.
    pub fn transport(mut self, transport: impl AsyncTransport + 'static) -> Self {
        self.transport = Some(Async::new(transport));
        self
    }
}
