//! `controlplane apply`, `resume` and `status` with plans and journals.

use std::collections::BTreeMap;

use controlplane_emulator::{eloq, onehouse};
use serde_json::{Value, json};

use crate::services::{Running, TempFile, h2o, hotdata, onehouse as emulator, with};
use crate::support::{program, run, run_with_input, statements};

/// A plan of Onehouse: a lake, then databases in it, then a list.
fn plan(databases: usize) -> String {
    let mut steps = vec![json!({"key": "lake", "command": {"create_lake": {
        "name": "raw", "lake_type": "MANAGED", "bucket_path": "s3://b/raw/", "default_services_cluster": "System"}}})];
    for at in 0..databases {
        let command = json!({"create_database": {"name": format!("db{at}"), "lake": "raw"}});
        steps.push(json!({"key": format!("db{at}"), "command": command, "after": ["lake"]}));
    }
    steps.push(json!({"key": "show", "command": {"show_lakes": {}}, "after": ["db0"]}));
    serde_json::to_string_pretty(&steps).unwrap()
}

fn quick() -> onehouse::Emulator {
    emulator(onehouse::Emulator::builder().pending_polls(1))
}

const POLL: [&str; 2] = ["--poll-interval", "10ms"];

/// How often each statement that changes something was accepted.
fn changes(emulator: &onehouse::Emulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for statement in statements(emulator).into_iter().filter(|statement| statement.starts_with("CREATE")) {
        *counts.entry(statement).or_default() += 1;
    }
    counts
}

fn status_of(rows: &Value, key: &str) -> String {
    let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
    row["status"].as_str().unwrap().to_owned()
}

#[test]
fn all_faults_are_printed_with_line_and_column_and_nothing_is_sent() {
    let emulator = quick();
    let text = "[\n  {\"key\": \"a\", \"command\": {\"create_lak\": {}}},\n  {\"key\": \"a\", \"command\": {\"delete_lake\": {\"nme\": \"x\"}}, \"after\": [\"b\"]}\n]";
    let file = TempFile::new("plan.json", text);
    let ran = run(&mut with(emulator.variables(), &["apply", file.path()])).code(2);
    for fault in [
        ":2:28: unknown command `create_lak`; did you mean",
        ":3:11: the step at 2:11 already has the key `a`",
        ":3:43: missing field `name`",
        ":3:44: unknown field `nme`; did you mean `name`?",
        ": unknown step `b`",
    ] {
        assert!(
            ran.stderr.contains(&format!("{}{fault}", file.path())) || ran.stderr.contains(fault),
            "{fault}: {ran:?}"
        );
    }
    for text in [
        "",
        "{",
        "{}",
        "[{\"key\": 1}]",
        "[{\"key\": \"a\", \"command\": {\"describe_cluster\": {\"name\": \"a\\u0000b\"}}}]",
    ] {
        let ran = run_with_input(&mut with(emulator.variables(), &["apply", "-"]), text).code(2);
        assert!(ran.stderr.contains("standard input:1:"), "{text}: {ran:?}");
    }
    run(&mut with(emulator.variables(), &["apply", "/nowhere/plan.json"])).code(1);
    assert_eq!(emulator.requests().len(), 0);
}

#[test]
fn a_dry_run_prints_the_order_and_needs_no_credentials() {
    let text = r#"[{"key": "db", "command": {"create_database": {"name": "e", "lake": "raw"}}, "after": ["lake"]},
        {"key": "lake", "command": {"delete_lake": {"name": "raw"}}}]"#;
    let ran = run_with_input(&mut program(&["apply", "-", "--dry-run"]), text).code(0);
    assert_eq!(
        ran.stdout,
        "-- lake\nDELETE LAKE `raw`\n\n-- db (after lake)\nCREATE DATABASE `e`\n  LAKE = 'raw'\n\n"
    );
    let ran = run_with_input(&mut program(&["apply", "-", "--dry-run", "-o", "json"]), text).code(0);
    assert_eq!((&ran.json()[0]["key"], &ran.json()[1]["after"]), (&json!("lake"), &json!(["lake"])));
    let other =
        r#"[{"key": "a", "command": {"cluster_create": {"cluster_name": "c", "region": "r", "sku_id": 3}}}]"#;
    let ran = run_with_input(&mut program(&["apply", "-", "--dry-run"]), other).code(0);
    assert!(ran.stdout.starts_with("-- a\nPOST /orgs/"), "{ran:?}");
    run_with_input(&mut program(&["apply", "-"]), other).code(6);
}

