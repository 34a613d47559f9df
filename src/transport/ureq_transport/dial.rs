//! Making a TCP connection that the interrupt of its call gives up.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use ureq::unversioned::transport::ShutdownHandle;

use super::socket::Socket;

/// Connects within this time. The socket is registered before it connects: shutting it down ends the wait with an
/// error.
pub(super) fn dial(
    address: &SocketAddr,
    time: Duration,
    register: impl FnOnce(Weak<dyn ShutdownHandle>),
) -> io::Result<Arc<Socket>> {
    let socket = Arc::new(Socket::for_address(address)?);
    let handle: Weak<Socket> = Arc::downgrade(&socket);
    register(handle);
    socket.connect(address, time)?;
    Ok(socket)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::http::{Interrupt, Method, Request};
    use crate::transport::addresses::silent::Silent;
    use crate::transport::{HttpConfig, Proxy, SendErrorKind, Transport, UreqTransport};

    /// Longer than a test waits: what ends before was interrupted.
    const LONG: Duration = Duration::from_secs(600);

    /// The number of sockets of this machine that are connecting to the port.
    fn connecting(port: u16) -> usize {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let peer = format!(":{port:04X}");
        let is_connecting = |line: &&str| {
            let mut columns = line.split_whitespace().skip(2);
            // SYN_SENT.
            columns.next().is_some_and(|remote| remote.ends_with(&peer)) && columns.next() == Some("02")
        };
        table.lines().skip(1).filter(is_connecting).count()
    }

    /// Waits for one more.
    fn until_more_are_connecting(port: u16, before: usize) {
        while connecting(port) <= before {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_socket_that_is_shut_down_does_not_wait_for_its_peer() {
        let silent = Silent::new();
        let (address, before) = (silent.address(), connecting(silent.address().port()));
        let shut = dial(&address, LONG, |socket| socket.upgrade().unwrap().shutdown());
        assert_ne!(shut.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (give, take) = mpsc::channel();
        let dialing = std::thread::spawn(move || dial(&address, LONG, |socket| give.send(socket).unwrap()));
        let socket = take.recv().unwrap();
        until_more_are_connecting(address.port(), before);
        socket.upgrade().unwrap().shutdown();
        assert_ne!(dialing.join().unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn an_interrupt_ends_a_request_that_waits_for_its_connection() {
        let silent = Silent::new();
        let (port, before) = (silent.address().port(), connecting(silent.address().port()));
        let config = HttpConfig { proxy: Proxy::None, connect_timeout: LONG, ..HttpConfig::default() };
        let transport = UreqTransport::new(&config).unwrap();
        let interrupt = Interrupt::new();
        let mut request = Request::new(Method::Post, format!("http://{}", silent.address()), "/");
        request.interrupt = Some(interrupt.clone());
        let error = std::thread::scope(|scope| {
            let sending = scope.spawn(|| transport.send(&request, LONG).unwrap_err());
            until_more_are_connecting(port, before);
            interrupt.trip();
            sending.join().unwrap()
        });
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Connect, false), "{error}");
        assert!(error.to_string().contains("interrupted"), "{error}");
    }
}
