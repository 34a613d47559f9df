//! What is promised of a transport, against real sockets and TLS on loopback. Written once, run on both
//! transports.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use controlplane::http::Method;
use controlplane::transport::{Proxy, SendErrorKind};

use crate::both::{CA, ENOUGH, answer_all, config, fails, nobody, on_both, post, send, tls_server};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;
use crate::raw_server::RawServer;

#[test]
fn every_status_is_an_answer_with_its_headers_and_body() {
    on_both(|make| {
        for status in [200, 204, 302, 400, 401, 404, 429, 500, 503, 599] {
            let body = if status == 204 { "" } else { "the body" };
            let server = CountedServer::start(move |mut stream, _| {
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
        let server = CountedServer::start(move |mut stream, _| {
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
        let server = CountedServer::start(move |mut stream, _| {
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
            request.body = Some(body.clone().into());
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
        let server =
            CountedServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
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
            let server = CountedServer::start(move |mut stream, _| {
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
        let server = CountedServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").unwrap();
        });
        fails(send(make, &post(&server.url())), SendErrorKind::Closed, true);
    });
}

#[test]
fn a_connection_that_is_reset_in_the_middle_of_the_request_may_have_been_used() {
    on_both(|make| {
        let server = CountedServer::start(|mut stream, _| {
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
        let server = CountedServer::start(|mut stream, _| {
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
            let server = CountedServer::start(move |mut stream, _| {
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
            let server = CountedServer::start(move |mut stream, _| {
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
        let other = CountedServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "")));
        let location = format!("Location: {}/stolen\r\n", other.url());
        for status in ["301 X", "302 X", "303 X", "307 X", "308 X"] {
            let bytes = answer(status, &location, "");
            let server = CountedServer::start(move |mut stream, _| answer_all(&mut stream, &bytes));
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
        let server = RawServer::on(TcpListener::bind("[::1]:0").unwrap(), |mut stream, _| {
            answer_all(&mut stream, &answer("200 OK", "", "{}"));
        });
        assert_eq!(send(make, &post(&server.url())).unwrap().status, 200);
    });
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
fn a_body_that_drips_is_bounded_by_the_time_of_the_request() {
    on_both(|make| {
        let server = CountedServer::start(|mut stream, _| {
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

#[test]
fn a_failed_handshake_sends_nothing_of_the_request() {
    on_both(|make| {
        // An answer that is not TLS; the end in the middle of the handshake.
        let plain = CountedServer::start(|mut stream, _| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            wait_for_close(&mut stream);
        });
        let ends = CountedServer::start(|mut stream, _| {
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
        let server = CountedServer::start(|mut stream, _| wait_for_close(&mut stream));
        let mut short = config();
        short.connect_timeout = Duration::from_millis(150);
        let transport = make(&short).unwrap();
        let request = post(&format!("https://localhost:{}", server.addr.port()));
        fails(transport.send(&request, ENOUGH), SendErrorKind::Timeout, false);
    });
}

#[test]
fn a_request_without_a_body_says_so_where_one_could_be() {
    on_both(|make| {
        let (sender, requests) = mpsc::channel();
        let server = CountedServer::start(move |mut stream, _| {
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
                    request.body = body.map(Into::into);
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
            let server = CountedServer::start(move |mut stream, _| {
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
        let server =
            CountedServer::start(|mut stream, _| answer_all(&mut stream, &answer("200 OK", "", "{}")));
        let request = post(&format!("http://user:hunter2@{}", server.addr));
        fails(send(make, &request), SendErrorKind::InvalidRequest, false);
        assert_eq!(server.connections(), 0);
    });
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
