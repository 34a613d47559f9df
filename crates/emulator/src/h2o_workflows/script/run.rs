//! Scripts that run in a real shell, and what has been heard of them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::server::lock;

use super::{MAX_OUTPUT, MAX_TIME, process};

/// The most steps whose processes run at the same time; others wait.
pub(super) const MAX_AT_ONCE: usize = 16;

/// A part of a step: its only one, or one of several of an action.
#[derive(Debug)]
pub(in super::super) struct Part {
    /// What the log says before it.
    pub(in super::super) banner: Option<String>,
    pub(in super::super) script: String,
    pub(in super::super) env: Vec<(String, String)>,
    /// The longest that this part takes, if not as long as the step.
    pub(in super::super) limit: Option<Duration>,
    pub(in super::super) continue_on_error: bool,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Ended {
    Exit(i32),
    TimedOut,
    /// It was not run, or not to its end.
    NotRun(String),
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Origin {
    Stdout,
    Stderr,
    Banner,
}

/// What has been heard of a step.
#[derive(Debug, Default)]
pub(super) struct Heard {
    lines: Vec<(Origin, Vec<u8>)>,
    printed: usize,
    ended: Option<Ended>,
    is_closed: bool,
}

impl Heard {
    /// Adds a line, while there is room. `false`: nobody wants more.
    pub(super) fn add(&mut self, from: Origin, line: Vec<u8>) -> bool {
        if self.is_closed {
            return false;
        }
        let had_room = self.printed <= MAX_OUTPUT;
        self.printed = self.printed.saturating_add(line.len());
        if self.printed <= MAX_OUTPUT {
            self.lines.push((from, line));
        } else if had_room {
            let note = b"(the rest of the output, beyond 1 MiB, is left out)\n";
            self.lines.push((Origin::Stderr, note.to_vec()));
        }
        true
    }
}

/// How many steps run their processes now.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Slots(Arc<Mutex<usize>>);

impl Slots {
    pub(super) fn take(&self) -> bool {
        let mut taken = lock(&self.0);
        let has_room = *taken < MAX_AT_ONCE;
        *taken += usize::from(has_room);
        has_room
    }

    pub(super) fn give(&self) {
        *lock(&self.0) -= 1;
    }
}

/// A step that runs in a shell. Dropping it ends its processes.
#[derive(Debug)]
pub(in super::super) struct Process {
    heard: Arc<Mutex<Heard>>,
    /// Dropped to end the processes.
    goes_on: Option<Sender<()>>,
    pub(super) thread: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts the parts of a step, one after the other, each in its environment and with `PATH`.
    pub(in super::super) fn start(
        parts: Vec<Part>,
        limit: Option<Duration>,
        slots: &Slots,
    ) -> Result<Self, String> {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (goes_on, ends) = channel();
        let limit = limit.map_or(MAX_TIME, |limit| limit.min(MAX_TIME));
        let (into, slots) = (Arc::clone(&heard), slots.clone());
        let run = move || {
            while !slots.take() {
                if is_over(&ends, Duration::from_millis(20)) {
                    return;
                }
            }
            let ended = process::run(&parts, limit, &ends, &into);
            slots.give();
            let mut heard = lock(&into);
            heard.is_closed = true;
            heard.ended = Some(ended);
        };
        let thread = thread::Builder::new()
            .name("step".to_owned())
            .spawn(run)
            .map_err(|e| format!("cannot start a thread for the step: {e}"))?;
        Ok(Self { heard, goes_on: Some(goes_on), thread: Some(thread) })
    }

    /// What has been printed since the last time, and how the step ended, if it has.
    pub(in super::super) fn hear(&self) -> (Vec<(Origin, Vec<u8>)>, Option<Ended>) {
        let mut heard = lock(&self.heard);
        (std::mem::take(&mut heard.lines), heard.ended.take())
    }
}

impl Process {
    /// Ends the processes. What they have printed can be heard after it.
    pub(in super::super) fn stop(&mut self) {
        drop(self.goes_on.take());
        if let Some(thread) = self.thread.take() {
            // Short: the processes are killed, and nobody waits for those that escaped.
            let _ = thread.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for so long, and returns whether the step is to end meanwhile.
pub(super) fn is_over(ends: &Receiver<()>, wait: Duration) -> bool {
    use std::sync::mpsc::RecvTimeoutError::Timeout;
    !matches!(ends.recv_timeout(wait), Err(Timeout))
}
