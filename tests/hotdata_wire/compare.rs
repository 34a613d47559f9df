//! What is the same as the recording, and what is not.

use controlplane::hotdata::Timestamp;
use controlplane::{Effect, Error, ErrorKind};
use serde_json::{Value, json};

use crate::Layer;
use crate::case::{Case, Done};
use crate::server::{Asked, Server, from_base64, segments};

/// Everything that is wrong with a case.
pub fn outcome(case: &Case, layer: &Layer, done: &Done, server: &Server) -> Vec<String> {
    let mut wrong = done.wrong.clone();
    let asked = server.asked();
    if let Err(error) = &done.result {
        secrets(case, error, &mut wrong);
    }
    let note = case.peer_note().unwrap_or_default();
    if note.contains("before sending") || note.contains("before anything is sent") {
        // The vendor's client sends it.
        match &done.result {
            Err(error) if error.kind() == ErrorKind::InvalidArgument => {}
            result => wrong.push(format!("not refused: {result:?}")),
        }
        if !asked.is_empty() {
            wrong.push(format!("{} requests were sent", asked.len()));
        }
        return wrong;
    }
    if case.class() == "local" {
        // Refused here or there: either is right.
        if done.result.is_ok() || asked.len() > 1 {
            wrong.push(format!("not refused: {:?}", done.result));
        }
        return wrong;
    }
    if changes(layer) && case.exchanges().first().is_some_and(|e| !e["response"]["fault"].is_null()) {
        // The vendor's client sends a change again when the connection was closed without an answer. We never do: it may have
        // been taken.
        match &done.result {
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
            result => wrong.push(format!("the outcome is not unknown: {result:?}")),
        }
        if asked.len() != 1 {
            wrong.push(format!("{} requests were sent", asked.len()));
        }
        return wrong;
    }
    requests(case, &asked, server, &mut wrong);
    if !done.is_compared {
        compare_result(case, layer, done, server, &mut wrong);
    }
    wrong
}

pub fn sleeps(slept: &[f64], expected: &[f64]) -> Vec<String> {
    let is_same = slept.len() == expected.len()
        && slept.iter().zip(expected).all(|(slept, expected)| (slept - expected).abs() < 1e-6);
    if is_same { Vec::new() } else { vec![format!("slept {slept:?}, not {expected:?}")] }
}

fn changes(layer: &Layer) -> bool {
    matches!(layer, Layer::Plain(command) if command.spec().effect == Effect::Changes)
}

fn secrets(case: &Case, error: &Error, wrong: &mut Vec<String>) {
    let shown = format!("{error} {error:?}");
    for secret in ["test-key", "finalize-token"] {
        // What the test itself asks for by that name is no secret.
        if shown.contains(secret) && !case.args().to_string().contains(secret) {
            wrong.push(format!("a secret shows: {shown}"));
        }
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
}

fn requests(case: &Case, asked: &[Asked], server: &Server, wrong: &mut Vec<String>) {
    let exchanges = case.exchanges();
    if asked.len() != exchanges.len() {
        let paths: Vec<&str> = asked.iter().map(|asked| &*asked.path).collect();
        wrong.push(format!("{} requests, not {}: {paths:?}", asked.len(), exchanges.len()));
    }
    if !case.is_unordered() {
        for (i, (got, expected)) in asked.iter().zip(exchanges).enumerate() {
            let differences = compare_request(case, got, &expected["request"], server);
            wrong.extend(differences.into_iter().map(|difference| format!("request {i}: {difference}")));
        }
        return;
    }
    // As a set; the first and the last have their places.
    let is_edge = |i: usize| i == 0 || i + 1 == exchanges.len();
    let mut left: Vec<usize> = (0..exchanges.len()).collect();
    for (i, got) in asked.iter().enumerate() {
        let fits = |expected: &usize| {
            (*expected == i || !is_edge(i) && !is_edge(*expected))
                && compare_request(case, got, &exchanges[*expected]["request"], server).is_empty()
        };
        match left.iter().position(fits) {
            Some(found) => {
                left.remove(found);
            }
            None => wrong.push(format!("request {i} fits none: {got:?}")),
        }
    }
}

/// With the server's address where it belongs.
fn filled(value: &Value, server: &Server) -> Value {
    serde_json::from_str(&value.to_string().replace("{base}", &server.url())).unwrap()
}

/// The differences between a request and the recorded one.
fn compare_request(case: &Case, got: &Asked, expected: &Value, server: &Server) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, got: String, expected: String| {
        if got != expected {
            wrong.push(format!("{what}: {got} is not {expected}"));
        }
    };
    check("method", got.method.clone(), expected["method"].as_str().unwrap().to_owned());
    let path = expected["path"].as_str().unwrap();
    check("path", format!("{:?}", segments(&got.path)), format!("{:?}", segments(path)));
    let mut query = got.query.clone();
    let mut wanted: Vec<(String, String)> = serde_json::from_value(expected["query"].clone()).unwrap();
    query.sort();
    wanted.sort();
    check("query", format!("{query:?}"), format!("{wanted:?}"));
    let body = without_defaults(case, path, &filled(&expected["body"], server), &got.body);
    if without_defaults(case, path, &got.body, &Value::Null) != body && got.body != body {
        check("body", got.body.to_string(), body.to_string());
    }
    let headers = expected["headers"].as_object().unwrap();
    for (name, value) in headers {
        let value = value.as_str().unwrap();
        // Which codings are taken is ours to say, but for Arrow, where there is to be none.
        if name == "accept-encoding" && (value != "identity" || got.is_storage()) {
            continue;
        }
        check(name, format!("{:?}", got.header(name)), format!("{:?}", Some(value)));
    }
    for (name, value) in &got.headers {
        let is_plain = ["connection", "host", "content-length"].contains(&&**name);
        let is_ours = matches!(
            &**name,
            "authorization"
                | "x-workspace-id"
                | "x-database-id"
                | "x-upload-finalize-token"
                | "content-type"
                | "x-session-id"
        );
        if !headers.contains_key(name) && (is_ours || got.is_storage() && !is_plain) {
            wrong.push(format!("a header too many: {name}: {value}"));
        }
    }
    wrong
}

