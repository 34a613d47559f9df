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
//! - All seven `x-onehouse-*` headers are needed and compared; or `Authorization: Bearer …` and the four of
//!   them that are neither key, secret nor user. Both key and token at once are refused.
//! - A statement is parsed by [`parse`]. What is not one is answered with HTTP 400, an empty body and the
//!   reason, percent-encoded, in the header `grpc-message`.
//! - A statement that was taken is an operation: pending for some polls or some time ([`Pending`]), then a
//!   success or a failure for good.
//! - Payloads are flat unless [`Shape`] says otherwise: SHOW gives an array of objects, DESCRIBE an object,
//!   the rest a small object that echoes the resource.
//! - All 62 statements of the helpers are kept, by the rules that the vendor's pages state: names, `CASCADE`,
//!   what depends on what, services that follow their flow, a token's secret that is shown once. So are the
//!   statements without a helper ([`ExtraCommand`]) as far as anything is known of them.
//! - A cluster is `STARTING` or `STOPPING` until the operation ends, or until it has been looked at as often
//!   as an operation is pending. A run of a job is queued, running and completed in three DESCRIBEs of it;
//!   where operations take time, it is queued until the one that started it ends, and runs for as long again.
//! - It is an authorization server for sign-ins, as `oh login` and the client's `SignIn` need one: metadata
//!   (RFC 8414), an authorization page with one button, codes with PKCE, refresh tokens that are exchanged
//!   once, and revocation. Whoever presents a used refresh token ends the session. Sessions last 30 days,
//!   access tokens an hour ([`expires_in`](Builder::expires_in)). [`auto_approve`](Builder::auto_approve)
//!   makes the button unnecessary.
//! - It misbehaves on demand: see [`faults`](crate::faults). [`ledger`](Emulator::ledger) lists every
//!   statement that was taken, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"request_id", "statement", "helper"}`.
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - A statement takes effect when it is taken, in the order of arrival; only its result waits for the end of
//!   the operation.
//! - A statement that makes no sense whatever the state of things (an unknown type, a limit below zero) ends
//!   as `API_OPERATION_STATUS_INVALID`; one that the state forbids (a name that is taken, a thing that does
//!   not exist) ends as `API_OPERATION_STATUS_FAILED`. Both have the payload
//!   `{"error": CODE, "message": TEXT}`.
//! - Sign-ins: the paths of all endpoints but the metadata's, the page, the form of codes and tokens, the
//!   texts beside the codes of OAuth, a minute for a code. With `decision=deny` in the form of the page the
//!   sign-in is denied. Every sign-in is that of one user, who may do everything in the emulator's own
//!   account; the spaces of other accounts know no sign-ins.
//! - All texts of errors after `Invalid sql query: `, and the header `grpc-status` beside `grpc-message`.
//! - HTTP 401 for a wrong API key, secret or token and for both at once, 403 for another wrong header, 404
//!   for an unknown request id and after the last 65,536 operations also for an old one; 404 and 405 for
//!   other paths and methods.
//! - The fields of payloads beyond `name`, `type`, `state`, `max_ocu` and `min_ocu` of clusters, `secret` of
//!   tokens, `jobRunId`, `sparkJobRun.status`, `queryResultPath`, and ids of flows (`name:table_name`).
//! - A thing that something else uses cannot be deleted. Words of the grammar in any case; the same option
//!   twice in one `WITH` is refused.
//! - Clusters: the states beside `RUNNING`, one OCU where no limit is given, `0 <= MIN_OCU <= MAX_OCU`, the
//!   names `System` and `Connector` of the two that cannot be changed.
//! - Flows: `RUNNING` and `PAUSED`, the profile `BALANCED`, at least a minute between syncs, a table that an
//!   earlier flow has left may be taken up by another; `ADVANCED_CONFIGS` without options is refused.
//! - Services: `AUTOMATIC` unless told otherwise, a paused one is not run, runs are `RUNNING`, `COMPLETED` or
//!   `CANCELED`.
//! - Jobs: deleting one forgets its runs; at most 1000 runs are remembered; how fast a run gets on. The runs
//!   of a job that has `emulator.fail` among its parameters end as `SPARK_JOB_RUN_STATUS_FAILED`. Jars: one
//!   of `s3.path` and `gcs.path`.
//! - The secret of a token is in the result of its operation however often that is asked for, and nowhere
//!   else.

mod auth;
mod extra;
mod helpers;
mod journal;
mod lexer;
mod masked;
mod operations;
mod parser;
mod plan;
mod service;
mod sign_in;
mod state;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

use controlplane::onehouse::Credentials;

use crate::server::lock;

pub use crate::journal::RequestRecord;
pub use crate::time::Pending;
pub use auth::Identity;
pub use extra::{ExtraCommand, Grant, Parsed, PolicyChange};
pub use journal::{Statement, Taken};
pub use lexer::SyntaxError;
pub use parser::parse;
pub use service::{Onehouse, Shape};

/// A running emulator of Onehouse.
pub type Emulator = crate::Emulator<Onehouse>;

/// Settings of an [`Emulator`].
pub type Builder = crate::Builder<Onehouse>;

impl Emulator {
    /// Ends all access tokens that sign-ins have returned. Sessions go on.
    pub fn expire_access_tokens(&self) {
        lock(&self.instance.service.sign_ins).expire_access_tokens();
    }

    /// Ends all sessions. Access tokens stay valid until they expire.
    pub fn revoke_sessions(&self) {
        lock(&self.instance.service.sign_ins).revoke_sessions();
    }

    /// Credentials that it accepts, with its address as the base URL.
    ///
    /// ```
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// assert_eq!(emulator.credentials().base_url(), emulator.url());
    /// # Ok::<(), controlplane_emulator::Error>(())
    /// ```
    pub fn credentials(&self) -> Credentials {
        self.access.clone()
    }

    /// The values that the seven headers must have.
    pub fn identity(&self) -> &Identity {
        &self.instance.options.identity
    }
}

impl Builder {
    /// Sets the values that the seven headers must have. Default: [`Identity::default`].
    pub fn identity(mut self, identity: Identity) -> Self {
        self.options.identity = identity;
        self
    }

    /// Sets how long an access token of a sign-in is valid; the answer has it in whole seconds. Default: an
    /// hour.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.options.sign_in.expires_in = time;
        self
    }

    /// Approves every sign-in without the button. Default: somebody has to press it.
    pub fn auto_approve(mut self) -> Self {
        self.options.sign_in.auto_approve = true;
        self
    }

    /// Sets the shape of payloads. Default: [`Shape::Flat`].
    pub fn shape(mut self, shape: Shape) -> Self {
        self.options.shape = shape;
        self
    }
}
