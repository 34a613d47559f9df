//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the answers. Both
//! modes, against a transport that replays.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use controlplane::h2o_workflows::{
    AnyCommand, AnyOutput, AsyncClient, Client, Command, Credentials, CredentialsBuilder, Timestamp,
};
use controlplane::http::{Headers, Request, Response};
use controlplane::transport::{AsyncTransport, SendError, SendErrorKind, Transport};
use controlplane::{Clock, Error, ErrorKind, RetryPolicy, SecretString};
use serde_json::{Map, Value, json};

const CASES: &str = include_str!("vectors/h2o-workflows-wire.jsonl");
const BASE: &str = "http://h2o.test";
const CLOSED: &str = "http://closed.test";

fn cases() -> Vec<Value> {
    let filled = CASES.replace("{base}", BASE).replace("{closed}", CLOSED);
    filled.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_login(case: &Value) -> bool {
    case["op"].as_str().unwrap().starts_with("login")
}

/// Gives the recorded answers of each path in their order, and keeps what was asked.
#[derive(Clone)]
struct Replay {
    answers: Arc<Mutex<BTreeMap<Vec<u8>, Vec<Value>>>>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Replay {
    fn of(exchanges: &Value) -> Self {
        let mut answers: BTreeMap<Vec<u8>, Vec<Value>> = BTreeMap::new();
        for exchange in exchanges.as_array().unwrap().iter().rev() {
            let key = key_of(
                exchange["request"]["method"].as_str().unwrap(),
                exchange["request"]["path"].as_str().unwrap(),
            );
            answers.entry(key).or_default().push(exchange["response"].clone());
        }
        Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    fn answer(&self, request: &Request) -> Result<Response, SendError> {
        let url = request.url();
        if url.starts_with(CLOSED) {
            return Err(SendError::new(SendErrorKind::Connect, false, "refused"));
        }
        self.asked.lock().unwrap().push(request.clone());
        let path = url.strip_prefix(BASE).unwrap().split('?').next().unwrap().to_owned();
        let mut answers = self.answers.lock().unwrap();
        let answer = answers.get_mut(&key_of(request.method.as_str(), &path)).and_then(Vec::pop);
        let Some(answer) = answer else {
            // Where the vendor's client gives up, this one may get as far as this.
            if path == "/version" {
                return Ok(Response::new(200, Headers::new(), ""));
            }
            let body = r#"{"code": 5, "message": "not recorded"}"#;
            return Ok(Response::new(404, Headers::new(), body));
        };
        if answer["fault"] == "closed-before-response" || !answer["cut_after"].is_null() {
            return Err(SendError::new(SendErrorKind::Closed, true, "the connection was closed"));
        }
        assert!(answer["fault"].is_null(), "{answer}");
        let mut headers = Headers::new();
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            headers.push(name.clone(), value.as_str().unwrap());
        }
        let body = match &answer["body"] {
            Value::Null => Vec::new(),
            body => match (body["text"].as_str(), body["base64"].as_str()) {
                (Some(text), _) => text.as_bytes().to_vec(),
                (_, Some(text)) => from_base64(text),
                _ => body.to_string().into_bytes(),
            },
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

/// Waits by moving its hands.
#[derive(Clone)]
struct Leaping(Arc<Mutex<(Instant, Duration)>>);

impl Leaping {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Duration::ZERO))))
    }

    fn advance(&self, time: Duration) {
        self.0.lock().unwrap().1 += time;
    }
}

impl Clock for Leaping {
    fn now(&self) -> Instant {
        let (start, passed) = *self.0.lock().unwrap();
        start + passed
    }

    fn wall(&self) -> SystemTime {
        // 2026-03-01T12:00:00Z, as in the recordings.
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400) + self.0.lock().unwrap().1
    }

    fn sleep(&self, time: Duration) {
        self.advance(time);
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut width) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | u32::try_from(alphabet.iter().position(|a| *a == byte).unwrap()).unwrap();
        width += 6;
        if width >= 8 {
            width -= 8;
            out.push(u8::try_from(bits >> width & 0xff).unwrap());
        }
    }
    out
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

fn key_of(method: &str, path: &str) -> Vec<u8> {
    // The vendor's client keeps a slash at the end of an address that was found; this one does not.
    [method.as_bytes(), b" ", &decoded(&path.replacen("//v1/", "/v1/", 1))].concat()
}

