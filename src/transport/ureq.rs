//! The blocking transport, on ureq.

use std::cell::RefCell;
use std::fmt;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ureq::config::{Config, ConfigBuilder};
use ureq::http;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::HttpCrateScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, ShutdownHandle, Transport as Wire,
};
use ureq::{Agent, Timeout};

use crate::error::Error;
use crate::http::{Headers, Interrupt, LONGEST, Method, Request, Response, host_of, is_shown, target};

use super::config::HttpConfig;
use super::proxy::ProxyRules;
use super::tls;
use super::{Opened, Pieces, SendError, SendErrorKind, Transport};

/// Sends requests with ureq: HTTP/1.1, rustls, pooled keep-alive connections, proxies from the environment
/// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
///
/// Cheap to share, not to make: it holds the connections.
///
/// # Logs
///
/// ureq logs through the crate `log`. At level trace its part `ureq_proto` writes every byte that it sends and
/// receives. Of what is sent, this transport keeps all header values back that may be secret. What is received it
/// cannot keep back: should an answer hold a secret, as that to `CREATE API_TOKEN` does, keep `ureq_proto` below
/// trace (`RUST_LOG=trace,ureq_proto=debug`).
pub struct UreqTransport {
    agent: Agent,
    proxies: ProxyRules,
    /// Those of the last request: a client sends the same with each.
    last: Mutex<Option<Arc<Prepared>>>,
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UreqTransport")
    }
}

impl UreqTransport {
    /// A transport with its own pool of connections.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the CA text holds no certificate or a broken one, or if the
    /// proxy's URL is not one.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        let proxies = ProxyRules::new(&config.proxy);
        proxies.check()?;
        // ureq itself panics over one that cannot be a header.
        if http::HeaderValue::from_str(&config.user_agent).is_err() {
            return Err(Error::invalid("setting the user agent", "it cannot be a header"));
        }
        let mut roots = TlsConfig::builder().disable_verification(!config.verify_tls);
        if let Some(pem) = &config.extra_ca_pem {
            roots = roots.root_certs(RootCerts::Specific(Arc::new(tls::roots_with(pem)?)));
        }
        let config = Agent::config_builder()
            .tls_config(roots.build())
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(config.connect_timeout.min(LONGEST)))
            .timeout_resolve(Some(config.connect_timeout.min(LONGEST)))
            .user_agent(&config.user_agent)
            .max_idle_connections_per_host(32)
            .max_idle_connections(64)
            .build();
        let (connector, resolver) = parts();
        Ok(Self { agent: Agent::with_parts(config, connector, resolver), proxies, last: Mutex::default() })
    }

    fn prepared(&self, headers: &Headers) -> Result<Arc<Prepared>, http::Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = last.as_ref().filter(|prepared| prepared.headers.is_same(headers)) {
            return Ok(prepared.clone());
        }
        let prepared = Arc::new(Prepared::new(headers)?);
        *last = Some(prepared.clone());
        Ok(prepared)
    }

    fn run(&self, request: &Request, timeout: Duration) -> Result<Response, ureq::Error> {
        let (parts, mut body) = self.head(request, Limits::Whole(timeout))?.into_parts();
        // ureq refuses a body that reaches its limit, even if it ends there.
        let limit = u64::try_from(request.max_response_body).unwrap_or(u64::MAX);
        let body = body.with_config().limit(limit.saturating_add(1)).read_to_vec()?;
        Ok(Response::new(parts.status.as_u16(), copied(&parts.headers), body))
    }

    /// The answer up to its body.
    fn head(&self, request: &Request, limits: Limits) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let method = match request.method {
            Method::Delete => http::Method::DELETE,
            Method::Get => http::Method::GET,
            Method::Patch => http::Method::PATCH,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
        };
        let url = target(&request.url()).map_err(ureq::Error::BadUri)?;
        let through =
            self.proxies.proxy_for(url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default());
        let through = through.map(ureq::Proxy::new).transpose()?;
        let prepared = self.prepared(&request.headers)?;
        let (url, path) = if request.bare { with_hidden_path(url)? } else { (url, None) };
        let mut head = http::Request::new(());
        *head.method_mut() = method;
        *head.uri_mut() = url;
        *head.headers_mut() = prepared.map.clone();
        Present::begin(prepared, path, request.interrupt.clone());
        let empty = request.method.has_body().then_some(&[][..]);
        match request.body.as_deref().or(empty) {
            Some(body) => {
                let built = limits.on(self.agent.configure_request(head.map(|()| body))).proxy(through);
                self.agent.run(if request.bare { bare(built) } else { built }.build())
            }
            None => {
                let built = limits.on(self.agent.configure_request(head)).proxy(through);
                self.agent.run(if request.bare { bare(built) } else { built }.build())
            }
        }
    }

    /// What went wrong with a request, in the words of all transports.
    fn told(&self, request: &Request, timeout: Duration, error: ureq::Error, sent: bool) -> SendError {
        let url = target(&request.url()).ok();
        let proxy = url.as_ref().and_then(|url| {
            self.proxies.proxy_for(url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default())
        });
        let road = Road { host: host_of(&request.base_url), proxy: proxy.map(host_of), timeout };
        road.classify(error, sent)
    }
}

