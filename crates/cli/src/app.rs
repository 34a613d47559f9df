//! The program: reads the command line, runs one command, and returns how it ended.

use std::ffi::OsString;
use std::io;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::apply::Service;
use crate::args::{Arguments, Command, Globals};
use crate::failure::{Exit, Failure, Result};
use crate::interrupt::Interrupt;
use crate::output::{Output, lines};
use crate::progress::Progress;
use crate::{profile, stderr, warnings};

/// The context that every command gets.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) globals: Globals,
    /// Where results go.
    pub(crate) out: Output,
    /// Progress and notes on standard error.
    pub(crate) progress: Progress,
    /// Ctrl-C. Its token belongs into every call: `call.cancel_with(app.interrupt.token())`.
    pub(crate) interrupt: Interrupt,
}

/// Runs the program with these arguments, the first of which is its own name.
pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let Arguments { globals, command, .. } = match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => arguments,
        Err(message) => return not_run(&without_values(message, &arguments)),
    };
    let interrupt = Interrupt::install();
    let app = App {
        out: Output::new(globals.output, globals.query.clone(), interrupt.clone()),
        progress: Progress::new(globals.quiet),
        interrupt,
        globals,
    };
    warnings::install(&app.progress);
    match run(&app, command) {
        Ok(()) => Exit::Done,
        Err(failure) => report(&failure),
    }
}

fn run(app: &App, command: Command) -> Result {
    match command {
        Command::Onehouse(args) => args.run(app),
        Command::Eloq(args) => {
            profile::check(app, &[Service::Eloq])?;
            crate::eloq::run(app, args)
        }
        Command::H2o(args) => {
            profile::check(app, &[Service::H2o])?;
            crate::h2o::run(app, args)
        }
        Command::Hotdata(args) => {
            profile::check(app, &[Service::Hotdata])?;
            crate::hotdata::run(app, args)
        }
        Command::Apply(args) => crate::apply::run(app, args),
        Command::Resume(args) => crate::resume::run(app, args),
        Command::Status(args) => crate::status::run(app, args),
        Command::Doctor(args) => crate::doctor::run(app, &args),
        Command::Completions(args) => args.run(app),
        Command::Man(args) => args.run(app),
    }
}

/// Hides values that may be secret. Clap shows what it refuses: the value of an option that takes pairs
/// (`--input KEY=TEXT`), and an argument that it did not expect, such as a second pair without its option or the rest of
/// a value without quotes.
fn without_values(mut message: clap::Error, arguments: &[OsString]) -> clap::Error {
    let shown =
        |given: &str| given.split_once('=').map_or_else(|| "…".to_owned(), |(key, _)| format!("{key}=…"));
    let text = |message: &clap::Error, kind| match message.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let takes_pairs = |argument: &OsString| {
        ["--input", "-i", "--option"].iter().any(|option| argument.to_string_lossy().starts_with(option))
    };
    let may_be_value =
        |given: &str| !given.starts_with('-') && (given.contains('=') || arguments.iter().any(takes_pairs));
    let argument = text(&message, ContextKind::InvalidArg).unwrap_or_default();
    match message.kind() {
        ErrorKind::UnknownArgument if may_be_value(&argument) => {
            message.insert(ContextKind::InvalidArg, ContextValue::String(shown(&argument)));
        }
        ErrorKind::InvalidSubcommand => match text(&message, ContextKind::InvalidSubcommand) {
            Some(given) if given.contains('=') => {
                message.insert(ContextKind::InvalidSubcommand, ContextValue::String(shown(&given)));
            }
            _ => {}
        },
        _ => match text(&message, ContextKind::InvalidValue) {
            // Empty: there is no value.
            Some(given) if argument.contains("<KEY=") && !given.is_empty() => {
                message.insert(ContextKind::InvalidValue, ContextValue::String(shown(&given)));
            }
            _ => {}
        },
    }
    message
}

/// Prints a help text, the version, or what is wrong with the command line.
fn not_run(message: &clap::Error) -> Exit {
    let printed = message.print();
    if message.use_stderr() {
        return Exit::Usage;
    }
    match printed {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            report(&Failure::new(Exit::Failed, format!("writing to standard output: {e}")))
        }
        _ => Exit::Done,
    }
}

fn report(failure: &Failure) -> Exit {
    stderr::say(lines(&failure.to_string()).trim_end());
    failure.exit()
}
