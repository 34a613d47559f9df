//! What a script does: a small interpreter for the simplest of shell, and a real shell where that is allowed.

#[cfg(unix)]
mod guard;
mod interpret;
mod parse;
#[cfg(unix)]
mod process;
#[cfg(not(unix))]
#[path = "no_process.rs"]
mod process;
mod run;
#[cfg(test)]
mod tests;
mod words;
mod workers;

use std::time::Duration;

pub(super) use interpret::perform;
pub(super) use process::shell;
pub(super) use run::{Ended, Origin, Part, Process};
pub(super) use workers::Workers;

/// The most that one step prints, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// The longest that the processes of one step run.
pub(super) const MAX_TIME: Duration = Duration::from_secs(60);

/// What came of a script.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Performed {
    /// What was printed, line by line; true: to standard error.
    pub(super) lines: Vec<(bool, String)>,
    pub(super) exit_code: i32,
    /// The seconds of all `sleep`. Nobody slept.
    pub(super) slept: Duration,
    /// What the interpreter does not understand. The script ended there.
    pub(super) refused: Option<String>,
}
