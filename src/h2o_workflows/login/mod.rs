//! The two logins.

mod config_file;

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::Effect;
use crate::auth::{Grant, Obtain, RefreshGrant, Refresher, Tokens};
use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::{Context, Exchange, Judgement, Service};
use crate::error::{Error, ErrorKind, shown};
#[cfg(feature = "async")]
use crate::h2o_workflows::client::Async;
use crate::h2o_workflows::client::{Blocking, ClientBuilder, Clients, H2oWorkflows};
use crate::h2o_workflows::command::{CallOptions, Core};
use crate::h2o_workflows::credentials::{Access, Discover, TOKEN_ENDPOINT_VARIABLE, no_platform_token};
use crate::h2o_workflows::protocol::Connected;
use crate::http::{Headers, Method, Request, Response, host_of};

pub(super) use config_file::ConfigFile;

/// More pages of a list are not asked for.
const MAX_PAGES: usize = 100;
/// The answers of discovery are small.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Logs in to H2O Cloud with what the environment and the CLI's configuration file say.
///
/// The same as `Clients::builder().login()`. What is looked up, each in this order:
///
/// | | |
/// |---|---|
/// | the configuration file | [`config_path`](ClientBuilder::config_path), `H2OCONFIG`, `~/.h2oai/h2o-cli-config.toml` if it is there |
/// | the environment | [`environment`](ClientBuilder::environment), `H2O_CLOUD_DISCOVERY` (the address of discovery itself), `H2O_CLOUD_ENVIRONMENT`, `Endpoint` of the file |
/// | the service, the issuer, the client id | the environment's discovery |
/// | tokens | [`token_provider`](ClientBuilder::token_provider), or the refresh token: [`platform_token`](ClientBuilder::platform_token), `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, the file's token of that client id if its `Endpoint` is the environment |
/// | the token end point | `H2O_CLOUD_TOKEN_ENDPOINT_URL` (a warning says so), the issuer's configuration |
///
/// Then a token is got and the service is asked for its version. Rotated refresh tokens are kept in memory, and not written
/// back to the file.
///
/// # Errors
///
/// - [`Credentials`](ErrorKind::Credentials): something is missing, and may be set where the error says, or the file cannot be
///   used;
/// - [`Authentication`](ErrorKind::Authentication): the refresh token is not accepted;
/// - the kinds of a failed request, which say what was asked: discovery, the issuer or the service's version.
pub fn login() -> Result<Clients<Blocking>, Error> {
    Clients::<Blocking>::builder().login()
}

/// Logs in to a service at an address of your own, without discovery and configuration file.
///
/// ```no_run
/// use controlplane::h2o_workflows;
///
/// let clients = h2o_workflows::login_custom(
///     "https://workflows.cloud.h2o.ai",
///     "the refresh token",
///     "https://auth.cloud.h2o.ai/realms/hac",
///     "hac-platform-public",
/// )?;
/// # Ok::<(), controlplane::Error>(())
/// ```
///
/// For a client secret and other settings: `Clients::builder().endpoint(…)`.
///
/// # Errors
///
/// As those of [`login`].
pub fn login_custom(
    endpoint: impl Into<String>,
    refresh_token: impl Into<SecretString>,
    issuer_url: impl Into<String>,
    client_id: impl Into<String>,
) -> Result<Clients<Blocking>, Error> {
    Clients::<Blocking>::builder()
        .endpoint(endpoint)
        .refresh_token(refresh_token)
        .issuer_url(issuer_url)
        .client_id(client_id)
        .login()
}

/// [`login`], for programs with futures.
///
/// # Errors
///
/// As those of [`login`].
#[cfg(feature = "async")]
pub async fn login_async() -> Result<Clients<Async>, Error> {
    Clients::<Async>::builder().login().await
}

/// [`login_custom`], for programs with futures.
///
/// # Errors
///
/// As those of [`login`].
#[cfg(feature = "async")]
pub async fn login_custom_async(
    endpoint: impl Into<String>,
    refresh_token: impl Into<SecretString>,
    issuer_url: impl Into<String>,
    client_id: impl Into<String>,
) -> Result<Clients<Async>, Error> {
    let builder = Clients::<Async>::builder()
        .endpoint(endpoint)
        .refresh_token(refresh_token)
        .issuer_url(issuer_url)
        .client_id(client_id);
    builder.login().await
}

impl ClientBuilder<Blocking> {
    /// Looks up what is needed, gets a token and asks the service for its version: see [`login`].
    ///
    /// # Errors
    ///
    /// As those of [`login`], and those of [`build`](crate::client::ClientBuilder::build).
    pub fn login(self) -> Result<Clients<Blocking>, Error> {
        let clients = self.build()?;
        clients.call(Lookup).send()?;
        clients.call(FirstToken).send()?;
        match clients.call(Version::at_endpoint()).send() {
            Ok(()) => Ok(clients),
            Err(error) => match Version::at_root(clients.endpoint(), &error) {
                Some(version) => clients.call(version).send().map(|()| clients),
                None => Err(error),
            },
        }
    }
}

