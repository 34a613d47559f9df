//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the
//! responses. Both modes, with a transport that replays; streams of logs over sockets too.

use controlplane::h2o_workflows::{AnyCommand, Credentials};
use controlplane::{RetryPolicy, SecretString};
use serde_json::Value;

use crate::vectors::{Case, Cases, unknown, unknown_keys};

mod calls;
mod compare;
mod flows;
mod login;
mod logs;
mod service;
mod tolerant;

/// The address of the service.
const BASE: &str = "http://h2o.test";
/// An address that refuses connections.
const CLOSED: &str = "http://closed.test";

const CLASSES: [&str; 13] = [
    "args",
    "awkward",
    "answer",
    "paging",
    "multi",
    "stream",
    "startup",
    "argument",
    "error",
    "decode",
    "tolerance",
    "retry",
    "redirect",
];

fn cases() -> Cases {
    let cases = cases_at(BASE);
    assert!(!cases.is_own() || cases.iter().len() == 1027, "{}", cases.iter().len());
    cases
}

/// The cases with another address of the service.
fn cases_at(base: &str) -> Cases {
    let own = include_str!("../../vectors/h2o-workflows-wire.jsonl");
    Cases::read("h2o-workflows-wire.jsonl", own, &[("{base}", base), ("{closed}", CLOSED)])
}

fn op(case: &Case) -> &str {
    case.json["op"].as_str().unwrap_or_default()
}

fn is_login(case: &Case) -> bool {
    matches!(op(case), "login" | "login_custom")
}

fn is_stream(case: &Case) -> bool {
    op(case) == "step.stream_step_logs"
}

fn exchanges(case: &Case) -> &[Value] {
    case.json["exchanges"].as_array().unwrap()
}

/// What of a case the harness does not know.
fn not_known(case: &Case) -> Vec<String> {
    let json = &case.json;
    let keys =
        ["service", "op", "id", "class", "args", "exchanges", "outcome", "peer_bug", "note", "expected"];
    let more = ["sleeps", "paging", "via", "env", "config", "home_config", "then"];
    let mut wrong = unknown_keys(json, "the case", &[&keys[..], &more[..]].concat());
    let mut check =
        |value: &Value, place: &str, known: &[&str]| wrong.extend(unknown_keys(value, place, known));
    check_outcome(&json["outcome"], &mut check);
    let expected = &json["expected"];
    check(expected, "expected", &["ok", "error", "stream", "bytes_base64", "request_body"]);
    check(&expected["stream"], "expected.stream", &["bytes_base64", "offset", "end", "grpc_code", "message"]);
    for exchange in exchanges(case) {
        check(exchange, "an exchange", &["request", "response"]);
        check(&exchange["request"], "a request", &["method", "path", "query", "headers", "body"]);
        let response = ["status", "headers", "body", "chunks", "cut_after", "fault"];
        check(&exchange["response"], "a response", &response);
    }
    for then in json["then"].as_array().into_iter().flatten() {
        check(then, "a later call", &["advance_s", "op", "args", "exchanges_from", "outcome"]);
        check_outcome(&then["outcome"], &mut check);
    }
    if !CLASSES.contains(&json["class"].as_str().unwrap_or_default()) {
        wrong.push(unknown(format_args!("the class {}", json["class"])));
    }
    let end = expected["stream"]["end"].as_str();
    if end.is_some_and(|end| !logs::ENDS.contains(&end)) {
        wrong.push(unknown(format_args!("the end {}", expected["stream"]["end"])));
    }
    if !json["via"].is_null() && json["via"] != "generated layer" {
        wrong.push(unknown(format_args!("the way {}", json["via"])));
    }
    if json["peer_bug"] == true && expected.is_null() && !(is_login(case) && flows::Flow::of(case).is_some())
    {
        wrong.push(unknown(format_args!("what is correct where the vendor is wrong: {}", json["note"])));
    }
    wrong
}

fn check_outcome(outcome: &Value, check: &mut impl FnMut(&Value, &str, &[&str])) {
    check(outcome, "outcome", &["ok", "error", "yielded", "note"]);
    let keys = ["exception", "status", "kind", "grpc_code", "message", "body", "note"];
    let token = ["error", "error_description", "error_uri"];
    check(&outcome["error"], "outcome.error", &[&keys[..], &token[..]].concat());
}

/// What counts for a correct client.
fn outcome(case: &Case) -> &Value {
    match &case.json["expected"] {
        expected if expected.get("ok").is_some() || expected.get("error").is_some() => expected,
        _ => &case.json["outcome"],
    }
}

/// A command of this operation; `args` is JSON.
fn command(op: &str, args: &str) -> Result<AnyCommand, String> {
    serde_json::from_str(&format!("{{\"{op}\": {args}}}")).map_err(|error| format!("no command: {error}"))
}

/// Credentials for a service at this address, with a token.
fn credentials(base: &str) -> Credentials {
    let token = SecretString::from("test-access-token");
    Credentials::builder().endpoint(base).token_provider(token).build().unwrap()
}

/// Retries without a pause of their own.
fn retries(number: u32) -> RetryPolicy {
    let mut policy = RetryPolicy::retries(number);
    policy.first_delay = std::time::Duration::from_millis(1);
    policy
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
