//! What is the same as the recording, and what is not.

use std::collections::BTreeMap;

use controlplane::h2o_workflows::{AnyOutput, Timestamp};
use controlplane::http::Request;
use controlplane::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use super::service::{key_of, recorded_key};
use super::{BASE, exchanges, op, outcome};
use crate::fits::{Rules, fits};
use crate::paths::{decoded, split};
use crate::recorded::from_base64;
use crate::vectors::{Case, unknown};

/// The fields of a form, decoded.
pub(super) fn form(text: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| String::from_utf8_lossy(&decoded(&text.replace('+', " "))).into_owned();
    let field = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (plain(name), plain(value))
    };
    text.split('&').map(field).collect()
}

/// The query of a request without what may be left out.
fn essential(mut query: Vec<(String, String)>) -> Vec<(String, String)> {
    const OPTIONAL: [(&str, &str); 3] = [("pageToken", ""), ("pageSize", "0"), ("filter", "")];
    query.retain(|(name, value)| !OPTIONAL.contains(&(name, value)));
    query.sort();
    query
}

/// The differences between a request and the recorded one.
pub(super) fn compare_request(got: &Request, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, is_right: bool, got: String, expected: String| {
        if !is_right {
            wrong.push(format!("{what}: {got} is not {expected}"));
        }
    };
    let url = got.url();
    let (path, query) = split(url.strip_prefix(BASE).unwrap());
    let method = got.method.as_str();
    let is_same = key_of(method, path) == recorded_key(expected);
    check(
        "path",
        is_same,
        format!("{method} {path}"),
        format!("{} {}", expected["method"], expected["path"]),
    );
    let wanted: Vec<(String, String)> = serde_json::from_value(expected["query"].clone()).unwrap();
    let (query, wanted) = (essential(query), essential(wanted));
    check("query", query == wanted, format!("{query:?}"), format!("{wanted:?}"));
    let sent = got.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    match &expected["body"] {
        Value::String(wanted) => {
            let (sent, wanted) = (form(&sent), form(wanted));
            check("form", sent == wanted, format!("{sent:?}"), format!("{wanted:?}"));
        }
        Value::Null => check("body", sent.is_empty(), sent.to_string(), "none".to_owned()),
        wanted => {
            let is_same = serde_json::from_str::<Value>(&sent).is_ok_and(|sent| sent == *wanted);
            check("body", is_same, sent.to_string(), wanted.to_string());
        }
    }
    for name in ["accept", "authorization", "content-type"] {
        let (sent, wanted) = (got.headers.text(name), expected["headers"][name].as_str());
        if name == "accept" && wanted.is_none() {
            continue;
        }
        let sent = sent.map(|sent| sent.split(';').next().unwrap().to_owned());
        check(name, sent.as_deref() == wanted, format!("{sent:?}"), format!("{wanted:?}"));
    }
    wrong
}

/// The differences between requests and the recorded ones, in their order.
pub(super) fn compare_requests(sent: &[Request], expected: &[&Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    if sent.len() != expected.len() {
        let paths: Vec<String> =
            sent.iter().map(|request| format!("{} {}", request.method.as_str(), path_of(request))).collect();
        wrong.push(format!("{} requests, not {}: {paths:?}", sent.len(), expected.len()));
    }
    for (i, (got, expected)) in sent.iter().zip(expected).enumerate() {
        let differences = compare_request(got, expected);
        wrong.extend(differences.into_iter().map(|difference| format!("request {i}: {difference}")));
    }
    wrong
}

/// The wire's names as Python has them. Keys of the user's own maps stay.
pub(super) fn snake(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let mut name = String::new();
                for c in key.chars() {
                    if c.is_ascii_uppercase() {
                        name.push('_');
                    }
                    name.push(c.to_ascii_lowercase());
                }
                let is_own = matches!(&*name, "matrix_values" | "outputs") && value.is_object();
                (name, if is_own { value.clone() } else { snake(value) })
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(entries) => entries.iter().map(snake).collect(),
        other => other.clone(),
    }
}

