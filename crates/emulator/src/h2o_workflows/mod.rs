//! An emulator of H2O Workflows, for tests: login, workflows, runs that take time, and log streams.
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
//! - **Login.** The emulator has the five discovery paths below `/.ai.h2o.cloud.discovery/v1/`, the metadata
//!   of an OpenID issuer at [`issuer_url`](Emulator::issuer_url), the issuer's token endpoint (the refresh
//!   grant, with rotation if [`rotate_refresh_tokens`](Builder::rotate_refresh_tokens) is set), and
//!   `/version`. All addresses in responses begin with the host that the client called.
//! - **The service** below `/v1/` has the 38 operations on which the 41 methods of the vendor's client are
//!   built. Slashes in names may be encoded or not. Errors are `google.rpc.Status`. A request without a valid
//!   bearer token is answered with 401.
//! - **Runs** go from `STATE_QUEUED` over `STATE_RUNNING` to their end, with attempts, jobs and steps. The
//!   queue and each step take some polls or some time ([`Pending`]). Dependencies, matrices,
//!   `cancel_on_failure`, `continue_on_error`, concurrency groups, calls of other workflows, composite
//!   actions, canceling and retrying follow the vendor's pages.
//! - **Steps** start no process, unless [`run_steps`](Builder::run_steps) allows it. A small interpreter does
//!   what a shell with `-e` would do. It knows `echo`, `printf`, `true`, `false`, `:`, `exit`, `sleep`,
//!   `export`, `unset`, `set` with `-e`, `-u` and `-o pipefail`, assignments, `;`, `&&`, `||`, subshells,
//!   quotes, `$NAME`, `$?`, `>&2` and `>/dev/null`. A step with anything else fails, and its log names what
//!   the interpreter does not know. `sleep` does not wait; but if all `sleep` of a step together exceed its
//!   `timeout`, the step fails.
//! - **Logs** grow while a step runs, and are streamed until it ends.
//! - **YAML** is checked by the rules on the vendor's pages. Each problem has its line, column and field.
//! - **Faults**, errors that a test injects, are described in [`faults`](crate::faults). Requests that change
//!   something count as `submit`, and descriptions of a run, an attempt, a job or a step as `poll`;
//!   `operation-status=TEXT` and `back-to-pending` change the `state` in the response. The statement of a
//!   request is the name of the operation in the vendor's client, the resource and the body, so that
//!   `starts=get_run: status=503` or `starts=token: take-then-close` selects an operation. `cut-body=N` cuts
//!   a log stream after N bytes.
//! - **The ledger**, [`ledger`](Emulator::ledger), lists every accepted change, whether the client received
//!   the response or not.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"operation", "name"}`.
//!
//! # What is the emulator's own
//!
//! No source shows how the real H2O Workflows behaves in these points. Do not rely on them:
//!
//! - All texts of messages, and that `details` are empty. Other paths, verbs and methods are answered with
//!   404 and code 5, but other methods of `/version`, discovery, the issuer's metadata and the token endpoint
//!   with 501 and code 12. Creating a resource that exists is answered with 409 and code 6. Unknown query
//!   parameters and body fields are refused.
//! - Tokens, ids, the name of the user (`users/emulator`), and dates, which begin with 2026. That a fixed
//!   access token is accepted too ([`access_token`](Emulator::access_token)), and that without rotation a
//!   refresh token can be used again.
//! - Create and update refuse YAML with problems, because one of the vendor's pages says that they validate
//!   it; [`any_drafts`](Builder::any_drafts) changes this. An unknown key is an error in a workflow. It is a
//!   warning in an action, because the schema of actions is not public. There are limits: 50 levels and
//!   50,000 parts of a YAML document, 1,000 jobs, 256 instances of a matrix, and 10,000 resources of each
//!   kind.
//! - A new workflow is inactive. Only an active revision can be run, else the response is
//!   `FAILED_PRECONDITION`; the alias `active` is `NOT_FOUND` without an active revision. The id of a
//!   workflow cannot be changed.
//! - How long the queue and steps take. A description or a list counts as a poll of each run that it shows, a
//!   request for a log as a poll of its run, and a log stream without new lines as one poll every 10 ms. A
//!   run that is canceled while it runs stops after as many polls, or as much time, as a step takes; a queued
//!   run stops at once.
//! - The lines of a log come evenly over the time of their step. One line of the log is one line of the
//!   stream, unless [`log_piece`](Builder::log_piece) is set. Values of secret inputs are shown as `***` in
//!   logs and as `""` in a run. An offset beyond the log is `OUT_OF_RANGE`.
//! - The names of jobs in a matrix (`test[os:ubuntu]`, as the vendor shows them). Jobs of an attempt are
//!   listed in the reverse of their order in the YAML; workflows, runners, actions and runs in the order in
//!   which they were created; revisions of workflows with the newest first. A parent may be `-`, which means
//!   all parents; then every part of the name after it has to be `-` too.
//! - A job or step fails with `INTERNAL` if its runner or action does not exist, if the workflow that it
//!   calls cannot be called, or if workflows call one another more than ten deep. `uses` takes the newest
//!   revision of an action. If the run of a called workflow fails, the calling job fails with `STEP_FAILED`.
//! - Scripts end at the first command that fails, as with `bash -e`; the vendor says only that scripts run in
//!   bash. A script with something that the interpreter does not know fails with exit code 126 and
//!   `INTERNAL`. The interpreter ignores `working_dir`, because it has no directory. Steps with `upload` or
//!   `download` move no files, say so in their log, and succeed. With [`run_steps`](Builder::run_steps),
//!   where scripts have real files and directories, a step with `working_dir`, `upload` or `download` fails
//!   with `INTERNAL`. `with` is an error in a step without `uses`.
//! - With [`run_steps`](Builder::run_steps): everything that its documentation says.
//! - Schedules are checked, but start no run; [`start_scheduled`](Emulator::start_scheduled) starts one.
//!   Outputs are always empty, and a run is never `STATE_PENDING`.

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

