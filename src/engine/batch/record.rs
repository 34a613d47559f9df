//! The events of the calls of a batch, as they are written down.

use serde::{Deserialize, Serialize};

/// An event of a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) job: usize,
    pub(crate) event: JournalEvent,
}

/// What happened to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum JournalEvent {
    /// It is about to be sent.
    Submitting,
    /// The server has accepted it.
    Submitted { request_id: String },
    /// It may be sent again: the server has not accepted it, or it changes nothing.
    NotTaken,
    /// It is unknown whether the server has accepted it.
    Unknown { error: String },
    /// It ended with a success.
    Done { status: String },
    /// It failed.
    Failed { error: String },
    /// The user decided to submit it again.
    Again,
    /// The user decided that it is done.
    Settled,
}

impl JournalEvent {
    /// Returns the name of the event as journals spell it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Submitting => "submitting",
            Self::Submitted { .. } => "submitted",
            Self::NotTaken => "not_taken",
            Self::Unknown { .. } => "unknown",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Again => "again",
            Self::Settled => "settled",
        }
    }
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
