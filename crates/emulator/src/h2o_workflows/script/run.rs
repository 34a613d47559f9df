//! Scripts that run in a real shell, and what has been heard of them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::server::lock;

use super::workers::Workers;
use super::{MAX_OUTPUT, MAX_TIME, process};

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
#[cfg_attr(not(unix), expect(dead_code, reason = "only a shell ends so or prints"))]
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Ended {
    Exit(i32),
    TimedOut,
    /// It was not run, or not to its end.
    NotRun(String),
}

/// Where a line comes from.
#[cfg_attr(not(unix), expect(dead_code, reason = "only a shell ends so or prints"))]
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
    #[cfg_attr(not(unix), expect(dead_code, reason = "only a shell prints"))]
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

/// A step that runs in a shell. Dropping it ends its processes.
#[derive(Debug)]
pub(in super::super) struct Process {
    heard: Arc<Mutex<Heard>>,
    /// Dropped to end the processes.
    goes_on: Option<Sender<()>>,
}

/// A step that waits for its turn, or has it.
pub(super) struct Work {
    parts: Vec<Part>,
    limit: Duration,
    ends: Receiver<()>,
    into: Arc<Mutex<Heard>>,
}

impl Work {
    /// True if nobody waits for it any more.
    pub(super) fn is_given_up(&self) -> bool {
        is_over(&self.ends, Duration::ZERO)
    }

    pub(super) fn run(self) {
        let ended = process::run(&self.parts, self.limit, &self.ends, &self.into);
        let mut heard = lock(&self.into);
        heard.is_closed = true;
        heard.ended = Some(ended);
    }
}

impl Process {
    /// Starts the parts of a step, one after the other, each in its environment and with `PATH`. The step waits for
    /// its turn.
    pub(in super::super) fn start(
        parts: Vec<Part>,
        limit: Option<Duration>,
        workers: &Workers,
    ) -> Result<Self, String> {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (goes_on, ends) = channel();
        let limit = limit.map_or(MAX_TIME, |limit| limit.min(MAX_TIME));
        workers.add(Work { parts, limit, ends, into: Arc::clone(&heard) })?;
        Ok(Self { heard, goes_on: Some(goes_on) })
    }

    /// What has been printed since the last time, and how the step ended, if it has.
    pub(in super::super) fn hear(&self) -> (Vec<(Origin, Vec<u8>)>, Option<Ended>) {
        let mut heard = lock(&self.heard);
        (std::mem::take(&mut heard.lines), heard.ended.take())
    }

    /// Ends the processes. Nobody waits for it here: what they have printed until then can be heard, and then the end.
    pub(in super::super) fn stop(&mut self) {
        drop(self.goes_on.take());
    }
}

/// Waits for so long, and returns whether the step is to end meanwhile.
pub(super) fn is_over(ends: &Receiver<()>, wait: Duration) -> bool {
    use std::sync::mpsc::RecvTimeoutError::Timeout;
    !matches!(ends.recv_timeout(wait), Err(Timeout))
}