use std::time::Duration;

pub use crate::journal::RequestRecord;
use crate::server::lock;
pub use crate::time::Pending;
pub use journal::Taken;
pub use service::H2oWorkflows;

/// A running emulator of H2O Workflows. It stops when it is dropped.
///
/// Its [`url`](crate::Emulator::url) is both the environment for a login by discovery
/// (`H2O_CLOUD_ENVIRONMENT`) and the endpoint of the service.
pub type Emulator = crate::Emulator<H2oWorkflows>;

/// Builds an [`Emulator`] of H2O Workflows: its settings, and its start.
pub type Builder = crate::Builder<H2oWorkflows>;

impl Emulator {
    /// Returns the URL of the OpenID issuer whose tokens the emulator accepts.
    pub fn issuer_url(&self) -> String {
        format!("{}{}", self.url(), login::ISSUER)
    }

    /// Returns the id of the OAuth client to which the refresh tokens belong: `hac-platform-public`, unless
    /// [`Builder::client_id`] sets another.
    pub fn client_id(&self) -> &str {
        &self.instance.options.login.client_id
    }

    /// Returns the refresh token that the emulator accepts from the start. The vendor calls it the platform
    /// token.
    pub fn refresh_token(&self) -> &str {
        &self.instance.options.login.refresh_token
    }

    /// Returns the access token that the emulator always accepts, for clients without a login.
    pub fn access_token(&self) -> &str {
        &self.instance.options.login.access_token
    }

    /// Returns how many access tokens the token endpoint has issued, whether the client received them or not.
    /// The issue of a token is not in the [`ledger`](crate::Emulator::ledger).
    pub fn renewals(&self) -> u64 {
        lock(&self.instance.service.world).tokens.renewals
    }

    /// Revokes all issued access tokens: requests with them are answered with 401. The [fixed access
    /// token](Emulator::access_token) is still accepted.
    pub fn revoke_access_tokens(&self) {
        lock(&self.instance.service.world).tokens.revoke_access();
    }

    /// Revokes all refresh tokens, also the one that is accepted from the start: the token endpoint answers
    /// them with `invalid_grant`. Access tokens stay valid.
    pub fn revoke_refresh_tokens(&self) {
        lock(&self.instance.service.world).tokens.revoke_refresh();
    }

    /// Makes a step fail with this exit code the next time that it begins, in any run. The step is the one at
    /// this position, from 1, in a job with this id. Calls add up: after two calls the step fails twice. An
    /// exit code of 0 counts as 1.
    pub fn fail_next(&self, job_id: &str, position: usize, exit_code: i32) {
        lock(&self.instance.service.world).state.fail_next(job_id, position, exit_code);
    }

    /// Starts a run as the schedule of a workflow would, and returns the name of the run. `workspace` and
    /// `workflow` are ids.
    ///
    /// Returns `None`, and starts no run, if the workflow does not exist, is not active, has no schedule, or
    /// has a required input without a default.
    pub fn start_scheduled(&self, workspace: &str, workflow: &str) -> Option<String> {
        let _serving = self.instance.serving();
        let now = self.instance.now();
        let mut world = lock(&self.instance.service.world);
        world.state.settle(now);
        world.state.start_scheduled(&[workspace.to_owned(), workflow.to_owned()], now).ok()
    }
}

