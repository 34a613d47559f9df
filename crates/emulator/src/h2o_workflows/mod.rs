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
//! - **Steps** run nothing, unless [`run_steps`](Builder::run_steps) allows it. A small interpreter does what
//!   a shell with `-e` would: `echo`, `printf`, `true`, `false`, `:`, `exit`, `sleep`, `export`, `unset`,
//!   `set` with `-e`, `-u` and `-o pipefail`, assignments, `;`, `&&`, `||`, subshells, quotes, `$NAME`, `$?`,
//!   `>&2`, `>/dev/null`. A step with anything else fails, and its log names it. Nobody sleeps, but a
//!   `timeout` that is shorter than all `sleep` fails the step.
//! - **Logs** grow while a step runs, and are streamed until it ends.
//! - **YAML** is checked by what the vendor's pages say of it, with line, column and field of each problem.
//! - It misbehaves on demand: see [`faults`](crate::faults). What changes something counts as `submit`; a
//!   description of a run, an attempt, a job or a step as `poll`; `operation-status=TEXT` and
//!   `back-to-pending` are about their `state`. As statement counts the name of the operation in the vendor's
//!   client, the resource and the body: `starts=get_run: status=503`, `starts=token: take-then-close`.
//!   `cut-body=N` cuts a log stream after N bytes.
//! - [`ledger`](Emulator::ledger) lists every change that was taken, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"operation", "name"}`.
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - All texts of messages, and that `details` are empty. Other paths, verbs and methods are 404 with code 5,
//!   but 501 with code 12 for other methods of the token endpoint and discovery. What exists already is 409
//!   with code 6. Query parameters and body fields that are not known are refused.
//! - Tokens, ids, names of users (`users/emulator`), and the calendar: it begins with 2026. That a fixed
//!   access token is accepted too ([`access_token`](Emulator::access_token)), and that a refresh token
//!   without rotation can be used again.
//! - That create and update refuse YAML with problems (one of the vendor's pages says that they validate it):
//!   [`any_drafts`](Builder::any_drafts). A key that is not known is an error in a workflow, and a warning in
//!   an action, whose schema is not public. Limits: the nesting and size of YAML, 1,000 jobs, 256 instances
//!   of a matrix, 10,000 of each kind.
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
//! - Scripts end at the first command that fails, as with `bash -e`; the vendor says only that there is bash.
//!   A script with more than the interpreter knows fails with `INTERNAL` and exit code 126. `working_dir` means
//!   nothing to the interpreter, which has no directory. Steps with `upload` and `download` move no files, say so in
//!   their log, and succeed. With [`run_steps`](Builder::run_steps), where scripts have real files and directories, a
//!   step with any of the three fails with `INTERNAL`. That `with` stands beside anything but `uses` is an error.
//! - With [`run_steps`](Builder::run_steps): everything that its documentation says.
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

use std::time::Duration;

pub use crate::journal::RequestRecord;
use crate::server::lock;
pub use crate::time::Pending;
pub use journal::Taken;
pub use service::H2oWorkflows;

/// A running emulator of H2O Workflows. Its URL is the environment for a login by discovery, and the endpoint
/// of the service.
pub type Emulator = crate::Emulator<H2oWorkflows>;

/// Settings of an [`Emulator`].
pub type Builder = crate::Builder<H2oWorkflows>;

impl Emulator {
    /// The issuer of its tokens.
    pub fn issuer_url(&self) -> String {
        format!("{}{}", self.url(), login::ISSUER)
    }

    /// The client that its refresh token belongs to: `hac-platform-public`, unless another was chosen.
    pub fn client_id(&self) -> &str {
        &self.instance.options.login.client_id
    }

    /// The refresh token that it accepts from the start, called the platform token by the vendor.
    pub fn refresh_token(&self) -> &str {
        &self.instance.options.login.refresh_token
    }

    /// An access token that it always accepts, for clients without a login.
    pub fn access_token(&self) -> &str {
        &self.instance.options.login.access_token
    }

    /// How many access tokens were issued, whether the client received them or not. Tokens are not in the
    /// [`ledger`](crate::Emulator::ledger).
    pub fn renewals(&self) -> u64 {
        lock(&self.instance.service.world).tokens.renewals
    }

    /// Rejects all issued access tokens: the next request is answered with 401. The [fixed
    /// one](Emulator::access_token) is still accepted.
    pub fn revoke_access_tokens(&self) {
        lock(&self.instance.service.world).tokens.revoke_access();
    }

    /// Rejects all refresh tokens, with `invalid_grant`.
    pub fn revoke_refresh_tokens(&self) {
        lock(&self.instance.service.world).tokens.revoke_refresh();
    }

