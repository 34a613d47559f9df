//! What reads a stream of record batches, in both modes.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context as Waker, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::client::{CancelToken, cancelled};
use crate::engine::Context;
use crate::engine::failure::failure;
use crate::engine::retry::Verdict;
use crate::error::{Error, ErrorKind, shown};
use crate::http::Headers;
#[cfg(feature = "async")]
use crate::transport::AsyncPieces;
use crate::transport::{Pieces, SendError};

use super::decoder::Decoder;
use super::query::QueryInfo;

/// A whole result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ArrowTable {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
    /// What else was told of it.
    pub info: ArrowInfo,
}

impl ArrowTable {
    /// How many rows are here.
    pub fn num_rows(&self) -> usize {
        // A batch without columns may say anything.
        self.batches.iter().map(RecordBatch::num_rows).fold(0, usize::saturating_add)
    }
}

/// What is told of a result besides its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArrowInfo {
    /// How many rows the result has, whatever part of it was asked for.
    pub total_row_count: Option<u64>,
    /// The address of the next part, if a limit has ended this one.
    pub next_link: Option<String>,
    /// What is told of the query, where the rows came straight from it.
    pub query: Option<QueryInfo>,
}

impl ArrowInfo {
    pub(super) fn of(headers: &Headers) -> Self {
        let link = headers.text("link");
        Self {
            total_row_count: headers.text("x-total-row-count").and_then(|text| text.trim().parse().ok()),
            next_link: link.as_deref().and_then(next_link),
            query: None,
        }
    }
}

/// The address of the relation `next`.
fn next_link(link: &str) -> Option<String> {
    link.split(',').find_map(|one| {
        let (address, about) = one.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |part: &str| matches!(part.trim(), r#"rel="next""# | "rel=next");
        about.split(';').any(is_next).then(|| address.to_owned())
    })
}

/// What both readers do with pieces.
pub(super) struct Reading {
    /// For errors.
    pub(super) context: Arc<Context>,
    pub(super) result_id: Option<String>,
    pub(super) info: ArrowInfo,
    /// The rows are those of a query that this very call has run.
    is_query: bool,
    decoder: Decoder,
    rows: u64,
}

impl Reading {
    pub(super) fn new(
        context: Arc<Context>,
        result_id: Option<String>,
        info: ArrowInfo,
        max_batch_bytes: u64,
    ) -> Self {
        Self { context, result_id, info, is_query: false, decoder: Decoder::new(max_batch_bytes), rows: 0 }
    }

    /// The same for the answer to a query.
    pub(super) fn straight_from_query(mut self) -> Self {
        self.is_query = true;
        self
    }

    /// A batch that is there, or the end.
    fn given(&mut self) -> Option<Option<RecordBatch>> {
        match self.decoder.next() {
            Some(batch) => {
                self.rows = self.rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
                Some(Some(batch))
            }
            None if self.decoder.has_ended() => Some(None),
            None => None,
        }
    }

    fn came(&mut self, piece: Result<Option<Vec<u8>>, SendError>) -> Result<(), Error> {
        match piece {
            Ok(Some(bytes)) => self.decoder.push(&bytes).map_err(|why| self.broken(&why)),
            Ok(None) if self.decoder.has_ended() => Ok(()),
            Ok(None) => Err(self.broken("it ends before it says that it has ended")),
            Err(error) => {
                let error = failure(&self.context, Err(error), Verdict::Retry, 1).with_status(200);
                Err(self.about(error.with_retryable(true)))
            }
        }
    }

    fn about(&self, error: Error) -> Error {
        let error = match &self.result_id {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        };
        match (self.is_query, &self.result_id) {
            (false, _) => error,
            (true, Some(_)) => error.with_retryable(false).with_advice(
                "The query ran. Fetch its result with this id (`results().stream_arrow(…)`) rather than running it again.",
            ),
            (true, None) => error.with_retryable(false).with_advice(
                "The query ran, and its result was not saved. Run it again if it changes nothing.",
            ),
        }
    }

    #[cold]
    fn broken(&self, why: &str) -> Error {
        let happened = format!("after {} rows the Arrow stream makes no sense: {}", self.rows, shown(why));
        let error = Error::new(ErrorKind::UnexpectedResponse, self.context.label.clone(), happened);
        self.about(error.with_status(200).with_advice("Begin the stream again; what came before is good."))
    }

    fn schema(&self) -> Result<SchemaRef, Error> {
        self.decoder.schema().ok_or_else(|| self.broken("it has no schema"))
    }
}

/// The record batches of a result, one after the other, each as soon as it has come: an iterator.
///
/// Holds one batch and what has come of the next. Dropped before its end it closes its connection, so that the service stops
/// sending; the client makes another one for its next call. An error is the last item: a connection that breaks, a stream
/// that is cut short or makes no sense.
#[must_use = "an iterator does nothing until it is asked"]
pub struct ArrowReader {
    reading: Reading,
    schema: SchemaRef,
    pieces: Option<Pieces>,
    cancel: Option<CancelToken>,
}

impl fmt::Debug for ArrowReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowReader").field("info", &self.reading.info).finish_non_exhaustive()
    }
}

