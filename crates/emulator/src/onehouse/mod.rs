//! An emulator of the SQL API of Onehouse, for tests: it parses statements, keeps the state that they change,
//! and lets operations take time.
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
//! - `POST /v1/resource/` submits a statement: the body is `{"statement": "…"}` without other fields, and the
//!   response `{"requestId": "…"}`. `GET /v1/status/{id}` polls it: the response is
//!   `{"apiStatus": "…", "apiResponse": …}`.
//! - A request needs the right values in either all seven `x-onehouse-*` headers (see [`Identity`]), or in
//!   `Authorization: Bearer …` and the four `x-onehouse-*` headers of account, project, link and region. A
//!   request with both a key and a token is refused.
//! - Statements are parsed by [`parse`]. A text that is not a statement is answered with HTTP 400, an empty
//!   body and the reason, percent-encoded, in the header `grpc-message`.
//! - An accepted statement is an operation. It is pending for some polls or some time ([`Pending`]), and then
//!   has succeeded or failed for good.
//! - The payload of a response is flat unless [`Shape`] says otherwise: an array of objects for SHOW, an
//!   object for DESCRIBE, and for other statements a small object that names the resource.
//! - The statements of all 62 helpers of the vendor's Python SDK are carried out by the rules that the
//!   vendor's pages state: for names, for `CASCADE`, for resources that depend on others, for table services
//!   that follow their flow, and for the secret of a token, which only the result of its creation shows.
//!   Statements without a helper ([`ExtraCommand`]) are carried out as far as their behaviour is known.
//! - A cluster is `STARTING` or `STOPPING` until the operation that changes it ends. Where operations are
//!   pending for a number of polls, it is so at most until this number of statements has shown the cluster. A
//!   run of a job is queued in the first `DESCRIBE JOB_RUN`, running in the second and completed in the
//!   third; where operations take time, it is queued until the operation that started it ends, and then runs
//!   for the same time.
//! - The emulator is an authorization server for sign-ins, for the vendor's command `oh login` and for
//!   `SignIn` of the crate `controlplane`: it has metadata (RFC 8414), an authorization page with one button,
//!   codes with PKCE, refresh tokens that can be exchanged once, and revocation. A refresh token that is
//!   presented a second time ends its session. Sessions last 30 days, access tokens an hour
//!   ([`expires_in`](Builder::expires_in)). With [`auto_approve`](Builder::auto_approve) nobody has to press
//!   the button.
//! - It injects errors on demand: see [`faults`](crate::faults). A `POST` to `/v1/resource/` counts as
//!   `submit`, a `GET` of a status as `poll`. [`ledger`](Emulator::ledger) lists every accepted statement,
//!   whether the client received the response or not.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"request_id", "statement", "helper"}`.
//!
//! # What is the emulator's own
//!
//! No source shows how the real Onehouse behaves in these points. Do not rely on them:
//!
//! - A statement takes effect when it is accepted, in the order of arrival; only its result waits for the end
//!   of the operation.
//! - A statement that is wrong in any state (an unknown type, a limit below zero) ends as
//!   `API_OPERATION_STATUS_INVALID`. A statement that the present state forbids (a name that is taken, a
//!   resource that does not exist) ends as `API_OPERATION_STATUS_FAILED`. Both have the payload
//!   `{"error": CODE, "message": TEXT}`.
//! - Sign-ins: the paths of all endpoints except the metadata's, the authorization page, the form of codes
//!   and tokens, the descriptions beside the error codes of OAuth, and the minute for which a code is valid.
//!   If the page's form is sent with `decision=deny`, the sign-in is denied. Everybody signs in as the same
//!   user, who may do everything in the emulator's own account. Tokens of sign-ins are not valid in the
//!   spaces of other accounts.
//! - All texts of errors after `Invalid sql query: `, and the header `grpc-status` beside `grpc-message`.
//! - HTTP 401 for a wrong API key, API secret or token, and for a request with both key and token; 403 for
//!   another wrong header; 404 for an unknown request id, and for all but the last 65,536 operations; 404 for
//!   other paths, and 405 for other methods.
//! - The fields of payloads, except `name`, `type`, `state`, `max_ocu` and `min_ocu` of clusters, `secret` of
//!   tokens, `jobRunId`, `sparkJobRun.status`, `queryResultPath`, and the ids of flows (`name:table_name`).
//! - A resource that another one uses cannot be deleted. Keywords may be written in any case. The same option
//!   twice in one `WITH` is refused.
//! - Clusters: their states except `RUNNING`; one compute unit (OCU) where no limit is given; the rule
//!   `0 <= MIN_OCU <= MAX_OCU`; the names `System` and `Connector` of the two clusters that every project has
//!   and that cannot be changed.
//! - Flows: the states `RUNNING` and `PAUSED`; the default profile `BALANCED`; at least a minute between
//!   syncs; a table whose flow was deleted may be written by another flow; `ADVANCED_CONFIGS` without options
//!   is refused.
//! - Table services: the default trigger mode is `AUTOMATIC`; a paused service cannot be run; runs are
//!   `RUNNING`, `COMPLETED` or `CANCELED`.
//! - Jobs: deleting a job removes its runs; at most 1000 runs of a job are kept; how fast a run proceeds. The
//!   runs of a job that has `emulator.fail` among its parameters end as `SPARK_JOB_RUN_STATUS_FAILED`.
//! - Jars: exactly one of the options `s3.path` and `gcs.path` is required.
//! - The secret of a token is in the result of the operation that created it, however often the result is
//!   polled, and nowhere else.

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

/// A running emulator of Onehouse. It stops when it is dropped.
pub type Emulator = crate::Emulator<Onehouse>;

/// Builds an [`Emulator`] of Onehouse: its settings, and its start.
pub type Builder = crate::Builder<Onehouse>;

impl Emulator {
    /// Invalidates all access tokens that sign-ins have issued: requests with them are answered with 401.
    /// Sessions continue, so refresh tokens can still be exchanged.
    pub fn expire_access_tokens(&self) {
        lock(&self.instance.service.sign_ins).expire_access_tokens();
    }

    /// Ends all sessions of sign-ins: their refresh tokens are rejected with `invalid_grant`. Access tokens
    /// stay valid until they expire.
    pub fn revoke_sessions(&self) {
        lock(&self.instance.service.sign_ins).revoke_sessions();
    }

    /// Returns credentials that the emulator accepts, with its address as the base URL.
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

    /// Returns the values that the emulator accepts in the `x-onehouse-*` headers, and its fixed bearer
    /// token.
    pub fn identity(&self) -> &Identity {
        &self.instance.options.identity
    }
}

impl Builder {
    /// Sets the values that the emulator accepts in the `x-onehouse-*` headers, and its fixed bearer token.
    /// Default: [`Identity::default`].
    pub fn identity(mut self, identity: Identity) -> Self {
        self.options.identity = identity;
        self
    }

    /// Sets the lifetime of the access tokens that sign-ins issue. The field `expires_in` of the token
    /// response has it in whole seconds. Default: an hour.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.options.sign_in.expires_in = time;
        self
    }

    /// Approves every sign-in without the button on the authorization page. Default: the button has to be
    /// pressed.
    pub fn auto_approve(mut self) -> Self {
        self.options.sign_in.auto_approve = true;
        self
    }

    /// Sets the shape of the payloads in `apiResponse`. Default: [`Shape::Flat`].
    pub fn shape(mut self, shape: Shape) -> Self {
        self.options.shape = shape;
        self
    }
}
