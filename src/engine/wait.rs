//! Check again and again until a rule is satisfied.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::http::Request;
use crate::transport::{SendError, SendErrorKind};

use super::context::{CallContext, TooMany};
use super::failure::{ended, seconds};
use super::operation::{Completed, Operation};
use super::policy::Schedule;
use super::progress::Progress;
use super::retry::Effect;
use super::sequence::{Next, Plan, Planned, Sequence};
use super::service::Accept;

/// The least time that is kept for the last check.
const MIN_LAST_CHECK: Duration = Duration::from_millis(100);
/// The most time that is kept for the last check.
const MAX_LAST_CHECK: Duration = Duration::from_secs(10);

/// What to do when a wait ends before what it waits for.
const ONLY_READS: &str = "The wait only reads: start it again, with a longer `.timeout(…)` if needed.";

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

/// A pure function of the result of a check.
pub(crate) type Rule = dyn Fn(&Completed) -> Finding + Send + Sync;

/// The wait for something that no single operation waits for: the state of a resource, the end of a run.
///
/// Each check is an [`Operation`] that reads. A check that meets a transient failure is repeated until the
/// deadline, which is one for all checks.
pub(crate) struct Wait {
    context: Arc<CallContext>,
    /// The same without the events of every submit and poll of every check.
    checks: Arc<CallContext>,
    request: Arc<Request>,
    accept: Accept,
    rule: Arc<Rule>,
    intervals: Schedule,
    retries: Schedule,
    last_status: Option<String>,
    /// Checks in a row whose result was unclear.
    unclear: u32,
    /// The longest time that a check took.
    longest: Duration,
    /// When the check began that runs.
    since: Option<Instant>,
    is_last_check: bool,
}

impl Wait {
    /// Sends this request, which must only read, until the rule is satisfied. The first check is sent at
    /// once.
    pub(crate) fn machine(
        context: Arc<CallContext>,
        request: impl Into<Arc<Request>>,
        accept: Accept,
        rule: Arc<Rule>,
    ) -> Sequence<Self> {
        let observer = context.observer.without(|progress| !matches!(progress, Progress::Retrying { .. }));
        let mut checks = CallContext::clone(&context).with_observer(observer);
        checks.settings.too_many = TooMany::SlowDown;
        let (intervals, retries) = (context.settings.poll.schedule(), context.settings.retry.schedule());
        let wait = Self {
            context: context.clone(),
            checks: Arc::new(checks),
            request: request.into(),
            accept,
            rule,
            intervals,
            retries,
            last_status: None,
            unclear: 0,
            longest: Duration::ZERO,
            since: None,
            is_last_check: false,
        };
        Sequence::new(context, wait)
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.context.span(now).elapsed(now)
    }

    /// The time before the deadline at which the last check has to begin, so that its result can still
    /// arrive.
    fn last_check(&self) -> Duration {
        (self.longest * 2).clamp(MIN_LAST_CHECK, MAX_LAST_CHECK).min(self.context.settings.timeout / 4)
    }

    /// The delay before the next check, which is the last one just before the deadline.
    fn delay(&self, now: Instant, delay: Duration) -> Duration {
        let deadline = self.context.span(now).deadline;
        let last = deadline.checked_sub(self.last_check()).unwrap_or(now).max(now);
        now.checked_add(delay).unwrap_or(last).min(last) - now
    }

    #[cold]
    fn timed_out(&self, now: Instant, cause: Option<Error>) -> Error {
        let elapsed = self.elapsed(now);
        let last = match &self.last_status {
            Some(status) => format!("last status: {}", shown(status)),
            None => "no status was received".to_owned(),
        };
        let mut happened = format!("timed out after {}; {last}", seconds(elapsed));
        // A check that ran out of the same time says nothing more.
        if let Some(cause) = cause.as_ref().filter(|cause| cause.kind() != ErrorKind::OperationTimeout) {
            happened.push_str(&format!("; the last check had no result: {}", shown(cause.happened())));
        }
        let error = Error::new(ErrorKind::OperationTimeout, self.context.label.clone(), happened)
            .with_api_status(self.last_status.clone())
            .with_advice(ONLY_READS)
            .with_retryable(true)
            .with_elapsed(elapsed);
        match cause {
            Some(cause) => error.with_source(cause),
            None => error,
        }
    }