fn form(text: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let field = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    text.split('&').map(field).collect()
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
    let rest = url.strip_prefix(BASE).unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let pair = |pair: &str| pair.split('=').map(|part| String::from_utf8(decoded(part)).unwrap()).collect();
    let mut query: Vec<Vec<String>> = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let mut wanted: Vec<Vec<String>> = serde_json::from_value(expected["query"].clone()).unwrap();
    query.sort();
    wanted.sort();
    let method = got.method.as_str();
    let expected_key = key_of(expected["method"].as_str().unwrap(), expected["path"].as_str().unwrap());
    check("path", format!("{:?}", key_of(method, path)), format!("{expected_key:?}"));
    check("query", format!("{query:?}"), format!("{wanted:?}"));
    match (&got.body, &expected["body"]) {
        (Some(got), Value::String(expected)) => {
            let got = String::from_utf8(got.to_vec()).unwrap();
            check("form", format!("{:?}", form(&got)), format!("{:?}", form(expected)));
        }
        (got, expected) => {
            let got = got.as_ref().map_or(Value::Null, |body| serde_json::from_slice(body).unwrap());
            if got != *expected {
                check("body", got.to_string(), expected.to_string());
            }
        }
    }
    for name in ["accept", "authorization", "content-type"] {
        let (sent, wanted) = (got.headers.text(name).map(String::from), expected["headers"][name].as_str());
        if name == "accept" && wanted.is_none() {
            continue;
        }
        let sent = sent.map(|sent| sent.split(';').next().unwrap().to_owned());
        check(name, format!("{sent:?}"), format!("{:?}", wanted.map(str::to_owned)));
    }
    wrong
}

/// The wire's names as Python has them. Keys of maps of the user's own stay.
fn snake(value: &Value) -> Value {
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

fn micros(time: &Timestamp) -> (i64, u32) {
    (time.unix_seconds(), time.subsec_nanos() / 1000)
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
        (Value::String(got), Value::String(expected)) => {
            got == expected
                || match (Timestamp::parse(got), Timestamp::parse(expected)) {
                    (Some(got), Some(expected)) => micros(&got) == micros(&expected),
                    _ => false,
                }
        }
        (got, Value::Null) => {
            got.is_null()
                || *got == json!("")
                || *got == json!([])
                || *got == json!(false)
                || *got == json!({})
        }
        _ => got == expected,
    }
}

fn kinds(case: &Value, expected: &Value) -> Vec<ErrorKind> {
    use ErrorKind::*;
    match (expected["kind"].as_str().unwrap(), expected["status"].as_u64()) {
        ("api", Some(401)) => vec![Authentication],
        ("api", Some(403)) => vec![PermissionDenied],
        ("api", Some(404)) => vec![NotFound],
        ("api", Some(409)) => vec![Conflict],
        ("api", Some(429)) => vec![RateLimited],
        ("api", Some(400..=499)) => vec![Rejected],
        ("api", _) => vec![Server, OutcomeUnknown],
        // An error page at the token end point, which the vendor's client reads before it looks at the status.
        ("decode", _) => vec![UnexpectedResponse, OutcomeUnknown, Server],
        ("argument", _) => vec![InvalidArgument],
        ("transport", _) => vec![Transport, OutcomeUnknown, UnexpectedResponse],
        ("lookup", _) => vec![Credentials],
        ("config", _) => vec![Credentials, InvalidArgument],
        ("discovery", _) => {
            vec![NotFound, Server, Authentication, UnexpectedResponse, Transport, PermissionDenied, Rejected]
        }
        ("token", _) => {
            let mut kinds = vec![Authentication, PermissionDenied, NotFound, Server, Rejected];
            kinds.extend([Transport, UnexpectedResponse, Credentials, OperationTimeout]);
            kinds
        }
        ("connection", _) => {
            vec![NotFound, Server, Authentication, Transport, UnexpectedResponse, PermissionDenied]
        }
        (other, _) => panic!("{other} {}", case["id"]),
    }
}

