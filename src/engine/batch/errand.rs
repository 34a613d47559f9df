//! Calls that begin with an errand: work with several requests in flight, which the driver carries out beside the
//! requests of the batch.

use std::any::Any;
use std::fmt;
use std::time::{Duration, Instant};

use crate::engine::Wish;
use crate::engine::failure::cancelled;
use crate::engine::machine::{Now, no_outcome};
use crate::error::{Error, ErrorKind};
use crate::http::{Interrupt, Response};
use crate::transport::SendError;

use super::work::{Ask, Conclusion, Received, Work};
use super::{Batch, BatchStep, Job, State};

/// The most errands of a client at a time: each has several requests in flight already, and memory of its own.
pub(super) const MOST_ERRANDS: usize = 4;

/// Work for the driver. It changes nothing that a journal has to know of: after a restart it is done again. Only the
/// service of its call knows what it is.
pub struct Errand {
    what: Box<dyn Any + Send>,
    /// Ends it early.
    pub(crate) cancel: Interrupt,
    /// The time that it may take; `None`: any.
    pub(crate) timeout: Option<Duration>,
}

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errand").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Errand {
    /// Takes what the call has packed.
    pub(crate) fn unpack<E: 'static>(self) -> Result<(E, Interrupt, Option<Duration>), Error> {
        let Self { what, cancel, timeout } = self;
        Ok((unpacked(what)?, cancel, timeout))
    }
}

/// The output of an errand, of a type that its call knows, or why there is none.
pub(crate) type Returned = Result<Box<dyn Any + Send>, Error>;

/// The value in a box of this type. Another type is a bug in a service.
fn unpacked<E: 'static>(what: Box<dyn Any + Send>) -> Result<E, Error> {
    what.downcast().map(|what| *what).map_err(|_| no_outcome())
}

/// Makes the machine that goes on with the output, from the time that the errand took.
type Continue<T> = dyn FnOnce(Box<dyn Any + Send>, Duration) -> Result<Box<dyn Work<T>>, Error> + Send;

/// A job that begins with an errand.
pub(crate) struct ErrandFirst<T> {
    label: String,
    what: Option<Box<dyn Any + Send>>,
    /// For the errand and what follows together.
    timeout: Option<Duration>,
    began: Option<Instant>,
    deadline: Option<Instant>,
    go_on: Option<Box<Continue<T>>>,
}

impl<T> fmt::Debug for ErrandFirst<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrandFirst").field("label", &self.label).finish_non_exhaustive()
    }
}

impl<T> ErrandFirst<T> {
    /// `what` is done first. Of its output, of type `O`, and of the time that it took `go_on` makes the machine that
    /// follows. `timeout`: of both together.
    pub(crate) fn new<O: 'static>(
        label: impl Into<String>,
        what: impl Any + Send,
        timeout: Option<Duration>,
        go_on: impl FnOnce(O, Duration) -> Result<Box<dyn Work<T>>, Error> + Send + 'static,
    ) -> Self {
        Self {
            label: label.into(),
            what: Some(Box::new(what)),
            timeout,
            began: None,
            deadline: None,
            go_on: Some(Box::new(|output, spent| go_on(unpacked(output)?, spent))),
        }
    }
}

impl<T> Work<T> for ErrandFirst<T> {
    fn is_submitted(&self) -> bool {
        false
    }

    fn wish(&self) -> Wish {
        Wish::Nothing
    }

    fn limits(&self) -> Option<(Instant, Instant)> {
        None
    }

    fn begin(&mut self, now: Instant, latest: Option<Instant>) {
        self.began.get_or_insert(now);
        let own = self.timeout.and_then(|timeout| now.checked_add(timeout));
        self.deadline = own.into_iter().chain(latest).min();
    }

    fn begin_waiting(&mut self, now: Instant, latest: Option<Instant>) {
        self.begin(now, latest);
    }

    fn next(&mut self, now: Instant) -> Ask<T> {
        match self.what.take() {
            Some(what) => {
                let timeout = self.deadline.map(|deadline| deadline.saturating_duration_since(now));
                Ask::Errand(Errand { what, cancel: Interrupt::new(), timeout })
            }
            None => Ask::Later,
        }
    }

    fn has_errand(&self) -> bool {
        self.what.is_some()
    }

