//! The listener on the loopback address that the browser is sent back to (RFC 8252, section 7.3).
//!
//! It is asked now and then and never blocks, so it needs no thread and serves both modes. Any program of
//! this machine can connect: connections are few, short and small, and none delays another.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::page::{BAD_REQUEST, FAILED, NOT_ALLOWED, NOT_FOUND, NOT_OURS, Page};

/// The path that is registered for the vendor's public client.
const PATH: &str = "/oauth/callback";
/// The largest head of a request.
const MAX_HEAD: usize = 16 * 1024;
/// The most connections at a time; one more takes the place of the oldest.
const MAX_CONNECTIONS: usize = 32;
/// The most connections that are accepted each time.
const MAX_ACCEPTED: usize = 64;
/// The time for a request to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

/// The result of the authorization that the browser has brought.
pub(super) enum Callback {
    Code { code: SecretString, issuer: Option<String> },
    Failed { error: String, description: Option<String> },
}

/// Waits for the browser.
pub(super) struct Listener {
    socket: TcpListener,
    port: u16,
    state: String,
    connections: Vec<Connection>,
    /// The connection that brought the callback; it gets its page when the sign-in has ended.
    waiting: Option<TcpStream>,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    until: Instant,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Listener {
    /// Port 0: any that is free. `state`: what the callback has to bring.
    pub(super) fn bind(port: u16, state: String) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port, state, connections: Vec::new(), waiting: None })
    }

    /// The literal address, because `localhost` goes through name resolution.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// Serves whoever has connected. Never blocks.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Callback> {
        for _ in 0..MAX_ACCEPTED {
            // A connection that was given up before it was accepted is an error here, and no reason to stop.
            let Ok((stream, _)) = self.socket.accept() else { break };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            self.connections.push(Connection { stream, received: Vec::new(), until: now + PATIENCE });
        }
        let mut at = 0;
        while let Some(connection) = self.connections.get_mut(at) {
            let Some(head) = connection.read(now) else {
                at += 1;
                continue;
            };
            let stream = self.connections.remove(at).stream;
            match head.map(|head| self.judge(&head)) {
                // It has closed, or has not said anything in time.
                None => {}
                Some(Judged::Page(page)) => answer(stream, page),
                Some(Judged::Callback(callback)) => {
                    self.waiting = Some(stream);
                    return Some(callback);
                }
            }
        }
        let surplus = self.connections.len().saturating_sub(MAX_CONNECTIONS);
        self.connections.drain(..surplus);
        None
    }

    /// Shows the browser how the sign-in has ended.
    pub(super) fn conclude(&mut self, page: Page) {
        if let Some(stream) = self.waiting.take() {
            answer(stream, page);
        }
    }

    fn judge(&self, head: &[u8]) -> Judged {
        let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let Ok(line) = std::str::from_utf8(line) else { return Judged::Page(BAD_REQUEST) };
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Judged::Page(BAD_REQUEST);
        };
        if !version.starts_with("HTTP/1.") {
            return Judged::Page(BAD_REQUEST);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != PATH {
            return Judged::Page(NOT_FOUND);
        }
        if method != "GET" {
            return Judged::Page(NOT_ALLOWED);
        }
        let parameters: Vec<(String, String)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect();
        // OAuth forbids a parameter that appears twice: which value is meant is unknown.
        let only = |wanted: &str| {
            let mut values = parameters.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value);
            let first = values.next().filter(|value| !value.is_empty());
            if values.next().is_some() { None } else { first }
        };
        // The state first: a callback that belongs to another sign-in decides nothing.
        let state = only("state").map(String::as_bytes).unwrap_or_default();
        if !bool::from(state.ct_eq(self.state.as_bytes())) {
            return Judged::Page(NOT_OURS);
        }
        if let Some(error) = only("error") {
            let description = only("error_description").cloned();
            return Judged::Callback(Callback::Failed { error: error.clone(), description });
        }
        match only("code") {
            Some(code) => {
                Judged::Callback(Callback::Code { code: code.as_str().into(), issuer: only("iss").cloned() })
            }
            None => Judged::Callback(Callback::Failed {
                error: "the authorization server returned no code".to_owned(),
                description: None,
            }),
        }
    }
}

/// A browser that waits for its page learns that there is none from the program that ends.
impl Drop for Listener {
    fn drop(&mut self) {
        self.conclude(FAILED);
    }
}

enum Judged {
    Page(Page),
    Callback(Callback),
}

impl Connection {
    /// Reads what has arrived. `None`: more may come. `Some(None)`: nothing will.
    fn read(&mut self, now: Instant) -> Option<Option<Vec<u8>>> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Some(None),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return if now >= self.until { Some(None) } else { None };
                }
                Err(_) => return Some(None),
            }
            let is_whole = self.received.windows(4).any(|end| end == b"\r\n\r\n");
            if is_whole || self.received.len() > MAX_HEAD {
                // One that is too long has no end that counts: its first line is not a request.
                let head = std::mem::take(&mut self.received);
                return Some(Some(if is_whole && head.len() <= MAX_HEAD { head } else { Vec::new() }));
            }
        }
    }
}

/// Sends a page. It is small and the first that is sent, so it fits into the connection's buffer at once.
fn answer(mut stream: TcpStream, page: Page) {
    if stream.write_all(&page.response()).is_ok() {
        drop(stream.shutdown(Shutdown::Write));
    }
}

/// Decodes a parameter of a query, where `+` is a space.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
