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
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use base64::Engine;
use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::header::{ACCEPT, HOST, HeaderName, HeaderValue, USER_AGENT};
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
use crate::http::{Headers, LONGEST, Request, Response, host_of};

use super::config::HttpConfig;
use super::proxy::{ProxyKind, ProxyRules, ProxyUrl};
use super::{AsyncTransport, SendError, SendErrorKind, tls};

/// Idle connections that are kept.
const MAX_IDLE: usize = 64;
/// How long an idle connection is kept: as long as ureq keeps one.
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

    async fn run(&self, request: &Request, wrote: &OnceLock<Arc<AtomicBool>>) -> Result<Response, Failure> {
        let url: Uri = request.url().parse().map_err(Failure::invalid)?;
        let key = Key::of(&url).ok_or_else(|| Failure::invalid("no scheme or no host"))?;
        let message = self.message(request, &url)?;
        let mut live = match self.take_idle(&key).await {
            Some(live) => live,
            None => self.connect(&key, url).await?,
        };
        live.wrote.store(false, Ordering::Release);
        let _ = wrote.set(live.wrote.clone());
        let response = live.exchange(message, request.max_response_body).await?;
        self.keep(key, live).await;
        Ok(response)
    }

    /// The request as hyper takes it.
    fn message(&self, request: &Request, url: &Uri) -> Result<HyperRequest<Full<Bytes>>, Failure> {
        let target = url.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut message = HyperRequest::builder().method(request.method.as_str()).uri(target);
        if let Some(headers) = message.headers_mut() {
            let host = url.authority().map_or("", |authority| authority.as_str());
            headers.insert(HOST, HeaderValue::from_str(host).map_err(Failure::invalid)?);
            headers.insert(USER_AGENT, self.user_agent.clone());
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
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
        message.body(Full::new(Bytes::from(body))).map_err(Failure::invalid)
    }

    async fn connect(&self, key: &Key, url: Uri) -> Result<Live, Failure> {
        let connecting = async {
            let stream = self.stream(key, url).await.map_err(Failure::Connect)?;
            let wrote = Arc::new(AtomicBool::new(false));
            let watched = Watched { stream, wrote: wrote.clone() };
            let (sender, connection) = http1::handshake(watched).await.map_err(Failure::http)?;
            Ok(Live { sender, connection, wrote, ended: false })
        };
        timeout(self.connect_timeout, connecting).await.unwrap_or(Err(Failure::ConnectTimeout))
    }

    /// A stream to the host of the URL, through the proxy that the rules name, with TLS if the scheme wants it.
    async fn stream(&self, key: &Key, url: Uri) -> Result<Pin<Box<dyn Stream>>, BoxError> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let Some(proxy) = self.proxies.proxy_for(&key.scheme, url.host().unwrap_or_default()) else {
            return Ok(Box::pin(self.with_tls(tcp).call(url).await?));
        };
        let proxy = ProxyUrl::read(proxy).ok_or("the proxy's URL is not one")?;
        match proxy.kind {
            ProxyKind::Http => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), tcp);
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await.map_err(ProxyFailure::boxed)?))
            }
            ProxyKind::Https => {
                let mut tunnel = Tunnel::new(proxy.address.clone(), self.with_tls(tcp));
                if let Some(basic) = basic_auth(&proxy) {
                    tunnel = tunnel.with_auth(basic);
                }
                Ok(Box::pin(self.with_tls(tunnel).call(url).await.map_err(ProxyFailure::boxed)?))
            }
            ProxyKind::Socks4 { local_dns } => {
                let socks = SocksV4::new(proxy.address, tcp).local_dns(local_dns);
                Ok(Box::pin(self.with_tls(socks).call(url).await.map_err(ProxyFailure::boxed)?))
            }
            ProxyKind::Socks5 => {
                let mut socks = SocksV5::new(proxy.address.clone(), tcp);
                if let Some((user, password)) = proxy.user {
                    socks = socks.with_auth(user, password);
                }
                Ok(Box::pin(self.with_tls(socks).call(url).await.map_err(ProxyFailure::boxed)?))
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
            // Lets the runtime hear what has happened to the connection, even if nothing has run for a while.
            tokio::task::yield_now().await;
            if idle.live.is_ready().await {
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
        let wrote = OnceLock::new();
        let result = timeout(time, self.run(request, &wrote)).await;
        let sent = wrote.get().is_some_and(|wrote| wrote.load(Ordering::Acquire));
        let failure = match result {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::Timeout,
        };
        Err(failure.into_error(sent, host_of(&request.base_url), request.max_response_body, time))
    }
}

