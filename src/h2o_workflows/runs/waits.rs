//! Waits: ask for a run, an attempt, a job or a step until it has ended.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Effect;
use crate::auth::Authorized;
use crate::client::{Action, Running, not_run};
use crate::engine::{Context, Judgement, Operation, Service};
use crate::error::{Error, ErrorKind};
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::clients::{
    JobClient, RunAttemptClient, RunClient, StepClient, WorkflowRevisionClient,
};
use crate::h2o_workflows::command::{Call, CallOptions, Command, Core, advised, label};
use crate::h2o_workflows::inputs::{InputValue, InputValues};
use crate::h2o_workflows::names::{Kind, name_request};
use crate::h2o_workflows::protocol::{Connected, Protocol};
use crate::h2o_workflows::workflows::RunWorkflowRevision;
use crate::http::{Method, Request, Response};

use super::model::{Job, Run, RunAttempt, Step};

/// How long a wait may take unless the client or the call has more.
const WAIT: Duration = Duration::from_secs(60 * 60);

/// What can be waited for.
#[derive(Clone, Copy, Debug)]
struct Target {
    kind: Kind,
    /// The key in the reply.
    key: &'static str,
}

const RUN: Target = Target { kind: Kind::Run, key: "run" };

/// Something that ends: a [`Run`], a [`RunAttempt`], a [`Job`] or a [`Step`]. Not to be implemented outside this crate.
pub trait Ends: DeserializeOwned + Send + 'static {
    #[doc(hidden)]
    const WHAT: &'static str;
}

impl Ends for Run {
    const WHAT: &'static str = "run";
}

impl Ends for RunAttempt {
    const WHAT: &'static str = "runAttempt";
}

impl Ends for Job {
    const WHAT: &'static str = "job";
}

impl Ends for Step {
    const WHAT: &'static str = "step";
}

fn target<T: Ends>() -> Target {
    let kind = match T::WHAT {
        "runAttempt" => Kind::RunAttempt,
        "job" => Kind::Job,
        "step" => Kind::Step,
        _ => Kind::Run,
    };
    Target { kind, key: T::WHAT }
}

/// The rule of one wait.
#[derive(Debug)]
struct Wait {
    protocol: Arc<Protocol>,
    connected: Connected,
    target: Target,
    /// A failure is an end like any other.
    accepts_failure: bool,
}

impl Wait {
    fn resource(&self, response: &Response) -> Result<Value, String> {
        let body: Value =
            serde_json::from_slice(&response.body).map_err(|_| "the answer is not JSON".to_owned())?;
        match body.get(self.target.key) {
            Some(resource @ Value::Object(_)) => Ok(resource.clone()),
            _ => Err(format!("the answer has no {}", self.target.key)),
        }
    }
}

impl Service for Wait {
    fn explain(&self, response: &Response) -> Option<String> {
        self.protocol.explain(response)
    }

    fn message(&self, response: &Response) -> Option<String> {
        self.protocol.message(response)
    }

    fn code(&self, response: &Response) -> Option<String> {
        self.protocol.code(response)
    }

    fn secrets(&self) -> &[SecretString] {
        self.protocol.secrets()
    }

    fn how_to_check(&self) -> &'static str {
        "Look with `list_runs` whether there is a new run"
    }

    /// Of a start: the name of the run.
    fn accepted(&self, response: &Response) -> Result<(String, Value), String> {
        let run = self.resource(response)?;
        let name = run.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        name_request("", Method::Get, self.target.kind, &name, "")
            .map_err(|_| "its name is not that of a run".to_owned())?;
        Ok((name, Value::Null))
    }

    fn status_request(&self, name: &str) -> Request {
        // Every name that comes here was checked.
        let request = name_request("", Method::Get, self.target.kind, name, "");
        self.connected.complete(request.unwrap_or_else(|_| Request::new(Method::Get, "", "/version")))
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let resource = self.resource(response)?;
        let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let status = text("state");
        Ok(match &*status {
            "STATE_SUCCEEDED" | "STATE_SKIPPED" => Judgement::Done { status, body: resource },
            "STATE_FAILED" if self.accepts_failure => Judgement::Done { status, body: resource },
            "STATE_FAILED" => {
                let detail = json!({
                    "failureReason": text("failureReason"),
                    "failureMessage": text("failureMessage"),
                });
                Judgement::Failed { status, detail }
            }
            // What is not known goes on: a service may get new states.
            "" => Judgement::Pending { status: "STATE_UNSPECIFIED".to_owned() },
            _ => Judgement::Pending { status },
        })
    }
}