/// A body without what the vendor's client always says although it is the default, unless we say it too.
fn without_defaults(case: &Case, path: &str, body: &Value, other: &Value) -> Value {
    // An upload without parts is finalized with `{}` or with nothing.
    if path.ends_with("/finalize") && body.is_null() {
        return json!({});
    }
    let Value::Object(fields) = body else { return body.clone() };
    let is_default = |key: &str, value: &Value| match (key, value) {
        ("async", Value::Bool(false)) => true,
        ("index_type", Value::String(kind)) => kind == "sorted",
        ("filename" | "content_type" | "content_encoding", Value::Null) => case.op() == "upload_file",
        _ => false,
    };
    fields
        .iter()
        .filter(|(key, value)| other.get(&**key).is_some() || !is_default(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// True if both say the same; null is as good as nothing, and times are compared as such.
pub fn is_same(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Object(g), Value::Object(e)) => g
            .keys()
            .chain(e.keys())
            .all(|key| is_same(g.get(key).unwrap_or(&Value::Null), e.get(key).unwrap_or(&Value::Null))),
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len()
                && got.iter().zip(expected).all(|(got, expected)| is_same(got, expected))
        }
        (Value::String(got), Value::String(expected)) => {
            got == expected
                || match (Timestamp::parse(got), Timestamp::parse(expected)) {
                    (Some(got), Some(expected)) => got == expected,
                    _ => false,
                }
        }
        (Value::Number(got), Value::Number(expected)) => {
            got == expected || (got.is_f64() || expected.is_f64()) && got.as_f64() == expected.as_f64()
        }
        _ => got == expected,
    }
}

/// True if all that was got stands in the answer.
fn is_in(got: &Value, answer: &Value) -> bool {
    match (got, answer) {
        (Value::Object(got), Value::Object(answer)) => {
            got.iter().all(|(key, value)| is_in(value, answer.get(key).unwrap_or(&Value::Null)))
        }
        (Value::Array(got), Value::Array(answer)) => {
            got.len() == answer.len() && got.iter().zip(answer).all(|(got, answer)| is_in(got, answer))
        }
        _ => is_same(got, answer),
    }
}

