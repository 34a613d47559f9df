//! Submit, then poll until the operation has ended.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response};
use crate::redact::Redacted;
use crate::transport::SendError;

use super::exchange::{Exchange, Time, failure, seconds};
use super::polls::{Polls, SharedDurations};
use super::retry::{self, Effect, Schedule, Verdict};
use super::{Context, Judgement, Machine, Pace, Progress, Step, Turn, Wish};

/// A longer id of an operation is not believed.
const MAX_ID: usize = 1024;
/// The least time that is kept for the last poll.
const MIN_LAST_POLL: Duration = Duration::from_millis(50);
/// The most time that is kept for the last poll.
const MAX_LAST_POLL: Duration = Duration::from_secs(1);

/// What to do when a wait ends before its operation.
const STILL_RUNNING: &str =
    "The operation may still be running: resume the wait with the request id; do not submit it again.";

/// An operation that was taken, or that ended well.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    pub(crate) request_id: String,
    /// In the server's words; empty if the end was not waited for.
    pub(crate) status: String,
    /// The last answer.
    pub(crate) body: Value,
}

/// A command from its submit to its end, or the wait for one that was submitted before.
///
/// A failed poll is not a failed operation: what may pass is tried again until the deadline. Every error after
/// the submit carries the id.
#[derive(Debug)]
pub(crate) struct Operation {
    context: Arc<Context>,
    effect: Effect,
    /// Whether to wait for the end.
    waits: bool,
    time: Option<Time>,
    state: State,
    pace: Pace,
    polls: Polls,
    retries: Schedule,
    /// When it was taken, or when the wait for it began.
    taken: Option<Instant>,
    /// How old it was then.
    age_when_taken: Duration,
    /// The age at which it was last found running.
    ran_at: Option<Duration>,
    /// After a poll that failed: the next one is not to go before.
    put_off: Option<Instant>,
    id: String,
    /// What is sent to poll; the submit itself before there is an id.
    status_request: Arc<Request>,
    last_status: Option<String>,
    /// Answers in a row that made no sense.
    unusable: u32,
    /// The longest time that an answer took.
    round_trip: Duration,
    is_last_poll: bool,
    has_told_end: bool,
}

#[derive(Debug)]
enum State {
    Submitting(Box<Exchange>),
    Ready,
    Due(Instant),
    InFlight(Instant),
    Done(Option<Result<Completed, Error>>),
}

impl Operation {
    /// Submits a command and waits for its end.
    pub(crate) fn submit(context: Arc<Context>, request: Request, effect: Effect) -> Self {
        let request = Arc::new(request);
        let exchange = Exchange::new(context.clone(), request.clone(), effect);
        Self::new(context, request, effect, State::Submitting(Box::new(exchange)))
    }

    /// Submits a command and is done once it is taken.
    pub(crate) fn submit_only(context: Arc<Context>, request: Request, effect: Effect) -> Self {
        Self { waits: false, ..Self::submit(context, request, effect) }
    }

    /// Waits for the end of an operation that was submitted before.
    pub(crate) fn resume(context: Arc<Context>, id: String) -> Self {
        let request = Arc::new(context.service.status_request(&id));
        Self { id, ..Self::new(context, request, Effect::Repeatable, State::Ready) }
    }

    /// Polls when an end is likely, as others of its kind have shown, and shows others. `age`: of an operation that was
    /// submitted before.
    pub(crate) fn learning(mut self, durations: SharedDurations, age: Duration) -> Self {
        self.polls = Polls::learned(&self.context.settings.poll, durations);
        self.age_when_taken = age;
        self
    }

    /// As a part of something that has begun before.
    pub(super) fn within(mut self, time: Time) -> Self {
        self.time = Some(time);
        if let State::Submitting(exchange) = &mut self.state {
            exchange.set_time(time);
        }
        self
    }

    fn new(context: Arc<Context>, status_request: Arc<Request>, effect: Effect, state: State) -> Self {
        let (polls, retries) = (Polls::policy(&context.settings.poll), context.settings.retry.schedule());
        let pace = Pace::new(context.budget.clone());
        Self {
            context,
            effect,
            time: None,
            state,
            pace,
            polls,
            retries,
            taken: None,
            age_when_taken: Duration::ZERO,
            ran_at: None,
            put_off: None,
            waits: true,
            id: String::new(),
            status_request,
            last_status: None,
            unusable: 0,
            round_trip: Duration::ZERO,
            is_last_poll: false,
            has_told_end: false,
        }
    }

    /// The outcome, once.
    pub(crate) fn finish(&mut self) -> Option<Result<Completed, Error>> {
        match &mut self.state {
            State::Done(outcome) => outcome.take(),
            _ => None,
        }
    }

