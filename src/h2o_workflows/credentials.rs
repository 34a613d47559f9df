//! What a client is made of, and where each part of it is looked up.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::auth::{RefreshGrant, TokenProvider};
use crate::client::checked_base_url;
use crate::error::{Error, ErrorKind};

use super::login::ConfigFile;

const CONFIG: &str = "H2OCONFIG";
const DISCOVERY: &str = "H2O_CLOUD_DISCOVERY";
const ENVIRONMENT: &str = "H2O_CLOUD_ENVIRONMENT";
const PLATFORM_TOKEN: &str = "H2O_CLOUD_CLIENT_PLATFORM_TOKEN";
const TOKEN_ENDPOINT: &str = "H2O_CLOUD_TOKEN_ENDPOINT_URL";
/// Where the home directory stands.
const HOME: [&str; 2] = if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

/// What the builder collects.
#[derive(Default)]
pub struct Setup {
    pub(super) environment: Option<String>,
    pub(super) token_provider: Option<Arc<dyn TokenProvider>>,
    pub(super) platform_token: Option<SecretString>,
    pub(super) config_path: Option<PathBuf>,
    pub(super) endpoint: Option<String>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) issuer_url: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
    pub(super) env: Option<BTreeMap<String, String>>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("environment", &self.environment)
            .field("endpoint", &self.endpoint)
            .field("issuer_url", &self.issuer_url)
            .finish_non_exhaustive()
    }
}

/// How the client comes by the service and by tokens.
pub(super) enum Access {
    Refresh { endpoint: String, grant: RefreshGrant },
    Provider { endpoint: String, provider: Arc<dyn TokenProvider> },
    Discover(Box<Discover>),
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refresh { endpoint, grant } => {
                f.debug_struct("Refresh").field("endpoint", endpoint).field("grant", grant).finish()
            }
            Self::Provider { endpoint, .. } => {
                f.debug_struct("Provider").field("endpoint", endpoint).finish_non_exhaustive()
            }
            Self::Discover(discover) => {
                f.debug_struct("Discover").field("base", &discover.base).finish_non_exhaustive()
            }
        }
    }
}

/// What a login begins with.
pub(super) struct Discover {
    /// The discovery service, without a slash at its end.
    pub(super) base: String,
    pub(super) provider: Option<Arc<dyn TokenProvider>>,
    /// Of the argument.
    pub(super) platform_token: Option<SecretString>,
    /// Of the variable.
    pub(super) env_token: Option<SecretString>,
    pub(super) config: ConfigFile,
    /// Overrides what the issuer says.
    pub(super) token_endpoint: Option<String>,
}

impl Setup {
    fn var(&self, name: &'static str) -> Result<Option<String>, Error> {
        let value = match &self.env {
            Some(env) => env.get(name).cloned(),
            None => match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => None,
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(Error::new(
                        ErrorKind::Credentials,
                        format!("reading {name}"),
                        "it is not text",
                    ));
                }
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Reads the environment and the file. Sends nothing.
    pub(super) fn resolve(self) -> Result<Access, Error> {
        let token_endpoint = self.var(TOKEN_ENDPOINT)?;
        if let Some(url) = &token_endpoint {
            checked_base_url(url, "https://auth.example.com/token")
                .map_err(|error| error.with_context(format!("reading {TOKEN_ENDPOINT}")))?;
        }
        match self.endpoint.clone() {
            Some(endpoint) => self.custom(endpoint, token_endpoint),
            None => self.discover(token_endpoint),
        }
    }

    fn custom(self, endpoint: String, token_endpoint: Option<String>) -> Result<Access, Error> {
        if let Some(provider) = self.token_provider {
            return Ok(Access::Provider { endpoint, provider });
        }
        let mut missing = Vec::new();
        let mut need = |name: &'static str, is_there: bool| {
            if !is_there {
                missing.push(name);
            }
        };
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        need("refresh_token", self.refresh_token.is_some());
        need("issuer_url", filled(&self.issuer_url));
        need("client_id", filled(&self.client_id));
        if !missing.is_empty() {
            let happened = format!("there is no {}", missing.join(", no "));
            return Err(Error::new(
                ErrorKind::Credentials,
                "logging in to an endpoint of your own",
                happened,
            )
            .with_missing(missing)
            .with_advice("Give them to `login_custom` or to the builder, or a `token_provider` instead."));
        }
        let issuer = self.issuer_url.unwrap_or_default();
        let issuer = checked_base_url(&issuer, "https://auth.example.com/realms/hac")?;
        let token = self.refresh_token.unwrap_or_default();
        let mut grant = RefreshGrant::new(issuer, self.client_id.unwrap_or_default(), token);
        if let Some(secret) = self.client_secret {
            grant = grant.client_secret(secret);
        }
        if let Some(url) = token_endpoint {
            log::warn!(
                "{TOKEN_ENDPOINT} is set: tokens come from there, and not from the issuer that was given"
            );
            grant = grant.token_endpoint(url);
        }
        Ok(Access::Refresh { endpoint, grant })
    }

