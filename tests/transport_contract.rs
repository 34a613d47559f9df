//! What is promised of a transport, against real sockets and TLS on loopback. Written once, run on both transports.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use controlplane::Error;
use controlplane::http::{Method, Request, Response};
use controlplane::transport::{
    AsyncTransport, HttpConfig, HyperTransport, Proxy, SendError, SendErrorKind, Transport, UreqTransport,
};
use tokio::runtime::Runtime;

mod support;
use support::{RawServer, answer, answer_all, read_request, wait_for_close};

const CA: &[u8] = include_bytes!("data/tls/ca.pem");
const ENOUGH: Duration = Duration::from_secs(20);
/// What `src/transport/hyper.rs` has under this name.
const PROBABLY_OPEN: Duration = Duration::from_millis(2);

fn config() -> HttpConfig {
    let mut config = HttpConfig::default();
    config.proxy = Proxy::None;
    config
}

fn post(base: &str) -> Request {
    let mut request = Request::new(Method::Post, base, "/v1/resource/");
    request.headers.push("x-secret", "hunter2");
    request.body = Some(b"{}".to_vec());
    request
}

/// A transport under test.
enum Under {
    Blocking(UreqTransport),
    Async(HyperTransport, Runtime),
}

impl Under {
    fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        match self {
            Self::Blocking(transport) => transport.send(request, timeout),
            Self::Async(transport, runtime) => runtime.block_on(transport.send(request, timeout)),
        }
    }
}

type Make<'a> = &'a dyn Fn(&HttpConfig) -> Result<Under, Error>;

/// Runs a test on each transport.
fn on_both(test: impl Fn(Make<'_>)) {
    test(&|config| UreqTransport::new(config).map(Under::Blocking));
    test(&|config| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        HyperTransport::new(config).map(|transport| Under::Async(transport, runtime))
    });
}

/// What a new transport makes of a request.
fn send(make: Make<'_>, request: &Request) -> Result<Response, SendError> {
    make(&config()).unwrap().send(request, ENOUGH)
}

#[track_caller]
fn fails(result: Result<Response, SendError>, kind: SendErrorKind, sent: bool) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.is_sent()), (kind, sent), "{error} {error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

/// An address on which nothing listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn every_status_is_an_answer_with_its_headers_and_body() {
    on_both(|make| {
        for status in [200, 204, 302, 400, 401, 404, 429, 500, 503, 599] {
            let body = if status == 204 { "" } else { "the body" };
            let server = RawServer::start(move |mut stream, _| {
                let bytes = answer(&format!("{status} X"), "grpc-message: a%20b\r\nX-Odd: \u{e9}\r\n", body);
                answer_all(&mut stream, &bytes);
            });
            let response = send(make, &post(&server.url())).unwrap();
            assert_eq!(response.status, status);
            assert_eq!(response.headers.get("GRPC-Message"), Some(&b"a%20b"[..]));
            assert_eq!(response.headers.get("x-odd"), Some("\u{e9}".as_bytes()));
            assert_eq!(response.body, body.as_bytes());
        }
    });
}

#[test]
fn a_request_is_sent_as_it_is() {
    on_both(|make| {
        let (sender, requests) = mpsc::channel();
        let server = RawServer::start(move |mut stream, _| {
            while let Some(request) = read_request(&mut stream) {
                sender.send(request).unwrap();
                stream.write_all(&answer("200 OK", "", "")).unwrap();
            }
        });
        let mut request = post(&server.url());
        request.query.push(("a b".into(), "c&d".into()));
        request.headers.push("x-name", "üser😀");
        send(make, &request).unwrap();
        let seen = requests.recv().unwrap();
        assert!(seen.starts_with("POST /v1/resource/?a%20b=c%26d HTTP/1.1\r\n"), "{seen}");
        assert!(seen.contains("x-name: üser😀\r\n"), "{seen}");
        assert!(seen.contains("user-agent: controlplane/"), "{seen}");
        assert!(seen.ends_with("\r\n\r\n{}"), "{seen}");
        assert!(!seen.to_lowercase().contains("accept-encoding"), "{seen}");
    });
}

