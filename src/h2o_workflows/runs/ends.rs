//! What ends: runs, attempts, jobs and steps, and why they fail.

use serde::de::DeserializeOwned;

use crate::h2o_workflows::names::Kind;

use super::model::{Job, Run, RunAttempt, Step};
use super::states::{JobState, RunAttemptState, RunState, StepState};

/// A resource that a wait can wait for: a [`Run`], a [`RunAttempt`], a [`Job`] or a [`Step`]. Sealed: it
/// cannot be implemented outside this crate.
pub trait Ends: Watched {}

/// What a wait needs to know of a resource. Not exported: it seals [`Ends`].
pub trait Watched: DeserializeOwned + Send + 'static {
    /// The kind of its name.
    const KIND: Kind;
    /// The key that wraps it in responses.
    const KEY: &'static str;

    /// The name of the wait for it, for messages.
    const WAIT: &'static str;
    /// What it is, for messages.
    const THING: &'static str;
    /// The name of the method that gets it, for messages.
    const GET: &'static str;

    /// Returns its state in the service's words.
    fn status(&self) -> &str;

    /// True if it has ended.
    fn is_over(&self) -> bool;

    /// Returns why it failed, if it did.
    fn failure(&self) -> Option<RunFailure>;
}

/// Why a run, an attempt, a job or a step failed: the [`detail`](crate::Error::detail) of the error of a
/// wait.
///
/// The service has no state for cancelled resources: their state is `STATE_FAILED`, with a reason that ends
/// with `_FAILURE_REASON_CANCELED`. [`is_cancelled`](RunFailure::is_cancelled) recognizes it.
///
/// ```no_run
/// use controlplane::h2o_workflows::{Client, RunFailure};
///
/// let client = Client::from_env()?;
/// match client.run().wait_for_run("workspaces/w/workflows/f/revisions/r/runs/x").send() {
///     Ok(run) => println!("ended at {:?}", run.end_time),
///     Err(error) => match error.detail::<RunFailure>() {
///         Some(failure) if failure.is_cancelled() => println!("cancelled"),
///         Some(failure) => println!("failed: {} ({})", failure.message, failure.reason),
///         None => return Err(error),
///     },
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunFailure {
    /// The reason in the service's words: `RUN_FAILURE_REASON_TIMEOUT`, `STEP_FAILURE_REASON_EXECUTION`.
    pub reason: String,
    /// The service's message about the failure. May be empty.
    pub message: String,
}

impl RunFailure {
    fn new(reason: &str, message: &str) -> Self {
        Self { reason: reason.to_owned(), message: message.to_owned() }
    }

    /// True if the resource was cancelled: by a person, by concurrency control, because another job failed,
    /// or by another policy.
    pub fn is_cancelled(&self) -> bool {
        self.reason.ends_with("_FAILURE_REASON_CANCELED")
    }
}

impl Ends for Run {}

impl Watched for Run {
    const KIND: Kind = Kind::Run;
    const KEY: &'static str = "run";
    const WAIT: &'static str = "wait_for_run";
    const THING: &'static str = "run";
    const GET: &'static str = "get_run";

    fn status(&self) -> &str {
        self.state.as_str()
    }

    fn is_over(&self) -> bool {
        self.state.is_terminal()
    }

    fn failure(&self) -> Option<RunFailure> {
        let failed = self.state == RunState::Failed;
        failed.then(|| RunFailure::new(self.failure_reason.as_str(), &self.failure_message))
    }
}

impl Ends for RunAttempt {}

impl Watched for RunAttempt {
    const KIND: Kind = Kind::RunAttempt;
    const KEY: &'static str = "runAttempt";
    const WAIT: &'static str = "wait_for_run_attempt";
    const THING: &'static str = "attempt";
    const GET: &'static str = "get_run_attempt";

    fn status(&self) -> &str {
        self.state.as_str()
    }

    fn is_over(&self) -> bool {
        self.state.is_terminal()
    }

    fn failure(&self) -> Option<RunFailure> {
        let failed = self.state == RunAttemptState::Failed;
        failed.then(|| RunFailure::new(self.failure_reason.as_str(), &self.failure_message))
    }
}

impl Ends for Job {}

impl Watched for Job {
    const KIND: Kind = Kind::Job;
    const KEY: &'static str = "job";
    const WAIT: &'static str = "wait_for_job";
    const THING: &'static str = "job";
    const GET: &'static str = "get_job";

    fn status(&self) -> &str {
        self.state.as_str()
    }

    fn is_over(&self) -> bool {
        self.state.is_terminal()
    }

    fn failure(&self) -> Option<RunFailure> {
        let failed = self.state == JobState::Failed;
        failed.then(|| RunFailure::new(self.failure_reason.as_str(), &self.failure_message))
    }
}

impl Ends for Step {}

impl Watched for Step {
    const KIND: Kind = Kind::Step;
    const KEY: &'static str = "step";
    const WAIT: &'static str = "wait_for_step";
    const THING: &'static str = "step";
    const GET: &'static str = "get_step";

    fn status(&self) -> &str {
        self.state.as_str()
    }

    fn is_over(&self) -> bool {
        self.state.is_terminal()
    }

    fn failure(&self) -> Option<RunFailure> {
        let failed = self.state == StepState::Failed;
        failed.then(|| RunFailure::new(self.failure_reason.as_str(), &self.failure_message))
    }
}