    /// The id, once there is one.
    pub(crate) fn id(&self) -> Option<&str> {
        Some(self.id.as_str()).filter(|id| !id.is_empty())
    }

    /// When the next request is wanted.
    pub(crate) fn wish(&self) -> Wish {
        match &self.state {
            State::Submitting(exchange) => exchange.wish(),
            State::Ready => Wish::Now,
            State::Due(due) => Wish::At(*due),
            State::InFlight(_) => Wish::Answer,
            State::Done(_) => Wish::Nothing,
        }
    }

    /// When a poll will find the end almost surely, if that is known.
    pub(crate) fn sure_end(&self) -> Option<Instant> {
        let (taken, end) = (self.taken?, self.polls.sure(self.ran_at)?);
        self.put_off.max(Some(taken + end.saturating_sub(self.age_when_taken)))
    }

    /// When the last poll has to start, and when the wait is over.
    pub(crate) fn limits(&self) -> Option<(Instant, Instant)> {
        let deadline = self.time?.deadline;
        Some((deadline.checked_sub(self.last_poll()).unwrap_or(deadline), deadline))
    }

    /// Begins to wait for an operation that was submitted before: its time runs from now on.
    pub(crate) fn begin_waiting(&mut self, now: Instant) {
        self.time(now);
        if matches!(self.state, State::Ready) {
            self.begin(now);
        }
    }

    /// Puts the next poll where it belongs by what is known now.
    pub(crate) fn reconsider(&mut self, now: Instant) {
        if let (State::Due(_), Some(taken)) = (&self.state, self.taken) {
            if let Some(age) = self.polls.reconsider(self.ran_at) {
                let due = self.put_off.max(Some(taken + age.saturating_sub(self.age_when_taken)));
                let delay = due.map(|due| due.saturating_duration_since(now)).unwrap_or_default();
                self.poll_again(now, delay);
            }
        }
    }

    /// Lets the next poll go at once.
    pub(crate) fn hasten(&mut self, now: Instant) {
        if matches!(self.state, State::Due(due) if due > now) {
            self.state = State::Due(now);
        }
    }

    fn age(&self, now: Instant) -> Duration {
        let since = self.taken.map(|taken| now.saturating_duration_since(taken)).unwrap_or_default();
        self.age_when_taken + since
    }

    fn time(&mut self, now: Instant) -> Time {
        *self.time.get_or_insert_with(|| Time { started: now, deadline: self.context.settings.deadline(now) })
    }

    fn end(&mut self, outcome: Result<Completed, Error>) {
        self.state = State::Done(Some(outcome));
    }

    fn fail(&mut self, error: Error) {
        let error = error.with_request_id(self.id.clone()).with_api_status(self.last_status.clone());
        self.end(Err(error));
    }

    /// The submit has its outcome: go on, or end with it.
    fn submitted(&mut self, now: Instant, outcome: Result<Response, Error>) {
        let response = match outcome {
            Ok(response) => response,
            Err(error) => return self.end(Err(error)),
        };
        let accepted = self.context.service.accepted(&response).and_then(|(id, raw)| {
            let good = !id.trim().is_empty() && id.len() <= MAX_ID && !id.chars().any(char::is_control);
            if good { Ok((id, raw)) } else { Err("its request id is not one".to_owned()) }
        });
        match accepted {
            Ok((id, raw)) => {
                self.context.observer.emit(&Progress::Submitted { request_id: id.clone() });
                self.status_request = Arc::new(self.context.service.status_request(&id));
                self.id = id;
                self.state = State::Ready;
                self.begin(now);
                if !self.waits {
                    self.end(Ok(Completed { request_id: self.id.clone(), status: String::new(), body: raw }));
                }
            }
            Err(why) => {
                let error = unusable_submit(&self.context, self.effect, &response, &why);
                self.end(Err(error));
            }
        }
    }

    /// It is known to run: when to ask first.
    fn begin(&mut self, now: Instant) {
        self.taken = Some(now);
        let first = self.polls.first(self.age_when_taken);
        if !first.is_zero() {
            self.poll_again(now, first);
        }
    }

    /// How long before the deadline the last poll has to start, so that its answer can still arrive.
    fn last_poll(&self) -> Duration {
        (self.round_trip * 2).clamp(MIN_LAST_POLL, MAX_LAST_POLL).min(self.context.settings.timeout / 4)
    }

    /// Polls again after this long, or for the last time just before the deadline.
    fn poll_again(&mut self, now: Instant, delay: Duration) -> Duration {
        let Time { deadline, .. } = self.time(now);
        let last = deadline.checked_sub(self.last_poll()).unwrap_or(now).max(now);
        let due = now.checked_add(delay).unwrap_or(last).min(last);
        self.state = State::Due(due);
        due - now
    }

