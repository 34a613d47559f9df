//! What makes a request one of this account, and what answers mean.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::client::checked_base_url;
use crate::engine::{Judgement, Service};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Headers, Request, Response};
use crate::redact::{REDACTED, Redacted};

use super::client::Setup;
use super::credentials::{DEFAULT_BASE_URL, checked_key, key_from_env};
use super::org::OrgInfo;
use super::project::Project;
use super::wire::Envelope;

/// What makes a request one of this account: root and headers. Remembers what it was told of the organization.
pub struct Protocol {
    root: String,
    headers: Headers,
    secrets: Vec<SecretString>,
    /// The client's choice.
    pub(crate) project: Option<Project>,
    org: Mutex<Option<Arc<OrgInfo>>>,
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol")
            .field("root", &self.root)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

/// What every request says of itself, key or not.
pub(crate) fn plain_headers() -> Headers {
    let mut headers = Headers::new();
    headers.push("Accept", "application/json");
    headers
}

impl Protocol {
    pub(crate) fn new(setup: Setup) -> Result<Self, Error> {
        let key = match setup.key {
            Some(key) => checked_key(key, "the API key")?,
            None => key_from_env()?,
        };
        let mut headers = plain_headers();
        // The bare key, without a scheme: so the vendor's client and pages have it.
        headers.push("Authorization", key.expose_secret());
        Ok(Self {
            root: checked_base_url(setup.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL), DEFAULT_BASE_URL)?
                .to_owned(),
            headers,
            secrets: vec![key],
            project: setup.project,
            org: Mutex::new(None),
        })
    }

    /// A request as it is sent: with the root and the key.
    pub(crate) fn complete(&self, mut request: Request) -> Request {
        request.base_url.clone_from(&self.root);
        request.headers = self.headers.clone();
        if request.body.is_some() {
            request.headers.push("Content-Type", "application/json");
        }
        request
    }

    /// What org-info said last.
    pub(crate) fn org(&self) -> Option<Arc<OrgInfo>> {
        self.org.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn remember(&self, org: OrgInfo) -> Arc<OrgInfo> {
        let org = Arc::new(org);
        *self.org.lock().unwrap_or_else(PoisonError::into_inner) = Some(org.clone());
        org
    }
}

impl Service for Protocol {
    /// The `message` of the envelope; of a body that has none, the whole.
    fn explain(&self, response: &Response) -> Option<String> {
        let text = match Envelope::read(response) {
            Ok(Envelope { message: Some(message), .. }) if !message.trim().is_empty() => message,
            _ => without_passwords(&String::from_utf8_lossy(&response.body)),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn message(&self, response: &Response) -> Option<String> {
        Envelope::read(response).ok()?.message
    }

    fn code(&self, response: &Response) -> Option<String> {
        Some(Envelope::read(response).ok()?.code?.to_string())
    }

    /// A failing `code` counts as much as a failing status: as the status of that number, if there is one.
    fn status(&self, response: &Response) -> u16 {
        match Envelope::read(response) {
            Ok(envelope) if response.is_success() && !envelope.is_success() => envelope
                .code
                .and_then(|code| u16::try_from(code).ok())
                .filter(|code| (400..600).contains(code))
                .unwrap_or(400),
            _ => response.status,
        }
    }

    fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    fn how_to_check(&self) -> &'static str {
        "Look with `cluster` or `clusters` whether it took effect"
    }

    // A plain call is no operation. What waits has a service of its own: see wait.rs.

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("a plain call gives no id".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        self.complete(super::org::org_info_request())
    }

    fn judge(&self, _: &Response) -> Result<Judgement, String> {
        Err("a plain call has no status".to_owned())
    }
}

/// A success whose payload makes no sense. `changes`: of a call that changes something, which was probably taken.
#[cold]
pub(crate) fn unusable(label: &str, changes: bool, response: &Response, why: &str) -> Error {
    let (kind, advice) = if changes {
        (
            ErrorKind::OutcomeUnknown,
            "It was probably taken, so it was not sent again. Look with `cluster` or `clusters` before you repeat it.",
        )
    } else {
        (ErrorKind::UnexpectedResponse, "Is this the address of the service, or of a proxy in between?")
    };
    let body = without_passwords(&String::from_utf8_lossy(&response.body));
    Error::new(kind, label, format!("HTTP {}, but {}", response.status, shown(why)))
        .with_status(response.status)
        .with_body(body)
        .with_advice(advice)
}

/// A body as it may stand in an error. A description of a cluster has the password of its administrator in it.
pub(crate) fn without_passwords(body: &str) -> String {
    if !body.contains("password") {
        return body.to_owned();
    }
    match serde_json::from_str::<Value>(body) {
        Ok(json) => Redacted(&json).to_string(),
        // Cut off, perhaps, in the middle of one.
        Err(_) => REDACTED.to_owned(),
    }
}
