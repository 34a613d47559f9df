//! Plans: commands in a file, checked before anything is sent.
//!
//! A plan is a JSON list of steps. Each has a key, a command, and the keys of the steps that have to succeed
//! before it:
//!
//! ```json
//! [
//!   {"key": "cluster", "command": {"create_cluster": {"name": "prod", "type": "Managed"}}},
//!   {"key": "lake", "command": {"create_lake": {"name": "raw", "lake_type": "MANAGED", "bucket_path": "s3://b/raw/",
//!     "default_services_cluster": "prod"}}, "after": ["cluster"]}
//! ]
//! ```
//!
//! [`read`] returns the steps, or every fault with its line and column. The commands may be of any type that
//! can be read from JSON:
//!
//! - the `AnyCommand` of a service;
//! - `hotdata::PlanCommand`, which may also be the upload of a file with its load;
//! - [`controlplane::PlanCommand`](crate::PlanCommand), whose commands name their service:
//!   `{"onehouse": {"create_cluster": {…}}}`.
//!
#![cfg_attr(feature = "onehouse", doc = "```")]
#![cfg_attr(not(feature = "onehouse"), doc = "```ignore")]
//! use controlplane::onehouse::{AnyCommand, Client};
//! use controlplane::plan;
//!
//! let text = r#"[
//!   {"key": "cluster", "command": {"create_clutser": {"name": "prod", "type": "Managed"}}},
//!   {"key": "job", "command": {"run_job": {"nme": "nightly"}}, "after": ["clusters"]}
//! ]"#;
//! let faults = plan::read::<AnyCommand>(text).unwrap_err();
//! let shown: Vec<String> = faults.iter().map(|fault| format!("plan.json:{fault}")).collect();
//! assert_eq!(
//!     shown,
//!     [
//!         "plan.json:2:34: unknown command `create_clutser`; did you mean `create_cluster`?",
//!         "plan.json:3:41: missing field `name`",
//!         "plan.json:3:42: unknown field `nme`; did you mean `name`?",
//!         "plan.json:3:72: unknown step `clusters`; did you mean `cluster`?",
//!     ]
//! );
//!
//! let text = r#"[{"key": "cluster", "command": {"create_cluster": {"name": "prod", "type": "Managed"}}}]"#;
//! let client = Client::offline();
//! let mut batch = client.batch();
//! for step in plan::read::<AnyCommand>(text)? {
//!     let mut added = batch.add(step.key, client.call(step.command));
//!     for key in step.after {
//!         added = added.after(key);
//!     }
//! }
//! # Ok::<(), controlplane::plan::Faults>(())
//! ```
//!
//! # Files
//!
//! With Hotdata, a step may upload a file and load it into a table. The batch runs such a step as one call
//! with several requests. The command `upload_and_load` exists in plans only, and not in
//! `hotdata::AnyCommand`:
//!
//! ```json
//! [
//!   {"key": "orders", "command": {"upload_and_load": {
//!     "path": "orders.csv",
//!     "content_type": "text/csv",
//!     "load": {"load_database_table": {
//!       "database_id": "dbid7h2k9q4m1x8c", "schema": "main", "table": "orders",
//!       "load_managed_table_request": {"mode": "append"}
//!     }}
//!   }}}
//! ]
//! ```
//!
//! - `filename`, `content_type` and `content_encoding` are the settings of the upload, all optional. Without a
//!   `content_type`, and without a `format` of the load, the service finds the format by the bytes.
//! - `load` is the command `load_database_table` or `load_managed_table`, without the fields that name
//!   another source (`upload_id`, `result_id`, `data`) and without `columns` and `idempotency_key`, which
//!   need `data`.
//! - A relative `path` is relative to the working directory of the process that carries the plan out, not to the
//!   folder of the plan: [`read`] knows no folder, a plan may come from standard input, and a journal keeps the path
//!   as it is.
//! - [`read`] looks at no file. Before the command line (`controlplane apply`) sends anything, it refuses a
//!   plan with a file that is missing, is not a regular file or cannot be read. Each file is checked again
//!   when it is uploaded.
//!
//! # Schemas
//!
//! The folder `schemas/` of the repository has JSON Schemas (draft 2020-12) of the plans and commands of each
//! service, and of plans with the commands of several services (`plan.schema.json`). With these schemas, an
//! editor completes a plan and marks faults. `AnyCommand::schema()` of a service returns the schema of its
//! commands. In Visual Studio Code, this setting assigns a schema to files:
//!
//! ```json
//! {"json.schemas": [{"fileMatch": ["*plan.json"], "url": "./schemas/onehouse-plan.schema.json"}]}
//! ```

mod names;
mod order;
mod place;
mod repair;

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::shown;

use place::{Entry, Text, entries};

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step<C> {
    /// The key of the step, which no other step has.
    pub key: String,
    /// The command.
    pub command: C,
    /// The keys of the steps that have to succeed before this step.
    pub after: Vec<String>,
    /// The place where the command begins.
    pub place: Place,
}

/// A place in a text. `Display` writes `LINE:COLUMN`, as compilers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column: the number of the character in its line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A fault of a plan. `Display` writes `LINE:COLUMN: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The place of the value that is wrong, or of the object that lacks something.
    pub place: Place,
    /// What is wrong. Of the plan, the message shows only names (keys, fields, commands and values of enums),
    /// because other values may be secret.
    pub message: String,
}

impl Fault {
    /// Returns a fault at this place, for checks that a program makes itself.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// All faults of a plan, at least one, in the order of their places. `Display` writes one fault a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl std::ops::Deref for Faults {
    type Target = [Fault];

