//! The machines that read a stream of record batches.

use std::sync::Arc;
use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::engine::context::Reply;
use crate::engine::failure::{cancelled, failure};
use crate::engine::machine::{Event, Now, Outcome, Step, Steps};
use crate::engine::retry::Verdict;
use crate::engine::{CallContext, Machine};
use crate::error::{Error, ErrorKind, shown};
use crate::transport::{SendError, SendErrorKind};

use super::decoder::Decoder;
use super::info::{ArrowInfo, QueryInfo};
use super::readers::ArrowTable;

/// Reads an open body as record batches: the outcome is the next one, or `None` after the last.
pub(super) struct Reading {
    context: Arc<CallContext>,
    /// The result that the rows belong to, if there is one.
    result_id: Option<String>,
    info: ArrowInfo,
    decoder: Decoder,
    rows: u64,
    /// The number of rows that a stream without an end marker has to have, if it is known.
    expected_rows: Option<u64>,
    error: Option<Error>,
}

impl Reading {
    pub(super) fn new(
        context: Arc<CallContext>,
        result_id: Option<String>,
        info: ArrowInfo,
        max_batch_bytes: u64,
    ) -> Self {
        let (decoder, expected_rows) = (Decoder::new(max_batch_bytes), info.total_row_count);
        Self { context, result_id, info, decoder, rows: 0, expected_rows, error: None }
    }

    /// The same rows, as a part of the result: the row count of the whole result does not apply to them.
    pub(super) fn of_part(mut self) -> Self {
        self.expected_rows = None;
        self
    }

    /// The same rows, as those of a query that this call has run.
    pub(super) fn of_query(mut self, query: QueryInfo) -> Self {
        self.info.query = Some(query);
        self
    }

    pub(super) fn info(&self) -> &ArrowInfo {
        &self.info
    }

    /// The columns, once they have arrived.
    pub(super) fn schema(&self) -> Option<SchemaRef> {
        self.decoder.schema()
    }

    fn read(&mut self) -> Step {
        let (buffer, most) = self.decoder.room();
        Step::Read { buffer, most }
    }

    fn take(&mut self, piece: Result<Option<Vec<u8>>, SendError>) {
        let taken = match piece {
            Ok(Some(bytes)) => self.decoder.put(bytes).map_err(|why| self.broken(&why)),
            Ok(None) if self.decoder.has_ended() => Ok(()),
            Ok(None) => self.close(),
            Err(error) if error.kind() == SendErrorKind::Cancelled => Err(self.cancelled()),
            Err(error) => {
                let error = failure(&self.context, Reply::NoResponse(error), Verdict::Retry, 1);
                Err(self.identified(error.with_status(200).with_retryable(true)))
            }
        };
        self.error = taken.err();
    }

    /// The body has ended before an end marker, which a writer may leave out: the stream is whole if it ends
    /// after a whole message, and has all rows.
    fn close(&mut self) -> Result<(), Error> {
        self.decoder.close().map_err(|why| self.broken(&why))?;
        let rows = self.rows.saturating_add(self.decoder.ready_rows());
        match self.expected_rows {
            Some(expected) if rows < expected => Err(self.broken(&format!(
                "it ends without an end marker and after fewer rows than the result has, {expected}"
            ))),
            _ => Ok(()),
        }
    }

    /// Adds the ids of the run and the result to an error, and what to do after a query that ran.
    fn identified(&self, error: Error) -> Error {
        let error = match &self.result_id {
            Some(id) => error.with_resource(id.clone()),
            None => error,
        };
        let Some(query) = &self.info.query else { return error };
        let error = match &query.query_run_id {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        };
        error.with_retryable(false).with_advice(match &self.result_id {
            Some(_) => {
                "The query ran. Fetch its result with `results().stream_arrow(…)` and the resource id of this error; do not run the query again."
            }
            None => "The query ran, but its result was not saved. If the query changes nothing, run it again.",
        })
    }

