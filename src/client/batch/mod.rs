//! Batches: many calls under one budget, on threads or as a future, with a journal from which they can be continued.
//!
//! The calls of a service can go into a batch if the service implements [`BatchPlatform`].

mod blocking;
mod calls;
mod cancel;
#[cfg(feature = "async")]
mod futures;
mod journal;
mod order;
mod results;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::batch::Batch as Jobs;
use crate::engine::operation::Completed;
use crate::engine::{Budget, CallContext, Effect, Observer, Operation, Service, Settings, TooMany};
use crate::error::Error;

use super::{CallOptions, Platform};

use cancel::Cancels;
use journal::Journal;

pub use calls::{Added, Batch, BatchCall, CallState};
#[cfg(feature = "async")]
pub use results::AsyncResults;
pub use results::{Finished, Results};

/// A service whose calls can go into a batch. Sealed.
pub trait BatchPlatform: Platform {
    /// A call as it is sent and as the journal keeps it.
    type Planned: PlannedCall;

    /// The output of a call.
    type Output;

    /// Returns the owner of the calls, for the journal.
    fn owner(protocol: &Self::Protocol) -> Owner;

    /// Makes the machine that submits a call and waits for its end; with the id that an earlier run was given, the machine
    /// that only waits.
    fn job(
        protocol: &Arc<Self::Protocol>,
        context: JobContext,
        call: &Self::Planned,
        submitted: Option<&str>,
    ) -> Job;

    /// Converts the outcome of the machine.
    fn output(outcome: JobOutcome) -> Self::Output;
}

/// The limits and the observer of a call of a batch.
#[derive(Debug)]
pub struct JobContext {
    settings: Settings,
    observer: Observer,
}

impl JobContext {
    /// The context of the call's machine. The batch distributes the budget, so the machine has no limit of its own.
    pub(crate) fn of(
        self,
        service: Arc<dyn Service>,
        label: &str,
        secrets: Vec<SecretString>,
    ) -> Arc<CallContext> {
        let budget = Arc::new(Budget::unlimited());
        let settings = Settings { too_many: TooMany::LeaveToBatch, ..self.settings };
        let context = CallContext::new(label, settings, budget, service);
        Arc::new(context.with_secrets(secrets).with_observer(self.observer))
    }
}

/// The machine of a call of a batch.
#[derive(Debug)]
pub struct Job(pub(crate) Operation);

/// The outcome of a [`Job`] that ended with a success.
#[derive(Debug)]
pub struct JobOutcome(pub(crate) Completed);

/// A call as it is sent and as the journal keeps it, in the form of its service.
pub trait PlannedCall: Clone + fmt::Debug + Serialize + DeserializeOwned {
    /// Returns what the call does, for messages.
    fn label(&self) -> &str;

    /// Returns the kind of the call: calls of one kind are expected to take about the same time.
    fn kind(&self) -> &str;

    /// Returns whether the call may be sent again when it is not known whether it was accepted.
    fn effect(&self) -> Effect;
}

/// A command that can go into a batch. Sealed.
pub trait BatchCommand<S: BatchPlatform> {
    /// Renders the call.
    #[doc(hidden)]
    fn plan(&self, options: &CallOptions<S>) -> Result<S::Planned, Error>;
}

/// The owner of calls: a batch is not continued with the client of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub(crate) service: &'static str,
    pub(crate) endpoint: String,
    pub(crate) account: String,
}

/// The outcome of a job, with its place in the batch.
type Concluded = (usize, Result<Completed, Error>);

/// A batch that runs, with its journal and the tokens that cancel it.
#[derive(Debug)]
struct Recorded {
    jobs: Jobs,
    journal: Option<Journal>,
    cancels: Cancels,
}

impl Recorded {
    /// Writes down what is about to be done or was done.
    fn write(&mut self, wall: SystemTime) -> Result<(), Error> {
        let records = self.jobs.records();
        match &mut self.journal {
            Some(journal) => journal.write(&records, wall),
            None => Ok(()),
        }
    }

    /// Writes down events that announce nothing. If that fails, nothing more is submitted; what is in the journal is still
    /// true.
    fn write_after(&mut self, wall: SystemTime) {
        if let Err(error) = self.write(wall) {
            log::error!("{error}");
            self.jobs.stop("the journal cannot be written");
            // Only the caller learns their outcomes.
            self.jobs.records();
        }
    }
}
