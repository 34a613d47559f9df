//! Lines of text from the bytes of a log.

use std::collections::VecDeque;

/// A longer line is returned in parts, so that a log without line ends needs no more memory.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// Splits bytes into lines of text, without their ends. Bytes that are not UTF-8 are replaced.
#[derive(Default)]
pub(super) struct TextLines {
    /// Complete lines, and the number of their bytes in the log.
    lines: VecDeque<(String, u64)>,
    /// The bytes after the last line end.
    rest: Vec<u8>,
    /// The number of bytes that were pushed and are not in a line that was returned.
    pending: u64,
}

impl TextLines {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        self.pending += bytes.len() as u64;
        for part in parts {
            self.rest.extend_from_slice(part);
            self.cut(1);
        }
        self.rest.extend_from_slice(last);
        if self.rest.len() > MAX_LINE {
            self.cut(0);
        }
    }

    /// Ends the line. `end`: the length of its line end.
    fn cut(&mut self, end: u64) {
        let line = std::mem::take(&mut self.rest);
        let length = line.len() as u64 + end;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        self.lines.push_back((String::from_utf8_lossy(line).into_owned(), length));
    }

    /// Returns the next complete line.
    pub(super) fn next(&mut self) -> Option<String> {
        let (line, length) = self.lines.pop_front()?;
        self.pending -= length;
        Some(line)
    }

    /// Returns the number of bytes that were pushed and are not in a line that was returned.
    pub(super) fn pending(&self) -> u64 {
        self.pending
    }

    /// True if there is a complete line.
    pub(super) fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Returns the number of bytes of a line whose end was not pushed yet, if there are any.
    pub(super) fn rest(&self) -> Option<u64> {
        Some(self.rest.len() as u64).filter(|length| *length > 0)
    }

    /// Returns what is left after the last line end, once the log has ended.
    pub(super) fn end(&mut self) -> Option<String> {
        if !self.rest.is_empty() {
            self.cut(0);
        }
        self.next()
    }
}
