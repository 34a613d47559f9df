//! The state as a document.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::document::testing::{
    Answered, Seen, check, check_gate, check_head, instance, refuses, request, send,
};
use crate::h2o_workflows::{Duration, H2oWorkflows, Pending};
use crate::instance::Instance;

const WORKFLOWS: [(&str, &str); 5] = [
    (
        "f",
        "id: f\ntrigger: {callable: true}\njobs:\n  a: {matrix: {m: [x, y]}, steps: [{run: \"echo ${{ .matrix.m }}\\necho 2 >&2\"}, {run: echo 3}]}\n  b: {depends_on: [a], runner: r, steps: [{run: echo}]}\n",
    ),
    (
        "g",
        "id: g\nconcurrency: {group: 'g'}\njobs: {a: {steps: [{run: exit 3, continue_on_error: true}, {run: 'false'}]}, b: {steps: [{run: echo}]}}\n",
    ),
    ("h", "id: h\njobs: {call: {workflow: {name: f}}, own: {steps: [{uses: n}]}}\n"),
    (
        "s",
        "id: s\ninputs:\n  k: {type: string, secret: true}\n  n: {type: int, default: 2}\njobs: {a: {steps: [{run: 'echo ${{ .inputs.k }} ${{ .inputs.n }}'}]}}\n",
    ),
    ("t", "id: t\nname: Timed\njobs: {a: {steps: [{run: sleep 5, timeout: 1s}]}}\n"),
];
const ACTION: &str = "id: n\nsteps: [{run: echo from the action}]\n";

#[derive(Clone, Copy, Debug)]
struct Op(u8, u8);

fn make(pending: Pending) -> Instance<H2oWorkflows> {
    instance::<H2oWorkflows>(|settings, options| {
        settings.pending = pending;
        settings.seed = 5;
        options.login.rotates = true;
        options.any_drafts = true;
    })
}

