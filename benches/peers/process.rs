//! The emulator and the clients as processes, and what the system (Linux) tells of a client.
//!
//! A client makes itself ready, sends its first request, and prints `ready` when that was answered. Then it
//! reads for how many seconds to work, works, prints the number of operations, and waits for the end of its
//! input. So all clients are looked at from outside, in the same way and at the same moments.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks of a second in `/proc/PID/stat`: the same on all Linux systems.
const TICKS: f64 = 100.0;

/// What the emulator writes before the name of the file with its authority.
const AUTHORITY: &str = "Certificate authority to trust, until the program ends: ";

/// The program `controlplane-emulator`, which `benches/peers/run` builds.
fn program() -> PathBuf {
    std::env::var_os("EMULATOR").expect("EMULATOR, the path of the program controlplane-emulator").into()
}

/// A running emulator: no rate limit, operations done at the first poll.
pub(super) struct Emulator {
    child: Child,
    /// For its temporary files; removed with it.
    directory: PathBuf,
    pub(super) url: String,
    /// The certificate authority to trust; empty without TLS.
    pub(super) ca: String,
}

impl Emulator {
    pub(super) fn start(tls: bool) -> Self {
        let directory = std::env::temp_dir().join(format!("controlplane-peers-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("a directory for temporary files");
        let mut child = Command::new(program())
            .args(["onehouse", "--listen", "127.0.0.1:0", "--rate", "off", "--pending-polls", "0"])
            .args(tls.then_some("--tls"))
            .env("TMPDIR", &directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the emulator");
        let line = first_line(&mut BufReader::new(child.stdout.take().expect("its output")));
        let url = line.rsplit(' ').next().unwrap_or_default().to_owned();
        // It has said so before it was ready. A line for each request would follow, which nobody reads: the
        // other end is closed here, and it does not mind.
        let said = BufReader::new(child.stderr.take().expect("its messages"));
        let ca = if tls {
            let mut lines = said.lines().map_while(Result::ok);
            lines.find_map(|line| Some(line.strip_prefix(AUTHORITY)?.to_owned())).expect("its authority")
        } else {
            String::new()
        };
        Self { child, directory, url, ca }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// One of the clients, at work or ready for it.
pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// From its start to the answer to its first request.
    pub(super) start_up: Duration,
}

/// What a client did.
pub(super) struct Work {
    pub(super) operations: f64,
    pub(super) taken: Duration,
    /// Seconds of the processor, user and system.
    pub(super) processor: f64,
    /// The most memory that was resident, in bytes.
    pub(super) memory: f64,
}

impl Client {
    /// Starts it, and waits until its first request was answered. It gets no variables but these, so that
    /// what the machine has of credentials and proxies does not matter.
    pub(super) fn start(program: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(variables.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", program.display()));
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let ready = first_line(&mut output);
        let start_up = begun.elapsed();
        assert_eq!(ready, "ready");
        let input = child.stdin.take();
        Self { child, input, output, start_up }
    }

    /// Lets it work for so long.
    pub(super) fn work(&mut self, time: Duration) -> Work {
        let (before, begun) = (self.processor(), Instant::now());
        let input = self.input.as_mut().expect("its input");
        writeln!(input, "{}", time.as_secs_f64()).expect("its input");
        let operations = first_line(&mut self.output).parse().expect("a number of operations");
        let taken = begun.elapsed();
        Work { operations, taken, processor: self.processor() - before, memory: self.memory() }
    }

    fn processor(&self) -> f64 {
        let text = self.told("stat");
        // The name of the program stands in brackets, and anything may be in it.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |field: usize| fields[field].parse::<f64>().expect("a number of ticks");
        (ticks(11) + ticks(12)) / TICKS
    }

    fn memory(&self) -> f64 {
        let text = self.told("status");
        let kib = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.parse::<f64>().ok()).expect("its peak memory") * 1024.0
    }

    fn told(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(path).expect("what the system tells of it")
    }
}

/// Ends with its input.
impl Drop for Client {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

fn first_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    line.trim().to_owned()
}
