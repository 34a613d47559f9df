//! Batches of H2O Workflows: what a call becomes in a batch.

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::client::AccessTokens;
use crate::client::batch::{
    BatchCommand, BatchPlatform, Job as BatchJob, JobContext, Member, Owner, PlannedCall, not_resumable,
};
use crate::engine::Effect;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

use super::any::AnyCommand;
use super::any_output::AnyOutput;
use super::client::{Client, H2oWorkflows};
use super::command::{CallOptions, Command, Core};
use super::credentials::Credentials;
use super::runs::{AndWait, Ends, Job, RetryRun, Run, RunAttempt, Step, WaitFor};
use super::service::plain_headers;
use super::workflows::RunWorkflowRevision;

/// Many calls of any kind, with a journal from which they can be continued.
///
/// Made by [`Client::batch`], or by [`Client::batch_from`] from the journal of an interrupted one. A call may
/// be a command, a command with [`and_wait`](super::Call::and_wait), or a wait. For what a batch does with a
/// rate limit, and how it is stopped and continued, see [`client::Batch`](crate::client::Batch).
///
/// ```no_run
/// use controlplane::h2o_workflows::{AnyOutput, Client};
///
/// # let client = Client::from_env()?;
/// let mut batch = client.batch();
/// batch.add("activate", client.workflow().activate_workflow("workspaces/w/workflows/f"));
/// for day in ["2026-01-01", "2026-01-02"] {
///     let run = client.workflow_revision().run_workflow_revision("workspaces/w/workflows/f/revisions/active");
///     batch.add(day, run.input("day", day).and_wait()).after("activate");
/// }
/// for finished in batch.run()? {
///     match finished.result? {
///         AnyOutput::Run(run) => println!("{}: {} is {}", finished.key, run.name, run.state),
///         _ => println!("{} is done", finished.key),
///     }
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
pub type Batch<M> = crate::client::Batch<H2oWorkflows, M>;

/// A call of a batch before it runs.
pub type BatchCall<'a> = crate::client::BatchCall<'a, H2oWorkflows>;

/// The result of a call of a batch.
pub type Finished = crate::client::Finished<AnyOutput>;

/// The results of a blocking batch, as its calls finish.
pub type Results = crate::client::Results<H2oWorkflows>;

/// The results of a batch of futures, as its calls finish.
#[cfg(feature = "async")]
pub type AsyncResults = crate::client::AsyncResults<H2oWorkflows>;

/// A call as a batch and its journal keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Planned {
    /// A command.
    Command(Box<AnyCommand>),
    /// A revision that is run, and the wait for its run.
    RunAndWait { run: RunWorkflowRevision, accept_failure: bool },
    /// A run that is retried, and the wait for the new attempt.
    RetryAndWait { retry: RetryRun, accept_failure: bool },
    /// A wait.
    WaitForRun { name: String, accept_failure: bool },
    /// A wait.
    WaitForRunAttempt { name: String, accept_failure: bool },
    /// A wait.
    WaitForJob { name: String, accept_failure: bool },
    /// A wait.
    WaitForStep { name: String, accept_failure: bool },
}

/// A wait as it is kept.
fn kept<T>(name: &str, accept_failure: bool) -> WaitFor<T>
where
    T: Ends,
{
    WaitFor::kept(name, accept_failure)
}

impl Planned {
    /// The first request of the call, except for those that find the service.
    fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::Command(command) => command.to_request(),
            Self::RunAndWait { run, .. } => run.to_request(),
            Self::RetryAndWait { retry, .. } => retry.to_request(),
            Self::WaitForRun { name, .. } => kept::<Run>(name, false).request(),
            Self::WaitForRunAttempt { name, .. } => kept::<RunAttempt>(name, false).request(),
            Self::WaitForJob { name, .. } => kept::<Job>(name, false).request(),
            Self::WaitForStep { name, .. } => kept::<Step>(name, false).request(),
        }
    }

    fn checked(self) -> Result<Self, Error> {
        self.to_request()?;
        Ok(self)
    }
}

impl PlannedCall for Planned {
    fn label(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            Self::Command(command) => command.describe(),
            Self::RunAndWait { run, .. } => run.describe(),
            Self::RetryAndWait { retry, .. } => retry.describe(),
            Self::WaitForRun { name, .. } => kept::<Run>(name, false).label(),
            Self::WaitForRunAttempt { name, .. } => kept::<RunAttempt>(name, false).label(),
            Self::WaitForJob { name, .. } => kept::<Job>(name, false).label(),
            Self::WaitForStep { name, .. } => kept::<Step>(name, false).label(),
        })
    }

    #[cfg(operation_batches)]
    fn kind(&self) -> &str {
        match self {
            Self::Command(command) => command.name(),
            Self::RunAndWait { run, .. } => run.name(),
            Self::RetryAndWait { retry, .. } => retry.name(),
            _ => "wait",
        }
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Command(command) => command.effect(),
            Self::RunAndWait { run, .. } => Command::effect(run),
            Self::RetryAndWait { retry, .. } => Command::effect(retry),
            _ => Effect::Repeatable,
        }
    }

    fn request(&self) -> Option<Request> {
        let mut request = self.to_request().ok()?;
        request.headers = plain_headers(request.body.is_some());
        Some(request)
    }
}