    /// The file that is to be read, if there is one, and whether somebody named it.
    fn config(&self) -> Result<ConfigFile, Error> {
        let named = match &self.config_path {
            Some(path) => Some(path.clone()),
            None => self.var(CONFIG)?.map(PathBuf::from),
        };
        if let Some(path) = named {
            return ConfigFile::read(&path);
        }
        let mut home = None;
        for name in HOME {
            if home.is_none() {
                home = self.var(name)?;
            }
        }
        let path = home.map(|home| PathBuf::from(home).join(".h2oai").join("h2o-cli-config.toml"));
        match path.filter(|path| path.exists()) {
            Some(path) => ConfigFile::read(&path),
            None => Ok(ConfigFile::default()),
        }
    }

    fn discover(self, token_endpoint: Option<String>) -> Result<Access, Error> {
        let config = self.config()?;
        let of_environment = |environment: &str| {
            let url = checked_base_url(environment, "https://cloud.h2o.ai")?;
            Ok(format!("{url}/.ai.h2o.cloud.discovery"))
        };
        let given = self.environment.clone().filter(|environment| !environment.is_empty());
        let base = match (given, self.var(DISCOVERY)?, self.var(ENVIRONMENT)?, &config.endpoint) {
            (Some(environment), _, _, _) => of_environment(&environment)?,
            (None, Some(discovery), _, _) => {
                checked_base_url(&discovery, "https://cloud.h2o.ai/.ai.h2o.cloud.discovery")?.to_owned()
            }
            (None, None, Some(environment), _) => of_environment(&environment)?,
            (None, None, None, Some(environment)) => of_environment(environment)?,
            (None, None, None, None) => {
                return Err(Error::new(
                    ErrorKind::Credentials,
                    "logging in to H2O Cloud",
                    "there is no environment to look for the service in",
                )
                .with_missing(vec!["environment"])
                .with_advice(format!(
                    "Give `environment` to the builder (https://cloud.h2o.ai, for instance), set {ENVIRONMENT} or \
                     {DISCOVERY}, or write `Endpoint` into ~/.h2oai/h2o-cli-config.toml."
                )));
            }
        };
        Ok(Access::Discover(Box::new(Discover {
            base,
            env_token: self.var(PLATFORM_TOKEN)?.map(SecretString::from),
            provider: self.token_provider,
            platform_token: self
                .platform_token
                .filter(|token| !secrecy::ExposeSecret::expose_secret(token).is_empty()),
            config,
            token_endpoint,
        })))
    }
}

/// There is no refresh token.
#[cold]
pub(super) fn no_platform_token() -> Error {
    Error::new(ErrorKind::Credentials, "logging in to H2O Cloud", "there is no platform token")
        .with_missing(vec!["platform_token"])
        .with_advice(format!(
            "Give `platform_token` to the builder, set {PLATFORM_TOKEN}, or run `h2o config update-platform-token`: the \
             tokens of its file count if its `Endpoint` is this environment."
        ))
}

/// The variable that moves the token end point.
pub(super) const TOKEN_ENDPOINT_VARIABLE: &str = TOKEN_ENDPOINT;
