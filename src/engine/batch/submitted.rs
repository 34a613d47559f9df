//! An operation as a job of a batch, which learns when its end is likely.

use std::fmt;
use std::time::{Duration, Instant};

use crate::engine::Wish;
use crate::engine::machine::{Event, Machine, Now, Step, Steps};
use crate::engine::operation::{Completed, Operation};
use crate::error::{Error, ErrorKind};
use crate::http::Response;
use crate::transport::SendError;

use super::work::{Ask, Conclusion, Received, Work};
use super::{JournalEvent, SharedDurations};

/// Converts the end of an operation.
type Convert<T> = dyn Fn(Completed) -> T + Send;

/// An operation, and how its end is converted.
pub(crate) struct Submitted<T> {
    operation: Operation,
    convert: Box<Convert<T>>,
}

impl<T> fmt::Debug for Submitted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operation.fmt(f)
    }
}

impl<T> Submitted<T> {
    pub(crate) fn new(operation: Operation, convert: impl Fn(Completed) -> T + Send + 'static) -> Self {
        Self { operation, convert: Box::new(convert) }
    }

    /// The end of the operation.
    fn ended(&mut self) -> Conclusion<T> {
        let outcome = self.operation.finish();
        let event = match &outcome {
            Ok(done) => Some(JournalEvent::Done { status: done.status.clone() }),
            Err(error) if error.kind() == ErrorKind::OperationFailed => {
                Some(JournalEvent::Failed { error: error.to_string() })
            }
            // It continues at the server, or was never accepted.
            Err(_) => None,
        };
        Conclusion { outcome: outcome.map(&self.convert), event }
    }
}

impl<T> Work<T> for Submitted<T> {
    fn learn(&mut self, durations: SharedDurations, age: Option<Duration>) {
        // An operation that was submitted at an unknown time teaches nothing.
        if self.operation.id().is_none() || age.is_some() {
            self.operation.learn(durations, age.unwrap_or_default());
        }
    }

    fn is_submitted(&self) -> bool {
        self.operation.id().is_some()
    }

    fn wish(&self) -> Wish {
        self.operation.wish()
    }

    fn sure_end(&self) -> Option<Instant> {
        self.operation.sure_end()
    }

    fn limits(&self) -> Option<(Instant, Instant)> {
        self.operation.limits()
    }

    fn begin(&mut self, now: Instant, latest: Option<Instant>) {
        self.operation.begin(now, latest);
    }

    fn begin_waiting(&mut self, now: Instant, latest: Option<Instant>) {
        self.operation.begin_waiting(now, latest);
    }

    fn reconsider(&mut self, now: Instant, by_policy: bool) {
        self.operation.reconsider(now, by_policy);
    }

    fn next(&mut self, now: Instant) -> Ask<T> {
        self.operation.hasten(now);
        let announces = self.operation.id().is_none();
        match self.operation.next(now) {
            Step::Send { request, timeout } => Ask::Send { request, timeout, announces },
            Step::Done => Ask::Over(self.ended()),
            // Operations read no streams, and obtain no tokens by themselves.
            _ => Ask::Later,
        }
    }

    fn received(&mut self, now: Now, result: Result<Response, SendError>, is_cancelled: bool) -> Received<T> {
        let operation = &mut self.operation;
        let was_submit = operation.id().is_none();
        operation.on(now, Event::Response(result));
        if is_cancelled && !operation.is_over() {
            operation.on(now, Event::Cancelled);
        }
        let id = operation.id().map(str::to_owned);
        let conclusion = operation.is_over().then(|| self.ended());
        let event = was_submit.then(|| match (id, conclusion.as_ref().map(|over| &over.outcome)) {
            (Some(request_id), _) => JournalEvent::Submitted { request_id },
            (None, Some(Err(error))) if error.kind() == ErrorKind::OutcomeUnknown => {
                JournalEvent::Unknown { error: error.to_string() }
            }
            (None, _) => JournalEvent::NotTaken,
        });
        Received { event, conclusion }
    }

    fn cancel(&mut self, now: Now) -> Conclusion<T> {
        self.operation.on(now, Event::Cancelled);
        self.ended()
    }

    fn expire(&mut self, now: Instant) -> Conclusion<T> {
        // After its deadline an operation ends without a request.
        self.operation.next(now);
        self.ended()
    }

    fn identified(&mut self, _: Now, error: Error) -> Error {
        match self.operation.id() {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }
}
