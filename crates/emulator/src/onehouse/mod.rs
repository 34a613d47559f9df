//! A local Onehouse: both endpoints, a real parser, state, and time.
//!
//! ```
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("curl {}/v1/resource/", emulator.url());
//! for (name, value) in emulator.identity().headers() {
//!     println!("  -H '{name}: {value}'");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//!
//! - `POST /v1/resource/` takes `{"statement": "…"}`, nothing else, and answers `{"requestId": "…"}`.
//!   `GET /v1/status/{id}` answers `{"apiStatus": "…", "apiResponse": …}`.
//! - All seven `x-onehouse-*` headers are needed and compared; or `Authorization: Bearer …` and the four of them that
//!   are neither key, secret nor user. Both key and token at once are refused.
//! - A statement is parsed by [`parse`]. What is not one is answered with HTTP 400, an empty body and the
//!   reason, percent-encoded, in the header `grpc-message`.
//! - A statement that was taken is an operation: pending for some polls or some time ([`Pending`]), then a success or
//!   a failure for good.
//! - Payloads are flat unless [`Shape`] says otherwise: SHOW gives an array of objects, DESCRIBE an object, the
//!   rest a small object that echoes the resource.
//! - All 62 statements of the helpers are kept, by the rules that the vendor's pages state: names, `CASCADE`, what
//!   depends on what, services that follow their flow, a token's secret that is shown once. So are the statements
//!   without a helper ([`ExtraCommand`]) as far as anything is known of them.
//! - A cluster is `STARTING` or `STOPPING` until the operation ends, or until it has been looked at as often as an
//!   operation is pending. A run of a job is queued, running and completed in three DESCRIBEs of it; where operations
//!   take time, it is queued until the one that started it ends, and runs for as long again.
//! - It misbehaves on demand: see [`faults`](super::faults). [`ledger`](Emulator::ledger) lists every statement that
//!   was taken, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! Paths under `/_emulator/` need no headers, count towards no limit, meet no fault, and are in no log:
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /_emulator/ledger` | all statements that were taken: `[{"request_id", "statement", "helper"}]` |
//! | `GET /_emulator/requests` | all requests: an array of objects with the fields of [`RequestRecord`] |
//! | `POST /_emulator/reset` | `{}`; everything is as it was at the start ([`reset`](Emulator::reset)) |
//! | `GET /_emulator/faults` | the [faults](crate::faults): an array of texts |
//! | `POST /_emulator/faults` | adds those in the body, a JSON array of texts: all of them, or with 400 none |
//! | `DELETE /_emulator/faults` | takes all faults away |
//!
//! Other methods are answered 405: what changes something is not a GET, because tools repeat those.
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - A statement takes effect when it is taken, in the order of arrival; only its result waits for the end of
//!   the operation.
//! - A statement that makes no sense whatever the state of things (an unknown type, a limit below zero) ends as
//!   `API_OPERATION_STATUS_INVALID`; one that the state forbids (a name that is taken, a thing that does not
//!   exist) ends as `API_OPERATION_STATUS_FAILED`. Both have the payload `{"error": CODE, "message": TEXT}`.
//! - All texts of errors after `Invalid sql query: `, and the header `grpc-status` beside `grpc-message`.
//! - HTTP 401 for a wrong API key, secret or token and for both at once, 403 for another wrong header, 404 for an unknown request id and
//!   after the last 65,536 operations also for an old one; 404 and 405 for other paths and methods.
//! - The fields of payloads beyond `name`, `type`, `state`, `max_ocu` and `min_ocu` of clusters, `secret` of
//!   tokens, `jobRunId`, `sparkJobRun.status`, `queryResultPath`, and ids of flows (`name:table_name`).
//! - A thing that something else uses cannot be deleted. Words of the grammar in any case; the same option twice
//!   in one `WITH` is refused.
//! - Clusters: the states beside `RUNNING`, one OCU where no limit is given, `0 <= MIN_OCU <= MAX_OCU`, the names
//!   `System` and `Connector` of the two that cannot be changed.
//! - Flows: `RUNNING` and `PAUSED`, the profile `BALANCED`, at least a minute between syncs, a table that an earlier
//!   flow has left may be taken up by another; `ADVANCED_CONFIGS` without options is refused.
//! - Services: `AUTOMATIC` unless told otherwise, a paused one is not run, runs are `RUNNING`, `COMPLETED` or
//!   `CANCELED`.
//! - Jobs: deleting one forgets its runs; at most 1000 runs are remembered; how fast a run gets on. The runs of a job
//!   that has `emulator.fail` among its parameters end as `SPARK_JOB_RUN_STATUS_FAILED`. Jars: one of `s3.path` and `gcs.path`.
//! - The secret of a token is in the result of its operation however often that is asked for, and nowhere else.

mod auth;
mod control;
mod extra;
mod journal;
mod lexer;
mod masked;
mod operations;
mod parser;
mod service;
mod state;
mod words;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, check_header_value};
use controlplane::onehouse::Credentials;

use super::faults::Fault;
use super::started::Started;

pub use crate::time::Pending;
pub use auth::Identity;
pub use extra::{ExtraCommand, Grant, Parsed, PolicyChange};
pub use journal::{RequestRecord, Taken};
pub use lexer::SyntaxError;
pub use parser::parse;
pub use service::Shape;

use crate::time::Clock;
use service::{Log, Service, Settings};

/// A running emulator. It stops when it is dropped.
pub struct Emulator {
    started: Started,
    service: Arc<Service>,
    credentials: Credentials,
}

impl Emulator {
    /// Starts one with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// [`Listen`](Error::Listen) if no local port is to be had.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// An emulator with other settings.
    pub fn builder() -> Builder {
        Builder { listen: "127.0.0.1:0".to_owned(), tls: false, settings: Settings::default() }
    }

    /// Its address as a base URL: `http://127.0.0.1:PORT`, or `https://localhost:PORT`. If it listens on all
    /// addresses, the one under which this machine reaches itself.
    pub fn url(&self) -> &str {
        self.credentials.base_url()
    }

    /// Credentials that it accepts, with its address as the base URL.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// assert_eq!(emulator.credentials().base_url(), emulator.url());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// The certificate of the authority that a client has to trust, as PEM; `None` without [`tls`](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.started.ca_pem.as_deref()
    }

    /// The values that the seven headers must have.
    pub fn identity(&self) -> &Identity {
        self.service.identity()
    }

    /// All requests to either endpoint or elsewhere, in the order in which they were answered; at most the last
    /// 65,536 or 64 MiB. Header values are not kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.answered()
    }

    /// All statements that were taken, in order; at most the last 65,536 or 64 MiB. A statement that was taken
    /// twice is here twice, whether the client heard of it or not.
    pub fn ledger(&self) -> Vec<Taken> {
        self.service.taken()
    }

    /// Everything as it was at the start: no statement was ever taken, no request seen, ids begin anew, and the faults
    /// are those of the [`Builder`], with their counts at zero. Open connections stay open, and the numbers of
    /// connections and requests go on.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    /// use controlplane::onehouse::Client;
    ///
    /// let emulator = Emulator::start()?;
    /// Client::new(emulator.credentials())?.show_lakes().submit()?;
    /// emulator.reset();
    /// assert!(emulator.ledger().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        self.service.start_anew();
    }

    /// Adds a fault, after those that it has. It counts the requests from now on.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    /// # use controlplane::{ErrorKind, onehouse::Client};
    ///
    /// let emulator = Emulator::start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// emulator.add_fault("submit: take-then-close".parse()?);
    /// let error = client.delete_lake("raw").send().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    /// assert_eq!(emulator.ledger().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_fault(&self, fault: Fault) {
        self.service.faults.add(fault);
    }

    /// Takes all faults away; what they have done is not undone.
    pub fn clear_faults(&self) {
        self.service.faults.clear();
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> u64 {
        self.started.server.connections()
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// Settings of an [`Emulator`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `.start()`"]
pub struct Builder {
    listen: String,
    tls: bool,
    settings: Settings,
}

impl Builder {
    /// Where to listen, as `host:port`. Default: a free port on the loopback address.
    ///
    /// Its credentials are no secret: other than loopback addresses make it reachable for everybody on the network.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Speaks TLS, with a certificate for `localhost`, `127.0.0.1`, `::1` and the host it listens on. Certificate and
    /// authority are made at start and forgotten at the end; a client has to be told to trust the authority.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    /// use controlplane::onehouse::Client;
    /// use controlplane::transport::{HttpConfig, UreqTransport};
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
        self.tls = true;
        self
    }

    /// How many times an operation answers that it is pending before it ends: [`Pending::polls`]. Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// How long an operation is pending: a number of polls, a time, or a time drawn from a range. Default: 1 poll.
    ///
    /// What a statement sets going keeps step with its operation: clusters and runs of services change when it ends,
    /// and with a time runs of jobs are queued until it ends and run for as long again.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.pending = pending;
        self
    }

    /// The clock by which operations end and requests are counted for the [`rate_limit`](Builder::rate_limit). It must
    /// not run backwards. Default: [`Instant::now`].
    ///
    /// With one of its own, a test goes through twenty minutes without waiting for them:
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::sync::Arc;
    /// use std::time::{Duration, Instant};
    /// use controlplane_emulator::onehouse::{Emulator, Pending};
    /// # use controlplane::onehouse::Client;
    ///
    /// let (start, minutes) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    /// let passed = minutes.clone();
    /// let emulator = Emulator::builder()
    ///     .pending(Pending::time(Duration::from_secs(20 * 60)))
    ///     .clock(move || start + Duration::from_secs(60 * passed.load(Ordering::SeqCst)))
    ///     .start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let id = client.show_lakes().submit()?.request_id;
    /// assert!(!client.get_status(&id).send()?.is_terminal());
    /// minutes.store(20, Ordering::SeqCst);
    /// assert!(client.get_status(&id).send()?.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock(Arc::new(now));
        self
    }

    /// How many requests a second are answered before HTTP 429 with `Retry-After`. Default: `None`, no limit;
    /// the real service has 10 for a project.
    pub fn rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.settings.rate_limit = per_second;
        self
    }

    /// Where ids of requests, runs and tokens and the chances of faults come from: the same seed gives the same ones
    /// in the same order.
    /// Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The shape of payloads. Default: [`Shape::Flat`].
    pub fn shape(mut self, shape: Shape) -> Self {
        self.settings.shape = shape;
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

    /// The values that the seven headers must have. Default: [`Identity::default`].
    pub fn identity(mut self, identity: Identity) -> Self {
        self.settings.identity = identity;
        self
    }

    /// Who hears of every request, as soon as its answer is settled and before it goes out; for a log. It is called
    /// from many threads. What it does not come back from holds up that one answer.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::builder()
    ///     .log(|request| eprintln!("{} {} {}", request.method, request.path, request.status))
    ///     .start()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log(mut self, log: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.settings.log = Some(Log(Arc::new(log)));
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    ///
    /// [`Listen`](Error::Listen) if it cannot listen on the address; [`Certificate`](Error::Certificate) if no
    /// certificate can be made for it;
    /// [`InvalidSetting`](Error::InvalidSetting) if a value of the [`identity`](Builder::identity) is empty or cannot
    /// stand in a header.
    pub fn start(self) -> Result<Emulator, Error> {
        let identity = self.settings.identity.clone();
        for (name, value) in identity.headers() {
            check_header_value(&format!("the value of {name}"), value)?;
        }
        let service = Arc::new(Service::new(self.settings));
        let handler: Arc<dyn super::server::Handler> = service.clone();
        let started = Started::new(&self.listen, self.tls, handler)?;
        let credentials = Credentials::builder()
            // Nothing of the process's own: all values are given.
            .env(std::iter::empty::<(String, String)>())
            .account_uid(identity.account_uid)
            .project_uid(identity.project_uid)
            .api_key(identity.api_key)
            .api_secret(identity.api_secret)
            .link_uid(identity.link_uid)
            .region(identity.region)
            .user_uid(identity.user_uid)
            .base_url(&*started.url)
            .build()
            .map_err(|e| Error::setting("starting an emulator", e.to_string()))?;
        Ok(Emulator { started, service, credentials })
    }
}

#[cfg(test)]
mod tests;
