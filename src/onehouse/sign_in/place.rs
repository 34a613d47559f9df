//! Where the session of a host is kept.

use std::path::{Path, PathBuf};

use crate::client::checked_base_url;
use crate::error::Error;
use crate::onehouse::credentials::DEFAULT_BASE_URL;
use crate::transport::is_loopback;

use super::session_file::{SessionFile, Unusable};

/// The issuer of the tokens of one host, and the file of its session.
#[derive(Clone, Debug)]
pub(in crate::onehouse) struct Place {
    pub(super) issuer: String,
    pub(super) file: SessionFile,
}

impl Place {
    /// `directory`: that of all sessions.
    pub(in crate::onehouse) fn new(base_url: &str, directory: &Path) -> Result<Self, Error> {
        let issuer = issuer(base_url)?;
        let file = SessionFile::new(directory.join(file_name(&issuer)));
        Ok(Self { issuer, file })
    }

    /// Looks whether there is a session. Sends nothing.
    pub(in crate::onehouse) fn find(&self) -> Result<(), NotFound> {
        let path = self.file.path();
        self.file.read().map(drop).map_err(|why| NotFound {
            happened: why.describe(path),
            advice: why.advice(),
            is_missing: matches!(why, Unusable::Missing),
        })
    }

    /// True if tokens would cross a network in clear text. The file's name has no scheme, so the session may
    /// be that of https.
    pub(in crate::onehouse) fn is_exposed(&self) -> bool {
        self.issuer.strip_prefix("http://").is_some_and(|authority| {
            let host = match authority.strip_prefix('[') {
                Some(rest) => rest.split(']').next(),
                None => authority.split(':').next(),
            };
            !is_loopback(host.unwrap_or_default())
        })
    }

    /// The directory of all sessions below the home directory, that of the vendor's CLI 0.4.0.
    pub(in crate::onehouse) fn directory(home: &Path) -> PathBuf {
        home.join(".onehouse").join("sessions")
    }
}

/// Why there is no session.
pub(in crate::onehouse) struct NotFound {
    pub(in crate::onehouse) happened: String,
    pub(in crate::onehouse) advice: &'static str,
    /// There is no file: most likely nobody has signed in.
    pub(in crate::onehouse) is_missing: bool,
}

/// Scheme, host and port of the base URL. An issuer has no path, whatever the base URL has.
fn issuer(base_url: &str) -> Result<String, Error> {
    let url = checked_base_url("base URL", base_url, DEFAULT_BASE_URL)?;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    Ok(format!("{}://{authority}", scheme.to_ascii_lowercase()))
}

/// `<host[_port]>.json`. The host of a checked base URL has no character that a path could not have.
fn file_name(issuer: &str) -> String {
    let authority = issuer.split_once("://").map_or(issuer, |(_, authority)| authority);
    format!("{}.json", authority.to_lowercase().replace(':', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_not_sent_in_clear_text_over_a_network() {
        for (base_url, is_exposed) in [
            ("https://api.onehouse.ai", false),
            ("http://api.onehouse.ai", true),
            ("http://api.onehouse.ai:8080", true),
            ("http://10.0.0.3", true),
            ("http://[2001:db8::1]:80", true),
            ("http://127.0.0.1:8089", false),
            ("http://localhost:8089", false),
            ("http://[::1]:8089", false),
        ] {
            let place = Place::new(base_url, Path::new("d")).unwrap();
            assert_eq!(place.is_exposed(), is_exposed, "{base_url}");
        }
    }

    #[test]
    fn issuer_and_file_are_those_of_the_vendors_tools() {
        for (base_url, wanted, file) in [
            ("https://api.onehouse.ai", "https://api.onehouse.ai", "api.onehouse.ai.json"),
            ("https://api.onehouse.ai/v1/", "https://api.onehouse.ai", "api.onehouse.ai.json"),
            (
                "HTTPS://API.Onehouse.AI:8443/x/v1",
                "https://API.Onehouse.AI:8443",
                "api.onehouse.ai_8443.json",
            ),
            ("http://127.0.0.1:8089", "http://127.0.0.1:8089", "127.0.0.1_8089.json"),
            ("http://[::1]:8089", "http://[::1]:8089", "[__1]_8089.json"),
        ] {
            let place = Place::new(base_url, Path::new("sessions")).unwrap();
            assert_eq!(place.issuer, wanted);
            assert_eq!(place.file.path(), Path::new("sessions").join(file));
        }
        for wrong in ["api.onehouse.ai", "ftp://h", "https://", "https://a@h", "https://../x"] {
            let place = Place::new(wrong, Path::new("sessions"));
            assert!(place.as_ref().is_err() || !place.unwrap().file.path().ends_with(".."), "{wrong}");
        }
    }
}
