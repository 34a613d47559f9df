//! Ctrl-C and SIGTERM while the program waits.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use controlplane_emulator::onehouse::Emulator;

use crate::services::Running;
use crate::support::{Directory, emulator, oh};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
    assert!(sent.unwrap().success());
}

/// Starts a change that never ends, and returns when the program has shown its id.
fn waiting(emulator: &Emulator) -> (Child, BufReader<std::process::ChildStderr>, String) {
    let create = ["cluster", "create", "c", "--type", "SQL", "--poll-interval", "1h"];
    let mut child = oh(emulator, &create).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let id = line.strip_prefix("request id ").unwrap_or_else(|| panic!("{line}")).trim().to_owned();
    (child, stderr, id)
}

#[test]
fn an_interrupted_wait_says_how_to_resume() {
    for name in ["INT", "TERM"] {
        let emulator = emulator(Emulator::builder().pending_polls(u32::MAX));
        let (mut child, mut stderr, id) = waiting(&emulator);
        assert_eq!(emulator.ledger()[0].request_id, id);
        signal(&child, name);
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
        assert!(text.contains(&format!("`controlplane resume {id}`")), "{text}");
        assert_eq!(emulator.ledger().len(), 1);
    }
}

/// The shell ignores the signal as `nohup` does, and the program inherits that.
#[test]
fn a_hang_up_does_not_end_a_wait_that_nohup_protects() {
    let emulator = emulator(Emulator::builder().pending_polls(1));
    let directory = Directory::new("hang-up");
    let messages = directory.path().join("messages");
    let create = r#""$0" onehouse cluster create c --type SQL --poll-interval 500ms -o name 2>"$1""#;
    // The signal comes when the program waits: it has shown the id then.
    let line = format!(r#"trap '' HUP; {create} & while ! [ -s "$1" ]; do :; done; kill -HUP $!; wait $!"#);
    let known = oh(&emulator, &[]);
    let variables = known.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &line, env!("CARGO_BIN_EXE_controlplane")]).arg(&messages).env_clear().envs(variables);
    let output = shell.output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"c\n".as_slice()), "{output:?}");
}

/// A named pipe that nobody writes to.
fn pipe(directory: &Directory) -> std::path::PathBuf {
    let path = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_the_reading_of_a_pipe() {
    let directory = Directory::new("pipe");
    let path = pipe(&directory);
    let path = path.to_str().unwrap();
    for arguments in [&["apply", path, "--dry-run"][..], &["apply", "-", "--dry-run"]] {
        for name in ["INT", "TERM"] {
            let mut command = crate::support::program(arguments);
            let running = Running::start(command.stdin(Stdio::piped()));
            running.until_ready();
            running.signal(name);
            running.end().code(130);
        }
    }
}

#[test]
fn a_credentials_file_that_is_a_pipe_is_refused() {
    let directory = Directory::new("pipe");
    let mut command = crate::support::program(&["onehouse", "configure", "-p", "a"]);
    let ran = crate::support::run(command.env("ONEHOUSE_CREDENTIALS_FILE", pipe(&directory))).code(6);
    assert!(ran.stderr.contains("is not a regular file"), "{ran:?}");
}

/// The pipe is full, and nobody reads it.
#[test]
fn a_signal_ends_a_blocked_write() {
    for name in ["INT", "TERM"] {
        let mut running = Running::start(&mut crate::support::program(&["completions", "bash"]));
        let mut stdout = running.take_stdout();
        // It writes more than a pipe holds: after the first byte it is blocked, or will be.
        stdout.read_exact(&mut [0]).unwrap();
        running.signal(name);
        assert_eq!(running.wait(), Some(130));
        drop(stdout);
    }
}
