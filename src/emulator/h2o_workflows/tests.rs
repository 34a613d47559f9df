//! The emulator as any client would see it: raw requests.

use serde_json::{Value, json};

use super::*;
use crate::http::{Method, Request};
use crate::transport::{HttpConfig, Proxy, Transport, UreqTransport};

struct Caller {
    transport: UreqTransport,
    url: String,
    token: String,
}

impl Caller {
    fn of(emulator: &Emulator) -> Self {
        let config = HttpConfig { proxy: Proxy::None, ..HttpConfig::default() };
        let transport = UreqTransport::new(&config).unwrap();
        Self { transport, url: emulator.url().to_owned(), token: emulator.access_token().to_owned() }
    }

    /// The status and the body as it came.
    fn raw(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Vec<u8>) {
        let mut request = Request::new(method, self.url.as_str(), path);
        request.headers.push("authorization", format!("Bearer {}", self.token).as_str());
        request.body = body.map(|body| body.to_string().into_bytes());
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
    #[allow(dead_code)]
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