    fn deref(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Reads a plan from its JSON text, and returns its steps in the order of the text.
///
/// # Errors
///
/// [`Faults`], with every fault of the plan: unknown commands and fields (with similar names that exist),
/// missing fields, values of a wrong type, keys that two steps have, keys in `after` that no step has, and
/// cycles. A text that is not JSON has one fault. A wrong field may hide another fault of the same command
/// that depends on the field's value.
pub fn read<C: DeserializeOwned>(text: &str) -> Result<Vec<Step<C>>, Faults> {
    let text = Text::new(text);
    let mut faults = Vec::new();
    let mut steps = Vec::new();
    match text.list() {
        Ok(items) => {
            for item in items {
                steps.extend(step(&text, item, &mut faults));
            }
        }
        Err(fault) => faults.push(fault),
    }
    order::check(&steps, &mut faults);
    let mut whole = Vec::new();
    for step in steps {
        // A step without a command has a fault.
        if let Some(command) = step.command {
            let after = step.after.into_iter().map(|(key, _)| key).collect();
            whole.push(Step { key: step.key, command, after, place: step.place });
        }
    }
    if faults.is_empty() {
        return Ok(whole);
    }
    faults.sort_by(|a, b| (a.place, &a.message).cmp(&(b.place, &b.message)));
    faults.dedup();
    Err(Faults(faults))
}

/// A step as far as it can be read.
struct Draft<C> {
    key: String,
    key_place: Place,
    command: Option<C>,
    after: Vec<(String, Place)>,
    place: Place,
}

const FIELDS: [&str; 3] = ["key", "command", "after"];

fn step<C: DeserializeOwned>(text: &Text<'_>, item: &RawValue, faults: &mut Vec<Fault>) -> Option<Draft<C>> {
    let place = text.place_of(item.get());
    let Some(fields) = entries(item.get()) else {
        faults.push(Fault::new(
            place,
            "a step must be an object with `key` and `command`, and optionally `after`",
        ));
        return None;
    };
    for (i, field) in fields.iter().enumerate() {
        let at = text.place(text.offset_of(item.get()) + field.at);
        if !FIELDS.contains(&&*field.key) {
            faults.push(Fault::new(at, names::unknown("field", &field.key, &FIELDS)));
        } else if fields[..i].iter().any(|other| other.key == field.key) {
            faults.push(Fault::new(at, format!("field `{}` appears more than once", shown(&field.key))));
        }
    }
    let field = |name: &str| fields.iter().find(|field| field.key == name);
    let mut missing = |name: &str| faults.push(Fault::new(place, format!("missing field `{name}`")));
    if field("key").is_none() {
        missing("key");
    }
    if field("command").is_none() {
        missing("command");
    }
    let (key, key_place) = match field("key") {
        None => (String::new(), place),
        Some(field) => {
            let at = text.place_of(field.value);
            let key = serde_json::from_str::<String>(field.value).ok().filter(|key| !key.is_empty());
            if key.is_none() {
                faults.push(Fault::new(at, "`key` must be a string that is not empty"));
            }
            (key.unwrap_or_default(), at)
        }
    };
    let after = field("after").map(|field| after(text, field, faults)).unwrap_or_default();
    let command = field("command").and_then(|field| command(text, field.value, faults));
    let place = field("command").map_or(place, |field| text.place_of(field.value));
    Some(Draft { key, key_place, command, after, place })
}

fn after(text: &Text<'_>, field: &Entry<'_>, faults: &mut Vec<Fault>) -> Vec<(String, Place)> {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(field.value) else {
        faults.push(Fault::new(text.place_of(field.value), "`after` must be a list of keys"));
        return Vec::new();
    };
    let mut keys = Vec::new();
    for item in items {
        let at = text.place_of(item.get());
        match serde_json::from_str::<String>(item.get()) {
            Ok(key) => keys.push((key, at)),
            Err(_) => faults.push(Fault::new(at, "a key in `after` must be a string")),
        }
    }
    keys
}

/// Enums of commands are so deep in each other at most: that of several services has those of each.
const MOST_ENUMS: usize = 2;

/// The fault of a value in the place of a command.
const NOT_A_COMMAND: &str = "a command must be an object with one key, its name";

/// Reads a command: an object with one key, its name; or the name of its service, and the command.
fn command<C: DeserializeOwned>(text: &Text<'_>, value: &str, faults: &mut Vec<Fault>) -> Option<C> {
    let base = text.offset_of(value);
    let (mut path, mut inner): (Vec<String>, _) = (Vec::new(), value);
    while path.len() < MOST_ENUMS {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(known) = names::variants::<C>(&names) else { break };
        let begins = text.offset_of(inner);
        match entries(inner).as_deref() {
            Some([entry]) if known.contains(&&*entry.key) => {
                path.push(entry.key.to_string());
                inner = entry.value;
            }
            Some([entry]) => {
                let message = names::unknown("command", &entry.key, &known);
                faults.push(Fault::new(text.place(begins + entry.at), message));
                return None;
            }
            _ => {
                faults.push(Fault::new(text.place(begins), NOT_A_COMMAND));
                return None;
            }
        }
    }
    match serde_json::from_str(value) {
        Ok(command) => Some(command),
        Err(_) => {
            let found = repair::faults::<C>(value, path.len().max(1));
            faults.extend(found.into_iter().map(|(at, message)| Fault::new(text.place(base + at), message)));
            None
        }
    }
}

#[cfg(test)]
mod tests;
