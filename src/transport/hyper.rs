//! The transport of futures, on hyper.
//!
//! hyper's connections are used directly and not through its pooled client: that one finishes connecting in tasks of its
//! own, and cannot tell whether anything of a request was written. Here a connection belongs to the future that uses it,
//! which drives it too; dropping the future closes the connection and leaves nothing behind.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use base64::Engine;
use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::header::{ACCEPT, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::http::uri::{PathAndQuery, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Request as HyperRequest, Response as HyperResponse};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;

use crate::error::Error;
use crate::http::{Headers, LONGEST, Request, Response, host_of, target};

use super::config::HttpConfig;
use super::proxy::{ProxyKind, ProxyRules, ProxyUrl};
use super::socket::{Connector, Sight, Socket, left};
use super::{AsyncPieces, AsyncTransport, Opened, SendError, SendErrorKind, tls};

/// Idle connections that are kept.
const MAX_IDLE: usize = 64;
/// The most headers of an answer, and their size, as ureq has them.
const MAX_HEADERS: usize = 128;
const MAX_HEADER_SIZE: usize = 64 * 1024;
/// How long an idle connection can be used again: as long as with ureq.
const MAX_IDLE_AGE: Duration = Duration::from_secs(15);

type BoxError = Box<dyn StdError + Send + Sync>;

/// Sends requests with hyper: HTTP/1.1, rustls, pooled keep-alive connections, proxies as
/// [`Proxy`](super::Proxy) says.
///
/// To be used inside a Tokio runtime with I/O and time switched on. Cheap to share, not to make: it holds the
/// connections.
pub struct HyperTransport {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    user_agent: HeaderValue,
    proxies: ProxyRules,
    idle: Mutex<Vec<Idle>>,
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

impl HyperTransport {
    /// A transport with its own pool of connections.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the CA text holds no certificate or a broken one, or if
    /// the proxy's URL is not one.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        let proxies = ProxyRules::new(&config.proxy);
        proxies.check()?;
        let user_agent = HeaderValue::from_str(&config.user_agent)
            .map_err(|e| Error::invalid("setting the user agent", "it cannot be a header").with_source(e))?;
        Ok(Self {
            tls: Arc::new(tls::client_config(config)?),
            connect_timeout: config.connect_timeout.min(LONGEST),
            user_agent,
            proxies,
            idle: Mutex::default(),
        })
    }

    /// `wrote` becomes the flag of the connection in use.
    async fn run(&self, request: &Request, wrote: &Mutex<Arc<AtomicBool>>) -> Result<Response, Failure> {
        let url = target(&request.url()).map_err(Failure::invalid)?;
        let key = Key::of(&url);
        let message = self.message(request, &url)?;
        if let Some(mut live) = self.take_idle(&key).await {
            live.wrote.store(false, Ordering::Release);
            match live.exchange(message, request.max_response_body, wrote).await {
                // It ended before anything was written to it: this was no attempt yet.
                Err(Failure::Ended) if !live.wrote.load(Ordering::Acquire) => {}
                outcome => {
                    let response = outcome?;
                    self.keep(key, live).await;
                    return Ok(response);
                }
            }
        }
        let message = self.message(request, &url)?;
        let mut live = self.connect(&key, url).await?;
        let response = live.exchange(message, request.max_response_body, wrote).await?;
        self.keep(key, live).await;
        Ok(response)
    }

    /// The answer up to its body, on a connection of its own.
    async fn run_open(
        &self,
        request: &Request,
        wrote: &Mutex<Arc<AtomicBool>>,
    ) -> Result<(Live, HyperResponse<Incoming>), Failure> {
        let url = target(&request.url()).map_err(Failure::invalid)?;
        let message = self.message(request, &url)?;
        let mut live = self.connect(&Key::of(&url), url).await?;
        let response = live.head(message, wrote).await?;
        Ok((live, response))
    }

    /// What went wrong with a request, in the words of all transports.
    fn told(&self, request: &Request, time: Duration, failure: Failure, sent: bool) -> SendError {
        let url = request.url();
        let url = target(&url).ok();
        let proxy = url.as_ref().and_then(|url| {
            self.proxies.proxy_for(url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default())
        });
        let road = Road {
            host: host_of(&request.base_url),
            proxy: proxy.map(host_of),
            limit: request.max_response_body,
            time,
        };
        road.classify(failure, sent)
    }

    /// The request as hyper takes it.
    fn message(&self, request: &Request, url: &Uri) -> Result<HyperRequest<Full<Bytes>>, Failure> {
        let path = url.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut message = HyperRequest::builder().method(request.method.as_str()).uri(path);
        if let Some(headers) = message.headers_mut() {
            headers.insert(HOST, HeaderValue::from_str(&host_header(url)).map_err(Failure::invalid)?);
            if !request.bare {
                headers.insert(USER_AGENT, self.user_agent.clone());
                headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
            }
            let mut named = Vec::new();
            for (name, value) in request.headers.iter() {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(Failure::invalid)?;
                let mut value = HeaderValue::from_bytes(value).map_err(Failure::invalid)?;
                value.set_sensitive(!crate::http::is_shown(name.as_str()));
                // The first of a name replaces ours, the others stand beside it.
                if named.contains(&name) {
                    headers.append(name, value);
                } else {
                    named.push(name.clone());
                    headers.insert(name, value);
                }
            }
        }
        let body = request.body.clone().unwrap_or_default();
        if body.is_empty() && request.method.has_body() {
            if let Some(headers) = message.headers_mut() {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        message.body(Full::new(body)).map_err(Failure::invalid)
    }

    async fn connect(&self, key: &Key, url: Uri) -> Result<Live, Failure> {
        let connecting = async {
            let (stream, socket) = self.stream(key, url).await.map_err(Failure::Connect)?;
            let wrote = Arc::new(AtomicBool::new(false));
            let watched = Watched { stream, wrote: wrote.clone() };
            // As much as ureq takes.
            let mut http = http1::Builder::new();
            http.max_headers(MAX_HEADERS).max_header_size(MAX_HEADER_SIZE);
            let (sender, connection) = http.handshake(watched).await.map_err(Failure::http)?;
            Ok(Live { sender, connection, socket, wrote, ended: false })
        };
        timeout(self.connect_timeout, connecting).await.unwrap_or(Err(Failure::ConnectTimeout))
    }

    /// A stream to the host of the URL, through the proxy that the rules name, with TLS if the scheme wants it; and the
    /// socket that it goes over.
    async fn stream(&self, key: &Key, url: Uri) -> Result<(Pin<Box<dyn Stream>>, Option<Socket>), BoxError> {
        let mut tcp = HttpConnector::new();
        // Shared between the addresses of a host, so that one that hangs does not keep it from the others.
        tcp.set_connect_timeout(Some(self.connect_timeout));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let tcp = Connector::new(tcp);
        let socket = tcp.socket();
        let stream = self.stream_over(tcp, key, url).await?;
        Ok((stream, left(&socket)))
    }

    async fn stream_over(
        &self,
        tcp: Connector,
        key: &Key,
        url: Uri,
    ) -> Result<Pin<Box<dyn Stream>>, BoxError> {
        let Some(proxy) = self.proxies.proxy_for(key.scheme, url.host().unwrap_or_default()) else {
            return Ok(Box::pin(self.with_tls(tcp).call(url).await?));
        };
        let proxy = ProxyUrl::read(proxy).ok_or("the proxy's URL is not one")?;
        // The proxy is told a port, and hyper would always say 443.
        let url = with_port(url, key.port)?;
        match proxy.kind {
            ProxyKind::Http => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), tcp);
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await?))
            }
            ProxyKind::Https => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), self.with_tls(tcp));
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await?))
            }
            ProxyKind::Socks4 { local_dns } => {
                let socks = SocksV4::new(proxy.address, tcp).local_dns(local_dns);
                Ok(Box::pin(self.with_tls(socks).call(url).await?))
            }
            ProxyKind::Socks5 { local_dns } => {
                let mut socks = SocksV5::new(proxy.address.clone(), tcp).local_dns(local_dns);
                if let Some((user, password)) = proxy.user {
                    socks = socks.with_auth(user, password);
                }
                Ok(Box::pin(self.with_tls(socks).call(url).await?))
            }
        }
    }

    fn with_tls<C>(&self, inner: C) -> HttpsConnector<C> {
        HttpsConnectorBuilder::new()
            .with_tls_config(ClientConfig::clone(&self.tls))
            .https_or_http()
            .enable_http1()
            .wrap_connector(inner)
    }

    /// An idle connection that is still good.
    async fn take_idle(&self, key: &Key) -> Option<Live> {
        loop {
            let mut idle = {
                let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                all.retain(|idle| idle.since.elapsed() < MAX_IDLE_AGE);
                let at = all.iter().rposition(|idle| idle.key == *key)?;
                all.remove(at)
            };
            let seen = idle.live.look();
            if seen == Sight::Something {
                // A runtime hears of its sockets before its timers fire.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // What has arrived is read now. If it still lies there, the runtime is late, and it may be the end.
            if seen != Sight::Closed && idle.live.is_ready().await && idle.live.look() == Sight::Silent {
                return Some(idle.live);
            }
        }
    }

    /// Keeps a connection whose answer has arrived whole, if it can be used again.
    async fn keep(&self, key: Key, mut live: Live) {
        if live.is_ready().await {
            let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MAX_IDLE {
                all.remove(0);
            }
            all.push(Idle { key, live, since: Instant::now() });
        }
    }
}