fn compare_error(case: &Value, error: &Error, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    // What happened at the issuer is told with its own code and words.
    let is_token = expected["kind"] == "token";
    if !kinds(case, expected).contains(&error.kind()) {
        wrong.push(format!("{:?} is not {}: {error}", error.kind(), expected["kind"]));
    }
    if let Some(status) = expected["status"].as_u64() {
        if error.status().map(u64::from) != Some(status) {
            wrong.push(format!("status {:?} is not {status}", error.status()));
        }
    }
    if let Some(code) = expected["grpc_code"].as_i64() {
        if error.api_code() != Some(&*code.to_string()) {
            wrong.push(format!("code {:?} is not {code}", error.api_code()));
        }
    }
    for (key, got) in [("message", error.api_message()), ("body", error.body())] {
        if let Some(text) = expected[key].as_str() {
            if got != Some(text) {
                wrong.push(format!("{key} {got:?} is not {text:?}"));
            }
        }
    }
    if is_token && expected["error"].is_string() {
        if error.api_code() != expected["error"].as_str() {
            wrong.push(format!("{:?} is not {}", error.api_code(), expected["error"]));
        }
        if error.api_message() != expected["error_description"].as_str() {
            wrong.push(format!("{:?} is not {}", error.api_message(), expected["error_description"]));
        }
    }
    let shown = format!("{error} {error:?}");
    for secret in ["test-access-token", "refresh-1", "access-1", "s3cr"] {
        if shown.contains(secret) {
            wrong.push(format!("a secret shows: {shown}"));
        }
    }
    if error.to_string().lines().count() > 2 {
        wrong.push(format!("more than two lines: {error}"));
    }
    wrong
}

/// What counts for a correct client.
fn outcome(case: &Value) -> &Value {
    match &case["expected"] {
        expected if expected.get("ok").is_some() || expected.get("error").is_some() => expected,
        _ => &case["outcome"],
    }
}

fn bytes_of(output: &Value) -> Vec<u8> {
    match output {
        Value::Array(pieces) => {
            pieces.iter().flat_map(|piece| from_base64(piece["data"].as_str().unwrap())).collect()
        }
        output => from_base64(output["data"].as_str().unwrap()),
    }
}

fn compare_outcome(case: &Value, wanted: &Value, got: &Result<AnyOutput, Error>) -> Vec<String> {
    let op = case["op"].as_str().unwrap();
    let expected = &case["expected"];
    match got {
        Ok(output) => {
            let got = serde_json::to_value(output).unwrap();
            let is_logs = op.ends_with("_logs") && case["outcome"].get("ok").is_some()
                || expected["stream"].is_object();
            if let Some(bytes) = expected["bytes_base64"].as_str() {
                return if bytes_of(&got) == from_base64(bytes) {
                    Vec::new()
                } else {
                    vec![format!("{got}")]
                };
            }
            if is_logs {
                if expected["stream"].is_object() && expected["stream"]["end"] != "closed" {
                    return vec![format!("no error, but {}", expected["stream"])];
                }
                let wanted = match expected["stream"]["bytes_base64"].as_str() {
                    Some(bytes) => from_base64(bytes),
                    None => match &wanted["ok"] {
                        Value::String(text) => text.as_bytes().to_vec(),
                        Value::Array(pieces) => {
                            pieces.iter().flat_map(|piece| piece.as_str().unwrap().bytes()).collect()
                        }
                        _ => panic!("{wanted}"),
                    },
                };
                let mut wrong = Vec::new();
                if bytes_of(&got) != wanted {
                    wrong.push(format!("{got} is not {wanted:?}"));
                }
                let last =
                    got.as_array().and_then(|pieces| pieces.last()?["offset"].as_str()?.parse::<u64>().ok());
                if expected["stream"].is_object() && last != expected["stream"]["offset"].as_u64() {
                    wrong.push(format!("{last:?} is not {}", expected["stream"]["offset"]));
                }
                return wrong;
            }
            match wanted.get("ok") {
                Some(wanted) if fits(&snake(&got), wanted) => Vec::new(),
                _ => vec![format!("{}\n    is not {wanted}", snake(&got))],
            }
        }
        Err(error) => match (wanted.get("error"), expected["stream"]["end"].as_str()) {
            (_, Some("closed")) => vec![format!("{error}")],
            (_, Some("error line")) => {
                let told = json!({"kind": "api", "grpc_code": expected["stream"]["grpc_code"],
                    "message": expected["stream"]["message"]});
                compare_error(case, error, &told)
            }
            (_, Some(_)) => {
                assert!(matches!(error.kind(), ErrorKind::UnexpectedResponse | ErrorKind::Transport));
                Vec::new()
            }
            // Bytes that are not text crash the vendor's client when an error holds them.
            (Some(_), None)
                if case["note"].as_str().is_some_and(|note| note.contains("reports status 500")) =>
            {
                compare_error(case, error, &json!({"kind": "api", "status": 500}))
            }
            (Some(expected), None) => compare_error(case, error, expected),
            (None, None) => vec![format!("{error:?}\n    is not {wanted}")],
        },
    }
}

