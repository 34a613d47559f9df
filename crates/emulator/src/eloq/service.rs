//! The six endpoints.

use std::fmt;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::control::{self, Controlled};
use crate::faults::{Action, Fault, Faults, RequestKind, Seen};
use crate::history::History;
use crate::limiter::Limiter;
use crate::server::{Arrival, Handler, Received, Reply, Wire, lock};
use crate::time::{Clock, Pending};

use super::journal::{RequestRecord, Taken};
use super::skus;
use super::state::{Refusal, Rules, State, Wanted, is_project, org_info};

/// What stands before the path of every endpoint.
pub(super) const BASE: &str = "/api/v1/";

/// The largest page.
const MAX_PER_PAGE: u64 = 50;

/// What can be chosen about an emulator.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) api_key: String,
    pub(super) pending: Pending,
    pub(super) deleting: Option<Pending>,
    pub(super) clock: Clock,
    pub(super) rate_limit: Option<u32>,
    pub(super) rules: Rules,
    pub(super) faults: Vec<Fault>,
    pub(super) log: Option<Log>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: "emulator-key".to_owned(),
            pending: Pending::polls(1),
            deleting: None,
            clock: Clock::default(),
            rate_limit: None,
            rules: Rules { seed: 0, limit: Some(3), becomes_idle: false, missing_status: 404 },
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
    settings: Settings,
    world: Mutex<World>,
    pub(super) faults: Faults,
}

struct World {
    state: State,
    requests: History<RequestRecord>,
    ledger: History<Taken>,
    /// How many changes were taken, those that the ledger has forgotten too.
    taken: u64,
    limiter: Limiter,
}

impl World {
    fn new(settings: &Settings) -> Self {
        Self {
            state: State::new(settings.rules),
            requests: History::new(),
            ledger: History::new(),
            taken: 0,
            limiter: Limiter::default(),
        }
    }
}

/// What a request is about.
enum Endpoint {
    OrgInfo,
    Skus,
    Clusters { org: String, project: String },
    Cluster { org: String, project: String, name: String },
    Delete { org: String, project: String, name: String },
}

impl Endpoint {
    /// By the raw path: an encoded slash is part of a name.
    fn of(path: &str) -> Option<Self> {
        let segments: Option<Vec<String>> = path.strip_prefix(BASE)?.split('/').map(decoded).collect();
        let mut segments = segments?.into_iter();
        let mut next = || segments.next();
        let endpoint = match next()?.as_str() {
            "org-info" => Self::OrgInfo,
            "skus-by-args" => Self::Skus,
            "orgs" => {
                let org = next()?;
                if next()? != "projects" {
                    return None;
                }
                let project = next()?;
                if next()? != "clusters" {
                    return None;
                }
                match (next(), next()) {
                    (None, _) => Self::Clusters { org, project },
                    (Some(name), _) if name.is_empty() => return None,
                    (Some(name), None) => Self::Cluster { org, project, name },
                    (Some(name), Some(word)) if word == "delete" => Self::Delete { org, project, name },
                    _ => return None,
                }
            }
            _ => return None,
        };
        next().is_none().then_some(endpoint)
    }

    fn methods(&self) -> &'static str {
        match self {
            Self::OrgInfo | Self::Skus | Self::Cluster { .. } => "GET",
            Self::Clusters { .. } => "GET, POST",
            Self::Delete { .. } => "DELETE",
        }
    }
}

fn decoded(segment: &str) -> Option<String> {
    Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned())
}

/// The parameters of a query; `None` if they cannot be read, or one is there twice.
fn parameters(query: &str) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if map.insert(decoded(name)?, Value::from(decoded(&value.replace('+', " "))?)).is_some() {
            return None;
        }
    }
    Some(map)
}

fn envelope(status: u16, code: u16, message: &str, data: &Value) -> Reply {
    Reply::new(status).json(&json!({ "code": code, "message": message, "data": data }))
}

fn refused((status, why): Refusal) -> Reply {
    envelope(status, status, &why, &Value::Null)
}

impl Service {
    pub(super) fn new(settings: Settings) -> Self {
        let faults = Faults::new(settings.rules.seed, settings.faults.clone());
        let world = Mutex::new(World::new(&settings));
        Self { settings, world, faults }
    }

