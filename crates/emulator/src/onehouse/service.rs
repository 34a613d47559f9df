//! The two endpoints: submit and status.

use std::borrow::Cow;
use std::fmt;
use std::sync::Mutex;

use controlplane::onehouse::Credentials;
use percent_encoding::percent_decode_str;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::document::words::count;
use crate::error::{Error, check_header_value};
use crate::faults::RequestKind;
use crate::instance::Instance;
use crate::journal::RequestRecord;
use crate::resource::Resource;
use crate::server::{Received, Reply, lock};
use crate::service::{Backend, Exchange, Service, SpaceOf};
use crate::settings::Settings;
use crate::text::one_line;

use super::auth::Identity;
use super::extra::Parsed;
use super::journal::{Statement, Taken};
use super::lexer::SyntaxError;
use super::operations::{Fault, Ids, Operations, PENDING};
use super::parser::parse;
use super::plan;
use super::sign_in::{Endpoint, SignInRules, SignIns};
use super::state::{Context, State};

const RESOURCE: &str = "/v1/resource/";
const STATUS: &str = "/v1/status/";

/// Settings of this service alone.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(super) identity: Identity,
    pub(super) shape: Shape,
    pub(super) sign_in: SignInRules,
}

/// The shape of the payload in `apiResponse`, the result of an operation. The vendor's SDK and Airflow
/// provider disagree about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// An array of objects, or an object, as the vendor's SDK documents it: `{"jobRunId": "…"}`.
    #[default]
    Flat,
    /// An object with one key, which holds the array or object of [`Flat`](Shape::Flat), as the vendor's
    /// Airflow provider reads it. The key is the command's name and `ApiResponse`: `{"runJobApiResponse":
    /// {"jobRunId": "…"}}`.
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

/// The marker type of Onehouse: the type parameter of [`Emulator`](crate::Emulator) and
/// [`Builder`](crate::Builder).
#[derive(Debug)]
pub struct Onehouse {
    world: Mutex<World>,
    pub(super) sign_ins: Mutex<SignIns>,
}

impl Service for Onehouse {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    ids: Ids,
    operations: Operations,
    #[serde(rename = "resources")]
    state: State,
    /// How many statements were accepted, including those that the ledger no longer has.
    #[serde(deserialize_with = "count")]
    taken: u64,
}

impl World {
    fn new(settings: &Settings) -> Self {
        Self {
            ids: Ids::new(settings.seed),
            operations: Operations::default(),
            state: State::new(),
            taken: 0,
        }
    }
}

/// The state as a document holds it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    project: World,
    sign_ins: SignIns,
}

/// What a request is about.
#[derive(Debug)]
pub enum Place {
    /// The endpoint of submits, with its statement if the body could be read, and else the reason.
    Submit { is_post: bool, statement: Result<Submitted, String> },
    /// The endpoint of polls, with the request id if it is UTF-8.
    Status { is_get: bool, id: Option<String> },
    /// An endpoint of the authorization server.
    SignIn(SignInEndpoint),
    /// No endpoint.
    Nothing,
}

/// An endpoint of the authorization server.
#[derive(Clone, Copy, Debug)]
pub struct SignInEndpoint(Endpoint);

/// A statement that was sent.
pub struct Submitted {
    text: String,
    parsed: Result<Parsed, SyntaxError>,
}

/// Without the text, whose options may hold secrets.
impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitted").finish_non_exhaustive()
    }
}

impl Place {
    fn of(request: &Received) -> Self {
        if request.path == RESOURCE {
            let statement = read_submit(&request.body);
            let statement = statement.map(|text| Submitted { parsed: parse(&text), text });
            return Self::Submit { is_post: request.method == "POST", statement };
        }
        if let Some(endpoint) = Endpoint::of(&request.path) {
            return Self::SignIn(SignInEndpoint(endpoint));
        }
        match asked_about(&request.path) {
            Some(id) => Self::Status {
                is_get: request.method == "GET",
                id: percent_decode_str(id).decode_utf8().ok().map(Cow::into_owned),
            },
            None => Self::Nothing,
        }
    }

    fn submitted(&self) -> Option<&Submitted> {
        match self {
            Self::Submit { statement, .. } => statement.as_ref().ok(),
            _ => None,
        }
    }
}

impl Backend for Onehouse {
    type Options = Options;
    type Taken = Taken;
    type Place = Place;
    type Access = Credentials;
    type Kept = Kept;
    const NAME: &'static str = "onehouse";

    fn check(options: &Options) -> Result<(), Error> {
        options
            .identity
            .headers()
            .iter()
            .try_for_each(|(name, value)| check_header_value(&format!("the value of {name}"), value))
    }

    fn new(settings: &Settings, _options: &Options) -> Self {
        let sign_ins = SignIns::new(settings.seed);
        Self { world: Mutex::new(World::new(settings)), sign_ins: Mutex::new(sign_ins) }
    }

