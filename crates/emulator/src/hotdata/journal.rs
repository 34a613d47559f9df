//! The entries of the ledger.

use serde_json::{Value, json};

use crate::journal::Entry;

/// An entry of the [ledger](crate::Emulator::ledger): a change that was accepted, work that was started, or
/// work that has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The name of the operation in the vendor's client: `create_database`. A `PUT` to the storage is
    /// `storage_put`. A load in the background has two entries: the name of its operation when it is started,
    /// and `managed_load` when the table has its rows.
    pub operation: &'static str,
    /// The id of the resource that was created, changed or deleted, or of the query run. For a table it is
    /// `connection/schema/table`, and for a part of an upload `upload/part`.
    pub id: String,
    /// The id of the workspace. Empty for a `PUT` to the storage.
    pub workspace_id: String,
    /// The mode of a load, such as `append`; `None` for every other operation.
    pub mode: Option<String>,
    /// The number of rows: for a load that has ended, the rows of the table after it; for a query
    /// without an error, the rows of its result. `None` for everything else.
    pub rows: Option<u64>,
    /// The size in bytes of an upload that is complete, or of a part of an upload. `None` for everything else.
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
