//! Connections: what is written to them is noted, and they can be cut.

use std::fmt;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use ureq::Error;
use ureq::unversioned::transport::time::Duration as Span;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, ShutdownHandle, Transport as Wire,
};

use crate::transport::suspend::{LAST_LOOK, Moment};

use super::call::{CALL, Present, interrupted, limited};
use super::connect::{Connecting, Trust};
use super::interim::skip_interim;
use super::lookup::{LastLookup, Resolving};

/// What connects and what looks up names, which know of each other.
pub(super) fn parts(user_agent: &str, trust: Trust) -> (Watching, Resolving) {
    let resolver = Resolving::default();
    let looked_up = resolver.last.clone();
    (Watching { connecting: Connecting::new(user_agent, trust, looked_up.clone()), looked_up }, resolver)
}

/// Connects, and notes what is written once the connection stands. What is written before (TLS, the proxy's
/// CONNECT) is nothing of the request.
#[derive(Debug)]
pub(super) struct Watching {
    connecting: Connecting,
    /// Forgotten when no connection can be made: the host may have moved.
    looked_up: Arc<LastLookup>,
}

impl Connector<()> for Watching {
    type Out = Watched;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Watched>, Error> {
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
            timeout: limited(details.timeout),
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: Arc::new(move |socket| {
                ours.add(socket.clone());
                theirs(socket)
            }),
        };
        let result = self.connecting.connect(&details);
        Present::connected();
        if result.is_err() {
            self.looked_up.set(None);
        }
        Ok(Some(Watched { wire: result?, sockets, guard, kept: None, held: Vec::new() }))
    }
}

/// The sockets of one connection.
#[derive(Default)]
pub(super) struct Sockets {
    all: Mutex<Vec<Weak<dyn ShutdownHandle>>>,
    are_shut: AtomicBool,
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sockets")
    }
}

