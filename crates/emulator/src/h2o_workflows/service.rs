//! The service behind the server: who may come in, which fault strikes, and where a request goes.

use std::fmt;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::control::{self, Controlled};
use crate::faults::{Action, Fault, Faults, RequestKind, Seen};
use crate::history::History;
use crate::limiter::Limiter;
use crate::server::{Arrival, Handler, Received, Reply, Wire, lock};
use crate::time::{Clock, Pending};

use super::journal::{RequestRecord, Taken};
use super::login::{self, DISCOVERY, ISSUER, LoginRules, Tokens};
use super::names::{Kind, Target};
use super::operation::{Effect, Operation};
use super::refusal::{Code, Refusal};
use super::state::{Rules, State};

/// What stands before the name of every resource.
const BASE: &str = "/v1/";

/// What can be chosen about an emulator.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) login: LoginRules,
    pub(super) rules: Rules,
    pub(super) clock: Clock,
    pub(super) rate_limit: Option<u32>,
    /// The bytes of a line of a log stream; `None`: as they were printed.
    pub(super) log_piece: Option<usize>,
    pub(super) tls: bool,
    pub(super) faults: Vec<Fault>,
    pub(super) log: Option<Log>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            login: LoginRules::default(),
            rules: Rules { seed: 0, pending: Pending::polls(1), any_drafts: false },
            clock: Clock::default(),
            rate_limit: None,
            log_piece: None,
            tls: false,
            faults: Vec::new(),
            log: None,
        }
    }
}

/// Who hears of every request.
#[derive(Clone)]
pub(super) struct Log(pub(super) Arc<dyn Fn(&RequestRecord) + Send + Sync>);

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// The service behind the server.
pub(super) struct Service {
    pub(super) settings: Settings,
    pub(super) world: Arc<Mutex<World>>,
    pub(super) faults: Faults,
}

pub(super) struct World {
    pub(super) state: State,
    pub(super) tokens: Tokens,
    requests: History<RequestRecord>,
    ledger: History<Taken>,
    limiter: Limiter,
}

impl World {
    fn new(settings: &Settings) -> Self {
        Self {
            state: State::new(settings.rules, settings.clock.now()),
            tokens: Tokens::new(&settings.login, settings.rules.seed),
            requests: History::new(),
            ledger: History::new(),
            limiter: Limiter::default(),
        }
    }
}

/// What a request is about.
enum Place {
    Version,
    Discovery,
    OpenId,
    Token,
    Resource(Target, Operation),
    Nothing(Refusal),
}

impl Place {
    fn of(method: &str, path: &str) -> Self {
        let not_allowed = || Refusal::new(Code::Unimplemented, "Method Not Allowed");
        let only =
            |wanted: &str, place: Self| if method == wanted { place } else { Self::Nothing(not_allowed()) };
        if let Some(name) = path.strip_prefix(BASE) {
            return match Target::of(name) {
                Err(refusal) => Self::Nothing(refusal),
                Ok(target) => match Operation::of(method, &target) {
                    Some(operation) => Self::Resource(target, operation),
                    None if target.verb.is_empty() => Self::Nothing(not_allowed()),
                    None => Self::Nothing(Refusal::new(Code::NotFound, "Not Found")),
                },
            };
        }
        match path {
            "/version" => only("GET", Self::Version),
            _ if path.starts_with(DISCOVERY) => only("GET", Self::Discovery),
            _ => match path.strip_prefix(ISSUER) {
                Some("/.well-known/openid-configuration") => only("GET", Self::OpenId),
                Some("/token") => only("POST", Self::Token),
                _ => Self::Nothing(Refusal::new(Code::NotFound, "Not Found")),
            },
        }
    }

    fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Version => Some("version"),
            Self::Discovery => Some("discovery"),
            Self::OpenId => Some("openid_configuration"),
            Self::Token => Some("token"),
            Self::Resource(_, operation) => Some(operation.name),
            Self::Nothing(_) => None,
        }
    }
}

impl Service {
    pub(super) fn new(settings: Settings) -> Self {
        let faults = Faults::new(settings.rules.seed, settings.faults.clone());
        let world = Arc::new(Mutex::new(World::new(&settings)));
        Self { settings, world, faults }
    }

    /// Everything as it was at the start.
    pub(super) fn start_anew(&self) {
        self.faults.set(self.settings.faults.clone());
        *lock(&self.world) = World::new(&self.settings);
    }

    pub(super) fn answered(&self) -> Vec<RequestRecord> {
        lock(&self.world).requests.all()
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        lock(&self.world).ledger.all()
    }

