//! The kinds of errors.

use std::fmt;

use serde::{Serialize, Serializer};

#[cfg(doc)]
use super::Error;

/// The kind of an [`Error`]: what went wrong. The table in [`docs::errors`](crate::docs::errors) says what to
/// do about each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument of the call is invalid: a bad name, an empty statement, a newline in a value. Nothing was
    /// sent.
    InvalidArgument,
    /// Credentials are missing, or cannot be read, used or saved. Nothing was sent to the service. A sign-in
    /// may have sent requests to the issuer of access tokens, and a look-up of the service's address (H2O
    /// Workflows) to the discovery service.
    Credentials,
    /// The server does not accept the credentials (HTTP 401), or the issuer of access tokens does not accept
    /// the refresh token.
    Authentication,
    /// The credentials are valid, but do not allow the request (HTTP 403).
    PermissionDenied,
    /// Something that the request names does not exist (HTTP 404).
    NotFound,
    /// The state of the resource does not allow the request, or the name is in use (HTTP 409).
    Conflict,
    /// The server received too many requests (HTTP 429). If the call retries after a 429, its last attempt
    /// got a 429 too.
    RateLimited,
    /// The server rejected the request (HTTP 400 and other 4xx).
    Rejected,
    /// The server failed (HTTP 5xx). Either the request only reads, or the response proves that the request
    /// was not accepted, as the statuses 501 and 505 do. If there is a [`request_id`](Error::request_id) or a
    /// [`resource`](Error::resource), the operation may still be running.
    Server,
    /// There was no connection, it broke, or no complete response arrived in the time of one request. If the
    /// call changes something, then nothing of it was sent, unless the error has a
    /// [`request_id`](Error::request_id) or a [`resource`](Error::resource): with one of these, the call was
    /// accepted before.
    Transport,
    /// The TLS handshake failed or the server's certificate is not trusted. If the request changes something,
    /// nothing of it was sent. With a [`request_id`](Error::request_id) or a [`resource`](Error::resource),
    /// the call was accepted before, and a poll of it failed.
    Tls,
    /// The resource exists but is not ready: a cluster without an address, a result that is still being
    /// written. Wait, then send the call again: [`api_status`](Error::api_status) is the state of the
    /// resource, [`retry_after`](Error::retry_after) the delay that the server suggests.
    NotReady,
    /// The response cannot be read, or is a redirect.
    UnexpectedResponse,
    /// A request that changes something may have been accepted, and no response says so. It was not sent
    /// again: check whether it took effect before you repeat it.
    OutcomeUnknown,
    /// The operation ended, and it failed.
    OperationFailed,
    /// The call is part of a batch and was not submitted: a call that it comes after did not succeed, or the
    /// batch was stopped, was cancelled or timed out. If the batch was stopped because its journal cannot be
    /// written, the [source](std::error::Error::source) is an [`Error`] of the kind
    /// [`Journal`](ErrorKind::Journal).
    Skipped,
    /// The journal of a batch cannot be read or written, or was written with another client. The call with
    /// this error was not submitted, unless the error has a [`request_id`](Error::request_id) or a
    /// [`resource`](Error::resource): that call was accepted before the journal failed.
    Journal,
    /// The result is larger than a limit of the client. Read it as a stream or raise the limit.
    LimitExceeded,
    /// The program cancelled the call, with a [`CancelToken`](crate::CancelToken). Whatever the call started
    /// at the service continues there.
    Cancelled,
    /// A local file or stream that the call sends cannot be read, or it changed meanwhile.
    Io,
    /// The timeout of the call has passed. If there is a [`request_id`](Error::request_id) or a
    /// [`resource`](Error::resource), the work may continue at the server: wait for its end with that id or
    /// name. If there is neither, nothing was sent, or the call only reads.
    OperationTimeout,
}

impl ErrorKind {
    /// Returns the name of the kind, for logs and metrics: `"rate_limited"`. It does not change between
    /// versions.
    ///
    /// ```
    /// use controlplane::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::OutcomeUnknown.as_str(), "outcome_unknown");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Credentials => "credentials",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::Transport => "transport",
            Self::Tls => "tls",
            Self::NotReady => "not_ready",
            Self::UnexpectedResponse => "unexpected_response",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::OperationFailed => "operation_failed",
            Self::Skipped => "skipped",
            Self::Journal => "journal",
            Self::LimitExceeded => "limit_exceeded",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::OperationTimeout => "operation_timeout",
        }
    }
}

/// Writes the name with spaces: `rate limited`.
///
/// ```
/// use controlplane::ErrorKind;
///
/// assert_eq!(ErrorKind::RateLimited.to_string(), "rate limited");
/// ```
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str().replace('_', " "))
    }
}

/// Writes the name: `"rate_limited"`.
///
/// ```
/// use controlplane::ErrorKind;
///
/// assert_eq!(serde_json::to_string(&ErrorKind::RateLimited)?, r#""rate_limited""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
