//! The file of `--results`: the output of each step, the moment the step has ended.
//!
//! Some outputs are shown once, such as the secret of a new API token. A table has no room for them, and what is
//! printed at the end is lost if the program is killed before.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// The open file.
pub(super) struct Results {
    path: PathBuf,
    file: File,
    /// Why a line could not be written. Nothing is written after it.
    failed: Option<io::Error>,
}

impl Results {
    /// Opens the file, or creates it so that only its owner can read it. An earlier run may have begun it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let refuse = |why: String| {
            Failure::usage(format!("opening the file of --results {path:?}: {why}; nothing was sent"))
        };
        let found = match std::fs::metadata(path) {
            Ok(found) if !found.is_file() => return Err(refuse("it is not a regular file".to_owned())),
            found => found.ok(),
        };
        if found.as_ref().is_some_and(is_open_to_others) {
            return Err(refuse("other users can read it".to_owned())
                .hint("Restrict it with `chmod 600`, or choose another file: results may have secrets."));
        }
        let file = options().open(path).map_err(|error| refuse(error.to_string()))?;
        // Once more: what is open may not be what was there.
        let opened = file.metadata().map_err(|error| refuse(error.to_string()))?;
        if !opened.is_file() || is_open_to_others(&opened) {
            return Err(refuse("it was replaced while it was opened".to_owned()));
        }
        Ok(Self { path: path.to_owned(), file, failed: None })
    }

    /// Writes the output of a step, and waits until the disk has it.
    pub(super) fn add(&mut self, key: &str, id: Option<&str>, output: &Value) {
        if self.failed.is_some() {
            return;
        }
        let line = format!("{}\n", json!({"key": key, "id": id, "output": output}));
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        self.failed = written.err();
    }

    /// Returns why outputs are missing in the file, if some are.
    pub(super) fn failure(&self) -> Option<String> {
        self.failed.as_ref().map(|error| format!("writing the file of --results {:?}: {error}", self.path))
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn is_open_to_others(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}
