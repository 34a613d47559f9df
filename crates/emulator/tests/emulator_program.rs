//! The program `controlplane-emulator`, as others see it: its output, its status, and what it says over HTTP.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use controlplane::onehouse::{Client, ClientBuilder, ClusterType, Credentials};
use controlplane::transport::{HttpConfig, Proxy, UreqTransport};
use controlplane::{ErrorKind, RetryPolicy};
use controlplane_emulator::onehouse::{Emulator, Identity};
use serde_json::{Value, json};

/// A program that runs. Its standard error is read as it comes, so that it never waits for us.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: mpsc::Receiver<String>,
    reading: Option<JoinHandle<()>>,
    url: String,
}

/// What a program has left behind.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: Vec<String>,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        Self::start_service("onehouse", args)
    }

    fn start_service(service: &str, args: &[&str]) -> Self {
        let mut child = command(&[service, "--listen", "127.0.0.1:0"]).args(args).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, told) = mpsc::channel();
        let reading = std::thread::spawn(move || {
            for line in stderr.lines() {
                let _ = tell.send(line.unwrap());
            }
        });
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let url = ready
            .strip_prefix(&format!("controlplane-emulator: {service} listening on "))
            .and_then(|rest| rest.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{ready:?}, {:?}", told.try_iter().collect::<Vec<_>>()))
            .to_owned();
        Self { child, stdout, stderr: told, reading: Some(reading), url }
    }

    /// The next line on standard error that says this.
    fn line(&self, says: &str) -> String {
        loop {
            let line = self.stderr.recv_timeout(Duration::from_secs(60)).unwrap();
            if line.contains(says) {
                return line;
            }
        }
    }

    /// The next variable on standard error.
    fn exported(&self) -> (String, String) {
        let line = self.line("export ");
        let (name, value) = line.trim().strip_prefix("export ").unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    }

    fn client(&self) -> ClientBuilder {
        let identity = Identity::default();
        let credentials = Credentials::builder()
            .env([("HOME", "/nowhere")])
            .account_uid(identity.account_uid)
            .project_uid(identity.project_uid)
            .api_key(identity.api_key)
            .api_secret(identity.api_secret)
            .link_uid(identity.link_uid)
            .region(identity.region)
            .user_uid(identity.user_uid)
            .base_url(&self.url)
            .build()
            .unwrap();
        Client::builder().credentials(credentials).proxy(Proxy::None).poll_interval(Duration::from_millis(1))
    }

    /// A plain HTTP exchange without any header that identifies us: status and body.
    fn exchange(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.exchange_with("", method, path, body)
    }

    /// The same with these header lines, each with its end.
    fn exchange_with(&self, headers: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Sends a signal and waits for the end.
    #[cfg(unix)]
    fn stop(mut self, signal: &str) -> Ended {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.reading.take().unwrap().join().unwrap();
        Ended { code, stdout, stderr: self.stderr.try_iter().collect() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_controlplane-emulator"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A directory of a test's own, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_client_works_with_what_the_program_prints() {
    let program = Program::start(&["--rate", "off"]);
    assert!(program.url.starts_with("http://127.0.0.1:") && !program.url.ends_with(":0"), "{}", program.url);
    let exports: Vec<(String, String)> = (0..8).map(|_| program.exported()).collect();
    let credentials = Credentials::builder().env(exports).build().unwrap();
    assert_eq!(credentials.base_url(), program.url);
    let client = Client::builder()
        .credentials(credentials)
        .proxy(Proxy::None)
        .poll_interval(Duration::from_millis(1))
        .build()
        .unwrap();
    let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(2).send().unwrap();

    let submit = program.line("POST");
    assert!(
        submit.contains(" 200 POST /v1/resource/ -> ") && submit.contains("CREATE CLUSTER `prod`"),
        "{submit}"
    );
    assert!(submit.contains(&done.request_id), "{submit}");
    // One poll is answered "pending".
    for _ in 0..2 {
        let poll = program.line("GET");
        assert!(poll.contains(&format!(" 200 GET /v1/status/{}", done.request_id)), "{poll}");
    }
}

#[test]
fn what_it_is_told_is_what_it_does() {
    let args = ["--pending-polls", "0", "--rate", "off", "--shape", "wrapped", "--seed", "7"];
    let program = Program::start(&[&args[..], &["--fault", "nth=2, submit: status=503"]].concat());
    let client = program.client().retry(RetryPolicy::retries(0)).build().unwrap();
    let done = client.execute("SHOW LAKES").send().unwrap();
    assert_eq!(done.api_response, json!({"showLakesApiResponse": []}));
    let error = client.execute("SHOW LAKES").send().unwrap_err();
    assert_eq!(error.status(), Some(503));
    let line = program.line(" 503 ");
    assert!(line.ends_with("SHOW LAKES  !! nth=2, submit: status=503"), "{line}");

    let other = Program::start(&["--seed", "7", "--pending", "24h", "--rate", "1"]);
    let client = other.client().build().unwrap();
    let id = client.execute("SHOW LAKES").submit().unwrap().request_id;
    assert_eq!(id, done.request_id, "the same seed");
    assert!(!client.get_status(&id).send().unwrap().is_terminal());
    let hasty = other.client().retry(RetryPolicy::retries(0)).no_rate_limit().build().unwrap();
    let refused = (0..1000).find_map(|_| hasty.execute("SHOW LAKES").submit().err()).unwrap();
    assert_eq!(refused.kind(), ErrorKind::RateLimited);
}

#[test]
fn faults_come_from_a_file_too() {
    let scratch = Scratch::new("faults");
    let path = scratch.0.join("faults.json");
    fs::write(&path, r#"["times=1, submit: take-then-close", "other: status=500"]"#).unwrap();
    let program = Program::start(&["--faults", path.to_str().unwrap()]);
    let client = program.client().build().unwrap();
    let error = client.delete_lake("raw").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(
        program.exchange("GET", "/_emulator/faults", ""),
        (200, json!(["times=1, submit: take-then-close", "other: status=500"]))
    );
    assert_eq!(program.exchange("GET", "/other", "").0, 500);

    fs::write(&path, " ".repeat(16 * 1024 * 1024 + 1)).unwrap();
    let output = command(&["onehouse", "--faults", path.to_str().unwrap()]).output().unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("it has more than 16777216 bytes"), "{shown}");
}

#[test]
fn tests_in_other_languages_look_and_steer_over_http() {
    // Were these counted, the second would be over the limit.
    let program = Program::start(&["--rate", "1"]);
    let client = program.client().build().unwrap();
    let create = client.create_service_principal("ci_bot");
    let statement = create.to_sql().unwrap();
    let id = create.submit().unwrap().request_id;

    let (status, ledger) = program.exchange("GET", "/_emulator/ledger", "");
    assert_eq!(status, 200);
    assert_eq!(
        ledger,
        json!([{"request_id": id, "statement": statement, "helper": "create_service_principal"}])
    );
    let (_, requests) = program.exchange("GET", "/_emulator/requests", "");
    assert_eq!(requests.as_array().unwrap().len(), 1, "{requests}");
    let mut first = requests[0].clone();
    assert_eq!(first["connection"].take(), 0);
    assert_eq!(
        first,
        json!({"index": 0, "connection": null, "method": "POST", "path": "/v1/resource/", "query": "",
               "operation": "create_service_principal", "statement": statement, "request_id": id, "status": 200,
               "taken": true, "fault": null, "reason": null})
    );

    // All faults of a list or none; and they do not strike what looks for them.
    assert_eq!(program.exchange("POST", "/_emulator/faults", r#"["close-before-read", "explode"]"#).0, 400);
    assert_eq!(program.exchange("GET", "/_emulator/faults", ""), (200, json!([])));
    let (status, faults) = program.exchange("POST", "/_emulator/faults", r#"["close-before-read"]"#);
    assert_eq!((status, faults), (200, json!(["close-before-read"])));
    assert_eq!(program.exchange("GET", "/_emulator/faults", "").0, 200);
    let error = program.client().retry(RetryPolicy::retries(0)).build().unwrap();
    assert!(error.show_lakes().submit().is_err());
    assert_eq!(program.exchange("DELETE", "/_emulator/faults", ""), (200, json!([])));

    // Nothing that changes something is a GET.
    for (method, path, status) in [
        ("GET", "/_emulator/reset", 405),
        ("POST", "/_emulator/ledger", 405),
        ("DELETE", "/_emulator/requests", 405),
        ("PUT", "/_emulator/faults", 405),
        ("POST", "/_emulator/", 405),
        ("GET", "/_emulator/requests?last=x", 400),
        ("GET", "/_emulator/ledger/", 404),
    ] {
        assert_eq!(program.exchange(method, path, "").0, status, "{method} {path}");
    }
    assert_eq!(program.exchange("GET", "/_emulator/ledger", "").1.as_array().unwrap().len(), 1);
    assert_eq!(program.exchange("POST", "/_emulator/reset", ""), (200, json!({})));
    for what in ["ledger", "requests", "faults"] {
        assert_eq!(program.exchange("GET", &format!("/_emulator/{what}"), ""), (200, json!([])), "{what}");
    }
    let anew = client.show_lakes().submit().unwrap().request_id;
    assert_eq!(anew, id, "ids begin anew");
}

#[test]
#[cfg(unix)]
fn over_tls_with_the_authority_that_it_names() {
    let scratch = Scratch::new("tls");
    let log = scratch.0.join("log.jsonl");
    let program = Program::start(&["--tls", "--rate", "off", "--log", log.to_str().unwrap()]);
    let port = program.url.strip_prefix("https://localhost:").expect("a name").to_owned();
    let line = program.line("Certificate authority");
    let ca = line.split_once("program ends: ").unwrap().1.to_owned();
    assert!(fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));

    // By its name and by its address.
    let by_address = format!("https://127.0.0.1:{port}");
    for url in [&program.url, &by_address] {
        let credentials = |url: &str| {
            let identity = Identity::default();
            let values = [
                ("ONEHOUSE_ACCOUNT_UID", identity.account_uid),
                ("ONEHOUSE_PROJECT_UID", identity.project_uid),
                ("ONEHOUSE_API_KEY", identity.api_key),
                ("ONEHOUSE_API_SECRET", identity.api_secret),
                ("ONEHOUSE_LINK_UID", identity.link_uid),
                ("ONEHOUSE_REGION", identity.region),
                ("ONEHOUSE_USER_UID", identity.user_uid),
                ("ONEHOUSE_BASE_URL", url.to_owned()),
            ];
            Credentials::builder().env(values).build().unwrap()
        };
        let client = program.client().credentials(credentials(url)).ca_file(&ca).build().unwrap();
        assert!(client.show_lakes().send().unwrap().rows().is_empty());
        // Who does not know the authority does not get that far.
        let stranger = program.client().credentials(credentials(url)).build().unwrap();
        assert_eq!(stranger.show_lakes().send().unwrap_err().kind(), ErrorKind::Tls);
    }
    // A connection that stands there in the middle of shaking hands is no reason to stay.
    let _silent = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    let ended = program.stop("TERM");
    assert_eq!(ended.code, Some(0));
    assert!(!Path::new(&ca).exists(), "{ca}");
    let first = fs::read_to_string(&log).unwrap().lines().next().unwrap().parse::<Value>().unwrap();
    assert_eq!(first["ca_file"], ca);
}

#[test]
fn faults_of_the_wire_are_the_same_over_tls() {
    for (spec, taken, outcome) in [
        ("close-before-read", 0, Err(ErrorKind::OutcomeUnknown)),
        ("take-then-close", 1, Err(ErrorKind::OutcomeUnknown)),
        ("cut-header", 1, Err(ErrorKind::OutcomeUnknown)),
        ("cut-body=3", 1, Err(ErrorKind::OutcomeUnknown)),
        ("too-long", 1, Err(ErrorKind::OutcomeUnknown)),
        ("too-short", 1, Err(ErrorKind::OutcomeUnknown)),
        ("drip=1ms", 1, Ok(())),
        ("huge-body=1MiB", 1, Ok(())),
        ("delay=1ms", 1, Ok(())),
    ] {
        let emulator = Emulator::builder().tls().fault(spec.parse().unwrap()).start().unwrap();
        let mut http = HttpConfig::default();
        http.extra_ca_pem = emulator.ca_pem().map(Into::into);
        http.proxy = Proxy::None;
        let client = Client::builder()
            .credentials(emulator.credentials())
            .transport(UreqTransport::new(&http).unwrap())
            .build()
            .unwrap();
        let submitted = client.create_service_principal("p").submit();
        assert_eq!(submitted.map(drop).map_err(|e| e.kind()), outcome, "{spec}");
        assert_eq!(emulator.ledger().len(), taken, "{spec}");
        // The client keeps its connection, and nothing waits for that.
        drop(emulator);
    }
}

#[test]
#[cfg(unix)]
fn it_ends_cleanly_on_either_signal() {
    for signal in ["INT", "TERM"] {
        let program = Program::start(&["--rate", "off", "--fault", "poll: delay=1h"]);
        let client = program.client().build().unwrap();
        let id = client.show_lakes().submit().unwrap().request_id;
        assert_eq!(client.execute("SHOW LAKES;").submit().unwrap_err().kind(), ErrorKind::Rejected);
        // One request is in flight, one connection idle.
        let _idle = TcpStream::connect(program.url.strip_prefix("http://").unwrap()).unwrap();
        let no_retries = program.client().retry(RetryPolicy::retries(0)).build().unwrap();
        let waiting = std::thread::spawn(move || no_retries.get_status(&id).send());
        program.line("GET /v1/status/");
        let ended = program.stop(signal);
        assert_eq!(ended.code, Some(0), "{signal}: {:?}", ended.stderr);
        assert_eq!(ended.stdout, "", "one line and nothing else");
        let last = ended.stderr.last().unwrap();
        assert_eq!(last, "controlplane-emulator: stopped; requests: 3, accepted statements: 1");
        assert!(waiting.join().unwrap().is_err());
    }
}

#[test]
#[cfg(unix)]
fn the_log_has_every_request_and_no_secret() {
    let scratch = Scratch::new("log");
    let log = scratch.0.join("log.jsonl");
    fs::write(&log, "{\"event\":\"earlier\"}\n").unwrap();
    let faults = ["--fault", "submit, contains=lakes: take-then-close"];
    let program = Program::start(&[&["--rate", "off", "--log", log.to_str().unwrap()][..], &faults].concat());
    let client = program.client().retry(RetryPolicy::retries(0)).build().unwrap();
    let sql =
        "CREATE SOURCE `s`\n  SOURCE_TYPE = 'APACHE_KAFKA'\n  WITH 'kafka.password' = 'hunter2', 'b' = 'c'";
    let id = client.execute(sql).submit().unwrap().request_id;
    // Refused, and a secret all the same.
    assert!(client.execute("CREATE NONSENSE WITH 'api.key' = 'hunter2', 'x").submit().is_err());
    assert!(client.show_lakes().submit().is_err());
    let address = program.url.strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /?secret=hunter2 HTTP/1.0\r\nx-onehouse-api-secret: hunter2\r\n\r\n").unwrap();
    stream.read_to_string(&mut String::new()).unwrap();

    let ended = program.stop("INT");
    let shown = ended.stderr.join("\n");
    assert!(shown.contains("'kafka.password' = [redacted], 'b' = 'c'"), "{shown}");
    let text = fs::read_to_string(&log).unwrap();
    for (what, text) in [("log", &text), ("standard error", &shown)] {
        assert!(!text.contains("hunter2"), "{what}: {text}");
    }
    let events: Vec<Value> = text.lines().map(|line| line.parse().unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["earlier", "started", "request", "request", "request", "request", "stopped"]);
    let fields =
        |event: &Value| ["method", "path", "status", "fault"].map(|field| event[field].clone()).to_vec();
    let fault = "submit, contains=lakes: take-then-close";
    assert_eq!(fields(&events[2])[..3], [json!("POST"), json!("/v1/resource/"), json!(200)]);
    assert_eq!(events[2]["request_id"], id);
    assert_eq!(fields(&events[3])[2..], [json!(400), Value::Null]);
    assert_eq!(events[3]["statement"], "CREATE NONSENSE WITH 'api.key' = [redacted], …");
    assert_eq!(fields(&events[4])[2..], [json!(0), json!(fault)]);
    assert_eq!(fields(&events[5])[..3], [json!("GET"), json!("/"), json!(404)]);
    assert_eq!(events[6], json!({"event": "stopped", "requests": 4, "taken": 2}));
}

#[test]
#[cfg(unix)]
fn eloq_cloud_as_a_program() {
    let scratch = Scratch::new("eloq-log");
    let log = scratch.0.join("log.jsonl");
    let log = log.to_str().unwrap();
    let program =
        Program::start_service("eloq", &["--pending-polls", "1", "--clusters", "1", "--idle", "--log", log]);
    let exports: Vec<(String, String)> = (0..4).map(|_| program.exported()).collect();
    let names: Vec<&str> = exports.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["ELOQ_API_KEY", "ELOQ_BASE_URL", "ELOQ_API_TOKEN", "ELOQ_API_URL"]);
    assert!(program.line("from_key_and_url").contains(&program.url));
    let key = exports[0].1.clone();
    let credentials = controlplane::eloq::Credentials::builder().env(exports);
    let client = controlplane::eloq::Client::builder().credentials(credentials.build().unwrap());
    let client = client.proxy(Proxy::None).poll_interval(Duration::from_millis(1)).build().unwrap();
    let cluster = client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();
    assert_eq!(cluster.status, controlplane::eloq::ClusterStatus::Idle);
    let error = client.cluster_create("c2", "us-west-1", 3).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    client.clusters().send().unwrap();
    assert!(program.line("page=1&perPage=20").contains(" 200 GET /api/v1/orgs/1/projects/147/clusters?"));
    let ended = program.stop("TERM");
    let last = ended.stderr.last().unwrap();
    assert_eq!(last, "controlplane-emulator: stopped; requests: 6, accepted changes: 1");
    assert_eq!(ended.code, Some(0));
    let events = fs::read_to_string(log).unwrap();
    assert!(!events.contains(&key) && !ended.stderr.concat().contains(&key));
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["event"], "started");
    assert_eq!((&events[6]["query"], &events[6]["status"]), (&json!("page=1&perPage=20"), &json!(200)));
    assert_eq!(events[7], json!({"event": "stopped", "requests": 6, "taken": 1}));
}

#[test]
#[cfg(unix)]
fn h2o_workflows_as_a_program() {
    let scratch = Scratch::new("h2o-log");
    let log = scratch.0.join("log.jsonl");
    let log = log.to_str().unwrap();
    let args = ["--pending-polls", "0", "--rotate-tokens", "--token-expires", "60", "--log", log];
    let program = Program::start_service("h2o-workflows", &args);
    assert!(program.line("H2O_CLOUD_ENVIRONMENT=").contains(&program.url));
    let refresh = program.line("H2O_CLOUD_CLIENT_PLATFORM_TOKEN=").split_once('=').unwrap().1.to_owned();
    let (status, services) = program.exchange("GET", "/.ai.h2o.cloud.discovery/v1/services", "");
    // By the name that the client called it.
    assert_eq!((status, &services["services"][0]["uri"]), (200, &json!(program.url)));
    let form = format!("grant_type=refresh_token&client_id=hac-platform-public&refresh_token={refresh}");
    let kind = "content-type: application/x-www-form-urlencoded\r\n";
    let token = "/auth/realms/emulator/token";
    let (status, tokens) = program.exchange_with(kind, "POST", token, &form);
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(60)));
    assert_eq!(program.exchange_with(kind, "POST", token, &form).0, 400, "rotated");
    let bearer = format!("authorization: Bearer {}\r\n", tokens["access_token"].as_str().unwrap());
    let call = |method: &str, path: &str, body: Value| {
        program.exchange_with(&bearer, method, &format!("/v1/{path}"), &body.to_string())
    };
    let source = "id: f\njobs: {a: {steps: [{run: echo hi}]}}\n";
    assert_eq!(call("POST", "workspaces/w/workflows", json!({ "sourceContents": source })).0, 200);
    assert_eq!(call("POST", "workspaces%2Fw%2Fworkflows%2Ff:activate", json!({})).0, 200);
    let (_, run) = call("POST", "workspaces/w/workflows/f/revisions/active:run", json!({}));
    let name = run["run"]["name"].as_str().unwrap();
    assert_eq!(call("GET", name, json!({})).1["run"]["state"], "STATE_SUCCEEDED");
    assert_eq!(program.exchange("GET", "/v1/workspaces/w/workflows", "").0, 401);
    let (_, ledger) = program.exchange("GET", "/_emulator/ledger", "");
    assert_eq!(ledger[2], json!({ "operation": "run_workflow_revision", "name": name }));
    let ended = program.stop("TERM");
    let last = ended.stderr.last().unwrap();
    assert_eq!(last, "controlplane-emulator: stopped; requests: 8, accepted changes: 3");
    // The tokens of the introduction are not secret; those that were given out are.
    let given = tokens["access_token"].as_str().unwrap();
    let events = fs::read_to_string(log).unwrap();
    assert!(!events.contains(given) && !events.contains(&refresh) && !ended.stderr.concat().contains(given));
}

