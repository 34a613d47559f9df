//! How the engine and the services build errors.

#[cfg(details)]
use std::any::Any;
use std::fmt;
#[cfg(details)]
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Error, ErrorKind, Inner, MAX_KEPT_BODY};
use crate::redact::mask_json;

impl ErrorKind {
    /// The kind for an HTTP status that is not a success.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            400..=499 => Self::Rejected,
            500..=599 => Self::Server,
            _ => Self::UnexpectedResponse,
        }
    }
}

impl Error {
    /// The same once more, without what is behind it.
    pub(crate) fn duplicate(&self) -> Self {
        let e = &*self.0;
        Self(Box::new(Inner {
            kind: e.kind,
            attempted: e.attempted.clone(),
            happened: e.happened.clone(),
            advice: e.advice.clone(),
            request_id: e.request_id.clone(),
            resource: e.resource.clone(),
            status: e.status,
            body: e.body.clone(),
            retry_after: e.retry_after,
            api_code: e.api_code.clone(),
            api_message: e.api_message.clone(),
            api_status: e.api_status.clone(),
            api_response: e.api_response.clone(),
            elapsed: e.elapsed,
            attempts: e.attempts,
            missing: e.missing.clone(),
            timeout: e.timeout,
            retryable: e.retryable,
            detail: e.detail.clone(),
            source: None,
        }))
    }

    /// Masks every text in it.
    pub(crate) fn masked(mut self, mask: &dyn Fn(&str) -> String) -> Self {
        let e = &mut *self.0;
        let texts = [&mut e.attempted, &mut e.happened].into_iter();
        let more = [
            &mut e.advice,
            &mut e.request_id,
            &mut e.resource,
            &mut e.body,
            &mut e.api_code,
            &mut e.api_message,
            &mut e.api_status,
        ];
        for text in texts.chain(more.into_iter().flatten()) {
            *text = mask(text);
        }
        e.api_response = e.api_response.take().map(|value| mask_json(value, mask));
        // Only its words are left of a source that shows a secret.
        if let Some(source) = &e.source {
            let shown = source.to_string();
            let masked = mask(&shown);
            if masked != shown {
                e.source = Some(masked.into());
            }
        }
        self
    }

    #[cfg(error_details)]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The error of a part as the error of the whole. The request id of the part is not kept: it leads
    /// nowhere.
    #[cfg(checks)]
    pub(crate) fn of_part(mut self, attempted: &str, what: &str) -> Self {
        attempted.clone_into(&mut self.0.attempted);
        self.0.happened = format!("{what}: {}", self.0.happened);
        self.0.request_id = None;
        self
    }

    #[cfg(checks)]
    pub(crate) fn without_request_id(mut self) -> Self {
        self.0.request_id = None;
        self
    }

    /// More of what happened.
    pub(crate) fn with_more(mut self, more: &str) -> Self {
        self.0.happened.push_str("; ");
        self.0.happened.push_str(more);
        self
    }

    /// What this was part of.
    pub(crate) fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.0.attempted = format!("{context}: {}", self.0.attempted);
        self
    }

    #[cfg(operation_ids)]
    pub(crate) fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    pub(crate) fn with_resource(mut self, name: impl Into<String>) -> Self {
        self.0.resource = Some(name.into());
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Keeps at most [`MAX_KEPT_BODY`] bytes of text.
    pub(crate) fn with_body(mut self, body: impl Into<String>) -> Self {
        let mut body = body.into();
        truncate(&mut body, MAX_KEPT_BODY);
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    pub(crate) fn with_api_code(mut self, code: Option<String>) -> Self {
        self.0.api_code = code;
        self
    }

    /// Keeps at most [`MAX_KEPT_BODY`] bytes of text.
    pub(crate) fn with_api_message(mut self, message: Option<String>) -> Self {
        self.0.api_message = message.map(|mut message| {
            truncate(&mut message, MAX_KEPT_BODY);
            message
        });
        self
    }

    pub(crate) fn with_api_status(mut self, status: Option<String>) -> Self {
        self.0.api_status = status;
        self
    }

    pub(crate) fn with_api_response(mut self, response: Value) -> Self {
        self.0.api_response = Some(response);
        self
    }

    pub(crate) fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = Some(attempts);
        self
    }

    pub(crate) fn with_missing(mut self, fields: Vec<&'static str>) -> Self {
        self.0.missing = fields;
        self
    }

    pub(crate) fn with_timeout(mut self, timeout: bool) -> Self {
        self.0.timeout = timeout;
        self
    }

    #[cfg(details)]
    pub(crate) fn with_detail(mut self, detail: impl Any + Send + Sync) -> Self {
        self.0.detail = Some(Arc::new(detail));
        self
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }
}

fn truncate(text: &mut String, max: usize) {
    if text.len() > max {
        let mut end = max;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}