#[test]
fn a_body_that_looks_like_a_header_is_sent_as_it_is() {
    on_both(|make| {
        let (sender, requests) = mpsc::channel();
        let server = RawServer::start(move |mut stream, _| {
            while let Some(request) = read_request(&mut stream) {
                sender.send(request).unwrap();
                stream.write_all(&answer("200 OK", "", "")).unwrap();
            }
        });
        let transport = make(&config()).unwrap();
        for size in [0, 100_000, 300_000] {
            let body = format!("{}\r\nx-secret: *******\r\n\r\nx-secret: *******", " ".repeat(size));
            let mut request = post(&server.url());
            request.headers.push("x-other", "x-secret: *******");
            request.body = Some(body.clone().into_bytes());
            transport.send(&request, ENOUGH).unwrap();
            let seen = requests.recv().unwrap();
            let (head, sent) = seen.split_once("\r\n\r\n").unwrap();
            assert!(head.contains("\r\nx-secret: hunter2"), "{head}");
            assert!(head.contains("\r\nx-other: x-secret: *******"), "{head}");
            assert!(sent == body, "the body of {size} was changed");
        }
    });
}

#[test]
fn settings_beyond_reason_do_no_harm() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
        let mut long = config();
        long.connect_timeout = Duration::MAX;
        let mut request = post(&server.url());
        request.max_response_body = usize::MAX;
        assert_eq!(make(&long).unwrap().send(&request, Duration::MAX).unwrap().status, 200);
        let mut agent = config();
        agent.user_agent = "a\nb".into();
        assert!(make(&agent).is_err());
        for url in ["ftp://h", "http://[::1", "%%", ""] {
            let mut proxy = config();
            proxy.proxy = Proxy::Url(url.into());
            assert!(make(&proxy).is_err(), "{url:?}");
        }
    });
}

#[test]
fn connections_are_kept_and_a_stale_one_is_not_used() {
    on_both(|make| {
        let (closed, was_closed) = mpsc::channel();
        let server = RawServer::start(move |mut stream, number| {
            let requests = if number == 0 { 3 } else { 100 };
            for _ in 0..requests {
                if read_request(&mut stream).is_none() {
                    return;
                }
                stream.write_all(&answer("200 OK", "", "{}")).unwrap();
            }
            drop(stream);
            closed.send(()).unwrap();
        });
        let transport = make(&config()).unwrap();
        for _ in 0..3 {
            transport.send(&post(&server.url()), ENOUGH).unwrap();
        }
        assert_eq!(server.connections(), 1);
        was_closed.recv().unwrap();
        transport.send(&post(&server.url()), ENOUGH).unwrap();
        assert_eq!(server.connections(), 2);
        drop(transport);
    });
}

#[test]
fn without_a_connection_nothing_is_sent() {
    on_both(|make| {
        fails(send(make, &post(&nobody())), SendErrorKind::Connect, false);
        fails(send(make, &post("http://[::1")), SendErrorKind::InvalidRequest, false);
        fails(send(make, &post("ftp://localhost")), SendErrorKind::InvalidRequest, false);
        let mut request = post(&nobody());
        request.headers.push("x-bad", "hunter2\r\nx-more: 1");
        fails(send(make, &request), SendErrorKind::InvalidRequest, false);
    });
}

#[test]
fn a_connection_that_breaks_after_the_request_was_written() {
    on_both(|make| {
        // Closed after the request was read, closed in the middle of the header, in the middle of the body.
        for bytes in ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"]
        {
            let server = RawServer::start(move |mut stream, _| {
                read_request(&mut stream);
                stream.write_all(bytes.as_bytes()).unwrap();
            });
            for method in [Method::Post, Method::Delete] {
                let mut request = post(&server.url());
                request.method = method;
                if method == Method::Delete {
                    request.body = None;
                }
                fails(send(make, &request), SendErrorKind::Closed, true);
            }
        }
        let server = RawServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").unwrap();
        });
        fails(send(make, &post(&server.url())), SendErrorKind::Closed, true);
    });
}

#[test]
fn a_connection_that_is_reset_in_the_middle_of_the_request_may_have_been_used() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| {
            use std::io::Read;
            // One byte is read: so some were written.
            let _ = stream.read(&mut [0; 1]);
        });
        let error = send(make, &post(&server.url())).unwrap_err();
        assert!(error.is_sent(), "{error:?}");
    });
}

