//! The server under every emulator: it accepts, gives each connection a thread, and stops when it is dropped.
//!
//! Threads and blocking sockets on purpose: nothing to build, and what goes over the wire is ours byte by
//! byte. Stopping wakes whatever waits; only on Windows a connection's thread looks now and then whether it should stop.

mod headers;
mod http1;
mod incoming;
mod listen;
mod live;
mod socket;
#[cfg(feature = "tls")]
mod tls;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) use headers::Headers;
pub(crate) use http1::{Received, Reply, Wire};
pub(crate) use incoming::Body;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
pub(crate) use live::{Live, Piece};

#[cfg(feature = "tls")]
pub(crate) use tls::Tls;

use http1::{Client, MAX_BODY, Reader, Refusal};
use socket::Socket;

/// Paths that belong to the emulator and not to the service: to look at it and to steer it.
pub(crate) const CONTROL: &str = "/_emulator/";
/// How long a connection may be silent, between requests or in the middle of one.
const SILENCE: Duration = Duration::from_secs(60);
/// How long the end of a refused request may take to arrive.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The most connections at a time: more are closed at once.
const MAX_CONNECTIONS: usize = 4096;
/// The stack of a connection's thread: its deepest call is SQLite at an expression in many brackets.
const STACK: usize = 2 * 1024 * 1024;

/// Locks, whatever happened to the thread that held the lock before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What to do with a request whose head has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Read it whole and handle it; a body has at most 1 MiB.
    Read,
    /// The same with a body of at most so many bytes.
    ReadUpTo(usize),
    /// Handle it with [`stream`](Handler::stream), which reads the body itself.
    Stream,
    /// Close the connection: the rest of the request is not read.
    Close,
}

/// A service: what the server asks for every request.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The head of a request has arrived: `request` is without its body.
    fn arriving(&self, _request: &Received) -> Arrival {
        Arrival::Read
    }

    /// Answers a request.
    fn handle(&self, request: &Received) -> Reply;

    /// Answers a request of which [`arriving`](Self::arriving) said that its body is read in pieces: out of
    /// `body`, as much as the service likes, however long it is. If reading fails, the answer goes to nobody:
    /// what was wrong, the server says itself.
    fn stream(&self, _request: &Received, _body: &mut dyn Body) -> Reply {
        Reply::new(501)
    }

    /// How the rest of a request to a path under [`CONTROL`] is read.
    fn control_arriving(&self, _request: &Received) -> Arrival {
        Arrival::Read
    }

    /// Answers a request to a path under [`CONTROL`]. It has no number, and nothing was asked about its
    /// arrival.
    fn control(&self, _request: &Received) -> Reply {
        Reply::new(404)
    }
}

/// Both directions of a connection.
pub(crate) trait Duplex: Read + Write {
    /// Says that nothing more will be written, if there is a way to say it beside closing the socket.
    fn finish(&mut self);
}

/// What lies between a socket and HTTP.
pub(crate) trait Layer: Send + Sync + 'static {
    /// The connection as HTTP sees it. Does not read or write yet.
    fn wrap<'a>(&self, socket: &'a Socket<'a>) -> io::Result<Box<dyn Duplex + 'a>>;
}

/// Nothing lies between.
pub(crate) struct Plain;

impl Layer for Plain {
    fn wrap<'a>(&self, socket: &'a Socket<'a>) -> io::Result<Box<dyn Duplex + 'a>> {
        Ok(Box::new(socket))
    }
}

/// A running server. Dropping it closes its socket and all connections, and waits for their threads.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// One thread for each socket, with the address that wakes it.
    accepting: Vec<(SocketAddr, JoinHandle<()>)>,
}

struct Shared {
    handler: Arc<dyn Handler>,
    layer: Arc<dyn Layer>,
    stop: Stop,
    open: Mutex<HashMap<u64, Arc<TcpStream>>>,
    closed: Condvar,
    accepted: AtomicU64,
    requests: AtomicU64,
}

impl Server {
    /// Listens and begins to answer. Port 0 takes a free one: see [`address`](Server::address).
    pub(crate) fn start(listen: &str, handler: Arc<dyn Handler>, layer: Arc<dyn Layer>) -> io::Result<Self> {
        let listeners = listen::bind(listen)?;
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
        let address = *addresses.first().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let shared = Arc::new(Shared {
            handler,
            layer,
            stop: Stop::default(),
            open: Mutex::default(),
            closed: Condvar::new(),
            accepted: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        });
        let mut server = Self { address, shared, accepting: Vec::new() };
        for (listener, address) in listeners.into_iter().zip(addresses) {
            let shared = Arc::clone(&server.shared);
            let accepting = thread::Builder::new()
                .name("emulator-accept".to_owned())
                .spawn(move || accept(&listener, &shared))?;
            server.accepting.push((reachable(address), accepting));
        }
        Ok(server)
    }

    /// The address under which this machine reaches it.
    pub(crate) fn address(&self) -> SocketAddr {
        reachable(self.address)
    }

