//! Credentials: what they consist of, and where each part is looked up.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::auth::{About, Callback, RefreshGrant, Refresher, Rotations, TokenProvider, Tokens};
use crate::client::{Environment, Origin, Sources, checked_base_url};
use crate::error::{Error, ErrorKind};
use crate::http::{host_of, shown_url};

use super::account::{Account, Endpoint};
use super::login::{ConfigFile, Discover, Given};

const CONFIG: &str = "H2OCONFIG";
const DISCOVERY: &str = "H2O_CLOUD_DISCOVERY";
const ENVIRONMENT: &str = "H2O_CLOUD_ENVIRONMENT";
const PLATFORM_TOKEN: &str = "H2O_CLOUD_CLIENT_PLATFORM_TOKEN";
/// The variable that names the token endpoint.
const TOKEN_ENDPOINT: &str = "H2O_CLOUD_TOKEN_ENDPOINT_URL";
/// Variables that begin like this are meant for H2O Cloud.
const PREFIX: &str = "H2O";
const KNOWN: [&str; 5] = [CONFIG, DISCOVERY, ENVIRONMENT, PLATFORM_TOKEN, TOKEN_ENDPOINT];
/// The variables that name the home directory.
const HOME: [&str; 2] = if cfg!(windows) { ["USERPROFILE", "HOME"] } else { ["HOME", "USERPROFILE"] };

/// The address of the service, and the source of its access tokens.
///
/// They are made from the environment variables and the configuration file of the H2O CLI
/// ([`from_env`](Credentials::from_env)), or with values of your own ([`builder`](Credentials::builder)).
/// Making them sends nothing: unless the credentials name the address, a client looks it up with its first
/// call, or with [`login`](super::login()).
///
/// Cheap to clone. Clients that are built from clones of the same credentials share the address that was
/// looked up and the access tokens, so a refresh token that is valid for a single use is not sent twice.
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
    /// The errors are those of [`CredentialsBuilder::build`].
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder of credentials. [`CredentialsBuilder`] lists where values that are not set are
    /// looked up.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }

    /// Returns the address that the credentials name, without a slash at its end: the address of the service,
    /// or that of the discovery service with which the service is looked up.
    pub fn address(&self) -> &str {
        self.0.address()
    }

    /// Returns the place from which a field came: an argument, a variable or the configuration file. `field`
    /// is the name of the field's method of [`CredentialsBuilder`], such as `platform_token`. `None` for a
    /// field without a value, and for a name that no field has.
    ///
    /// Values from the discovery service have no place. The place of a platform token that only the
    /// configuration file has is the file, also if the token turns out not to be used: it is used only if the
    /// file's `Endpoint` is the environment, which is known after the look-up.
    pub fn origin(&self, field: &str) -> Option<&Origin> {
        self.0.sources.origin(field)
    }

    /// Returns a warning about the source of a value: that there are quotes around the value, or that a
    /// variable has nearly the name of one that is read. The warning contains no value. `None` if nothing
    /// looks wrong.
    pub fn hint(&self) -> Option<&str> {
        self.0.sources.hint()
    }
}