impl AsyncTransport for HyperTransport {
    async fn send(&self, request: &Request, time: Duration) -> Result<Response, SendError> {
        let time = time.min(LONGEST);
        let wrote = Mutex::default();
        let result = timeout(time, self.run(request, &wrote)).await;
        let sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
        let failure = match result {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::Timeout,
        };
        Err(self.told(request, time, failure, sent))
    }

    async fn open(
        &self,
        request: &Request,
        time: Duration,
        idle: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        let (time, idle) = (time.min(LONGEST), idle.min(LONGEST));
        let wrote = Mutex::default();
        let result = timeout(time, self.run_open(request, &wrote)).await;
        let sent = wrote.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Acquire);
        let (live, response) = match result {
            Ok(Ok(opened)) => opened,
            Ok(Err(failure)) => return Err(self.told(request, time, failure, sent)),
            Err(_) => return Err(self.told(request, time, Failure::Timeout, sent)),
        };
        let (parts, body) = response.into_parts();
        let mut reading =
            Some(Reading { live, body, host: host_of(&request.base_url).to_owned(), idle, silence: None });
        let pieces = AsyncPieces::new(move |cx| {
            let Some(open) = &mut reading else { return Poll::Ready(Ok(None)) };
            let piece = ready!(open.poll(cx));
            if !matches!(piece, Ok(Some(_))) {
                reading = None;
            }
            Poll::Ready(piece)
        });
        Ok(Opened::new(parts.status.as_u16(), copied(&parts.headers), pieces))
    }
}

