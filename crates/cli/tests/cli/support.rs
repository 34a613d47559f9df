//! The program as a process.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use controlplane_emulator::onehouse::{Builder, Emulator};

/// What a process has left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Returns standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Returns the program without anything of this machine: no credentials, no proxy, no home. Windows opens no socket
/// without `SystemRoot`.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_controlplane"));
    command.args(arguments).env_clear().env("HOME", "/nowhere").stdin(Stdio::null());
    command.envs(std::env::var_os("SystemRoot").map(|folder| ("SystemRoot", folder)));
    command
}

/// Runs a process to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a process to its end, with this text on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input is no fault.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An emulator of Onehouse, whose operations have ended when they are first polled.
pub(crate) fn onehouse() -> Emulator {
    emulator(Emulator::builder().pending_polls(0))
}

pub(crate) fn emulator(builder: Builder) -> Emulator {
    builder.start().unwrap()
}

/// Returns `controlplane onehouse` with the credentials of an emulator.
pub(crate) fn oh(emulator: &Emulator, arguments: &[&str]) -> Command {
    let identity = emulator.identity();
    let mut command = program(&["onehouse"]);
    command.args(arguments);
    for (name, value) in [
        ("ACCOUNT_UID", identity.account_uid.as_str()),
        ("PROJECT_UID", &identity.project_uid),
        ("API_KEY", &identity.api_key),
        ("API_SECRET", &identity.api_secret),
        ("LINK_UID", &identity.link_uid),
        ("REGION", &identity.region),
        ("USER_UID", &identity.user_uid),
        ("BASE_URL", emulator.url()),
    ] {
        command.env(format!("ONEHOUSE_{name}"), value);
    }
    command
}

/// The statements that an emulator has accepted.
pub(crate) fn statements(emulator: &Emulator) -> Vec<String> {
    emulator.ledger().into_iter().map(|taken| taken.statement.0).collect()
}

/// A directory that is deleted at the end.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("controlplane-cli-{}-{name}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
