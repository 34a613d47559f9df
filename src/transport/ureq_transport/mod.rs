//! The blocking transport, on ureq.

mod call;
mod connect;
mod dial;
mod failure;
mod interim;
mod lookup;
mod socket;
mod watch;
mod wire;

use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::http;
use ureq::typestate::HttpCrateScope;

use crate::error::Error;
use crate::http::{Headers, LONGEST, Method, Request, Response, host_of, target};

use super::config::HttpConfig;
use super::proxy::ProxyRules;
use super::roots::Roots;
use super::{Opened, Pieces, SendError, Transport};
use call::{CALL, Prepared, Present, with_hidden_path};
use connect::Trust;
use failure::Road;
use watch::parts;

/// The blocking transport. It sends requests with ureq: HTTP/1.1, TLS by rustls, pooled keep-alive
/// connections, and the [`Proxy`](crate::transport::Proxy) of its [`HttpConfig`].
///
/// It holds the pool of connections, so make one and share it.
///
/// # Logs
///
/// ureq logs through the crate `log`. At level trace its part `ureq_proto` writes every byte that it sends
/// and receives. This transport hides the values of secret headers from that log, but not the bytes that a
/// server sends. If a response contains a secret, as the response to `CREATE API_TOKEN` does, keep
/// `ureq_proto` below trace (`RUST_LOG=trace,ureq_proto=debug`).
///
/// At level debug, ureq 3.5.1 writes some headers of responses. If the level of ureq itself is trace, that
/// line shows `Location`, whose address may hold a secret. To keep the address out of the log, keep ureq
/// below trace (`RUST_LOG=trace,ureq=debug,ureq_proto=debug`). This transport does not follow redirects, and
/// errors about them name only the host.
pub struct UreqTransport {
    agent: Agent,
    /// Of requests that are not bare.
    user_agent: http::HeaderValue,
    proxies: ProxyRules,
    /// Those of the last request: a client sends the same with each.
    last: Mutex<Option<Arc<Prepared>>>,
    base: Mutex<Option<Arc<Base>>>,
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UreqTransport")
    }
}

