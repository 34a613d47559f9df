//! The journal of a batch: a file with one JSON object a line, from which an interrupted batch can go on.
//!
//! The first line names the owners of the calls: service, address and account. The calls follow, then what happened to
//! them. A line is written to the file before what it announces is done, and synchronized to the disk before
//! a call is submitted. So what is not in the journal has not happened, and a submit without an outcome may
//! have.
//!
//! The file only grows. Each line must begin where its writer expects the end of the file. If it does not,
//! another process writes to the same journal, and each that notices stops before it sends anything. A line
//! that was cut, by a kill or a full disk, stays: whoever continues the batch ends it with [`CUT`] and an
//! `opened` line in one write. So of several processes that continue at once, the first whose line begins at
//! the end that it has read goes on, and no other.
//!
//! That needs appends that are atomic, which file systems of one machine have and NFS has not.

mod lines;
mod older;
mod reading;
mod settings;

use std::collections::HashMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error as IoError, ErrorKind as IoErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::engine::batch::{JournalEvent, Record};
use crate::error::{Error, ErrorKind};

use super::Owner;
use lines::{Happened, Line};
use reading::read;

pub(crate) use lines::{Header, History, Planned};
pub(crate) use reading::{Contents, End};
pub(crate) use settings::KeptSettings;

/// A larger file is not read, and not written.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The error of Windows for a file that another program has opened for itself.
const SHARING_VIOLATION: i32 = 32;
const STILL_RUNNING: &str = "Another program has the file open; perhaps the batch is still running. Nothing was sent. Wait \
                             until that program has ended, then try again.";
/// The end of a line that was cut. No line of JSON ends so.
const CUT: &str = "#cut";

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// The same, also after the program has changed its working directory.
    #[cfg(unix)]
    absolute: PathBuf,
    file: File,
    /// Where the next line has to begin.
    length: u64,
    keys: Vec<Arc<str>>,
    /// The ids of calls that were submitted.
    ids: HashMap<usize, String>,
    /// After a failure nothing more is written: a line after a torn one could not be read.
    is_broken: bool,
}