#[test]
fn what_is_not_http_is_said_to_be_so() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n\r\n").unwrap();
            wait_for_close(&mut stream);
        });
        fails(send(make, &post(&server.url())), SendErrorKind::Protocol, true);
    });
}

#[test]
fn silence_ends_in_a_time_out() {
    on_both(|make| {
        // No answer at all; half a header; half a body.
        for bytes in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"] {
            let server = RawServer::start(move |mut stream, _| {
                read_request(&mut stream);
                stream.write_all(bytes.as_bytes()).unwrap();
                wait_for_close(&mut stream);
            });
            let transport = make(&config()).unwrap();
            let result = transport.send(&post(&server.url()), Duration::from_millis(700));
            fails(result, SendErrorKind::Timeout, true);
        }
    });
}

#[test]
fn a_body_over_the_limit_is_refused_whatever_it_says_of_itself() {
    on_both(|make| {
        let long = "x".repeat(1001);
        let chunked =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{long}\r\n0\r\n\r\n");
        let endless = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{long}");
        for bytes in [answer("200 OK", "", &long), chunked.into_bytes(), endless.into_bytes()] {
            let server = RawServer::start(move |mut stream, _| {
                read_request(&mut stream);
                let _ = stream.write_all(&bytes);
            });
            let mut request = post(&server.url());
            request.max_response_body = 1000;
            fails(send(make, &request), SendErrorKind::BodyTooLarge, true);
            request.max_response_body = 1001;
            assert_eq!(send(make, &request).unwrap().body.len(), 1001);
        }
    });
}

#[test]
fn a_redirect_is_an_answer_and_the_other_host_hears_nothing() {
    on_both(|make| {
        let other = RawServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "")));
        let location = format!("Location: {}/stolen\r\n", other.url());
        for status in ["301 X", "302 X", "303 X", "307 X", "308 X"] {
            let bytes = answer(status, &location, "");
            let server = RawServer::start(move |mut stream, _| answer_all(&mut stream, &bytes));
            let response = send(make, &post(&server.url())).unwrap();
            assert!(response.is_redirect());
        }
        assert_eq!(other.connections(), 0);
    });
}

#[test]
fn ipv6() {
    on_both(|make| {
        let Ok(probe) = TcpListener::bind("[::1]:0") else { return };
        drop(probe);
        let server = RawServer::start_on("[::1]:0", |mut stream, _| {
            answer_all(&mut stream, &answer("200 OK", "", "{}"));
        });
        assert_eq!(send(make, &post(&server.url())).unwrap().status, 200);
    });
}

/// A TLS server for `localhost`, with a certificate of the tests' own CA.
fn tls_server(bytes: Vec<u8>) -> RawServer {
    tls_server_with(include_bytes!("data/tls/localhost.pem"), include_bytes!("data/tls/localhost.key"), bytes)
}

fn tls_server_with(certificate: &[u8], key: &[u8], bytes: Vec<u8>) -> RawServer {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let chain = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    let config = Arc::new(config);
    RawServer::start(move |stream, _| {
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        answer_all(&mut stream, &bytes);
    })
}

#[test]
fn tls_with_an_own_ca() {
    on_both(|make| {
        let server = tls_server(answer("200 OK", "", "{}"));
        let url = format!("https://localhost:{}", server.addr.port());

        fails(send(make, &post(&url)), SendErrorKind::Certificate, false);

        let mut own = config();
        own.extra_ca_pem = Some(CA.to_vec());
        let transport = make(&own).unwrap();
        for _ in 0..3 {
            assert_eq!(transport.send(&post(&url), ENOUGH).unwrap().status, 200);
        }
        assert_eq!(server.connections(), 2, "one that was refused, one for three requests");

        // The certificate is for `localhost` and nothing else.
        let other_name = format!("https://127.0.0.1:{}", server.addr.port());
        drop(transport);
        let transport = make(&own).unwrap();
        fails(transport.send(&post(&other_name), ENOUGH), SendErrorKind::Certificate, false);

        let mut any = config();
        any.verify_tls = false;
        let transport = make(&any).unwrap();
        assert_eq!(transport.send(&post(&other_name), ENOUGH).unwrap().status, 200);
    });
}

