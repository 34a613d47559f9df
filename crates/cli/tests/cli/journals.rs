//! Journals and results of `apply` that go wrong.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use controlplane_emulator::{eloq, onehouse};
use serde_json::{Value, json};

use crate::services::{Running, TempFile, onehouse as emulator, with};
use crate::support::{Directory, program, run, statements};

/// A plan whose steps each come after the one before.
fn chain(steps: usize) -> String {
    let step = |at: usize| {
        let command = json!({"create_service_principal": {"name": format!("p{at}")}});
        let after: Vec<String> = at.checked_sub(1).map(|before| before.to_string()).into_iter().collect();
        json!({"key": at.to_string(), "command": command, "after": after})
    };
    Value::Array((0..steps).map(step).collect()).to_string()
}

fn quick() -> onehouse::Emulator {
    emulator(onehouse::Emulator::builder().pending_polls(1))
}

/// Waits for the first id, then does something to the journal.
fn disturbed(disturb: impl FnOnce(&str)) -> (crate::support::Ran, usize) {
    let emulator = quick();
    let (file, journal) = (TempFile::new("plan.json", &chain(40)), TempFile::absent("journal"));
    let apply = ["apply", file.path(), "-j", journal.path(), "--poll-interval", "10ms"];
    let mut running = Running::start(&mut with(emulator.variables(), &apply));
    running.until_line_with("request id ").unwrap();
    disturb(journal.path());
    let ran = running.end();
    (ran, statements(&emulator).len())
}

#[test]
fn a_journal_that_is_taken_over_or_lost_is_named_with_the_reason() {
    let append = |path: &str| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        std::io::Write::write_all(&mut file, b"{\"opened\":{\"at\":1}}\n").unwrap();
    };
    for (disturb, reason) in [
        (&append as &dyn Fn(&str), "another process writes to it"),
        (&|path: &str| fs::rename(path, format!("{path}.old")).unwrap(), "it was removed or renamed"),
    ] {
        let (ran, sent) = disturbed(disturb);
        let ran = ran.code(1);
        let last = ran.stderr.split("error: ").last().unwrap();
        assert!(last.contains("the plan was not carried out completely") && last.contains(reason), "{ran:?}");
        assert!(last.contains("`controlplane resume "), "{ran:?}");
        // The library said it when it happened.
        assert!(
            ran.stderr.contains("warning: writing the journal") || ran.stdout.contains(reason),
            "{ran:?}"
        );
        assert!(sent < 40, "{sent}");
    }
}

#[test]
fn a_journal_with_any_name_is_continued_with_the_printed_command() {
    let emulator = emulator(onehouse::Emulator::builder().pending_polls(u32::MAX));
    let directory = Directory::new("journals");
    let plan = TempFile::new("plan.json", &chain(1));
    for name in [&b"-j\xff o'k.journal"[..], b"two\nlines"] {
        let journal = OsStr::from_bytes(name);
        let mut command = with(emulator.variables(), &["apply", plan.path(), "--timeout", "0s"]);
        let mut option = std::ffi::OsString::from("--journal=");
        option.push(journal);
        let ran = run(command.arg(option).current_dir(directory.path()));
        assert!(directory.path().join(journal).exists(), "{ran:?}");
        let line = ran.stderr.split('`').find(|part| part.starts_with("controlplane resume")).unwrap();
        let line = line.strip_prefix("controlplane ").unwrap();
        let mut shell = std::process::Command::new("bash");
        shell.args([
            "-c",
            &format!("\"$0\" {line} --timeout 0s -o json"),
            env!("CARGO_BIN_EXE_controlplane"),
        ]);
        let shell = shell.env_clear().env("HOME", "/nowhere").envs(emulator.variables());
        let ran = run(shell.current_dir(directory.path()));
        assert_eq!(ran.json()[0]["key"], "0", "{ran:?}");
    }
}