    /// Everything as it was at the start.
    pub(super) fn start_anew(&self) {
        self.faults.set(self.settings.faults.clone());
        *lock(&self.world) = World::new(&self.settings);
    }

    pub(super) fn api_key(&self) -> &str {
        &self.settings.api_key
    }

    pub(super) fn answered(&self) -> Vec<RequestRecord> {
        lock(&self.world).requests.all()
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        lock(&self.world).ledger.all()
    }

    pub(super) fn set_status(&self, name: &str, status: &str) -> bool {
        lock(&self.world).state.set_status(name, status, self.settings.clock.now())
    }

    /// The bare key; with `Bearer` before it too, as the vendor's client 0.1.3 had it.
    fn knows(&self, request: &Received) -> bool {
        let mut keys = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        match (keys.next(), keys.next()) {
            (Some((_, key)), None) => {
                key.strip_prefix(b"Bearer ").unwrap_or(key) == self.settings.api_key.as_bytes()
            }
            _ => false,
        }
    }

    fn answer(&self, request: &Received, record: &mut RequestRecord) -> Reply {
        let Some(endpoint) = Endpoint::of(&request.path) else {
            return refused((404, "no such path".to_owned()));
        };
        let methods = endpoint.methods();
        if !methods.split(", ").any(|method| method == request.method) {
            return refused((405, format!("this path is for {methods}"))).header("allow", methods);
        }
        if !self.knows(request) {
            return refused((401, "invalid token".to_owned()));
        }
        if let Some(limit) = self.settings.rate_limit {
            if !lock(&self.world).limiter.admit(self.settings.clock.now(), limit) {
                return refused((429, "too many requests".to_owned())).header("retry-after", "1");
            }
        }
        let done = match endpoint {
            Endpoint::OrgInfo => Ok(org_info()),
            Endpoint::Skus => skus_for(&request.query),
            Endpoint::Clusters { org, project } if request.method == "POST" => {
                return self.change(&org, &project, record, |service, project| {
                    service.create(project, &request.body)
                });
            }
            Endpoint::Clusters { org, project } => self.list(&org, &project, &request.query),
            Endpoint::Cluster { org, project, name } => permitted(&org, &project).and_then(|project| {
                lock(&self.world).state.describe(project, &name, self.settings.clock.now())
            }),
            Endpoint::Delete { org, project, name } => {
                return self
                    .change(&org, &project, record, |service, project| service.delete(project, &name));
            }
        };
        match done {
            Ok(data) => envelope(200, 0, "success", &data),
            Err(refusal) => refused(refusal),
        }
    }

    fn list(&self, org: &str, project: &str, query: &str) -> Result<Value, Refusal> {
        let project = permitted(org, project)?;
        let bad = || (400, "page must be positive and perPage between 1 and 50".to_owned());
        let query = parameters(query).ok_or_else(bad)?;
        let number = |name: &str| query.get(name)?.as_str()?.parse::<u64>().ok().filter(|n| *n > 0);
        let page = number("page").ok_or_else(bad)?;
        let per_page = number("perPage").filter(|n| *n <= MAX_PER_PAGE).ok_or_else(bad)?;
        Ok(lock(&self.world).state.list(project, page, per_page, self.settings.clock.now()))
    }

    /// Success and failure of what changes something.
    fn change(
        &self,
        org: &str,
        project: &str,
        record: &mut RequestRecord,
        work: impl FnOnce(&Self, i64) -> Result<Taken, Refusal>,
    ) -> Reply {
        match permitted(org, project).and_then(|project| work(self, project)) {
            Ok(taken) => {
                record.taken = true;
                let bytes = taken.bytes();
                lock(&self.world).ledger.push(taken, bytes);
                envelope(200, 200, "", &Value::Null)
            }
            Err(refusal) => refused(refusal),
        }
    }

    fn create(&self, project: i64, body: &[u8]) -> Result<Taken, Refusal> {
        let wanted = read_create(body).map_err(|why| (400, why))?;
        let mut world = lock(&self.world);
        let now = self.settings.clock.now();
        let end = self.settings.pending.end(now, self.settings.rules.seed, world.taken);
        let taken = world.state.create(project, wanted, now, end)?;
        world.taken += 1;
        Ok(taken)
    }

