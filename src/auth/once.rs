//! A machine that sends one request once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::Machine;
use crate::engine::machine::{Event, Now, Outcome, Step, Steps};
use crate::error::Error;
use crate::http::{Request, Response};
use crate::transport::{SendError, SendErrorKind};

/// Sends a request once, for those who decide by themselves what follows. Its output is the result of the
/// transport.
#[derive(Debug)]
pub(crate) struct Once {
    request: Arc<Request>,
    timeout: Duration,
    outcome: Outcome<Result<Response, SendError>>,
}

impl Once {
    pub(crate) fn new(request: Arc<Request>, timeout: Duration) -> Self {
        Self { request, timeout, outcome: Outcome::default() }
    }
}

impl Steps for Once {
    fn next(&mut self, _: Instant) -> Step {
        if self.outcome.is_set() {
            return Step::Done;
        }
        Step::Send { request: self.request.clone(), timeout: self.timeout }
    }

    fn on(&mut self, _: Now, event: Event) {
        match event {
            Event::Response(result) => self.outcome.set(Ok(result)),
            Event::Cancelled if !self.outcome.is_set() => {
                let why = "cancelled before the request was sent";
                self.outcome.set(Ok(Err(SendError::new(SendErrorKind::Cancelled, false, why))));
            }
            _ => {}
        }
    }
}

impl Machine for Once {
    type Output = Result<Response, SendError>;

    fn finish(&mut self) -> Result<Self::Output, Error> {
        self.outcome.take()
    }
}