impl UreqTransport {
    /// Returns a transport with its own pool of connections.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if the PEM text of additional authorities has
    /// no certificate or an invalid one, if `SSL_CERT_FILE` or `SSL_CERT_DIR` leads to no certificate, or if
    /// the proxy's URL or the `User-Agent` is not valid.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        let proxies = ProxyRules::new(&config.proxy);
        proxies.check()?;
        let Ok(user_agent) = http::HeaderValue::from_str(&config.user_agent) else {
            return Err(Error::invalid(
                "setting the user agent",
                "it contains characters that an HTTP header cannot contain",
            ));
        };
        let trust = Trust::new(config.verify_tls, Roots::new(config)?);
        let (connector, resolver) = parts(&config.user_agent, trust);
        // Requests have the header themselves: ureq does not reuse connections for requests whose user agent is not
        // that of the agent.
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(config.connect_timeout.min(LONGEST)))
            .timeout_resolve(Some(config.connect_timeout.min(LONGEST)))
            .user_agent("")
            .max_idle_connections_per_host(32)
            .max_idle_connections(64)
            .build();
        Ok(Self {
            agent: Agent::with_parts(config, connector, resolver),
            user_agent,
            proxies,
            last: Mutex::default(),
            base: Mutex::default(),
        })
    }

    fn prepared(&self, request: &Request) -> Result<Arc<Prepared>, http::Error> {
        let user_agent = (!request.bare && !self.user_agent.is_empty()).then_some(&self.user_agent);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = last.as_ref().filter(|prepared| prepared.is_of(&request.headers, user_agent))
        {
            return Ok(prepared.clone());
        }
        let prepared = Arc::new(Prepared::new(&request.headers, user_agent)?);
        *last = Some(prepared.clone());
        Ok(prepared)
    }

    /// The URL of a request. A client's requests mostly have one base URL, which is parsed once.
    fn url(&self, request: &Request) -> Result<http::Uri, ureq::Error> {
        if request.bare {
            // A secret URL is not kept.
            return target(&request.url()).map_err(ureq::Error::BadUri);
        }
        let mut last = self.base.lock().unwrap_or_else(PoisonError::into_inner);
        let base = match last.as_ref().filter(|base| base.text == request.base_url) {
            Some(base) => base.clone(),
            None => {
                // A base URL that cannot be used alone may be one with the path after it.
                let Ok(url) = target(&request.base_url) else {
                    return target(&request.url()).map_err(ureq::Error::BadUri);
                };
                let base = Arc::new(Base::new(&request.base_url, url));
                *last = Some(base.clone());
                base
            }
        };
        drop(last);
        base.with(request).map_err(|error| ureq::Error::BadUri(error.to_string()))
    }

    fn run(&self, request: &Request, timeout: Duration) -> Result<Response, ureq::Error> {
        let (parts, mut body) = self.head(request, Limits::Whole(timeout))?.into_parts();
        // ureq 3.5.1 refuses a body that reaches its limit, even if it ends there; 3.5.2 accepts it.
        let limit = u64::try_from(request.max_response_body).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        let read = body.with_config().limit(limit.saturating_add(1)).reader().read_to_end(&mut bytes);
        match read.map_err(ureq::Error::from) {
            // The server refused the request before it was whole, and closed the connection: the status says
            // it all.
            Err(error)
                if !matches!(error, ureq::Error::BodyExceedsLimit(_))
                    && parts.status.as_u16() >= 400
                    && CALL.with_borrow(|call| call.write_failed) => {}
            read => drop(read?),
        }
        if bytes.len() > request.max_response_body {
            return Err(ureq::Error::BodyExceedsLimit(limit.saturating_add(1)));
        }
        Ok(Response::new(parts.status.as_u16(), copied(&parts.headers), bytes))
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
        let url = self.url(request)?;
        let through = self.proxies.proxy_for(&url).map(ureq::Proxy::new).transpose()?;
        let prepared = self.prepared(request)?;
        let (url, path) = if request.bare { with_hidden_path(url)? } else { (url, None) };
        let mut head = http::Request::new(());
        *head.method_mut() = method;
        *head.uri_mut() = url;
        *head.headers_mut() = prepared.map.clone();
        let deadline = Instant::now().checked_add(limits.until_head());
        Present::begin(prepared, path, request.interrupt.clone(), deadline);
        let empty = request.method.has_body().then_some(&[][..]);
        let response = match request.body.as_deref().or(empty) {
            Some(body) => {
                let built = limits.on(self.agent.configure_request(head.map(|()| body))).proxy(through);
                self.agent.run(if request.bare { bare(built) } else { built }.build())
            }
            None => {
                let built = limits.on(self.agent.configure_request(head)).proxy(through);
                self.agent.run(if request.bare { bare(built) } else { built }.build())
            }
        };
        Present::has_head();
        response
    }

    /// What went wrong with a request, in the words of all transports.
    fn told(&self, request: &Request, timeout: Duration, error: ureq::Error, sent: bool) -> SendError {
        let url = target(&request.url()).ok();
        let proxy = url.as_ref().and_then(|url| self.proxies.proxy_for(url));
        let road = Road { host: host_of(&request.base_url), proxy: proxy.map(host_of), timeout };
        road.classify(error, sent)
    }
}

/// A base URL and its parts.
struct Base {
    text: String,
    scheme: Option<http::uri::Scheme>,
    authority: Option<http::uri::Authority>,
    /// Begins with a slash if it is not empty.
    path: String,
}

impl Base {
    fn new(text: &str, url: http::Uri) -> Self {
        let after_host = text.split_once("://").map_or("", |(_, rest)| rest);
        let path = after_host.find(['/', '?', '#']).map_or("", |at| &after_host[at..]).to_owned();
        let parts = url.into_parts();
        Self { text: text.to_owned(), scheme: parts.scheme, authority: parts.authority, path }
    }

