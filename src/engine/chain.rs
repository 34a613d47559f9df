//! Requests one after the other, each made of the answer to the one before.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind};
use crate::http::{LONGEST, Response};
use crate::transport::SendError;

use super::exchange::Time;
use super::{Completed, Exchange, Machine, Operation, Step};

/// What comes after an answer.
pub(crate) enum Next<T> {
    /// Another request.
    Send(Box<Exchange>),
    /// The wait for something that goes on at the server.
    Await(Box<Operation>),
    /// Nothing for so long. Then the plan is asked without an answer.
    Wait(Duration),
    /// Nothing: this is what comes of it all.
    Done(T),
}

/// What to send next. Asked once without an answer, and then with each, and without one after each pause.
pub(crate) trait Plan: Send {
    type Output: Send;

    /// What time it is. Told before each of the others.
    fn at(&mut self, _now: Instant) {}

    /// What was waited for has ended well.
    fn ended(&mut self, _completed: Completed) -> Result<Next<Self::Output>, Error> {
        self.next(None)
    }

    /// A request or a wait has failed for good.
    fn failed(&mut self, error: Error) -> Result<Next<Self::Output>, Error> {
        Err(error)
    }

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Self::Output>, Error>;

    /// True once something was begun at the server: no error says from then on that the whole may be sent again.
    fn has_begun(&self) -> bool {
        false
    }
}

/// What is under way.
enum Part {
    Exchange(Box<Exchange>),
    Operation(Box<Operation>),
}

impl Part {
    fn machine(&mut self) -> &mut dyn Machine {
        match self {
            Self::Exchange(exchange) => exchange.as_mut(),
            Self::Operation(operation) => operation.as_mut(),
        }
    }

    fn finish(&mut self) -> Option<Result<Answer, Error>> {
        match self {
            Self::Exchange(exchange) => Some(exchange.finish()?.map(|answer| Answer::Got(Some(answer)))),
            Self::Operation(operation) => Some(operation.finish()?.map(Answer::Ended)),
        }
    }
}

/// What a plan is told.
enum Answer {
    Got(Option<Response>),
    Ended(Completed),
}

/// The error of what follows on something that was begun. What the server itself says can be begun again stays so.
pub(crate) fn begun(error: Error) -> Error {
    if !error.is_retryable() || error.kind() == ErrorKind::OperationFailed {
        return error;
    }
    error
        .with_retryable(false)
        .with_advice("It was begun, and goes on: go on with the id of this error, and do not begin it again.")
}

/// Runs a plan. The first error is its end; one deadline is for all of it.
pub(crate) struct Chain<P: Plan> {
    plan: P,
    started: Option<Instant>,
    /// Of the whole.
    time: Option<Time>,
    current: Option<Part>,
    /// A pause, until then.
    until: Option<Instant>,
    outcome: Option<Result<P::Output, Error>>,
}

impl<P: Plan> fmt::Debug for Chain<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

impl<P: Plan> Chain<P> {
    pub(crate) fn new(plan: P) -> Self {
        Self { plan, started: None, time: None, current: None, until: None, outcome: None }
    }

    pub(crate) fn finish(self) -> Option<Result<P::Output, Error>> {
        self.outcome
    }

    fn take(&mut self, now: Instant, answer: Result<Answer, Error>) {
        self.plan.at(now);
        let next = match answer {
            Ok(Answer::Got(answer)) => self.plan.next(answer),
            Ok(Answer::Ended(completed)) => self.plan.ended(completed),
            Err(error) => self.plan.failed(error),
        };
        match next {
            Ok(Next::Done(output)) => self.outcome = Some(Ok(output)),
            Err(error) => {
                let error = if self.plan.has_begun() { begun(error) } else { error };
                self.outcome = Some(Err(error));
            }
            Ok(Next::Wait(time)) => self.until = Some(now + time.min(LONGEST)),
            Ok(Next::Send(mut exchange)) => {
                match self.time {
                    Some(time) => exchange.set_time(time),
                    // The first one fixes it.
                    None => self.time = self.started.map(|now| exchange.time(now)),
                }
                self.current = Some(Part::Exchange(exchange));
            }
            Ok(Next::Await(operation)) => {
                let operation = match self.time {
                    Some(time) => operation.within(time),
                    None => *operation,
                };
                self.current = Some(Part::Operation(Box::new(operation)));
            }
        }
    }

    fn advance(&mut self, now: Instant) {
        let Some(outcome) = self.current.as_mut().and_then(Part::finish) else { return };
        self.current = None;
        self.take(now, outcome);
    }
}

impl<P: Plan> Machine for Chain<P> {
    fn next(&mut self, now: Instant) -> Step {
        if self.started.is_none() {
            self.started = Some(now);
            self.take(now, Ok(Answer::Got(None)));
        }
        while self.outcome.is_none() {
            if let Some(until) = self.until {
                if now < until {
                    return Step::Wait(until - now);
                }
                self.until = None;
                self.take(now, Ok(Answer::Got(None)));
                continue;
            }
            let Some(part) = &mut self.current else { break };
            match part.machine().next(now) {
                Step::Done => self.advance(now),
                step => return step,
            }
        }
        Step::Done
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if let Some(part) = &mut self.current {
            part.machine().received(now, wall, result);
            self.advance(now);
        }
    }
}
