//! The logs of a run as iterators and streams.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

#[cfg(feature = "async")]
use crate::client::{Async, AsyncStream};
use crate::client::{Blocking, Stream};
use crate::error::Error;
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::Call;

use super::call::FollowLogs;
use super::follow::{RunFollow, follow};
use super::lines::RunLines;
use super::model::{RunLogChunk, RunLogLine};
use super::position::{RunLogPosition, Shared};

impl Call<Blocking, FollowLogs> {
    /// Returns an iterator over the logs of the run, chunk by chunk: see
    /// [`RunClient::follow_logs`](crate::h2o_workflows::clients::RunClient::follow_logs). [`RunLogs::lines`]
    /// makes it an iterator over lines of text.
    pub fn iter(self) -> RunLogs {
        let (machine, position) = follow(&self);
        RunLogs { stream: Stream::new(self.client, self.options.cancel, machine, None), position }
    }
}

/// The logs of a run, chunk by chunk: see
/// [`RunClient::follow_logs`](crate::h2o_workflows::clients::RunClient::follow_logs).
#[must_use = "an iterator does nothing until it is polled"]
pub struct RunLogs {
    stream: Stream<H2oWorkflows, Blocking, RunFollow>,
    position: Shared,
}

impl fmt::Debug for RunLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLogs").field("position", &self.position()).finish_non_exhaustive()
    }
}

impl RunLogs {
    /// Returns the position up to which the logs were returned. Another process can continue there, with
    /// [`Call::position`].
    pub fn position(&self) -> RunLogPosition {
        self.position.before(0)
    }

    /// Returns the logs as lines of text, without their ends. Bytes that are not UTF-8 are replaced. The end
    /// of a step's log ends its last line. A line longer than 16 MiB is returned in parts.
    pub fn lines(self) -> RunLogLines {
        RunLogLines { lines: RunLines::new(self.position.clone()), logs: self }
    }
}

impl Iterator for RunLogs {
    type Item = Result<RunLogChunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.next()
    }
}

/// The logs of a run as lines of text: see [`RunLogs::lines`].
#[must_use = "an iterator does nothing until it is polled"]
pub struct RunLogLines {
    logs: RunLogs,
    lines: RunLines,
}

impl fmt::Debug for RunLogLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLogLines").field("position", &self.position()).finish_non_exhaustive()
    }
}

impl RunLogLines {
    /// Returns the position of the end of the last line that was returned. Another process can continue
    /// there, with [`Call::position`].
    pub fn position(&self) -> RunLogPosition {
        self.lines.position()
    }
}

impl Iterator for RunLogLines {
    type Item = Result<RunLogLine, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.lines.next() {
                return Some(Ok(line));
            }
            let item = self.logs.next();
            let is_end = item.is_none();
            let line = self.lines.take(item);
            if line.is_some() || is_end {
                return line;
            }
        }
    }
}

#[cfg(feature = "async")]
impl Call<Async, FollowLogs> {
    /// Returns a stream of the logs of the run, chunk by chunk: see
    /// [`RunClient::follow_logs`](crate::h2o_workflows::clients::RunClient::follow_logs). With
    /// [`RunLogStream::lines`] it is a stream of lines of text. Both have a `next` method for programs that
    /// use no crate for streams. To be used inside a Tokio runtime.
    pub fn stream(self) -> RunLogStream {
        let (machine, position) = follow(&self);
        let stream = Stream::new(self.client, self.options.cancel, machine, None).into();
        RunLogStream { stream, position }
    }
}

/// The logs of a run, chunk by chunk, for asynchronous programs: see
/// [`RunClient::follow_logs`](crate::h2o_workflows::clients::RunClient::follow_logs).
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
pub struct RunLogStream {
    stream: AsyncStream<H2oWorkflows, RunFollow, RunLogChunk>,
    position: Shared,
}

#[cfg(feature = "async")]
impl fmt::Debug for RunLogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLogStream").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl RunLogStream {
    /// Returns the position up to which the logs were returned. Another process can continue there, with
    /// [`Call::position`].
    pub fn position(&self) -> RunLogPosition {
        self.position.before(0)
    }

    /// Returns the logs as lines of text, without their ends. Bytes that are not UTF-8 are replaced. The end
    /// of a step's log ends its last line. A line longer than 16 MiB is returned in parts.
    pub fn lines(self) -> RunLogLineStream {
        RunLogLineStream { lines: RunLines::new(self.position.clone()), logs: self }
    }

    /// Returns the next chunk, or `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<RunLogChunk, Error>> {
        std::future::poll_fn(|context| self.stream.poll_next(context)).await
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for RunLogStream {
    type Item = Result<RunLogChunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next(context)
    }
}

/// The logs of a run as lines of text, for asynchronous programs: see [`RunLogStream::lines`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
pub struct RunLogLineStream {
    logs: RunLogStream,
    lines: RunLines,
}

#[cfg(feature = "async")]
impl fmt::Debug for RunLogLineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLogLineStream").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl RunLogLineStream {
    /// Returns the position of the end of the last line that was returned. Another process can continue
    /// there, with [`Call::position`].
    pub fn position(&self) -> RunLogPosition {
        self.lines.position()
    }

    /// Returns the next line, or `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<RunLogLine, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RunLogLine, Error>>> {
        loop {
            if let Some(line) = self.lines.next() {
                return Poll::Ready(Some(Ok(line)));
            }
            let item = ready!(self.logs.stream.poll_next(context));
            let is_end = item.is_none();
            let line = self.lines.take(item);
            if line.is_some() || is_end {
                return Poll::Ready(line);
            }
        }
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for RunLogLineStream {
    type Item = Result<RunLogLine, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
