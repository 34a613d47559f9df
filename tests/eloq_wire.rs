//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the answers. Both
//! modes, against a transport that replays.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::eloq::{AnyCommand, AnyOutput, AsyncClient, Client};
use controlplane::http::{Headers, Method, Request, Response};
use controlplane::transport::{AsyncTransport, Proxy, SendError, SendErrorKind, Transport};
use controlplane::{Error, ErrorKind, RetryPolicy};
use serde_json::{Value, json};

mod support;
use support::{RawServer, answer, read_request};

const CASES: &str = include_str!("vectors/eloq-wire.jsonl");

fn cases() -> Vec<Value> {
    CASES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Gives the recorded answers in order, and keeps what was asked.
#[derive(Clone)]
struct Replay {
    answers: Vec<Value>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Replay {
    fn of(exchanges: &Value) -> Self {
        let answers = exchanges.as_array().unwrap().iter().map(|e| e["response"].clone()).collect();
        Self { answers, asked: Arc::default() }
    }

    fn answer(&self, request: &Request) -> Result<Response, SendError> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(request.clone());
        let Some(answer) = self.answers.get(asked.len() - 1) else {
            return Err(SendError::new(SendErrorKind::InvalidRequest, false, "one request too many"));
        };
        if answer["fault"] == "closed-before-response" {
            return Err(SendError::new(SendErrorKind::Closed, true, "the connection was closed"));
        }
        assert!(answer["fault"].is_null(), "{answer}");
        let mut headers = Headers::new();
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            headers.push(name.clone(), value.as_str().unwrap());
        }
        let body = match answer["body"].get("text") {
            Some(text) => text.as_str().unwrap().to_owned(),
            None => answer["body"].to_string(),
        };
        Ok(Response::new(u16::try_from(answer["status"].as_u64().unwrap()).unwrap(), headers, body))
    }
}

impl Transport for Replay {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        self.answer(request)
    }
}

impl AsyncTransport for Replay {
    async fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        self.answer(request)
    }
}

/// What counts for a correct client.
struct Case<'a> {
    raw: &'a Value,
    exchanges: &'a Value,
    outcome: &'a Value,
}

impl<'a> Case<'a> {
    fn new(raw: &'a Value) -> Self {
        let part = |key: &str| raw["correct"].get(key).unwrap_or(&raw[key]);
        Self { raw, exchanges: part("exchanges"), outcome: part("outcome") }
    }

    fn base_url(&self) -> String {
        let path = self.raw["client"]["base_path"].as_str().unwrap_or("/api/v1/");
        format!("http://eloq.test{path}")
    }

    fn key(&self) -> &str {
        self.raw["client"]["api_key"].as_str().unwrap_or("eloq-made-up-key-0001")
    }

    /// The zone is a constant of the vendor's client; here it is an argument.
    fn command(&self) -> Result<AnyCommand, String> {
        let mut args = self.raw["args"].clone();
        let created =
            self.exchanges.as_array().unwrap().iter().find_map(|e| e["request"]["body"].as_object());
        if let Some(zone) = created.and_then(|body| body.get("requiredZone")) {
            args["required_zone"] = zone.clone();
        }
        let command = json!({ self.raw["op"].as_str().unwrap(): args });
        serde_json::from_value(command).map_err(|e| e.to_string())
    }

    fn run(&self, command: AnyCommand, replay: Replay) -> Result<AnyOutput, Error> {
        let client = Client::builder()
            .key(self.key())
            .base_url(self.base_url())
            .retry(RetryPolicy::retries(0))
            .transport(replay)
            .build()?;
        client.call(command).send()
    }

    fn run_async(&self, command: AnyCommand, replay: Replay) -> Result<AnyOutput, Error> {
        let client = AsyncClient::builder()
            .key(self.key())
            .base_url(self.base_url())
            .retry(RetryPolicy::retries(0))
            .transport(replay)
            .build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.call(command).send())
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(decoded).collect()
}

/// The differences between a request and the recorded one.
fn compare_request(got: &Request, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, got: String, expected: String| {
        if got != expected {
            wrong.push(format!("{what}: {got} is not {expected}"));
        }
    };
    let url = got.url();
    let rest = url.strip_prefix("http://eloq.test").unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query: Vec<Vec<String>> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split('=').map(|part| String::from_utf8(decoded(part)).unwrap()).collect())
        .collect();
    check("method", got.method.as_str().to_owned(), expected["method"].as_str().unwrap().to_owned());
    let expected_path = expected["path"].as_str().unwrap();
    check("path", format!("{:?}", segments(path)), format!("{:?}", segments(expected_path)));
    check("query", json!(query).to_string(), expected["query"].to_string());
    let body = got.body.as_ref().map_or(Value::Null, |body| serde_json::from_slice(body).unwrap());
    check("body", body.to_string(), expected["body"].to_string());
    for (name, value) in expected["headers"].as_object().unwrap() {
        if name == "content-type" && body.is_null() {
            continue;
        }
        let sent = got.headers.text(name).map(String::from);
        check(name, format!("{sent:?}"), format!("{:?}", value.as_str()));
    }
    wrong
}

