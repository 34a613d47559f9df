//! One renewal of a token: its requests and what is made of their answers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::Effect;
use crate::engine::{
    Budget, Context, Exchange, Judgement, Machine, Observer, RetryPolicy, Service, Settings, Step,
};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{LONGEST, Method, Request, Response, host_of, target};
use crate::transport::SendError;

use super::refresh::{Refresher, Renewed};
use super::{Grant, checked};

/// The answers of the issuer are small.
const MAX_ANSWER: usize = 1024 * 1024;
/// How long a token lasts that does not say so: as the vendor's client has it.
const LASTS: Duration = Duration::from_secs(30);

/// A renewal under way. Dropped before its end, it leaves the renewing to others.
pub(crate) struct Renewal {
    refresher: Arc<Refresher>,
    number: u64,
    endpoint: Option<String>,
    refresh_token: SecretString,
    exchange: Option<Exchange>,
    outcome: Option<Result<Grant, Error>>,
    has_ended: bool,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Renewal({})", self.number)
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        if !self.has_ended {
            self.refresher.abandoned();
        }
    }
}

impl Renewal {
    pub(super) fn new(
        refresher: Arc<Refresher>,
        number: u64,
        endpoint: Option<String>,
        refresh_token: SecretString,
    ) -> Self {
        Self { refresher, number, endpoint, refresh_token, exchange: None, outcome: None, has_ended: false }
    }

    /// What to send or wait for; `Done`: there is an outcome.
    pub(crate) fn next(&mut self, now: Instant, settings: &Settings, budget: &Arc<Budget>) -> Step {
        loop {
            if self.outcome.is_some() {
                return Step::Done;
            }
            let step = match &mut self.exchange {
                Some(exchange) => exchange.next(now),
                None => {
                    self.exchange = Some(self.request(settings, budget));
                    continue;
                }
            };
            match step {
                Step::Done => self.advance(now),
                step => return step,
            }
        }
    }

