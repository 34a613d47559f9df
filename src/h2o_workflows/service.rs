//! How the service answers requests.

use serde_json::Value;

use crate::engine::{Failure, Service};
use crate::http::{Headers, Response};

/// How to find out whether a command took effect.
pub(super) const HOW_TO_CHECK: &str = "Check whether it took effect";

/// Returns the headers of every request, without the access token.
pub(super) fn plain_headers(has_body: bool) -> Headers {
    let mut headers = Headers::new();
    headers.push("Accept", "application/json");
    if has_body {
        headers.push("Content-Type", "application/json");
    }
    headers
}

/// Reads the responses of the service.
#[derive(Debug)]
pub(super) struct Rules {
    how_to_check: &'static str,
}

impl Default for Rules {
    fn default() -> Self {
        Self { how_to_check: HOW_TO_CHECK }
    }
}

impl Rules {
    /// For commands whose effect is best checked in another way.
    pub(super) fn checked_by(how_to_check: &'static str) -> Self {
        Self { how_to_check }
    }
}

impl Service for Rules {
    fn name(&self) -> &'static str {
        "h2o_workflows"
    }

    /// Error responses have a `google.rpc.Status` as their body. HTTP 400 stands for two gRPC codes: 3, an
    /// invalid argument, and 9, a wrong state.
    fn failure(&self, response: &Response) -> Option<Failure> {
        let failure = Failure::of(response)?;
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let code = body.get("code").and_then(Value::as_i64);
        let message = body.get("message").and_then(Value::as_str).map(str::to_owned);
        let advice = match (response.status, code) {
            (401, Some(16)) => Some("The access token is not accepted, even after a renewal. Log in again."),
            (400, Some(9)) => Some("The state of the resource does not allow the request."),
            _ => None,
        };
        Some(Failure { advice, ..failure.with_words(code.map(|code| code.to_string()), message) })
    }

    fn how_to_check(&self) -> &'static str {
        self.how_to_check
    }
}

/// Reads responses of the discovery service, and of the service's version, whose errors have no common form.
#[derive(Debug)]
pub(super) struct Plain;

impl Service for Plain {
    fn name(&self) -> &'static str {
        "h2o_workflows"
    }

    fn failure(&self, response: &Response) -> Option<Failure> {
        Failure::of(response)
    }

    fn how_to_check(&self) -> &'static str {
        HOW_TO_CHECK
    }
}
