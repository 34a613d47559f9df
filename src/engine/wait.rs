//! Check again and again, until a rule says that it is enough.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response};
use crate::redact::Redacted;
use crate::transport::SendError;

use super::exchange::{Time, seconds};
use super::retry::{self, Effect, Schedule};
use super::{Completed, Context, Machine, Operation, Progress, Step};

/// The least time that is kept for the last check.
const MIN_LAST_CHECK: Duration = Duration::from_millis(100);
/// The most time that is kept for the last check.
const MAX_LAST_CHECK: Duration = Duration::from_secs(10);

/// What to do when a wait ends before what it waits for.
const ONLY_READS: &str =
    "The wait only reads: begin it again, with more time (`.timeout(…)`) if it needs that.";

/// What a rule makes of a check.
#[derive(Debug)]
pub(crate) enum Finding {
    /// Check again later.
    Pending {
        /// How it stands, in the server's words.
        status: String,
    },
    /// It is as it should be.
    Done,
    /// It will never be as it should be.
    Failed {
        /// How it stands, in the server's words.
        status: String,
        /// What the server says about it.
        detail: Value,
    },
    /// The check does not tell.
    Unclear {
        /// What is missing.
        why: String,
    },
}

/// A pure function of the answer to a check.
pub(crate) type Rule = dyn Fn(&Completed) -> Finding + Send + Sync;

/// The wait for something that no single operation waits for: the state of a resource, the end of a run.
///
/// Each check is an [`Operation`] that reads. A check that fails in a way that may pass is no failed wait, and is made
/// again until the deadline, which is one for everything.
pub(crate) struct Wait {
    context: Arc<Context>,
    /// The same, but the observer does not hear of every submit and poll of every check.
    checks: Arc<Context>,
    request: Request,
    rule: Arc<Rule>,
    time: Option<Time>,
    state: State,
    intervals: Schedule,
    retries: Schedule,
    last_status: Option<String>,
    /// Checks in a row that told nothing.
    unclear: u32,
    /// The longest time that a check took.
    longest: Duration,
    is_last_check: bool,
    has_told_end: bool,
}

