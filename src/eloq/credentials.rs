//! The API key: where it is looked up, and what it may hold.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind};

/// The base URL where none is given: the one of the vendor's client 0.1.4.
pub const DEFAULT_BASE_URL: &str = "https://api-prod.eloqdata.com/api/v1/";

/// Where the API key is looked up: as in the vendor's client.
const API_KEY: &str = "ELOQ_API_KEY";

pub(super) fn key_from_env() -> Result<SecretString, Error> {
    match std::env::var(API_KEY) {
        Ok(key) if !key.is_empty() => checked_key(key.into(), API_KEY),
        Err(std::env::VarError::NotUnicode(_)) => Err(refused_key(API_KEY, "it is not text")),
        _ => Err(Error::new(ErrorKind::Credentials, "reading credentials", "there is no api_key")
            .with_missing(vec!["api_key"])
            .with_advice(format!(
                "Set {API_KEY}, or give a key to `Client::from_key`. Keys are made in the EloqCloud console, \
                 Settings, API Keys."
            ))),
    }
}

/// A key that can travel in a header.
pub(super) fn checked_key(key: SecretString, place: &str) -> Result<SecretString, Error> {
    let text = key.expose_secret();
    let why = if text.is_empty() {
        "it is empty"
    } else if text.chars().any(char::is_control) {
        "it holds a control character"
    } else if text.trim().len() != text.len() {
        "it begins or ends with white space"
    } else {
        return Ok(key);
    };
    Err(refused_key(place, why))
}

fn refused_key(place: &str, why: &str) -> Error {
    Error::new(ErrorKind::Credentials, format!("reading {place}"), why)
        .with_advice("Copy the key anew from the EloqCloud console.")
}
