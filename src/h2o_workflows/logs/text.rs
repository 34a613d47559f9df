//! Lines of text from the bytes of a log.

use std::collections::VecDeque;

/// A longer line is returned in parts, so that a log without line ends needs no more memory.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// Splits bytes into lines of text, without their ends. Bytes that are not UTF-8 are replaced.
#[derive(Default)]
pub(super) struct TextLines {
    lines: VecDeque<String>,
    /// The bytes after the last line end.
    rest: Vec<u8>,
}

impl TextLines {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.rest.extend_from_slice(part);
            self.cut();
        }
        self.rest.extend_from_slice(last);
        if self.rest.len() > MAX_LINE {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let line = std::mem::take(&mut self.rest);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        self.lines.push_back(String::from_utf8_lossy(line).into_owned());
    }

    /// Returns the next complete line.
    pub(super) fn next(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    /// Returns what is left after the last line end, once the log has ended.
    pub(super) fn end(&mut self) -> Option<String> {
        if !self.rest.is_empty() {
            self.cut();
        }
        self.next()
    }
}
