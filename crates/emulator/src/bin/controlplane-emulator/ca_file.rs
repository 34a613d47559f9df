//! Where clients find the certificate of the emulator's authority.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How many names are tried: others may have been left behind by programs that could not clean up.
const TRIES: u32 = 100;

/// A file of our own in the directory for temporary files; removed when dropped.
pub(crate) struct CaFile(PathBuf);

impl CaFile {
    /// Writes a new file.
    pub(crate) fn write(pem: &str) -> Result<Self, String> {
        let process = std::process::id();
        for n in 0..TRIES {
            let path = std::env::temp_dir().join(format!("controlplane-emulator-{process}-{n}-ca.pem"));
            // Never a file that is there already, nor what a link points to.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let file_of_ours = Self(path);
                    let written = file.write_all(pem.as_bytes());
                    return match written {
                        Ok(()) => Ok(file_of_ours),
                        Err(e) => Err(format!("cannot write {}: {e}", file_of_ours.0.display())),
                    };
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(format!("cannot create {}: {e}", path.display())),
            }
        }
        Err(format!(
            "cannot create a file for the certificate authority in {}: {TRIES} names are taken; remove old files \
             controlplane-emulator-*-ca.pem there",
            std::env::temp_dir().display()
        ))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
