//! The entries of the ledger: statements that were accepted.

use std::fmt;

use serde_json::{Value, json};

use crate::journal::{Entry, RequestRecord};

use super::extra::Parsed;
use super::masked::masked;

impl RequestRecord {
    /// Returns the statement as a log may show it: on one line, cut to about `max` bytes, with the values of
    /// options whose keys name secrets replaced by `[redacted]`. `None` if the request has no statement.
    ///
    /// A text with something that is not a token of a statement is shown only up to that place.
    pub fn shown_statement(&self, max: usize) -> Option<String> {
        self.statement.as_ref().map(|statement| masked(statement, max))
    }
}

/// An entry of the [ledger](crate::Emulator::ledger): a statement that was accepted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// The request id that the response named.
    pub request_id: String,
    /// The statement as it was sent.
    pub statement: Statement,
    /// The parsed statement.
    pub parsed: Parsed,
}

impl Entry for Taken {
    fn to_json(&self) -> Value {
        json!({ "request_id": self.request_id, "statement": self.statement.0, "helper": self.parsed.name() })
    }

    fn bytes(&self) -> usize {
        self.statement.len()
    }
}

/// The text of a statement. `Debug` shows its length only, since its options may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement(pub String);

impl std::ops::Deref for Statement {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<&str> for Statement {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
