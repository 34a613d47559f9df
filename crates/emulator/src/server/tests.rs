//! The server over real sockets of this machine, byte by byte.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;

use super::http1::{MAX_BODY, MAX_HEAD};
use super::*;

/// Answers with what it was sent; the path says how.
struct Echo;

impl Handler for Echo {
    fn handle(&self, request: &Received) -> Reply {
        let mut reply = Reply::new(200).header("x-index", &request.index.to_string());
        reply.body = format!(
            "{} {} {} {}",
            request.method,
            request.path,
            request.connection,
            String::from_utf8_lossy(&request.body)
        )
        .into_bytes();
        match request.path.as_str() {
            "/close" => reply.wire = Wire::Close,
            "/cut" => reply.wire = Wire::Cut { after: 3 },
            "/longer" => reply.wire = Wire::Length { declared: 1000 },
            "/drip" => reply.wire = Wire::Drip { pause: Duration::from_millis(1) },
            _ => {}
        }
        reply
    }
}

fn server() -> Server {
    Server::start("127.0.0.1:0", Arc::new(Echo), Arc::new(Plain)).unwrap()
}

/// A connection; a test that hangs fails after a minute.
fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// One answer: the head in lower case and the body that it announces.
fn answer(stream: &mut TcpStream) -> (String, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&head));
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Sends bytes on a connection of its own and reads until the server closes it.
fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server);
    stream.write_all(bytes).unwrap();
    rest(&mut stream)
}

fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => {}
        Err(e) => assert_eq!(e.kind(), ErrorKind::ConnectionReset, "{e}"),
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn two_requests_on_one_connection_and_the_third_closes_it() {
    let server = server();
    let mut stream = connect(&server);
    stream.write_all(b"POST /a?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    let (head, body) = answer(&mut stream);
    assert!(head.starts_with("http/1.1 200 ok\r\n") && head.contains("connection: keep-alive"), "{head}");
    assert_eq!(body, "POST /a 0 abc");
    // Two at once: what was read beyond the first is kept for the second.
    stream
        .write_all(b"GET http://h/b HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .unwrap();
    let (head, body) = answer(&mut stream);
    assert!(head.contains("x-index: 1\r\n"), "{head}");
    assert_eq!(body, "GET /b 0 ");
    let (head, body) = answer(&mut stream);
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(body, "GET /c 0 ");
    assert_eq!(rest(&mut stream), "");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_request_in_single_bytes_is_a_request() {
    let server = server();
    let mut stream = connect(&server);
    for byte in b"\r\nPOST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: x\r\n\r\n" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert_eq!(answer(&mut stream).1, "POST /a 0 abc0123456789");
    stream.write_all(b"HEAD /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    let text = rest(&mut stream);
    assert!(text.contains("content-length: 10\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn older_clients_are_closed_unless_they_ask() {
    let server = server();
    let text = exchange(&server, b"GET /a HTTP/1.0\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains("connection: close"), "{text}");
    let mut stream = connect(&server);
    stream.write_all(b"GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap();
    assert!(answer(&mut stream).0.contains("connection: keep-alive"));
}

#[test]
fn who_expects_to_be_told_to_go_on_is_told() {
    let server = server();
    let mut stream = connect(&server);
    stream
        .write_all(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    let (head, _) = answer(&mut stream);
    assert_eq!(head, "http/1.1 100 continue\r\n\r\n");
    stream.write_all(b"hi").unwrap();
    assert_eq!(answer(&mut stream).1, "POST /a 0 hi");
}

#[test]
fn what_is_no_request_is_answered_and_the_connection_closed() {
    let long = "x".repeat(MAX_HEAD);
    let many = "a: b\r\n".repeat(101);
    let post = "POST /a HTTP/1.1\r\nHost: h\r\n";
    let server = server();
    for (request, status) in [
        ("\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".to_owned(), 400),
        ("GET\r\n\r\n".to_owned(), 400),
        ("GET /a HTTP/2.0\r\n\r\n".to_owned(), 400),
        ("GET /a HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400),
        (format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: h\r\nx: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: h\r\n{many}\r\n"), 431),
        (format!("{post}Content-Length: x\r\n\r\n"), 400),
        (format!("{post}Content-Length: -1\r\n\r\n"), 400),
        (format!("{post}Content-Length: +1\r\n\r\na"), 400),
        (format!("{post}Content-Length: 1\r\nContent-Length: 2\r\n\r\na"), 400),
        (format!("{post}Content-Length: {}\r\n\r\n", MAX_BODY + 1), 413),
        (format!("{post}Content-Length: {}\r\n\r\n", u128::MAX), 413),
        (format!("{post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400),
        (format!("{post}Transfer-Encoding: gzip\r\n\r\n"), 501),
        (format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\nx\r\n"), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n1;{}\r\na\r\n0\r\n\r\n", "x".repeat(300)), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", MAX_BODY + 1), 413),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"), 413),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n0\r\n{}", "a: b\r\n".repeat(4000)), 431),
        (format!("{post}Expect: coffee\r\n\r\n"), 417),
    ] {
        let text = exchange(&server, request.as_bytes());
        let shown = &request[..request.len().min(120)];
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {text}");
        assert!(text.contains("connection: close\r\n"), "{shown:?}: {text}");
    }
}

#[test]
fn a_body_at_the_limit_is_taken_and_an_answer_to_a_longer_one_arrives() {
    let server = server();
    let mut stream = connect(&server);
    let body = vec![b'x'; MAX_BODY];
    stream
        .write_all(format!("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: {MAX_BODY}\r\n\r\n").as_bytes())
        .unwrap();
    stream.write_all(&body).unwrap();
    assert_eq!(answer(&mut stream).1.len(), "POST /a 0 ".len() + MAX_BODY);
    // A client that goes on sending is heard out: were the connection torn down, the refusal could get lost.
    let long = format!("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1);
    stream.write_all(long.as_bytes()).unwrap();
    assert!(answer(&mut stream).0.starts_with("http/1.1 413 "));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    for _ in 0..3 {
        stream.write_all(&body).unwrap();
    }
}

#[test]
fn half_a_request_gets_no_answer_and_harms_nobody() {
    let server = server();
    let mut stream = connect(&server);
    stream.write_all(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), "");
    let text = exchange(&server, b"GET /a HTTP/1.0\r\n\r\n");
    assert!(text.ends_with("GET /a 1 "), "{text}");
    assert_eq!(server.connections(), 2);
}

#[test]
fn replies_can_go_wrong_on_the_wire() {
    let server = server();
    for (path, body) in [("close", None), ("cut", Some("GET")), ("longer", Some("GET /longer 2 "))] {
        let text = exchange(&server, format!("GET /{path} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
        assert_eq!(text.split_once("\r\n\r\n").map(|(_, body)| body), body, "{path}");
        if path == "longer" {
            assert!(text.contains("content-length: 1000\r\n"), "{text}");
        }
        if path == "cut" {
            assert!(text.contains("content-length: 11\r\n"), "{text}");
        }
    }
    let mut stream = connect(&server);
    stream.write_all(b"GET /drip HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).1, "GET /drip 3 ");
}

#[test]
fn a_connection_can_be_closed_before_its_request_is_read() {
    let server = Server::start("127.0.0.1:0", Arc::new(Door), Arc::new(Plain)).unwrap();
    let request = b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    assert!(exchange(&server, request).ends_with("open"));
    assert_eq!(exchange(&server, request), "");
    assert!(exchange(&server, request).ends_with("open"));
}

/// Lets every other request in.
struct Door;

impl Handler for Door {
    fn arriving(&self, request: &Received) -> Arrival {
        if request.index % 2 == 1 { Arrival::Close } else { Arrival::Read }
    }

    fn handle(&self, _: &Received) -> Reply {
        let mut reply = Reply::new(200);
        reply.body = b"open".to_vec();
        reply
    }
}

/// Says when a request is here, and answers in an hour.
struct Slow(Mutex<mpsc::Sender<()>>);

impl Handler for Slow {
    fn handle(&self, _: &Received) -> Reply {
        lock(&self.0).send(()).unwrap();
        let mut reply = Reply::new(200);
        reply.delay = Duration::from_secs(3600);
        reply
    }
}

#[test]
fn stopping_ends_what_waits() {
    let (here, is_here) = mpsc::channel();
    let server = Server::start("127.0.0.1:0", Arc::new(Slow(Mutex::new(here))), Arc::new(Plain)).unwrap();
    let mut silent = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"POST /a HTTP/1.1\r\nHost:").unwrap();
    let mut waiting = connect(&server);
    waiting.write_all(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    is_here.recv().unwrap();
    let shared = Arc::clone(&server.shared);
    drop(server);
    assert!(lock(&shared.open).is_empty(), "a connection's thread is still there");
    for stream in [&mut silent, &mut half, &mut waiting] {
        assert_eq!(rest(stream), "");
    }
}

/// Reads bodies in pieces and says how long they were; `/unread` does not read.
struct Counter;

impl Handler for Counter {
    fn arriving(&self, request: &Received) -> Arrival {
        if request.path == "/small" { Arrival::ReadUpTo(3) } else { Arrival::Stream }
    }

    fn handle(&self, request: &Received) -> Reply {
        let mut reply = Reply::new(200);
        reply.body = request.body.clone();
        reply
    }

    fn stream(&self, request: &Received, body: &mut dyn Body) -> Reply {
        let (mut length, mut sum, mut piece) = (0_u64, 0_u64, vec![0; 64 * 1024]);
        loop {
            let is_read = request.path != "/unread";
            match if is_read { body.read(&mut piece) } else { Ok(0) } {
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    length += read as u64;
                    sum += piece[..read].iter().map(|byte| u64::from(*byte)).sum::<u64>();
                }
            }
        }
        let mut reply = Reply::new(200);
        reply.body = format!("{:?} {length} {sum}", body.length()).into_bytes();
        reply
    }
}

#[test]
fn a_body_of_any_length_is_read_in_pieces_and_the_connection_lives_on() {
    let server = Server::start("127.0.0.1:0", Arc::new(Counter), Arc::new(Plain)).unwrap();
    let mut stream = connect(&server);
    let length = 5 * MAX_BODY;
    stream
        .write_all(format!("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n").as_bytes())
        .unwrap();
    stream.write_all(&vec![1; length]).unwrap();
    assert_eq!(answer(&mut stream).1, format!("Some({length}) {length} {length}"));
    stream.write_all(b"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    for _ in 0..5 {
        stream.write_all(format!("{MAX_BODY:x}\r\n").as_bytes()).unwrap();
        stream.write_all(&vec![2; MAX_BODY]).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).1, format!("None {length} {}", 2 * length));
    // What nobody read is read by the server.
    stream.write_all(b"PUT /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n").unwrap();
    stream.write_all(&[3; 100_000]).unwrap();
    assert_eq!(answer(&mut stream).1, "Some(100000) 0 0");
    stream
        .write_all(b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    assert_eq!(answer(&mut stream).0, "http/1.1 100 continue\r\n\r\n");
    stream.write_all(&[1, 2]).unwrap();
    assert_eq!(answer(&mut stream).1, "Some(2) 2 3");
    stream.write_all(b"PUT /small HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    assert_eq!(answer(&mut stream).1, "abc");
    assert_eq!(server.connections(), 1);
}

#[test]
fn who_is_not_told_to_go_on_sends_no_body_and_a_body_that_goes_wrong_is_refused() {
    let server = Server::start("127.0.0.1:0", Arc::new(Counter), Arc::new(Plain)).unwrap();
    let mut stream = connect(&server);
    stream
        .write_all(b"PUT /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    let (head, _) = answer(&mut stream);
    assert!(head.starts_with("http/1.1 200 ok\r\n") && head.contains("connection: close"), "{head}");
    let chunked = "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (request, status) in [
        (format!("{chunked}1\r\nab\r\n"), 400),
        (format!("{chunked}x\r\n"), 400),
        (format!("{chunked}ffffffffffffffffff\r\n"), 400),
        ("PUT /small HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd".to_owned(), 413),
    ] {
        let text = exchange(&server, request.as_bytes());
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {text}");
    }
    // A client that goes away in the middle hears nothing, and harms nobody.
    let mut half = connect(&server);
    half.write_all(b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab").unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut half), "");
}

/// Answers with a body in pieces.
struct Teller;

impl Handler for Teller {
    fn handle(&self, request: &Received) -> Reply {
        let mut reply = Reply::new(200);
        let mut left = vec![Piece::End, Piece::Bytes(b"cde".to_vec()), Piece::Bytes(b"ab".to_vec())];
        if request.path == "/broken" {
            left[0] = Piece::Broken;
        }
        reply.live = Some(Live::new(move || left.pop().unwrap_or(Piece::End)));
        reply
    }
}

#[test]
fn a_body_in_pieces_is_in_chunks_or_ends_with_the_connection() {
    let server = Server::start("127.0.0.1:0", Arc::new(Teller), Arc::new(Plain)).unwrap();
    let text = exchange(&server, b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert!(!text.contains("transfer-encoding") && !text.contains("content-length"), "{text}");
    assert!(text.contains("connection: close\r\n") && text.ends_with("\r\n\r\nabcde"), "{text}");
    let close = "HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let text = exchange(&server, format!("GET /a {close}").as_bytes());
    assert!(text.ends_with("\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"), "{text}");
    let text = exchange(&server, format!("GET /broken {close}").as_bytes());
    assert!(text.ends_with("\r\n\r\n2\r\nab\r\n3\r\ncde\r\n"), "{text}");
    let text = exchange(&server, format!("HEAD /a {close}").as_bytes());
    assert!(text.contains("transfer-encoding: chunked\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}
