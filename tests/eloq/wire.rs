//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the
//! responses. Both modes, with a transport that replays and over sockets.

use controlplane::eloq::{AnyCommand, AnyOutput, AsyncClient, Client, Credentials};
use controlplane::http::{Request, Response};
use controlplane::transport::{Proxy, SendErrorKind};
use controlplane::{Error, ErrorKind, RetryPolicy};
use serde_json::{Value, json};

use crate::fits::{Rules, fits, is_same_number};
use crate::paths::{decoded, split};
use crate::recorded;
use crate::scripted::{Reply, Scripted};
use crate::served::serve;
use crate::vectors::{Case, Cases, Report, unknown, unknown_keys};

const BASE: &str = "http://eloq.test";
const OPERATIONS: [&str; 8] = [
    "info",
    "org",
    "clusters",
    "cluster",
    "cluster_create",
    "cluster_delete",
    "cluster_credentials",
    "get_skus",
];

fn cases() -> Cases {
    let cases = Cases::read("eloq-wire.jsonl", include_str!("../vectors/eloq-wire.jsonl"), &[]);
    assert!(!cases.is_own() || cases.iter().len() == 227, "{}", cases.iter().len());
    cases
}

/// A case, with what counts for a correct client.
struct Wire<'a> {
    case: &'a Case,
    /// Where the exchanges stand.
    exchanges_at: &'static str,
    exchanges: &'a [Value],
    outcome: &'a Value,
}

impl<'a> Wire<'a> {
    fn new(case: &'a Case) -> Self {
        let json = &case.json;
        let exchanges_at =
            if json["correct"].get("exchanges").is_some() { "/correct/exchanges" } else { "/exchanges" };
        Self {
            case,
            exchanges_at,
            exchanges: json.pointer(exchanges_at).and_then(Value::as_array).unwrap(),
            outcome: json["correct"].get("outcome").unwrap_or(&json["outcome"]),
        }
    }

    fn op(&self) -> &str {
        self.case.json["op"].as_str().unwrap()
    }

    fn key(&self) -> &str {
        self.case.json["client"]["api_key"].as_str().unwrap_or("eloq-made-up-key-0001")
    }

    fn base_path(&self) -> &str {
        self.case.json["client"]["base_path"].as_str().unwrap_or("/api/v1/")
    }

    fn may_refuse(&self) -> bool {
        self.case.json["may_refuse"] == true
    }

    fn changes(&self) -> bool {
        matches!(self.op(), "cluster_create" | "cluster_delete")
    }

    /// What of the case the harness does not know.
    fn unknown(&self) -> Vec<String> {
        let json = &self.case.json;
        let keys = ["service", "op", "id", "client", "args", "exchanges", "outcome", "peer_bug", "note"];
        let mut wrong = unknown_keys(json, "the case", &[&keys[..], &["correct", "may_refuse"]].concat());
        let mut check = |value: &Value, place: &str, known: &[&str]| {
            wrong.extend(unknown_keys(value, place, known));
        };
        check(&json["client"], "client", &["api_key", "base_path"]);
        check(&json["correct"], "correct", &["outcome", "exchanges"]);
        check(self.outcome, "outcome", &["ok", "error", "refused"]);
        let error = ["exception", "status", "note", "kind", "code", "message"];
        check(&self.outcome["error"], "outcome.error", &error);
        for exchange in self.exchanges {
            check(exchange, "an exchange", &["request", "response"]);
            check(&exchange["request"], "a request", &["method", "path", "query", "headers", "body"]);
            check(&exchange["response"], "a response", &["status", "headers", "body", "fault"]);
        }
        if !OPERATIONS.contains(&self.op()) {
            wrong.push(unknown(format_args!("the operation {}", self.op())));
        }
        if self.outcome.as_object().is_none_or(|outcome| outcome.len() != 1) {
            wrong.push(unknown(format_args!("the outcome {}", self.outcome)));
        }
        if json["peer_bug"] == true && json["correct"].as_object().is_none_or(serde_json::Map::is_empty) {
            wrong.push(unknown(format_args!("what is correct where the vendor is wrong: {}", json["note"])));
        }
        wrong
    }

    /// The zone is a constant of the vendor's client; here it is an argument.
    fn command(&self) -> Result<AnyCommand, String> {
        let mut args = self.case.raw("/args").unwrap_or_else(|| "{}".to_owned());
        let created = self.exchanges.iter().find_map(|exchange| exchange["request"]["body"].as_object());
        if let Some(zone) = created.and_then(|body| body.get("requiredZone")) {
            let end = args.rfind('}').unwrap();
            args.insert_str(end, &format!(", \"required_zone\": {zone}"));
        }
        serde_json::from_str(&format!("{{\"{}\": {args}}}", self.op())).map_err(|error| error.to_string())
    }

