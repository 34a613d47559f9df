//! What the batch asks of the machine of a job.

#[cfg(errands)]
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::Wish;
use crate::engine::machine::Now;
#[cfg(errands)]
use crate::engine::machine::no_outcome;
use crate::error::Error;
use crate::http::{Request, Response};
use crate::transport::SendError;

#[cfg(errands)]
use super::Errand;
use super::JournalEvent;
#[cfg(operation_batches)]
use super::SharedDurations;

/// The machine of a job, as the batch schedules it.
///
/// The batch calls [`next`](Work::next) when it has a place in the budget, and [`received`](Work::received)
/// with the response to the request that this returned.
pub(crate) trait Work<T>: fmt::Debug + Send {
    /// Learns from others of its kind when an end is likely. `age`: how long ago it was submitted, if it was
    /// and that is known.
    #[cfg(operation_batches)]
    fn learn(&mut self, _durations: SharedDurations, _age: Option<Duration>) {}

    /// Returns true once the server works on it: a batch that is stopped waits for it.
    fn is_submitted(&self) -> bool;

    /// Returns when it wants a place in the budget.
    fn wish(&self) -> Wish;

    /// Returns when a poll will find the end almost surely, if that is known.
    fn sure_end(&self) -> Option<Instant> {
        None
    }

    /// Returns when the last poll has to start, and when the call times out; `None` before it begins. A call
    /// that wants nothing until later must not return an earlier time for the last poll.
    fn limits(&self) -> Option<(Instant, Instant)>;

    /// Begins the call, which ends no later than `latest`.
    fn begin(&mut self, now: Instant, latest: Option<Instant>);

    /// Begins to wait for what was submitted before: its time runs from now on.
    fn begin_waiting(&mut self, now: Instant, latest: Option<Instant>);

    /// Schedules the next poll by what is known now. `by_policy`: no later than a call outside of a batch would send it.
    fn reconsider(&mut self, _now: Instant, _by_policy: bool) {}

    /// Returns what it wants with the place that it has.
    fn next(&mut self, now: Instant) -> Ask<T>;

    /// Returns true if it begins with an errand: then it needs no place to begin.
    #[cfg(errands)]
    fn has_errand(&self) -> bool {
        false
    }

    /// Takes the output of its errand, and returns the machine that goes on with it.
    #[cfg(errands)]
    fn returned(&mut self, _now: Instant, _output: Box<dyn Any + Send>) -> Result<Box<dyn Work<T>>, Error> {
        Err(no_outcome())
    }

    /// Takes the result of its request. `is_cancelled`: it ends with that.
    fn received(&mut self, now: Now, result: Result<Response, SendError>, is_cancelled: bool) -> Received<T>;

    /// Ends it before its end. No request of it is in flight.
    fn cancel(&mut self, now: Now) -> Conclusion<T>;

    /// Ends it because it has timed out. No request of it is in flight.
    fn expire(&mut self, now: Instant) -> Conclusion<T>;

    /// Adds the ids that are known of it to an error that ends it. Its request was not sent.
    fn identified(&mut self, now: Now, error: Error) -> Error;
}

/// What a machine wants that has a place in the budget.
#[derive(Debug)]
pub(crate) enum Ask<T> {
    /// Send this request. `announces`: its journal needs to know before, because it may change something.
    Send { request: Arc<Request>, timeout: Duration, announces: bool },
    /// Carry out this errand. Its journal needs to know nothing of that.
    #[cfg(errands)]
    Errand(Errand),
    /// Nothing yet.
    Later,
    /// Nothing more.
    Over(Conclusion<T>),
}

/// The end of a job, with the event to write down.
#[derive(Debug)]
pub(crate) struct Conclusion<T> {
    pub(super) outcome: Result<T, Error>,
    pub(super) event: Option<JournalEvent>,
}

/// What follows from a response.
#[derive(Debug)]
pub(crate) struct Received<T> {
    pub(super) event: Option<JournalEvent>,
    /// `None`: the machine wants to go on.
    pub(super) conclusion: Option<Conclusion<T>>,
}
