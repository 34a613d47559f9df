//! What becomes of runs.

use super::*;

/// Jobs of an attempt: their last part of the name, state and reason.
fn jobs(caller: &Caller, attempt: &str) -> Vec<(String, String, String)> {
    let listed = caller.get(&format!("{attempt}/jobs?orderBy=job_id"));
    let text = |value: &Value, prefix: &str| value.as_str().unwrap().trim_start_matches(prefix).to_owned();
    listed["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| {
            let name = job["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (name, text(&job["state"], "STATE_"), text(&job["failureReason"], "JOB_FAILURE_REASON_"))
        })
        .collect()
}

fn expected(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn on_a_clock_everything_has_its_time() {
    let hands = Hands::new();
    let pending = Pending::time(Duration::from_secs(10));
    let emulator = hands.on(Emulator::builder().pending(pending)).start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\njobs:\n  a: {steps: [{run: echo 1}, {run: echo 2}]}\n  b: {depends_on: [a], steps: [{run: echo 3}]}\n";
    let run = caller.run(source, json!({}));
    for (seconds, state) in [(0.0, "QUEUED"), (9.9, "QUEUED"), (0.1, "RUNNING"), (29.9, "RUNNING")] {
        hands.forward(seconds);
        assert_eq!(caller.state(&run), state, "after {seconds} s more");
    }
    let attempt = format!("{run}/attempts/1");
    assert_eq!(jobs(&caller, &attempt)[1].1, "RUNNING");
    // Much later: all the same, each thing ended at its time.
    hands.forward(1000.0);
    let ended = caller.get(&run)["run"].clone();
    assert_eq!(
        (&ended["startTime"], &ended["endTime"]),
        (&json!("2026-01-01T00:00:10Z"), &json!("2026-01-01T00:00:40Z"))
    );
    let steps = caller.get(&format!("{attempt}/jobs/a/steps"));
    let times: Vec<&str> =
        steps["steps"].as_array().unwrap().iter().map(|step| step["endTime"].as_str().unwrap()).collect();
    assert_eq!(times, ["2026-01-01T00:00:20Z", "2026-01-01T00:00:30Z"]);
}

#[test]
fn a_failure_stops_the_rest_unless_told_otherwise() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let source = |stop: bool| {
        format!(
            "id: f{stop}\ncancel_on_failure: {stop}\njobs:\n  a: {{steps: [{{run: exit 3}}, {{run: echo no}}]}}\n  \
             b: {{steps: [{{run: echo 1}}, {{run: echo 2}}, {{run: echo 3}}]}}\n  c: {{depends_on: [a], steps: [{{run: echo}}]}}\n"
        )
    };
    let run = caller.run(&source(true), json!({}));
    let ended = caller.wait(&run);
    assert_eq!(ended["failureReason"], "RUN_FAILURE_REASON_JOB_FAILED");
    assert_eq!(ended["failureMessage"], "job a failed");
    let attempt = format!("{run}/attempts/1");
    let rows = [("a", "FAILED", "STEP_FAILED"), ("b", "FAILED", "CANCELED"), ("c", "SKIPPED", "UNSPECIFIED")];
    assert_eq!(jobs(&caller, &attempt), expected(&rows));
    let steps = caller.get(&format!("{attempt}/jobs/b/steps"));
    let states: Vec<&Value> = steps["steps"].as_array().unwrap().iter().map(|step| &step["state"]).collect();
    assert_eq!(states, ["STATE_FAILED", "STATE_SKIPPED", "STATE_SKIPPED"]);

    let run = caller.run(&source(false), json!({}));
    caller.wait(&run);
    let rows =
        [("a", "FAILED", "STEP_FAILED"), ("b", "SUCCEEDED", "UNSPECIFIED"), ("c", "SKIPPED", "UNSPECIFIED")];
    assert_eq!(jobs(&caller, &format!("{run}/attempts/1")), expected(&rows));
}

