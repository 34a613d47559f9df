//! What steps do: by the small interpreter, and in a shell.

use super::*;

fn source(id: &str, script: &str) -> String {
    format!("id: {id}\njobs: {{a: {{steps: [{{run: {}}}]}}}}\n", json!(script))
}

/// The bytes that base64 stands for.
fn log_of(caller: &Caller, step: &str) -> String {
    let data = caller.get(&format!("{step}:logs"))["data"].as_str().unwrap().to_owned();
    String::from_utf8(streams::decoded(&data)).unwrap()
}

/// The examples: a script, its exit code without a shell, and with one.
const EXAMPLES: [(&str, i64, i64); 8] = [
    ("echo a; exit 7", 7, 7),
    ("(exit 5)", 5, 5),
    ("exit 3 || true", 3, 3),
    ("cat /nope || exit 4", 126, 4),
    ("(exit 3) || true", 0, 0),
    ("set -e; false; true", 1, 1),
    ("python3 /nope/train.py || exit 9", 126, 9),
    ("echo 1 | grep -q 1", 126, 0),
];

#[test]
fn a_script_that_is_not_understood_fails_and_says_why() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    for (place, (script, code, _)) in EXAMPLES.iter().enumerate() {
        let run = caller.run(&source(&format!("f{place}"), script), json!({}));
        let state = if *code == 0 { "STATE_SUCCEEDED" } else { "STATE_FAILED" };
        assert_eq!(caller.wait(&run)["state"], state, "{script}");
        let step = format!("{run}/attempts/1/jobs/a/steps/1");
        let shown = caller.get(&step)["step"].clone();
        assert_eq!(shown["exitCode"], *code, "{script}");
        let log = log_of(&caller, &step);
        let is_refused = *code == 126;
        assert_eq!(log.contains("start it with --run-steps"), is_refused, "{script}: {log}");
        let reason = if is_refused { "INTERNAL" } else { "EXECUTION" };
        if *code != 0 {
            assert_eq!(shown["failureReason"], format!("STEP_FAILURE_REASON_{reason}"), "{script}");
        }
    }
    // Nor does it succeed by way of an action that goes on.
    let action = "id: n\nname: N\nsteps: [{run: make, continue_on_error: true}]\n";
    caller.post("workspaces/w/actions", json!({ "sourceContents": action }));
    caller.post("workspaces/w/actions/n:publish", json!({}));
    let run = caller.run("id: g\njobs: {a: {steps: [{uses: n}]}}\n", json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
}

#[test]
fn secrets_are_masked_in_what_is_refused_too() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let secret = "k".repeat(70) + "\nsecond-line";
    let source = "id: f\ninputs: {k: {type: string, secret: true}}\njobs: {a: {steps: [{run: \"'${{ .inputs.k }}'\"}, {run: \"echo '${{ .inputs.k }}'\"}]}}\n";
    let source = source.replacen("}, {run", ", continue_on_error: true}, {run", 1);
    let run = caller.run(&source, json!({ "stringValues": [{ "parameter": "k", "value": secret }] }));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    let log = log_of(&caller, &format!("{run}/attempts/1/jobs/a/steps/1"));
    assert_eq!(
        log,
        "the emulator does not run `*** ***`: start it with --run-steps, which runs steps in a real shell\n"
    );
    assert_eq!(log_of(&caller, &format!("{run}/attempts/1/jobs/a/steps/2")), "***\n***\n");
}

/// Publishes the action `n`.
fn publish(caller: &Caller, rest: &str) {
    let source = format!("id: n\nname: N\n{rest}\n");
    caller.post("workspaces/w/actions", json!({ "sourceContents": source }));
    caller.post("workspaces/w/actions/n:publish", json!({}));
}

