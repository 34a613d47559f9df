//! The lines of a log stream: one JSON object each.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, shown};
use crate::wire::{BOM, clean};

use super::model::LogChunk;

/// The longest line of a stream; real ones are short.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// Splits the bytes of a stream into lines and reads the chunks in them, wherever the bytes are cut.
///
/// Each byte is moved once and looked at once, so that reading takes time in proportion to the length of the
/// stream.
#[derive(Debug, Default)]
pub(crate) struct LogLines {
    bytes: Vec<u8>,
    /// The beginning of the current line.
    start: usize,
    /// Up to here no line end is left.
    seen: usize,
}

impl LogLines {
    /// Appends bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        (self.start, self.seen) = (0, self.seen - self.start);
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the next chunk whose line is complete.
    pub(super) fn next(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        loop {
            let Some(length) = self.bytes[self.seen..].iter().position(|byte| *byte == b'\n') else {
                self.seen = self.bytes.len();
                let is_too_long = self.bytes.len() - self.start > MAX_LINE;
                return is_too_long.then(|| Err(invalid(label, "a line is longer than 16 MiB")));
            };
            let end = self.seen + length;
            let line = read_line(label, &self.bytes[self.start..end]);
            (self.start, self.seen) = (end + 1, end + 1);
            if let Some(chunk) = line.transpose() {
                return Some(chunk);
            }
        }
    }

    /// Returns the chunk after the last line end, for a stream that has ended as it should.
    pub(super) fn end(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        let Self { bytes, start, .. } = std::mem::take(self);
        read_line(label, &bytes[start..]).transpose()
    }

    /// Reads all chunks of a complete stream that begins at this offset.
    pub(crate) fn whole(label: &str, offset: u64, body: &[u8]) -> Result<Vec<LogChunk>, Error> {
        let mut lines = Self::default();
        lines.push(body);
        let mut chunks = Vec::new();
        let mut last = offset;
        while let Some(chunk) = lines.next(label).or_else(|| lines.end(label)) {
            let chunk = chunk?;
            last = chunk.offset.unwrap_or(last.saturating_add(chunk.data.len() as u64));
            chunks.push(LogChunk { offset: Some(last), ..chunk });
        }
        Ok(chunks)
    }
}

/// Reads a line: a chunk, an error, or nothing.
fn read_line(label: &str, line: &[u8]) -> Result<Option<LogChunk>, Error> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(BOM).unwrap_or(line);
    if line.is_empty() {
        return Ok(None);
    }
    let mut cleaned;
    let parsed = match serde_json::from_slice::<Line<'_>>(line) {
        Ok(parsed) => parsed,
        Err(_) => {
            cleaned = line.to_vec();
            clean(&mut cleaned);
            serde_json::from_slice(&cleaned).map_err(|_| invalid(label, "a line is not a JSON object"))?
        }
    };
    if !line.starts_with(b"{") {
        return Err(invalid(label, "a line is not a JSON object"));
    }
    if let Some(error) = parsed.error.filter(|e| e.as_object().is_none_or(|e| !e.is_empty())) {
        return Err(reported(label, &error));
    }
    match parsed.result {
        None => Ok(None),
        Some(result) => serde_json::from_str(result.get())
            .map(Some)
            .map_err(|e| invalid(label, &format!("a line has an invalid result: {e}"))),
    }
}

/// A line whose result is still text.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    error: Option<Value>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

/// The error for a stream that cannot be read.
#[cold]
fn invalid(label: &str, why: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, label, format!("invalid log stream: {}", shown(why)))
        .with_advice("Continue from the last offset, or get the whole log with `get_step_logs`.")
}

/// The error that the service reports in the middle of a stream.
#[cold]
fn reported(label: &str, error: &Value) -> Error {
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let code = error.get("code").and_then(Value::as_i64).map(|code| code.to_string());
    let shown_code = code.as_deref().map(|code| format!(" (code {code})")).unwrap_or_default();
    Error::new(
        ErrorKind::Server,
        label,
        format!("the service ended the log stream{shown_code}: {}", shown(message)),
    )
    .with_api_code(code)
    .with_api_message(Some(message.to_owned()))
    .with_advice("Continue from the last offset, or get the whole log with `get_step_logs`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_the_same_wherever_the_bytes_are_cut() {
        let stream = b"{\"result\": {\"data\": \"b25l\", \"offset\": \"3\"}}\n\r\n{\"error\": {}}\n{\"result\": {\"data\": \"dHdv\", \"offset\": 6}}";
        let whole = LogLines::whole("x", 0, stream).unwrap();
        assert_eq!(
            whole.iter().map(|c| (&*c.data, c.offset)).collect::<Vec<_>>(),
            [(&b"one"[..], Some(3)), (&b"two"[..], Some(6))]
        );
        for cut in 0..stream.len() {
            let mut lines = LogLines::default();
            let mut chunks = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                lines.push(part);
                while let Some(chunk) = lines.next("x") {
                    chunks.push(chunk.unwrap());
                }
            }
            chunks.extend(lines.end("x").map(Result::unwrap));
            assert_eq!(chunks, whole, "{cut}");
        }
    }

    #[test]
    fn newlines_and_short_lines_take_linear_time() {
        // Quadratic, each of these would move some 10^13 bytes.
        let newlines = vec![b'\n'; 4 << 20];
        assert!(LogLines::whole("x", 0, &newlines).unwrap().is_empty());
        let mut lines = LogLines::default();
        for piece in newlines.chunks(64 << 10) {
            lines.push(piece);
            assert!(lines.next("x").is_none());
            assert!(lines.bytes.len() <= 64 << 10);
        }
        let line = b"{\"result\": {\"data\": \"b25l\"}}\n";
        let stream = line.repeat(100_000);
        let chunks = LogLines::whole("x", 0, &stream).unwrap();
        assert_eq!((chunks.len(), chunks.last().unwrap().offset), (100_000, Some(300_000)));
    }

    #[test]
    fn what_carries_no_meaning_is_no_fault() {
        let stream = b"\xef\xbb\xbf{\"result\": {\"data\": \"b25l\", \"note\": \"\\ud800\"}}\r\n{\"result\": null, \"error\": null}\n";
        let chunks = LogLines::whole("x", 0, stream).unwrap();
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].data, b"one");
        for bad in ["[]", "[null, null]", "7", "{", "\u{feff}x"] {
            assert!(LogLines::whole("x", 0, bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_an_error() {
        let mut lines = LogLines::default();
        lines.push(&vec![b' '; MAX_LINE + 1]);
        assert!(lines.next("x").unwrap().is_err());
    }
}
