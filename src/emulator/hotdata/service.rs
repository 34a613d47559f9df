//! The service behind the server: who may come in, which fault strikes, and where a request goes.

use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::emulator::control::{self, Controlled};
use crate::emulator::faults::{Action, Fault, Faults, RequestKind, Seen};
use crate::emulator::history::History;
use crate::emulator::limiter::Limiter;
use crate::emulator::server::{Arrival, CONTROL, Handler, Received, Reply, Wire, lock};

use super::call::{Answer, Call};
use super::common::Common;
use super::journal::{RequestRecord, Taken};
use super::operate;
use super::operation::{Effect, Operation, Place, Scope};
use super::refusal::{ErrorShape, Refusal};
use super::settings::{Behaviour, Log, Settings};
use super::state::World;

/// How much of a body is a statement for faults, in bytes.
const IN_STATEMENT: usize = 64 * 1024;

/// The service behind the server.
pub(super) struct Service {
    pub(super) settings: Settings,
    pub(super) world: Mutex<World>,
    journal: Mutex<Journal>,
    behaviour: Arc<Mutex<Behaviour>>,
    pub(super) faults: Faults,
}

struct Journal {
    requests: History<RequestRecord>,
    ledger: History<Taken>,
    limiter: Limiter,
}

impl Journal {
    fn new() -> Self {
        Self { requests: History::new(), ledger: History::new(), limiter: Limiter::default() }
    }
}

impl Service {
    pub(super) fn new(settings: Settings) -> Self {
        let faults = Faults::new(settings.seed, settings.faults.clone());
        let behaviour = Arc::new(Mutex::new(settings.behaviour.clone()));
        let world = Mutex::new(World::new(Arc::new(Common::new(&settings, Arc::clone(&behaviour)))));
        Self { settings, world, journal: Mutex::new(Journal::new()), behaviour, faults }
    }

    /// Everything as it was at the start.
    pub(super) fn start_anew(&self) {
        self.faults.set(self.settings.faults.clone());
        *lock(&self.behaviour) = self.settings.behaviour.clone();
        let common = Common::new(&self.settings, Arc::clone(&self.behaviour));
        *lock(&self.world) = World::new(Arc::new(common));
        *lock(&self.journal) = Journal::new();
    }

    pub(super) fn answered(&self) -> Vec<RequestRecord> {
        lock(&self.journal).requests.all()
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        lock(&self.journal).ledger.all()
    }

    /// Sets one of the settings that can be changed while it runs.
    pub(super) fn set(&self, text: &str) -> Result<(), String> {
        lock(&self.behaviour).set(text)
    }

    fn place(&self, request: &Received) -> Place {
        let has_older = lock(&self.behaviour).older_surface;
        Place::of(&request.method, &request.path, has_older)
    }

    fn answer(&self, request: &Received, place: &Place, record: &mut RequestRecord) -> Reply {
        let told = lock(&self.behaviour).errors;
        let answered = match place {
            Place::Nothing => Err(Refusal::new(404, "NOT_FOUND", "there is no such path")),
            Place::OtherMethod(allowed) => {
                let refusal = Refusal::new(405, "METHOD_NOT_ALLOWED", "this path has other methods");
                return refusal.reply(told).header("allow", &allowed.join(", "));
            }
            Place::Storage(key) => self.store(request, key),
            Place::Operation(operation, path) => self.perform(request, operation, path).map_err(|refusal| {
                // The one model of errors that these three operations have.
                let is_word = operation.scope == Scope::Account;
                if is_word { refusal.shaped(ErrorShape::Word) } else { refusal }
            }),
        };
        self.note(record);
        answered.unwrap_or_else(|refusal| refusal.reply(told))
    }

    /// Moves what was taken into the ledger.
    fn note(&self, record: &mut RequestRecord) {
        let taken = lock(&self.world).take_notes();
        let mut journal = lock(&self.journal);
        for one in taken {
            record.taken |= record.operation == Some(one.operation);
            let size = one.size();
            journal.ledger.push(one, size);
        }
    }

    fn perform(&self, request: &Received, operation: &'static Operation, path: &[String]) -> Answer {
        self.admit(request)?;
        let call = Call { operation: operation.name, request, path: path.to_vec() };
        let mut world = lock(&self.world);
        world.settle();
        if operation.scope == Scope::Account {
            return operate::on_workspaces(&mut world, &call);
        }
        let unknown = lock(&self.behaviour).unknown_workspace;
        let space = call.header("x-workspace-id").and_then(|id| world.space(id));
        let Some(space) = space else {
            let word = if unknown == 403 { "forbidden" } else { "workspace_not_found" };
            return Err(Refusal::new(unknown, "NOT_FOUND", word).shaped(ErrorShape::Uncoded));
        };
        let database = match operation.scope {
            Scope::Database => Some(space.database_of_header(call.header("x-database-id"))?),
            _ => None,
        };
        operate::on_space(space, database, &call)
    }

    fn admit(&self, request: &Received) -> Result<(), Refusal> {
        let unauthorized = |why: &str| Err(Refusal::new(401, "UNAUTHORIZED", why));
        let given = request.headers.get("authorization").map(String::from_utf8_lossy);
        let Some(given) = given else {
            return unauthorized("the Authorization header is missing");
        };
        let bearer = given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        if bearer.is_none_or(|(_, key)| key.trim() != self.settings.api_key) {
            return unauthorized("the bearer token is not valid");
        }
        if let Some(limit) = self.settings.rate_limit {
            if !lock(&self.journal).limiter.admit(self.settings.clock.now(), limit) {
                return Err(Refusal::new(429, "OVERLOADED", "too many requests").retry_after(1));
            }
        }
        Ok(())
    }

