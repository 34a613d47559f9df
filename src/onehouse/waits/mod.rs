//! Waits for what a statement has started, and not only for the statement.

mod job_runs;
mod states;
mod status;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::client::{Action, Running, Seen};
use crate::engine::operation::Completed;
use crate::engine::wait::{Finding, Wait};
use crate::engine::{CallContext, Effect, Machine};
use crate::error::Error;

use super::call::{Call, CallOptions, Core, context, status_response};
use super::client::{Client, Onehouse};
use super::commands::Command;
use super::payload::shape;
use super::protocol::Protocol;
use super::statement::{NameCheck, Statement};
use super::status::StatusResponse;

pub use job_runs::{JobRun, JobRunStatus, RunAndWait, WaitForJobRun};
pub(super) use job_runs::{ResumedRun, RunStatement, RunWait};
pub(super) use states::StateWait;
pub use states::WaitForState;
pub use status::{ClusterStatus, FlowStatus, TableServiceStatus, WantedState};

/// The time limit of an operation in the vendor's Terraform provider.
const RESOURCE_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The rule of a wait: it judges the response to a check.
type Rule = dyn Fn(&StatusResponse) -> Seen + Send + Sync;

/// A wait whose rule is not set yet: see [`Client::wait_for`].
#[derive(Clone)]
pub struct WaitFor<C> {
    check: C,
    accepts_failure: bool,
}

/// A wait with a custom rule: see [`Client::wait_for`].
#[derive(Clone)]
pub struct WaitUntil<C> {
    check: C,
    rule: Arc<Rule>,
    accepts_failure: bool,
}

impl<C: Command> fmt::Debug for WaitFor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("check", &self.check.name()).finish_non_exhaustive()
    }
}

impl<C: Command> fmt::Debug for WaitUntil<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntil").field("check", &self.check.name()).finish_non_exhaustive()
    }
}

impl<M, C: Command> Call<M, WaitFor<C>> {
    /// Sets the rule that decides when the wait ends. The rule is called with the output of each check that
    /// has ended with a success, and returns a [`Seen`], or `true` for done and `false` for pending. It
    /// should have no side effects, because it is called many times.
    pub fn until<R: Into<Seen>>(
        self,
        rule: impl Fn(&StatusResponse) -> R + Send + Sync + 'static,
    ) -> Call<M, WaitUntil<C>> {
        self.map(|WaitFor { check, accepts_failure }| {
            let rule = Arc::new(move |answer: &StatusResponse| rule(answer).into());
            WaitUntil { check, rule, accepts_failure }
        })
    }

    /// Makes the response for which the rule returns [`Failed`](Seen::Failed) the output of the call.
    /// Default: it is an error of the kind [`OperationFailed`](crate::ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.accepts_failure = true;
        self
    }

    /// Relaxes the check of names, as [`Call::unchecked_names`] does for a command.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own.names = NameCheck::Unchecked;
        self
    }
}

impl<M, C: Command> Call<M, WaitUntil<C>> {
    /// Makes the response for which the rule returns [`Failed`](Seen::Failed) the output of the call.
    /// Default: it is an error of the kind [`OperationFailed`](crate::ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.accepts_failure = true;
        self
    }

    /// Relaxes the check of names, as [`Call::unchecked_names`] does for a command.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own.names = NameCheck::Unchecked;
        self
    }
}

impl<C: Command> Action<Onehouse> for WaitUntil<C> {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<StatusResponse>, Error> {
        let check = options.own.statement(&self.check)?;
        let label = format!("waiting with {}", check.label);
        let context = waiting(core, options, &check, label)?;
        let rule = self.rule.clone();
        Ok(Running::new(wait(core.protocol()?, context, &check, rule, self.accepts_failure)))
    }
}

