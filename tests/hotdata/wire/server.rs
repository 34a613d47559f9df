//! A server on loopback that gives the recorded responses, and keeps what was asked. Storage is on the same
//! server.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::case::Case;
use crate::paths::{decoded, split};
use crate::raw_server::RawServer;
use crate::vectors::unknown;

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// As it was sent, without the query.
    pub(super) path: String,
    /// Decoded.
    pub(super) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// JSON as it is, bytes for storage as `{"bytes_len", "sha256"}`, anything else as text.
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
    }

    pub(super) fn is_storage(&self) -> bool {
        self.path.starts_with("/storage/")
    }
}

struct Script {
    /// The requests and what they are answered with, bytes as they are on the wire; none: the connection is
    /// closed.
    exchanges: Vec<(Value, Option<Vec<u8>>)>,
    is_used: Vec<bool>,
    is_unordered: bool,
    /// Each request is answered as an equal one was, also again.
    is_by_request: bool,
    /// The last exchange again and again, for a client that asks until its timeout.
    repeats_last: bool,
    asked: Vec<Asked>,
    problems: Vec<String>,
}

/// The server of one case.
pub(super) struct Server {
    raw: RawServer,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub(super) fn start(case: &Case<'_>) -> Self {
        let script = Arc::new(Mutex::new(Script {
            exchanges: Vec::new(),
            is_used: vec![false; case.exchanges().len()],
            is_unordered: case.is_unordered(),
            is_by_request: case.loses_a_mint(),
            repeats_last: case.ends_in_a_failed_poll(),
            asked: Vec::new(),
            problems: Vec::new(),
        }));
        let shared = script.clone();
        let raw = RawServer::start(move |stream, _| {
            // Parts come side by side.
            let script = shared.clone();
            std::thread::spawn(move || serve(stream, &script));
        });
        for (i, exchange) in case.exchanges().iter().enumerate() {
            let body = case.0.raw(&format!("/exchanges/{i}/response/body"));
            let answer = bytes_of(&exchange["response"], body.as_deref(), &raw.url());
            let mut script = script.lock().unwrap();
            let answer = answer.unwrap_or_else(|why| {
                script.problems.push(why);
                None
            });
            script.exchanges.push((exchange["request"].clone(), answer));
        }
        Self { raw, script }
    }

    pub(super) fn url(&self) -> String {
        self.raw.url()
    }

    /// Everything that was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }

    /// What the server could not do.
    pub(super) fn problems(&self) -> Vec<String> {
        self.script.lock().unwrap().problems.clone()
    }
}

fn serve(stream: TcpStream, script: &Mutex<Script>) {
    let Ok(reading) = stream.try_clone() else { return };
    let (mut reading, mut writing) = (BufReader::with_capacity(1 << 16, reading), stream);
    while let Some(asked) = read(&mut reading) {
        let is_for_storage = asked.is_storage();
        let foreign = ["authorization", "x-workspace-id"].iter().any(|name| asked.header(name).is_some());
        let answer = script.lock().unwrap().answer(asked);
        let bytes = match answer {
            _ if is_for_storage && foreign => plain(403, "SignatureDoesNotMatch"),
            None => plain(418, "one request too many"),
            // Without an answer.
            Some(None) => return,
            Some(Some(bytes)) => bytes,
        };
        if writing.write_all(&bytes).and_then(|()| writing.flush()).is_err() {
            return;
        }
    }
}

/// True for the same request, as far as it matters which upload and which part it is about.
pub(super) fn is_equal(asked: &Asked, request: &Value) -> bool {
    let is_mint = asked.path.ends_with("/parts");
    request["method"] == *asked.method
        && request["path"] == *asked.path
        && (!is_mint || request["body"] == asked.body)
}

impl Script {
    /// `None`: there is no such exchange. `Some(None)`: the connection is closed.
    fn answer(&mut self, asked: Asked) -> Option<Option<Vec<u8>>> {
        let next = if self.is_by_request {
            let is_equal = |i: &usize| is_equal(&asked, &self.exchanges[*i].0);
            let mut equal = (0..self.is_used.len()).filter(is_equal);
            equal.clone().find(|i| !self.is_used[*i]).or_else(|| equal.next_back())
        } else if self.is_unordered {
            // The one that fits best, of those that are left.
            let fit = |i: &usize| {
                let request = &self.exchanges[*i].0;
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
        let next = match next {
            None if self.repeats_last => self.exchanges.len() - 1,
            next => next?,
        };
        self.is_used[next] = true;
        Some(self.exchanges[next].1.clone())
    }
}

fn plain(status: u16, text: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// A response as it is on the wire; `None`: there is none. `raw`: its body as it stands in the file.
fn bytes_of(response: &Value, raw: Option<&str>, base: &str) -> Result<Option<Vec<u8>>, String> {
    if let Some(fault) = response.get("fault") {
        return match fault.as_str() {
            Some("closed before response" | "closed-before-response") => Ok(None),
            _ => Err(unknown(format_args!("the fault {fault}"))),
        };
    }
    let status =
        response["status"].as_u64().ok_or_else(|| unknown(format_args!("the response {response}")))?;
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    let mut is_gzip = false;
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().ok_or_else(|| unknown(format_args!("the header {name}: {value}")))?;
        if name == "content-encoding" {
            match value {
                "gzip" => is_gzip = true,
                "identity" => {}
                _ => return Err(unknown(format_args!("the coding {value}"))),
            }
        }
        head.push_str(&format!("{name}: {}\r\n", value.replace("{base}", base)));
    }
    let mut body = match (bytes(&response["body"]), &response["body"]) {
        (Some(bytes), _) => bytes,
        (None, Value::Null) => Vec::new(),
        (None, Value::String(text)) => text.clone().into_bytes(),
        (None, _) => raw.unwrap_or_default().replace("{base}", base).into_bytes(),
    };
    if is_gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).unwrap();
        body = encoder.finish().unwrap();
    }
    match response["framing"].as_str() {
        Some("chunked") => {
            let mut bytes = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
            for chunk in body.chunks(1000) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
            return Ok(Some(bytes));
        }
        None if response["framing"].is_null() => {}
        _ => return Err(unknown(format_args!("the framing {}", response["framing"]))),
    }
    if status != 204 && status != 304 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    Ok(Some([head.as_bytes(), b"\r\n", &body].concat()))
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
    let (path, query) = split(target);
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

/// The segments of a path, each decoded by itself.
pub(super) fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(decoded).collect()
}

/// The bytes of a body that stands as base64.
pub(super) fn bytes(body: &Value) -> Option<Vec<u8>> {
    use base64::Engine;
    let text = body.as_object().filter(|map| map.len() == 1)?.get("base64")?.as_str()?;
    Some(base64::engine::general_purpose::STANDARD.decode(text).unwrap())
}

/// SHA-256 in hex, by what TLS brings.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let suite = suite.tls13().unwrap();
    suite.common.hash_provider.hash(bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