/// Builds [`Credentials`].
///
/// With an [`endpoint`](CredentialsBuilder::endpoint), nothing is looked up, and no variable and no file is
/// read. An endpoint needs a [`refresh_token`](CredentialsBuilder::refresh_token) with its
/// [`issuer_url`](CredentialsBuilder::issuer_url) and [`client_id`](CredentialsBuilder::client_id), or a
/// [`token_provider`](CredentialsBuilder::token_provider).
///
/// Without an endpoint, the service is looked up with the discovery service of an H2O Cloud. Each value comes
/// from the first of these places that has it:
///
/// | Value | Places |
/// |---|---|
/// | configuration file | [`config_path`](CredentialsBuilder::config_path), `H2OCONFIG`, `~/.h2oai/h2o-cli-config.toml` if it exists |
/// | environment | [`environment`](CredentialsBuilder::environment), `H2O_CLOUD_DISCOVERY` (the address of the discovery service itself), `H2O_CLOUD_ENVIRONMENT`, `Endpoint` of the file |
/// | service | the discovery service |
/// | issuer, client id | [`issuer_url`](CredentialsBuilder::issuer_url), [`client_id`](CredentialsBuilder::client_id), the discovery service |
/// | tokens | [`token_provider`](CredentialsBuilder::token_provider), or the refresh token: [`platform_token`](CredentialsBuilder::platform_token), [`refresh_token`](CredentialsBuilder::refresh_token), `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, the file's token of that client id if the file's `Endpoint` is the environment |
/// | token endpoint | [`token_endpoint`](CredentialsBuilder::token_endpoint), the configuration of an issuer that was set with [`issuer_url`](CredentialsBuilder::issuer_url), `H2O_CLOUD_TOKEN_ENDPOINT_URL` (its use is logged as a warning), the configuration of the issuer |
///
/// Rotated refresh tokens are kept in memory; they are not written back to the file.
/// [`on_token_rotated`](CredentialsBuilder::on_token_rotated) passes them to the program.
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
    token_endpoint: Option<String>,
    rotations: Vec<Arc<Callback>>,
    env: Environment,
}

/// Shows no secret.
impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsBuilder")
            .field("environment", &self.environment.as_deref().map(shown_url))
            .field("config_path", &self.config_path)
            .field("endpoint", &self.endpoint.as_deref().map(shown_url))
            .field("issuer_url", &self.issuer_url.as_deref().map(shown_url))
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What the builder of a client collects besides the common settings.
#[derive(Debug, Default)]
pub struct Setup {
    pub(super) credentials: Option<Credentials>,
    pub(super) rotations: Rotations,
}

impl CredentialsBuilder {
    /// Sets the URL of the H2O Cloud in which the service is looked up, such as `https://cloud.h2o.ai`.
    /// Default: `H2O_CLOUD_DISCOVERY`, `H2O_CLOUD_ENVIRONMENT`, or `Endpoint` in the configuration file of
    /// the H2O CLI.
    pub fn environment(mut self, url: impl Into<String>) -> Self {
        self.environment = Some(url.into());
        self
    }

    /// Sets the source of access tokens, in place of a refresh token. Default: the refresh token.
    pub fn token_provider(mut self, provider: impl TokenProvider + 'static) -> Self {
        self.token_provider = Some(Arc::new(provider));
        self
    }

    /// Sets the refresh token of the platform, for an [`environment`](CredentialsBuilder::environment).
    /// Default: `H2O_CLOUD_CLIENT_PLATFORM_TOKEN`, or the token in the configuration file of the H2O CLI.
    pub fn platform_token(mut self, token: impl Into<SecretString>) -> Self {
        self.platform_token = Some(token.into());
        self
    }

