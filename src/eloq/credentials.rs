//! Credentials: the API key and the address of the API.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::client::checked_base_url;
use crate::error::{Error, ErrorKind};

/// The base URL of the API where none is given (eloq-sdk 0.1.4).
pub const DEFAULT_BASE_URL: &str = "https://api-prod.eloqdata.com/api/v1/";

/// The environment variable of the API key (eloq-sdk 0.1.4).
const API_KEY: &str = "ELOQ_API_KEY";
/// The environment variable of the base URL. The vendor's client (eloq-sdk 0.1.4) has none.
const BASE_URL: &str = "ELOQ_BASE_URL";

/// The API key of EloqCloud and the address of its API. `Debug` does not show the key.
///
/// ```
/// use controlplane::eloq::Credentials;
///
/// let credentials = Credentials::builder().api_key("made-up").build()?;
/// assert_eq!(credentials.base_url(), "https://api-prod.eloqdata.com/api/v1");
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    api_key: SecretString,
    base_url: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the API key from `ELOQ_API_KEY`, and the base URL from `ELOQ_BASE_URL` if that is set.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is missing, empty or not a valid key;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }

    /// Returns the API key.
    pub fn api_key(&self) -> &SecretString {
        &self.api_key
    }

    /// Returns the base URL of the API, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

/// Builds [`Credentials`]. Whatever is not set is read from the environment.
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct CredentialsBuilder {
    api_key: Option<SecretString>,
    base_url: Option<String>,
    env: Option<BTreeMap<String, String>>,
}

impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsBuilder").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl CredentialsBuilder {
    /// Sets the API key. Default: the environment variable `ELOQ_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the base URL of the API, which ends before `org-info`. Default: the environment variable `ELOQ_BASE_URL` if it
    /// is set and not empty, else [`DEFAULT_BASE_URL`]. The vendor's client has no such variable.
    ///
    /// ```
    /// use controlplane::eloq::Credentials;
    ///
    /// let vars = [("ELOQ_API_KEY", "made-up"), ("ELOQ_BASE_URL", "http://127.0.0.1:8080/api/v1")];
    /// let credentials = Credentials::builder().env(vars).build()?;
    /// assert_eq!(credentials.base_url(), "http://127.0.0.1:8080/api/v1");
    /// let credentials = Credentials::builder().env(vars).base_url("https://eloq.example/api/v1").build()?;
    /// assert_eq!(credentials.base_url(), "https://eloq.example/api/v1", "an argument wins");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Replaces the environment of the process: only these variables count.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Some(vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Builds the credentials.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is missing ([`Error::missing_fields`]) or cannot be sent in a
    /// header; [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL cannot be used.
    pub fn build(self) -> Result<Credentials, Error> {
        let env = self.env.as_ref();
        let base_url = match self.base_url {
            Some(url) => Some(url),
            None => variable(env, BASE_URL)
                .map_err(|why| Error::invalid(format!("reading {BASE_URL}"), why))?
                .filter(|url| !url.is_empty()),
        };
        let base_url = base_url.as_deref().unwrap_or(DEFAULT_BASE_URL);
        let base_url = checked_base_url(base_url, DEFAULT_BASE_URL)?.to_owned();
        let api_key = match self.api_key {
            Some(key) => checked_key(key, "the API key")?,
            None => key_from(self.env.as_ref())?,
        };
        Ok(Credentials { api_key, base_url })
    }
}

/// Returns a variable, or why it cannot be used.
fn variable(env: Option<&BTreeMap<String, String>>, name: &str) -> Result<Option<String>, &'static str> {
    match env {
        Some(env) => Ok(env.get(name).cloned()),
        None => match std::env::var(name) {
            Err(std::env::VarError::NotUnicode(_)) => Err("it is not text"),
            value => Ok(value.ok()),
        },
    }
}

fn key_from(env: Option<&BTreeMap<String, String>>) -> Result<SecretString, Error> {
    let value = variable(env, API_KEY).map_err(|why| refused_key(API_KEY, why))?;
    match value.filter(|key| !key.is_empty()) {
        Some(key) => checked_key(key.into(), API_KEY),
        None => Err(Error::new(ErrorKind::Credentials, "reading credentials", "api_key is missing")
            .with_missing(vec!["api_key"])
            .with_advice(format!(
                "Set {API_KEY}, or pass the key to `Client::from_key`. Keys are created in the EloqCloud console, \
                 Settings, API Keys."
            ))),
    }
}

/// Returns the key if it can be sent in a header.
fn checked_key(key: SecretString, place: &str) -> Result<SecretString, Error> {
    let text = key.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if text.chars().any(char::is_control) {
        "it contains a control character"
    } else if text.trim().len() != text.len() {
        "it begins or ends with white space"
    } else {
        return Ok(key);
    };
    Err(refused_key(place, why))
}

fn refused_key(place: &str, why: &str) -> Error {
    Error::new(ErrorKind::Credentials, format!("reading {place}"), why)
        .with_advice("Copy the key again from the EloqCloud console.")
}
