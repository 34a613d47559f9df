//! The error type of this crate.

use std::io;

/// The error of an emulator that cannot start, of a setting that cannot be used, or of a plan or state that
/// cannot be used.
///
/// `Display` says what was attempted, what happened and what to do.
///
/// ```
/// use controlplane_emulator::{Error, Pending};
///
/// let error = "soon".parse::<Pending>().unwrap_err();
/// assert!(matches!(error, Error::InvalidSetting { .. }));
/// assert!(error.to_string().contains("soon"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The emulator cannot listen on the address: another program uses it, the machine does not have it, or
    /// the text is not an address.
    #[error(
        "starting an emulator on `{address}`: cannot listen there: {source}. Stop the program that uses the address, or \
         choose another address; port 0 takes any free port"
    )]
    #[non_exhaustive]
    Listen {
        /// The address, as it was given.
        address: String,
        /// The error of the system.
        source: io::Error,
    },
    /// No TLS certificate can be made for the address.
    #[error(
        "starting an emulator on `{address}`: cannot make a TLS certificate for it: {source}. Choose an address whose \
         host is a name or an IP address, or start it without TLS"
    )]
    #[non_exhaustive]
    Certificate {
        /// The address, as it was given.
        address: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A setting has a value that cannot be used. The message says which values are accepted.
    #[error("{attempted}: {reason}")]
    #[non_exhaustive]
    InvalidSetting {
        /// The attempted action, with the value where it is not secret: "reading the fault `…`".
        attempted: String,
        /// What is wrong with the value, and which values are accepted.
        reason: String,
    },
    /// A state cannot be restored, is too large for a document, or a plan cannot be carried out.
    #[error("{attempted}: {reason}")]
    #[non_exhaustive]
    InvalidState {
        /// The attempted action.
        attempted: String,
        /// What is wrong with the state or the plan, and where.
        reason: String,
    },
}

impl Error {
    pub(crate) fn state(attempted: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidState { attempted: attempted.into(), reason: reason.into() }
    }

    pub(crate) fn setting(attempted: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidSetting { attempted: attempted.into(), reason: reason.into() }
    }
}

/// Checks a secret that callers send in a header. The message does not show it.
pub(crate) fn check_header_value(what: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() || value.trim().len() != value.len() || value.chars().any(char::is_control) {
        return Err(Error::setting(
            "starting an emulator",
            format!(
                "{what} is empty or cannot be sent in a header; set a text without control characters and without white \
                 space at either end"
            ),
        ));
    }
    Ok(())
}