#[cfg(feature = "async")]
impl ClientBuilder<Async> {
    /// Looks up what is needed, gets a token and asks the service for its version: see [`login`].
    ///
    /// # Errors
    ///
    /// As those of [`login`], and those of [`build`](crate::client::ClientBuilder::build).
    pub async fn login(self) -> Result<Clients<Async>, Error> {
        let clients = self.build()?;
        clients.call(Lookup).send().await?;
        clients.call(FirstToken).send().await?;
        match clients.call(Version::at_endpoint()).send().await {
            Ok(()) => Ok(clients),
            Err(error) => match Version::at_root(clients.endpoint(), &error) {
                Some(version) => clients.call(version).send().await.map(|()| clients),
                None => Err(error),
            },
        }
    }
}

/// Makes the requests of a login, which carry no token.
struct Maker {
    options: CallOptions,
    budget: Arc<crate::engine::Budget>,
}

impl Maker {
    fn new(core: &Core, options: &CallOptions) -> Self {
        Self { options: options.clone(), budget: core.budget().clone() }
    }

    fn get(&self, label: String, url: &str, token: &str) -> Exchange {
        let mut request = Request::new(Method::Get, url, "");
        request.headers = Headers::new();
        request.headers.push("Accept", "application/json");
        request.max_response_body = MAX_ANSWER;
        if !token.is_empty() {
            request.query.push(("pageToken".to_owned(), token.to_owned()));
        }
        let context = Context {
            observer: self.options.observer.clone().of(&label),
            label,
            settings: self.options.settings.clone(),
            budget: self.budget.clone(),
            service: Arc::new(Plain),
            secrets: Vec::new(),
        };
        Exchange::new(Arc::new(context), Arc::new(request), Effect::Repeatable)
    }
}

/// Answers without a form of their own.
#[derive(Debug)]
struct Plain;

impl Service for Plain {
    fn explain(&self, response: &Response) -> Option<String> {
        let text = String::from_utf8_lossy(&response.body).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn secrets(&self) -> &[SecretString] {
        &[]
    }

    fn how_to_check(&self) -> &'static str {
        "Look whether it took effect"
    }

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("this is no operation".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        Request::new(Method::Get, "", "")
    }

    fn judge(&self, _: &Response) -> Result<Judgement, String> {
        Err("this is no operation".to_owned())
    }
}

/// What discovery has said so far.
struct Found {
    base: String,
    label: String,
    maker: Maker,
    stage: Stage,
    pages: usize,
    token: String,
    environment: String,
    issuer: String,
    services: BTreeMap<String, String>,
    clients: BTreeMap<String, String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Environment,
    Services,
    Clients,
}

impl Stage {
    fn path(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Services => "services",
            Self::Clients => "clients",
        }
    }
}

/// The environment's own address, the issuer, the services' addresses and the clients' ids.
struct Discovered {
    environment: String,
    issuer: String,
    services: BTreeMap<String, String>,
    clients: BTreeMap<String, String>,
}

impl Found {
    fn send(&self) -> Next<Discovered> {
        let path = self.stage.path();
        let url = format!("{}/v1/{path}", self.base);
        Next::Send(Box::new(self.maker.get(format!("{} ({path})", self.label), &url, &self.token)))
    }

    fn unusable(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::UnexpectedResponse,
            format!("{} ({})", self.label, self.stage.path()),
            shown(why),
        )
        .with_advice("Is this an H2O Cloud? Its address looks like https://cloud.h2o.ai.")
    }

    fn list(&mut self, mut body: Map<String, Value>) -> Result<bool, Error> {
        let (key, value) = match self.stage {
            Stage::Services => ("services", "uri"),
            _ => ("clients", "oauth2ClientId"),
        };
        let entries = match body.remove(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(self.unusable(&format!("its {key} are not a list"))),
        };
        for entry in entries {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let id = text("name").and_then(|name| name.strip_prefix(key)?.strip_prefix('/'));
            let Some(id) = id.map(str::to_owned) else {
                return Err(self.unusable(&format!("a name is not like {key}/…")));
            };
            let Some(value) = text(value).map(str::to_owned) else {
                return Err(self.unusable(&format!("{key}/{id} has no {value}")));
            };
            // Of several of one name the last one counts, as in the vendor's client.
            if self.stage == Stage::Services { &mut self.services } else { &mut self.clients }
                .insert(id, value);
        }
        let token = body.get("nextPageToken").and_then(Value::as_str).unwrap_or_default();
        self.pages += 1;
        if !token.is_empty() && (token == self.token || self.pages >= MAX_PAGES) {
            return Err(self.unusable("its pages do not end"));
        }
        self.token = token.to_owned();
        Ok(self.token.is_empty())
    }
}

