//! What is the same as the recording, and what is not.

use controlplane::ErrorKind;
use controlplane::hotdata::Timestamp;
use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use serde_json::{Value, json};

use super::Layer;
use super::case::{Case, Done};
use super::errors;
use super::right::Right;
use super::server::{Asked, Server, is_equal, segments};

/// Everything that is wrong with a case.
pub(super) fn outcome(case: &Case<'_>, layer: &Layer, done: &Done, server: &Server) -> Vec<String> {
    let asked = server.asked();
    let mut wrong = secrets(case, done);
    let right = Right::of(case);
    if right == Some(Right::Refused) {
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
        // Refused here or by the service: either is right.
        if done.result.is_ok() || asked.len() > 1 {
            wrong.push(format!("not refused: {:?}", done.result));
        }
        return wrong;
    }
    if case.loses_a_mint() {
        wrong.extend(lost_mint(case, done, &asked));
        return wrong;
    }
    if let Some(lost) = lost_change(case, layer) {
        let mut as_recorded = Vec::new();
        requests(case, &asked, server, &mut as_recorded);
        as_recorded.extend(result(case, layer, done, server, right));
        let is_session =
            case.exchanges()[lost]["request"]["path"].as_str().is_some_and(|p| p.ends_with("/uploads"));
        // The vendor's client sends a change again when the connection was closed without a response. This
        // one does not, as it may have been taken; a session that nobody uses does no harm.
        if is_session && as_recorded.is_empty() {
            return wrong;
        }
        match &done.result {
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
            result => wrong.push(format!("the outcome is not unknown: {result:?}")),
        }
        if asked.len() != lost + 1 {
            wrong.push(format!("{} requests were sent, not {}", asked.len(), lost + 1));
        }
        let first = asked.iter().zip(case.exchanges()).take(lost + 1);
        wrong.extend(
            first.flat_map(|(got, expected)| compare_request(case, got, &expected["request"], server)),
        );
        return wrong;
    }
    requests(case, &asked, server, &mut wrong);
    wrong.extend(result(case, layer, done, server, right));
    wrong
}

/// What is wrong with an upload of which a URL was asked for without a response: all parts are there in the
/// end, or nothing is finalized.
fn lost_mint(case: &Case<'_>, done: &Done, asked: &[Asked]) -> Vec<String> {
    let is_finalize = |path: &str| path.ends_with("/finalize");
    let finalized = asked.iter().filter(|asked| is_finalize(&asked.path)).count();
    match (&done.result, case.outcome().get("ok")) {
        (Ok(got), Some(expected)) => {
            let is_there = |request: &&Value| asked.iter().any(|asked| is_equal(asked, request));
            let requests = case.exchanges().iter().map(|exchange| &exchange["request"]);
            let mut missing = requests.filter(|request| !is_there(request));
            let is_last = asked.last().is_some_and(|last| is_finalize(&last.path));
            match (is_same(got, expected) && finalized == 1 && is_last, missing.next()) {
                (true, None) => Vec::new(),
                (_, missing) => {
                    vec![format!("{got} is not {expected}, finalized {finalized} times, without {missing:?}")]
                }
            }
        }
        (Err(error), None) => {
            let is_mint = error
                .detail::<UploadFailure>()
                .is_some_and(|failure| failure.kind == UploadFailureKind::Mint);
            match is_mint && finalized == 0 {
                true => Vec::new(),
                false => vec![format!("{error:?}, finalized {finalized} times")],
            }
        }
        (result, _) => vec![format!("{result:?}\n    is not {}", case.outcome())],
    }
}

/// The first request that changes something at the service and gets no response.
fn lost_change(case: &Case<'_>, layer: &Layer) -> Option<usize> {
    if !layer.changes(case) {
        return None;
    }
    case.exchanges().iter().position(|exchange| {
        let path = exchange["request"]["path"].as_str().unwrap_or_default();
        let is_change = exchange["request"]["method"] != "GET" && !path.starts_with("/storage/");
        // Another URL for a part is asked for again: that changes nothing.
        is_change && !path.ends_with("/parts") && exchange["response"].get("fault").is_some()
    })
}

