//! What steps write, as the API tells it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::open_enum::impl_open_enum;
use crate::wire::{base64, integer, to_base64};

/// A longer line of a stream of logs is an error.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// What a step has written. Bytes: nothing says that they are text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepLogs {
    /// The bytes. Base64 on the wire.
    #[serde(default, serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    pub data: Vec<u8>,
}

impl StepLogs {
    /// As text, with what is not UTF-8 replaced.
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }
}

impl fmt::Debug for StepLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepLogs({} bytes)", self.data.len())
    }
}

/// A piece of what a step writes: some bytes, and where they end. Pieces need not end with a line, nor with a character.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogChunk {
    /// The bytes. Base64 on the wire.
    #[serde(default, serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    pub data: Vec<u8>,
    /// How many bytes of the output there are up to the end of these: where to go on after them.
    #[serde(default, serialize_with = "write_offset", deserialize_with = "integer")]
    pub offset: Option<u64>,
}

impl fmt::Debug for LogChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogChunk({} bytes, to {:?})", self.data.len(), self.offset)
    }
}

fn write_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_base64(bytes))
}

fn read_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?.unwrap_or_default();
    base64(&text).ok_or_else(|| serde::de::Error::custom("data is not base64"))
}

fn write_offset<S: Serializer>(offset: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match offset {
        Some(offset) => serializer.collect_str(offset),
        None => serializer.serialize_none(),
    }
}

/// Makes pieces of the bytes of a stream, one JSON object a line; however the bytes are cut.
#[derive(Debug, Default)]
pub(crate) struct LogLines {
    line: Vec<u8>,
    /// Up to where there is no line end in it.
    seen: usize,
}

impl LogLines {
    /// Bytes have come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.line.extend_from_slice(bytes);
    }

    /// The next piece that is there whole. Of a broken connection, what is left is given up.
    pub(super) fn next(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        loop {
            let Some(end) = self.line[self.seen..].iter().position(|byte| *byte == b'\n') else {
                self.seen = self.line.len();
                let is_too_long = self.line.len() > MAX_LINE;
                return is_too_long.then(|| Err(broken(label, "a line of the stream is too long")));
            };
            let rest = self.line.split_off(self.seen + end + 1);
            let line = std::mem::replace(&mut self.line, rest);
            self.seen = 0;
            if let Some(piece) = read_line(label, &line).transpose() {
                return Some(piece);
            }
        }
    }

    /// The stream has ended as it should: what is left is a line too.
    pub(super) fn end(&mut self, label: &str) -> Option<Result<LogChunk, Error>> {
        let line = std::mem::take(&mut self.line);
        self.seen = 0;
        read_line(label, &line).transpose()
    }

    /// All pieces of a stream that came in one.
    pub(crate) fn whole(label: &str, offset: u64, body: &[u8]) -> Result<Vec<LogChunk>, Error> {
        let mut lines = Self::default();
        lines.push(body);
        let mut pieces = Vec::new();
        let mut last = offset;
        loop {
            match lines.next(label).or_else(|| lines.end(label)) {
                Some(piece) => {
                    let piece = piece?;
                    last = piece.offset.unwrap_or(last.saturating_add(piece.data.len() as u64));
                    pieces.push(LogChunk { offset: Some(last), ..piece });
                }
                None => return Ok(pieces),
            }
        }
    }
}

/// A line: a piece, an error, or nothing.
fn read_line(label: &str, line: &[u8]) -> Result<Option<LogChunk>, Error> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|_| broken(label, "a line is not JSON"))?;
    let Value::Object(mut map) = value else { return Err(broken(label, "a line is not a JSON object")) };
    if let Some(error) = map.get("error").filter(|e| e.as_object().is_none_or(|e| !e.is_empty())) {
        if !error.is_null() {
            return Err(told(label, error));
        }
    }
    match map.remove("result") {
        None | Some(Value::Null) => Ok(None),
        Some(result) => {
            serde_json::from_value(result).map(Some).map_err(|e| broken(label, &format!("of a line: {e}")))
        }
    }
}

/// The stream makes no sense.
#[cold]
pub(super) fn broken(label: &str, why: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, label, shown(why))
        .with_advice("Go on from the last offset, or ask for the whole log with `get_step_logs`.")
}

/// The service has said that something went wrong.
#[cold]
fn told(label: &str, error: &Value) -> Error {
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let code = error.get("code").and_then(Value::as_i64).map(|code| code.to_string());
    let shown_code = code.as_deref().map(|code| format!(" (code {code})")).unwrap_or_default();
    Error::new(
        ErrorKind::Server,
        label,
        format!("the service ended the stream{shown_code}: {}", shown(message)),
    )
    .with_api_code(code)
    .with_api_message(Some(message.to_owned()))
    .with_advice("Go on from the last offset, or ask for the whole log with `get_step_logs`.")
}

/// Which of the outputs of a step. Unspecified gives both, as combined does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputStream {
    /// `OUTPUT_STREAM_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `OUTPUT_STREAM_STDOUT`
    Stdout,
    /// `OUTPUT_STREAM_STDERR`
    Stderr,
    /// `OUTPUT_STREAM_COMBINED`: both, in the order in which they were written
    Combined,
    /// Any other.
    Other(String),
}

impl_open_enum!(OutputStream, "output stream", {
    Unspecified => "OUTPUT_STREAM_UNSPECIFIED",
    Stdout => "OUTPUT_STREAM_STDOUT",
    Stderr => "OUTPUT_STREAM_STDERR",
    Combined => "OUTPUT_STREAM_COMBINED",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_same_however_they_are_cut() {
        let stream = b"{\"result\": {\"data\": \"b25l\", \"offset\": \"3\"}}\n\r\n{\"error\": {}}\n{\"result\": {\"data\": \"dHdv\", \"offset\": 6}}";
        let whole = LogLines::whole("x", 0, stream).unwrap();
        assert_eq!(
            whole.iter().map(|c| (&*c.data, c.offset)).collect::<Vec<_>>(),
            [(&b"one"[..], Some(3)), (&b"two"[..], Some(6))]
        );
        for cut in 0..stream.len() {
            let mut lines = LogLines::default();
            let mut pieces = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                lines.push(part);
                while let Some(piece) = lines.next("x") {
                    pieces.push(piece.unwrap());
                }
            }
            pieces.extend(lines.end("x").map(Result::unwrap));
            assert_eq!(pieces, whole, "{cut}");
        }
    }

    #[test]
    fn a_line_that_never_ends_is_an_error() {
        let mut lines = LogLines::default();
        lines.push(&vec![b' '; MAX_LINE + 1]);
        assert!(lines.next("x").unwrap().is_err());
    }
}
