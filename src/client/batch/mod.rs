//! Batches: many calls, those of each client under its rate limit, on threads or as a future, with a journal
//! from which they can be continued.
//!
//! The calls of a service can go into a batch if the service implements [`BatchPlatform`]. A batch is of one
//! service, or of several: that is its [`BatchScope`].

mod blocking;
mod calls;
mod cancel;
mod continuing;
#[cfg(feature = "async")]
mod futures;
mod journal;
mod member;
mod order;
mod results;
mod running;
mod scope;

#[cfg(errands)]
use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
#[cfg(errands)]
use std::time::Duration;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::batch::{Batch as Jobs, Latest, Reports, Task, Work};
#[cfg(errands)]
use crate::engine::batch::{Errand, ErrandFirst, Returned};
#[cfg(errands)]
use crate::engine::machine::no_outcome;
use crate::engine::{Effect, Machine, TooMany};
use crate::error::{Error, ErrorKind};
use crate::http::Request;

#[cfg(tokens)]
use super::AccessTokens;
use super::{Action, Call, CallOptions, Core, Platform};
#[cfg(all(errands, feature = "async"))]
use super::{Async, mode::Returning};
#[cfg(errands)]
use super::{Blocking, Shared};

use cancel::Cancels;
use journal::Journal;

pub use calls::{Added, Batch, BatchCall, CallState};
pub(crate) use member::Member;
#[cfg(feature = "async")]
pub use results::AsyncResults;
pub use results::{Finished, Results};
pub use scope::BatchScope;
pub(crate) use scope::Includes;

/// A service whose calls can go into a batch. Sealed.
pub trait BatchPlatform: Platform {
    /// The name of the service, as journals have it.
    const NAME: &'static str;

    /// A call as it is sent and as the journal keeps it.
    type Planned: PlannedCall;

    /// The output of a call.
    type Output: Send + 'static;

    /// Returns the owner of the calls, for the journal.
    fn owner(protocol: &Self::Protocol) -> Owner;

    /// Makes the machine that carries a call out; with the id under which the server accepted it in an
    /// earlier run, the machine that only waits for its end.
    fn job<T: 'static>(
        context: JobContext<Self, T>,
        call: &Self::Planned,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error>;

    /// Carries out an errand of a call, which [`JobContext::after_errand`] has packed.
    #[cfg(errands)]
    fn carry_out(_client: &Shared<Self, Blocking>, _errand: Errand) -> Returned {
        Err(no_outcome())
    }

    /// Carries out an errand of a call, which [`JobContext::after_errand`] has packed.
    #[cfg(all(errands, feature = "async"))]
    fn carry_out_async(_client: Shared<Self, Async>, _errand: Errand) -> Returning {
        Box::pin(std::future::ready(Err(no_outcome())))
    }

    /// The access tokens to add to this request of a batch.
    #[cfg(tokens)]
    fn tokens_for<'a>(_protocol: &'a Self::Protocol, _request: &Request) -> Option<AccessTokens<'a>> {
        None
    }
}

/// The client, the limits and the observer of a call of a batch whose outputs are of type `T`.
pub struct JobContext<S: BatchPlatform, T> {
    /// The batch enforces the rate limit, so this one has none.
    pub(crate) core: Arc<Core<S>>,
    pub(crate) options: CallOptions<S>,
    pub(crate) convert: fn(S::Output) -> T,
    /// Says more in the error of the call.
    #[cfg(errands)]
    explain: Option<Box<dyn FnOnce(Error) -> Error + Send>>,
}

impl<S: BatchPlatform, T> fmt::Debug for JobContext<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobContext").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<S: BatchPlatform, T: 'static> JobContext<S, T> {
    fn new(core: Arc<Core<S>>, mut options: CallOptions<S>, convert: fn(S::Output) -> T) -> Self {
        options.settings.too_many = TooMany::LeaveToBatch;
        Self {
            core,
            options,
            convert,
            #[cfg(errands)]
            explain: None,
        }
    }

    /// Makes the job that does this, with its output converted.
    pub(crate) fn job<A: Action<S>>(
        self,
        label: &str,
        action: &A,
        effect: Effect,
        convert: impl FnOnce(A::Output) -> S::Output + Send + 'static,
    ) -> Result<Job<T>, Error>
    where
        A::Output: 'static,
    {
        Ok(Job(Box::new(self.task(label, action, effect, convert)?)))
    }

    /// Makes the job that waits for what an earlier run has submitted.
    pub(crate) fn resumed<A: Action<S>>(
        self,
        label: &str,
        action: &A,
        convert: impl FnOnce(A::Output) -> S::Output + Send + 'static,
    ) -> Result<Job<T>, Error>
    where
        A::Output: 'static,
    {
        Ok(Job(Box::new(self.task(label, action, Effect::Repeatable, convert)?.resumed())))
    }

    /// Sets what says more in the error of the call.
    #[cfg(errands)]
    pub(crate) fn explaining(mut self, explain: impl FnOnce(Error) -> Error + Send + 'static) -> Self {
        self.explain = Some(Box::new(explain));
        self
    }

    /// Makes the job that begins with an errand. Of its output, of type `O`, and of the time that it took, `go_on` makes
    /// the job that follows. `timeout`: of both together.
    #[cfg(errands)]
    pub(crate) fn after_errand<O: 'static>(
        self,
        label: &str,
        errand: impl Any + Send,
        timeout: Option<Duration>,
        go_on: impl FnOnce(Self, O, Duration) -> Result<Job<T>, Error> + Send + 'static,
    ) -> Job<T> {
        let go_on = move |output, spent| go_on(self, output, spent).map(|job| job.0);
        Job(Box::new(ErrandFirst::new(label, errand, timeout, go_on)))
    }

    fn task<A: Action<S>>(
        mut self,
        label: &str,
        action: &A,
        effect: Effect,
        convert: impl FnOnce(A::Output) -> S::Output + Send + 'static,
    ) -> Result<Task<T>, Error>
    where
        A::Output: 'static,
    {
        let (reports, latest) = (Reports::default(), Latest::default());
        self.options.observer = reports.observer(self.options.observer);
        self.options.settings.latest = latest.clone();
        let machine = action.start(&self.core, &self.options)?.0;
        let (core, of_batch) = (self.core, self.convert);
        #[cfg(errands)]
        let explain = self.explain.unwrap_or_else(|| Box::new(|error| error));
        #[cfg(not(errands))]
        let explain = |error| error;
        let machine = machine.map(move |outcome| match outcome {
            Ok(output) => Ok(of_batch(convert(output))),
            Err(error) => Err(core.masked(explain(error))),
        });
        let timeout = self.options.settings.timeout;
        Ok(Task::new(label, Box::new(machine), effect, timeout, latest, reports))
    }
}

