//! Waits until a run, an attempt, a job or a step has ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::client::batch::own_rule;
use crate::client::{Action, Running, Seen, Shared};
use crate::engine::{Id, Judgement, Machine, Operation, Poll};
use crate::error::{Error, ErrorKind};
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::clients::{JobClient, RunAttemptClient, RunClient, StepClient};
use crate::h2o_workflows::command::{Call, CallOptions, Core, label, part, read};
use crate::h2o_workflows::connect::authorized;
use crate::h2o_workflows::names::name_request;
use crate::h2o_workflows::service::{Rules, plain_headers};
use crate::http::{Method, Request, Response};

use super::ends::{Ends, RunFailure};
use super::model::{Job, Run, RunAttempt, Step};

/// The time of a wait, unless the call or the client has more.
const WAIT: Duration = Duration::from_secs(60 * 60);

/// The rule that decides by the resource whether the wait ends.
type Rule<T> = dyn Fn(&T) -> Seen + Send + Sync;

/// When a wait ends.
pub(super) struct Until<T> {
    /// `None`: when the resource has ended.
    rule: Option<Arc<Rule<T>>>,
    /// True: a failure is an end like any other.
    accepts_failure: bool,
}

impl<T> Default for Until<T> {
    fn default() -> Self {
        Self { rule: None, accepts_failure: false }
    }
}

impl<T> Clone for Until<T> {
    fn clone(&self) -> Self {
        Self { rule: self.rule.clone(), accepts_failure: self.accepts_failure }
    }
}

impl<T> fmt::Debug for Until<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until")
            .field("has_rule", &self.rule.is_some())
            .field("accepts_failure", &self.accepts_failure)
            .finish()
    }
}

impl<T: Ends> Until<T> {
    pub(super) fn set_rule<R: Into<Seen>>(&mut self, rule: impl Fn(&T) -> R + Send + Sync + 'static) {
        self.rule = Some(Arc::new(move |resource| rule(resource).into()));
    }

    pub(super) fn accept_failure(&mut self) {
        self.accepts_failure = true;
    }

    /// The rule of a batch and its journal, which keep no rule of the caller's own.
    pub(super) fn kept(accepts_failure: bool) -> Self {
        Self { rule: None, accepts_failure }
    }

    /// Returns whether a failure is accepted.
    ///
    /// # Errors
    ///
    /// The rule is the caller's own.
    pub(super) fn keep(&self, label: &str) -> Result<bool, Error> {
        match self.rule {
            Some(_) => Err(own_rule(label)),
            None => Ok(self.accepts_failure),
        }
    }

    /// Returns the poll that gets the resource of this name. States that are not known count as not ended.
    pub(super) fn poll(self, request: Request) -> Poll {
        Poll::new(request, move |response| self.judge(response))
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let body = part(response, T::KEY)?;
        let resource: T = read(body.clone())?;
        let status = resource.status().to_owned();
        if let Some(failure) = resource.failure().filter(|_| !self.accepts_failure) {
            let detail = json!({"failureReason": failure.reason, "failureMessage": failure.message});
            return Ok(Judgement::Failed { status, detail });
        }
        let words = |seen: String| if seen.is_empty() { status.clone() } else { seen };
        let seen = self.rule.as_ref().map_or_else(|| resource.is_over().into(), |rule| rule(&resource));
        Ok(match seen {
            Seen::Done => Judgement::Done { status, body },
            Seen::Failed(_) if self.accepts_failure => Judgement::Done { status, body },
            Seen::Failed(seen) => Judgement::Failed {
                status: words(seen),
                detail: json!("the rule of the wait says that it has failed"),
            },
            Seen::Unclear(why) => return Err(why),
            Seen::Pending(_) if resource.is_over() => Judgement::Failed {
                status,
                detail: json!("it ended before the condition of the wait was met"),
            },
            Seen::Pending(seen) => Judgement::Pending { status: words(seen) },
        })
    }
}

/// Returns the request for the resource of this name.
pub(super) fn get<T: Ends>(label: &str, name: &str) -> Result<Request, Error> {
    name_request(label, Method::Get, T::KIND, name, "")
}

