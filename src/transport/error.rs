//! The reason why no response arrived.

use std::borrow::Cow;
use std::error::Error as StdError;

use thiserror::Error;

/// The kind of a [`SendError`]: the reason why no complete response arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The request cannot be sent: the URL or a header is invalid.
    InvalidRequest,
    /// The name of the host cannot be resolved.
    Dns,
    /// There was no connection: it was refused, or the host is unreachable.
    Connect,
    /// The proxy did not connect to the host, or the proxy's URL is not valid.
    Proxy,
    /// The proxy does not accept the user and password, or asks for them. The client does not send the
    /// request again, because a wrong password may lock the account.
    ProxyAuthentication,
    /// The TLS handshake failed.
    Tls,
    /// The server's certificate is not trusted.
    Certificate,
    /// The server's certificate has expired or is not valid yet, by this machine's clock.
    CertificateExpired,
    /// The time limit of connecting, of the request, or of the next piece of a body has passed.
    Timeout,
    /// The connection broke, or ended before the end of the response.
    Closed,
    /// The response is not HTTP.
    Protocol,
    /// The body of the response is larger than the request allows.
    BodyTooLarge,
    /// The response is compressed in a way that was not requested, or the compression is invalid.
    Encoding,
    /// The program cancelled the call.
    Cancelled,
    /// There is no access token for the request. The source of the error is the [`Error`](crate::Error) with
    /// the reason.
    Token,
}

impl SendErrorKind {
    /// Returns the name of the kind, such as `timeout`.
    ///
    /// ```
    /// use controlplane::transport::SendErrorKind;
    ///
    /// assert_eq!(SendErrorKind::BodyTooLarge.as_str(), "body_too_large");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::ProxyAuthentication => "proxy_authentication",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::CertificateExpired => "certificate_expired",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::BodyTooLarge => "body_too_large",
            Self::Encoding => "encoding",
            Self::Cancelled => "cancelled",
            Self::Token => "token",
        }
    }
}

/// The error of a transport: the reason why no complete response arrived, and whether anything of the request
/// was sent.
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
    /// Returns an error of this kind with this message, which must not contain secrets. `sent` must be true
    /// unless it is certain that nothing of the request was sent.
    pub fn new(kind: SendErrorKind, sent: bool, message: impl Into<String>) -> Self {
        Self { kind, sent, message: message.into(), status: None, advice: None, source: None }
    }

    /// Sets the cause of the error.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets the advice: what to do, in whole sentences, without secrets.
    pub fn with_advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Returns the advice, if there is one.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Sets the HTTP status of a response that arrived but cannot be used.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Returns the HTTP status of a response that arrived but cannot be used, or `None` if no response
    /// arrived.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// Returns the error about the access token, if that is the reason.
    #[cfg(service)]
    pub(crate) fn token_error(&self) -> Option<&crate::Error> {
        self.source.as_deref()?.downcast_ref()
    }

    /// Returns true if the request, or a part of it, may have been sent, and false if it is certain that
    /// nothing was sent.
    pub fn is_sent(&self) -> bool {
        self.sent
    }
}
