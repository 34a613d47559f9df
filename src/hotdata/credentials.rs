//! Credentials: the API key, the workspace, the database and the address of the API.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::client::{Environment, Origin, Sources, api_root};
use crate::error::{Error, ErrorKind};
use crate::http::shown_url;

/// The base URL of the API where none is given (hotdata 0.12.0).
pub const DEFAULT_BASE_URL: &str = "https://api.hotdata.dev";

const API_KEY: &str = "HOTDATA_API_KEY";
/// The vendor's command line and Python client read the first one, its Rust crate the second.
const WORKSPACE: [&str; 2] = ["HOTDATA_WORKSPACE", "HOTDATA_WORKSPACE_ID"];
const DATABASE: &str = "HOTDATA_DATABASE";
const API_URL: &str = "HOTDATA_API_URL";
/// Variables that begin like this are meant for Hotdata.
const PREFIX: &str = "HOTDATA";
const KNOWN: [&str; 5] = [API_KEY, WORKSPACE[0], WORKSPACE[1], DATABASE, API_URL];

/// The API key of Hotdata, the workspace and the database that calls are for, and the address of the API.
///
/// Each value is looked up by itself: first on the [builder](Credentials::builder), then in the
/// environment. An empty variable counts as missing.
///
/// | Value | Environment variable | If it is missing |
/// |---|---|---|
/// | [`api_key`](CredentialsBuilder::api_key) | `HOTDATA_API_KEY` | an error, unless [`without_api_key`](CredentialsBuilder::without_api_key) was called |
/// | [`workspace_id`](CredentialsBuilder::workspace_id) | `HOTDATA_WORKSPACE`, else `HOTDATA_WORKSPACE_ID` | only the operations about workspaces can be sent |
/// | [`database_id`](CredentialsBuilder::database_id) | `HOTDATA_DATABASE` | a call that needs a database has to name one |
/// | [`base_url`](CredentialsBuilder::base_url) | `HOTDATA_API_URL` | [`DEFAULT_BASE_URL`] |
///
/// `Debug` does not show the key.
///
/// ```
/// use controlplane::hotdata::Credentials;
///
/// let env = [("HOTDATA_API_KEY", "made-up"), ("HOTDATA_WORKSPACE", "ws_1")];
/// let credentials = Credentials::builder().env(env).workspace_id("ws_2").build()?;
/// assert_eq!(credentials.workspace_id(), Some("ws_2"));
/// assert_eq!(credentials.base_url(), "https://api.hotdata.dev");
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    api_key: Option<SecretString>,
    workspace_id: Option<String>,
    database_id: Option<String>,
    base_url: String,
    sources: Sources,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("base_url", &self.base_url)
            .field("workspace_id", &self.workspace_id)
            .field("database_id", &self.database_id)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the credentials from the environment.
    ///
    /// # Errors
    ///
    /// As [`CredentialsBuilder::build`].
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder. Values that are not set are read from the environment.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }

    /// Returns the API key.
    pub fn api_key(&self) -> Option<&SecretString> {
        self.api_key.as_ref()
    }

    /// Returns the workspace that calls are for.
    pub fn workspace_id(&self) -> Option<&str> {
        self.workspace_id.as_deref()
    }

    /// Returns the database of calls that need or take one and name none.
    pub fn database_id(&self) -> Option<&str> {
        self.database_id.as_deref()
    }

    /// Returns the base URL of the API, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the place from which a field came: `api_key`, `workspace_id`, `database_id` or `base_url`.
    /// `None` for a field without a value, and for another name.
    pub fn origin(&self, field: &str) -> Option<&Origin> {
        self.sources.origin(field)
    }

    /// Returns what looks wrong with the places of the values: quotes around a value, a variable whose name is
    /// nearly that of one that is read. It contains no value. `None` if nothing does.
    pub fn hint(&self) -> Option<&str> {
        self.sources.hint()
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn set_database_id(&mut self, id: String) {
        self.sources.set("database_id", &id, Origin::Argument);
        self.database_id = Some(id);
    }
}

/// Builds [`Credentials`].
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct CredentialsBuilder {
    api_key: Option<SecretString>,
    is_anonymous: bool,
    workspace_id: Option<String>,
    database_id: Option<String>,
    base_url: Option<String>,
    env: Environment,
}

impl fmt::Debug for CredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsBuilder")
            .field("base_url", &self.base_url.as_deref().map(shown_url))
            .field("workspace_id", &self.workspace_id)
            .field("database_id", &self.database_id)
            .finish_non_exhaustive()
    }
}

impl CredentialsBuilder {
    /// Sets the API key, or a JWT. Default: the environment variable `HOTDATA_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sends requests without an API key if there is none. Default: a missing key is an error of
    /// [`build`](CredentialsBuilder::build).
    ///
    /// The service responds to such requests with 401. A gateway in between may add the key. If it expects a key of
    /// its own in a header, set that with [`default_header`](super::ClientBuilder::default_header); it cannot be
    /// `Authorization`.
    pub fn without_api_key(mut self) -> Self {
        self.is_anonymous = true;
        self
    }

