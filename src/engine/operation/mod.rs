//! Submit, then poll until the operation has ended.

#[cfg(operation_batches)]
mod scheduling;
#[cfg(submits)]
mod submit;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::http::Response;
use crate::transport::SendErrorKind;

#[cfg(batches)]
use super::context::TooMany;
use super::context::{CallContext, Reply, Span};
use super::failure::{cancelled, ended, failure, seconds};
use super::machine::{Event, Machine, Now, Outcome, Step, Steps};
use super::policy::Schedule;
use super::polls::{Intervals, Polls};
use super::retry::{self, Effect, Verdict};
use super::service::{Failure, Id, Judgement, Poll};
use super::{Pace, Progress, Turn};

/// The least time that is kept for the last poll.
const MIN_LAST_POLL: Duration = Duration::from_millis(50);
/// The most time that is kept for the last poll.
const MAX_LAST_POLL: Duration = Duration::from_secs(1);
/// How long a service may take to know an operation that it has just accepted.
pub(crate) const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);

/// What to do when the service does not know what is polled, and nothing shows that it ever did.
const NOT_KNOWN: &str = "The service does not know this request id. Check the id, and check that the credentials belong to the account that submitted it.";
/// What to do when the service does not know any more what it has accepted.
const NOT_KNOWN_ANY_MORE: &str = "The service accepted the operation but no longer knows its request id. Check whether it took effect before you submit it again.";
/// What to do when a wait ends before anything is known of its operation.
const NEVER_SEEN: &str = "No poll returned a state. Check the id, and check that the credentials belong to the account that submitted it, then resume the wait.";
/// What to do when a wait ends before its operation.
const STILL_RUNNING: &str =
    "The operation may still be running: resume the wait with the request id; do not submit it again.";
/// What to do when the wait times out.
const GOES_ON: &str =
    "The operation continues at the server. Resume the wait with the request id; do not submit it again.";

/// An operation that was accepted, or that ended with a success.
#[derive(Clone)]
pub(crate) struct Completed {
    /// The id under which it was polled.
    pub(crate) id: String,
    /// In the server's words; empty if the end was not waited for.
    pub(crate) status: String,
    /// The result as the service's rule for polls gives it; the response to the submit if the end was not
    /// waited for.
    pub(crate) body: Value,
    /// The text of the response with the result; empty if the end was not waited for.
    #[cfg(kept_texts)]
    pub(crate) text: Vec<u8>,
}

/// Without the result, which may hold secrets.
impl fmt::Debug for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completed")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A command from its submit to its end, or the wait for one that was submitted before.
///
/// A failed poll is not a failed operation: a failure that may pass is polled again until the deadline. Every
/// error after the submit carries the id.
#[derive(Debug)]
pub(crate) struct Operation {
    context: Arc<CallContext>,
    state: State,
    pace: Pace,
    polls: Box<dyn Polls>,
    retries: Schedule,
    /// When it was accepted, or when the wait for it began.
    accepted: Option<Instant>,
    /// How old it was then.
    age_when_accepted: Duration,
    /// True if this call has started it, so that it exists although the service may not know it yet.
    is_own: bool,
    /// The age at which it was last found running.
    ran_at: Option<Duration>,
    /// After a poll that failed, or with a `Retry-After`: the next one is not to go before.
    put_off: Option<Instant>,
    id: Option<Id>,
    last_status: Option<String>,
    /// Unreadable responses in a row.
    unusable: u32,
    /// The longest time that a response took.
    round_trip: Duration,
    is_last_poll: bool,
    has_told_end: bool,
    outcome: Outcome<Completed>,
}

enum State {
    #[cfg(submits)]
    Submitting(Box<submit::Submit>),
    Polling(Poll, Turns),
    Over,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(submits)]
            Self::Submitting(submit) => f.debug_tuple("Submitting").field(submit).finish(),
            Self::Polling(poll, turns) => f.debug_tuple("Polling").field(poll).field(turns).finish(),
            Self::Over => f.write_str("Over"),
        }
    }
}

/// Where polling stands.
#[derive(Clone, Copy, Debug)]
enum Turns {
    Ready,
    Due(Instant),
    InFlight(Instant),
}

impl Operation {
    /// Waits for the end of an operation that was submitted before.
    pub(crate) fn resume(context: Arc<CallContext>, id: Id, poll: Poll) -> Self {
        let state = State::Polling(poll, Turns::Ready);
        Self { id: Some(id), ..Self::new(context, state) }
    }

    /// The operation was started by this call.
    #[cfg(started_waits)]
    pub(crate) fn just_started(self) -> Self {
        Self { is_own: true, ..self }
    }

