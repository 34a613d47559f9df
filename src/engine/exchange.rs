//! One request with its retries.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind, shown};
use crate::http::{Request, Response, host_of};
use crate::transport::{SendError, SendErrorKind};

use super::retry::{self, Effect, Schedule, Verdict};
use super::{Context, Machine, Pace, Progress, Step, Turn, Wish, nothing_sent};

/// Sends one request until there is an answer, as often as its [`Effect`] and the policy allow.
#[derive(Debug)]
pub(crate) struct Exchange {
    context: Arc<Context>,
    request: Arc<Request>,
    effect: Effect,
    /// Set when the first step is asked for.
    time: Option<Time>,
    /// When this request, and not what it is a part of, was first to go.
    began: Option<Instant>,
    state: State,
    pace: Pace,
    delays: Schedule,
    sent: u32,
    /// Why the last attempt failed, while another is to come.
    last: Option<Error>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    pub(super) started: Instant,
    pub(super) deadline: Instant,
}

#[derive(Debug)]
enum State {
    Ready,
    Waiting(Instant),
    InFlight,
    Done(Option<Result<Response, Error>>),
}

impl Exchange {
    pub(crate) fn new(context: Arc<Context>, request: Arc<Request>, effect: Effect) -> Self {
        let delays = context.settings.retry.schedule();
        let pace = Pace::new(context.budget.clone());
        Self {
            context,
            request,
            effect,
            time: None,
            began: None,
            state: State::Ready,
            pace,
            delays,
            sent: 0,
            last: None,
        }
    }

    /// The outcome, once.
    pub(crate) fn finish(&mut self) -> Option<Result<Response, Error>> {
        match &mut self.state {
            State::Done(outcome) => outcome.take(),
            _ => None,
        }
    }

    /// When the next request is wanted.
    pub(super) fn wish(&self) -> Wish {
        match self.state {
            State::Ready => Wish::Now,
            State::Waiting(until) => Wish::At(until),
            State::InFlight => Wish::Answer,
            State::Done(_) => Wish::Nothing,
        }
    }

    /// As a part of something that has begun before.
    pub(super) fn set_time(&mut self, time: Time) {
        self.time = Some(time);
    }

    pub(super) fn time(&mut self, now: Instant) -> Time {
        *self.time.get_or_insert_with(|| Time { started: now, deadline: self.context.settings.deadline(now) })
    }

    fn end(&mut self, outcome: Result<Response, Error>) {
        self.state = State::Done(Some(outcome));
    }

    /// There is no time for an attempt, the first or another.
    #[cold]
    fn out_of_time(&mut self, why: String, elapsed: Duration) {
        let error = match self.last.take() {
            Some(last) => last.with_more(&why).with_elapsed(elapsed).with_timeout(true),
            None => nothing_sent(&self.context, why, elapsed),
        };
        self.end(Err(error));
    }
}

impl Machine for Exchange {
    fn next(&mut self, now: Instant) -> Step {
        let Time { started, deadline } = self.time(now);
        self.began.get_or_insert(now);
        match self.state {
            State::Done(_) => return Step::Done,
            // Not to be asked in this state; what is under way must not be sent again.
            State::InFlight => return Step::Wait(deadline.saturating_duration_since(now)),
            State::Waiting(until) if now < until => return Step::Wait(until - now),
            State::Ready | State::Waiting(_) => {}
        }
        if now >= deadline {
            let why = format!("the time of the call ({}) is over", seconds(self.context.settings.timeout));
            self.out_of_time(why, now - started);
            return Step::Done;
        }
        match self.pace.turn_of(&self.context, now, deadline) {
            Turn::At(slot) => Step::Wait(slot - now),
            Turn::Never(free) => {
                let why = format!(
                    "the rate budget has no room for {}, and the call has {} left",
                    seconds(free - now),
                    seconds(deadline - now)
                );
                self.out_of_time(why, now - started);
                Step::Done
            }
            Turn::Now => {
                self.state = State::InFlight;
                self.sent += 1;
                Step::Send(self.request.clone(), self.context.settings.http_timeout.min(deadline - now))
            }
        }
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if !matches!(self.state, State::InFlight) {
            return;
        }
        self.pace.answered(now);
        let Time { started, deadline } = self.time(now);
        let verdict = self.context.verdict(self.effect, &result);
        if verdict == Verdict::Answer {
            if let Ok(response) = result {
                return self.end(Ok(response));
            }
        }
        let policy = &self.context.settings.retry;
        let asked = result.as_ref().ok().and_then(|answer| match policy.on_top {
            true => retry::retry_after_seconds(answer),
            false => retry::retry_after(answer, wall),
        });
        let error = failure(&self.context, result, verdict, self.sent)
            .with_retry_after(asked)
            .with_elapsed(now - started)
            .with_attempts(self.sent)
            .with_retryable(verdict == Verdict::Retry);
        if verdict == Verdict::Retry && self.sent <= policy.retries {
            let delay = retry::delay(asked, &mut self.delays);
            let begun = now.saturating_duration_since(self.began.unwrap_or(now));
            let in_time = policy.deadline.is_none_or(|most| begun.saturating_add(delay) <= most);
            if in_time && now + delay < deadline {
                let reason = shown(error.happened());
                self.context.observer.emit(&Progress::Retrying { reason, delay });
                self.state = State::Waiting(now + delay);
                self.last = Some(error);
                return;
            }
        }
        self.end(Err(error));
    }
}

