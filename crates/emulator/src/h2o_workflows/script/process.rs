//! Runs scripts in bash, or in sh where there is no bash.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::lock;

use super::MAX_OUTPUT;
use super::guard::{Guard, MARK};
use super::run::{Ended, Heard, Origin, Part, is_over};

/// How often it is looked whether a process has ended.
const TICK: Duration = Duration::from_millis(5);

/// How long the rest of the output is waited for when the processes are gone. One that the guard does not find
/// may keep the pipe open.
const LAST_OUTPUT: Duration = Duration::from_millis(500);

/// The shells that are looked for, the best first.
const SHELLS: [&str; 4] = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh"];

/// The shell that runs steps.
pub(in super::super) fn shell() -> Option<&'static Path> {
    SHELLS.iter().map(Path::new).find(|path| path.is_file())
}

/// Where programs are looked for.
pub(super) fn path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"))
}

/// A new directory that is removed at the end.
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    /// Makes it below another one. Its path is absolute, because the shell begins in it.
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        // Nobody else can read it, and it is an error if it is there already.
        let name = format!("controlplane-step-{:016x}", RandomState::new().build_hasher().finish());
        let path = std::path::absolute(parent)?.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What the step has made unreadable stays.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the parts of a step one after the other, up to the first that fails.
pub(super) fn run(parts: &[Part], limit: Duration, ends: &Receiver<()>, heard: &Arc<Mutex<Heard>>) -> Ended {
    let Some(shell) = shell() else { return Ended::NotRun("there is no shell".to_owned()) };
    let started = Instant::now();
    let try_run = || -> io::Result<Ended> {
        let directory = Directory::new(&std::env::temp_dir())?;
        let work = directory.0.join("work");
        fs::create_dir(&work)?;
        for part in parts {
            if let Some(banner) = &part.banner {
                lock(heard).add(Origin::Banner, banner.clone().into_bytes());
            }
            // Not as an argument, whose length is limited.
            let file = directory.0.join("script");
            fs::write(&file, &part.script)?;
            let mut command = Command::new(shell);
            command.arg("-e").arg(&file).current_dir(&work).env_clear().process_group(0);
            command.env("PATH", path()).envs(part.env.iter().map(|(name, value)| (name, value)));
            // By its name, which nothing else has.
            let mark = directory.0.file_name().unwrap_or_default().to_string_lossy();
            command.env(MARK, &*mark);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            // Its own limit, or what is left of that of the step.
            let left = limit.saturating_sub(started.elapsed());
            let left = part.limit.map_or(left, |own| left.min(own));
            let mut guard = Guard::start(&mark, &directory.0)?;
            let child = command.spawn()?;
            guard.watch(child.id())?;
            let ended = follow(child, guard, left, ends, heard);
            match ended {
                Ended::Exit(0) => {}
                Ended::Exit(_) if part.continue_on_error => {}
                _ => return Ok(ended),
            }
        }
        Ok(Ended::Exit(0))
    };
    try_run().unwrap_or_else(|e| Ended::NotRun(format!("cannot run the step in {}: {e}", shell.display())))
}

/// Follows a process until it ends or has to. What it left running ends with it.
fn follow(
    mut child: Child,
    guard: Guard,
    limit: Duration,
    ends: &Receiver<()>,
    heard: &Arc<Mutex<Heard>>,
) -> Ended {
    let started = Instant::now();
    let (done, finished) = channel();
    let mut readers = 0;
    let mut read = |pipe: Option<Box<dyn Read + Send>>, from: Origin| {
        let Some(pipe) = pipe else { return };
        let (heard, done) = (Arc::clone(heard), done.clone());
        let spawned = thread::Builder::new().name("output".to_owned()).spawn(move || {
            listen(pipe, from, &heard);
            let _: Result<(), _> = Sender::send(&done, ());
        });
        readers += usize::from(spawned.is_ok());
    };
    read(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>), Origin::Stdout);
    read(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>), Origin::Stderr);
    let ended = loop {
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => break Ended::Exit(code(status)),
            Err(e) => break Ended::NotRun(format!("cannot wait for the process of the step: {e}")),
        }
        if is_over(ends, TICK) {
            break Ended::NotRun("the step was stopped".to_owned());
        }
        if started.elapsed() >= limit {
            break Ended::TimedOut;
        }
    };
    drop(guard);
    if !matches!(ended, Ended::Exit(_)) {
        let _ = child.kill();
        let _ = child.wait();
    }
    let deadline = Instant::now() + LAST_OUTPUT;
    for _ in 0..readers {
        let _ = finished.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
    ended
}

/// The exit code, as a shell says it.
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Reads a pipe line by line, to its end.
fn listen(pipe: Box<dyn Read + Send>, from: Origin, heard: &Mutex<Heard>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        // A line without an end goes on as the next one.
        match pipe.by_ref().take(MAX_OUTPUT as u64).read_until(b'\n', &mut line) {
            Ok(1..) if lock(heard).add(from, line) => {}
            _ => return,
        }
    }
}