#[test]
fn a_step_may_fail_if_the_job_goes_on_and_may_be_too_late() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(
        "id: f\njobs: {a: {steps: [{run: 'false', continue_on_error: true}, {run: echo}]}}\n",
        json!({}),
    );
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    assert_eq!(caller.state(&format!("{run}/attempts/1/jobs/a/steps/1")), "FAILED");
    let run = caller.run("id: g\njobs: {a: {steps: [{run: sleep 5, timeout: 1s}]}}\n", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
    let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"));
    assert_eq!(step["step"]["failureReason"], "STEP_FAILURE_REASON_TIMEOUT");
    let run = caller.run("id: h\njobs: {a: {runner: gpu, steps: [{run: echo}]}}\n", json!({}));
    caller.wait(&run);
    assert_eq!(jobs(&caller, &format!("{run}/attempts/1")), expected(&[("a", "FAILED", "INTERNAL")]));
    let runner = json!({ "sandboxEngineImage": "i", "sandboxEngineTemplate": "t", "aliases": ["gpu"] });
    caller.post("workspaces/w/runners?runnerId=r", runner);
    let run = caller.again("workspaces/w/workflows/h", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    assert_eq!(caller.get(&format!("{run}/attempts/1/jobs/a"))["job"]["runner"], "workspaces/w/runners/r");
}

#[test]
fn what_failed_is_run_again() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    emulator.fail_next("b", 1, 9);
    let source = "id: f\njobs:\n  a: {steps: [{run: echo}]}\n  b: {depends_on: [a], steps: [{run: echo}]}\n  c: {depends_on: [b], steps: [{run: echo}]}\n";
    let run = caller.run(source, json!({}));
    assert_eq!(caller.refused(Method::Post, &format!("{run}:retry"), Some(json!({}))), (400, 9));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
    assert_eq!(caller.post(&format!("{run}:retry"), json!({}))["run"]["state"], "STATE_QUEUED");
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    let rows = [
        ("a", "SKIPPED", "UNSPECIFIED"),
        ("b", "SUCCEEDED", "UNSPECIFIED"),
        ("c", "SUCCEEDED", "UNSPECIFIED"),
    ];
    assert_eq!(jobs(&caller, &format!("{run}/attempts/2")), expected(&rows));
    caller.post(&format!("{run}:retry"), json!({ "retryMode": "RETRY_MODE_ALL_JOBS" }));
    caller.wait(&run);
    assert_eq!(jobs(&caller, &format!("{run}/attempts/3"))[0].1, "SUCCEEDED");
    let attempts = caller.get(&format!("{run}/attempts?pageSize=2"));
    assert_eq!(attempts["runAttempts"][0]["failureReason"], "RUN_ATTEMPT_FAILURE_REASON_JOB_FAILED");
    assert_ne!(attempts["nextPageToken"], "");
    assert_eq!(
        caller.get(&format!("{run}/attempts/latest"))["runAttempt"]["name"],
        format!("{run}/attempts/3")
    );
    let bad = Some(json!({ "retryMode": "ALL" }));
    assert_eq!(caller.refused(Method::Post, &format!("{run}:retry"), bad), (400, 3));
}

#[test]
fn a_run_is_cancelled_at_once_in_the_queue_and_later_while_it_runs() {
    let hands = Hands::new();
    let pending = Pending::time(Duration::from_secs(10));
    let emulator = hands.on(Emulator::builder().pending(pending)).start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run("id: f\njobs: {a: {steps: [{run: echo}, {run: echo}]}}\n", json!({}));
    assert_eq!(
        caller.post(&format!("{run}:cancel"), json!({}))["run"]["failureReason"],
        "RUN_FAILURE_REASON_CANCELED"
    );
    let run = caller.again("workspaces/w/workflows/f", json!({}));
    hands.forward(15.0);
    assert_eq!(caller.post(&format!("{run}:cancel"), json!({}))["run"]["state"], "STATE_RUNNING");
    hands.forward(9.0);
    assert_eq!(caller.state(&run), "RUNNING");
    hands.forward(1.0);
    let ended = caller.get(&run)["run"].clone();
    assert_eq!(
        (&ended["state"], &ended["endTime"]),
        (&json!("STATE_FAILED"), &json!("2026-01-01T00:00:25Z"))
    );
    assert_eq!(jobs(&caller, &format!("{run}/attempts/1")), expected(&[("a", "FAILED", "CANCELED")]));
    assert_eq!(caller.refused(Method::Post, &format!("{run}:cancel"), Some(json!({}))), (400, 9));
    // Too late: it had ended by itself.
    let run = caller.again("workspaces/w/workflows/f", json!({}));
    hands.forward(25.0);
    caller.post(&format!("{run}:cancel"), json!({}));
    hands.forward(30.0);
    assert_eq!(caller.state(&run), "SUCCEEDED");
}

