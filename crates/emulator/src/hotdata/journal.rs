//! The entries of the ledger.

use serde_json::{Value, json};

use crate::journal::Entry;

/// A change that was accepted, or work that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The operation, by the name that the vendor's client has for it: `create_database`. Work in the
    /// background stands here when it is done: `load_database_table` when the rows are in.
    pub operation: &'static str,
    /// What was made or changed: an id, for tables `connection/schema/table`, for parts of uploads
    /// `upload/part`.
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

impl Entry for Taken {
    fn to_json(&self) -> Value {
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

    fn bytes(&self) -> usize {
        self.id.len() + self.workspace_id.len()
    }
}
