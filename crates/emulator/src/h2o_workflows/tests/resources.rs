//! Workflows, revisions, runners, actions; lists; faults that know the service.

use super::*;

fn names(body: &Value, plural: &str) -> Vec<String> {
    let items = body[plural].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn a_revision_is_one_time_of_being_active() {
    let hands = Hands::new();
    let emulator = hands.on(Emulator::builder()).start().unwrap();
    let caller = Caller::of(&emulator);
    let created =
        caller.post("workspaces/w/workflows", json!({ "sourceContents": HELLO }))["workflow"].clone();
    assert_eq!((&created["state"], &created["activeRevision"]), (&json!("STATE_INACTIVE"), &json!("")));
    assert_eq!((&created["updateTime"], &created["updater"]), (&Value::Null, &json!("")));
    let name = "workspaces/w/workflows/hello-world";
    let activate =
        || caller.post(&format!("{name}:activate"), json!({}))["workflow"]["activeRevision"].clone();
    let first = activate().as_str().unwrap().to_owned();
    hands.forward(5.0);
    let changed = json!({ "sourceContents": HELLO.replace("Hello", "Hello 2") });
    let (status, updated) =
        caller.call(Method::Patch, &format!("{name}?updateMask=source_contents"), Some(changed));
    assert_eq!((status, &updated["workflow"]["displayName"]), (200, &json!("Hello 2")));
    // The draft alone has changed.
    assert!(!caller.get(&first)["workflowRevision"]["sourceContents"].as_str().unwrap().contains("Hello 2"));
    let second = activate().as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let old = caller.get(&first)["workflowRevision"].clone();
    assert_eq!(old["state"], "STATE_INACTIVE");
    assert_eq!(
        (&old["deactivateTime"], &old["deactivator"]),
        (&json!("2026-01-01T00:00:05Z"), &json!("users/emulator"))
    );
    // Answered with the real name.
    let active = caller.get(&format!("{name}/revisions/active"))["workflowRevision"].clone();
    assert_eq!((&active["name"], &active["deactivateTime"]), (&json!(second), &Value::Null));
    assert_eq!(caller.refused(Method::Post, &format!("{first}:run"), Some(json!({}))), (400, 9));
    let run = caller.again(name, json!({}));
    assert!(run.starts_with(&second));
    let inactive = caller.post(&format!("{name}:deactivate"), json!({}))["workflow"].clone();
    assert_eq!((&inactive["state"], &inactive["activeRevision"]), (&json!("STATE_INACTIVE"), &json!("")));
    assert_eq!(caller.refused(Method::Get, &format!("{name}/revisions/active"), None), (404, 5));
    assert_eq!(caller.refused(Method::Delete, name, None), (400, 9));
    assert_eq!(caller.refused(Method::Delete, &run, None), (400, 9));
    caller.wait(&run);
    assert_eq!(caller.call(Method::Delete, &run, None), (200, json!({})));
    assert_eq!(caller.call(Method::Delete, name, None), (200, json!({})));
    assert_eq!(caller.refused(Method::Get, &first, None), (404, 5));
    let last = emulator.ledger().pop().unwrap();
    assert_eq!((last.operation, last.name.as_str()), ("delete_workflow", name));
}

#[test]
fn runners_have_masks_aliases_and_pages() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let runners = "workspaces/w/runners";
    let body = |aliases: &[&str]| json!({ "sandboxEngineImage": "i", "sandboxEngineTemplate": "t", "aliases": aliases });
    for number in 0..7 {
        caller.post(&format!("{runners}?runnerId=r{number}"), body(&[]));
    }
    let first = caller.get(&format!("{runners}?pageSize=4"));
    assert_eq!(names(&first, "runners"), ["r0", "r1", "r2", "r3"]);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = caller.get(&format!("{runners}?pageSize=4&pageToken={token}"));
    assert_eq!(
        (names(&second, "runners"), &second["nextPageToken"]),
        (vec!["r4".into(), "r5".into(), "r6".into()], &json!(""))
    );
    let other = format!("workspaces/other/runners?pageToken={token}");
    assert_eq!(caller.refused(Method::Get, &other, None), (400, 3));
    let patch = |mask: &str, body: Value| {
        caller.call(Method::Patch, &format!("{runners}/r0?updateMask={mask}"), Some(body))
    };
    let (_, changed) = patch(
        "aliases,display_name",
        json!({ "aliases": ["gpu"], "displayName": "R", "sandboxEngineImage": "no" }),
    );
    let runner = &changed["runner"];
    assert_eq!(
        (&runner["aliases"], &runner["displayName"], &runner["sandboxEngineImage"]),
        (&json!(["gpu"]), &json!("R"), &json!("i"))
    );
    // All fields, and a required one is not there.
    assert_eq!(patch("%2A", json!({ "displayName": "x" })).0, 400);
    assert_eq!(patch("displayName", body(&[])).0, 400);
    assert_eq!(patch("", body(&["gpu"])).1["runner"]["displayName"], "");
    for (id, aliases, expected) in [
        ("r0", &[][..], (409, 6)),
        ("r9", &["gpu"], (409, 6)),
        ("r9", &["a", "a"], (400, 3)),
        ("r9", &["Gpu"], (400, 3)),
        ("r9", &["-a"], (400, 3)),
        ("", &[], (400, 3)),
    ] {
        let path = format!("{runners}?runnerId={id}");
        assert_eq!(caller.refused(Method::Post, &path, Some(body(aliases))), expected, "{id} {aliases:?}");
    }
    assert_eq!(caller.call(Method::Delete, &format!("{runners}/r0"), None), (200, json!({})));
    assert_eq!(caller.refused(Method::Delete, &format!("{runners}/r0"), None), (404, 5));
}

