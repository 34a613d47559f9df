//! The lines of a journal, and what follows from them for a call.

#[cfg(operation_batches)]
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::engine::batch::{JournalEvent, Past};

use super::Owner;
#[cfg(operation_batches)]
use super::millis;
use super::settings::KeptSettings;

/// The version of the format. Those since 1 are read.
pub(super) const VERSION: u32 = 4;
/// The program that writes this version, for those that read another.
pub(super) const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Journal(Header),
    Call(Planned),
    /// A later run continues the batch.
    Opened {
        at: u64,
    },
    #[serde(rename = "event")]
    JournalEvent(Happened),
}

/// The beginning of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(super) version: u32,
    /// The program that wrote it, with its version.
    pub(super) program: String,
    /// The owners of the calls, one for each client: the batch is not continued for others.
    pub(crate) members: Vec<Owner>,
    pub(crate) stops_on_failure: bool,
    /// How many calls there are.
    pub(super) calls: usize,
}

impl Header {
    pub(crate) fn new(members: Vec<Owner>, stops_on_failure: bool, calls: usize) -> Self {
        Self { version: VERSION, program: PROGRAM.to_owned(), members, stops_on_failure, calls }
    }
}

/// A call of the batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planned {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) after: Vec<String>,
    /// The number of its owner.
    #[serde(default, skip_serializing_if = "is_first")]
    pub(crate) member: usize,
    pub(crate) settings: KeptSettings,
    /// The call, in the form of its service.
    pub(crate) call: Box<RawValue>,
}

fn is_first(member: &usize) -> bool {
    *member == 0
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Happened {
    /// Milliseconds since 1970.
    pub(super) at: u64,
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) event: JournalEvent,
}

/// What is known of a call from earlier runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) past: Past,
    pub(crate) request_id: Option<String>,
    /// When it was submitted, in milliseconds since 1970.
    pub(crate) submitted: Option<u64>,
    /// The status that it ended with, or the error.
    pub(crate) text: Option<String>,
    is_submitting: bool,
}

impl Default for History {
    fn default() -> Self {
        Self { past: Past::Todo, request_id: None, submitted: None, text: None, is_submitting: false }
    }
}

impl History {
    /// What the program has decided about the call.
    pub(crate) fn decided(past: Past) -> Self {
        Self { past, ..Self::default() }
    }

    /// How long ago it was submitted; `None` if it was not, or if the clock was turned back since.
    #[cfg(operation_batches)]
    pub(crate) fn age(&self, wall: SystemTime) -> Option<Duration> {
        millis(wall).checked_sub(self.submitted?).map(Duration::from_millis)
    }

    /// Adds the next event; `false` if it cannot follow the ones before.
    pub(super) fn take(&mut self, at: u64, event: JournalEvent) -> bool {
        use JournalEvent::{Again, Done, Failed, NotTaken, Settled, Submitted, Submitting, Unknown};
        let (past, text) = match (&self.past, self.is_submitting, event) {
            // Twice, if two processes were about to send it and neither did, because each saw the other's
            // line.
            (Past::Todo, _, Submitting) => {
                self.is_submitting = true;
                return true;
            }
            (Past::Todo, true, NotTaken) => (Past::Todo, None),
            (Past::Todo, true, Submitted { request_id }) => {
                self.request_id = Some(request_id);
                self.submitted = Some(at);
                (Past::Submitted, None)
            }
            (Past::Todo, true, Unknown { error }) => (Past::Unknown, Some(error)),
            (Past::Submitted, _, Done { status }) => (Past::Done, Some(status)),
            (Past::Submitted, _, Failed { error }) => (Past::Failed, Some(error)),
            // What only reads is not announced, and what is done or has failed at once was never waited for.
            (Past::Todo, _, Done { status }) => (Past::Done, Some(status)),
            (Past::Todo, _, Failed { error }) => (Past::Failed, Some(error)),
            (Past::Unknown | Past::Failed, _, Again) => {
                *self = Self::default();
                return true;
            }
            (Past::Unknown | Past::Failed, _, Settled) => (Past::Done, None),
            // Submitting when the journal was closed: unknown, until the program decided.
            (Past::Todo, true, Again) => (Past::Todo, None),
            (Past::Todo, true, Settled) => (Past::Done, None),
            _ => return false,
        };
        self.is_submitting = false;
        self.past = past;
        self.text = text;
        true
    }

    /// Settles a submit without an outcome: it is unknown, unless the call `is_repeatable`. Returns the event
    /// to write down for that.
    pub(crate) fn settle(&mut self, is_repeatable: bool) -> Option<JournalEvent> {
        if !std::mem::take(&mut self.is_submitting) {
            return None;
        }
        if is_repeatable {
            return Some(JournalEvent::NotTaken);
        }
        self.past = Past::Unknown;
        None
    }
}
