//! What is promised of a transport that opens a stream, against real sockets on loopback. Written once, run
//! on both.

use std::io::Write;
use std::time::Duration;

use controlplane::http::{Method, Request};
use controlplane::transport::{
    AsyncTransport, HttpConfig, HyperTransport, Proxy, SendError, SendErrorKind, Transport, UreqTransport,
};

use crate::both::answer_all;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;
use crate::raw_server::RawServer;

const ENOUGH: Duration = Duration::from_secs(20);

/// The status, what came of the body, and how it ended.
type Read = (u16, Vec<u8>, Result<(), SendError>);

fn config() -> HttpConfig {
    let mut config = HttpConfig::default();
    config.proxy = Proxy::None;
    config
}

fn blocking(request: &Request, timeout: Duration, idle: Duration, pieces: usize) -> Result<Read, SendError> {
    let transport = UreqTransport::new(&config()).unwrap();
    let mut opened = transport.open(request, timeout, idle)?;
    let mut bytes = Vec::new();
    for _ in 0..pieces {
        match opened.body.next_piece() {
            Ok(Some(piece)) => bytes.extend(piece),
            Ok(None) => return Ok((opened.status, bytes, Ok(()))),
            Err(error) => return Ok((opened.status, bytes, Err(error))),
        }
    }
    Ok((opened.status, bytes, Ok(())))
}

fn futures(request: &Request, timeout: Duration, idle: Duration, pieces: usize) -> Result<Read, SendError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let transport = HyperTransport::new(&config()).unwrap();
    runtime.block_on(async {
        let mut opened = AsyncTransport::open(&transport, request, timeout, idle).await?;
        let mut bytes = Vec::new();
        for _ in 0..pieces {
            match opened.body.next_piece().await {
                Ok(Some(piece)) => bytes.extend(piece),
                Ok(None) => return Ok((opened.status, bytes, Ok(()))),
                Err(error) => return Ok((opened.status, bytes, Err(error))),
            }
        }
        Ok((opened.status, bytes, Ok(())))
    })
}

type Open = fn(&Request, Duration, Duration, usize) -> Result<Read, SendError>;
const BOTH: [Open; 2] = [blocking, futures];

fn get(base: &str) -> Request {
    Request::new(Method::Get, base, "/v1/x:streamLogs")
}

/// Three chunks and the last one, which is empty.
const BODY: &str = "3\r\none\r\n4\r\ntwo\n\r\n6\r\n three\r\n0\r\n\r\n";
const TEXT: &[u8] = b"onetwo\n three";

#[test]
fn a_stream_ends_as_it_should_or_with_an_error_wherever_it_is_cut() {
    for open in BOTH {
        for cut in 0..=BODY.len() {
            let server = RawServer::start(move |mut stream, _| {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                let bytes = [head.as_bytes(), &BODY.as_bytes()[..cut]].concat();
                read_request(&mut stream);
                // The connection ends behind it.
                stream.write_all(&bytes).unwrap();
            });
            let (status, bytes, end) = open(&get(&server.url()), ENOUGH, ENOUGH, usize::MAX).unwrap();
            assert_eq!(status, 200);
            assert!(TEXT.starts_with(&bytes), "{cut}: {bytes:?}");
            if cut == BODY.len() {
                assert!(end.is_ok(), "{end:?}");
                assert_eq!(bytes, TEXT);
            } else if cut < BODY.len() - 4 {
                let error = end.unwrap_err();
                assert!(error.is_sent());
                assert!(
                    matches!(error.kind(), SendErrorKind::Closed | SendErrorKind::Protocol),
                    "{cut}: {error:?}"
                );
            }
        }
    }
}

#[test]
fn every_status_is_an_answer() {
    for open in BOTH {
        for status in [200, 302, 401, 503] {
            let server = RawServer::start(move |mut stream, _| {
                answer_all(&mut stream, &answer(&format!("{status} X"), "", "the body"));
            });
            let (got, bytes, end) = open(&get(&server.url()), ENOUGH, ENOUGH, usize::MAX).unwrap();
            assert_eq!((got, &*bytes), (status, &b"the body"[..]));
            assert!(end.is_ok());
        }
    }
}

#[test]
fn pieces_come_when_they_are_sent_and_silence_ends_the_stream() {
    for open in BOTH {
        let server = RawServer::start(|mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").unwrap();
            wait_for_close(&mut stream);
        });
        let idle = Duration::from_millis(50);
        let (_, bytes, end) = open(&get(&server.url()), ENOUGH, idle, usize::MAX).unwrap();
        assert_eq!(bytes, b"one");
        assert_eq!(end.unwrap_err().kind(), SendErrorKind::Timeout);
    }
}

#[test]
fn a_header_that_does_not_come_ends_in_a_time_out() {
    for open in BOTH {
        let server = RawServer::start(|mut stream, _| {
            read_request(&mut stream);
            wait_for_close(&mut stream);
        });
        let error = open(&get(&server.url()), Duration::from_millis(700), ENOUGH, 1).unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Timeout, true));
    }
}

#[test]
fn a_stream_that_is_given_up_closes_its_connection() {
    for open in BOTH {
        let (sender, closed) = std::sync::mpsc::channel();
        let server = RawServer::start(move |mut stream, _| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").unwrap();
            wait_for_close(&mut stream);
            sender.send(()).unwrap();
        });
        assert_eq!(open(&get(&server.url()), ENOUGH, ENOUGH, 1).unwrap().1, b"one");
        closed.recv_timeout(ENOUGH).unwrap();
    }
}
