//! The credentials file: read with care, and replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::failure::{Exit, Failure, Result};

/// The largest file that is taken for one with credentials.
const MAX_BYTES: u64 = 1024 * 1024;

/// The profiles of the file, in its order.
#[derive(Debug)]
pub(super) struct CredentialsFile {
    path: PathBuf,
    profiles: Map<String, Value>,
}

/// The values of a profile.
#[derive(Debug)]
pub(super) struct Profile<'a>(Option<&'a Map<String, Value>>);

impl Profile<'_> {
    /// True if it has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.is_some_and(|values| values.contains_key(key))
    }

    /// Returns a value; empty if there is none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.0.and_then(|values| values.get(key)).and_then(Value::as_str).unwrap_or_default()
    }
}

impl CredentialsFile {
    /// Reads the file. One that is not there, or has nothing in it, has no profiles; one that cannot be
    /// written again without a loss is refused.
    pub(super) fn read(path: &Path) -> Result<Self> {
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(refused(path, "is not a regular file", KEPT));
        }
        let text = match File::open(path) {
            Ok(file) => text(file).map_err(|e| refused(path, &format!("cannot be read: {e}"), KEPT))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(refused(path, &format!("cannot be opened: {e}"), KEPT)),
        };
        let profiles = match text.trim_start().chars().next() {
            None => Map::new(),
            Some('{') => serde_json::from_str(&text)
                .map_err(|e| refused(path, &format!("is not valid JSON (line {})", e.line()), REPAIR))?,
            Some(_) => return Err(refused(path, "is an INI file, or no credentials file at all", INI)),
        };
        Ok(Self { path: path.to_owned(), profiles })
    }

    /// Returns the name of the default profile.
    pub(super) fn default_profile(&self) -> Option<&str> {
        self.profiles.get("_default").and_then(Value::as_str)
    }

    /// Returns the values of a profile, which may not be there yet.
    pub(super) fn profile(&self, name: &str) -> Result<Profile<'_>> {
        if name.is_empty() || name == "_default" {
            return Err(Failure::usage(format!("a profile cannot be named {name:?}; nothing was written")));
        }
        match self.profiles.get(name) {
            None => Ok(Profile(None)),
            Some(Value::Object(values)) => Ok(Profile(Some(values))),
            Some(_) => {
                Err(refused(&self.path, &format!("has a profile {name:?} that is not an object"), REPAIR))
            }
        }
    }
}

const KEPT: &str = "Make it readable, or name another file in ONEHOUSE_CREDENTIALS_FILE.";
const REPAIR: &str = "Repair the file, or name another file in ONEHOUSE_CREDENTIALS_FILE.";
const INI: &str = "This command writes JSON and would lose what is in the file. Edit the file, or name another one in ONEHOUSE_CREDENTIALS_FILE.";

fn refused(path: &Path, why: &str, advice: &str) -> Failure {
    Failure::new(Exit::Credentials, format!("configure: the file {path:?} {why}; it was left as it is"))
        .hint(advice)
}

fn text(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

/// Sets values of a profile. The file is read again first, so that a change of another program meanwhile stays.
pub(super) fn change(path: &Path, profile: &str, values: &[(&str, String)], is_default: bool) -> Result {
    let mut file = CredentialsFile::read(path)?;
    file.profile(profile)?;
    let entry = file.profiles.entry(profile).or_insert_with(|| Value::Object(Map::new()));
    for (key, value) in values {
        entry[*key] = Value::String(value.clone());
    }
    if is_default {
        // The first key, where a person looks for it.
        let others = std::mem::take(&mut file.profiles);
        file.profiles.insert("_default".to_owned(), Value::String(profile.to_owned()));
        file.profiles.extend(others.into_iter().filter(|(key, _)| key != "_default"));
    }
    let text = serde_json::to_string_pretty(&file.profiles).unwrap_or_default() + "\n";
    replace(path, text.as_bytes()).map_err(|e| {
        Failure::new(Exit::Failed, format!("configure: writing {path:?}: {e}; the file is as it was before"))
    })
}

/// Writes a temporary file beside it, which its owner alone may read, and renames that.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory {
        create_directory(directory)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    // Left over by a process of this number that was killed.
    let _ = fs::remove_file(&temporary);
    let written = create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn create_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}