    fn new(context: Arc<CallContext>, state: State) -> Self {
        let (polls, retries) = (Intervals::new(&context.settings.poll), context.settings.retry.schedule());
        let pace = Pace::new(context.budget.clone());
        Self {
            context,
            state,
            pace,
            polls: Box::new(polls),
            retries,
            accepted: None,
            age_when_accepted: Duration::ZERO,
            is_own: false,
            ran_at: None,
            put_off: None,
            id: None,
            last_status: None,
            unusable: 0,
            round_trip: Duration::ZERO,
            is_last_poll: false,
            has_told_end: false,
            outcome: Outcome::default(),
        }
    }

    /// The id, once there is one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_ref().map(Id::as_str)
    }

    fn id_text(&self) -> String {
        self.id().unwrap_or_default().to_owned()
    }

    fn age(&self, now: Instant) -> Duration {
        let since = self.accepted.map(|accepted| now.saturating_duration_since(accepted)).unwrap_or_default();
        self.age_when_accepted + since
    }

    fn end(&mut self, outcome: Result<Completed, Error>) {
        self.state = State::Over;
        self.outcome.set(outcome);
    }

    fn fail(&mut self, error: Error) {
        let error = error.with_api_status(self.last_status.clone());
        self.end(Err(match &self.id {
            Some(id) => id.add_to(error),
            None => error,
        }));
    }

    /// It is known to run: when to ask first.
    fn poll_first(&mut self, now: Instant) {
        self.accepted = Some(now);
        let first = self.polls.first(self.age_when_accepted);
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
        let Span { deadline, .. } = self.context.span(now);
        let last = deadline.checked_sub(self.last_poll()).unwrap_or(now).max(now);
        let due = now.checked_add(delay).unwrap_or(last).min(last);
        if let State::Polling(_, turns) = &mut self.state {
            *turns = Turns::Due(due);
        }
        due - now
    }

    #[cold]
    fn time_is_over(&mut self, now: Instant, cause: Option<Error>) {
        let Span { started, .. } = self.context.span(now);
        let elapsed = now - started;
        let last = match &self.last_status {
            Some(status) => format!("last status: {}", shown(status)),
            None => "no status was received".to_owned(),
        };
        let mut happened = format!("timed out after {}; {last}", seconds(elapsed));
        if let Some(cause) = &cause {
            happened.push_str(&format!("; the last poll had no result: {}", shown(cause.happened())));
        }
        let mut error = Error::new(ErrorKind::OperationTimeout, self.context.label.clone(), happened)
            .with_elapsed(elapsed)
            .with_advice(if self.is_known() { GOES_ON } else { NEVER_SEEN });
        if let Some(cause) = cause {
            error = error.with_source(cause);
        }
        self.fail(error);
    }

    fn answered(&mut self, at: Now, sent: Instant, response: Response, meaning: Result<Judgement, String>) {
        let now = at.at;
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
                let mut delay = self.polls.found_running(age);
                // Zero does not count: it would switch the intervals off.
                let asked = retry::retry_after(&response, at.wall).filter(|asked| !asked.is_zero());
                if let Some(asked) = asked {
                    delay = asked;
                    self.put_off = now.checked_add(asked);
                }
                let next = self.poll_again(now, delay);
                let Span { started, .. } = self.context.span(now);
                self.context.observer.emit(&Progress::Polled {
                    id: self.id_text(),
                    status,
                    elapsed: now - started,
                    next,
                });
            }
            Ok(Judgement::Done { status, body }) => {
                self.polls.found_ended(age);
                self.saw_status(&self.context.mask(&status));
                self.end(Ok(Completed {
                    id: self.id_text(),
                    status,
                    body,
                    #[cfg(kept_texts)]
                    text: response.body,
                }));
            }
            Ok(Judgement::Failed { status, detail }) => {
                self.polls.found_ended(age);
                let error = ended(&self.context, &status, detail);
                self.saw_status(&self.context.mask(&status));
                let Span { started, .. } = self.context.span(now);
                self.fail(error.with_status(response.status).with_elapsed(now - started));
            }
            Err(why) => {
                let error = unusable_answer(&self.context, &response, &why);
                self.unusable(now, error);
            }
        }
    }

    /// A poll returned something that says nothing about the operation: tries again, as often as there are
    /// retries.
    fn unusable(&mut self, now: Instant, error: Error) {
        self.unusable += 1;
        if self.unusable > self.context.settings.retry.retries {
            let advice = self.advice_for(error.kind());
            return self.fail(error.with_advice(advice));
        }
        self.poll_failed(now, None, error);
    }

    /// True if something shows that the operation exists, or existed: an id alone may be wrong.
    fn is_known(&self) -> bool {
        self.is_own || !self.age_when_accepted.is_zero() || self.last_status.is_some()
    }

    /// What to do after an error of this kind that ends the wait.
    fn advice_for(&self, kind: ErrorKind) -> &'static str {
        match (kind, self.is_known()) {
            (ErrorKind::NotFound, true) => NOT_KNOWN_ANY_MORE,
            (ErrorKind::NotFound, false) => NOT_KNOWN,
            (_, true) => STILL_RUNNING,
            (_, false) => NEVER_SEEN,
        }
    }

    /// True if the service may not know yet what it has accepted a moment ago.
    fn may_be_unknown_yet(&self, now: Instant) -> bool {
        self.is_own && self.last_status.is_none() && self.age(now) < UNKNOWN_AT_FIRST
    }

    fn saw_status(&mut self, status: &str) {
        if self.last_status.as_deref() == Some(status) {
            return;
        }
        let from = self.last_status.replace(status.to_owned());
        let (id, to) = (self.id_text(), status.to_owned());
        self.context.observer.emit(&Progress::StatusChanged { id, from, to });
    }

    /// Reports the outcome, once.
    fn tell_end(&mut self, now: Instant) {
        let Some(outcome) = self.outcome.get() else { return };
        if std::mem::replace(&mut self.has_told_end, true) {
            return;
        }
        let outcome = match (outcome, &self.last_status) {
            (Ok(_), Some(status)) => Ok(status.clone()),
            // A submit that is not waited for: the operation has begun, and not ended.
            (Ok(_), None) => return,
            (Err(error), _) => Err(error.kind()),
        };
        let elapsed = self.context.begun().map(|span| span.elapsed(now)).unwrap_or_default();
        let id = self.id().map(str::to_owned);
        self.context.observer.emit(&Progress::Finished { id, outcome, elapsed });
    }

    /// A poll failed with a transient failure.
    fn poll_failed(&mut self, now: Instant, asked: Option<Duration>, error: Error) {
        if self.is_last_poll {
            return self.time_is_over(now, Some(error));
        }
        let delay = match self.context.settings.too_many {
            // The batch knows when the server admits more.
            #[cfg(batches)]
            TooMany::LeaveToBatch if error.kind() == ErrorKind::RateLimited => asked.unwrap_or_default(),
            _ => self.retries.delay(asked),
        };
        self.put_off = now.checked_add(delay);
        let delay = self.poll_again(now, delay);
        self.context.observer.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
    }
}

