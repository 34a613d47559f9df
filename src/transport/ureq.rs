//! The blocking transport, on ureq.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport as Wire,
};
use ureq::{Agent, Timeout};

use crate::error::Error;
use crate::http::{Headers, LONGEST, Method, Request, Response, host_of, is_shown};

use super::config::HttpConfig;
use super::proxy::ProxyRules;
use super::tls;
use super::{SendError, SendErrorKind, Transport};

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
        let connector = Watching(DefaultConnector::default());
        Ok(Self { agent: Agent::with_parts(config, connector, Resolving::default()), proxies })
    }

    fn run(&self, request: &Request, timeout: Duration) -> Result<Response, ureq::Error> {
        let method = match request.method {
            Method::Delete => http::Method::DELETE,
            Method::Get => http::Method::GET,
            Method::Patch => http::Method::PATCH,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
        };
        let url: http::Uri = request.url().parse().map_err(http::Error::from)?;
        let through =
            self.proxies.proxy_for(url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default());
        let through = through.map(ureq::Proxy::new).transpose()?;
        let mut builder = http::Request::builder().method(method).uri(url);
        let mut hidden = Vec::with_capacity(request.headers.entries().len());
        for (name, value) in request.headers.entries() {
            let value = http::HeaderValue::from_bytes(value).map_err(http::Error::from)?;
            if is_shown(name) || value.is_empty() {
                builder = builder.header(&**name, value);
            } else {
                let header = Hidden { name: name.clone(), value };
                builder = builder.header(&**name, header.stand_in()?);
                hidden.push(header);
            }
        }
        Present::begin(hidden);
        let answer = match &request.body {
            Some(body) => {
                let request = builder.body(body.as_slice())?;
                self.agent.run(
                    self.agent
                        .configure_request(request)
                        .timeout_global(Some(timeout))
                        .proxy(through)
                        .build(),
                )
            }
            None => {
                let request = builder.body(())?;
                self.agent.run(
                    self.agent
                        .configure_request(request)
                        .timeout_global(Some(timeout))
                        .proxy(through)
                        .build(),
                )
            }
        }?;
        let (parts, mut body) = answer.into_parts();
        // ureq refuses a body that reaches its limit, even if it ends there.
        let limit = u64::try_from(request.max_response_body).unwrap_or(u64::MAX);
        let body = body.with_config().limit(limit.saturating_add(1)).read_to_vec()?;
        let mut headers = Headers::new();
        for (name, value) in &parts.headers {
            headers.push(name.as_str().to_owned(), value.as_bytes());
        }
        Ok(Response::new(parts.status.as_u16(), headers, body))
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        let timeout = timeout.min(LONGEST);
        let result = self.run(request, timeout);
        let sent = Present::end();
        result.map_err(|error| classify(error, sent, host_of(&request.base_url), timeout))
    }
}

fn classify(error: ureq::Error, sent: bool, host: &str, timeout: Duration) -> SendError {
    use SendErrorKind as K;
    use ureq::Error as E;

    let (kind, message) = match &error {
        E::BadUri(_) | E::Http(_) | E::RequireHttpsOnly(_) => {
            (K::InvalidRequest, format!("the request to {host} cannot be sent"))
        }
        E::InvalidProxyUrl => (K::Proxy, "the proxy's URL is not one".into()),
        E::ConnectProxyFailed(why) => (K::Proxy, format!("the proxy refused: {why}")),
        E::HostNotFound => (K::Dns, format!("{host} has no address")),
        E::ConnectionFailed => (K::Connect, format!("no connection to {host}")),
        E::Timeout(Timeout::Resolve) => (K::Timeout, format!("looking up {host} took too long")),
        E::Timeout(Timeout::Connect) => (K::Timeout, format!("connecting to {host} took too long")),
        E::Timeout(_) if !sent => (K::Timeout, format!("no connection to {host} within {timeout:.1?}")),
        E::Timeout(_) => (K::Timeout, format!("no whole answer from {host} within {timeout:.1?}")),
        E::BodyExceedsLimit(limit) => {
            (K::BodyTooLarge, format!("the answer's body is larger than {} bytes", limit.saturating_sub(1)))
        }
        E::LargeResponseHeader(..) => (K::BodyTooLarge, "the answer's header is too large".into()),
        E::Protocol(_) if sent => (K::Protocol, format!("the answer is not HTTP: {error}")),
        E::Protocol(_) => (K::InvalidRequest, format!("the request cannot be sent: {error}")),
        E::Tls(_) | E::Pem(_) | E::Rustls(_) | E::TlsRequired => tls::failure(&error.to_string()),
        E::Io(io) => match io.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>()) {
            Some(E::Rustls(e)) => tls::failure(&e.to_string()),
            _ if io.kind() == std::io::ErrorKind::InvalidData && !sent => tls::failure(&io.to_string()),
            _ if sent => (K::Closed, format!("the connection to {host} broke: {io}")),
            _ => (K::Connect, format!("no connection to {host}: {io}")),
        },
        _ if sent => (K::Closed, error.to_string()),
        _ => (K::Connect, error.to_string()),
    };
    SendError::new(kind, sent, message).with_source(error)
}