/// Why something ended badly, of the error of a wait: `RUN_FAILURE_REASON_TIMEOUT`, for instance. `None` for other errors.
pub fn failure_reason(error: &Error) -> Option<&str> {
    if error.kind() != ErrorKind::OperationFailed {
        return None;
    }
    error.api_response()?.get("failureReason")?.as_str().filter(|reason| !reason.is_empty())
}

/// True for the error of a wait for something that was cancelled. The service has no state for that: it failed, with a reason
/// of its own.
///
/// ```no_run
/// # use controlplane::h2o_workflows::{self, is_cancelled};
/// # let clients = h2o_workflows::login()?;
/// match clients.run().wait_for_run("workspaces/w/workflows/f/revisions/r/runs/x").send() {
///     Ok(run) => println!("done at {:?}", run.end_time),
///     Err(error) if is_cancelled(&error) => println!("somebody cancelled it"),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
pub fn is_cancelled(error: &Error) -> bool {
    failure_reason(error).is_some_and(|reason| reason.ends_with("_FAILURE_REASON_CANCELED"))
}

/// The machine of a wait, after a request or without one.
fn start<T: Ends>(
    core: &Core,
    options: &CallOptions,
    label: &str,
    name: &str,
    first: Option<Request>,
    accepts_failure: bool,
) -> Result<Running<T>, Error> {
    let target = if first.is_some() { RUN } else { target::<T>() };
    if first.is_none() {
        name_request(label, Method::Get, target.kind, name, "")?;
    }
    let protocol = core.protocol()?.clone();
    let connected = protocol.connected()?.clone();
    let tokens = connected.tokens.clone();
    let first = first.map(|request| connected.complete(request));
    let wait = Wait { protocol, connected, target, accepts_failure };
    let context: Arc<Context> = core.context(Arc::new(wait), label.to_owned(), Vec::new(), options);
    let operation = match first {
        Some(request) => Operation::submit(context, request, Effect::Changes),
        None => Operation::resume(context, name.to_owned()),
    };
    let machine = Authorized::new(tokens, operation, options.settings.clone(), core.budget().clone());
    Ok(Running::new(machine, |machine| {
        let mut operation = machine.into_inner();
        let done = operation.finish().unwrap_or_else(|| Err(not_run())).map_err(told)?;
        let what = done.request_id.clone();
        serde_json::from_value(done.body).map_err(|e| {
            Error::new(ErrorKind::UnexpectedResponse, "reading how it ended", e.to_string())
                .with_request_id(what)
                .with_advice("It has ended. Ask for it again.")
        })
    }))
}

fn told(error: Error) -> Error {
    if error.request_id().is_some() && error.is_timeout() {
        return error.with_advice("It goes on at the service. Go on waiting for it by its name.");
    }
    match is_cancelled(&error) {
        true => error.with_advice(
            "It was cancelled: by a person, by concurrency control, or because another job failed.",
        ),
        false => advised(error),
    }
}

/// See [`RunClient::wait_for_run`] and its like.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitFor<T> {
    /// What is waited for.
    pub name: String,
    /// Whether a failure is an outcome, and no error.
    pub accepts_failure: bool,
    what: PhantomData<fn() -> T>,
}

impl<T: Ends> fmt::Debug for WaitFor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("what", &T::WHAT)
            .field("name", &self.name)
            .field("accepts_failure", &self.accepts_failure)
            .finish()
    }
}

impl<T: Ends> Action<H2oWorkflows> for WaitFor<T> {
    type Output = T;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<T>, Error> {
        let label = label("waiting for", &self.name);
        start(core, options, &label, &self.name, None, self.accepts_failure)
    }
}

/// See [`WorkflowRevisionClient::run_and_wait`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunAndWait {
    /// The run that is to be started.
    pub run: RunWorkflowRevision,
    /// Whether a failure is an outcome, and no error.
    pub accepts_failure: bool,
}

