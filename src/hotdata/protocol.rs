//! Requests of one account, and the reading of failed responses.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::engine::service::{RetryAdvice, Words};
use crate::engine::{Failure, Service};
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};
use crate::redact::Secrets;

use super::client::Setup;
use super::credentials::{Credentials, check_default_header, check_header};
use super::endpoint::Scope;

/// The value of `Accept-Encoding`: results as JSON can be large.
const ACCEPTED_ENCODING: &str = "gzip";

pub(super) const WORKSPACE_HEADER: &str = "X-Workspace-Id";
pub(super) const DATABASE_HEADER: &str = "X-Database-Id";
pub(super) const FINALIZE_TOKEN_HEADER: &str = "X-Upload-Finalize-Token";

/// The address, the key and the headers of the requests of this account, and the values that errors must not
/// show.
pub struct Protocol {
    credentials: Credentials,
    headers: Vec<(String, SecretString)>,
    secrets: Secrets,
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Adds the headers that every request has, unless the request has them already.
pub(super) fn plain_headers(method: Method, headers: &mut Headers) {
    if headers.get("Accept").is_none() {
        headers.push("Accept", "application/json");
    }
    if headers.get("Accept-Encoding").is_none() {
        headers.push("Accept-Encoding", ACCEPTED_ENCODING);
    }
    // The vendor's client (hotdata 0.12.0) also sends it where the body is left out.
    if method.has_body() && headers.get("Content-Type").is_none() {
        headers.push("Content-Type", "application/json");
    }
}

impl Protocol {
    pub(super) fn new(setup: Setup) -> Result<Self, Error> {
        let Setup { credentials, database_id, headers } = setup;
        let mut credentials = match credentials {
            Some(credentials) => credentials,
            None => Credentials::from_env()?,
        };
        if let Some(id) = database_id {
            check_header("using the database id", &id)?;
            credentials.set_database_id(id);
        }
        for (name, value) in &headers {
            check_default_header(name, value)?;
        }
        let values = headers.iter().map(|(_, value)| value);
        let secrets: Vec<_> = credentials.api_key().into_iter().chain(values).cloned().collect();
        Ok(Self { credentials, headers, secrets: secrets.into() })
    }

    /// The address of the service.
    pub(super) fn base_url(&self) -> &str {
        self.credentials.base_url()
    }

    /// The workspace of the account.
    pub(super) fn workspace_id(&self) -> Option<&str> {
        self.credentials.workspace_id()
    }

    /// The client's database.
    pub(super) fn database_id(&self) -> Option<&str> {
        self.credentials.database_id()
    }

    /// The database of a call: its own, else the client's.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if neither names one.
    pub(super) fn database(&self, label: &str, named: Option<&str>) -> Result<String, Error> {
        let named = named.or(self.credentials.database_id()).filter(|id| !id.is_empty());
        named.map(str::to_owned).ok_or_else(|| no_database(label))
    }

    /// Completes a request: with the address, the key, the workspace, and the database where it needs one.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) without a workspace, and
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) without a database, where one is needed.
    pub(super) fn complete(&self, label: &str, scope: Scope, mut request: Request) -> Result<Request, Error> {
        request.base_url = self.base_url().to_owned();
        plain_headers(request.method, &mut request.headers);
        if let Some(key) = self.credentials.api_key() {
            request.headers.push_secret("Authorization", format!("Bearer {}", key.expose_secret()));
        }
        if scope != Scope::Account {
            let workspace = self.credentials.workspace_id();
            request.headers.push(WORKSPACE_HEADER, workspace.ok_or_else(|| no_workspace(label, &request))?);
        }
        if matches!(scope, Scope::Database | Scope::OptionalDatabase)
            && request.headers.get(DATABASE_HEADER).is_none()
        {
            match self.credentials.database_id() {
                Some(id) => request.headers.push(DATABASE_HEADER, id),
                None if scope == Scope::Database => return Err(no_database(label)),
                None => {}
            }
        }
        for (name, value) in &self.headers {
            request.headers.push_secret(name.clone(), value.clone());
        }
        Ok(request)
    }
}

