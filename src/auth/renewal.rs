//! One renewal of a token: its requests, and how their responses are read.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::engine::machine::Detached;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{Budget, CallContext, Effect, Exchange, Machine, RetryPolicy, Settings};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{LONGEST, Method, Request, Response, host_of, target};

use super::issuer::Issuer;
use super::refresh::{Refresher, Renewed};
use super::{Grant, checked};

/// The largest response of an issuer.
const MAX_RESPONSE: usize = 1024 * 1024;
/// The lifetime of a token that does not say how long it lasts: as in the vendor's client (h2o-authn 3.1.0).
const LASTS: Duration = Duration::from_secs(30);

/// The time of one request of a renewal, unless that of a request of the call is longer. A renewal belongs to
/// all calls: a call whose time is short does not end it, because the issuer may have used up the refresh
/// token by then.
const REQUEST_TIME: Duration = Duration::from_secs(30);

const MAY_BE_USED_UP: &str = "Nothing was sent to the service. The refresh token may have been used up: if the next call \
                              fails too, get a new refresh token.";

/// A renewal: finds the token endpoint if it is not known yet, then exchanges the refresh token. It runs
/// apart from the calls that need the token. It is dropped before its end if the runtime of an asynchronous
/// program ends or its thread panics: then it leaves the renewing to others, unless the refresh token may
/// have been exchanged already.
pub(crate) struct Renewal {
    refresher: Arc<Refresher>,
    number: u64,
    endpoint: Option<String>,
    refresh_token: SecretString,
    /// What exchanging the refresh token does.
    effect: Effect,
    settings: Settings,
    /// The time of the first request that exchanges the refresh token, once it was handed out.
    exchanging: Option<Instant>,
    has_ended: bool,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Renewal({})", self.number)
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let attempted = "getting an access token";
        let error = if self.exchanging.is_some() {
            let happened =
                "the request that exchanges the refresh token was abandoned before the response arrived";
            Error::new(ErrorKind::Transport, attempted, happened).with_advice(MAY_BE_USED_UP)
        } else {
            let happened = "the task that renews the token was dropped before it sent the refresh token";
            Error::new(ErrorKind::Transport, attempted, happened)
                .with_advice("Nothing was sent to the service. It is safe to send the call again.")
                .with_retryable(true)
        };
        // Calls that wait for it fail with it rather than begin another one, which may end in the same way at
        // once.
        self.refresher.failed(self.number, &error);
    }
}

impl Renewal {
    pub(super) fn new(
        refresher: Arc<Refresher>,
        number: u64,
        endpoint: Option<String>,
        refresh_token: SecretString,
        effect: Effect,
    ) -> Self {
        Self {
            refresher,
            number,
            endpoint,
            refresh_token,
            effect,
            settings: Settings::default(),
            exchanging: None,
            has_ended: false,
        }
    }

    /// The machine that carries it out, with the retry policy of the call that needs the token and with time
    /// of its own. The rate limit is the service's, and does not apply to the issuer: a call whose request
    /// holds the last place would wait for itself.
    pub(super) fn detached(mut self, settings: &Settings) -> Detached {
        let http_timeout = settings.http_timeout.max(REQUEST_TIME);
        self.settings =
            Settings { timeout: http_timeout.saturating_mul(2), http_timeout, ..settings.clone() };
        let machine = Sequence::new(self.context(&self.refresher.grant.issuer_url), self);
        Detached(Box::new(machine.map(|outcome| outcome.map(drop))))
    }

    fn context(&self, url: &str) -> Arc<CallContext> {
        let mut secrets = vec![self.refresh_token.clone()];
        secrets.extend(self.refresher.grant.client_secret.clone());
        let label = format!("getting an access token from {}", host_of(url));
        let issuer = Arc::new(Issuer { secrets: secrets.into() });
        Arc::new(CallContext::new(label, self.settings.clone(), Arc::new(Budget::unlimited()), issuer))
    }

