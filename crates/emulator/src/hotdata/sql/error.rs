//! What can be wrong with a query or a load, as the service says it.

use std::fmt;

/// A refusal: a status, a code and a message.
///
/// Statuses and codes are those of Hotdata's Python SDK 0.12.0. Where it names no code for a case, the
/// general one of the status is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqlError {
    /// 400 `BAD_REQUEST`: a statement that is wrong, a load that breaks a rule.
    BadRequest(String),
    /// 404 `NOT_FOUND`: a table that is not there.
    NotFound(String),
    /// 409 `CONFLICT`: a column would have to change its type in a way that is not a widening.
    Conflict(String),
    /// 503 `RESOURCE_EXHAUSTED`: more time or space than there is for it.
    Exhausted(String),
    /// 500 `INTERNAL_SERVER_ERROR`: the emulator's own trouble.
    Internal(String),
}

impl SqlError {
    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::NotFound(_) => 404,
            Self::Conflict(_) => 409,
            Self::Exhausted(_) => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The machine-readable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "BAD_REQUEST",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Conflict(_) => "CONFLICT",
            Self::Exhausted(_) => "RESOURCE_EXHAUSTED",
            Self::Internal(_) => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The reason, for a person.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::BadRequest(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Exhausted(text)
            | Self::Internal(text) => text,
        }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for SqlError {}

/// Shorthand for the most frequent one.
pub(super) fn bad<T>(message: impl Into<String>) -> Result<T, SqlError> {
    Err(SqlError::BadRequest(message.into()))
}

impl From<rusqlite::Error> for SqlError {
    /// SQLite's own message, without the number and the statement that rusqlite puts around it.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let message = |text: &Option<String>| text.clone().unwrap_or_else(|| error.to_string());
        match &error {
            rusqlite::Error::SqliteFailure(failure, text) => match failure.code {
                ErrorCode::OperationInterrupted => {
                    Self::Exhausted("the query took longer than its time limit and was stopped".to_owned())
                }
                ErrorCode::OutOfMemory | ErrorCode::DiskFull => {
                    Self::Exhausted("the query or load needs more memory than is available".to_owned())
                }
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    Self::Exhausted("the database is busy with another query or load: try again".to_owned())
                }
                ErrorCode::CannotOpen | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Internal(message(text))
                }
                _ => Self::BadRequest(message(text)),
            },
            rusqlite::Error::SqlInputError { msg, .. } => Self::BadRequest(msg.clone()),
            rusqlite::Error::MultipleStatement => Self::BadRequest(
                "only one statement is allowed: there is text after the first one".to_owned(),
            ),
            _ => Self::BadRequest(error.to_string()),
        }
    }
}
