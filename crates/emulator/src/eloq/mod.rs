//! A local EloqCloud: its six endpoints, clusters that come and go, and time.
//!
//! ```
//! use controlplane_emulator::eloq::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("curl -H 'Authorization: {}' {}org-info", emulator.api_key(), emulator.url());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//!
//! | Request, below `/api/v1/` | Answer |
//! |---|---|
//! | `GET org-info` | the user, the organization 1 and its projects 147 (`p1`) and 205 (`p2`) |
//! | `GET orgs/{org}/projects/{project}/clusters` | a page of clusters; `page` from 1, `perPage` from 1 to 50 |
//! | `POST orgs/{org}/projects/{project}/clusters` | a new cluster: `clusterName`, `region`, `skuId`, perhaps `requiredZone` |
//! | `GET orgs/{org}/projects/{project}/clusters/{name}` | a cluster |
//! | `DELETE orgs/{org}/projects/{project}/clusters/{name}/delete` | its deletion, if it is `available` |
//! | `GET skus-by-args` | the SKUs of a `type`, an `eloqModule` and a `cloudProvider` |
//!
//! - Every answer is `{"code", "message", "data"}`: `code` 0 for what reads, 200 for what changes something, the HTTP
//!   status in every failure.
//! - `Authorization` is the bare key; with `Bearer` before it too, as an earlier version of the vendor's client had it. Any
//!   other is a 401.
//! - A new cluster is `provisioning` and has no address; after some looks or some time ([`Pending`]) it is `available`,
//!   or `idle` if it is serverless and [`becomes_idle`](Builder::becomes_idle) was asked for.
//! - Three clusters at most, as in the free plan ([`cluster_limit`](Builder::cluster_limit)).
//! - It misbehaves on demand: see [`faults`](super::faults). Create and delete count as `submit` and their bodies as
//!   statements, a description of a cluster as `poll`; `operation-status=TEXT` and `back-to-pending` are about a
//!   cluster's status. [`ledger`](Emulator::ledger) lists every creation and deletion that was taken, whatever became of the
//!   answer.
//!
//! # For tests in other languages
//!
//! Paths under `/_emulator/` need no key, count towards no limit, meet no fault, and are in no log:
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /_emulator/ledger` | what was taken: `[{"change", "project_id", "cluster_name", …}]` |
//! | `GET /_emulator/requests` | all requests: an array of objects with the fields of [`RequestRecord`] |
//! | `POST /_emulator/reset` | `{}`; everything is as it was at the start ([`reset`](Emulator::reset)) |
//! | `GET /_emulator/faults` | the [faults](crate::faults): an array of texts |
//! | `POST /_emulator/faults` | adds those in the body, a JSON array of texts: all of them, or with 400 none |
//! | `DELETE /_emulator/faults` | takes all faults away |
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - All texts of messages beside `success` and the empty one, and which status each failure has where the vendor's
//!   pages say nothing: 400 for a name that is taken and an unknown SKU, 403 for another organization or project and above
//!   the limit, 404 for other paths, 405 for other methods. A cluster that is not there is a 404 as in the vendor's client;
//!   its HTTP page says 403: [`missing_as_403`](Builder::missing_as_403).
//! - How long things take, that a list counts as a look at each cluster in it, and the order of a list: as they were
//!   made.
//! - The status `deleting` between the deletion and the end of a cluster. That an `idle` cluster cannot be deleted
//!   follows from the vendor's words, and is not shown.
//! - Any name that is not empty is good, and any region; a body with a key that is not known is refused, and so is a list
//!   without `page` or `perPage`. Without a zone a cluster is in the region's `a`.
//! - The SKUs, their numbers and sizes; the organization, its user, its projects; addresses, passwords (by the seed), and
//!   the times at which clusters were made.
//! - At most 10,000 clusters, whatever the limit.

mod journal;
mod service;
mod skus;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, check_header_value};
use crate::faults::Fault;
use crate::started::Started;
use crate::time::Clock;
pub use crate::time::Pending;

pub use journal::{Change, RequestRecord, Taken};

use service::{BASE, Log, Service, Settings};

/// A running emulator. It stops when it is dropped.
pub struct Emulator {
    started: Started,
    service: Arc<Service>,
    url: String,
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

    /// The base URL of its API: `http://127.0.0.1:PORT/api/v1/`, or `https://localhost:PORT/api/v1/`. If it listens on all
    /// addresses, the one under which this machine reaches itself. What is under `/_emulator/` is at the same host and
    /// port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key that it accepts.
    pub fn api_key(&self) -> &str {
        self.service.api_key()
    }

    /// The certificate of the authority that a client has to trust, as PEM; `None` without [`tls`](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.started.ca_pem.as_deref()
    }

    /// All requests, in the order in which they were answered; at most the last 65,536 or 64 MiB. Headers and bodies are
    /// not kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.answered()
    }

    /// All creations and deletions that were taken, in order; at most the last 65,536 or 64 MiB. What was taken twice is
    /// here twice, whether the client heard of it or not.
    ///
    /// ```
    /// use controlplane_emulator::eloq::{Change, Emulator};
    /// # use controlplane::eloq::Client;
    ///
    /// let emulator = Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// assert!(matches!(emulator.ledger()[0].change, Change::Create { sku_id: 3, .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ledger(&self) -> Vec<Taken> {
        self.service.taken()
    }

    /// Gives the clusters of this name this status, whatever it is, for good or until they are deleted. False if there is no
    /// such cluster.
    ///
    /// ```
    /// use controlplane_emulator::eloq::Emulator;
    /// # use controlplane::{ErrorKind, eloq::Client};
    ///
    /// let emulator = Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// assert!(emulator.set_status("c1", "provision_failed"));
    /// let error = client.wait_until_usable("c1").send().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OperationFailed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_status(&self, cluster_name: &str, status: &str) -> bool {
        self.service.set_status(cluster_name, status)
    }

    /// Everything as it was at the start: no cluster was ever made, no request seen, and the faults are those of the
    /// [`Builder`], with their counts at zero. Open connections stay open, and the numbers of connections and requests go
    /// on.
    pub fn reset(&self) {
        self.service.start_anew();
    }

    /// Adds a fault, after those that it has. It counts the requests from now on.
    ///
    /// ```
    /// use controlplane_emulator::eloq::Emulator;
    /// # use controlplane::{ErrorKind, eloq::Client};
    ///
    /// let emulator = Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// emulator.add_fault("submit: take-then-close".parse()?);
    /// let error = client.cluster_create("c1", "us-west-1", 3).send().unwrap_err();
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
    /// Its key is no secret: other than loopback addresses make it reachable for everybody on the network.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Speaks TLS, with a certificate for `localhost`, `127.0.0.1`, `::1` and the host it listens on. Certificate and
    /// authority are made at start and forgotten at the end; a client has to be told to trust the authority.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The key that it accepts. Default: `emulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = key.into();
        self
    }

    /// How many looks at a new cluster find it `provisioning`, and at a deleted one find it still there:
    /// [`Pending::polls`]. Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// How long a new cluster is `provisioning`, and a deleted one still there: a number of looks, a time, or a time drawn
    /// from a range. Default: 1 look.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.pending = pending;
        self
    }

    /// The same for deleted clusters alone. Default: as for new ones.
    pub fn deleting(mut self, pending: Pending) -> Self {
        self.settings.deleting = Some(pending);
        self
    }

    /// Serverless clusters end as `idle` and not as `available`. Default: no.
    pub fn becomes_idle(mut self) -> Self {
        self.settings.rules.becomes_idle = true;
        self
    }

    /// A cluster that is not there is answered with 403 "permission denied or cluster not found", as the vendor's HTTP page
    /// says. Default: with 404, as the vendor's client expects.
    pub fn missing_as_403(mut self) -> Self {
        self.settings.rules.missing_status = 403;
        self
    }

    /// How many clusters there may be. Default: `Some(3)`, the free plan's limit.
    pub fn cluster_limit(mut self, limit: Option<u32>) -> Self {
        self.settings.rules.limit = limit;
        self
    }

    /// The clock by which things end and requests are counted for the [`rate_limit`](Builder::rate_limit). It must not run
    /// backwards. Default: [`Instant::now`].
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock(Arc::new(now));
        self
    }

    /// How many requests a second are answered before HTTP 429 with `Retry-After`. Default: `None`, no limit; that of the
    /// real service is not documented.
    pub fn rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.settings.rate_limit = per_second;
        self
    }

    /// Where passwords, times and the chances of faults come from: the same seed gives the same ones. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.rules.seed = seed;
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

    /// Who hears of every request, as soon as its answer is settled and before it goes out; for a log. It is called
    /// from many threads. What it does not come back from holds up that one answer.
    pub fn log(mut self, log: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.settings.log = Some(Log(Arc::new(log)));
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    ///
    /// [`Listen`](Error::Listen) if it cannot listen on the address; [`Certificate`](Error::Certificate) if no
    /// certificate can be made for it; [`InvalidSetting`](Error::InvalidSetting) if the key is empty or cannot stand in a
    /// header.
    pub fn start(self) -> Result<Emulator, Error> {
        check_header_value("its API key", &self.settings.api_key)?;
        let service = Arc::new(Service::new(self.settings));
        let started = Started::new(&self.listen, self.tls, service.clone())?;
        let url = format!("{}{BASE}", started.url);
        Ok(Emulator { started, service, url })
    }
}