/// What an action is given, and what its steps add.
const BOUND: [&str; 2] = [
    "inputs: {dir: {type: string, required: true}, n: {type: int, default: 2}, on: {type: bool, default: false}}\nsteps: [{env: {E: 'e-${{ .inputs.dir }}'}, run: 'echo ${{ .inputs.dir }} ${{ .inputs.n }} ${{ .inputs.on }} $E $J ${{ .env.J }}'}, {run: 'echo \"[$E]\"'}]",
    "id: f\ninputs: {dir: {type: string, default: of-the-run}, k: {type: int, default: 7}}\njobs: {a: {env: {J: j}, steps: [{uses: n, with: {dir: 'd-${{ .inputs.dir }}', n: '${{ .inputs.k }}', on: true}}]}}\n",
];
const BOUND_LOG: &str = "d-of-the-run 7 true e-d-of-the-run j j\n[]\n";

#[test]
fn an_action_has_the_inputs_that_it_is_given() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    publish(&caller, BOUND[0]);
    let run = caller.run(BOUND[1], json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    let log = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1:logs?stream=OUTPUT_STREAM_STDOUT"));
    assert_eq!(log["data"], crate::encoded::base64(BOUND_LOG.as_bytes()));
}

/// Actions and the steps that use them, or nothing and a step, of which nothing may be run; and what the log says.
const REFUSED: [(&str, &str, &str); 14] = [
    ("steps: [{run: 'echo ${{ .inputs.dir }}'}]", "uses: n", "no value for ${{ .inputs.dir }}"),
    (
        "inputs: {dir: {type: string}}\nsteps: [{run: 'echo ${{ .inputs.dir }}'}]",
        "uses: n",
        "no value for ${{ .inputs.dir }}",
    ),
    (
        "inputs: {dir: {type: string, required: true}}\nsteps: [{run: echo a}]",
        "uses: n",
        "input dir is required",
    ),
    ("steps: [{run: echo a}]", "uses: n, with: {x: '1'}", "input x is not defined"),
    (
        "inputs: {x: {type: int}}\nsteps: [{run: echo a}]",
        "uses: n, with: {x: 'a'}",
        "input x has another type",
    ),
    ("steps: [{run: echo a}, {run: 'echo ${{ .secrets.s }}'}]", "uses: n", "no value for ${{ .secrets.s }}"),
    ("steps: [{run: echo a}, {run: 'echo ${{ .matrix.m }}'}]", "uses: n", "no value for ${{ .matrix.m }}"),
    (
        "steps: [{id: s, run: echo a}, {run: 'echo ${{ .steps.s.outputs.o }}'}]",
        "uses: n",
        "no value for ${{ .steps.s.outputs.o }}",
    ),
    (
        "steps: [{run: echo a}, {run: 'echo ${{ .nothing }}'}]",
        "uses: n",
        "the expression .nothing is none of",
    ),
    ("steps: [{run: echo a}, {uses: m}]", "uses: n", "runs only scripts in actions, and not the step Use m"),
    ("steps: [{run: echo a}, {upload: {path: a, destination: b}}]", "uses: n", "not the step Upload a"),
    ("steps: [{run: echo a}, {name: get, download: {source: a, path: b}}]", "uses: n", "not the step get"),
    ("steps: [{run: echo a}]", "run: 'echo a ${{ .env.NONE }}'", "no value for ${{ .env.NONE }}"),
    (
        "steps: [{run: echo a}]",
        "upload: {path: '${{ .inputs.dir }}', destination: b}, env: {A: '${{ .inputs.none }}'}",
        "no value for ${{ .inputs.none }}",
    ),
];

fn refuses(emulator: &Emulator) {
    for (action, step, why) in REFUSED {
        emulator.reset();
        let caller = Caller::of(emulator);
        publish(&caller, action);
        let source = format!(
            "id: f\ninputs: {{dir: {{type: string, default: of-the-run}}, none: {{type: string}}}}\njobs: {{a: {{steps: [{{{step}}}]}}}}\n"
        );
        let run = caller.run(&source, json!({}));
        assert_eq!(caller.wait(&run)["state"], "STATE_FAILED", "{action} {step}");
        let name = format!("{run}/attempts/1/jobs/a/steps/1");
        let log = log_of(&caller, &name);
        assert!(log.contains(why) && log.lines().count() == 1, "{action} {step}: {log}");
        assert_eq!(caller.get(&name)["step"]["failureReason"], "STEP_FAILURE_REASON_INTERNAL");
    }
}