impl Journal {
    /// Creates a journal. The file must not exist: it might be that of another batch.
    pub(crate) fn create(
        path: &Path,
        header: Header,
        keys: Vec<Arc<str>>,
        calls: impl IntoIterator<Item = Result<Planned, Error>>,
    ) -> Result<Self, Error> {
        let mut options = options();
        options.create_new(true);
        // Statements may hold secrets.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|e| match e.kind() {
            IoErrorKind::AlreadyExists => match existing(path) {
                Ok(found) if !found.is_file() => not_regular("creating", path, &found),
                _ => failure("creating", path, "the file exists").with_advice(format!(
                    "Nothing was sent. Continue that batch (`client.batch_from({:?})`), or choose another file.",
                    path
                )),
            },
            _ => failure("creating", path, e.to_string()).with_source(e),
        })?;
        let mut journal = Self::new(path, file, 0, keys);
        let calls = calls.into_iter().map(|call| call.map(Line::Call));
        let lines = std::iter::once(Ok(Line::Journal(header))).chain(calls);
        let written = journal.append("", lines, || {});
        if let Err(error) = written.and_then(|()| journal.sync()) {
            // It holds no whole plan, and would be in the way of the next attempt. Closed first, because Windows removes no
            // file that is open in this way.
            let is_ours = journal.check_place().is_ok();
            drop(journal);
            if is_ours {
                let _ = std::fs::remove_file(path);
            }
            return Err(error);
        }
        sync_folder(path);
        Ok(journal)
    }

    fn new(path: &Path, file: File, length: u64, keys: Vec<Arc<str>>) -> Self {
        Self {
            path: path.to_owned(),
            #[cfg(unix)]
            absolute: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            file,
            length,
            keys,
            ids: HashMap::new(),
            is_broken: false,
        }
    }

    /// Reads a journal, without changing it.
    pub(crate) fn read(path: &Path) -> Result<Contents, Error> {
        let refuse = |e: IoError| failure("reading", path, e.to_string()).with_source(e);
        check_regular("reading", path, existing(path))?;
        let file = File::open(path).map_err(refuse)?;
        check_regular("reading", path, file.metadata())?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(refuse)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(failure("reading", path, "it is larger than 1 GiB"));
        }
        read(path, &bytes)
    }

    /// Opens a journal to continue it from the end that was read. `ids`: of the calls that were submitted.
    pub(crate) fn open(
        path: &Path,
        end: End,
        keys: Vec<Arc<str>>,
        ids: HashMap<usize, String>,
    ) -> Result<Self, Error> {
        Ok(Self { ids, ..Self::open_after(path, end, keys, || {})? })
    }

    /// [`open`](Journal::open), with something that happens just before it writes.
    fn open_after(
        path: &Path,
        end: End,
        keys: Vec<Arc<str>>,
        meanwhile: impl FnOnce(),
    ) -> Result<Self, Error> {
        let refuse = |e: IoError| failure("opening", path, e.to_string()).with_source(e);
        // Opening a FIFO would wait for its reader.
        check_regular("opening", path, existing(path))?;
        let file = options().open(path).map_err(|e| {
            let is_in_use = cfg!(windows) && e.raw_os_error() == Some(SHARING_VIOLATION);
            let error = refuse(e);
            if is_in_use { error.with_advice(STILL_RUNNING) } else { error }
        })?;
        check_regular("opening", path, file.metadata())?;
        let mut journal = Self::new(path, file, end.length, keys);
        // Another process that has it open sends nothing after this line.
        let opened = Line::Opened { at: millis(SystemTime::now()) };
        let start = if end.is_cut { format!("{CUT}\n") } else { String::new() };
        journal.append(&start, [Ok(opened)], meanwhile)?;
        journal.sync()?;
        journal.check_place()?;
        Ok(journal)
    }

    /// Writes events. After an error nothing may be done that they would have announced.
    pub(crate) fn write(&mut self, records: &[Record], wall: SystemTime) -> Result<(), Error> {
        self.write_after(records, wall, || {})
    }

    /// [`write`](Journal::write), with something that happens just before.
    fn write_after(
        &mut self,
        records: &[Record],
        wall: SystemTime,
        meanwhile: impl FnOnce(),
    ) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        let is_announcing = |record: &&Record| record.event == JournalEvent::Submitting;
        let announced: Vec<usize> = records.iter().filter(is_announcing).map(|record| record.job).collect();
        for Record { job, event } in records {
            match event {
                JournalEvent::Submitted { request_id } => drop(self.ids.insert(*job, request_id.clone())),
                JournalEvent::Again => drop(self.ids.remove(job)),
                _ => {}
            }
        }
        if !announced.is_empty() {
            self.check_place()?;
        }
        let at = millis(wall);
        let line =
            |job: usize, event| Line::JournalEvent(Happened { at, key: self.keys[job].to_string(), event });
        let lines: Vec<Line> =
            records.iter().map(|Record { job, event }| line(*job, event.clone())).collect();
        let withdrawn: Vec<Line> = announced.iter().map(|job| line(*job, JournalEvent::NotTaken)).collect();
        self.append("", lines.into_iter().map(Ok), meanwhile)?;
        if announced.is_empty() {
            return Ok(());
        }
        self.sync()?;
        self.check_place().inspect_err(|_| {
            // The file may have another name by now, under which the batch can be continued.
            let _ = self.append("", withdrawn.into_iter().map(Ok), || {});
        })
    }

    /// Appends lines with one write: another process must not find a part of them at the end of the file.
    fn append(
        &mut self,
        start: &str,
        lines: impl IntoIterator<Item = Result<Line, Error>>,
        meanwhile: impl FnOnce(),
    ) -> Result<(), Error> {
        if self.is_broken {
            return Err(failure("writing", &self.path, "an earlier write to it failed"));
        }
        let mut text = start.as_bytes().to_vec();
        for line in lines {
            serde_json::to_writer(&mut text, &line?)
                .map_err(|e| failure("writing", &self.path, e.to_string()))?;
            text.push(b'\n');
        }
        if self.length.saturating_add(text.len() as u64) > MAX_BYTES {
            return Err(failure("writing", &self.path, "it would be larger than 1 GiB"));
        }
        // Until it is known to be written.
        self.is_broken = true;
        if self.file.metadata().map_err(|e| self.torn(e))?.len() != self.length {
            return Err(changed(&self.path));
        }
        meanwhile();
        let end = write_once(&mut self.file, &text).and_then(|()| self.file.metadata());
        let end = end.map_err(|e| self.torn(e))?.len();
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

    /// Checks that the path still leads to the open file: what is written into a file that was replaced is
    /// lost.
    ///
    /// Elsewhere than on Unix the file is opened so that nobody can replace it meanwhile, as far as the
    /// system can do that.
    #[cfg(unix)]
    fn check_place(&self) -> Result<(), Error> {
        use std::os::unix::fs::MetadataExt;
        let place = |found: Metadata| (found.dev(), found.ino());
        match (std::fs::metadata(&self.absolute), self.file.metadata()) {
            (Ok(there), Ok(here)) if place(there.clone()) == place(here.clone()) => Ok(()),
            (Ok(_), Ok(_)) => Err(self.replaced("another file was put in its place")),
            (Err(e), _) if e.kind() == IoErrorKind::NotFound => {
                Err(self.replaced("it was removed or renamed"))
            }
            (Err(e), _) | (_, Err(e)) => Err(self.replaced(&format!("it cannot be found again: {e}"))),
        }
    }

    #[cfg(not(unix))]
    fn check_place(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The error for a journal that is not at its path any more, with the ids that it may lack.
    #[cfg(unix)]
    fn replaced(&self, why: &str) -> Error {
        use crate::error::one_line;
        // In the order of the calls.
        let ids = self.keys.iter().enumerate().filter_map(|(job, key)| Some((key, self.ids.get(&job)?)));
        let ids: Vec<String> = ids.map(|(key, id)| format!("{:?}: {id}", one_line(key, 100))).collect();
        let ids = match ids.as_slice() {
            [] => "No call was submitted.".to_owned(),
            ids => format!("Calls that were submitted, with their request ids: {}.", ids.join(", ")),
        };
        failure("writing", &self.path, why).with_advice(format!(
            "This batch sends nothing more. Continue it only from a journal that has all of its calls. {ids}"
        ))
    }

    fn torn(&self, error: IoError) -> Error {
        failure("writing", &self.path, error.to_string())
            .with_source(error)
            .with_advice("Nothing more is sent. Once the file can be written, continue the batch from it.")
    }
}

/// How a journal is opened to be written.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    // Others may read it, but neither write to it nor replace it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1);
    options
}

/// Writes everything at once or fails: if a part has been written, another process may have ended the line
/// meanwhile.
fn write_once(file: &mut File, text: &[u8]) -> Result<(), IoError> {
    loop {
        match file.write(text) {
            Ok(count) if count == text.len() => return Ok(()),
            Ok(count) => {
                let why = format!("{count} of {} bytes were written; is the disk full?", text.len());
                return Err(IoError::new(IoErrorKind::WriteZero, why));
            }
            Err(e) if e.kind() == IoErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn existing(path: &Path) -> Result<Metadata, IoError> {
    std::fs::metadata(path)
}

/// Refuses what is not a regular file: reading or opening it might never end.
fn check_regular(what: &str, path: &Path, found: Result<Metadata, IoError>) -> Result<(), Error> {
    match found {
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) => Err(not_regular(what, path, &found)),
        Err(e) => Err(failure(what, path, e.to_string()).with_source(e)),
    }
}

fn not_regular(what: &str, path: &Path, found: &Metadata) -> Error {
    let why = if found.is_dir() { "it is a directory" } else { "it is not a regular file" };
    failure(what, path, why).with_advice("Nothing was sent. Choose a regular file for the journal.")
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
