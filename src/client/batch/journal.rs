//! The journal of a batch: a file with one JSON object a line, from which an interrupted batch can go on.
//!
//! The first line names the service, the address and the account. The calls follow, then what happened to them. A line is
//! written to the file before what it announces is done, and synchronized to the disk before a call is submitted. So what
//! is not in the journal has not happened, and a submit without an outcome may have.
//!
//! Each line must begin where its writer expects the end of the file. If it does not, another process writes to the same
//! journal, and the first to notice stops before it sends anything.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind as IoErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::batch::{JournalEvent, Past, Record};
use crate::error::{Error, ErrorKind, one_line};

use super::Owner;

/// The version of the format.
const VERSION: u32 = 1;
/// A larger file is not read.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Journal(Header),
    Call(Planned),
    /// A later run continues the batch.
    Opened {
        at: u64,
    },
    #[serde(rename = "event")]
    JournalEvent(Happened),
}

/// The owner of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    version: u32,
    pub(crate) service: String,
    /// The address that the calls were sent to: the batch is not continued elsewhere.
    pub(crate) endpoint: String,
    /// The account that the calls were sent for.
    pub(crate) account: String,
    pub(crate) stops_on_failure: bool,
    /// How many calls there are.
    calls: usize,
}

impl Header {
    pub(crate) fn new(owner: Owner, stops_on_failure: bool) -> Self {
        let Owner { service, endpoint, account } = owner;
        Self { version: VERSION, service: service.to_owned(), endpoint, account, stops_on_failure, calls: 0 }
    }
}

/// A call of the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planned {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) after: Vec<String>,
    pub(crate) timeout_ms: u64,
    pub(crate) poll_interval_ms: u64,
    /// The call, in the form of its service.
    pub(crate) call: Value,
}

#[derive(Debug, Serialize, Deserialize)]
struct Happened {
    /// Milliseconds since 1970.
    at: u64,
    key: String,
    #[serde(flatten)]
    event: JournalEvent,
}

/// What is known of a call from earlier runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) past: Past,
    pub(crate) request_id: Option<String>,
    /// When it was submitted, in milliseconds since 1970.
    pub(crate) submitted: Option<u64>,
    /// The status that it ended with, or the error.
    pub(crate) text: Option<String>,
    is_submitting: bool,
}

impl Default for History {
    fn default() -> Self {
        Self { past: Past::Todo, request_id: None, submitted: None, text: None, is_submitting: false }
    }
}

impl History {
    /// What the program has decided about the call.
    pub(crate) fn decided(past: Past) -> Self {
        Self { past, ..Self::default() }
    }

    /// How long ago it was submitted; `None` if it was not, or if the clock was turned back since.
    pub(crate) fn age(&self, wall: SystemTime) -> Option<Duration> {
        millis(wall).checked_sub(self.submitted?).map(Duration::from_millis)
    }

    /// Adds the next event; `false` if it cannot follow the ones before.
    fn take(&mut self, at: u64, event: JournalEvent) -> bool {
        use JournalEvent::{Again, Done, Failed, NotTaken, Settled, Submitted, Submitting, Unknown};
        let (past, text) = match (&self.past, self.is_submitting, event) {
            // Twice, if two processes were about to send it and neither did, because each saw the other's line.
            (Past::Todo, _, Submitting) => {
                self.is_submitting = true;
                return true;
            }
            (Past::Todo, true, NotTaken) => (Past::Todo, None),
            (Past::Todo, true, Submitted { request_id }) => {
                self.request_id = Some(request_id);
                self.submitted = Some(at);
                (Past::Submitted, None)
            }
            (Past::Todo, true, Unknown { error }) => (Past::Unknown, Some(error)),
            (Past::Submitted, _, Done { status }) => (Past::Done, Some(status)),
            (Past::Submitted, _, Failed { error }) => (Past::Failed, Some(error)),
            (Past::Unknown | Past::Failed, _, Again) => {
                *self = Self::default();
                return true;
            }
            (Past::Unknown | Past::Failed, _, Settled) => (Past::Done, None),
            // Submitting when the journal was closed: unknown, until the program decided.
            (Past::Todo, true, Again) => (Past::Todo, None),
            (Past::Todo, true, Settled) => (Past::Done, None),
            _ => return false,
        };
        self.is_submitting = false;
        self.past = past;
        self.text = text;
        true
    }