#[test]
fn one_run_of_a_group_runs_and_one_waits() {
    let hands = Hands::new();
    let pending = Pending::time(Duration::from_secs(10));
    let emulator = hands.on(Emulator::builder().pending(pending)).start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\nconcurrency: {group: 'g-${{ .inputs.x }}'}\ninputs: {x: {type: string, default: a}}\njobs: {a: {steps: [{run: echo}]}}\n";
    let first = caller.run(source, json!({}));
    hands.forward(10.0);
    let again = |x: &str| {
        let inputs = json!({ "stringValues": [{ "parameter": "x", "value": x }] });
        caller.again("workspaces/w/workflows/f", inputs)
    };
    let (second, other) = (again("a"), again("b"));
    let third = again("a");
    let states = || [&first, &second, &third, &other].map(|run| caller.state(run));
    assert_eq!(states(), ["RUNNING", "FAILED", "QUEUED", "QUEUED"]);
    hands.forward(9.0);
    assert_eq!(states(), ["RUNNING", "FAILED", "QUEUED", "QUEUED"]);
    hands.forward(1.0);
    assert_eq!(states(), ["SUCCEEDED", "FAILED", "RUNNING", "RUNNING"]);
    let source = source.replace("id: f", "id: g").replace("{group", "{cancel_in_progress: true, group");
    let newer = caller.run(&source, json!({}));
    assert_eq!(states()[2], "FAILED");
    hands.forward(10.0);
    assert_eq!(caller.state(&newer), "RUNNING");
}

#[test]
fn two_runs_in_an_empty_group_both_run() {
    let hands = Hands::new();
    let pending = Pending::time(Duration::from_secs(10));
    let emulator = hands.on(Emulator::builder().pending(pending)).start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\nconcurrency: {group: g}\njobs: {a: {steps: [{run: echo}]}}\n";
    let first = caller.run(source, json!({}));
    let again = || caller.again("workspaces/w/workflows/f", json!({}));
    let second = again();
    let states = |third: &str| [first.as_str(), second.as_str(), third].map(|run| caller.state(run));
    // One runs as soon as it has left the queue and one waits; a third takes the place of the one that waits.
    assert_eq!(states(&second), ["QUEUED", "QUEUED", "QUEUED"]);
    let third = again();
    assert_eq!(states(&third), ["QUEUED", "FAILED", "QUEUED"]);
    hands.forward(10.0);
    assert_eq!(states(&third), ["RUNNING", "FAILED", "QUEUED"]);
    hands.forward(10.0);
    assert_eq!(states(&third), ["SUCCEEDED", "FAILED", "RUNNING"]);
    hands.forward(10.0);
    assert_eq!(states(&third), ["SUCCEEDED", "FAILED", "SUCCEEDED"]);
}