/// What is wrong with the pauses. Where a connection was lost, this client waits before it asks again, and
/// the vendor's does not.
pub(super) fn sleeps(case: &Case<'_>, slept: &[f64], expected: &[f64]) -> Vec<String> {
    let is_close = |slept: &f64, expected: &f64| (slept - expected).abs() < 1e-6;
    let is_same = slept.len() == expected.len() && slept.iter().zip(expected).all(|(s, e)| is_close(s, e));
    let is_longer = (case.loses_connections() || case.ends_in_a_failed_poll()) && {
        let mut slept = slept.iter();
        expected.iter().all(|expected| slept.any(|slept| is_close(slept, expected)))
    };
    if is_same || is_longer { Vec::new() } else { vec![format!("slept {slept:?}, not {expected:?}")] }
}

fn secrets(case: &Case<'_>, done: &Done) -> Vec<String> {
    let Err(error) = &done.result else { return Vec::new() };
    let mut wrong = Vec::new();
    let shown = format!("{error} {error:?}");
    let key = case.json()["client"]["api_key"].as_str().unwrap_or("test-key");
    for secret in [key, "finalize-token"] {
        // What the case itself asks for by that name is not secret.
        if shown.contains(secret) && !case.args().to_string().contains(secret) {
            wrong.push(format!("a secret shows: {shown}"));
        }
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
    wrong
}

fn requests(case: &Case<'_>, asked: &[Asked], server: &Server, wrong: &mut Vec<String>) {
    let exchanges = case.exchanges();
    let is_longer = case.ends_in_a_failed_poll() && asked.len() > exchanges.len();
    if asked.len() != exchanges.len() && !is_longer {
        let paths: Vec<String> =
            asked.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
        wrong.push(format!("{} requests, not {}: {paths:?}", asked.len(), exchanges.len()));
    }
    if !case.is_unordered() {
        // A client that asks until its timeout asks the same again.
        let last = exchanges.last().into_iter().cycle();
        for (i, (got, expected)) in asked.iter().zip(exchanges.iter().chain(last)).enumerate() {
            if is_longer || i < exchanges.len() {
                let differences = compare_request(case, got, &expected["request"], server);
                wrong.extend(differences.into_iter().map(|difference| format!("request {i}: {difference}")));
            }
        }
        return;
    }
    // As a set; the session comes first, and finalizing last.
    let is_end = |request: &Value| {
        let path = request["path"].as_str().unwrap_or_default();
        path.ends_with("/v1/uploads") || path.ends_with("/finalize")
    };
    let mut left: Vec<usize> = (0..exchanges.len()).collect();
    for (i, got) in asked.iter().enumerate() {
        let fits = |expected: &usize| {
            let request = &exchanges[*expected]["request"];
            (*expected == i || !is_end(request)) && compare_request(case, got, request, server).is_empty()
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

/// A recorded path as a correct client sends it: a slash at the end of the base URL is not doubled.
fn right_path(case: &Case<'_>, path: &str) -> String {
    let suffix = case.base_suffix();
    match path.strip_prefix(&suffix).filter(|_| suffix.ends_with('/')) {
        Some(rest) => format!("{}{rest}", suffix.trim_end_matches('/')),
        None => path.to_owned(),
    }
}

/// The differences between a request and the recorded one.
fn compare_request(case: &Case<'_>, got: &Asked, expected: &Value, server: &Server) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, is_right: bool, got: String, expected: String| {
        if !is_right {
            wrong.push(format!("{what}: {got} is not {expected}"));
        }
    };
    check("method", expected["method"] == *got.method, got.method.clone(), expected["method"].to_string());
    let path = right_path(case, expected["path"].as_str().unwrap());
    check("path", segments(&got.path) == segments(&path), got.path.clone(), path.clone());
    let mut query = got.query.clone();
    let mut wanted: Vec<(String, String)> = serde_json::from_value(expected["query"].clone()).unwrap();
    query.sort();
    wanted.sort();
    check("query", query == wanted, format!("{query:?}"), format!("{wanted:?}"));
    let body = without_defaults(case, &path, &filled(&expected["body"], server), &got.body);
    let is_same = without_defaults(case, &path, &got.body, &Value::Null) == body || got.body == body;
    check("body", is_same, got.body.to_string(), body.to_string());
    let headers = expected["headers"].as_object().unwrap();
    for (name, value) in headers {
        let value = value.as_str().unwrap();
        // This client chooses which codings it accepts, except for Arrow, which comes without one.
        if name == "accept-encoding" && (value != "identity" || got.is_storage()) {
            continue;
        }
        check(name, got.header(name) == Some(value), format!("{:?}", got.header(name)), value.to_owned());
    }
    const OURS: [&str; 6] = [
        "authorization",
        "x-workspace-id",
        "x-database-id",
        "x-upload-finalize-token",
        "content-type",
        "x-session-id",
    ];
    for (name, value) in &got.headers {
        let is_plain = ["connection", "host", "content-length"].contains(&&**name);
        if !headers.contains_key(name) && (OURS.contains(&&**name) || got.is_storage() && !is_plain) {
            wrong.push(format!("a header too many: {name}: {value}"));
        }
    }
    wrong
}

/// A body without what the vendor's client always says although it is the default, unless we say it too.
fn without_defaults(case: &Case<'_>, path: &str, body: &Value, other: &Value) -> Value {
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
pub(super) fn is_same(got: &Value, expected: &Value) -> bool {
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
pub(super) fn is_in(got: &Value, answer: &Value) -> bool {
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

/// What is wrong with the result, the requests aside.
fn result(case: &Case<'_>, layer: &Layer, done: &Done, server: &Server, right: Option<Right>) -> Vec<String> {
    let outcome = case.outcome();
    if let Some(right) = right.filter(|right| *right != Right::Normalised) {
        return right.compare(case, done);
    }
    if case.ends_in_a_failed_poll() {
        return gave_up(case, done);
    }
    if done.is_compared {
        return done.wrong.clone();
    }
    let mut wrong = done.wrong.clone();
    match (&done.result, outcome.get("ok")) {
        (Ok(got), Some(expected)) => {
            if !is_same(got, &filled(expected, server)) {
                wrong.push(format!("{got}\n    is not {expected}"));
            }
            // Which of several successes it is.
            let model = outcome["model"].as_str();
            if model.is_some_and(|model| !done.shown.contains(&format!("{model} {{"))) {
                wrong.push(format!("it is not a {}: {}", outcome["model"], done.shown));
            }
        }
        (Err(error), None) => wrong.extend(errors::compare(case, error, layer.changes(case))),
        (result, _) => wrong.push(format!("{result:?}\n    is not {outcome}")),
    }
    wrong
}

/// After polls that fail until the timeout: the error says so, or what the last response said, and has
/// the id.
fn gave_up(case: &Case<'_>, done: &Done) -> Vec<String> {
    let id = case.exchanges().iter().rev().find_map(|exchange| exchange["request"]["path"].as_str());
    let id = id.and_then(|path| path.rsplit('/').next());
    match &done.result {
        Err(error) if error.resource() == id => {
            use ErrorKind::{OperationTimeout, RateLimited, Server as Failed, Transport};
            let is_right = [OperationTimeout, RateLimited, Failed, Transport].contains(&error.kind());
            if is_right { Vec::new() } else { vec![format!("{error:?} after polls that failed")] }
        }
        result => vec![format!("{result:?} after polls of {id:?} that failed")],
    }
}