impl Builder {
    /// Sets the access token that the emulator always accepts. Default: `emulator-access-token`.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.options.login.access_token = token.into();
        self
    }

    /// Sets the refresh token that the emulator accepts from the start. Default: `emulator-refresh-token`.
    pub fn refresh_token(mut self, token: impl Into<String>) -> Self {
        self.options.login.refresh_token = token.into();
        self
    }

    /// Sets the id of the OAuth client to which the refresh tokens belong. Requests of other clients to the
    /// token endpoint are answered with 401. Default: `hac-platform-public`.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.options.login.client_id = id.into();
        self
    }

    /// Sets the client secret that requests to the token endpoint have to send. Default: `None`, which
    /// accepts requests with any secret and without one.
    pub fn client_secret(mut self, secret: Option<String>) -> Self {
        self.options.login.client_secret = secret;
        self
    }

    /// Sets the lifetime of issued access tokens. The field `expires_in` of the token response has it in
    /// whole seconds. Default: 300 s.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.options.login.expires_in = time;
        self
    }

    /// Leaves the field `expires_in` out of the responses of the token endpoint. Default: it is included.
    pub fn omit_expires_in(mut self) -> Self {
        self.options.login.tells_expiry = false;
        self
    }

    /// Issues a new refresh token with every access token, and rejects the exchanged refresh token with
    /// `invalid_grant` from then on. Default: refresh tokens stay valid.
    pub fn rotate_refresh_tokens(mut self) -> Self {
        self.options.login.rotates = true;
        self
    }

    /// Makes the operations that create and update workflows and actions accept YAML with problems as a
    /// draft, if it has an `id`. The problems are then reported when the workflow is activated or the action
    /// published. Default: YAML with problems is rejected.
    pub fn any_drafts(mut self) -> Self {
        self.options.any_drafts = true;
        self
    }

    /// Sets whether the scripts of steps run in a real shell: `bash -e`, or `sh -e` where there is no bash.
    /// Default: `false`, an interpreter without processes.
    ///
    /// **Whoever can send requests to the emulator can then run any code as the user who started it.** Its
    /// tokens are well known, so choose others with [`access_token`](Builder::access_token) and
    /// [`refresh_token`](Builder::refresh_token), listen on a loopback address, and do not combine it with
    /// [`accept_any_credentials`](crate::Builder::accept_any_credentials) where others reach the emulator.
    /// Requests with an `Origin` or a `Host` that the [paths under
    /// `/_emulator/`](crate#for-tests-in-other-languages) would refuse are answered with 403.
    ///
    /// The environment of a step has only the step's own variables and `PATH`. A step has a new directory,
    /// which is removed when the step has ended; the steps of an action share one. A step has no standard
    /// input, and at most 1 MiB of its output is kept. Output that is not UTF-8 is replaced. Lines of
    /// standard output and standard error are in the order in which they were read.
    ///
    /// Processes run in the time of the machine and not of the emulator's clock, for at most the `timeout` of
    /// the step or of its job, and at most 60 s. At most 16 steps run at a time, in all
    /// [spaces](crate::Builder::accept_any_credentials) together. A step starts when a request finds that its
    /// turn has come. It ends when a request finds that its processes have ended, but not before the
    /// [time](crate::Builder::pending) that every step takes.
    ///
    /// All processes of a step are killed when the step ends or is canceled, and when the emulator ends in
    /// any way, for example by a second Ctrl-C, SIGHUP or SIGKILL. On Linux this includes processes that have
    /// left their process group (by `setsid`, `set -m` or `timeout`): they are found by the variable
    /// `CONTROLPLANE_EMULATOR_STEP` in their environment, or by their parents. A process continues only if it
    /// has left its group, has another environment, and outlives its parents. On other systems, every process
    /// that has left its group continues.
    ///
    /// [`fail_next`](Emulator::fail_next) makes a step fail without running it.
    ///
    /// [`start`](crate::Builder::start) fails with [`InvalidSetting`](crate::Error::InvalidSetting) where
    /// there is no shell, as on Windows.
    pub fn run_steps(mut self, run_steps: bool) -> Self {
        self.options.run_steps = run_steps;
        self
    }

    /// Sets how many bytes of the log each line of a log stream carries at most, even if this splits a line
    /// of the log or a character (0 counts as 1). Default: `None`; each line of a stream carries one line of
    /// the log.
    pub fn log_piece(mut self, bytes: Option<usize>) -> Self {
        self.options.log_piece = bytes.map(|bytes| bytes.max(1));
        self
    }
}