fn act(on: &Instance<H2oWorkflows>, Op(what, which): &Op, seen: &Seen) -> Answered {
    let call = |method: &str, path: &str, body: Value| {
        let headers = [("authorization", "Bearer emulator-access-token")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(on, &request(method, &format!("/v1/{path}"), &headers, body.as_bytes()))
    };
    let (id, source) = WORKFLOWS[usize::from(*which) % WORKFLOWS.len()];
    let workflow = format!("workspaces/w/workflows/{id}");
    let run = || {
        seen.pick(which / 5, |text| {
            text.starts_with("workspaces/") && text.contains("/runs/") && !text.contains("/attempts/")
        })
    };
    match what % 20 {
        0 => call("POST", "workspaces/w/workflows", json!({ "sourceContents": source })),
        1 => call("POST", &format!("{workflow}:activate"), json!({})),
        2..=4 => {
            let inputs = if id == "s" {
                json!({ "stringValues": [{ "parameter": "k", "value": "hidden" }] })
            } else {
                Value::Null
            };
            call("POST", &format!("{workflow}/revisions/active:run"), json!({ "inputs": inputs }))
        }
        5..=7 => call("GET", &run(), Value::Null),
        8 => call("GET", &format!("{}/attempts/1/jobs", run()), Value::Null),
        9 => call("GET", &format!("{}/attempts/latest", run()), Value::Null),
        10 => call("POST", &format!("{}:cancel", run()), json!({})),
        11 => call("POST", &format!("{}:retry", run()), json!({})),
        12 => call("GET", &format!("{}/attempts/1/jobs/a/steps/1:logs", run()), Value::Null),
        13 => {
            on.settings.clock.advance(Duration::from_millis(u64::from(*which) * 100));
            Answered::nothing()
        }
        14 => match which % 6 {
            0 => call("DELETE", &run(), Value::Null),
            1 => call("DELETE", &workflow, Value::Null),
            2 => call("POST", &format!("{workflow}:deactivate"), json!({})),
            3 => call("PATCH", &workflow, json!({ "sourceContents": format!("{source}# edited\n") })),
            4 => call("DELETE", "workspaces/w/actions/n", Value::Null),
            _ => call("DELETE", "workspaces/w/runners/r", Value::Null),
        },
        15 => match which % 3 {
            0 => call("POST", "workspaces/w/actions", json!({ "sourceContents": ACTION })),
            1 => call("POST", "workspaces/w/actions/n:publish", json!({})),
            _ => call(
                "POST",
                "workspaces/w/runners?runnerId=r",
                json!({ "sandboxEngineImage": "i", "sandboxEngineTemplate": "t", "aliases": ["big"] }),
            ),
        },
        16 => {
            let refresh = seen.pick(which / 2, |text| text.starts_with("refresh-"));
            let refresh = if which % 2 == 0 { "emulator-refresh-token" } else { &refresh };
            let body =
                format!("grant_type=refresh_token&client_id=hac-platform-public&refresh_token={refresh}");
            let headers = [("content-type", "application/x-www-form-urlencoded")];
            send(on, &request("POST", "/auth/realms/emulator/token", &headers, body.as_bytes()))
        }
        17 => {
            let token = seen.pick(*which, |text| text.starts_with("access-"));
            let headers = [("authorization", format!("Bearer {token}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            send(on, &request("GET", "/v1/workspaces/w/workflows", &headers, b""))
        }
        18 => match which % 2 {
            0 => {
                crate::server::lock(&on.service.world).state.fail_next("a", 1, 4);
                Answered::nothing()
            }
            _ => call("GET", &format!("{workflow}/revisions"), Value::Null),
        },
        _ => call("GET", "workspaces/-/workflows/-/revisions/-/runs", Value::Null),
    }
}

/// All workflows are active, and one run of each has begun.
fn first() -> Vec<Op> {
    let mut all = vec![Op(15, 0), Op(15, 1), Op(15, 2)];
    for which in 0..5 {
        all.extend([Op(0, which), Op(1, which), Op(2, which)]);
    }
    all
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<(u8, u8)>().prop_map(|(what, which)| Op(what, which)), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_restored_emulator_goes_on_as_the_original(by_time in any::<bool>(), some in ops(60), after in ops(40)) {
        let pending = match by_time {
            true => Pending::between(Duration::from_secs(1)..=Duration::from_secs(20)),
            false => Pending::polls(1),
        };
        check(&|| make(pending), &[first(), some].concat(), &after, &act);
    }
}

#[test]
fn busy_workspaces_are_kept_whole_and_contradictions_are_refused() {
    let make = || make(Pending::time(Duration::from_secs(10)));
    let on = make();
    for op in first() {
        let answered = act(&on, &op, &Seen::default());
        assert_eq!(answered.status, 200, "{op:?} {}", answered.text());
    }
    let mut all = first();
    all.extend([Op(16, 0), Op(13, 120), Op(19, 0), Op(18, 0)]);
    let state = check(&make, &all, &[Op(13, 200), Op(19, 0), Op(16, 1), Op(17, 0), Op(2, 0)], &act);
    for part in [
        "\"child\":[",
        "from the action",
        "\"stderr\"",
        "refresh-1-",
        "\"failing\":[[\"a\",1,4]]",
        "\"secrets\":[\"hidden\"]",
    ] {
        assert!(state.contains(part), "{part}: {state}");
    }
    // Tokens that are settings are not part of a state.
    assert!(!state.contains("emulator-access-token") && !state.contains("emulator-refresh-token"));
    let at = |rest: &str| format!("/state/workspaces/{rest}");
    refuses(
        &make(),
        &state,
        &[
            (
                &at("runs/0/revision"),
                json!("r"),
                "/state/workspaces/runs/0/revision: there is no such revision",
            ),
            (&at("runs/0/workflow"), json!("g"), "/state/workspaces/runs/0/revision: "),
            (&at("runs/0/attempts"), json!([]), "/state/workspaces/runs/0/attempts: "),
            (&at("runs/0/attempts/0/jobs/0/source"), json!(7), "/runs/0/attempts/0/jobs/0/source: "),
            (&at("runs/0/attempts/0/jobs/0/steps"), json!([]), "/runs/0/attempts/0/jobs/0/steps: "),
            (&at("runs/0/attempts/0/progress/phase"), json!("tired"), "/runs/0/attempts/0/progress/phase "),
            (&at("runs/0/trigger"), json!("TRIGGER_HAPPY"), "/runs/0/trigger "),
            (&at("runs/0/number"), json!(10_000), "/runs/0/number: "),
            (&at("workflows/1/contents"), json!("id: f\njobs: {}\n"), "/state/workspaces/workflows/1: "),
            (&at("workflows/1/contents"), json!("- no"), "/state/workspaces/workflows/1: it has no id"),
            (&at("calendar/start"), json!("2026"), "/state/workspaces/calendar/start "),
            ("/state/tokens/is_first_valid", json!(3), "/state/tokens/is_first_valid "),
        ],
    );
}

/// A restored state with runs that call one another as is said: for each run, the numbers of those that its jobs call.
fn calling(calls: &[&[u64]]) -> Result<Instance<H2oWorkflows>, String> {
    let on = make(Pending::polls(1));
    for op in first() {
        act(&on, &op, &Seen::default());
    }
    let mut document: Value = serde_json::from_str(&on.state().unwrap()).unwrap();
    let state = &mut document["state"]["workspaces"];
    let run = state["runs"].as_array().unwrap().iter().find(|run| run["workflow"] == "h").unwrap().clone();
    state["made"] = json!(calls.len());
    state["runs"] = calls
        .iter()
        .enumerate()
        .map(|(at, calls)| {
            let mut run = run.clone();
            (run["number"], run["id"]) = (json!(at + 1), json!(format!("r{at}")));
            let attempt = &mut run["attempts"][0];
            attempt["progress"] = json!({ "phase": "running", "failure": null, "start": null, "end": null });
            let job = attempt["jobs"][0].clone();
            attempt["jobs"] = calls
                .iter()
                .map(|child| {
                    let mut job = job.clone();
                    job["progress"]["phase"] = json!("running");
                    job["child"] = json!([child, "r"]);
                    job
                })
                .collect();
            run
        })
        .collect();
    let restored = make(Pending::polls(1));
    restored.restore(document.to_string().as_bytes()).map(|()| restored)
}

#[test]
fn restored_runs_call_one_another_in_a_finite_tree() {
    let refused = |calls: &[&[u64]]| calling(calls).expect_err("it is refused");
    let child = |run: usize| format!("/state/workspaces/runs/{run}/attempts/0/jobs/0/child: ");
    // Itself, one before it, and one that another job has called: ways double from level to level.
    assert!(refused(&[&[1]]).starts_with(&child(0)));
    assert!(refused(&[&[2], &[1]]).starts_with(&child(1)));
    assert!(refused(&[&[3], &[3], &[]]).starts_with(&child(1)));
    assert!(refused(&[&[2, 2], &[]]).contains("/jobs/1/child: "));
    let chain = |length: u64| -> Vec<Vec<u64>> {
        (2..=length).map(|number| vec![number]).chain([Vec::new()]).collect()
    };
    let slices = |chain: &[Vec<u64>]| calling(&chain.iter().map(Vec::as_slice).collect::<Vec<_>>()).map(drop);
    let why = slices(&chain(10_000)).unwrap_err();
    assert!(why.contains("/runs/10/attempts/0/jobs/0/child: ") && why.contains("10 deep"), "{why}");
    slices(&chain(11)).unwrap();
    // The last has no job and ends at once; one that was deleted is not an obstacle.
    let on = calling(&[&[2], &[77]]).unwrap();
    let run = request(
        "GET",
        "/v1/workspaces/-/workflows/-/revisions/-/runs",
        &[("authorization", "Bearer emulator-access-token")],
        b"",
    );
    assert_eq!(send(&on, &run).status, 200);
}

#[test]
fn a_revision_that_could_not_be_made_is_not_restored() {
    let on = make(Pending::polls(1));
    for op in first() {
        act(&on, &op, &Seen::default());
    }
    let state = on.state().unwrap();
    let values = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let matrix: serde_json::Map<String, Value> =
        (0..20).map(|key| (format!("k{key}"), json!(values))).collect();
    let huge = json!({ "id": "f", "jobs": { "a": { "matrix": matrix, "steps": [{ "run": "echo" }] } } });
    let at = |rest: &str| format!("/state/workspaces/{rest}");
    refuses(
        &make(Pending::polls(1)),
        &state,
        &[
            (
                &at("workflows/0/revisions/0/contents"),
                json!(huge.to_string()),
                "/state/workspaces/workflows/0/revisions/0: line 1: jobs.a.matrix: the matrix has more than 256",
            ),
            (
                &at("workflows/0/revisions/0/contents"),
                json!("id: z\njobs: {a: {steps: [{run: echo}]}}\n"),
                "/state/workspaces/workflows/0/revisions/0: its source has another id",
            ),
            (
                &at("actions/0/revisions/0/snapshot/sourceContents"),
                json!("id: n\nsteps: []\n"),
                "/state/workspaces/actions/0/revisions/0: ",
            ),
            (&at("failing"), json!([["a", 1, 0]]), "/state/workspaces/failing/0: "),
        ],
    );
}

#[test]
fn no_state_is_restored_while_a_request_is_answered() {
    let reads = check_gate::<H2oWorkflows>(
        |settings, _| settings.pending = Pending::polls(1),
        |on| {
            let mut seen = Seen::default();
            for op in first() {
                seen.note(&act(on, &op, &seen));
            }
            for (what, which) in (0..24).flat_map(|which| (0..20).map(move |what| (what, which))) {
                // Those that advance the clock are not requests.
                if matches!(what, 13) {
                    continue;
                }
                seen.note(&act(on, &Op(what, which), &seen));
            }
            let run = seen.pick(0, |text| text.contains("/runs/") && !text.contains("/attempts/"));
            let headers = [("authorization", "Bearer emulator-access-token")];
            let stream = format!("/v1/{run}/attempts/1/jobs/a/steps/1:streamLogs");
            assert_eq!(send(on, &request("GET", &stream, &headers, b"")).status, 200);
            on.resources();
            on.settle();
        },
    );
    assert!(reads > 100, "{reads}");
}

#[test]
fn no_time_is_restored_that_no_emulator_can_go_on_from() {
    check_head(&instance::<H2oWorkflows>(|settings, _| settings.rate_limit = Some(1)));
}
