//! The two endpoints: reference 1.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control;
use crate::faults::{Action, Fault, Faults, RequestKind, Seen};
use crate::history::History;
use crate::limiter::Limiter;
use crate::server::{Arrival, Handler, Received, Reply, Wire, lock};

use super::auth::Identity;
use super::extra::Parsed;
use super::journal::{RequestRecord, Statement, Taken};
use super::operations::{Ids, Operations, PENDING};
use super::parser::parse;
use super::state::{Context, State};
use crate::time::{Clock, Pending};

const RESOURCE: &str = "/v1/resource/";
const STATUS: &str = "/v1/status/";

/// What can be chosen about an emulator.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) identity: Identity,
    pub(super) pending: Pending,
    pub(super) clock: Clock,
    pub(super) rate_limit: Option<u32>,
    pub(super) seed: u64,
    pub(super) shape: Shape,
    pub(super) faults: Vec<Fault>,
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
            pending: Pending::polls(1),
            clock: Clock::default(),
            rate_limit: None,
            seed: 0,
            shape: Shape::Flat,
            faults: Vec::new(),
            log: None,
        }
    }
}

/// The service behind the server.
pub(super) struct Service {
    settings: Settings,
    world: Mutex<World>,
    pub(super) faults: Faults,
}

struct World {
    ids: Ids,
    operations: Operations,
    state: State,
    requests: History<RequestRecord>,
    ledger: History<Taken>,
    /// How many statements were taken, those that the ledger has forgotten too.
    taken: u64,
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
            taken: 0,
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
        let faults = Faults::new(settings.seed, settings.faults.clone());
        let world = Mutex::new(World::new(&settings));
        Self { settings, world, faults }
    }

    /// Everything as it was at the start.
    pub(super) fn start_anew(&self) {
        self.faults.set(self.settings.faults.clone());
        *lock(&self.world) = World::new(&self.settings);
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.settings.identity
    }

    pub(super) fn answered(&self) -> Vec<RequestRecord> {
        lock(&self.world).requests.all()
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        lock(&self.world).ledger.all()
    }

    fn answer(&self, request: &Received, record: &mut RequestRecord) -> Reply {
        let id = asked_about(&request.path);
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
            if !lock(&self.world).limiter.admit(self.settings.clock.now(), limit) {
                let why = format!("more than {limit} requests per second for this project");
                return refuse(429, 8, &why).header("retry-after", "1");
            }
        }
        match id {
            Some(id) => self.status(id),
            None => self.submit(&request.body, record),
        }
    }

    fn submit(&self, body: &[u8], record: &mut RequestRecord) -> Reply {
        let statement = match read_submit(body) {
            Ok(statement) => statement,
            Err(why) => return refuse(400, 3, &why),
        };
        let parsed = match parse(&statement) {
            Ok(parsed) => parsed,
            Err(error) => return refuse(400, 3, &error.to_string()),
        };
        let mut world = lock(&self.world);
        let World { ids, operations, state, ledger, taken, .. } = &mut *world;
        let id = ids.uuid();
        let now = self.settings.clock.now();
        let end = self.settings.pending.end(now, self.settings.seed, *taken);
        *taken += 1;
        let mut context = Context { operation: &id, ids, operations, now, end };
        let outcome = state.execute(&parsed, &mut context);
        let outcome = outcome.map(|payload| self.settings.shape.of(payload, &parsed));
        operations.begin(id.clone(), outcome, end);
        let bytes = statement.len();
        ledger.push(Taken { request_id: id.clone(), statement: Statement(statement), parsed }, bytes);
        record.request_id = Some(id.clone());
        Reply::new(200).json(&json!({ "requestId": id }))
    }

    fn status(&self, id: &str) -> Reply {
        let Some(id) = decoded(Some(id)) else {
            return refuse(404, 5, "this request id is not UTF-8");
        };
        match lock(&self.world).operations.poll(&id, self.settings.clock.now()) {
            Some(status) => Reply::new(200).json(&status),
            None => refuse(404, 5, &format!("request id '{}' is not known", crate::text::one_line(&id, 200))),
        }
    }
}

