//! Streams: machines that have an outcome for each item, run with the open body that they read.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context as TaskContext, Poll, ready};

use crate::engine::Machine;
use crate::error::Error;

#[cfg(feature = "async")]
use super::Async;
use super::cancel::CancelToken;
use super::mode::Mode;
use super::{Blocking, Platform, Shared};

/// A machine that gives items one by one, with its client and the open body that it reads.
pub(crate) struct Stream<S: Platform, M: Mode, K> {
    client: Shared<S, M>,
    cancel: Option<CancelToken>,
    pub(crate) machine: K,
    body: Option<M::Body>,
    is_over: bool,
}

impl<S: Platform, M: Mode, K> fmt::Debug for Stream<S, M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}

impl<S: Platform, M: Mode, K> Stream<S, M, K> {
    pub(crate) fn new(
        client: Shared<S, M>,
        cancel: Option<CancelToken>,
        machine: K,
        body: Option<M::Body>,
    ) -> Self {
        Self { client, cancel, machine, body, is_over: false }
    }

    /// Ends the stream after its last item or its first error, and closes the body.
    fn given<T>(&mut self, outcome: Result<Option<T>, Error>) -> Option<Result<T, Error>> {
        let item = outcome.transpose();
        if !matches!(item, Some(Ok(_))) {
            self.is_over = true;
            self.body = None;
        }
        item
    }
}

impl<S: Platform, T, K: Machine<Output = Option<T>>> Stream<S, Blocking, K> {
    /// The next item; `None` after the last one and after an error.
    pub(crate) fn next(&mut self) -> Option<Result<T, Error>> {
        if self.is_over {
            return None;
        }
        let outcome = self.client.drive(self.cancel.as_ref(), &mut self.machine, &mut self.body);
        self.given(outcome)
    }
}

#[cfg(feature = "async")]
type Turn<S, K, T> = Pin<Box<dyn Future<Output = (Stream<S, Async, K>, Option<Result<T, Error>>)> + Send>>;

/// A [`Stream`] that is polled. What a dropped future has begun is kept and goes on with the next poll.
#[cfg(feature = "async")]
pub(crate) struct AsyncStream<S: Platform, K, T> {
    /// `None` while a turn is under way, and after the end.
    idle: Option<Stream<S, Async, K>>,
    turn: Option<Turn<S, K, T>>,
}

#[cfg(feature = "async")]
impl<S: Platform, K, T> From<Stream<S, Async, K>> for AsyncStream<S, K, T> {
    fn from(stream: Stream<S, Async, K>) -> Self {
        Self { idle: Some(stream), turn: None }
    }
}

#[cfg(feature = "async")]
impl<S, K, T> AsyncStream<S, K, T>
where
    S: Platform,
    K: Machine<Output = Option<T>> + 'static,
    T: Send + 'static,
{
    /// The next item; `None` after the last one and after an error.
    pub(crate) fn poll_next(&mut self, context: &mut TaskContext<'_>) -> Poll<Option<Result<T, Error>>> {
        if let Some(mut stream) = self.idle.take() {
            self.turn = Some(Box::pin(async move {
                let Stream { client, cancel, machine, body, .. } = &mut stream;
                let outcome = client.drive(cancel.as_ref(), machine, body).await;
                let item = stream.given(outcome);
                (stream, item)
            }));
        }
        let Some(turn) = &mut self.turn else { return Poll::Ready(None) };
        let (stream, item) = ready!(turn.as_mut().poll(context));
        self.turn = None;
        if !stream.is_over {
            self.idle = Some(stream);
        }
        Poll::Ready(item)
    }
}
