//! The entries of the ledger.

use serde_json::{Value, json};

use crate::journal::Entry;

/// A change that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The operation, by the name that the vendor's client has for it: `run_workflow_revision`.
    pub operation: &'static str,
    /// The resource that was made or changed: of `run_workflow_revision` the new run.
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
