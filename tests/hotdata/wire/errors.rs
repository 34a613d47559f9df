//! Errors, against what the vendor's exceptions say.

use controlplane::{Error, ErrorKind};
use serde_json::Value;

use super::case::Case;
use crate::vectors::unknown;

/// Exceptions of the library that connects, where the vendor's client lets them out.
pub(super) const OF_CONNECTIONS: [&str; 9] = [
    "MaxRetryError",
    "ProtocolError",
    "ConnectionError",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "RemoteDisconnected",
    "IncompleteRead",
    "SSLError",
];

/// The kinds of this crate's errors that an exception allows. `changes`: the request may have changed
/// something.
pub(super) fn kinds(case: &Case<'_>, expected: &Value, changes: bool) -> Result<Vec<ErrorKind>, String> {
    use ErrorKind::*;
    let exception = expected["exception"].as_str().unwrap_or_default();
    let body = case.exchanges().last().map_or(&Value::Null, |last| &last["response"]["body"]);
    let mut kinds = match (exception, expected["status"].as_u64()) {
        ("MissingWorkspaceError", _) => vec![Credentials],
        ("ValueError", None) => vec![InvalidArgument],
        ("ValidationError" | "UnicodeDecodeError" | "JSONDecodeError" | "KeyError" | "TypeError", None) => {
            vec![UnexpectedResponse]
        }
        (exception, None) if OF_CONNECTIONS.contains(&exception) => vec![Transport],
        // A body that is neither JSON nor text.
        (_, Some(0)) => vec![UnexpectedResponse],
        // A failed result comes with this status, and has a status of its own.
        (_, Some(409)) if body["status"].is_string() => vec![OperationFailed],
        (_, Some(409)) => vec![Conflict],
        (_, Some(401)) => vec![Authentication],
        (_, Some(403)) => vec![PermissionDenied],
        (_, Some(404)) => vec![NotFound],
        (_, Some(429)) => vec![RateLimited],
        (_, Some(408 | 425)) => vec![Rejected, Server],
        (_, Some(400..=499)) => vec![Rejected],
        (_, Some(500..=599)) => vec![Server],
        _ => return Err(unknown(format_args!("what error {expected} is"))),
    };
    if changes && kinds.iter().any(|kind| matches!(kind, Server | UnexpectedResponse | Transport)) {
        kinds.push(OutcomeUnknown);
    }
    Ok(kinds)
}

/// What is wrong with an error of a plain call, or of a layer that lets it through.
pub(super) fn compare(case: &Case<'_>, error: &Error, changes: bool) -> Vec<String> {
    let expected = &case.outcome()["error"];
    let mut wrong = Vec::new();
    match kinds(case, expected, changes) {
        Ok(kinds) if !kinds.contains(&error.kind()) => {
            wrong.push(format!("the kind {:?} is none of {kinds:?}: {error}", error.kind()));
        }
        Ok(_) => {}
        Err(why) => wrong.push(why),
    }
    let status = expected["status"].as_u64().filter(|status| *status != 0);
    if status.is_some() && error.status().map(u64::from) != status {
        wrong.push(format!("status {:?} is not {status:?}", error.status()));
    }
    if error.api_code() != expected["code"].as_str() {
        wrong.push(format!("code {:?} is not {}", error.api_code(), expected["code"]));
    }
    if let Some(message) = expected["message"].as_str()
        && error.api_message() != Some(message)
    {
        wrong.push(format!("message {:?} is not {message:?}", error.api_message()));
    }
    if let Some(body) = expected["body"].as_str() {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let is_kept = error
            .body()
            .is_some_and(|got| got == body || json(got).is_some_and(|got| Some(got) == json(body)));
        if !is_kept {
            wrong.push(format!("body {:?} is not {body:?}", error.body()));
        }
    }
    if let Some(seconds) = expected["retry_after"].as_str().and_then(|text| text.parse::<f64>().ok()) {
        let is_asked = seconds >= 0.0;
        if is_asked && error.retry_after().map(|after| after.as_secs_f64()) != Some(seconds) {
            wrong.push(format!("retry after {:?} is not {seconds} s", error.retry_after()));
        }
    }
    wrong
}
