//! Looking up the names of hosts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, http};

use crate::transport::addresses::in_turns;
use crate::transport::lookup::Lookups;

use super::call::{CALL, interrupted, limited};
use super::wire::Until;

/// How many addresses ureq can hold.
const MAX_ADDRESSES: usize = 16;

/// How long the addresses of a name are believed, unless no connection to them can be made.
pub(super) const LOOKUP_LASTS: Duration = Duration::from_secs(30);

/// Looks up names. Addresses need no lookup.
///
/// ureq asks before each request, even if it then uses a connection that it has kept. So the last answer is
/// kept: else a poll would cost a thread and a lookup, and fail with it.
#[derive(Debug, Default)]
pub(super) struct Resolving<R = System> {
    lookup: R,
    pub(super) last: Arc<LastLookup>,
}

/// Looks up names by the system, on a thread that can be left. ureq's own resolver panics if there is no
/// thread.
#[derive(Debug, Default)]
pub(super) struct System(Lookups);

impl Resolver for System {
    fn resolve(
        &self,
        uri: &http::Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let address = uri
            .scheme()
            .zip(uri.authority())
            .and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority))
            .ok_or(Error::HostNotFound)?;
        let lookup = self.0.begin(&address).map_err(|error| Error::Other(Box::new(error)))?;
        let interrupt = CALL.with_borrow(|call| call.interrupt.clone());
        let nudged = lookup.clone();
        let nudge: Arc<dyn Fn() + Send + Sync> = Arc::new(move || nudged.nudge());
        if let Some(interrupt) = &interrupt {
            interrupt.on_trip(&nudge);
        }
        let is_interrupted = || interrupt.as_ref().is_some_and(|interrupt| interrupt.is_tripped());
        let until = Until::from_now(limited(timeout));
        let found = match lookup.wait(until.at(), is_interrupted) {
            Some(found) => found.map_err(|error| Error::Other(Box::new(error)))?,
            None if is_interrupted() => return Err(interrupted()),
            None => return Err(until.over()),
        };
        let mut addresses = self.empty();
        in_turns(&found).into_iter().take(MAX_ADDRESSES).for_each(|address| addresses.push(address));
        if addresses.is_empty() { Err(Error::HostNotFound) } else { Ok(addresses) }
    }
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

    /// Puts an address first, so that the next connection begins with it.
    pub(super) fn prefer(&self, address: SocketAddr) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = last.as_mut() else { return };
        if let Some(at) = found.addresses.iter().position(|other| *other == address) {
            found.addresses[..=at].rotate_right(1);
        }
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
    ) -> Result<ResolvedSocketAddrs, Error> {
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
    use crate::transport::SendErrorKind;

    use super::super::failure::Road;
    use super::*;

    /// Finds the same for every name, and counts.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl Resolver for Counting {
        fn resolve(&self, _: &http::Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
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
    fn an_address_that_answered_is_first() {
        let resolver = Resolving::<System>::default();
        let uri: http::Uri = "https://a.example/x".parse().unwrap();
        let mut addresses = resolver.empty();
        let all: Vec<SocketAddr> = (1..4).map(|last| SocketAddr::from(([192, 0, 2, last], 443))).collect();
        all.iter().for_each(|address| addresses.push(*address));
        let (scheme, authority) = (uri.scheme().cloned(), uri.authority().cloned());
        resolver.last.set(Some(Found { scheme, authority, addresses, at: Instant::now() }));
        resolver.last.prefer(all[1]);
        // One of another name changes nothing.
        resolver.last.prefer(SocketAddr::from(([192, 0, 2, 9], 443)));
        assert_eq!(resolver.last.get(&uri, Instant::now()).unwrap()[..], [all[1], all[0], all[2]]);
    }

    #[test]
    fn without_a_thread_nothing_is_sent() {
        let resolver = System(Lookups::without_threads());
        let config = Agent::new_with_defaults().config().clone();
        let timeout =
            NextTimeout { after: LONGEST.into(), reason: Timeout::Resolve, per_read: None, per_write: None };
        let error = resolver.resolve(&"http://h.example".parse().unwrap(), &config, timeout).unwrap_err();
        let road = Road { host: "h.example", proxy: None, timeout: LONGEST };
        let error = road.classify(error, false);
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Connect, false), "{error}");
        assert!(error.to_string().contains("thread"), "{error}");
    }

    #[test]
    fn a_lookup_ends_with_the_call() {
        let resolver = System::default();
        let config = Agent::new_with_defaults().config().clone();
        let after = |after: Duration| NextTimeout {
            after: after.into(),
            reason: Timeout::Resolve,
            per_read: None,
            per_write: None,
        };
        let uri: http::Uri = "http://localhost:1".parse().unwrap();
        let found = resolver.resolve(&uri, &config, after(LONGEST)).unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()), "{found:?}");
        let late = resolver.resolve(&uri, &config, after(Duration::ZERO));
        // It may have been as quick as that.
        assert!(matches!(late, Ok(_) | Err(Error::Timeout(_))), "{late:?}");
        let interrupt = crate::http::Interrupt::new();
        interrupt.trip();
        CALL.with_borrow_mut(|call| call.interrupt = Some(interrupt));
        let cut = resolver.resolve(&uri, &config, after(LONGEST));
        CALL.with_borrow_mut(|call| call.interrupt = None);
        assert!(matches!(cut, Ok(_) | Err(Error::Io(_))), "{cut:?}");
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
