//! A machine whose requests carry an access token.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use secrecy::ExposeSecret;

use crate::engine::decode::decoded;
use crate::engine::machine::{Event, Now, Step, Steps};
use crate::engine::{Machine, Settings};
use crate::error::Error;
use crate::http::{Headers, Request, Response};
use crate::redact::masked;
use crate::transport::{SendError, SendErrorKind};

use super::{Grant, Obtain, Tokens};

/// Runs another machine and adds an access token to its requests.
///
/// Before each request a token is obtained; this machine renews it if necessary, or waits for another machine
/// that does. A 401 proves that a request was not accepted, whatever it changes, so it is sent once more with
/// another token. All of this counts towards the timeout of the one request that the inner machine sends.
#[derive(Debug)]
pub(crate) struct Authorized<K> {
    inner: K,
    authorization: Authorization,
}

/// The part of [`Authorized`] that does not depend on the type of the inner machine, which its methods take.
#[derive(Debug)]
struct Authorization {
    tokens: Tokens,
    settings: Settings,
    state: State,
    /// The tokens that were sent, which responses may repeat.
    sent: Vec<Grant>,
    /// The renewal that the last attempt has waited for, if it had not ended by then. Its failure counts for
    /// the next attempt, which must not exchange the refresh token again.
    waited: Option<u64>,
}

#[derive(Debug)]
enum State {
    /// The inner machine decides.
    Inner,
    /// A request waits for its token.
    Obtaining(Wanted, Box<Obtain>),
    Sent(Wanted, Grant),
}

#[derive(Debug)]
struct Wanted {
    request: Arc<Request>,
    until: Instant,
    /// `Some`: the body of the response stays open, and each piece has to arrive within this time.
    idle: Option<Duration>,
    /// The token that was rejected, and the response that rejected it.
    refused: Option<(Grant, Response)>,
}

impl<K: Machine> Authorized<K> {
    pub(crate) fn new(tokens: Tokens, inner: K, settings: Settings) -> Self {
        let state = State::Inner;
        let authorization = Authorization { tokens, settings, state, sent: Vec::new(), waited: None };
        Self { inner, authorization }
    }

    #[cfg(test)]
    pub(super) fn into_inner(self) -> K {
        self.inner
    }
}

impl Authorization {
    /// Reports the response to the inner machine, or that its request was not sent.
    fn report(&mut self, inner: &mut dyn Steps, now: Instant, result: Result<Response, SendError>) {
        self.state = State::Inner;
        // The wall clock is for dates in responses, which the inner machine sees with its own events.
        let now = Now { at: now, wall: SystemTime::UNIX_EPOCH };
        inner.on(now, Event::Response(result));
    }

    fn obtain(&mut self, now: Instant, wanted: Wanted) {
        let timeout = wanted.until.saturating_duration_since(now);
        let settings = Settings { timeout, ..self.settings.clone() };
        let obtain = Obtain::new(self.tokens.clone(), settings, self.waited);
        self.state = State::Obtaining(wanted, Box::new(obtain));
    }

    /// Keeps a token, to mask it. A wait of days has many; the last ones are enough.
    fn keep(&mut self, grant: &Grant) {
        const MOST: usize = 3;
        if self.sent.last().is_none_or(|last| self.tokens.is_other(last, grant)) {
            self.sent.drain(..self.sent.len().saturating_sub(MOST - 1));
            self.sent.push(grant.clone());
        }
    }

    /// Masks the tokens in text.
    fn mask(&self, text: &str) -> String {
        masked(text, self.sent.iter().map(|grant| grant.token.expose_secret()))
    }

    /// Masks the tokens in a failed response, its headers included: machines show its text while they go on.
    /// It is decompressed first, because a mask does not find a token in gzip.
    fn without_tokens(&self, request: &Request, response: Response) -> Result<Response, SendError> {
        if response.is_success() {
            return Ok(response);
        }
        let mut response = decoded(request, response)?;
        if let Some(body) = self.without_token(&response.body) {
            response.body = body;
        }
        if response.headers.iter().any(|(_, value)| self.without_token(value).is_some()) {
            let mut headers = Headers::new();
            for (name, value) in response.headers.iter() {
                headers.push(name.to_owned(), self.without_token(value).unwrap_or_else(|| value.to_vec()));
            }
            response.headers = headers;
        }
        Ok(response)
    }

    /// The bytes with the tokens masked; `None` if there are none in them.
    fn without_token(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(bytes);
        let masked = self.mask(&text);
        (masked != text).then(|| masked.into_bytes())
    }

