//! Results, on standard output.

mod csv;
mod names;
mod rows;
mod table;
mod text;

pub(crate) use text::{lines, visible};

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde_json::Value;

use crate::failure::{Exit, Failure, Result};
use crate::interrupt::Interrupt;
use crate::pointer::Pointer;

/// The formats of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for a person
    #[default]
    Table,
    /// JSON
    Json,
    /// JSON, one value of a list on a line
    Jsonl,
    /// YAML
    Yaml,
    /// Comma-separated values with a header line
    Csv,
    /// Names or ids alone, one on a line
    Name,
}

/// Writes results to standard output.
///
/// After a closed pipe, as behind `| head -1`, it writes nothing more: the command goes on and ends with its
/// own exit code. Any other failure to write is an error.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    query: Option<Pointer>,
    /// The columns of the terminal that standard output is. `None`: it is a pipe or a file, where nothing is
    /// cut.
    width: Option<usize>,
    is_closed: Cell<bool>,
    interrupt: Interrupt,
}

impl Output {
    pub(crate) fn new(format: Format, query: Option<Pointer>, interrupt: Interrupt) -> Self {
        Self { format, query, width: terminal_width(), is_closed: Cell::new(false), interrupt }
    }

    /// Returns the format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// True if only a part of a result is to be written.
    pub(crate) fn has_query(&self) -> bool {
        self.query.is_some()
    }

    /// True if names alone are to be written, of the result as a whole.
    pub(crate) fn wants_names(&self) -> bool {
        self.format == Format::Name && self.query.is_none()
    }

    /// True if nobody reads standard output any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Writes a result.
    pub(crate) fn value(&self, value: &Value) -> Result {
        self.shaped(value, value)
    }

    /// Writes the result of a command that has created or started something of this name.
    pub(crate) fn named(&self, value: &Value, name: &str) -> Result {
        if !self.wants_names() {
            return self.value(value);
        }
        // The name of what was asked for, not that of something else in the result.
        self.text(&visible(name))
    }

    /// Writes a result that has another shape for a person, `view`, than in JSON and YAML. `--query` applies
    /// to the JSON.
    pub(crate) fn shaped(&self, value: &Value, view: &Value) -> Result {
        let Some(pointer) = &self.query else {
            return self.write(value, view);
        };
        match value.pointer(pointer.as_str()) {
            Some(part) => self.write(part, part),
            // The command was carried out, and its result may be shown this once.
            None => {
                let why = pointer.missing_in(value);
                self.whole(value, &format!("--query {}: {why}", visible(pointer.as_str())))
            }
        }
    }

    fn write(&self, value: &Value, view: &Value) -> Result {
        match self.format {
            Format::Json => self.json(value),
            Format::Jsonl => {
                let lines = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                self.text(&lines.iter().map(|line| text::json(&line.to_string()) + "\n").collect::<String>())
            }
            Format::Yaml => match yaml_serde::to_string(value) {
                Ok(text) => self.text(&text),
                Err(e) => self.whole(value, &format!("writing the result as YAML: {e}")),
            },
            Format::Csv => self.bytes(&csv::render(view)),
            Format::Table => self.text(&table::render(view, self.width)),
            Format::Name => match names::render(view) {
                Some(text) => self.text(&text),
                None => self.whole(value, "the result has no name and no id"),
            },
        }
    }

    /// Writes the whole result as JSON, and fails: it does not have what was asked for.
    pub(crate) fn whole(&self, value: &Value, why: &str) -> Result {
        self.json(value)?;
        Err(Failure::new(Exit::Failed, why)
            .hint("The command itself was carried out; its whole result is on standard output."))
    }

    fn json(&self, value: &Value) -> Result {
        // Values of JSON always are JSON.
        let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".to_owned());
        self.text(&text::json(&text))
    }

    /// Writes text, with a line break at the end unless it has one or is empty.
    pub(crate) fn text(&self, text: &str) -> Result {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.bytes(format!("{text}{end}").as_bytes())
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result {
        if self.is_closed.get() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match self.interrupt.while_writing(|| stdout.write_all(bytes).and_then(|()| stdout.flush())) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed.set(true);
                Ok(())
            }
            Err(e) => Err(Failure::new(Exit::Failed, format!("writing to standard output: {e}"))),
        }
    }
}

/// The columns of the terminal that standard output is.
fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(io::stdout())
        .map(|(width, _)| usize::from(width.0))
        .filter(|width| *width > 0)
}