fn command(op: &str, args: &Value) -> AnyCommand {
    serde_json::from_value(json!({ op: args })).unwrap_or_else(|e| panic!("{op} {args}: {e}"))
}

fn credentials() -> Credentials {
    let token = SecretString::from("test-access-token");
    Credentials::builder().endpoint(BASE).token_provider(token).build().unwrap()
}

fn run(case: &Value, replay: Replay, command: AnyCommand) -> Result<AnyOutput, Error> {
    let client = Client::builder()
        .credentials(credentials())
        .retry(retry(case))
        .clock(Leaping::new())
        .transport(replay)
        .build()?;
    client.call(command).send()
}

fn run_async(case: &Value, replay: Replay, command: AnyCommand) -> Result<AnyOutput, Error> {
    let client =
        AsyncClient::builder().credentials(credentials()).retry(retry(case)).transport(replay).build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.call(command).send())
}

fn retry(case: &Value) -> RetryPolicy {
    let retries = if case["class"] == "retry" && !is_unsure(case) { 3 } else { 0 };
    let mut policy = RetryPolicy::retries(retries);
    policy.first_delay = Duration::from_millis(1);
    policy
}

/// Cases about what the vendor repeats and this crate leaves to the caller.
fn is_unsure(case: &Value) -> bool {
    case["id"].as_str().unwrap().ends_with("not-kept")
}

fn compare(case: &Value, got: &Result<AnyOutput, Error>, asked: &[Request]) -> Vec<String> {
    let id = case["id"].as_str().unwrap();
    // Refused by the vendor's client, so that there is no answer: what is sent counts.
    if let Some(body) = case["expected"].get("request_body") {
        let sent: Vec<Value> =
            asked.iter().map(|r| serde_json::from_slice(r.body.as_deref().unwrap()).unwrap()).collect();
        return if sent == [body.clone()] { Vec::new() } else { vec![format!("{sent:?} is not {body}")] };
    }
    let wanted = outcome(case);
    let mut wrong = compare_outcome(case, wanted, got);
    let exchanges = case["exchanges"].as_array().unwrap();
    // A redirect is not followed, a deletion not repeated, and a name that is not one not sent.
    let fewer = case["peer_bug"] == true && wanted.get("error").is_some();
    if asked.len() != exchanges.len() && !(fewer && asked.len() < exchanges.len()) {
        wrong.push(format!("{} requests, not {}", asked.len(), exchanges.len()));
    }
    if wanted["error"]["kind"] == "argument" && !asked.is_empty() {
        wrong.push(format!("{id}: {} requests were sent", asked.len()));
    }
    for (i, (got, expected)) in asked.iter().zip(exchanges).enumerate() {
        let differences = compare_request(got, &expected["request"]);
        wrong.extend(differences.into_iter().map(|d| format!("request {i}: {d}")));
    }
    wrong
}

/// A page after the other, as the recordings have them.
fn pages(case: &Value, replay: &Replay) -> Vec<String> {
    let wanted = outcome(case);
    let mut args = case["args"].clone();
    let mut got = Vec::new();
    loop {
        match run(case, replay.clone(), command(case["op"].as_str().unwrap(), &args)) {
            Ok(page) => {
                let page = snake(&serde_json::to_value(page).unwrap());
                args["page_token"] = page["next_page_token"].clone();
                got.push(page);
                if args["page_token"] == json!("") {
                    break;
                }
            }
            Err(error) => return compare_error(case, &error, &wanted["error"]),
        }
    }
    if fits(&Value::Array(got.clone()), &wanted["ok"]) {
        Vec::new()
    } else {
        vec![format!("{got:?}\n    is not {wanted}")]
    }
}

fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_recorded_case_in_both_modes() {
    let cases = cases();
    assert_eq!(cases.len(), 1027);
    let mut failures = Vec::new();
    for case in cases.iter().filter(|case| !is_login(case)) {
        let id = case["id"].as_str().unwrap();
        if case["paging"] == true {
            let replay = Replay::of(&case["exchanges"]);
            let wrong = pages(case, &replay);
            if !wrong.is_empty() {
                failures.push(format!("{id}: {}", wrong.join("\n  ")));
            }
            continue;
        }
        type Mode = fn(&Value, Replay, AnyCommand) -> Result<AnyOutput, Error>;
        let modes: [(&str, Mode); 2] = [("blocking", run), ("async", run_async)];
        for (mode, run) in modes {
            // The clock of futures is the real one.
            if mode == "async" && case["class"] == "retry" {
                continue;
            }
            // That a 413 is not repeated is right too.
            if id.ends_with("retry-after-0") {
                continue;
            }
            let replay = Replay::of(&case["exchanges"]);
            let got = run(case, replay.clone(), command(case["op"].as_str().unwrap(), &case["args"]));
            let wrong = compare(case, &got, &replay.asked.lock().unwrap());
            if !wrong.is_empty() {
                failures.push(format!("{id} ({mode}): {}", wrong.join("\n  ")));
            }
        }
    }
    report(&failures);
}