#[test]
fn a_second_run_with_the_same_journal_sends_nothing() {
    let emulator = quick();
    let (file, journal) = (TempFile::new("plan.json", &plan(3)), TempFile::absent("journal"));
    let apply = ["apply", file.path(), "--journal", journal.path(), "-o", "json"];
    let first = run(with(emulator.variables(), &apply).args(POLL)).code(0);
    assert_eq!(first.json().as_array().map(Vec::len), Some(5));
    assert!(first.json().as_array().unwrap().iter().all(|row| row["status"] == "done"), "{first:?}");
    assert!(first.stderr.contains("lake: request id "), "{first:?}");
    let requests = emulator.requests().len();
    for again in [&apply[..], &["resume", journal.path(), "-o", "json"]] {
        let second = run(&mut with(emulator.variables(), again)).code(0);
        assert_eq!(status_of(&second.json(), "db2"), "done earlier");
    }
    let status = run(&mut with(emulator.variables(), &["status", journal.path(), "-o", "json"])).code(0);
    assert_eq!(status_of(&status.json(), "lake"), "done");
    assert_eq!(emulator.requests().len(), requests);

    // A journal of another plan is refused.
    let other = TempFile::new("other.json", &plan(4));
    let ran = run(&mut with(emulator.variables(), &["apply", other.path(), "-j", journal.path()])).code(2);
    assert!(ran.stderr.contains("its step 5 is \"show\""), "{ran:?}");
    let foreign = TempFile::new("foreign.json", r#"[{"key": "a", "command": {"info": {}}}]"#);
    run(&mut with(emulator.variables(), &["apply", foreign.path(), "-j", journal.path()])).code(2);
    let empty = TempFile::new("empty", "");
    let ran = run(&mut with(emulator.variables(), &["apply", file.path(), "-j", empty.path()])).code(1);
    assert!(ran.stderr.contains("remove it and start again"), "{ran:?}");
    let no_journal = TempFile::new("no-journal", "{\"a\": 1}\n");
    run(&mut with(emulator.variables(), &["apply", file.path(), "-j", no_journal.path()])).code(1);
    run(&mut with(emulator.variables(), &["resume", no_journal.path()])).code(1);
    run(&mut with(emulator.variables(), &["resume", "/nowhere/journal"])).code(1);
    assert_eq!(emulator.requests().len(), requests);
}

#[test]
fn a_step_that_failed_is_sent_again_or_settled_when_the_person_says_so() {
    let emulator = quick();
    let text = r#"[{"key": "lake", "command": {"delete_lake": {"name": "none"}}},
        {"key": "after", "command": {"show_lakes": {}}, "after": ["lake"]}, {"key": "beside", "command": {"show_jobs": {}}}]"#;
    let (file, journal) = (TempFile::new("plan.json", text), TempFile::absent("journal"));
    let apply = ["apply", file.path(), "-j", journal.path(), "-o", "json"];
    let refused = run(&mut with(emulator.variables(), &apply)).code(2);
    assert!(
        refused.stderr.contains("`--yes`") && refused.stderr.contains("DELETE LAKE `none`"),
        "{refused:?}"
    );
    assert_eq!(emulator.requests().len(), 0);
    let ran = run(with(emulator.variables(), &apply).arg("-y").args(POLL)).code(3);
    let rows = ran.json();
    assert_eq!(["lake", "after", "beside"].map(|key| status_of(&rows, key)), ["failed", "skipped", "done"]);
    assert!(
        ran.stderr.contains(&format!("`controlplane resume {}`, and add `--again KEY`", journal.path())),
        "{ran:?}"
    );
    let resume = |arguments: &[&str]| {
        run(with(emulator.variables(), &["resume", journal.path(), "-y", "-o", "json"])
            .args(POLL)
            .args(arguments))
    };
    assert_eq!(status_of(&resume(&[]).code(1).json(), "lake"), "failed earlier");
    assert_eq!(status_of(&resume(&["--again", "lake"]).code(3).json(), "lake"), "failed");
    resume(&["--again", "nosuch"]).code(2);
    let settled = resume(&["--settled", "lake"]).code(0);
    assert_eq!(status_of(&settled.json(), "after"), "done");
    let deletes = statements(&emulator).iter().filter(|statement| statement.starts_with("DELETE")).count();
    assert_eq!(deletes, 2);
}

