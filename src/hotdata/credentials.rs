//! Whose account, which workspace, which address: what was given, else what the environment says.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::client::checked_base_url;
use crate::error::{Error, ErrorKind};

/// The base URL where none is given (reference of the vendor's client 0.12.0).
pub const DEFAULT_BASE_URL: &str = "https://api.hotdata.dev";

const API_KEY: &str = "HOTDATA_API_KEY";
/// The vendor's command line and Python client read the first one, its Rust crate the second.
const WORKSPACE: [&str; 2] = ["HOTDATA_WORKSPACE", "HOTDATA_WORKSPACE_ID"];
const DATABASE: &str = "HOTDATA_DATABASE";
const API_URL: &str = "HOTDATA_API_URL";

/// What the builder collects.
#[derive(Default)]
pub struct Setup {
    pub(super) api_key: Option<SecretString>,
    pub(super) workspace_id: Option<String>,
    pub(super) database_id: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) headers: Vec<(String, SecretString)>,
    pub(super) env: Option<BTreeMap<String, String>>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("workspace_id", &self.workspace_id)
            .field("database_id", &self.database_id)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// The same, looked up and checked.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) api_key: Option<SecretString>,
    pub(super) workspace_id: Option<String>,
    pub(super) database_id: Option<String>,
    /// Without a slash at its end.
    pub(super) base_url: String,
    pub(super) headers: Vec<(String, SecretString)>,
}

impl Setup {
    fn var(&self, name: &'static str) -> Result<Option<String>, Error> {
        let value = match &self.env {
            Some(env) => env.get(name).cloned(),
            None => match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => None,
                Err(std::env::VarError::NotUnicode(_)) => {
                    let place = format!("reading {name}");
                    return Err(Error::new(ErrorKind::Credentials, place, "it is not text"));
                }
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    pub(super) fn resolve(self) -> Result<Account, Error> {
        let api_key = match &self.api_key {
            Some(key) => Some((key.clone(), "the API key")),
            None => self.var(API_KEY)?.map(|key| (key.into(), API_KEY)),
        };
        if let Some((key, place)) = &api_key {
            check_key(key, place)?;
        }
        let workspace_id = match &self.workspace_id {
            Some(id) => Some(id.clone()),
            None => match self.var(WORKSPACE[0])? {
                Some(id) => Some(id),
                None => self.var(WORKSPACE[1])?,
            },
        };
        let database_id = match &self.database_id {
            Some(id) => Some(id.clone()),
            None => self.var(DATABASE)?,
        };
        for (what, id) in [("workspace id", &workspace_id), ("database id", &database_id)] {
            if let Some(id) = id {
                check_header(&format!("using the {what}"), id)?;
            }
        }
        let base_url = match &self.base_url {
            Some(url) => url.clone(),
            None => self.var(API_URL)?.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        };
        for (name, value) in &self.headers {
            check_default_header(name, value)?;
        }
        Ok(Account {
            api_key: api_key.map(|(key, _)| key),
            workspace_id,
            database_id,
            base_url: checked_base_url(&base_url, DEFAULT_BASE_URL)?.to_owned(),
            headers: self.headers,
        })
    }
}

/// A key that can travel in a header.
fn check_key(key: &SecretString, place: &str) -> Result<(), Error> {
    let text = key.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if !is_header_value(text) {
        "it holds something else than printable ASCII characters, or begins or ends with white space"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Credentials, format!("reading {place}"), why)
        .with_advice("Copy the key anew from the Hotdata console."))
}

/// What can stand in a header as it is.
pub(super) fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b)) && text.trim_matches(' ').len() == text.len()
}

/// Refuses what cannot be sent as a header, or says nothing.
pub(super) fn check_header(attempted: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::invalid(attempted, "it is empty"));
    }
    if !is_header_value(value) {
        return Err(Error::invalid(
            attempted,
            format!(
                "{value:?} holds something else than printable ASCII characters, or begins or ends with a space"
            ),
        ));
    }
    Ok(())
}

/// Headers that are ours to set.
const RESERVED: [&str; 10] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-workspace-id",
];

fn check_default_header(name: &str, value: &SecretString) -> Result<(), Error> {
    let attempted = format!("using the default header {name:?}");
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Error::invalid(attempted, "it is not a header's name"));
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&lower.as_str()) || lower == "x-database-id" || lower == "x-upload-finalize-token" {
        return Err(Error::invalid(attempted, "the client sets this header itself")
            .with_advice("Use the builder's own methods for key, workspace, database and user agent."));
    }
    if !is_header_value(value.expose_secret()) {
        return Err(Error::invalid(attempted, "its value is not printable ASCII"));
    }
    Ok(())
}
