//! What an emulator remembers for those who test with it: requests, and what was accepted.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::history::History;
use crate::limiter::Limiter;
use crate::moment::Moment;
use crate::server::Received;

/// A request and how it was answered, as [`Emulator::requests`](crate::Emulator::requests) and
/// [`Builder::log`](crate::Builder::log) report it.
///
/// `Debug` leaves the statement and the reason out, because a statement's options may hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the request, from 0, in the order in which requests began to arrive. Requests to paths
    /// under `/_emulator/` are not numbered.
    pub index: u64,
    /// The number of the connection on which the request came, from 0, in the order in which connections were
    /// accepted.
    pub connection: u64,
    /// The method as it was sent.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without the question mark. Empty for Onehouse, and for presigned URLs of
    /// Hotdata's storage, whose query grants access.
    pub query: String,
    /// The name of the operation in the vendor's client: `get_run`, `list_databases`, `create_cluster`.
    /// Requests that are not an operation of the service, such as those to a token endpoint, have a name of
    /// the same form: `token`. `None` if the service does not have the path or cannot parse the statement, or
    /// if the path does not have the method (with Onehouse the method does not matter).
    pub operation: Option<&'static str>,
    /// The SQL statement of a submit to Onehouse, if the body had one. Its options may hold secrets.
    pub statement: Option<String>,
    /// The request id of Onehouse: for a poll the id in its path, for an accepted statement the id that it
    /// got.
    pub request_id: Option<String>,
    /// The HTTP status of the response; 0 if a fault closed the connection without a response.
    pub status: u16,
    /// Whether the request was accepted and changes something, whether the client received the response or
    /// not. For Onehouse every accepted statement counts, for H2O Workflows also the issue of an access
    /// token.
    pub taken: bool,
    /// The fault that was applied to the request.
    pub fault: Option<Arc<Fault>>,
    /// The reason that the response gives for a status of 400 or above: the text of the header `grpc-message`
    /// for Onehouse, the message in the body for the other services. It is one line, cut to about 300 bytes.
    pub reason: Option<String>,
}

impl RequestRecord {
    /// What is known of a request before it is answered.
    pub(crate) fn new(
        request: &Received,
        operation: Option<&'static str>,
        fault: Option<Arc<Fault>>,
    ) -> Self {
        Self {
            index: request.index,
            connection: request.connection,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            operation,
            statement: None,
            request_id: None,
            status: 0,
            taken: false,
            fault,
            reason: None,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "index": self.index,
            "connection": self.connection,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "statement": self.statement,
            "request_id": self.request_id,
            "status": self.status,
            "taken": self.taken,
            "fault": self.fault.as_ref().map(ToString::to_string),
            "reason": self.reason,
        })
    }

    fn bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.path.len() + self.query.len() + length(&self.statement) + length(&self.reason)
    }
}

impl fmt::Debug for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestRecord")
            .field("index", &self.index)
            .field("connection", &self.connection)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("operation", &self.operation)
            .field("request_id", &self.request_id)
            .field("status", &self.status)
            .field("taken", &self.taken)
            .field("fault", &self.fault.as_ref().map(ToString::to_string))
            .finish_non_exhaustive()
    }
}

/// An entry of a ledger.
pub trait Entry: Clone + fmt::Debug + Send + 'static {
    /// The entry as `/_emulator/ledger` shows it.
    fn to_json(&self) -> Value;

    /// How much text it holds.
    fn bytes(&self) -> usize;
}

/// The requests, the ledger and the rate limit of one emulator.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    requests: History<RequestRecord>,
    ledger: History<T>,
    limiter: Limiter,
}

impl<T: Entry> Journal<T> {
    pub(crate) fn new() -> Self {
        Self { requests: History::new(), ledger: History::new(), limiter: Limiter::default() }
    }

    pub(crate) fn requests(&self) -> Vec<RequestRecord> {
        self.requests.all()
    }

    pub(crate) fn ledger(&self) -> Vec<T> {
        self.ledger.all()
    }

    pub(crate) fn add_request(&mut self, record: RequestRecord) {
        let bytes = record.bytes();
        self.requests.push(record, bytes);
    }

    pub(crate) fn add_taken(&mut self, taken: T) {
        let bytes = taken.bytes();
        self.ledger.push(taken, bytes);
    }

    /// What the rate limit counts.
    pub(crate) fn limiter(&mut self) -> &mut Limiter {
        &mut self.limiter
    }

    /// Whether the rate limit admits one more request.
    pub(crate) fn admits(&mut self, now: Moment, per_second: u32) -> bool {
        self.limiter.admit(now, per_second)
    }
}
