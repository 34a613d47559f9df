//! The discovery service of an H2O Cloud: where H2O Workflows is, and who issues its tokens.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::auth::{About, RefreshGrant, Refresher, Rotations, TokenProvider, Tokens};
use crate::client::checked_base_url;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Effect, Exchange};
use crate::error::{Error, ErrorKind, shown};
use crate::h2o_workflows::account::Endpoint;
use crate::h2o_workflows::credentials::no_platform_token;
use crate::h2o_workflows::service::Plain;
use crate::http::{Method, Request, Response, host_of};

use super::config_file::ConfigFile;

/// The largest number of pages of a list.
const MAX_PAGES: usize = 100;
/// The largest response; real ones are small.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;

/// What a look-up begins with.
pub(crate) struct Discover {
    /// The address of the discovery service, without a slash at its end.
    pub(crate) base: String,
    pub(crate) provider: Option<Arc<dyn TokenProvider>>,
    /// The refresh token that was set by an argument or a variable.
    pub(crate) platform_token: Option<SecretString>,
    pub(crate) config: ConfigFile,
    /// Replaces the token endpoint that the issuer names.
    pub(crate) token_endpoint: Option<String>,
    /// The issuer, the id and the secret of the OAuth client that the program set: they win over those of the
    /// environment.
    pub(crate) given: Given,
    /// What is known of the platform token, unless it comes from the configuration file.
    pub(crate) about: About,
    pub(crate) rotations: Rotations,
}

/// Values that the program set.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) issuer_url: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<SecretString>,
}

/// Shows no secret.
impl fmt::Debug for Discover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discover").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What the discovery service says.
#[derive(Default)]
pub(crate) struct Discovered {
    /// The address of the environment, in its own words.
    environment: String,
    issuer: String,
    /// The addresses of the services by their ids.
    services: BTreeMap<String, String>,
    /// The ids of OAuth clients by their ids in the environment.
    clients: BTreeMap<String, String>,
}

/// Returns a GET request without an access token as a machine, within the timeout of the call.
pub(super) fn get(context: &CallContext, label: String, url: &str, page_token: &str) -> Exchange {
    let mut request = Request::new(Method::Get, url, "");
    request.headers.push("Accept", "application/json");
    request.max_response_body = MAX_RESPONSE;
    if !page_token.is_empty() {
        request.query.push(("pageToken".to_owned(), page_token.to_owned()));
    }
    let mut part = CallContext::clone(context);
    (part.label, part.service) = (label, Arc::new(Plain));
    part.observer = part.observer.of(&part.label, part.service.name());
    Exchange::new(Arc::new(part), request, Effect::Repeatable)
}

/// Returns the machine that asks the discovery service.
pub(crate) fn discovery(discover: &Discover, context: &Arc<CallContext>) -> Sequence<Discovery> {
    let plan = Discovery {
        context: context.clone(),
        base: discover.base.clone(),
        stage: Stage::Environment,
        pages: 0,
        page_token: String::new(),
        found: Discovered::default(),
    };
    Sequence::new(context.clone(), plan)
}

/// Asks for the environment, its services and its OAuth clients, in this order.
pub(crate) struct Discovery {
    context: Arc<CallContext>,
    base: String,
    stage: Stage,
    /// The number of pages of the present list so far.
    pages: usize,
    /// The token of the next page; empty for the first.
    page_token: String,
    found: Discovered,
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

impl Discovery {
    fn label(&self) -> String {
        format!("looking up the services of H2O Cloud at {} ({})", host_of(&self.base), self.stage.path())
    }

    fn ask(&self) -> Planned<Response, Discovered> {
        let url = format!("{}/v1/{}", self.base, self.stage.path());
        Ok(Next::Run(Box::new(get(&self.context, self.label(), &url, &self.page_token))))
    }

    fn unusable(&self, why: &str) -> Error {
        Error::new(ErrorKind::UnexpectedResponse, self.label(), shown(why)).with_advice(
            "Check that this is the address of an H2O Cloud; one looks like https://cloud.h2o.ai.",
        )
    }

    fn environment(&mut self, mut body: Map<String, Value>) -> Result<(), Error> {
        let environment = body.remove("environment").unwrap_or_default();
        let text = |key: &str| environment.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(own), Some(issuer)) = (text("h2oCloudEnvironment"), text("issuerUrl")) else {
            return Err(self.unusable("the response has no h2oCloudEnvironment or no issuerUrl"));
        };
        (self.found.environment, self.found.issuer) = (own, issuer);
        Ok(())
    }

    /// Reads a page of a list; true: it was the last.
    fn page(&mut self, mut body: Map<String, Value>) -> Result<bool, Error> {
        let (key, value) = match self.stage {
            Stage::Services => ("services", "uri"),
            _ => ("clients", "oauth2ClientId"),
        };
        let entries = match body.remove(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(self.unusable(&format!("{key} is not a list"))),
        };
        for entry in entries {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let id = text("name").and_then(|name| name.strip_prefix(key)?.strip_prefix('/'));
            let Some(id) = id.map(str::to_owned) else {
                return Err(self.unusable(&format!("an entry's name does not begin with {key}/")));
            };
            let Some(value) = text(value).map(str::to_owned) else {
                return Err(self.unusable(&format!("{key}/{id} has no {value}")));
            };
            // Of several entries with one name the last one counts, as in the vendor's client.
            let map = match self.stage {
                Stage::Services => &mut self.found.services,
                _ => &mut self.found.clients,
            };
            map.insert(id, value);
        }
        let token = body.get("nextPageToken").and_then(Value::as_str).unwrap_or_default();
        self.pages += 1;
        if !token.is_empty() && (token == self.page_token || self.pages >= MAX_PAGES) {
            return Err(self.unusable("its pages do not end"));
        }
        self.page_token = token.to_owned();
        Ok(self.page_token.is_empty())
    }
}

