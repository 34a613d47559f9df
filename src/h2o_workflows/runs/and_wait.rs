//! Commands that start a run or an attempt, and the wait for its end.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::client::{Action, Running, Seen};
use crate::engine::operation::Completed;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Accept, Accepted, BoxMachine, CallContext, Exchange, Id, Machine, Operation};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::h2o_workflows::account::Endpoint;
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::{Call, CallOptions, Core, Single, Success, part, read};
use crate::h2o_workflows::connect::authorized;
use crate::h2o_workflows::names::Kind;
use crate::h2o_workflows::service::{Rules, plain_headers};
use crate::h2o_workflows::workflows::RunWorkflowRevision;
use crate::http::Request;

use super::commands::{GetRun, RetryRun};
use super::ends::Ends;
use super::model::{Run, RunAttempt};
use super::waits::{Until, completed, get, unreadable, with_time};

/// A command that starts something that ends. Not exported.
pub trait Starts: Single<Reply = Run> {
    /// What is waited for.
    type Watched: Ends;
    /// What to do if it is not known whether the command was accepted.
    const HOW_TO_CHECK: &'static str;
    /// True if what is waited for is the run itself.
    const IS_RUN: bool;

    /// Returns the name of what is waited for.
    fn watched(run: &str) -> String;
}

impl Starts for RunWorkflowRevision {
    type Watched = Run;

    const HOW_TO_CHECK: &'static str = "Check with `list_runs` whether there is a new run";
    const IS_RUN: bool = true;

    fn watched(run: &str) -> String {
        run.to_owned()
    }
}

/// Right after a retry the state of the run may still be that of the attempt before, so the new attempt is
/// waited for.
impl Starts for RetryRun {
    type Watched = RunAttempt;

    const HOW_TO_CHECK: &'static str = "Check with `list_run_attempts` whether there is a new attempt";
    const IS_RUN: bool = false;

    fn watched(run: &str) -> String {
        format!("{run}/attempts/latest")
    }
}

/// A command that starts a run or an attempt, and the wait for its end: see [`Call::and_wait`].
#[non_exhaustive]
pub struct AndWait<C: Starts> {
    /// The command.
    pub command: C,
    until: Until<C::Watched>,
}

impl<C: Starts> Clone for AndWait<C> {
    fn clone(&self) -> Self {
        Self { command: self.command.clone(), until: self.until.clone() }
    }
}

impl<C: Starts + fmt::Debug> fmt::Debug for AndWait<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AndWait").field("command", &self.command).field("until", &self.until).finish()
    }
}

/// # Waiting for what a command starts
impl<M, C: Starts> Call<M, C> {
    /// Also waits until the run that the command starts has ended, and returns the run. For a retry, waits
    /// until the new attempt has ended. It polls as
    /// [`RunClient::wait_for_run`](crate::h2o_workflows::clients::RunClient::wait_for_run) does. Its timeout
    /// is an hour, or that of the client if that is longer, unless [`timeout`](Call::timeout) is set.
    ///
    /// The command is not sent again once it may have been accepted. Once it is accepted,
    /// the [`resource`](Error::resource) of every error is the name of the run: wait for this run by its
    /// name, and do not start another run.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows::Client;
    /// # let client = Client::from_env()?;
    /// let call = client.workflow_revision().run_workflow_revision("workspaces/w/workflows/f/revisions/active");
    /// let run = call.input("day", "2026-01-01").and_wait().send()?;
    /// println!("{} is {}", run.name, run.state);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn and_wait(self) -> Call<M, AndWait<C>> {
        with_time(self.map(|command| AndWait { command, until: Until::default() }))
    }
}

/// # Options of waits
impl<M, C: Starts> Call<M, AndWait<C>> {
    /// Sets the condition that ends the wait: the rule is called with the run (after a retry with the new
    /// attempt), and `true` or [`Seen::Done`] ends the wait. Default: the run has ended.
    ///
    /// A failed run ends the wait with an error unless [`accept_failure`](Call::accept_failure) is set. If
    /// the run ends and the rule still returns `false` or [`Seen::Pending`], the call fails with
    /// [`OperationFailed`](ErrorKind::OperationFailed), because the run does not change any more.
    pub fn until<R: Into<Seen>>(mut self, rule: impl Fn(&C::Watched) -> R + Send + Sync + 'static) -> Self {
        self.command.until.set_rule(rule);
        self
    }

    /// Returns a failed run as a result instead of an error.
    pub fn accept_failure(mut self) -> Self {
        self.command.until.accept_failure();
        self
    }

    /// Returns the request of the command, without the service's address and the access token. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent.
    pub fn to_request(&self) -> Result<Request, Error> {
        let command = &self.command.command;
        let mut request = command.request(&command.label())?;
        request.headers = plain_headers(request.body.is_some());
        Ok(request)
    }
}

/// Conversions to and from the form that a journal keeps.
impl<C: Starts> AndWait<C> {
    pub(in crate::h2o_workflows) fn kept(command: C, accept_failure: bool) -> Self {
        Self { command, until: Until::kept(accept_failure) }
    }

    pub(in crate::h2o_workflows) fn keep(&self) -> Result<(C, bool), Error> {
        Ok((self.command.clone(), self.until.keep(&self.command.label())?))
    }

