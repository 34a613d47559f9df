//! Why no answer arrived.

use std::borrow::Cow;
use std::error::Error as StdError;

use thiserror::Error;

/// What kept an answer from arriving whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The request cannot be sent at all: a bad URL, a header that cannot travel.
    InvalidRequest,
    /// The host's name has no address.
    Dns,
    /// No connection: refused, unreachable.
    Connect,
    /// The proxy did not let us through.
    Proxy,
    /// The proxy does not accept the user and password, or asks for them. Sending them again may lock the
    /// account.
    ProxyAuthentication,
    /// The TLS handshake failed.
    Tls,
    /// The server's certificate is not trusted.
    Certificate,
    /// The server's certificate has expired or is not valid yet, by this machine's clock.
    CertificateExpired,
    /// It took too long.
    Timeout,
    /// The connection broke, or ended before the answer did.
    Closed,
    /// What came is not HTTP.
    Protocol,
    /// The body is larger than the request allows.
    BodyTooLarge,
    /// The answer is compressed in a way that was not asked for, or the compression is broken.
    Encoding,
    /// The program cancelled the call.
    Cancelled,
    /// There is no access token to send it with. The source is the [`Error`](crate::Error) that says why.
    Token,
}

/// Why no answer arrived, and whether anything was sent.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct SendError {
    kind: SendErrorKind,
    sent: bool,
    message: String,
    status: Option<u16>,
    advice: Option<Cow<'static, str>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SendError {
    /// `sent`: true unless it is certain that nothing of the request left. The message must not hold secrets.
    pub fn new(kind: SendErrorKind, sent: bool, message: impl Into<String>) -> Self {
        Self { kind, sent, message: message.into(), status: None, advice: None, source: None }
    }

    /// The error behind this one.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What to do about it, in whole sentences, without secrets.
    pub fn with_advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Returns what to do about it, if that is known.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The status of the answer that arrived, and could not be used.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The status of an answer that arrived and could not be used; `None` if there was none.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// What kept the answer from arriving.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// What there is instead of a token, if that is what is missing.
    #[cfg(service)]
    pub(crate) fn token_error(&self) -> Option<&crate::Error> {
        self.source.as_deref()?.downcast_ref()
    }

    /// False only if it is certain that nothing of the request left.
    pub fn is_sent(&self) -> bool {
        self.sent
    }
}
