//! HTTP/1.1 from the server's side: one request at a time out of a stream of bytes, and replies as bytes.
//!
//! Written by hand on top of `httparse` because the emulator must be able to misbehave byte by byte, which no
//! server library lets it do. Everything that arrives is bounded.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::headers::Headers;
use super::incoming::Incoming;
use super::live::Live;

/// The longest request line and headers together, in bytes.
pub(crate) const MAX_HEAD: usize = 16 * 1024;
/// The largest request body, in bytes, unless the service takes larger ones.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
pub(super) const TOO_LONG: &str = "the body is longer than this path accepts";
/// The most headers of one request.
const MAX_HEADERS: usize = 100;
/// The longest line before a chunk: its size and extensions.
const MAX_CHUNK_LINE: usize = 256;
/// How many bytes are asked for at a time.
pub(super) const READ: usize = 8 * 1024;
/// White space at the end of a body is sent in pieces of this size.
const PADDING: [u8; 16 * 1024] = [b' '; 16 * 1024];
/// What goes percent-encoded into `grpc-message`: `%` and every byte outside 0x20 to 0x7E.
const MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// One request, whole.
#[derive(Debug)]
pub struct Received {
    /// The method as it was sent.
    pub(crate) method: String,
    /// The path, percent-encoded as it was sent, without the query.
    pub(crate) path: String,
    /// The query, percent-encoded as it was sent, without the question mark.
    pub(crate) query: String,
    /// The headers. `Debug` shows few.
    pub(crate) headers: Headers,
    /// The body, without its framing.
    pub(crate) body: Vec<u8>,
    /// The number of the connection, from 0 in the order in which they were accepted.
    pub(crate) connection: u64,
    /// The number of the request, from 0 in the order in which their heads arrived at the server; 0 for all
    /// that are for the emulator itself.
    pub(crate) index: u64,
}

/// What the server says to a request.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers beside `Content-Length`, `Connection`, `Date` and `Server`.
    pub(crate) headers: Headers,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// How long to wait before the first byte.
    pub(crate) delay: Duration,
    /// How the bytes go out.
    pub(crate) wire: Wire,
    /// A body that is made while it is sent, in place of `body`.
    pub(crate) live: Option<Live>,
}

impl Reply {
    /// A reply without headers and body.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Headers::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            wire: Wire::Normal,
            live: None,
        }
    }

    /// Adds a header. Control characters end the header block early, so they are dropped.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_control()).collect();
        self.headers.push(name, value);
        self
    }

    /// Adds the header `grpc-message`, encoded by the rule of gRPC.
    pub(crate) fn grpc_message(self, text: &str) -> Self {
        self.header("grpc-message", &utf8_percent_encode(text, MESSAGE).to_string())
    }

    /// Sets the body to JSON.
    pub(crate) fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }
}

/// How a reply goes out: as it should, or wrong in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// As it should.
    Normal,
    /// Not at all: the connection is closed.
    Close,
    /// Half of the head; then the connection is closed.
    CutHead,
    /// The head is whole; after this many bytes of the body the connection is closed.
    Cut {
        /// Bytes of the body that are sent.
        after: usize,
    },
    /// `Content-Length` lies; then the connection is closed.
    Length {
        /// What it says.
        declared: u64,
    },
    /// The body goes out byte by byte.
    Drip {
        /// The pause before each byte.
        pause: Duration,
    },
    /// White space follows the body, made as it is sent.
    Pad {
        /// The length of both together, in bytes; no less than that of the body.
        to: u64,
    },
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The connection ended, or broke: nothing can be said to anyone.
    Gone,
    /// The request is not one; this is said, and the connection closed.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The reason, for a person.
        why: &'static str,
    },
}

pub(super) fn refuse<T>(status: u16, why: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Answer { status, why })
}

/// Requests out of a stream. What was read beyond one request stays for the next.
#[derive(Debug)]
pub(crate) struct Reader<S> {
    pub(crate) stream: S,
    buffer: Vec<u8>,
}