    /// Gives the recorded responses in their order.
    fn script(&self) -> Result<Scripted, String> {
        let at = |i: usize| format!("{}/{i}/response", self.exchanges_at);
        let replies: Vec<Reply> = (0..self.exchanges.len())
            .map(|i| match recorded::reply(self.case, &at(i))? {
                // A body is JSON, `null` too.
                Reply::Whole(response) if response.body.is_empty() && self.body(i).is_null() => {
                    Ok(Reply::Whole(Response::new(response.status, response.headers, "null")))
                }
                reply => Ok(reply),
            })
            .collect::<Result<_, String>>()?;
        Ok(Scripted::new(move |_, number| match replies.get(number) {
            Some(reply) => reply.clone(),
            None => Reply::Fails(SendErrorKind::InvalidRequest, false),
        }))
    }

    fn body(&self, exchange: usize) -> &Value {
        &self.exchanges[exchange]["response"]["body"]
    }

    fn credentials(&self, server: &str) -> Result<Credentials, Error> {
        let base_url = format!("{server}{}", self.base_path());
        Credentials::builder().api_key(self.key()).base_url(base_url).build()
    }

    fn run(&self, command: AnyCommand, script: Scripted) -> Result<AnyOutput, Error> {
        let client = Client::builder().credentials(self.credentials(BASE)?);
        client.retry(RetryPolicy::retries(0)).transport(script).build()?.call(command).send()
    }

    fn run_async(&self, command: AnyCommand, script: Scripted) -> Result<AnyOutput, Error> {
        let client = AsyncClient::builder().credentials(self.credentials(BASE)?);
        let client = client.retry(RetryPolicy::retries(0)).transport(script).build()?;
        runtime().block_on(client.call(command).send())
    }

    /// The same over a real connection: what is on the wire, and not what was meant to be.
    fn run_served(&self, command: AnyCommand, script: Scripted) -> Result<AnyOutput, Error> {
        let server = serve(script, BASE);
        let client = Client::builder().credentials(self.credentials(&server.url())?);
        client.proxy(Proxy::None).retry(RetryPolicy::retries(0)).build()?.call(command).send()
    }

    fn run_served_async(&self, command: AnyCommand, script: Scripted) -> Result<AnyOutput, Error> {
        let server = serve(script, BASE);
        let client = AsyncClient::builder().credentials(self.credentials(&server.url())?);
        let client = client.proxy(Proxy::None).retry(RetryPolicy::retries(0)).build()?;
        runtime().block_on(client.call(command).send())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The differences between a request and the recorded one.
fn compare_request(got: &Request, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, is_right: bool, got: String, expected: String| {
        if !is_right {
            wrong.push(format!("{what}: {got} is not {expected}"));
        }
    };
    let url = got.url();
    let (path, query) = split(url.strip_prefix(BASE).unwrap());
    let method = got.method.as_str();
    check("method", expected["method"] == method, method.to_owned(), expected["method"].to_string());
    let wanted = expected["path"].as_str().unwrap();
    let segments = |path: &str| path.split('/').map(decoded).collect::<Vec<_>>();
    check("path", segments(path) == segments(wanted), path.to_owned(), wanted.to_owned());
    check(
        "query",
        json!(query) == expected["query"],
        json!(query).to_string(),
        expected["query"].to_string(),
    );
    let body = match got.body.as_deref() {
        None => Value::Null,
        Some(body) => serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned())),
    };
    let is_same = is_same_json(&body, &expected["body"]);
    check("body", is_same, body.to_string(), expected["body"].to_string());
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        if name == "content-type" && body.is_null() {
            continue;
        }
        let sent = got.headers.text(name).map(|text| text.into_owned());
        check(name, sent.as_deref() == value.as_str(), format!("{sent:?}"), value.to_string());
    }
    wrong
}

/// True for the same JSON, numbers by value.
fn is_same_json(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            got.len() == expected.len()
                && got.iter().all(|(key, value)| expected.get(key).is_some_and(|e| is_same_json(value, e)))
        }
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(got, e)| is_same_json(got, e))
        }
        (Value::Number(_), Value::Number(_)) => is_same_number(got, expected),
        _ => got == expected,
    }
}

/// `null` means absent, or the default of the type.
const RULES: Rules = Rules { is_default, is_same_text: |_, _| false };

fn is_default(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().all(is_default),
        Value::Array(entries) => entries.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Bool(value) => !value,
        Value::Null => true,
    }
}

