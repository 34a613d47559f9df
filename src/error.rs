//! The one error type of the crate.

use std::any::Any;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// A [`Result`](std::result::Result) with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(service)]
mod building;
mod kind;
mod meaning;
mod simulated;

pub use kind::ErrorKind;
pub use simulated::SimulatedError;

/// The largest part of a response body that an error keeps ([`Error::body`]).
#[cfg(service)]
pub(crate) const MAX_KEPT_BODY: usize = 64 * 1024;
/// The largest part of a server's text that a message shows.
#[cfg(service)]
const MAX_SHOWN: usize = 500;

/// The error of every call of this crate.
///
/// [`kind`](Error::kind) says what went wrong, the predicates answer common questions, and the accessors
/// return the details. `Display` says in one or two lines what was attempted, what happened and what to do
/// next. Neither `Display` nor `Debug` shows a secret. An error has the size of a pointer.
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
    resource: Option<String>,
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
    /// The detail that only its service reports.
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
            resource: None,
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

    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
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

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the id that the server gave to the request or operation that the error is about, or `None` if
    /// the server has given none.
    ///
    /// With an id, the work may continue at the server: do not send the call again. Pass the id to `resume`
    /// (Onehouse), or to `wait_for_job` or `wait_for_query_run` (Hotdata). For Onehouse, every error after a
    /// successful submit has the id, except errors of waits for a resource: their submits only read.
    /// EloqCloud and H2O Workflows give no ids to requests: there [`resource`](Error::resource) names what
    /// the server has accepted.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the name or id of the resource that the error is about: a cluster, the run of a job or of a
    /// workflow, a result, an upload. `None` if the call is not about one resource.
    ///
    /// While the resource is not in its final state, a wait for it can be continued with this name or id.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// Returns the HTTP status of the response, or `None` if no response arrived.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the body of the response as text, if the error has kept it: at most 64 KiB, with bytes that
    /// are not UTF-8 replaced and the client's own secrets masked.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Returns the service's own code of the error, if the response has one: the field `code` of an error
    /// response of EloqCloud, H2O Workflows or Hotdata, or the `error` of a token issuer. For Onehouse, only
    /// an [`OperationFailed`](ErrorKind::OperationFailed) can have a code: the `code`, `errorCode` or `error`
    /// of the operation's payload, which the vendor does not document.
    pub fn api_code(&self) -> Option<&str> {
        self.0.api_code.as_deref()
    }

    /// Returns the server's message, if there is one: at most 64 KiB, with the client's own secrets masked.
    /// For Onehouse, the message is the decoded header `grpc-message`, or else the body; for an
    /// [`OperationFailed`](ErrorKind::OperationFailed), it is the `message` or `errorMessage` of the
    /// operation's payload.
    pub fn api_message(&self) -> Option<&str> {
        self.0.api_message.as_deref()
    }

    /// Returns the delay that the server requests before another attempt (header `Retry-After`), or `None` if
    /// it requests none.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the status of the operation as the server spells it: for
    /// [`OperationFailed`](ErrorKind::OperationFailed), the status that says that it failed; for other kinds,
    /// the last status that a poll returned. The error of a wait has the status of the resource or the run.
    pub fn api_status(&self) -> Option<&str> {
        self.0.api_status.as_deref()
    }

    /// Returns the payload of the operation, run or result that failed, as the server returned it. `None` if
    /// the error is about something else.
    pub fn api_response(&self) -> Option<&Value> {
        self.0.api_response.as_ref()
    }

    /// Returns the time from the start of the call to the error, if it was measured: for timeouts, and for
    /// requests, polls and waits that failed.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    /// Returns how many times the request was sent, if the error is about one request.
    pub fn attempts(&self) -> Option<u32> {
        self.0.attempts
    }

    /// Returns the names of the settings that are missing, in the vendor's order: credentials, or Hotdata's
    /// `database_id` (kind [`InvalidArgument`](ErrorKind::InvalidArgument)). Empty for other errors.
    pub fn missing_fields(&self) -> &[&'static str] {
        &self.0.missing
    }

    /// Returns the detail of the error, if it has one of the type `T`. Details are types of one service, such
    /// as `hotdata::uploads::UploadFailure`; [`docs::errors`](crate::docs::errors) lists them.
    pub fn detail<T: Any>(&self) -> Option<&T> {
        self.0.detail.as_deref()?.downcast_ref()
    }

    /// Returns true if sending the same call again is safe and may succeed.
    ///
    /// It is never true if a command may have been accepted, or if its operation may still be running: resume
    /// that operation then. For `get_status` of Onehouse, which only reads the state of an operation, true
    /// means that `get_status` itself can be called again.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns true if the wait can be continued with the [`request_id`](Error::request_id): with `resume`
    /// (Onehouse), or with `wait_for_query_run` or `wait_for_job` (Hotdata).
    ///
    /// It is false if the error has a [`resource`](Error::resource): start the wait for that resource
    /// instead. It is also false for [`OperationFailed`](ErrorKind::OperationFailed) and
    /// [`NotFound`](ErrorKind::NotFound), after which nothing is left to wait for.
    pub fn is_resumable(&self) -> bool {
        let is_over = matches!(self.0.kind, ErrorKind::OperationFailed | ErrorKind::NotFound);
        self.0.request_id.is_some() && self.0.resource.is_none() && !is_over
    }

    /// Returns true if the credentials are missing, are not accepted, or do not allow the request: for the
    /// kinds [`Credentials`](ErrorKind::Credentials), [`Authentication`](ErrorKind::Authentication) and
    /// [`PermissionDenied`](ErrorKind::PermissionDenied).
    pub fn is_auth(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Credentials | ErrorKind::Authentication | ErrorKind::PermissionDenied
        )
    }

    /// Returns true if something timed out: a connection, a response, or the whole call.
    pub fn is_timeout(&self) -> bool {
        self.0.timeout
    }
}