#[test]
fn an_expired_certificate_is_not_trusted() {
    on_both(|make| {
        let server = tls_server_with(
            include_bytes!("data/tls/expired.pem"),
            include_bytes!("data/tls/expired.key"),
            answer("200 OK", "", "{}"),
        );
        let mut own = config();
        own.extra_ca_pem = Some(CA.to_vec());
        let request = post(&format!("https://localhost:{}", server.addr.port()));
        fails(make(&own).unwrap().send(&request, ENOUGH), SendErrorKind::Certificate, false);
    });
}

#[test]
fn a_body_that_drips_is_bounded_by_the_time_of_the_request() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| {
            read_request(&mut stream);
            let mut head = Some(&b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"[..]);
            // As fast as the client takes it, but a byte at a time: it never is all of it.
            while stream.write_all(head.take().unwrap_or(b"x")).is_ok() {
                std::thread::yield_now();
            }
        });
        let transport = make(&config()).unwrap();
        let mut request = post(&server.url());
        request.max_response_body = usize::MAX / 2;
        fails(transport.send(&request, Duration::from_millis(700)), SendErrorKind::Timeout, true);
    });
}

/// The environment of a process cannot be changed under the feet of other tests, so this one starts itself again.
#[test]
fn proxies_of_the_environment_and_hosts_without() {
    const TARGET: &str = "CONTROLPLANE_TEST_TARGET";
    if let Ok(target) = std::env::var(TARGET) {
        on_both(|make| {
            let transport = make(&HttpConfig::default()).unwrap();
            assert_eq!(transport.send(&post(&target), ENOUGH).unwrap().status, 200);
        });
        return;
    }
    let child = |target: &str, no_proxy: &str, proxy: &RawServer| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        for name in
            ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "no_proxy"]
        {
            command.env_remove(name);
        }
        let output = command
            .args(["--exact", "proxies_of_the_environment_and_hosts_without"])
            .env(TARGET, target)
            .env("HTTP_PROXY", proxy.url())
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("NO_PROXY", no_proxy)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    // A proxy that plays the target itself once it has been asked to tunnel.
    let proxy = RawServer::start(|mut stream, _| {
        let request = read_request(&mut stream).unwrap();
        let is_right = request.starts_with("CONNECT target.test:80 HTTP/1.1\r\n");
        let status = if is_right { "200 OK" } else { "400 Wrong port" };
        stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
        // What is sent through the tunnel is the request as it is.
        while let Some(request) = read_request(&mut stream) {
            let status =
                if request.contains("\r\nx-secret: hunter2\r\n") { "200 OK" } else { "401 No secret" };
            stream.write_all(&answer(status, "", "{}")).unwrap();
        }
    });
    child("http://target.test", "other.example", &proxy);
    assert_eq!(proxy.connections(), 2);
    // This machine is reached directly, and so is what NO_PROXY names.
    let target = RawServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
    child(&target.url(), "other.example", &proxy);
    assert_eq!((proxy.connections(), target.connections()), (2, 2));
}

#[test]
fn a_failed_handshake_sends_nothing_of_the_request() {
    on_both(|make| {
        // An answer that is not TLS; the end in the middle of the handshake.
        let plain = RawServer::start(|mut stream, _| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            wait_for_close(&mut stream);
        });
        let ends = RawServer::start(|mut stream, _| {
            use std::io::Read;
            let _ = stream.read(&mut [0; 16]);
        });
        for (server, kinds) in
            [(plain, &[SendErrorKind::Tls][..]), (ends, &[SendErrorKind::Tls, SendErrorKind::Connect])]
        {
            for method in [Method::Post, Method::Delete] {
                let mut request = post(&format!("https://localhost:{}", server.addr.port()));
                request.method = method;
                request.body = request.body.filter(|_| method == Method::Post);
                let error = send(make, &request).unwrap_err();
                assert!(!error.is_sent(), "{error:?}");
                assert!(kinds.contains(&error.kind()), "{error:?}");
            }
        }
    });
}

#[test]
fn a_handshake_that_hangs_is_bounded_by_the_connect_timeout() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| wait_for_close(&mut stream));
        let mut short = config();
        short.connect_timeout = Duration::from_millis(150);
        let transport = make(&short).unwrap();
        let request = post(&format!("https://localhost:{}", server.addr.port()));
        fails(transport.send(&request, ENOUGH), SendErrorKind::Timeout, false);
    });
}

