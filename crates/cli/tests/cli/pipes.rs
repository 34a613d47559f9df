//! Pipes that close, disks that are full, and what else a shell does to a program.
#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use crate::support::{oh, onehouse, program, run};

#[test]
fn a_closed_pipe_ends_the_output_and_nothing_else() {
    let emulator = onehouse();
    let create = ["cluster", "create", "c", "--type", "SQL", "-o", "json"];
    let mut child = oh(&emulator, &create).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The reader is gone before the first line.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("error"), "{stderr}");
    assert_eq!(emulator.ledger().len(), 1);

    // A failure keeps its code.
    let mut child = oh(&emulator, &["sql", "exec", "-c", "nonsense"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn help_into_a_closed_pipe_is_fine() {
    for arguments in
        [&["--help"][..], &["onehouse", "--help"], &["completions", "bash"], &["man"], &["--version"]]
    {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?} {output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_says_what_was_done() {
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let emulator = onehouse();
    let create = ["api-token", "create", "t", "--service-principal", "bot"];
    run(&mut oh(&emulator, &["service-principal", "create", "bot"])).code(0);
    let output = oh(&emulator, &create).stdout(full()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let id = &emulator.ledger()[1].request_id;
    assert!(stderr.contains("standard output") && stderr.contains("do not send it again"), "{stderr}");
    assert!(stderr.contains(&format!("`controlplane onehouse sql status {id}`")), "{stderr}");

    for arguments in
        [&["--help"][..], &["completions", "zsh"], &["man"], &["onehouse", "cluster", "show", "--dry-run"]]
    {
        let output = program(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {output:?}");
    }
    // Nobody reads the messages: no panic, and the code says it.
    let code = program(&["onehouse", "cluster", "show"]).stderr(full()).status().unwrap().code();
    assert_eq!(code, Some(6));
}

#[test]
fn closed_streams_and_no_home_are_no_reason_to_panic() {
    let shell = |line: &str| {
        let program = env!("CARGO_BIN_EXE_controlplane");
        run(Command::new("/bin/sh").args(["-c", line, program]).env_clear().stdin(Stdio::null()))
    };
    shell(r#""$0" onehouse cluster show --dry-run >&-"#).code(0);
    shell(r#""$0" onehouse cluster show --dry-run <&- >&- 2>&-"#).code(0);
    shell(r#""$0" onehouse cluster delete c <&-"#).code(2);
    let ran = shell(r#""$0" onehouse cluster show"#).code(6);
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    for line in ["configure", "login --no-browser", "logout"] {
        let ran = shell(&format!(r#""$0" onehouse {line}"#)).code(6);
        assert!(ran.stderr.contains("HOME") && !ran.stderr.contains("panicked"), "{ran:?}");
    }
}

#[test]
fn arguments_that_are_not_utf_8_are_refused() {
    let odd = OsStr::from_bytes(b"a\xff");
    for before in [&["onehouse", "cluster", "describe"][..], &["--profile"], &["onehouse"], &[]] {
        let ran = run(program(before).arg(odd)).code(2);
        assert!(!ran.stderr.contains("panicked") && ran.stdout.is_empty(), "{ran:?}");
    }
    let ran = run(program(&["onehouse", "cluster", "show"]).env("ONEHOUSE_PROFILE", odd)).code(6);
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
}
