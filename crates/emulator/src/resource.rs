//! The resources of a service as `/_emulator/resources` lists them.

use serde_json::{Value, json};

/// One resource of an emulated service, or one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The vendor's word for the kind: `cluster`, `run`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The state or status, in the vendor's words; `None` for kinds that have none.
    pub(crate) state: Option<String>,
}

impl Resource {
    pub(crate) fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), state: None }
    }

    pub(crate) fn in_state(self, state: impl Into<String>) -> Self {
        Self { state: Some(state.into()), ..self }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "kind": self.kind, "name": self.name, "state": self.state })
    }
}

/// A resource for each name.
#[cfg(any(feature = "hotdata", feature = "onehouse"))]
pub(crate) fn named(
    kind: &'static str,
    names: impl IntoIterator<Item = impl Into<String>>,
) -> impl Iterator<Item = Resource> {
    names.into_iter().map(move |name| Resource::new(kind, name))
}
