//! One request with its retries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response};
use crate::transport::{SendError, SendErrorKind};

#[cfg(any(batches, checks))]
use super::TooMany;
#[cfg(operation_batches)]
use super::Wish;
use super::context::{CallContext, Reply};
#[cfg(streams)]
use super::decode::compressed_stream;
use super::failure::{cancelled, failure, nothing_sent, seconds};
use super::machine::{Event, Machine, Now, Outcome, Step, Steps};
use super::policy::{Retries, Schedule};
use super::retry::{self, Effect, Verdict};
use super::service::Failure;
use super::{Pace, Progress, Turn};

/// Sends one request until there is a response, as often as its [`Effect`] and the policy allow.
#[derive(Debug)]
pub(crate) struct Exchange {
    context: Arc<CallContext>,
    request: Arc<Request>,
    effect: Effect,
    retries: Retries,
    /// `Some`: the body of a 200 stays open, and each piece has to arrive within this time.
    #[cfg(streams)]
    idle: Option<Duration>,
    /// The time of the first attempt of this request, which may be one of several of the call.
    began: Option<Instant>,
    state: State,
    pace: Pace,
    delays: Schedule,
    sent: u32,
    /// Those that were answered with a 429 that is not a retry.
    borne: u32,
    /// The error of the last attempt, while another is to come.
    last: Option<Error>,
    outcome: Outcome<Response>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Ready,
    Waiting(Instant),
    InFlight,
}

/// The least delay before a request that was answered with a 429 is sent again.
#[cfg(batches)]
const LEAST_DELAY: Duration = Duration::from_millis(10);

impl Exchange {
    pub(crate) fn new(context: Arc<CallContext>, request: impl Into<Arc<Request>>, effect: Effect) -> Self {
        let retries = Retries::from(context.settings.retry.clone());
        let pace = Pace::new(context.budget.clone());
        Self {
            delays: retries.schedule(),
            context,
            request: request.into(),
            effect,
            retries,
            #[cfg(streams)]
            idle: None,
            began: None,
            state: State::Ready,
            pace,
            sent: 0,
            borne: 0,
            last: None,
            outcome: Outcome::default(),
        }
    }

    /// Retries in another way than the call's policy.
    #[cfg(any(retry_rules, tokens))]
    pub(crate) fn retrying(mut self, retries: impl Into<Retries>) -> Self {
        self.retries = retries.into();
        self.delays = self.retries.schedule();
        self
    }

