//! The emulator as any client would see it: raw requests.

mod login;
mod resources;
mod runs;
mod state;
mod steps;
mod streams;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use super::*;
use controlplane::http::{Method, Request};
use controlplane::transport::{Transport, UreqTransport};

struct Caller {
    transport: UreqTransport,
    url: String,
    token: String,
}

impl Caller {
    fn of(emulator: &Emulator) -> Self {
        let transport = crate::testing::transport();
        Self { transport, url: emulator.url().to_owned(), token: emulator.access_token().to_owned() }
    }

    /// The status and the body as it came.
    fn raw(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Vec<u8>) {
        let mut request = Request::new(method, self.url.as_str(), path);
        request.headers.push("authorization", format!("Bearer {}", self.token).as_str());
        request.body = body.map(|body| body.to_string().into());
        let response = self.transport.send(&request, Duration::from_secs(20)).unwrap();
        (response.status, response.body)
    }

    fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, body) = self.raw(method, &format!("/v1/{path}"), body);
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::Get, path, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.call(Method::Post, path, Some(body));
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Status and code of a refusal.
    fn refused(&self, method: Method, path: &str, body: Option<Value>) -> (u16, i64) {
        let (status, body) = self.call(method, path, body);
        (status, body["code"].as_i64().unwrap_or_default())
    }

    /// Creates and activates a workflow, and runs it: the name of the run.
    fn run(&self, source: &str, inputs: Value) -> String {
        let created = self.post("workspaces/w/workflows", json!({ "sourceContents": source }));
        let name = created["workflow"]["name"].as_str().unwrap().to_owned();
        self.post(&format!("{name}:activate"), json!({}));
        self.again(&name, inputs)
    }

    /// Runs a workflow that is there.
    fn again(&self, name: &str, inputs: Value) -> String {
        let run = self.post(&format!("{name}/revisions/active:run"), json!({ "inputs": inputs }));
        run["run"]["name"].as_str().unwrap().to_owned()
    }

    fn state(&self, name: &str) -> String {
        let body = self.get(name);
        let resource = body.as_object().unwrap().values().next().unwrap();
        resource["state"].as_str().unwrap().trim_start_matches("STATE_").to_owned()
    }

    /// Looks until the run has ended.
    fn wait(&self, run: &str) -> Value {
        for _ in 0..100 {
            let shown = self.get(run)["run"].clone();
            if matches!(shown["state"].as_str(), Some("STATE_SUCCEEDED" | "STATE_FAILED")) {
                return shown;
            }
        }
        panic!("{run} does not end");
    }
}

/// A clock that stands still until it is set forward.
#[derive(Clone)]
struct Hands(Arc<Mutex<Instant>>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn forward(&self, seconds: f64) {
        *lock(&self.0) += Duration::from_secs_f64(seconds);
    }

    fn on(&self, builder: Builder) -> Builder {
        let hands = self.0.clone();
        builder.clock(move || *lock(&hands))
    }
}

const HELLO: &str = "id: hello-world\nname: Hello\njobs:\n  greet:\n    steps:\n      - run: echo hi\n";

#[test]
fn a_run_from_the_draft_to_the_end() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(HELLO, json!({}));
    assert_eq!(caller.state(&run), "QUEUED");
    assert_eq!(caller.state(&run), "RUNNING");
    let ended = caller.wait(&run);
    assert_eq!(ended["state"], "STATE_SUCCEEDED", "{ended}");
    let jobs = caller.get(&format!("{run}/attempts/1/jobs"));
    assert_eq!(jobs["jobs"][0]["jobId"], "greet");
    let steps = caller.get(&format!("{run}/attempts/1/jobs/greet/steps"));
    assert_eq!(steps["steps"][0]["exitCode"], 0);
    let logs = caller.get(&format!("{run}/attempts/1/jobs/greet/steps/1:logs"));
    assert_eq!(logs["data"], "aGkK");
    let (status, body) =
        caller.raw(Method::Get, &format!("/v1/{run}/attempts/1/jobs/greet/steps/1:streamLogs"), None);
    assert_eq!(
        (status, String::from_utf8(body).unwrap().as_str()),
        (200, "{\"result\":{\"data\":\"aGkK\",\"offset\":\"3\"}}\n")
    );
    let operations: Vec<&str> = emulator.ledger().iter().map(|taken| taken.operation).collect();
    assert_eq!(operations, ["create_workflow", "activate_workflow", "run_workflow_revision"]);
}