    /// How many connections have been accepted.
    pub(crate) fn connections(&self) -> u64 {
        self.shared.accepted.load(Ordering::Acquire)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.stop();
        for (address, accepting) in self.accepting.drain(..) {
            // Wakes `accept`. If it fails, the queue is full of connections that wake it too.
            let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
            let _ = accepting.join();
        }
        let open = lock(&self.shared.open);
        for stream in open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Nothing a connection waits for outlives the two signals above; the limit is for what we overlooked.
        let limit = Duration::from_secs(10);
        let _ = self.shared.closed.wait_timeout_while(open, limit, |open| !open.is_empty());
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The address under which this machine reaches itself: "all addresses" is none that one can connect to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let accepted = listener.accept();
        if shared.stop.is_stopped() {
            return;
        }
        match accepted {
            Ok((stream, _)) => begin(stream, shared),
            // Out of descriptors, most likely: let some be closed.
            Err(_) if shared.stop.pause(Duration::from_millis(20)) => {}
            Err(_) => return,
        }
    }
}

fn begin(stream: TcpStream, shared: &Arc<Shared>) {
    let connection = shared.accepted.fetch_add(1, Ordering::AcqRel);
    let stream = Arc::new(stream);
    {
        let mut open = lock(&shared.open);
        if open.len() >= MAX_CONNECTIONS {
            return;
        }
        open.insert(connection, Arc::clone(&stream));
    }
    let entry = Entry { connection, stream, shared: Arc::clone(shared) };
    // If there is no thread to be had, the closure is dropped, and the entry closes the connection.
    let _ = thread::Builder::new()
        .name(format!("emulator-{connection}"))
        .stack_size(STACK)
        .spawn(move || entry.serve());
}

/// A connection's place in the list of open ones; leaves it however the thread ends.
struct Entry {
    connection: u64,
    stream: Arc<TcpStream>,
    shared: Arc<Shared>,
}

impl Entry {
    fn serve(&self) {
        let Ok(socket) = Socket::new(&self.stream, &self.shared.stop, SILENCE) else { return };
        let Ok(stream) = self.shared.layer.wrap(&socket) else { return };
        let mut reader = Reader::new(stream);
        if converse(&mut reader, &self.shared, self.connection) == End::LastWords {
            reader.stream.finish();
            socket.finish_within(LAST_WORDS);
            reader.drain();
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        lock(&self.shared.open).remove(&self.connection);
        self.shared.closed.notify_all();
    }
}

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// At once.
    Now,
    /// After the client has had time to read the last reply.
    LastWords,
}

/// Requests and replies until one side has had enough. Knows of a stream only that it can be read and
/// written.
fn converse<S: Read + Write>(reader: &mut Reader<S>, shared: &Shared, connection: u64) -> End {
    let pause = |time| shared.stop.pause(time);
    loop {
        if !reader.wait() {
            return End::Now;
        }
        let (mut reply, client) = match answer(reader, shared, connection) {
            Ok(Some(answered)) => answered,
            Ok(None) => return End::Now,
            Err(Refusal::Gone) => return End::Now,
            Err(Refusal::Answer { status, why }) => {
                let mut reply = Reply::new(status).header("content-type", "text/plain; charset=utf-8");
                reply.body = format!("{why}\n").into_bytes();
                let client = Client { is_head: false, keep_alive: false, knows_chunks: false };
                let _ = http1::write(&mut reader.stream, &mut reply, client, &pause);
                return End::LastWords;
            }
        };
        match http1::write(&mut reader.stream, &mut reply, client, &pause) {
            Ok(true) if !shared.stop.is_stopped() => {}
            // A reply that was cut short is meant to look like a connection that broke.
            Ok(_) if reply.wire == Wire::Normal => return End::LastWords,
            _ => return End::Now,
        }
    }
}

/// Reads one request and has it answered; `None` if the service does not want to read it.
fn answer<S: Read + Write>(
    reader: &mut Reader<S>,
    shared: &Shared,
    connection: u64,
) -> Result<Option<(Reply, Client)>, Refusal> {
    let mut head = reader.head()?;
    let is_control = head.path.starts_with(CONTROL);
    let index = if is_control { 0 } else { shared.requests.fetch_add(1, Ordering::AcqRel) };
    let mut request = Received {
        method: std::mem::take(&mut head.method),
        path: std::mem::take(&mut head.path),
        query: std::mem::take(&mut head.query),
        headers: std::mem::take(&mut head.headers),
        body: Vec::new(),
        connection,
        index,
    };
    let client = Client {
        is_head: request.method == "HEAD",
        keep_alive: head.keep_alive,
        knows_chunks: head.knows_chunks,
    };
    let handler = &shared.handler;
    let arrival = if is_control { handler.control_arriving(&request) } else { handler.arriving(&request) };
    let most = match arrival {
        Arrival::Close => return Ok(None),
        Arrival::Read => MAX_BODY,
        Arrival::ReadUpTo(most) => most,
        Arrival::Stream => {
            let mut body = reader.incoming(&head, u64::MAX)?;
            let reply = handler.stream(&request, &mut body);
            // What is meant to look like a connection that broke does not wait for the rest.
            let keep_alive = client.keep_alive && reply.wire != Wire::Close && body.end()?;
            return Ok(Some((reply, Client { keep_alive, ..client })));
        }
    };
    request.body = reader.body(&head, most)?;
    let reply = if is_control { handler.control(&request) } else { handler.handle(&request) };
    Ok(Some((reply, client)))
}

/// A flag that wakes those who wait.
#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn stop(&self) {
        *lock(&self.stopped) = true;
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        *lock(&self.stopped)
    }

    /// Waits; false if the server stops meanwhile.
    fn pause(&self, time: Duration) -> bool {
        let stopped = lock(&self.stopped);
        if time.is_zero() {
            return !*stopped;
        }
        let (stopped, _) = self
            .changed
            .wait_timeout_while(stopped, time, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        !*stopped
    }
}

#[cfg(test)]
mod tests;
