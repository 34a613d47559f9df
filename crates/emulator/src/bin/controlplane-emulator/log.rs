//! What happened: a readable line on standard error for each request, and a line of JSON in a file if one is
//! given.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use controlplane_emulator::RequestRecord;
use serde_json::{Value, json};

use crate::{NAME, say};

/// How much of a statement a line on the screen has room for, in bytes.
const ON_SCREEN: usize = 100;
/// How much of a statement goes into the file, in bytes.
const IN_FILE: usize = 16 * 1024;

/// The log of one run.
pub(crate) struct Log {
    start: Instant,
    inner: Mutex<Inner>,
}

struct Inner {
    file: Option<File>,
    requests: u64,
    taken: u64,
}

impl Log {
    /// A log that also appends to this file.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, String> {
        let file = match path {
            None => None,
            Some(path) => {
                let opened = OpenOptions::new().append(true).create(true).open(path);
                Some(opened.map_err(|e| format!("--log {}: {e}", path.display()))?)
            }
        };
        Ok(Self { start: Instant::now(), inner: Mutex::new(Inner { file, requests: 0, taken: 0 }) })
    }

    /// The emulator listens.
    pub(crate) fn started(&self, url: &str, ca_file: Option<&Path>) {
        self.with(|inner| inner.append(&json!({ "event": "started", "url": url, "ca_file": ca_file })));
    }

    /// A request was answered.
    pub(crate) fn request(&self, request: &RequestRecord) {
        let seconds = self.start.elapsed().as_secs_f64();
        let line = readable(seconds, request);
        let mut event = json!({
            "event": "request",
            "seconds": (seconds * 1000.0).round() / 1000.0,
            "method": request.method,
            "path": request.path,
            "statement": request.shown_statement(IN_FILE),
            "status": request.status,
            "request_id": request.request_id,
            "fault": request.fault.as_ref().map(ToString::to_string),
            "reason": request.reason,
        });
        if !request.query.is_empty() {
            event["query"] = request.query.as_str().into();
        }
        self.with(|inner| {
            inner.requests += 1;
            // A token that was issued is not a change.
            inner.taken += u64::from(request.taken && request.operation != Some("token"));
            say(&line);
            inner.append(&event);
        });
    }

    /// The emulator has stopped. `what`: what is taken there.
    pub(crate) fn stopped(&self, what: &str) {
        self.with(|inner| {
            let Inner { requests, taken, .. } = *inner;
            say(&format!("{NAME}: stopped; requests: {requests}, accepted {what}: {taken}"));
            inner.append(&json!({ "event": "stopped", "requests": requests, "taken": taken }));
        });
    }

    fn with(&self, work: impl FnOnce(&mut Inner)) {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Inner {
    /// One line, in one write: several programs may append to one file. The first that fails is the last.
    fn append(&mut self, event: &Value) {
        let Some(file) = &mut self.file else { return };
        if let Err(e) = file.write_all(format!("{event}\n").as_bytes()) {
            say(&format!(
                "{NAME}: cannot write to the file of --log: {e}; no more requests are written to it"
            ));
            self.file = None;
        }
    }
}

/// `    0.123 200 POST /v1/resource/ -> 8c3f…  SHOW LAKES  !! nth=3: cut-body`
fn readable(seconds: f64, request: &RequestRecord) -> String {
    let RequestRecord { method, path, query, status, .. } = request;
    let status = if *status == 0 { "---".to_owned() } else { status.to_string() };
    let mark = if query.is_empty() { "" } else { "?" };
    let mut line = format!("{seconds:9.3} {status} {method} {path}{mark}{query}");
    // The path of a poll has the id in it.
    if let Some(id) = request.request_id.as_ref().filter(|id| !path.contains(id.as_str())) {
        line.push_str(&format!(" -> {id}"));
    }
    if let Some(on_screen) = request.shown_statement(ON_SCREEN) {
        line.push_str(&format!("  {on_screen}"));
    }
    if let Some(reason) = &request.reason {
        line.push_str(&format!("  ({reason})"));
    }
    if let Some(fault) = &request.fault {
        line.push_str(&format!("  !! {fault}"));
    }
    // A client must not be able to write lines of its own, or to the terminal.
    line.replace(char::is_control, "?")
}
