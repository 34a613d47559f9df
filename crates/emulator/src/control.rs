//! The paths under `/_emulator/`: what tests in other languages have instead of the methods of an emulator.

use serde_json::{Value, json};

use crate::faults::{Fault, Faults};
use crate::instance::Instance;
use crate::journal::{Entry, RequestRecord};
use crate::server::{CONTROL, Received, Reply};
use crate::service::Backend;

/// The most faults that there may be.
const MAX_FAULTS: usize = 1000;

pub(crate) fn answer<S: Backend>(of: &Instance<S>, request: &Received) -> Reply {
    let what = request.path.strip_prefix(CONTROL).unwrap_or_default();
    match (request.method.as_str(), what) {
        ("GET", "ledger") => shown(&of.ledger().iter().map(Entry::to_json).collect()),
        ("GET", "requests") => shown(&of.requests().iter().map(RequestRecord::to_json).collect()),
        ("POST", "reset") => {
            of.start_anew();
            shown(&json!({}))
        }
        ("GET", "faults") => shown(&faults(&of.faults)),
        ("POST", "faults") => add_faults(&of.faults, &request.body),
        ("DELETE", "faults") => {
            of.faults.clear();
            shown(&json!([]))
        }
        (_, "ledger" | "requests") => not_allowed("GET"),
        (_, "reset") => not_allowed("POST"),
        (_, "faults") => not_allowed("GET, POST, DELETE"),
        _ => explain(404, "under /_emulator/ there are ledger, requests, reset and faults"),
    }
}

/// All of them or none.
fn add_faults(armed: &Faults, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    match Fault::list_from_json(&text) {
        Ok(new) if armed.all().len() + new.len() > MAX_FAULTS => {
            explain(400, &format!("there would be more than {MAX_FAULTS} faults"))
        }
        Ok(new) => {
            new.into_iter().for_each(|fault| armed.add(fault));
            shown(&faults(armed))
        }
        Err(e) => explain(400, &e.to_string()),
    }
}

fn faults(armed: &Faults) -> Value {
    armed.all().iter().map(ToString::to_string).collect()
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