    #[cold]
    fn broken(&self, why: &str) -> Error {
        let happened = format!("after {} rows the Arrow stream is invalid: {}", self.rows, shown(why));
        let error = Error::new(ErrorKind::UnexpectedResponse, self.context.label.clone(), happened);
        self.identified(
            error.with_status(200).with_advice("Request the result again from its beginning. The rows that were read before the error are valid."),
        )
    }

    #[cold]
    fn cancelled(&self) -> Error {
        self.identified(cancelled(&self.context.label))
    }
}

impl Steps for Reading {
    fn next(&mut self, _: Instant) -> Step {
        if self.error.is_some() || self.decoder.has_batch() || self.decoder.has_ended() {
            Step::Done
        } else {
            self.read()
        }
    }

    fn on(&mut self, _: Now, event: Event) {
        match event {
            Event::Piece(piece) => self.take(piece),
            Event::Cancelled => self.error = Some(self.cancelled()),
            Event::Response(_) | Event::Head(_) => {}
        }
    }
}

impl Machine for Reading {
    type Output = Option<RecordBatch>;

    fn finish(&mut self) -> Result<Option<RecordBatch>, Error> {
        if let Some(error) = self.error.take() {
            return Err(self.context.masked(error));
        }
        let batch = self.decoder.next();
        if let Some(batch) = &batch {
            self.rows = self.rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        }
        Ok(batch)
    }
}

/// Reads up to the schema: the outcome is the machine that reads the batches.
pub(super) struct UntilSchema {
    reading: Option<Reading>,
    outcome: Outcome<Reading>,
}

impl UntilSchema {
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading: Some(reading), outcome: Outcome::default() }
    }
}

impl Steps for UntilSchema {
    fn next(&mut self, _: Instant) -> Step {
        let Some(reading) = &mut self.reading else { return Step::Done };
        let has_schema = reading.schema().is_some();
        if !has_schema && reading.error.is_none() && !reading.decoder.has_ended() {
            return reading.read();
        }
        let error = match reading.error.take() {
            None if !has_schema => Some(reading.broken("it has no schema")),
            error => error,
        };
        if let Some(reading) = self.reading.take() {
            self.outcome.set(error.map_or(Ok(reading), Err));
        }
        Step::Done
    }

    fn on(&mut self, now: Now, event: Event) {
        if let Some(reading) = &mut self.reading {
            reading.on(now, event);
        }
    }
}

impl Machine for UntilSchema {
    type Output = Reading;

    fn finish(&mut self) -> Result<Reading, Error> {
        // After a cancelled call nobody asks for the next step.
        let error = self.reading.as_mut().and_then(|reading| reading.error.take());
        error.map_or_else(|| self.outcome.take(), Err)
    }
}

/// Reads all batches: the outcome is the whole result.
pub(super) struct WholeTable {
    reading: Reading,
    batches: Vec<RecordBatch>,
    outcome: Outcome<ArrowTable>,
}

impl WholeTable {
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading, batches: Vec::new(), outcome: Outcome::default() }
    }

    /// Takes the batches that have arrived.
    fn collect(&mut self) {
        match self.reading.finish() {
            Err(error) => self.outcome.set(Err(error)),
            Ok(Some(batch)) => self.batches.push(batch),
            Ok(None) => {
                let batches = std::mem::take(&mut self.batches);
                let table = ArrowTable::of(&self.reading, batches);
                self.outcome.set(table.ok_or_else(|| self.reading.broken("it has no schema")));
            }
        }
    }
}

impl Steps for WholeTable {
    fn next(&mut self, now: Instant) -> Step {
        while !self.outcome.is_set() {
            match self.reading.next(now) {
                Step::Done => self.collect(),
                step => return step,
            }
        }
        Step::Done
    }

    fn on(&mut self, now: Now, event: Event) {
        let is_cancelled = matches!(event, Event::Cancelled);
        self.reading.on(now, event);
        if is_cancelled {
            self.collect();
        }
    }
}

impl Machine for WholeTable {
    type Output = ArrowTable;

    fn finish(&mut self) -> Result<ArrowTable, Error> {
        self.outcome.take()
    }
}
