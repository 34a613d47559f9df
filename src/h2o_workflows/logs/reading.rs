//! Logs as iterators and streams.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

#[cfg(feature = "async")]
use crate::client::{Async, AsyncStream};
use crate::client::{Blocking, Stream};
use crate::error::Error;
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::Call;
use crate::h2o_workflows::runs::StreamStepLogs;

use super::follow::{Follow, ended_at, follow};
use super::model::LogChunk;
use super::text::TextLines;

impl TextLines {
    /// Drops the rest of a line that an error has cut off: whoever continues at the position of the error
    /// reads it again, and whole. `offset`: up to where the log was read.
    fn cut_off(&mut self, error: Error, offset: u64) -> Error {
        let rest = std::mem::take(self).pending();
        ended_at(error, offset.saturating_sub(rest))
    }
}

impl Call<Blocking, StreamStepLogs> {
    /// Follows the log of a step until the step has ended: an iterator over chunks of bytes, or over lines of
    /// text with [`LogFollow::lines`].
    ///
    /// A connection that breaks, or is silent for a minute, is opened again, and the log continues where it
    /// was: each byte is returned once. An error is the last item: the service reports it in the middle
    /// of the log, or it is a failure that remains after the [retries](Call::retry) of the call, whose count
    /// begins again with each new byte. Its [`resource`](Error::resource) is the step, and its detail is a
    /// [`LogPosition`](super::LogPosition).
    ///
    /// The timeout of the call limits each request and not the whole log: a step may run for days.
    /// [`Call::cancel_with`] ends the log early.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows::Client;
    /// # let client = Client::from_env()?;
    /// # let step = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";
    /// for line in client.step().stream_step_logs(step).follow().lines() {
    ///     println!("{}", line?);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn follow(self) -> LogFollow {
        let (machine, returned) = follow(&self);
        LogFollow { stream: Stream::new(self.client, self.options.cancel, machine, None), returned }
    }
}

/// The log of a step, chunk by chunk: see [`Call::follow`].
#[must_use = "an iterator does nothing until it is polled"]
pub struct LogFollow {
    stream: Stream<H2oWorkflows, Blocking, Follow>,
    returned: Arc<AtomicU64>,
}

impl fmt::Debug for LogFollow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFollow").field("offset", &self.offset()).finish_non_exhaustive()
    }
}

impl LogFollow {
    /// Returns the offset, in bytes, up to which the log was returned. Another process can continue there,
    /// with [`Call::offset`].
    pub fn offset(&self) -> u64 {
        self.returned.load(Ordering::Relaxed)
    }

    /// Returns the log as lines of text, without their ends. Bytes that are not UTF-8 are replaced. The text
    /// after the last line end is returned when the step has ended. A line longer than 16 MiB is returned in
    /// parts. The [`LogPosition`](super::LogPosition) of an error is the end of the last line that
    /// was returned.
    pub fn lines(self) -> LogTextLines {
        LogTextLines { follow: self, text: TextLines::default() }
    }
}

impl Iterator for LogFollow {
    type Item = Result<LogChunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.next()
    }
}

/// The log of a step as lines of text: see [`LogFollow::lines`].
#[must_use = "an iterator does nothing until it is polled"]
pub struct LogTextLines {
    follow: LogFollow,
    text: TextLines,
}

impl fmt::Debug for LogTextLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.follow.fmt(f)
    }
}

impl Iterator for LogTextLines {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.text.next() {
                return Some(Ok(line));
            }
            match self.follow.next() {
                Some(Ok(chunk)) => self.text.push(&chunk.data),
                // An error is the last item.
                Some(Err(error)) => return Some(Err(self.text.cut_off(error, self.follow.offset()))),
                None => return self.text.end().map(Ok),
            }
        }
    }
}

#[cfg(feature = "async")]
impl Call<Async, StreamStepLogs> {
    /// Follows the log of a step until the step has ended: a stream of chunks of bytes, or of lines of text
    /// with [`LogStream::lines`]. Both have a `next` method for programs that use no crate for streams.
    ///
    /// A connection that breaks, or is silent for a minute, is opened again, and the log continues where it
    /// was: each byte is returned once. An error is the last item: the service reports it in the middle
    /// of the log, or it is a failure that remains after the [retries](Call::retry) of the call, whose count
    /// begins again with each new byte. Its [`resource`](Error::resource) is the step, and its detail is a
    /// [`LogPosition`](super::LogPosition).
    ///
    /// The timeout of the call limits each request and not the whole log: a step may run for days.
    /// [`Call::cancel_with`] ends the log early. To be used inside a Tokio runtime.
    pub fn follow(self) -> LogStream {
        let (machine, returned) = follow(&self);
        let stream = Stream::new(self.client, self.options.cancel, machine, None).into();
        LogStream { stream, returned }
    }
}

/// The log of a step, chunk by chunk, for asynchronous programs: see [`Call::follow`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
pub struct LogStream {
    stream: AsyncStream<H2oWorkflows, Follow, LogChunk>,
    returned: Arc<AtomicU64>,
}

#[cfg(feature = "async")]
impl fmt::Debug for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogStream").field("offset", &self.offset()).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl LogStream {
    /// Returns the offset, in bytes, up to which the log was returned. Another process can continue there,
    /// with [`Call::offset`].
    pub fn offset(&self) -> u64 {
        self.returned.load(Ordering::Relaxed)
    }

    /// Returns the log as lines of text, without their ends. Bytes that are not UTF-8 are replaced. The text
    /// after the last line end is returned when the step has ended. A line longer than 16 MiB is returned in
    /// parts. The [`LogPosition`](super::LogPosition) of an error is the end of the last line that
    /// was returned.
    pub fn lines(self) -> LogTextStream {
        LogTextStream { stream: self, text: TextLines::default() }
    }

    /// Returns the next chunk, or `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<LogChunk, Error>> {
        std::future::poll_fn(|context| self.stream.poll_next(context)).await
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for LogStream {
    type Item = Result<LogChunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next(context)
    }
}

/// The log of a step as lines of text, for asynchronous programs: see [`LogStream::lines`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
pub struct LogTextStream {
    stream: LogStream,
    text: TextLines,
}

#[cfg(feature = "async")]
impl fmt::Debug for LogTextStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

#[cfg(feature = "async")]
impl LogTextStream {
    /// Returns the next line, or `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<String, Error>>> {
        loop {
            if let Some(line) = self.text.next() {
                return Poll::Ready(Some(Ok(line)));
            }
            match ready!(self.stream.stream.poll_next(context)) {
                Some(Ok(chunk)) => self.text.push(&chunk.data),
                // An error is the last item.
                Some(Err(error)) => {
                    let offset = self.stream.offset();
                    return Poll::Ready(Some(Err(self.text.cut_off(error, offset))));
                }
                None => return Poll::Ready(self.text.end().map(Ok)),
            }
        }
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for LogTextStream {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