/// The kinds of this crate's errors that a recorded kind allows; `None`: any.
fn kinds(expected: &Value, changes: bool) -> Result<Option<Vec<ErrorKind>>, String> {
    let kind = match expected.get("kind") {
        Some(Value::Null) => return Ok(None),
        Some(kind) => kind.as_str(),
        None => kind_of_exception(expected),
    };
    let mut kinds = vec![match kind {
        Some("rejected" | "other") => ErrorKind::Rejected,
        Some("authentication") => ErrorKind::Authentication,
        Some("permission_denied") => ErrorKind::PermissionDenied,
        Some("not_found" | "no_project") => ErrorKind::NotFound,
        Some("conflict") => ErrorKind::Conflict,
        Some("rate_limited") => ErrorKind::RateLimited,
        Some("server") => ErrorKind::Server,
        Some("unexpected_response") => ErrorKind::UnexpectedResponse,
        Some("not_ready") => ErrorKind::NotReady,
        Some("transport") => ErrorKind::Transport,
        Some("outcome_unknown") => ErrorKind::OutcomeUnknown,
        _ => return Err(unknown(format_args!("the kind of the error {expected}"))),
    }];
    if changes && matches!(kind, Some("server" | "unexpected_response")) {
        kinds.push(ErrorKind::OutcomeUnknown);
    }
    Ok(Some(kinds))
}

/// The kind of an exception that is not the vendor's own.
fn kind_of_exception(error: &Value) -> Option<&str> {
    match error["exception"].as_str()? {
        "JSONDecodeError" | "ValidationError" => Some("unexpected_response"),
        "ConnectionError" | "ConnectTimeout" | "ReadTimeout" | "Timeout" => Some("transport"),
        _ => None,
    }
}

fn compare_error(error: &Error, wire: &Wire<'_>) -> Vec<String> {
    let expected = &wire.outcome["error"];
    let mut wrong = Vec::new();
    match kinds(expected, wire.changes()) {
        Ok(Some(kinds)) if !kinds.contains(&error.kind()) => {
            wrong.push(format!("the kind {:?} is none of {kinds:?}: {error}", error.kind()));
        }
        Ok(_) => {}
        Err(why) => wrong.push(why),
    }
    if let Some(status) = expected["status"].as_u64()
        && error.status().map(u64::from) != Some(status)
    {
        wrong.push(format!("status {:?} is not {status}", error.status()));
    }
    let last = wire.exchanges.last().map_or(Value::Null, |exchange| exchange["response"]["body"].clone());
    let text = recorded::only(&last, "text");
    let is_envelope = match text {
        Some(text) => serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object()),
        None => last.is_object(),
    };
    // The text of an exception that is not the vendor's own is the library's.
    if kind_of_exception(expected).is_none() && is_envelope {
        let code = match &expected["code"] {
            Value::Null => None,
            Value::String(code) => Some(code.clone()),
            code => Some(code.to_string()),
        };
        if error.api_code() != code.as_deref() {
            wrong.push(format!("code {:?} is not {code:?}", error.api_code()));
        }
        if error.api_message() != expected["message"].as_str() {
            wrong.push(format!("message {:?} is not {:?}", error.api_message(), expected["message"]));
        }
    }
    // Whatever the body is: it is kept, and its text is shown.
    if let (Some(text), Some(_)) = (text, error.status())
        && error.body() != Some(text)
    {
        wrong.push(format!("the body is not kept: {:?}", error.body()));
    }
    let shown = format!("{error}{error:?}");
    if shown.contains(wire.key()) || shown.contains("bm90LWEtcmVhbC1wYXNzd29yZA") {
        wrong.push(format!("a secret shows: {shown}"));
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
    wrong
}

fn compare(wire: &Wire<'_>, outcome: &Result<AnyOutput, Error>, sent: &[Request]) -> Vec<String> {
    let is_refused = |error: &Error, sent: &[Request]| {
        error.kind() == ErrorKind::InvalidArgument
            && sent.iter().all(|request| request.path.ends_with("/org-info"))
    };
    if wire.outcome["refused"] == true {
        return match outcome {
            Err(error) if is_refused(error, &[]) && sent.is_empty() => Vec::new(),
            outcome => vec![format!("not refused after {} requests: {outcome:?}", sent.len())],
        };
    }
    if wire.may_refuse() && outcome.as_ref().is_err_and(|error| is_refused(error, sent)) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if sent.len() != wire.exchanges.len() {
        wrong.push(format!("{} requests, not {}", sent.len(), wire.exchanges.len()));
    }
    for (i, (got, expected)) in sent.iter().zip(wire.exchanges).enumerate() {
        let differences = compare_request(got, &expected["request"]);
        wrong.extend(differences.into_iter().map(|difference| format!("request {i}: {difference}")));
    }
    match (outcome, wire.outcome.get("ok")) {
        (Ok(output), Some(expected)) => {
            let got = serde_json::to_value(output).unwrap();
            let mut expected = expected.clone();
            // Where the service says nothing of a success, its text is free.
            let says_nothing =
                wire.exchanges.last().is_some_and(|last| last["response"]["body"]["message"].is_null());
            if wire.changes() && says_nothing && expected["success"] == true {
                expected["message"] = got["message"].clone();
            }
            if !fits(&got, &expected, RULES) {
                wrong.push(format!("{got}\n    is not {expected}"));
            }
        }
        (Err(error), None) => wrong.extend(compare_error(error, wire)),
        (outcome, _) => wrong.push(format!("{outcome:?}\n    is not {}", wire.outcome)),
    }
    wrong
}

