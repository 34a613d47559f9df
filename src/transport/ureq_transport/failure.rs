//! What ureq's errors mean, in the words of all transports.

use std::time::Duration;

use ureq::Timeout;

use crate::transport::lookup::LookupError;
use crate::transport::tunnel::Refusal;
use crate::transport::{SendError, SendErrorKind, proxy, tls};

/// Where a request went, for what is said of its failure.
pub(super) struct Road<'a> {
    pub(super) host: &'a str,
    pub(super) proxy: Option<&'a str>,
    pub(super) timeout: Duration,
}

impl Road<'_> {
    pub(super) fn classify(&self, error: ureq::Error, sent: bool) -> SendError {
        use SendErrorKind as K;
        use ureq::Error as E;

        let host = self.host;
        let timeout = format!("{:.1} s", self.timeout.as_secs_f64());
        // Whom the connection is made to.
        let peer = self.proxy.map_or_else(|| host.to_owned(), |proxy| format!("the proxy {proxy}"));
        if let Some(tls) = tls_error(&error) {
            return tls::error(tls, &peer, sent).with_source(error);
        }
        let (kind, message) = match &error {
            E::BadUri(why) => (K::InvalidRequest, format!("the request to {host} cannot be sent: {why}")),
            E::Http(_) | E::RequireHttpsOnly(_) => (
                K::InvalidRequest,
                format!("the request to {host} cannot be sent: its URL or a header is not valid"),
            ),
            E::InvalidProxyUrl => (K::Proxy, "the proxy's URL is not valid".into()),
            E::HostNotFound => (K::Dns, format!("{peer} has no address")),
            E::ConnectionFailed => (K::Connect, format!("no connection to {peer}")),
            E::Timeout(Timeout::Resolve) => (K::Timeout, format!("looking up {peer} timed out")),
            E::Timeout(Timeout::Connect) => (K::Timeout, format!("connecting to {peer} timed out")),
            E::Timeout(_) if !sent => (K::Timeout, format!("no connection to {peer} within {timeout}")),
            E::Timeout(_) => (K::Timeout, format!("no complete response from {host} within {timeout}")),
            E::BodyExceedsLimit(limit) => (
                K::BodyTooLarge,
                format!("the response body is larger than {} bytes", limit.saturating_sub(1)),
            ),
            E::LargeResponseHeader(..) => (K::Protocol, "the response header is too large".into()),
            E::Protocol(_) if sent => (K::Protocol, format!("the response is not HTTP: {error}")),
            E::Protocol(_) => (K::InvalidRequest, format!("the request cannot be sent: {error}")),
            E::Tls(_) | E::Pem(_) | E::TlsRequired => (K::Tls, format!("the TLS handshake failed: {error}")),
            E::Io(io) if sent => (K::Closed, format!("the connection to {host} broke: {io}")),
            // From a SOCKS proxy.
            E::Io(io) if self.proxy.is_some() && io.raw_os_error().is_none() => {
                if io.to_string().contains("auth") {
                    return proxy::not_authenticated(&peer, &io.to_string()).with_source(error);
                }
                (K::Proxy, format!("{peer} refused: {io}"))
            }
            E::Io(io) => (K::Connect, format!("no connection to {peer}: {io}")),
            E::Other(other) => match (other.downcast_ref(), other.downcast_ref()) {
                (Some(Refusal::Authentication), _) => {
                    return proxy::not_authenticated(&peer, "HTTP 407").with_source(error);
                }
                (Some(refusal), _) => (K::Proxy, format!("{peer} refused the CONNECT request: {refusal}")),
                (_, Some(lookup @ LookupError::NoThread(_))) => {
                    (K::Connect, format!("no connection to {peer}: {lookup}"))
                }
                (_, Some(lookup)) => (K::Dns, format!("{peer} has no address: {lookup}")),
                (None, None) => (if sent { K::Closed } else { K::Connect }, error.to_string()),
            },
            _ if sent => (K::Closed, error.to_string()),
            _ => (K::Connect, error.to_string()),
        };
        SendError::new(kind, sent, message).with_source(error)
    }
}

fn tls_error(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(io) => tls::cause(io),
        _ => None,
    }
}