/// Completes the error of a wait: why the resource failed, and what to do.
pub(super) fn completed(error: Error) -> Error {
    let text = |key: &str| error.api_response()?.get(key)?.as_str().map(str::to_owned);
    match (error.kind(), text("failureReason")) {
        (ErrorKind::OperationFailed, Some(reason)) => {
            let failure = RunFailure { reason, message: text("failureMessage").unwrap_or_default() };
            let message = Some(failure.message.clone()).filter(|message| !message.is_empty());
            let is_cancelled = failure.is_cancelled();
            let error = error.with_api_message(message).with_detail(failure);
            if !is_cancelled {
                return error;
            }
            error.with_advice(
                "It was cancelled by a person, by concurrency control, because another job failed, or by another policy.",
            )
        }
        (ErrorKind::OperationFailed, None) => error,
        (ErrorKind::NotFound, _) => error.with_advice("Check the name, and whether it was deleted."),
        (ErrorKind::Authentication | ErrorKind::Credentials, _) => {
            error.with_advice("The run may still be in progress. Log in again, then wait for it by its name.")
        }
        _ => error.with_advice(
            "The run may still be in progress. Wait for it again by its name; do not start it again.",
        ),
    }
}

/// Polls a [`Run`], a [`RunAttempt`], a [`Job`] or a [`Step`] until it has ended, and returns it. Made by
/// [`RunClient::wait_for_run`] and by the methods for the other three; the section "Waiting" of [`RunClient`]
/// has the limits and errors.
#[non_exhaustive]
pub struct WaitFor<T> {
    /// The name of the run, attempt, job or step, such as `workspaces/w/workflows/f/revisions/r/runs/x`.
    pub name: String,
    until: Until<T>,
}

impl<T> Clone for WaitFor<T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), until: self.until.clone() }
    }
}

impl<T> fmt::Debug for WaitFor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("name", &self.name).field("until", &self.until).finish()
    }
}

impl<T: Ends> WaitFor<T> {
    pub(in crate::h2o_workflows) fn label(&self) -> String {
        label(T::WAIT, &self.name)
    }

    /// The wait as a batch keeps it.
    pub(in crate::h2o_workflows) fn kept(name: &str, accept_failure: bool) -> Self {
        Self { name: name.to_owned(), until: Until::kept(accept_failure) }
    }

    /// Returns what a batch keeps of the wait: the name, and whether a failure is accepted.
    pub(in crate::h2o_workflows) fn keep(&self) -> Result<(String, bool), Error> {
        Ok((self.name.clone(), self.until.keep(&self.label())?))
    }

    /// The request of the polls.
    pub(in crate::h2o_workflows) fn request(&self) -> Result<Request, Error> {
        get::<T>(&self.label(), &self.name)
    }
}

impl<T: Ends> Action<H2oWorkflows> for WaitFor<T> {
    type Output = T;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<T>, Error> {
        let label = self.label();
        let request = get::<T>(&label, &self.name)?;
        let context = core.context(Arc::new(Rules::default()), label, Vec::new(), options);
        let (name, until, call) = (self.name.clone(), self.until.clone(), context.clone());
        let running = authorized(core, &context, move |endpoint| {
            let poll = until.poll(endpoint.complete(request));
            Operation::resume(call, Id::Resource(name), poll).map(|outcome| {
                outcome.map(|completed| completed.body).map_err(|error| {
                    // A wait only reads.
                    let is_retryable = error.kind() == ErrorKind::OperationTimeout;
                    completed(error).with_retryable(is_retryable)
                })
            })
        })?;
        let name = self.name.clone();
        Ok(Running::new(running.0.map(move |outcome| {
            let resource = outcome.and_then(|body| read(body).map_err(unreadable::<T>));
            resource.map_err(|error| error.with_resource(name))
        })))
    }
}

/// The error for an end that cannot be read. It was read when it was judged.
#[cold]
pub(super) fn unreadable<T: Ends>(why: String) -> Error {
    let (thing, get) = (T::THING, T::GET);
    Error::new(
        ErrorKind::UnexpectedResponse,
        format!("reading the final state of the {thing}"),
        format!("HTTP 200 with an invalid body: {why}"),
    )
    .with_advice(format!("The {thing} has ended. Get it with `{get}`; do not start it again."))
}