    /// A part of an upload. What our own headers do here is what they do at a real storage.
    fn store(&self, _request: &Received, _key: &str) -> Answer {
        Err(Refusal::new(404, "NoSuchKey", "there is no such upload"))
    }

    /// What faults go by: as a statement count the name of the operation, the path, and the body.
    fn seen<'r>(&self, request: &'r Received, place: &Place, statement: Option<&'r str>) -> Seen<'r> {
        let kind = match place {
            Place::Operation(Operation { effect: Effect::Changes, .. }, _) => RequestKind::Submit,
            Place::Operation(Operation { effect: Effect::Asks, .. }, _) => RequestKind::Poll,
            _ => RequestKind::Other,
        };
        let has_ended = match place {
            Place::Operation(operation, path) if kind == RequestKind::Poll => {
                let mut world = lock(&self.world);
                world.settle();
                path.last().is_some_and(|id| world.has_ended(operation.name, id))
            }
            _ => false,
        };
        Seen { method: &request.method, path: &request.path, kind, statement, has_ended }
    }

    /// The answer to a request that this fault strikes.
    fn struck(&self, fault: &Fault, request: &Received, place: &Place, record: &mut RequestRecord) -> Reply {
        let action = fault.action();
        let answer = if action.takes() { Some(self.answer(request, place, record)) } else { action.reply() };
        match (action, answer) {
            (Action::Status(_), _) => action.reply().unwrap_or_else(|| Reply::new(500)),
            (Action::OperationStatus(text), Some(reply)) => with_status(reply, text),
            (_, Some(reply)) => action.spoil(reply),
            (_, None) => with_status(self.answer(request, place, record), "running"),
        }
    }

    fn log(&self, record: RequestRecord) {
        if let Some(Log(log)) = &self.settings.log {
            log(&record);
        }
        let bytes = record.path.len() + record.query.len();
        lock(&self.journal).requests.push(record, bytes);
    }

    /// `POST /_emulator/settings`: a JSON array of texts, all of them or none.
    fn set_all(&self, body: &[u8]) -> Reply {
        let explain = |why: &str| Reply { status: 400, ..Reply::new(400).json(&json!({ "error": why })) };
        let Ok(texts) = serde_json::from_slice::<Vec<String>>(body) else {
            return explain("the body is not a JSON array of texts");
        };
        let mut behaviour = lock(&self.behaviour);
        let mut new = behaviour.clone();
        for text in texts {
            if let Err(why) = new.set(&text) {
                return explain(&why);
            }
        }
        *behaviour = new;
        Reply::new(200).json(&json!({}))
    }
}

/// An answer about one thing with another status in it.
fn with_status(mut reply: Reply, status: &str) -> Reply {
    if let Ok(Value::Object(mut body)) = serde_json::from_slice::<Value>(&reply.body) {
        if body.contains_key("status") {
            body.insert("status".to_owned(), Value::from(status));
            reply.body = Value::Object(body).to_string().into_bytes();
        }
    }
    reply
}

/// The text that conditions of faults are about. What goes to the storage is no text.
fn statement(request: &Received, place: &Place) -> Option<String> {
    let operation = place.operation()?;
    let path = percent_decode_str(&request.path).decode_utf8_lossy();
    let body = match place {
        Place::Storage(_) => "".into(),
        _ => String::from_utf8_lossy(&request.body[..request.body.len().min(IN_STATEMENT)]),
    };
    Some(format!("{operation} {path} {body}"))
}

impl Handler for Service {
    fn arriving(&self, request: &Received) -> Arrival {
        let place = self.place(request);
        let Some(fault) = self.faults.on_arrival(&self.seen(request, &place, None)) else {
            return Arrival::Read;
        };
        self.log(RequestRecord::new(request, place.operation(), Some(fault)));
        Arrival::Close
    }

    fn handle(&self, request: &Received) -> Reply {
        let place = self.place(request);
        let statement = statement(request, &place);
        let fault = self.faults.on_request(&self.seen(request, &place, statement.as_deref()));
        let mut record = RequestRecord::new(request, place.operation(), fault.clone());
        let reply = match fault {
            Some(fault) => self.struck(&fault, request, &place, &mut record),
            None => self.answer(request, &place, &mut record),
        };
        record.status = if reply.wire == Wire::Close { 0 } else { reply.status };
        self.log(record);
        reply
    }

    fn control(&self, request: &Received) -> Reply {
        match request.path.strip_prefix(CONTROL) {
            Some("settings") if request.method == "POST" => self.set_all(&request.body),
            _ => control::answer(self, request),
        }
    }
}

impl Controlled for Service {
    fn ledger(&self) -> Value {
        self.taken().iter().map(Taken::to_json).collect()
    }

    fn requests(&self) -> Value {
        self.answered().iter().map(RequestRecord::to_json).collect()
    }

    fn reset(&self) {
        self.start_anew();
    }

    fn faults(&self) -> &Faults {
        &self.faults
    }
}
