//! The metadata of the authorization server (RFC 8414).

use std::sync::Arc;

use serde_json::Value;

use crate::engine::{CallContext, Effect, Exchange};
use crate::error::{Error, ErrorKind, shown};
use crate::http::{Method, Request, Response, host_of, target};

use super::token_endpoint::{MAX_RESPONSE, oauth};

const PATH: &str = "/.well-known/oauth-authorization-server";

/// The endpoints of an issuer.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) revocation_endpoint: Option<String>,
    /// Responses to authorization requests name the issuer (RFC 9207).
    pub(super) names_issuer: bool,
}

fn attempted(issuer: &str) -> String {
    format!("reading the OAuth metadata of {}", host_of(issuer))
}

/// Requests the metadata.
pub(super) fn discover(context: &CallContext, issuer: &str) -> Exchange {
    let mut request = Request::new(Method::Get, issuer, PATH);
    request.headers.push("Accept", "application/json");
    request.max_response_body = MAX_RESPONSE;
    let part = oauth(context, attempted(issuer), Vec::new());
    Exchange::new(Arc::new(part), request, Effect::Repeatable)
}

impl Metadata {
    /// Reads the metadata, which must be those of the issuer that was asked.
    pub(super) fn read(response: &Response, issuer: &str) -> Result<Self, Error> {
        let unusable = |why: String| {
            Error::new(ErrorKind::UnexpectedResponse, attempted(issuer), why)
                .with_advice("Check whether the base URL is that of the Onehouse API, and whether a proxy responds in its place.")
        };
        let status = response.status;
        if status != 200 {
            return Err(unusable(format!("HTTP {status} instead of 200")).with_status(status));
        }
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| unusable("the response is not JSON".to_owned()))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match text("issuer") {
            Some(named) if named == issuer => {}
            Some(other) => {
                return Err(unusable(format!("the metadata names another issuer, {:?}", shown(other))));
            }
            None => return Err(unusable("the metadata names no issuer".to_owned())),
        }
        let endpoint = |key: &str| match text(key) {
            None => Ok(None),
            Some(url) => {
                let parsed = target(url).map_err(|why| unusable(format!("{key} cannot be used: {why}")))?;
                if issuer.starts_with("https:") && parsed.scheme_str() != Some("https") {
                    return Err(unusable(format!("{key} is not https, while the issuer is")));
                }
                Ok(Some(url.to_owned()))
            }
        };
        let needed = |key: &str| endpoint(key)?.ok_or_else(|| unusable(format!("the metadata has no {key}")));
        Ok(Self {
            authorization_endpoint: needed("authorization_endpoint")?,
            token_endpoint: needed("token_endpoint")?,
            revocation_endpoint: endpoint("revocation_endpoint")?,
            names_issuer: value.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}
