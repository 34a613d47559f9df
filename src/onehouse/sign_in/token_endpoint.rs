//! Requests with a form to the authorization server, and the tokens that it returns.

use std::sync::Arc;
use std::time::SystemTime;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::auth::{Issuer, checked};
use crate::engine::{CallContext, Effect, Exchange, RetryPolicy};
use crate::error::{Error, ErrorKind};
use crate::http::{LONGEST, Method, Request, Response};

use super::session_file::{Session, epoch_seconds};

/// The public client of the vendor's CLI.
pub(super) const CLIENT_ID: &str = "oh-cli";

/// The largest response.
pub(super) const MAX_RESPONSE: usize = 1024 * 1024;

/// A part of the call that is a request to the authorization server.
pub(super) fn oauth(context: &CallContext, label: String, secrets: Vec<SecretString>) -> CallContext {
    let mut part = CallContext::clone(context);
    (part.label, part.service) = (label, Arc::new(Issuer { secrets: secrets.into() }));
    part.observer = part.observer.of(&part.label, part.service.name());
    part
}

/// Sends a form once: a code or a refresh token may be good for one use only.
pub(super) fn post(
    context: &CallContext,
    label: String,
    url: &str,
    form: &[(&str, &SecretString)],
) -> Exchange {
    let mut body = String::new();
    for (name, value) in form {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        body.extend(utf8_percent_encode(value.expose_secret(), NON_ALPHANUMERIC));
    }
    let mut request = Request::new(Method::Post, url, "");
    request.body = Some(body.into_bytes().into());
    request.headers.push("Content-Type", "application/x-www-form-urlencoded");
    request.headers.push("Accept", "application/json");
    request.max_response_body = MAX_RESPONSE;
    let secrets = ["code", "code_verifier", "refresh_token", "token"];
    let secrets = form.iter().filter(|(name, _)| secrets.contains(name)).map(|(_, value)| (*value).clone());
    let part = oauth(context, label, secrets.collect());
    Exchange::new(Arc::new(part), request, Effect::Changes).retrying(RetryPolicy::retries(0))
}

/// Reads the tokens of a response. `previous`: the refresh token that stays valid if the response has none.
pub(super) fn read(
    label: &str,
    response: &Response,
    previous: Option<&SecretString>,
    wall: SystemTime,
) -> Result<Session, Error> {
    let unusable = |why: &str| {
        Error::new(ErrorKind::UnexpectedResponse, label, why)
            .with_status(response.status)
            .with_advice("Sign in again. If this error is returned again, report it to Onehouse.")
    };
    let value: Value =
        serde_json::from_slice(&response.body).map_err(|_| unusable("the response is not JSON"))?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let access_token = text("access_token").ok_or_else(|| unusable("the response has no access_token"))?;
    let access_token = checked(access_token.into())
        .map_err(|_| unusable("the access_token in the response cannot be sent in a header"))?;
    let refresh_token = match (text("refresh_token"), previous) {
        (Some(new), _) => new.into(),
        (None, Some(previous)) => previous.clone(),
        (None, None) => return Err(unusable("the response has no refresh_token")),
    };
    let lasts = match value.get("expires_in") {
        Some(Value::Number(seconds)) => seconds.as_f64(),
        Some(Value::String(seconds)) => seconds.trim().parse().ok(),
        _ => None,
    };
    // Without a lifetime it counts as expired, as in the vendor's SDK 0.3.0: it is used once.
    let lasts = lasts.filter(|seconds| seconds.is_finite()).unwrap_or_default();
    let expires_at = epoch_seconds(wall) + lasts.clamp(0.0, LONGEST.as_secs_f64());
    Ok(Session { refresh_token, access_token: Some(access_token), expires_at })
}
