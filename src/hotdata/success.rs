//! Successful responses, and errors about those that cannot be read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::{CallContext, Effect};
use crate::error::{Error, ErrorKind, shown};
use crate::http::Response;
use crate::redact::Redacted;

/// A successful response, with what is needed to read it.
#[derive(Debug)]
pub(crate) struct Success<'a> {
    /// Has the label of messages, and masks secrets.
    context: &'a CallContext,
    effect: Effect,
    pub(super) response: &'a Response,
}

impl<'a> Success<'a> {
    pub(super) fn new(context: &'a CallContext, effect: Effect, response: &'a Response) -> Self {
        Self { context, effect, response }
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status
    }

    /// Reads the body.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if self.response.body.is_empty() {
            return Err(self.unusable("it is empty"));
        }
        serde_json::from_slice(&self.response.body).map_err(|e| self.unusable(&e.to_string()))
    }

    /// Reads a body that holds secrets: an error names the place of the fault, and neither shows nor keeps the body.
    pub(super) fn secret_json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.response.body).map_err(|e| {
            let why = format!("it is not as documented (line {}, column {})", e.line(), e.column());
            self.unusable(&why).with_body("")
        })
    }

    /// The error for a response that cannot be used.
    #[cold]
    pub(super) fn unusable(&self, why: &str) -> Error {
        let (kind, advice) = match self.effect {
            Effect::Changes => (
                ErrorKind::OutcomeUnknown,
                "It was probably accepted, so it was not sent again. Check whether it took effect before you repeat it.",
            ),
            Effect::Repeatable => (
                ErrorKind::UnexpectedResponse,
                "Is this the address of the service, or of a proxy in between?",
            ),
        };
        let body = match serde_json::from_slice::<Value>(&self.response.body) {
            Ok(json) => Redacted(&json).to_string(),
            Err(_) => String::from_utf8_lossy(&self.response.body).into_owned(),
        };
        let why = self.context.mask(why);
        let happened = format!("HTTP {} with an invalid body: {}", self.response.status, shown(&why));
        Error::new(kind, self.context.label.clone(), happened)
            .with_status(self.response.status)
            .with_body(self.context.mask(&body))
            .with_advice(advice)
    }
}
