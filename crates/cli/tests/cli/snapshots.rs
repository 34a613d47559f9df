//! Outputs as a whole, compared with the files in `tests/snapshots`. `UPDATE_SNAPSHOTS=1 cargo test` writes them.

use std::fmt::Write;
use std::path::Path;

use controlplane_emulator::onehouse::Emulator;

use crate::support::{oh, onehouse, program, run};

#[track_caller]
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{} differs; UPDATE_SNAPSHOTS=1 writes it anew", path.display());
}

/// What a person sees of a command: the line, both outputs and the code. Ids and the address are replaced.
fn session(emulator: &Emulator, lines: &[&[&str]]) -> String {
    let mut text = String::new();
    for line in lines {
        let ran = run(&mut oh(emulator, line));
        let quoted: Vec<_> =
            line.iter().map(|w| if w.contains(' ') { format!("'{w}'") } else { (*w).to_owned() }).collect();
        write!(text, "$ controlplane onehouse {}\n{}", quoted.join(" "), ran.stdout).unwrap();
        for line in ran.stderr.lines() {
            writeln!(text, "2> {line}").unwrap();
        }
        if ran.code != Some(0) {
            writeln!(text, "exit code {}", ran.code.unwrap()).unwrap();
        }
        text.push('\n');
    }
    for (number, taken) in emulator.ledger().iter().enumerate() {
        text = text.replace(&taken.request_id, &format!("<id {}>", number + 1));
    }
    text.replace(emulator.url(), "<url>")
}

#[test]
fn help() {
    let mut text = String::new();
    for line in [
        "--help",
        "onehouse --help",
        "onehouse cluster create --help",
        "onehouse flow create -h",
        "onehouse flow alter --help",
        "onehouse sql exec --help",
        "completions --help",
        "man --help",
    ] {
        let ran = run(program(&[]).args(line.split(' '))).code(0);
        assert_eq!(ran.stderr, "");
        write!(text, "$ controlplane {line}\n{}\n", ran.stdout).unwrap();
    }
    check("help", &text);
}

#[test]
fn commands_of_groups() {
    let mut text = String::new();
    for group in [
        "onehouse",
        "onehouse cluster",
        "onehouse job",
        "onehouse table service",
        "eloq",
        "eloq clusters",
        "h2o",
        "h2o workflows",
        "h2o runs",
        "hotdata",
        "hotdata databases",
        "hotdata tables",
        "hotdata runs",
    ] {
        let ran = run(program(&[]).args(group.split(' ')).arg("-h")).code(0);
        let (_, commands) = ran.stdout.split_once("\nCommands:\n").unwrap();
        let commands = commands.split("\n\n").next().unwrap();
        write!(text, "$ controlplane {group} -h\n{commands}\n\n").unwrap();
    }
    check("commands", &text);
}

#[test]
fn tables_and_other_formats() {
    let emulator = onehouse();
    let text = session(
        &emulator,
        &[
            &[
                "cluster",
                "create",
                "prod",
                "--type",
                "Spark",
                "--max-ocu",
                "10",
                "--options",
                "worker.type=oh-general-4",
            ],
            &["cluster", "show"],
            &["cluster", "describe", "prod"],
            &["cluster", "describe", "prod", "-o", "json"],
            &["cluster", "describe", "prod", "-o", "yaml"],
            &["cluster", "show", "-o", "csv"],
            &["cluster", "show", "-o", "name"],
            &["cluster", "describe", "prod", "--query", "/state"],
            &["cluster", "describe", "prod", "--query", "/options", "-o", "json"],
            &["lake", "show"],
            &["lake", "show", "-o", "json"],
            &["cluster", "alter", "prod", "--state", "STOP", "--dry-run"],
            &["cluster", "alter", "prod", "--state", "STOP", "--no-wait"],
            &["cluster", "delete", "prod", "--yes"],
        ],
    );
    check("tables", &text);
}

#[test]
fn errors() {
    let emulator = onehouse();
    let text = session(
        &emulator,
        &[
            &["clutser", "show"],
            &["cluster", "create", "prod"],
            &["cluster", "create", "prod", "--type", "manged"],
            &["cluster", "describe", "Default Managed Cluster - 2"],
            &["cluster", "describe", "nosuch"],
            &["cluster", "delete", "nosuch"],
            &["sql", "exec", "-c", "SHOW NOTHING"],
            &["sql", "status", "nosuch"],
            &["cluster", "show", "--query", "state"],
            &["cluster", "show", "--query", "/9/state"],
            &["cluster", "show", "--base-url", "http://127.0.0.1:1", "--timeout", "100ms"],
            &["cluster", "show", "-p", "nosuch", "-o", "json"],
        ],
    );
    check("errors", &text);
}

#[test]
fn credentials_that_are_missing() {
    let ran = run(&mut program(&["onehouse", "cluster", "show"])).code(6);
    check("no-credentials", &ran.stderr);
}
