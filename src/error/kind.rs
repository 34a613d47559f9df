//! The kinds of errors.

use std::fmt;

use serde::{Serialize, Serializer};

#[cfg(doc)]
use super::Error;

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
    /// No connection, or the connection broke. If the call changes something, nothing of it was sent, or it
    /// was taken and there is a [`request_id`](Error::request_id).
    Transport,
    /// The TLS handshake failed or the server's certificate is not trusted. Nothing was sent.
    Tls,
    /// The resource exists but is not ready: a cluster without an address, a result that is still being
    /// written. Wait, then ask again: [`api_status`](Error::api_status) is its state,
    /// [`retry_after`](Error::retry_after) the time that the server suggests.
    NotReady,
    /// The server answered something that this client cannot make sense of, or a redirect.
    UnexpectedResponse,
    /// A request that changes something may have been taken, and no answer tells. It was not sent again:
    /// look before you repeat it.
    OutcomeUnknown,
    /// The operation ended, and it failed.
    OperationFailed,
    /// A call of a batch that was not submitted: one that it comes after did not succeed, or the batch was
    /// stopped.
    Skipped,
    /// The journal of a batch could not be read or written, or does not fit. Of the call that it is told for,
    /// nothing was sent.
    Journal,
    /// The result is larger than a limit of the client allows. Read it as a stream or raise the limit.
    LimitExceeded,
    /// The program cancelled the call, with a [`CancelToken`](crate::CancelToken). Whatever the call started
    /// at the service continues there.
    Cancelled,
    /// A local file or stream that the call sends could not be read, or its length changed.
    Io,
    /// The time of the call is over. If there is a [`request_id`](Error::request_id), the operation goes on
    /// at the server and the wait can be resumed; if there is none, nothing was sent, or the call only reads.
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

/// The name with blanks: `rate limited`.
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

/// The name: `"rate_limited"`.
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
