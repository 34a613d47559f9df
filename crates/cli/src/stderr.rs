//! Standard error: messages for a person, never results.

use std::io::{self, IsTerminal, Write};

/// Writes a line to standard error. A line that nobody reads is no failure of the command.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// True if standard error is a terminal that can move its cursor.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
