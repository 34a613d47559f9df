//! The paths under `/_emulator/`: what tests in other languages have instead of the methods of an emulator.

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::server::{CONTROL, Received, Reply};

use super::faults::Faults;

/// What a service has to show and to be told.
pub(crate) trait Controlled {
    /// What was taken, as JSON.
    fn ledger(&self) -> Value;

    /// The requests that were answered, as JSON.
    fn requests(&self) -> Value;

    /// Everything as it was at the start.
    fn reset(&self);

    /// Its faults.
    fn faults(&self) -> &Faults;
}

/// The most faults that there may be.
const MAX_FAULTS: usize = 1000;

pub(crate) fn answer(service: &dyn Controlled, request: &Received) -> Reply {
    let what = request.path.strip_prefix(CONTROL).unwrap_or_default();
    match (request.method.as_str(), what) {
        ("GET", "ledger") => shown(&service.ledger()),
        ("GET", "requests") => shown(&service.requests()),
        ("POST", "reset") => {
            service.reset();
            shown(&json!({}))
        }
        ("GET", "faults") => shown(&faults(service)),
        ("POST", "faults") => add_faults(service, &request.body),
        ("DELETE", "faults") => {
            service.faults().clear();
            shown(&json!([]))
        }
        (_, "ledger" | "requests") => not_allowed("GET"),
        (_, "reset") => not_allowed("POST"),
        (_, "faults") => not_allowed("GET, POST, DELETE"),
        _ => explain(404, "under /_emulator/ there are ledger, requests, reset and faults"),
    }
}

/// All of them or none.
fn add_faults(service: &dyn Controlled, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    match Fault::list_from_json(&text) {
        Ok(new) if service.faults().all().len() + new.len() > MAX_FAULTS => {
            explain(400, &format!("there would be more than {MAX_FAULTS} faults"))
        }
        Ok(new) => {
            new.into_iter().for_each(|fault| service.faults().add(fault));
            shown(&faults(service))
        }
        Err(e) => explain(400, &e.to_string()),
    }
}

fn faults(service: &dyn Controlled) -> Value {
    service.faults().all().iter().map(ToString::to_string).collect()
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