/// True if everything that is expected is there; null means absent, or the default of its type.
fn fits(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| fits(got.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(g, e)| fits(g, e))
        }
        (Value::Number(got), Value::Number(expected)) => {
            // As numbers that hold every integer there is, and as those that have a point.
            got == expected || (got.is_f64() || expected.is_f64()) && got.as_f64() == expected.as_f64()
        }
        (got, Value::Null) => {
            got.is_null() || *got == json!("") || *got == json!([]) || got.as_f64() == Some(0.0)
        }
        _ => got == expected,
    }
}

fn kinds(kind: &str, changes: bool) -> Vec<ErrorKind> {
    let mut kinds = vec![match kind {
        "rejected" | "other" => ErrorKind::Rejected,
        "authentication" => ErrorKind::Authentication,
        "permission_denied" => ErrorKind::PermissionDenied,
        "not_found" | "no_project" => ErrorKind::NotFound,
        "conflict" => ErrorKind::Conflict,
        "rate_limited" => ErrorKind::RateLimited,
        "server" => ErrorKind::Server,
        "unexpected_response" => ErrorKind::UnexpectedResponse,
        "not_ready" => ErrorKind::NotReady,
        "transport" => ErrorKind::Transport,
        "outcome_unknown" => ErrorKind::OutcomeUnknown,
        other => panic!("{other}"),
    }];
    if changes && matches!(kind, "server" | "unexpected_response") {
        kinds.push(ErrorKind::OutcomeUnknown);
    }
    kinds
}

/// The kind of an exception that is not the vendor's own.
fn kind_of_exception(error: &Value) -> Option<&str> {
    match error["exception"].as_str()? {
        "JSONDecodeError" | "ValidationError" => Some("unexpected_response"),
        "ConnectionError" => Some("transport"),
        _ => None,
    }
}