/// `null` means absent, or the default of the type. Times are compared as instants, to the microsecond.
pub(super) const RULES: Rules = Rules {
    is_default: |value| [json!(""), json!([]), json!(false), json!({})].contains(value),
    is_same_text: |got, expected| {
        let micros =
            |text| Timestamp::parse(text).map(|time| (time.unix_seconds(), time.subsec_nanos() / 1000));
        micros(got).is_some_and(|got| micros(expected) == Some(got))
    },
};

/// The HTTP status that belongs to a gRPC code.
fn status_of(grpc_code: i64) -> u64 {
    match grpc_code {
        1 => 499,
        3 | 9 | 11 => 400,
        4 => 504,
        5 => 404,
        6 | 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    }
}

/// The kinds of this crate's errors that a recorded error allows.
fn kinds(expected: &Value, changes: bool) -> Result<Vec<ErrorKind>, String> {
    use ErrorKind::*;
    let status = expected["status"].as_u64();
    let of_status = |status: Option<u64>| match status {
        Some(401) => vec![Authentication],
        Some(403) => vec![PermissionDenied],
        Some(404) => vec![NotFound],
        Some(409) => vec![Conflict],
        Some(429) => vec![RateLimited],
        Some(408 | 425) if changes => vec![Rejected, OutcomeUnknown],
        Some(408 | 425) => vec![Rejected, Server],
        Some(400..=499) => vec![Rejected],
        Some(500..) if changes => vec![Server, OutcomeUnknown],
        Some(500..) => vec![Server],
        _ => vec![UnexpectedResponse],
    };
    Ok(match expected["kind"].as_str() {
        // In a stream, whose status was 200 already.
        Some("api") if status.is_none() => {
            [vec![Server], of_status(expected["grpc_code"].as_i64().map(status_of))].concat()
        }
        Some("api") => of_status(status),
        // An error page at the token endpoint, which the vendor's client reads before it looks at the status.
        Some("decode") => vec![UnexpectedResponse, OutcomeUnknown, Server],
        Some("argument") => vec![InvalidArgument],
        // A redirect that is not followed.
        Some("transport") if status.is_some_and(|status| (300..400).contains(&status)) => {
            vec![UnexpectedResponse]
        }
        Some("transport") if changes => vec![Transport, OutcomeUnknown],
        Some("transport") => vec![Transport],
        Some("lookup") => vec![Credentials],
        Some("config") => vec![Credentials, InvalidArgument],
        Some("discovery" | "connection") if status.is_some() => of_status(status),
        Some("discovery" | "connection") => {
            vec![NotFound, Server, Authentication, UnexpectedResponse, Transport, PermissionDenied, Rejected]
        }
        Some("token") => {
            let mut kinds =
                vec![Authentication, PermissionDenied, NotFound, Server, Rejected, OutcomeUnknown];
            kinds.extend([Transport, UnexpectedResponse, Credentials, OperationTimeout]);
            kinds
        }
        _ => return Err(unknown(format_args!("the kind of the error {expected}"))),
    })
}

/// Secrets of a case: they show in no error.
fn secrets(case: &Case) -> Vec<String> {
    let mut secrets: Vec<String> =
        ["test-access-token", "access-1", "another-1"].into_iter().map(str::to_owned).collect();
    for name in ["refresh_token", "client_secret", "platform_token", "token_provider"] {
        secrets.extend(case.json["args"][name].as_str().map(str::to_owned));
    }
    for (name, value) in case.json["env"].as_object().into_iter().flatten() {
        secrets.extend(value.as_str().filter(|_| name.ends_with("_TOKEN")).map(str::to_owned));
    }
    secrets.retain(|secret| secret.len() >= 8);
    secrets
}