    /// Sends the request with its token. `None`: it is not sent, because the token was rejected before.
    fn send(&mut self, inner: &mut dyn Steps, now: Instant, wanted: Wanted, grant: Grant) -> Option<Step> {
        if let Some((before, _)) = &wanted.refused
            && !self.tokens.is_other(before, &grant)
        {
            let refusal = wanted.refused.map(|(_, response)| response);
            self.report(inner, now, refusal.ok_or_else(no_token_in_time));
            return None;
        }
        self.keep(&grant);
        let mut request = Request::clone(&wanted.request);
        request.headers.push_secret("Authorization", format!("Bearer {}", grant.token.expose_secret()));
        let (request, timeout) = (Arc::new(request), wanted.until.saturating_duration_since(now));
        let step = match wanted.idle {
            None => Step::Send { request, timeout },
            #[cfg(streams)]
            Some(idle) => Step::Open { request, timeout, idle },
            #[cfg(not(streams))]
            Some(_) => Step::Send { request, timeout },
        };
        self.state = State::Sent(wanted, grant);
        Some(step)
    }

    fn next(&mut self, inner: &mut dyn Steps, now: Instant) -> Step {
        loop {
            match std::mem::replace(&mut self.state, State::Inner) {
                State::Inner => {
                    let (request, timeout, idle) = match inner.next(now) {
                        Step::Send { request, timeout } => (request, timeout, None),
                        #[cfg(streams)]
                        Step::Open { request, timeout, idle } => (request, timeout, Some(idle)),
                        step => return step,
                    };
                    let until = now.checked_add(timeout).unwrap_or(now);
                    self.obtain(now, Wanted { request, until, idle, refused: None });
                }
                State::Obtaining(wanted, mut obtain) => match obtain.next(now) {
                    Step::Done => {
                        let outcome = obtain.finish();
                        let is_late = now >= wanted.until;
                        self.waited = obtain.waited().filter(|_| is_late);
                        match outcome {
                            Ok(grant) if now < wanted.until => {
                                if let Some(step) = self.send(inner, now, wanted, grant) {
                                    return step;
                                }
                            }
                            // A token that was not obtained because of the time alone may be obtained by
                            // another attempt.
                            Ok(_) => self.report(inner, now, Err(no_token_in_time())),
                            Err(error) if now >= wanted.until && error.is_retryable() => {
                                self.report(inner, now, Err(no_token_in_time()));
                            }
                            Err(error) => self.report(inner, now, Err(no_token(error))),
                        }
                    }
                    step => {
                        self.state = State::Obtaining(wanted, obtain);
                        return step;
                    }
                },
                // Not to be asked in this state; the response will tell.
                State::Sent(wanted, grant) => {
                    let left = wanted.until.saturating_duration_since(now);
                    self.state = State::Sent(wanted, grant);
                    return Step::Wait(left);
                }
            }
        }
    }

    fn on(&mut self, inner: &mut dyn Steps, now: Now, event: Event) {
        match (std::mem::replace(&mut self.state, State::Inner), event) {
            (State::Obtaining(_, mut obtain), Event::Cancelled) => {
                obtain.on(now, Event::Cancelled);
                self.report(inner, now.at, Err(not_sent()));
                inner.on(now, Event::Cancelled);
            }
            (_, Event::Cancelled) => inner.on(now, Event::Cancelled),
            (State::Obtaining(wanted, mut obtain), event) => {
                obtain.on(now, event);
                self.state = State::Obtaining(wanted, obtain);
            }
            (State::Sent(wanted, grant), Event::Response(Ok(response)))
                if response.status == 401 && wanted.refused.is_none() =>
            {
                // A 401 that cannot be read is one all the same.
                let response = self
                    .without_tokens(&wanted.request, response)
                    .unwrap_or_else(|_| Response::new(401, Headers::new(), ""));
                self.tokens.reject(&grant);
                self.obtain(now.at, Wanted { refused: Some((grant, response)), ..wanted });
            }
            (State::Sent(wanted, _), Event::Response(result)) => {
                let result = result.and_then(|response| self.without_tokens(&wanted.request, response));
                inner.on(now, Event::Response(result));
            }
            #[cfg(streams)]
            (State::Sent(..) | State::Inner, event) => inner.on(now, event),
            #[cfg(not(streams))]
            (State::Inner, event) => inner.on(now, event),
        }
    }
}

fn no_token_in_time() -> SendError {
    SendError::new(
        SendErrorKind::Timeout,
        false,
        "no access token was obtained within the timeout of the request",
    )
}

fn not_sent() -> SendError {
    SendError::new(SendErrorKind::Cancelled, false, "cancelled before the request was sent")
}

fn no_token(error: Error) -> SendError {
    SendError::new(SendErrorKind::Token, false, error.to_string()).with_source(error)
}

impl<K: Steps> Steps for Authorized<K> {
    fn next(&mut self, now: Instant) -> Step {
        self.authorization.next(&mut self.inner, now)
    }

    fn on(&mut self, now: Now, event: Event) {
        self.authorization.on(&mut self.inner, now, event);
    }
}

impl<K: Machine> Machine for Authorized<K> {
    type Output = K::Output;

    fn finish(&mut self) -> Result<K::Output, Error> {
        self.inner.finish().map_err(|error| error.masked(&|text| self.authorization.mask(text)))
    }
}
