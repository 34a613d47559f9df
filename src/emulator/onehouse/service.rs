//! The two endpoints: reference 1.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emulator::server::{Handler, Received, Reply, lock};

use super::auth::Identity;
use super::control;
use super::extra::Parsed;
use super::journal::{History, RequestRecord, Statement, Taken};
use super::operations::{Ids, Operations};
use super::parser::parse;
use super::state::{Context, State};

/// What goes percent-encoded into `grpc-message`: `%` and every byte outside 0x20 to 0x7E.
const MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

const RESOURCE: &str = "/v1/resource/";
const STATUS: &str = "/v1/status/";

/// What can be chosen about an emulator.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) identity: Identity,
    pub(super) pending_polls: u32,
    pub(super) rate_limit: Option<u32>,
    pub(super) seed: u64,
    pub(super) shape: Shape,
    pub(super) log: Option<Log>,
}

/// Who hears of every request.
#[derive(Clone)]
pub(super) struct Log(pub(super) Arc<dyn Fn(&RequestRecord) + Send + Sync>);

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// The shape of payloads: sources disagree (reference 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// As the vendor's SDK documents it: an array of objects, or an object.
    #[default]
    Flat,
    /// As the vendor's Airflow provider reads it: the same inside an object with one key, which is the
    /// command's name and `ApiResponse`: `{"runJobApiResponse": {"jobRunId": "…"}}`.
    Wrapped,
}

impl Shape {
    fn of(self, payload: Value, parsed: &Parsed) -> Value {
        match self {
            Self::Flat => payload,
            Self::Wrapped => json!({ wrapper(parsed.name()): payload }),
        }
    }
}

/// `run_job` -> `runJobApiResponse`
fn wrapper(helper: &str) -> String {
    let mut key = String::new();
    let mut upper = false;
    for c in helper.chars() {
        match c {
            '_' => upper = true,
            c => {
                key.push(if upper { c.to_ascii_uppercase() } else { c });
                upper = false;
            }
        }
    }
    key + "ApiResponse"
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identity: Identity::default(),
            pending_polls: 1,
            rate_limit: None,
            seed: 0,
            shape: Shape::Flat,
            log: None,
        }
    }
}

/// The service behind the server.
pub(super) struct Service {
    settings: Settings,
    world: Mutex<World>,
}

struct World {
    ids: Ids,
    operations: Operations,
    state: State,
    requests: History<RequestRecord>,
    ledger: History<Taken>,
    limiter: Limiter,
}

impl World {
    fn new(settings: &Settings) -> Self {
        Self {
            ids: Ids::new(settings.seed),
            operations: Operations::default(),
            state: State::new(),
            requests: History::new(),
            ledger: History::new(),
            limiter: Limiter::default(),
        }
    }
}

/// The body of a submit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    statement: String,
}

impl Service {
    pub(super) fn new(settings: Settings) -> Self {
        let world = Mutex::new(World::new(&settings));
        Self { settings, world }
    }

    /// Everything as it was at the start.
    pub(super) fn reset(&self) {
        *lock(&self.world) = World::new(&self.settings);
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.settings.identity
    }

    pub(super) fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.world).requests.all()
    }

    pub(super) fn ledger(&self) -> Vec<Taken> {
        lock(&self.world).ledger.all()
    }

    fn answer(&self, request: &Received, record: &mut RequestRecord) -> Reply {
        let id = request.path.strip_prefix(STATUS).filter(|id| !id.is_empty() && !id.contains('/'));
        let allowed = match (request.path.as_str(), id) {
            (RESOURCE, _) => "POST",
            (_, Some(_)) => "GET",
            _ => return refuse(404, 5, "no such path: POST /v1/resource/ or GET /v1/status/{requestId}"),
        };
        if request.method != allowed {
            return refuse(405, 12, "wrong method for this path").header("allow", allowed);
        }
        if let Err((status, why)) = self.settings.identity.check(&request.headers) {
            return refuse(status, if status == 401 { 16 } else { 7 }, &why);
        }
        if let Some(limit) = self.settings.rate_limit {
            if !lock(&self.world).limiter.admit(Instant::now(), limit) {
                let why = format!("more than {limit} requests per second for this project");
                return refuse(429, 8, &why).header("retry-after", "1");
            }
        }
        match id {
            Some(id) => self.status(id, record),
            None => self.submit(&request.body, record),
        }
    }

    fn submit(&self, body: &[u8], record: &mut RequestRecord) -> Reply {
        let statement = match read_submit(body) {
            Ok(statement) => statement,
            Err(why) => return refuse(400, 3, &why),
        };
        record.statement = Some(statement.clone());
        let parsed = match parse(&statement) {
            Ok(parsed) => parsed,
            Err(error) => return refuse(400, 3, &error.to_string()),
        };
        let mut world = lock(&self.world);
        let World { ids, operations, state, ledger, .. } = &mut *world;
        let id = ids.uuid();
        let pending_polls = self.settings.pending_polls;
        let mut context = Context { operation: &id, ids, operations, pending_polls };
        let outcome = state.execute(&parsed, &mut context);
        let outcome = outcome.map(|payload| self.settings.shape.of(payload, &parsed));
        operations.begin(id.clone(), outcome, pending_polls);
        let bytes = statement.len();
        ledger.push(Taken { request_id: id.clone(), statement: Statement(statement), parsed }, bytes);
        record.request_id = Some(id.clone());
        Reply::new(200).json(&json!({ "requestId": id }))
    }

    fn status(&self, id: &str, record: &mut RequestRecord) -> Reply {
        let Ok(id) = percent_decode_str(id).decode_utf8() else {
            return refuse(404, 5, "this request id is not UTF-8");
        };
        record.request_id = Some(id.to_string());
        match lock(&self.world).operations.poll(&id) {
            Some(status) => Reply::new(200).json(&status),
            None => {
                refuse(404, 5, &format!("request id '{}' is not known", crate::error::one_line(&id, 200)))
            }
        }
    }
}

