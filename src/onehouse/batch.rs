//! Batches of Onehouse: what a command becomes in a batch.

use std::borrow::Cow;
use std::path::Path;

#[cfg(feature = "sign-in")]
use crate::client::AccessTokens;
#[cfg(feature = "sign-in")]
use crate::client::Platform;
use crate::client::batch::{BatchCommand, BatchPlatform, Job, JobContext, Owner, PlannedCall};
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

/// Many calls of any kind, sent under the client's one budget.
///
/// Made by [`Client::batch`], or by [`Client::batch_from`] from the journal of an interrupted one. For what a
/// batch does with the budget, and how it is stopped and continued, see
/// [`client::Batch`](crate::client::Batch). Operations of one kind are those with the same words before the
/// first name: `CREATE CLUSTER`.
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

/// A call of a batch before it runs.
pub type BatchCall<'a> = crate::client::BatchCall<'a, Onehouse>;

/// The result of a call of a batch.
pub type Finished = crate::client::Finished<StatusResponse>;

/// The results of a blocking batch, as its calls finish.
pub type Results = crate::client::Results<Onehouse>;

/// The results of a batch of futures, as its calls finish.
#[cfg(feature = "async")]
pub type AsyncResults = crate::client::AsyncResults<Onehouse>;

impl PlannedCall for Statement {
    fn label(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.label)
    }

    fn kind(&self) -> &str {
        &self.kind
    }

    fn effect(&self) -> Effect {
        self.effect
    }
}

impl BatchPlatform for Onehouse {
    type Planned = Statement;
    type Output = StatusResponse;

    fn owner(protocol: &Protocol) -> Owner {
        let (endpoint, account) = (protocol.root().to_owned(), protocol.project_uid().to_owned());
        Owner { service: "onehouse", endpoint, account }
    }

    fn job(
        context: JobContext<Self>,
        call: &Statement,
        submitted: Option<&str>,
    ) -> Result<Job<StatusResponse>, Error> {
        let JobContext { core, options } = context;
        let (protocol, context) = (core.protocol()?, call::context(&core, call, &options)?);
        let operation = match submitted {
            Some(id) => resume(protocol, context, id),
            None => operation(protocol, context, call),
        };
        Ok(Job(Box::new(Submitted::new(operation, status_response))))
    }

    #[cfg(feature = "sign-in")]
    fn tokens_for<'a>(protocol: &'a Protocol, _: &Request) -> Option<AccessTokens<'a>> {
        <Self as Platform>::tokens(protocol)
    }
}

impl<C: Command> BatchCommand<Onehouse> for C {
    fn plan(&self, _: &Core, options: &CallOptions) -> Result<Statement, Error> {
        options.own.statement(self)
    }
}

impl BatchCall<'_> {
    /// Returns the statement that will be sent, or was; an empty text if it cannot be sent, which `run`
    /// reports.
    pub fn sql(&self) -> &str {
        self.planned().map(|statement| statement.sql.as_str()).unwrap_or_default()
    }
}

/// # Batches
impl<M> Client<M> {
    /// Returns an empty batch: see [`Batch`].
    pub fn batch(&self) -> Batch<M> {
        Batch::new(self.shared.clone())
    }

    /// Returns the batch that an earlier run wrote into a journal, to continue it.
    ///
    /// A call that has ended is not sent again. An operation that was submitted is waited for, by its id. A
    /// call that was being sent when the earlier run ended, and may have been accepted, ends with
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and is not sent: check it, then call
    /// [`again`](Batch::again) or [`settled`](Batch::settled). All other calls are sent. The file is not
    /// changed until the batch runs, which then continues it.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or is that of another
    /// project or another address.
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        Batch::from_journal(self.shared.clone(), journal.as_ref())
    }
}