impl ArrowReader {
    /// Reads up to the schema.
    pub(super) fn begin(
        mut reading: Reading,
        mut pieces: Pieces,
        cancel: Option<CancelToken>,
    ) -> Result<Self, Error> {
        while reading.decoder.schema().is_none() && !reading.decoder.has_ended() {
            let piece = pieces.next_piece();
            reading.came(piece).map_err(|error| stopped(&reading, cancel.as_ref(), error))?;
        }
        let schema = reading.schema()?;
        Ok(Self { reading, schema, pieces: Some(pieces), cancel })
    }

    /// The same, with what is known of the query.
    pub(super) fn of_query(mut self, query: QueryInfo) -> Self {
        self.reading.info.query = Some(query);
        self.reading.is_query = true;
        self
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// What else is told of the result.
    pub fn info(&self) -> &ArrowInfo {
        &self.reading.info
    }

    /// All batches that are left, in memory.
    ///
    /// # Errors
    ///
    /// The first error of the stream.
    pub fn read_all(mut self) -> Result<ArrowTable, Error> {
        let batches = self.by_ref().collect::<Result<_, _>>()?;
        Ok(ArrowTable { schema: self.schema, batches, info: self.reading.info })
    }
}

/// The error of a stream that the program itself may have stopped.
fn stopped(reading: &Reading, cancel: Option<&CancelToken>, error: Error) -> Error {
    match cancel {
        Some(token) if token.is_cancelled() => reading.about(cancelled(&reading.context.label)),
        _ => error,
    }
}

impl Iterator for ArrowReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(given) = self.reading.given() {
                if given.is_none() {
                    self.pieces = None;
                }
                return given.map(Ok);
            }
            let piece = self.pieces.as_mut()?.next_piece();
            if let Err(error) = self.reading.came(piece) {
                self.pieces = None;
                return Some(Err(stopped(&self.reading, self.cancel.as_ref(), error)));
            }
        }
    }
}

/// The record batches of a result, one after the other, each as soon as it has come: a stream, with a
/// [`next`](ArrowStream::next) of its own for programs that have no crate for streams.
///
/// Holds one batch and what has come of the next. Dropped before its end it closes its connection, so that the service stops
/// sending. An error is the last item: a connection that breaks, a stream that is cut short or makes no sense. To be used
/// inside the Tokio runtime that it was made in.
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is asked"]
pub struct ArrowStream {
    reading: Reading,
    schema: SchemaRef,
    pieces: Option<AsyncPieces>,
}

#[cfg(feature = "async")]
impl fmt::Debug for ArrowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowStream").field("info", &self.reading.info).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl ArrowStream {
    /// Reads up to the schema.
    pub(super) async fn begin(mut reading: Reading, mut pieces: AsyncPieces) -> Result<Self, Error> {
        while reading.decoder.schema().is_none() && !reading.decoder.has_ended() {
            let piece = pieces.next_piece().await;
            reading.came(piece)?;
        }
        let schema = reading.schema()?;
        Ok(Self { reading, schema, pieces: Some(pieces) })
    }

    /// The same, with what is known of the query.
    pub(super) fn of_query(mut self, query: QueryInfo) -> Self {
        self.reading.info.query = Some(query);
        self.reading.is_query = true;
        self
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// What else is told of the result.
    pub fn info(&self) -> &ArrowInfo {
        &self.reading.info
    }

    /// The next batch, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// All batches that are left, in memory.
    ///
    /// # Errors
    ///
    /// The first error of the stream.
    pub async fn read_all(mut self) -> Result<ArrowTable, Error> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok(ArrowTable { schema: self.schema, batches, info: self.reading.info })
    }

    fn poll(&mut self, context: &mut Waker<'_>) -> Poll<Option<Result<RecordBatch, Error>>> {
        loop {
            if let Some(given) = self.reading.given() {
                if given.is_none() {
                    self.pieces = None;
                }
                return Poll::Ready(given.map(Ok));
            }
            let Some(pieces) = &mut self.pieces else { return Poll::Ready(None) };
            let piece = ready!(pieces.poll_piece(context));
            if let Err(error) = self.reading.came(piece) {
                self.pieces = None;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for ArrowStream {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_is_found_among_links() {
        for (link, expected) in [
            ("<http://h/v1/results/r?offset=15>; rel=\"next\"", Some("http://h/v1/results/r?offset=15")),
            ("<a>; rel=\"prev\", <b>; title=x; rel=\"next\"", Some("b")),
            ("<a>; rel=\"prev\"", None),
            ("a; rel=\"next\"", None),
            ("", None),
        ] {
            assert_eq!(next_link(link).as_deref(), expected, "{link}");
        }
    }
}
