//! What a person sees on a terminal: questions, bars, remarks. Pseudo-terminals are Unix's.
#![cfg(unix)]

use std::process::Command;

use crate::services::{TempFile, eloq, hotdata, onehouse, with};
use crate::support::{Ran, run};

/// Runs the program on a pseudo-terminal, with this answer to its question.
fn on_a_terminal(variables: Vec<(&'static str, String)>, arguments: &[&str], answer: &str) -> Ran {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/terminal.py");
    let mut command = Command::new("python3");
    command.args([script, answer, env!("CARGO_BIN_EXE_controlplane")]).args(arguments);
    // The interpreter needs the search path and the home of its installation.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_lowercase();
        let is_ours = ["onehouse", "eloq", "h2o", "hotdata"].iter().any(|service| text.starts_with(service));
        if is_ours || text.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    run(command.env("TERM", "xterm").envs(variables))
}

#[test]
fn a_delete_asks_and_only_a_yes_goes_on() {
    let emulator = eloq();
    let create = ["eloq", "cluster-create", "c1", "--region", "us-west-1", "--sku-id", "3"];
    run(&mut with(emulator.variables(), &create)).code(0);
    let delete = ["eloq", "cluster-delete", "c1", "--poll-interval", "10ms"];
    for answer in ["n", "", "\u{4}"] {
        // An empty answer is the end of the input, as Ctrl-D is.
        let answer = if answer.is_empty() { "\u{4}" } else { answer };
        let ran = on_a_terminal(emulator.variables(), &delete, answer);
        assert!(matches!(ran.code, Some(1 | 2)), "{ran:?}");
        assert!(ran.stdout.contains("Delete the cluster c1? [y/N]"), "{ran:?}");
        assert!(ran.stdout.contains("not confirmed, nothing was changed"), "{ran:?}");
        assert_eq!(emulator.ledger().len(), 1);
    }
    let ran = on_a_terminal(emulator.variables(), &delete, "y").code(0);
    assert!(ran.stdout.contains("deleted"), "{ran:?}");
    assert_eq!(emulator.ledger().len(), 2);
}

#[test]
fn a_plan_that_deletes_asks_before_it_sends_anything() {
    let emulator = onehouse(controlplane_emulator::onehouse::Emulator::builder().pending_polls(0));
    let text = r#"[{"key": "old", "command": {"delete_lake": {"name": "raw"}}}]"#;
    let file = TempFile::new("plan.json", text);
    let ran = on_a_terminal(emulator.variables(), &["apply", file.path()], "n").code(1);
    assert!(ran.stdout.contains("Carry out a plan that deletes: old (DELETE LAKE `raw`)? [y/N]"), "{ran:?}");
    assert_eq!(emulator.ledger().len(), 0);
    on_a_terminal(emulator.variables(), &["apply", file.path()], "y").code(3);
    assert_eq!(emulator.ledger().len(), 1, "it was sent, and there is no such lake");
}

#[test]
fn bars_are_drawn_on_a_terminal_alone() {
    let (emulator, _) = hotdata(controlplane_emulator::hotdata::Emulator::builder().pending_polls(0));
    let file = TempFile::new("more.csv", "id,amount\n3,1.0\n");
    let upload = ["hotdata", "upload", file.path(), "--poll-interval", "10ms", "--load", "sales.main.orders"];
    let ran = on_a_terminal(emulator.variables(), &upload, "").code(0);
    assert!(ran.stdout.contains("16 B/16 B") && ran.stdout.contains("row_count"), "{ran:?}");
    for quiet in [
        on_a_terminal(emulator.variables(), &[&upload[..], &["-q"]].concat(), "").code(0),
        run(&mut with(emulator.variables(), &upload)).code(0),
    ] {
        assert!(!quiet.stdout.contains("16 B/16 B") && !quiet.stderr.contains("16 B/16 B"), "{quiet:?}");
    }
    let lakes = onehouse(controlplane_emulator::onehouse::Emulator::builder().pending_polls(1));
    let text = r#"[{"key": "a", "command": {"show_lakes": {}}}, {"key": "b", "command": {"show_jobs": {}}, "after": ["a"]}]"#;
    let plan = TempFile::new("plan.json", text);
    let apply = ["apply", plan.path(), "--poll-interval", "10ms"];
    let ran = on_a_terminal(lakes.variables(), &apply, "").code(0);
    assert!(ran.stdout.contains("/2 steps") && ran.stdout.contains("There is no journal"), "{ran:?}");
    let ran = run(&mut with(lakes.variables(), &apply)).code(0);
    assert!(!ran.stdout.contains("/2 steps") && !ran.stderr.contains("steps"), "{ran:?}");
}
