//! `controlplane hotdata` against the emulator.

use controlplane_emulator::hotdata::Emulator;
use serde_json::{Value, json};

use crate::services::{Running, TempFile, hotdata, with};
use crate::support::{Ran, program, run, run_with_input};

/// An emulator with a table of two rows, and its database.
struct Shop {
    emulator: Emulator,
    database: String,
}

impl Shop {
    fn new() -> Self {
        let (emulator, database) = hotdata(Emulator::builder().pending_polls(0));
        Self { emulator, database }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command =
            with(self.emulator.variables(), &["hotdata", "--poll-interval", "10ms", "-d", &self.database]);
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(arguments))
    }
}

const SELECT: &str = "SELECT id, amount FROM orders ORDER BY id";

#[test]
fn rows_have_all_formats() {
    let shop = Shop::new();
    let table = shop.run(&["query", SELECT]).code(0);
    assert_eq!(table.stdout, "ID  AMOUNT\n1   2.5\n2   4.5\n");
    assert!(table.stderr.starts_with("query run qrun"), "{table:?}");
    let csv = shop.run(&["query", SELECT, "-o", "csv"]).code(0);
    assert_eq!(csv.stdout, "id,amount\n1,2.5\n2,4.5\n");
    let lines = shop.run(&["query", SELECT, "-o", "jsonl"]).code(0);
    assert_eq!(lines.stdout, "{\"id\":1,\"amount\":2.5}\n{\"id\":2,\"amount\":4.5}\n");
    let rows = json!([{"id": 1, "amount": 2.5}, {"id": 2, "amount": 4.5}]);
    assert_eq!(shop.run(&["query", SELECT, "-o", "json"]).code(0).json(), rows);
    assert_eq!(shop.run(&["query", SELECT, "-o", "json", "--query", "/1/id"]).code(0).json(), json!(2));
    let none = "SELECT id FROM orders WHERE id > 9";
    assert_eq!(shop.run(&["query", none, "-o", "csv"]).code(0).stdout, "id\n");
    assert_eq!(shop.run(&["query", none, "-o", "json"]).code(0).json(), json!([]));
    let twice = shop.run(&["query", "SELECT id, amount AS id FROM orders", "-o", "json"]).code(0);
    assert!(twice.stderr.contains("two columns have the name \"id\""), "{twice:?}");
    let piped = run_with_input(&mut shop.command(&["query", "-", "-o", "csv"]), SELECT).code(0);
    assert_eq!(piped.stdout, csv.stdout);
    run_with_input(&mut shop.command(&["query", "-"]), " \n").code(2);
}

#[test]
fn rows_are_written_as_the_arrow_stream_of_the_service() {
    let shop = Shop::new();
    let file = TempFile::absent("rows.arrow");
    let ran = shop.run(&["query", SELECT, "--arrow", file.path(), "-o", "json"]).code(0);
    let bytes = file.read();
    // The marker of an IPC message, and the end of the stream.
    assert!(bytes.starts_with(b"\xff\xff\xff\xff") && bytes.ends_with(b"\xff\xff\xff\xff\0\0\0\0"));
    assert_eq!(ran.json()["bytes"], bytes.len());
    let run_id = ran.json()["query_run_id"].as_str().unwrap().to_owned();
    let other = TempFile::absent("again.arrow");
    shop.run(&["runs", "rows", &run_id, "--arrow", other.path()]).code(0);
    assert_eq!(other.read(), bytes);
    assert_eq!(shop.run(&["runs", "rows", &run_id, "-o", "csv"]).code(0).stdout, "id,amount\n1,2.5\n2,4.5\n");
    let nowhere = shop.run(&["query", SELECT, "--arrow", "/nowhere/rows.arrow"]).code(1);
    assert!(nowhere.stderr.contains("do not run it again"), "{nowhere:?}");
    #[cfg(target_os = "linux")]
    {
        let full = shop.run(&["query", SELECT, "--arrow", "/dev/full"]).code(1);
        assert!(full.stdout.is_empty() && full.stderr.contains("writing /dev/full"), "{full:?}");
    }
}