/// The machine of a call of a batch.
#[derive(Debug)]
pub struct Job<T>(pub(crate) Box<dyn Work<T>>);

/// A call as it is sent and as the journal keeps it, in the form of its service.
pub trait PlannedCall: fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Returns what the call does, for messages.
    fn label(&self) -> Cow<'_, str>;

    /// Returns the kind of the call: calls of one kind are expected to take about the same time.
    #[cfg(operation_batches)]
    fn kind(&self) -> &str;

    /// Returns whether the call may be sent again when it is not known whether it was accepted.
    fn effect(&self) -> Effect;

    /// Returns the statement that the call sends, if it sends one.
    fn statement(&self) -> Option<&str> {
        None
    }

    /// Returns the first request of the call, without the service's address and the credentials, if it can be
    /// shown.
    fn request(&self) -> Option<Request> {
        None
    }
}

/// A call that can be part of a batch: a command of a service, or a call that waits for an end. Sealed.
pub trait BatchCommand<S: BatchPlatform> {
    /// Renders the call.
    #[doc(hidden)]
    fn plan(&self, core: &Core<S>, options: &CallOptions<S>) -> Result<S::Planned, Error>;
}

/// A call that can be added to a batch: a [`Call`], or an upload with its load (Hotdata). Sealed.
pub trait Addable<M> {
    /// The service.
    type Platform: BatchPlatform;

    /// The command of the call.
    type Command: BatchCommand<Self::Platform>;

    /// Returns the call.
    #[doc(hidden)]
    fn into_call(self) -> Call<Self::Platform, M, Self::Command>;
}

impl<P: BatchPlatform, M, C: BatchCommand<P>> Addable<M> for Call<P, M, C> {
    type Platform = P;
    type Command = C;

    fn into_call(self) -> Self {
        self
    }
}

/// The error for a wait whose end is up to a function of the program, which no journal can keep.
#[cold]
pub(crate) fn own_rule(label: &str) -> Error {
    Error::invalid(label, "a wait with a rule of its own (`until`) cannot be part of a batch").with_advice(
        "Nothing was sent. Leave the rule out, or send the call by itself when the calls before it have ended.",
    )
}

/// The error for a call that is not waited for by an id, in a journal that says so.
#[cold]
pub(crate) fn not_resumable(label: &str) -> Error {
    Error::new(
        ErrorKind::Journal,
        label,
        "the journal has an id for this call, whose kind has no end to wait for",
    )
    .with_advice("Nothing was sent. A journal must not be edited by hand.")
}

/// The owner of calls, as far as the client knows it: a batch is not continued with the client of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub(crate) service: Cow<'static, str>,
    /// The address that the calls are sent to.
    pub(crate) endpoint: String,
    /// The account, the project, or the workspace.
    pub(crate) account: String,
    /// `None`: the client does not know it, or the service has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<String>,
}

impl Owner {
    /// Returns the first part in which the two differ, with its values. A part that one of them does not know is no
    /// difference.
    fn difference<'a>(&'a self, other: &'a Self) -> Option<(&'static str, &'a str, &'a str)> {
        let parts = [
            ("service", Some(&*self.service), Some(&*other.service)),
            ("address", Some(&*self.endpoint), Some(&*other.endpoint)),
            ("account", Some(&*self.account), Some(&*other.account)),
            ("organization", self.organization.as_deref(), other.organization.as_deref()),
        ];
        let known = parts.into_iter().filter_map(|(what, a, b)| Some((what, a?, b?)));
        known.into_iter().find(|(_, a, b)| a != b)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.service, self.endpoint)?;
        match &*self.account {
            "" => Ok(()),
            account => write!(f, " ({account})"),
        }
    }
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
            self.jobs.stop_unwritten(&error);
            // Only the caller learns their outcomes.
            self.jobs.records();
        }
    }
}
