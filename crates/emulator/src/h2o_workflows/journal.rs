//! The entries of the ledger.

use serde_json::{Value, json};

use crate::journal::Entry;

/// An entry of the [ledger](crate::Emulator::ledger): a change that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The name of the operation in the vendor's client: `run_workflow_revision`.
    pub operation: &'static str,
    /// The name of the resource that was created, changed or deleted; for `run_workflow_revision`, that of
    /// the new run.
    pub name: String,
}

impl Entry for Taken {
    fn to_json(&self) -> Value {
        json!({ "operation": self.operation, "name": self.name })
    }

    fn bytes(&self) -> usize {
        self.name.len()
    }
}