#[test]
fn commands_are_the_same_json_again() {
    for case in cases().iter().filter(|case| !is_login(case)) {
        let command = command(case["op"].as_str().unwrap(), &case["args"]);
        let json = serde_json::to_value(&command).unwrap();
        assert_eq!(json.as_object().unwrap().keys().next().unwrap(), command.name());
        assert_eq!(serde_json::from_value::<AnyCommand>(json).unwrap(), command);
    }
}

/// A folder of this test alone.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("controlplane-h2o-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The credentials that a case gives.
fn given(case: &Value, folder: &Folder) -> CredentialsBuilder {
    let place = |text: &str| match text {
        "{config}" => folder.0.join("config.toml").to_str().unwrap().to_owned(),
        "missing.toml" => folder.0.join(text).to_str().unwrap().to_owned(),
        other => other.to_owned(),
    };
    if let Some(text) = case["config"].as_str() {
        std::fs::write(folder.0.join("config.toml"), text).unwrap();
    }
    if let Some(text) = case["home_config"].as_str() {
        std::fs::create_dir_all(folder.0.join(".h2oai")).unwrap();
        std::fs::write(folder.0.join(".h2oai/h2o-cli-config.toml"), text).unwrap();
    }
    let mut env: Vec<(String, String)> = vec![("HOME".into(), folder.0.to_str().unwrap().into())];
    for (name, value) in case["env"].as_object().unwrap() {
        env.push((name.clone(), place(value.as_str().unwrap())));
    }
    let mut builder = Credentials::builder().env(env);
    let args = &case["args"];
    let text = |key: &str| args[key].as_str().map(place);
    if case["op"] == "login_custom" {
        builder = builder.endpoint("");
    }
    if let Some(v) = text("environment") {
        builder = builder.environment(v);
    }
    if let Some(v) = text("platform_token") {
        builder = builder.platform_token(v);
    }
    if let Some(v) = text("config_path") {
        builder = builder.config_path(v);
    }
    if let Some(v) = text("endpoint") {
        builder = builder.endpoint(v);
    }
    if let Some(v) = text("refresh_token") {
        builder = builder.refresh_token(v);
    }
    if let Some(v) = text("issuer_url") {
        builder = builder.issuer_url(v);
    }
    if let Some(v) = text("client_id") {
        builder = builder.client_id(v);
    }
    if let Some(v) = text("client_secret") {
        builder = builder.client_secret(v);
    }
    match &args["token_provider"] {
        Value::String(token) => builder.token_provider(SecretString::from(token.clone())),
        Value::Object(_) => builder.token_provider(|| {
            // Any error of the crate will do.
            Credentials::builder().env([("HOME", "/nonexistent")]).build().map(|_| SecretString::from("x"))
        }),
        _ => builder,
    }
}

/// What a login and the calls after it gave.
struct Flow {
    login: Result<String, Error>,
    calls: Vec<Result<AnyOutput, Error>>,
}

fn flow(case: &Value, folder: &Folder, replay: Replay) -> Flow {
    let clock = Leaping::new();
    let credentials = match given(case, folder).build() {
        Ok(credentials) => credentials,
        Err(error) => return Flow { login: Err(error), calls: Vec::new() },
    };
    let builder = Client::builder().credentials(credentials);
    let builder = builder.retry(RetryPolicy::retries(0)).clock(clock.clone());
    // Certificates are read where a transport is made.
    let builder = match case["args"]["ssl_ca_cert"].as_str() {
        None => builder.transport(replay),
        Some(path) => builder.ssl_ca_cert(folder.0.join(path)),
    };
    let client = match builder.login() {
        Ok(client) => client,
        Err(error) => return Flow { login: Err(error), calls: Vec::new() },
    };
    let mut calls = Vec::new();
    for then in case["then"].as_array().into_iter().flatten() {
        clock.advance(Duration::from_secs_f64(then["advance_s"].as_f64().unwrap()));
        calls.push(client.call(command(then["op"].as_str().unwrap(), &then["args"])).send());
    }
    Flow { login: Ok(client.endpoint().unwrap().to_owned()), calls }
}

