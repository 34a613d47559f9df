//! The results of a batch, as its calls finish.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

use super::blocking::Lanes;
#[cfg(feature = "async")]
use super::futures::Flights;
use super::{BatchScope, Concluded};

/// The result of a call of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finished<T> {
    /// The key that the call was added with.
    pub key: String,
    /// The result, as the call's own `send` would have returned it. It is the error
    /// [`Skipped`](ErrorKind::Skipped) if the call was not submitted, because a call that it comes after did
    /// not succeed, or because the batch was stopped, was cancelled or timed out.
    pub result: Result<T, Error>,
}

impl<T> Finished<T> {
    fn new(keys: &[Arc<str>], (job, result): Concluded<T>) -> Self {
        Self { key: keys[job].to_string(), result }
    }
}

/// An iterator over the results of a blocking batch, in the order in which its calls finish.
/// [`Batch::run`](super::Batch::run) returns it.
///
/// The batch starts when the first result is requested. It runs on the thread that calls `next`, while that
/// thread waits for a result, and on threads of its own, which also send requests between two calls of
/// `next`. With `threads(1)` it runs only during calls of `next`. Dropping the iterator stops the batch: no
/// further request is sent, and the drop waits for the responses to requests in flight.
#[must_use = "a batch does nothing until its results are requested"]
pub struct Results<S: BatchScope> {
    pub(super) keys: Vec<Arc<str>>,
    pub(super) lanes: Lanes<S::Output>,
}

impl<S: BatchScope> fmt::Debug for Results<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("calls", &self.keys.len()).finish_non_exhaustive()
    }
}

impl<S: BatchScope> Iterator for Results<S> {
    type Item = Finished<S::Output>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lanes.next().map(|concluded| Finished::new(&self.keys, concluded))
    }
}

/// A stream of the results of an async batch, in the order in which its calls finish. `run` of the batch
/// returns it.
///
/// The batch runs while the next result is awaited, on the task that awaits it, which may have several
/// requests in flight. Dropping the results stops the batch and aborts the requests in flight. If one of
/// these requests was a submit, the service may have accepted it: a batch that continues the journal ends
/// that call with [`OutcomeUnknown`](ErrorKind::OutcomeUnknown).
#[cfg(feature = "async")]
#[must_use = "a batch does nothing until its results are requested"]
pub struct AsyncResults<S: BatchScope> {
    pub(super) keys: Vec<Arc<str>>,
    pub(super) flights: Flights<S::Output>,
}

#[cfg(feature = "async")]
impl<S: BatchScope> fmt::Debug for AsyncResults<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResults").field("calls", &self.keys.len()).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl<S: BatchScope> AsyncResults<S> {
    /// Returns the next result, or `None` after the last one. Dropping the future before its end loses
    /// nothing: the next call of `next` continues.
    pub async fn next(&mut self) -> Option<Finished<S::Output>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Finished<S::Output>>> {
        let Self { keys, flights } = self;
        flights.poll_next(context).map(|next| next.map(|concluded| Finished::new(keys, concluded)))
    }
}

/// No field is pinned.
#[cfg(feature = "async")]
impl<S: BatchScope> Unpin for AsyncResults<S> {}

#[cfg(feature = "async")]
impl<S: BatchScope> futures_core::Stream for AsyncResults<S> {
    type Item = Finished<S::Output>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