    fn with(&self, request: &Request) -> Result<http::Uri, http::Error> {
        let mut path = [&*self.path, &*request.path].concat();
        request.add_query(&mut path);
        if !path.starts_with('/') {
            // Nothing but a path can follow a host.
            path.insert(0, '/');
        }
        let mut parts = http::uri::Parts::default();
        (parts.scheme, parts.authority) = (self.scheme.clone(), self.authority.clone());
        parts.path_and_query = Some(path.try_into()?);
        Ok(http::Uri::from_parts(parts)?)
    }
}

/// How long things may take.
#[derive(Clone, Copy)]
enum Limits {
    Whole(Duration),
    Pieces { head: Duration, idle: Duration },
}

impl Limits {
    fn until_head(self) -> Duration {
        match self {
            Self::Whole(time) | Self::Pieces { head: time, .. } => time,
        }
    }

    /// The connection keeps the call's time; ureq only that of a piece.
    fn on<S: ureq::AsSendBody>(
        self,
        request: ConfigBuilder<HttpCrateScope<S>>,
    ) -> ConfigBuilder<HttpCrateScope<S>> {
        match self {
            Self::Whole(_) => request,
            Self::Pieces { idle, .. } => request.timeout_per_read(Some(idle)),
        }
    }
}

/// Without what ureq adds by itself.
fn bare<S: ureq::AsSendBody>(request: ConfigBuilder<HttpCrateScope<S>>) -> ConfigBuilder<HttpCrateScope<S>> {
    request.accept("").accept_encoding("")
}

fn copied(map: &http::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(name.as_str().to_owned(), value.as_bytes());
    }
    headers
}

/// The largest part of a body that is read at once: half of ureq's buffer. The buffer that it is read into is
/// zeroed before.
const MOST: usize = 64 * 1024;

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
        let pieces = Pieces::reading(move |buffer, most| {
            let Some(open) = &mut reader else { return Ok(false) };
            let start = buffer.len();
            buffer.resize(start + most.min(MOST), 0);
            let read = open.read(&mut buffer[start..]);
            buffer.truncate(start + read.as_ref().map_or(0, |length| *length));
            match read {
                Ok(0) => {
                    reader = None;
                    Ok(false)
                }
                Ok(_) => Ok(true),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_the_same_whether_its_base_was_seen_before() {
        let transport = UreqTransport::new(&HttpConfig::default()).unwrap();
        for base in [
            "http://h",
            "https://h.example:8443/api/v1",
            "http://[::1]:80/a?b=c",
            "HTTPS://H/",
            "http://h?x=y",
        ] {
            for path in ["", "/", "/v1/status/a%20b", "/x?y=z"] {
                for query in [vec![], vec![("q".to_owned(), "a&b /".to_owned())]] {
                    let mut request = Request::new(Method::Get, base, path);
                    request.query = query;
                    let whole = target(&request.url()).unwrap();
                    for _ in 0..2 {
                        assert_eq!(transport.url(&request).unwrap().to_string(), whole.to_string());
                    }
                }
            }
        }
        for base in ["", "h", "ftp://h", "http://", "http://me:pw@h"] {
            assert!(transport.url(&Request::new(Method::Get, base, "/")).is_err(), "{base}");
        }
    }

    #[test]
    fn headers_are_prepared_again_when_they_are_others() {
        let transport = UreqTransport::new(&HttpConfig::default()).unwrap();
        let mut request = Request::new(Method::Get, "http://h", "/");
        request.headers.push("x-key", "k");
        let first = transport.prepared(&request).unwrap();
        assert!(Arc::ptr_eq(&first, &transport.prepared(&request.clone()).unwrap()));
        request.bare = true;
        assert!(!transport.prepared(&request).unwrap().map.contains_key("user-agent"));
        request.bare = false;
        request.headers.push("x-key", "k2");
        let second = transport.prepared(&request).unwrap();
        assert_eq!((second.hidden.len(), second.map["user-agent"].is_empty()), (2, false));
    }
}