    /// Sets the workspace that calls are for. Default: the environment variable `HOTDATA_WORKSPACE`, else
    /// `HOTDATA_WORKSPACE_ID`.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.workspace_id = Some(id.into());
        self
    }

    /// Sets the database of calls that need or take one and name none. Default: the environment variable
    /// `HOTDATA_DATABASE`.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.database_id = Some(id.into());
        self
    }

    /// Sets the base URL of the API, with or without `/v1` at its end. Default: the environment variable
    /// `HOTDATA_API_URL`, else [`DEFAULT_BASE_URL`].
    #[doc(alias = "host")]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Reads these variables in place of the environment of the process, which is not changed.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Environment::of(vars, &[PREFIX]);
        self
    }

    /// Builds the credentials.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the key is missing ([`Error::missing_fields`]) or cannot be
    /// sent in a header, or if a variable is not Unicode; [`InvalidArgument`](ErrorKind::InvalidArgument) if another
    /// value cannot be used.
    pub fn build(self) -> Result<Credentials, Error> {
        let mut sources = Sources::default();
        let near = self.env.near_misses(PREFIX, &KNOWN).join(" ");
        let mut find = |field, given: Option<String>, names: &[&'static str]| {
            let mut found = given.map(|value| (value, Origin::Argument));
            for name in names {
                if found.is_none() {
                    found = self.env.text(name)?.map(|value| (value, Origin::Variable(name)));
                }
            }
            if let Some((value, origin)) = &found {
                sources.set(field, value, origin.clone());
            }
            Ok::<_, Error>(found)
        };
        let given = self.api_key.as_ref().map(|key| key.expose_secret().to_owned());
        let api_key = find("api_key", given, &[API_KEY])?;
        let api_key = api_key.map(|(key, origin)| (SecretString::from(key), origin));
        match &api_key {
            Some((key, Origin::Variable(name))) => check_key(key, name)?,
            Some((key, _)) => check_key(key, "the API key")?,
            None if self.is_anonymous => {}
            None => return Err(no_key(&near)),
        }
        let workspace_id = find("workspace_id", self.workspace_id.clone(), &WORKSPACE)?.map(|(id, _)| id);
        let database_id = find("database_id", self.database_id.clone(), &[DATABASE])?.map(|(id, _)| id);
        for (what, id) in [("workspace id", &workspace_id), ("database id", &database_id)] {
            if let Some(id) = id {
                check_header(&format!("using the {what}"), id)?;
            }
        }
        let base_url = match find("base_url", self.base_url.clone(), &[API_URL])? {
            Some((url, _)) => url,
            None => {
                sources.set("base_url", DEFAULT_BASE_URL, Origin::Default);
                DEFAULT_BASE_URL.to_owned()
            }
        };
        let base_url = api_root(&base_url, DEFAULT_BASE_URL, true)?.to_owned();
        if !near.is_empty() {
            sources.note(&near);
        }
        let api_key = api_key.map(|(key, _)| key);
        Ok(Credentials { api_key, workspace_id, database_id, base_url, sources })
    }
}

/// The error for a missing key. `near`: variables that may be meant to hold it.
#[cold]
fn no_key(near: &str) -> Error {
    let advice = format!(
        "Nothing was sent. Set HOTDATA_API_KEY, or call `.api_key(…)` of `Credentials::builder()`. {near}"
    );
    Error::new(ErrorKind::Credentials, "reading the credentials of Hotdata", "missing: api_key")
        .with_missing(vec!["api_key"])
        .with_advice(advice.trim_end())
}

/// Checks that a key can be sent in a header.
fn check_key(key: &SecretString, place: &str) -> Result<(), Error> {
    let text = key.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if !is_header_value(text) {
        "it has characters other than printable ASCII, or white space at an end"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Credentials, format!("reading {place}"), why)
        .with_advice("Copy the key again from the Hotdata console."))
}

/// True if the text can be sent in a header as it is.
fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b)) && text.trim_matches(' ').len() == text.len()
}

/// Checks that a value can be sent in a header.
pub(super) fn check_header(attempted: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::invalid(attempted, "it is empty"));
    }
    if !is_header_value(value) {
        let happened = format!("{value:?} has characters other than printable ASCII, or a space at an end");
        return Err(Error::invalid(attempted, happened));
    }
    Ok(())
}

/// Headers that the client sets itself.
const RESERVED: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-database-id",
    "x-upload-finalize-token",
    "x-workspace-id",
];

/// Checks a header that all requests are to have.
pub(super) fn check_default_header(name: &str, value: &SecretString) -> Result<(), Error> {
    let attempted = format!("using the default header {name:?}");
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Error::invalid(attempted, "it is not a valid header name"));
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(Error::invalid(attempted, "the client sets this header itself").with_advice(
            "Remove it. The key, the workspace and the database are set in the credentials, and the user agent on the builder.",
        ));
    }
    if !is_header_value(value.expose_secret()) {
        return Err(Error::invalid(attempted, "its value is not printable ASCII"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> CredentialsBuilder {
        Credentials::builder().env([("", ""); 0])
    }

    #[test]
    fn a_missing_key_is_named_with_the_places_where_it_can_be_set() {
        let error = builder().build().unwrap_err();
        assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, &["api_key"][..]));
        let shown = error.to_string();
        assert!(shown.contains("HOTDATA_API_KEY") && shown.contains(".api_key("), "{shown}");
        assert!(builder().without_api_key().build().unwrap().api_key().is_none());
        assert!(builder().without_api_key().api_key("k").build().unwrap().api_key().is_some());
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?} {:?}", builder().api_key("hunter2"), builder().api_key("hunter2").build());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
