//! What the emulator remembers for those who test with it: requests and statements.

use std::fmt;
use std::sync::Arc;

use crate::faults::Fault;
use crate::server::Received;

use super::extra::Parsed;
use super::masked::masked;

/// One request and how it was answered.
///
/// `Debug` leaves the statement out: its options may hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the request, from 0 in the order in which requests began to arrive.
    pub index: u64,
    /// The number of the connection that it came on, from 0 in the order in which they were accepted.
    pub connection: u64,
    /// The method as it was sent.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The statement of a submit, if the body had one.
    pub statement: Option<String>,
    /// The request id: the one that was asked about, or the one that a submit was given.
    pub request_id: Option<String>,
    /// The HTTP status of the answer; 0 if a fault closed the connection in place of one.
    pub status: u16,
    /// The fault that struck it.
    pub fault: Option<Arc<Fault>>,
}

impl RequestRecord {
    /// What is known of a request before it is answered.
    pub(super) fn new(request: &Received, fault: Option<Arc<Fault>>) -> Self {
        Self {
            index: request.index,
            connection: request.connection,
            method: request.method.clone(),
            path: request.path.clone(),
            statement: None,
            request_id: None,
            status: 0,
            fault,
        }
    }
}

impl RequestRecord {
    /// The statement as a log may show it: on one line of at most some `max` bytes, and with the values of options
    /// whose key names a secret masked.
    ///
    /// What cannot be read as a statement is shown up to where it stops making sense.
    pub fn shown_statement(&self, max: usize) -> Option<String> {
        self.statement.as_ref().map(|statement| masked(statement, max))
    }
}

impl fmt::Debug for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestRecord")
            .field("index", &self.index)
            .field("connection", &self.connection)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("request_id", &self.request_id)
            .field("status", &self.status)
            .field("fault", &self.fault.as_ref().map(ToString::to_string))
            .finish_non_exhaustive()
    }
}

/// A statement that was taken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// The request id that it was given.
    pub request_id: String,
    /// The statement as it was sent.
    pub statement: Statement,
    /// The same, parsed.
    pub parsed: Parsed,
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
