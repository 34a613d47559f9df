//! Credentials: what they consist of, and where each part is looked up.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::auth::{RefreshGrant, Refresher, TokenProvider, Tokens};
use crate::client::checked_base_url;
use crate::error::{Error, ErrorKind};

use super::account::{Account, Endpoint};
use super::login::{ConfigFile, Discover};

const CONFIG: &str = "H2OCONFIG";
const DISCOVERY: &str = "H2O_CLOUD_DISCOVERY";
const ENVIRONMENT: &str = "H2O_CLOUD_ENVIRONMENT";
const PLATFORM_TOKEN: &str = "H2O_CLOUD_CLIENT_PLATFORM_TOKEN";
/// The variable that names the token endpoint.
pub(super) const TOKEN_ENDPOINT: &str = "H2O_CLOUD_TOKEN_ENDPOINT_URL";
/// The variables that name the home directory.
const HOME: [&str; 2] = if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

/// Where the service is, and what gives access tokens for it.
///
/// Made from the environment and the configuration file of the H2O CLI ([`from_env`](Credentials::from_env)), or with
/// values of your own ([`builder`](Credentials::builder)). Making them sends nothing: a client looks the service up with
/// its first call, or with [`login`](super::login()).
///
/// Cheap to clone. Clients that are built from clones of the same credentials share what was looked up and their access
/// tokens, so that a refresh token that may be used once is used once.
///
/// ```
/// use controlplane::h2o_workflows::{Client, Credentials};
///
/// let credentials = Credentials::builder()
///     .endpoint("https://workflows.cloud.h2o.ai")
///     .refresh_token("the refresh token")
///     .issuer_url("https://auth.cloud.h2o.ai/realms/hac")
///     .client_id("hac-platform-public")
///     .build()?;
/// let client = Client::new(credentials)?;
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials(pub(super) Arc<Account>);

/// Shows no secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&self.0).finish()
    }
}

impl Credentials {
    /// Returns the credentials that the environment variables and the configuration file of the H2O CLI give.
    ///
    /// # Errors
    ///
    /// As those of [`CredentialsBuilder::build`].
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder of credentials. What it is not given comes from the environment.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }
}

/// Builds [`Credentials`].
///
/// With an [`endpoint`](CredentialsBuilder::endpoint), nothing is looked up, and no variable and no file is read. It needs a
/// [`refresh_token`](CredentialsBuilder::refresh_token) with its [`issuer_url`](CredentialsBuilder::issuer_url) and
/// [`client_id`](CredentialsBuilder::client_id), or a [`token_provider`](CredentialsBuilder::token_provider).
///
/// Without one, the discovery service of an H2O Cloud is asked where the service is. Each value comes from the first of
/// these places that has it:
///
/// | Value | Places |
/// |---|---|
/// | configuration file | [`config_path`](CredentialsBuilder::config_path), `H2OCONFIG`, `~/.h2oai/h2o-cli-config.toml` if it exists |
/// | environment | [`environment`](CredentialsBuilder::environment), `H2O_CLOUD_DISCOVERY` (the address of the discovery service itself), `H2O_CLOUD_ENVIRONMENT`, `Endpoint` of the file |
/// | service, issuer, client id | the discovery service |
/// | tokens | [`token_provider`](CredentialsBuilder::token_provider), or the refresh token: [`platform_token`](CredentialsBuilder::platform_token), `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, the file's token of that client id if the file's `Endpoint` is the environment |
/// | token endpoint | `H2O_CLOUD_TOKEN_ENDPOINT_URL` (its use is logged as a warning), the configuration of the issuer |
///
/// Rotated refresh tokens are kept in memory; they are not written back to the file.
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct CredentialsBuilder {
    environment: Option<String>,
    token_provider: Option<Arc<dyn TokenProvider>>,
    platform_token: Option<SecretString>,
    config_path: Option<PathBuf>,
    endpoint: Option<String>,
    refresh_token: Option<SecretString>,
    issuer_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    env: Option<BTreeMap<String, String>>,
}

