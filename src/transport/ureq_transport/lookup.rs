//! Looking up the names of hosts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long the addresses of a name are believed, unless no connection to them can be made.
pub(super) const LOOKUP_LASTS: Duration = Duration::from_secs(30);

/// Looks up names as ureq does by itself: on a thread of its own, so that it can be given up. Addresses need no thread.
///
/// ureq asks before each request, even if it then uses a connection that it has kept. So the last answer is kept: else a
/// poll would cost a thread and a lookup, and fail with it.
#[derive(Debug, Default)]
pub(super) struct Resolving<R = DefaultResolver> {
    lookup: R,
    pub(super) last: Arc<LastLookup>,
}

#[derive(Debug, Default)]
pub(super) struct LastLookup(Mutex<Option<Found>>);

#[derive(Debug)]
pub(super) struct Found {
    pub(super) scheme: Option<http::uri::Scheme>,
    pub(super) authority: Option<http::uri::Authority>,
    pub(super) addresses: ResolvedSocketAddrs,
    pub(super) at: Instant,
}

impl LastLookup {
    pub(super) fn get(&self, uri: &http::Uri, now: Instant) -> Option<ResolvedSocketAddrs> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = last.as_ref()?;
        let good = found.scheme.as_ref() == uri.scheme()
            && found.authority.as_ref() == uri.authority()
            && now.saturating_duration_since(found.at) < LOOKUP_LASTS;
        good.then(|| found.addresses.clone())
    }

    pub(super) fn set(&self, found: Option<Found>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

impl<R: Resolver> Resolver for Resolving<R> {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        if let Some(address) = address_in(uri) {
            let mut addresses = self.empty();
            addresses.push(address);
            return Ok(addresses);
        }
        if let Some(addresses) = self.last.get(uri, Instant::now()) {
            return Ok(addresses);
        }
        let addresses = self.lookup.resolve(uri, config, timeout)?;
        self.last.set(Some(Found {
            scheme: uri.scheme().cloned(),
            authority: uri.authority().cloned(),
            addresses: addresses.clone(),
            at: Instant::now(),
        }));
        Ok(addresses)
    }
}

/// The address that an `http` or `https` URL has in place of a name.
pub(super) fn address_in(uri: &http::Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some(SocketAddr::new(host.parse().ok()?, uri.port_u16().unwrap_or(port)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ureq::{Agent, Timeout};

    use crate::http::LONGEST;

    use super::*;

    /// Finds the same for every name, and counts.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl Resolver for Counting {
        fn resolve(
            &self,
            _: &http::Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let mut addresses = self.empty();
            addresses.push(SocketAddr::from(([127, 0, 0, 1], 1)));
            Ok(addresses)
        }
    }

    #[test]
    fn a_name_is_looked_up_again_only_when_it_must_be() {
        let resolver: Resolving<Counting> = Resolving::default();
        let config = Agent::new_with_defaults().config().clone();
        let timeout =
            NextTimeout { after: LONGEST.into(), reason: Timeout::Resolve, per_read: None, per_write: None };
        let lookups = |url: &str| {
            let found = resolver.resolve(&url.parse().unwrap(), &config, timeout).unwrap();
            assert_eq!(found.len(), 1);
            resolver.lookup.0.load(Ordering::Relaxed)
        };
        assert_eq!(lookups("https://a.example/x"), 1);
        assert_eq!(lookups("https://a.example/y"), 1);
        assert_eq!(lookups("https://127.0.0.1/y"), 1);
        // Another port, another name, another time.
        assert_eq!(lookups("https://a.example:8443/x"), 2);
        assert_eq!(lookups("http://a.example:8443/x"), 3);
        assert_eq!(lookups("https://b.example/x"), 4);
        let uri = "https://b.example/x".parse().unwrap();
        let soon = Instant::now() + LOOKUP_LASTS - Duration::from_secs(1);
        assert!(resolver.last.get(&uri, soon).is_some());
        assert!(resolver.last.get(&uri, soon + Duration::from_secs(1)).is_none());
        resolver.last.set(None);
        assert_eq!(lookups("https://b.example/x"), 5);
    }

    #[test]
    fn addresses_are_read_as_ureq_reads_them() {
        for (url, expected) in [
            ("http://127.0.0.1", Some("127.0.0.1:80")),
            ("https://127.0.0.1/x", Some("127.0.0.1:443")),
            ("http://[::1]:8080/x", Some("[::1]:8080")),
            ("http://user@10.0.0.1:1", Some("10.0.0.1:1")),
            ("http://localhost:80", None),
            ("http://127.1:80", None),
            ("ftp://127.0.0.1", None),
        ] {
            let uri = url.parse().unwrap();
            assert_eq!(address_in(&uri), expected.map(|address| address.parse().unwrap()), "{url}");
            if let Some(address) = address_in(&uri) {
                let host = DefaultResolver::host_and_port(uri.scheme().unwrap(), uri.authority().unwrap());
                let all: Vec<SocketAddr> =
                    std::net::ToSocketAddrs::to_socket_addrs(&host.unwrap()).unwrap().collect();
                assert_eq!(all, [address], "{url}");
            }
        }
    }
}
