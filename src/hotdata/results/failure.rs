//! The reason why the rows of a result cannot be returned, for programs.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind, shown};

/// The reason why the rows of a query or a result could not be returned although it succeeded:
/// [`Error::detail`](crate::Error::detail) of the error.
///
/// ```no_run
/// use controlplane::hotdata::{Client, ResultFailure};
///
/// # let client = Client::from_env()?;
/// if let Err(error) = client.query("SELECT * FROM orders").send() {
///     match error.detail() {
///         Some(ResultFailure::TooLarge { observed, limit, .. }) => println!("{observed} of at most {limit}"),
///         _ => return Err(error),
///     }
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultFailure {
    /// The result is larger than a limit of the call. The kind of the error is
    /// [`LimitExceeded`](ErrorKind::LimitExceeded).
    TooLarge {
        /// What was counted.
        measure: Measure,
        /// The size of the whole result if it was known, else of what had arrived.
        observed: u64,
        /// The limit.
        limit: u64,
    },
    /// Pages ended before the last row. The kind of the error is
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    Incomplete {
        /// The number of rows that arrived.
        fetched: u64,
        /// The number of rows of the result.
        expected: u64,
    },
    /// The service could not save the rows. The kind of the error is
    /// [`OperationFailed`](ErrorKind::OperationFailed).
    Unavailable {
        /// The reason, in the service's words.
        warning: Option<String>,
    },
}

/// What the limit of [`ResultFailure::TooLarge`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Rows.
    Rows,
    /// Bytes, estimated from the text of the cells.
    Bytes,
}

impl fmt::Display for ResultFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { measure, observed, limit } => {
                let what = match measure {
                    Measure::Rows => "rows",
                    Measure::Bytes => "bytes",
                };
                write!(f, "the result has at least {observed} {what}, and the limit is {limit}")
            }
            Self::Incomplete { fetched, expected } => {
                write!(f, "only {fetched} of {expected} rows arrived")
            }
            Self::Unavailable { warning } => {
                f.write_str("the query succeeded, but the service did not save its result")?;
                match warning {
                    Some(warning) => write!(f, ": {}", shown(warning)),
                    None => Ok(()),
                }
            }
        }
    }
}

impl StdError for ResultFailure {}

impl ResultFailure {
    /// The error of the call with this label.
    #[cold]
    pub(crate) fn error(self, label: &str) -> Error {
        let (kind, advice) = match &self {
            Self::TooLarge { measure, .. } => {
                let setter = match measure {
                    Measure::Rows => "max_auto_rows",
                    Measure::Bytes => "max_auto_bytes",
                };
                let advice = format!(
                    "The query ran. Stream its result (`results().stream_arrow(…)`), or raise `.{setter}(…)`."
                );
                (ErrorKind::LimitExceeded, advice)
            }
            Self::Incomplete { .. } => {
                let advice = "The query ran. Fetch its result in one request: as Arrow, CSV or Parquet.";
                (ErrorKind::UnexpectedResponse, advice.to_owned())
            }
            Self::Unavailable { .. } => {
                let advice = "The query ran. Run it again if it changes nothing.";
                (ErrorKind::OperationFailed, advice.to_owned())
            }
        };
        let warning = match &self {
            Self::Unavailable { warning } => warning.clone(),
            _ => None,
        };
        Error::new(kind, label, self.to_string())
            .with_api_message(warning)
            .with_advice(advice)
            .with_source(self.clone())
            .with_detail(self)
    }
}
