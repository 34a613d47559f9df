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
    /// The query as it was sent; of addresses of the storage nothing, for what is in it opens them.
    pub query: String,
    /// The operation, by the name that the vendor's client has for it: `list_databases`; `storage_put` for what
    /// goes to the storage. `None` if there is no such path or method.
    pub operation: Option<&'static str>,
    /// The HTTP status of the answer; 0 if a fault closed the connection in place of one.
    pub status: u16,
    /// Whether it changed something or set something going.
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
        let is_storage = request.path.starts_with(super::operation::STORAGE);
        Self {
            index: request.index,
            connection: request.connection,
            method: request.method.clone(),
            path: request.path.clone(),
            query: if is_storage { String::new() } else { request.query.clone() },
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

/// A change that was taken, or work that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// What was done, by the name that the vendor's client has for it: `create_database`. Work in the background
    /// stands here when it is done: `load_database_table` when the rows are in.
    pub operation: &'static str,
    /// What was made or changed: an id, for tables `connection/schema/table`, for parts of uploads `upload/part`.
    pub id: String,
    /// The workspace.
    pub workspace_id: String,
    /// Of loads: the mode.
    pub mode: Option<String>,
    /// Of loads: the rows that the table has now; of queries: the rows of the result.
    pub rows: Option<u64>,
    /// Of uploads and their parts: the size.
    pub bytes: Option<u64>,
}

impl Taken {
    pub(super) fn to_json(&self) -> Value {
        let Self { operation, id, workspace_id, mode, rows, bytes } = self;
        let mut json = json!({ "operation": operation, "id": id, "workspace_id": workspace_id });
        for (name, value) in [
            ("mode", mode.clone().map(Value::from)),
            ("rows", rows.map(Value::from)),
            ("bytes", bytes.map(Value::from)),
        ] {
            if let Some(value) = value {
                json[name] = value;
            }
        }
        json
    }

    pub(super) fn size(&self) -> usize {
        self.id.len() + self.workspace_id.len()
    }
}
