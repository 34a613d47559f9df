//! `controlplane h2o` against the emulator.

use std::io::{BufRead, Read};
use std::time::Duration;

use controlplane_emulator::h2o_workflows::{Emulator, Pending};
use serde_json::json;

use crate::services::{Running, TempFile, WORKFLOW, h2o, with};
use crate::support::{program, run, run_with_input};

fn quick() -> Emulator {
    h2o(Emulator::builder().pending_polls(0))
}

#[test]
fn a_workflow_is_created_run_and_its_logs_are_printed() {
    let emulator = quick();
    let h2o = |arguments: &[&str]| {
        run(with(emulator.variables(), &["h2o", "--poll-interval", "10ms", "-o", "json"]).args(arguments))
    };
    assert_eq!(h2o(&["workflows", "list", "-w", "demo"]).code(0).json()[0]["name"], WORKFLOW);
    let active = h2o(&["workflows", "get", WORKFLOW]).code(0).json()["activeRevision"].clone();
    assert_eq!(h2o(&["revisions", "list", WORKFLOW]).code(0).json()[0]["name"], active);
    let ran = h2o(&["run", WORKFLOW]).code(0);
    let run_name = ran.json()["name"].as_str().unwrap().to_owned();
    assert_eq!(ran.json()["state"], "STATE_SUCCEEDED");
    assert_eq!(ran.stderr, format!("run {run_name}\n"));
    assert_eq!(h2o(&["runs", "list", "demo", "--query", "/0/name"]).code(0).json(), json!(run_name));
    assert_eq!(h2o(&["runs", "ls", "-w", "demo", "--query", "/0/name"]).code(0).json(), json!(run_name));
    h2o(&["runs", "list"]).code(2);
    assert_eq!(h2o(&["runs", "wait", &run_name]).code(0).json()["name"], json!(run_name));

    let lines: Vec<serde_json::Value> = h2o(&["logs", &run_name])
        .code(0)
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.iter().map(|line| &line["text"]).collect::<Vec<_>>(), ["hello", "bye"]);
    for follow in [&["h2o", "logs", &run_name][..], &["h2o", "logs", "-f", &run_name]] {
        assert_eq!(run(&mut with(emulator.variables(), follow)).code(0).stdout, "hello\nbye\n");
    }
    let step = format!("{run_name}/attempts/1/jobs/greet/steps/2");
    for follow in [&["h2o", "logs", &step][..], &["h2o", "logs", "-f", &step]] {
        assert_eq!(run(&mut with(emulator.variables(), follow)).code(0).stdout, "bye\n");
    }
    assert_eq!(h2o(&["runs", "delete", &run_name, "-y"]).code(0).json()["status"], "deleted");
    h2o(&["runs", "get", &run_name]).code(3);
    assert_eq!(h2o(&["workflows", "delete", WORKFLOW, "-y"]).code(0).json()["status"], "deleted");
}

#[test]
fn a_failed_run_ends_with_1_with_and_without_its_log() {
    let emulator = quick();
    for follow in [&[][..], &["--follow"]] {
        emulator.fail_next("greet", 1, 3);
        let arguments = ["h2o", "--poll-interval", "10ms", "run", WORKFLOW];
        let ran = run(with(emulator.variables(), &arguments).args(follow)).code(1);
        assert!(ran.stderr.contains("runs/"), "{ran:?}");
    }
    assert_eq!(
        emulator.ledger().iter().filter(|taken| taken.operation == "run_workflow_revision").count(),
        2
    );
}

