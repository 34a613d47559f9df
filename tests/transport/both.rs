//! Both transports, and how a test runs on each.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use controlplane::Error;
use controlplane::http::{Method, Request, Response};
use controlplane::transport::{
    AsyncTransport, HttpConfig, HyperTransport, Proxy, SendError, SendErrorKind, Transport, UreqTransport,
};
use tokio::runtime::Runtime;

use crate::counted_server::CountedServer;
use crate::raw_request::read_request;

pub(crate) const CA: &[u8] = include_bytes!("../data/tls/ca.pem");
pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

pub(crate) fn config() -> HttpConfig {
    let mut config = HttpConfig::default();
    config.proxy = Proxy::None;
    config
}

pub(crate) fn post(base: &str) -> Request {
    let mut request = Request::new(Method::Post, base, "/v1/resource/");
    request.headers.push("x-secret", "hunter2");
    request.body = Some(b"{}".to_vec().into());
    request
}

/// A transport under test.
pub(crate) enum Under {
    Blocking(UreqTransport),
    Async(HyperTransport, Runtime),
}

impl Under {
    pub(crate) fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        match self {
            Self::Blocking(transport) => transport.send(request, timeout),
            Self::Async(transport, runtime) => runtime.block_on(transport.send(request, timeout)),
        }
    }
}

pub(crate) type Make<'a> = &'a dyn Fn(&HttpConfig) -> Result<Under, Error>;

/// Runs a test on each transport.
pub(crate) fn on_both(test: impl Fn(Make<'_>)) {
    test(&|config| UreqTransport::new(config).map(Under::Blocking));
    test(&|config| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        HyperTransport::new(config).map(|transport| Under::Async(transport, runtime))
    });
}

/// Sends a request with a new transport.
pub(crate) fn send(make: Make<'_>, request: &Request) -> Result<Response, SendError> {
    make(&config()).unwrap().send(request, ENOUGH)
}

#[track_caller]
pub(crate) fn fails(result: Result<Response, SendError>, kind: SendErrorKind, sent: bool) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.is_sent()), (kind, sent), "{error} {error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

/// An address on which nothing listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A TLS server for `localhost`, with a certificate of the tests' own CA.
pub(crate) fn tls_server(bytes: Vec<u8>) -> CountedServer {
    tls_server_with(
        include_bytes!("../data/tls/localhost.pem"),
        include_bytes!("../data/tls/localhost.key"),
        bytes,
    )
}

pub(crate) fn tls_server_with(certificate: &[u8], key: &[u8], bytes: Vec<u8>) -> CountedServer {
    let config = tls_config(certificate, key);
    CountedServer::start(move |stream, _| {
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        answer_all(&mut stream, &bytes);
    })
}

/// Answers every request of a connection with the same bytes.
pub(crate) fn answer_all(stream: &mut (impl Read + Write), bytes: &[u8]) {
    while read_request(stream).is_some() {
        if stream.write_all(bytes).is_err() {
            return;
        }
    }
}

/// The TLS of a server with a certificate and its key, as PEM.
pub(crate) fn tls_config(certificate: &[u8], key: &[u8]) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let chain = CertificateDer::from_pem_slice(certificate).unwrap();
    tls_config_of(chain, PrivateKeyDer::from_pem_slice(key).unwrap())
}

/// The TLS of a server with a certificate and its key.
pub(crate) fn tls_config_of(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: rustls::pki_types::PrivateKeyDer<'static>,
) -> Arc<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

/// Opens a stream on both transports, reads it to its end, and calls `seen` when its head has arrived.
pub(crate) fn read_on_both(
    url: &dyn Fn() -> (String, HttpConfig),
    seen: &dyn Fn(),
    check: &dyn Fn(Result<Vec<u8>, SendError>),
) {
    let request = |base: &str| Request::new(Method::Get, base, "/v1/x:streamLogs");
    let (base, config) = url();
    let mut opened = UreqTransport::new(&config).unwrap().open(&request(&base), ENOUGH, ENOUGH).unwrap();
    seen();
    let mut bytes = Vec::new();
    check(loop {
        match opened.body.next_piece() {
            Ok(Some(piece)) => bytes.extend(piece),
            Ok(None) => break Ok(std::mem::take(&mut bytes)),
            Err(error) => break Err(error),
        }
    });
    let (base, config) = url();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let transport = HyperTransport::new(&config).unwrap();
    runtime.block_on(async {
        let mut opened = AsyncTransport::open(&transport, &request(&base), ENOUGH, ENOUGH).await.unwrap();
        seen();
        let mut bytes = Vec::new();
        check(loop {
            match opened.body.next_piece().await {
                Ok(Some(piece)) => bytes.extend(piece),
                Ok(None) => break Ok(std::mem::take(&mut bytes)),
                Err(error) => break Err(error),
            }
        });
    });
}
