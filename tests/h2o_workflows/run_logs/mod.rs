//! The logs of a whole run, against a service that a function plays, in both modes and in virtual time.

mod emulated;
mod ended;
mod live;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use controlplane::h2o_workflows::{
    AsyncClient, Call, Client, Credentials, FollowLogs, LogPosition, OutputStream, RunLogPosition,
    client::Async, client::Blocking,
};
use controlplane::http::{Headers, Request};
use controlplane::transport::SendErrorKind;
use controlplane::{CancelToken, Clock, Error, ErrorKind, Progress, RetryPolicy, SecretString};
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

const RUN: &str = "workspaces/w/workflows/f/revisions/r/runs/x";
const CHILD: &str = "workspaces/w/workflows/g/revisions/r/runs/y";

/// What the service has: resources, lists and logs by their names.
#[derive(Clone, Default)]
struct Service {
    resources: HashMap<String, (&'static str, Value)>,
    lists: HashMap<String, (&'static str, Vec<Value>)>,
    logs: HashMap<String, Vec<u8>>,
}

impl Service {
    fn run(&mut self, name: &str, state: &str) -> String {
        self.resources.insert(name.to_owned(), ("run", json!({"name": name, "state": state})));
        self.lists.insert(format!("{name}/attempts"), ("runAttempts", Vec::new()));
        name.to_owned()
    }

    fn add(
        &mut self,
        parent: &str,
        collection: &str,
        key: (&'static str, &'static str),
        id: &str,
        fields: Value,
    ) -> String {
        let list = format!("{parent}/{collection}");
        let name = format!("{list}/{id}");
        let mut resource = fields;
        resource["name"] = json!(name);
        self.lists.entry(list).or_insert_with(|| (key.1, Vec::new())).1.push(resource.clone());
        self.resources.insert(name.clone(), (key.0, resource));
        name
    }

    fn attempt(&mut self, run: &str, number: u32, state: &str) -> String {
        let name = self.add(
            run,
            "attempts",
            ("runAttempt", "runAttempts"),
            &number.to_string(),
            json!({"state": state}),
        );
        self.lists.insert(format!("{name}/jobs"), ("jobs", Vec::new()));
        name
    }

    /// A job that began at this second; `None`: it has not begun.
    fn job(&mut self, attempt: &str, id: &str, state: &str, start: Option<u32>) -> String {
        let start = start.map(|second| format!("2026-01-01T00:00:{second:02}Z"));
        let fields = json!({"state": state, "jobId": id, "startTime": start, "type": "TYPE_STEPS"});
        let name = self.add(attempt, "jobs", ("job", "jobs"), id, fields);
        self.lists.insert(format!("{name}/steps"), ("steps", Vec::new()));
        name
    }

    fn step(&mut self, job: &str, number: u32, state: &str, log: &str) -> String {
        let fields = json!({"state": state, "displayName": format!("step {number}")});
        let name = self.add(job, "steps", ("step", "steps"), &number.to_string(), fields);
        self.logs.insert(name.clone(), log.as_bytes().to_vec());
        name
    }

    /// The response to a request. Pages have two items.
    fn answer(&self, request: &Request) -> Reply {
        let path = asked(request);
        if let Some(step) = path.strip_suffix(":streamLogs") {
            return self.logs.get(step).map_or_else(missing, |log| stream(log, request, None));
        }
        if let Some((key, resource)) = self.resources.get(&path) {
            return Reply::text(200, json!({*key: resource}).to_string());
        }
        let Some((key, items)) = self.lists.get(&path) else { return missing() };
        let from: usize = queried(request, "pageToken").parse().unwrap_or(0);
        let to = (from + 2).min(items.len());
        let next = if to < items.len() { to.to_string() } else { String::new() };
        Reply::text(200, json!({*key: items[from..to], "nextPageToken": next}).to_string())
    }

    fn scripted(self) -> Scripted {
        Scripted::new(move |request, _| self.answer(request))
    }
}

fn missing() -> Reply {
    Reply::text(404, json!({"code": 5, "message": "gone", "details": []}).to_string())
}

/// The name in a request, with what follows it.
fn asked(request: &Request) -> String {
    let path = percent_encoding::percent_decode_str(&request.path).decode_utf8().unwrap();
    path.trim_start_matches("/v1/").to_owned()
}

fn queried(request: &Request, name: &str) -> String {
    request.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// A log from the offset of the request on, 5 bytes in a line of the stream, and how the stream ends.
fn stream(log: &[u8], request: &Request, end: Option<SendErrorKind>) -> Reply {
    let mut offset: usize = queried(request, "offset").parse().unwrap();
    let mut pieces = Vec::new();
    for piece in log[offset..].chunks(5) {
        offset += piece.len();
        let line = json!({"result": {"data": base64(piece), "offset": offset.to_string()}});
        pieces.push(format!("{line}\n").into_bytes());
    }
    Reply::Pieces(200, Headers::new(), pieces, end)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn credentials() -> Credentials {
    let token = SecretString::from("t");
    Credentials::builder().endpoint("http://h2o.test").token_provider(token).build().unwrap()
}

fn retry(retries: u32) -> RetryPolicy {
    let mut policy = RetryPolicy::retries(retries);
    policy.first_delay = Duration::from_millis(1);
    policy.max_delay = Duration::from_millis(2);
    policy
}

fn call_at(service: &Scripted, clock: &Leaping) -> Call<Blocking, FollowLogs> {
    let builder = Client::builder().credentials(credentials()).retry(retry(3)).clock(clock.clone());
    builder.transport(service.clone()).build().unwrap().run().follow_logs(RUN)
}

fn call(service: &Scripted) -> Call<Blocking, FollowLogs> {
    call_at(service, &Leaping::new())
}

fn call_async(service: &Scripted) -> Call<Async, FollowLogs> {
    let builder = AsyncClient::builder().credentials(credentials()).retry(retry(3));
    let builder = builder.poll_interval(Duration::from_millis(10));
    builder.transport(service.clone()).build().unwrap().run().follow_logs(RUN)
}

/// Bytes and the steps that have written them, up to a number of items.
#[derive(Debug, Default)]
struct Followed {
    chunks: Vec<(String, Vec<u8>)>,
    position: Option<RunLogPosition>,
    error: Option<Error>,
    is_over: bool,
}

impl Followed {
    /// The chunks of each step in one.
    fn steps(&self) -> Vec<(String, String)> {
        let mut steps: Vec<(String, Vec<u8>)> = Vec::new();
        for (step, data) in &self.chunks {
            match steps.last_mut() {
                Some((last, bytes)) if last == step => bytes.extend(data),
                _ => steps.push((step.clone(), data.clone())),
            }
        }
        steps.into_iter().map(|(step, bytes)| (step, String::from_utf8(bytes).unwrap())).collect()
    }
}

fn follow(service: &Scripted, position: Option<RunLogPosition>, most: usize) -> Followed {
    let mut call = call(service);
    if let Some(position) = position {
        call = call.position(position);
    }
    let (mut logs, mut followed) = (call.iter(), Followed::default());
    while followed.chunks.len() < most && !followed.is_over {
        match logs.next() {
            Some(Ok(chunk)) => followed.chunks.push((chunk.source.step.clone(), chunk.data)),
            Some(Err(error)) => followed.error = Some(error),
            None => followed.is_over = true,
        }
    }
    followed.position = Some(logs.position());
    followed
}

fn follow_async(service: &Scripted, position: Option<RunLogPosition>, most: usize) -> Followed {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut call = call_async(service);
        if let Some(position) = position {
            call = call.position(position);
        }
        let (mut logs, mut followed) = (call.stream(), Followed::default());
        while followed.chunks.len() < most && !followed.is_over {
            match logs.next().await {
                Some(Ok(chunk)) => followed.chunks.push((chunk.source.step.clone(), chunk.data)),
                Some(Err(error)) => followed.error = Some(error),
                None => followed.is_over = true,
            }
        }
        followed.position = Some(logs.position());
        followed
    })
}

type Mode = fn(&Scripted, Option<RunLogPosition>, usize) -> Followed;
const MODES: [Mode; 2] = [follow, follow_async];

/// A run that ended long ago: two attempts, parallel jobs, a job that calls a workflow, skipped jobs and
/// steps.
fn ended() -> (Service, Vec<(String, String)>) {
    let (mut service, mut expected) = (Service::default(), Vec::new());
    service.run(RUN, "STATE_SUCCEEDED");
    let first = service.attempt(RUN, 1, "STATE_FAILED");
    // `late` was created first, and began last.
    let late = service.job(&first, "late", "STATE_FAILED", Some(9));
    let early = service.job(&first, "early[os:linux]", "STATE_SUCCEEDED", Some(2));
    service.job(&first, "never", "STATE_SKIPPED", None);
    let calls = service.job(&first, "calls", "STATE_SUCCEEDED", Some(5));
    let (_, jobs) = service.lists.get_mut(&format!("{first}/jobs")).unwrap();
    let job = jobs.iter_mut().find(|job| job["name"] == calls).unwrap();
    (job["type"], job["childRun"]) = (json!("TYPE_WORKFLOW_CALL"), json!(CHILD));
    let mut expect = |service: &mut Service, job: &str, number, state: &str, log: &str| {
        let step = service.step(job, number, state, log);
        if state != "STATE_SKIPPED" && !log.is_empty() {
            expected.push((step, log.to_owned()));
        }
    };
    expect(&mut service, &early, 1, "STATE_SUCCEEDED", "one\ntwo\n");
    expect(&mut service, &early, 2, "STATE_SUCCEEDED", "");
    expect(&mut service, &early, 3, "STATE_SUCCEEDED", "três, without an end");
    service.run(CHILD, "STATE_SUCCEEDED");
    let attempt = service.attempt(CHILD, 1, "STATE_SUCCEEDED");
    let inner = service.job(&attempt, "inner", "STATE_SUCCEEDED", Some(6));
    expect(&mut service, &inner, 1, "STATE_SUCCEEDED", "in the child\n");
    expect(&mut service, &late, 1, "STATE_FAILED", "fails\n");
    expect(&mut service, &late, 2, "STATE_SKIPPED", "");
    let second = service.attempt(RUN, 2, "STATE_SUCCEEDED");
    service.job(&second, "early[os:linux]", "STATE_SKIPPED", None);
    let late = service.job(&second, "late", "STATE_SUCCEEDED", Some(30));
    expect(&mut service, &late, 1, "STATE_SUCCEEDED", "works\nnow\n");
    (service, expected)
}

/// Each line, and the step's last parts.
fn lines(call: Call<Blocking, FollowLogs>, most: usize) -> (Vec<String>, RunLogPosition, Option<Error>) {
    let (mut logs, mut lines, mut error) = (call.iter().lines(), Vec::new(), None);
    while lines.len() < most {
        match logs.next() {
            Some(Ok(line)) => lines.push(format!("{}: {}", line.source.job_id, line.text)),
            Some(Err(e)) => error = Some(e),
            None => break,
        }
    }
    (lines, logs.position(), error)
}
