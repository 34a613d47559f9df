//! The submit of an operation.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::exchange::Exchange;
use crate::engine::failure::unreadable;
use crate::engine::retry::Effect;
use crate::engine::{Accept, CallContext, Machine, Progress};
use crate::error::Error;
use crate::http::{Request, Response};

use super::{Completed, Operation, State, Turns};

/// A longer id of an operation is not believed.
const MAX_ID: usize = 1024;

/// A command that is submitted.
pub(super) struct Submit {
    pub(super) exchange: Exchange,
    effect: Effect,
    accept: Accept,
}

impl fmt::Debug for Submit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exchange.fmt(f)
    }
}

impl Operation {
    /// Submits a command; waits for its end if `accept` says how.
    pub(crate) fn submit(
        context: Arc<CallContext>,
        request: impl Into<Arc<Request>>,
        effect: Effect,
        accept: Accept,
    ) -> Self {
        let exchange = Exchange::new(context.clone(), request, effect);
        Self::new(context, State::Submitting(Box::new(Submit { exchange, effect, accept })))
    }

    /// The submit has its outcome: polls, or ends with it.
    pub(super) fn submitted(&mut self, now: Instant) {
        let State::Submitting(submit) = &mut self.state else { return };
        let response = match submit.exchange.finish() {
            Ok(response) => response,
            Err(error) => return self.end(Err(error)),
        };
        let accepted = (submit.accept)(&response).and_then(|accepted| {
            let id = accepted.id.as_str();
            let good = !id.trim().is_empty() && id.len() <= MAX_ID && !id.chars().any(char::is_control);
            if good { Ok(accepted) } else { Err("the request id is not valid".to_owned()) }
        });
        match accepted {
            Ok(accepted) => {
                let id = accepted.id.as_str().to_owned();
                self.id = Some(accepted.id);
                self.is_own = true;
                self.context.observer.emit(&Progress::Submitted { id: id.clone() });
                match accepted.poll {
                    Some(poll) => {
                        self.state = State::Polling(poll, Turns::Ready);
                        self.poll_first(now);
                    }
                    None => self.end(Ok(Completed {
                        id,
                        status: String::new(),
                        body: accepted.body,
                        #[cfg(kept_texts)]
                        text: Vec::new(),
                    })),
                }
            }
            Err(why) => {
                let error = unusable_submit(&self.context, submit.effect, &response, &why);
                self.end(Err(error));
            }
        }
    }
}

/// The error for a 2xx to the submit without a usable id in it.
#[cold]
fn unusable_submit(context: &CallContext, effect: Effect, response: &Response, why: &str) -> Error {
    let how_to_check = context.service.how_to_check();
    unreadable(&context.label, effect, response, why, how_to_check, None).with_body(context.text(response))
}