fn compare_result(case: &Case, layer: &Layer, done: &Done, server: &Server, wrong: &mut Vec<String>) {
    let outcome = case.outcome();
    if let Some(note) = case.peer_note() {
        return compare_noted(case, note, done, wrong);
    }
    match (&done.result, outcome.get("ok")) {
        (Ok(got), Some(expected)) => {
            if !is_same(got, &filled(expected, server)) {
                wrong.push(format!("{got}\n    is not {expected}"));
            }
            // Which of several successes it is.
            let model = outcome["model"].as_str().filter(|_| matches!(layer, Layer::Plain(_)));
            if model.is_some_and(|model| !done.shown.contains(&format!("{model} {{"))) {
                wrong.push(format!("it is no {}: {}", outcome["model"], done.shown));
            }
        }
        (Err(error), None) => compare_error(case, layer, error, wrong),
        (result, _) => wrong.push(format!("{result:?}\n    is not {outcome}")),
    }
}

/// The vendor's client does wrong, and a note says what is right.
fn compare_noted(case: &Case, note: &str, done: &Done, wrong: &mut Vec<String>) {
    let answer = &case.exchanges().last().unwrap()["response"];
    if note.contains("decoding error of its own") {
        match &done.result {
            Err(error) if error.kind() == ErrorKind::UnexpectedResponse => {
                if error.status().map(u64::from) != answer["status"].as_u64() || error.body().is_none() {
                    wrong.push(format!("status or body is not kept: {error:?}"));
                }
            }
            result => wrong.push(format!("no error about the answer: {result:?}")),
        }
        return;
    }
    // Everything else is about an answer that can be read after all.
    match &done.result {
        Ok(got) => {
            let is_right = match (answer["body"]["base64"].as_str(), &answer["body"]) {
                (Some(bytes), _) => done.bytes == Some(from_base64(bytes)),
                (None, body @ Value::String(_)) => got == body,
                (None, body) => is_in(got, body) && *got != json!({}),
            };
            if !is_right || got.is_null() {
                wrong.push(format!("{got}\n    is not {}", answer["body"]));
            }
        }
        Err(error) => wrong.push(format!("{error:?}\n    is not {}", answer["body"])),
    }
}

fn kinds(layer: &Layer, expected: &Value) -> Vec<ErrorKind> {
    use ErrorKind::*;
    let mut kinds = match (expected["exception"].as_str().unwrap(), expected["status"].as_u64()) {
        ("MissingWorkspaceError", _) => vec![Credentials],
        ("ValidationError" | "UnicodeDecodeError", None) => vec![UnexpectedResponse],
        ("ValueError", None) => vec![InvalidArgument],
        // A failed result comes with this status.
        (_, Some(409)) => vec![Conflict, OperationFailed],
        (_, Some(401)) => vec![Authentication],
        (_, Some(403)) => vec![PermissionDenied],
        (_, Some(404)) => vec![NotFound],
        (_, Some(429)) => vec![RateLimited],
        (_, Some(400..=499)) => vec![Rejected],
        (_, Some(500..=599)) => vec![Server],
        (other, _) => panic!("{other}: compare it where it is run"),
    };
    if changes(layer) && kinds.iter().any(|kind| matches!(kind, Server | UnexpectedResponse)) {
        kinds.push(OutcomeUnknown);
    }
    kinds
}

fn compare_error(case: &Case, layer: &Layer, error: &Error, wrong: &mut Vec<String>) {
    let expected = &case.outcome()["error"];
    let kinds = kinds(layer, expected);
    if !kinds.contains(&error.kind()) {
        wrong.push(format!("{:?} is not {}: {error}", error.kind(), expected["exception"]));
    }
    let status = expected["status"].as_u64();
    if status.is_some() && error.status().map(u64::from) != status {
        wrong.push(format!("status {:?} is not {status:?}", error.status()));
    }
    if error.api_code() != expected["code"].as_str() {
        wrong.push(format!("code {:?} is not {}", error.api_code(), expected["code"]));
    }
    if let Some(message) = expected["message"].as_str() {
        if error.api_message() != Some(message) {
            wrong.push(format!("message {:?} is not {message:?}", error.api_message()));
        }
    }
    if let Some(body) = expected["body"].as_str() {
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        let is_kept =
            error.body().is_some_and(|got| got == body || json(got).is_some_and(|j| Some(j) == json(body)));
        if !is_kept {
            wrong.push(format!("body {:?} is not {body:?}", error.body()));
        }
    }
    if let Some(seconds) = expected["retry_after"].as_str().and_then(|text| text.parse::<f64>().ok()) {
        if error.retry_after().map(|after| after.as_secs_f64()) != Some(seconds) {
            wrong.push(format!("retry after {:?} is not {seconds} s", error.retry_after()));
        }
    }
}
