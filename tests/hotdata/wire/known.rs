//! What the harness knows of the format of a case. Anything else fails the case.

use serde_json::Value;

use super::case::Case;
use super::right::Right;
use crate::vectors::{unknown, unknown_keys};

const CLASSES: [&str; 14] = [
    "error",
    "awkward",
    "body",
    "plain",
    "upload",
    "answer",
    "args",
    "query",
    "arrow",
    "load",
    "rule",
    "local",
    "client",
    "transport",
];

/// What of a case the harness does not know.
pub(super) fn not_known(case: &Case) -> Vec<String> {
    let json = case.json();
    let keys =
        ["service", "op", "id", "class", "args", "exchanges", "outcome", "client", "sleeps", "unordered"];
    let notes = ["peer_bug", "peer_note", "note"];
    let mut wrong = unknown_keys(json, "the case", &[&keys[..], &notes[..]].concat());
    let mut check =
        |value: &Value, place: &str, known: &[&str]| wrong.extend(unknown_keys(value, place, known));
    check(&json["client"], "client", &["api_key", "workspace_id", "base_suffix", "default_headers"]);
    check(&json["outcome"], "outcome", &["ok", "error", "status", "model", "note", "progress"]);
    let plain = ["exception", "status", "code", "message", "body", "note", "retry_after", "reason", "data"];
    let layers = [
        "result",
        "result_id",
        "result_status",
        "error_message",
        "deadline_s",
        "attempts",
        "fetched",
        "expected",
        "kind",
        "observed",
        "limit",
        "warning",
    ];
    let uploads = ["part_number", "exhausted", "rounds_attempted", "what", "value", "url"];
    check(&json["outcome"]["error"], "outcome.error", &[&plain[..], &layers[..], &uploads[..]].concat());
    for exchange in case.exchanges() {
        check(exchange, "an exchange", &["request", "response"]);
        check(&exchange["request"], "a request", &["method", "path", "query", "headers", "body"]);
        check(&exchange["response"], "a response", &["status", "headers", "body", "framing", "fault"]);
    }
    let args = &json["args"];
    for name in ["retry", "load_retry"] {
        let keys = ["max_retries", "base_backoff_s", "max_backoff_s", "deadline_s", "jitter"];
        check(&args[name], name, &keys);
    }
    check(&args["poll"], "poll", &["base_backoff_s", "max_backoff_s", "deadline_s", "page_size"]);
    check(&args["source"], "source", &["bytes_len", "seed", "sha256", "kind", "file_name", "start"]);
    if !CLASSES.contains(&case.class()) {
        wrong.push(unknown(format_args!("the class {}", json["class"])));
    }
    if json["peer_bug"] == true && Right::of(case).is_none() {
        wrong.push(unknown(format_args!("what is correct where the vendor is wrong: {}", json["peer_note"])));
    }
    let outcome = &json["outcome"];
    if outcome.get("ok").is_some() == outcome.get("error").is_some() {
        wrong.push(unknown(format_args!("the outcome {outcome}")));
    }
    wrong
}