/// A body on its way, with the connection that it comes on.
struct Reading {
    live: Live,
    body: Incoming,
    host: String,
    idle: Duration,
    /// Ends when the next piece is late.
    silence: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Reading {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> {
        let road = Road { host: &self.host, proxy: None, limit: usize::MAX, time: self.idle };
        loop {
            Live::drive(&mut self.live.connection, &mut self.live.ended, cx);
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(road.classify(Failure::http(error), true)));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.silence = None;
                        return Poll::Ready(Ok(Some(data.to_vec())));
                    }
                }
                Poll::Pending if self.live.ended => {
                    return Poll::Ready(Err(road.classify(Failure::Ended, true)));
                }
                Poll::Pending => {
                    let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.idle)));
                    ready!(silence.as_mut().poll(cx));
                    return Poll::Ready(Err(road.classify(Failure::Timeout, true)));
                }
            }
        }
    }
}

/// What connections can be shared by.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    scheme: &'static str,
    host: String,
    port: u16,
    /// A connection lives by the runtime that it was made in: in another one it would hear nothing.
    runtime: Option<tokio::runtime::Id>,
}

impl Key {
    fn of(url: &Uri) -> Self {
        let is_https = url.scheme_str() == Some("https");
        Self {
            scheme: if is_https { "https" } else { "http" },
            host: url.host().unwrap_or_default().to_ascii_lowercase(),
            port: url.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            runtime: tokio::runtime::Handle::try_current().ok().map(|handle| handle.id()),
        }
    }
}