#[test]
fn options_that_a_journal_or_resume_contradicts_are_refused() {
    let clusters = eloq::Emulator::builder().pending_polls(0).start().unwrap();
    let text = r#"[{"key": "c", "command": {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}}}]"#;
    let (file, journal) = (TempFile::new("plan.json", text), TempFile::absent("journal"));
    let apply = ["apply", file.path(), "-j", journal.path(), "--poll-interval", "10ms"];
    run(&mut with(clusters.variables(), &apply)).code(0);
    let ran = run(with(clusters.variables(), &apply).arg("--no-wait")).code(2);
    assert!(ran.stderr.contains("it was begun without --no-wait"), "{ran:?}");
    let ran = run(&mut with(clusters.variables(), &["resume", journal.path(), "--dry-run"])).code(2);
    assert!(ran.stderr.contains("resume has no dry run: nothing was sent"), "{ran:?}");
    let ran = run(&mut with(clusters.variables(), &["resume", journal.path(), "--no-wait"])).code(2);
    assert!(ran.stderr.contains("resume waits, so it cannot have --no-wait"), "{ran:?}");
    let ran = run(with(clusters.variables(), &["resume", journal.path()]).args(["-p", "dev"])).code(2);
    assert!(ran.stderr.contains("--profile has no effect on eloq"), "{ran:?}");
}

#[test]
fn a_journal_is_continued_so_that_the_first_failure_stops_it() {
    let emulator = quick();
    let mut steps: Vec<Value> = serde_json::from_str(&chain(30)).unwrap();
    steps.insert(0, json!({"key": "bad", "command": {"delete_lake": {"name": "none"}}}));
    let file = TempFile::new("plan.json", &Value::Array(steps).to_string());
    let journal = TempFile::absent("journal");
    let apply = ["apply", file.path(), "-y", "-j", journal.path(), "-o", "json", "--poll-interval", "10ms"];
    // The journal is begun without the option, and nothing is sent.
    run(with(emulator.variables(), &apply).args(["--timeout", "0s"])).code(4);
    assert!(emulator.ledger().is_empty());
    let ran = run(with(emulator.variables(), &apply).arg("--stop-on-failure")).code(3);
    let stopped = ran.json().as_array().unwrap().iter().any(|row| {
        row["error"].as_str().is_some_and(|error| error.contains("the batch stops at the first failure"))
    });
    assert!(stopped, "{ran:?}");
    // A status has a line for each step, whatever the error.
    let status = run(&mut with(emulator.variables(), &["status", journal.path()])).code(0);
    assert!(!status.stdout.contains("\\n") && status.stdout.lines().count() == 32, "{status:?}");
    let names = run(&mut with(emulator.variables(), &["status", journal.path(), "-o", "name"])).code(0);
    assert!(names.stdout.starts_with("bad\n0\n1\n"), "{names:?}");
}

#[test]
fn a_journal_that_cannot_be_created_says_that_nothing_was_sent() {
    let emulator = quick();
    let file = TempFile::new("plan.json", &chain(1));
    let ran = run(&mut with(emulator.variables(), &["apply", file.path(), "-j", "/nowhere/journal"])).code(1);
    assert!(ran.stderr.contains("/nowhere/journal") && ran.stderr.contains("Nothing was sent."), "{ran:?}");
    assert!(emulator.requests().is_empty());
}