    #[cfg(streams)]
    /// Leaves the body of a 200 open for [`Step::Read`]: the response then has an empty body. Each piece has
    /// to arrive within `idle`.
    pub(crate) fn streaming(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    /// True once there is an outcome.
    pub(crate) fn is_over(&self) -> bool {
        self.outcome.is_set()
    }

    /// When the next request is wanted.
    #[cfg(operation_batches)]
    pub(super) fn wish(&self) -> Wish {
        match self.state {
            _ if self.outcome.is_set() => Wish::Nothing,
            State::Ready => Wish::Now,
            State::Waiting(until) => Wish::At(until),
            State::InFlight => Wish::Nothing,
        }
    }

    /// There is no time for an attempt, the first or another.
    #[cold]
    fn out_of_time(&mut self, why: String, elapsed: Duration) {
        let error = match self.last.take() {
            Some(last) => last.with_more(&why).with_elapsed(elapsed).with_timeout(true),
            None => nothing_sent(&self.context, why, elapsed),
        };
        self.outcome.set(Err(error));
    }

    #[cold]
    fn cancel(&mut self, now: Instant) {
        let error = match (self.state, self.last.take()) {
            // A driver that reports a cancelled call while its request is in flight does not wait for the
            // response.
            (State::InFlight, _) => {
                let kind = SendErrorKind::Cancelled;
                let error = SendError::new(kind, true, "cancelled while the request was in flight");
                let reply = Reply::NoResponse(error);
                let verdict = retry::judge(self.effect, &reply);
                failure(&self.context, reply, verdict, self.sent)
            }
            (_, Some(last)) => {
                let happened =
                    format!("cancelled before another attempt; the last one failed: {}", last.happened());
                Error::new(ErrorKind::Cancelled, self.context.label.clone(), happened).with_source(last)
            }
            (_, None) => cancelled(&self.context.label).with_advice("Nothing was sent."),
        };
        let span = self.context.span(now);
        self.outcome.set(Err(error.with_attempts(self.sent).with_elapsed(span.elapsed(now))));
    }

    /// Takes a 429 that is borne until the deadline. Returns the delay before the next attempt; `None` if the
    /// retry policy decides.
    #[cfg(any(batches, checks))]
    fn bear(&mut self, failure: &Failure, asked: Option<Duration>) -> Option<Duration> {
        if failure.status != 429 {
            return None;
        }
        let delay = match self.context.settings.too_many {
            TooMany::Retry => return None,
            #[cfg(checks)]
            TooMany::SlowDown => self.delays.delay(asked),
            #[cfg(batches)]
            // Not at once: the last request before a deadline does not wait for the batch.
            TooMany::LeaveToBatch => asked.unwrap_or(LEAST_DELAY),
        };
        self.borne += 1;
        Some(delay)
    }

    #[cfg(not(any(batches, checks)))]
    fn bear(&mut self, _: &Failure, _: Option<Duration>) -> Option<Duration> {
        None
    }

    /// Reports the fate of the request to the budget.
    fn report(&mut self, now: Now, reply: &Reply) {
        #[cfg(checks)]
        if let (Reply::Failure(response, Failure { status: 429, .. }), TooMany::SlowDown) =
            (reply, self.context.settings.too_many)
        {
            return self.pace.refused(now.at, retry::retry_after(response, now.wall));
        }
        let _ = reply;
        self.pace.answered(now.at);
    }

    fn received(&mut self, now: Now, reply: Reply) {
        self.report(now, &reply);
        let span = self.context.span(now.at);
        let mut verdict = retry::judge(self.effect, &reply);
        if let (Reply::Failure(_, failure), Some(rule)) = (&reply, self.retries.rule) {
            verdict = rule(failure, verdict);
        }
        let asked = match reply {
            Reply::Success(response) => return self.outcome.set(Ok(response)),
            Reply::Failure(ref response, _) if self.retries.is_additive => {
                retry::retry_after_seconds(response)
            }
            Reply::Failure(ref response, _) => retry::retry_after(response, now.wall),
            Reply::NoResponse(_) => None,
        };
        let borne = match &reply {
            Reply::Failure(_, failure) if verdict == Verdict::Retry => self.bear(failure, asked),
            _ => None,
        };
        let error = failure(&self.context, reply, verdict, self.sent)
            .with_retry_after(asked)
            .with_elapsed(span.elapsed(now.at))
            .with_attempts(self.sent)
            .with_retryable(verdict == Verdict::Retry);
        let may_retry = verdict == Verdict::Retry && self.sent - self.borne <= self.retries.policy.retries;
        if may_retry || borne.is_some() {
            let delay = borne.unwrap_or_else(|| self.delays.delay(asked));
            let begun = now.at.saturating_duration_since(self.began.unwrap_or(now.at));
            // A request that only waits for the server's limit is not subject to the deadline of its retries.
            let in_time = borne.is_some()
                || self.retries.deadline.is_none_or(|most| begun.saturating_add(delay) <= most);
            if in_time && now.at + delay < span.deadline {
                let reason = shown(error.happened());
                self.context.observer.emit(&Progress::Retrying { reason, delay });
                self.state = State::Waiting(now.at + delay);
                self.last = Some(error);
                return;
            }
        }
        self.outcome.set(Err(error));
    }
}

impl Steps for Exchange {
    fn next(&mut self, now: Instant) -> Step {
        let span = self.context.span(now);
        self.began.get_or_insert(now);
        if self.outcome.is_set() {
            return Step::Done;
        }
        match self.state {
            // Not to be asked in this state; the request in flight must not be sent again.
            State::InFlight => return Step::Wait(span.deadline.saturating_duration_since(now)),
            State::Waiting(until) if now < until => return Step::Wait(until - now),
            State::Ready | State::Waiting(_) => {}
        }
        if now >= span.deadline {
            let elapsed = span.elapsed(now);
            self.out_of_time(format!("timed out after {}", seconds(elapsed)), elapsed);
            return Step::Done;
        }
        match self.pace.turn_of(&self.context, now, span.deadline, false) {
            Turn::At(slot) => Step::Wait(slot - now),
            Turn::Never(free) => {
                let why = format!(
                    "the client's rate limit allows the next request in {}, and the call has {} left",
                    seconds(free - now),
                    seconds(span.deadline - now)
                );
                self.out_of_time(why, span.elapsed(now));
                Step::Done
            }
            Turn::Now => {
                self.state = State::InFlight;
                self.sent += 1;
                let request = self.request.clone();
                self.context.observer.sends(&request);
                let timeout = self.context.settings.http_timeout.min(span.deadline - now);
                #[cfg(streams)]
                if let Some(idle) = self.idle {
                    return Step::Open { request, timeout, idle };
                }
                Step::Send { request, timeout }
            }
        }
    }

    fn on(&mut self, now: Now, event: Event) {
        if self.outcome.is_set() {
            return;
        }
        match (event, self.state) {
            (Event::Cancelled, _) => self.cancel(now.at),
            (Event::Response(result), State::InFlight) => {
                let reply = self.context.read(&self.request, result);
                self.received(now, reply);
            }
            #[cfg(streams)]
            (Event::Head(headers), State::InFlight) => {
                let reply = match compressed_stream(&headers) {
                    Some(error) => Reply::NoResponse(error),
                    None => Reply::Success(Response::new(200, headers, Vec::new())),
                };
                self.context.observer.received(&reply);
                self.received(now, reply);
            }
            _ => {}
        }
    }
}

impl Machine for Exchange {
    type Output = Response;

    fn finish(&mut self) -> Result<Response, Error> {
        self.outcome.take().map_err(|error| self.context.masked(error))
    }
}
