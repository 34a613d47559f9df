//! A local H2O Workflows: login, workflows, runs that take their time, and log streams.
//!
//! ```
//! use controlplane_emulator::h2o_workflows::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("H2O_CLOUD_ENVIRONMENT={}", emulator.url());
//! println!("H2O_CLOUD_CLIENT_PLATFORM_TOKEN={}", emulator.refresh_token());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//!
//! - **Login.** The five discovery paths below `/.ai.h2o.cloud.discovery/v1/`, the metadata of an OpenID
//!   issuer at [`issuer_url`](Emulator::issuer_url), its token end point (the refresh grant, with rotation if
//!   [asked for](Builder::rotate_refresh_tokens)), `/version`. All addresses begin with the host that the
//!   client called.
//! - **The service** below `/v1/`: the 38 operations that the vendor's client makes into 41 methods. Names
//!   may have their slashes encoded or not. Errors are `google.rpc.Status`; without a bearer token that
//!   counts the answer is 401.
//! - **Runs** go from `STATE_QUEUED` over `STATE_RUNNING` to their end, with attempts, jobs and steps. The
//!   queue and each step take some looks or some time ([`Pending`]). Dependencies, matrices,
//!   `cancel_on_failure`, `continue_on_error`, concurrency groups, calls of other workflows, composite
//!   actions, cancelling and retrying follow the vendor's words.
//! - **Steps** run nothing. Of a script `echo` (with `$NAME` and `>&2`), `exit`, `true`, `false` and `sleep`
//!   are understood; all other commands say nothing and succeed. Nobody sleeps, but a `timeout` that is
//!   shorter than all `sleep` fails the step.
//! - **Logs** grow while a step runs, and are streamed until it ends.
//! - **YAML** is checked by what the vendor's pages say of it, with line, column and field of each problem.
//! - It misbehaves on demand: see [`faults`](super::faults). What changes something counts as `submit`; a
//!   description of a run, an attempt, a job or a step as `poll`; `operation-status=TEXT` and
//!   `back-to-pending` are about their `state`. As statement counts the name of the operation in the vendor's
//!   client, the resource and the body: `starts=get_run: status=503`, `starts=token: take-then-close`.
//!   `cut-body=N` cuts a log stream after N bytes.
//! - [`ledger`](Emulator::ledger) lists every change that was taken, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! Paths under `/_emulator/` need no token, count towards no limit, meet no fault, and are in no log:
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /_emulator/ledger` | what was taken: `[{"operation", "name"}]` |
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
//! - All texts of messages, and that `details` are empty. Other paths are 404 with code 5, other methods 501
//!   with code 12, as gateways of this kind have it. What exists already is 409 with code 6. Query parameters
//!   and body fields that are not known are refused.
//! - Tokens, ids, names of users (`users/emulator`), and the calendar: it begins with 2026. That a fixed
//!   access token is accepted too ([`access_token`](Emulator::access_token)), and that a refresh token
//!   without rotation can be used again.
//! - That create and update refuse YAML with problems (one of the vendor's pages says that they validate it):
//!   [`any_drafts`](Builder::any_drafts). A key that is not known is an error in a workflow, and a warning in
//!   an action, whose schema is not public. Limits: the nesting and size of YAML, 1,000 jobs, 256 instances of a matrix,
//!   10,000 of each kind.
//! - A new workflow is inactive. Only an active revision can be run (`FAILED_PRECONDITION`); the alias
//!   `active` is `NOT_FOUND` without one. The id of a workflow cannot be changed.
//! - How long things take, and that a description or a list counts as a look at each run in it, a log as one,
//!   and a stream that has nothing to say as one every 10 ms. A run that is cancelled stops one such time
//!   later.
//! - The lines of a log come evenly over the time of their step; one line of the log is one line of the
//!   stream, unless [`log_piece`](Builder::log_piece) says otherwise. Text of secret inputs is `***` in logs,
//!   `""` in a run. An offset beyond the log is `OUT_OF_RANGE`.
//! - The names of jobs in a matrix (`test[os:ubuntu]`, as the vendor shows them), that jobs of an attempt are
//!   listed in the reverse of their order in the YAML, that workflows, runners, actions and runs are listed
//!   in the order in which they were made, revisions of workflows the newest first. `-` as a parent needs no
//!   permission, and below it only `-` can stand.
//! - A runner or an action that is not there, a workflow that cannot be called or that calls ten deep: the
//!   job or step fails with `INTERNAL`. `uses` takes the newest revision of an action. A child that fails
//!   fails its job with `STEP_FAILED`.
//! - Schedules are checked, and start nothing: [`start_scheduled`](Emulator::start_scheduled) does. Outputs
//!   are always empty, and `STATE_PENDING` of a run never comes.

mod filter;
mod journal;
mod login;
mod names;
mod operate;
mod operation;
mod query;
mod refusal;
mod script;
mod service;
mod source;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, check_header_value};
use crate::faults::Fault;
use crate::server::lock;
use crate::started::Started;
use crate::time::Clock;
pub use crate::time::Pending;

pub use journal::{RequestRecord, Taken};

use service::{Log, Service, Settings};

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
    /// [`Listen`](Error::Listen) if no local port is to be had.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// An emulator with other settings.
    pub fn builder() -> Builder {
        Builder { listen: "127.0.0.1:0".to_owned(), settings: Settings::default() }
    }

    /// The address of it all: `http://127.0.0.1:PORT`, or `https://localhost:PORT`. It is the environment for
    /// a login by discovery, and the end point of the service. If it listens on all addresses, the one under
    /// which this machine reaches itself.
    pub fn url(&self) -> &str {
        &self.started.url
    }

    /// The issuer of its tokens.
    pub fn issuer_url(&self) -> String {
        format!("{}{}", self.url(), login::ISSUER)
    }

    /// The client whose refresh token this is: `hac-platform-public`, unless another was chosen.
    pub fn client_id(&self) -> &str {
        &self.service.settings.login.client_id
    }

    /// The refresh token that it accepts from the start, called the platform token by the vendor.
    pub fn refresh_token(&self) -> &str {
        &self.service.settings.login.refresh_token
    }

    /// An access token that it always accepts, for those who want no login.
    pub fn access_token(&self) -> &str {
        &self.service.settings.login.access_token
    }

    /// The certificate of the authority that a client has to trust, as PEM; `None` without
    /// [`tls`](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.started.ca_pem.as_deref()
    }

    /// All requests, in the order in which they were answered; at most the last 65,536 or 64 MiB. Headers and
    /// bodies are not kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.answered()
    }

    /// All changes that were taken, in order; at most the last 65,536 or 64 MiB. What was taken twice is here
    /// twice, whether the client heard of it or not. Tokens are not in it: see
    /// [`renewals`](Emulator::renewals).
    pub fn ledger(&self) -> Vec<Taken> {
        self.service.taken()
    }

    /// How often an access token was given out, whether the client heard of it or not.
    pub fn renewals(&self) -> u64 {
        lock(&self.service.world).tokens.renewals
    }

    /// Access tokens that were given out are refused from now on: the next request is answered with 401. The
    /// [fixed one](Emulator::access_token) still counts.
    pub fn revoke_access_tokens(&self) {
        lock(&self.service.world).tokens.revoke_access();
    }

    /// Refresh tokens are refused from now on, with `invalid_grant`.
    pub fn revoke_refresh_tokens(&self) {
        lock(&self.service.world).tokens.revoke_refresh();
    }

    /// The next time that the step at this position (from 1) of a job with this id begins, in whichever run,
    /// it will fail with this exit code. Asked for twice, it does so twice.
    pub fn fail_next(&self, job_id: &str, position: usize, exit_code: i32) {
        lock(&self.service.world).state.fail_next(job_id, position, exit_code);
    }

    /// Starts a run as the schedule of an active workflow would: the name of the run, or `None` if there is
    /// no such workflow (`workspace`, `workflow`: their ids), it has no schedule, or one of its inputs is
    /// required.
    pub fn start_scheduled(&self, workspace: &str, workflow: &str) -> Option<String> {
        let now = self.service.settings.clock.now();
        let mut world = lock(&self.service.world);
        world.state.settle(now);
        world.state.start_scheduled(&[workspace.to_owned(), workflow.to_owned()], now).ok()
    }

    /// Everything as it was at the start: nothing was ever made, no token given out, no request seen, the
    /// calendar begins again, and the faults are those of the [`Builder`], with their counts at zero. Open
    /// connections stay open, and the numbers of connections and requests go on.
    pub fn reset(&self) {
        self.service.start_anew();
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
    settings: Settings,
}

