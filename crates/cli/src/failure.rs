//! How a command ends: the exit code, and the message of a failure.

use std::fmt;
use std::process::ExitCode;

use controlplane::{Error, ErrorKind};

use crate::advice::translated;

pub(crate) use crate::shell::shell_word;

/// The exit codes of the program. They do not change between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command was carried out.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command line is wrong. Nothing was sent.
    Usage = 2,
    /// The service refused the request, or something that it names does not exist.
    Refused = 3,
    /// The wait ended before the operation did, which continues at the service.
    StillRunning = 4,
    /// A change may have been accepted, and no response says so. It was not sent again.
    OutcomeUnknown = 5,
    /// Credentials are missing or not accepted.
    Credentials = 6,
    /// The person or the system ended the program.
    Interrupted = 130,
}

impl Exit {
    /// Returns the code for the system.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// The result of a command.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a command failed: a message, what to do about it, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// Returns a failure with this exit code. The message says what was attempted and what happened.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    /// Returns the failure of a command line that cannot be carried out.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Sets what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets what to do about it, unless that is set.
    pub(crate) fn hint_unless_set(mut self, hint: impl Into<String>) -> Self {
        self.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Says of what the id in the message is, in the service's own word: "run" in place of "request id".
    pub(crate) fn id_of(mut self, what: &str) -> Self {
        self.message = self.message.replace("(request id ", &format!("({what} "));
        self.hint = self.hint.map(|hint| hint.replace("this request id", &format!("this {what}")));
        self
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let (message, advice) = match text.split_once('\n') {
            Some((message, advice)) => (message, Some(advice)),
            None => (text.as_str(), None),
        };
        let hint = hint(&error).or_else(|| advice.and_then(translated));
        Self { exit: exit(&error), message: message.to_owned(), hint }
    }
}

/// The exit code of an error.
pub(crate) fn exit(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::Cancelled => Exit::Interrupted,
        ErrorKind::InvalidArgument => Exit::Usage,
        ErrorKind::OutcomeUnknown => Exit::OutcomeUnknown,
        _ if error.is_auth() => Exit::Credentials,
        // A poll failed, or the time was over: the operation continues.
        _ if error.is_resumable() => Exit::StillRunning,
        ErrorKind::NotReady => Exit::StillRunning,
        ErrorKind::OperationTimeout if error.resource().is_some() => Exit::StillRunning,
        ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Rejected => Exit::Refused,
        ErrorKind::OperationFailed if error.is_not_found() || error.is_already_exists() => Exit::Refused,
        // Onehouse accepts a statement before it parses it.
        ErrorKind::OperationFailed if error.api_status() == Some("API_OPERATION_STATUS_INVALID") => {
            Exit::Refused
        }
        _ => Exit::Failed,
    }
}

/// How to go on with an operation that continues.
fn hint(error: &Error) -> Option<String> {
    if let Some(id) = error.request_id().filter(|_| error.is_resumable()) {
        return Some(format!(
            "The operation continues at the service. Wait for its end with `{}`; do not send the command again.",
            crate::resume::command(id)
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, id: Option<&str>) -> Failure {
        let mut error = Error::simulated(kind, "CREATE CLUSTER `c`", "it happened");
        if let Some(id) = id {
            error = error.request_id(id);
        }
        error.build().into()
    }

    #[test]
    fn each_kind_has_its_exit_code() {
        use ErrorKind::*;
        for (kind, id, exit) in [
            (InvalidArgument, None, Exit::Usage),
            (Credentials, None, Exit::Credentials),
            (Authentication, None, Exit::Credentials),
            (PermissionDenied, Some("id-1"), Exit::Credentials),
            (NotFound, None, Exit::Refused),
            (Conflict, None, Exit::Refused),
            (Rejected, None, Exit::Refused),
            (RateLimited, None, Exit::Failed),
            (RateLimited, Some("id-1"), Exit::StillRunning),
            (Server, None, Exit::Failed),
            (Server, Some("id-1"), Exit::StillRunning),
            (Transport, None, Exit::Failed),
            (Transport, Some("id-1"), Exit::StillRunning),
            (OperationTimeout, None, Exit::Failed),
            (OperationTimeout, Some("id-1"), Exit::StillRunning),
            (OutcomeUnknown, None, Exit::OutcomeUnknown),
            (OperationFailed, Some("id-1"), Exit::Failed),
            (NotReady, None, Exit::StillRunning),
            (Cancelled, Some("id-1"), Exit::Interrupted),
            (Cancelled, None, Exit::Interrupted),
            (Io, None, Exit::Failed),
        ] {
            assert_eq!(failure(kind, id).exit(), exit, "{kind:?} {id:?}");
        }
    }

    #[test]
    fn a_wait_that_ended_early_says_how_to_go_on() {
        let text = failure(ErrorKind::Cancelled, Some("id-1")).to_string();
        assert!(text.starts_with("error: CREATE CLUSTER `c`: it happened (request id id-1)\n"), "{text}");
        assert!(text.contains("`controlplane resume --service onehouse id-1`"), "{text}");
        let text = failure(ErrorKind::Cancelled, None).to_string();
        assert!(!text.contains("resume"), "{text}");
    }
}