    /// Settles a submit without an outcome: it is unknown, unless the call `is_repeatable`. Returns the event to write down
    /// for that.
    pub(crate) fn settle(&mut self, is_repeatable: bool) -> Option<JournalEvent> {
        if !std::mem::take(&mut self.is_submitting) {
            return None;
        }
        if is_repeatable {
            return Some(JournalEvent::NotTaken);
        }
        self.past = Past::Unknown;
        None
    }
}

/// What a journal holds.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) header: Header,
    pub(crate) calls: Vec<Planned>,
    /// One for each call, in the same order.
    pub(crate) histories: Vec<History>,
    /// The length without a last line that was cut.
    pub(crate) length: u64,
}

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line has to begin.
    length: u64,
    keys: Vec<Arc<str>>,
    /// After a failure nothing more is written: a line after a torn one could not be read.
    is_broken: bool,
}

impl Journal {
    /// Creates a journal. The file must not exist: it might be that of another batch.
    pub(crate) fn create(path: &Path, header: Header, calls: &[Planned]) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        // Statements may hold secrets.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|e| match e.kind() {
            IoErrorKind::AlreadyExists => failure("creating", path, "the file exists").with_advice(format!(
                "Nothing was sent. Continue that batch (`client.batch_from({:?})`), or choose another file.",
                path
            )),
            _ => failure("creating", path, e.to_string()).with_source(e),
        })?;
        let keys = calls.iter().map(|call| call.key.as_str().into()).collect();
        let mut journal = Self { path: path.to_owned(), file, length: 0, keys, is_broken: false };
        let header = Line::Journal(Header { calls: calls.len(), ..header });
        let calls = calls.iter().cloned().map(Line::Call);
        journal.append(std::iter::once(header).chain(calls))?;
        journal.sync()?;
        sync_folder(path);
        Ok(journal)
    }

    /// Reads a journal, without changing it.
    pub(crate) fn read(path: &Path) -> Result<Contents, Error> {
        let refuse = |e: std::io::Error| failure("reading", path, e.to_string()).with_source(e);
        let file = File::open(path).map_err(refuse)?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(refuse)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(failure("reading", path, "it is larger than 1 GiB"));
        }
        read(path, &bytes)
    }

    /// Opens a journal to continue it. `length`: of what was read.
    pub(crate) fn open(path: &Path, length: u64, keys: Vec<Arc<str>>) -> Result<Self, Error> {
        let refuse = |e: std::io::Error| failure("opening", path, e.to_string()).with_source(e);
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(refuse)?;
        file.seek(SeekFrom::Start(length)).map_err(refuse)?;
        let mut rest = Vec::new();
        (&mut file).take(MAX_BYTES).read_to_end(&mut rest).map_err(refuse)?;
        if rest.contains(&b'\n') {
            return Err(changed(path));
        }
        // What a last line that was cut would have announced was not done.
        if !rest.is_empty() {
            file.set_len(length).map_err(refuse)?;
        }
        let file = OpenOptions::new().append(true).open(path).map_err(refuse)?;
        let mut journal = Self { path: path.to_owned(), file, length, keys, is_broken: false };
        // Another process that has it open sends nothing after this line.
        journal.append([Line::Opened { at: millis(SystemTime::now()) }])?;
        journal.sync()?;
        Ok(journal)
    }

    /// Writes events. After an error nothing may be done that they would have announced.
    pub(crate) fn write(&mut self, records: &[Record], wall: SystemTime) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        let is_announced = records.iter().any(|record| record.event == JournalEvent::Submitting);
        let at = millis(wall);
        let lines: Vec<Line> = records
            .iter()
            .map(|record| {
                Line::JournalEvent(Happened {
                    at,
                    key: self.keys[record.job].to_string(),
                    event: record.event.clone(),
                })
            })
            .collect();
        self.append(lines)?;
        if is_announced { self.sync() } else { Ok(()) }
    }

    fn append(&mut self, lines: impl IntoIterator<Item = Line>) -> Result<(), Error> {
        if self.is_broken {
            return Err(failure("writing", &self.path, "it could not be written before"));
        }
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line)
                .map_err(|e| failure("writing", &self.path, e.to_string()))?;
            text.push(b'\n');
        }
        // Until it is known to be written.
        self.is_broken = true;
        if self.file.metadata().map_err(|e| self.torn(e))?.len() != self.length {
            return Err(changed(&self.path));
        }
        let end =
            self.file.write_all(&text).and_then(|()| self.file.metadata()).map_err(|e| self.torn(e))?.len();
        if end != self.length + text.len() as u64 {
            return Err(changed(&self.path));
        }
        self.length = end;
        self.is_broken = false;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.file.sync_data().map_err(|e| {
            self.is_broken = true;
            self.torn(e)
        })
    }

    fn torn(&self, error: std::io::Error) -> Error {
        failure("writing", &self.path, error.to_string()).with_source(error)
    }
}