    fn start_anew(&self, settings: &Settings, _options: &Options) {
        *lock(&self.world) = World::new(settings);
        *lock(&self.sign_ins) = SignIns::new(settings.seed);
    }

    fn access(options: &Options, url: &str) -> Result<Credentials, Error> {
        let identity = options.identity.clone();
        let credentials = Credentials::builder()
            // All values are given: nothing is read from the environment of the process.
            .env(std::iter::empty::<(String, String)>())
            .account_uid(identity.account_uid)
            .project_uid(identity.project_uid)
            .api_key(identity.api_key)
            .api_secret(identity.api_secret)
            .link_uid(identity.link_uid)
            .region(identity.region)
            .user_uid(identity.user_uid)
            .base_url(url)
            .build();
        credentials.map_err(|e| Error::setting("starting an emulator", e.to_string()))
    }

    fn variables(options: &Options, url: &str) -> Vec<(&'static str, String)> {
        let identity = options.identity.clone();
        vec![
            ("ONEHOUSE_ACCOUNT_UID", identity.account_uid),
            ("ONEHOUSE_PROJECT_UID", identity.project_uid),
            ("ONEHOUSE_API_KEY", identity.api_key),
            ("ONEHOUSE_API_SECRET", identity.api_secret),
            ("ONEHOUSE_LINK_UID", identity.link_uid),
            ("ONEHOUSE_REGION", identity.region),
            ("ONEHOUSE_USER_UID", identity.user_uid),
            ("ONEHOUSE_BASE_URL", url.to_owned()),
        ]
    }

    /// An account and a project. Whatever else the first request sends is what the space accepts.
    fn space(request: &Received, options: &Options) -> SpaceOf<Options> {
        match options.identity.sent(&request.headers) {
            Some(identity)
                if (&identity.account_uid, &identity.project_uid)
                    != (&options.identity.account_uid, &options.identity.project_uid) =>
            {
                let name = format!("{}/{}", identity.account_uid, identity.project_uid);
                SpaceOf::Named(name, Options { identity, ..options.clone() })
            }
            _ => SpaceOf::Own,
        }
    }

    fn place(&self, request: &Received) -> Place {
        Place::of(request)
    }

    fn operation(place: &Place) -> Option<&'static str> {
        match place {
            Place::Submit { .. } => place.submitted()?.parsed.as_ref().ok().map(Parsed::name),
            Place::Status { .. } => Some("get_status"),
            Place::SignIn(endpoint) => Some(endpoint.0.name()),
            Place::Nothing => None,
        }
    }

    fn kind(place: &Place) -> RequestKind {
        match place {
            Place::Submit { is_post: true, .. } => RequestKind::Submit,
            Place::Status { is_get: true, .. } => RequestKind::Poll,
            _ => RequestKind::Other,
        }
    }

    fn statement<'r>(_request: &'r Received, place: &'r Place) -> Option<Cow<'r, str>> {
        place.submitted().map(|submitted| Cow::Borrowed(submitted.text.as_str()))
    }

    fn has_ended(of: &Instance<Self>, place: &Place) -> bool {
        match place {
            Place::Status { id: Some(id), .. } => lock(&of.service.world).operations.has_shown_end(id),
            _ => false,
        }
    }

    fn describe(place: &Place, record: &mut RequestRecord) {
        // The API has no parameters. Whatever is sent there may be a secret.
        record.query.clear();
        record.statement = place.submitted().map(|submitted| submitted.text.clone());
        if let Place::Status { id, .. } = place {
            record.request_id.clone_from(id);
        }
    }

    fn answer(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        of.answer(exchange)
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

    fn resources(of: &Instance<Self>) -> Vec<Resource> {
        let now = of.now();
        let world = lock(&of.service.world);
        let mut all = world.state.listed(&world.operations, now);
        all.extend(world.operations.pending(now).into_iter().map(|(id, age)| {
            Resource::new("operation", id).in_state(format!("PENDING for {} s", age.as_secs()))
        }));
        all
    }

    fn state<Z: Serializer>(of: &Instance<Self>, to: Z) -> Result<Z::Ok, Z::Error> {
        let (world, sign_ins) = (lock(&of.service.world), lock(&of.service.sign_ins));
        let mut parts = to.serialize_struct("Kept", 2)?;
        parts.serialize_field("project", &*world)?;
        parts.serialize_field("sign_ins", &*sign_ins)?;
        parts.end()
    }

    fn headers(options: &Options) -> Vec<(&'static str, String)> {
        options.identity.headers().into_iter().map(|(name, value)| (name, value.to_owned())).collect()
    }

    fn command(of: &Instance<Self>, entry: &Value) -> Option<Result<(), String>> {
        plan::command(entry).map(|parsed| of.carry_out(&parsed?).map_err(|fault| fault.to_string()))
    }

    fn restore(of: &Instance<Self>, kept: Kept) -> Result<(), String> {
        kept.project.state.check()?;
        let (mut world, mut sign_ins) = (lock(&of.service.world), lock(&of.service.sign_ins));
        (*world, *sign_ins) = (kept.project, kept.sign_ins);
        Ok(())
    }

    fn back_to_pending(_of: &Instance<Self>, _exchange: &mut Exchange<'_, Self>) -> Reply {
        Reply::new(200).json(&json!({ "apiStatus": PENDING, "apiResponse": null }))
    }
}