impl Plan for Found {
    type Output = Discovered;

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Discovered>, Error> {
        let Some(answer) = answer else { return Ok(self.send()) };
        let Ok(Value::Object(mut body)) = serde_json::from_slice(&answer.body) else {
            return Err(self.unusable("the answer is not a JSON object"));
        };
        match self.stage {
            Stage::Environment => {
                let environment = body.remove("environment").unwrap_or_default();
                let text = |key: &str| environment.get(key).and_then(Value::as_str).map(str::to_owned);
                let (Some(own), Some(issuer)) = (text("h2oCloudEnvironment"), text("issuerUrl")) else {
                    return Err(self.unusable("it lacks h2oCloudEnvironment or issuerUrl"));
                };
                (self.environment, self.issuer) = (own, issuer);
                self.stage = Stage::Services;
            }
            Stage::Services => {
                if self.list(body)? {
                    (self.stage, self.pages) = (Stage::Clients, 0);
                }
            }
            Stage::Clients => {
                if self.list(body)? {
                    return Ok(Next::Done(Discovered {
                        environment: std::mem::take(&mut self.environment),
                        issuer: std::mem::take(&mut self.issuer),
                        services: std::mem::take(&mut self.services),
                        clients: std::mem::take(&mut self.clients),
                    }));
                }
            }
        }
        Ok(self.send())
    }
}

/// Something that the environment should have and has not.
#[cold]
fn lacks(base: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::Credentials,
        format!("looking up H2O Workflows at {}", host_of(base)),
        format!("the environment has {what}"),
    )
    .with_missing(vec!["endpoint"])
    .with_advice("If you know where the service is, use `login_custom`, or say an `.endpoint(…)`.")
}

/// An address that discovery gives must not be less safe than discovery: tokens go there.
fn as_safe(base: &str, url: &str, what: &str) -> Result<(), Error> {
    let is_https = |url: &str| url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    if is_https(base) && !is_https(url) {
        return Err(Error::new(
            ErrorKind::UnexpectedResponse,
            format!("looking up H2O Workflows at {}", host_of(base)),
            format!("the address of {what} is not https, while the environment's is"),
        )
        .with_advice("Tokens would travel in the open, so nothing was sent there."));
    }
    Ok(())
}

/// What to log in with, of what discovery has said.
fn choose(discover: &Discover, found: &Discovered) -> Result<Connected, Error> {
    let filled = |map: &BTreeMap<String, String>, key: &str| map.get(key).filter(|v| !v.is_empty()).cloned();
    let endpoint = filled(&found.services, "workflows")
        .ok_or_else(|| lacks(&discover.base, "no service `workflows` with an address"))?;
    as_safe(&discover.base, &endpoint, "the service")?;
    if let Some(provider) = &discover.provider {
        return Connected::new(&endpoint, Tokens::Provider(provider.clone()));
    }
    let client_id = filled(&found.clients, "platform");
    let of_file = || {
        let is_same = discover.config.endpoint.as_deref().map(|url| url.trim_end_matches('/'))
            == Some(found.environment.trim_end_matches('/'));
        client_id.as_ref().filter(|_| is_same).and_then(|id| discover.config.tokens.get(id).cloned())
    };
    let token = discover
        .platform_token
        .clone()
        .or_else(|| discover.env_token.clone())
        .or_else(of_file)
        .ok_or_else(no_platform_token)?;
    let client_id =
        client_id.clone().ok_or_else(|| lacks(&discover.base, "no client `platform` with an id"))?;
    if found.issuer.is_empty() {
        return Err(lacks(&discover.base, "no issuer"));
    }
    as_safe(&discover.base, &found.issuer, "the issuer")?;
    crate::client::checked_base_url(&found.issuer, "https://auth.example.com/realms/hac")?;
    let mut grant = RefreshGrant::new(&*found.issuer, client_id, token);
    if let Some(url) = &discover.token_endpoint {
        log::warn!("{TOKEN_ENDPOINT_VARIABLE} is set: tokens come from there, and not from the issuer");
        grant = grant.token_endpoint(url);
    }
    Connected::new(&endpoint, Tokens::Refresh(Refresher::new(grant)))
}

/// Finds out where the service is and where tokens come from, unless that is known.
#[derive(Clone, Copy, Debug)]
struct Lookup;

