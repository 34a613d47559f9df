//! CORS for the services themselves: which web pages may call them from a browser.
//!
//! The paths under `/_emulator/` have none: only the emulator's own page uses them.

use crate::server::{Received, Reply};

/// The headers of responses that a page may read, beside those that every page may.
const EXPOSED: &str = "etag, grpc-message, grpc-status, link, location, retry-after, x-execution-time-ms, x-query-run-id, \
     x-query-warning, x-result-id, x-total-row-count";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// How long a browser may keep the response to a preflight, in seconds.
const MAX_AGE: &str = "600";

/// What is wrong with an origin as a setting, if anything is.
pub(crate) fn check(origin: &str) -> Result<(), String> {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let is_good =
        |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '*' | '?' | '#' | '@' | ',' | '"' | '\\');
    match host {
        Some(host) if !host.is_empty() && host.chars().all(is_good) && origin == origin.to_ascii_lowercase() => Ok(()),
        _ => Err("an origin is `http://` or `https://`, a host in lower case, and perhaps a port, with nothing after it, as \
                  browsers send it: http://localhost:5173"
            .to_owned()),
    }
}

/// The origin of a request, if its pages may call the services.
fn allowed<'a>(request: &Received, origins: &'a [String]) -> Option<&'a str> {
    let mut sent = values(request, "origin");
    let (Some(origin), None) = (sent.next(), sent.next()) else { return None };
    origins.iter().find(|allowed| allowed.as_bytes() == origin).map(String::as_str)
}

fn values<'r>(request: &'r Received, wanted: &'r str) -> impl Iterator<Item = &'r [u8]> {
    let of_name = request.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    of_name.map(|(_, value)| value)
}

/// Whether a browser asks if it may send a request, for a page that may.
pub(crate) fn is_preflight(request: &Received, origins: &[String]) -> bool {
    request.method == "OPTIONS"
        && values(request, "access-control-request-method").next().is_some()
        && allowed(request, origins).is_some()
}

/// The reply to a preflight. It has neither met the service nor a fault.
pub(crate) fn preflight(request: &Received, origins: &[String]) -> Reply {
    let mut reply = Reply::new(204)
        .header("access-control-allow-methods", METHODS)
        .header("access-control-max-age", MAX_AGE);
    // Whatever the page wants to send: what a service makes of it is the service's business. A star would not
    // allow `authorization`.
    if let Some(headers) = values(request, "access-control-request-headers").next() {
        let headers: String = String::from_utf8_lossy(headers)
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ',' | ' '))
            .collect();
        reply = reply.header("access-control-allow-headers", &headers);
    }
    // A page from the internet that calls this machine.
    if values(request, "access-control-request-private-network").next().is_some() {
        reply = reply.header("access-control-allow-private-network", "true");
    }
    add(reply, request, origins)
}

/// Adds the headers with which a browser shows the response to a page that may see it. Without origins
/// nothing changes.
pub(crate) fn add(reply: Reply, request: &Received, origins: &[String]) -> Reply {
    if origins.is_empty() {
        return reply;
    }
    // Caches keep a response for each origin.
    let reply = reply.header("vary", "Origin");
    match allowed(request, origins) {
        Some(origin) => reply
            .header("access-control-allow-origin", origin)
            .header("access-control-expose-headers", EXPOSED),
        None => reply,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_send() {
        for good in ["http://localhost:5173", "https://app.example", "http://[::1]:80"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "*",
            "null",
            "localhost:5173",
            "http://",
            "http://a/",
            "http://a/b",
            "https://*.example",
            "http://A",
            "ftp://a",
            "http://a b",
            "http://a\n",
            "http://u@a",
            "http://a,http://b",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