    fn delete(&self, project: i64, name: &str) -> Result<Taken, Refusal> {
        let mut world = lock(&self.world);
        let now = self.settings.clock.now();
        let pending = self.settings.deleting.unwrap_or(self.settings.pending);
        let end = pending.end(now, self.settings.rules.seed, world.taken);
        let taken = world.state.delete(project, name, now, end)?;
        world.taken += 1;
        Ok(taken)
    }
}

/// The project, if the key may see it.
fn permitted(org: &str, project: &str) -> Result<i64, Refusal> {
    is_project(org, project).ok_or_else(|| (403, "permission denied".to_owned()))
}

fn skus_for(query: &str) -> Result<Value, Refusal> {
    let bad = |why: &str| (400, why.to_owned());
    let query = parameters(query).ok_or_else(|| bad("the query cannot be read"))?;
    let text = |name: &str| {
        query.get(name).and_then(Value::as_str).ok_or_else(|| bad(&format!("{name} is missing")))
    };
    skus::list(text("type")?, text("eloqModule")?, text("cloudProvider")?).map_err(|why| (400, why))
}

/// A body with the four keys that the vendor's page has; the zone may be missing.
fn read_create(body: &[u8]) -> Result<Wanted, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON".to_owned())?;
    let Value::Object(mut map) = body else { return Err("the body is not a JSON object".to_owned()) };
    let mut text = |key: &str| match map.remove(key) {
        Some(Value::String(text)) => Ok(Some(text)),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(format!("{key} is not a string")),
    };
    let (name, region, zone) = (text("clusterName")?, text("region")?, text("requiredZone")?);
    let sku_id = map.remove("skuId").as_ref().and_then(Value::as_i64);
    if let Some(key) = map.keys().next() {
        return Err(format!("{} is not known", crate::text::one_line(key, 40)));
    }
    Ok(Wanted {
        name: name.ok_or("clusterName is missing")?,
        region: region.ok_or("region is missing")?,
        sku_id: sku_id.ok_or("skuId is not an integer")?,
        zone,
    })
}

impl Service {
    /// What faults go by. The body of what changes something counts as its statement, once it has been read.
    fn seen<'r>(&self, request: &'r Received, body: Option<&'r str>) -> Seen<'r> {
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let endpoint = Endpoint::of(path);
        let kind = match (method, &endpoint) {
            ("POST", Some(Endpoint::Clusters { .. })) | ("DELETE", Some(Endpoint::Delete { .. })) => {
                RequestKind::Submit
            }
            ("GET", Some(Endpoint::Cluster { .. })) => RequestKind::Poll,
            _ => RequestKind::Other,
        };
        let has_ended = match &endpoint {
            Some(Endpoint::Cluster { org, project, name }) => {
                is_project(org, project).is_some_and(|project| {
                    lock(&self.world).state.has_settled(project, name, self.settings.clock.now())
                })
            }
            _ => false,
        };
        Seen { method, path, kind, statement: body, has_ended }
    }

    /// The answer to a request that this fault strikes.
    fn struck(&self, fault: &Fault, request: &Received, record: &mut RequestRecord) -> Reply {
        let action = fault.action();
        let answer = if action.takes() { Some(self.answer(request, record)) } else { action.reply() };
        match (action, answer) {
            (Action::Status(_), _) => action.reply().unwrap_or_else(|| Reply::new(500)),
            (Action::OperationStatus(text), Some(reply)) => with_status(reply, text),
            (_, Some(reply)) => action.spoil(reply),
            (_, None) => with_status(self.answer(request, record), "provisioning"),
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

/// A description with another status in it.
fn with_status(reply: Reply, status: &str) -> Reply {
    match serde_json::from_slice::<Value>(&reply.body) {
        Ok(mut body) if reply.status == 200 => {
            body["data"]["status"] = Value::from(status);
            Reply::new(200).json(&body)
        }
        _ => reply,
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
        let body = std::str::from_utf8(&request.body).ok().filter(|body| !body.is_empty());
        let fault = self.faults.on_request(&self.seen(request, body));
        let mut record = RequestRecord::new(request, fault.clone());
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
