//! A local Hotdata.
//!
//! ```
//! use controlplane::emulator::hotdata::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("HOTDATA_API_URL={}", emulator.url());
//! println!("HOTDATA_API_KEY={}", emulator.api_key());
//! println!("HOTDATA_WORKSPACE={}", emulator.workspace_id());
//! # Ok::<(), controlplane::Error>(())
//! ```

mod analysis;
mod answers;
mod call;
mod common;
mod engine;
mod fields;
#[allow(dead_code)]
mod formats;
mod journal;
mod operate;
mod operation;
mod pages;
mod refusal;
mod service;
mod settings;
#[allow(dead_code)]
mod sql;
mod state;
#[allow(dead_code)]
mod storage;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::emulator::faults::Fault;
use crate::emulator::started::Started;
use crate::emulator::time::Clock;
pub use crate::emulator::time::Pending;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

pub use journal::{RequestRecord, Taken};
pub use refusal::ErrorShape;

use service::Service;
use settings::{Log, Settings};

/// A running emulator. It stops when it is dropped.
pub struct Emulator {
    started: Started,
    service: Arc<Service>,
}

impl Emulator {
    /// Starts one with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// [`Transport`](ErrorKind::Transport) if no local port is to be had.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// An emulator with other settings.
    pub fn builder() -> Builder {
        Builder { listen: "127.0.0.1:0".to_owned(), tls: false, settings: Settings::default() }
    }

    /// The base URL of its API: `http://127.0.0.1:PORT`, or `https://localhost:PORT`; paths begin with `/v1/`. If it
    /// listens on all addresses, the one under which this machine reaches itself. The storage is at the same address, below
    /// `/storage/`.
    pub fn url(&self) -> &str {
        &self.started.url
    }

    /// The key that it accepts.
    pub fn api_key(&self) -> &str {
        &self.service.settings.api_key
    }

    /// The workspace that is there from the start.
    pub fn workspace_id(&self) -> &str {
        &self.service.settings.workspace_id
    }