#[test]
fn a_proxy_tunnels_or_says_no_and_what_it_hears_is_nothing_of_the_request() {
    on_both(|make| {
        let target = tls_server(answer("200 OK", "", "{}"));
        let url = format!("https://localhost:{}", target.addr.port());
        let port = target.addr.port();
        let (sender, heard) = mpsc::channel();
        let proxy = RawServer::start(move |mut stream, number| {
            let request = read_request(&mut stream).unwrap();
            sender.send(request).unwrap();
            if number == 0 {
                stream.write_all(&answer("407 Proxy Authentication Required", "", "")).unwrap();
                return;
            }
            let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut up, mut down) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
            let back = std::thread::spawn(move || std::io::copy(&mut down, &mut up));
            let _ = std::io::copy(&mut stream, &mut server);
            let _ = server.shutdown(std::net::Shutdown::Both);
            let _ = back.join();
        });
        let mut through = config();
        through.proxy = Proxy::Url(format!("http://user:hunter3@{}", proxy.addr));
        through.extra_ca_pem = Some(CA.to_vec());
        assert!(!format!("{through:?}").contains("hunter3"));
        let transport = make(&through).unwrap();
        fails(transport.send(&post(&url), ENOUGH), SendErrorKind::Proxy, false);
        assert_eq!(transport.send(&post(&url), ENOUGH).unwrap().status, 200);
        drop(transport);
        for request in [heard.recv().unwrap(), heard.recv().unwrap()] {
            assert!(request.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")), "{request}");
            assert!(!request.contains("hunter2"), "{request}");
        }

        let mut bad = config();
        bad.proxy = Proxy::Url("hunter3 is no URL".into());
        let error = make(&bad).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter3"));
    });
}

#[test]
fn a_proxy_that_makes_no_sense_is_named() {
    on_both(|make| {
        let proxy = RawServer::start(|mut stream, _| {
            use std::io::Read;
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"what?\r\n\r\nwhat?\r\n\r\n");
            wait_for_close(&mut stream);
        });
        for scheme in ["http", "socks4", "socks5"] {
            for url in ["http://target.test", "https://target.test"] {
                let mut through = config();
                // Names are looked up by the proxy, or the test would need the network.
                let scheme = match scheme {
                    "socks4" => "socks4a",
                    "socks5" => "socks5h",
                    other => other,
                };
                through.proxy = Proxy::Url(format!("{scheme}://{}", proxy.addr));
                let Ok(transport) = make(&through) else { continue };
                let error = transport.send(&post(url), ENOUGH).unwrap_err();
                assert_eq!(
                    (error.kind(), error.is_sent()),
                    (SendErrorKind::Proxy, false),
                    "{scheme} {url} {error:?}"
                );
                assert!(error.to_string().contains(&proxy.addr.to_string()), "{error}");
            }
        }
        let mut gone = config();
        gone.proxy = Proxy::Url(nobody());
        let error = make(&gone).unwrap().send(&post("http://target.test"), ENOUGH).unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Connect, false), "{error:?}");
        assert!(error.to_string().contains("proxy"), "{error}");
    });
}

#[test]
fn socks_5() {
    on_both(|make| {
        let target = RawServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
        let addr = target.addr;
        let proxy = RawServer::start(move |mut stream, number| {
            use std::io::Read;
            // Version, number of methods, methods; we take the first: none.
            let mut hello = [0; 2];
            stream.read_exact(&mut hello).unwrap();
            let mut methods = vec![0; hello[1].into()];
            stream.read_exact(&mut methods).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            // Version, connect, reserved, IPv4, address, port.
            let mut connect = [0; 10];
            stream.read_exact(&mut connect).unwrap();
            assert_eq!(connect[..4], [5, 1, 0, 1]);
            assert_eq!(connect[4..8], [127, 0, 0, 1]);
            assert_eq!(connect[8..], addr.port().to_be_bytes());
            if number == 0 {
                // Refused.
                stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
                return;
            }
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            answer_all(&mut stream, &answer("200 OK", "", "{}"));
        });
        let mut through = config();
        through.proxy = Proxy::Url(format!("socks5://{}", proxy.addr));
        let transport = make(&through).unwrap();
        fails(transport.send(&post(&target.url()), ENOUGH), SendErrorKind::Proxy, false);
        assert_eq!(transport.send(&post(&target.url()), ENOUGH).unwrap().status, 200);
        assert_eq!(target.connections(), 0);
    });
}

