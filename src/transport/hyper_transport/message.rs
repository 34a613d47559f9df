//! The request as hyper takes it, and the response as hyper gives it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ACCEPT, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::http::uri::{PathAndQuery, Uri};
use hyper::{Request as HyperRequest, Response as HyperResponse};

use crate::http::{Headers, Request, Response};

use super::HyperTransport;
use super::failure::Failure;

impl HyperTransport {
    /// The request as hyper takes it.
    pub(super) fn message(&self, request: &Request, url: &Uri) -> Result<HyperRequest<Full<Bytes>>, Failure> {
        let path = url.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut message = HyperRequest::builder().method(request.method.as_str()).uri(path);
        if let Some(headers) = message.headers_mut() {
            headers.insert(HOST, HeaderValue::from_str(&host_header(url)).map_err(Failure::invalid)?);
            if !request.bare {
                headers.insert(USER_AGENT, self.user_agent.clone());
                headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
            }
            let mut named = Vec::new();
            for (name, value) in request.headers.iter() {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(Failure::invalid)?;
                let mut value = HeaderValue::from_bytes(value).map_err(Failure::invalid)?;
                value.set_sensitive(!crate::http::is_shown(name.as_str()));
                // The first of a name replaces ours, the others stand beside it.
                if named.contains(&name) {
                    headers.append(name, value);
                } else {
                    named.push(name.clone());
                    headers.insert(name, value);
                }
            }
        }
        let body = request.body.clone().unwrap_or_default();
        if body.is_empty()
            && request.method.has_body()
            && let Some(headers) = message.headers_mut()
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        message.body(Full::new(body)).map_err(Failure::invalid)
    }
}

/// The host as a request names it: without the port that its scheme stands for.
fn host_header(url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match (url.scheme_str(), url.port_u16()) {
        (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443)) => host.to_owned(),
        (_, Some(port)) => format!("{host}:{port}"),
    }
}

pub(super) fn copied(map: &hyper::HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(name.as_str().to_owned(), value.as_bytes());
    }
    headers
}

/// The whole answer, unless it is too long.
pub(super) async fn read(
    response: HyperResponse<Incoming>,
    limit: usize,
    write_failed: &AtomicBool,
) -> Result<Response, Failure> {
    let (parts, body) = response.into_parts();
    let headers = copied(&parts.headers);
    let mut bytes = Vec::new();
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = match frame {
            // The server refused the request before it was whole, and closed the connection: the status says
            // it all.
            Err(_) if parts.status.as_u16() >= 400 && write_failed.load(Ordering::Acquire) => break,
            frame => frame.map_err(Failure::http)?,
        };
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > limit {
                return Err(Failure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Response::new(parts.status.as_u16(), headers, bytes))
}