#[test]
fn files_are_uploaded_and_loaded() {
    let shop = Shop::new();
    let file = TempFile::new("more.csv", "id,amount\n3,1.0\n");
    let loaded = shop.run(&["upload", file.path(), "--load", "sales.main.orders", "-o", "json"]).code(0);
    assert_eq!(loaded.json()["row_count"], 3);
    // By the id of the database too, and from a pipe.
    let name = format!("{}.main.orders", shop.database);
    let pipe = ["upload", "-", "--load", &name, "--mode", "replace", "--format", "csv", "-o", "json"];
    let loaded = run_with_input(&mut shop.command(&pipe), "id,amount\n9,9.0\n").code(0);
    assert_eq!(loaded.json()["row_count"], 1);
    let uploaded = shop.run(&["upload", file.path(), "-o", "json"]).code(0);
    assert_eq!(uploaded.json()["size_bytes"], 16);
    let started = shop.run(&["upload", file.path(), "--load", &name, "--no-wait", "-o", "json"]).code(0);
    let job = started.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(shop.run(&["jobs", "wait", &job, "-o", "json"]).code(0).json()["status"], "succeeded");
    let resumed = ["resume", &job, "--service", "hotdata", "-o", "json"];
    assert_eq!(run(&mut with(shop.emulator.variables(), &resumed)).code(0).json()["id"], json!(job));

    let before = shop.emulator.ledger().len();
    shop.run(&["upload", "/nowhere/orders.csv"]).code(1);
    shop.run(&["upload", file.path(), "--load", "orders"]).code(2);
    shop.run(&["upload", file.path(), "--load", "nosuch.main.orders"]).code(3);
    shop.run(&["upload", file.path(), "--load", &name, "--mode", "apend"]).code(2);
    assert_eq!(shop.emulator.ledger().len(), before, "nothing was uploaded for a load that cannot be");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interruption_ends_an_upload_from_a_pipe_that_says_nothing() {
    let shop = Shop::new();
    let before = shop.emulator.ledger().len();
    let mut command = shop.command(&["upload", "-", "--format", "csv"]);
    let running = Running::start(command.stdin(std::process::Stdio::piped()));
    running.until_ready();
    running.signal("INT");
    let ran = running.end().code(130);
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert_eq!(shop.emulator.ledger().len(), before);
}

#[test]
fn resources_are_listed_made_and_deleted() {
    let shop = Shop::new();
    let json_of = |arguments: &[&str]| shop.run(arguments).code(0).json();
    let databases = json_of(&["databases", "list", "-o", "json"]);
    assert_eq!(databases.as_array().unwrap().len(), 1);
    assert_eq!(json_of(&["databases", "get", "sales", "-o", "json"])["id"], json!(shop.database));
    assert_eq!(json_of(&["databases", "count", "-o", "json"])["total"], 1);
    let copy = json_of(&["databases", "fork", &shop.database, "--name", "copy", "-o", "json"]);
    assert_eq!(copy["name"], "copy");
    assert_eq!(json_of(&["tables", "list", "-o", "json"])[0]["table"], "orders");
    json_of(&["tables", "add", "sales.main.clicks", "--key", "id", "-o", "json"]);
    let index = ["indexes", "create", "sales.main.orders", "by_id", "-c", "id", "-o", "json"];
    assert_eq!(json_of(&index)["status"], "ready");
    assert_eq!(json_of(&["indexes", "list", "-o", "json"])[0]["index_name"], "by_id");
    assert_eq!(json_of(&["indexes", "list", "sales.main.orders", "-o", "json"])[0]["index_name"], "by_id");
    assert_eq!(json_of(&["workspaces", "-o", "json"])[0]["public_id"], json!(shop.emulator.workspace_id()));
    assert!(
        !json_of(&["jobs", "list", "--type", "create_index", "-o", "json"]).as_array().unwrap().is_empty()
    );
    let copy = copy["id"].as_str().unwrap().to_owned();
    for delete in [
        &["indexes", "delete", "sales.main.orders", "by_id"][..],
        &["tables", "delete", "sales.main.clicks"],
        &["databases", "delete", &copy],
    ] {
        let ledger = shop.emulator.ledger().len();
        let ran = shop.run(delete).code(2);
        assert!(ran.stderr.contains("`--yes`"), "{ran:?}");
        assert_eq!(shop.emulator.ledger().len(), ledger);
        let ran = run(shop.command(delete).args(["--yes", "-o", "json"])).code(0);
        assert_eq!(ran.json()["status"], "deleted");
        assert_eq!(shop.emulator.ledger().len(), ledger + 1);
    }
}

#[test]
fn a_query_that_fails_ends_with_1_and_one_that_goes_on_says_how_to_get_its_rows() {
    let shop = Shop::new();
    shop.run(&["query", "SELEC"]).code(1);
    let submitted = shop.run(&["query", SELECT, "--no-wait", "-o", "json"]).code(0).json();
    let id = submitted["query_run_id"].as_str().unwrap().to_owned();
    assert_eq!(shop.run(&["runs", "wait", &id, "-o", "json"]).code(0).json()["status"], "succeeded");
    let status = ["runs", "list", "--status", "failed", "-o", "json"];
    assert_eq!(shop.run(&status).code(0).json().as_array().map(Vec::len), Some(1));

    let emulator = Emulator::builder().pending_polls(u32::MAX).start().unwrap();
    let create = ["hotdata", "databases", "create", "sales", "-o", "json"];
    let database = run(&mut with(emulator.variables(), &create)).code(0).json()["id"].clone();
    let database = database.as_str().unwrap();
    let query = ["hotdata", "-d", database, "query", "SELECT 1"];
    let mut running = Running::start(&mut with(emulator.variables(), &query));
    let id = running.until_line_with("query run ").unwrap();
    running.signal("INT");
    let ran = running.end().code(130);
    let id = id.trim().strip_prefix("query run ").unwrap();
    assert!(ran.stderr.contains(&format!("`controlplane hotdata runs rows {id} -d {database}`")), "{ran:?}");
}

#[test]
fn a_dry_run_needs_no_credentials_and_sends_nothing() {
    for arguments in [
        &["query", "SELECT 1"][..],
        &["query", "SELECT 1", "--arrow", "rows.arrow"],
        &["databases", "list"],
        &["databases", "create", "sales"],
        &["databases", "delete", "x"],
        &["tables", "list"],
        &["tables", "delete", "sales.main.orders"],
        &["indexes", "create", "sales.main.orders", "by_id", "-c", "id"],
        &["indexes", "delete", "sales.main.orders", "by_id"],
        &["jobs", "wait", "x"],
        &["runs", "rows", "x"],
        &["workspaces"],
        &["call", "get_job", "--json", "{\"id\": \"x\"}"],
    ] {
        let shown = run(program(&["hotdata", "--dry-run", "-o", "json"]).args(arguments)).code(0);
        assert!(shown.json()["path"].as_str().unwrap().starts_with("/v1/"), "{arguments:?} {shown:?}");
        run(program(&["hotdata", "--yes"]).args(arguments)).code(6);
    }
    let file = TempFile::new("a.csv", "id\n1\n");
    let upload = ["hotdata", "upload", file.path(), "--load", "a.b.c", "--dry-run", "-o", "json"];
    let shown = run(&mut program(&upload)).code(0).json();
    assert_eq!((&shown["bytes"], &shown["load"]["table"]), (&Value::from(5), &json!("c")));
}

#[test]
fn a_database_is_named_by_its_name_or_its_id_wherever_a_command_takes_one() {
    let shop = Shop::new();
    let hotdata = |arguments: &[&str]| {
        let options = ["hotdata", "--poll-interval", "10ms", "-o", "json"];
        run(with(shop.emulator.variables(), &options).args(arguments))
    };
    let other = hotdata(&["databases", "create", "other"]).code(0).json()["id"].clone();
    let other = other.as_str().unwrap();
    for database in ["sales", &shop.database] {
        assert_eq!(hotdata(&["query", SELECT, "-d", database]).code(0).json()[1]["id"], 2);
        let by_variable = with(shop.emulator.variables(), &["hotdata", "query", SELECT, "-o", "json"])
            .env("HOTDATA_DATABASE", database)
            .output();
        assert!(by_variable.unwrap().status.success(), "{database}");
        let tables = hotdata(&["tables", "list", "-d", database]).code(0).json();
        assert_eq!(tables[0]["table"], "orders");
        assert_eq!(hotdata(&["databases", "show", database]).code(0).json()["id"], json!(shop.database));
        assert_eq!(
            hotdata(&["databases", "fork", database, "--name", "copy"]).code(0).json()["name"],
            "copy"
        );
        let runs = hotdata(&["runs", "list", "-d", database]).code(0).json();
        let id = runs[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(hotdata(&["runs", "rows", &id, "-d", database]).code(0).json()[0]["id"], 1);
        assert_eq!(hotdata(&["indexes", "list", "-d", database]).code(0).json(), json!([]));
        let call = ["call", "list_query_runs", "-d", database];
        assert!(!hotdata(&call).code(0).json()["query_runs"].as_array().unwrap().is_empty());
    }
    let plan =
        format!(r#"[{{"key": "q", "command": {{"query": {{"query_request": {{"sql": "{SELECT}"}}}}}}}}]"#);
    let plan = TempFile::new("plan.json", &plan);
    let named = |arguments: &[&str], name| {
        run(with(shop.emulator.variables(), arguments).env("HOTDATA_DATABASE", name))
    };
    named(&["apply", plan.path(), "-o", "json"], "sales").code(0);
    named(&["apply", plan.path()], "sale").code(3);
    named(&["hotdata", "databases", "list"], "größe").code(0);
    assert_eq!(hotdata(&["tables", "list", "-d", "other"]).code(0).json(), json!([]), "not those of sales");
    hotdata(&["tables", "list", "-d", "other", "--connection", "c"]).code(2);
    assert_eq!(hotdata(&["databases", "delete", "other", "--yes"]).code(0).json()["name"], "other");
    hotdata(&["databases", "show", other]).code(3);

    // Two databases have the name `copy` by now.
    for (name, says) in [
        ("sale", "Did you mean `sales`?"),
        ("nothing", "`controlplane hotdata databases list` lists"),
        ("copy", "Use the id: dbid"),
    ] {
        let before = shop.emulator.ledger().len();
        for arguments in [
            &["query", SELECT, "-d", name][..],
            &["tables", "list", "-d", name],
            &["databases", "delete", name, "--yes"],
            &["databases", "fork", name],
            &["indexes", "list", "-d", name],
            &["runs", "list", "-d", name],
        ] {
            let ran = hotdata(arguments).code(3);
            assert!(ran.stdout.is_empty() && ran.stderr.contains(says), "{ran:?}");
        }
        assert_eq!(shop.emulator.ledger().len(), before);
    }
}

#[test]
fn a_dry_run_says_what_a_look_up_gives() {
    let dry =
        |arguments: &[&str]| run(program(&["hotdata", "--dry-run", "-o", "json"]).args(arguments)).code(0);
    for (arguments, path) in [
        (&["databases", "delete", "sales"][..], "/v1/databases/{id of sales}"),
        (&["databases", "show", "sales"], "/v1/databases/{id of sales}"),
        (
            &["tables", "delete", "sales.main.orders"],
            "/v1/connections/{default_connection_id of sales}/schemas/main/tables/orders",
        ),
        (&["tables", "create", "sales.main.orders"], "/v1/databases/{id of sales}/schemas/main/tables"),
    ] {
        let ran = dry(arguments);
        assert_eq!(ran.json()["path"], path);
        assert!(ran.stderr.contains("stands for a value that a request before this one finds"), "{ran:?}");
    }
    for arguments in [
        &["query", "SELECT 1"][..],
        &["runs", "list"],
        &["runs", "show", "x"],
        &["indexes", "list"],
        &["call", "query", "--json", r#"{"query_request": {"sql": "SELECT 1"}}"#],
    ] {
        let ran = dry(&[arguments, &["-d", "sales"]].concat());
        assert_eq!(ran.json()["headers"]["X-Database-Id"], "{id of sales}", "{arguments:?}");
        let id = "dbid7h2k9q4m1x8c7h2k9q4m1x8c77";
        let ran = dry(&[arguments, &["-d", id]].concat());
        assert_eq!(ran.json()["headers"]["X-Database-Id"], id, "{arguments:?}");
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
}

#[test]
fn a_failed_load_says_how_to_load_the_upload_without_uploading_it_again() {
    let shop = Shop::new();
    let file = TempFile::new("more.csv", "id,amount\n3,1.0\n");
    let load = ["upload", file.path(), "--load", "sales.main.orders", "--mode", "update"];
    let ran = run(shop.command(&load).args(["--key", "nope"])).code(1);
    assert!(ran.stderr.contains("(job jobs"), "{ran:?}");
    let (_, command) = ran.stderr.split_once("`controlplane hotdata ").unwrap();
    let command = command.split_once('`').unwrap().0.replace("nope", "id");
    let arguments: Vec<&str> = command.split(' ').collect();
    assert_eq!(arguments[..3], ["tables", "load", "sales.main.orders"]);
    let count =
        |part: &str| shop.emulator.ledger().iter().filter(|taken| taken.operation.contains(part)).count();
    let (uploads, loads) = (count("upload"), count("load_database_table"));
    shop.run(&arguments).code(0);
    assert_eq!((count("upload"), count("load_database_table")), (uploads, loads + 1));
}

#[test]
fn values_of_options_are_listed_and_a_misspelling_is_corrected_before_anything_is_sent() {
    let shop = Shop::new();
    let before = shop.emulator.requests().len();
    for (arguments, says) in [
        (&["upload", "x.csv", "--load", "a.b.c", "--mode", "apend"][..], "'append'"),
        (&["upload", "x.csv", "--format", "parket"], "'parquet'"),
        (&["query", "SELECT 1", "--dialect", "postgress"], "'postgres'"),
        (&["indexes", "create", "a.b.c", "i", "-c", "x", "--type", "sortd"], "'sorted'"),
        (&["indexes", "create", "a.b.c", "i", "-c", "x", "--metric", "cosin"], "'cosine'"),
        (&["jobs", "list", "--type", "create_indx"], "'create_index'"),
        (&["jobs", "list", "--status", "runing"], "'running'"),
    ] {
        let ran = shop.run(arguments).code(2);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("possible values"), "{ran:?}");
        let help = shop.run(&[&arguments[..2.min(arguments.len())], &["--help"]].concat());
        assert!(help.code == Some(0) && help.stdout.contains("possible values"), "{help:?}");
    }
    assert_eq!(shop.emulator.requests().len(), before);
    // The states of a run are those of the service, which may have others.
    shop.run(&["runs", "list", "--status", "succeeded,paused"]).code(0);
    shop.run(&["query", "SELECT 1", "--dialect", "DuckDB"]).code(0);
}

#[test]
fn a_secret_of_a_statement_is_not_shown_in_its_error() {
    let shop = Shop::new();
    for sql in [
        "CREATE SECRET x (TYPE s3, KEY_ID 'hunter2hunter2')",
        "ATTACH 'postgres://me:hunter2hunter2@h/d' AS p",
        "ALTER USER u IDENTIFIED BY \"hunter2hunter2\"",
    ] {
        let ran = shop.run(&["query", sql]).code(1);
        assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
        let submitted = shop.run(&["query", sql, "--no-wait", "-o", "name"]);
        assert!(!submitted.stderr.contains("hunter2"), "{submitted:?}");
    }
}

#[test]
fn more_rows_than_may_be_fetched_is_advice_with_the_run() {
    let shop = Shop::new();
    let ran = shop.run(&["query", SELECT, "--max-rows", "1"]);
    // A result that came whole is not fetched.
    assert!(ran.code == Some(0) || ran.stderr.contains("`controlplane hotdata runs rows qrun"), "{ran:?}");
}
