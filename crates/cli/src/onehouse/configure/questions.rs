//! Questions to a person, or to the lines of a pipe.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::stderr;

/// Asks on standard error and reads from standard input.
pub(super) struct Questions<'a> {
    app: &'a App,
    is_terminal: bool,
}

impl<'a> Questions<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self { app, is_terminal: io::stdin().is_terminal() }
    }

    /// Asks for a text; an empty answer is the default.
    pub(super) fn text(&mut self, question: &str, default: &str) -> Result<String> {
        let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        let answer = self.line(&format!("{question}{shown}: "))?;
        Ok(if answer.is_empty() { default.to_owned() } else { answer })
    }

    /// Asks until there is a text. A pipe is asked once.
    pub(super) fn required(&mut self, question: &str, default: &str) -> Result<String> {
        loop {
            let answer = self.text(question, default)?;
            if !answer.is_empty() {
                return Ok(answer);
            }
            if !self.is_terminal {
                return Err(Failure::usage(format!("{question}: it is empty; nothing was written")));
            }
            stderr::say("It must not be empty.");
        }
    }

    /// Asks for a secret, which is not shown. `None` for an empty answer.
    pub(super) fn secret(&mut self, question: &str, is_set: bool) -> Result<Option<String>> {
        let shown = if is_set { " [unchanged]" } else { "" };
        let prompt = format!("{question}{shown}: ");
        let answer = if self.is_terminal {
            let read = self.app.interrupt.without_echo(|| {
                say(&prompt);
                rpassword::read_password()
            });
            clean(&read.map_err(|e| unread(&e))?)?
        } else {
            self.line(&prompt)?
        };
        Ok(Some(answer).filter(|answer| !answer.is_empty()))
    }

    /// Asks a question that only a plain yes answers.
    pub(super) fn yes(&mut self, question: &str) -> Result<bool> {
        let answer = self.line(&format!("{question} [y/N] "))?;
        Ok(answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"))
    }

    fn line(&mut self, prompt: &str) -> Result<String> {
        say(prompt);
        let mut line = String::new();
        let read = self.app.interrupt.at_once(|| io::stdin().lock().read_line(&mut line));
        match read {
            Ok(0) => Err(Failure::usage(
                "configure: the input ended before the last question; nothing was written",
            )),
            Ok(_) => clean(&line),
            Err(e) => Err(unread(&e)),
        }
    }
}

fn say(prompt: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush());
}

fn unread(e: &io::Error) -> Failure {
    // Ctrl-C is a character like any other while a secret is read.
    if e.kind() == io::ErrorKind::Interrupted {
        return Failure::new(Exit::Interrupted, "configure: interrupted; nothing was written");
    }
    Failure::new(Exit::Failed, format!("configure: reading an answer: {e}; nothing was written"))
}

/// An answer without blanks around it. One with control characters could not be sent in a header.
fn clean(answer: &str) -> Result<String> {
    let answer = answer.trim();
    if answer.chars().any(char::is_control) {
        return Err(Failure::usage("configure: an answer has a control character; nothing was written")
            .hint("Copy the value again, without the character."));
    }
    Ok(answer.to_owned())
}