/// What the head of a request says.
#[derive(Debug)]
pub(crate) struct Head {
    /// The method as it was sent.
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    /// The query.
    pub(crate) query: String,
    /// The headers.
    pub(crate) headers: Headers,
    /// Whether the client lets the connection live.
    pub(crate) keep_alive: bool,
    /// Whether the client knows chunks: from HTTP/1.1 on.
    pub(crate) knows_chunks: bool,
    framing: Framing,
    expects_continue: bool,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(u64),
    Chunked,
}

impl<S: Read + Write> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Waits for the first byte of a request; false if none comes.
    pub(crate) fn wait(&mut self) -> bool {
        !self.buffer.is_empty() || matches!(self.fill(), Ok(n) if n > 0)
    }

    /// Reads the request line and the headers.
    pub(crate) fn head(&mut self) -> Result<Head, Refusal> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut request = httparse::Request::new(&mut headers);
            match request.parse(&self.buffer) {
                Ok(httparse::Status::Complete(length)) if length > MAX_HEAD => break,
                Ok(httparse::Status::Complete(length)) => {
                    let head = read_head(&request);
                    self.buffer.drain(..length);
                    return head;
                }
                Ok(httparse::Status::Partial) if self.buffer.len() >= MAX_HEAD => break,
                Ok(httparse::Status::Partial) => self.more()?,
                Err(httparse::Error::TooManyHeaders) => break,
                Err(_) => return refuse(400, "this is not an HTTP/1 request"),
            }
        }
        refuse(431, "the request line and headers are longer than 16 KiB, or there are more than 100 headers")
    }

    /// Reads the body that the head announces, if it is no longer than that.
    pub(crate) fn body(&mut self, head: &Head, most: usize) -> Result<Vec<u8>, Refusal> {
        let mut incoming = self.incoming(head, most as u64)?;
        let mut body = Vec::new();
        let read = incoming.read_to_end(&mut body);
        match (incoming.refusal(), read) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(_)) => Err(Refusal::Gone),
            (None, Ok(_)) => Ok(body),
        }
    }

    /// The body that the head announces, to be read in pieces, if it is no longer than that.
    pub(crate) fn incoming(&mut self, head: &Head, most: u64) -> Result<Incoming<'_, S>, Refusal> {
        let length = match head.framing {
            Framing::Length(length) if length > most => return refuse(413, TOO_LONG),
            Framing::Length(length) => Some(length),
            Framing::Chunked => None,
        };
        // A client that has begun to send does not wait to be told.
        let is_waited_for = head.expects_continue && self.buffer.is_empty();
        Ok(Incoming::new(self, length, most, is_waited_for))
    }

    /// Reads and drops what still comes, within bounds: closing a socket that holds unread bytes would tear
    /// down the connection before the client has read the last reply.
    pub(crate) fn drain(&mut self) {
        let mut left = 4 * MAX_BODY;
        while left > 0 {
            self.buffer.clear();
            match self.fill() {
                Ok(n) if n > 0 => left = left.saturating_sub(n),
                _ => return,
            }
        }
    }

    /// The size of the next chunk, after its line was read.
    pub(super) fn chunk(&mut self) -> Result<u64, Refusal> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((line, _))) if line > MAX_CHUNK_LINE => {
                    return refuse(400, "the line before a chunk is too long");
                }
                Ok(httparse::Status::Complete((line, size))) => {
                    self.buffer.drain(..line);
                    return Ok(size);
                }
                Ok(httparse::Status::Partial) if self.buffer.len() > MAX_CHUNK_LINE => {
                    return refuse(400, "the line before a chunk is too long");
                }
                Ok(httparse::Status::Partial) => self.more()?,
                Err(_) => return refuse(400, "the size of a chunk is not a number"),
            }
        }
    }

    /// Trailers are read and dropped: nothing here has a use for them.
    pub(super) fn trailers(&mut self) -> Result<(), Refusal> {
        let mut total = 0;
        loop {
            match self.buffer.iter().position(|b| *b == b'\n') {
                Some(end) => {
                    let line: Vec<u8> = self.buffer.drain(..=end).collect();
                    total += line.len();
                    if line == b"\r\n" || line == b"\n" {
                        return Ok(());
                    }
                }
                None if total + self.buffer.len() > MAX_HEAD => {
                    return refuse(431, "the trailers are longer than 16 KiB");
                }
                None => self.more()?,
            }
            if total > MAX_HEAD {
                return refuse(431, "the trailers are longer than 16 KiB");
            }
        }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u8>, Refusal> {
        while self.buffer.len() < length {
            self.more()?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// At least one byte and at most `most`, into the caller's memory.
    pub(super) fn some(&mut self, most: u64, into: &mut [u8]) -> Result<usize, Refusal> {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(into.len());
        if self.buffer.is_empty() {
            return came(read(&mut self.stream, &mut into[..most]));
        }
        let length = most.min(self.buffer.len());
        into[..length].copy_from_slice(&self.buffer[..length]);
        self.buffer.drain(..length);
        Ok(length)
    }

    /// At least one more byte, or an end to it.
    fn more(&mut self) -> Result<(), Refusal> {
        came(self.fill()).map(|_| ())
    }

    fn fill(&mut self) -> io::Result<usize> {
        let start = self.buffer.len();
        self.buffer.resize(start + READ, 0);
        let read = read(&mut self.stream, &mut self.buffer[start..]);
        self.buffer.truncate(start + *read.as_ref().unwrap_or(&0));
        read
    }
}

fn read(stream: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(into) {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// How many bytes came, if any did.
fn came(read: io::Result<usize>) -> Result<usize, Refusal> {
    match read {
        Ok(0) => Err(Refusal::Gone),
        Ok(bytes) => Ok(bytes),
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            refuse(408, "the rest of the request did not arrive in time")
        }
        Err(_) => Err(Refusal::Gone),
    }
}

fn read_head(request: &httparse::Request<'_, '_>) -> Result<Head, Refusal> {
    let mut headers = Headers::new();
    for header in request.headers.iter() {
        headers.push(header.name.to_owned(), header.value);
    }
    let tokens = |name: &str| -> Vec<String> {
        headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(|b| *b == b','))
            .map(|token| String::from_utf8_lossy(token).trim().to_ascii_lowercase())
            .collect()
    };
    let newer = request.version == Some(1);
    if newer && tokens("host").len() != 1 {
        return refuse(400, "an HTTP/1.1 request needs exactly one Host header");
    }
    let encodings = tokens("transfer-encoding");
    let lengths = tokens("content-length");
    let framing = match (encodings.as_slice(), lengths.as_slice()) {
        ([], []) => Framing::Length(0),
        ([], [first, rest @ ..]) if rest.iter().all(|other| other == first) => {
            let digits = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
            match (digits, first.parse()) {
                (true, Ok(length)) => Framing::Length(length),
                // More than a machine word counts: too long in any case.
                (true, Err(_)) => Framing::Length(u64::MAX),
                (false, _) => return refuse(400, "Content-Length is not a number"),
            }
        }
        ([], _) => return refuse(400, "the request has two Content-Length headers that differ"),
        // Two framings of one body are how requests are smuggled past one another.
        (_, [_, ..]) => return refuse(400, "the request has both Content-Length and Transfer-Encoding"),
        ([only], []) if only == "chunked" && newer => Framing::Chunked,
        _ => return refuse(501, "the only supported Transfer-Encoding is chunked, in HTTP/1.1"),
    };
    let expectations = tokens("expect");
    if expectations.iter().any(|e| e != "100-continue") {
        return refuse(417, "the only supported Expect is 100-continue");
    }
    let connection = tokens("connection");
    let says = |what: &str| connection.iter().any(|token| token == what);
    Ok(Head {
        method: request.method.unwrap_or_default().to_owned(),
        path: path_of(request.path.unwrap_or_default()).to_owned(),
        query: query_of(request.path.unwrap_or_default()).to_owned(),
        keep_alive: if newer { !says("close") } else { says("keep-alive") },
        expects_continue: newer && !expectations.is_empty(),
        knows_chunks: newer,
        framing,
        headers,
    })
}

/// The path of a request target: what a proxy is sent begins with scheme and host.
fn path_of(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
    };
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The query of a request target.
fn query_of(target: &str) -> &str {
    let target = target.split('#').next().unwrap_or_default();
    target.split_once('?').map_or("", |(_, query)| query)
}

/// What a reply has to know of the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    /// Whether it only wants to see the head.
    pub(crate) is_head: bool,
    /// Whether it lets the connection live.
    pub(crate) keep_alive: bool,
    /// Whether it knows chunks. If not, a body of unknown length ends with the connection.
    pub(crate) knows_chunks: bool,
}

/// Writes a reply. `Ok(true)`: the connection may go on. `pause` waits and says whether to go on.
pub(crate) fn write(
    stream: &mut impl Write,
    reply: &mut Reply,
    client: Client,
    pause: &dyn Fn(Duration) -> bool,
) -> io::Result<bool> {
    let Client { is_head, keep_alive, knows_chunks } = client;
    if reply.wire == Wire::Close || !pause(reply.delay) {
        return Ok(false);
    }
    let declared = match reply.wire {
        Wire::Length { declared } => declared,
        Wire::Pad { to } => to.max(reply.body.len() as u64),
        _ => reply.body.len() as u64,
    };
    let keep_alive = keep_alive
        && matches!(reply.wire, Wire::Normal | Wire::Drip { .. } | Wire::Pad { .. })
        && (knows_chunks || reply.live.is_none());
    let mut bytes = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status)).into_bytes();
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let connection = if keep_alive { "keep-alive" } else { "close" };
    bytes.extend_from_slice(format!("date: {date}\r\nserver: controlplane-emulator\r\n").as_bytes());
    for (name, value) in reply.headers.iter() {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    let framing = match reply.live {
        Some(_) if knows_chunks => "transfer-encoding: chunked\r\n".to_owned(),
        Some(_) => String::new(),
        None => format!("content-length: {declared}\r\n"),
    };
    bytes.extend_from_slice(format!("{framing}connection: {connection}\r\n\r\n").as_bytes());
    if let Some(live) = reply.live.as_mut().filter(|_| !is_head && reply.wire != Wire::CutHead) {
        stream.write_all(&bytes)?;
        stream.flush()?;
        return Ok(live.write(stream, reply.wire, knows_chunks, pause)? && keep_alive);
    }
    let body: &[u8] = if is_head { &[] } else { &reply.body };
    match reply.wire {
        Wire::CutHead => bytes.truncate(bytes.len() / 2),
        Wire::Cut { after } => bytes.extend_from_slice(&body[..after.min(body.len())]),
        Wire::Drip { pause: between } => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            for byte in body {
                if !pause(between) {
                    return Ok(false);
                }
                stream.write_all(&[*byte])?;
                stream.flush()?;
            }
            return Ok(keep_alive);
        }
        Wire::Pad { .. } if !is_head => {
            bytes.extend_from_slice(body);
            stream.write_all(&bytes)?;
            let mut left = declared - body.len() as u64;
            while left > 0 {
                if !pause(Duration::ZERO) {
                    return Ok(false);
                }
                let piece = left.min(PADDING.len() as u64);
                stream.write_all(&PADDING[..piece as usize])?;
                left -= piece;
            }
            stream.flush()?;
            return Ok(keep_alive);
        }
        // One write: the reply travels in one piece.
        _ => bytes.extend_from_slice(body),
    }
    stream.write_all(&bytes)?;
    stream.flush()?;
    Ok(keep_alive)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