    /// The wait for what the command has started in an earlier run of the batch.
    pub(in crate::h2o_workflows) fn resumed(self, run: &str) -> Resumed<C> {
        Resumed { call: self, run: run.to_owned() }
    }
}

/// The wait for the run that a command of an earlier run of a batch has started.
pub(in crate::h2o_workflows) struct Resumed<C: Starts> {
    call: AndWait<C>,
    run: String,
}

impl<C: Starts> Action<H2oWorkflows> for Resumed<C> {
    type Output = Run;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Run>, Error> {
        let label = self.call.command.label();
        let request = get::<C::Watched>(&label, &C::watched(&self.run))?;
        let rules = Arc::new(Rules::checked_by(C::HOW_TO_CHECK));
        let context = core.context(rules, label, Vec::new(), options);
        let (until, call, run) = (self.call.until.clone(), context.clone(), self.run.clone());
        authorized(core, &context, move |endpoint| {
            let poll = until.poll(endpoint.complete(request));
            let operation = Operation::resume(call.clone(), Id::Resource(run), poll);
            Started::machine::<C>(call, endpoint, operation)
        })
    }
}

impl<C: Starts> Action<H2oWorkflows> for AndWait<C> {
    type Output = Run;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Run>, Error> {
        let label = self.command.label();
        let request = self.command.request(&label)?;
        let rules = Arc::new(Rules::checked_by(C::HOW_TO_CHECK));
        let context = core.context(rules, label, Vec::new(), options);
        let (until, call) = (self.until.clone(), context.clone());
        authorized(core, &context, move |endpoint| {
            let accept = accept::<C>(endpoint.clone(), call.label.clone(), until);
            let request = endpoint.complete(request);
            let operation = Operation::submit(call.clone(), request, C::EFFECT, accept);
            Started::machine::<C>(call, endpoint, operation)
        })
    }
}

/// Reads the response to the command: the name of the run is enough.
fn accept<C: Starts>(endpoint: Endpoint, label: String, until: Until<C::Watched>) -> Accept {
    Arc::new(move |response| {
        let run = part(response, "run")?;
        let name = run.get("name").and_then(Value::as_str).unwrap_or_default();
        if !Kind::Run.fits(name) {
            return Err("its run has no valid name".to_owned());
        }
        let request = get::<C::Watched>(&label, &C::watched(name)).map_err(|error| error.to_string())?;
        let poll = until.clone().poll(endpoint.complete(request));
        Ok(Accepted { id: Id::Resource(name.to_owned()), body: Value::Null, poll: Some(poll) })
    })
}

/// The command, the wait, and the request for the run where something else was waited for.
struct Started {
    context: Arc<CallContext>,
    endpoint: Endpoint,
    operation: Option<BoxMachine<Completed>>,
    is_run: bool,
    /// The name of the run, once the wait has ended.
    run: String,
}

/// The output of a step.
enum Part {
    Ended(Completed),
    Run(Box<Run>),
}

impl Started {
    fn machine<C: Starts>(
        context: Arc<CallContext>,
        endpoint: &Endpoint,
        operation: Operation,
    ) -> Sequence<Self> {
        let operation = operation.map(|outcome| match outcome {
            Err(error) if error.resource().is_some() => Err(completed(error)),
            outcome => outcome,
        });
        let plan = Self {
            context: context.clone(),
            endpoint: endpoint.clone(),
            operation: Some(Box::new(operation)),
            is_run: C::IS_RUN,
            run: String::new(),
        };
        Sequence::new(context, plan)
    }

    fn get_run(&self) -> Planned<Part, Run> {
        let command = GetRun::new(&*self.run);
        let request = self.endpoint.complete(command.request(&self.context.label)?);
        let label = self.context.label.clone();
        let exchange = Exchange::new(self.context.clone(), request, GetRun::EFFECT).map(move |outcome| {
            outcome.and_then(|response| command.read(Success::new(&label, GetRun::EFFECT, &response)))
        });
        Ok(Next::Run(Box::new(exchange.map(|outcome| outcome.map(|run| Part::Run(Box::new(run)))))))
    }
}

impl Plan for Started {
    type Part = Part;
    type Output = Run;

    fn begin(&mut self, now: Instant) -> Planned<Part, Run> {
        match self.operation.take() {
            Some(operation) => Ok(Next::Run(Box::new(operation.map(|outcome| outcome.map(Part::Ended))))),
            None => self.ended(now, Err(unreadable::<Run>("the wait began twice".to_owned()))),
        }
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> Planned<Part, Run> {
        match outcome {
            Ok(Part::Run(run)) => Ok(Next::Done(*run)),
            Ok(Part::Ended(ended)) => {
                self.run = ended.id;
                if !self.is_run {
                    return self.get_run();
                }
                read(ended.body)
                    .map(Next::Done)
                    .map_err(|why| unreadable::<Run>(why).with_resource(&*self.run))
            }
            Err(error) if self.run.is_empty() => Err(error),
            Err(error) => Err(error
                .with_resource(&*self.run)
                .with_retryable(false)
                .with_advice("The run has ended. Get it with `get_run`; do not start it again.")),
        }
    }
}
