//! Rows as an Arrow stream, written as the service sends it.

use std::fs::File;
use std::io::{Error as IoError, Write};
use std::path::{Path, PathBuf};

use controlplane::Effect;
use controlplane::hotdata::ResultFormat;
use serde_json::json;

use crate::failure::{Exit, Failure, Result, shell_word};
use crate::shell::shell_path;
use crate::watch::{failed_wait_of, watched};

use super::{Hotdata, QUERY_RUN};

/// Fetches a result and writes it to a file, or for `-` to standard output.
///
/// The file gets its name when it is complete, so that no half of one is taken for a whole.
pub(super) fn write(hotdata: &Hotdata<'_>, run: &str, result: &str, file: &Path) -> Result {
    let call = hotdata.client.results().fetch_ready(result).format(ResultFormat::Arrow);
    let call = watched(hotdata.app, call, "fetching the rows", Effect::Repeatable);
    let fetched = call.send();
    let again = || {
        let option = hotdata.database_option();
        let file = if file == Path::new("-") { "-".to_owned() } else { shell_path(file) };
        format!("controlplane hotdata runs rows {}{option} --arrow {file}", shell_word(run))
    };
    let bytes =
        fetched.map_err(|error| failed_wait_of(QUERY_RUN, error, again))?.bytes().ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!("fetching the rows of {run}: the response is not an Arrow stream"),
            )
        })?;
    if file == Path::new("-") {
        return hotdata.app.out.bytes(&bytes);
    }
    // The file may be a pipe that nobody reads.
    hotdata.app.interrupt.while_writing(|| save(file, &bytes)).map_err(|error| {
        Failure::new(Exit::Failed, format!("writing {}: {error}", file.display()))
            .hint(format!("The query has run. Write its rows with `{}`; do not run it again.", again()))
    })?;
    hotdata.app.out.value(&json!({"file": file.to_string_lossy(), "bytes": bytes.len(), "query_run_id": run}))
}

/// Writes a file as a whole or not at all. What is there already, and is no regular file, is written into.
fn save(file: &Path, bytes: &[u8]) -> std::result::Result<(), IoError> {
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        let mut file = File::options().write(true).open(file)?;
        return file.write_all(bytes).and_then(|()| file.flush());
    }
    let part = beside(file);
    let written =
        File::create(&part).and_then(|mut part| part.write_all(bytes).and_then(|()| part.sync_all()));
    let moved = written.and_then(|()| std::fs::rename(&part, file));
    if moved.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    moved
}

/// A name beside a file that no other process uses.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = std::env::temp_dir().join(format!("controlplane-cli-arrow-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("rows.arrow");
        save(&file, b"one").unwrap();
        save(&file, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert!(save(&folder.join("none").join("rows.arrow"), b"x").is_err());
        assert!(save(&folder, b"x").is_err(), "a folder");
        #[cfg(target_os = "linux")]
        assert!(save(Path::new("/dev/full"), b"x").is_err());
        let names: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["rows.arrow"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
