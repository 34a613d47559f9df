//! What a project holds, and what statements make of it.
//!
//! The rules are those of reference section 14. Where no source has a rule that a project needs, it is the
//! emulator's own and says so where it stands.

mod clusters;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::onehouse::{AnyCommand, OptionValue, Options};
use crate::redact::{REDACTED, is_secret_key};

use super::operations::{Fault, Operations, Outcome};

use clusters::Cluster;

/// Everything in the project.
#[derive(Debug)]
pub(super) struct State {
    clusters: BTreeMap<String, Cluster>,
}

/// What a statement needs to know beside the state.
pub(super) struct Context<'a> {
    /// The id of the operation that the statement has become.
    pub(super) operation: &'a str,
    /// The operations before it.
    pub(super) operations: &'a Operations,
    /// How many times an operation says that it is pending.
    pub(super) pending_polls: u32,
}

impl State {
    /// A new project.
    pub(super) fn new() -> Self {
        Self { clusters: clusters::of_every_project() }
    }

    /// Carries out one statement.
    pub(super) fn execute(&mut self, command: &AnyCommand, context: &Context<'_>) -> Outcome {
        match command {
            AnyCommand::CreateCluster(command) => self.create_cluster(command, context),
            AnyCommand::AlterCluster(command) => self.alter_cluster(command, context),
            AnyCommand::DeleteCluster(command) => self.delete_cluster(command),
            AnyCommand::DescribeCluster(command) => self.describe_cluster(command, context),
            AnyCommand::ShowClusters(_) => self.show_clusters(context),
        }
    }
}

/// A value that becomes another one when the operation that changes it ends.
///
/// An operation that nobody asks about would never end by itself, so looking at the resource moves it on too.
#[derive(Debug)]
struct Settling {
    now: &'static str,
    next: Option<Next>,
}

#[derive(Debug)]
struct Next {
    value: &'static str,
    operation: String,
    looks_left: u32,
}

impl Settling {
    fn still(value: &'static str) -> Self {
        Self { now: value, next: None }
    }

    fn change(&mut self, now: &'static str, then: &'static str, context: &Context<'_>) {
        self.now = now;
        self.next = Some(Next {
            value: then,
            operation: context.operation.to_owned(),
            looks_left: context.pending_polls,
        });
    }

    /// What a look at the resource finds.
    fn look(&mut self, context: &Context<'_>) -> &'static str {
        match &mut self.next {
            None => {}
            Some(next) if next.looks_left > 0 && !context.operations.is_over(&next.operation) => {
                next.looks_left -= 1;
            }
            Some(next) => {
                self.now = next.value;
                self.next = None;
            }
        }
        self.now
    }
}

/// A name that a statement could use again: the emulator's own rule for new names that are strings.
fn check_new_name(name: &str) -> Result<(), Fault> {
    let sayable = |c: char| !c.is_control() && !matches!(c, '`' | '\'' | '"' | ';');
    if !name.is_empty() && name.chars().all(sayable) {
        Ok(())
    } else {
        Err(Fault::invalid("a new name is not empty and has no quotes, backticks, `;` or control characters"))
    }
}

/// Options as a payload shows them: what names a secret is masked.
fn shown_options(options: &Options) -> Value {
    let shown = options.iter().map(|(key, value)| {
        let value = match value {
            _ if is_secret_key(key) => Value::from(REDACTED),
            OptionValue::String(text) => Value::from(text.as_str()),
            other => serde_json::to_value(other).unwrap_or_default(),
        };
        (key.to_owned(), value)
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