    /// The certificate of the authority that a client has to trust, as PEM; `None` without [`tls`](Builder::tls).
    #[cfg(feature = "emulator-tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.started.ca_pem.as_deref()
    }

    /// All requests, in the order in which they were answered; at most the last 65,536 or 64 MiB. Headers and bodies are
    /// not kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.answered()
    }

    /// All that was changed or set going, in order; at most the last 65,536 or 64 MiB. What was taken twice is here
    /// twice, whether the client heard of it or not.
    ///
    /// ```
    /// use controlplane::emulator::hotdata::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// assert!(emulator.ledger().is_empty());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn ledger(&self) -> Vec<Taken> {
        self.service.taken()
    }

    /// Everything as it was at the start: nothing was ever made, no request seen, the calendar begins again, and faults
    /// and settings are those of the [`Builder`], with their counts at zero. Open connections stay open, and the
    /// numbers of connections and requests go on.
    pub fn reset(&self) {
        self.service.start_anew();
    }

    /// Changes a setting while it runs, by a text as in [`Builder::set`].
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if it is none.
    pub fn set(&self, text: &str) -> Result<(), Error> {
        self.service.set(text).map_err(|why| Error::invalid("changing a setting of an emulator", why))
    }

    /// Adds a fault, after those that it has. It counts the requests from now on.
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
    #[cfg(feature = "emulator-tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The key that it accepts. Default: `hd_emulator_key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = key.into();
        self
    }

    /// The workspace that is there from the start. Default: `ws_emulator`.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.settings.workspace_id = id.into();
        self
    }

    /// How many looks find work not done: jobs, query runs that were asked for with `async`, batches, new workspaces:
    /// [`Pending::polls`]. Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// How long work takes that is done in the background: a number of looks, a time, or a time drawn from a range.
    /// Default: 1 look.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.pending = pending;
        self
    }

    /// The clock by which things end and requests are counted for the [`rate_limit`](Builder::rate_limit). It must not run
    /// backwards. Its time at the start is 2026-01-01T00:00:00Z. Default: [`Instant::now`].
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

    /// Where ids, durations and the chances of faults come from: the same seed gives the same ones. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// How the bodies of errors are written. Default: [`ErrorShape::Coded`].
    pub fn error_shape(mut self, shape: ErrorShape) -> Self {
        self.settings.behaviour.errors = shape;
        self
    }

    /// A workspace that is not there is answered with 403. Default: with 404.
    pub fn unknown_workspace_as_403(mut self) -> Self {
        self.settings.behaviour.unknown_workspace = 403;
        self
    }

    /// Whether it has the operations that the vendor's client had in its earlier versions: files, secrets, datasets and
    /// others. Default: no, they are 404.
    pub fn older_surface(mut self, has: bool) -> Self {
        self.settings.behaviour.older_surface = has;
        self
    }

    /// How many rows of a result come with the answer to a query; if there are more it is `truncated`, and the rest is had
    /// by its `result_id`. Default: `None`, all.
    pub fn preview_rows(mut self, rows: Option<u64>) -> Self {
        self.settings.behaviour.preview_rows = rows;
        self
    }

    /// How long the result of a query is still being saved after the query was answered; a look at the result or at the
    /// run counts. Default: not at all.
    pub fn result_pending(mut self, pending: Pending) -> Self {
        self.settings.behaviour.result_pending = pending;
        self
    }

    /// Sets one of the settings by a text `name=value`:
    ///
    /// | Text | What it does |
    /// |---|---|
    /// | `errors=coded`, `uncoded`, `word`, `page` | [`error_shape`](Builder::error_shape) |
    /// | `unknown-workspace=404` or `403` | [`unknown_workspace_as_403`](Builder::unknown_workspace_as_403) |
    /// | `older-surface=on` or `off` | [`older_surface`](Builder::older_surface) |
    /// | `presign=on` or `off` | off: uploads are answered with 501 `PRESIGN_UNSUPPORTED` |
    /// | `preview-rows=N` or `off` | [`preview_rows`](Builder::preview_rows) |
    /// | `result-pending=N` or a time | [`result_pending`](Builder::result_pending) |
    /// | `accept-queries=on` or `off` | on: every query is answered with 202, whether it asked for that or not |
    /// | `unsaved-results=on` or `off` | on: results cannot be saved: no `result_id`; 503 `PERSISTENCE_UNAVAILABLE` if truncated |
    /// | `fail-results=TEXT` or `off` | results end as failed, with this text |
    /// | `run-status=WORD` or `off` | query runs that would have succeeded end so: `interrupted`, `cancelled` |
    /// | `job-status=WORD` or `off` | jobs that would have succeeded end so: `failed`, `partially_succeeded` |
    /// | `locked-loads=N` | the next N loads find their table locked: 409 `RESOURCE_LOCKED`, `Retry-After: 5` |
    /// | `json-limit=BYTES` | results that are larger as JSON are 413 `RESULT_TOO_LARGE`; default 64 MiB |
    /// | `min-part=BYTES` | the smallest part of an upload but the last; default 5 MiB |
    /// | `single-up-to=BYTES` | larger uploads are in parts; default 8 MiB |
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if it is none of these.
    pub fn set(mut self, text: &str) -> Result<Self, Error> {
        let set = self.settings.behaviour.set(text);
        set.map_err(|why| Error::invalid("choosing a setting of an emulator", why))?;
        Ok(self)
    }

    /// Adds a fault: what goes wrong, and when. See [`faults`](crate::emulator::faults). Default: none.
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
    /// [`Transport`](ErrorKind::Transport) if it cannot listen on the address; [`Tls`](ErrorKind::Tls) if no
    /// certificate can be made for it; [`Credentials`](ErrorKind::Credentials) if the key is empty or cannot stand in a
    /// header.
    pub fn start(self) -> Result<Emulator, Error> {
        let key = &self.settings.api_key;
        if key.is_empty() || key.trim().len() != key.len() || key.chars().any(char::is_control) {
            return Err(Error::new(
                crate::error::ErrorKind::Credentials,
                "starting an emulator",
                "its API key is empty or cannot stand in a header",
            ));
        }
        let service = Arc::new(Service::new(self.settings));
        let started = Started::new(&self.listen, self.tls, service.clone())?;
        Ok(Emulator { started, service })
    }
}