    /// The next request of the renewal.
    fn request(&mut self, now: Instant) -> Exchange {
        let (mut request, effect, url) = match &self.endpoint {
            None => {
                let url = format!("{}/.well-known/openid-configuration", self.refresher.grant.issuer_url);
                (Request::new(Method::Get, url.clone(), ""), Effect::Repeatable, url)
            }
            Some(url) => {
                let mut request = Request::new(Method::Post, url.clone(), "");
                request.body = Some(self.form().into());
                request.headers.push("Content-Type", "application/x-www-form-urlencoded");
                self.exchanging = Some(now);
                (request, self.effect, url.clone())
            }
        };
        request.max_response_body = MAX_RESPONSE;
        request.headers.push("Accept", "application/json");
        let exchange = Exchange::new(self.context(&url), request, effect);
        match effect {
            Effect::Repeatable => exchange,
            // A refresh token may be good for one use only.
            Effect::Changes => exchange.retrying(RetryPolicy::retries(0)),
        }
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

    fn end(&mut self, now: Instant, outcome: Result<Renewed, Error>) -> Planned<Response, Grant> {
        self.has_ended = true;
        match outcome {
            // The lifetime counts from the request: when the issuer sent the response is not known.
            Ok(renewed) => {
                let since = self.exchanging.unwrap_or(now);
                Ok(Next::Done(self.refresher.renewed(self.number, since, renewed)))
            }
            Err(error) => {
                self.refresher.failed(self.number, &error);
                Err(error)
            }
        }
    }

    fn unusable(&self, why: &str) -> Error {
        let url = self.endpoint.as_deref().unwrap_or(&self.refresher.grant.issuer_url);
        let attempted = format!("getting an access token from {}", host_of(url));
        Error::new(ErrorKind::UnexpectedResponse, attempted, shown(why))
            .with_advice("Check whether this is the issuer of the refresh token, or a proxy.")
    }

    /// The error of a call that has no token: nothing of the call was sent, whatever became of the request
    /// for the token.
    fn refused(&self, error: Error) -> Error {
        match (error.kind(), error.status()) {
            (_, Some(400 | 401)) if error.api_code().is_some() => {
                let about = &self.refresher.grant.about;
                let mut advice = match &about.origin {
                    // The one that was read is the current one as long as the issuer has not replaced it.
                    Some(origin) if error.api_code() == Some("invalid_grant") => format!(
                        "The issuer does not accept the refresh token, which comes from {origin}. If the issuer replaces a \
                         refresh token with each use, another process or an earlier run may have used this one, and only \
                         that process has the new one. Nothing was sent to the service. Get a new refresh token, \
                         and save each token that replaces it with `on_token_rotated`."
                    ),
                    _ => "The issuer does not accept the refresh token or the client id. Nothing was sent to the \
                          service. Get a new refresh token."
                        .to_owned(),
                };
                if let Some(hint) = &about.hint {
                    advice = format!("{advice} {hint}");
                }
                error.with_kind(ErrorKind::Authentication).with_advice(advice)
            }
            (ErrorKind::OutcomeUnknown, status) => {
                let kind = if status.is_some() { ErrorKind::Server } else { ErrorKind::Transport };
                error.with_kind(kind).with_advice(MAY_BE_USED_UP)
            }
            (_, Some(_)) => error.with_advice("Nothing was sent to the service."),
            (_, None) => error,
        }
    }

    /// Reads the token endpoint from the issuer's configuration.
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
            serde_json::from_slice(&response.body).map_err(|_| self.unusable("the response is not JSON"))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let access_token =
            text("access_token").ok_or_else(|| self.unusable("the response has no access_token"))?;
        let access_token = checked(access_token.into())
            .map_err(|_| self.unusable("the access_token of the response cannot be sent in a header"))?;
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

impl Plan for Renewal {
    type Part = Response;
    type Output = Grant;

    fn begin(&mut self, now: Instant) -> Planned<Response, Grant> {
        Ok(Next::Run(Box::new(self.request(now))))
    }

    fn ended(&mut self, now: Instant, outcome: Result<Response, Error>) -> Planned<Response, Grant> {
        match outcome {
            Err(error) => self.end(now, Err(self.refused(error))),
            Ok(response) if self.endpoint.is_none() => match self.read_endpoint(&response) {
                Ok(endpoint) => {
                    self.refresher.found_endpoint(&endpoint);
                    self.endpoint = Some(endpoint);
                    Ok(Next::Run(Box::new(self.request(now))))
                }
                Err(error) => self.end(now, Err(error)),
            },
            Ok(response) => {
                let renewed = self.read_token(&response);
                self.end(now, renewed)
            }
        }
    }
}