/// Reads the contents of a journal.
fn read(path: &Path, bytes: &[u8]) -> Result<Contents, Error> {
    let mut header: Option<Header> = None;
    let mut calls: Vec<Planned> = Vec::new();
    let mut histories: Vec<History> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    for (number, line) in lines {
        let refuse = |why: String| {
            failure("reading", path, format!("line {}: {why}", number + 1))
                .with_advice("Nothing was sent. A journal must not be edited by hand.")
        };
        // The last line may have been cut; what it would have announced was not done.
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let line: Line = serde_json::from_slice(line).map_err(|e| refuse(e.to_string()))?;
        match (line, &header) {
            (Line::Journal(first), None) if first.version == VERSION => header = Some(first),
            (Line::Journal(first), None) => {
                return Err(refuse(format!(
                    "its version is {}, and this program reads version {VERSION}",
                    first.version
                )));
            }
            (_, None) | (Line::Journal(_), _) => {
                return Err(refuse("it is not a line of a journal".into()));
            }
            (Line::Call(call), Some(header)) => {
                if calls.len() == header.calls || places.insert(call.key.clone(), calls.len()).is_some() {
                    return Err(refuse(format!("the call {:?} is one too many", one_line(&call.key, 100))));
                }
                calls.push(call);
                histories.push(History::default());
            }
            (Line::Opened { .. }, _) => {}
            (Line::JournalEvent(Happened { at, key, event }), _) => {
                let Some(place) = places.get(&key) else {
                    return Err(refuse(format!("there is no call {:?}", one_line(&key, 100))));
                };
                let text = format!("{event:?}");
                if !histories[*place].take(at, event) {
                    let what = one_line(&text, 100);
                    return Err(refuse(format!("{what} cannot follow for {:?}", one_line(&key, 100))));
                }
            }
        }
    }
    match header {
        Some(header) if header.calls == calls.len() => {
            let length = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
            Ok(Contents { header, calls, histories, length })
        }
        _ => Err(failure("reading", path, "it ends before its calls do")
            .with_advice("The batch had not begun, and nothing was sent. Remove the file and start again.")),
    }
}

fn changed(path: &Path) -> Error {
    failure("writing", path, "another process writes to it, or it was changed")
        .with_advice("Use a journal for one batch at a time. This batch sends nothing more.")
}

fn failure(what: &str, path: &Path, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Journal, format!("{what} the journal {}", path.display()), why)
}

fn millis(wall: SystemTime) -> u64 {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Synchronizes the folder of a new file, where the system can open folders.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
