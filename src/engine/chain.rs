//! Requests one after the other, each made of the answer to the one before.

use std::fmt;
use std::time::{Instant, SystemTime};

use crate::error::Error;
use crate::http::Response;
use crate::transport::SendError;

use super::exchange::Time;
use super::{Exchange, Machine, Step};

/// What comes after an answer.
pub(crate) enum Next<T> {
    /// Another request.
    Send(Box<Exchange>),
    /// Nothing: this is what comes of it all.
    Done(T),
}

/// What to send next. Asked once without an answer, and then with each.
pub(crate) trait Plan: Send {
    type Output: Send;

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Self::Output>, Error>;
}

/// Runs a plan. The first error is its end; one deadline is for all of it.
pub(crate) struct Chain<P: Plan> {
    plan: P,
    started: Option<Instant>,
    /// Of the whole.
    time: Option<Time>,
    current: Option<Box<Exchange>>,
    outcome: Option<Result<P::Output, Error>>,
}

impl<P: Plan> fmt::Debug for Chain<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

impl<P: Plan> Chain<P> {
    pub(crate) fn new(plan: P) -> Self {
        Self { plan, started: None, time: None, current: None, outcome: None }
    }

    pub(crate) fn finish(self) -> Option<Result<P::Output, Error>> {
        self.outcome
    }

    fn take(&mut self, answer: Option<Response>) {
        match self.plan.next(answer) {
            Ok(Next::Done(output)) => self.outcome = Some(Ok(output)),
            Err(error) => self.outcome = Some(Err(error)),
            Ok(Next::Send(mut exchange)) => {
                match self.time {
                    Some(time) => exchange.set_time(time),
                    // The first one fixes it.
                    None => self.time = self.started.map(|now| exchange.time(now)),
                }
                self.current = Some(exchange);
            }
        }
    }

    fn advance(&mut self) {
        let Some(outcome) = self.current.as_mut().and_then(|exchange| exchange.finish()) else { return };
        self.current = None;
        match outcome {
            Ok(answer) => self.take(Some(answer)),
            Err(error) => self.outcome = Some(Err(error)),
        }
    }
}

impl<P: Plan> Machine for Chain<P> {
    fn next(&mut self, now: Instant) -> Step {
        if self.started.is_none() {
            self.started = Some(now);
            self.take(None);
        }
        while self.outcome.is_none() {
            let Some(exchange) = &mut self.current else { break };
            match exchange.next(now) {
                Step::Done => self.advance(),
                step => return step,
            }
        }
        Step::Done
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if let Some(exchange) = &mut self.current {
            exchange.received(now, wall, result);
            self.advance();
        }
    }
}