#[test]
fn a_step_whose_text_is_not_known_is_not_run() {
    refuses(&Emulator::builder().rate_limit(None).start().unwrap());
    // Without a shell the name of a secret may be printed as what the log would show.
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(SECRET, json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
}

const SECRET: &str = "id: f\nsecrets: [{name: workspaces/w/secrets/s, as: s}]\njobs: {a: {steps: [{run: 'echo \"${{ .secrets.s }}\"'}]}}\n";

#[test]
fn a_planned_failure_is_what_fails_whatever_the_script_says() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    emulator.fail_next("a", 1, 9);
    let run = caller.run(&source("f", "python train.py"), json!({}));
    caller.wait(&run);
    let shown = |run: &str| {
        let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
        (step["exitCode"].clone(), step["failureReason"].clone(), step["failureMessage"].clone())
    };
    let failed =
        |code: i64| (json!(code), json!("STEP_FAILURE_REASON_EXECUTION"), json!(format!("exit code {code}")));
    assert_eq!(shown(&run), failed(9));
    emulator.fail_next("a", 1, 0);
    let run = caller.run(&source("g", "exit 3"), json!({}));
    caller.wait(&run);
    assert_eq!(shown(&run), failed(1));
}

#[test]
fn steps_of_actions_have_their_own_timeout() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    publish(&caller, "steps: [{run: sleep 5, timeout: 1s, continue_on_error: true}, {run: echo no}]");
    let run = caller.run("id: f\njobs: {a: {steps: [{uses: n}]}}\n", json!({}));
    caller.wait(&run);
    let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
    assert_eq!(step["failureReason"], "STEP_FAILURE_REASON_TIMEOUT");
}

#[test]
fn files_are_not_moved_and_the_log_says_so() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let source = "id: f\njobs: {a: {working_dir: w, steps: [{upload: {path: a, destination: 'drive://b'}}, {download: {source: 'drive://b', path: c}}]}}\n";
    let run = caller.run(source, json!({}));
    assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    for (step, line) in [(1, "Uploading a to drive://b"), (2, "Downloading drive://b to c")] {
        let log = log_of(&caller, &format!("{run}/attempts/1/jobs/a/steps/{step}"));
        assert_eq!(log, format!("{line} (the emulator moves no files)\n"));
    }
}

#[cfg(unix)]
mod shell {
    use std::net::TcpListener;

    use super::*;

    /// Follows the log of the first step of job `a` to its end. This waits for the step.
    fn follow(caller: &Caller, run: &str) -> String {
        let path = format!("/v1/{run}/attempts/1/jobs/a/steps/1:streamLogs");
        let (status, body) = caller.raw(Method::Get, &path, None);
        assert_eq!(status, 200);
        streams::read(&body).0
    }

