//! `controlplane apply` with steps that upload a file and load it.

use std::path::Path;

use controlplane_emulator::hotdata::Emulator;
use controlplane_emulator::onehouse;
use serde_json::{Value, json};

use crate::services::{Running, TempFile, hotdata, onehouse as lakes, with};
use crate::support::{Directory, Ran, program, run, run_with_input};

const MORE: &str = "id,amount\n3,1.0\n";

/// An emulator with a table of two rows, and a folder with a file of one more.
struct Shop {
    emulator: Emulator,
    database: String,
    folder: Directory,
}

impl Shop {
    fn new(pending_polls: u32) -> Self {
        let (emulator, database) = hotdata(Emulator::builder().pending_polls(pending_polls));
        let folder = Directory::new("uploads");
        std::fs::write(folder.path().join("more.csv"), MORE).unwrap();
        Self { emulator, database, folder }
    }

    fn upload(&self, path: &str) -> Value {
        let load = json!({"database_id": self.database, "schema": "main", "table": "orders",
            "load_managed_table_request": {"mode": "append"}});
        let load = json!({"load_database_table": load});
        json!({"upload_and_load": {"path": path, "content_type": "text/csv", "load": load}})
    }

    /// A plan that loads the file, then counts the rows.
    fn plan(&self) -> String {
        let sum = json!({"query": {"query_request": {"sql": "SELECT sum(amount) FROM orders"},
            "x_database_id": self.database}});
        json!([{"key": "more", "command": self.upload("more.csv")}, {"key": "sum", "command": sum, "after": ["more"]}])
            .to_string()
    }

    /// The program in the folder.
    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = with(self.emulator.variables(), arguments);
        command.current_dir(self.folder.path());
        command
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("journal")).unwrap_or_default()
    }

    /// Counts the accepted requests whose paths end with this.
    fn count(&self, part: &str) -> usize {
        let all = self.emulator.requests();
        all.iter().filter(|request| request.taken && request.path.ends_with(part)).count()
    }
}

const APPLY: [&str; 8] =
    ["apply", "plan.json", "--journal", "journal", "-o", "json", "--poll-interval", "10ms"];

fn rows(ran: &Ran) -> [String; 2] {
    let rows = ran.json();
    ["more", "sum"].map(|key| {
        let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
        row["status"].as_str().unwrap().to_owned()
    })
}

#[test]
fn a_file_is_uploaded_and_loaded() {
    let shop = Shop::new(1);
    shop.write("plan.json", &shop.plan());
    let before = (shop.count("/finalize"), shop.count("/loads"));
    let ran = run(&mut shop.command(&APPLY)).code(0);
    assert!(ran.stderr.contains("more: job "), "{ran:?}");
    let outputs = ran.json();
    assert_eq!(outputs[0]["output"]["row_count"], 3, "{ran:?}");
    assert_eq!(outputs[1]["output"]["rows"], json!([[8.0]]), "{ran:?}");
    let again = run(&mut shop.command(&APPLY)).code(0);
    assert_eq!(rows(&again), ["done earlier", "done earlier"]);
    assert_eq!((shop.count("/finalize"), shop.count("/loads")), (before.0 + 1, before.1 + 1));

    // A journal of another file is refused, and so is one that was begun with the wait.
    shop.write("other.csv", MORE);
    shop.write("plan.json", &shop.plan().replace("more.csv", "other.csv"));
    let ran = run(&mut shop.command(&APPLY)).code(2);
    assert!(ran.stderr.contains("the step \"more\" of the plan is another command"), "{ran:?}");
    shop.write("plan.json", &shop.plan());
    let ran = run(shop.command(&APPLY).arg("--no-wait")).code(2);
    assert!(ran.stderr.contains("it was begun without --no-wait"), "{ran:?}");
    assert_eq!(shop.count("/loads"), before.1 + 1);

    // A load that is not waited for is one that the service ends at once.
    let ran =
        run_with_input(&mut shop.command(&["apply", "-", "--no-wait", "-o", "json"]), &shop.plan()).code(0);
    assert_eq!(ran.json()[0]["output"]["row_count"], 4, "{ran:?}");
}

