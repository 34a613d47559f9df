//! Opening a file with secrets.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// What there is at a path.
#[derive(Debug)]
pub(crate) enum Opened {
    Nothing,
    /// A directory, a pipe or a device.
    NotAFile,
    File(File),
}

/// Opens a regular file, and logs a warning if others may read it. `what`: its name in the warning.
pub(crate) fn open(path: &Path, what: &str) -> io::Result<Opened> {
    // Checked before it is opened: opening a pipe would wait for a writer.
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Ok(Opened::NotAFile),
        Ok(_) => {}
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Opened::Nothing);
        }
        Err(e) => return Err(e),
    }
    let file = File::open(path)?;
    warn_if_open_to_others(path, what, &file);
    Ok(Opened::File(file))
}

#[cfg(unix)]
fn warn_if_open_to_others(path: &Path, what: &str, file: &File) {
    use crate::error::shown;
    use std::os::unix::fs::PermissionsExt;

    if file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        let path = shown(&path.display().to_string());
        log::warn!("{what} {path} is open to other users; close it with: chmod 600 {path}");
    }
}

#[cfg(not(unix))]
fn warn_if_open_to_others(_: &Path, _: &str, _: &File) {}
