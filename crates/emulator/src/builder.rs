//! The settings of an emulator, and its start.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use crate::clock::Clock;
use crate::control::access;
use crate::cors;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::faults::Fault;
use crate::instance::Instance;
use crate::journal::RequestRecord;
#[cfg(feature = "tls")]
use crate::server::Tls;
use crate::server::{Layer, Plain, Server};
use crate::service::Service;
use crate::settings::{Initial, Log, Settings};
use crate::spaces::Spaces;
use crate::text::shown;
use crate::time::Pending;

/// Builds an [`Emulator`]: the settings that all services have, and [`start`](Builder::start).
///
/// Each service's module has an alias for it, such as `onehouse::Builder`, and adds the settings of its
/// service.
#[must_use = "a builder does nothing until `.start()`"]
pub struct Builder<S: Service> {
    settings: Settings,
    pub(crate) options: S::Options,
}

impl<S: Service> Builder<S> {
    pub(crate) fn new() -> Self {
        Self { settings: Settings::default(), options: S::Options::default() }
    }

    /// Sets the address to listen on, as `host:port`. Default: `127.0.0.1:0`, a free port on the loopback
    /// address. With `localhost` the emulator listens on `127.0.0.1` and `[::1]`, on the same port: some
    /// clients connect to the second only.
    ///
    /// The default credentials of an emulator are public. An emulator that listens on an address other than a
    /// loopback address can be reached and used by everybody on the network.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.settings.listen = address.into();
        self
    }

    /// Allows requests to the [paths under `/_emulator/`](crate#for-tests-in-other-languages) whose `Host`
    /// header has this name, for example the name of a container. May be called more than once. Always
    /// allowed are `localhost`, names that end in `.localhost`, every IP address, and the host of
    /// [`listen`](Builder::listen). Default: no other name.
    ///
    /// Requests with another name are answered with 403, because a web page could reach the emulator under a
    /// name of its own that resolves to a loopback address (DNS rebinding).
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder().allow_host("onehouse-emulator").start()?;
    /// # Ok::<(), controlplane_emulator::Error>(())
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.settings.allowed_hosts.push(name.into());
        self
    }

    /// Allows web pages of this origin, for example `http://localhost:5173`, to call the service from a
    /// browser (CORS). May be called more than once. Default: no origin is allowed, so browsers hide the
    /// emulator's responses from web pages.
    ///
    /// Preflight requests of allowed pages are answered with 204; they are not affected by faults, do not
    /// count towards the rate limit, and are not recorded. Responses name the exact origin, never `*`.
    /// Cookies are not allowed, because no service uses them. The paths under `/_emulator/` stay closed to
    /// all pages but the emulator's own.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder().cors("http://localhost:5173").start()?;
    /// # Ok::<(), controlplane_emulator::Error>(())
    /// ```
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        self.settings.origins.push(origin.into());
        self
    }

    /// Accepts any credentials and keeps a separate state, a "space", for each of them, so that tests which
    /// run in parallel can share one emulator. Default: only the emulator's own credentials are accepted.
    ///
    /// A space belongs to an account and project of Onehouse, to an API key of EloqCloud or Hotdata, or to a
    /// refresh token or fixed access token of H2O Workflows. It is created by the first request with these
    /// credentials, and has its own ids, ledger, faults and rate limit. There are at most 10,000 spaces; then
    /// further credentials are rejected.
    ///
    /// The [paths under `/_emulator/`](crate#for-tests-in-other-languages) take the name of a space as
    /// `?space=NAME`; `/_emulator/spaces` lists the names. The methods of [`Emulator`] that read or change a
    /// state, a ledger or faults apply to the space of the emulator's own credentials.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, Credentials};
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder().accept_any_credentials().start()?;
    /// let client = |project: &str| {
    ///     let credentials = Credentials::builder().env(emulator.variables()).project_uid(project);
    ///     Client::new(credentials.build()?)
    /// };
    /// client("a")?.create_service_principal("ci").send()?;
    /// assert_eq!(client("a")?.show_service_principals().send()?.rows().len(), 1);
    /// assert_eq!(client("b")?.show_service_principals().send()?.rows().len(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accept_any_credentials(mut self) -> Self {
        self.settings.accepts_any = true;
        self
    }

    /// Serves HTTPS, with a certificate for `localhost`, `127.0.0.1`, `::1` and the host of
    /// [`listen`](Builder::listen). The certificate and its certificate authority are made at the start, and
    /// their keys stay in memory; clients have to trust [`ca_pem`](Emulator::ca_pem). Default: HTTP without
    /// TLS.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    /// use controlplane::transport::{HttpConfig, UreqTransport};
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder().tls().start()?;
    /// let mut http = HttpConfig::default();
    /// http.extra_ca_pem = emulator.ca_pem().map(Into::into);
    /// let client = Client::builder()
    ///     .credentials(emulator.credentials())
    ///     .transport(UreqTransport::new(&http)?)
    ///     .build()?;
    /// client.show_lakes().submit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.settings.tls = true;
        self
    }

    /// Sets how many polls report work as pending before it ends, as [`Pending::polls`] does. Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// Sets how long work is pending: for a number of polls, for a time, or for a time drawn from a range.
    /// Default: 1 poll. The module of each service says what counts as work and as a poll.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.pending = pending;
        self
    }

    /// Sets the clock by which work ends, tokens expire, and requests are counted for the
    /// [`rate_limit`](Builder::rate_limit). It must not run backwards. Default: [`Instant::now`].
    ///
    /// With its own clock, a test can let twenty minutes pass without waiting:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::{Duration, Instant};
    ///
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::Pending;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let (start, minutes) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    /// let passed = minutes.clone();
    /// let emulator = Emulator::builder()
    ///     .pending(Pending::time(Duration::from_secs(20 * 60)))
    ///     .clock(move || start + Duration::from_secs(60 * passed.load(Ordering::SeqCst)))
    ///     .start()?;
    /// let client = Client::new(emulator.credentials())?;
    /// let id = client.show_lakes().submit()?.request_id;
    /// assert!(!client.get_status(&id).send()?.is_terminal());
    /// minutes.store(20, Ordering::SeqCst);
    /// assert!(client.get_status(&id).send()?.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock::new(now);
        self
    }

    /// Sets the rate limit: requests beyond this number in any one second are answered with HTTP 429 and
    /// `Retry-After: 1`. Default: `None`, no limit. Onehouse allows 10 for each project; the limits of the
    /// other services are not documented.
    pub fn rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.settings.rate_limit = per_second;
        self
    }

    /// Sets the seed from which ids, tokens, passwords, drawn durations and the choices of faults with a
    /// probability follow: the same seed gives the same values in the same order. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Sets the plan or the state, as JSON, with which the emulator begins, also after a reset. Both forms
    /// are described in the [crate's documentation](crate#what-an-emulator-begins-with). Faults in a state
    /// are ignored here; those of this builder apply. Default: the emulator begins empty.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let plan = r#"[{"create_service_principal": {"name": "ci"}}, "CREATE SERVICE_PRINCIPAL nightly"]"#;
    /// let emulator = Emulator::builder().initial(plan).start()?;
    /// let client = Client::new(emulator.credentials())?;
    /// assert_eq!(client.show_service_principals().send()?.rows().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn initial(mut self, json: impl AsRef<str>) -> Self {
        self.settings.initial = Some(Initial(json.as_ref().into()));
        self
    }

    /// Adds a fault: an error that the emulator injects, and the conditions for it. See
    /// [`faults`](crate::faults). May be called more than once. Default: no fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.settings.faults.push(fault);
        self
    }

    /// Adds faults after those that the builder already has, in this order. See [`faults`](crate::faults).
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.settings.faults.extend(faults);
        self
    }

    /// Sets a callback for a log: it is called for every request, when the response is known and not yet
    /// sent. It is called from many threads, and delays the response of its own request. Requests to paths
    /// under `/_emulator/` are not logged. Default: no callback.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder()
    ///     .log(|request| eprintln!("{} {} {}", request.method, request.path, request.status))
    ///     .start()?;
    /// # Ok::<(), controlplane_emulator::Error>(())
    /// ```
    pub fn log(mut self, log: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.settings.log = Some(Log(Arc::new(log)));
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    ///
    /// - [`Listen`](Error::Listen) if the emulator cannot listen on the address.
    /// - [`Certificate`](Error::Certificate) if no TLS certificate can be made for the address.
    /// - [`InvalidSetting`](Error::InvalidSetting) if a key, a token or another value that clients have to
    ///   send is empty or cannot be sent in a header, if a value of [`cors`](Builder::cors) is not an origin,
    ///   or if steps of H2O Workflows are to run in a shell and the machine has none.
    /// - [`InvalidState`](Error::InvalidState) if the [`initial`](Builder::initial) plan cannot be carried
    ///   out, or the initial state cannot be restored.
    pub fn start(self) -> Result<Emulator<S>, Error> {
        let Self { mut settings, options } = self;
        S::check(&options)?;
        for origin in &settings.origins {
            cors::check(origin).map_err(|why| {
                Error::setting(format!("starting an emulator for pages of `{}`", shown(origin)), why)
            })?;
        }
        // Builders are cloned; each emulator has a clock of its own.
        settings.clock = settings.clock.separate();
        settings.allowed_hosts.push(access::name(&settings.listen).to_owned());
        let (listen, is_tls) = (settings.listen.clone(), settings.tls);
        let layer: Arc<dyn Layer> = Arc::new(Plain);
        #[cfg(feature = "tls")]
        let (layer, ca_pem): (Arc<dyn Layer>, _) = match is_tls {
            false => (layer, None),
            true => {
                let tls = Tls::new(&listen)
                    .map_err(|source| Error::Certificate { address: shown(&listen), source })?;
                let ca_pem = tls.ca_pem().to_owned();
                (Arc::new(tls), Some(ca_pem))
            }
        };
        let instance = Arc::new(Instance::<S>::new(settings, options));
        instance.begin().map_err(|why| Error::state("filling an emulator at its start", why))?;
        let spaces = Arc::new(Spaces::new(Arc::clone(&instance)));
        let server = Server::start(listen.as_str(), spaces.clone(), layer)
            .map_err(|source| Error::Listen { address: shown(&listen), source })?;
        let root = match (is_tls, server.address()) {
            // A name, as real services have.
            (true, address) if address.ip() == Ipv4Addr::LOCALHOST => {
                format!("https://localhost:{}", address.port())
            }
            (true, address) => format!("https://{address}"),
            (false, address) => format!("http://{address}"),
        };
        let url = S::base_url(&root);
        let _ = instance.url.set(url.clone());
        let access = S::access(&instance.options, &url)?;
        Ok(Emulator {
            server,
            url,
            #[cfg(feature = "tls")]
            ca_pem,
            access,
            instance,
            spaces,
        })
    }
}

impl<S: Service> Clone for Builder<S> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), options: self.options.clone() }
    }
}

impl<S: Service> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).field("options", &self.options).finish()
    }
}
