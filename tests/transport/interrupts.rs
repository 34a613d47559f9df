//! Blocking requests that another thread ends while they have no connection yet.

use std::io::{ErrorKind, Read};
use std::sync::mpsc;
use std::time::Duration;

use controlplane::http::Interrupt;
use controlplane::transport::{Proxy, SendErrorKind, Transport, UreqTransport};

use crate::both::{CA, config, post};
use crate::counted_server::CountedServer;

/// Longer than a test waits: what ends before was interrupted.
const LONG: Duration = Duration::from_secs(600);

/// A server, or a proxy, that reads something and never answers.
#[test]
fn a_handshake_and_a_tunnel_that_hang_end_with_the_interrupt() {
    for through_proxy in [false, true] {
        let (hears, heard) = mpsc::channel();
        let server = CountedServer::start(move |mut stream, _| {
            let mut bytes = [0; 1024];
            let _ = stream.read(&mut bytes);
            hears.send(true).unwrap();
            // What is left of the first message, and then the end, unless this server gives up before.
            let mut read = stream.read(&mut bytes);
            while read.as_ref().is_ok_and(|length| *length > 0) {
                read = stream.read(&mut bytes);
            }
            let gave_up = read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
            hears.send(!gave_up).unwrap();
        });
        let mut config = config();
        config.connect_timeout = LONG;
        config.extra_ca_pem = Some(CA.to_vec());
        let mut target = format!("https://localhost:{}", server.addr.port());
        if through_proxy {
            config.proxy = Proxy::Url(server.url());
            target = "https://target.test".to_owned();
        }
        let transport = UreqTransport::new(&config).unwrap();
        let interrupt = Interrupt::new();
        let mut request = post(&target);
        request.interrupt = Some(interrupt.clone());
        let error = std::thread::scope(|scope| {
            let sending = scope.spawn(|| Transport::send(&transport, &request, LONG).unwrap_err());
            heard.recv().unwrap();
            interrupt.trip();
            sending.join().unwrap()
        });
        assert!(heard.recv().unwrap(), "the interrupt did not close the connection");
        assert!(!error.is_sent() && error.kind() != SendErrorKind::Timeout, "{error:?}");
        // A request that begins later makes no connection.
        let late = Transport::send(&transport, &request, LONG).unwrap_err();
        assert!(!late.is_sent(), "{late:?}");
        assert_eq!(server.connections(), 1);
    }
}