/// What failed, in a few words.
fn reason(context: &Context, result: &Result<Response, SendError>) -> String {
    match result {
        Err(error) => shown(&error.to_string()),
        Ok(response) => {
            let status = response.status.to_string();
            let code = context.service.code(response).filter(|code| *code != status);
            let code = code.map(|code| format!(", code {}", shown(&code))).unwrap_or_default();
            match context.explain(response) {
                Some(words) => format!("HTTP {status}{code}: {}", shown(&words)),
                None => format!("HTTP {status}{code}"),
            }
        }
    }
}

/// The error for a request that will not be sent again.
#[cold]
pub(crate) fn failure(
    context: &Context,
    result: Result<Response, SendError>,
    verdict: Verdict,
    times: u32,
) -> Error {
    if let Some(error) = result.as_ref().err().and_then(SendError::token_error) {
        // It says by itself what was attempted and what to do.
        return error.duplicate().with_context(&context.label);
    }
    let mut happened = reason(context, &result);
    if times > 1 {
        happened.push_str(&format!(" (tried {times} times)"));
    }
    let unknown = verdict == Verdict::Unknown;
    match result {
        Err(error) => {
            let kind = match error.kind() {
                _ if unknown => ErrorKind::OutcomeUnknown,
                SendErrorKind::InvalidRequest => ErrorKind::InvalidArgument,
                SendErrorKind::Tls | SendErrorKind::Certificate => ErrorKind::Tls,
                SendErrorKind::Protocol | SendErrorKind::BodyTooLarge | SendErrorKind::Encoding => {
                    ErrorKind::UnexpectedResponse
                }
                _ => ErrorKind::Transport,
            };
            let timeout = error.kind() == SendErrorKind::Timeout;
            let status = error.status();
            let advice = match error.kind() {
                _ if unknown => not_repeated(context),
                _ if error.is_sent() && verdict == Verdict::Retry => {
                    "The request changes nothing, so it is safe to send it again.".to_owned()
                }
                _ if error.is_sent() => String::new(),
                SendErrorKind::InvalidRequest => "Nothing was sent. Correct the address or the credentials.".into(),
                SendErrorKind::Certificate => {
                    "Nothing was sent. If the server has a certificate of its own, add its CA file to the client.".into()
                }
                _ => "Nothing was sent. Check the address, the network and the proxy settings.".into(),
            };
            let told =
                Error::new(kind, context.label.clone(), happened).with_timeout(timeout).with_source(error);
            let told = if let Some(status) = status { told.with_status(status) } else { told };
            if advice.is_empty() { told } else { told.with_advice(advice) }
        }
        Ok(response) => {
            let status = context.service.status(&response);
            let kind = if unknown { ErrorKind::OutcomeUnknown } else { ErrorKind::of_status(status) };
            if response.is_redirect() {
                let target = response.headers.text("location").unwrap_or_default();
                happened = format!(
                    "HTTP {}: the server redirects to {}",
                    response.status,
                    shown(&redirect_host(&target))
                );
            }
            let own = context.service.advice(kind, &response);
            let advice = match kind {
                ErrorKind::OutcomeUnknown => not_repeated(context),
                _ if response.is_redirect() => {
                    "Redirects are not followed, so that credentials reach no other host. Check the base URL."
                        .into()
                }
                _ if own.is_some() => own.unwrap_or_default().to_owned(),
                ErrorKind::Authentication => {
                    "Check the API key and secret, and that the token still exists.".into()
                }
                ErrorKind::PermissionDenied => "The credentials are known, but may not do this.".into(),
                ErrorKind::RateLimited => {
                    "Wait before sending it again, or lower the client's rate limit.".into()
                }
                ErrorKind::Server => "The server failed; it is safe to send the request again later.".into(),
                ErrorKind::Rejected => {
                    "Correct the request; sending it again as it is will end the same way.".into()
                }
                _ => String::new(),
            };
            let text = context.text(&response);
            let error = Error::new(kind, context.label.clone(), happened)
                .with_status(response.status)
                .with_api_code(context.service.code(&response))
                .with_api_message(context.message(&response))
                .with_body(text);
            if advice.is_empty() { error } else { error.with_advice(advice) }
        }
    }
}

fn not_repeated(context: &Context) -> String {
    format!(
        "It may have been taken, so it was not sent again. {} before you repeat it.",
        context.service.how_to_check()
    )
}

/// Where a redirect leads, without what may be secret in the rest of it.
fn redirect_host(location: &str) -> String {
    let host = host_of(location);
    if host.is_empty() { "another path of the same host".to_owned() } else { host.to_owned() }
}

/// A time in a message.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_a_redirect_is_named() {
        for (url, host) in [
            ("https://evil.example:8443/a?token=hunter2", "evil.example:8443"),
            ("https://user:hunter2@evil.example", "evil.example"),
            ("//evil.example/x", "another path of the same host"),
            ("/elsewhere?hunter2", "another path of the same host"),
            ("", "another path of the same host"),
        ] {
            assert_eq!(redirect_host(url), host);
        }
    }
}