#[test]
fn actions_are_published_as_they_are_at_the_time() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: n\nname: N\nsteps: [{name: x, run: echo a}, {run: exit 4}, {run: echo b}]\n";
    caller.post("workspaces/w/actions", json!({ "sourceContents": source }));
    let action = "workspaces/w/actions/n";
    assert_eq!(caller.refused(Method::Get, &format!("{action}/revisions/latest"), None), (404, 5));
    let run = caller.run("id: f\njobs: {a: {steps: [{uses: n}]}}\n", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
    let first = caller.post(&format!("{action}:publish"), json!({}))["actionRevision"].clone();
    let changed = json!({ "sourceContents": source.replace("name: N", "name: M") });
    assert_eq!(caller.call(Method::Patch, action, Some(changed)).0, 200);
    let second = caller.post(&format!("{action}:publish"), json!({}))["actionRevision"].clone();
    assert_eq!(
        (&first["snapshot"]["displayName"], &second["snapshot"]["displayName"]),
        (&json!("N"), &json!("M"))
    );
    assert_eq!(caller.get(first["name"].as_str().unwrap())["actionRevision"], first);
    assert_eq!(caller.get(&format!("{action}/revisions/latest"))["actionRevision"], second);
    assert_eq!(names(&caller.get(&format!("{action}/revisions")), "actionRevisions").len(), 2);
    let run = caller.again("workspaces/w/workflows/f", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
    let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
    assert_eq!((&step["actionRevision"], &step["exitCode"]), (&second["name"], &Value::Null));
    assert_eq!(step["failureMessage"], "exit code 4");
    let logs = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1:logs?stream=OUTPUT_STREAM_COMBINED"));
    let text = b"=== x ===\na\n=== Run exit 4 ===\n";
    assert_eq!(logs["data"], crate::encoded::base64(text));
}

#[test]
fn faults_know_what_submits_and_what_polls() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    emulator.add_fault("submit, contains=hello-world: status=503, taken".parse().unwrap());
    let body = || Some(json!({ "sourceContents": HELLO }));
    assert_eq!(caller.call(Method::Post, "workspaces/w/workflows", body()).0, 503);
    let record = emulator.requests().pop().unwrap();
    assert_eq!((record.operation, record.status, record.taken), (Some("create_workflow"), 503, true));
    emulator.clear_faults();
    assert_eq!(caller.refused(Method::Post, "workspaces/w/workflows", body()), (409, 6));
    assert!(!emulator.requests().pop().unwrap().taken);
    caller.post("workspaces/w/workflows/hello-world:activate", json!({}));
    let run = caller.again("workspaces/w/workflows/hello-world", json!({}));
    emulator.add_fault("starts=get_run, nth=1: operation-status=STATE_PAUSED".parse().unwrap());
    assert_eq!(caller.state(&run), "PAUSED");
    emulator.clear_faults();
    // Only what has ended goes back.
    emulator.add_fault("times=1: back-to-pending".parse().unwrap());
    assert_eq!(caller.state(&run), "RUNNING");
    assert_eq!(caller.state(&run), "QUEUED");
    assert_eq!(caller.state(&run), "SUCCEEDED");
}

#[test]
fn more_requests_than_are_allowed_are_told_when_to_come_again() {
    let hands = Hands::new();
    let emulator = hands.on(Emulator::builder().rate_limit(Some(2))).start().unwrap();
    let caller = Caller::of(&emulator);
    let list = || caller.refused(Method::Get, "workspaces/w/workflows", None);
    assert_eq!([list(), list(), list()], [(200, 0), (200, 0), (429, 8)]);
    hands.forward(1.0);
    assert_eq!(list(), (200, 0));
}
