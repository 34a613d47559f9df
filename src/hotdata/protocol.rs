//! What makes a request one of this account, and what answers mean.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::engine::retry::{Verdict, judge_status};
use crate::engine::{Effect, Judgement, Service};
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};
use crate::transport::encoding::ACCEPTED;

use super::command::Scope;
use super::credentials::{Account, Setup};

pub(super) const WORKSPACE_HEADER: &str = "X-Workspace-Id";
pub(super) const DATABASE_HEADER: &str = "X-Database-Id";
pub(super) const FINALIZE_TOKEN_HEADER: &str = "X-Upload-Finalize-Token";

/// What makes a request one of this account: root and headers.
pub struct Protocol {
    account: Account,
    secrets: Vec<SecretString>,
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol")
            .field("base_url", &self.account.base_url)
            .field("workspace_id", &self.account.workspace_id)
            .field("database_id", &self.account.database_id)
            .finish_non_exhaustive()
    }
}

/// What every request says of itself, but for what it says already.
pub(super) fn plain_headers(method: Method, headers: &mut Headers) {
    if headers.get("Accept").is_none() {
        headers.push("Accept", "application/json");
    }
    if headers.get("Accept-Encoding").is_none() {
        headers.push("Accept-Encoding", ACCEPTED);
    }
    // Also where a body may be left out, as the vendor's client has it.
    if method.has_body() && headers.get("Content-Type").is_none() {
        headers.push("Content-Type", "application/json");
    }
}

impl Protocol {
    pub(super) fn new(setup: Setup) -> Result<Self, Error> {
        let account = setup.resolve()?;
        let secrets = account
            .api_key
            .iter()
            .cloned()
            .chain(account.headers.iter().map(|(_, value)| value.clone()))
            .collect();
        Ok(Self { account, secrets })
    }

    /// Where the service is.
    pub(super) fn base_url(&self) -> &str {
        &self.account.base_url
    }

    /// The database that calls are for that name none.
    pub(super) fn database_id(&self) -> Option<&str> {
        self.account.database_id.as_deref()
    }

    /// A request as it is sent: with the root, the key, the workspace, and the database where it needs one.
    ///
    /// # Errors
    ///
    /// [`Credentials`](ErrorKind::Credentials) without a workspace, and
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) without a database, where one is needed.
    pub(super) fn complete(&self, label: &str, scope: Scope, mut request: Request) -> Result<Request, Error> {
        request.base_url.clone_from(&self.account.base_url);
        plain_headers(request.method, &mut request.headers);
        if let Some(key) = &self.account.api_key {
            request.headers.push("Authorization", format!("Bearer {}", key.expose_secret()));
        }
        if scope != Scope::Account {
            let workspace = self.account.workspace_id.as_deref();
            request.headers.push(WORKSPACE_HEADER, workspace.ok_or_else(|| no_workspace(label, &request))?);
        }
        if matches!(scope, Scope::Database | Scope::PerhapsDatabase)
            && request.headers.get(DATABASE_HEADER).is_none()
        {
            match self.database_id() {
                Some(id) => request.headers.push(DATABASE_HEADER, id),
                None if scope == Scope::Database => return Err(no_database(label)),
                None => {}
            }
        }
        for (name, value) in &self.account.headers {
            request.headers.push(name.clone(), value.expose_secret());
        }
        Ok(request)
    }
}

#[cold]
fn no_workspace(label: &str, request: &Request) -> Error {
    let happened =
        format!("{} {} needs a workspace, and there is none", request.method.as_str(), request.path);
    Error::new(ErrorKind::Credentials, label, happened).with_missing(vec!["workspace_id"]).with_advice(
        "Nothing was sent. Set HOTDATA_WORKSPACE, or give `.workspace_id(…)` to the client's builder.",
    )
}

#[cold]
pub(super) fn no_database(label: &str) -> Error {
    Error::invalid(label, "it needs a database, and none is named").with_missing(vec!["database_id"]).with_advice(
        "Nothing was sent. Name it with `.database_id(…)`, on the call or on the client's builder, or set HOTDATA_DATABASE.",
    )
}

/// What an error says, whichever of the three shapes it has (reference, section 2.4).
struct Told {
    code: Option<String>,
    message: Option<String>,
}

fn told(response: &Response) -> Option<Told> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    match serde_json::from_slice::<Value>(&response.body).ok()?.get("error")? {
        Value::String(code) => Some(Told { code: Some(code.clone()), message: None }),
        error @ Value::Object(_) => Some(Told { code: text(error, "code"), message: text(error, "message") }),
        _ => None,
    }
}

/// The service's own code for what went wrong.
pub(super) fn error_code(response: &Response) -> Option<String> {
    told(response)?.code
}

impl Service for Protocol {
    fn explain(&self, response: &Response) -> Option<String> {
        let text = match told(response) {
            Some(Told { message: Some(message), .. }) if !message.trim().is_empty() => message,
            Some(Told { code: Some(_), .. }) => return None, // shown by itself
            _ => String::from_utf8_lossy(&response.body).into_owned(),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn message(&self, response: &Response) -> Option<String> {
        told(response)?.message
    }

    fn code(&self, response: &Response) -> Option<String> {
        error_code(response)
    }

    /// A 5xx is tried again only if the server says when: what it documents as passing has a `Retry-After`, and a reading
    /// call that fails otherwise fails again. Two codes say that nothing came of a call.
    fn verdict(&self, effect: Effect, response: &Response) -> Verdict {
        match response.status {
            500..=599 if effect == Effect::Repeatable => {
                let says_when = response.status == 503 && response.headers.get("retry-after").is_some();
                if says_when { Verdict::Retry } else { Verdict::Permanent }
            }
            503 if matches!(
                error_code(response).as_deref(),
                Some("PERSISTENCE_UNAVAILABLE" | "RESOURCE_EXHAUSTED")
            ) =>
            {
                Verdict::Permanent
            }
            status => judge_status(effect, status),
        }
    }

    fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    fn advice(&self, kind: ErrorKind, response: &Response) -> Option<&'static str> {
        match kind {
            ErrorKind::Authentication if self.account.api_key.is_none() => {
                Some("Set HOTDATA_API_KEY, or give `.api_key(…)` to the client's builder.")
            }
            ErrorKind::Authentication => Some("Check the API key, and that it still exists."),
            ErrorKind::NotFound => Some(
                "Check the id, and that it is one of the workspace and the database that the call is for.",
            ),
            ErrorKind::Conflict if error_code(response).as_deref() == Some("RESOURCE_LOCKED") => Some(
                "Nothing was loaded. Load it when the other load has ended, or wait longer with `.when_locked(…)`.",
            ),
            _ => None,
        }
    }

    fn how_to_check(&self) -> &'static str {
        "Look with a call that reads whether it took effect"
    }

    // A plain call is no operation. What waits has a service of its own.

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("a plain call gives no id".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        Request::new(Method::Get, "", "/v1/workspaces")
    }

    fn judge(&self, _: &Response) -> Result<Judgement, String> {
        Err("a plain call has no status".to_owned())
    }
}
