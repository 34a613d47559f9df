//! The commands of the README, as they are printed.
#![cfg(unix)]

use std::process::Command;

use crate::services::{eloq, onehouse};
use crate::support::{Directory, run};

/// The block of shell commands under this heading.
fn block(heading: &str) -> String {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, section) = readme.split_once(&format!("## {heading}\n")).unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_first_commands_work_one_after_the_other() {
    let lakes = onehouse(controlplane_emulator::onehouse::Emulator::builder().pending_polls(0));
    let clusters = eloq();
    let runs = controlplane_emulator::h2o_workflows::Emulator::builder().pending_polls(0).start().unwrap();
    let tables = controlplane_emulator::hotdata::Emulator::builder().pending_polls(0).start().unwrap();
    let folder = Directory::new("readme");
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_controlplane")).parent().unwrap();
    let script = format!("set -eux\nPATH={}:$PATH\n{}", programs.display(), block("First commands"));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script]).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    shell.env("PATH", "/usr/bin:/bin");
    for variables in [lakes.variables(), clusters.variables(), runs.variables(), tables.variables()] {
        shell.envs(variables);
    }
    let ran = run(&mut shell).code(0);
    assert!(ran.stdout.contains("fitted\n"), "{ran:?}");
    let rows = std::fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert_eq!(rows, "id,amount\n1,2.5\n2,4.5\n");
    assert_eq!(clusters.ledger().len(), 1);
    assert!(folder.path().join("plan.journal").exists());
}
