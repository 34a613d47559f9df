//! The lines of a log stream: one JSON object each.

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};

use super::model::LogChunk;

/// The longest line of a stream; real ones are short.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// Splits the bytes of a stream into lines and reads the chunks in them, wherever the bytes are cut.
#[derive(Debug, Default)]
pub(crate) struct LogLines {
    line: Vec<u8>,
    /// The length of the beginning that is known to hold no line end.
    seen: usize,
}

impl LogLines {
    /// Appends bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.line.extend_from_slice(bytes);
    }

    /// Returns the next chunk whose line is complete.
    pub(super) fn next(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        loop {
            let Some(end) = self.line[self.seen..].iter().position(|byte| *byte == b'\n') else {
                self.seen = self.line.len();
                let is_too_long = self.line.len() > MAX_LINE;
                return is_too_long.then(|| Err(invalid(label, "a line is longer than 16 MiB")));
            };
            let rest = self.line.split_off(self.seen + end + 1);
            let line = std::mem::replace(&mut self.line, rest);
            self.seen = 0;
            if let Some(chunk) = read_line(label, &line).transpose() {
                return Some(chunk);
            }
        }
    }

    /// Returns the chunk after the last line end, for a stream that has ended as it should.
    pub(super) fn end(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        let line = std::mem::take(&mut self.line);
        self.seen = 0;
        read_line(label, &line).transpose()
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
    if line.is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|_| invalid(label, "a line is not JSON"))?;
    let Value::Object(mut map) = value else { return Err(invalid(label, "a line is not a JSON object")) };
    if let Some(error) = map.get("error").filter(|e| e.as_object().is_none_or(|e| !e.is_empty())) {
        if !error.is_null() {
            return Err(reported(label, error));
        }
    }
    match map.remove("result") {
        None | Some(Value::Null) => Ok(None),
        Some(result) => serde_json::from_value(result)
            .map(Some)
            .map_err(|e| invalid(label, &format!("a line has an invalid result: {e}"))),
    }
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
    fn a_line_without_an_end_is_an_error() {
        let mut lines = LogLines::default();
        lines.push(&vec![b' '; MAX_LINE + 1]);
        assert!(lines.next("x").unwrap().is_err());
    }
}
