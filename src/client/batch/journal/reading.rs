//! Reads a journal, whatever the file holds.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, one_line};

use super::lines::{Happened, Header, History, Line, PROGRAM, Planned, VERSION};
use super::older::upgraded;
use super::{CUT, failure};

/// What a journal holds.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) header: Header,
    pub(crate) calls: Vec<Planned>,
    /// One for each call, in the same order.
    pub(crate) histories: Vec<History>,
    pub(crate) end: End,
}

/// The end of a journal when it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct End {
    pub(super) length: u64,
    /// Whether the last line was cut.
    pub(super) is_cut: bool,
}

/// Reads the contents of a journal.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Contents, Error> {
    let mut reading = Reading::default();
    // An editor may have put a byte order mark and carriage returns in.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // The last line may have been cut; what it would have announced was not done.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        reading.take(line).map_err(|why| {
            let advice = why.advice.unwrap_or("A journal must not be edited by hand. Restore it from a copy, or start a new batch with the calls that are not done.");
            failure("reading", path, format!("line {}: {}", number + 1, why.why))
                .with_advice(format!("Nothing was sent. {advice}"))
        })?;
    }
    let Reading { header, calls, histories, .. } = reading;
    match header {
        Some(header) if header.calls == calls.len() => {
            let is_cut = bytes.last().is_some_and(|last| *last != b'\n');
            Ok(Contents { header, calls, histories, end: End { length: bytes.len() as u64, is_cut } })
        }
        _ => Err(failure("reading", path, "it ends before all calls of the batch are listed")
            .with_advice("The batch had not begun, and nothing was sent. Remove the file and start again.")),
    }
}

/// What was read of a journal so far.
#[derive(Default)]
struct Reading {
    /// Of the format, as the first line has it.
    version: u32,
    header: Option<Header>,
    calls: Vec<Planned>,
    histories: Vec<History>,
    places: HashMap<String, usize>,
    /// The last line was cut, so the batch was continued after it.
    is_after_cut: bool,
}

/// Why a line is refused.
struct Refusal {
    why: String,
    advice: Option<&'static str>,
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self { why, advice: None }
    }
}

/// The beginning of a journal of any version.
#[derive(Deserialize)]
struct AnyHeader {
    journal: AnyVersion,
}

#[derive(Deserialize)]
struct AnyVersion {
    version: Value,
    #[serde(default)]
    program: Value,
}

/// Returns the version of the first line, whatever else it has. One that cannot be read is refused.
fn version(line: &[u8]) -> Result<u32, Refusal> {
    let Ok(AnyHeader { journal: AnyVersion { version, program } }) = serde_json::from_slice(line) else {
        // The reader of the line says what is wrong.
        return Ok(VERSION);
    };
    let known = version.as_u64().and_then(|version| u32::try_from(version).ok());
    if let Some(version) = known.filter(|version| (1..=VERSION).contains(version)) {
        return Ok(version);
    }
    let version = one_line(&version.to_string(), 20);
    let writer = program.as_str().map(|program| format!(" and was written by {}", one_line(program, 100)));
    let writer = writer.unwrap_or_default();
    let why = format!("its version is {version}{writer}, and {PROGRAM} reads versions 1 to {VERSION}");
    let advice = "It was written by a later version of this crate: continue the batch with that version.";
    Err(Refusal { why, advice: Some(advice) })
}

impl Reading {
    fn take(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let has_plan = self.header.as_ref().is_some_and(|header| header.calls == self.calls.len());
        if has_plan && line.ends_with(CUT.as_bytes()) {
            self.is_after_cut = true;
            return Ok(());
        }
        if self.header.is_none() {
            self.version = version(line)?;
        }
        let line: Line = match self.version {
            VERSION => serde_json::from_slice(line).map_err(|e| e.to_string())?,
            older => upgraded(older, line)?,
        };
        if std::mem::take(&mut self.is_after_cut) && !matches!(line, Line::Opened { .. }) {
            return Err("the line before was cut, and the batch was not continued after it"
                .to_owned()
                .into());
        }
        match (line, &self.header) {
            (Line::Journal(first), None) => self.header = Some(first),
            (_, None) | (Line::Journal(_), _) => {
                return Err("this is not a line of a journal".to_owned().into());
            }
            (Line::Call(call), Some(header)) => {
                let place = self.calls.len();
                let key = one_line(&call.key, 100);
                if place == header.calls {
                    let why = format!(
                        "the journal has more calls than its header states ({}): {key:?}",
                        header.calls
                    );
                    return Err(why.into());
                }
                if self.places.insert(call.key.clone(), place).is_some() {
                    return Err(format!("there is a call {key:?} already").into());
                }
                if call.member >= header.members.len() {
                    let why = format!("the call {key:?} belongs to a client that the header does not list");
                    return Err(why.into());
                }
                self.calls.push(call);
                self.histories.push(History::default());
            }
            (Line::Opened { .. }, _) => {}
            (Line::JournalEvent(Happened { at, key, event }), _) => {
                let Some(place) = self.places.get(&key) else {
                    return Err(format!("there is no call {:?}", one_line(&key, 100)).into());
                };
                let name = event.name();
                if !self.histories[*place].take(at, event) {
                    let key = one_line(&key, 100);
                    return Err(format!("unexpected event `{name}` of the call {key:?}").into());
                }
            }
        }
        Ok(())
    }
}
