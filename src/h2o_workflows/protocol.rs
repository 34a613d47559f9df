//! Where the service is, and what its answers mean.

use std::sync::OnceLock;

use secrecy::SecretString;
use serde_json::Value;

use crate::auth::{Refresher, Tokens};
use crate::client::checked_base_url;
use crate::engine::{Judgement, Service};
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};

use super::credentials::{Access, Setup};

/// What the address of the service looks like, for messages.
pub(super) const EXAMPLE: &str = "https://workflows.cloud.h2o.ai";

/// What every request says of itself.
pub(super) fn plain_headers(has_body: bool) -> Headers {
    let mut headers = Headers::new();
    headers.push("Accept", "application/json");
    if has_body {
        headers.push("Content-Type", "application/json");
    }
    headers
}

/// What a client is made of: what was given to it, and what a login has found.
#[derive(Debug)]
pub struct Protocol {
    pub(super) access: Access,
    connected: OnceLock<Connected>,
}

/// Where the service is, and where the tokens come from.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    /// Without a slash at its end.
    pub(super) endpoint: String,
    pub(super) tokens: Tokens,
}

impl Connected {
    pub(super) fn new(endpoint: &str, tokens: Tokens) -> Result<Self, Error> {
        Ok(Self { endpoint: checked_base_url(endpoint, EXAMPLE)?.to_owned(), tokens })
    }

    /// A request as it is sent, but for the token.
    pub(super) fn complete(&self, mut request: Request) -> Request {
        request.base_url.clone_from(&self.endpoint);
        request.headers = plain_headers(request.body.is_some());
        request
    }
}

impl Protocol {
    pub(super) fn new(setup: Setup) -> Result<Self, Error> {
        let access = setup.resolve()?;
        let connected = OnceLock::new();
        match &access {
            Access::Refresh { endpoint, grant } => {
                let tokens = Tokens::Refresh(Refresher::new(grant.clone()));
                let _ = connected.set(Connected::new(endpoint, tokens)?);
            }
            Access::Provider { endpoint, provider } => {
                let _ = connected.set(Connected::new(endpoint, Tokens::Provider(provider.clone()))?);
            }
            Access::Discover(_) => {}
        }
        Ok(Self { access, connected })
    }

    /// A login has found what was missing.
    pub(super) fn connect(&self, connected: Connected) {
        // The first one counts: there is one login for each client.
        let _ = self.connected.set(connected);
    }

    pub(super) fn connected(&self) -> Result<&Connected, Error> {
        self.connected.get().ok_or_else(|| {
            Error::new(
                ErrorKind::Credentials,
                "sending a call",
                "this client does not know where the service is",
            )
            .with_missing(vec!["endpoint"])
            .with_advice("Make it with `.login()` in place of `.build()`, or say an `.endpoint(…)`.")
        })
    }
}

/// The body of an error: `{"code": …, "message": …, "details": […]}`.
fn told(response: &Response, key: &str) -> Option<Value> {
    serde_json::from_slice::<Value>(&response.body).ok()?.get(key).cloned()
}

impl Service for Protocol {
    fn explain(&self, response: &Response) -> Option<String> {
        let text = match self.message(response) {
            Some(message) if !message.trim().is_empty() => message,
            _ => String::from_utf8_lossy(&response.body).into_owned(),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn message(&self, response: &Response) -> Option<String> {
        told(response, "message")?.as_str().map(str::to_owned)
    }

    /// The gRPC code: 3 is a bad argument and 9 a wrong state, which both are HTTP 400.
    fn code(&self, response: &Response) -> Option<String> {
        told(response, "code")?.as_i64().map(|code| code.to_string())
    }

    fn secrets(&self) -> &[SecretString] {
        &[]
    }

    fn how_to_check(&self) -> &'static str {
        "Look whether it took effect"
    }

    // A plain call is no operation. What waits has a service of its own: see wait.rs.

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("a plain call gives no id".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        Request::new(Method::Get, "", "/version")
    }

    fn judge(&self, _: &Response) -> Result<Judgement, String> {
        Err("a plain call has no status".to_owned())
    }
}