    /// Makes the step at this position (from 1) of a job with this id fail with this exit code the next time
    /// that it begins, in any run. Calls add up: after two calls it fails twice. An exit code of 0 counts as 1.
    pub fn fail_next(&self, job_id: &str, position: usize, exit_code: i32) {
        lock(&self.instance.service.world).state.fail_next(job_id, position, exit_code);
    }

    /// Starts a run as the schedule of an active workflow would, and returns the name of the run; `None` if
    /// there is no such workflow (`workspace`, `workflow`: their ids), it has no schedule, or one of its
    /// inputs is required.
    pub fn start_scheduled(&self, workspace: &str, workflow: &str) -> Option<String> {
        let _serving = self.instance.serving();
        let now = self.instance.now();
        let mut world = lock(&self.instance.service.world);
        world.state.settle(now);
        world.state.start_scheduled(&[workspace.to_owned(), workflow.to_owned()], now).ok()
    }
}

impl Builder {
    /// Sets the access token that it always accepts. Default: `emulator-access-token`.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.options.login.access_token = token.into();
        self
    }

    /// Sets the refresh token that it accepts from the start. Default: `emulator-refresh-token`.
    pub fn refresh_token(mut self, token: impl Into<String>) -> Self {
        self.options.login.refresh_token = token.into();
        self
    }

    /// Sets the client that refresh tokens belong to. Default: `hac-platform-public`.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.options.login.client_id = id.into();
        self
    }

    /// Sets the secret that the client has to send. Default: `None`; any secret or none is accepted.
    pub fn client_secret(mut self, secret: Option<String>) -> Self {
        self.options.login.client_secret = secret;
        self
    }

    /// Sets how long an access token is valid; the answer has it in whole seconds. Default: 300 s.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.options.login.expires_in = time;
        self
    }

    /// Leaves `expires_in` out of the answers of the token endpoint. Default: it is included.
    pub fn omit_expires_in(mut self) -> Self {
        self.options.login.tells_expiry = false;
        self
    }

    /// Issues a new refresh token with every renewal and rejects the old one with `invalid_grant`. Default:
    /// refresh tokens stay valid.
    pub fn rotate_refresh_tokens(mut self) -> Self {
        self.options.login.rotates = true;
        self
    }

    /// Makes create and update accept any YAML that has an id, as a draft; problems are reported when it is
    /// activated or published. Default: they reject it.
    pub fn any_drafts(mut self) -> Self {
        self.options.any_drafts = true;
        self
    }

    /// Runs the scripts of steps in a real shell: `bash -e`, or `sh -e` where there is no bash. Default:
    /// `false`.
    ///
    /// **Whoever can send requests to the emulator can then run any code as the user who started it.** Its
    /// tokens are well known, so choose others with [`access_token`](Builder::access_token) and
    /// [`refresh_token`](Builder::refresh_token), listen on a loopback address, and do not combine it with
    /// [`accept_any_credentials`](crate::Builder::accept_any_credentials) where others reach the emulator.
    /// Requests of web pages of another origin, and those for another host than the paths under `/_emulator/`
    /// accept, are answered with 403.
    ///
    /// A step has an empty environment but for its own variables and `PATH`, a new directory that is removed
    /// after it, no standard input, and 1 MiB of output; what is not UTF-8 in it is replaced. The order of
    /// lines of standard output and standard error is that in which they were read. The steps of an action
    /// share their directory.
    ///
    /// Processes run in the time of the machine and not of the emulator's clock: for at most `timeout`, or 60
    /// s, 16 steps at a time in all [spaces](crate::Builder::accept_any_credentials) together. A step starts with the
    /// request that finds its turn has come. It ends with the first request that finds its processes ended, and not
    /// before the [time](crate::Builder::pending) that every step takes.
    ///
    /// When a step ends, is canceled, or the emulator ends in any way (a second Ctrl-C, SIGHUP and SIGKILL included),
    /// all its processes are killed. On Linux those that have left their process group (by `setsid`, `set -m` or
    /// `timeout`) are found by the variable `CONTROLPLANE_EMULATOR_STEP` in their environment, or by their parents. One
    /// that has left its group, has another environment and outlives its parents goes on, and on other systems so does
    /// any that has left its group.
    /// [`fail_next`](Emulator::fail_next) fails a step without running it.
    ///
    /// [`start`](crate::Builder::start) fails where there is no shell, as on Windows.
    pub fn run_steps(mut self, run_steps: bool) -> Self {
        self.options.run_steps = run_steps;
        self
    }

    /// Sets how many bytes of the log each line of a log stream has, whether that splits a line or a
    /// character of it or not (0 counts as 1). Default: `None`, one line of the log each.
    pub fn log_piece(mut self, bytes: Option<usize>) -> Self {
        self.options.log_piece = bytes.map(|bytes| bytes.max(1));
        self
    }
}