#[test]
fn workflows_call_one_another() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let child = "id: child\ntrigger: {callable: true}\ninputs: {n: {type: int, required: true}}\njobs: {a: {steps: [{run: 'echo ${{ .inputs.n }}'}]}}\n";
    caller.run(child, json!({ "intValues": [{ "parameter": "n", "value": "1" }] }));
    let run = caller.run("id: parent\njobs: {call: {workflow: {name: child, inputs: {n: 5}}}}\n", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    let job = caller.get(&format!("{run}/attempts/1/jobs/call"))["job"].clone();
    assert_eq!(job["type"], "TYPE_WORKFLOW_CALL");
    let called = caller.get(job["childRun"].as_str().unwrap())["run"].clone();
    assert_eq!((&called["trigger"], &called["parentJob"]), (&json!("TRIGGER_WORKFLOW_CALL"), &job["name"]));
    assert_eq!(called["inputs"]["intValues"], json!([{ "parameter": "n", "value": "5" }]));
    let all = "workspaces/-/workflows/-/revisions/-/runs?filter=trigger%20%3D%20TRIGGER_WORKFLOW_CALL";
    assert_eq!(caller.get(all)["runs"].as_array().unwrap().len(), 1);
    // One that calls itself ends all the same.
    let itself = "id: itself\ntrigger: {callable: true}\njobs: {call: {workflow: {name: itself}}}\n";
    let run = caller.run(itself, json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
    let run =
        caller.run("id: p2\njobs: {call: {workflow: {name: /workspaces/w/workflows/none}}}\n", json!({}));
    caller.wait(&run);
    assert_eq!(jobs(&caller, &format!("{run}/attempts/1")), expected(&[("call", "FAILED", "INTERNAL")]));
}

#[test]
fn inputs_are_checked_and_secrets_kept() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\ninputs:\n  s: {type: string, required: true}\n  k: {type: string, secret: true}\n  n: {type: int, default: 2}\njobs: {a: {steps: [{run: 'echo ${{ .inputs.k }} ${{ .inputs.n }}'}]}}\n";
    let strings = json!({ "stringValues": [{ "parameter": "s", "value": "x" }, { "parameter": "k", "value": "hidden" }] });
    let run = caller.run(source, strings);
    let shown = caller.wait(&run);
    let values = json!([{ "parameter": "s", "value": "x", "redacted": false }, { "parameter": "k", "value": "", "redacted": true }]);
    assert_eq!(shown["inputs"]["stringValues"], values);
    assert_eq!(
        caller.get(&format!("{run}/attempts/1/jobs/a/steps/1:logs"))["data"],
        crate::encoded::base64(b"*** 2\n")
    );
    let path = "workspaces/w/workflows/f/revisions/active:run";
    for inputs in [
        json!({}),
        json!({ "stringValues": [{ "parameter": "s", "value": 5 }] }),
        json!({ "stringValues": [{ "parameter": "s" }, { "parameter": "s" }] }),
        json!({ "stringValues": [{ "parameter": "s" }, { "parameter": "z" }] }),
        json!({ "stringValues": [{ "parameter": "s" }, { "parameter": "n", "value": "1" }] }),
        json!({ "stringValues": [{ "parameter": "s" }], "intValues": [{ "parameter": "n", "value": "1.5" }] }),
        json!({ "stringValues": [{ "parameter": "s" }], "intValues": [{ "parameter": "n", "value": "9223372036854775808" }] }),
        json!({ "strings": [] }),
        json!([]),
    ] {
        let body = Some(json!({ "inputs": inputs }));
        assert_eq!(caller.refused(Method::Post, path, body.clone()), (400, 3), "{body:?}");
    }
}

#[test]
fn schedules_start_runs_when_they_are_told() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\ntrigger: {schedule: [{cron: '0 3 * * *'}]}\njobs: {a: {steps: [{run: echo}]}}\n";
    caller.run(source, json!({}));
    let run = emulator.start_scheduled("w", "f").unwrap();
    let shown = caller.get(&run)["run"].clone();
    assert_eq!(
        (&shown["trigger"], &shown["creator"]),
        (&json!("TRIGGER_SCHEDULE"), &json!("users/scheduler"))
    );
    assert!(shown["scheduledTime"].is_string());
    caller.run(HELLO, json!({}));
    assert_eq!(emulator.start_scheduled("w", "hello-world"), None);
}

#[test]
fn ten_thousand_jobs_that_end_at_once_need_no_deep_stack() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let values: Vec<String> = (0..256).map(|value| format!("v{value}")).collect();
    let job = json!({ "runner": "nope", "matrix": { "m": values }, "steps": [{ "run": "echo" }] });
    let jobs: serde_json::Map<String, Value> = (0..40).map(|id| (format!("j{id}"), job.clone())).collect();
    let source = json!({ "id": "f", "cancel_on_failure": false, "jobs": jobs });
    let run = caller.run(&source.to_string(), json!({}));
    assert_eq!(caller.wait(&run)["failureReason"], "RUN_FAILURE_REASON_JOB_FAILED");
}

#[test]
fn jobs_begin_when_all_that_they_wait_for_has_ended() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    // The last first: each pass finds one more.
    let source = "id: f\ncancel_on_failure: false\njobs:\n  a: {depends_on: [b], steps: [{run: echo}]}\n  b: {depends_on: [c, d], steps: [{run: echo}]}\n  c: {runner: nope, steps: [{run: echo}]}\n  d: {matrix: {m: [x, y]}, steps: [{run: echo}]}\n  e: {depends_on: [d], steps: [{run: echo}]}\n";
    let run = caller.run(source, json!({}));
    caller.wait(&run);
    let rows = [
        ("a", "SKIPPED", "UNSPECIFIED"),
        ("b", "SKIPPED", "UNSPECIFIED"),
        ("c", "FAILED", "INTERNAL"),
        ("d[m:y]", "SUCCEEDED", "UNSPECIFIED"),
        ("d[m:x]", "SUCCEEDED", "UNSPECIFIED"),
        ("e", "SUCCEEDED", "UNSPECIFIED"),
    ];
    assert_eq!(jobs(&caller, &format!("{run}/attempts/1")), expected(&rows));
}
