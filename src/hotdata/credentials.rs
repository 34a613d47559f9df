//! Credentials: the API key, the workspace, the database and the address of the API.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::client::{Environment, Origin, Sources, api_root};
use crate::error::{Error, ErrorKind};
use crate::http::shown_url;

/// The default base URL of the API, the same as in the vendor's Python client hotdata 0.12.0.
pub const DEFAULT_BASE_URL: &str = "https://api.hotdata.dev";

const API_KEY: &str = "HOTDATA_API_KEY";
/// The vendor's command line and Python client read the first one, its Rust crate the second.
const WORKSPACE: [&str; 2] = ["HOTDATA_WORKSPACE", "HOTDATA_WORKSPACE_ID"];
const DATABASE: &str = "HOTDATA_DATABASE";
const API_URL: &str = "HOTDATA_API_URL";
/// Variables that begin like this are meant for Hotdata.
const PREFIX: &str = "HOTDATA";
const KNOWN: [&str; 5] = [API_KEY, WORKSPACE[0], WORKSPACE[1], DATABASE, API_URL];

/// Credentials of Hotdata: the API key, the workspace, the default database and the base URL of the API.
///
/// Each value is looked up separately: first on the [builder](Credentials::builder), then in its environment
/// variable. An empty variable counts as missing.
///
/// | Value | Environment variable | If it is missing |
/// |---|---|---|
/// | [`api_key`](CredentialsBuilder::api_key) | `HOTDATA_API_KEY` | an error, unless [`without_api_key`](CredentialsBuilder::without_api_key) was called |
/// | [`workspace_id`](CredentialsBuilder::workspace_id) | `HOTDATA_WORKSPACE`, else `HOTDATA_WORKSPACE_ID` | only the operations about workspaces ([`Client::workspaces`](super::client::Client::workspaces)) can be sent |
/// | [`database_id`](CredentialsBuilder::database_id) | `HOTDATA_DATABASE` | each call that needs a database has to name it |
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
    /// The same as those of [`CredentialsBuilder::build`].
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Returns a builder. Values that are not set are read from the environment.
    pub fn builder() -> CredentialsBuilder {
        CredentialsBuilder::default()
    }

    /// Returns the API key. `None` if there is none, which
    /// [`without_api_key`](CredentialsBuilder::without_api_key) allows.
    pub fn api_key(&self) -> Option<&SecretString> {
        self.api_key.as_ref()
    }

    /// Returns the id of the workspace that calls use.
    pub fn workspace_id(&self) -> Option<&str> {
        self.workspace_id.as_deref()
    }

    /// Returns the id of the default database: calls that need or accept a database use it if they name none.
    pub fn database_id(&self) -> Option<&str> {
        self.database_id.as_deref()
    }

    /// Returns the base URL of the API, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the place from which the value of a field came. The fields are `api_key`, `workspace_id`,
    /// `database_id` and `base_url`. `None` if the field has no value or does not exist.
    pub fn origin(&self, field: &str) -> Option<&Origin> {
        self.sources.origin(field)
    }

    /// Returns a text about likely mistakes: a value between quotes, or an environment variable whose name is
    /// similar to one that is read. The text contains no value. `None` if there is no sign of a mistake.
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

/// Builds [`Credentials`]: see there for the environment variables that are read for values not set here.
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
    /// Sets the API key; a JWT is accepted too. Default: the environment variable `HOTDATA_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Allows credentials without an API key: requests are sent without it if it is set nowhere. Default: a
    /// missing key is an error of [`build`](CredentialsBuilder::build).
    ///
    /// The service responds with 401 to requests without a key. Use this method if a gateway between the
    /// client and the service adds the key. If the gateway expects a key of its own in a header, set the
    /// header with [`default_header`](super::ClientBuilder::default_header); `Authorization` cannot be set
    /// there.
    pub fn without_api_key(mut self) -> Self {
        self.is_anonymous = true;
        self
    }

    /// Sets the id of the workspace that calls use. Default: the environment variable `HOTDATA_WORKSPACE`,
    /// else `HOTDATA_WORKSPACE_ID`.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.workspace_id = Some(id.into());
        self
    }

    /// Sets the id of the default database: calls that need or accept a database use it if they name none.
    /// Default: the environment variable `HOTDATA_DATABASE`.
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

    /// Sets the environment variables to read, in place of those of the process. Names that do not begin with
    /// `HOTDATA` are ignored, and the environment of the process is not changed.
    pub fn env<K: Into<String>, V: Into<String>>(mut self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        self.env = Environment::of(vars, &[PREFIX]);
        self
    }

    /// Builds the credentials.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) if the API key is missing ([`Error::missing_fields`] then has
    /// `api_key`) or cannot be sent in a header, or if a variable is not Unicode;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the workspace id or the database id cannot be sent
    /// in a header, or if the base URL is not valid.
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
        "it has characters other than printable ASCII, or begins or ends with a space"
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
        return Err(Error::invalid(attempted, "it is empty").with_advice("Set an id, or leave it out."));
    }
    if !is_header_value(value) {
        let happened =
            format!("{value:?} has characters other than printable ASCII, or begins or ends with a space");
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
        return Err(Error::invalid(attempted, "the name is not a valid header name"));
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(Error::invalid(attempted, "the client sets this header itself").with_advice(
            "Remove it. Set the API key, the workspace and the database in the credentials, and the user agent with `.user_agent(…)` of the client's builder.",
        ));
    }
    if !is_header_value(value.expose_secret()) {
        return Err(Error::invalid(
            attempted,
            "the value has characters other than printable ASCII, or begins or ends with a space",
        ));
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