#[test]
#[cfg(unix)]
fn hotdata_as_a_program() {
    let args = ["--pending-polls", "0", "--set", "preview-rows=1", "--set", "older-surface=on"];
    let program = Program::start_service("hotdata", &args);
    assert!(program.line("HOTDATA_API_URL=").ends_with(&program.url));
    let key = program.line("HOTDATA_API_KEY=").split_once('=').unwrap().1.to_owned();
    let workspace = program.line("HOTDATA_WORKSPACE=").split_once('=').unwrap().1.to_owned();
    assert_eq!(program.exported(), ("HOTDATA_WORKSPACE_ID".to_owned(), workspace.clone()));
    let headers = format!("authorization: Bearer {key}\r\nx-workspace-id: {workspace}\r\n");
    let call = |method: &str, path: &str, body: Value| {
        program.exchange_with(&headers, method, &format!("/v1/{path}"), &body.to_string())
    };
    let (status, database) = call("POST", "databases", json!({ "name": "d" }));
    assert_eq!(status, 201);
    let id = database["id"].as_str().unwrap();
    let load = json!({ "mode": "replace", "data": "a\n1\n2\n" });
    assert_eq!(call("POST", &format!("databases/{id}/schemas/main/tables/t/loads"), load).0, 200);
    let (_, said) = call("POST", "query", json!({ "sql": "SELECT a FROM t ORDER BY a", "database_id": id }));
    assert_eq!((&said["rows"], &said["truncated"]), (&json!([[1]]), &json!(true)));
    assert_eq!(program.exchange("GET", "/v1/databases", "").0, 401);
    assert_eq!(program.exchange("POST", "/_emulator/settings", "[\"older-surface=off\"]").0, 200);
    assert_eq!(call("GET", "secrets", json!({})).0, 404);
    let (_, ledger) = program.exchange("GET", "/_emulator/ledger", "");
    let wanted =
        json!({ "operation": "query", "id": said["query_run_id"], "workspace_id": workspace, "rows": 2 });
    assert_eq!(ledger[2], wanted);
    let ended = program.stop("TERM");
    let last = ended.stderr.last().unwrap();
    assert_eq!(last, "controlplane-emulator: stopped; requests: 5, accepted changes: 3");
}