/// How long things may take.
#[derive(Clone, Copy)]
enum Limits {
    Whole(Duration),
    Pieces { head: Duration, idle: Duration },
}

impl Limits {
    fn on<S: ureq::AsSendBody>(
        self,
        request: ConfigBuilder<HttpCrateScope<S>>,
    ) -> ConfigBuilder<HttpCrateScope<S>> {
        match self {
            Self::Whole(time) => request.timeout_global(Some(time)),
            Self::Pieces { head, idle } => request
                .timeout_send_request(Some(head))
                .timeout_send_body(Some(head))
                .timeout_recv_response(Some(head))
                .timeout_per_read(Some(idle)),
        }
    }
}

/// Without what ureq adds by itself.
fn bare<S: ureq::AsSendBody>(request: ConfigBuilder<HttpCrateScope<S>>) -> ConfigBuilder<HttpCrateScope<S>> {
    request.user_agent("").accept("").accept_encoding("")
}

/// The URL with asterisks for its path and query, and those as they are to be written: they are a secret, and ureq logs.
fn with_hidden_path(url: http::Uri) -> Result<(http::Uri, Option<Vec<u8>>), ureq::Error> {
    let Some(path) = url.path_and_query().map(|path| path.as_str().as_bytes().to_vec()) else {
        return Ok((url, None));
    };
    let hidden = format!("/{}", "*".repeat(path.len().saturating_sub(1)));
    let mut parts = url.into_parts();
    parts.path_and_query = Some(hidden.try_into().map_err(http::Error::from)?);
    Ok((http::Uri::from_parts(parts).map_err(http::Error::from)?, Some(path)))
}

fn copied(map: &http::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(name.as_str().to_owned(), value.as_bytes());
    }
    headers
}

/// How much of a body is read at once.
const PIECE: usize = 16 * 1024;

impl Transport for UreqTransport {
    fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        let timeout = timeout.min(LONGEST);
        let result = self.run(request, timeout);
        let sent = Present::end();
        result.map_err(|error| self.told(request, timeout, error, sent))
    }

    fn open(
        &self,
        request: &Request,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Opened<Pieces>, SendError> {
        let (head, idle) = (timeout.min(LONGEST), idle.min(LONGEST));
        let result = self.head(request, Limits::Pieces { head, idle });
        let sent = Present::end();
        let (parts, body) = result.map_err(|error| self.told(request, head, error, sent))?.into_parts();
        let host = host_of(&request.base_url).to_owned();
        let mut reader = Some(body.into_reader());
        let pieces = Pieces::new(move || {
            let Some(open) = &mut reader else { return Ok(None) };
            let mut piece = vec![0; PIECE];
            match open.read(&mut piece) {
                Ok(0) => {
                    reader = None;
                    Ok(None)
                }
                Ok(length) => {
                    piece.truncate(length);
                    Ok(Some(piece))
                }
                Err(error) => {
                    reader = None;
                    let road = Road { host: &host, proxy: None, timeout: idle };
                    Err(road.classify(ureq::Error::from(error), true))
                }
            }
        });
        Ok(Opened::new(parts.status.as_u16(), copied(&parts.headers), pieces))
    }
}

/// Where a request went, for what is said of its failure.
struct Road<'a> {
    host: &'a str,
    proxy: Option<&'a str>,
    timeout: Duration,
}