#[derive(Debug)]
enum State {
    Ready,
    Due(Instant),
    /// Since when.
    Checking(Box<Operation>, Instant),
    Done(Option<Result<Completed, Error>>),
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Wait {
    /// Sends this request, which must only read, until the rule is content. The first check is at once.
    pub(crate) fn new(context: Arc<Context>, request: Request, rule: Arc<Rule>) -> Self {
        let checks = Arc::new(Context {
            label: context.label.clone(),
            settings: context.settings.clone(),
            budget: context.budget.clone(),
            service: context.service.clone(),
            secrets: context.secrets.clone(),
            observer: context.observer.without(|progress| !matches!(progress, Progress::Retrying { .. })),
        });
        let (intervals, retries) = (context.settings.poll.schedule(), context.settings.retry.schedule());
        Self {
            context,
            checks,
            request,
            rule,
            time: None,
            state: State::Ready,
            intervals,
            retries,
            last_status: None,
            unclear: 0,
            longest: Duration::ZERO,
            is_last_check: false,
            has_told_end: false,
        }
    }

    /// As a part of something that has begun before.
    pub(super) fn within(mut self, time: Time) -> Self {
        self.time = Some(time);
        self
    }

    /// The outcome, once: the answer that the rule was content with.
    pub(crate) fn finish(&mut self) -> Option<Result<Completed, Error>> {
        match &mut self.state {
            State::Done(outcome) => outcome.take(),
            _ => None,
        }
    }

    fn time(&mut self, now: Instant) -> Time {
        *self.time.get_or_insert_with(|| Time { started: now, deadline: self.context.settings.deadline(now) })
    }

    fn end(&mut self, outcome: Result<Completed, Error>) {
        self.state = State::Done(Some(outcome));
    }

    fn fail(&mut self, now: Instant, error: Error) {
        let Time { started, .. } = self.time(now);
        self.end(Err(error.with_elapsed(now - started)));
    }

    /// How long before the deadline the last check has to start, so that its answer can still arrive.
    fn last_check(&self) -> Duration {
        (self.longest * 2).clamp(MIN_LAST_CHECK, MAX_LAST_CHECK).min(self.context.settings.timeout / 4)
    }

    fn check(&mut self, now: Instant, time: Time) {
        if now + self.last_check() >= time.deadline {
            self.is_last_check = true;
        }
        let operation =
            Operation::submit(self.checks.clone(), self.request.clone(), Effect::Repeatable).within(time);
        self.state = State::Checking(Box::new(operation), now);
    }

    /// Checks again after this long, or for the last time just before the deadline.
    fn check_again(&mut self, now: Instant, delay: Duration) -> Duration {
        let Time { deadline, .. } = self.time(now);
        let last = deadline.checked_sub(self.last_check()).unwrap_or(now).max(now);
        let due = (now + delay).min(last);
        self.state = State::Due(due);
        due - now
    }

    #[cold]
    fn time_is_over(&mut self, now: Instant, cause: Option<Error>) {
        let Time { started, .. } = self.time(now);
        let elapsed = now - started;
        let last = match &self.last_status {
            Some(status) => format!("the last that was seen is {}", shown(status)),
            None => "how it stands was never seen".to_owned(),
        };
        let mut happened = format!("not so after {}; {last}", seconds(elapsed));
        if let Some(cause) = &cause {
            happened.push_str(&format!("; the last check failed: {}", shown(cause.happened())));
        }
        let mut error = Error::new(ErrorKind::OperationTimeout, self.context.label.clone(), happened)
            .with_api_status(self.last_status.clone())
            .with_advice(ONLY_READS)
            .with_retryable(true);
        if let Some(cause) = cause {
            error = error.with_source(cause);
        }
        self.fail(now, error);
    }

    fn checked(&mut self, now: Instant, since: Instant, outcome: Result<Completed, Error>) {
        let completed = match outcome {
            Ok(completed) => completed,
            Err(error) => return self.check_failed(now, error),
        };
        self.longest = self.longest.max(now - since);
        match (self.rule)(&completed) {
            Finding::Pending { status } => {
                self.unclear = 0;
                self.retries.restart();
                let status = self.context.mask(&status);
                self.saw_status(&completed.request_id, &status);
                if self.is_last_check {
                    return self.time_is_over(now, None);
                }
                let delay = self.intervals.next();
                let next = self.check_again(now, delay);
                let Time { started, .. } = self.time(now);
                self.context.observer.emit(&Progress::Polled {
                    request_id: completed.request_id,
                    status,
                    elapsed: now - started,
                    next,
                });
            }
            Finding::Done => self.end(Ok(completed)),
            Finding::Failed { status, detail } => {
                let (status, detail) = (self.context.mask(&status), self.context.mask_json(detail));
                let happened =
                    format!("it came to {}: {}", shown(&status), shown(&Redacted(&detail).to_string()));
                let error = Error::new(ErrorKind::OperationFailed, self.context.label.clone(), happened)
                    .with_api_status(Some(status))
                    .with_api_response(detail);
                self.fail(now, error);
            }
            Finding::Unclear { why } => {
                self.unclear += 1;
                let why = self.context.mask(&why);
                let error =
                    Error::new(ErrorKind::UnexpectedResponse, self.context.label.clone(), shown(&why))
                        .with_api_status(self.last_status.clone());
                if self.unclear > self.context.settings.retry.retries {
                    return self.fail(now, error);
                }
                self.repeat(now, error);
            }
        }
    }

    fn saw_status(&mut self, check: &str, status: &str) {
        if self.last_status.as_deref() == Some(status) {
            return;
        }
        let from = self.last_status.replace(status.to_owned());
        let (request_id, to) = (check.to_owned(), status.to_owned());
        self.context.observer.emit(&Progress::StatusChanged { request_id, from, to });
    }

    /// Tells that it has its outcome, once.
    fn tell_end(&mut self, now: Instant) {
        let State::Done(Some(outcome)) = &self.state else { return };
        if std::mem::replace(&mut self.has_told_end, true) {
            return;
        }
        let (request_id, outcome) = match outcome {
            Ok(done) => (Some(done.request_id.clone()), Ok(self.context.mask(&done.status))),
            Err(error) => (None, Err(error.kind())),
        };
        let elapsed = self.time.map(|time| now.saturating_duration_since(time.started)).unwrap_or_default();
        self.context.observer.emit(&Progress::Finished { request_id, outcome, elapsed });
    }

    fn check_failed(&mut self, now: Instant, error: Error) {
        if error.kind() == ErrorKind::OperationTimeout {
            self.time_is_over(now, Some(error));
        } else if error.is_retryable() {
            self.repeat(now, error);
        } else {
            let error = error.of_part(&self.context.label, "a check failed");
            let over = error.kind() == ErrorKind::OperationFailed;
            self.fail(now, if over { error } else { error.with_advice(ONLY_READS) });
        }
    }

    /// A check came to nothing in a way that may pass.
    fn repeat(&mut self, now: Instant, error: Error) {
        if self.is_last_check {
            return self.time_is_over(now, Some(error));
        }
        let delay = retry::delay(error.retry_after(), &mut self.retries);
        let delay = self.check_again(now, delay);
        self.context.observer.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
    }
}

impl Machine for Wait {
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

impl Wait {
    fn decide(&mut self, now: Instant) -> Step {
        let time = self.time(now);
        loop {
            match &mut self.state {
                State::Done(_) => return Step::Done,
                State::Due(due) if now < *due => return Step::Wait(*due - now),
                State::Ready | State::Due(_) if now >= time.deadline => self.time_is_over(now, None),
                State::Ready | State::Due(_) => self.check(now, time),
                State::Checking(operation, since) => {
                    let since = *since;
                    let step = operation.next(now);
                    match operation.finish() {
                        Some(outcome) => self.checked(now, since, outcome),
                        None => return step,
                    }
                }
            }
        }
    }

    fn take(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if let State::Checking(operation, since) = &mut self.state {
            let since = *since;
            operation.received(now, wall, result);
            if let Some(outcome) = operation.finish() {
                self.checked(now, since, outcome);
            }
        }
    }
}
