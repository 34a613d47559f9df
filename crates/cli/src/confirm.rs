//! Questions before something is deleted.

use std::io::{self, IsTerminal, Write};

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::output::visible;

/// Asks whether to go on with `what`, as in "Delete the cluster c", unless `--yes` was given. Without a terminal
/// nobody can answer, and the command is refused.
pub(crate) fn ask(app: &App, what: &str) -> Result {
    let what = visible(what);
    if app.globals.yes {
        return Ok(());
    }
    before_look_up(app, &what)?;
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "{what}? [y/N] ").and_then(|()| stderr.flush());
    drop(stderr);
    let mut answer = String::new();
    let read = app.interrupt.at_once(|| io::stdin().read_line(&mut answer));
    match (asked, read) {
        (Ok(()), Ok(1..)) if is_yes(&answer) => Ok(()),
        (Ok(()), Ok(1..)) => {
            Err(Failure::new(Exit::Failed, format!("{what}: not confirmed, nothing was changed")))
        }
        // The end of the input, which is no answer.
        _ => Err(refused(&what)),
    }
}

/// Refuses a deletion that nobody could confirm, before the requests that look up what is to be deleted.
pub(crate) fn before_look_up(app: &App, what: &str) -> Result {
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if app.globals.yes || can_ask {
        return Ok(());
    }
    let why = "standard input or standard error is no terminal, so nobody can confirm it; nothing was sent";
    Err(Failure::usage(format!("{}: {why}", visible(what))).hint("Add `--yes` to confirm it."))
}

fn refused(what: &str) -> Failure {
    Failure::usage(format!("{what}: not confirmed, nothing was changed"))
        .hint("Add `--yes` to go on without a question.")
}

fn is_yes(answer: &str) -> bool {
    let answer = answer.trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_counts() {
        assert!(["y\n", "Y", " yes \n", "YES"].into_iter().all(is_yes));
        assert!(!["", "\n", "n", "yeah", "yy"].into_iter().any(is_yes));
    }
}