/// # Waits for a resource
///
/// Work may continue after its statement has ended: after `CREATE CLUSTER` the cluster may still be starting,
/// and after `RUN JOB` the run continues. A wait repeats a check, which is a statement that only reads, until
/// the goal is reached. The intervals between checks are those between polls: see
/// [`poll_interval`](Call::poll_interval). A check that fails for a reason that may pass (429, 5xx, a broken
/// connection) is repeated. One [`timeout`](Call::timeout) covers all checks. Default: the client's timeout,
/// if one was set; otherwise 20 minutes for clusters and 30 minutes for everything else, as in the vendor's
/// own tools: see [`docs::timeouts`](crate::docs::timeouts).
impl<M> Client<M> {
    /// Waits until a custom rule is satisfied: `client.wait_for(command).until(rule)`. The command, which
    /// must only read, is repeated. Use this wait for resources that have no wait of their own. The default
    /// time limit is 30 minutes, unless the client has one.
    ///
    /// The rule returns a [`Seen`], or `true` for done and `false` for pending. The output is the response
    /// for which the rule returned [`Done`](Seen::Done). A check for which the rule returns
    /// [`Pending`](Seen::Pending) is reported as a [`Polled`](crate::Progress::Polled) progress event, with
    /// the rule's text as its status.
    ///
    /// # Errors
    ///
    /// When it is sent, besides those of any call:
    ///
    /// - [`InvalidArgument`](crate::ErrorKind::InvalidArgument), and nothing is sent, if the command changes
    ///   something: a wait submits it many times;
    /// - [`OperationTimeout`](crate::ErrorKind::OperationTimeout) if the timeout passes. Its text and
    ///   [`api_status`](Error::api_status) have the last state. The error has no request id and [is
    ///   retryable](Error::is_retryable), because the wait only reads;
    /// - [`OperationFailed`](crate::ErrorKind::OperationFailed) if the rule returns [`Failed`](Seen::Failed),
    ///   or if a check itself ends as `FAILED` or `INVALID`, for example because the resource does not exist;
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the rule returns
    ///   [`Unclear`](Seen::Unclear) more often in a row than the call has retries (default: 3).
    ///
    /// ```
    /// use controlplane::onehouse::ShowLakes;
    /// # use controlplane::onehouse::{Client, LakeType};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// // Until somebody has created a lake.
    /// let lakes = client.wait_for(ShowLakes::new()).until(|lakes| !lakes.rows().is_empty()).send()?;
    /// assert_eq!(lakes.rows().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "wait_until")]
    pub fn wait_for<C: Command>(&self, command: C) -> Call<M, WaitFor<C>> {
        let wait = WaitFor { check: command, accepts_failure: false };
        Call::new(self.shared.clone(), wait).default_timeout(RESOURCE_TIMEOUT)
    }
}

/// The context of a wait with this statement.
fn waiting(
    core: &Core,
    options: &CallOptions,
    check: &Statement,
    label: String,
) -> Result<Arc<CallContext>, Error> {
    if check.effect != Effect::Repeatable {
        return Err(Error::invalid(
            label,
            "the command may change something, and a wait would submit it many times",
        )
        .with_advice("Nothing was sent. Wait with a command that reads: SHOW or DESCRIBE."));
    }
    let check = Statement { label, ..check.clone() };
    context(core, &check, options)
}

/// Submits the statement until the rule is satisfied.
fn wait(
    protocol: &Arc<Protocol>,
    context: Arc<CallContext>,
    check: &Statement,
    rule: Arc<Rule>,
    accepts_failure: bool,
) -> impl Machine<Output = StatusResponse> + use<> {
    let rule = Arc::new(move |check: &Completed| {
        let answer = status_response(check.clone());
        match rule(&answer) {
            Seen::Pending(status) => Finding::Pending { status },
            Seen::Failed(status) if !accepts_failure => {
                Finding::Failed { status, detail: answer.api_response }
            }
            Seen::Done | Seen::Failed(_) => Finding::Done,
            Seen::Unclear(why) => Finding::Unclear { why },
        }
    });
    let request = protocol.submit_request(&check.sql);
    Wait::machine(context, request, protocol.accept_and_poll(), rule)
        .map(|outcome| outcome.map(status_response))
}

/// A payload without the field that a rule looks at.
fn unclear(payload: &Value, what: &str) -> Seen {
    Seen::Unclear(format!(
        "the response has no {what}: it is {}; `.until(…)` sets a rule of your own",
        shape(payload)
    ))
}
