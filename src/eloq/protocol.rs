//! Requests of one account, and how failed responses are read.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::client::Sources;
use crate::engine::failure::unreadable;
use crate::engine::service::nonempty;
use crate::engine::{Effect, Failure, Service};
use crate::error::Error;
use crate::http::{Headers, Request, Response};
use crate::redact::{REDACTED, Redacted, Secrets};

use super::client::Setup;
use super::credentials::Credentials;
use super::org::OrgInfo;
use super::project::Project;
use super::wire::Envelope;

const HOW_TO_CHECK: &str = "Check with `cluster` or `clusters` whether it took effect";

/// Address and headers of an account, and what the client remembers of the organization.
pub struct Protocol {
    root: String,
    headers: Headers,
    secrets: Secrets,
    sources: Sources,
    pub(crate) project: Option<Project>,
    /// The organization, once org-info has been read.
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

/// The headers of all requests, without the key.
pub(crate) fn plain_headers() -> Headers {
    let mut headers = Headers::new();
    headers.push("Accept", "application/json");
    headers
}

impl Protocol {
    pub(crate) fn new(setup: Setup) -> Result<Self, Error> {
        let credentials = setup.credentials.map_or_else(Credentials::from_env, Ok)?;
        let mut headers = plain_headers();
        // The bare key without a scheme, as in the vendor's client (eloq-sdk 0.1.4) and on its HTTP pages.
        headers.push_secret("Authorization", credentials.api_key().clone());
        Ok(Self {
            root: credentials.base_url().to_owned(),
            headers,
            secrets: vec![credentials.api_key().clone()].into(),
            sources: credentials.sources().clone(),
            project: setup.project,
            org: Mutex::new(None),
        })
    }

    /// The address of the API.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// Adds address and headers.
    pub(crate) fn complete(&self, mut request: Request) -> Request {
        request.base_url.clone_from(&self.root);
        request.headers = self.headers.clone();
        if request.body.is_some() {
            request.headers.push("Content-Type", "application/json");
        }
        request
    }

    /// The organization as it was last read.
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
    fn name(&self) -> &'static str {
        "eloq"
    }

    /// A failing code in a 200 is a failure too; its code is the status if it can be one.
    fn failure(&self, response: &Response) -> Option<Failure> {
        let envelope = Envelope::read(response);
        let mut failure = match &envelope {
            Ok(envelope) if response.is_success() && !envelope.is_success() => {
                let code = envelope.code.as_deref().and_then(|code| code.parse::<u16>().ok());
                let status = code.filter(|code| (400..600).contains(code)).unwrap_or(400);
                Failure { status, ..Failure::default() }
            }
            _ => Failure::of(response)?,
        };
        let (code, message) = match envelope {
            Ok(envelope) => (envelope.code, envelope.message),
            Err(_) => (None, None),
        };
        if failure.status == 401 {
            failure.advice = Some(
                "Check the API key: EloqCloud console, Settings, API Keys. A revoked key is not accepted.",
            );
        }
        failure.explanation = nonempty(&without_passwords(&String::from_utf8_lossy(&response.body)));
        Some(failure.with_words(code, message))
    }

    fn secrets(&self) -> Option<&Secrets> {
        Some(&self.secrets)
    }

    fn about_credentials(&self) -> Option<&str> {
        self.sources.hint()
    }

    fn how_to_check(&self) -> &'static str {
        HOW_TO_CHECK
    }
}

/// The error for a success that cannot be read.
#[cold]
pub(crate) fn unusable(label: &str, effect: Effect, response: &Response, why: &str) -> Error {
    unreadable(label, effect, response, why, HOW_TO_CHECK, None)
        .with_body(without_passwords(&String::from_utf8_lossy(&response.body)))
}

/// The text of a response without the passwords of clusters: responses about clusters contain them.
pub(crate) fn without_passwords(body: &str) -> String {
    if !body.contains("password") {
        return body.to_owned();
    }
    match serde_json::from_str::<Value>(body) {
        Ok(json) => Redacted(&json).to_string(),
        // It may be cut off in the middle of a password.
        Err(_) => REDACTED.to_owned(),
    }
}