#[test]
fn what_is_wrong_is_refused_in_the_form_of_grpc() {
    let emulator = Emulator::builder().rate_limit(None).start().unwrap();
    let caller = Caller::of(&emulator);
    let workflows = "workspaces/w/workflows";
    caller.post(workflows, json!({ "sourceContents": HELLO }));
    let (status, body) = caller.call(Method::Get, "workspaces/w/workflows/none", None);
    let message = "workspaces/w/workflows/none not found";
    assert_eq!((status, body), (404, json!({ "code": 5, "message": message, "details": [] })));
    let hello = "workspaces/w/workflows/hello-world";
    let source = |source: Value| Some(json!({ "sourceContents": source }));
    for (method, path, body, expected) in [
        (Method::Post, workflows, source(json!(HELLO)), (409, 6)),
        (Method::Post, workflows, source(json!("a: [")), (400, 3)),
        (Method::Post, workflows, source(json!(5)), (400, 3)),
        (Method::Post, workflows, Some(json!({})), (400, 3)),
        (Method::Post, workflows, Some(json!({ "source_contents": HELLO })), (400, 3)),
        (Method::Get, "workspaces/w/workflows?pageSize=-1", None, (400, 3)),
        (Method::Get, "workspaces/w/workflows?pageToken=x", None, (400, 3)),
        (Method::Get, "workspaces/w/workflows?size=1", None, (400, 3)),
        (Method::Get, "workspaces/w/workflows/hello-world?x=1", None, (400, 3)),
        (Method::Patch, "workspaces/w/workflows/hello-world?updateMask=name", source(json!(HELLO)), (400, 3)),
        (Method::Patch, hello, source(json!(HELLO.replace("hello-world", "other"))), (400, 3)),
        (Method::Post, "workspaces/w/workflows/hello-world/revisions/active:run", Some(json!({})), (404, 5)),
        (Method::Post, "workspaces/w/workflows/hello-world:explode", Some(json!({})), (404, 5)),
        (Method::Post, "workspaces/w/workflows/hello-world:cancel", Some(json!({})), (404, 5)),
        (Method::Delete, workflows, None, (404, 5)),
        (Method::Get, "workspaces/w", None, (404, 5)),
        (Method::Get, "workspaces/w/nothing", None, (404, 5)),
        (Method::Post, "workspaces/w/runners", Some(json!({ "sandboxEngineImage": "i" })), (400, 3)),
        (Method::Get, "workspaces/w/workflows/-/revisions/r/runs", None, (400, 3)),
        (Method::Get, "workspaces/w/workflows/-/revisions/-/runs?filter=x", None, (400, 3)),
    ] {
        assert_eq!(caller.refused(method, path, body), expected, "{path}");
    }
    assert_eq!(emulator.ledger().len(), 1);
    let revisions = caller.get("workspaces%2Fw%2Fworkflows%2Fhello-world/revisions");
    assert_eq!(revisions["workflowRevisions"], json!([]));
    emulator.reset();
    assert_eq!(caller.get(workflows)["workflows"], json!([]));
    assert_eq!((emulator.ledger().len(), emulator.requests().len()), (0, 1));
}

#[test]
fn a_draft_with_problems_is_refused_unless_any_will_do() {
    let draft = "id: d\njobs: {a: {steps: []}}\n";
    let body = || Some(json!({ "sourceContents": draft }));
    let strict = Emulator::start().unwrap();
    assert_eq!(Caller::of(&strict).refused(Method::Post, "workspaces/w/workflows", body()), (400, 3));
    let lenient = Emulator::builder().any_drafts().start().unwrap();
    let caller = Caller::of(&lenient);
    assert_eq!(caller.call(Method::Post, "workspaces/w/workflows", body()).0, 200);
    let activate = "workspaces/w/workflows/d:activate";
    let (status, answer) = caller.call(Method::Post, activate, Some(json!({})));
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("line 2: jobs.a.steps: at least one step is required"))
    );
}

#[test]
fn ids_and_times_follow_from_seed_and_clock() {
    let run = |seed| {
        let hands = Hands::new();
        let emulator = hands.on(Emulator::builder().seed(seed)).start().unwrap();
        let caller = Caller::of(&emulator);
        hands.forward(1.5);
        let run = caller.run(HELLO, json!({}));
        let shown = caller.get(&run)["run"].clone();
        assert_eq!(shown["createTime"], "2026-01-01T00:00:01.500000Z");
        assert_eq!((&shown["startTime"], &shown["parentJob"]), (&Value::Null, &Value::Null));
        run
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
