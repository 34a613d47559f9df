//! What all machines of one call share.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::error::{Error, MAX_KEPT_BODY};
use crate::http::{LONGEST, Request, Response};
use crate::redact::{Secrets, mask_json, masked};
use crate::transport::SendError;

#[cfg(batches)]
use super::batch::Latest;
use super::decode::{decoded, is_web_page};
use super::service::{Failure, Service};
use super::{Budget, Observer, PollPolicy, RetryPolicy};

/// The most that is masked of a text of which less is kept.
const MAX_MASKED: usize = 2 * MAX_KEPT_BODY;

/// The time limits and retry policy of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// For the whole call: submit, retries, waits and requests in flight.
    pub(crate) timeout: Duration,
    /// Whether the program has set the time limit of the whole call, on the client or on the call.
    pub(crate) has_own_timeout: bool,
    /// For one request.
    pub(crate) http_timeout: Duration,
    pub(crate) poll: PollPolicy,
    pub(crate) retry: RetryPolicy,
    pub(crate) too_many: TooMany,
    /// The end of the batch that the call is part of.
    #[cfg(batches)]
    pub(crate) latest: Latest,
}

/// What a call does about a 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// The retry policy says how often the request is sent again.
    #[default]
    Retry,
    /// It is sent again until the deadline, under a budget that has slowed down.
    #[cfg(checks)]
    SlowDown,
    /// It is sent again until the deadline. The batch has the budget, and says when.
    #[cfg(batches)]
    LeaveToBatch,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            has_own_timeout: false,
            http_timeout: Duration::from_secs(30),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            too_many: TooMany::default(),
            #[cfg(batches)]
            latest: Latest::default(),
        }
    }
}

/// When a call began and when it has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) started: Instant,
    pub(crate) deadline: Instant,
}

impl Span {
    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}

/// What the machines of one call share: its label, limits, service and deadline.
///
/// Clones belong to the same call: the deadline is fixed by whichever machine runs first.
#[derive(Clone, Debug)]
pub(crate) struct CallContext {
    /// What is attempted, for messages: "CREATE CLUSTER `prod`".
    pub(crate) label: String,
    pub(crate) settings: Settings,
    pub(crate) budget: Arc<Budget>,
    pub(crate) service: Arc<dyn Service>,
    /// Secrets of this call, which the server may repeat in its responses.
    pub(crate) secrets: Vec<SecretString>,
    pub(crate) observer: Observer,
    span: Arc<OnceLock<Span>>,
}

/// What became of a request, read once.
#[derive(Debug)]
pub(crate) enum Reply {
    Success(Response),
    Failure(Response, Failure),
    NoResponse(SendError),
}

impl CallContext {
    pub(crate) fn new(
        label: impl Into<String>,
        settings: Settings,
        budget: Arc<Budget>,
        service: Arc<dyn Service>,
    ) -> Self {
        Self {
            label: label.into(),
            settings,
            budget,
            service,
            secrets: Vec::new(),
            observer: Observer::default(),
            span: Arc::default(),
        }
    }

    pub(crate) fn with_secrets(mut self, secrets: Vec<SecretString>) -> Self {
        self.secrets = secrets;
        self
    }

    pub(crate) fn with_observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// When the call began and ends. The first use begins it.
    pub(crate) fn span(&self, now: Instant) -> Span {
        self.span_until(now, None)
    }

    /// The same for a call that is part of something else, which ends no later than `latest`.
    pub(crate) fn span_until(&self, now: Instant, latest: Option<Instant>) -> Span {
        *self.span.get_or_init(|| {
            let deadline = now + self.settings.timeout.min(LONGEST);
            #[cfg(batches)]
            let deadline = self.settings.latest.limit(deadline);
            Span { started: now, deadline: latest.unwrap_or(deadline).min(deadline) }
        })
    }

    /// The same, if the call has begun.
    pub(crate) fn begun(&self) -> Option<Span> {
        self.span.get().copied()
    }

    /// Reads what became of a request.
    pub(crate) fn read(&self, request: &Request, result: Result<Response, SendError>) -> Reply {
        let reply = self.decoded(request, result);
        self.observer.received(&reply);
        reply
    }

    fn decoded(&self, request: &Request, result: Result<Response, SendError>) -> Reply {
        match result.and_then(|response| decoded(request, response)) {
            Err(error) => Reply::NoResponse(error),
            Ok(response) if response.is_success() && is_web_page(&response) => {
                let failure = Failure::web_page(&response);
                Reply::Failure(response, failure)
            }
            Ok(response) => match self.service.failure(&response) {
                None => Reply::Success(response),
                Some(failure) => Reply::Failure(response, failure),
            },
        }
    }

    /// The text of a response with secrets masked.
    pub(crate) fn text(&self, response: &Response) -> String {
        let body = &response.body[..response.body.len().min(MAX_MASKED)];
        self.mask(&String::from_utf8_lossy(body))
    }

    /// Masks the secrets that the client knows in text from the server, which may repeat them.
    pub(crate) fn mask(&self, text: &str) -> String {
        let of_client = self.service.secrets();
        if self.secrets.is_empty() {
            return of_client.map_or_else(|| text.to_owned(), |secrets| secrets.mask(text));
        }
        // All at once: one may be the beginning of another.
        let all = of_client.into_iter().flat_map(Secrets::list).chain(&self.secrets);
        masked(text, all.map(ExposeSecret::expose_secret))
    }

    /// Masks them in everything that an error shows or keeps.
    pub(crate) fn masked(&self, error: Error) -> Error {
        error.masked(&|text| self.mask(text))
    }

    pub(crate) fn mask_json(&self, value: Value) -> Value {
        mask_json(value, &|text| self.mask(text))
    }
}