impl Action<H2oWorkflows> for RunAndWait {
    type Output = Run;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Run>, Error> {
        let (label, request) = (self.run.label(), self.run.to_request()?);
        start(core, options, &label, "", Some(request), self.accepts_failure)
    }
}

fn with_time<M, A>(mut call: Call<M, A>) -> Call<M, A> {
    let settings = &mut call.options.settings;
    settings.timeout = settings.timeout.max(WAIT);
    call
}

fn waiting<M, T>(shared: &crate::client::Shared<H2oWorkflows, M>, name: String) -> Call<M, WaitFor<T>> {
    let wait = WaitFor { name, accepts_failure: false, what: PhantomData };
    with_time(Call::new(shared.clone(), wait))
}

/// # Waiting
///
/// The vendor's client has nothing of the kind. A wait asks until the state is `STATE_SUCCEEDED`, `STATE_FAILED` or (of
/// jobs and steps) `STATE_SKIPPED`: at once, then after 2 s, then at growing intervals up to 15 s, for an hour at most or as
/// long as the client's own time-out if that is longer; see [`Call::poll_interval`] and [`Call::timeout`]. What may pass is
/// borne until the time is over: 429, 5xx, broken connections, an issuer that does not answer. A state that is not known
/// counts as still going.
///
/// `STATE_FAILED` is the error [`OperationFailed`](ErrorKind::OperationFailed), unless [`Call::accept_failure`] says otherwise;
/// [`failure_reason`] and [`is_cancelled`] read it. When the time is over, the error is
/// [`OperationTimeout`](ErrorKind::OperationTimeout). Both have the name as their [`request_id`](Error::request_id).
impl<M> RunClient<M> {
    /// Waits until a run has ended.
    pub fn wait_for_run(&self, name: impl Into<String>) -> Call<M, WaitFor<Run>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// As [`RunClient::wait_for_run`] does it.
impl<M> RunAttemptClient<M> {
    /// Waits until an attempt has ended. After a retry this is safer than to wait for the run, whose state may
    /// still be the one of the attempt before: ask for the attempt `latest`, and wait for the name that it has.
    pub fn wait_for_run_attempt(&self, name: impl Into<String>) -> Call<M, WaitFor<RunAttempt>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// As [`RunClient::wait_for_run`] does it.
impl<M> JobClient<M> {
    /// Waits until a job has ended.
    pub fn wait_for_job(&self, name: impl Into<String>) -> Call<M, WaitFor<Job>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
///
/// As [`RunClient::wait_for_run`] does it.
impl<M> StepClient<M> {
    /// Waits until a step has ended.
    pub fn wait_for_step(&self, name: impl Into<String>) -> Call<M, WaitFor<Step>> {
        waiting(&self.0, name.into())
    }
}

/// # Waiting
impl<M> WorkflowRevisionClient<M> {
    /// Starts a run, and waits until it has ended: see [`RunClient::wait_for_run`].
    ///
    /// The start is sent once and not again after it may have been taken. Every error after it was taken has the run's name
    /// as its [`request_id`](Error::request_id): wait for that, and do not start another one.
    pub fn run_and_wait(&self, name: impl Into<String>) -> Call<M, RunAndWait> {
        let run = RunAndWait { run: RunWorkflowRevision::new(name), accepts_failure: false };
        with_time(Call::new(self.0.clone(), run))
    }
}

impl<M, T> Call<M, WaitFor<T>> {
    /// What has failed is given like what has not, and is no error.
    pub fn accept_failure(mut self) -> Self {
        self.command.accepts_failure = true;
        self
    }
}

impl<M> Call<M, RunAndWait> {
    /// A run that has failed is given like one that has not, and is no error.
    pub fn accept_failure(mut self) -> Self {
        self.command.accepts_failure = true;
        self
    }

    /// What the run is given, instead of what was said before.
    pub fn inputs(mut self, inputs: InputValues) -> Self {
        self.command.run.inputs = inputs;
        self
    }

    /// One more thing that the run is given: a text, a bool or an integer.
    pub fn input(mut self, parameter: impl Into<String>, value: impl Into<InputValue>) -> Self {
        self.command.run.inputs = self.command.run.inputs.with(parameter, value);
        self
    }
}
