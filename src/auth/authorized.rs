//! A machine whose requests carry an access token.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use secrecy::ExposeSecret;

use crate::engine::{Budget, Machine, Settings, Step};
use crate::error::Error;
use crate::http::{Request, Response};
use crate::redact::REDACTED;
use crate::transport::{SendError, SendErrorKind};

use super::{Ask, Grant, Renewal, Tokens};

/// How long to wait before asking again whether somebody else has renewed the token.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Runs another machine, and sees to it that its requests carry a token.
///
/// Before each request the tokens are asked. If one is to be renewed, that is done first, by this machine or by another one
/// that has begun. A 401 proves that a request was not taken, whatever it changes: so it is sent once more, with another
/// token. All of this counts towards the time of the one request that the inner machine wants.
#[derive(Debug)]
pub(crate) struct Authorized<K> {
    inner: K,
    tokens: Tokens,
    settings: Settings,
    budget: Arc<Budget>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It is up to the inner machine.
    Inner,
    /// A request wants a token.
    Wanted(Wanted, Option<u64>),
    Renewing(Wanted, Box<Renewal>),
    Sent(Wanted, Grant),
}

#[derive(Debug)]
struct Wanted {
    request: Arc<Request>,
    until: Instant,
    /// The token that was refused and the answer that said so.
    refused: Option<(Grant, Response)>,
}

impl<K: Machine> Authorized<K> {
    pub(crate) fn new(tokens: Tokens, inner: K, settings: Settings, budget: Arc<Budget>) -> Self {
        Self { inner, tokens, settings, budget, state: State::Inner }
    }

    pub(crate) fn into_inner(self) -> K {
        self.inner
    }

    /// There is no token: nothing was sent.
    fn fail(&mut self, now: Instant, error: Error) {
        let error = SendError::new(SendErrorKind::Token, false, error.to_string()).with_source(error);
        // The wall clock is for answers, and this is none.
        self.inner.received(now, SystemTime::UNIX_EPOCH, Err(error));
        self.state = State::Inner;
    }

    fn out_of_time(&mut self, now: Instant) {
        let error = SendError::new(SendErrorKind::Timeout, false, "there was no access token in time");
        self.inner.received(now, SystemTime::UNIX_EPOCH, Err(error));
        self.state = State::Inner;
    }

    /// A request has its token.
    fn send(&mut self, now: Instant, mut wanted: Wanted, grant: Grant) -> Option<Step> {
        if let Some((before, answer)) = wanted.refused.take() {
            if !self.tokens.is_other(&before, &grant) {
                // The same again would end the same way.
                self.inner.received(now, SystemTime::UNIX_EPOCH, Ok(answer));
                self.state = State::Inner;
                return None;
            }
            wanted.refused = Some((before, answer));
        }
        let mut request = Request::clone(&wanted.request);
        request.headers.push("Authorization", format!("Bearer {}", grant.token.expose_secret()));
        let time = wanted.until.saturating_duration_since(now);
        self.state = State::Sent(wanted, grant);
        Some(Step::Send(Arc::new(request), time))
    }
}

impl<K: Machine> Machine for Authorized<K> {
    fn next(&mut self, now: Instant) -> Step {
        loop {
            match std::mem::replace(&mut self.state, State::Inner) {
                State::Inner => match self.inner.next(now) {
                    Step::Send(request, time) => {
                        let until = now.checked_add(time).unwrap_or(now);
                        self.state = State::Wanted(Wanted { request, until, refused: None }, None);
                    }
                    step => return step,
                },
                State::Wanted(wanted, waited) => {
                    if now >= wanted.until {
                        self.out_of_time(now);
                        continue;
                    }
                    match self.tokens.ask(now, waited) {
                        Ask::Token(grant) => {
                            if let Some(step) = self.send(now, wanted, grant) {
                                return step;
                            }
                        }
                        Ask::Renew(renewal) => self.state = State::Renewing(wanted, renewal),
                        Ask::Wait(number) => {
                            let left = wanted.until - now;
                            self.state = State::Wanted(wanted, Some(number));
                            return Step::Wait(LOOK_AGAIN.min(left));
                        }
                        Ask::Failed(error) => self.fail(now, error),
                    }
                }
                State::Renewing(wanted, mut renewal) => {
                    let mut settings = self.settings.clone();
                    settings.timeout = wanted.until.saturating_duration_since(now);
                    match renewal.next(now, &settings, &self.budget) {
                        Step::Done => match renewal.finish() {
                            Some(Ok(grant)) => {
                                if let Some(step) = self.send(now, wanted, grant) {
                                    return step;
                                }
                            }
                            Some(Err(error)) => self.fail(now, error),
                            None => self.out_of_time(now),
                        },
                        step => {
                            self.state = State::Renewing(wanted, renewal);
                            return step;
                        }
                    }
                }
                // Not to be asked in this state; what is under way must not be sent again.
                State::Sent(wanted, grant) => {
                    let left = wanted.until.saturating_duration_since(now);
                    self.state = State::Sent(wanted, grant);
                    return Step::Wait(left);
                }
            }
        }
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        match std::mem::replace(&mut self.state, State::Inner) {
            State::Renewing(wanted, mut renewal) => {
                renewal.received(now, wall, result);
                self.state = State::Renewing(wanted, renewal);
            }
            State::Sent(wanted, grant) => match result {
                Ok(answer) if answer.status == 401 && wanted.refused.is_none() => {
                    let answer = without(answer, &grant);
                    self.tokens.reject(&grant);
                    let wanted = Wanted { refused: Some((grant, answer)), ..wanted };
                    self.state = State::Wanted(wanted, None);
                }
                result => {
                    let result = result.map(|answer| without(answer, &grant));
                    self.inner.received(now, wall, result);
                }
            },
            state => self.state = state,
        }
    }
}

/// An answer that is no success, without the token should it repeat that.
pub(crate) fn without(mut answer: Response, grant: &Grant) -> Response {
    let token = grant.token.expose_secret();
    if !answer.is_success() && token.len() >= 4 {
        let text = String::from_utf8_lossy(&answer.body);
        if text.contains(token) {
            answer.body = text.replace(token, REDACTED).into_bytes();
        }
    }
    answer
}