/// The host as a request names it: without the port that its scheme stands for.
fn host_header(url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match (url.scheme_str(), url.port_u16()) {
        (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443)) => host.to_owned(),
        (_, Some(port)) => format!("{host}:{port}"),
    }
}

/// The same URL with its port said.
fn with_port(url: Uri, port: u16) -> Result<Uri, BoxError> {
    let authority = format!("{}:{port}", url.host().unwrap_or_default());
    let mut parts = url.into_parts();
    parts.authority = Some(authority.parse()?);
    Ok(Uri::from_parts(parts)?)
}

struct Idle {
    key: Key,
    live: Live,
    since: Instant,
}

/// A connection and the one who sends on it.
struct Live {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<Watched, Full<Bytes>>,
    /// None if the system would not give a second hand on it.
    socket: Option<Socket>,
    wrote: Arc<AtomicBool>,
    /// The connection's future is done and must not be polled again.
    ended: bool,
}

impl Live {
    /// What the system knows of the connection; without a hand on its socket, what the connection itself knows must do.
    fn look(&self) -> Sight {
        self.socket.as_ref().map_or(Sight::Silent, Socket::look)
    }

    /// Drives the connection; what it ends with is told by whoever waits for an answer.
    fn drive(connection: &mut Connection<Watched, Full<Bytes>>, ended: &mut bool, cx: &mut Context<'_>) {
        if !*ended && Pin::new(connection).poll(cx).is_ready() {
            *ended = true;
        }
    }

    /// True if a request can be sent on it. Sees what has arrived meanwhile, the peer's end of the connection above all.
    async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            Self::drive(&mut self.connection, &mut self.ended, cx);
            Poll::Ready(!self.ended && self.sender.is_ready())
        })
        .await
    }

    async fn exchange(
        &mut self,
        message: HyperRequest<Full<Bytes>>,
        limit: usize,
        in_use: &Mutex<Arc<AtomicBool>>,
    ) -> Result<Response, Failure> {
        let Self { sender, connection, ended, wrote, .. } = self;
        *in_use.lock().unwrap_or_else(PoisonError::into_inner) = wrote.clone();
        let mut answer = pin!(async {
            let response = sender.send_request(message).await.map_err(Failure::http)?;
            read(response, limit).await
        });
        poll_fn(|cx| {
            // What ends the connection also ends the answer, and the answer knows why; unless there was none to come.
            Self::drive(connection, ended, cx);
            match answer.as_mut().poll(cx) {
                Poll::Pending if *ended => Poll::Ready(Err(Failure::Ended)),
                outcome => outcome,
            }
        })
        .await
    }
}

impl Live {
    /// The answer up to its body.
    async fn head(
        &mut self,
        message: HyperRequest<Full<Bytes>>,
        in_use: &Mutex<Arc<AtomicBool>>,
    ) -> Result<HyperResponse<Incoming>, Failure> {
        let Self { sender, connection, ended, wrote, .. } = self;
        *in_use.lock().unwrap_or_else(PoisonError::into_inner) = wrote.clone();
        let mut answer = pin!(sender.send_request(message));
        poll_fn(|cx| {
            Self::drive(connection, ended, cx);
            match answer.as_mut().poll(cx) {
                Poll::Pending if *ended => Poll::Ready(Err(Failure::Ended)),
                outcome => outcome.map_err(Failure::http),
            }
        })
        .await
    }
}

fn copied(map: &hyper::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(name.as_str().to_owned(), value.as_bytes());
    }
    headers
}