impl Plan for Discovery {
    type Part = Response;
    type Output = Discovered;

    fn begin(&mut self, _: Instant) -> Planned<Response, Discovered> {
        self.ask()
    }

    fn ended(&mut self, _: Instant, outcome: Result<Response, Error>) -> Planned<Response, Discovered> {
        let Ok(Value::Object(body)) = serde_json::from_slice(&outcome?.body) else {
            return Err(self.unusable("the response is not a JSON object"));
        };
        match self.stage {
            Stage::Environment => {
                self.environment(body)?;
                self.stage = Stage::Services;
            }
            Stage::Services => {
                if self.page(body)? {
                    (self.stage, self.pages) = (Stage::Clients, 0);
                }
            }
            Stage::Clients => {
                if self.page(body)? {
                    return Ok(Next::Done(std::mem::take(&mut self.found)));
                }
            }
        }
        self.ask()
    }
}

impl Discover {
    /// Returns the tokens, to mask them.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = SecretString> + '_ {
        let given = self.platform_token.iter().chain(&self.given.client_secret);
        given.chain(self.config.tokens.values()).cloned()
    }

    /// Chooses the endpoint and the source of tokens.
    pub(crate) fn choose(&self, found: &Discovered) -> Result<Endpoint, Error> {
        let filled =
            |map: &BTreeMap<String, String>, key: &str| map.get(key).filter(|v| !v.is_empty()).cloned();
        let url = filled(&found.services, "workflows")
            .ok_or_else(|| self.lacks("no service `workflows` with an address"))?;
        self.as_safe(&url, "H2O Workflows")?;
        if let Some(provider) = &self.provider {
            return Endpoint::new(&url, Tokens::from(provider.clone()));
        }
        let client_id = self.given.client_id.clone().or_else(|| filled(&found.clients, "platform"));
        let mut about = self.about.clone();
        let token = self.platform_token.clone().or_else(|| {
            let own = self.config.endpoint.as_deref()?.trim_end_matches('/');
            let is_same = own == found.environment.trim_end_matches('/');
            about.origin = Some(format!("the configuration file {}", self.config.path.display()));
            self.config.tokens.get(client_id.as_ref().filter(|_| is_same)?).cloned()
        });
        let token = token.ok_or_else(no_platform_token)?;
        let client_id = client_id.ok_or_else(|| self.lacks("no client `platform` with an id"))?;
        let issuer = self.given.issuer_url.as_deref().unwrap_or(&found.issuer);
        if issuer.is_empty() {
            return Err(self.lacks("no issuer"));
        }
        if self.given.issuer_url.is_none() {
            self.as_safe(issuer, "the issuer")?;
        }
        checked_base_url("URL of the issuer", issuer, "https://auth.example.com/realms/hac")?;
        let mut grant =
            RefreshGrant::new(issuer, client_id, token).about(about).rotations(self.rotations.clone());
        if let Some(secret) = &self.given.client_secret {
            grant = grant.client_secret(secret.clone());
        }
        if let Some(url) = &self.token_endpoint {
            grant = grant.token_endpoint(url);
        }
        Endpoint::new(&url, Tokens::Refresh(Refresher::new(grant)))
    }

    /// The error for something that the environment does not have.
    #[cold]
    fn lacks(&self, what: &str) -> Error {
        Error::new(
            ErrorKind::Credentials,
            format!("looking up H2O Workflows at {}", host_of(&self.base)),
            format!("the discovery service lists {what}"),
        )
        .with_missing(vec!["endpoint"])
        .with_advice(
            "Is H2O Workflows installed in this environment? If you know its address, use `login_custom` or \
             `Credentials::builder().endpoint(…)`.",
        )
    }

    /// Refuses an address that is less safe than that of the discovery service: tokens are sent there.
    fn as_safe(&self, url: &str, what: &str) -> Result<(), Error> {
        let is_https = |url: &str| url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        if is_https(&self.base) && !is_https(url) {
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                format!("looking up H2O Workflows at {}", host_of(&self.base)),
                format!("the address of {what} is not https, although that of the discovery service is"),
            )
            .with_advice("Tokens would be sent without encryption, so nothing was sent there."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(base: &str, uri: &str, issuer: &str) -> Result<String, ErrorKind> {
        let discover = Discover {
            base: base.to_owned(),
            provider: None,
            platform_token: Some("token".into()),
            config: ConfigFile::default(),
            token_endpoint: None,
            given: Given::default(),
            about: About::default(),
            rotations: Rotations::default(),
        };
        let found = Discovered {
            environment: base.to_owned(),
            issuer: issuer.to_owned(),
            services: BTreeMap::from([("workflows".to_owned(), uri.to_owned())]),
            clients: BTreeMap::from([("platform".to_owned(), "id".to_owned())]),
        };
        discover.choose(&found).map(|endpoint| endpoint.url).map_err(|error| error.kind())
    }

    #[test]
    fn addresses_from_discovery_are_as_safe_as_discovery() {
        let (safe, open) = ("https://h2o.test", "http://h2o.test");
        assert_eq!(chosen(safe, "HTTPS://w.test/", safe).as_deref(), Ok("HTTPS://w.test"));
        assert_eq!(chosen(open, open, open).as_deref(), Ok(open));
        assert_eq!(chosen(open, safe, safe).as_deref(), Ok(safe));
        assert_eq!(chosen(safe, open, safe), Err(ErrorKind::UnexpectedResponse));
        assert_eq!(chosen(safe, safe, open), Err(ErrorKind::UnexpectedResponse));
        assert_eq!(chosen(safe, "", safe), Err(ErrorKind::Credentials));
    }
}