    fn returned(&mut self, now: Instant, output: Box<dyn Any + Send>) -> Result<Box<dyn Work<T>>, Error> {
        let spent = self.began.map(|began| now.saturating_duration_since(began));
        let go_on = self.go_on.take().ok_or_else(no_outcome)?;
        let mut next = go_on(output, spent.unwrap_or_default())?;
        // One limit of both goes on. Without one, the time of what follows begins with its first request, as that of any
        // other call.
        if self.timeout.is_some() {
            next.begin(now, self.deadline);
        }
        Ok(next)
    }

    /// It sends no request.
    fn received(&mut self, _: Now, _: Result<Response, SendError>, _: bool) -> Received<T> {
        Received { event: None, conclusion: None }
    }

    fn cancel(&mut self, _: Now) -> Conclusion<T> {
        Conclusion { outcome: Err(cancelled(&self.label)), event: None }
    }

    fn expire(&mut self, now: Instant) -> Conclusion<T> {
        self.cancel(super::task::at(now))
    }

    fn identified(&mut self, _: Now, error: Error) -> Error {
        error
    }
}

impl<T> Batch<T> {
    /// Lets a job that waits begin with its errand; `None`: it has none any more.
    pub(super) fn set_out(&mut self, job: usize, now: Instant) -> Option<BatchStep> {
        let State::Waiting(mut work) = self.take(job) else {
            self.forget(job);
            return None;
        };
        work.begin(now, self.deadline);
        match work.next(now) {
            Ask::Errand(errand) => Some(self.away(job, work, errand)),
            Ask::Over(conclusion) => {
                self.conclude(job, conclusion);
                None
            }
            Ask::Send { .. } | Ask::Later => {
                self.jobs[job].state = State::Running(work, None);
                self.go_on(job);
                None
            }
        }
    }

    pub(super) fn away(&mut self, job: usize, work: Box<dyn Work<T>>, errand: Errand) -> BatchStep {
        self.forget(job);
        self.jobs[job].state = State::Away(work, errand.cancel.clone());
        let member = self.jobs[job].member;
        self.members[member].away += 1;
        BatchStep::Errand { job, member, errand }
    }

    /// Takes the output of the errand of this job.
    pub(crate) fn returned(&mut self, job: usize, now: Now, returned: Returned) {
        let mut work = match self.take(job) {
            State::Away(work, _) => work,
            other => {
                self.jobs[job].state = other;
                return;
            }
        };
        self.members[self.jobs[job].member].away -= 1;
        self.expire(now.at);
        let next = returned.and_then(|output| work.returned(now.at, output));
        let is_cancelled = self.jobs[job].is_cancelled;
        // An error that is not of the end of the batch is more exact.
        let is_ended = match &next {
            Ok(_) => true,
            Err(error) => matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::OperationTimeout),
        };
        self.jobs[job].state = State::Waiting(work);
        match (next, self.stopped.clone()) {
            (next, Some(why)) if is_ended && !is_cancelled => {
                match next {
                    Ok(work) => {
                        self.jobs[job].state = State::Waiting(work);
                        self.jobs[job].has_returned = true;
                    }
                    Err(error) => self.jobs[job].resource = error.resource().map(Into::into),
                }
                self.skip(job, &why);
            }
            (Err(error), _) => self.conclude(job, Conclusion { outcome: Err(error), event: None }),
            (Ok(mut work), _) if is_cancelled => {
                let conclusion = work.cancel(now);
                self.conclude(job, conclusion);
            }
            (Ok(work), _) => {
                self.jobs[job].has_returned = true;
                match work.limits() {
                    Some(_) => {
                        self.jobs[job].state = State::Running(work, None);
                        self.go_on(job);
                    }
                    None => {
                        self.jobs[job].state = State::Waiting(work);
                        self.ready(job);
                    }
                }
                let Job { member, place, .. } = self.jobs[job];
                self.members[member].turns.returned(place);
            }
        }
    }

    /// Adds what the errand of a job has made to the error with which the job is skipped.
    pub(super) fn with_made(&mut self, job: usize, error: Error) -> Error {
        let now = self.began.map(super::task::at);
        let Job { state, has_returned, resource, .. } = &mut self.jobs[job];
        match (state, now) {
            (State::Waiting(work) | State::Running(work, None), Some(now)) if *has_returned => {
                work.identified(now, error)
            }
            _ => match resource.take() {
                Some(resource) => error.with_resource(resource),
                None => error,
            },
        }
    }

    /// Ends all errands, because the batch ends: their outcomes are of no interest.
    pub(crate) fn end_errands(&self) {
        for job in &self.jobs {
            if let State::Away(_, cancel) = &job.state {
                cancel.trip();
            }
        }
    }
}