fn compare_error(error: &Error, case: &Case<'_>) -> Vec<String> {
    let expected = &case.outcome["error"];
    let mut wrong = Vec::new();
    let changes = matches!(case.raw["op"].as_str(), Some("cluster_create" | "cluster_delete"));
    let kind = expected["kind"].as_str().or_else(|| kind_of_exception(expected));
    if let Some(kind) = kind {
        if !kinds(kind, changes).contains(&error.kind()) {
            wrong.push(format!("{:?} is not {kind}", error.kind()));
        }
    }
    if let Some(status) = expected["status"].as_u64() {
        if error.status().map(u64::from) != Some(status) {
            wrong.push(format!("status {:?} is not {status}", error.status()));
        }
    }
    let last = case.exchanges.as_array().unwrap().last().map_or(Value::Null, |e| e["response"].clone());
    let is_envelope = last["body"].is_object() && last["body"].get("text").is_none();
    if kind_of_exception(expected).is_none() && is_envelope {
        let code = expected["code"].as_i64().map(|code| code.to_string());
        if error.api_code() != code.as_deref() {
            wrong.push(format!("code {:?} is not {code:?}", error.api_code()));
        }
        if error.api_message() != expected["message"].as_str() {
            wrong.push(format!("message {:?} is not {:?}", error.api_message(), expected["message"]));
        }
    }
    // Whatever the body is: it is kept, and its text is told.
    if let (Some(text), Some(_)) = (last["body"]["text"].as_str(), error.status()) {
        if error.body() != Some(text) {
            wrong.push(format!("the body is not kept: {:?}", error.body()));
        }
    }
    let shown = format!("{error}{error:?}");
    if shown.contains(case.key()) || shown.contains("bm90LWEtcmVhbC1wYXNzd29yZA") {
        wrong.push(format!("a secret shows: {shown}"));
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
    wrong
}

fn compare(case: &Case<'_>, outcome: &Result<AnyOutput, Error>, asked: &[Request]) -> Vec<String> {
    if case.raw["may_refuse"] == true {
        if let Err(error) = outcome {
            if error.kind() == ErrorKind::InvalidArgument && asked.is_empty() {
                return Vec::new();
            }
        }
    }
    if case.outcome["refused"] == true {
        return vec![format!("not refused: {outcome:?}")];
    }
    let exchanges = case.exchanges.as_array().unwrap();
    let mut wrong = Vec::new();
    if asked.len() != exchanges.len() {
        wrong.push(format!("{} requests, not {}", asked.len(), exchanges.len()));
    }
    for (i, (got, expected)) in asked.iter().zip(exchanges).enumerate() {
        let differences = compare_request(got, &expected["request"]);
        wrong.extend(differences.into_iter().map(|d| format!("request {i}: {d}")));
    }
    match (outcome, case.outcome.get("ok")) {
        (Ok(output), Some(expected)) => {
            let got = serde_json::to_value(output).unwrap();
            if !fits(&got, expected) {
                wrong.push(format!("{got}\n    is not {expected}"));
            }
        }
        (Err(error), None) => wrong.extend(compare_error(error, case)),
        (outcome, _) => wrong.push(format!("{outcome:?}\n    is not {}", case.outcome)),
    }
    wrong
}

#[test]
fn every_recorded_case_in_both_modes() {
    let cases = cases();
    assert_eq!(cases.len(), 226);
    let mut failures = Vec::new();
    for raw in &cases {
        let case = Case::new(raw);
        for mode in [Case::run, Case::run_async] {
            let replay = Replay::of(case.exchanges);
            let wrong = match case.command() {
                Ok(command) => {
                    let outcome = mode(&case, command, replay.clone());
                    compare(&case, &outcome, &replay.asked.lock().unwrap())
                }
                Err(_) if raw["may_refuse"] == true => Vec::new(),
                Err(why) => vec![format!("no command: {why}")],
            };
            if !wrong.is_empty() {
                failures.push(format!("{}: {}", raw["id"], wrong.join("\n  ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// The same over real connections: what is on the wire, and not what was meant to be.
#[test]
fn every_recorded_case_over_sockets() {
    let cases = cases();
    let mut failures = Vec::new();
    for raw in &cases {
        let case = Case::new(raw);
        let Ok(command) = case.command() else { continue };
        for is_async in [false, true] {
            let replay = Replay::of(case.exchanges);
            let server = serve(replay.clone());
            let base_url = case.base_url().replace("http://eloq.test", &server.url());
            let outcome = if is_async {
                let client = AsyncClient::builder().key(case.key()).base_url(base_url);
                let client = client.proxy(Proxy::None).retry(RetryPolicy::retries(0)).build().unwrap();
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(client.call(command.clone()).send())
            } else {
                let client = Client::builder().key(case.key()).base_url(base_url);
                let client = client.proxy(Proxy::None).retry(RetryPolicy::retries(0)).build().unwrap();
                client.call(command.clone()).send()
            };
            let wrong = compare(&case, &outcome, &replay.asked.lock().unwrap());
            if !wrong.is_empty() {
                failures.push(format!("{}: {}", raw["id"], wrong.join("\n  ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// A server that replays, one connection for each request.
fn serve(replay: Replay) -> RawServer {
    RawServer::start(move |mut stream, _| {
        let Some(text) = read_request(&mut stream) else { return };
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let method = match first.next().unwrap() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "DELETE" => Method::Delete,
            other => panic!("{other}"),
        };
        // The query stands in the path as it was sent.
        let mut request = Request::new(method, "http://eloq.test", first.next().unwrap());
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request.headers.push(name.to_owned(), value);
        }
        request.body = (!body.is_empty()).then(|| body.as_bytes().to_vec().into());
        let Ok(response) = replay.answer(&request) else { return };
        let mut headers = "Connection: close\r\n".to_owned();
        for (name, value) in response.headers.iter() {
            headers.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value)));
        }
        let body = String::from_utf8(response.body).unwrap();
        let _ = stream.write_all(&answer(&format!("{} X", response.status), &headers, &body));
    })
}

#[test]
fn commands_are_the_same_json_again() {
    for raw in &cases() {
        let Ok(command) = Case::new(raw).command() else { continue };
        let json = serde_json::to_value(&command).unwrap();
        assert_eq!(serde_json::from_value::<AnyCommand>(json).unwrap(), command);
    }
}

/// A request is the same whether it is sent or only asked for.
#[test]
fn what_a_dry_run_shows_is_what_is_sent() {
    let mut count = 0;
    for raw in &cases() {
        let case = Case::new(raw);
        let (Ok(command), Some(last)) = (case.command(), case.exchanges.as_array().unwrap().last()) else {
            continue;
        };
        if last["request"]["path"].as_str().unwrap().ends_with("/org-info")
            && !matches!(raw["op"].as_str(), Some("info" | "org"))
        {
            continue;
        }
        let replay = Replay::of(case.exchanges);
        if case.run(command.clone(), replay.clone()).is_err() {
            continue;
        }
        count += 1;
        let sent = replay.asked.lock().unwrap().last().unwrap().clone();
        let dry = Client::offline().call(command.clone()).to_request().unwrap();
        assert_eq!((dry.method, &dry.query, &dry.body), (sent.method, &sent.query, &sent.body));
        assert!(dry.headers.get("authorization").is_none());
        let ids: Vec<&str> = sent.path.split('/').collect();
        let filled = match ids.as_slice() {
            ["", "orgs", org, "projects", project, ..] => {
                dry.path.replacen("{org}", org, 1).replacen("{project}", project, 1)
            }
            _ => dry.path.clone(),
        };
        assert_eq!(filled, sent.path);
    }
    assert!(count > 80, "{count}");
}