#[test]
fn the_names_of_steps_are_their_keys_and_ids_of_earlier_runs_stay() {
    let emulator = emulator(onehouse::Emulator::builder().pending_polls(u32::MAX));
    let (file, journal) = (TempFile::new("plan.json", &chain(2)), TempFile::absent("journal"));
    let apply = ["apply", file.path(), "-j", journal.path(), "--poll-interval", "10ms"];
    let mut running = Running::start(&mut with(emulator.variables(), &apply));
    running.until_line_with("request id ").unwrap();
    running.signal("INT");
    running.end().code(130);
    let id = emulator.ledger()[0].request_id.clone();
    // No poll answers: the id comes from the journal.
    let resume = ["resume", journal.path(), "--timeout", "0s"];
    let ran = run(with(emulator.variables(), &resume).args(["-o", "json"])).code(4);
    assert_eq!(ran.json()[0]["id"], id, "{ran:?}");
    let ran = run(with(emulator.variables(), &resume).args(["-o", "name"])).code(4);
    assert_eq!(ran.stdout, "0\n1\n");
    let ran = run(program(&["apply", file.path(), "--dry-run"]).args(["-o", "name"])).code(0);
    assert_eq!(ran.stdout, "0\n1\n");
}

const SECRET: &str = r#"[{"key": "bot", "command": {"create_service_principal": {"name": "bot"}}},
    {"key": "token", "command": {"create_api_token": {"name": "t", "service_principal": "bot"}}, "after": ["bot"]}]"#;

#[test]
fn a_secret_that_is_shown_once_is_not_lost() {
    let emulator = quick();
    let (file, results) = (TempFile::new("plan.json", SECRET), TempFile::absent("results"));
    let apply = ["apply", file.path(), "--poll-interval", "10ms"];
    for more in [&[][..], &["-o", "csv"], &["-o", "name"], &["-o", "json", "--query", "/0/key"]] {
        let ran = run(with(emulator.variables(), &apply).args(more)).code(2);
        assert!(
            ran.stderr.contains("would not have them: token;") && ran.stderr.contains("--results"),
            "{ran:?}"
        );
    }
    let create = ["onehouse", "api-token", "create", "t", "--service-principal", "bot", "-o", "name"];
    let ran = run(&mut with(emulator.variables(), &create)).code(2);
    assert!(ran.stderr.contains("-o name would lose the secret"), "{ran:?}");
    let statement = ["onehouse", "sql", "exec", "-o", "name", "-c", "/* t */ create api_token `t`"];
    run(&mut with(emulator.variables(), &statement)).code(2);
    let command = r#"{"name": "t", "service_principal": "bot"}"#;
    let call = ["onehouse", "call", "create_api_token", "--json", command, "-o", "name"];
    run(&mut with(emulator.variables(), &call)).code(2);
    assert!(emulator.ledger().is_empty());
    run(with(emulator.variables(), &apply).args(["--results", results.path()])).code(0);
    assert_eq!(fs::metadata(results.path()).unwrap().mode() & 0o777, 0o600);
    let text = String::from_utf8(results.read()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!([&lines[0]["key"], &lines[1]["key"]], ["bot", "token"]);
    assert!(lines[1]["output"].to_string().contains("secret"), "{text}");
}

#[test]
fn a_file_of_results_that_others_can_read_or_that_is_full_loses_nothing() {
    let emulator = quick();
    let (file, open) = (TempFile::new("plan.json", SECRET), TempFile::new("results", "{}\n"));
    let apply = ["apply", file.path(), "--poll-interval", "10ms", "--results"];
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = run(with(emulator.variables(), &apply).arg(open.path())).code(2);
    assert!(ran.stderr.contains("chmod 600"), "{ran:?}");
    for path in ["/dev/null", "/nowhere/results"] {
        run(with(emulator.variables(), &apply).arg(path)).code(2);
    }
    assert!(emulator.ledger().is_empty());
    // A file that may not grow: what it lacks is printed.
    let results = TempFile::absent("results");
    let mut shell = std::process::Command::new("/bin/sh");
    let line = r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#;
    shell.args(["-c", line, env!("CARGO_BIN_EXE_controlplane")]).args(apply).arg(results.path());
    let ran = run(shell.env_clear().env("HOME", "/nowhere").envs(emulator.variables())).code(1);
    assert!(ran.stdout.contains("secret") && ran.stderr.contains("--results"), "{ran:?}");
}
