//! The files that steps upload, looked at before anything is sent.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::output::visible;

/// Returns why a file cannot be uploaded: it is missing, is no regular file, or cannot be read.
pub(super) fn fault(path: &Path) -> Option<String> {
    let why = check(path).err()?;
    let more = if path.is_relative() { "; the path is relative to the working directory" } else { "" };
    Some(format!("the file {} cannot be uploaded: {why}{more}", visible(&path.to_string_lossy())))
}

/// Fails unless there is a regular file that can be read. Opening a pipe might wait for ever.
fn check(path: &Path) -> io::Result<()> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(path).map(drop)
}