impl Action<H2oWorkflows> for Lookup {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let protocol = core.protocol()?.clone();
        let Access::Discover(discover) = &protocol.access else {
            return Ok(Running::new(Chain::new(Once(None)), |_| Ok(())));
        };
        let found = Found {
            base: discover.base.clone(),
            label: format!("looking up H2O Cloud's services at {}", host_of(&discover.base)),
            maker: Maker::new(core, options),
            stage: Stage::Environment,
            pages: 0,
            token: String::new(),
            environment: String::new(),
            issuer: String::new(),
            services: BTreeMap::new(),
            clients: BTreeMap::new(),
        };
        let protocol = protocol.clone();
        Ok(Running::new(Chain::new(found), move |machine| {
            let found = machine.finish().unwrap_or_else(|| Err(not_run()))?;
            if let Access::Discover(discover) = &protocol.access {
                protocol.connect(choose(discover, &found)?);
            }
            Ok(())
        }))
    }
}

/// Comes by a token.
#[derive(Clone, Debug)]
pub(super) struct FirstToken;

impl Action<H2oWorkflows> for FirstToken {
    type Output = Grant;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Grant>, Error> {
        let tokens = core.protocol()?.connected()?.tokens.clone();
        let machine = Obtain::new(tokens, options.settings.clone(), core.budget().clone());
        Ok(Running::new(machine, Obtain::finish))
    }
}

/// Asks the service for its version, without a token.
#[derive(Clone, Copy, Debug)]
struct Version {
    /// At the host in place of the endpoint: the vendor's client asks there.
    at_root: bool,
}

impl Version {
    fn at_endpoint() -> Self {
        Self { at_root: false }
    }

    /// Where to ask after this answer, if that is another place.
    fn at_root(endpoint: Option<&str>, error: &Error) -> Option<Self> {
        let is_other = endpoint.is_some_and(|endpoint| root_of(endpoint) != endpoint);
        (is_other && error.status() == Some(404)).then_some(Self { at_root: true })
    }
}

/// A URL without its path.
fn root_of(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find('/').map_or(url.len(), |at| begin + at);
    &url[..end]
}

/// One request, whatever it gives.
struct Once(Option<Exchange>);

impl Plan for Once {
    type Output = ();

    fn next(&mut self, _: Option<Response>) -> Result<Next<()>, Error> {
        Ok(self.0.take().map_or(Next::Done(()), |exchange| Next::Send(Box::new(exchange))))
    }
}

impl Action<H2oWorkflows> for Version {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let endpoint = &core.protocol()?.connected()?.endpoint;
        let base = if self.at_root { root_of(endpoint) } else { endpoint };
        let label = format!("asking H2O Workflows at {} for its version", host_of(endpoint));
        let exchange = Maker::new(core, options).get(label, &format!("{base}/version"), "");
        let machine = Chain::new(Once(Some(exchange)));
        Ok(Running::new(machine, |machine| machine.finish().unwrap_or_else(|| Err(not_run()))))
    }
}

#[cfg(test)]
mod tests {
    use super::config_file::ConfigFile;
    use super::*;

    fn chosen(base: &str, uri: &str, issuer: &str) -> Result<String, ErrorKind> {
        let discover = Discover {
            base: base.to_owned(),
            provider: None,
            platform_token: Some("token".into()),
            env_token: None,
            config: ConfigFile::default(),
            token_endpoint: None,
        };
        let found = Discovered {
            environment: base.to_owned(),
            issuer: issuer.to_owned(),
            services: BTreeMap::from([("workflows".to_owned(), uri.to_owned())]),
            clients: BTreeMap::from([("platform".to_owned(), "id".to_owned())]),
        };
        choose(&discover, &found).map(|connected| connected.endpoint).map_err(|error| error.kind())
    }

    #[test]
    fn what_discovery_gives_is_as_safe_as_discovery() {
        let (safe, open) = ("https://h2o.test", "http://h2o.test");
        assert_eq!(chosen(safe, "HTTPS://w.test/", safe).as_deref(), Ok("HTTPS://w.test"));
        assert_eq!(chosen(open, open, open).as_deref(), Ok(open));
        assert_eq!(chosen(open, safe, safe).as_deref(), Ok(safe));
        assert_eq!(chosen(safe, open, safe), Err(ErrorKind::UnexpectedResponse));
        assert_eq!(chosen(safe, safe, open), Err(ErrorKind::UnexpectedResponse));
        assert_eq!(chosen(safe, "", safe), Err(ErrorKind::Credentials));
    }

    #[test]
    fn the_host_of_an_endpoint() {
        for (url, root) in [
            ("https://h", "https://h"),
            ("https://h:1/base/x", "https://h:1"),
            ("http://[::1]:8/base", "http://[::1]:8"),
        ] {
            assert_eq!(root_of(url), root);
        }
    }
}
