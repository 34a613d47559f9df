//! Batches of Onehouse: what a command becomes in a batch.

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};

#[cfg(feature = "sign-in")]
use crate::client::AccessTokens;
#[cfg(feature = "sign-in")]
use crate::client::Platform;
use crate::client::batch::{
    BatchCommand, BatchPlatform, Job, JobContext, Member, Owner, PlannedCall, not_resumable,
};
use crate::engine::Effect;
use crate::engine::batch::Submitted;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
#[cfg(feature = "sign-in")]
use crate::http::Request;

use super::call::{self, CallOptions, Core, operation, resume, status_response};
use super::client::{Client, Onehouse};
use super::commands::Command;
use super::protocol::Protocol;
use super::statement::Statement;
use super::status::StatusResponse;
use super::waits::{
    JobRun, ResumedRun, RunAndWait, RunStatement, RunWait, StateWait, WaitForJobRun, WaitForState,
};

/// Many calls of any kind, sent under the rate limit of the client.
///
/// [`Client::batch`] makes an empty batch. [`Client::batch_from`] makes a batch from the journal of an
/// interrupted one; the journal is the file in which a batch records its progress. A call may be a command, a
/// run with [`and_wait`](super::Call::and_wait), or a wait for a state or a run. The output of every call is
/// a [`StatusResponse`]: for a wait for a state, the response with that state; for a wait for a run, the last
/// response to `DESCRIBE JOB_RUN`.
///
/// For the order of requests under the rate limit, and for how a batch is stopped and continued, see
/// [`client::Batch`](crate::client::Batch). A batch learns how long operations take, separately for each kind
/// of statement. Two statements are of one kind if they have the same words before the first name, such as
/// `CREATE CLUSTER`; a statement as text counts with its first two words.
///
/// ```
/// use controlplane::onehouse::{Client, ClusterType, LakeType};
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let client = Client::new(emulator.credentials())?;
/// let mut batch = client.batch();
/// batch.add("cluster", client.create_cluster("prod", ClusterType::Managed));
/// batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "prod")).after("cluster");
/// for name in ["events", "clicks"] {
///     batch.add(name, client.create_database(name, "raw")).after("lake");
/// }
/// for finished in batch.run()? {
///     match finished.result {
///         Ok(done) => println!("{}: {}", finished.key, done.api_status),
///         Err(error) => eprintln!("{}: {error}", finished.key),
///     }
/// }
/// # assert_eq!(emulator.ledger().len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Batch<M> = crate::client::Batch<Onehouse, M>;

/// A call that was added to a batch, before the batch runs.
pub type BatchCall<'a> = crate::client::BatchCall<'a, Onehouse>;

/// The result of a call of a batch.
pub type Finished = crate::client::Finished<StatusResponse>;

/// The results of a blocking batch, as its calls finish.
pub type Results = crate::client::Results<Onehouse>;

/// The results of an asynchronous batch, as its calls finish.
#[cfg(feature = "async")]
pub type AsyncResults = crate::client::AsyncResults<Onehouse>;

/// A call as a batch and its journal keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Planned {
    /// A statement. Journals of all versions have it in this form.
    Statement(Statement),
    /// A call that waits for something else than the end of its statement.
    Waiting(Box<Waiting>),
}

/// A call that waits for something else than the end of its statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Waiting {
    /// A wait.
    WaitForState(StateWait),
    /// A wait.
    WaitForJobRun(RunWait),
    /// A job that is run, and the wait for the end of the run.
    RunAndWait(RunStatement),
}

impl From<Waiting> for Planned {
    fn from(waiting: Waiting) -> Self {
        Self::Waiting(Box::new(waiting))
    }
}

impl Planned {
    /// The statement, or that of a wait.
    fn first(&self) -> &Statement {
        match self {
            Self::Statement(statement) => statement,
            Self::Waiting(waiting) => match &**waiting {
                Waiting::WaitForState(wait) => &wait.check,
                Waiting::WaitForJobRun(wait) => &wait.check,
                Waiting::RunAndWait(run) => &run.run,
            },
        }
    }
}