impl Service {
    /// What faults go by. The statement is that of a request whose body has been read.
    fn seen<'r>(&self, request: &'r Received, statement: Option<&'r str>) -> Seen<'r> {
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let id = asked_about(path);
        let kind = match (method, path, id) {
            ("POST", RESOURCE, _) => RequestKind::Submit,
            ("GET", _, Some(_)) => RequestKind::Poll,
            _ => RequestKind::Other,
        };
        let has_ended = decoded(id).is_some_and(|id| lock(&self.world).operations.has_shown_end(&id));
        Seen { method, path, kind, statement, has_ended }
    }

    /// The answer to a request that this fault strikes.
    fn struck(&self, fault: &Fault, request: &Received, record: &mut RequestRecord) -> Reply {
        let action = fault.action();
        let answer = if action.takes() { Some(self.answer(request, record)) } else { action.reply() };
        match (action, answer) {
            (Action::Status(_), _) => action.reply().unwrap_or_else(|| Reply::new(500)),
            (Action::OperationStatus(text), Some(reply)) => with_status(reply, text),
            (_, Some(reply)) => action.spoil(reply),
            // Only the service knows what pending looks like.
            (_, None) => Reply::new(200).json(&json!({ "apiStatus": PENDING, "apiResponse": null })),
        }
    }

    fn log(&self, record: RequestRecord) {
        if let Some(Log(log)) = &self.settings.log {
            log(&record);
        }
        let bytes = record.path.len() + record.statement.as_ref().map_or(0, String::len);
        lock(&self.world).requests.push(record, bytes);
    }
}

impl Handler for Service {
    fn arriving(&self, request: &Received) -> Arrival {
        let Some(fault) = self.faults.on_arrival(&self.seen(request, None)) else {
            return Arrival::Read;
        };
        self.log(RequestRecord::new(request, Some(fault)));
        Arrival::Close
    }

    fn handle(&self, request: &Received) -> Reply {
        let statement = if request.path == RESOURCE { read_submit(&request.body).ok() } else { None };
        let fault = self.faults.on_request(&self.seen(request, statement.as_deref()));
        let mut record = RequestRecord::new(request, fault.clone());
        record.statement = statement;
        record.request_id = decoded(asked_about(&request.path)).map(String::from);
        let reply = match fault {
            Some(fault) => self.struck(&fault, request, &mut record),
            None => self.answer(request, &mut record),
        };
        record.status = if reply.wire == Wire::Close { 0 } else { reply.status };
        self.log(record);
        reply
    }

    fn control(&self, request: &Received) -> Reply {
        control::answer(self, request)
    }
}

/// The request id in the path of a poll, percent-encoded.
fn asked_about(path: &str) -> Option<&str> {
    path.strip_prefix(STATUS).filter(|id| !id.is_empty() && !id.contains('/'))
}

fn decoded(id: Option<&str>) -> Option<Cow<'_, str>> {
    percent_decode_str(id?).decode_utf8().ok()
}

/// The answer to a poll with another status in it.
fn with_status(reply: Reply, status: &str) -> Reply {
    match serde_json::from_slice::<Value>(&reply.body) {
        Ok(mut body) if reply.status == 200 => {
            body["apiStatus"] = Value::from(status);
            Reply::new(200).json(&body)
        }
        _ => reply,
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
fn refuse(status: u16, grpc_status: u8, why: &str) -> Reply {
    Reply::new(status).header("grpc-status", &grpc_status.to_string()).grpc_message(why)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn messages_are_encoded_by_the_grpc_rule() {
        let reply = refuse(400, 3, "a b%\n\u{7f}ü~");
        assert_eq!(reply.headers.text("grpc-message").unwrap(), "a b%25%0A%7F%C3%BC~");
        assert!(reply.body.is_empty());
    }
}
