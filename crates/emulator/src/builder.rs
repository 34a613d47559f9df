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

/// Settings of an [`Emulator`].
///
/// Each service's module has an alias for it and adds the settings of that service.
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
    /// The credentials of an emulator are public. On any other than a loopback address it is reachable for
    /// everybody on the network.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.settings.listen = address.into();
        self
    }

    /// Allows requests to `/_emulator/` whose `Host` header has this name, for clients that reach the
    /// emulator under it: the name of a container, say. May be called more than once. Default: `localhost`,
    /// every IP address, and the host of [`listen`](Builder::listen).
    ///
    /// Other names are refused, because a web page could reach the emulator under a name of its own that
    /// resolves to a loopback address (DNS rebinding).
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

    /// Allows web pages of this origin to call the service from a browser (CORS): `http://localhost:5173`,
    /// say. May be called more than once. Default: none; browsers then show pages no response.
    ///
    /// Preflight requests of such pages are answered with 204; they meet no fault and no limit, and are not
    /// recorded. Responses name the exact origin, never `*`. Cookies are not allowed: no service has any. The
    /// paths under `/_emulator/` stay closed to all pages but the emulator's own.
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

    /// Accepts any credentials, each with a state of its own: tests that run in parallel share one emulator,
    /// and none sees what another one does. Default: only the emulator's own credentials are accepted.
    ///
    /// A state belongs to an account and project of Onehouse, to an API key of EloqCloud or Hotdata, and to a
    /// refresh token or a fixed access token of H2O Workflows. It begins with the first request, and has its
    /// own ids, ledger, faults and rate limit. The paths under `/_emulator/` take its name as `?space=NAME`;
    /// `/_emulator/spaces` lists the names.
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

    /// Speaks TLS, with a certificate for `localhost`, `127.0.0.1`, `::1` and the host of the address. The
    /// certificate and its authority are made at the start and never written to a file; clients have to trust
    /// [`ca_pem`](Emulator::ca_pem).
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

    /// Sets how many times work is reported as pending before it ends: [`Pending::polls`]. Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// Sets how long work is pending: for a number of polls, for a time, or for a time drawn from a range.
    /// Default: 1 poll. The module of each service says what is work there.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.pending = pending;
        self
    }

    /// Sets the clock by which work ends, tokens expire, and requests are counted for the
    /// [`rate_limit`](Builder::rate_limit). It must not run backwards. Default: [`Instant::now`].
    ///
    /// With a clock of its own, a test passes twenty minutes without waiting for them:
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

    /// Sets how many requests per second are answered before HTTP 429 with `Retry-After`. Default: `None`, no
    /// limit. Onehouse has 10 for each project; the limits of the other services are not documented.
    pub fn rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.settings.rate_limit = per_second;
        self
    }

    /// Sets the seed of ids, tokens, passwords, drawn durations and the probability of faults: the same seed
    /// gives the same values in the same order. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Sets what the emulator begins with, and begins with again after a reset: a plan or a state, as JSON.
    /// See the [crate](crate#what-an-emulator-begins-with). Default: nothing.
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

    /// Adds a fault: what goes wrong, and when. See [`faults`](crate::faults). Default: none.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.settings.faults.push(fault);
        self
    }

    /// Adds faults, in this order.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.settings.faults.extend(faults);
        self
    }

    /// Sets a callback for every request, called when its answer is known and before it is sent; for a log.
    /// It is called from many threads, and each call delays that one answer.
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
    /// [`Listen`](Error::Listen) if it cannot listen on the address; [`Certificate`](Error::Certificate) if
    /// no certificate can be made for it; [`InvalidSetting`](Error::InvalidSetting) if a key or token that
    /// clients have to send is empty or cannot be sent in a header, or an origin is none;
    /// [`InvalidState`](Error::InvalidState) if it cannot begin with its [`initial`](Builder::initial) plan
    /// or state.
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