/// The body of a submit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    statement: String,
}

impl Instance<Onehouse> {
    /// Carries out a statement of a plan. An error is why it would fail.
    fn carry_out(&self, parsed: &Parsed) -> Result<(), Fault> {
        let mut world = lock(&self.service.world);
        let World { ids, operations, state, taken } = &mut *world;
        let id = ids.uuid();
        let now = self.now();
        let end = self.settings.pending.end(now, ids.seed, *taken);
        *taken += 1;
        let mut context = Context { operation: &id, ids, operations, now, end };
        let payload = state.execute(parsed, &mut context)?;
        operations.begin(id, Ok(self.options.shape.of(payload, parsed)), now, end);
        Ok(())
    }

    fn answer(&self, exchange: &mut Exchange<'_, Onehouse>) -> Reply {
        let (is_allowed, allowed) = match exchange.place {
            Place::Submit { is_post, .. } => (*is_post, "POST"),
            Place::Status { is_get, .. } => (*is_get, "GET"),
            Place::SignIn(endpoint) => {
                let scheme = if self.settings.tls { "https" } else { "http" };
                let mut sign_ins = lock(&self.service.sign_ins);
                let rules = &self.options.sign_in;
                return sign_ins.answer(endpoint.0, exchange.request, rules, scheme, self.now());
            }
            Place::Nothing => {
                return refuse(404, 5, "no such path: use POST /v1/resource/ or GET /v1/status/{requestId}");
            }
        };
        if !is_allowed {
            return refuse(405, 12, &format!("this path accepts {allowed}")).header("allow", allowed);
        }
        let is_issued = |token: &str| lock(&self.service.sign_ins).admits(token, self.now());
        if let Err((status, why)) = self.options.identity.check(&exchange.request.headers, is_issued) {
            return refuse(status, if status == 401 { 16 } else { 7 }, &why);
        }
        if !self.admits(self.now()) {
            let limit = self.settings.rate_limit.unwrap_or_default();
            let why = format!("more than {limit} requests per second for this project");
            return refuse(429, 8, &why).header("retry-after", "1");
        }
        match exchange.place {
            Place::Submit { statement: Ok(submitted), .. } => self.submit(submitted, exchange.record),
            Place::Submit { statement: Err(why), .. } => refuse(400, 3, why),
            Place::Status { id: Some(id), .. } => self.status(id),
            Place::Status { id: None, .. } | Place::SignIn(_) | Place::Nothing => {
                refuse(404, 5, "this request id is not UTF-8")
            }
        }
    }

    fn submit(&self, submitted: &Submitted, record: &mut RequestRecord) -> Reply {
        let parsed = match &submitted.parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                record.reason = Some(error.without_text());
                return refuse(400, 3, &error.to_string());
            }
        };
        let mut world = lock(&self.service.world);
        let World { ids, operations, state, taken } = &mut *world;
        let id = ids.uuid();
        let now = self.now();
        let end = self.settings.pending.end(now, ids.seed, *taken);
        *taken += 1;
        let mut context = Context { operation: &id, ids, operations, now, end };
        let outcome = state.execute(parsed, &mut context);
        let outcome = outcome.map(|payload| self.options.shape.of(payload, parsed));
        operations.begin(id.clone(), outcome, now, end);
        self.take(Taken {
            request_id: id.clone(),
            statement: Statement(submitted.text.clone()),
            parsed: parsed.clone(),
        });
        record.request_id = Some(id.clone());
        record.taken = true;
        Reply::new(200).json(&json!({ "requestId": id }))
    }

    fn status(&self, id: &str) -> Reply {
        match lock(&self.service.world).operations.poll(id, self.now()) {
            Some(status) => Reply::new(200).json(&status),
            None => refuse(404, 5, &format!("request id '{}' is not known", one_line(id, 200))),
        }
    }
}

/// The request id in the path of a poll, percent-encoded.
fn asked_about(path: &str) -> Option<&str> {
    path.strip_prefix(STATUS).filter(|id| !id.is_empty() && !id.contains('/'))
}

fn read_submit(body: &[u8]) -> Result<String, String> {
    // Serde would also read the fields out of an array.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err("the body has to be a JSON object with the one key \"statement\"".to_owned());
    }
    let submit: Submit = serde_json::from_slice(body)
        .map_err(|e| format!("the body has to be a JSON object with the one key \"statement\": {e}"))?;
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
