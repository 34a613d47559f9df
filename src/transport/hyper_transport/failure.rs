//! Why no response arrived.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use crate::transport::lookup::LookupError;
use crate::transport::tunnel::Refusal;
use crate::transport::{SendError, SendErrorKind, proxy, tls};

use super::BoxError;

/// What kept an answer from arriving.
pub(super) enum Failure {
    Invalid(BoxError),
    Connect(BoxError),
    ConnectTimeout,
    Timeout,
    /// The connection ended and gave no answer.
    Ended,
    Http(hyper::Error),
    TooLarge,
}

impl Failure {
    pub(super) fn invalid(error: impl Into<BoxError>) -> Self {
        Self::Invalid(error.into())
    }

    pub(super) fn http(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

/// Where a request went, for what is said of its failure.
pub(super) struct Road<'a> {
    pub(super) host: &'a str,
    pub(super) proxy: Option<&'a str>,
    pub(super) limit: usize,
    pub(super) time: Duration,
}

impl Road<'_> {
    pub(super) fn classify(&self, failure: Failure, sent: bool) -> SendError {
        use SendErrorKind as K;

        let Self { host, limit, .. } = self;
        let time = format!("{:.1} s", self.time.as_secs_f64());
        // Whom the connection is made to.
        let peer = self.proxy.map_or_else(|| (*host).to_owned(), |proxy| format!("the proxy {proxy}"));
        match failure {
            Failure::Invalid(e) => {
                SendError::new(K::InvalidRequest, false, format!("the request to {host} cannot be sent: {e}"))
                    .with_source(e)
            }
            Failure::ConnectTimeout => {
                SendError::new(K::Timeout, false, format!("connecting to {peer} timed out"))
            }
            Failure::Timeout if sent => {
                SendError::new(K::Timeout, true, format!("no complete response from {host} within {time}"))
            }
            Failure::Timeout => {
                SendError::new(K::Timeout, false, format!("no connection to {peer} within {time}"))
            }
            Failure::TooLarge => SendError::new(
                K::BodyTooLarge,
                sent,
                format!("the response body is larger than {limit} bytes"),
            ),
            Failure::Ended => {
                let kind = if sent { K::Closed } else { K::Connect };
                SendError::new(kind, sent, format!("the connection to {host} ended"))
            }
            Failure::Http(e) if tls::cause(&e).is_some() => match tls::cause(&e) {
                Some(tls) => tls::error(tls, &peer, sent).with_source(e),
                None => SendError::new(K::Tls, sent, e.to_string()),
            },
            Failure::Http(e) if e.is_parse() || has_bad_frame(&e) => {
                SendError::new(K::Protocol, sent, format!("the response is not HTTP: {}", causes(&e)))
                    .with_source(e)
            }
            Failure::Http(e) => {
                let kind = if sent { K::Closed } else { K::Connect };
                SendError::new(kind, sent, format!("the connection to {host} broke: {}", causes(&e)))
                    .with_source(e)
            }
            Failure::Connect(e) => self.not_connected(&peer, e),
        }
    }

    fn not_connected(&self, peer: &str, error: BoxError) -> SendError {
        use SendErrorKind as K;

        let all = causes(&*error);
        if let Some(tls) = tls::cause(&*error) {
            return tls::error(tls, peer, false).with_source(error);
        }
        // The errors of hyper-util have no public types.
        let is_refused_socks = all.contains("SOCKS error")
            && (all.contains("authentication") || all.contains("credentials not accepted"));
        let (kind, message) = match (tls::find(&*error), tls::find(&*error)) {
            (Some(lookup @ LookupError::NoThread(_)), _) => {
                (K::Connect, format!("no connection to {peer}: {lookup}"))
            }
            (Some(lookup), _) => (K::Dns, format!("{peer} has no address: {lookup}")),
            (_, Some(Refusal::Authentication)) => {
                return proxy::not_authenticated(peer, "HTTP 407").with_source(error);
            }
            (_, Some(refusal)) => (K::Proxy, format!("{peer} refused the CONNECT request: {refusal}")),
            _ if is_refused_socks => return proxy::not_authenticated(peer, &all).with_source(error),
            _ if os_error(&*error).is_some_and(|kind| kind == io::ErrorKind::TimedOut) => {
                (K::Timeout, format!("connecting to {peer} timed out"))
            }
            _ if self.proxy.is_some() && os_error(&*error).is_none() => {
                (K::Proxy, format!("{peer} refused: {all}"))
            }
            _ => (K::Connect, format!("no connection to {peer}: {all}")),
        };
        SendError::new(kind, false, message).with_source(error)
    }
}

/// True if the body's framing is broken.
fn has_bad_frame(error: &hyper::Error) -> bool {
    let io = error.source().and_then(|e| e.downcast_ref::<io::Error>());
    io.is_some_and(|e| matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

/// What the operating system said, if it was it.
fn os_error(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let here = error.downcast_ref::<io::Error>();
    match here {
        Some(io) if io.raw_os_error().is_some() || io.kind() == io::ErrorKind::TimedOut => Some(io.kind()),
        Some(io) => {
            io.get_ref().and_then(|inner| os_error(inner)).or_else(|| error.source().and_then(os_error))
        }
        None => error.source().and_then(os_error),
    }
}

/// An error and what is behind it, on one line.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
