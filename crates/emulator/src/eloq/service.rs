//! The six endpoints.

use std::borrow::Cow;
use std::sync::Mutex;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::document::words::count;
use crate::error::{Error, check_header_value};
use crate::faults::RequestKind;
use crate::instance::Instance;
use crate::journal::RequestRecord;
use crate::resource::Resource;
use crate::server::{Received, Reply, lock};
use crate::service::{Backend, Exchange, Service, SpaceOf};
use crate::settings::Settings;
use crate::time::Pending;

use super::journal::Taken;
use super::skus;
use super::state::{Refusal, Rules, State, Wanted, is_project, org_info};

/// What stands before the path of every endpoint.
pub(super) const BASE: &str = "/api/v1/";

/// The largest page.
const MAX_PER_PAGE: u64 = 50;

/// Settings of this service alone.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) api_key: String,
    pub(super) deleting: Option<Pending>,
    pub(super) limit: Option<u32>,
    pub(super) becomes_idle: bool,
    pub(super) missing_status: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api_key: "emulator-key".to_owned(),
            deleting: None,
            limit: Some(3),
            becomes_idle: false,
            missing_status: 404,
        }
    }
}

/// The marker type of EloqCloud: the type parameter of [`Emulator`](crate::Emulator) and
/// [`Builder`](crate::Builder).
#[derive(Debug)]
pub struct Eloq {
    world: Mutex<World>,
}

impl Service for Eloq {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    #[serde(rename = "organization")]
    state: State,
    /// The number of accepted changes, including those that the ledger no longer has.
    #[serde(deserialize_with = "count")]
    taken: u64,
}

impl World {
    fn new(settings: &Settings, options: &Options) -> Self {
        Self { state: State::new(Self::rules(options), settings.seed), taken: 0 }
    }

    fn rules(options: &Options) -> Rules {
        Rules {
            limit: options.limit,
            becomes_idle: options.becomes_idle,
            missing_status: options.missing_status,
        }
    }
}

/// What a request is about.
#[derive(Debug)]
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

/// The API key of a request: bare, or with `Bearer` before it, as the vendor's client 0.1.3 had it.
fn key_of(request: &Received) -> Option<&[u8]> {
    if let Some(key) = request.headers.bearer() {
        return Some(key.as_bytes());
    }
    let mut keys = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let (Some((_, key)), None) = (keys.next(), keys.next()) else { return None };
    (!key.is_empty() && key != b"Bearer").then_some(key)
}

/// A request, by its path and method.
#[derive(Debug)]
pub struct Place {
    endpoint: Option<Endpoint>,
    kind: RequestKind,
    operation: Option<&'static str>,
}

impl Place {
    fn of(request: &Received) -> Self {
        let endpoint = Endpoint::of(&request.path);
        let (kind, operation) = match (request.method.as_str(), &endpoint) {
            ("GET", Some(Endpoint::OrgInfo)) => (RequestKind::Other, Some("info")),
            ("GET", Some(Endpoint::Skus)) => (RequestKind::Other, Some("get_skus")),
            ("GET", Some(Endpoint::Clusters { .. })) => (RequestKind::Other, Some("clusters")),
            ("POST", Some(Endpoint::Clusters { .. })) => (RequestKind::Submit, Some("cluster_create")),
            ("GET", Some(Endpoint::Cluster { .. })) => (RequestKind::Poll, Some("cluster")),
            ("DELETE", Some(Endpoint::Delete { .. })) => (RequestKind::Submit, Some("cluster_delete")),
            _ => (RequestKind::Other, None),
        };
        Self { endpoint, kind, operation }
    }
}

impl Backend for Eloq {
    type Options = Options;
    type Taken = Taken;
    type Place = Place;
    type Access = ();
    type Kept = World;
    const NAME: &'static str = "eloq";

    fn check(options: &Options) -> Result<(), Error> {
        check_header_value("its API key", &options.api_key)
    }

    fn new(settings: &Settings, options: &Options) -> Self {
        Self { world: Mutex::new(World::new(settings, options)) }
    }

    fn start_anew(&self, settings: &Settings, options: &Options) {
        *lock(&self.world) = World::new(settings, options);
    }

    fn base_url(root: &str) -> String {
        format!("{root}{BASE}")
    }

    fn access(_options: &Options, _url: &str) -> Result<(), Error> {
        Ok(())
    }