#[test]
fn the_log_is_printed_as_it_is_written_and_an_interruption_says_how_to_go_on() {
    let emulator = h2o(Emulator::builder().pending(Pending::time(Duration::from_secs(60))));
    emulator.stop_clock();
    let follow = ["h2o", "--poll-interval", "10ms", "run", WORKFLOW, "--follow"];
    let mut running = Running::start(&mut with(emulator.variables(), &follow));
    let mut stdout = running.take_stdout();
    assert!(running.until_line_with("run workspaces/").is_some());
    // The run is queued for a minute and each of its two steps takes one; the line of the first is there at
    // its end. The second one runs, however long anything takes: this clock does not move by itself.
    emulator.advance_clock(Duration::from_secs(150)).unwrap();
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert_eq!(first, "hello\n");
    let listed = run(&mut with(emulator.variables(), &["h2o", "runs", "list", "demo", "-o", "json"])).code(0);
    assert_eq!(listed.json()[0]["state"], "STATE_RUNNING", "the log came before the end");
    running.signal("INT");
    let ran = running.end().code(130);
    let name = listed.json()[0]["name"].as_str().unwrap().to_owned();
    assert!(ran.stderr.contains(&format!("`controlplane h2o logs --follow {name}`")), "{ran:?}");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_closed_pipe_ends_the_log_and_not_the_run() {
    let emulator = quick();
    let mut running = Running::start(&mut with(
        emulator.variables(),
        &["h2o", "--poll-interval", "10ms", "run", WORKFLOW, "--follow"],
    ));
    running.close_stdout();
    running.end().code(0);
    let listed = run(&mut with(emulator.variables(), &["h2o", "runs", "list", "demo", "-o", "json"])).code(0);
    assert_eq!(listed.json()[0]["state"], "STATE_SUCCEEDED");
}

#[test]
fn no_wait_returns_the_run_and_resume_waits_for_it() {
    let emulator = quick();
    let ran =
        run(&mut with(emulator.variables(), &["h2o", "run", WORKFLOW, "--no-wait", "-o", "json"])).code(0);
    let name = ran.json()["name"].as_str().unwrap().to_owned();
    let status = run(&mut with(emulator.variables(), &["status", &name, "-o", "json"])).code(0);
    assert_eq!(status.json()["name"], json!(name));
    let resumed = run(&mut with(emulator.variables(), &["resume", &name, "-o", "json"])).code(0);
    assert_eq!(resumed.json()["state"], "STATE_SUCCEEDED");
}

#[test]
fn a_wait_that_ends_early_says_how_to_go_on() {
    let emulator = h2o(Emulator::builder().pending_polls(u32::MAX));
    let start = ["h2o", "--poll-interval", "10ms", "run", WORKFLOW, "--timeout", "300ms"];
    let ran = run(&mut with(emulator.variables(), &start)).code(4);
    let name = ran.stderr.lines().next().unwrap().strip_prefix("run ").unwrap();
    assert!(ran.stderr.contains(&format!("`controlplane h2o runs wait {name}`")), "{ran:?}");
    let mut running = Running::start(&mut with(emulator.variables(), &["h2o", "run", WORKFLOW]));
    running.until_line_with("run workspaces").unwrap();
    running.signal("INT");
    assert!(running.end().code(130).stderr.contains("`controlplane h2o runs wait "));
    assert_eq!(
        emulator.ledger().iter().filter(|taken| taken.operation == "run_workflow_revision").count(),
        2
    );
}

#[test]
fn a_workflow_is_validated_before_it_is_created() {
    let emulator = quick();
    let validate = ["h2o", "workflows", "validate", "-w", "demo", "-", "-o", "json"];
    let ran = run_with_input(&mut with(emulator.variables(), &validate), "id: x\n").code(1);
    assert_eq!(ran.json()["isValid"], false);
    let good = "id: y\njobs: {a: {steps: [{run: echo}]}}\n";
    let ran = run_with_input(&mut with(emulator.variables(), &validate), good).code(0);
    assert_eq!(ran.json()["isValid"], true);
}

#[test]
fn a_dry_run_needs_no_credentials_and_sends_nothing() {
    let name = format!("{WORKFLOW}/revisions/r/runs/n");
    for arguments in [
        &["workflows", "list", "-w", "demo"][..],
        &["workflows", "delete", WORKFLOW],
        &["revisions", "list", WORKFLOW],
        &["run", WORKFLOW, "-i", "who=you", "-i", "n:=2"],
        &["run", WORKFLOW, "--follow"],
        &["runs", "list", "demo"],
        &["runs", "wait", &name],
        &["runs", "cancel", &name],
        &["runs", "retry", &name, "--failed"],
        &["runs", "delete", &name],
        &["logs", &name],
        &["call", "get_run", "--json", &json!({"name": name}).to_string()],
    ] {
        let shown = run(program(&["h2o", "--dry-run", "-o", "json"]).args(arguments)).code(0);
        assert!(shown.json()["path"].as_str().unwrap().starts_with("/v1/"), "{arguments:?} {shown:?}");
        run(program(&["h2o", "--yes"]).args(arguments)).code(6);
    }
    let file = TempFile::new("w.yaml", "id: w\njobs: {a: {steps: [{run: echo}]}}\n");
    let create = |options: &[&str]| {
        let create = ["h2o", "workflows", "create", "-w", "demo", file.path(), "--dry-run"];
        run(program(&create).args(options)).code(0)
    };
    let one = create(&["-o", "json"]).json();
    assert_eq!(one["path"], "/v1/workspaces%2Fdemo/workflows");
    let activate = "/v1/workspaces%2Fdemo%2Fworkflows%2F{id of the created workflow}:activate";
    let both = create(&["--activate", "-o", "json"]).json();
    assert_eq!((&both[0], &both[1]["path"], both.as_array().unwrap().len()), (&one, &json!(activate), 2));
    let text = create(&["--activate"]).stdout;
    assert!(text.contains(&format!("\n\nPOST {activate}\n")), "{text}");
    // The value may be secret, and the key says which one is meant.
    for (input, shown) in
        [("n:=hunter2", "'n:=…'"), ("hunter2", "'…'"), ("=hunter2", "'=…'"), ("n:=9=hunter2", "'n:=…'")]
    {
        let ran = run(&mut program(&["h2o", "run", WORKFLOW, "-i", input, "--dry-run"])).code(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.contains("hunter2"), "{ran:?}");
        assert!(ran.stderr.contains(shown) && ran.stderr.contains("--input"), "{ran:?}");
    }
    let ran = run(&mut program(&["onehouse", "cluster", "create", "c", "--options", "hunter2"])).code(2);
    assert!(ran.stderr.contains("'…' for '--options <KEY=VALUE>'"), "{ran:?}");
    // Nor that of a pair whose option was forgotten or misspelled.
    let run_it = ["h2o", "run", WORKFLOW, "-i", "a=1"];
    for (more, says) in [
        (&["b=hunter2"][..], "unexpected argument 'b=…'"),
        (&["hunter2"], "unexpected argument '…'"),
        (&["--inptu", "b=hunter2"], "unexpected argument '--inptu'"),
        (&["--inptu=b=hunter2"], "unexpected argument '--inptu'"),
        (&["-i"], "a value is required for '--input <KEY=TEXT>'"),
    ] {
        let ran = run(program(&run_it).args(more)).code(2);
        assert!(ran.stderr.contains(says) && !ran.stderr.contains("hunter2"), "{ran:?}");
    }
    let ran = run(&mut program(&["h2o", "token=hunter2"])).code(2);
    assert!(ran.stderr.contains("'token=…'") && !ran.stderr.contains("hunter2"), "{ran:?}");
    let flow = ["onehouse", "flow", "create", "f", "--option", "password", "a", "hunter2"];
    let ran = run(&mut program(&flow)).code(2);
    assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
}

#[test]
fn a_name_of_the_wrong_form_is_answered_with_an_example() {
    let (workflow, revision) = ("as workspaces/demo/workflows/train.", "workflows/train/revisions/3f2c");
    let run_name = "as workspaces/demo/workflows/train/revisions/3f2c/runs/8d1e.";
    for (arguments, says) in [
        (&["workflows", "show", "train"][..], workflow),
        (&["workflows", "delete", "demo/train", "--yes"], workflow),
        (&["run", "train"], workflow),
        (&["run", "demo/train"], revision),
        (&["revisions", "list", "train"], workflow),
        (&["revisions", "show", "train"], revision),
        (&["runs", "show", "8d1e"], run_name),
        (&["runs", "wait", "8d1e"], run_name),
        (&["runs", "retry", "8d1e"], run_name),
        (&["runs", "delete", "8d1e", "--yes"], run_name),
        (&["logs", "8d1e"], run_name),
        (&["logs", "8d1e", "--follow"], run_name),
        (&["call", "get_run", "--json", "{\"name\": \"x\"}"], run_name),
    ] {
        let emulator = Emulator::builder().start().unwrap();
        let ran = run(with(emulator.variables(), &["h2o"]).args(arguments)).code(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(says), "{says}: {ran:?}");
    }
}

#[test]
fn a_replaced_platform_token_is_a_warning_without_the_token() {
    let emulator = Emulator::builder().rotate_refresh_tokens().start().unwrap();
    let ran = run(&mut with(emulator.variables(), &["h2o", "workflows", "list", "-w", "demo"])).code(0);
    assert!(ran.stderr.contains("has replaced the platform token"), "{ran:?}");
    assert!(!ran.stderr.contains(emulator.refresh_token()), "{ran:?}");
}