/// The whole answer, unless it is too long.
async fn read(response: HyperResponse<Incoming>, limit: usize) -> Result<Response, Failure> {
    let (parts, body) = response.into_parts();
    let headers = copied(&parts.headers);
    let mut bytes = Vec::new();
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        if let Ok(data) = frame.map_err(Failure::http)?.into_data() {
            if bytes.len() + data.len() > limit {
                return Err(Failure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Response::new(parts.status.as_u16(), headers, bytes))
}

/// What kept an answer from arriving.
enum Failure {
    Invalid(BoxError),
    Connect(BoxError),
    ConnectTimeout,
    Timeout,
    /// The connection ended and gave no answer.
    Ended,
    Http(hyper::Error),
    TooLarge,
}

impl Failure {
    fn invalid(error: impl Into<BoxError>) -> Self {
        Self::Invalid(error.into())
    }

    fn http(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

/// Where a request went, for what is said of its failure.
struct Road<'a> {
    host: &'a str,
    proxy: Option<&'a str>,
    limit: usize,
    time: Duration,
}

impl Road<'_> {
    fn classify(&self, failure: Failure, sent: bool) -> SendError {
        use SendErrorKind as K;

        let Self { host, limit, time, .. } = self;
        // Whom the connection is made to.
        let peer = self.proxy.map_or_else(|| (*host).to_owned(), |proxy| format!("the proxy {proxy}"));
        match failure {
            Failure::Invalid(e) => {
                SendError::new(K::InvalidRequest, false, format!("the request to {host} cannot be sent: {e}"))
                    .with_source(e)
            }
            Failure::ConnectTimeout => {
                SendError::new(K::Timeout, false, format!("connecting to {peer} took too long"))
            }
            Failure::Timeout if sent => {
                SendError::new(K::Timeout, true, format!("no whole answer from {host} within {time:.1?}"))
            }
            Failure::Timeout => {
                SendError::new(K::Timeout, false, format!("no connection to {peer} within {time:.1?}"))
            }
            Failure::TooLarge => SendError::new(
                K::BodyTooLarge,
                sent,
                format!("the answer's body is larger than {limit} bytes"),
            ),
            Failure::Ended => {
                let kind = if sent { K::Closed } else { K::Connect };
                SendError::new(kind, sent, format!("the connection to {host} ended"))
            }
            Failure::Http(e) if e.is_parse() || has_bad_frame(&e) => {
                SendError::new(K::Protocol, sent, format!("the answer is not HTTP: {}", causes(&e)))
                    .with_source(e)
            }
            Failure::Http(e) => {
                let kind = if sent { K::Closed } else { K::Connect };
                SendError::new(kind, sent, format!("the connection to {host} broke: {}", causes(&e)))
                    .with_source(e)
            }
            Failure::Connect(e) => {
                let all = causes(&*e);
                let (kind, message) = if let Some(e) = tls::cause(&*e) {
                    tls::failure(e)
                } else if all.contains("lookup address") {
                    (K::Dns, format!("{peer} has no address: {all}"))
                } else if os_error(&*e).is_some_and(|kind| kind == io::ErrorKind::TimedOut) {
                    (K::Timeout, format!("connecting to {peer} took too long"))
                } else if self.proxy.is_some() && os_error(&*e).is_none() {
                    (K::Proxy, format!("{peer} refused: {all}"))
                } else {
                    (K::Connect, format!("no connection to {peer}: {all}"))
                };
                SendError::new(kind, false, message).with_source(e)
            }
        }
    }
}

/// True if the body's framing is broken.
fn has_bad_frame(error: &hyper::Error) -> bool {
    let io = error.source().and_then(|e| e.downcast_ref::<io::Error>());
    io.is_some_and(|e| matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

/// What the operating system said, if it was it.
fn os_error(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let here = error.downcast_ref::<io::Error>();
    match here {
        Some(io) if io.raw_os_error().is_some() || io.kind() == io::ErrorKind::TimedOut => Some(io.kind()),
        Some(io) => {
            io.get_ref().and_then(|inner| os_error(inner)).or_else(|| error.source().and_then(os_error))
        }
        None => error.source().and_then(os_error),
    }
}

/// An error and what is behind it, on one line.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// What a proxy is to know of its user.
fn basic_auth(proxy: &ProxyUrl) -> Option<HeaderValue> {
    let (user, password) = proxy.user.as_ref()?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    HeaderValue::from_str(&format!("Basic {encoded}")).ok()
}

/// What hyper reads from and writes to.
trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A stream that notes whether anything was written to it.
struct Watched {
    stream: Pin<Box<dyn Stream>>,
    wrote: Arc<AtomicBool>,
}

impl Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buffer)
    }
}

impl Write for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Before the write: one that fails half-way has sent something.
        self.wrote.store(true, Ordering::Release);
        self.stream.as_mut().poll_write(cx, bytes)
    }

    // Without these two, hyper would copy a body in order to send it.

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wrote.store(true, Ordering::Release);
        self.stream.as_mut().poll_write_vectored(cx, pieces)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}