/// Kills the program after it has read so many lines of ids, then goes on, until the batch is done.
#[test]
fn a_batch_that_is_killed_goes_on_and_sends_nothing_twice() {
    for kills in [1, 2, 3, 5] {
        let emulator = quick();
        let (file, journal) = (TempFile::new("plan.json", &plan(6)), TempFile::absent("journal"));
        let apply = ["apply", file.path(), "-j", journal.path(), "-o", "json", "--poll-interval", "10ms"];
        let mut running = Running::start(&mut with(emulator.variables(), &apply));
        for _ in 0..kills {
            running.until_line_with("request id ").unwrap();
        }
        assert!(!running.kill().success());
        // Submits that were in flight are unknown: they are looked up, and decided.
        let status =
            run(&mut with(emulator.variables(), &["status", journal.path(), "-o", "json"])).code(0).json();
        let accepted = statements(&emulator).join("\n");
        let mut decisions = Vec::new();
        for row in status.as_array().unwrap().iter().filter(|row| row["status"] == "unknown") {
            let key = row["key"].as_str().unwrap();
            let beginning = if key == "lake" { "CREATE LAKE".to_owned() } else { format!("`{key}`") };
            let is_accepted = accepted.contains(&beginning);
            decisions.push(if is_accepted { "--settled".to_owned() } else { "--again".to_owned() });
            decisions.push(key.to_owned());
        }
        if !decisions.is_empty() {
            let ran = run(&mut with(emulator.variables(), &apply)).code(5);
            assert!(ran.stderr.contains("--again KEY"), "{ran:?}");
        }
        let ran = run(with(emulator.variables(), &apply).args(&decisions)).code(0);
        assert_eq!(ran.json().as_array().map(Vec::len), Some(8));
        let counts = changes(&emulator);
        assert_eq!(counts.len(), 7, "{counts:?}");
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    }
}

#[test]
fn two_programs_with_one_journal_send_each_step_once() {
    for has_begun in [false, true] {
        let emulator = quick();
        let (file, journal) = (TempFile::new("plan.json", &plan(6)), TempFile::absent("journal"));
        let apply = ["apply", file.path(), "-j", journal.path(), "-o", "json", "--poll-interval", "10ms"];
        if has_begun {
            let mut running = Running::start(&mut with(emulator.variables(), &apply));
            running.until_line_with("request id ").unwrap();
            running.signal("INT");
            running.end().code(130);
        }
        let both = [(); 2].map(|()| Running::start(&mut with(emulator.variables(), &apply)));
        let ended = both.map(Running::end);
        let counts = changes(&emulator);
        assert!(counts.values().all(|count| *count == 1), "{counts:?} {ended:?}");
        // At most one of them goes on; the other names the journal.
        let good = ended.iter().filter(|ran| ran.code == Some(0)).count();
        assert!(good <= 1 || ended.iter().any(|ran| ran.stdout.contains("done earlier")), "{ended:?}");
        for ran in ended.iter().filter(|ran| ran.code != Some(0)) {
            assert!(ran.stderr.contains("journal"), "{ran:?}");
        }
    }
}

#[test]
fn ctrl_c_keeps_the_journal_complete_and_says_how_to_go_on() {
    for signal in ["INT", "TERM"] {
        let emulator = emulator(onehouse::Emulator::builder().pending_polls(u32::MAX));
        let (file, journal) = (TempFile::new("plan.json", &plan(2)), TempFile::absent("journal"));
        let apply = ["apply", file.path(), "-j", journal.path(), "-o", "json", "--poll-interval", "10ms"];
        let mut running = Running::start(&mut with(emulator.variables(), &apply));
        running.until_line_with("lake: request id ").unwrap();
        running.signal(signal);
        let ran = running.end().code(130);
        assert!(ran.stderr.contains(&format!("`controlplane resume {}`", journal.path())), "{ran:?}");
        assert_eq!(status_of(&ran.json(), "lake"), "still running");
        assert_eq!(status_of(&ran.json(), "db0"), "skipped");
        let id = &ran.json()[0]["id"];
        // Another run waits for the same operation, until its own time is over.
        let ran = run(with(emulator.variables(), &apply).args(["--timeout", "0s"])).code(4);
        assert_eq!((&status_of(&ran.json(), "lake")[..], &ran.json()[0]["id"]), ("still running", id));
        assert_eq!(changes(&emulator).len(), 1);
    }
}

