//! A server on loopback that gives the recorded answers, and keeps what was asked. Storage is on the same server.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::case::Case;
use crate::support::RawServer;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// As it was sent, without the query.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// JSON as it is, bytes for storage as `{"bytes_len", "sha256"}`, anything else as text.
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
    }

    pub fn is_storage(&self) -> bool {
        self.path.starts_with("/storage/")
    }
}

struct Script {
    base: String,
    exchanges: Vec<Value>,
    is_used: Vec<bool>,
    is_unordered: bool,
    asked: Vec<Asked>,
}

/// The server of one case.
pub struct Server {
    raw: RawServer,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub fn start(case: &Case) -> Self {
        let exchanges = case.exchanges().to_vec();
        let script = Arc::new(Mutex::new(Script {
            base: String::new(),
            is_used: vec![false; exchanges.len()],
            exchanges,
            is_unordered: case.is_unordered(),
            asked: Vec::new(),
        }));
        let shared = script.clone();
        let raw = RawServer::start(move |stream, _| {
            // Parts come side by side.
            let script = shared.clone();
            std::thread::spawn(move || serve(stream, &script));
        });
        script.lock().unwrap().base = raw.url();
        Self { raw, script }
    }

    pub fn url(&self) -> String {
        self.raw.url()
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }
}

fn serve(stream: TcpStream, script: &Mutex<Script>) {
    let Ok(reading) = stream.try_clone() else { return };
    let (mut reading, mut writing) = (BufReader::with_capacity(1 << 16, reading), stream);
    while let Some(asked) = read(&mut reading) {
        let is_for_storage = asked.is_storage();
        let foreign = ["authorization", "x-workspace-id"].iter().any(|name| asked.header(name).is_some());
        let (answer, base) = {
            let mut script = script.lock().unwrap();
            (script.answer(asked), script.base.clone())
        };
        let bytes = match answer {
            _ if is_for_storage && foreign => plain(403, "SignatureDoesNotMatch"),
            None => plain(418, "one request too many"),
            Some(answer) if !answer["fault"].is_null() => {
                assert_eq!(answer["fault"], "closed before response");
                return;
            }
            Some(answer) => bytes_of(&answer, &base),
        };
        if writing.write_all(&bytes).and_then(|()| writing.flush()).is_err() {
            return;
        }
    }
}

impl Script {
    fn answer(&mut self, asked: Asked) -> Option<Value> {
        let next = if self.is_unordered {
            // The one that fits best, of those that are left.
            let fit = |i: &usize| {
                let request = &self.exchanges[*i]["request"];
                let is_there = request["method"] == *asked.method
                    && segments(request["path"].as_str().unwrap()) == segments(&asked.path);
                let query = json!(asked.query);
                (is_there, request["query"] == query, request["body"] == asked.body, std::cmp::Reverse(*i))
            };
            (0..self.is_used.len()).filter(|i| !self.is_used[*i]).max_by_key(fit)
        } else {
            self.is_used.iter().position(|is_used| !is_used)
        };
        self.asked.push(asked);
        let next = next?;
        self.is_used[next] = true;
        Some(self.exchanges[next]["response"].clone())
    }
}

fn plain(status: u16, text: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// An answer as it is on the wire.
fn bytes_of(answer: &Value, base: &str) -> Vec<u8> {
    let status = answer["status"].as_u64().unwrap();
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    let mut is_gzip = false;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        is_gzip |= name == "content-encoding" && value == "gzip";
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
    }
    let mut body = match &answer["body"] {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        body => match body["base64"].as_str() {
            Some(text) => from_base64(text),
            None => body.to_string().replace("{base}", base).into_bytes(),
        },
    };
    if is_gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).unwrap();
        body = encoder.finish().unwrap();
    }
    if answer["framing"] == "chunked" {
        let mut bytes = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
        for chunk in body.chunks(1000) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        return bytes;
    }
    if status != 204 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    [head.as_bytes(), b"\r\n", &body].concat()
}

/// One request, or nothing at the end of the connection.
fn read(stream: &mut impl Read) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let lookup: BTreeMap<&str, &str> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    let body = if lookup.get("transfer-encoding").is_some_and(|coding| *coding == "chunked") {
        read_chunks(stream)?
    } else {
        let mut body = vec![0; lookup.get("content-length").map_or(0, |n| n.parse().unwrap())];
        stream.read_exact(&mut body).ok()?;
        body
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded_text(name), decoded_text(value))
    };
    let query = query.split('&').filter(|part| !part.is_empty()).map(pair).collect();
    let body = if path.starts_with("/storage/") {
        json!({"bytes_len": body.len(), "sha256": sha256(&body)})
    } else if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()))
    };
    Some(Asked { method, path: path.to_owned(), query, headers, body })
}

fn read_chunks(stream: &mut impl Read) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            stream.read_exact(&mut byte).ok()?;
            line.push(byte[0]);
        }
        let length = usize::from_str_radix(std::str::from_utf8(&line).ok()?.trim(), 16).ok()?;
        let mut chunk = vec![0; length + 2];
        stream.read_exact(&mut chunk).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend(&chunk[..length]);
    }
}

pub fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

fn decoded_text(text: &str) -> String {
    String::from_utf8(decoded(text)).unwrap()
}

/// The segments of a path, each decoded for itself.
pub fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(decoded).collect()
}

pub fn from_base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// In hex, by what TLS brings.
pub fn sha256(bytes: &[u8]) -> String {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let suite = suite.tls13().unwrap();
    suite.common.hash_provider.hash(bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
