//! The blocking transport, on ureq.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use ureq::http;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
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
    calls: Calls,
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
        let calls = Calls::default();
        let connector = Watching { inner: DefaultConnector::default(), calls: calls.clone() };
        Ok(Self { agent: Agent::with_parts(config, connector, DefaultResolver::default()), calls, proxies })
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
        let mut hidden = Vec::new();
        for (name, value) in request.headers.iter() {
            let value = http::HeaderValue::from_bytes(value).map_err(http::Error::from)?;
            if is_shown(name) || value.is_empty() {
                builder = builder.header(name, value);
            } else {
                hidden.push(Hidden::new(name, value.as_bytes()));
                builder = builder.header(name, "*".repeat(value.len()));
            }
        }
        self.calls.begin(hidden);
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
        let sent = self.calls.end();
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

/// What is known of the call that each thread is in. ureq does a call's work on the thread that makes it.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<HashMap<ThreadId, Present>>>);

/// A call on its way.
#[derive(Default)]
struct Present {
    /// Whether anything of the request was written to the connection.
    wrote: bool,
    /// Headers that ureq was given asterisks for. At level trace it logs every byte that it is about to write.
    /// Empty once they are in their places or the header is over: what follows is the body, and is left alone.
    hidden: Vec<Hidden>,
}

/// A header whose value is put in its place when it is written to the connection.
struct Hidden {
    /// The header's line as ureq writes it: name, colon, asterisks, between two line ends.
    stand_in: Vec<u8>,
    value: Vec<u8>,
}

impl Hidden {
    fn new(name: &str, value: &[u8]) -> Self {
        let stars = "*".repeat(value.len());
        let stand_in = format!("\r\n{}: {stars}\r\n", name.to_ascii_lowercase()).into_bytes();
        Self { stand_in, value: value.to_vec() }
    }

    /// True if it is in its place.
    fn put_in_place(&self, header: &mut [u8]) -> bool {
        let Some(at) = find(header, &self.stand_in) else { return false };
        let end = at + self.stand_in.len() - 2;
        header[end - self.value.len()..end].copy_from_slice(&self.value);
        true
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

impl Calls {
    fn present(&self, act: impl FnOnce(&mut Present)) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(calls.entry(std::thread::current().id()).or_default());
    }

    fn begin(&self, hidden: Vec<Hidden>) {
        self.present(|call| *call = Present { wrote: false, hidden });
    }

    /// True if anything of the request was written.
    fn end(&self) -> bool {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.remove(&std::thread::current().id()).is_some_and(|call| call.wrote)
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

/// Connects as ureq does by itself, and notes what is written once the connection stands. What is written before
/// (TLS, the proxy's CONNECT) is nothing of the request.
#[derive(Debug)]
struct Watching {
    inner: DefaultConnector,
    calls: Calls,
}

impl Connector<()> for Watching {
    type Out = Watched;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Watched>, ureq::Error> {
        let result = self.inner.connect(details, chained);
        self.calls.present(|call| call.wrote = false);
        Ok(result?.map(|inner| Watched { inner, calls: self.calls.clone() }))
    }
}

#[derive(Debug)]
struct Watched {
    inner: Box<dyn Wire>,
    calls: Calls,
}

impl Wire for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let output = self.inner.buffers().output();
        let amount_here = amount.min(output.len());
        let output = &mut output[..amount_here];
        self.calls.present(|call| {
            // Before the write: one that fails half-way has sent something.
            call.wrote = true;
            if call.hidden.is_empty() {
                return;
            }
            let end = find(output, b"\r\n\r\n").map(|end| end + 4);
            let header = &mut output[..end.unwrap_or(amount_here)];
            call.hidden.retain(|hidden| !hidden.put_in_place(header));
            if end.is_some() {
                call.hidden.clear();
            }
        });
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
