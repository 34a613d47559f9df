//! The lock under which a session is changed, by this crate and by the vendor's tools.

use std::fs::{File, OpenOptions};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::engine::CallContext;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::error::{Error, ErrorKind, shown};

use super::session_file::SessionFile;

/// As in the vendor's SDK 0.3.0.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const GIVE_UP: Duration = Duration::from_secs(30);

/// The lock of a session, released when it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    /// Closing the file releases the lock: the file is opened for this lock alone.
    _file: File,
}

impl Lock {
    /// `None`: another holds it.
    fn attempt(session: &SessionFile) -> io::Result<Option<Self>> {
        session.make_directory()?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(session.lock_path())?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Waits for the lock of a session.
pub(super) struct Locking {
    session: SessionFile,
    label: String,
    until: Option<Instant>,
}

impl Locking {
    /// Waits no longer than the call of this context.
    pub(super) fn machine(context: &Arc<CallContext>, session: SessionFile) -> Sequence<Self> {
        let locking = Self { session, label: context.label.clone(), until: None };
        Sequence::new(context.clone(), locking)
    }

    fn error(&self, happened: String) -> Error {
        Error::new(ErrorKind::Credentials, self.label.clone(), happened)
    }
}

impl Plan for Locking {
    type Part = Lock;
    type Output = Lock;

    fn begin(&mut self, now: Instant) -> Planned<Lock, Lock> {
        let until = *self.until.get_or_insert(now + GIVE_UP);
        let path = shown(&self.session.lock_path().display().to_string());
        match Lock::attempt(&self.session) {
            Ok(Some(lock)) => Ok(Next::Done(lock)),
            Ok(None) if now < until => Ok(Next::Pause(LOOK_AGAIN.min(until - now))),
            Ok(None) => Err(self
                .error(format!("another program has held the lock {path} for {} s", GIVE_UP.as_secs()))
                .with_timeout(true)
                .with_retryable(true)
                .with_advice(
                    "The session file was not changed. Wait until that program has ended, then try again.",
                )),
            Err(error) => Err(self
                .error(format!("the lock {path} cannot be used: {error}"))
                .with_source(error)
                .with_advice("Check that this program can write in the directory of this file.")),
        }
    }

    fn ended(&mut self, _: Instant, outcome: Result<Lock, Error>) -> Planned<Lock, Lock> {
        outcome.map(Next::Done)
    }
}