    #[cold]
    fn time_is_over(&mut self, now: Instant, cause: Option<Error>) {
        let Time { started, .. } = self.time(now);
        let elapsed = now - started;
        let last = match &self.last_status {
            Some(status) => format!("its last status was {}", shown(status)),
            None => "its status was never seen".to_owned(),
        };
        let mut happened = format!("not finished after {}; {last}", seconds(elapsed));
        if let Some(cause) = &cause {
            happened.push_str(&format!("; the last poll failed: {}", shown(cause.happened())));
        }
        let mut error = Error::new(ErrorKind::OperationTimeout, self.context.label.clone(), happened)
            .with_elapsed(elapsed)
            .with_advice(
                "It goes on at the server. Resume the wait with the request id; do not submit it again.",
            );
        if let Some(cause) = cause {
            error = error.with_source(cause);
        }
        self.fail(error);
    }

    fn answered(
        &mut self,
        now: Instant,
        sent: Instant,
        response: Response,
        meaning: Result<Judgement, String>,
    ) {
        let age = self.age(sent);
        self.put_off = None;
        match meaning {
            Ok(Judgement::Pending { status }) => {
                self.unusable = 0;
                self.retries.restart();
                let status = self.context.mask(&status);
                self.saw_status(&status);
                if self.is_last_poll {
                    return self.time_is_over(now, None);
                }
                self.ran_at = Some(age);
                let delay = self.polls.found_running(age);
                let next = self.poll_again(now, delay);
                let Time { started, .. } = self.time(now);
                self.context.observer.emit(&Progress::Polled {
                    request_id: self.id.clone(),
                    status,
                    elapsed: now - started,
                    next,
                });
            }
            Ok(Judgement::Done { status, body }) => {
                self.polls.found_ended(age);
                self.saw_status(&self.context.mask(&status));
                let request_id = self.id.clone();
                self.end(Ok(Completed { request_id, status, body }));
            }
            Ok(Judgement::Failed { status, detail }) => {
                self.polls.found_ended(age);
                let (status, detail) = (self.context.mask(&status), self.context.mask_json(detail));
                let happened =
                    format!("ended with {}: {}", shown(&status), shown(&Redacted(&detail).to_string()));
                self.saw_status(&status);
                let Time { started, .. } = self.time(now);
                self.fail(
                    Error::new(ErrorKind::OperationFailed, self.context.label.clone(), happened)
                        .with_status(response.status)
                        .with_api_response(detail)
                        .with_elapsed(now - started),
                );
            }
            Err(why) => {
                self.unusable += 1;
                let error = unusable_answer(&self.context, &response, &why);
                if self.unusable > self.context.settings.retry.retries {
                    return self.fail(error);
                }
                self.poll_failed(now, None, error);
            }
        }
    }

    fn saw_status(&mut self, status: &str) {
        if self.last_status.as_deref() == Some(status) {
            return;
        }
        let from = self.last_status.replace(status.to_owned());
        let (request_id, to) = (self.id.clone(), status.to_owned());
        self.context.observer.emit(&Progress::StatusChanged { request_id, from, to });
    }

    /// Tells that it has its outcome, once.
    fn tell_end(&mut self, now: Instant) {
        let State::Done(Some(outcome)) = &self.state else { return };
        if std::mem::replace(&mut self.has_told_end, true) {
            return;
        }
        let outcome = match outcome {
            // Of a submit that is not waited for there is no status.
            Ok(_) => Ok(self.last_status.clone().unwrap_or_default()),
            Err(error) => Err(error.kind()),
        };
        let elapsed = self.time.map(|time| now.saturating_duration_since(time.started)).unwrap_or_default();
        let request_id = self.id().map(str::to_owned);
        self.context.observer.emit(&Progress::Finished { request_id, outcome, elapsed });
    }

    /// A poll failed in a way that may pass.
    fn poll_failed(&mut self, now: Instant, asked: Option<Duration>, error: Error) {
        if self.is_last_poll {
            return self.time_is_over(now, Some(error));
        }
        let delay = retry::delay(asked, &mut self.retries);
        self.put_off = now.checked_add(delay);
        let delay = self.poll_again(now, delay);
        self.context.observer.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
    }
}

impl Machine for Operation {
    fn next(&mut self, now: Instant) -> Step {
        let step = self.decide(now);
        self.tell_end(now);
        step
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        self.take(now, wall, result);
        self.tell_end(now);
    }
}