/// Sets the time of a wait, unless another time was set for the call.
pub(super) fn with_time<M, A>(mut call: Call<M, A>) -> Call<M, A> {
    let default = Call::new(call.client.clone(), ()).options.settings;
    let settings = &mut call.options.settings;
    let is_set =
        settings.has_own_timeout && (!default.has_own_timeout || settings.timeout != default.timeout);
    if !is_set {
        settings.timeout = default.timeout.max(WAIT);
    }
    call
}

fn waiting<M, T>(shared: &Shared<H2oWorkflows, M>, name: String) -> Call<M, WaitFor<T>> {
    with_time(Call::new(shared.clone(), WaitFor { name, until: Until::default() }))
}

/// # Waiting
///
/// The vendor's client has no waits. A wait polls until the state is `STATE_SUCCEEDED`, `STATE_FAILED` or,
/// for jobs and steps, `STATE_SKIPPED`: at once, after 2 s, then at growing intervals up to 15 s. Its timeout
/// is an hour, or the client's own [`timeout`](crate::client::ClientBuilder::timeout) if that is longer; see
/// [`Call::timeout`] and [`docs::timeouts`](crate::docs::timeouts). A poll that fails in a way that may pass
/// is repeated until the timeout: 429, 5xx, a broken connection, an issuer that does not respond. States that
/// this crate does not know count as not ended.
///
/// `STATE_FAILED` is the error [`OperationFailed`](ErrorKind::OperationFailed) unless
/// [`Call::accept_failure`] is set; [`RunFailure`] is its detail. At the timeout, the error is
/// [`OperationTimeout`](ErrorKind::OperationTimeout). The [`resource`](Error::resource) of every error is the
/// name of the run, attempt, job or step, unless this name is invalid.
impl<M> RunClient<M> {
    /// Waits until a run has ended, and returns it.
    pub fn wait_for_run(&self, name: impl Into<String>) -> Call<M, WaitFor<Run>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// The limits and errors of the wait are those in the section "Waiting" of [`RunClient`].
impl<M> RunAttemptClient<M> {
    /// Waits until an attempt has ended, and returns it; the id `latest` stands for the last one.
    ///
    /// After a retry this is safer than to wait for the run, whose state may still be that of the attempt
    /// before.
    pub fn wait_for_run_attempt(&self, name: impl Into<String>) -> Call<M, WaitFor<RunAttempt>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// The limits and errors of the wait are those in the section "Waiting" of [`RunClient`].
impl<M> JobClient<M> {
    /// Waits until a job has ended, and returns it.
    pub fn wait_for_job(&self, name: impl Into<String>) -> Call<M, WaitFor<Job>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// The limits and errors of the wait are those in the section "Waiting" of [`RunClient`].
impl<M> StepClient<M> {
    /// Waits until a step has ended, and returns it.
    pub fn wait_for_step(&self, name: impl Into<String>) -> Call<M, WaitFor<Step>> {
        waiting(&self.0, name.into())
    }
}

/// # Options of waits
impl<M, T: Ends> Call<M, WaitFor<T>> {
    /// Sets a rule that ends the wait: it is called with the run, attempt, job or step of each poll, and
    /// `true` or [`Seen::Done`] ends the wait. Default: the wait ends when the resource has ended. A failure
    /// ends the wait all the same unless [`accept_failure`](Call::accept_failure) is set. If the resource
    /// ends while the rule still returns `false` or [`Seen::Pending`], the error is
    /// [`OperationFailed`](ErrorKind::OperationFailed), because the state is not expected to change again.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows::{Client, StepState};
    /// # let client = Client::from_env()?;
    /// # let name = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";
    /// let step = client.step().wait_for_step(name).until(|step| step.state != StepState::Pending).send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn until<R: Into<Seen>>(mut self, rule: impl Fn(&T) -> R + Send + Sync + 'static) -> Self {
        self.command.until.set_rule(rule);
        self
    }

    /// Returns a run, attempt, job or step that has failed as a result instead of an error.
    pub fn accept_failure(mut self) -> Self {
        self.command.until.accept_failure();
        self
    }

    /// Returns the request of the polls, without the service's address and the access token. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the name does not have the form of the resource's
    /// names.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = get::<T>(&self.command.label(), &self.command.name)?;
        request.headers = plain_headers(false);
        Ok(request)
    }
}