/// What connections can be shared by.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    scheme: String,
    authority: String,
}

impl Key {
    fn of(url: &Uri) -> Option<Self> {
        let scheme = url.scheme_str().filter(|s| matches!(*s, "http" | "https"))?;
        let authority = url.authority().filter(|a| !a.host().is_empty())?;
        Some(Self { scheme: scheme.to_owned(), authority: authority.as_str().to_ascii_lowercase() })
    }
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
    wrote: Arc<AtomicBool>,
    /// The connection's future is done and must not be polled again.
    ended: bool,
}

impl Live {
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
    ) -> Result<Response, Failure> {
        let Self { sender, connection, ended, .. } = self;
        let mut answer = pin!(async {
            let response = sender.send_request(message).await.map_err(Failure::http)?;
            read(response, limit).await
        });
        poll_fn(|cx| {
            // What ends the connection also ends the answer, and the answer knows why.
            Self::drive(connection, ended, cx);
            answer.as_mut().poll(cx)
        })
        .await
    }
}

/// The whole answer, unless it is too long.
async fn read(response: HyperResponse<Incoming>, limit: usize) -> Result<Response, Failure> {
    let (parts, body) = response.into_parts();
    let mut headers = Headers::new();
    for (name, value) in &parts.headers {
        headers.push(name.as_str().to_owned(), value.as_bytes());
    }
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

    fn into_error(self, sent: bool, host: &str, limit: usize, time: Duration) -> SendError {
        use SendErrorKind as K;
        match self {
            Self::Invalid(e) => {
                SendError::new(K::InvalidRequest, false, format!("the request to {host} cannot be sent"))
                    .with_source(e)
            }
            Self::ConnectTimeout => {
                SendError::new(K::Timeout, false, format!("connecting to {host} took too long"))
            }
            Self::Timeout if sent => {
                SendError::new(K::Timeout, true, format!("no whole answer from {host} within {time:.1?}"))
            }
            Self::Timeout => {
                SendError::new(K::Timeout, false, format!("no connection to {host} within {time:.1?}"))
            }
            Self::TooLarge => SendError::new(
                K::BodyTooLarge,
                sent,
                format!("the answer's body is larger than {limit} bytes"),
            ),
            Self::Http(e) if e.is_parse() => {
                let kind = if e.to_string().contains("too large") { K::BodyTooLarge } else { K::Protocol };
                SendError::new(kind, sent, format!("the answer is not HTTP: {}", causes(&e))).with_source(e)
            }
            Self::Http(e) => {
                let kind = if sent { K::Closed } else { K::Connect };
                SendError::new(kind, sent, format!("the connection to {host} broke: {}", causes(&e)))
                    .with_source(e)
            }
            Self::Connect(e) => {
                let all = causes(&*e);
                let (kind, message) = if is_caused_by::<rustls::Error>(&*e) {
                    tls::failure(&all)
                } else if is_caused_by::<ProxyFailure>(&*e) && !is_caused_by::<io::Error>(&*e) {
                    (K::Proxy, format!("the proxy refused: {all}"))
                } else if all.contains("dns error") {
                    (K::Dns, format!("{host} has no address"))
                } else {
                    (K::Connect, format!("no connection to {host}: {all}"))
                };
                SendError::new(kind, false, message).with_source(e)
            }
        }
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

/// True if an error of this type is in the chain. An I/O error may hold another one, which is none of its sources.
fn is_caused_by<E: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<E>()
        || inner.is_some_and(|inner| is_caused_by::<E>(inner))
        || error.source().is_some_and(is_caused_by::<E>)
}

/// Marks what came of connecting through a proxy.
#[derive(Debug)]
struct ProxyFailure(BoxError);

impl ProxyFailure {
    fn boxed(error: BoxError) -> BoxError {
        Box::new(Self(error))
    }
}

impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for ProxyFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
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

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}