/// True if the text has this name as a word of its own: `prod` is not in "production".
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    name.is_empty()
        || text
            .match_indices(name)
            .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        write!(f, "{}: {}", self.attempted(), self.happened())?;
        if let Some(id) = &e.request_id {
            write!(f, " (request id {})", one_line(id, 200))?;
        }
        let is_named = |resource: &&String| names(&e.attempted, resource) || names(&e.happened, resource);
        if let Some(resource) = e.resource.as_ref().filter(|resource| !is_named(resource)) {
            write!(f, " ({})", one_line(resource, 200))?;
        }
        if let Some(advice) = &e.advice {
            write!(f, "\n{advice}")?;
        }
        Ok(())
    }
}

/// Writes the text of `Display`, then the kind, the HTTP status, the status of the operation and the
/// `Retry-After`, as far as they are known, and one line for each cause. A `main` that returns the error
/// prints this text.
///
/// ```
/// use controlplane::{Error, ErrorKind};
///
/// let error = Error::simulated(ErrorKind::Server, "SHOW LAKES", "HTTP 503: try later").status(503).build();
/// assert_eq!(format!("{error:?}"), "SHOW LAKES: HTTP 503: try later\n[server, HTTP 503]");
/// ```
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        write!(f, "{self}\n[{}", e.kind)?;
        if let Some(status) = e.status {
            write!(f, ", HTTP {status}")?;
        }
        if let Some(status) = &e.api_status {
            write!(f, ", status {}", one_line(status, 200))?;
        }
        if let Some(after) = e.retry_after {
            write!(f, ", retry after {} s", after.as_secs_f64())?;
        }
        f.write_str("]")?;
        let mut cause = self.source();
        // A chain that does not end would be a fault of a custom transport.
        for _ in 0..16 {
            let Some(error) = cause else { break };
            write!(f, "\ncaused by: {}", one_line(&error.to_string(), 500))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Never called, because `Infallible` has no values. It lets functions accept values and fallible conversions
/// alike.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

/// Prepares text from outside for one line of a message: control characters are escaped, long text is cut.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let text = text.trim();
    if text.len() <= max && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
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
#[cfg(service)]
pub(crate) fn shown(text: &str) -> String {
    one_line(text, MAX_SHOWN)
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
