//! Connecting to a host that has several addresses: the order, the time for each, and the options of a
//! connection.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// An address that does not answer keeps a connection from the next address for no longer than this.
pub(super) const MOST_FOR_ONE: Duration = Duration::from_secs(2);

/// A connection that is silent for this long is probed, so that what is between keeps it and a peer that is
/// gone is noticed.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Returns the addresses in turns of IPv6 and IPv4, beginning with the family that the system prefers: a
/// family that leads nowhere then costs the time of one address.
pub(super) fn in_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (preferred, others): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first.is_ipv6());
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    let mut all = Vec::with_capacity(addresses.len());
    loop {
        let before = all.len();
        all.extend(preferred.next());
        all.extend(others.next());
        if all.len() == before {
            return all;
        }
    }
}

/// Returns the time for connecting to one address, of the time that is left, if this many come after it.
pub(super) fn share(left: Duration, after_it: usize) -> Duration {
    let after_it = u32::try_from(after_it).unwrap_or(u32::MAX);
    if after_it == 0 { left } else { (left / after_it.saturating_add(1)).min(MOST_FOR_ONE) }
}

/// Sets the options of a new connection: no delay of small writes, and keepalive probes.
pub(super) fn set_options(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
    // Elsewhere the interval cannot be set.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "windows"))]
    let keepalive = keepalive.with_interval(KEEPALIVE);
    // A connection serves without.
    if let Err(error) = SockRef::from(stream).set_tcp_keepalive(&keepalive) {
        log::debug!("keepalive could not be enabled: {error}");
    }
    Ok(())
}

/// An address that does not answer, for tests.
#[cfg(test)]
pub(super) mod silent {
    use std::net::{SocketAddr, TcpListener};

    use socket2::{Domain, Socket, Type};

    /// A listener whose queue is full. The system then ignores whoever wants to connect.
    pub(in crate::transport) struct Silent {
        listener: Socket,
        _queue: Vec<Socket>,
    }

    impl Silent {
        pub(in crate::transport) fn new() -> Self {
            let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
            listener.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let queue = std::iter::repeat_with(|| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                let _ = socket.connect(&address);
                socket
            });
            Self { _queue: queue.take(8).collect(), listener }
        }

        pub(in crate::transport) fn address(&self) -> SocketAddr {
            self.listener.local_addr().unwrap().as_socket().unwrap()
        }

        /// A listener that answers.
        pub(in crate::transport) fn other() -> (TcpListener, SocketAddr) {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            (listener, address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_nothing_is_lost() {
        let all = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        for (given, expected) in [
            (&[][..], &[][..]),
            (&["192.0.2.1:1"], &["192.0.2.1:1"]),
            (
                &["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", "192.0.2.1:1"],
                &["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "[2001:db8::3]:1"],
            ),
            (
                &["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1"],
                &["192.0.2.1:1", "[2001:db8::1]:1", "192.0.2.2:1"],
            ),
        ] {
            assert_eq!(in_turns(&all(given)), all(expected));
        }
    }

    #[test]
    fn one_address_of_several_has_at_most_two_seconds() {
        let seconds = Duration::from_secs;
        assert_eq!(share(seconds(10), 0), seconds(10));
        assert_eq!(share(seconds(10), 1), seconds(2));
        assert_eq!(share(seconds(10), 9), seconds(1));
        assert_eq!(share(seconds(1), 1), Duration::from_millis(500));
        assert_eq!(share(Duration::MAX, usize::MAX), seconds(2));
    }

    #[test]
    fn keepalive_is_on() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(!SockRef::from(&stream).keepalive().unwrap());
        set_options(&stream).unwrap();
        assert!(SockRef::from(&stream).keepalive().unwrap());
        assert!(stream.nodelay().unwrap());
    }
}
