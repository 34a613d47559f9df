//! Processes that talk to the emulators of all services.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

use controlplane_emulator::{eloq, h2o_workflows, hotdata, onehouse};

use crate::support::{Ran, program, run};

/// Returns the program with the variables of an emulator.
pub(crate) fn with(variables: Vec<(&'static str, String)>, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.envs(variables);
    command
}

/// An emulator of EloqCloud, whose work is done when it is first polled.
pub(crate) fn eloq() -> eloq::Emulator {
    eloq::Emulator::builder().pending_polls(0).start().unwrap()
}

/// The same, whose work never ends.
pub(crate) fn eloq_forever() -> eloq::Emulator {
    eloq::Emulator::builder().pending_polls(u32::MAX).start().unwrap()
}

/// An emulator of H2O Workflows with an active workflow of two steps.
pub(crate) fn h2o(builder: h2o_workflows::Builder) -> h2o_workflows::Emulator {
    let emulator = builder.start().unwrap();
    let source = "id: hello\njobs:\n  greet:\n    steps:\n      - run: echo hello\n      - run: echo bye\n";
    let file = TempFile::new("hello.yaml", source);
    let create = ["h2o", "workflows", "create", "-w", "demo", file.path(), "--activate"];
    run(&mut with(emulator.variables(), &create)).code(0);
    emulator
}

/// The workflow of [`h2o`].
pub(crate) const WORKFLOW: &str = "workspaces/demo/workflows/hello";

/// An emulator of Hotdata with a database `sales` and a table `main.orders` of two rows, and the id of the
/// database.
pub(crate) fn hotdata(builder: hotdata::Builder) -> (hotdata::Emulator, String) {
    let emulator = builder.start().unwrap();
    let create = ["hotdata", "databases", "create", "sales", "-o", "json"];
    let created = run(&mut with(emulator.variables(), &create)).code(0).json();
    let file = TempFile::new("orders.csv", "id,amount\n1,2.5\n2,4.5\n");
    let load = ["hotdata", "--poll-interval", "10ms", "upload", file.path(), "--load", "sales.main.orders"];
    run(&mut with(emulator.variables(), &load)).code(0);
    (emulator, created["id"].as_str().unwrap().to_owned())
}

/// An emulator of Onehouse.
pub(crate) fn onehouse(builder: onehouse::Builder) -> onehouse::Emulator {
    builder.rate_limit(None).start().unwrap()
}

/// A file that is removed at the end, in a folder of its own.
pub(crate) struct TempFile {
    path: String,
    folder: std::path::PathBuf,
}

impl TempFile {
    /// Makes a file with this text.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let file = Self::absent(name);
        std::fs::write(&file.path, text).unwrap();
        file
    }

    /// Makes the folder alone.
    pub(crate) fn absent(name: &str) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("controlplane-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { path: folder.join(name).to_str().unwrap().to_owned(), folder }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn read(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A program that runs, whose output is read as it is written.
pub(crate) struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: BufReader<ChildStderr>,
    seen: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stdout, stderr, seen: String::new() }
    }

    /// Reads standard error up to a line with this text. `None`: the program has ended before.
    pub(crate) fn until_line_with(&mut self, text: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.stderr.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            self.seen.push_str(&line);
            if line.contains(text) {
                return Some(line);
            }
        }
    }

    /// Waits until something has happened. The program must not end before.
    pub(crate) fn until(&mut self, has_happened: impl Fn() -> bool) {
        while !has_happened() {
            assert!(self.child.try_wait().unwrap().is_none(), "the program has ended: {}", self.seen);
            std::thread::yield_now();
        }
    }

    /// Waits until the program listens for signals: the system then knows what to do with one.
    #[cfg(target_os = "linux")]
    pub(crate) fn until_ready(&self) {
        while !self.catches_signals() {
            std::thread::yield_now();
        }
    }

    #[cfg(target_os = "linux")]
    fn catches_signals(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        // SIGINT is 2, the second bit.
        u64::from_str_radix(caught.trim(), 16).is_ok_and(|caught| caught & 2 != 0)
    }

    /// Closes the reading end of standard output, as `head -1` does.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Takes standard output away, to be read elsewhere.
    pub(crate) fn take_stdout(&mut self) -> BufReader<ChildStdout> {
        self.stdout.take().unwrap()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends the program at once.
    pub(crate) fn kill(mut self) -> ExitStatus {
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }

    /// Waits for its end, and reads nothing.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ran {
        let mut stderr = std::mem::take(&mut self.seen);
        let mut stdout = String::new();
        // Little is written, so that the pipes do not fill up.
        if let Some(mut pipe) = self.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        self.stderr.read_to_string(&mut stderr).unwrap();
        Ran { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}
