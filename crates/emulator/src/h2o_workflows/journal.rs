//! What the emulator remembers for those who test with it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::server::Received;

/// One request and how it was answered.
#[derive(Clone, Debug, PartialEq)]
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
    /// The query as it was sent.
    pub query: String,
    /// The operation, by the name that the vendor's client has for it: `get_run`; for what is no operation of
    /// the service `discovery`, `openid_configuration`, `token`, `version`. `None` if there is no such path
    /// or method.
    pub operation: Option<&'static str>,
    /// The HTTP status of the answer; 0 if a fault closed the connection in place of one.
    pub status: u16,
    /// Whether it was a change that was taken.
    pub taken: bool,
    /// The fault that struck it.
    pub fault: Option<Arc<Fault>>,
}

impl RequestRecord {
    /// What is known of a request before it is answered.
    pub(super) fn new(
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
            status: 0,
            taken: false,
            fault,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "index": self.index,
            "connection": self.connection,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "status": self.status,
            "taken": self.taken,
            "fault": self.fault.as_ref().map(ToString::to_string),
        })
    }
}

/// A change that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// What was done, by the name that the vendor's client has for it: `run_workflow_revision`.
    pub operation: &'static str,
    /// The resource that was made or changed: of `run_workflow_revision` the new run.
    pub name: String,
}

impl Taken {
    pub(super) fn to_json(&self) -> Value {
        json!({ "operation": self.operation, "name": self.name })
    }
}