impl Road<'_> {
    fn classify(&self, error: ureq::Error, sent: bool) -> SendError {
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
fn is_lookup(io: &std::io::Error) -> bool {
    io.raw_os_error().is_none() && io.to_string().contains("lookup address")
}

/// A request's headers as they are given to ureq: with asterisks for all that may be secret. At level trace it logs every
/// byte that it is about to write.
struct Prepared {
    headers: Headers,
    map: http::HeaderMap,
    hidden: Vec<Hidden>,
}

impl Prepared {
    fn new(headers: &Headers) -> Result<Self, http::Error> {
        let mut map = http::HeaderMap::new();
        let mut hidden = Vec::new();
        for (name, value) in headers.iter() {
            let key = http::HeaderName::try_from(name)?;
            let value = http::HeaderValue::from_bytes(value)?;
            if is_shown(name) || value.is_empty() {
                map.try_append(key, value)?;
            } else {
                map.try_append(key.clone(), http::HeaderValue::try_from("*".repeat(value.len()))?)?;
                hidden.push(Hidden { name: key, value });
            }
        }
        Ok(Self { headers: headers.clone(), map, hidden })
    }
}

thread_local! {
    /// What is known of the call that this thread is in. ureq does a call's work on the thread that makes it.
    static CALL: RefCell<Present> = const { RefCell::new(Present::NONE) };
}

/// A call on its way.
struct Present {
    /// Which call it is: no other has this one.
    id: Option<Arc<()>>,
    interrupt: Option<Interrupt>,
    /// Whether anything of the request was written to the connection.
    wrote: bool,
    /// The path, where ureq was given asterisks.
    path: Option<Vec<u8>>,
    header: Option<Arc<Prepared>>,
    /// The header is written: what follows is the body, and is left alone.
    is_over: bool,
    /// Where among its hidden headers the next one should be.
    next: usize,
}

impl Present {
    const NONE: Self =
        Self { id: None, interrupt: None, wrote: false, path: None, header: None, is_over: false, next: 0 };

    fn begin(header: Arc<Prepared>, path: Option<Vec<u8>>, interrupt: Option<Interrupt>) {
        CALL.set(Self { id: Some(Arc::default()), interrupt, path, header: Some(header), ..Self::NONE });
    }

    /// What was written so far was for the connection itself, a proxy's CONNECT for one, and nothing of the request.
    fn connected() {
        CALL.with_borrow_mut(|call| (call.wrote, call.is_over, call.next) = (false, false, 0));
    }

    /// True if anything of the request was written.
    fn end() -> bool {
        CALL.replace(Self::NONE).wrote
    }

    /// These bytes are about to be written.
    fn writes(&mut self, mut output: &mut [u8]) {
        // Before the write: one that fails half-way has sent something.
        let is_first = !std::mem::replace(&mut self.wrote, true);
        if let Some(path) = self.path.as_deref().filter(|_| is_first) {
            put_path_in_place(path, output);
        }
        let Some(header) = self.header.as_ref().filter(|_| !self.is_over) else { return };
        let hidden = &header.hidden;
        while !output.is_empty() {
            if output.starts_with(b"\r\n") {
                self.is_over = true;
                return;
            }
            if let Some(length) = hidden.get(self.next).and_then(|hidden| hidden.put_in_place(output)) {
                self.next += 1;
                output = &mut output[length..];
                continue;
            }
            let length = output.iter().position(|byte| *byte == b'\n').map_or(output.len(), |at| at + 1);
            if output[..length].ends_with(b"*\r\n") {
                // Not in the order in which they were given. Of two with one name, each has its turn.
                let mut others = (self.next..hidden.len()).chain(0..self.next);
                if let Some(i) = others.find(|&i| hidden[i].put_in_place(output).is_some()) {
                    self.next = i + 1;
                }
            }
            output = &mut output[length..];
        }
    }
}

/// Puts a path in the place of its asterisks, if the output begins with a request line.
fn put_path_in_place(path: &[u8], output: &mut [u8]) {
    let Some(at) = output.iter().position(|byte| *byte == b' ').map(|at| at + 1) else { return };
    let Some(hidden) = output.get_mut(at..at + path.len()) else { return };
    if hidden.strip_prefix(b"/").is_some_and(|rest| rest.iter().all(|byte| *byte == b'*')) {
        hidden.copy_from_slice(path);
    }
}

/// A header whose value is put in its place when it is written to the connection.
struct Hidden {
    name: http::HeaderName,
    value: http::HeaderValue,
}

impl Hidden {
    /// The length of the header's line, if the output begins with it as ureq writes it: name, colon, asterisks, line end.
    /// The value is then in its place.
    fn put_in_place(&self, output: &mut [u8]) -> Option<usize> {
        let value = self.value.as_bytes();
        let rest = output.strip_prefix(self.name.as_str().as_bytes())?.strip_prefix(b": ")?;
        let (stars, rest) = rest.split_at_checked(value.len())?;
        if !rest.starts_with(b"\r\n") || !stars.iter().all(|byte| *byte == b'*') {
            return None;
        }
        let at = self.name.as_str().len() + 2;
        output[at..at + value.len()].copy_from_slice(value);
        Some(at + value.len() + 2)
    }
}

/// What connects and what looks up names, which know of each other.
fn parts() -> (Watching, Resolving) {
    let resolver = Resolving::default();
    (Watching { connector: DefaultConnector::default(), looked_up: resolver.last.clone() }, resolver)
}

/// How long the addresses of a name are believed, unless no connection to them can be made.
const LOOKUP_LASTS: Duration = Duration::from_secs(30);

/// Looks up names as ureq does by itself: on a thread of its own, so that it can be given up. Addresses need no thread.
///
/// ureq asks before each request, even if it then uses a connection that it has kept. So the last answer is kept: else a
/// poll would cost a thread and a lookup, and fail with it.
#[derive(Debug, Default)]
struct Resolving<R = DefaultResolver> {
    lookup: R,
    last: Arc<LastLookup>,
}

#[derive(Debug, Default)]
struct LastLookup(Mutex<Option<Found>>);

#[derive(Debug)]
struct Found {
    scheme: Option<http::uri::Scheme>,
    authority: Option<http::uri::Authority>,
    addresses: ResolvedSocketAddrs,
    at: Instant,
}

impl LastLookup {
    fn get(&self, uri: &http::Uri, now: Instant) -> Option<ResolvedSocketAddrs> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = last.as_ref()?;
        let good = found.scheme.as_ref() == uri.scheme()
            && found.authority.as_ref() == uri.authority()
            && now.saturating_duration_since(found.at) < LOOKUP_LASTS;
        good.then(|| found.addresses.clone())
    }

    fn set(&self, found: Option<Found>) {
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
fn address_in(uri: &http::Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some(SocketAddr::new(host.parse().ok()?, uri.port_u16().unwrap_or(port)))
}

/// Connects as ureq does by itself, and notes what is written once the connection stands. What is written before
/// (TLS, the proxy's CONNECT) is nothing of the request.
#[derive(Debug)]
struct Watching {
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
struct Sockets(Mutex<Vec<Weak<dyn ShutdownHandle>>>);

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
struct Guard {
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
struct Watched {
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn prepared(headers: &[(&'static str, &str)]) -> Arc<Prepared> {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.push(*name, *value);
        }
        Arc::new(Prepared::new(&all).unwrap())
    }

    fn written(present: &mut Present, piece: &str) -> String {
        let mut bytes = piece.as_bytes().to_vec();
        present.writes(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn values_are_put_in_place_in_any_order_and_in_pieces() {
        let headers = [
            ("X-Key", "k-1"),
            ("Accept", "***"),
            ("x-two", "one"),
            ("x-two", "two"),
            ("x-empty", ""),
            ("x-z", "z"),
        ];
        let prepared = prepared(&headers);
        for (_, value) in &prepared.map {
            assert!(value.as_bytes().iter().all(|byte| *byte == b'*'), "{value:?}");
        }
        let mut present = Present { header: Some(prepared), ..Present::NONE };
        let first = written(&mut present, "POST /*** HTTP/1.1\r\nhost: h\r\nx-z: *\r\nx-key: ***\r\n");
        assert_eq!(first, "POST /*** HTTP/1.1\r\nhost: h\r\nx-z: z\r\nx-key: k-1\r\n");
        let second = written(
            &mut present,
            "accept: ***\r\nx-two: ***\r\nx-two: ***\r\nx-empty: \r\n\r\nx-key: ***\r\n",
        );
        assert_eq!(second, "accept: ***\r\nx-two: one\r\nx-two: two\r\nx-empty: \r\n\r\nx-key: ***\r\n");
        let body = "x-key: ***\r\n";
        assert_eq!(written(&mut present, body), body);
        assert!(present.wrote);
    }

    #[test]
    fn a_hidden_path_is_put_in_place_when_it_is_written() {
        let url = "https://s.example/b/k?Signature=hunter2%2F".parse().unwrap();
        let (hidden, path) = with_hidden_path(url).unwrap();
        assert_eq!(hidden.to_string(), format!("https://s.example/{}", "*".repeat(24)));
        let mut present = Present { path, header: Some(prepared(&[])), ..Present::NONE };
        let line = format!("PUT {} HTTP/1.1\r\n", hidden.path());
        assert_eq!(written(&mut present, &line), "PUT /b/k?Signature=hunter2%2F HTTP/1.1\r\n");
        // Once: what follows is the request's own.
        assert_eq!(written(&mut present, &line), line);
        let url = "https://s.example".parse().unwrap();
        let (hidden, path) = with_hidden_path(url).unwrap();
        assert_eq!((hidden.path(), path.as_deref()), ("/", Some(&b"/"[..])));
    }

    #[test]
    fn headers_are_prepared_again_when_they_are_others() {
        let transport = UreqTransport::new(&HttpConfig::default()).unwrap();
        let mut headers = Headers::new();
        headers.push("x-key", "k");
        let first = transport.prepared(&headers).unwrap();
        assert!(Arc::ptr_eq(&first, &transport.prepared(&headers.clone()).unwrap()));
        headers.push("x-key", "k2");
        let second = transport.prepared(&headers).unwrap();
        assert_eq!(second.hidden.len(), 2);
    }

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