fn flow_async(case: &Value, folder: &Folder, replay: Replay) -> Flow {
    let credentials = match given(case, folder).build() {
        Ok(credentials) => credentials,
        Err(error) => return Flow { login: Err(error), calls: Vec::new() },
    };
    let builder = AsyncClient::builder().credentials(credentials).retry(RetryPolicy::retries(0));
    let builder = match case["args"]["ssl_ca_cert"].as_str() {
        None => builder.transport(replay),
        Some(path) => builder.ssl_ca_cert(folder.0.join(path)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = match builder.login().await {
            Ok(client) => client,
            Err(error) => return Flow { login: Err(error), calls: Vec::new() },
        };
        let mut calls = Vec::new();
        for then in case["then"].as_array().into_iter().flatten() {
            calls.push(client.call(command(then["op"].as_str().unwrap(), &then["args"])).send().await);
        }
        Flow { login: Ok(client.endpoint().unwrap().to_owned()), calls }
    })
}

fn compare_flow(case: &Value, flow: &Flow, asked: &[Request]) -> Vec<String> {
    let id = case["id"].as_str().unwrap();
    let wanted = outcome(case);
    // Where a login may leave out what the vendor's client fails on, or may refuse what it follows.
    let is_free = ["links", "components", "link-prefix", "component-prefix", "-redirect"]
        .iter()
        .any(|word| id.contains(word));
    let mut wrong = Vec::new();
    // A variable does not override an issuer that is given as an argument; the vendor's client lets it.
    if id == "login_custom/token-endpoint-env" {
        let urls: Vec<String> = asked.iter().map(Request::url).collect();
        let issuer = format!("{BASE}/auth/realms/hac/.well-known/openid-configuration");
        return if urls == [issuer] { Vec::new() } else { vec![format!("{urls:?}")] };
    }
    match (&flow.login, wanted.get("ok")) {
        _ if is_free => {}
        (Ok(endpoint), Some(ok)) if *endpoint == ok["endpoint"].as_str().unwrap() => {}
        (Err(error), None) => wrong.extend(compare_error(case, error, &wanted["error"])),
        (got, _) => wrong.push(format!("{got:?} is not {wanted}")),
    }
    // A refused token is renewed here, and the call sent again: what comes of that is not recorded.
    if id.ends_with("api-401") {
        return wrong;
    }
    for (got, then) in flow.calls.iter().zip(case["then"].as_array().into_iter().flatten()) {
        wrong.extend(compare_outcome(then, &then["outcome"], got));
    }
    if case["peer_bug"] != true && !is_free && !id.contains("endpoint-path") {
        let is_left_out = |path: &str| path.ends_with("/v1/links") || path.ends_with("/v1/components");
        let expected: Vec<&Value> = case["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|exchange| &exchange["request"])
            .filter(|request| !is_left_out(request["path"].as_str().unwrap()))
            .collect();
        if expected.len() != asked.len() {
            wrong.push(format!("{} requests, not {}", asked.len(), expected.len()));
        }
        for (i, (got, expected)) in asked.iter().zip(expected).enumerate() {
            wrong.extend(compare_request(got, expected).into_iter().map(|d| format!("request {i}: {d}")));
        }
    }
    wrong
}

#[test]
fn every_recorded_login_in_both_modes() {
    let mut failures = Vec::new();
    let mut count = 0;
    for case in cases().iter().filter(|case| is_login(case)) {
        let id = case["id"].as_str().unwrap();
        let advances = |then: &Value| then["advance_s"].as_f64() != Some(0.0);
        type Mode = fn(&Value, &Folder, Replay) -> Flow;
        let modes: [(&str, Mode); 2] = [("blocking", flow), ("async", flow_async)];
        for (mode, run) in modes {
            // The clock of futures is the real one.
            if mode == "async" && case["then"].as_array().is_some_and(|then| then.iter().any(advances)) {
                continue;
            }
            count += 1;
            let folder = Folder::new(&format!("{mode}-{}", id.replace('/', "-")));
            let replay = Replay::of(&case["exchanges"]);
            let got = run(case, &folder, replay.clone());
            let wrong = compare_flow(case, &got, &replay.asked.lock().unwrap());
            if !wrong.is_empty() {
                failures.push(format!("{id} ({mode}): {}", wrong.join("\n  ")));
            }
        }
    }
    assert!(count > 180, "{count}");
    report(&failures);
}