impl Builder {
    /// Where to listen, as `host:port`. Default: a free port on the loopback address.
    ///
    /// Its tokens are no secret: other than loopback addresses make it reachable for everybody on the
    /// network.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Speaks TLS, with a certificate for `localhost`, `127.0.0.1`, `::1` and the host it listens on.
    /// Certificate and authority are made at start and forgotten at the end; a client has to be told to trust
    /// the authority.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.settings.tls = true;
        self
    }

    /// The access token that it always accepts. Default: `emulator-access-token`.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.settings.login.access_token = token.into();
        self
    }

    /// The refresh token that it accepts from the start. Default: `emulator-refresh-token`.
    pub fn refresh_token(mut self, token: impl Into<String>) -> Self {
        self.settings.login.refresh_token = token.into();
        self
    }

    /// The client that refresh tokens belong to. Default: `hac-platform-public`.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.settings.login.client_id = id.into();
        self
    }

    /// The secret that the client has to send. Default: `None`, any or none will do.
    pub fn client_secret(mut self, secret: Option<String>) -> Self {
        self.settings.login.client_secret = secret;
        self
    }

    /// How long an access token counts; the answer has it in whole seconds. Default: 300 s.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.settings.login.expires_in = time;
        self
    }

    /// The answer of the token end point does not say how long the token counts. Default: it does.
    pub fn omit_expires_in(mut self) -> Self {
        self.settings.login.tells_expiry = false;
        self
    }

    /// Every renewal gives a new refresh token, and takes the one it was done with away: that is
    /// `invalid_grant` from then on. Default: refresh tokens stay.
    pub fn rotate_refresh_tokens(mut self) -> Self {
        self.settings.login.rotates = true;
        self
    }

    /// How many looks at a run find it in the queue, and each of its steps running: [`Pending::polls`].
    /// Default: 1.
    pub fn pending_polls(self, polls: u32) -> Self {
        self.pending(Pending::polls(polls))
    }

    /// How long a run is in the queue, and each of its steps takes: a number of looks, a time, or a time
    /// drawn from a range. Default: 1 look.
    pub fn pending(mut self, pending: Pending) -> Self {
        self.settings.rules.pending = pending;
        self
    }

    /// Create and update take any YAML that has an id, as a draft; what is wrong with it comes out when it is
    /// activated or published. Default: they refuse it.
    pub fn any_drafts(mut self) -> Self {
        self.settings.rules.any_drafts = true;
        self
    }

    /// Each line of a log stream has so many bytes of the log, whether that splits a line or a character of
    /// it or not (0 counts as 1). Default: `None`, one line of the log each.
    pub fn log_piece(mut self, bytes: Option<usize>) -> Self {
        self.settings.log_piece = bytes.map(|bytes| bytes.max(1));
        self
    }

    /// The clock by which things end, tokens expire and requests are counted for the
    /// [`rate_limit`](Builder::rate_limit). It must not run backwards. Its time at the start is
    /// 2026-01-01T00:00:00Z. Default: [`Instant::now`].
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.settings.clock = Clock(Arc::new(now));
        self
    }

    /// How many requests a second the service answers before HTTP 429 with `Retry-After`. Default: `None`, no
    /// limit; that of the real service is not documented.
    pub fn rate_limit(mut self, per_second: Option<u32>) -> Self {
        self.settings.rate_limit = per_second;
        self
    }

    /// Where ids, tokens, page tokens and the chances of faults come from: the same seed gives the same ones.
    /// Default: 0.
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

    /// Who hears of every request, as soon as its answer is settled and before it goes out; for a log. It is
    /// called from many threads. What it does not come back from holds up that one answer.
    pub fn log(mut self, log: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.settings.log = Some(Log(Arc::new(log)));
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    ///
    /// [`Listen`](Error::Listen) if it cannot listen on the address; [`Certificate`](Error::Certificate) if no
    /// certificate can be made for it; [`InvalidSetting`](Error::InvalidSetting) if a token is empty or cannot
    /// stand in a header.
    pub fn start(self) -> Result<Emulator, Error> {
        let login = &self.settings.login;
        for token in [&login.access_token, &login.refresh_token] {
            check_header_value("one of its tokens", token)?;
        }
        let tls = self.settings.tls;
        let service = Arc::new(Service::new(self.settings));
        let started = Started::new(&self.listen, tls, service.clone())?;
        Ok(Emulator { started, service })
    }
}
