//! The paths under `/_emulator/`: the methods of an emulator for tests in other languages, and a page for
//! people.

pub(crate) mod access;
mod clock;
mod faults;
mod page;

use serde_json::{Value, json};

use crate::instance::Instance;
use crate::journal::{Entry, RequestRecord};
use crate::resource::Resource;
use crate::server::{CONTROL, Received, Reply};
use crate::service::Backend;

/// The paths of one space, for the message about one that does not exist.
const PATHS: &str = "health, env, spaces, ledger, requests, resources, reset, faults, clock, state, seed";

/// Answers a request of which [`access`] has no refusal.
pub(crate) fn answer<S: Backend>(of: &Instance<S>, request: &Received) -> Reply {
    if let Some(reply) = of.control(request) {
        return reply;
    }
    let what = request.path.strip_prefix(CONTROL).unwrap_or_default();
    match (request.method.as_str(), what) {
        ("GET" | "HEAD", "") => page::reply(),
        ("GET", "health") => shown(&health::<S>()),
        ("GET", "env") => shown(&variables(of)),
        ("GET", "ledger") => last(request, &of.ledger(), Entry::to_json),
        ("GET", "requests") => last(request, &of.requests(), RequestRecord::to_json),
        ("GET", "resources") => last(request, &of.resources(), Resource::to_json),
        ("POST", "reset") => match of.start_anew() {
            Ok(()) => shown(&json!({})),
            Err(why) => explain(500, &why),
        },
        ("GET", "faults") => shown(&faults::listed(&of.faults)),
        ("POST", "faults") => {
            let _serving = of.serving();
            faults::add(&of.faults, &request.body)
        }
        ("DELETE", "faults") => {
            let _serving = of.serving();
            of.faults.clear();
            shown(&json!([]))
        }
        ("GET", "clock") => clock::shown(&of.settings.clock),
        ("POST", "clock") => {
            let _serving = of.serving();
            clock::set(&of.settings.clock, &request.body)
        }
        (_, "" | "health" | "env" | "ledger" | "requests" | "resources") => not_allowed("GET"),
        ("GET", "state") => match of.state() {
            Ok(document) => kept(document),
            Err(why) => explain(413, &why),
        },
        ("PUT", "state") => match of.restore(&request.body) {
            Ok(()) => shown(&json!({})),
            Err(why) => explain(400, &why),
        },
        (_, "state") => not_allowed("GET, PUT"),
        ("POST", "seed") => match std::str::from_utf8(&request.body) {
            Ok(text) => match of.fill(text) {
                Ok(()) => shown(&json!({})),
                Err(why) => explain(400, &why),
            },
            Err(_) => explain(400, "the body is not UTF-8; it has to be a plan or a state in JSON"),
        },
        (_, "reset" | "seed") => not_allowed("POST"),
        (_, "faults") => not_allowed("GET, POST, DELETE"),
        (_, "clock") => not_allowed("GET, POST"),
        _ => explain(
            404,
            &format!(
                "there is no such path; the paths under /_emulator/ are {}",
                S::CONTROL_PATHS.map_or_else(|| PATHS.to_owned(), |more| format!("{PATHS}, {more}"))
            ),
        ),
    }
}

/// The environment variables of clients, by name.
fn variables<S: Backend>(of: &Instance<S>) -> Value {
    let url = of.url.get().map(String::as_str).unwrap_or_default();
    let all = S::variables(&of.options, url);
    Value::Object(all.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

/// All of a list, or with `?last=N` its last N entries.
fn last<T>(request: &Received, all: &[T], to_json: impl Fn(&T) -> Value) -> Reply {
    let count = match request.query.split('&').find_map(|one| one.strip_prefix("last=")) {
        None => all.len(),
        Some(text) => match text.parse::<usize>() {
            Ok(count) => count,
            Err(_) => return explain(400, "`last` has to be a number of entries, as in ?last=20"),
        },
    };
    let from = all.len().saturating_sub(count);
    shown(&all.iter().skip(from).map(to_json).collect())
}

/// The response says that the emulator is ready because it is sent.
fn health<S: Backend>() -> Value {
    json!({ "service": S::NAME, "version": env!("CARGO_PKG_VERSION"), "ready": true })
}

/// JSON that ends its line: people look at it in a terminal.
pub(crate) fn shown(json: &Value) -> Reply {
    let mut reply = Reply::new(200).json(json).header("cache-control", "no-store");
    reply.body.push(b'\n');
    reply
}

/// A document as it is, byte for byte.
fn kept(document: String) -> Reply {
    let mut reply =
        Reply::new(200).header("content-type", "application/json").header("cache-control", "no-store");
    reply.body = document.into_bytes();
    reply
}

pub(crate) fn not_allowed(allowed: &str) -> Reply {
    explain(405, &format!("this path accepts {allowed}")).header("allow", allowed)
}

pub(crate) fn explain(status: u16, why: &str) -> Reply {
    Reply { status, ..shown(&json!({ "error": why })) }
}
