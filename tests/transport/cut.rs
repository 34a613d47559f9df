//! Answers that are cut, and answers that come before the request is whole.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use controlplane::transport::SendErrorKind;

use crate::both::{CA, ENOUGH, config, fails, on_both, post, read_on_both, send, tls_config};
use crate::counted_server::CountedServer;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;

const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall there is";

/// Ends a connection with a reset.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// A TLS server that answers each connection with these bytes and then ends it: with TLS's own end or
/// without.
fn tls_server(ends_well: bool) -> CountedServer {
    let tls =
        tls_config(include_bytes!("../data/tls/localhost.pem"), include_bytes!("../data/tls/localhost.key"));
    CountedServer::start(move |stream, _| {
        let connection = rustls::ServerConnection::new(tls.clone()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        read_request(&mut stream);
        stream.write_all(ENDLESS).unwrap();
        if ends_well {
            stream.conn.send_close_notify();
        }
        let _ = stream.flush();
        // Both ends are closed now, but orderly.
        let _ = stream.sock.shutdown(std::net::Shutdown::Write);
        wait_for_close(&mut stream.sock);
    })
}

#[test]
fn a_body_without_a_length_is_whole_only_if_its_connection_ended_well() {
    on_both(|make| {
        let plain = CountedServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(ENDLESS).unwrap();
        });
        assert_eq!(send(make, &post(&plain.url())).unwrap().body, b"all there is");
        let mut trusting = config();
        trusting.extra_ca_pem = Some(CA.to_vec());
        for ends_well in [true, false] {
            let server = tls_server(ends_well);
            let request = post(&format!("https://localhost:{}", server.addr.port()));
            let result = make(&trusting).unwrap().send(&request, ENOUGH);
            if ends_well {
                assert_eq!(result.unwrap().body, b"all there is");
            } else {
                fails(result, SendErrorKind::Closed, true);
            }
        }
    });
}

#[test]
fn a_stream_without_a_length_that_is_reset_is_not_whole() {
    let (go, gone) = mpsc::channel();
    let server = CountedServer::start(move |mut stream, _| {
        read_request(&mut stream);
        stream.write_all(ENDLESS).unwrap();
        // Only when the client has read the head.
        gone.recv().unwrap();
        reset(stream);
    });
    read_on_both(&|| (server.url(), config()), &|| go.send(()).unwrap(), &|result| {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Closed, true), "{error:?}");
    });
}

#[test]
fn a_stream_over_tls_that_is_cut_is_not_whole() {
    for ends_well in [true, false] {
        let server = tls_server(ends_well);
        let base = format!("https://localhost:{}", server.addr.port());
        let trusting = || {
            let mut config = config();
            config.extra_ca_pem = Some(CA.to_vec());
            (base.clone(), config)
        };
        read_on_both(&trusting, &|| (), &|result| match result {
            Ok(bytes) => assert!(ends_well && bytes == b"all there is", "{bytes:?}"),
            Err(error) => {
                assert!(!ends_well, "{error:?}");
                assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Closed, true), "{error:?}");
            }
        });
    }
}

const LARGE: usize = 64 * 1024 * 1024;

/// Reads the head of a request, and this much of its body.
fn read_part(stream: &mut impl Read, of_body: usize) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        head.push(byte[0]);
    }
    std::io::copy(&mut stream.take(of_body as u64), &mut std::io::sink()).unwrap();
}

#[test]
fn an_answer_that_comes_before_the_body_is_sent_counts() {
    let body = bytes::Bytes::from(vec![b'x'; LARGE]);
    let tls =
        tls_config(include_bytes!("../data/tls/localhost.pem"), include_bytes!("../data/tls/localhost.key"));
    on_both(|make| {
        for has_tls in [false, true] {
            for part in [0, 1, 3_000_000] {
                for head in ["Content-Length: 9\r\n", "Connection: close\r\n"] {
                    let answer = format!("HTTP/1.1 413 Too Large\r\n{head}\r\ntoo large");
                    let tls = tls.clone();
                    let server = CountedServer::start(move |mut stream, _| {
                        // Else the system may still hold the answer back when the connection is closed.
                        stream.set_nodelay(true).unwrap();
                        if !has_tls {
                            read_part(&mut stream, part);
                            stream.write_all(answer.as_bytes()).unwrap();
                            return;
                        }
                        let connection = rustls::ServerConnection::new(tls.clone()).unwrap();
                        let mut stream = rustls::StreamOwned::new(connection, stream);
                        read_part(&mut stream, part);
                        let _ = stream.write_all(answer.as_bytes());
                        let _ = stream.flush();
                    });
                    let scheme = if has_tls { "https" } else { "http" };
                    let mut request = post(&format!("{scheme}://localhost:{}", server.addr.port()));
                    request.body = Some(body.clone());
                    let mut trusting = config();
                    trusting.extra_ca_pem = Some(CA.to_vec());
                    let response = make(&trusting).unwrap().send(&request, ENOUGH);
                    let response =
                        response.unwrap_or_else(|error| panic!("{has_tls} {part} {head}: {error:?}"));
                    assert_eq!(response.status, 413, "{has_tls} {part} {head}");
                    assert!(b"too large".starts_with(&response.body), "{response:?}");
                    assert_eq!(server.connections(), 1);
                }
            }
        }
    });
}

#[test]
fn an_answer_of_a_server_that_does_not_read_the_rest_counts() {
    let body = bytes::Bytes::from(vec![b'x'; LARGE]);
    on_both(|make| {
        for answer in ["HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", ""] {
            let (done, is_done) = mpsc::channel::<()>();
            let server = CountedServer::start(move |mut stream, _| {
                read_part(&mut stream, 1000);
                stream.write_all(answer.as_bytes()).unwrap();
                // Open, and not read.
                let _ = is_done.recv();
            });
            let mut request = post(&server.url());
            request.body = Some(body.clone());
            let result = make(&config()).unwrap().send(&request, Duration::from_millis(700));
            if answer.is_empty() {
                fails(result, SendErrorKind::Timeout, true);
            } else {
                assert_eq!(result.unwrap().status, 413);
            }
            drop(done);
        }
    });
}

#[test]
fn a_large_body_whose_connection_breaks_without_an_answer_may_have_been_taken() {
    let body = bytes::Bytes::from(vec![b'x'; LARGE]);
    on_both(|make| {
        for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 200 OK\r\n\r\nhalf"]
        {
            let server = CountedServer::start(move |mut stream, _| {
                read_part(&mut stream, 1000);
                stream.write_all(answer.as_bytes()).unwrap();
            });
            let mut request = post(&server.url());
            request.body = Some(body.clone());
            fails(send(make, &request), SendErrorKind::Closed, true);
        }
    });
}

#[test]
fn a_kept_connection_that_is_closed_as_the_next_request_arrives_may_have_been_used() {
    on_both(|make| {
        let server = CountedServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            // As soon as the next one is on its way.
            let _ = stream.peek(&mut [0]);
            reset(stream);
        });
        let transport = make(&config()).unwrap();
        assert_eq!(transport.send(&post(&server.url()), ENOUGH).unwrap().status, 200);
        fails(transport.send(&post(&server.url()), ENOUGH), SendErrorKind::Closed, true);
        assert_eq!(server.connections(), 1);
    });
}