#[test]
fn a_request_without_a_body_says_so_where_one_could_be() {
    on_both(|make| {
        let (sender, requests) = mpsc::channel();
        let server = RawServer::start(move |mut stream, _| {
            while let Some(request) = read_request(&mut stream) {
                sender.send(request.to_ascii_lowercase()).unwrap();
                stream.write_all(&answer("200 OK", "", "")).unwrap();
            }
        });
        for method in [Method::Get, Method::Delete, Method::Post, Method::Put, Method::Patch] {
            let has_length = matches!(method, Method::Post | Method::Put | Method::Patch);
            for body in [None, Some(Vec::new())] {
                let mut request = post(&server.url());
                request.method = method;
                if has_length || body.is_none() {
                    request.body = body;
                    send(make, &request).unwrap();
                    let seen = requests.recv().unwrap();
                    assert_eq!(seen.contains("content-length: 0\r\n"), has_length, "{seen}");
                    assert!(!seen.contains("transfer-encoding"), "{seen}");
                }
            }
        }
    });
}

#[test]
fn headers_of_an_answer_up_to_a_limit_and_framing() {
    on_both(|make| {
        let with = |bytes: Vec<u8>| {
            let server = RawServer::start(move |mut stream, _| {
                read_request(&mut stream);
                let _ = stream.write_all(&bytes);
                wait_for_close(&mut stream);
            });
            send(make, &post(&server.url()))
        };
        assert_eq!(with(answer("200 OK", &"X-H: 1\r\n".repeat(110), "{}")).unwrap().status, 200);
        fails(with(answer("200 OK", &"X-H: 1\r\n".repeat(300), "{}")), SendErrorKind::Protocol, true);
        let long = format!("X-H: {}\r\n", "x".repeat(100_000));
        fails(with(answer("200 OK", &long, "{}")), SendErrorKind::Protocol, true);
        let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
        fails(with(chunk.into()), SendErrorKind::Protocol, true);
    });
}

#[test]
fn a_user_in_the_url_is_refused() {
    on_both(|make| {
        let server = RawServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
        let request = post(&format!("http://user:hunter2@{}", server.addr));
        fails(send(make, &request), SendErrorKind::InvalidRequest, false);
        assert_eq!(server.connections(), 0);
    });
}

/// Only the transport of futures can meet this.
#[test]
fn connections_stay_with_their_runtime_and_stale_ones_are_seen_by_busy_workers() {
    let (closed, was_closed) = mpsc::channel();
    let server = RawServer::start(move |mut stream, _| {
        // One answer a connection, without a word about it.
        if read_request(&mut stream).is_some() {
            stream.write_all(&answer("200 OK", "", "{}")).unwrap();
            drop(stream);
            let _ = closed.send(());
        }
    });
    // Blocks the thread until the server has closed the connection, and for as long as the transport takes it to be
    // open without a look: that is a lower bound, so a slow machine cannot miss it.
    let until_closed = move || {
        let since = Instant::now();
        was_closed.recv().unwrap();
        while since.elapsed() <= PROBABLY_OPEN {
            std::hint::spin_loop();
        }
    };
    let transport = Arc::new(HyperTransport::new(&config()).unwrap());
    let request = Arc::new(post(&server.url()));
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for runtime in [&one, &other, &one] {
        assert_eq!(runtime.block_on(transport.send(&request, ENOUGH)).unwrap().status, 200);
        until_closed();
    }
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    many.block_on(many.spawn(async move {
        for _ in 0..20 {
            assert_eq!(transport.send(&request, ENOUGH).await.unwrap().status, 200);
            // The task keeps its worker busy meanwhile.
            until_closed();
        }
    }))
    .unwrap();
}

#[test]
fn a_ca_file_that_is_none_is_refused() {
    on_both(|make| {
        for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n"] {
            let mut config = config();
            config.extra_ca_pem = Some(pem.into());
            assert!(make(&config).is_err(), "{pem:?}");
        }
        assert!(config().extra_ca_file("/does/not/exist.pem").is_err());
    });
}
