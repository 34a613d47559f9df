//! The service behind the server: who is let in, and where a request goes.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::control::access;
use crate::error::{Error, check_header_value};
use crate::faults::RequestKind;
use crate::instance::Instance;
use crate::resource::Resource;
use crate::server::{Received, Reply, lock};
use crate::service::{Backend, Exchange, Service, SpaceOf};
use crate::settings::Settings;

use super::journal::Taken;
use super::login::{self, DISCOVERY, ISSUER, LoginRules, Tokens};
use super::names::{Kind, Target};
use super::operation::{Effect, Operation};
use super::refusal::{Code, Refusal};
use super::script::{Workers, shell};
use super::state::{Rules, State};

/// The path before the name of every resource.
const BASE: &str = "/v1/";

/// Settings of this service alone.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(super) login: LoginRules,
    pub(super) any_drafts: bool,
    /// Whether steps run in a real shell.
    pub(super) run_steps: bool,
    /// The bytes of a line of a log stream; `None`: as they were printed.
    pub(super) log_piece: Option<usize>,
    /// Where steps run: a few threads for all spaces.
    pub(super) workers: Workers,
}

/// The marker type of H2O Workflows: the type parameter of [`Emulator`](crate::Emulator) and
/// [`Builder`](crate::Builder).
#[derive(Debug)]
pub struct H2oWorkflows {
    /// Shared with log streams, which go on after their request was answered.
    pub(super) world: Arc<Mutex<World>>,
}

impl Service for H2oWorkflows {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    #[serde(rename = "workspaces")]
    pub(super) state: State,
    pub(super) tokens: Tokens,
}

impl World {
    fn new(settings: &Settings, options: &Options) -> Self {
        let mut state = State::new(Self::rules(settings, options), settings.seed, settings.clock.now());
        state.workers = options.workers.clone();
        Self { state, tokens: Tokens::new(&options.login, settings.seed) }
    }

    fn rules(settings: &Settings, options: &Options) -> Rules {
        let Options { any_drafts, run_steps, .. } = *options;
        Rules { pending: settings.pending, any_drafts, run_steps }
    }
}

/// What a request is about.
#[derive(Debug)]
pub struct Place(Endpoint);

#[derive(Debug)]
enum Endpoint {
    Version,
    Discovery,
    OpenId,
    Token,
    Resource(Target, Operation),
    Nothing(Refusal),
}

impl Endpoint {
    fn of(method: &str, path: &str) -> Self {
        let not_allowed = || Refusal::new(Code::Unimplemented, "Method Not Allowed");
        let only =
            |wanted: &str, place: Self| if method == wanted { place } else { Self::Nothing(not_allowed()) };
        if let Some(name) = path.strip_prefix(BASE) {
            return match Target::of(name) {
                Err(refusal) => Self::Nothing(refusal),
                Ok(target) => match Operation::of(method, &target) {
                    Some(operation) => Self::Resource(target, operation),
                    // An unknown verb, or another method on a known path: `DELETE` of a collection, say.
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

impl Backend for H2oWorkflows {
    type Options = Options;
    type Taken = Taken;
    type Place = Place;
    type Access = ();
    type Kept = World;
    const NAME: &'static str = "h2o-workflows";

    fn check(options: &Options) -> Result<(), Error> {
        if options.run_steps && shell().is_none() {
            return Err(Error::setting(
                "starting an emulator that runs steps",
                "there is neither bash nor sh on this machine; start it without `run_steps` (`--run-steps`)",
            ));
        }
        let LoginRules { access_token, refresh_token, .. } = &options.login;
        check_header_value("its access token", access_token)?;
        check_header_value("its refresh token", refresh_token)
    }

    fn new(settings: &Settings, options: &Options) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(settings, options))) }
    }

    fn start_anew(&self, settings: &Settings, options: &Options) {
        *lock(&self.world) = World::new(settings, options);
    }

    fn access(_options: &Options, _url: &str) -> Result<(), Error> {
        Ok(())
    }

    fn variables(options: &Options, url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("H2O_CLOUD_ENVIRONMENT", url.to_owned()),
            ("H2O_CLOUD_CLIENT_PLATFORM_TOKEN", options.login.refresh_token.clone()),
        ]
    }

    /// A refresh token, or an access token that no space has issued.
    fn space(request: &Received, options: &Options) -> SpaceOf<Options> {
        let named = |name: &str, access: String, refresh: String| {
            let mut options = options.clone();
            (options.login.access_token, options.login.refresh_token) = (access, refresh);
            SpaceOf::Named(name.to_owned(), options)
        };
        if let Some(token) = login::refresh_token(request) {
            return named(&token, format!("{token}-access"), token.clone());
        }
        match request.headers.bearer() {
            Some(token) if login::looks_issued(token) => SpaceOf::WhoKnows,
            Some(token) => named(token, token.to_owned(), format!("{token}-refresh")),
            None => SpaceOf::Own,
        }
    }