#[test]
fn a_closed_pipe_ends_nothing() {
    let emulator = quick();
    let (file, journal) = (TempFile::new("plan.json", &plan(4)), TempFile::absent("journal"));
    let mut command = with(emulator.variables(), &["apply", file.path(), "-j", journal.path()]);
    let mut running = Running::start(command.args(POLL));
    running.close_stdout();
    running.end().code(0);
    assert_eq!(changes(&emulator).len(), 5);
    let status = run(&mut with(emulator.variables(), &["status", journal.path(), "-o", "json"])).code(0);
    assert!(status.json().as_array().unwrap().iter().all(|row| row["status"] == "done"), "{status:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_results_and_of_the_journal() {
    let emulator = quick();
    let file = TempFile::new("plan.json", &plan(1));
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = with(emulator.variables(), &["apply", file.path()]);
    let status = child.args(POLL).stdout(full()).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(changes(&emulator).len(), 2, "what was sent was finished");
    let ran = run(&mut with(emulator.variables(), &["apply", file.path(), "-j", "/dev/full"])).code(1);
    assert!(ran.stderr.contains("/dev/full"), "{ran:?}");
    assert_eq!(changes(&emulator).len(), 2);
}

#[test]
fn steps_of_the_other_services_are_waited_for() {
    let emulator = eloq::Emulator::builder().pending_polls(2).start().unwrap();
    let text = r#"[{"key": "c", "command": {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}}},
        {"key": "key", "command": {"cluster_credentials": {"cluster_name": "c1"}}, "after": ["c"]}]"#;
    let file = TempFile::new("plan.json", text);
    let ran = run(with(emulator.variables(), &["apply", file.path(), "-o", "json"]).args(POLL)).code(0);
    let rows = ran.json();
    assert_eq!(rows[0]["output"]["status"], "available", "{ran:?}");
    assert_eq!(rows[1]["output"]["username"], "147-c1");
    assert!(rows[1]["output"].get("password").is_none(), "{ran:?}");
}

#[test]
fn an_operation_is_resumed_by_its_id() {
    let emulator = quick();
    let submit = ["onehouse", "sql", "exec", "--async-mode", "-c", "SHOW LAKES", "-o", "json"];
    let id = run(&mut with(emulator.variables(), &submit)).code(0).json()["request_id"].clone();
    let id = id.as_str().unwrap();
    let status = run(&mut with(emulator.variables(), &["status", id, "-o", "json"])).code(0);
    assert!(status.stdout.contains(id), "{status:?}");
    run(&mut with(emulator.variables(), &["resume", id, "-o", "json", "--poll-interval", "10ms"])).code(0);
    run(&mut with(emulator.variables(), &["resume", "--service", "onehouse", "no-such-id"])).code(3);
    // A word that is no id of any service is not sent to one.
    let requests = emulator.requests().len();
    for command in ["resume", "status"] {
        let ran = run(&mut with(emulator.variables(), &[command, "no-such-id"])).code(2);
        assert!(ran.stderr.contains("`--service eloq no-such-id`"), "{ran:?}");
    }
    // Steps are those of a journal.
    run(&mut with(emulator.variables(), &["resume", id, "--again", "a"])).code(2);
    assert_eq!(emulator.requests().len(), requests);
}

/// A plan of two services, whose steps depend on each other.
const MIXED: &str = r#"[
  {"key": "cluster", "command": {"eloq": {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}}}},
  {"key": "ci", "command": {"onehouse": {"create_service_principal": {"name": "ci"}}}, "after": ["cluster"]},
  {"key": "again", "command": {"eloq": {"cluster": {"cluster_name": "c1"}}}, "after": ["ci"]}
]"#;