#[test]
fn wrong_arguments_end_it_with_a_line_and_a_hint() {
    for (args, code, says) in [
        (&[][..], 2, "onehouse"),
        (&["snowflake"], 2, "\"snowflake\""),
        (&["onehouse", "--port", "8089"], 2, "--port"),
        (&["onehouse", "--listen", "8089"], 2, "HOST:PORT"),
        (&["onehouse", "--listen"], 2, "--listen"),
        (&["onehouse", "--fault", "explode"], 2, "explode"),
        (&["hotdata", "--set", "explode"], 2, "explode"),
        (&["onehouse", "--faults", "no/such/file"], 2, "no/such/file"),
        (&["onehouse", "--log", "no/such/directory/log"], 1, "no/such/directory/log"),
        (&["onehouse", "--listen", "no-such-host.invalid:0"], 1, "no-such-host.invalid:0"),
    ] {
        let output = command(args).output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {shown}");
        assert!(output.stdout.is_empty(), "{args:?}");
        let lines: Vec<_> = shown.lines().collect();
        assert!(
            lines[0].starts_with("controlplane-emulator: ") && lines[0].contains(says),
            "{args:?}: {shown}"
        );
        let hints = ["Try `controlplane-emulator --help`."];
        assert_eq!(lines[1..], hints[..usize::from(code == 2)], "{args:?}");
    }
}

#[test]
fn a_port_in_use_is_said_to_be() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output = command(&["onehouse", "--listen", &address]).output().unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{shown}");
    assert!(shown.contains(&address) && shown.to_lowercase().contains("in use"), "{shown}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (args, says) in [
        (&["--help"][..], "--pending-polls"),
        (&["onehouse", "-h"], "Usage: controlplane-emulator"),
        (&["--version"], concat!("controlplane-emulator ", env!("CARGO_PKG_VERSION"))),
    ] {
        let output = command(args).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{args:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(says), "{args:?}");
    }
}
