//! The files that options name.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use controlplane_emulator::faults::Fault;

use crate::args::{PORTS, one_line};

/// The largest file with faults that is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The largest file with a plan or a state that is read, in bytes.
const MAX_SEED_FILE: u64 = 64 * 1024 * 1024;

/// The plan or the state in a file.
pub(crate) fn initial_in(path: &Path) -> Result<(PathBuf, String), String> {
    let read = || -> std::io::Result<String> {
        let mut text = String::new();
        File::open(path)?.take(MAX_SEED_FILE + 1).read_to_string(&mut text)?;
        Ok(text)
    };
    match read() {
        Ok(text) if text.len() as u64 > MAX_SEED_FILE => {
            Err(one_line(&format!("--seed-file {}: it has more than {MAX_SEED_FILE} bytes", path.display())))
        }
        Ok(text) => Ok((path.to_owned(), text)),
        Err(e) => Err(one_line(&format!("--seed-file {}: {e}", path.display()))),
    }
}

/// Returns whether a file has something for each of several services.
pub(crate) fn has_names_of_services(json: &str) -> bool {
    let read = serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(json);
    read.is_ok_and(|map| map.keys().all(|name| PORTS.iter().any(|(service, _)| service == name)))
}

/// The faults in a file.
pub(crate) fn faults_in(path: &Path) -> Result<Vec<Fault>, String> {
    let read = || -> Result<Vec<Fault>, Box<dyn Error>> {
        let mut text = String::new();
        File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_FILE {
            return Err(format!("it has more than {MAX_FILE} bytes").into());
        }
        Ok(Fault::list_from_json(&text)?)
    };
    read().map_err(|e| one_line(&format!("--faults {}: {e}", path.display())))
}
