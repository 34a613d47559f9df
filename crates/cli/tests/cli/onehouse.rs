//! `controlplane onehouse` against the emulator.

use serde_json::json;

use crate::support::{oh, onehouse, program, run, run_with_input, statements};

#[test]
fn a_change_prints_its_payload_and_nothing_else() {
    let emulator = onehouse();
    let create = ["-o", "json", "cluster", "create", "prod", "--type", "spark", "--max-ocu", "10"];
    let ran = run(oh(&emulator, &create).args(["--options", "worker.type = oh-general-4"])).code(0);
    assert_eq!(ran.json()["name"], "prod");
    let id = ran.stderr.strip_prefix("request id ").unwrap().trim();
    let status = run(&mut oh(&emulator, &["sql", "status", id, "-o", "json"])).code(0).json();
    assert_eq!((&status["request_id"], &status["api_response"]["name"]), (&json!(id), &json!("prod")));
    assert_eq!(
        statements(&emulator),
        ["CREATE CLUSTER `prod`\n  TYPE = 'Spark'\n  MAX_OCU = 10\n  WITH 'worker.type' = 'oh-general-4'"]
    );
}

#[test]
fn a_list_has_all_formats() {
    let emulator = onehouse();
    let show = |format: &str| run(&mut oh(&emulator, &["cluster", "show", "-o", format])).code(0);
    let table = show("table");
    assert_eq!(table.stderr, "");
    assert!(table.stdout.starts_with("NAME "), "{table:?}");
    assert_eq!(show("JSON").json().as_array().unwrap().len(), 2);
    assert!(show("yaml").stdout.starts_with("- name: "), "{:?}", show("yaml"));
    assert!(show("csv").stdout.starts_with("name,"), "{:?}", show("csv"));
    assert_eq!(show("name").stdout, "Connector\nSystem\n");
    let query = run(&mut oh(&emulator, &["cluster", "show", "--query", "/0/name"])).code(0);
    assert_eq!(query.stdout, "Connector\n");
}

#[test]
fn a_result_without_the_queried_part_is_printed_whole() {
    let emulator = onehouse();
    let ran =
        run(&mut oh(&emulator, &["cluster", "create", "c", "--type", "SQL", "--query", "/nome"])).code(1);
    assert_eq!(ran.json()["name"], "c");
    assert!(ran.stderr.contains("--query /nome") && ran.stderr.contains("carried out"), "{ran:?}");
    // Syntax is checked before anything is sent.
    run(&mut oh(&emulator, &["cluster", "delete", "c", "--yes", "--query", "name"])).code(2);
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn a_delete_without_a_terminal_needs_yes() {
    let emulator = onehouse();
    run(&mut oh(&emulator, &["cluster", "create", "c", "--type", "SQL"])).code(0);
    for input in ["", "y\n"] {
        let ran = run_with_input(&mut oh(&emulator, &["cluster", "delete", "c"]), input).code(2);
        assert!(ran.stderr.contains("`--yes`"), "{ran:?}");
    }
    assert_eq!(emulator.ledger().len(), 1);
    let ran = run(&mut oh(&emulator, &["-o", "json", "cluster", "delete", "c", "--yes"])).code(0);
    assert_eq!((ran.json(), emulator.ledger().len()), (json!({"name": "c"}), 2));
}

#[test]
fn a_dry_run_needs_no_credentials() {
    for flag in ["--dry-run", "--show-sql"] {
        let ran = run(&mut program(&["onehouse", "cluster", "delete", "c", flag])).code(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("DELETE CLUSTER `c`\n", ""));
    }
    let ran = run(&mut program(&["onehouse", "-o", "json", "cluster", "show", "--dry-run"])).code(0);
    assert_eq!(ran.json(), json!({"statement": "SHOW CLUSTERS"}));
}

#[test]
fn names_are_checked_unless_told_otherwise() {
    let describe = ["onehouse", "cluster", "describe", "Default Managed Cluster - 2", "--dry-run"];
    let ran = run(&mut program(&describe)).code(2);
    assert!(ran.stderr.contains("`--unchecked-names`"), "{ran:?}");
    let ran = run(program(&describe).arg("--unchecked-names")).code(0);
    assert_eq!(ran.stdout, "DESCRIBE CLUSTER `Default Managed Cluster - 2`\n");
}

#[test]
fn sql_is_executed_or_only_submitted() {
    let emulator = onehouse();
    let ran = run(&mut oh(&emulator, &["sql", "exec", "-c", "SHOW CLUSTERS", "-o", "name"])).code(0);
    assert_eq!(ran.stdout, "Connector\nSystem\n");
    let exec = ["sql", "exec", "-c", "-", "-o", "name"];
    assert_eq!(run_with_input(&mut oh(&emulator, &exec), "SHOW LAKES").code(0).stdout, "");
    let ran = run(&mut oh(&emulator, &["sql", "exec", "--async-mode", "-c", "SHOW CLUSTERS"])).code(0);
    let id = ran.stdout.strip_prefix("Submitted. Request ID: ").unwrap().trim();
    let ran = run(&mut oh(&emulator, &["sql", "status", id])).code(0);
    assert!(ran.stdout.starts_with("Status: API_OPERATION_STATUS_SUCCESS\nNAME"), "{ran:?}");
    let ran =
        run(&mut oh(&emulator, &["sql", "exec", "--no-wait", "-o", "name", "-c", "SHOW LAKES"])).code(0);
    assert!(!ran.stdout.contains(' '), "{ran:?}");
}

#[test]
fn exit_codes_say_what_happened() {
    let emulator = onehouse();
    let code = |arguments: &[&str], code: i32, says: &str| {
        let ran = run(&mut oh(&emulator, arguments)).code(code);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(says), "{ran:?}");
    };
    code(&["cluster", "create", "c", "--type", "nosuch"], 2, "Open_Engines");
    code(&["cluster", "creat", "c"], 2, "create");
    code(&["sql", "exec", "-c", "SHOW NOTHING"], 3, "error: SHOW NOTHING: ");
    code(&["sql", "status", "no-such-id"], 3, "no-such-id");
    code(&["cluster", "describe", "nosuch"], 3, "'nosuch' does not exist");
    let ran = run(&mut program(&["onehouse", "cluster", "show"])).code(6);
    assert!(ran.stderr.contains("ONEHOUSE_ACCOUNT_UID"), "{ran:?}");
    let ran = run(oh(&emulator, &["cluster", "show"]).env("ONEHOUSE_API_SECRET", "wrong-secret")).code(6);
    assert!(!ran.stderr.contains("wrong-secret"), "{ran:?}");
}