    fn variables(options: &Options, url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("ELOQ_API_KEY", options.api_key.clone()),
            ("ELOQ_BASE_URL", url.to_owned()),
            // The vendor's client for TypeScript.
            ("ELOQ_API_TOKEN", options.api_key.clone()),
            ("ELOQ_API_URL", url.to_owned()),
        ]
    }

    /// An API key.
    fn space(request: &Received, options: &Options) -> SpaceOf<Options> {
        match key_of(request).and_then(|key| std::str::from_utf8(key).ok()) {
            Some(key) if key != options.api_key => {
                SpaceOf::Named(key.to_owned(), Options { api_key: key.to_owned(), ..options.clone() })
            }
            _ => SpaceOf::Own,
        }
    }

    fn place(&self, request: &Received) -> Place {
        Place::of(request)
    }

    fn operation(place: &Place) -> Option<&'static str> {
        place.operation
    }

    fn kind(place: &Place) -> RequestKind {
        place.kind
    }

    /// The body of a request that has one.
    fn statement<'r>(request: &'r Received, _place: &'r Place) -> Option<Cow<'r, str>> {
        std::str::from_utf8(&request.body).ok().filter(|body| !body.is_empty()).map(Cow::Borrowed)
    }

    fn has_ended(of: &Instance<Self>, place: &Place) -> bool {
        let Some(Endpoint::Cluster { org, project, name }) = &place.endpoint else { return false };
        is_project(org, project)
            .is_some_and(|project| lock(&of.service.world).state.has_settled(project, name, of.now()))
    }

    fn answer(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        of.answer(exchange)
    }

    fn with_status(reply: Reply, status: &str) -> Reply {
        with_status(reply, status)
    }

    fn resources(of: &Instance<Self>) -> Vec<Resource> {
        lock(&of.service.world).state.listed(of.now())
    }

    fn state<Z: Serializer>(of: &Instance<Self>, to: Z) -> Result<Z::Ok, Z::Error> {
        lock(&of.service.world).serialize(to)
    }

    fn headers(options: &Options) -> Vec<(&'static str, String)> {
        vec![("authorization", options.api_key.clone())]
    }

    fn at_once(options: &Options) -> Options {
        Options { deleting: None, ..options.clone() }
    }

    fn restore(of: &Instance<Self>, mut kept: World) -> Result<(), String> {
        kept.state.check()?;
        kept.state.rules = World::rules(&of.options);
        *lock(&of.service.world) = kept;
        Ok(())
    }

    fn back_to_pending(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        with_status(of.answer(exchange), "provisioning")
    }
}

impl Instance<Eloq> {
    /// Sets the status of the first cluster of this name.
    pub(super) fn set_status(&self, name: &str, status: &str) -> bool {
        let _serving = self.serving();
        lock(&self.service.world).state.set_status(name, status, self.now())
    }

    fn knows(&self, request: &Received) -> bool {
        key_of(request).is_some_and(|key| key == self.options.api_key.as_bytes())
    }

    fn answer(&self, exchange: &mut Exchange<'_, Eloq>) -> Reply {
        let (request, record) = (exchange.request, &mut *exchange.record);
        let Some(endpoint) = &exchange.place.endpoint else {
            return refused((
                404,
                "no such path; the API has org-info, skus-by-args and orgs/… below /api/v1/".to_owned(),
            ));
        };
        let methods = endpoint.methods();
        if !methods.split(", ").any(|method| method == request.method) {
            return refused((405, format!("this path accepts {methods}"))).header("allow", methods);
        }
        if !self.knows(request) {
            return refused((401, "invalid token".to_owned()));
        }
        if !self.admits(self.now()) {
            return refused((429, "too many requests".to_owned())).header("retry-after", "1");
        }
        let done = match endpoint {
            Endpoint::OrgInfo => Ok(org_info()),
            Endpoint::Skus => skus_for(&request.query),
            Endpoint::Clusters { org, project } if request.method == "POST" => {
                return self.change(org, project, record, |instance, project| {
                    instance.create(project, &request.body)
                });
            }
            Endpoint::Clusters { org, project } => self.list(org, project, &request.query),
            Endpoint::Cluster { org, project, name } => permitted(org, project)
                .and_then(|project| lock(&self.service.world).state.describe(project, name, self.now())),
            Endpoint::Delete { org, project, name } => {
                return self.change(org, project, record, |instance, project| instance.delete(project, name));
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
        Ok(lock(&self.service.world).state.list(project, page, per_page, self.now()))
    }

    /// Success and failure of what changes something.
    fn change(
        &self,
        org: &str,
        project: &str,
        record: &mut RequestRecord,
        work: impl FnOnce(&Self, i64) -> Result<(), Refusal>,
    ) -> Reply {
        match permitted(org, project).and_then(|project| work(self, project)) {
            Ok(()) => {
                record.taken = true;
                envelope(200, 200, "", &Value::Null)
            }
            Err(refusal) => refused(refusal),
        }
    }

    fn create(&self, project: i64, body: &[u8]) -> Result<(), Refusal> {
        let wanted = read_create(body).map_err(|why| (400, why))?;
        let mut world = lock(&self.service.world);
        let now = self.now();
        let end = self.settings.pending.end(now, world.state.seed, world.taken);
        let taken = world.state.create(project, wanted, now, end)?;
        world.taken += 1;
        self.take(taken);
        Ok(())
    }

    fn delete(&self, project: i64, name: &str) -> Result<(), Refusal> {
        let mut world = lock(&self.service.world);
        let now = self.now();
        let pending = self.options.deleting.unwrap_or(self.settings.pending);
        let end = pending.end(now, world.state.seed, world.taken);
        let taken = world.state.delete(project, name, now, end)?;
        world.taken += 1;
        self.take(taken);
        Ok(())
    }
}

/// The project, if the key may see it.
fn permitted(org: &str, project: &str) -> Result<i64, Refusal> {
    is_project(org, project).ok_or_else(|| (403, "permission denied".to_owned()))
}

fn skus_for(query: &str) -> Result<Value, Refusal> {
    let bad = |why: &str| (400, why.to_owned());
    let query = parameters(query).ok_or_else(|| bad("the query is not UTF-8, or has a parameter twice"))?;
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
        return Err(format!(
            "{} is not known; known names: clusterName, region, skuId, requiredZone",
            crate::text::one_line(key, 40)
        ));
    }
    Ok(Wanted {
        name: name.ok_or("clusterName is missing")?,
        region: region.ok_or("region is missing")?,
        sku_id: sku_id.ok_or("skuId is missing or not an integer")?,
        zone,
    })
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
