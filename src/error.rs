//! The one error type of the crate.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// A [`Result`](std::result::Result) with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How much of a server's answer an error keeps as text ([`Error::body`]).
pub(crate) const MAX_KEPT_BODY: usize = 64 * 1024;
/// How much of a server's words an error shows in one line.
const MAX_SHOWN: usize = 500;

/// What kind of thing went wrong. See the table in [`docs::errors`](crate::docs::errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call itself is wrong: a bad name, an empty statement, a newline in a value. Nothing was sent.
    InvalidArgument,
    /// Credentials are missing or could not be read. Nothing was sent.
    Credentials,
    /// The server does not accept the credentials (HTTP 401).
    Authentication,
    /// The credentials are good, but not for this (HTTP 403).
    PermissionDenied,
    /// There is no such thing (HTTP 404).
    NotFound,
    /// The request does not fit the state of things (HTTP 409).
    Conflict,
    /// Too many requests (HTTP 429), and retrying did not help within the limits of the call.
    RateLimited,
    /// The server refuses the request as it stands (HTTP 400 and other 4xx).
    Rejected,
    /// The server failed (HTTP 5xx) on a request that changes nothing, or on a poll: if there is a
    /// [`request_id`](Error::request_id), the operation may still be running.
    Server,
    /// No connection, or the connection broke. If the call changes something, nothing of it was sent, or it was taken
    /// and there is a [`request_id`](Error::request_id).
    Transport,
    /// The TLS handshake failed or the server's certificate is not trusted. Nothing was sent.
    Tls,
    /// It is there, but not yet good for this: a cluster without an address, for instance. Wait, then ask again.
    NotReady,
    /// The server answered something that this client cannot make sense of, or a redirect.
    UnexpectedResponse,
    /// A request that changes something may have been taken, and no answer tells. It was not sent again:
    /// look before you repeat it.
    OutcomeUnknown,
    /// The operation ended, and it failed.
    OperationFailed,
    /// A call of a batch that was not submitted: one that it comes after did not succeed, or the batch was stopped.
    Skipped,
    /// The journal of a batch could not be read or written, or does not fit. Of the call that it is told for, nothing was
    /// sent.
    Journal,
    /// A result that was asked for is not there yet: [`api_status`](Error::api_status) says how it stands,
    /// [`retry_after`](Error::retry_after) when to ask again, [`request_id`](Error::request_id) which it is.
    ResultNotReady,
    /// A result is larger than what was to be fetched of it without being asked. Fetch it as a stream, or raise the limit.
    ResultTooLarge,
    /// The server gave fewer rows of a result than it has.
    ResultIncomplete,
    /// Only the first rows of a result are there, and the server could not save the rest.
    ResultUnavailable,
    /// The program itself stopped the call, with a [`CancelToken`](crate::CancelToken). What was started goes on at the
    /// server; of an upload, nothing was finalized.
    Cancelled,
    /// What is to be uploaded could not be read, or is not as long as it was. Nothing was finalized.
    Source,
    /// The storage that an upload writes to refused: [`status`](Error::status) says how. Nothing was finalized.
    Storage,
    /// The time of the call is over. If there is a [`request_id`](Error::request_id), the operation goes on at the
    /// server and the wait can be resumed; if there is none, nothing was sent, or the call only reads.
    OperationTimeout,
}

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