impl PlannedCall for Planned {
    fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Statement(statement) => Cow::Borrowed(&statement.label),
            Self::Waiting(waiting) => match &**waiting {
                Waiting::WaitForState(wait) => Cow::Owned(wait.described()),
                Waiting::WaitForJobRun(wait) => Cow::Owned(wait.described()),
                Waiting::RunAndWait(run) => Cow::Borrowed(&run.run.label),
            },
        }
    }

    fn kind(&self) -> &str {
        &self.first().kind
    }

    fn effect(&self) -> Effect {
        self.first().effect
    }

    fn statement(&self) -> Option<&str> {
        Some(&self.first().sql)
    }
}

impl BatchPlatform for Onehouse {
    type Planned = Planned;
    type Output = StatusResponse;

    const NAME: &'static str = "onehouse";

    fn owner(protocol: &Protocol) -> Owner {
        let (endpoint, account) = (protocol.root().to_owned(), protocol.project_uid().to_owned());
        Owner { service: Self::NAME.into(), endpoint, account, organization: None }
    }

    fn job<T: 'static>(
        context: JobContext<Self, T>,
        call: &Planned,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error> {
        let (label, effect) = (call.label(), call.effect());
        let statement = match call {
            Planned::Statement(statement) => statement,
            Planned::Waiting(waiting) => {
                return match (&**waiting, submitted) {
                    (Waiting::WaitForState(wait), None) => context.job(&label, wait, effect, |done| done),
                    (Waiting::WaitForJobRun(wait), None) => context.job(&label, wait, effect, described),
                    (Waiting::RunAndWait(run), None) => context.job(&label, run, effect, described),
                    (Waiting::RunAndWait(run), Some(id)) => {
                        context.resumed(&label, &ResumedRun { run, id }, described)
                    }
                    (_, Some(_)) => Err(not_resumable(&label)),
                };
            }
        };
        let JobContext { core, options, convert, .. } = context;
        let (protocol, context) = (core.protocol()?, call::context(&core, statement, &options)?);
        let operation = match submitted {
            Some(id) => resume(protocol, context, id),
            None => operation(protocol, context, statement),
        };
        Ok(Job(Box::new(Submitted::new(operation, move |done| convert(status_response(done))))))
    }

    #[cfg(feature = "sign-in")]
    fn tokens_for<'a>(protocol: &'a Protocol, _: &Request) -> Option<AccessTokens<'a>> {
        <Self as Platform>::tokens(protocol)
    }
}

/// The response in which the end of a run was found.
fn described(run: JobRun) -> StatusResponse {
    run.described
}

impl<C: Command> BatchCommand<Onehouse> for C {
    fn plan(&self, _: &Core, options: &CallOptions) -> Result<Planned, Error> {
        options.own.statement(self).map(Planned::Statement)
    }
}

impl BatchCommand<Onehouse> for WaitForState {
    fn plan(&self, _: &Core, options: &CallOptions) -> Result<Planned, Error> {
        Ok(Waiting::WaitForState(self.keep(options)?).into())
    }
}

impl BatchCommand<Onehouse> for WaitForJobRun {
    fn plan(&self, _: &Core, options: &CallOptions) -> Result<Planned, Error> {
        Ok(Waiting::WaitForJobRun(self.keep(options)?).into())
    }
}

impl BatchCommand<Onehouse> for RunAndWait {
    fn plan(&self, _: &Core, options: &CallOptions) -> Result<Planned, Error> {
        Ok(Waiting::RunAndWait(self.keep(options)?).into())
    }
}

impl BatchCall<'_> {
    /// Returns the statement of the call. It is empty if the call cannot be sent; `run` reports why. For a
    /// wait it is the statement of its checks, which is sent many times.
    pub fn sql(&self) -> &str {
        self.shown_statement().unwrap_or_default()
    }
}

/// # Batches
impl<M> Client<M> {
    /// Returns an empty batch: see [`Batch`].
    pub fn batch(&self) -> Batch<M> {
        Batch::of(vec![Member::new(self.shared.clone())])
    }

    /// Returns the batch that an earlier run wrote into a journal, to continue it.
    ///
    /// A call that succeeded, or that failed after the service accepted it, is not sent again. If an
    /// operation was submitted and its end was not seen, the batch waits for it by its request id. A call
    /// that was being sent when the earlier run ended, and may have been accepted, ends with
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and is not sent: check it, then call
    /// [`again`](Batch::again) or [`settled`](Batch::settled). All other calls are sent. The file is not
    /// changed until the batch runs; the batch then adds its entries to the same file.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or belongs to another
    /// project or another base URL.
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        Batch::continued(&[Member::new(self.shared.clone())], journal.as_ref())
    }
}
