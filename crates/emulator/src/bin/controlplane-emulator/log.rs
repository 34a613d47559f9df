//! What happened: a readable line on standard error for each request, and a line of JSON in a file if one is given.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use controlplane_emulator::faults::Fault;
use controlplane_emulator::{eloq, h2o_workflows, hotdata, onehouse};
use serde_json::{Value, json};

use crate::{NAME, say};

/// How much of a statement a line on the screen has room for, in bytes.
const ON_SCREEN: usize = 100;
/// How much of a statement goes into the file, in bytes.
const IN_FILE: usize = 16 * 1024;

/// A request, whichever the service.
pub(crate) struct Line<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    status: u16,
    fault: Option<&'a Fault>,
    request_id: Option<&'a str>,
    /// Whether it set something going or changed something.
    taken: bool,
    /// For the screen, and for the file.
    statement: Option<(String, String)>,
}

impl<'a> From<&'a onehouse::RequestRecord> for Line<'a> {
    fn from(request: &'a onehouse::RequestRecord) -> Self {
        Self {
            method: &request.method,
            path: &request.path,
            query: "",
            status: request.status,
            fault: request.fault.as_deref(),
            request_id: request.request_id.as_deref(),
            // Only a statement that was taken has both.
            taken: request.statement.is_some() && request.request_id.is_some(),
            statement: request.shown_statement(ON_SCREEN).zip(request.shown_statement(IN_FILE)),
        }
    }
}

impl<'a> From<&'a eloq::RequestRecord> for Line<'a> {
    fn from(request: &'a eloq::RequestRecord) -> Self {
        Self {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            status: request.status,
            fault: request.fault.as_deref(),
            request_id: None,
            taken: request.taken,
            statement: None,
        }
    }
}

impl<'a> From<&'a h2o_workflows::RequestRecord> for Line<'a> {
    fn from(request: &'a h2o_workflows::RequestRecord) -> Self {
        Self {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            status: request.status,
            fault: request.fault.as_deref(),
            request_id: None,
            // A token that was given out is no change.
            taken: request.taken && request.operation != Some("token"),
            statement: None,
        }
    }
}

impl<'a> From<&'a hotdata::RequestRecord> for Line<'a> {
    fn from(request: &'a hotdata::RequestRecord) -> Self {
        Self {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            status: request.status,
            fault: request.fault.as_deref(),
            request_id: None,
            taken: request.taken,
            statement: None,
        }
    }
}

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
    pub(crate) fn request<'a>(&self, request: impl Into<Line<'a>>) {
        let request = request.into();
        let seconds = self.start.elapsed().as_secs_f64();
        let line = readable(seconds, &request);
        let mut event = json!({
            "event": "request",
            "seconds": (seconds * 1000.0).round() / 1000.0,
            "method": request.method,
            "path": request.path,
            "statement": request.statement.map(|(_, in_file)| in_file),
            "status": request.status,
            "request_id": request.request_id,
            "fault": request.fault.map(ToString::to_string),
        });
        if !request.query.is_empty() {
            event["query"] = request.query.into();
        }
        self.with(|inner| {
            inner.requests += 1;
            inner.taken += u64::from(request.taken);
            say(&line);
            inner.append(&event);
        });
    }

    /// The emulator has stopped. `what`: what is taken there.
    pub(crate) fn stopped(&self, what: &str) {
        self.with(|inner| {
            let Inner { requests, taken, .. } = *inner;
            say(&format!("{NAME}: stopped after {requests} requests, {taken} {what} taken"));
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
            say(&format!("{NAME}: writing to the log file failed, and is given up: {e}"));
            self.file = None;
        }
    }
}

/// `    0.123 200 POST /v1/resource/ -> 8c3f…  SHOW LAKES  !! nth=3: cut-body`
fn readable(seconds: f64, request: &Line<'_>) -> String {
    let Line { method, path, query, status, .. } = request;
    let status = if *status == 0 { "---".to_owned() } else { status.to_string() };
    let mark = if query.is_empty() { "" } else { "?" };
    let mut line = format!("{seconds:9.3} {status} {method} {path}{mark}{query}");
    // The path of a poll has the id in it.
    if let Some(id) = request.request_id.filter(|id| !path.contains(id)) {
        line.push_str(&format!(" -> {id}"));
    }
    if let Some((on_screen, _)) = &request.statement {
        line.push_str(&format!("  {on_screen}"));
    }
    if let Some(fault) = request.fault {
        line.push_str(&format!("  !! {fault}"));
    }
    // A client must not be able to write lines of its own, or to the terminal.
    line.replace(char::is_control, "?")
}
