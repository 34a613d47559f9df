//! One command of a group, ready to be sent.

use controlplane::Effect;
use controlplane::onehouse::{AnyCommand, Command, NameCheck};

use crate::app::App;
use crate::confirm;
use crate::failure::Result;

use super::Options;
use super::send::{Sending, send};

/// A command, and what is said about it.
#[derive(Debug)]
pub(super) struct Task {
    command: AnyCommand,
    /// The sentence for its success, for a person.
    done: Option<String>,
    /// The name has a form that the vendor's tools accept besides their pattern.
    is_unchecked: bool,
    /// Its payload says nothing to a person.
    is_silent: bool,
    /// The question before it is sent, if it deletes something.
    question: Option<String>,
}

impl Task {
    /// A command that reads.
    pub(super) fn read(command: impl Into<AnyCommand>) -> Self {
        Self { command: command.into(), done: None, is_unchecked: false, is_silent: false, question: None }
    }

    /// A command that changes something; `done` is the sentence for its success.
    pub(super) fn change(command: impl Into<AnyCommand>, done: impl Into<String>) -> Self {
        Self { done: Some(done.into()), ..Self::read(command) }
    }

    /// A command that changes something and whose payload is for programs only.
    pub(super) fn silent(command: impl Into<AnyCommand>, done: impl Into<String>) -> Self {
        Self { is_silent: true, ..Self::change(command, done) }
    }

    /// A command that deletes what `what` names, as in "cluster 'c'".
    pub(super) fn delete(command: impl Into<AnyCommand>, what: &str) -> Self {
        let mut letters = what.chars();
        let begins: String =
            letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
        let question = Some(format!("Delete {what}"));
        Self { question, ..Self::silent(command, format!("{begins} deleted.")) }
    }

    /// Accepts the name whatever the vendor's pattern says.
    pub(super) fn unchecked_if(mut self, is_unchecked: bool) -> Self {
        self.is_unchecked = is_unchecked;
        self
    }

    /// Says in the question that everything inside is deleted too.
    pub(super) fn with_everything_if(mut self, cascades: bool) -> Self {
        if cascades {
            self.question = self.question.map(|question| question + " and everything in it");
        }
        self
    }

    /// Asks, sends, waits and prints.
    pub(super) fn run(self, app: &App, options: &Options) -> Result {
        let Self { command, done, is_unchecked, is_silent, question } = self;
        let names =
            if is_unchecked || options.unchecked_names { NameCheck::Unchecked } else { NameCheck::Strict };
        let sql = command.render(names)?;
        if let Some(question) = question.filter(|_| !app.globals.dry_run) {
            confirm::ask(app, &question)?;
        }
        debug_assert_eq!(done.is_some(), command.effect() == Effect::Changes, "{command:?}");
        // Of a command with a helper the first line has names and no values that may be secret.
        let label = sql.lines().next().unwrap_or_default();
        send(
            app,
            options,
            command,
            &Sending { sql: &sql, label, names, done: done.as_deref(), is_silent, is_detached: false },
        )
    }
}