type Mode = fn(&Wire<'_>, AnyCommand, Scripted) -> Result<AnyOutput, Error>;

fn every_case(modes: [(&str, Mode); 2]) {
    let cases = cases();
    let mut report = Report::new(&cases);
    for case in cases.iter() {
        for (name, mode) in modes {
            report.run(case, name, || {
                let wire = Wire::new(case);
                let mut wrong = wire.unknown();
                match (wire.command(), wire.script()) {
                    (Ok(command), Ok(script)) => {
                        let outcome = mode(&wire, command, script.clone());
                        wrong.extend(compare(&wire, &outcome, &script.sent()));
                    }
                    (Err(_), Ok(_)) if wire.may_refuse() || wire.outcome["refused"] == true => {}
                    (Err(why), Ok(_)) => wrong.push(format!("no command: {why}")),
                    (_, Err(why)) => wrong.push(why),
                }
                wrong
            });
        }
    }
    report.finish();
}

#[test]
fn every_recorded_case_in_both_modes() {
    every_case([
        ("blocking", |wire, command, script| wire.run(command, script)),
        ("async", |wire, command, script| wire.run_async(command, script)),
    ]);
}

/// The same over real connections: what is on the wire, and not what was meant to be.
#[test]
fn every_recorded_case_over_sockets() {
    every_case([
        ("blocking", |wire, command, script| wire.run_served(command, script)),
        ("async", |wire, command, script| wire.run_served_async(command, script)),
    ]);
}

#[test]
fn commands_are_the_same_json_again() {
    let cases = cases();
    let mut report = Report::strict(&cases);
    for case in cases.iter() {
        report.run(case, "", || {
            let Ok(command) = Wire::new(case).command() else { return Vec::new() };
            let json = serde_json::to_value(&command).unwrap();
            let again: AnyCommand = serde_json::from_value(json).unwrap();
            if again == command { Vec::new() } else { vec![format!("{again:?} is not {command:?}")] }
        });
    }
    report.finish();
}

/// A request is the same whether it is sent or only asked for.
#[test]
fn what_a_dry_run_shows_is_what_is_sent() {
    let cases = cases();
    let mut report = Report::strict(&cases);
    let mut count = 0;
    for case in cases.iter() {
        report.run(case, "", || {
            let dry_run = dry_run(&Wire::new(case));
            count += usize::from(dry_run.is_some());
            dry_run.unwrap_or_default()
        });
    }
    report.finish();
    assert!(!cases.is_own() || count > 80, "{count}");
}

/// The differences between what is shown and what is sent; `None`: the command sends nothing of its own.
fn dry_run(wire: &Wire<'_>) -> Option<Vec<String>> {
    let (command, script) = (wire.command().ok()?, wire.script().ok()?);
    let is_org_info = wire.exchanges.last()?["request"]["path"].as_str().unwrap().ends_with("/org-info");
    if is_org_info && !matches!(wire.op(), "info" | "org") {
        return None;
    }
    wire.run(command.clone(), script.clone()).ok()?;
    let sent = script.sent().pop()?;
    let dry = Client::offline().call(command).to_request().unwrap();
    let ids: Vec<&str> = sent.path.split('/').collect();
    let filled = match ids.as_slice() {
        ["", "orgs", org, "projects", project, ..] => {
            dry.path.replacen("{org}", org, 1).replacen("{project}", project, 1)
        }
        _ => dry.path.clone(),
    };
    let mut wrong = Vec::new();
    if (dry.method, &dry.query, &dry.body) != (sent.method, &sent.query, &sent.body) || filled != sent.path {
        wrong.push(format!("{dry:?} is not {sent:?}"));
    }
    if dry.headers.get("authorization").is_some() {
        wrong.push("it shows the key".to_owned());
    }
    Some(wrong)
}
