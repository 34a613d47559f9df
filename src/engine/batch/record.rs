//! What happens to the calls of a batch, as it is written down.

use serde::{Deserialize, Serialize};

/// One thing that happened to one job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) job: usize,
    pub(crate) event: JournalEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum JournalEvent {
    /// It is about to be sent.
    Submitting,
    /// The server has taken it.
    Submitted { request_id: String },
    /// It may be sent again: the server has not taken it, or it changes nothing.
    NotTaken,
    /// Nobody knows whether the server has taken it.
    Unknown { error: String },
    /// It ended well.
    Done { status: String },
    /// It ended badly.
    Failed { error: String },
    /// The user said that it is to be submitted again.
    Again,
    /// The user said that it is done.
    Settled,
}

/// What is known of a call when a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// It is not submitted.
    Todo,
    Submitted,
    Done,
    Failed,
    /// It may have been submitted.
    Unknown,
}