/// Shows no secret.
impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsBuilder")
            .field("environment", &self.environment)
            .field("config_path", &self.config_path)
            .field("endpoint", &self.endpoint)
            .field("issuer_url", &self.issuer_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What the builder of a client collects besides the common settings.
#[derive(Debug, Default)]
pub struct Setup {
    pub(super) credentials: Option<Credentials>,
}

impl CredentialsBuilder {
    /// Sets the H2O Cloud to look the service up in: `https://cloud.h2o.ai`. Default: `H2O_CLOUD_DISCOVERY`,
    /// `H2O_CLOUD_ENVIRONMENT`, or `Endpoint` in the configuration file of the H2O CLI.
    pub fn environment(mut self, url: impl Into<String>) -> Self {
        self.environment = Some(url.into());
        self
    }

    /// Sets the source of access tokens, in place of a refresh token.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.token_provider = Some(Arc::new(provider));
        self
    }

    /// Sets the refresh token of the platform, for an [`environment`](CredentialsBuilder::environment). Default:
    /// `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, or the token in the configuration file of the H2O CLI.
    pub fn platform_token(mut self, token: impl Into<SecretString>) -> Self {
        self.platform_token = Some(token.into());
        self
    }

    /// Sets the path of the configuration file of the H2O CLI. Default: `H2OCONFIG`, or `~/.h2oai/h2o-cli-config.toml` if it
    /// exists.
    pub fn config_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_path = Some(path.into());
        self
    }

    /// Sets the address of the service itself: nothing is looked up.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets the refresh token for an [`endpoint`](CredentialsBuilder::endpoint).
    pub fn refresh_token(mut self, token: impl Into<SecretString>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// Sets the issuer of the refresh token. `H2O_CLOUD_TOKEN_ENDPOINT_URL` does not override it.
    pub fn issuer_url(mut self, url: impl Into<String>) -> Self {
        self.issuer_url = Some(url.into());
        self
    }

    /// Sets the id of the OAuth client to which the refresh token was issued.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Sets the secret of that OAuth client, if it has one.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Replaces the environment variables of the process: only these are read.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Some(vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Returns the credentials. Reads the environment and the configuration file; sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if something is missing ([`missing_fields`](Error::missing_fields) names all of
    /// it) or the configuration file cannot be used; [`InvalidArgument`](ErrorKind::InvalidArgument) for an invalid URL.
    ///
    /// That the file has no token for the environment is not known before the look-up: the error is that of the first call,
    /// or of [`login`](super::login()).
    pub fn build(self) -> Result<Credentials, Error> {
        let account = match self.endpoint.clone() {
            Some(endpoint) => Account::known(self.custom(&endpoint)?),
            None => Account::to_discover(self.discover()?),
        };
        Ok(Credentials(Arc::new(account)))
    }

    fn var(&self, name: &'static str) -> Result<Option<String>, Error> {
        let value = match &self.env {
            Some(env) => env.get(name).cloned(),
            None => match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => None,
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(Error::new(
                        ErrorKind::Credentials,
                        format!("reading the environment variable {name}"),
                        "its value is not valid Unicode",
                    ));
                }
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// The service at an address of the caller's own.
    fn custom(self, endpoint: &str) -> Result<Endpoint, Error> {
        if let Some(provider) = self.token_provider {
            return Endpoint::new(endpoint, Tokens::Provider(provider));
        }
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (issuer_url, client_id) = (filled(self.issuer_url), filled(self.client_id));
        let (Some(token), Some(issuer_url), Some(client_id)) = (&self.refresh_token, &issuer_url, &client_id)
        else {
            let fields = [
                ("refresh_token", self.refresh_token.is_none()),
                ("issuer_url", issuer_url.is_none()),
                ("client_id", client_id.is_none()),
            ];
            return Err(missing(
                "making credentials for an endpoint of H2O Workflows",
                &fields,
                "Set them with `Credentials::builder()`, or pass them to `login_custom`. A `token_provider` replaces all \
                 three.",
            ));
        };
        let issuer = checked_base_url(issuer_url, "https://auth.example.com/realms/hac")?;
        let mut grant = RefreshGrant::new(issuer, client_id, token.clone());
        // An empty secret is no secret, as for the vendor's client (h2o-authn 3.1.0).
        if let Some(secret) = self.client_secret.filter(|secret| !secret.expose_secret().is_empty()) {
            grant = grant.client_secret(secret);
        }
        Endpoint::new(endpoint, Tokens::Refresh(Refresher::new(grant)))
    }

    /// Reads the configuration file, if one is named or the default one exists.
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

    /// The address of the discovery service, without a slash at its end.
    fn discovery(&self, config: &ConfigFile) -> Result<Option<String>, Error> {
        let of_environment = |environment: &str| {
            let url = checked_base_url(environment, "https://cloud.h2o.ai")?;
            Ok(Some(format!("{url}/.ai.h2o.cloud.discovery")))
        };
        if let Some(environment) = self.environment.as_deref().filter(|url| !url.is_empty()) {
            return of_environment(environment);
        }
        if let Some(discovery) = self.var(DISCOVERY)? {
            let url = checked_base_url(&discovery, "https://cloud.h2o.ai/.ai.h2o.cloud.discovery")?;
            return Ok(Some(url.to_owned()));
        }
        match self.var(ENVIRONMENT)?.or_else(|| config.endpoint.clone()) {
            Some(environment) => of_environment(&environment),
            None => Ok(None),
        }
    }

    /// What is needed to look the service up.
    fn discover(self) -> Result<Discover, Error> {
        let token_endpoint = self.var(TOKEN_ENDPOINT)?;
        if let Some(url) = &token_endpoint {
            checked_base_url(url, "https://auth.example.com/token")
                .map_err(|error| error.with_context(format!("reading {TOKEN_ENDPOINT}")))?;
        }
        let config = self.config()?;
        let base = self.discovery(&config)?;
        let given = self.platform_token.clone().filter(|token| !token.expose_secret().is_empty());
        let platform_token = given.or(self.var(PLATFORM_TOKEN)?.map(SecretString::from));
        let Some(base) = base else {
            let has_token =
                self.token_provider.is_some() || platform_token.is_some() || !config.tokens.is_empty();
            return Err(missing(
                "making credentials for H2O Workflows",
                &[("environment", true), ("platform_token", !has_token)],
                &format!("{PLACES_OF_ENVIRONMENT} {PLACES_OF_TOKEN}"),
            ));
        };
        Ok(Discover { base, provider: self.token_provider, platform_token, config, token_endpoint })
    }
}

const PLACES_OF_ENVIRONMENT: &str = "The environment (https://cloud.h2o.ai, for example) may be set with \
    `Credentials::builder().environment(…)`, with H2O_CLOUD_ENVIRONMENT or H2O_CLOUD_DISCOVERY, or as `Endpoint` in \
    ~/.h2oai/h2o-cli-config.toml.";
const PLACES_OF_TOKEN: &str = "The platform token may be set with `Credentials::builder().platform_token(…)`, with \
    H2O_CLOUD_CLIENT_PLATFORM_TOKEN, or with `h2o config update-platform-token`: the tokens of that file are used if its \
    `Endpoint` is the environment.";

/// The error for fields that are missing; `true`: the field is.
#[cold]
fn missing(attempted: &str, fields: &[(&'static str, bool)], places: &str) -> Error {
    let missing: Vec<&'static str> =
        fields.iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| *name).collect();
    let happened = format!("no {}", missing.join(", no "));
    Error::new(ErrorKind::Credentials, attempted, happened).with_missing(missing).with_advice(places)
}

/// The error for an environment for which there is no refresh token.
#[cold]
pub(super) fn no_platform_token() -> Error {
    missing("logging in to H2O Cloud", &[("platform_token", true)], PLACES_OF_TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(builder: CredentialsBuilder) -> Error {
        builder.env([("HOME", "/nonexistent")]).build().unwrap_err()
    }

    #[test]
    fn every_missing_field_is_named_with_its_places() {
        let nothing = error(Credentials::builder());
        assert_eq!(nothing.kind(), ErrorKind::Credentials);
        assert_eq!(nothing.missing_fields(), ["environment", "platform_token"]);
        for place in ["H2O_CLOUD_ENVIRONMENT", "H2O_CLOUD_CLIENT_PLATFORM_TOKEN", "Credentials::builder()"] {
            assert!(nothing.to_string().contains(place), "{nothing}");
        }
        assert_eq!(error(Credentials::builder().platform_token("t")).missing_fields(), ["environment"]);
        let custom = error(Credentials::builder().endpoint("https://w.test").client_id(""));
        assert_eq!(custom.missing_fields(), ["refresh_token", "issuer_url", "client_id"]);
        assert!(custom.to_string().contains("login_custom"), "{custom}");
    }

    #[test]
    fn no_secret_shows() {
        let builder = Credentials::builder()
            .endpoint("https://w.test")
            .issuer_url("https://auth.test")
            .client_id("id")
            .refresh_token("hunter2")
            .client_secret("hunter3");
        let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
        assert!(!shown.contains("hunter"), "{shown}");
        let builder = Credentials::builder().environment("https://h2o.test").platform_token("hunter4");
        let shown = format!("{builder:?} {:?}", builder.clone().env([("HOME", "")]).build().unwrap());
        assert!(!shown.contains("hunter") && shown.contains("h2o.test"), "{shown}");
    }
}
