//! Waiting for what a statement set going, and not only for the statement.

mod job_runs;
mod states;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::engine::{Completed, Effect, Finding, Rule, Wait};
use crate::error::Error;

use crate::client::{Action, Running, not_run};

use super::call::{Call, CallOptions, Core, context, label, status_response};
use super::client::{Client, Onehouse};
use super::commands::Command;
use super::statement::{NameCheck, secrets_in};
use super::status::StatusResponse;

pub use job_runs::{JobRun, JobRunStatus, RunAndWait, WaitForJobRun};
pub use states::WaitForState;

/// What a rule sees in the answer to a check: see [`Client::wait_until`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// Not yet: check again later. The text says how it stands, for [`Progress`](crate::Progress) and for the error
    /// if the time is over.
    Pending(String),
    /// It is as it should be.
    Done,
    /// It will never be: the wait ends with [`OperationFailed`](crate::ErrorKind::OperationFailed), and the text is
    /// the error's [`api_status`](Error::api_status).
    Failed(String),
    /// The answer does not tell; the text says what is missing. It is borne as often in a row as there are retries
    /// ([`RetryPolicy`](crate::RetryPolicy)), then the wait ends with
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    Unclear(String),
}

/// A wait by a rule of yours: see [`Client::wait_until`].
#[derive(Clone)]
pub struct WaitUntil {
    check: Arc<dyn Command + Send + Sync>,
    rule: Arc<dyn Fn(&StatusResponse) -> Seen + Send + Sync>,
}

impl fmt::Debug for WaitUntil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntil").field("check", &self.check.spec().helper).finish_non_exhaustive()
    }
}

impl<M> Call<M, WaitUntil> {
    /// Relaxes the check of names, as [`Call::unchecked_names`] does for a command.
    pub fn unchecked_names(mut self) -> Self {
        self.options.own = NameCheck::Unchecked;
        self
    }
}

impl Action<Onehouse> for WaitUntil {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<StatusResponse>, Error> {
        let rule = self.rule.clone();
        wait(core, options, &*self.check, "", move |answer| rule(answer)).map(answered)
    }
}

/// # Waiting for a resource
///
/// A statement that has ended has not always reached its goal: a cluster is still starting, a run of a job goes on.
/// These calls look again and again, until it is reached. Each look is a statement that reads, submitted and polled as
/// any other; between two of them lies the call's [`poll_interval`](Call::poll_interval). A look that fails in a way
/// that may pass is made again. One [`timeout`](Call::timeout) covers everything: it is the client's, 60 s unless it
/// was set, and resources are often slower than that (the vendor's own tools allow 10 to 30 minutes).
impl<M> Client<M> {
    /// Waits with a command that reads, until a rule of yours says that it is enough: for whatever has no helper.
    ///
    /// The rule is asked after each check that has ended well, and should only look at the answer. Its output is the
    /// answer that the rule said [`Done`](Seen::Done) to. Of [`Progress`](crate::Progress), each check that finds it
    /// pending is a `Polled`, with the rule's text as its status.
    ///
    /// # Errors
    ///
    /// When it is sent, besides those of any call:
    ///
    /// - [`InvalidArgument`](crate::ErrorKind::InvalidArgument), and nothing is sent, if the command changes
    ///   something: a wait sends it again and again;
    /// - [`OperationTimeout`](crate::ErrorKind::OperationTimeout) if the time is over. Its text and
    ///   [`api_status`](Error::api_status) tell what was last seen. It has no request id and
    ///   [is retryable](Error::is_retryable): the wait only reads;
    /// - [`OperationFailed`](crate::ErrorKind::OperationFailed) if the rule says [`Failed`](Seen::Failed), or if a
    ///   check itself ends as `FAILED` or `INVALID`, for instance because there is no such thing.
    ///
    /// ```
    /// use controlplane::onehouse::{Seen, ShowLakes};
    /// # use controlplane::onehouse::{Client, LakeType};
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// # client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send()?;
    /// // Until somebody has made a lake.
    /// let wait = client.wait_until(ShowLakes::new(), |answer| match answer.rows().len() {
    ///     0 => Seen::Pending("no lakes".into()),
    ///     _ => Seen::Done,
    /// });
    /// assert_eq!(wait.send()?.rows().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_until<C>(
        &self,
        check: C,
        rule: impl Fn(&StatusResponse) -> Seen + Send + Sync + 'static,
    ) -> Call<M, WaitUntil>
    where
        C: Command + Send + Sync + 'static,
    {
        Call::new(self.shared.clone(), WaitUntil { check: Arc::new(check), rule: Arc::new(rule) })
    }
}

/// The machine that waits with this command. `goal` ends the label of messages.
fn wait(
    core: &Core,
    options: &CallOptions,
    check: &dyn Command,
    goal: &str,
    rule: impl Fn(&StatusResponse) -> Seen + Send + Sync + 'static,
) -> Result<Wait, Error> {
    let sql = check.render(options.own)?;
    let label = format!("waiting with {}{goal}", label(&sql));
    if check.spec().effect != Effect::Repeatable {
        return Err(Error::invalid(
            label,
            "the command may change something, and a wait would send it again and again",
        )
        .with_advice("Nothing was sent. Wait with a command that reads: SHOW or DESCRIBE."));
    }
    let context = context(core, label, secrets_in(&sql), options)?;
    let request = core.protocol()?.submit_request(&sql);
    let rule: Arc<Rule> = Arc::new(move |check: &Completed| {
        let answer = status_response(check.clone());
        match rule(&answer) {
            Seen::Pending(status) => Finding::Pending { status },
            Seen::Done => Finding::Done,
            Seen::Failed(status) => Finding::Failed { status, detail: answer.api_response },
            Seen::Unclear(why) => Finding::Unclear { why },
        }
    });
    Ok(Wait::new(context, request, rule))
}

/// How a payload looks that does not tell what it should.
/// A wait that gives the answer that its rule was content with.
fn answered(wait: Wait) -> Running<StatusResponse> {
    Running::new(wait, |mut wait| wait.finish().unwrap_or_else(|| Err(not_run())).map(status_response))
}

fn unclear(payload: &Value, what: &str) -> Seen {
    Seen::Unclear(format!(
        "the answer has no {what}: it is {}; `wait_until` waits by a rule of your own",
        super::payload::shape(payload)
    ))
}
