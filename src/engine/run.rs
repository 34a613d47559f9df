//! Start something, then wait for its end.

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::error::Error;
use crate::http::Response;
use crate::transport::SendError;

use super::exchange::Time;
use super::{Completed, Context, Machine, Operation, Step, Wait};

/// What to wait for, given the answer to the start.
pub(crate) type Follow = Box<dyn FnOnce(&Completed) -> Result<Wait, Error> + Send>;

/// An operation that starts something which outlasts it, and the wait for the end of that.
///
/// The operation is submitted as any other, so what it starts is started at most once. One deadline covers both.
pub(crate) struct Run {
    context: Arc<Context>,
    time: Option<Time>,
    state: State,
    started: Option<Completed>,
}

enum State {
    Starting(Box<Operation>, Option<Follow>),
    Waiting(Box<Wait>),
    Done(Option<Result<Completed, Error>>),
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("started", &self.started).finish_non_exhaustive()
    }
}

impl Run {
    /// The context is the operation's.
    pub(crate) fn new(context: Arc<Context>, operation: Operation, follow: Follow) -> Self {
        Self { context, time: None, state: State::Starting(Box::new(operation), Some(follow)), started: None }
    }

    /// The answer to the start, once it has ended well.
    pub(crate) fn started(&self) -> Option<&Completed> {
        self.started.as_ref()
    }

    /// The outcome, once: the last answer of the wait.
    pub(crate) fn finish(&mut self) -> Option<Result<Completed, Error>> {
        match &mut self.state {
            State::Done(outcome) => outcome.take(),
            _ => None,
        }
    }

    fn time(&mut self, now: Instant) -> Time {
        *self.time.get_or_insert_with(|| Time { started: now, deadline: self.context.settings.deadline(now) })
    }

    /// The start has its outcome: wait, or end with it.
    fn follow(&mut self, outcome: Result<Completed, Error>, follow: Option<Follow>, time: Time) {
        let wait = match (outcome, follow) {
            (Ok(completed), Some(follow)) => {
                let wait = follow(&completed);
                self.started = Some(completed);
                wait
            }
            (Ok(completed), None) => {
                self.state = State::Done(Some(Ok(completed)));
                return;
            }
            (Err(error), _) => Err(error),
        };
        self.state = match wait {
            Ok(wait) => State::Waiting(Box::new(wait.within(time))),
            Err(error) => State::Done(Some(Err(error))),
        };
    }

    /// Goes on to the next part if this one has ended.
    fn advance(&mut self, time: Time) -> bool {
        match &mut self.state {
            State::Starting(operation, follow) => match operation.finish() {
                Some(outcome) => {
                    let follow = follow.take();
                    self.follow(outcome, follow, time);
                    true
                }
                None => false,
            },
            State::Waiting(wait) => match wait.finish() {
                Some(outcome) => {
                    self.state = State::Done(Some(outcome));
                    true
                }
                None => false,
            },
            State::Done(_) => false,
        }
    }
}

impl Machine for Run {
    fn next(&mut self, now: Instant) -> Step {
        let time = self.time(now);
        loop {
            let step = match &mut self.state {
                State::Starting(operation, _) => operation.next(now),
                State::Waiting(wait) => wait.next(now),
                State::Done(_) => return Step::Done,
            };
            if !self.advance(time) {
                return step;
            }
        }
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        let time = self.time(now);
        match &mut self.state {
            State::Starting(operation, _) => operation.received(now, wall, result),
            State::Waiting(wait) => wait.received(now, wall, result),
            State::Done(_) => return,
        }
        self.advance(time);
    }
}