#[test]
fn a_file_that_cannot_be_uploaded_is_a_fault_before_anything_is_sent() {
    let shop = Shop::new(0);
    std::fs::create_dir(shop.folder.path().join("folder.csv")).unwrap();
    let steps = ["nowhere.csv", "more.csv", "folder.csv", "/nowhere/x.csv"]
        .map(|path| format!("  {{\"key\": {path:?}, \"command\": {}}}", shop.upload(path)));
    shop.write("plan.json", &format!("[\n{}\n]", steps.join(",\n")));
    let before = shop.emulator.requests().len();
    for dry_run in [false, true] {
        let ran = run(shop.command(&APPLY).args(dry_run.then_some("--dry-run"))).code(2);
        for (line, part) in [
            (2, "the file nowhere.csv cannot be uploaded: No such file or directory"),
            (4, "the file folder.csv cannot be uploaded: it is not a regular file; the path is relative"),
            (5, "the file /nowhere/x.csv cannot be uploaded: No such file or directory"),
        ] {
            let column = 14 + steps[line - 2].find(", \"command").unwrap();
            assert!(ran.stderr.contains(&format!("plan.json:{line}:{column}: {part}")), "{part}: {ran:?}");
        }
        assert!(!ran.stderr.contains("more.csv") && ran.stderr.contains("Nothing was sent."), "{ran:?}");
    }
    assert!(shop.journal().is_empty());
    assert_eq!(shop.emulator.requests().len(), before);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_a_fault() {
    let shop = Shop::new(0);
    let pipe = shop.folder.path().join("more.csv");
    std::fs::remove_file(&pipe).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // With a reader and a writer, so that opening it does not wait.
    let _held = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    shop.write("plan.json", &shop.plan());
    let ran = run(&mut shop.command(&APPLY)).code(2);
    assert!(ran.stderr.contains("it is not a regular file"), "{ran:?}");
}

#[test]
fn the_faults_of_an_upload_have_their_places() {
    let of = |command: &str| {
        let text = format!("[{{\"key\": \"a\", \"command\":\n{command}}}]");
        run_with_input(&mut program(&["apply", "-", "--service", "hotdata"]), &text).code(2).stderr
    };
    let load = r#"{"database_id": "d", "schema": "main", "table": "t", "load_managed_table_request": {"mode": "append"}}"#;
    let whole =
        format!(r#"{{"upload_and_load": {{"path": "p", "load": {{"load_database_table": {load}}}}}}}"#);
    for (changed, fault) in [
        (
            whole.replace("upload_and_load", "uplaod_and_load"),
            "2:2: unknown command `uplaod_and_load`; did you mean `upload_and_load`?",
        ),
        (whole.replace("\"path\"", "\"pth\""), "2:22: unknown field `pth`; did you mean `path`?"),
        (whole.replace("\"path\"", "\"pth\""), "2:21: missing field `path`"),
        (
            whole.replace("load_database_table", "load_databse_table"),
            "2:44: unknown command `load_databse_table`; did you mean `load_database_table`?",
        ),
        (whole.replace("\"mode\"", "\"mdoe\""), "unknown field `mdoe`; did you mean `mode`?"),
        (whole.replace("\"mode\"", "\"mdoe\""), "missing field `mode`"),
        (
            whole.replace("\"mode\"", "\"upload_id\": \"u\", \"mode\""),
            "unknown field `upload_id`; known names: `mode`, `format`, `key`, `async`, `async_after_ms`",
        ),
        (whole.replace("\"p\"", "5"), "2:30: invalid type: integer, expected path string"),
        (
            r#"{"upload_and_load": {"path": "p", "load": 5}}"#.to_owned(),
            "2:43: a command must be an object with one key, its name",
        ),
        (r#"{"upload_and_load": {"path": "p"}}"#.to_owned(), "2:21: missing field `load`"),
        (whole.replace("\"d\"", "\"\""), "2:1: "),
    ] {
        let shown = of(&changed);
        assert!(shown.contains(fault), "{fault}: {shown}");
        assert!(shown.contains("`controlplane apply --help` has the fields of `upload_and_load`"), "{shown}");
    }
    // It is a step of a plan and no command of one request.
    let list = run(&mut program(&["hotdata", "call", "--list", "-o", "name"])).code(0);
    assert!(!list.stdout.contains("upload_and_load") && list.stdout.contains("load_database_table"));
    run(&mut program(&["hotdata", "call", "upload_and_load", "--fields"])).code(2);
}

#[test]
fn a_dry_run_shows_the_first_request_and_that_of_the_load() {
    let shop = Shop::new(0);
    shop.write("plan.json", &json!([{"key": "more", "command": shop.upload("more.csv")}]).to_string());
    let dry_run = |more: &[&str]| {
        let mut command = program(&["apply", "plan.json", "--dry-run"]);
        run(command.current_dir(shop.folder.path()).args(more)).code(0)
    };
    let session = "POST /v1/uploads\n{\n  \"declared_size_bytes\": 16,\n  \"part_size\": 8388608,\n  \"filename\": \"more.csv\",\n  \"content_type\": \"text/csv\"\n}\n";
    let load = |more: &str| {
        format!(
            "POST /v1/databases/{}/schemas/main/tables/orders/loads\n{{\n  \"mode\": \"append\",\n  \"upload_id\": \"{{id of more.csv}}\"{more}\n}}\n",
            shop.database
        )
    };
    let then = "-- after the upload of more.csv (16 bytes):\n";
    let background = load(",\n  \"async\": true");
    assert_eq!(dry_run(&[]).stdout, format!("-- more\n{session}{then}{background}\n"));
    assert_eq!(dry_run(&["--no-wait"]).stdout, format!("-- more\n{session}{then}{}\n", load("")));
    let step = &dry_run(&["-o", "json"]).json()[0];
    assert_eq!(step["sends"]["path"], "/v1/uploads");
    assert_eq!(step["file"], json!({"path": "more.csv", "bytes": 16}));
    assert_eq!(step["then"]["body"]["async"], true, "{step}");
    // Above 8 MiB the size is not sent, and the parts are as large as the file needs.
    let large = std::fs::File::create(shop.folder.path().join("more.csv")).unwrap();
    large.set_len(200 << 30).unwrap();
    let body = &dry_run(&["-o", "json"]).json()[0]["sends"]["body"];
    assert!(body["declared_size_bytes"].is_null() && body["part_size"].as_u64() > Some(8 << 20), "{body}");
}

#[test]
fn an_upload_that_is_killed_begins_again() {
    let shop = Shop::new(1);
    shop.write("plan.json", &shop.plan());
    let before = (shop.count("/v1/uploads"), shop.count("/finalize"), shop.count("/loads"));
    shop.emulator.add_fault("path=/storage/: delay=1h".parse().unwrap());
    let mut running = Running::start(&mut shop.command(&APPLY));
    running.until(|| shop.count("/v1/uploads") > before.0);
    assert!(!running.kill().success());
    assert_eq!((shop.count("/finalize"), shop.count("/loads")), (before.1, before.2));
    shop.emulator.clear_faults();
    let status = run(&mut shop.command(&["status", "journal", "-o", "json"])).code(0).json();
    assert_eq!(status[0]["status"], "to do");

    // Its file is needed again, and looked at before anything is sent.
    let (file, away) = (shop.folder.path().join("more.csv"), shop.folder.path().join("away.csv"));
    std::fs::rename(&file, &away).unwrap();
    let requests = shop.emulator.requests().len();
    let ran = run(&mut shop.command(&APPLY)).code(2);
    assert!(ran.stderr.contains("plan.json:1:"), "{ran:?}");
    assert_eq!(shop.emulator.requests().len(), requests);
    let ran = run(&mut shop.command(&["resume", "journal"])).code(2);
    assert!(ran.stderr.contains("step \"more\": the file more.csv cannot be uploaded"), "{ran:?}");
    assert_eq!(shop.emulator.requests().len(), requests);
    std::fs::rename(&away, &file).unwrap();
    let ran = run(&mut shop.command(&["resume", "journal", "-o", "json", "--poll-interval", "10ms"])).code(0);
    assert_eq!(rows(&ran), ["done", "done"]);
    assert_eq!(ran.json()[1]["output"]["rows"], json!([[8.0]]));
    assert_eq!((shop.count("/finalize"), shop.count("/loads")), (before.1 + 1, before.2 + 1));
}

/// Kills the program when the service has accepted the load, and the job of it has not ended.
fn killed_after_the_load(shop: &Shop, command: &mut std::process::Command) {
    shop.emulator.add_fault("path=/v1/jobs/: delay=1h".parse().unwrap());
    let mut running = Running::start(command);
    running.until_line_with("more: job ").unwrap();
    // The id is shown the moment it is known, which is before the journal has it.
    running.until(|| shop.journal().contains("submitted"));
    assert!(!running.kill().success());
    shop.emulator.clear_faults();
}

#[test]
fn a_load_that_was_sent_is_waited_for_and_needs_no_file() {
    let shop = Shop::new(2);
    shop.write("plan.json", &shop.plan());
    let before = (shop.count("/finalize"), shop.count("/loads"));
    killed_after_the_load(&shop, &mut shop.command(&APPLY));
    std::fs::remove_file(shop.folder.path().join("more.csv")).unwrap();
    let ran = run(&mut shop.command(&APPLY)).code(0);
    assert_eq!(ran.json()[1]["output"]["rows"], json!([[8.0]]), "{ran:?}");
    assert_eq!((shop.count("/finalize"), shop.count("/loads")), (before.0 + 1, before.1 + 1));
    // It is done: that is what is wrong, and not that its file is gone.
    let ran = run(shop.command(&APPLY).args(["--again", "more"])).code(2);
    assert!(!ran.stderr.contains("cannot be uploaded"), "{ran:?}");
    // A dry run shows all of the plan, whatever the journal says.
    let ran = run(shop.command(&APPLY).arg("--dry-run")).code(0);
    assert_eq!((ran.json()[0]["file"]["bytes"].as_u64(), ran.json().as_array().unwrap().len()), (None, 2));
    let fault = ran.json()[0]["file"]["fault"].to_string();
    assert!(fault.contains("the file more.csv cannot be uploaded"), "{fault}");
    assert_eq!(shop.count("/loads"), before.1 + 1);
}

#[test]
fn a_plan_of_two_services_uploads_and_goes_on_after_a_kill() {
    let shop = Shop::new(2);
    let lakes = lakes(onehouse::Emulator::builder().pending_polls(1));
    let create = json!({"onehouse": {"create_service_principal": {"name": "ci"}}});
    let steps = json!([
        {"key": "more", "command": {"hotdata": shop.upload("more.csv")}},
        {"key": "sum", "command": create, "after": ["more"]},
    ]);
    shop.write("plan.json", &steps.to_string());
    let before = shop.count("/loads");
    let variables = lakes.variables();
    let command = || {
        let mut command = shop.command(&APPLY);
        command.envs(variables.clone());
        command
    };
    let dry_run = run(command().arg("--dry-run")).code(0).json();
    assert_eq!([&dry_run[0]["service"], &dry_run[1]["service"]], ["hotdata", "onehouse"]);
    assert_eq!(dry_run[0]["file"]["bytes"], 16);
    killed_after_the_load(&shop, &mut command());
    let ran = run(&mut command()).code(0);
    assert_eq!(rows(&ran), ["done", "done"]);
    assert_eq!((shop.count("/loads"), lakes.ledger().len()), (before + 1, 1));

    // Faults have their places, and files are looked at.
    let wrong = steps.to_string().replace("\"path\"", "\"pth\"");
    let ran = run_with_input(&mut program(&["apply", "-"]), &wrong).code(2);
    assert!(ran.stderr.contains("unknown field `pth`; did you mean `path`?"), "{ran:?}");
    let missing = TempFile::new("plan.json", &steps.to_string());
    let ran = run(program(&["apply", missing.path()]).current_dir(Path::new("/"))).code(2);
    assert!(ran.stderr.contains("the file more.csv cannot be uploaded"), "{ran:?}");
}