impl BatchPlatform for H2oWorkflows {
    type Planned = Planned;
    type Output = AnyOutput;

    const NAME: &'static str = "h2o_workflows";

    fn owner(protocol: &Credentials) -> Owner {
        // The names of the calls say which workspace they are about, and an environment is that of one organization.
        let (endpoint, account) = (protocol.0.address().to_owned(), String::new());
        Owner { service: Self::NAME.into(), endpoint, account, organization: None }
    }

    fn job<T: 'static>(
        context: JobContext<Self, T>,
        call: &Planned,
        submitted: Option<&str>,
    ) -> Result<BatchJob<T>, Error> {
        let (label, effect) = (call.label(), call.effect());
        match (call, submitted) {
            (Planned::Command(command), None) => context.job(&label, &**command, effect, |output| output),
            (Planned::RunAndWait { run, accept_failure }, None) => {
                let action = AndWait::kept(run.clone(), *accept_failure);
                context.job(&label, &action, effect, AnyOutput::from)
            }
            (Planned::RunAndWait { run, accept_failure }, Some(name)) => {
                let action = AndWait::kept(run.clone(), *accept_failure).resumed(name);
                context.resumed(&label, &action, AnyOutput::from)
            }
            (Planned::RetryAndWait { retry, accept_failure }, None) => {
                let action = AndWait::kept(retry.clone(), *accept_failure);
                context.job(&label, &action, effect, AnyOutput::from)
            }
            (Planned::RetryAndWait { retry, accept_failure }, Some(name)) => {
                let action = AndWait::kept(retry.clone(), *accept_failure).resumed(name);
                context.resumed(&label, &action, AnyOutput::from)
            }
            (Planned::WaitForRun { name, accept_failure }, None) => {
                context.job(&label, &kept::<Run>(name, *accept_failure), effect, AnyOutput::from)
            }
            (Planned::WaitForRunAttempt { name, accept_failure }, None) => {
                context.job(&label, &kept::<RunAttempt>(name, *accept_failure), effect, AnyOutput::from)
            }
            (Planned::WaitForJob { name, accept_failure }, None) => {
                context.job(&label, &kept::<Job>(name, *accept_failure), effect, AnyOutput::from)
            }
            (Planned::WaitForStep { name, accept_failure }, None) => {
                context.job(&label, &kept::<Step>(name, *accept_failure), effect, AnyOutput::from)
            }
            (_, Some(_)) => Err(not_resumable(&label)),
        }
    }

    /// Requests to the discovery service have none.
    fn tokens_for<'a>(protocol: &'a Credentials, request: &Request) -> Option<AccessTokens<'a>> {
        let endpoint = protocol.0.endpoint().filter(|endpoint| endpoint.url == request.base_url)?;
        Some(AccessTokens(&endpoint.tokens))
    }
}

impl<C: Command + Into<AnyCommand>> BatchCommand<H2oWorkflows> for C {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        Planned::Command(Box::new(self.clone().into())).checked()
    }
}

impl BatchCommand<H2oWorkflows> for AndWait<RunWorkflowRevision> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (run, accept_failure) = self.keep()?;
        Planned::RunAndWait { run, accept_failure }.checked()
    }
}

impl BatchCommand<H2oWorkflows> for AndWait<RetryRun> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (retry, accept_failure) = self.keep()?;
        Planned::RetryAndWait { retry, accept_failure }.checked()
    }
}

impl BatchCommand<H2oWorkflows> for WaitFor<Run> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (name, accept_failure) = self.keep()?;
        Planned::WaitForRun { name, accept_failure }.checked()
    }
}

impl BatchCommand<H2oWorkflows> for WaitFor<RunAttempt> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (name, accept_failure) = self.keep()?;
        Planned::WaitForRunAttempt { name, accept_failure }.checked()
    }
}

impl BatchCommand<H2oWorkflows> for WaitFor<Job> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (name, accept_failure) = self.keep()?;
        Planned::WaitForJob { name, accept_failure }.checked()
    }
}

impl BatchCommand<H2oWorkflows> for WaitFor<Step> {
    fn plan(&self, _: &Core, _: &CallOptions) -> Result<Planned, Error> {
        let (name, accept_failure) = self.keep()?;
        Planned::WaitForStep { name, accept_failure }.checked()
    }
}

impl BatchCall<'_> {
    /// Returns the first request of the call, without the service's address and the access token. A wait for
    /// something sends its request again and again. `None` if the call cannot be sent, which `run` reports.
    pub fn to_request(&self) -> Option<Request> {
        self.shown_request()
    }
}

/// # Batches
impl<M> Client<M> {
    /// Returns an empty batch: see [`Batch`].
    pub fn batch(&self) -> Batch<M> {
        Batch::of(vec![Member::new(self.shared.clone())])
    }

    /// Returns the batch that an earlier run of the program wrote into a journal, to continue it.
    ///
    /// A call that succeeded, or that failed after the service accepted it, is not sent again. A workflow run
    /// that was started is waited for, by its name. A call that was being sent when the program ended, and
    /// may have been accepted, ends with [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and is not sent: check
    /// it, then call [`again`](Batch::again) or [`settled`](Batch::settled). All other calls are sent. The
    /// file is not changed until the batch runs, which then continues it.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or belongs to another
    /// environment.
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        Batch::continued(&[Member::new(self.shared.clone())], journal.as_ref())
    }
}