#[cold]
fn no_workspace(label: &str, request: &Request) -> Error {
    let happened = format!("{} {} needs a workspace, and none is set", request.method.as_str(), request.path);
    Error::new(ErrorKind::Credentials, label, happened).with_missing(vec!["workspace_id"]).with_advice(
        "Nothing was sent. Set HOTDATA_WORKSPACE, or call `.workspace_id(…)` of `Credentials::builder()`.",
    )
}

#[cold]
fn no_database(label: &str) -> Error {
    Error::invalid(label, "this call needs a database, and none is set").with_missing(vec!["database_id"]).with_advice(
        "Nothing was sent. Set it with `.database_id(…)`, on the call or on the client's builder, or set HOTDATA_DATABASE.",
    )
}

/// The code and the message of an error. The error is an object with both, an object without a code, or the
/// code alone.
#[derive(Default)]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
}

impl ErrorBody {
    fn read(response: &Response) -> Self {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        match body.get("error") {
            Some(Value::String(code)) => Self { code: Some(code.clone()), message: None },
            Some(error @ Value::Object(_)) => {
                Self { code: text(error, "code"), message: text(error, "message") }
            }
            _ => Self::default(),
        }
    }
}

/// The code of the one conflict that passes: another load holds the table.
pub(super) const RESOURCE_LOCKED: &str = "RESOURCE_LOCKED";

impl Service for Protocol {
    fn name(&self) -> &'static str {
        "hotdata"
    }

    fn failure(&self, response: &Response) -> Option<Failure> {
        let ErrorBody { code, message } = ErrorBody::read(response);
        let mut failure = Failure::of(response)?.with_words(code, message);
        let code = failure.code.as_deref();
        // A code is shown by itself, and the body around it says nothing more.
        if code.is_some() && failure.message.as_deref().is_none_or(|message| message.trim().is_empty()) {
            failure.explanation = None;
        }
        failure.retry = match (response.status, code) {
            // The operation ended, without a result.
            (503, Some("PERSISTENCE_UNAVAILABLE" | "RESOURCE_EXHAUSTED")) => RetryAdvice::Never,
            // What the service documents as passing has a `Retry-After`.
            (503, _) if response.headers.get("retry-after").is_some() => RetryAdvice::ByStatus,
            (500..=599, _) => RetryAdvice::NotForReads,
            _ => RetryAdvice::ByStatus,
        };
        failure.advice = match (response.status, code) {
            (401, _) if self.credentials.api_key().is_none() => {
                Some("Set HOTDATA_API_KEY, or call `.api_key(…)` of `Credentials::builder()`.")
            }
            (401, _) => Some("Check the API key, and that it was not deleted or revoked."),
            (404, _) => {
                Some("Check the id, and that it belongs to the workspace and the database of the call.")
            }
            (503, Some("PERSISTENCE_UNAVAILABLE" | "RESOURCE_EXHAUSTED")) => Some(
                "The operation has ended without a result. If it changes data, check whether it took effect before you send it again.",
            ),
            (409, Some(RESOURCE_LOCKED)) => Some(
                "Nothing was loaded. Send the load again when the other load of the table has ended. To let it retry for longer, use `.when_locked(…)`.",
            ),
            _ => None,
        };
        Some(failure)
    }

    fn secrets(&self) -> Option<&Secrets> {
        Some(&self.secrets)
    }

    fn words(&self, payload: &Value) -> Words {
        // Of a job, or of the run of a query.
        let message = payload["error_message"].as_str().filter(|message| !message.trim().is_empty());
        Words { code: None, message: message.map(str::to_owned) }
    }

    fn about_credentials(&self) -> Option<&str> {
        self.credentials.sources().hint()
    }

    fn how_to_check(&self) -> &'static str {
        "Check with a `get` or `list` call whether it took effect"
    }
}