#[test]
fn a_plan_of_several_services_goes_on_after_a_kill() {
    let clusters = eloq::Emulator::builder().pending_polls(2).start().unwrap();
    let onehouse = quick();
    let variables = || [clusters.variables(), onehouse.variables()].concat();
    let (file, journal) = (TempFile::new("plan.json", MIXED), TempFile::absent("journal"));
    let order = run(&mut program(&["apply", file.path(), "--dry-run", "-o", "json"])).code(0).json();
    assert_eq!([&order[0]["service"], &order[1]["service"]], ["eloq", "onehouse"]);
    let apply = ["apply", file.path(), "-j", journal.path(), "-o", "json", "--poll-interval", "10ms"];
    let mut running = Running::start(&mut with(variables(), &apply));
    running.until_line_with("cluster: cluster c1").unwrap();
    // The id is shown the moment it is known, which is before the journal has it.
    while !String::from_utf8_lossy(&journal.read()).contains("submitted") {
        std::thread::yield_now();
    }
    running.kill();
    let ran = run(&mut with(variables(), &apply)).code(0);
    let rows = ran.json();
    assert_eq!(rows[2]["output"]["status"], "available", "{ran:?}");
    assert_eq!((clusters.ledger().len(), onehouse.ledger().len()), (1, 1));
    let ran = run(&mut with(variables(), &["resume", journal.path(), "-o", "json"])).code(0);
    assert_eq!(status_of(&ran.json(), "ci"), "done earlier");
    // Without the client of one of its services it does not go on.
    run(&mut with(clusters.variables(), &["resume", journal.path()])).code(6);
    let foreign = TempFile::new("foreign.json", r#"[{"key": "a", "command": {"info": {}}}]"#);
    let ran = run(&mut with(variables(), &["apply", foreign.path(), "-j", journal.path()])).code(2);
    assert!(ran.stderr.contains("it is for eloq and onehouse"), "{ran:?}");
}

#[test]
fn a_plan_of_several_services_has_its_faults_with_their_places() {
    let text = MIXED
        .replace("cluster_name\": \"c1\"}}}, ", "nme\": \"c1\"}}}, ")
        .replace("\"name\": \"ci\"", "\"nme\": \"ci\"");
    let ran = run_with_input(&mut program(&["apply", "-"]), &text).code(2);
    for fault in ["standard input:3:", "standard input:4:", "unknown field `nme`"] {
        assert!(ran.stderr.contains(fault), "{fault}: {ran:?}");
    }
}

#[test]
fn only_the_beginning_of_a_journal_is_to_be_removed() {
    let emulator = h2o(controlplane_emulator::h2o_workflows::Emulator::builder());
    for (text, says) in [
        (r#"[{"key": "x", "command": {"show_lakes": {}}}]"#, "it is not the journal of a batch"),
        ("{\"journal\":{\"service\":\"other\"}}\n", "a service that this version does not know"),
        (r#"{"journal":{"ver"#, "its first line is incomplete"),
        ("", "its first line is incomplete"),
    ] {
        let file = TempFile::new("batch.journal", text);
        let ran = run(&mut with(emulator.variables(), &["resume", file.path()])).code(1);
        assert!(ran.stderr.contains(says), "{ran:?}");
        assert_eq!(ran.stderr.contains("remove it"), says.contains("incomplete"), "{ran:?}");
    }
}

#[test]
fn commands_that_delete_after_reading_are_not_sent_without_a_yes() {
    let emulator = h2o(controlplane_emulator::h2o_workflows::Emulator::builder());
    for command in [
        r#"{"runner.delete_all_runners": {"parent": "workspaces/demo"}}"#,
        r#"{"runner.apply_runners": {"parent": "workspaces/demo", "configs": []}}"#,
    ] {
        let file = TempFile::new("plan.json", &format!(r#"[{{"key": "x", "command": {command}}}]"#));
        let before = emulator.requests().len();
        let ran = run(&mut with(emulator.variables(), &["apply", file.path()])).code(2);
        assert!(ran.stderr.contains("nobody can confirm it; nothing was sent"), "{ran:?}");
        assert_eq!(emulator.requests().len(), before, "{command}");
        run(&mut with(emulator.variables(), &["apply", file.path(), "--yes"])).code(0);
    }
}

#[test]
fn a_journal_of_a_plan_with_other_values_is_refused() {
    let (emulator, database) = hotdata(controlplane_emulator::hotdata::Emulator::builder());
    let query = |database: &str| {
        let command = format!(
            r#"{{"query": {{"query_request": {{"sql": "select 1"}}, "x_database_id": "{database}"}}}}"#
        );
        TempFile::new("plan.json", &format!(r#"[{{"key": "q", "command": {command}}}]"#))
    };
    let journal = TempFile::absent("journal");
    let apply = |file: &TempFile| {
        run(&mut with(
            emulator.variables(),
            &["apply", file.path(), "-j", journal.path(), "--service", "hotdata"],
        ))
    };
    let first = query(&database);
    apply(&first).code(0);
    apply(&first).code(0);
    let ran = apply(&query("another")).code(2);
    assert!(ran.stderr.contains("is another command"), "{ran:?}");
}

#[test]
fn how_a_batch_ended_counts_more_than_that_it_cannot_be_printed() {
    let fault: controlplane_emulator::faults::Fault = "submit: take-then-close".parse().unwrap();
    let emulator = emulator(onehouse::Emulator::builder().faults([fault]));
    let file = TempFile::new("plan.json", &plan(1));
    for more in [&["-o", "name"][..], &["--query", "/9/x"]] {
        let journal = TempFile::absent("journal");
        let apply = ["apply", file.path(), "-j", journal.path()];
        let ran = run(with(emulator.variables(), &apply).args(more)).code(5);
        assert!(ran.stderr.contains("--settled KEY"), "{ran:?}");
    }
}
