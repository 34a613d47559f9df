//! What comes of the calls of a batch, as they finish.

use std::sync::Arc;
#[cfg(feature = "async")]
use std::{
    future::poll_fn,
    task::{Context, Poll},
};

#[cfg(feature = "async")]
use crate::client::batch::Flights;
use crate::client::batch::{Concluded, Lanes};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::open_enum::OpenEnum;

use super::super::client::Onehouse;
use super::super::status::{ApiStatus, StatusResponse};

/// What came of a call of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finished {
    /// The key that it was added with.
    pub key: String,
    /// As the call's own `send` would have given it. [`Skipped`](ErrorKind::Skipped) if it was not submitted, because one
    /// that it comes after did not succeed or the batch was stopped.
    pub result: Result<StatusResponse, Error>,
}

impl Finished {
    fn new(keys: &[Arc<str>], (job, outcome): Concluded) -> Self {
        let result = outcome.map(|done| {
            StatusResponse::from_parts(done.request_id, ApiStatus::read(&done.status), done.body)
        });
        Self { key: keys[job].to_string(), result }
    }
}

/// The results of a blocking batch, as they finish: by [`Batch::run`](super::Batch::run).
///
/// The batch goes on while the next result is waited for, on this thread, and on others while requests are under way.
/// Dropping it stops the batch: nothing more is sent, and the answers that are under way are waited for.
#[derive(Debug)]
#[must_use = "a batch goes on only while its results are asked for"]
pub struct Results {
    pub(super) keys: Vec<Arc<str>>,
    pub(super) lanes: Lanes<Onehouse>,
}

impl Iterator for Results {
    type Item = Finished;

    fn next(&mut self) -> Option<Finished> {
        self.lanes.next().map(|concluded| Finished::new(&self.keys, concluded))
    }
}

/// The results of a batch of an `AsyncClient`, as they finish.
///
/// The batch goes on while the next result is awaited: one task, which may have several requests in flight. Dropping it
/// stops the batch and the requests in flight; a submit among them may have been taken, and a journal tells of it as
/// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown).
#[cfg(feature = "async")]
#[derive(Debug)]
#[must_use = "a batch goes on only while its results are asked for"]
pub struct AsyncResults {
    pub(super) keys: Vec<Arc<str>>,
    pub(super) flights: Flights<Onehouse>,
}

#[cfg(feature = "async")]
impl AsyncResults {
    /// The next result; `None` after the last. Dropping the future loses nothing: the next one goes on where it was.
    pub async fn next(&mut self) -> Option<Finished> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// As [`next`](AsyncResults::next), for a `Stream` of yours.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Finished>> {
        let Self { keys, flights } = self;
        flights.poll_next(context).map(|next| next.map(|concluded| Finished::new(keys, concluded)))
    }
}
