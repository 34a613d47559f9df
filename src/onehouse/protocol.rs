//! The two requests of the API and what their answers mean.
//!
//! Vendor's pages: [SQL Command API](https://docs.onehouse.ai/docs/api/getting-started/sql-command-api),
//! [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).

use std::fmt;

use percent_encoding::percent_decode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::client::checked_base_url;
use crate::engine::{Judgement, Service};
use crate::error::Error;
use crate::http::{Headers, Method, Request, Response, encode_segment};
use crate::open_enum::OpenEnum;

use super::credentials::{Credentials, DEFAULT_BASE_URL};
use super::status::{ApiStatus, SubmitResponse, read_status};

/// What makes a request one of this project: root and headers.
pub struct Protocol {
    root: String,
    headers: Headers,
    secrets: Vec<SecretString>,
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
        headers.push("x-onehouse-api-key", credentials.api_key().expose_secret());
        headers.push("x-onehouse-api-secret", credentials.api_secret().expose_secret());
        headers.push("x-onehouse-link-uid", credentials.link_uid());
        headers.push("x-onehouse-region", credentials.region());
        headers.push("x-onehouse-uuid", credentials.user_uid());
        headers.push("Content-Type", "application/json");
        headers.push("Accept", "application/json");
        Ok(Self {
            root: root(credentials.base_url())?,
            headers,
            secrets: vec![credentials.api_secret().clone(), credentials.api_key().clone()],
        })
    }

    /// Where its requests go, and the project's id.
    pub(super) fn whose(&self) -> (&str, String) {
        (&self.root, self.headers.text("x-onehouse-project-uid").unwrap_or_default().into_owned())
    }

    pub(crate) fn submit_request(&self, sql: &str) -> Request {
        let mut request = Request::new(Method::Post, &self.root, "/v1/resource/");
        request.headers = self.headers.clone();
        request.body = Some(serde_json::json!({ "statement": sql }).to_string().into());
        request
    }
}

impl Service for Protocol {
    /// The reason of an error is in the header `grpc-message`, percent-encoded; the body is often empty.
    fn explain(&self, response: &Response) -> Option<String> {
        let message = response.headers.get("grpc-message").unwrap_or_default();
        let message = percent_decode(message).decode_utf8_lossy();
        let text = if message.trim().is_empty() { String::from_utf8_lossy(&response.body) } else { message };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    fn accepted(&self, response: &Response) -> Result<(String, Value), String> {
        SubmitResponse::from_json(json(response)?)
            .map(|submitted| (submitted.request_id, submitted.raw))
            .map_err(|_| "the answer has no `requestId`".to_owned())
    }

    fn status_request(&self, id: &str) -> Request {
        let path = format!("/v1/status/{}", encode_segment(id));
        let mut request = Request::new(Method::Get, &self.root, path);
        request.headers = self.headers.clone();
        request
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let body = json(response)?;
        let status = read_status(&body).map_err(|why| format!("of the answer: {why}"))?.to_owned();
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

    fn how_to_check(&self) -> &'static str {
        "Look with SHOW or DESCRIBE, or in the console, whether it took effect"
    }
}

/// The JSON of an answer, or what it is instead.
pub(crate) fn json(response: &Response) -> Result<Value, String> {
    if response.body.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    serde_json::from_slice(&response.body)
        .map_err(|e| format!("the answer is not JSON (line {}, column {})", e.line(), e.column()))
}

/// The root of the API: trailing slashes off, then one `/v1` off, as older tools put it there.
fn root(base_url: &str) -> Result<String, Error> {
    let root = checked_base_url(base_url, DEFAULT_BASE_URL)?;
    Ok(root.strip_suffix("/v1").unwrap_or(root).to_owned())
}
