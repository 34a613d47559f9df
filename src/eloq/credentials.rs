//! Credentials: the API key and the address of the API.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::client::{Environment, Origin, Sources, api_root};
use crate::error::{Error, ErrorKind};
use crate::http::shown_url;

/// The default base URL of the API (eloq-sdk 0.1.4).
pub const DEFAULT_BASE_URL: &str = "https://api-prod.eloqdata.com/api/v1/";

/// The environment variable of the API key (eloq-sdk 0.1.4).
const API_KEY: &str = "ELOQ_API_KEY";
/// The environment variable of the base URL. The vendor's client (eloq-sdk 0.1.4) has none.
const BASE_URL: &str = "ELOQ_BASE_URL";
/// Variables that begin like this are meant for EloqCloud.
const PREFIX: &str = "ELOQ";

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
    sources: Sources,
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

    /// Returns the place from which a field came, such as an argument or a variable. `field` is `api_key` or
    /// `base_url`. `None` for another name.
    pub fn origin(&self, field: &str) -> Option<&Origin> {
        self.sources.origin(field)
    }

    /// Returns a warning about the source of a value: that there are quotes around the value, or that a
    /// variable has nearly the name of one that is read. The warning contains no value. `None` if nothing
    /// looks wrong.
    pub fn hint(&self) -> Option<&str> {
        self.sources.hint()
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }
}

/// Builds [`Credentials`]. Values that are not set are read from the environment.
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct CredentialsBuilder {
    api_key: Option<SecretString>,
    base_url: Option<String>,
    env: Environment,
}

impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = self.base_url.as_deref().map(shown_url);
        f.debug_struct("CredentialsBuilder").field("base_url", &base_url).finish_non_exhaustive()
    }
}

impl CredentialsBuilder {
    /// Sets the API key. Default: the environment variable `ELOQ_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the base URL of the API, which ends before `org-info`. Default: the environment variable
    /// `ELOQ_BASE_URL` if it is set and not empty, else [`DEFAULT_BASE_URL`]. The vendor's client has no such
    /// variable.
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

    /// Reads these variables in place of the environment of the process. Default: the environment of the
    /// process.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Environment::of(vars, &[PREFIX]);
        self
    }

    /// Builds the credentials.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is missing ([`Error::missing_fields`]) or cannot be
    /// sent in a header; [`InvalidArgument`](ErrorKind::InvalidArgument) if the base URL cannot be used.
    pub fn build(self) -> Result<Credentials, Error> {
        let mut sources = Sources::default();
        let (base_url, origin) = match self.base_url {
            Some(url) => (url, Origin::Argument),
            None => match self.env.text(BASE_URL)? {
                Some(url) => (url, Origin::Variable(BASE_URL)),
                None => (DEFAULT_BASE_URL.to_owned(), Origin::Default),
            },
        };
        sources.set("base_url", &base_url, origin);
        let base_url = api_root(&base_url, DEFAULT_BASE_URL, true)?.to_owned();
        let near = self.env.near_misses(PREFIX, &[API_KEY, BASE_URL]).join(" ");
        let (api_key, origin) = match self.api_key {
            Some(key) => (checked_key(key, "the API key")?, Origin::Argument),
            None => match self.env.text(API_KEY)? {
                Some(key) => (checked_key(key.into(), API_KEY)?, Origin::Variable(API_KEY)),
                None => return Err(no_key(&near)),
            },
        };
        sources.set("api_key", api_key.expose_secret(), origin);
        if !near.is_empty() {
            sources.note(&near);
        }
        Ok(Credentials { api_key, base_url, sources })
    }
}

/// The error for a missing key. `near`: variables that may be meant to hold it.
#[cold]
fn no_key(near: &str) -> Error {
    let advice = format!(
        "Set {API_KEY}, or pass the key to `Client::from_key`. Keys are created in the EloqCloud console, Settings, API \
         Keys. {near}"
    );
    Error::new(ErrorKind::Credentials, "reading credentials", "api_key is missing")
        .with_missing(vec!["api_key"])
        .with_advice(advice.trim_end())
}

/// Returns the key if it can be sent in a header.
fn checked_key(key: SecretString, place: &str) -> Result<SecretString, Error> {
    let text = key.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if text.trim().len() != text.len() {
        "it begins or ends with white space or a line break"
    } else if text.chars().any(char::is_control) {
        "it contains a control character"
    } else {
        return Ok(key);
    };
    Err(refused_key(place, why))
}

fn refused_key(place: &str, why: &str) -> Error {
    Error::new(ErrorKind::Credentials, format!("reading {place}"), why)
        .with_advice("Copy the key again from the EloqCloud console.")
}