/// What is wrong with an error. `changes`: it is of a call that changes something.
pub(super) fn compare_error(case: &Case, error: &Error, expected: &Value, changes: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    match kinds(expected, changes) {
        Ok(kinds) if !kinds.contains(&error.kind()) => {
            wrong.push(format!("the kind {:?} is none of {kinds:?}: {error}", error.kind()));
        }
        Ok(_) => {}
        Err(why) => wrong.push(why),
    }
    if let Some(status) = expected["status"].as_u64()
        && error.status().map(u64::from) != Some(status)
    {
        wrong.push(format!("status {:?} is not {status}: {error}", error.status()));
    }
    if let Some(code) = expected["grpc_code"].as_i64()
        && error.api_code() != Some(&*code.to_string())
    {
        wrong.push(format!("code {:?} is not {code}", error.api_code()));
    }
    for (key, got) in [("message", error.api_message()), ("body", error.body())] {
        if let Some(text) = expected[key].as_str()
            && got != Some(text)
        {
            wrong.push(format!("{key} {got:?} is not {text:?}"));
        }
    }
    // The issuer has codes and words of its own.
    if expected["kind"] == "token" && expected["error"].is_string() {
        for (key, got) in [("error", error.api_code()), ("error_description", error.api_message())] {
            if got != expected[key].as_str() {
                wrong.push(format!("{key} {got:?} is not {}", expected[key]));
            }
        }
    }
    // A time that cannot be read: the error names its field.
    if expected["kind"] == "decode" {
        let fields = exchanges(case)
            .last()
            .map(|last| unreadable_times(&last["response"]["body"]))
            .unwrap_or_default();
        if !fields.is_empty() && !fields.iter().any(|field| error.to_string().contains(field)) {
            wrong.push(format!("it names none of {fields:?}: {error}"));
        }
    }
    let shown = format!("{error} {error:?}");
    if let Some(secret) = secrets(case).iter().find(|secret| shown.contains(&***secret)) {
        wrong.push(format!("the secret {secret} shows: {shown}"));
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
    wrong
}

/// The fields of a response that should be times and are none.
fn unreadable_times(body: &Value) -> Vec<String> {
    match body {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(text) if key.ends_with("Time") && Timestamp::parse(text).is_none() => {
                    vec![key.clone()]
                }
                value => unreadable_times(value),
            })
            .collect(),
        Value::Array(entries) => entries.iter().flat_map(unreadable_times).collect(),
        _ => Vec::new(),
    }
}

/// The path of a request, which its address may hold.
pub(super) fn path_of(request: &Request) -> String {
    split(request.url().strip_prefix(BASE).unwrap()).0.to_owned()
}

/// What a correct client gives of a stream of logs: all bytes, and the error that ends it. `None`: what the
/// vendor's gives.
pub(super) fn stream_of(case: &Case) -> Option<(Vec<u8>, Option<Value>)> {
    let expected = case.json["expected"].get("stream")?;
    let error = match expected["end"].as_str()? {
        "error line" => Some(json!({"kind": "api", "grpc_code": expected["grpc_code"],
            "message": expected["message"]})),
        "decode error" => Some(json!({"kind": "decode"})),
        "transport error" => Some(json!({"kind": "transport"})),
        _ => None,
    };
    Some((from_base64(expected["bytes_base64"].as_str()?), error))
}

/// The bytes of an output of logs.
pub(super) fn bytes_of(output: &Value) -> Vec<u8> {
    match output {
        Value::Array(pieces) => {
            pieces.iter().flat_map(|piece| from_base64(piece["data"].as_str().unwrap())).collect()
        }
        output => from_base64(output["data"].as_str().unwrap()),
    }
}

/// The bytes of logs as a recording has them: one text, or pieces of it.
pub(super) fn bytes_of_text(text: &Value) -> Vec<u8> {
    match text {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Array(pieces) => pieces.iter().flat_map(|piece| piece.as_str().unwrap().bytes()).collect(),
        other => panic!("{other} is not text"),
    }
}