    fn knows(of: &Instance<Self>, request: &Received) -> bool {
        let world = lock(&of.service.world);
        match login::refresh_token(request) {
            Some(token) => world.tokens.has_refresh(&token),
            None => request.headers.bearer().is_some_and(|token| world.tokens.has_access(token)),
        }
    }

    fn place(&self, request: &Received) -> Place {
        Place(Endpoint::of(&request.method, &request.path))
    }

    fn operation(place: &Place) -> Option<&'static str> {
        place.0.operation()
    }

    fn kind(place: &Place) -> RequestKind {
        match &place.0 {
            Endpoint::Resource(_, Operation { effect: Effect::Changes, .. }) => RequestKind::Submit,
            Endpoint::Resource(_, Operation { effect: Effect::Asks, .. }) => RequestKind::Poll,
            _ => RequestKind::Other,
        }
    }

    /// The name of the operation, the resource, and the body. Forms have secrets in them, and are left out.
    fn statement<'r>(request: &'r Received, place: &'r Place) -> Option<Cow<'r, str>> {
        let operation = place.0.operation()?;
        let path = percent_decode_str(&request.path).decode_utf8_lossy();
        let body = match place.0 {
            Endpoint::Token => "".into(),
            _ => String::from_utf8_lossy(&request.body),
        };
        Some(format!("{operation} {} {body}", path.strip_prefix(BASE).unwrap_or(&path)).into())
    }

    fn has_ended(of: &Instance<Self>, place: &Place) -> bool {
        match &place.0 {
            Endpoint::Resource(target, Operation { effect: Effect::Asks, .. }) => {
                let mut world = lock(&of.service.world);
                world.state.settle(of.now());
                world.state.has_ended(&target.ids)
            }
            _ => false,
        }
    }

    fn answer(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        of.answer(exchange)
    }

    fn with_status(reply: Reply, status: &str) -> Reply {
        with_state(reply, status)
    }

    fn resources(of: &Instance<Self>) -> Vec<Resource> {
        lock(&of.service.world).state.listed()
    }

    fn state<Z: Serializer>(of: &Instance<Self>, to: Z) -> Result<Z::Ok, Z::Error> {
        lock(&of.service.world).serialize(to)
    }

    fn headers(options: &Options) -> Vec<(&'static str, String)> {
        vec![("authorization", format!("Bearer {}", options.login.access_token))]
    }

    /// No process outlives the copy that carries out a plan.
    fn at_once(options: &Options) -> Options {
        Options { run_steps: false, ..options.clone() }
    }

    fn settle(of: &Instance<Self>) {
        lock(&of.service.world).state.settle(of.now());
    }

    fn restore(of: &Instance<Self>, mut kept: World) -> Result<(), String> {
        kept.state.rules = World::rules(&of.settings, &of.options);
        kept.state.workers = of.options.workers.clone();
        kept.state.link()?;
        kept.tokens.set_fixed(&of.options.login);
        *lock(&of.service.world) = kept;
        Ok(())
    }

    fn back_to_pending(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        let state = match &exchange.place.0 {
            Endpoint::Resource(target, _) if matches!(target.kind, Kind::Job | Kind::Step) => "STATE_PENDING",
            _ => "STATE_QUEUED",
        };
        with_state(of.answer(exchange), state)
    }
}

impl Instance<H2oWorkflows> {
    fn answer(&self, exchange: &mut Exchange<'_, H2oWorkflows>) -> Reply {
        let request = exchange.request;
        if self.options.run_steps {
            // The credentials are well known, and a web page must not run code.
            if let Some(why) = access::refusal(request, &self.settings.allowed_hosts) {
                let why =
                    format!("with --run-steps every request is checked like those under /_emulator/: {why}");
                return Refusal::new(Code::PermissionDenied, why).reply();
            }
        }
        let now = self.now();
        let base = || login::base(request, if self.settings.tls { "https" } else { "http" });
        match &exchange.place.0 {
            Endpoint::Nothing(refusal) => refusal.reply(),
            Endpoint::Version => Reply::new(200).json(&login::version()),
            Endpoint::OpenId => Reply::new(200).json(&login::openid_configuration(&base())),
            Endpoint::Discovery => {
                match login::discovery(&request.path, &base(), &self.options.login.client_id) {
                    Some(body) => Reply::new(200).json(&body),
                    None => Refusal::new(Code::NotFound, "Not Found").reply(),
                }
            }
            Endpoint::Token => {
                let mut world = lock(&self.service.world);
                let (reply, taken) = world.tokens.renew(&self.options.login, request, now);
                exchange.record.taken = taken;
                reply
            }
            Endpoint::Resource(target, operation) => {
                if let Err(why) = lock(&self.service.world).tokens.admit(request, now) {
                    return Refusal::new(Code::Unauthenticated, why).reply();
                }
                if !self.admits(now) {
                    let refusal = Refusal::new(Code::ResourceExhausted, "too many requests");
                    return refusal.reply().header("retry-after", "1");
                }
                match self.operate(request, target, operation) {
                    Err(refusal) => refusal.reply(),
                    Ok(reply) => {
                        exchange.record.taken = operation.effect == Effect::Changes;
                        reply
                    }
                }
            }
        }
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