    fn found(&mut self, now: Instant, completed: Completed) -> Planned<Completed, Completed> {
        match (self.rule)(&completed) {
            Finding::Pending { status } => {
                self.unclear = 0;
                self.retries.restart();
                let status = self.context.mask(&status);
                self.saw_status(&completed.id, &status);
                if self.is_last_check {
                    return Err(self.timed_out(now, None));
                }
                let interval = self.intervals.next();
                let next = self.delay(now, interval);
                self.context.observer.emit(&Progress::Polled {
                    id: completed.id,
                    status,
                    elapsed: self.elapsed(now),
                    next,
                });
                Ok(Next::Pause(next))
            }
            Finding::Done => Ok(Next::Done(completed)),
            Finding::Failed { status, detail } => {
                Err(ended(&self.context, &status, detail).with_elapsed(self.elapsed(now)))
            }
            Finding::Unclear { why } => {
                self.unclear += 1;
                let why = self.context.mask(&why);
                let error =
                    Error::new(ErrorKind::UnexpectedResponse, self.context.label.clone(), shown(&why))
                        .with_api_status(self.last_status.clone());
                if self.unclear > self.context.settings.retry.retries {
                    return Err(error.with_elapsed(self.elapsed(now)));
                }
                self.repeat(now, error)
            }
        }
    }

    fn saw_status(&mut self, check: &str, status: &str) {
        if self.last_status.as_deref() == Some(status) {
            return;
        }
        let from = self.last_status.replace(status.to_owned());
        let (id, to) = (check.to_owned(), status.to_owned());
        self.context.observer.emit(&Progress::StatusChanged { id, from, to });
    }

    fn failed(&mut self, now: Instant, error: Error) -> Planned<Completed, Completed> {
        if error.kind() == ErrorKind::OperationTimeout {
            Err(self.timed_out(now, Some(error)))
        } else if error.is_retryable() || is_expired_certificate(&error) {
            // A clock that is wrong after a sleep corrects itself.
            self.repeat(now, error)
        } else {
            let is_part = error.kind() != ErrorKind::Cancelled;
            let error = if is_part { error.of_part(&self.context.label, "a check failed") } else { error };
            let error = error.with_elapsed(self.elapsed(now)).without_request_id();
            let is_over = error.kind() == ErrorKind::OperationFailed;
            Err(if is_over { error } else { error.with_advice(ONLY_READS) })
        }
    }

    /// A check failed with a transient failure.
    fn repeat(&mut self, now: Instant, error: Error) -> Planned<Completed, Completed> {
        if self.is_last_check {
            return Err(self.timed_out(now, Some(error)));
        }
        let delay = self.retries.delay(error.retry_after());
        let delay = self.delay(now, delay);
        self.context.observer.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
        Ok(Next::Pause(delay))
    }

    /// Reports the outcome.
    fn tell_end(&self, now: Instant, next: &Planned<Completed, Completed>) {
        let (id, outcome) = match next {
            Ok(Next::Done(done)) => (Some(done.id.clone()), Ok(self.context.mask(&done.status))),
            Err(error) => (None, Err(error.kind())),
            Ok(Next::Run(_) | Next::Pause(_)) => return,
        };
        self.context.observer.emit(&Progress::Finished { id, outcome, elapsed: self.elapsed(now) });
    }
}

/// True if the server's certificate is not valid at this time, by this machine's clock.
fn is_expired_certificate(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<SendError>());
    cause.is_some_and(|cause| cause.kind() == SendErrorKind::CertificateExpired)
}

impl Plan for Wait {
    type Part = Completed;
    type Output = Completed;

    fn begin(&mut self, now: Instant) -> Planned<Completed, Completed> {
        let deadline = self.context.span(now).deadline;
        if now >= deadline {
            let next = Err(self.timed_out(now, None));
            self.tell_end(now, &next);
            return next;
        }
        self.is_last_check |= now + self.last_check() >= deadline;
        self.since = Some(now);
        let operation = Operation::submit(
            self.checks.clone(),
            self.request.clone(),
            Effect::Repeatable,
            self.accept.clone(),
        );
        Ok(Next::Run(Box::new(operation)))
    }

    fn ended(&mut self, now: Instant, outcome: Result<Completed, Error>) -> Planned<Completed, Completed> {
        let next = match outcome {
            Ok(completed) => {
                let took = self.since.map(|since| now.saturating_duration_since(since));
                self.longest = self.longest.max(took.unwrap_or_default());
                self.found(now, completed)
            }
            Err(error) => self.failed(now, error),
        };
        self.tell_end(now, &next);
        next
    }
}