impl Operation {
    fn decide(&mut self, now: Instant) -> Step {
        let Time { started, deadline } = self.time(now);
        if let State::Submitting(exchange) = &mut self.state {
            let step = exchange.next(now);
            match exchange.finish() {
                Some(outcome) => self.submitted(now, outcome),
                None => return step,
            }
        }
        if self.taken.is_none() && matches!(self.state, State::Ready) {
            self.begin(now);
        }
        match self.state {
            State::Done(_) => return Step::Done,
            // Not to be asked in this state; the poll under way will tell.
            State::Submitting(_) | State::InFlight(_) => {
                return Step::Wait(deadline.saturating_duration_since(now));
            }
            State::Due(due) if now < due => return Step::Wait(due - now),
            State::Ready | State::Due(_) => {}
        }
        if now >= deadline {
            self.time_is_over(now, None);
            return Step::Done;
        }
        match self.pace.turn_of(&self.context, now, deadline) {
            Turn::At(slot) => Step::Wait(slot - now),
            Turn::Never(free) => {
                let why = format!("the rate budget has no room for {}", seconds(free - now));
                let error =
                    Error::new(ErrorKind::RateLimited, "polling again", why).with_elapsed(now - started);
                self.time_is_over(now, Some(error));
                Step::Done
            }
            Turn::Now => {
                self.is_last_poll = now + self.last_poll() >= deadline;
                self.state = State::InFlight(now);
                let timeout = self.context.settings.http_timeout.min(deadline - now);
                Step::Send(self.status_request.clone(), timeout)
            }
        }
    }

    fn take(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        let sent = match &mut self.state {
            State::Submitting(exchange) => {
                exchange.received(now, wall, result);
                if let Some(outcome) = exchange.finish() {
                    self.submitted(now, outcome);
                }
                return;
            }
            State::InFlight(sent) => *sent,
            State::Ready | State::Due(_) | State::Done(_) => return,
        };
        self.pace.answered(now);
        self.round_trip = self.round_trip.max(now - sent);
        let verdict = match &result {
            // What keeps a token from being renewed may pass as well.
            Err(error) if error.token_error().is_some_and(may_pass) => Verdict::Retry,
            _ => self.context.verdict(Effect::Repeatable, &result),
        };
        let started = self.time(now).started;
        let service = &self.context.service;
        let meaning = match (verdict, &result) {
            (Verdict::Answer, Ok(response)) => Some(service.judge(response)),
            (Verdict::Permanent, Ok(response)) => service.judge_refusal(response, now - started).map(Ok),
            _ => None,
        };
        match (meaning, result) {
            (Some(meaning), Ok(response)) => self.answered(now, sent, response, meaning),
            (_, result) => self.not_answered(now, wall, result, verdict),
        }
    }
}

impl Operation {
    /// What came of a poll tells nothing of the operation.
    fn not_answered(
        &mut self,
        now: Instant,
        wall: SystemTime,
        result: Result<Response, SendError>,
        verdict: Verdict,
    ) {
        match verdict {
            Verdict::Answer => {}
            Verdict::Retry => {
                let asked = result.as_ref().ok().and_then(|r| retry::retry_after(r, wall));
                let error = failure(&self.context, result, Verdict::Retry, 1).with_retry_after(asked);
                self.poll_failed(now, asked, error);
            }
            verdict @ (Verdict::Unknown | Verdict::Permanent) => {
                let Time { started, .. } = self.time(now);
                let error = failure(&self.context, result, verdict, 1).with_elapsed(now - started);
                // Whatever is said of a request by itself, this one asks after an operation that was taken.
                self.fail(error.with_advice(STILL_RUNNING));
            }
        }
    }
}

/// Whether there may be a token later.
fn may_pass(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Transport | ErrorKind::Server | ErrorKind::RateLimited | ErrorKind::OperationTimeout
    )
}

/// A 2xx to the submit without a usable id in it.
#[cold]
fn unusable_submit(context: &Context, effect: Effect, response: &Response, why: &str) -> Error {
    let happened = format!("HTTP {}, but {}", response.status, shown(why));
    let error = match effect {
        Effect::Changes => Error::new(ErrorKind::OutcomeUnknown, context.label.clone(), happened)
            .with_advice(format!(
                "It was probably taken, so it was not sent again. {} before you repeat it.",
                context.service.how_to_check()
            )),
        Effect::Repeatable => Error::new(ErrorKind::UnexpectedResponse, context.label.clone(), happened)
            .with_advice("Is this the address of the service, or of a proxy in between?"),
    };
    error.with_status(response.status).with_body(context.text(response))
}

/// A 2xx to a poll that says nothing.
#[cold]
fn unusable_answer(context: &Context, response: &Response, why: &str) -> Error {
    Error::new(
        ErrorKind::UnexpectedResponse,
        context.label.clone(),
        format!("the status was answered with HTTP {}, but {}", response.status, shown(why)),
    )
    .with_status(response.status)
    .with_body(context.text(response))
    .with_advice(STILL_RUNNING)
}
