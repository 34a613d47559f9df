//! A small upload service with its storage: it hashes each part, keeps no bytes, and fails where the test
//! says so.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::crypto::hash::Context;
use serde_json::{Value, json};

/// What comes of a PUT, in place of success.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    Status(u16),
    /// After so many bytes of the body.
    Reset(usize),
    NoETag,
}

/// What of the parts has arrived.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The last digest of each part that was taken, and its length.
    pub(crate) parts: BTreeMap<u64, (String, u64)>,
    pub(crate) puts: u32,
    pub(crate) faults: u32,
    pub(crate) finalized: u32,
    /// Headers of PUTs that do not belong there.
    pub(crate) foreign: Vec<String>,
    attempts: BTreeMap<u64, u32>,
}

type Judge = dyn Fn(u64, u32) -> Option<Fault> + Send + Sync;

struct Shared {
    addr: SocketAddr,
    part_size: u64,
    hashes: bool,
    seen: Mutex<Seen>,
    judge: Box<Judge>,
}

pub(crate) struct Storage(Arc<Shared>);

impl Storage {
    /// `hashes`: whether what arrives is hashed, or taken as fast as it can. `judge`: of a part and the
    /// number of its attempt, from 0, what goes wrong.
    pub(crate) fn start(
        part_size: u64,
        hashes: bool,
        judge: impl Fn(u64, u32) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let judge = Box::new(judge);
        let shared = Arc::new(Shared { addr, part_size, hashes, seen: Mutex::default(), judge });
        let for_all = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = for_all.clone();
                std::thread::spawn(move || shared.serve(&stream));
            }
        });
        Self(shared)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.addr)
    }

    pub(crate) fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap()
    }
}

/// SHA-256, by what TLS brings.
pub(crate) fn hasher() -> Box<dyn Context> {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256.tls13().unwrap();
    suite.common.hash_provider.start()
}

pub(crate) fn hex(hasher: Box<dyn Context>) -> String {
    hasher.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Shared {
    fn serve(&self, stream: &TcpStream) {
        // An answer goes at once.
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::with_capacity(256 * 1024, stream);
        while let Some(head) = head(&mut reader) {
            let mut first = head[0].split(' ');
            let (method, path) = (first.next().unwrap(), first.next().unwrap());
            let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            let answered = if method == "PUT" {
                self.put(&head, path, length, &mut reader, stream)
            } else {
                let mut body = vec![0; length];
                if reader.read_exact(&mut body).is_err() {
                    return;
                }
                self.call(path, &serde_json::from_slice(&body).unwrap(), stream)
            };
            if answered.is_none() {
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    }

    fn call(&self, path: &str, body: &Value, mut stream: &TcpStream) -> Option<()> {
        let url = |part: &Value| format!("http://{}/storage/{part}?signature=0123456789abcdef", self.addr);
        let answer = if path == "/v1/uploads" {
            json!({"upload_id": "u", "mode": "multipart", "finalize_token": "finalize-token",
                "headers": {}, "part_size": self.part_size})
        } else if path.ends_with("/parts") {
            let numbers = body["part_numbers"].as_array().unwrap();
            let parts: Vec<Value> =
                numbers.iter().map(|part| json!({"part_number": part, "url": url(part)})).collect();
            json!({ "parts": parts })
        } else {
            let mut seen = self.seen.lock().unwrap();
            seen.finalized += 1;
            let expected: Vec<Value> = seen
                .parts
                .iter()
                .map(|(part, (digest, _))| json!({"part_number": part, "e_tag": format!("\"{digest}\"")}))
                .collect();
            assert_eq!(body["parts"], Value::from(expected));
            let size: u64 = seen.parts.values().map(|(_, length)| length).sum();
            json!({"upload_id": "u", "size_bytes": size, "status": "ready",
                "created_at": "2026-03-01T12:00:00Z"})
        };
        let answer = answer.to_string();
        stream
            .write_all(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                    answer.len()
                )
                .as_bytes(),
            )
            .ok()
    }

    fn put(
        &self,
        head: &[String],
        path: &str,
        length: usize,
        reader: &mut impl Read,
        mut stream: &TcpStream,
    ) -> Option<()> {
        let part = path.strip_prefix("/storage/").unwrap().split('?').next().unwrap().parse().unwrap();
        let fault = {
            let mut seen = self.seen.lock().unwrap();
            seen.puts += 1;
            let foreign = head[1..]
                .iter()
                .filter(|line| !line.starts_with("host: ") && !line.starts_with("content-length: "));
            seen.foreign.extend(foreign.cloned());
            let attempt = seen.attempts.entry(part).or_default();
            *attempt += 1;
            let fault = (self.judge)(part, *attempt - 1);
            seen.faults += u32::from(fault.is_some());
            fault
        };
        let mut hasher = hasher();
        let mut left = length;
        let mut buffer = vec![0; 256 * 1024];
        while left > 0 {
            if matches!(fault, Some(Fault::Reset(after)) if length - left >= after) {
                return None;
            }
            let most = left.min(buffer.len());
            let read = reader.read(&mut buffer[..most]).ok().filter(|read| *read > 0)?;
            if self.hashes {
                hasher.update(&buffer[..read]);
            }
            left -= read;
        }
        let digest = hex(hasher);
        match fault {
            Some(Fault::Status(status)) => {
                stream.write_all(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n").as_bytes()).ok()
            }
            Some(Fault::NoETag) => {
                stream.write_all("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".as_bytes()).ok()
            }
            Some(Fault::Reset(_)) => None,
            None => {
                let etag = format!("\"{digest}\"");
                self.seen.lock().unwrap().parts.insert(part, (digest, length as u64));
                stream
                    .write_all(
                        format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: 0\r\n\r\n").as_bytes(),
                    )
                    .ok()
            }
        }
    }
}

/// The lines of a head, names of headers in lower case.
fn head(reader: &mut impl BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Some(lines);
        }
        lines.push(match line.split_once(": ") {
            Some((name, value)) if !lines.is_empty() => format!("{}: {value}", name.to_ascii_lowercase()),
            _ => line.to_owned(),
        });
    }
}
