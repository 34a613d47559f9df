//! Record batches as an iterator, as a stream, and as a whole.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};

#[cfg(feature = "async")]
use crate::client::{Async, AsyncStream};
use crate::client::{Blocking, Running, Stream};
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::hotdata::command::{Call, CallOptions, Core};

use super::info::ArrowInfo;
use super::reading::Reading;

/// All record batches of a result, or of the requested part of it, in memory.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ArrowTable {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows, as record batches with these columns.
    pub batches: Vec<RecordBatch>,
    /// The row count of the result and, if the call ran a query, the ids of the query run and the result.
    pub info: ArrowInfo,
}

impl ArrowTable {
    /// `None`: the columns are not known.
    pub(super) fn of(reading: &Reading, batches: Vec<RecordBatch>) -> Option<Self> {
        Some(Self { schema: reading.schema()?, batches, info: reading.info().clone() })
    }

    /// Returns the number of rows in all batches together.
    pub fn num_rows(&self) -> usize {
        // A batch without columns may have any number.
        self.batches.iter().map(RecordBatch::num_rows).fold(0, usize::saturating_add)
    }
}

/// An iterator over the record batches of a result, which returns each batch as soon as it has arrived.
/// Returned by [`Results::stream_arrow`](crate::hotdata::Results::stream_arrow) and
/// [`Call::arrow`](crate::hotdata::Call::arrow).
///
/// The iterator keeps about one batch, and what has arrived of the next one, in memory. If it is dropped
/// before its end, it closes its connection, so that the service stops sending; the client opens another
/// connection for its next call. An error is the last item: [`Transport`](crate::ErrorKind::Transport) for a
/// broken connection, [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) for a stream that is
/// truncated or invalid.
#[must_use = "an iterator does nothing until it is used"]
pub struct ArrowReader {
    stream: Stream<Hotdata, Blocking, Reading>,
}

impl fmt::Debug for ArrowReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowReader").field("info", self.info()).finish_non_exhaustive()
    }
}

impl ArrowReader {
    pub(super) fn new(stream: Stream<Hotdata, Blocking, Reading>) -> Self {
        Self { stream }
    }

    /// Returns the names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        columns(&self.stream.machine)
    }

    /// Returns the row count of the result and, if the call ran a query, the ids of the query run and the
    /// result.
    pub fn info(&self) -> &ArrowInfo {
        self.stream.machine.info()
    }

    /// Reads all remaining batches into memory.
    ///
    /// # Errors
    ///
    /// The first error of the stream.
    pub fn read_all(mut self) -> Result<ArrowTable, Error> {
        let batches = self.by_ref().collect::<Result<_, _>>()?;
        Ok(ArrowTable { schema: self.schema(), batches, info: self.info().clone() })
    }
}

impl Iterator for ArrowReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.next()
    }
}

/// The columns of a stream that was read up to its schema.
fn columns(reading: &Reading) -> SchemaRef {
    reading.schema().unwrap_or_else(|| Schema::empty().into())
}

/// A stream of the record batches of a result, which returns each batch as soon as it has arrived. Returned
/// by [`Results::stream_arrow`](crate::hotdata::Results::stream_arrow) and
/// [`Call::arrow`](crate::hotdata::Call::arrow) of an asynchronous client. The method
/// [`next`](ArrowStream::next) needs no crate for streams.
///
/// The stream keeps about one batch, and what has arrived of the next one, in memory. If it is dropped before
/// its end, it closes its connection, so that the service stops sending. An error is the last item:
/// [`Transport`](crate::ErrorKind::Transport) for a broken connection,
/// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) for a stream that is truncated or invalid. It
/// has to be used inside the Tokio runtime in which it was created.
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is polled"]
pub struct ArrowStream {
    stream: AsyncStream<Hotdata, Reading, RecordBatch>,
    schema: SchemaRef,
    info: ArrowInfo,
}

#[cfg(feature = "async")]
impl fmt::Debug for ArrowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowStream").field("info", &self.info).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl ArrowStream {
    pub(super) fn new(stream: Stream<Hotdata, Async, Reading>) -> Self {
        let (schema, info) = (columns(&stream.machine), stream.machine.info().clone());
        Self { stream: stream.into(), schema, info }
    }

    /// Returns the names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Returns the row count of the result and, if the call ran a query, the ids of the query run and the
    /// result.
    pub fn info(&self) -> &ArrowInfo {
        &self.info
    }

    /// Returns the next batch, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, Error>> {
        std::future::poll_fn(|context| self.stream.poll_next(context)).await
    }

    /// Reads all remaining batches into memory.
    ///
    /// # Errors
    ///
    /// The first error of the stream.
    pub async fn read_all(mut self) -> Result<ArrowTable, Error> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok(ArrowTable { schema: self.schema, batches, info: self.info })
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for ArrowStream {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next(context)
    }
}

/// Runs the call until the columns have arrived.
pub(super) fn open<C>(
    call: Call<Blocking, C>,
    start: impl FnOnce(&C, &Core, &CallOptions) -> Result<Running<Reading>, Error>,
) -> Result<Stream<Hotdata, Blocking, Reading>, Error> {
    let Call { client, command, options } = call;
    let mut machine = start(&command, client.core(), &options)?.0;
    let mut body = None;
    let reading = client.drive(options.cancel.as_ref(), &mut machine, &mut body)?;
    Ok(Stream::new(client, options.cancel, reading, body))
}

/// Runs the call until the columns have arrived.
#[cfg(feature = "async")]
pub(super) fn open_async<C>(
    call: Call<Async, C>,
    start: impl FnOnce(&C, &Core, &CallOptions) -> Result<Running<Reading>, Error>,
) -> impl Future<Output = Result<Stream<Hotdata, Async, Reading>, Error>> {
    let Call { client, command, options } = call;
    let started = start(&command, client.core(), &options);
    async move {
        let mut body = None;
        let reading = client.drive(options.cancel.as_ref(), &mut started?.0, &mut body).await?;
        Ok(Stream::new(client, options.cancel, reading, body))
    }
}
