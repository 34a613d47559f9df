//! The reason why the rows of a result cannot be returned, as a type for programs.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind, shown};

/// The reason why a call could not return the rows of a query that succeeded.
/// [`Error::detail`](crate::Error::detail) returns it.
///
/// ```no_run
/// use controlplane::hotdata::{Client, ResultFailure};
///
/// # let client = Client::from_env()?;
/// if let Err(error) = client.query("SELECT * FROM orders").send() {
///     match error.detail() {
///         Some(ResultFailure::TooLarge { observed, limit, .. }) => println!("{observed}, limit {limit}"),
///         _ => return Err(error),
///     }
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultFailure {
    /// The result is larger than the limit of rows or bytes of the call. The kind of the error is
    /// [`LimitExceeded`](ErrorKind::LimitExceeded).
    TooLarge {
        /// Whether the limit counts rows or bytes.
        measure: Measure,
        /// The size that exceeded the limit: the number of rows of the whole result, if it is known before
        /// the rows are fetched; otherwise the number of rows or bytes that had arrived.
        observed: u64,
        /// The limit: [`max_auto_rows`](crate::hotdata::Call::max_auto_rows) or
        /// [`max_auto_bytes`](crate::hotdata::Call::max_auto_bytes).
        limit: u64,
    },
    /// The service sent an empty page before the last row of the result. The kind of the error is
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse).
    Incomplete {
        /// The number of rows that arrived.
        fetched: u64,
        /// The number of rows of the result.
        expected: u64,
    },
    /// The service did not save the result, so that its rows cannot be fetched. The kind of the error is
    /// [`OperationFailed`](ErrorKind::OperationFailed).
    Unavailable {
        /// The reason in the service's words, if the service sent one.
        warning: Option<String>,
    },
}

/// The unit of the limit in [`ResultFailure::TooLarge`]: rows or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// The limit counts rows.
    Rows,
    /// The limit counts bytes, estimated from the text of the cells.
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
                write!(f, "only {fetched} of {expected} rows arrived: the next page was empty")
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
    /// Returns the error of the call with this label.
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
                let advice = "The query ran. If the query changes nothing, run it again.";
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
