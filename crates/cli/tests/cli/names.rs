//! `-o name`: the name or the id of what was created, started or listed.

use crate::services::{TempFile, WORKFLOW, eloq, h2o, hotdata, with};
use crate::support::{Ran, run};

#[track_caller]
fn name(ran: Ran) -> String {
    let ran = ran.code(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.len() == 1 && !lines[0].is_empty() && !lines[0].contains(['{', ' ']), "{ran:?}");
    lines[0].to_owned()
}

#[test]
fn eloq_prints_the_cluster() {
    let emulator = eloq();
    let eloq =
        |arguments: &[&str]| name(run(with(emulator.variables(), &["eloq", "-o", "name"]).args(arguments)));
    let create = ["--region", "us-west-1", "--sku-id", "3", "--poll-interval", "10ms"];
    assert_eq!(eloq(&[&["cluster-create", "c1", "--no-wait"], &create[..]].concat()), "c1");
    assert_eq!(eloq(&["clusters"]), "c1");
    assert_eq!(eloq(&["cluster", "c1"]), "c1");
    assert_eq!(eloq(&["cluster-delete", "c1", "--yes", "--no-wait"]), "c1");
    assert_eq!(eloq(&[&["clusters", "create", "c2"], &create[..]].concat()), "c2");
    assert_eq!(eloq(&["clusters", "show", "c2"]), "c2");
    assert_eq!(eloq(&["clusters", "wait", "c2"]), "c2");
    assert_eq!(eloq(&["clusters", "delete", "c2", "--yes"]), "c2");
}

#[test]
fn h2o_prints_workflows_and_runs() {
    let emulator = h2o(controlplane_emulator::h2o_workflows::Emulator::builder().pending_polls(0));
    let h2o = |arguments: &[&str]| {
        name(run(
            with(emulator.variables(), &["h2o", "--poll-interval", "10ms", "-o", "name"]).args(arguments)
        ))
    };
    let file = TempFile::new("other.yaml", "id: other\njobs: {a: {steps: [{run: echo}]}}\n");
    assert_eq!(h2o(&["workflows", "create", "-w", "demo", file.path()]), "workspaces/demo/workflows/other");
    for start in [&["run", WORKFLOW][..], &["run", WORKFLOW, "--no-wait"]] {
        let run = h2o(start);
        assert!(run.starts_with(WORKFLOW), "{run}");
        assert_eq!(h2o(&["runs", "show", &run]), run);
        assert_eq!(h2o(&["runs", "retry", &run]), run);
    }
    assert!(h2o(&["revisions", "ls", WORKFLOW]).starts_with(WORKFLOW));
}

#[test]
fn hotdata_prints_what_it_has_made() {
    let (emulator, database) = hotdata(controlplane_emulator::hotdata::Emulator::builder().pending_polls(0));
    let ran = |arguments: &[&str]| {
        let options = ["hotdata", "--poll-interval", "10ms", "-o", "name"];
        run(with(emulator.variables(), &options).args(arguments))
    };
    let hotdata = |arguments: &[&str]| name(ran(arguments));
    assert_eq!(hotdata(&["databases", "create", "other"]), "other");
    assert!(hotdata(&["databases", "create"]).starts_with("dbid"));
    assert_eq!(hotdata(&["databases", "fork", "sales", "--name", "copy"]), "copy");
    assert_eq!(hotdata(&["databases", "show", &database]), "sales");
    assert_eq!(hotdata(&["tables", "create", "sales.main.clicks", "--key", "id"]), "sales.main.clicks");
    let file = TempFile::new("more.csv", "id,amount\n3,1.0\n");
    assert_eq!(hotdata(&["upload", file.path(), "--load", "sales.main.orders"]), "sales.main.orders");
    let upload = hotdata(&["upload", file.path()]);
    assert_eq!(hotdata(&["tables", "load", "sales.main.orders", "--upload", &upload]), "sales.main.orders");
    let index = ["indexes", "create", "sales.main.orders", "by_id", "-c", "id"];
    assert_eq!(hotdata(&index), "by_id");
    assert_eq!(hotdata(&["indexes", "ls", "-d", "sales"]), "by_id");
    let job = hotdata(&["upload", file.path(), "--load", "sales.main.orders", "--no-wait"]);
    assert_eq!(hotdata(&["jobs", "show", &job]), job);
    let run = hotdata(&["query", "SELECT 1", "-d", "sales", "--no-wait"]);
    assert_eq!(hotdata(&["runs", "show", &run, "-d", "sales"]), run);
    assert_eq!(hotdata(&["workspaces", "ls"]), emulator.workspace_id());
    let listed = ran(&["tables", "ls", "-d", "sales", "--table", "orders"]).code(0);
    assert_eq!((&*listed.stdout, &*listed.stderr), ("sales.main.orders\n", ""));
    assert_eq!(hotdata(&["indexes", "ls", listed.stdout.trim_end()]), "by_id");
    let listed = ran(&["tables", "ls", "--table", "orders"]).code(0);
    // Of `sales` and of its copy.
    assert_eq!(listed.stdout, "default.main.orders\n".repeat(2));
    let names = ran(&["databases", "ls"]).code(0).stdout;
    assert!(names.contains("sales\n") && names.contains("copy\n"), "{names}");
}
