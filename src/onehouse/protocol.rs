//! The two requests of the API and how their responses are read.
//!
//! Vendor's pages: [SQL Command API](https://docs.onehouse.ai/docs/api/getting-started/sql-command-api),
//! [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).

use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode;
use serde_json::Value;

#[cfg(feature = "sign-in")]
use crate::auth::Tokens;
use crate::client::{Sources, api_root};
use crate::engine::{Accept, Accepted, Failure, Id, Judgement, Poll, Service, Words};
use crate::error::Error;
use crate::http::{Headers, Method, Request, Response, encode_segment};
use crate::open_enum::OpenEnum;
use crate::redact::Secrets;

use super::credentials::{Credentials, DEFAULT_BASE_URL};
use super::payload;
use super::status::{ApiStatus, SubmitResponse, read_status};

/// The address and the headers of the requests of one project.
pub struct Protocol {
    root: String,
    project_uid: String,
    headers: Headers,
    secrets: Secrets,
    sources: Sources,
    /// The access tokens that take the place of the API key.
    #[cfg(feature = "sign-in")]
    tokens: Option<Tokens>,
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Protocol {
    pub(crate) fn new(credentials: &Credentials) -> Result<Self, Error> {
        let mut headers = Headers::new();
        headers.push("x-onehouse-account-uid", credentials.account_uid());
        headers.push("x-onehouse-project-uid", credentials.project_uid());
        let mut secrets = Vec::new();
        // The server refuses a request with both an API key and an access token.
        let has_key = !credentials.is_bearer();
        if has_key {
            headers.push_secret("x-onehouse-api-key", credentials.api_key().clone());
            headers.push_secret("x-onehouse-api-secret", credentials.api_secret().clone());
            secrets.extend([credentials.api_secret().clone(), credentials.api_key().clone()]);
        }
        headers.push("x-onehouse-link-uid", credentials.link_uid());
        headers.push("x-onehouse-region", credentials.region());
        if has_key {
            headers.push("x-onehouse-uuid", credentials.user_uid());
        }
        headers.push("Content-Type", "application/json");
        headers.push("Accept", "application/json");
        Ok(Self {
            root: api_root(credentials.base_url(), DEFAULT_BASE_URL, true)?.to_owned(),
            project_uid: credentials.project_uid().to_owned(),
            headers,
            secrets: secrets.into(),
            sources: credentials.sources().clone(),
            #[cfg(feature = "sign-in")]
            tokens: credentials.tokens().cloned(),
        })
    }

    #[cfg(feature = "sign-in")]
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// The address that requests are sent to.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    pub(super) fn project_uid(&self) -> &str {
        &self.project_uid
    }

    pub(super) fn submit_request(&self, sql: &str) -> Request {
        let mut request = Request::new(Method::Post, &self.root, "/v1/resource/");
        request.headers = self.headers.clone();
        request.body = Some(serde_json::json!({ "statement": sql }).to_string().into());
        request
    }

    pub(super) fn status_request(&self, id: &str) -> Request {
        let path = format!("/v1/status/{}", encode_segment(id));
        let mut request = Request::new(Method::Get, &self.root, path);
        request.headers = self.headers.clone();
        request
    }

    /// Polls an operation.
    pub(super) fn poll(&self, id: &str) -> Poll {
        Poll::new(self.status_request(id), judge)
    }

    /// Reads the response to a submit, whose operation is waited for.
    pub(super) fn accept_and_poll(self: &Arc<Self>) -> Accept {
        let protocol = self.clone();
        Arc::new(move |response| {
            let submitted = read_submit(response)?;
            let poll = Some(protocol.poll(&submitted.request_id));
            Ok(Accepted { id: Id::Request(submitted.request_id), body: submitted.raw, poll })
        })
    }

    /// Reads the response to a submit, whose operation is not waited for.
    pub(super) fn accept() -> Accept {
        Arc::new(|response| {
            let submitted = read_submit(response)?;
            Ok(Accepted { id: Id::Request(submitted.request_id), body: submitted.raw, poll: None })
        })
    }
}

impl Service for Protocol {
    fn name(&self) -> &'static str {
        "onehouse"
    }

    /// The reason is in the header `grpc-message`, percent-encoded; the body is often empty.
    fn failure(&self, response: &Response) -> Option<Failure> {
        let failure = Failure::of(response)?;
        let message = response.headers.get("grpc-message").unwrap_or_default();
        let message = percent_decode(message).decode_utf8_lossy().trim().to_owned();
        let message = Some(message).filter(|message| !message.is_empty()).or(failure.explanation.clone());
        let failure = failure.with_words(None, message);
        #[cfg(feature = "sign-in")]
        if self.tokens.is_some() && matches!(failure.status, 401 | 403) {
            let advice = Some(NOT_AUTHORIZED);
            return Some(Failure { advice, ..failure });
        }
        Some(failure)
    }

    fn secrets(&self) -> Option<&Secrets> {
        Some(&self.secrets)
    }

    fn words(&self, payload: &Value) -> Words {
        payload::words(payload)
    }

    fn about_credentials(&self) -> Option<&str> {
        self.sources.hint()
    }

    fn how_to_check(&self) -> &'static str {
        "Check with SHOW or DESCRIBE, or in the console, whether it took effect"
    }
}

/// The advice for a call with an access token that the server does not accept.
#[cfg(feature = "sign-in")]
const NOT_AUTHORIZED: &str = "The access token is not accepted for this account and project. Sign in again, and check that the \
                              organization has sign-in for the API enabled.";

fn read_submit(response: &Response) -> Result<SubmitResponse, String> {
    SubmitResponse::from_json(json(response)?).map_err(|_| "it has no `requestId`".to_owned())
}

/// The state that the response to a poll reports.
fn judge(response: &Response) -> Result<Judgement, String> {
    let body = json(response)?;
    let status = read_status(&body)?.to_owned();
    let known = ApiStatus::read(&status);
    Ok(if known.is_failure() {
        let detail = body.get("apiResponse").cloned().unwrap_or_default();
        Judgement::Failed { status, detail }
    } else if known.is_terminal() {
        Judgement::Done { status, body }
    } else {
        Judgement::Pending { status }
    })
}

/// The JSON of a response, or why it has none.
pub(super) fn json(response: &Response) -> Result<Value, String> {
    if response.body.is_empty() {
        return Err("it is empty".to_owned());
    }
    serde_json::from_slice(&response.body)
        .map_err(|e| format!("it is not JSON (line {}, column {})", e.line(), e.column()))
}
