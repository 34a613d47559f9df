//! Which connection a request takes, on both transports: one that is kept, a proxy's, none that is stale.

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, mpsc};

use controlplane::transport::{AsyncTransport, HttpConfig, HyperTransport, Proxy, SendErrorKind};

use crate::both::{CA, ENOUGH, answer_all, config, fails, nobody, on_both, post, tls_server};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;

#[test]
fn connections_are_kept_and_a_stale_one_is_not_used() {
    on_both(|make| {
        let (closed, was_closed) = mpsc::channel();
        let server = CountedServer::start(move |mut stream, number| {
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
        // Bare ones too: the parts of an upload are many.
        for bare in [false, true, true] {
            let mut request = post(&server.url());
            request.bare = bare;
            transport.send(&request, ENOUGH).unwrap();
        }
        assert_eq!(server.connections(), 1);
        was_closed.recv().unwrap();
        transport.send(&post(&server.url()), ENOUGH).unwrap();
        assert_eq!(server.connections(), 2);
        drop(transport);
    });
}

/// The environment of a process cannot be changed under the feet of other tests, so this one starts itself
/// again.
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
    let child = |target: &str, no_proxy: &str, proxy: &CountedServer| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        for name in
            ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "no_proxy"]
        {
            command.env_remove(name);
        }
        let output = command
            .args(["--exact", "connections::proxies_of_the_environment_and_hosts_without"])
            .env(TARGET, target)
            .env("HTTP_PROXY", proxy.url())
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("NO_PROXY", no_proxy)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    // A proxy that plays the target itself once it has been asked to tunnel.
    let proxy = CountedServer::start(|mut stream, _| {
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
    let target = CountedServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
    child(&target.url(), "other.example", &proxy);
    assert_eq!((proxy.connections(), target.connections()), (2, 2));
}

#[test]
fn a_proxy_tunnels_or_says_no_and_what_it_hears_is_nothing_of_the_request() {
    on_both(|make| {
        let target = tls_server(answer("200 OK", "", "{}"));
        let url = format!("https://localhost:{}", target.addr.port());
        let port = target.addr.port();
        let (sender, heard) = mpsc::channel();
        let proxy = CountedServer::start(move |mut stream, number| {
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
        fails(transport.send(&post(&url), ENOUGH), SendErrorKind::ProxyAuthentication, false);
        assert_eq!(transport.send(&post(&url), ENOUGH).unwrap().status, 200);
        drop(transport);
        for request in [heard.recv().unwrap(), heard.recv().unwrap()] {
            assert!(request.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")), "{request}");
            assert!(!request.contains("hunter2"), "{request}");
        }

        let mut bad = config();
        bad.proxy = Proxy::Url("hunter3 is not a URL".into());
        let error = make(&bad).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter3"));
    });
}

#[test]
fn a_proxy_that_makes_no_sense_is_named() {
    on_both(|make| {
        let proxy = CountedServer::start(|mut stream, _| {
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
        let target =
            CountedServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
        let addr = target.addr;
        let proxy = CountedServer::start(move |mut stream, number| {
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

/// Whether the system still takes a connection to this port on loopback to be open. Elsewhere than on Linux
/// it is taken to have heard at once.
fn is_open(port: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let peer = format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let mut columns = line.split_whitespace().skip(2);
        let (remote, state) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        remote.ends_with(&peer) && state == "01"
    })
}

/// Only the transport of futures can meet this.
#[test]
fn connections_stay_with_their_runtime_and_stale_ones_are_seen_by_a_busy_worker() {
    let (closed, was_closed) = mpsc::channel();
    let server = CountedServer::start(move |mut stream, _| {
        // One answer a connection, without a word about it.
        if read_request(&mut stream).is_some() {
            stream.write_all(&answer("200 OK", "", "{}")).unwrap();
            drop(stream);
            let _ = closed.send(());
        }
    });
    // Blocks the thread until the server has closed the connection, and this end of it has heard.
    let port = server.addr.port();
    let until_closed = move || {
        was_closed.recv().unwrap();
        while is_open(port) {
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
    // With several workers, one of them may be late with what it has heard of the connection.
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    many.block_on(many.spawn(async move {
        for _ in 0..20 {
            assert_eq!(transport.send(&request, ENOUGH).await.unwrap().status, 200);
            // The task keeps its worker busy meanwhile.
            until_closed();
        }
    }))
    .unwrap();
}