    /// Sets the path of the configuration file of the H2O CLI. Default: `H2OCONFIG`, or
    /// `~/.h2oai/h2o-cli-config.toml` if it exists.
    pub fn config_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_path = Some(path.into());
        self
    }

    /// Sets the address of the service itself, which is then not looked up. Default: the service is looked
    /// up.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets the refresh token for an [`endpoint`](CredentialsBuilder::endpoint). Without an endpoint, it is used as
    /// the platform token if [`platform_token`](CredentialsBuilder::platform_token) is not set.
    pub fn refresh_token(mut self, token: impl Into<SecretString>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// Sets the URL of the issuer of the refresh token. Default: the issuer that the discovery service names;
    /// with an [`endpoint`](CredentialsBuilder::endpoint) there is no default. `H2O_CLOUD_TOKEN_ENDPOINT_URL`
    /// does not override it.
    pub fn issuer_url(mut self, url: impl Into<String>) -> Self {
        self.issuer_url = Some(url.into());
        self
    }

    /// Sets the id of the OAuth client to which the refresh token was issued. Default: that of the client
    /// `platform` in the discovery service; with an [`endpoint`](CredentialsBuilder::endpoint) there is no
    /// default.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Sets the secret of the OAuth client to which the refresh token was issued. Default: no secret is sent.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Sets the address to which the refresh token is sent. Default: `H2O_CLOUD_TOKEN_ENDPOINT_URL` if
    /// neither an [`endpoint`](CredentialsBuilder::endpoint) nor an
    /// [`issuer_url`](CredentialsBuilder::issuer_url) is set, else the address in the issuer's configuration.
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.token_endpoint = Some(url.into());
        self
    }

    /// Adds a callback that is called with each refresh token that replaces the one before: see
    /// [`RefreshGrant::on_token_rotated`](crate::auth::RefreshGrant::on_token_rotated). A program that keeps
    /// its token for the next run saves the new one here.
    ///
    /// ```
    /// use controlplane::ExposeSecret;
    /// use controlplane::h2o_workflows::Credentials;
    ///
    /// # fn save(_: &str) {}
    /// let credentials = Credentials::builder()
    ///     .environment("https://cloud.h2o.ai")
    ///     .platform_token("the refresh token")
    ///     .on_token_rotated(|token| save(token.expose_secret()))
    ///     .build()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn on_token_rotated(mut self, callback: impl Fn(&SecretString) + Send + Sync + 'static) -> Self {
        self.rotations.push(Arc::new(callback));
        self
    }

    /// Reads these variables in place of the environment of the process. Default: the environment of the
    /// process.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Environment::of(vars, &[PREFIX, "HOME", "USERPROFILE"]);
        self
    }

    /// Returns the credentials. Reads the environment and the configuration file; sends nothing.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if something is missing
    /// ([`missing_fields`](Error::missing_fields) names all of it) or the configuration file cannot be used;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) for an invalid URL.
    ///
    /// Whether the configuration file has a token for the environment is known only after the look-up. If it
    /// has none, the first call or [`login`](super::login()) fails with
    /// [`Credentials`](ErrorKind::Credentials).
    pub fn build(self) -> Result<Credentials, Error> {
        let rotations = Rotations::default();
        for callback in &self.rotations {
            rotations.add(callback.clone());
        }
        let mut sources = Sources::default();
        let account = match self.endpoint.clone() {
            Some(endpoint) => {
                let endpoint = self.custom(&endpoint, &mut sources, rotations.clone())?;
                Account::known(endpoint, sources, rotations)
            }
            None => {
                let discover = self.discover(&mut sources, rotations.clone())?;
                Account::to_discover(discover, sources, rotations)
            }
        };
        Ok(Credentials(Arc::new(account)))
    }

    /// The service at an address of the caller's own.
    fn custom(self, endpoint: &str, sources: &mut Sources, rotations: Rotations) -> Result<Endpoint, Error> {
        sources.set("endpoint", endpoint, Origin::Argument);
        if let Some(provider) = self.token_provider {
            sources.set("token_provider", "", Origin::Argument);
            return Endpoint::new(endpoint, Tokens::from(provider));
        }
        let Given { issuer_url, client_id, client_secret } = self.given(sources);
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
        check_secret("the refresh token", token)?;
        sources.set("refresh_token", token.expose_secret(), Origin::Argument);
        let issuer =
            checked_base_url("URL of the issuer", issuer_url, "https://auth.example.com/realms/hac")?;
        let about = About { origin: None, hint: sources.hint().map(str::to_owned) };
        let mut grant = RefreshGrant::new(issuer, client_id, token.clone()).about(about).rotations(rotations);
        if let Some(secret) = client_secret {
            grant = grant.client_secret(secret);
        }
        if let Some(url) = &self.token_endpoint {
            sources.set("token_endpoint", url, Origin::Argument);
            grant = grant.token_endpoint(checked_token_endpoint(url)?);
        }
        Endpoint::new(endpoint, Tokens::Refresh(Refresher::new(grant)))
    }

    /// The values that the program set for the issuer. An empty one is none, also an empty secret, as for the
    /// vendor's client (h2o-authn 3.1.0).
    fn given(&self, sources: &mut Sources) -> Given {
        let mut filled = |field, text: &Option<String>| {
            let text = text.clone().filter(|text| !text.is_empty())?;
            sources.set(field, &text, Origin::Argument);
            Some(text)
        };
        let issuer_url = filled("issuer_url", &self.issuer_url);
        let client_id = filled("client_id", &self.client_id);
        let client_secret = self.client_secret.clone().filter(|secret| !secret.expose_secret().is_empty());
        if let Some(secret) = &client_secret {
            sources.set("client_secret", secret.expose_secret(), Origin::Argument);
        }
        Given { issuer_url, client_id, client_secret }
    }

    /// Reads the configuration file, if one is named or the default one exists.
    fn config(&self) -> Result<ConfigFile, Error> {
        let named = self.config_path.clone().or_else(|| self.env.os(CONFIG).map(PathBuf::from));
        if let Some(path) = named {
            return ConfigFile::read(&path);
        }
        let home = HOME.iter().find_map(|name| self.env.os(name));
        let path = home.map(|home| PathBuf::from(home).join(".h2oai").join("h2o-cli-config.toml"));
        match path.filter(|path| path.exists()) {
            Some(path) => ConfigFile::read(&path),
            None => Ok(ConfigFile::default()),
        }
    }

    /// The address of the discovery service, without a slash at its end.
    fn discovery(&self, config: &ConfigFile, sources: &mut Sources) -> Result<Option<String>, Error> {
        const PATH: &str = ".ai.h2o.cloud.discovery";
        let of_environment = |environment: &str| {
            let url = checked_base_url("URL of the environment", environment, "https://cloud.h2o.ai")?;
            if let Some((root, _)) = url.split_once(PATH) {
                return Err(Error::invalid(
                    format!("using the environment {:?}", shown_url(environment)),
                    "it is the address of the discovery service",
                )
                .with_advice(format!(
                    "Nothing was sent. Write {}, or set the address with {DISCOVERY}.",
                    root.trim_end_matches('/')
                )));
            }
            Ok(Some(format!("{url}/{PATH}")))
        };
        if let Some(environment) = self.environment.as_deref().filter(|url| !url.is_empty()) {
            sources.set("environment", environment, Origin::Argument);
            return of_environment(environment);
        }
        if let Some(discovery) = self.env.text(DISCOVERY)? {
            sources.set("environment", &discovery, Origin::Variable(DISCOVERY));
            let example = "https://cloud.h2o.ai/.ai.h2o.cloud.discovery";
            let url = checked_base_url("URL of the discovery service", &discovery, example)?;
            return Ok(Some(url.to_owned()));
        }
        if let Some(environment) = self.env.text(ENVIRONMENT)? {
            sources.set("environment", &environment, Origin::Variable(ENVIRONMENT));
            return of_environment(&environment);
        }
        match &config.endpoint {
            Some(environment) => {
                sources.set("environment", environment, file_origin(config));
                of_environment(environment)
            }
            None => Ok(None),
        }
    }

    /// The token endpoint: an issuer that the program named is not passed over because of a variable.
    fn find_token_endpoint(&self, sources: &mut Sources) -> Result<Option<String>, Error> {
        if let Some(url) = self.token_endpoint.as_deref().filter(|url| !url.is_empty()) {
            sources.set("token_endpoint", url, Origin::Argument);
            return checked_token_endpoint(url).map(Some);
        }
        let Some(url) = self.env.text(TOKEN_ENDPOINT)? else { return Ok(None) };
        if self.issuer_url.as_deref().is_some_and(|url| !url.is_empty()) {
            log::warn!("{TOKEN_ENDPOINT} is set and not used: the program names the issuer");
            return Ok(None);
        }
        let url = checked_token_endpoint(&url)
            .map_err(|error| error.with_context(format!("reading {TOKEN_ENDPOINT}")))?;
        log::warn!("{TOKEN_ENDPOINT} is set: tokens come from {}, not from the issuer", host_of(&url));
        sources.set("token_endpoint", &url, Origin::Variable(TOKEN_ENDPOINT));
        Ok(Some(url))
    }

    /// The platform token of an argument or a variable.
    fn find_platform_token(&self, sources: &mut Sources) -> Result<Option<(SecretString, Origin)>, Error> {
        let fields = [("platform_token", &self.platform_token), ("refresh_token", &self.refresh_token)];
        for (field, token) in fields {
            if let Some(token) = token.as_ref().filter(|token| !token.expose_secret().is_empty()) {
                check_secret("the refresh token", token)?;
                sources.set(field, token.expose_secret(), Origin::Argument);
                return Ok(Some((token.clone(), Origin::Argument)));
            }
        }
        let Some(token) = self.env.text(PLATFORM_TOKEN)?.map(SecretString::from) else { return Ok(None) };
        check_secret(PLATFORM_TOKEN, &token)?;
        sources.set("platform_token", token.expose_secret(), Origin::Variable(PLATFORM_TOKEN));
        Ok(Some((token, Origin::Variable(PLATFORM_TOKEN))))
    }

    /// What is needed to look the service up.
    fn discover(self, sources: &mut Sources, rotations: Rotations) -> Result<Discover, Error> {
        let token_endpoint = self.find_token_endpoint(sources)?;
        let config = self.config()?;
        let base = self.discovery(&config, sources)?;
        let platform_token = self.find_platform_token(sources)?;
        if self.token_provider.is_some() {
            sources.set("token_provider", "", Origin::Argument);
        } else if platform_token.is_none() && !config.tokens.is_empty() {
            sources.set("platform_token", "", file_origin(&config));
        }
        let given = self.given(sources);
        let near = self.env.near_misses(PREFIX, &KNOWN).join(" ");
        if !near.is_empty() {
            sources.note(&near);
        }
        let Some(base) = base else {
            let has_token =
                self.token_provider.is_some() || platform_token.is_some() || !config.tokens.is_empty();
            return Err(missing(
                "making credentials for H2O Workflows",
                &[("environment", true), ("platform_token", !has_token)],
                format!("{near} {PLACES_OF_ENVIRONMENT} {PLACES_OF_TOKEN}").trim_start(),
            ));
        };
        let origin = platform_token.as_ref().map(|(_, origin)| origin.to_string());
        let is_argument = matches!(platform_token, Some((_, Origin::Argument)));
        let about =
            About { origin: origin.filter(|_| !is_argument), hint: sources.hint().map(str::to_owned) };
        let platform_token = platform_token.map(|(token, _)| token);
        let provider = self.token_provider;
        Ok(Discover { base, provider, platform_token, config, token_endpoint, given, about, rotations })
    }
}