thread_local! {
    /// What is known of the call that this thread is in. ureq does a call's work on the thread that makes it.
    static CALL: RefCell<Present> = const { RefCell::new(Present { wrote: false, hidden: Vec::new() }) };
}

/// A call on its way.
struct Present {
    /// Whether anything of the request was written to the connection.
    wrote: bool,
    /// Headers that ureq was given asterisks for. At level trace it logs every byte that it is about to write.
    /// Empty once they are in their places or the header is over: what follows is the body, and is left alone.
    hidden: Vec<Hidden>,
}

impl Present {
    fn begin(hidden: Vec<Hidden>) {
        CALL.set(Self { wrote: false, hidden });
    }

    /// True if anything of the request was written.
    fn end() -> bool {
        CALL.replace(Self { wrote: false, hidden: Vec::new() }).wrote
    }

    /// These bytes are about to be written.
    fn writes(&mut self, output: &mut [u8]) {
        // Before the write: one that fails half-way has sent something.
        self.wrote = true;
        if self.hidden.is_empty() {
            return;
        }
        for line in output.split_inclusive_mut(|byte| *byte == b'\n') {
            if line == b"\r\n" {
                self.hidden.clear();
                return;
            }
            if let Some(at) = self.hidden.iter().position(|hidden| hidden.put_in_place(line)) {
                self.hidden.remove(at);
            }
        }
    }
}

/// A header whose value is put in its place when it is written to the connection.
struct Hidden {
    name: Cow<'static, str>,
    value: http::HeaderValue,
}

impl Hidden {
    /// What ureq is given in place of the value: as many asterisks.
    fn stand_in(&self) -> Result<http::HeaderValue, http::Error> {
        const STARS: &str = match std::str::from_utf8(&[b'*'; 256]) {
            Ok(stars) => stars,
            Err(_) => "",
        };
        match STARS.get(..self.value.len()) {
            Some(stars) => Ok(http::HeaderValue::from_static(stars)),
            None => Ok(http::HeaderValue::try_from("*".repeat(self.value.len()))?),
        }
    }

    /// True if this is the header's line as ureq writes it (name, colon, asterisks, line end); the value is then in it.
    fn put_in_place(&self, line: &mut [u8]) -> bool {
        let (name, value) = (self.name.as_bytes(), self.value.as_bytes());
        if line.len() != name.len() + value.len() + 4 || !line[..name.len()].eq_ignore_ascii_case(name) {
            return false;
        }
        let Some(rest) = line[name.len()..].strip_prefix(b": ") else { return false };
        if !rest.ends_with(b"\r\n") || !rest[..value.len()].iter().all(|byte| *byte == b'*') {
            return false;
        }
        let at = name.len() + 2;
        line[at..at + value.len()].copy_from_slice(value);
        true
    }
}

/// Looks up names as ureq does by itself: on a thread of its own, so that it can be given up. Addresses need no thread.
#[derive(Debug, Default)]
struct Resolving(DefaultResolver);

impl Resolver for Resolving {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some(address) = address_in(uri) else { return self.0.resolve(uri, config, timeout) };
        let mut addresses = self.empty();
        addresses.push(address);
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
struct Watching(DefaultConnector);

impl Connector<()> for Watching {
    type Out = Watched;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Watched>, ureq::Error> {
        let result = self.0.connect(details, chained);
        CALL.with_borrow_mut(|call| call.wrote = false);
        Ok(result?.map(Watched))
    }
}

#[derive(Debug)]
struct Watched(Box<dyn Wire>);

impl Wire for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let output = self.0.buffers().output();
        let amount_here = amount.min(output.len());
        CALL.with_borrow_mut(|call| call.writes(&mut output[..amount_here]));
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
