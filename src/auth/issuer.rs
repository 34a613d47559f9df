//! How an issuer of tokens reports failures.

use serde_json::Value;

use crate::engine::{Failure, Service};
use crate::http::Response;
use crate::redact::Secrets;

/// The issuer of tokens.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) secrets: Secrets,
}

impl Service for Issuer {
    fn name(&self) -> &'static str {
        "token issuer"
    }

    /// Error responses of OAuth 2.0 (RFC 6749, section 5.2).
    fn failure(&self, response: &Response) -> Option<Failure> {
        let failure = Failure::of(response)?;
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let field = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let uri = field("error_uri").map(|uri| format!("({uri})"));
        let words: Vec<String> = field("error_description").into_iter().chain(uri).collect();
        let explanation = (!words.is_empty()).then(|| words.join(" "));
        Some(Failure { explanation, code: field("error"), message: field("error_description"), ..failure })
    }

    fn secrets(&self) -> Option<&Secrets> {
        Some(&self.secrets)
    }

    fn how_to_check(&self) -> &'static str {
        "Look at the issuer's log"
    }
}
