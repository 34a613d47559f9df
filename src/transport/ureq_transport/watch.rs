//! Connections: what is written to them is noted, and they can be cut.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, ShutdownHandle, Transport as Wire,
};

use super::call::{CALL, Present};
use super::lookup::{LastLookup, Resolving};

/// What connects and what looks up names, which know of each other.
pub(super) fn parts() -> (Watching, Resolving) {
    let resolver = Resolving::default();
    (Watching { connector: DefaultConnector::default(), looked_up: resolver.last.clone() }, resolver)
}

/// Connects as ureq does by itself, and notes what is written once the connection stands. What is written before
/// (TLS, the proxy's CONNECT) is nothing of the request.
#[derive(Debug)]
pub(super) struct Watching {
    connector: DefaultConnector,
    /// Forgotten when no connection can be made: the host may have moved.
    looked_up: Arc<LastLookup>,
}

impl Connector<()> for Watching {
    type Out = Watched;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Watched>, ureq::Error> {
        let sockets = Arc::new(Sockets::default());
        let guard = Guard::new(&sockets)?;
        let (theirs, ours) = (details.register_shutdown.clone(), sockets.clone());
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: Arc::new(move |socket| {
                ours.add(socket.clone());
                theirs(socket)
            }),
        };
        let result = self.connector.connect(&details, chained);
        Present::connected();
        if result.is_err() {
            self.looked_up.set(None);
        }
        Ok(result?.map(|wire| Watched { wire, sockets, guard }))
    }
}

/// The sockets of one connection.
#[derive(Default)]
pub(super) struct Sockets(Mutex<Vec<Weak<dyn ShutdownHandle>>>);

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sockets")
    }
}

impl Sockets {
    fn add(&self, socket: Weak<dyn ShutdownHandle>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
    }

    /// Whoever reads from them or writes to them gets an end or an error.
    fn shut(&self) {
        for socket in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            if let Some(socket) = socket.upgrade() {
                socket.shutdown();
            }
        }
    }
}

/// What lets the interrupt of a call end its connection, as long as it is that call's.
pub(super) struct Guard {
    call: Option<Arc<()>>,
    _shut: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    fn is_of(&self, call: &Present) -> bool {
        match (&self.call, &call.id) {
            (Some(ours), Some(its)) => Arc::ptr_eq(ours, its),
            (None, None) => true,
            _ => false,
        }
    }

    /// For the call that this thread is in.
    fn new(sockets: &Arc<Sockets>) -> Result<Self, ureq::Error> {
        let (call, interrupt) = CALL.with_borrow(|call| (call.id.clone(), call.interrupt.clone()));
        let Some(interrupt) = interrupt else { return Ok(Self { call, _shut: None }) };
        if interrupt.is_tripped() {
            return Err(
                std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "it was interrupted").into()
            );
        }
        let sockets = sockets.clone();
        let shut: Arc<dyn Fn() + Send + Sync> = Arc::new(move || sockets.shut());
        interrupt.on_trip(&shut);
        Ok(Self { call, _shut: Some(shut) })
    }
}

#[derive(Debug)]
pub(super) struct Watched {
    wire: Box<dyn Wire>,
    sockets: Arc<Sockets>,
    guard: Guard,
}

impl Wire for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.wire.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        // A connection that was kept serves another call now.
        if !CALL.with_borrow(|call| self.guard.is_of(call)) {
            self.guard = Guard::new(&self.sockets)?;
        }
        let output = self.wire.buffers().output();
        let amount_here = amount.min(output.len());
        CALL.with_borrow_mut(|call| call.writes(&mut output[..amount_here]));
        self.wire.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.wire.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.wire.is_open()
    }

    fn is_tls(&self) -> bool {
        self.wire.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use ureq::unversioned::resolver::Resolver;
    use ureq::{Agent, http};

    use super::super::lookup::Found;
    use super::*;

    #[test]
    fn a_lookup_is_forgotten_when_nothing_listens_there() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (connector, resolver) = parts();
        let last = resolver.last.clone();
        let uri: http::Uri = format!("http://moved.example:{}/", free.port()).parse().unwrap();
        let mut addresses = resolver.empty();
        addresses.push(free);
        let (scheme, authority) = (uri.scheme().cloned(), uri.authority().cloned());
        last.set(Some(Found { scheme, authority, addresses, at: Instant::now() }));
        let config = Agent::config_builder().proxy(None).build();
        Agent::with_parts(config, connector, resolver).get(&uri).call().unwrap_err();
        assert!(last.get(&uri, Instant::now()).is_none());
    }
}