fn file_origin(config: &ConfigFile) -> Origin {
    Origin::File { path: config.path.clone(), profile: None }
}

fn checked_token_endpoint(url: &str) -> Result<String, Error> {
    checked_base_url("URL of the token endpoint", url, "https://auth.example.com/token")
        .map(|_| url.to_owned())
}

/// Refuses a token that was copied with more than itself: the issuer would only say that it is not valid.
fn check_secret(place: &str, token: &SecretString) -> Result<(), Error> {
    let text = token.expose_secret();
    if text.trim().len() == text.len() && !text.contains(char::is_control) {
        return Ok(());
    }
    let why = if text.trim().len() == text.len() {
        "it contains a control character"
    } else {
        "it begins or ends with white space or a line break"
    };
    Err(Error::new(ErrorKind::Credentials, format!("reading {place}"), why).with_advice(
        "Nothing was sent. Remove these characters, or copy the token again. Secret stores and `echo` add a line break.",
    ))
}

const PLACES_OF_ENVIRONMENT: &str = "The environment (https://cloud.h2o.ai, for example) may be set with \
    `Credentials::builder().environment(…)`, with H2O_CLOUD_ENVIRONMENT or H2O_CLOUD_DISCOVERY, or as `Endpoint` in \
    ~/.h2oai/h2o-cli-config.toml.";
const PLACES_OF_TOKEN: &str = "The platform token may be set with `Credentials::builder().platform_token(…)`, with \
    H2O_CLOUD_CLIENT_PLATFORM_TOKEN, or by the command `h2o config update-platform-token` of the H2O CLI. The tokens \
    of its configuration file are used if its `Endpoint` is the environment.";

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
