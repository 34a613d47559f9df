//! Successful responses, and errors about those that cannot be read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::failure::{unexpected, unreadable};
use crate::engine::{CallContext, Effect};
use crate::error::Error;
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

    /// Reads a body that holds secrets: an error names the place of the fault, and neither shows nor keeps
    /// the body.
    pub(super) fn secret_json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.response.body).map_err(|e| {
            let why =
                format!("it does not have the documented form (line {}, column {})", e.line(), e.column());
            self.unusable(&why).with_body("")
        })
    }

    /// The error for a response that cannot be used. If it changed something, the error has the id of what it
    /// made, if any can be read.
    #[cold]
    pub(super) fn unusable(&self, why: &str) -> Error {
        let why = self.context.mask(why);
        self.with_ids(|label, how_to_check, id| {
            unreadable(label, self.effect, self.response, &why, how_to_check, id)
        })
    }

    /// The error for a status that is not one of these.
    #[cold]
    pub(super) fn other_status(&self, expected: &str) -> Error {
        let what = format!(": expected {expected}");
        self.with_ids(|label, how_to_check, id| {
            unexpected(label, self.effect, self.response, &what, how_to_check, id)
        })
    }

    #[cold]
    fn with_ids(&self, error: impl FnOnce(&str, &str, Option<String>) -> Error) -> Error {
        let json = serde_json::from_slice::<Value>(&self.response.body);
        let body = match &json {
            Ok(json) => Redacted(json).to_string(),
            Err(_) => String::from_utf8_lossy(&self.response.body).into_owned(),
        };
        let run = json.as_ref().ok().and_then(|json| text(json, "query_run_id"));
        let id = json.as_ref().ok().and_then(made).or(run.clone());
        let error = error(&self.context.label, self.context.service.how_to_check(), id);
        let error = error.with_body(self.context.mask(&body));
        match run {
            Some(run) => error.with_request_id(run),
            None => error,
        }
    }
}

/// The id of what a request has made, in the places where the service writes one.
fn made(body: &Value) -> Option<String> {
    const IDS: [&str; 5] = ["id", "upload_id", "batch_id", "result_id", "public_id"];
    let found = |body: &Value| IDS.iter().find_map(|key| text(body, key));
    found(body).or_else(|| found(body.get("workspace")?))
}

fn text(body: &Value, key: &str) -> Option<String> {
    body.get(key)?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}
