//! The paths under `/_emulator/`: what tests in other languages have instead of the methods of
//! [`Emulator`](super::Emulator).

use serde_json::{Value, json};

use crate::emulator::faults::Fault;
use crate::emulator::server::{CONTROL, Received, Reply};

use super::service::Service;

/// The most faults that there may be.
const MAX_FAULTS: usize = 1000;

pub(super) fn answer(service: &Service, request: &Received) -> Reply {
    let what = request.path.strip_prefix(CONTROL).unwrap_or_default();
    match (request.method.as_str(), what) {
        ("GET", "ledger") => shown(&ledger(service)),
        ("GET", "requests") => shown(&requests(service)),
        ("POST", "reset") => {
            service.reset();
            shown(&json!({}))
        }
        ("GET", "faults") => shown(&faults(service)),
        ("POST", "faults") => add_faults(service, &request.body),
        ("DELETE", "faults") => {
            service.faults.clear();
            shown(&json!([]))
        }
        (_, "ledger" | "requests") => not_allowed("GET"),
        (_, "reset") => not_allowed("POST"),
        (_, "faults") => not_allowed("GET, POST, DELETE"),
        _ => explain(404, "under /_emulator/ there are ledger, requests, reset and faults"),
    }
}

/// All of them or none.
fn add_faults(service: &Service, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    match Fault::list_from_json(&text) {
        Ok(new) if service.faults.all().len() + new.len() > MAX_FAULTS => {
            explain(400, &format!("there would be more than {MAX_FAULTS} faults"))
        }
        Ok(new) => {
            new.into_iter().for_each(|fault| service.faults.add(fault));
            shown(&faults(service))
        }
        Err(e) => explain(400, &e.to_string()),
    }
}

fn faults(service: &Service) -> Value {
    service.faults.all().iter().map(ToString::to_string).collect()
}

fn ledger(service: &Service) -> Value {
    let taken = service.ledger().into_iter();
    taken
        .map(|taken| json!({ "request_id": taken.request_id, "statement": taken.statement.0, "helper": taken.parsed.name() }))
        .collect()
}

fn requests(service: &Service) -> Value {
    let requests = service.requests().into_iter();
    requests
        .map(|request| {
            json!({
                "index": request.index,
                "connection": request.connection,
                "method": request.method,
                "path": request.path,
                "statement": request.statement,
                "request_id": request.request_id,
                "status": request.status,
                "fault": request.fault.map(|fault| fault.to_string()),
            })
        })
        .collect()
}

/// JSON that ends its line: people look at it in a terminal.
fn shown(json: &Value) -> Reply {
    let mut reply = Reply::new(200).json(json);
    reply.body.push(b'\n');
    reply
}

fn not_allowed(allowed: &str) -> Reply {
    explain(405, &format!("this path is for {allowed}")).header("allow", allowed)
}

fn explain(status: u16, why: &str) -> Reply {
    Reply { status, ..shown(&json!({ "error": why })) }
}
