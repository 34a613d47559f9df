//! Lines of text from the chunks of a run.

use std::sync::Arc;

use crate::error::Error;
use crate::h2o_workflows::logs::text::TextLines;

use super::model::{LogSource, RunLogChunk, RunLogLine};
use super::position::{RunLogPosition, Shared};

/// Splits the chunks of a run into lines. The log of each step ends its last line.
pub(super) struct RunLines {
    position: Shared,
    source: Arc<LogSource>,
    text: TextLines,
    /// The chunk of another step, while the last line of the one before is returned.
    held: Option<RunLogChunk>,
    /// The position of the beginning of a line whose end has not come yet. The machine may have moved the
    /// shared position to another step since.
    within: Option<RunLogPosition>,
}

impl RunLines {
    pub(super) fn new(position: Shared) -> Self {
        Self { position, source: Arc::default(), text: TextLines::default(), held: None, within: None }
    }

    /// Returns the position of the end of the last line that was returned.
    pub(super) fn position(&self) -> RunLogPosition {
        match (&self.held, &self.within) {
            (Some(chunk), _) => self.position.before(chunk.data.len() as u64),
            (None, Some(within)) if !self.text.has_lines() => within.clone(),
            // The machine has not run since the chunk of these lines.
            (None, _) => self.position.before(self.text.pending()),
        }
    }

    /// Returns the next line that is complete.
    pub(super) fn next(&mut self) -> Option<RunLogLine> {
        if let Some(line) = self.line() {
            return Some(line);
        }
        let chunk = self.held.take()?;
        self.source = chunk.source;
        self.text.push(&chunk.data);
        self.within = self.text.rest().map(|length| self.position.before(length));
        self.line()
    }

    fn line(&mut self) -> Option<RunLogLine> {
        self.text.next().map(|text| RunLogLine { source: self.source.clone(), text })
    }

    /// Takes the next item. Returns the line or the error that it ends.
    pub(super) fn take(
        &mut self,
        item: Option<Result<RunLogChunk, Error>>,
    ) -> Option<Result<RunLogLine, Error>> {
        match item {
            Some(Ok(chunk)) => {
                let rest = if Arc::ptr_eq(&chunk.source, &self.source) || chunk.source == self.source {
                    None
                } else {
                    self.text.end()
                };
                self.held = Some(chunk);
                let source = self.source.clone();
                rest.map(|text| Ok(RunLogLine { source, text }))
            }
            Some(Err(error)) => {
                // The rest of a line is not returned: whoever continues here reads it again, and whole.
                let position = self.position();
                self.text = TextLines::default();
                self.within = Some(position.clone());
                Some(Err(error.with_detail(position)))
            }
            None => {
                let source = self.source.clone();
                if self.text.rest().is_some() {
                    self.within = None;
                }
                self.text.end().map(|text| Ok(RunLogLine { source, text }))
            }
        }
    }
}