    pub(crate) fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if let Some(exchange) = &mut self.exchange {
            exchange.received(now, wall, result);
            self.advance(now);
        }
    }

    /// The outcome, once.
    pub(crate) fn finish(&mut self) -> Option<Result<Grant, Error>> {
        self.outcome.take()
    }

    fn request(&self, settings: &Settings, budget: &Arc<Budget>) -> Exchange {
        let grant = &self.refresher.grant;
        let mut settings = settings.clone();
        let (request, effect, url) = match &self.endpoint {
            None => {
                let url = format!("{}/.well-known/openid-configuration", grant.issuer_url);
                (Request::new(Method::Get, url.clone(), ""), Effect::Repeatable, url)
            }
            Some(url) => {
                // A refresh token may be good for one use only.
                settings.retry = RetryPolicy::retries(0);
                let mut request = Request::new(Method::Post, url.clone(), "");
                request.body = Some(self.form().into());
                (request, Effect::Repeatable, url.clone())
            }
        };
        let mut request = request;
        request.max_response_body = MAX_ANSWER;
        request.headers.push("Accept", "application/json");
        if request.body.is_some() {
            request.headers.push("Content-Type", "application/x-www-form-urlencoded");
        }
        let mut secrets = vec![self.refresh_token.clone()];
        secrets.extend(grant.client_secret.clone());
        let context = Context {
            label: format!("getting an access token from {}", host_of(&url)),
            settings,
            budget: budget.clone(),
            service: Arc::new(Issuer { secrets }),
            secrets: Vec::new(),
            observer: Observer::default(),
        };
        Exchange::new(Arc::new(context), Arc::new(request), effect)
    }

    /// The body of the request for a token, in the order of the vendor's client.
    fn form(&self) -> Vec<u8> {
        let grant = &self.refresher.grant;
        let mut form = String::from("grant_type=refresh_token");
        let secret = grant.client_secret.as_ref().map(|secret| ("client_secret", secret.expose_secret()));
        let fields =
            [("client_id", &*grant.client_id), ("refresh_token", self.refresh_token.expose_secret())];
        for (name, value) in fields.into_iter().chain(secret) {
            form.push('&');
            form.push_str(name);
            form.push('=');
            form.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        form.into_bytes()
    }

    /// Goes on if the request under way has its outcome.
    fn advance(&mut self, now: Instant) {
        let Some(outcome) = self.exchange.as_mut().and_then(Exchange::finish) else { return };
        self.exchange = None;
        let outcome = match outcome {
            Err(error) => Err(refused(error)),
            Ok(response) if self.endpoint.is_none() => match self.read_endpoint(&response) {
                Ok(endpoint) => {
                    self.refresher.found_endpoint(&endpoint);
                    self.endpoint = Some(endpoint);
                    return;
                }
                Err(error) => Err(error),
            },
            Ok(response) => self.read_token(&response),
        };
        self.has_ended = true;
        self.outcome = Some(match outcome {
            Ok(renewed) => match self.refresher.ended(self.number, now, Ok(renewed)) {
                Some(grant) => Ok(grant),
                None => Err(crate::client::not_run()),
            },
            Err(error) => {
                self.refresher.ended(self.number, now, Err(&error));
                Err(error)
            }
        });
    }

    fn unusable(&self, why: &str) -> Error {
        let url = self.endpoint.as_deref().unwrap_or(&self.refresher.grant.issuer_url);
        let attempted = format!("getting an access token from {}", host_of(url));
        Error::new(ErrorKind::UnexpectedResponse, attempted, shown(why))
            .with_advice("Is this the issuer of the refresh token, or something in between?")
    }

    /// The token end point in the issuer's configuration.
    fn read_endpoint(&self, response: &Response) -> Result<String, Error> {
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| self.unusable("the OpenID configuration is not JSON"))?;
        let endpoint = value.get("token_endpoint").and_then(Value::as_str).unwrap_or_default();
        if endpoint.is_empty() {
            return Err(self.unusable("the OpenID configuration has no token_endpoint"));
        }
        let url = target(endpoint)
            .map_err(|why| self.unusable(&format!("the token_endpoint cannot be used: {why}")))?;
        let is_https = |url: &str| url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        if is_https(&self.refresher.grant.issuer_url) && url.scheme_str() != Some("https") {
            return Err(self.unusable("the token_endpoint is not https, while the issuer is"));
        }
        Ok(endpoint.to_owned())
    }

    fn read_token(&self, response: &Response) -> Result<Renewed, Error> {
        let value: Value =
            serde_json::from_slice(&response.body).map_err(|_| self.unusable("the answer is not JSON"))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let access_token =
            text("access_token").ok_or_else(|| self.unusable("the answer has no access_token"))?;
        let access_token = checked(access_token.into())
            .map_err(|_| self.unusable("its access_token cannot stand in a header"))?;
        let lasts = match value.get("expires_in") {
            Some(Value::Number(seconds)) => seconds.as_f64(),
            Some(Value::String(seconds)) => seconds.trim().parse().ok(),
            _ => None,
        };
        let lasts = match lasts.filter(|seconds| seconds.is_finite() && *seconds > 0.0) {
            Some(seconds) => Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())),
            None => LASTS,
        };
        Ok(Renewed { access_token, refresh_token: text("refresh_token").map(Into::into), lasts })
    }
}

/// An error of a request to the issuer. That it refuses the refresh token is a matter of credentials.
fn refused(error: Error) -> Error {
    match error.status() {
        Some(400 | 401) if error.api_code().is_some() => error
            .with_kind(ErrorKind::Authentication)
            .with_advice("The refresh token or its client is not accepted. Nothing was sent to the service. Get a new token."),
        Some(_) => error.with_advice("Nothing was sent to the service."),
        None => error,
    }
}

/// The issuer's way to say what went wrong.
#[derive(Debug)]
struct Issuer {
    secrets: Vec<SecretString>,
}

impl Issuer {
    fn field(response: &Response, key: &str) -> Option<String> {
        let value: Value = serde_json::from_slice(&response.body).ok()?;
        value.get(key)?.as_str().map(str::to_owned)
    }
}

impl Service for Issuer {
    /// `description (uri)`; the code stands beside it.
    fn explain(&self, response: &Response) -> Option<String> {
        let description = Self::field(response, "error_description");
        let uri = Self::field(response, "error_uri").map(|uri| format!("({uri})"));
        let words: Vec<String> = description.into_iter().chain(uri).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn message(&self, response: &Response) -> Option<String> {
        Self::field(response, "error_description")
    }

    fn code(&self, response: &Response) -> Option<String> {
        Self::field(response, "error")
    }

    fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    fn how_to_check(&self) -> &'static str {
        "Look at the issuer's log"
    }

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("a token is no operation".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        Request::new(Method::Get, "", "")
    }

    fn judge(&self, _: &Response) -> Result<Judgement, String> {
        Err("a token is no operation".to_owned())
    }
}