    fn answer(&self, request: &Received, place: &Place, record: &mut RequestRecord) -> Reply {
        let now = self.settings.clock.now();
        let base = || login::base(request, if self.settings.tls { "https" } else { "http" });
        match place {
            Place::Nothing(refusal) => refusal.reply(),
            Place::Version => Reply::new(200).json(&login::version()),
            Place::OpenId => Reply::new(200).json(&login::openid_configuration(&base())),
            Place::Discovery => {
                match login::discovery(&request.path, &base(), &self.settings.login.client_id) {
                    Some(body) => Reply::new(200).json(&body),
                    None => Refusal::new(Code::NotFound, "Not Found").reply(),
                }
            }
            Place::Token => {
                let (reply, taken) = lock(&self.world).tokens.renew(&self.settings.login, request, now);
                record.taken = taken;
                reply
            }
            Place::Resource(target, operation) => {
                if let Err(why) = lock(&self.world).tokens.admit(request, now) {
                    return Refusal::new(Code::Unauthenticated, why).reply();
                }
                if let Some(limit) = self.settings.rate_limit {
                    if !lock(&self.world).limiter.admit(now, limit) {
                        let refusal = Refusal::new(Code::ResourceExhausted, "too many requests");
                        return refusal.reply().header("retry-after", "1");
                    }
                }
                match self.operate(request, target, operation.name) {
                    Err(refusal) => refusal.reply(),
                    Ok((reply, name)) => {
                        if operation.effect == Effect::Changes {
                            record.taken = true;
                            let bytes = name.len();
                            let taken = Taken { operation: operation.name, name };
                            lock(&self.world).ledger.push(taken, bytes);
                        }
                        reply
                    }
                }
            }
        }
    }

    /// What faults go by: as a statement counts the name of the operation, the resource, and the body.
    fn seen<'r>(&self, request: &'r Received, place: &Place, statement: Option<&'r str>) -> Seen<'r> {
        let kind = match place {
            Place::Resource(_, Operation { effect: Effect::Changes, .. }) => RequestKind::Submit,
            Place::Resource(_, Operation { effect: Effect::Asks, .. }) => RequestKind::Poll,
            _ => RequestKind::Other,
        };
        let has_ended = match place {
            Place::Resource(target, _) if kind == RequestKind::Poll => {
                let mut world = lock(&self.world);
                world.state.settle(self.settings.clock.now());
                world.state.has_ended(&target.ids)
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
            (Action::OperationStatus(text), Some(reply)) => with_state(reply, text),
            (_, Some(reply)) => action.spoil(reply),
            (_, None) => {
                let state = match place {
                    Place::Resource(target, _) if matches!(target.kind, Kind::Job | Kind::Step) => {
                        "STATE_PENDING"
                    }
                    _ => "STATE_QUEUED",
                };
                with_state(self.answer(request, place, record), state)
            }
        }
    }

    fn log(&self, record: RequestRecord) {
        if let Some(Log(log)) = &self.settings.log {
            log(&record);
        }
        let bytes = record.path.len() + record.query.len();
        lock(&self.world).requests.push(record, bytes);
    }
}

/// An answer about one resource with another state in it.
fn with_state(reply: Reply, state: &str) -> Reply {
    match serde_json::from_slice::<Value>(&reply.body) {
        Ok(Value::Object(mut body)) if reply.status == 200 => {
            for resource in body.values_mut().filter(|value| value.get("state").is_some()) {
                resource["state"] = Value::from(state);
            }
            Reply::new(200).json(&Value::Object(body))
        }
        _ => reply,
    }
}

/// The text that conditions of faults are about. Forms have secrets in them, and are left out.
fn statement(request: &Received, place: &Place) -> Option<String> {
    let operation = place.operation()?;
    let path = percent_decode_str(&request.path).decode_utf8_lossy();
    let body = match place {
        Place::Token => "".into(),
        _ => String::from_utf8_lossy(&request.body),
    };
    Some(format!("{operation} {} {body}", path.strip_prefix(BASE).unwrap_or(&path)))
}

impl Handler for Service {
    fn arriving(&self, request: &Received) -> Arrival {
        let place = Place::of(&request.method, &request.path);
        let Some(fault) = self.faults.on_arrival(&self.seen(request, &place, None)) else {
            return Arrival::Read;
        };
        self.log(RequestRecord::new(request, place.operation(), Some(fault)));
        Arrival::Close
    }

    fn handle(&self, request: &Received) -> Reply {
        let place = Place::of(&request.method, &request.path);
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
        control::answer(self, request)
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