impl Handler for Service {
    fn handle(&self, request: &Received) -> Reply {
        let mut record = RequestRecord {
            index: request.index,
            connection: request.connection,
            method: request.method.clone(),
            path: request.path.clone(),
            statement: None,
            request_id: None,
            status: 0,
        };
        let reply = self.answer(request, &mut record);
        record.status = reply.status;
        let bytes = record.path.len() + record.statement.as_ref().map_or(0, String::len);
        if let Some(Log(log)) = &self.settings.log {
            log(&record);
        }
        lock(&self.world).requests.push(record, bytes);
        reply
    }

    fn control(&self, request: &Received) -> Reply {
        control::answer(self, request)
    }
}

fn read_submit(body: &[u8]) -> Result<String, String> {
    // Serde would also read the fields out of an array.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err("the body is a JSON object with the one key \"statement\"".to_owned());
    }
    let submit: Submit = serde_json::from_slice(body)
        .map_err(|e| format!("the body is a JSON object with the one key \"statement\": {e}"))?;
    if submit.statement.trim().is_empty() {
        return Err("Invalid sql query: the statement is empty".to_owned());
    }
    Ok(submit.statement)
}

/// An answer as the real service gives it when it refuses: an empty body, the reason in a header.
pub(super) fn refuse(status: u16, grpc_status: u8, why: &str) -> Reply {
    Reply::new(status)
        .header("grpc-status", &grpc_status.to_string())
        .header("grpc-message", &utf8_percent_encode(why, MESSAGE).to_string())
}

/// So many requests in any one second.
#[derive(Debug, Default)]
struct Limiter(VecDeque<Instant>);

impl Limiter {
    fn admit(&mut self, now: Instant, per_second: u32) -> bool {
        while self.0.front().is_some_and(|then| now.saturating_duration_since(*then) >= super::SECOND) {
            self.0.pop_front();
        }
        let admitted = self.0.len() < per_second as usize;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_submit_has_one_key_and_a_statement() {
        assert_eq!(read_submit(br#" {"statement": "SHOW LAKES"} "#).unwrap(), "SHOW LAKES");
        for body in [
            "",
            "null",
            "[\"SHOW LAKES\"]",
            "{}",
            r#"{"statement": null}"#,
            r#"{"statement": 3}"#,
            r#"{"statement": ""}"#,
            r#"{"statement": " \n "}"#,
            r#"{"statement": "a", "more": 1}"#,
            r#"{"statement": "a", "statement": "b"}"#,
            r#"{"Statement": "a"}"#,
            r#"{"statement": "a"} x"#,
            r#"{"statement": "a""#,
        ] {
            assert!(read_submit(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read_submit(b"{\"statement\": \"\xff\"}").is_err());
    }

    #[test]
    fn the_limit_counts_what_was_admitted_in_the_last_second() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let admitted: Vec<bool> =
            [0, 0, 500, 999, 1000, 1001, 1500, 1501].into_iter().map(|ms| limiter.admit(at(ms), 3)).collect();
        assert_eq!(admitted, [true, true, true, false, true, true, true, false]);
    }

    #[test]
    fn messages_are_encoded_by_the_grpc_rule() {
        let reply = refuse(400, 3, "a b%\n\u{7f}ü~");
        assert_eq!(reply.headers.text("grpc-message").unwrap(), "a b%25%0A%7F%C3%BC~");
        assert!(reply.body.is_empty());
    }
}
