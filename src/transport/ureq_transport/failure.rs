//! What ureq's errors mean, in the words of all transports.

use std::time::Duration;

use ureq::Timeout;

use crate::transport::{SendError, SendErrorKind, tls};

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

        let Self { host, timeout, .. } = self;
        // Whom the connection is made to.
        let peer = self.proxy.map_or_else(|| (*host).to_owned(), |proxy| format!("the proxy {proxy}"));
        let (kind, message) = match &error {
            E::BadUri(why) => (K::InvalidRequest, format!("the request to {host} cannot be sent: {why}")),
            E::Http(_) | E::RequireHttpsOnly(_) => {
                (K::InvalidRequest, format!("the request to {host} cannot be sent"))
            }
            E::InvalidProxyUrl => (K::Proxy, "the proxy's URL is not one".into()),
            E::ConnectProxyFailed(why) => (K::Proxy, format!("{peer} refused: {why}")),
            E::HostNotFound => (K::Dns, format!("{peer} has no address")),
            E::ConnectionFailed => (K::Connect, format!("no connection to {peer}")),
            E::Timeout(Timeout::Resolve) => (K::Timeout, format!("looking up {peer} took too long")),
            E::Timeout(Timeout::Connect) => (K::Timeout, format!("connecting to {peer} took too long")),
            E::Timeout(_) if !sent => (K::Timeout, format!("no connection to {peer} within {timeout:.1?}")),
            E::Timeout(_) => (K::Timeout, format!("no whole answer from {host} within {timeout:.1?}")),
            E::BodyExceedsLimit(limit) => (
                K::BodyTooLarge,
                format!("the answer's body is larger than {} bytes", limit.saturating_sub(1)),
            ),
            E::LargeResponseHeader(..) => (K::Protocol, "the answer's header is too large".into()),
            E::Protocol(_) if sent => (K::Protocol, format!("the answer is not HTTP: {error}")),
            E::Protocol(_) if self.proxy.is_some() => {
                (K::Proxy, format!("{peer} does not answer in HTTP: {error}"))
            }
            E::Protocol(_) => (K::InvalidRequest, format!("the request cannot be sent: {error}")),
            E::Rustls(e) => tls::failure(e),
            E::Tls(_) | E::Pem(_) | E::TlsRequired => (K::Tls, format!("the TLS handshake failed: {error}")),
            E::Io(io) => match tls::cause(io) {
                Some(e) => tls::failure(e),
                None if sent => (K::Closed, format!("the connection to {host} broke: {io}")),
                None if is_lookup(io) => (K::Dns, format!("{peer} has no address: {io}")),
                None if self.proxy.is_some() && io.raw_os_error().is_none() => {
                    (K::Proxy, format!("{peer} refused: {io}"))
                }
                None => (K::Connect, format!("no connection to {peer}: {io}")),
            },
            _ if sent => (K::Closed, error.to_string()),
            _ => (K::Connect, error.to_string()),
        };
        SendError::new(kind, sent, message).with_source(error)
    }
}

/// True for the error of looking up a host's name. The standard library has no kind for it.
pub(super) fn is_lookup(io: &std::io::Error) -> bool {
    io.raw_os_error().is_none() && io.to_string().contains("lookup address")
}