/// The error of every call of this crate.
///
/// One pointer wide. [`kind`](Error::kind) says what went wrong, the predicates answer the questions that
/// programs ask, and the accessors hold what is known. `Display` says in one or two lines what was attempted,
/// what happened and what to do next. Neither `Display` nor `Debug` shows a secret.
///
/// ```
/// use controlplane::{ErrorKind, onehouse::Client};
///
/// let client = Client::offline();
/// let error = client.describe_cluster("no spaces here").to_sql().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert!(error.to_string().contains("no spaces here"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    attempted: String,
    happened: String,
    advice: Option<String>,
    request_id: Option<String>,
    job_run_id: Option<String>,
    status: Option<u16>,
    body: Option<String>,
    retry_after: Option<Duration>,
    api_code: Option<String>,
    api_message: Option<String>,
    api_status: Option<String>,
    api_response: Option<Value>,
    elapsed: Option<Duration>,
    attempts: Option<u32>,
    missing: Vec<&'static str>,
    timeout: bool,
    retryable: bool,
    /// What its service knows of it besides.
    detail: Option<Arc<dyn Any + Send + Sync>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// `attempted` and `happened` are parts of one sentence: "{attempted}: {happened}".
    #[cold]
    pub(crate) fn new(kind: ErrorKind, attempted: impl Into<String>, happened: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            attempted: attempted.into(),
            happened: happened.into(),
            advice: None,
            request_id: None,
            job_run_id: None,
            status: None,
            body: None,
            retry_after: None,
            api_code: None,
            api_message: None,
            api_status: None,
            api_response: None,
            elapsed: None,
            attempts: None,
            missing: Vec::new(),
            timeout: kind == ErrorKind::OperationTimeout,
            retryable: false,
            detail: None,
            source: None,
        }))
    }

    pub(crate) fn invalid(attempted: impl Into<String>, happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, attempted, happened)
    }

    /// The same once more, without what is behind it.
    pub(crate) fn duplicate(&self) -> Self {
        let e = &*self.0;
        Self(Box::new(Inner {
            kind: e.kind,
            attempted: e.attempted.clone(),
            happened: e.happened.clone(),
            advice: e.advice.clone(),
            request_id: e.request_id.clone(),
            job_run_id: e.job_run_id.clone(),
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

    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// The error of a part, as that of the whole: its request id leads nowhere then.
    pub(crate) fn of_part(mut self, attempted: &str, what: &str) -> Self {
        attempted.clone_into(&mut self.0.attempted);
        self.0.happened = format!("{what}: {}", self.0.happened);
        self.0.request_id = None;
        self
    }

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

    /// What was attempted.
    pub(crate) fn attempted(&self) -> &str {
        &self.0.attempted
    }

    /// What happened, without the advice.
    pub(crate) fn happened(&self) -> &str {
        &self.0.happened
    }

    pub(crate) fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    pub(crate) fn with_job_run_id(mut self, id: impl Into<String>) -> Self {
        self.0.job_run_id = Some(id.into());
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

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_timeout(mut self, timeout: bool) -> Self {
        self.0.timeout = timeout;
        self
    }

    pub(crate) fn with_detail(mut self, detail: impl Any + Send + Sync) -> Self {
        self.0.detail = Some(Arc::new(detail));
        self
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The id of the operation that the error is about, once the server has given one.
    ///
    /// While this is set, the work may go on at the server: give it to `Client::resume` rather than sending the
    /// call again. Every error after a successful submit carries it, except those of waits for a resource: their
    /// submits only read, and there is nothing to resume.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id of the run of a job that the error is about, if it is about one. While the run is not over, a wait for it
    /// can be taken up again with `Client::wait_for_job_run`: rather that than running the job again.
    pub fn job_run_id(&self) -> Option<&str> {
        self.0.job_run_id.as_deref()
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The text of the answer, if there was one: at most 64 KiB, bytes that are not UTF-8 replaced, the client's
    /// own secrets masked.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The service's own code for what went wrong, if its answers have one: `code` of EloqCloud's envelope.
    pub fn api_code(&self) -> Option<&str> {
        self.0.api_code.as_deref()
    }

    /// What the server says went wrong, in its own words and whole, if it says anything: at most 64 KiB, the client's
    /// own secrets masked. For Onehouse the decoded `grpc-message`.
    pub fn api_message(&self) -> Option<&str> {
        self.0.api_message.as_deref()
    }

    /// How long the server asked to wait (`Retry-After`), if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The status of the operation in the server's own words: the failure of
    /// [`OperationFailed`](ErrorKind::OperationFailed), the last one seen of other kinds. Where a resource or a run was
    /// waited for, that one's.
    pub fn api_status(&self) -> Option<&str> {
        self.0.api_status.as_deref()
    }

    /// The payload that came with the failure of an operation.
    pub fn api_response(&self) -> Option<&Value> {
        self.0.api_response.as_ref()
    }

    /// How long the call had been running, where the error is about time.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    /// How often the request was sent, where the error is about one request.
    pub fn attempts(&self) -> Option<u32> {
        self.0.attempts
    }

    /// The credential fields that are missing, in the vendor's order; empty for other errors.
    pub fn missing_fields(&self) -> &[&'static str] {
        &self.0.missing
    }

    /// What its service knows of it besides, if it is of this type. Services have accessors of their own for it.
    pub(crate) fn detail<T: Any>(&self) -> Option<&T> {
        self.0.detail.as_deref()?.downcast_ref()
    }

    /// True if sending the same call again is safe and may succeed.
    ///
    /// Never true when a command may have been taken, and never once it has become an operation: resume that. For
    /// `get_status`, which has a request id from the start, it means asking again.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// True if `Client::resume` with [`request_id`](Error::request_id) can go on where this call stopped. Where there is
    /// a [`job_run_id`](Error::job_run_id), it is `Client::wait_for_job_run` that can; for EloqCloud, whose request id is
    /// a cluster's name, it is `Client::wait_until_usable` or `wait_until_deleted`.
    pub fn is_resumable(&self) -> bool {
        let is_over = matches!(self.0.kind, ErrorKind::OperationFailed | ErrorKind::NotFound);
        self.0.request_id.is_some() && self.0.job_run_id.is_none() && !is_over
    }

    /// True if the credentials are missing, refused, or not good enough.
    pub fn is_auth(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Credentials | ErrorKind::Authentication | ErrorKind::PermissionDenied
        )
    }

    /// True if something took too long: a connection, an answer, or the whole operation.
    pub fn is_timeout(&self) -> bool {
        self.0.timeout
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        write!(f, "{}: {}", e.attempted, e.happened)?;
        if let Some(id) = &e.request_id {
            write!(f, " (request id {})", one_line(id, 200))?;
        }
        if let Some(advice) = &e.advice {
            write!(f, "\n{advice}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        let mut d = f.debug_struct("Error");
        d.field("kind", &e.kind).field("message", &format_args!("{self}"));
        if let Some(id) = &e.job_run_id {
            d.field("job_run_id", id);
        }
        if let Some(status) = e.status {
            d.field("status", &status);
        }
        if let Some(status) = &e.api_status {
            d.field("api_status", status);
        }
        if let Some(after) = e.retry_after {
            d.field("retry_after", &after);
        }
        if let Some(source) = &e.source {
            d.field("source", &format_args!("{source}"));
        }
        d.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

/// Text from outside, fit for one line of a message: control characters escaped, long text cut.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        if out.len() >= max {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// [`one_line`] with the usual length.
pub(crate) fn shown(text: &str) -> String {
    one_line(text, MAX_SHOWN)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_pointer_wide_and_can_travel() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_is_at_most_two_lines() {
        let error = Error::new(ErrorKind::Rejected, "SHOW LAKES", shown("a\nb\u{7}c"))
            .with_request_id("id\nwith newline")
            .with_advice("do this");
        assert_eq!(error.to_string(), "SHOW LAKES: a b\\u{7}c (request id id with newline)\ndo this");
    }

    #[test]
    fn kept_body_is_bounded_at_a_character() {
        let error = Error::invalid("a", "b").with_body("ü".repeat(MAX_KEPT_BODY));
        assert_eq!(error.body().map(str::len), Some(MAX_KEPT_BODY));
        let error = Error::invalid("a", "b").with_body(format!("x{}", "ü".repeat(MAX_KEPT_BODY)));
        assert_eq!(error.body().map(str::len), Some(MAX_KEPT_BODY - 1));
    }
}
