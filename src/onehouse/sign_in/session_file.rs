//! The file of a session, which the vendor's tools (SDK and CLI 0.4.0) read and write too.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::auth::checked;
use crate::error::shown;

use super::pkce::random;

/// The largest file that is read; a session has a few kilobytes.
const MAX_BYTES: u64 = 256 * 1024;

/// An access token is renewed this long before it expires, as in the vendor's SDK 0.3.0.
const AHEAD: Duration = Duration::from_secs(60);

/// The content of a session file.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) refresh_token: SecretString,
    pub(super) access_token: Option<SecretString>,
    /// When the access token expires, in seconds of the Unix epoch.
    pub(super) expires_at: f64,
}

/// Why a file holds no session.
#[derive(Debug)]
pub(super) enum Unusable {
    Missing,
    NotAFile,
    TooLarge,
    NotJson,
    /// As the vendor's CLI writes it when it keeps the refresh token in the system's keychain.
    NoRefreshToken,
    Unreadable(io::Error),
}

impl Unusable {
    /// What is wrong, for messages.
    pub(super) fn describe(&self, path: &Path) -> String {
        let path = shown(&path.display().to_string());
        match self {
            Self::Missing => format!("there is no session file {path}"),
            Self::NotAFile => format!("the session file {path} is not a regular file"),
            Self::TooLarge => format!("the session file {path} is larger than {} KiB", MAX_BYTES / 1024),
            Self::NotJson => format!("the session file {path} is not a JSON object"),
            Self::NoRefreshToken => format!("the session file {path} has no refresh token"),
            Self::Unreadable(error) => format!("the session file {path} cannot be read: {error}"),
        }
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::NoRefreshToken => {
                "`oh` keeps it in the system's keychain, which this crate does not read. Sign in again, with \
                 `onehouse::SignIn`, or with `oh login` while ONEHOUSE_SESSION_STORE is `file`."
            }
            _ => "Sign in again, with `onehouse::SignIn` or `oh login`.",
        }
    }
}

impl Session {
    /// The access token, if it will be valid for a while.
    pub(super) fn current(&self, wall: SystemTime) -> Option<&SecretString> {
        let until = self.expires_at - AHEAD.as_secs_f64();
        self.access_token.as_ref().filter(|_| until > epoch_seconds(wall))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Unusable> {
        let value: Value = serde_json::from_slice(bytes).map_err(|_| Unusable::NotJson)?;
        let object = value.as_object().ok_or(Unusable::NotJson)?;
        let text = |key: &str| object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let refresh_token = text("refresh_token").ok_or(Unusable::NoRefreshToken)?;
        let expires_at = match object.get("expires_at") {
            Some(Value::Number(seconds)) => seconds.as_f64(),
            Some(Value::String(seconds)) => seconds.trim().parse().ok(),
            _ => None,
        };
        Ok(Self {
            refresh_token: refresh_token.into(),
            // One that cannot be sent is renewed.
            access_token: text("access_token").and_then(|token| checked(token.into()).ok()),
            expires_at: expires_at.filter(|seconds: &f64| seconds.is_finite()).unwrap_or_default(),
        })
    }

    fn to_json(&self) -> String {
        json!({
            "refresh_token": self.refresh_token.expose_secret(),
            "access_token": self.access_token.as_ref().map(|token| token.expose_secret()),
            "expires_at": self.expires_at,
        })
        .to_string()
    }
}

/// Seconds since the Unix epoch; 0 before it.
pub(super) fn epoch_seconds(wall: SystemTime) -> f64 {
    wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The session file of one host.
#[derive(Clone, Debug)]
pub(super) struct SessionFile {
    path: PathBuf,
}

impl SessionFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file whose lock holds off other programs.
    pub(super) fn lock_path(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        self.path.with_file_name(name)
    }

    /// Reads the session. Needs no lock: the file is replaced as a whole.
    pub(super) fn read(&self) -> Result<Session, Unusable> {
        Session::parse(&read(&self.path)?)
    }

    /// Replaces the session. Called with the lock.
    pub(super) fn write(&self, session: &Session) -> io::Result<()> {
        self.make_directory()?;
        let mut name = self.temporary_prefix();
        name.push_str(&random(9).map_err(|_| io::Error::other("the system has no random numbers"))?);
        let temporary = self.path.with_file_name(name);
        if let Err(error) = write_private(&temporary, &session.to_json()) {
            drop(fs::remove_file(&temporary));
            return Err(error);
        }
        // If this fails, the temporary file stays for `recover`: it has the only refresh token that is not
        // used up. On Windows it fails while another program reads the file.
        fs::rename(&temporary, &self.path)
    }

    /// Deletes the session and what a program left of it. Called with the lock.
    pub(super) fn delete(&self) -> io::Result<()> {
        for path in self.temporaries() {
            drop(fs::remove_file(path));
        }
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Completes what a program began that ended between writing its temporary file and renaming it: the
    /// refresh token in the session file is used up then, and the new one is in the temporary file alone.
    /// Called with the lock, under which every writer works: whoever wrote a temporary file that is still
    /// there has ended.
    pub(super) fn recover(&self) {
        let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let mut newest = modified(&self.path);
        for path in self.temporaries() {
            let time = modified(&path);
            let is_whole = read(&path).is_ok_and(|bytes| Session::parse(&bytes).is_ok());
            if is_whole && time >= newest && fs::rename(&path, &self.path).is_ok() {
                newest = time;
            } else {
                drop(fs::remove_file(&path));
            }
        }
    }

    /// Creates the directory of the sessions, for its owner alone.
    pub(super) fn make_directory(&self) -> io::Result<()> {
        let Some(directory) = self.path.parent() else { return Ok(()) };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)
    }

    /// The beginning of the names of temporary files, which is that of the vendor's tools too.
    fn temporary_prefix(&self) -> String {
        format!(".{}.", self.path.file_name().unwrap_or_default().to_string_lossy())
    }

    fn temporaries(&self) -> Vec<PathBuf> {
        let prefix = self.temporary_prefix();
        let Some(Ok(entries)) = self.path.parent().map(fs::read_dir) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok().map(|entry| entry.file_name()));
        let ours = names.filter(|name| name.to_string_lossy().starts_with(&prefix));
        ours.map(|name| self.path.with_file_name(name)).collect()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unusable::Missing,
        _ => Unusable::Unreadable(error),
    };
    // Opening a pipe would wait for its other end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Unusable::NotAFile);
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Unusable::TooLarge);
    }
    Ok(bytes)
}

/// Writes a new file that its owner alone may read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