impl Sockets {
    fn add(&self, socket: Weak<dyn ShutdownHandle>) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(socket.clone());
        // Whoever shuts the sockets meanwhile has seen this one in the list, or the flag is seen here.
        if self.are_shut.load(Ordering::SeqCst)
            && let Some(socket) = socket.upgrade()
        {
            socket.shutdown();
        }
    }

    /// Whoever reads from them or writes to them gets an end or an error.
    fn shut(&self) {
        self.are_shut.store(true, Ordering::SeqCst);
        for socket in &*self.all.lock().unwrap_or_else(PoisonError::into_inner) {
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
            return Err(interrupted());
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
    /// When it was put aside for another call.
    kept: Option<Moment>,
    /// The head of a request as ureq wrote it, with asterisks. It is written together with what follows, or
    /// before a read, and until then counts as not sent.
    held: Vec<u8>,
}

/// Refuses a write for which no time is left. After a write that failed, one that was too late for one, what is left
/// only has to be passed over.
fn check_time(timeout: NextTimeout) -> Result<(), Error> {
    if timeout.after.is_zero() && !CALL.with_borrow(|call| call.write_failed) {
        return Err(Error::Timeout(timeout.reason));
    }
    Ok(())
}

/// The most that is held: heads are smaller, and a larger piece of a body is worth a write of its own.
const MOST_HELD: usize = 8 * 1024;

impl Watched {
    /// Writes what is held, and this much of the output after it.
    fn write(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        // A connection that was kept serves another call now.
        if !CALL.with_borrow(|call| self.guard.is_of(call)) {
            self.guard = Guard::new(&self.sockets)?;
        }
        // Cancelled while it connected, or by an earlier call: before anything counts as written.
        if self.sockets.are_shut.load(Ordering::SeqCst) {
            return Err(interrupted());
        }
        // A head that is too late stays: without it, what follows would be no request.
        check_time(limited(timeout))?;
        let held = std::mem::take(&mut self.held);
        let output = self.wire.buffers().output();
        let amount = amount.min(output.len());
        let first = (held.len() + amount).min(output.len());
        // What the head leaves no room for.
        let rest = output[first - held.len()..amount].to_vec();
        output.copy_within(..first - held.len(), held.len());
        output[..held.len()].copy_from_slice(&held);
        self.write_now(first, timeout)?;
        if rest.is_empty() {
            return Ok(());
        }
        self.wire.buffers().output()[..rest.len()].copy_from_slice(&rest);
        self.write_now(rest.len(), timeout)
    }

    /// Writes this much of the output, with all values in place.
    fn write_now(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = limited(timeout);
        check_time(timeout)?;
        let output = &mut self.wire.buffers().output()[..amount];
        CALL.with_borrow_mut(|call| call.writes(output));
        self.wire.transmit_output(amount, timeout)
    }

    /// Reads, and looks once more when the time is up: the response may have arrived while this thread did
    /// not run.
    fn read(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let deadline = CALL.with_borrow(|call| call.deadline);
        let timeout = match deadline {
            // The time for a piece of a stream does not limit its head.
            Some(_) => limited(NextTimeout { per_read: None, per_write: None, ..timeout }),
            None => timeout,
        };
        if !timeout.after.is_zero() {
            let result = self.wire.await_input(timeout);
            if !matches!(result, Err(Error::Timeout(_))) {
                return result;
            }
        }
        let now = Instant::now();
        let end = CALL.with_borrow_mut(|call| match deadline {
            Some(_) => *call.last_look.get_or_insert(now + LAST_LOOK),
            None => now + LAST_LOOK,
        });
        let left = end.saturating_duration_since(now);
        if left.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        let after = Span::Exact(left);
        self.wire.await_input(NextTimeout { after, per_read: None, per_write: None, ..timeout })
    }
}

impl Wire for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.wire.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let begins = CALL.with_borrow(|call| call.begins()) && self.held.is_empty();
        // With input there, ureq would not come to read, and what is held would not be written. A head that does not
        // end here has more than one part, which are written as they come.
        if begins && amount <= MOST_HELD && self.wire.buffers().input().is_empty() {
            let output = &self.wire.buffers().output()[..amount];
            if output.ends_with(b"\r\n\r\n") {
                self.held.extend_from_slice(output);
                return Ok(());
            }
        }
        self.write(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.held.is_empty() {
            self.write(0, timeout)?;
        }
        match self.read(timeout) {
            // The end that this side made is not the end of a body.
            Ok(false) if self.sockets.are_shut.load(Ordering::SeqCst) => Err(interrupted()),
            Ok(is_some) => {
                if CALL.with_borrow(|call| call.awaits_head) {
                    skip_interim(self.wire.buffers());
                }
                Ok(is_some)
            }
            // ureq takes these for the end of a body that has no length.
            Err(Error::Io(error))
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                ) =>
            {
                Err(std::io::Error::other(error).into())
            }
            Err(error) => Err(error),
        }
    }

    fn is_open(&mut self) -> bool {
        // Asked when it is put aside and when it is to be used again. What is between does not know it any
        // more after a suspend, and nobody says so.
        let now = Moment::now();
        let slept = self.kept.replace(now).is_some_and(|kept| kept.slept_until(now));
        !slept && self.held.is_empty() && self.wire.is_open()
    }

    fn is_tls(&self) -> bool {
        self.wire.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Duration;

    use ureq::unversioned::resolver::Resolver;
    use ureq::unversioned::transport::LazyBuffers;
    use ureq::{Agent, http};

    use super::super::call::Prepared;
    use super::super::lookup::Found;
    use super::super::socket::Socket;
    use super::super::wire::Tcp;
    use super::*;
    use crate::http::Headers;
    use crate::transport::HttpConfig;
    use crate::transport::roots::Roots;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A connection and its other end.
    fn connected() -> (Watched, std::net::TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let wire = Tcp::new(Arc::new(Socket::new(stream)), LazyBuffers::new(1024, 1024));
        let guard = Guard { call: None, _shut: None };
        let watched =
            Watched { wire: Box::new(wire), sockets: Arc::default(), guard, kept: None, held: Vec::new() };
        (watched, listener.accept().unwrap().0)
    }

    const LONG: NextTimeout = NextTimeout {
        after: Span::NotHappening,
        reason: ureq::Timeout::Global,
        per_read: None,
        per_write: None,
    };

    #[test]
    fn a_connection_that_was_kept_over_a_suspend_is_not_used_again() {
        let (mut watched, _peer) = connected();
        assert!(watched.is_open());
        assert!(watched.is_open());
        watched.kept = Some(Moment::before_suspend(Duration::from_secs(60)));
        assert!(!watched.is_open());
    }

    #[test]
    fn a_response_that_has_arrived_is_read_although_the_time_is_up() {
        let (mut watched, mut peer) = connected();
        peer.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
        CALL.with_borrow_mut(|call| call.deadline = Some(Instant::now()));
        assert!(watched.await_input(LONG).unwrap());
        assert_eq!(watched.buffers().input(), b"HTTP/1.1 200 OK\r\n");
        // There is no other last look.
        CALL.with_borrow_mut(|call| call.last_look = Some(Instant::now()));
        assert!(matches!(watched.await_input(LONG), Err(Error::Timeout(_))));
        // The time for a piece of a stream.
        CALL.set(Present::NONE);
        let short = NextTimeout { per_read: Some(Span::Exact(Duration::from_millis(1))), ..LONG };
        assert!(matches!(watched.await_input(short), Err(Error::Timeout(_))));
        CALL.set(Present::NONE);
    }

    /// A call that may last this long.
    fn begin(time: Duration) {
        let headers = Arc::new(Prepared::new(&Headers::new(), None).unwrap());
        Present::begin(headers, None, None, Some(Instant::now() + time));
    }

    fn transmit(watched: &mut Watched, bytes: &[u8]) -> Result<(), Error> {
        watched.buffers().output()[..bytes.len()].copy_from_slice(bytes);
        watched.transmit_output(bytes.len(), LONG)
    }

    /// Everything that the peer gets until the connection ends.
    fn all(watched: Watched, mut peer: std::net::TcpStream) -> Vec<u8> {
        drop(watched);
        let mut arrived = Vec::new();
        peer.read_to_end(&mut arrived).unwrap();
        arrived
    }

    const HEAD: &[u8] = b"POST / HTTP/1.1\r\n\r\n";

    #[test]
    fn a_head_is_written_with_what_follows() {
        // The last leaves less room in the output than the head takes.
        for body in [0, 1, 1024 - HEAD.len(), 1024 - HEAD.len() + 1, 1024] {
            let (mut watched, peer) = connected();
            begin(MINUTE);
            transmit(&mut watched, HEAD).unwrap();
            assert_eq!(watched.held, HEAD);
            assert!(!watched.is_open() && CALL.with_borrow(Present::begins), "nothing was sent");
            let body: Vec<u8> = (0..body).map(|n| n as u8).collect();
            transmit(&mut watched, &body).unwrap();
            assert!(watched.held.is_empty() && watched.is_open() && Present::end());
            assert!(all(watched, peer) == [HEAD, &body].concat(), "{}", body.len());
        }
    }

    #[test]
    fn a_head_without_a_body_is_written_before_a_read_waits() {
        let (mut watched, mut peer) = connected();
        begin(MINUTE);
        transmit(&mut watched, HEAD).unwrap();
        let answers = std::thread::spawn(move || {
            peer.read_exact(&mut [0; HEAD.len()])?;
            peer.write_all(b"answer")
        });
        assert!(watched.await_input(LONG).unwrap() && Present::end());
        answers.join().unwrap().unwrap();
        assert_eq!(watched.buffers().input(), b"answer");
        // What is there is no answer to the next request, which is written all the same.
        begin(MINUTE);
        transmit(&mut watched, HEAD).unwrap();
        assert!(watched.held.is_empty() && Present::end());
    }

    #[test]
    fn a_part_of_a_head_is_written_at_once() {
        let (mut watched, peer) = connected();
        begin(MINUTE);
        transmit(&mut watched, &HEAD[..HEAD.len() - 2]).unwrap();
        assert!(watched.held.is_empty() && !CALL.with_borrow(Present::begins));
        transmit(&mut watched, b"\r\n").unwrap();
        assert!(Present::end() && all(watched, peer) == HEAD);
    }

    #[test]
    fn a_head_is_not_written_when_the_time_of_the_call_is_up_or_it_is_interrupted() {
        let (mut watched, peer) = connected();
        begin(Duration::ZERO);
        transmit(&mut watched, HEAD).unwrap();
        assert!(matches!(watched.await_input(LONG), Err(Error::Timeout(_))));
        assert_eq!(watched.held, HEAD);
        assert!(!Present::end() && all(watched, peer).is_empty());

        let (mut watched, peer) = connected();
        begin(MINUTE);
        transmit(&mut watched, HEAD).unwrap();
        watched.sockets.are_shut.store(true, Ordering::SeqCst);
        assert!(matches!(transmit(&mut watched, b"body"), Err(Error::Io(_))));
        assert!(!Present::end() && all(watched, peer).is_empty());
    }

    #[test]
    fn the_end_that_an_interrupt_makes_is_an_error() {
        let (mut watched, peer) = connected();
        watched.sockets.are_shut.store(true, Ordering::SeqCst);
        drop(peer);
        assert!(matches!(watched.await_input(LONG), Err(Error::Io(_))));
    }

    #[test]
    fn a_lookup_is_forgotten_when_nothing_listens_there() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (connector, resolver) =
            parts("test", Trust::new(true, Roots::new(&HttpConfig::default()).unwrap()));
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