impl Steps for Operation {
    fn next(&mut self, now: Instant) -> Step {
        let step = self.decide(now);
        self.tell_end(now);
        step
    }

    fn on(&mut self, now: Now, event: Event) {
        self.take(now, event);
        self.tell_end(now.at);
    }
}

impl Machine for Operation {
    type Output = Completed;

    fn finish(&mut self) -> Result<Completed, Error> {
        self.outcome.take().map_err(|error| self.context.masked(error))
    }
}

impl Operation {
    fn decide(&mut self, now: Instant) -> Step {
        let Span { started, deadline } = self.context.span(now);
        #[cfg(submits)]
        if let State::Submitting(submit) = &mut self.state {
            match submit.exchange.next(now) {
                Step::Done => self.submitted(now),
                step => return step,
            }
        }
        if self.accepted.is_none() && matches!(self.state, State::Polling(_, Turns::Ready)) {
            self.poll_first(now);
        }
        let request = match &self.state {
            State::Over => return Step::Done,
            State::Polling(_, Turns::Due(due)) if now < *due => return Step::Wait(*due - now),
            State::Polling(poll, Turns::Ready | Turns::Due(_)) => poll.request.clone(),
            // Not to be asked in this state; the response to the request in flight will tell.
            _ => return Step::Wait(deadline.saturating_duration_since(now)),
        };
        if now >= deadline {
            self.time_is_over(now, None);
            return Step::Done;
        }
        // The last poll goes even if the server admits no more: the operation may have ended.
        let last = deadline.checked_sub(self.last_poll()).unwrap_or(now);
        match self.pace.turn_of(&self.context, now, deadline, now >= last) {
            Turn::At(slot) if now < last => Step::Wait(slot.min(last) - now),
            Turn::At(slot) => Step::Wait(slot - now),
            Turn::Never(_) if now < last => Step::Wait(last - now),
            Turn::Never(free) => {
                let why =
                    format!("the client's rate limit allows the next request in {}", seconds(free - now));
                let error =
                    Error::new(ErrorKind::RateLimited, "polling again", why).with_elapsed(now - started);
                self.time_is_over(now, Some(error));
                Step::Done
            }
            Turn::Now => {
                self.is_last_poll = now + self.last_poll() >= deadline;
                if let State::Polling(_, turns) = &mut self.state {
                    *turns = Turns::InFlight(now);
                }
                let timeout = self.context.settings.http_timeout.min(deadline - now);
                self.context.observer.sends(&request);
                Step::Send { request, timeout }
            }
        }
    }