/// What is wrong with what came of a call: of the case, or of one after its login.
pub(super) fn compare_outcome(
    case: &Case,
    op: &str,
    wanted: &Value,
    got: &Result<AnyOutput, Error>,
    changes: bool,
) -> Vec<String> {
    match (got, wanted.get("ok"), wanted.get("error")) {
        (Ok(output), Some(wanted), None) => {
            let got = serde_json::to_value(output).unwrap();
            let is_right = match op.ends_with("_logs") {
                true => bytes_of(&got) == bytes_of_text(wanted),
                false => fits(&snake(&got), wanted, RULES),
            };
            if is_right { Vec::new() } else { vec![format!("{}\n    is not {wanted}", snake(&got))] }
        }
        (Err(error), None, Some(wanted)) => compare_error(case, error, wanted, changes),
        (got, ..) => vec![format!("{got:?}\n    is not {wanted}")],
    }
}

/// What is wrong with what came of a case that is one call.
pub(super) fn compare(
    case: &Case,
    got: &Result<AnyOutput, Error>,
    sent: &[Request],
    changes: bool,
) -> Vec<String> {
    let expected = &case.json["expected"];
    // The vendor's client refuses it, so that there is no response: what is sent counts.
    if let Some(body) = expected.get("request_body") {
        let bodies: Vec<Value> = sent
            .iter()
            .map(|request| {
                serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap_or_default()
            })
            .collect();
        return if bodies == [body.clone()] { Vec::new() } else { vec![format!("{bodies:?} is not {body}")] };
    }
    let wanted = outcome(case);
    if is_refused_name(case) && is_refused(got, sent) {
        return Vec::new();
    }
    let (bytes, error) = match (expected["bytes_base64"].as_str(), stream_of(case)) {
        (Some(bytes), _) => (Some(from_base64(bytes)), None),
        (None, Some((bytes, error))) => (Some(bytes), error),
        (None, None) => (None, None),
    };
    let mut wrong = match (got, bytes, error) {
        (Err(got), _, Some(expected)) => compare_error(case, got, &expected, changes),
        (Ok(output), Some(bytes), None) if bytes_of(&serde_json::to_value(output).unwrap()) == bytes => {
            Vec::new()
        }
        (got, None, None) => compare_outcome(case, op(case), wanted, got, changes),
        (got, ..) => vec![format!("{got:?} is not {expected}")],
    };
    if wanted["error"]["kind"] == "argument" {
        if !sent.is_empty() {
            wrong.push(format!("{} requests were sent", sent.len()));
        }
        return wrong;
    }
    let mut requests: Vec<&Value> = exchanges(case).iter().map(|exchange| &exchange["request"]).collect();
    if case.json["peer_bug"] == true && wanted.get("error").is_some() && sent.len() < requests.len() {
        // A redirect is not followed, and a deletion not repeated.
        requests.truncate(sent.len().max(1));
    }
    wrong.extend(compare_requests(sent, &requests));
    wrong
}

/// True for a name with a part that is only dots: it may be refused.
fn is_refused_name(case: &Case) -> bool {
    fn has_dots(value: &Value) -> bool {
        match value {
            Value::String(text) => text.split('/').any(|part| matches!(part, "." | "..")),
            Value::Object(map) => map.iter().any(|(key, value)| key != "source_contents" && has_dots(value)),
            _ => false,
        }
    }
    case.json["class"] == "awkward" && has_dots(&case.json["args"])
}

/// True if a call was refused before anything was sent.
pub(super) fn is_refused(got: &Result<AnyOutput, Error>, sent: &[Request]) -> bool {
    sent.is_empty() && got.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidArgument)
}

/// The status of the first recorded response.
pub(super) fn first_status(case: &Case) -> Option<u64> {
    exchanges(case).first()?["response"]["status"].as_u64()
}
