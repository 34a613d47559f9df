//! Batches: many calls under one budget, on threads or as a future, with a journal from which they can be
//! continued.
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

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(machine_batches)]
use crate::engine::Machine;
use crate::engine::batch::{Batch as Jobs, Work};
#[cfg(machine_batches)]
use crate::engine::batch::{Latest, Reports, Task};
use crate::engine::{Effect, TooMany};
use crate::error::Error;
#[cfg(machine_batches)]
use crate::error::ErrorKind;
#[cfg(tokens)]
use crate::http::Request;

#[cfg(tokens)]
use super::AccessTokens;
#[cfg(machine_batches)]
use super::Action;
use super::{CallOptions, Core, Platform};

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
    type Output: Send + 'static;

    /// Returns the owner of the calls, for the journal.
    fn owner(protocol: &Self::Protocol) -> Owner;

    /// Makes the machine that carries a call out; with the id under which the server accepted it in an
    /// earlier run, the machine that only waits for its end.
    fn job(
        context: JobContext<Self>,
        call: &Self::Planned,
        submitted: Option<&str>,
    ) -> Result<Job<Self::Output>, Error>;

    /// The access tokens to add to this request of a batch.
    #[cfg(tokens)]
    fn tokens_for<'a>(_protocol: &'a Self::Protocol, _request: &Request) -> Option<AccessTokens<'a>> {
        None
    }
}

/// The client, the limits and the observer of a call of a batch.
pub struct JobContext<S: Platform> {
    /// The batch distributes the budget, so this one has no limit.
    pub(crate) core: Arc<Core<S>>,
    pub(crate) options: CallOptions<S>,
}

impl<S: Platform> fmt::Debug for JobContext<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobContext").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<S: Platform> JobContext<S> {
    fn new(core: Arc<Core<S>>, mut options: CallOptions<S>) -> Self {
        options.settings.too_many = TooMany::LeaveToBatch;
        Self { core, options }
    }

    /// Makes the job that does this, with its output converted.
    #[cfg(machine_batches)]
    pub(crate) fn job<A: Action<S>, T: 'static>(
        self,
        label: &str,
        action: &A,
        effect: Effect,
        convert: impl FnOnce(A::Output) -> T + Send + 'static,
    ) -> Result<Job<T>, Error>
    where
        A::Output: 'static,
    {
        Ok(Job(Box::new(self.task(label, action, effect, convert)?)))
    }

    /// Makes the job that waits for what an earlier run has submitted.
    #[cfg(machine_batches)]
    pub(crate) fn resumed<A: Action<S>, T: 'static>(
        self,
        label: &str,
        action: &A,
        convert: impl FnOnce(A::Output) -> T + Send + 'static,
    ) -> Result<Job<T>, Error>
    where
        A::Output: 'static,
    {
        Ok(Job(Box::new(self.task(label, action, Effect::Repeatable, convert)?.resumed())))
    }

    #[cfg(machine_batches)]
    fn task<A: Action<S>, T: 'static>(
        mut self,
        label: &str,
        action: &A,
        effect: Effect,
        convert: impl FnOnce(A::Output) -> T + Send + 'static,
    ) -> Result<Task<T>, Error>
    where
        A::Output: 'static,
    {
        let (reports, latest) = (Reports::default(), Latest::default());
        self.options.observer = reports.observer(self.options.observer);
        self.options.settings.latest = latest.clone();
        let machine = action.start(&self.core, &self.options)?.0;
        let core = self.core;
        let machine = machine.map(move |outcome| outcome.map(convert).map_err(|error| core.masked(error)));
        let timeout = self.options.settings.timeout;
        Ok(Task::new(label, Box::new(machine), effect, timeout, latest, reports))
    }
}

/// The machine of a call of a batch.
#[derive(Debug)]
pub struct Job<T>(pub(crate) Box<dyn Work<T>>);

/// A call as it is sent and as the journal keeps it, in the form of its service.
pub trait PlannedCall: Clone + fmt::Debug + Serialize + DeserializeOwned {
    /// Returns what the call does, for messages.
    fn label(&self) -> Cow<'_, str>;

    /// Returns the kind of the call: calls of one kind are expected to take about the same time.
    #[cfg(operation_batches)]
    fn kind(&self) -> &str;

    /// Returns whether the call may be sent again when it is not known whether it was accepted.
    fn effect(&self) -> Effect;
}

/// A call that can be part of a batch: a command of a service, or a call that waits for an end. Sealed.
pub trait BatchCommand<S: BatchPlatform> {
    /// Renders the call.
    #[doc(hidden)]
    fn plan(&self, core: &Core<S>, options: &CallOptions<S>) -> Result<S::Planned, Error>;
}

/// The error for a wait whose end is up to a function of the program, which no journal can keep.
#[cfg(machine_batches)]
#[cold]
pub(crate) fn own_rule(label: &str) -> Error {
    Error::invalid(label, "a wait with a rule of its own (`until`) cannot be part of a batch").with_advice(
        "Nothing was sent. Leave the rule out, or send the call by itself when the calls before it have ended.",
    )
}

/// The error for a call that is not waited for by an id, in a journal that says so.
#[cfg(machine_batches)]
#[cold]
pub(crate) fn not_resumable(label: &str) -> Error {
    Error::new(ErrorKind::Journal, label, "the journal has an id for the call, which cannot be waited for")
        .with_advice("Nothing was sent. A journal must not be edited by hand.")
}

/// The owner of calls: a batch is not continued with the client of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub(crate) service: &'static str,
    pub(crate) endpoint: String,
    pub(crate) account: String,
}

/// The outcome of a job, with its place in the batch.
type Concluded<T> = (usize, Result<T, Error>);

/// A batch that runs, with its journal and the tokens that cancel it.
#[derive(Debug)]
struct Recorded<T> {
    jobs: Jobs<T>,
    journal: Option<Journal>,
    cancels: Cancels,
}

impl<T> Recorded<T> {
    /// Writes down what is about to be done or was done.
    fn write(&mut self, wall: SystemTime) -> Result<(), Error> {
        let records = self.jobs.records();
        match &mut self.journal {
            Some(journal) => journal.write(&records, wall),
            None => Ok(()),
        }
    }

    /// Writes down events that announce nothing. If that fails, nothing more is submitted; what is in the
    /// journal is still true.
    fn write_after(&mut self, wall: SystemTime) {
        if let Err(error) = self.write(wall) {
            log::error!("{error}");
            self.jobs.stop("the journal cannot be written");
            // Only the caller learns their outcomes.
            self.jobs.records();
        }
    }
}
