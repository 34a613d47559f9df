//! `controlplane eloq` against the emulator.

use controlplane_emulator::eloq::{Emulator, Pending};
use serde_json::json;

use crate::services::{Running, eloq, eloq_forever, with};
use crate::support::{program, run};

const CREATE: [&str; 7] = ["eloq", "cluster-create", "c1", "--region", "us-west-1", "--sku-id", "3"];

#[test]
fn a_cluster_is_created_used_and_deleted() {
    let emulator = eloq();
    let eloq = |arguments: &[&str]| run(with(emulator.variables(), &["eloq", "-o", "json"]).args(arguments));
    let created = run(with(emulator.variables(), &CREATE).args(["-o", "json"])).code(0);
    assert_eq!(created.json()["status"], "available");
    assert!(created.stderr.starts_with("cluster c1\n"), "{created:?}");
    assert_eq!(eloq(&["clusters", "--query", "/0/cluster_name"]).code(0).json(), json!("c1"));
    assert_eq!(eloq(&["info"]).code(0).json()["org_info"]["org_id"], 1);
    assert_eq!(eloq(&["org"]).code(0).json()["org_id"], 1);
    assert_eq!(eloq(&["skus", "--query", "/0/sku_id"]).code(0).json(), json!(3));
    assert_eq!(eloq(&["wait", "c1"]).code(0).json()["status"], "available");
    assert_eq!(eloq(&["--project", "p2", "clusters"]).code(0).json(), json!([]));
    let deleted = eloq(&["cluster-delete", "c1", "--yes"]).code(0);
    assert_eq!(deleted.json(), json!({"name": "c1", "status": "deleted"}));
    assert_eq!(eloq(&["wait", "c1", "--deleted"]).code(0).json()["status"], "deleted");
    assert_eq!(emulator.ledger().len(), 2);
}

#[test]
fn passwords_are_shown_on_demand_only() {
    let emulator = eloq();
    let eloq =
        |arguments: &[&str]| run(with(emulator.variables(), &["eloq", "-o", "json"]).args(arguments)).code(0);
    let created = run(with(emulator.variables(), &CREATE).args(["-o", "json"])).code(0);
    let shown = eloq(&["cluster-credentials", "c1", "--show-password"]).json();
    let password = shown["password"].as_str().unwrap();
    let call = r#"{"cluster_name": "c1"}"#;
    for quiet in [
        created,
        eloq(&["cluster", "c1"]),
        eloq(&["cluster-credentials", "c1"]),
        eloq(&["call", "cluster_credentials", "--json", call]),
        eloq(&["call", "cluster", "--json", call]),
    ] {
        let value = quiet.json();
        assert!(value.get("password").is_none() && value.get("admin_password").is_none(), "{quiet:?}");
        assert!(!quiet.stdout.contains(password) && !quiet.stderr.contains(password), "{quiet:?}");
    }
}

#[test]
fn a_dry_run_needs_no_credentials_and_sends_nothing() {
    for arguments in [
        &["info"][..],
        &["org"],
        &["clusters"],
        &["cluster", "c1"],
        &CREATE[1..],
        &["cluster-delete", "c1"],
        &["cluster-credentials", "c1", "--show-password"],
        &["get-skus"],
        &["wait", "c1"],
        &["wait", "c1", "--deleted"],
        &["call", "cluster_delete", "--json", "{\"cluster_name\": \"c1\"}"],
    ] {
        let shown = run(program(&["eloq", "--dry-run", "-o", "json"]).args(arguments)).code(0);
        assert!(shown.json()["path"].as_str().unwrap().starts_with('/'), "{arguments:?} {shown:?}");
        run(program(&["eloq", "--yes"]).args(arguments)).code(6);
    }
    let table = run(program(&CREATE).arg("--dry-run")).code(0);
    assert!(table.stdout.starts_with("POST /orgs/{org}/projects/{project}/clusters"), "{table:?}");
}

#[test]
fn a_missing_cluster_is_refused_whichever_status_says_so() {
    for builder in [Emulator::builder(), Emulator::builder().missing_as_403()] {
        let emulator = builder.start().unwrap();
        let ran = run(&mut with(emulator.variables(), &["eloq", "cluster", "nope"])).code(3);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("`nope`"), "{ran:?}");
    }
}

#[test]
fn a_delete_without_a_terminal_needs_yes() {
    let emulator = eloq();
    run(&mut with(emulator.variables(), &CREATE)).code(0);
    for arguments in [
        &["eloq", "cluster-delete", "c1"][..],
        &["eloq", "call", "cluster_delete", "--json", "{\"cluster_name\": \"c1\"}"],
    ] {
        let ran = run(&mut with(emulator.variables(), arguments)).code(2);
        assert!(ran.stderr.contains("`--yes`"), "{ran:?}");
    }
    assert_eq!(emulator.ledger().len(), 1);
    run(&mut with(emulator.variables(), &["eloq", "cluster-delete", "c1", "-y", "--no-wait"])).code(0);
    assert_eq!(emulator.ledger().len(), 2);
}

#[test]
fn a_wait_that_ends_early_says_how_to_go_on_and_the_cluster_is_created_once() {
    let emulator = eloq_forever();
    let mut running = Running::start(&mut with(emulator.variables(), &CREATE));
    running.until_line_with("cluster c1").unwrap();
    running.signal("INT");
    let ran = running.end().code(130);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("`controlplane eloq wait c1`"), "{ran:?}");

    let wait = ["eloq", "wait", "c1", "--timeout", "200ms", "--poll-interval", "20ms"];
    let ran = run(&mut with(emulator.variables(), &wait)).code(4);
    assert!(ran.stderr.contains("`controlplane eloq wait c1`"), "{ran:?}");
    assert_eq!(emulator.ledger().len(), 1);

    let deleting = Pending::polls(u32::MAX);
    let emulator = Emulator::builder().pending_polls(0).deleting(deleting).start().unwrap();
    run(&mut with(emulator.variables(), &CREATE)).code(0);
    let mut running =
        Running::start(&mut with(emulator.variables(), &["eloq", "cluster-delete", "c1", "-y"]));
    running.until_line_with("cluster c1").unwrap();
    running.signal("TERM");
    let ran = running.end().code(130);
    assert!(ran.stderr.contains("`controlplane eloq wait c1 --deleted`"), "{ran:?}");
    assert_eq!(emulator.ledger().len(), 2);
}

#[test]
fn a_change_whose_response_is_lost_has_an_unknown_outcome() {
    let fault = "nth=1, method=POST: take-then-close".parse().unwrap();
    let emulator = Emulator::builder().fault(fault).start().unwrap();
    let ran = run(&mut with(emulator.variables(), &CREATE)).code(5);
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn words_that_are_wrong_are_refused_before_anything_is_sent() {
    let emulator = eloq();
    for arguments in [
        &["eloq", "skus", "--type", "servreless"][..],
        &["eloq", "clusters", "--limit", "many"],
        &["eloq", "cluster"],
        &["eloq", "call", "cluster_lst"],
        &["eloq", "call", "cluster", "--json", "{\"cluster_nme\": \"hunter2\"}"],
        &["eloq", "call", "cluster", "--json", "{"],
        &["eloq", "call"],
    ] {
        let ran = run(&mut with(emulator.variables(), arguments)).code(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.contains("hunter2"), "{ran:?}");
    }
    assert_eq!(emulator.requests().len(), 0);
}