    #[test]
    fn steps_run_in_a_shell_where_that_is_allowed() {
        let emulator = Emulator::builder().run_steps(true).start().unwrap();
        let caller = Caller::of(&emulator);
        for (place, (script, _, code)) in EXAMPLES.iter().enumerate() {
            let run = caller.run(&source(&format!("f{place}"), script), json!({}));
            follow(&caller, &run);
            let state = if *code == 0 { "STATE_SUCCEEDED" } else { "STATE_FAILED" };
            assert_eq!(caller.wait(&run)["state"], state, "{script}");
            let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
            assert_eq!(step["exitCode"], *code, "{script}");
        }
        let source = "id: g\ninputs: {k: {type: string, secret: true}}\nenv: {A: one}\njobs: {a: {env: {B: '${{ .inputs.k }}'}, steps: [{run: 'echo \"$A $B\" | rev; echo $B >&2; printf tail'}]}}\n";
        let run = caller.run(source, json!({ "stringValues": [{ "parameter": "k", "value": "hidden" }] }));
        let mut lines: Vec<String> = follow(&caller, &run).lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines.concat().replace("***", "").replace("tail", ""), "neddih eno");
        assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
        // A failure that was planned does not run it.
        emulator.fail_next("a", 1, 9);
        let run = caller.again("workspaces/w/workflows/g", json!({}));
        assert_eq!(
            (caller.wait(&run)["state"].as_str(), follow(&caller, &run).as_str()),
            (Some("STATE_FAILED"), "")
        );
        let run = caller.run("id: h\njobs: {a: {steps: [{run: sleep 1000, timeout: 100ms}]}}\n", json!({}));
        follow(&caller, &run);
        caller.wait(&run);
        let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
        assert_eq!(step["failureReason"], "STEP_FAILURE_REASON_TIMEOUT");
    }

    #[test]
    fn nothing_runs_in_a_shell_with_another_text_than_its_own() {
        let emulator = Emulator::builder().run_steps(true).rate_limit(None).start().unwrap();
        refuses(&emulator);
        emulator.reset();
        let caller = Caller::of(&emulator);
        let run = caller.run(SECRET, json!({}));
        assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
        let log = log_of(&caller, &format!("{run}/attempts/1/jobs/a/steps/1"));
        assert_eq!(log, "the emulator has no value for ${{ .secrets.s }}\n");
        emulator.reset();
        publish(&caller, BOUND[0]);
        let run = caller.run(BOUND[1], json!({}));
        assert_eq!(caller.state(&run), "QUEUED");
        caller.get(&run);
        let log = follow(&caller, &run);
        let printed: Vec<&str> = log.lines().filter(|line| !line.starts_with("===")).collect();
        assert_eq!(printed.join("\n") + "\n", BOUND_LOG);
        assert_eq!(caller.wait(&run)["state"], "STATE_SUCCEEDED");
    }

    /// In a real shell it would make a difference.
    #[test]
    fn what_the_emulator_does_not_do_fails_where_scripts_have_files() {
        let emulator = Emulator::builder().run_steps(true).rate_limit(None).start().unwrap();
        for (job, step, why) in [
            ("", "upload: {path: a, destination: b}", "moves no files"),
            ("", "download: {source: a, path: b}", "moves no files"),
            ("", "run: 'true', working_dir: w", "working_dir"),
            ("working_dir: w, ", "run: 'true'", "working_dir"),
            ("", "uses: n", "working_dir"),
        ] {
            emulator.reset();
            let caller = Caller::of(&emulator);
            publish(&caller, "steps: [{run: 'true'}, {run: 'true', working_dir: w}]");
            let run = caller.run(&format!("id: f\njobs: {{a: {{{job}steps: [{{{step}}}]}}}}\n"), json!({}));
            assert_eq!(caller.wait(&run)["state"], "STATE_FAILED", "{step}");
            let name = format!("{run}/attempts/1/jobs/a/steps/1");
            let log = log_of(&caller, &name);
            assert!(log.contains(why), "{step}: {log}");
            assert_eq!(caller.get(&name)["step"]["failureReason"], "STEP_FAILURE_REASON_INTERNAL", "{step}");
        }
    }

    /// All spaces share the threads: else a hundred tests in parallel would run a thousand processes.
    #[test]
    fn the_steps_of_all_spaces_wait_for_the_same_threads() {
        let emulator = Emulator::builder().run_steps(true).accept_any_credentials().start().unwrap();
        let (blocking, _listener) = endless("f");
        let mut runs = Vec::new();
        for space in 0..18 {
            let mut caller = Caller::of(&emulator);
            caller.token = format!("token-{space}");
            let run = caller.run(&blocking, json!({}));
            for _ in 0..3 {
                caller.state(&run);
            }
            runs.push((caller, run));
        }
        let counts = emulator.instance.options.workers.counts();
        assert_eq!(counts, (16, 2));
        for (caller, run) in &runs {
            caller.post(&format!("{run}:cancel"), json!({}));
        }
    }

    /// A step that does not end, which has connected to this listener.
    fn endless(id: &str) -> (String, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = format!("echo ready; exec 3<>/dev/tcp/127.0.0.1/{port}; sleep 1000; true");
        (source(id, &script), listener)
    }

    #[test]
    fn canceling_a_run_kills_its_step_and_so_does_a_reset() {
        let hands = Hands::new();
        let pending = Pending::time(Duration::from_secs(10));
        let builder = hands.on(Emulator::builder().pending(pending)).run_steps(true);
        let emulator = builder.start().unwrap();
        let caller = Caller::of(&emulator);
        let (source, listener) = endless("f");
        let run = caller.run(&source, json!({}));
        hands.forward(10.0);
        assert_eq!(caller.state(&run), "RUNNING");
        let (stream, _) = listener.accept().unwrap();
        // As long as its process runs, whatever the clock shows.
        hands.forward(1000.0);
        assert_eq!(caller.state(&run), "RUNNING");
        caller.post(&format!("{run}:cancel"), json!({}));
        hands.forward(10.0);
        assert_eq!(caller.get(&run)["run"]["failureReason"], "RUN_FAILURE_REASON_CANCELED");
        assert_eq!(std::io::read_to_string(stream).unwrap(), "");
        assert_eq!(follow(&caller, &run), "ready\n");

        let again = caller.again("workspaces/w/workflows/f", json!({}));
        hands.forward(10.0);
        assert_eq!(caller.state(&again), "RUNNING");
        let (stream, _) = listener.accept().unwrap();
        emulator.reset();
        assert_eq!(std::io::read_to_string(stream).unwrap(), "");

        let run = caller.run(&source, json!({}));
        hands.forward(10.0);
        assert_eq!(caller.state(&run), "RUNNING");
        let (stream, _) = listener.accept().unwrap();
        drop(emulator);
        assert_eq!(std::io::read_to_string(stream).unwrap(), "");
    }

    #[test]
    fn a_step_that_ends_late_ends_when_it_is_seen() {
        let hands = Hands::new();
        let pending = Pending::time(Duration::from_secs(10));
        let builder = hands.on(Emulator::builder().pending(pending)).run_steps(true);
        let emulator = builder.start().unwrap();
        let caller = Caller::of(&emulator);
        let (source, listener) = endless("f");
        let run = caller.run(&source.replace("sleep 1000", "read -u 3 line || true"), json!({}));
        hands.forward(10.0);
        assert_eq!(caller.state(&run), "RUNNING");
        let (stream, _) = listener.accept().unwrap();
        hands.forward(15.0);
        assert_eq!(caller.state(&run), "RUNNING");
        drop(stream);
        follow(&caller, &run);
        let ended = caller.get(&run)["run"].clone();
        assert_eq!(
            (&ended["state"], &ended["endTime"]),
            (&json!("STATE_SUCCEEDED"), &json!("2026-01-01T00:00:25Z"))
        );
    }

    #[test]
    fn a_step_whose_process_is_gone_fails() {
        let emulator = Emulator::builder().run_steps(true).start().unwrap();
        let caller = Caller::of(&emulator);
        let (source, listener) = endless("f");
        let run = caller.run(&source, json!({}));
        caller.state(&run);
        caller.state(&run);
        let _stream = listener.accept().unwrap();
        let (_, kept) = caller.raw(Method::Get, "/_emulator/state", None);
        let other = Emulator::builder().run_steps(true).start().unwrap();
        let caller = Caller::of(&other);
        let state = serde_json::from_slice(&kept).unwrap();
        assert_eq!(caller.raw(Method::Put, "/_emulator/state", Some(state)).0, 200);
        assert_eq!(caller.wait(&run)["state"], "STATE_FAILED");
        let step = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1"))["step"].clone();
        assert_eq!(step["failureReason"], "STEP_FAILURE_REASON_INTERNAL");
    }

    #[test]
    fn web_pages_cannot_run_code() {
        let emulator = Emulator::builder().run_steps(true).start().unwrap();
        let caller = Caller::of(&emulator);
        let send = |name: &'static str, value: &str| {
            let mut request = Request::new(Method::Get, caller.url.as_str(), "/v1/workspaces/w/workflows");
            request.headers.push("authorization", format!("Bearer {}", caller.token).as_str());
            request.headers.push(name, value);
            caller.transport.send(&request, Duration::from_secs(20)).unwrap().status
        };
        assert_eq!(send("origin", "http://evil.example"), 403);
        assert_eq!(send("accept", "*/*"), 200);
    }
}
