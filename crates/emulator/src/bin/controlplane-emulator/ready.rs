//! `--ready-file FILE`: says that all emulators listen, and where.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// Writes the URL of each emulator as a JSON object: `{"onehouse": "http://127.0.0.1:8089"}`. The file
/// appears whole, by renaming another one.
pub(crate) fn write(path: &Path, urls: impl Iterator<Item = (&'static str, String)>) -> Result<(), String> {
    let object: Map<String, Value> = urls.map(|(name, url)| (name.to_owned(), Value::from(url))).collect();
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written =
        fs::write(&beside, format!("{}\n", Value::Object(object))).and_then(|()| fs::rename(&beside, path));
    written.map_err(|e| {
        let _ = fs::remove_file(&beside);
        format!("--ready-file {}: {e}", path.display())
    })
}