    fn take(&mut self, now: Now, event: Event) {
        match (&mut self.state, event) {
            #[cfg(submits)]
            (State::Submitting(submit), event) => {
                submit.exchange.on(now, event);
                if submit.exchange.is_over() {
                    self.submitted(now.at);
                }
            }
            (State::Polling(..), Event::Cancelled) => {
                let elapsed = self.context.span(now.at).elapsed(now.at);
                let error = cancelled(&self.context.label).with_elapsed(elapsed);
                let advice = self.advice_for(error.kind());
                self.fail(error.with_advice(advice));
            }
            (State::Polling(poll, Turns::InFlight(sent)), Event::Response(result)) => {
                let (poll, sent) = (poll.clone(), *sent);
                let reply = self.context.read(&poll.request, result);
                self.polled(now, sent, &poll, reply);
            }
            _ => {}
        }
    }

    fn polled(&mut self, now: Now, sent: Instant, poll: &Poll, reply: Reply) {
        match &reply {
            Reply::Failure(response, Failure { status: 429, .. }) => {
                self.pace.refused(now.at, retry::retry_after(response, now.wall));
            }
            _ => self.pace.answered(now.at),
        }
        self.round_trip = self.round_trip.max(now.at - sent);
        let verdict = match &reply {
            // Whatever keeps a token from being renewed may pass as well.
            Reply::NoResponse(error) if error.token_error().is_some_and(may_pass) => Verdict::Retry,
            // A clock that is wrong after a sleep corrects itself.
            Reply::NoResponse(error) if error.kind() == SendErrorKind::CertificateExpired => Verdict::Retry,
            Reply::Failure(_, failure) => failure.poll_verdict(),
            _ => retry::judge(Effect::Repeatable, &reply),
        };
        let elapsed = self.context.span(now.at).elapsed(now.at);
        let meaning = match &reply {
            Reply::Success(response) => Some(poll.judge(response)),
            Reply::Failure(_, failure) if verdict == Verdict::Permanent => {
                poll.judge_failure(failure, elapsed).map(Ok)
            }
            _ => None,
        };
        match (meaning, reply) {
            (Some(meaning), Reply::Success(response) | Reply::Failure(response, _)) => {
                self.answered(now, sent, response, meaning);
            }
            (_, reply) => self.not_answered(now, reply, verdict),
        }
    }

    /// The reply to a poll says nothing about the operation.
    fn not_answered(&mut self, now: Now, reply: Reply, verdict: Verdict) {
        let asked = match (&reply, verdict) {
            (Reply::Failure(response, _), Verdict::Retry) => retry::retry_after(response, now.wall),
            _ => None,
        };
        let is_foreign = matches!(&reply, Reply::Failure(_, failure) if failure.is_foreign);
        let error = failure(&self.context, reply, verdict, 1);
        let is_early = error.kind() == ErrorKind::NotFound && self.may_be_unknown_yet(now.at);
        match verdict {
            Verdict::Success => {}
            Verdict::Permanent if is_foreign => self.unusable(now.at, error),
            Verdict::Permanent if is_early => self.poll_failed(now.at, asked, error),
            Verdict::Retry => self.poll_failed(now.at, asked, error.with_retry_after(asked)),
            Verdict::Unknown | Verdict::Permanent => {
                let elapsed = self.context.span(now.at).elapsed(now.at);
                // The advice of a single request does not fit: this one asks about an operation that was
                // accepted.
                let advice = self.advice_for(error.kind());
                self.fail(error.with_elapsed(elapsed).with_advice(advice));
            }
        }
    }
}

/// Whether there may be a token later.
fn may_pass(error: &Error) -> bool {
    // A refresh token that may have been spent is not sent again.
    let may_repeat = error.is_retryable() || error.kind() == ErrorKind::OperationTimeout;
    may_repeat
        && matches!(
            error.kind(),
            ErrorKind::Transport | ErrorKind::Server | ErrorKind::RateLimited | ErrorKind::OperationTimeout
        )
}

/// The error for a 2xx to a poll that cannot be read.
#[cold]
fn unusable_answer(context: &CallContext, response: &Response, why: &str) -> Error {
    Error::new(
        ErrorKind::UnexpectedResponse,
        context.label.clone(),
        format!("the poll returned HTTP {} with an invalid body: {}", response.status, shown(why)),
    )
    .with_status(response.status)
    .with_body(context.text(response))
}
