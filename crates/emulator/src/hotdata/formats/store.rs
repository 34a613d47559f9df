//! Results as they are kept: batches in Arrow's own encoding, in memory while there is room, in a nameless
//! file beyond that.
//!
//! A result is made once and read as often as one likes, from any row on: pages of it fit together, and what
//! is loaded into tables meanwhile does not change it. Ten million rows of whole numbers take some 80 MB,
//! most of them in the file; whoever reads has one batch in memory.

use std::io::{self, Cursor};
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use crate::hotdata::sql::{Column, ColumnType};
use crate::hotdata::storage::{Pool, Spool};

use super::cell::{self, Cell};

/// The rows of one batch.
pub(crate) const BATCH: usize = 8192;
/// A batch is full with so many bytes too, however few rows they are.
pub(super) const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// A part of a result's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// How many rows are left out at the beginning.
    pub(crate) offset: u64,
    /// How many rows there are at most; none: all.
    pub(crate) limit: Option<u64>,
}

impl Window {
    /// The first row and the one after the last, of a result with so many.
    pub(crate) fn of(self, rows: u64) -> (u64, u64) {
        let from = self.offset.min(rows);
        (from, self.limit.map_or(rows, |limit| from.saturating_add(limit).min(rows)))
    }
}

/// A result while it is made.
#[derive(Debug)]
pub(crate) struct ResultBuilder {
    columns: Vec<Building>,
    rows: usize,
    bytes: usize,
    total: u64,
    spool: Spool,
    batches: Vec<Kept>,
}

#[derive(Debug)]
struct Building {
    name: String,
    declared: Option<ColumnType>,
    /// The type of all batches so far.
    found: Option<ColumnType>,
    has_nulls: bool,
    has_not_finite: bool,
    may_be_null: bool,
    cells: Vec<Cell>,
}

/// Where a batch is, and what it is.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) place: u64,
    pub(super) length: usize,
    pub(super) first_row: u64,
    pub(super) rows: u64,
    pub(super) types: Vec<ColumnType>,
}

impl Kept {
    /// The batch, by its bytes.
    pub(super) fn decode(&self, bytes: Vec<u8>) -> io::Result<RecordBatch> {
        let schema = plain_schema(&self.types);
        let (head, _) =
            encode(&RecordBatch::new_empty(schema), &IpcWriteOptions::default()).map_err(broken)?;
        let stream = io::Read::chain(Cursor::new(head), Cursor::new(bytes));
        let batch = StreamReader::try_new(stream, None).map_err(broken)?.next();
        let batch = batch.unwrap_or_else(|| Err(ArrowError::IpcError("a batch is gone".to_owned())));
        batch.map_err(broken)
    }
}

impl ResultBuilder {
    /// A result with these columns: the name, the type if it is known, and whether nulls are to be expected.
    pub(crate) fn new(pool: &Arc<Pool>, columns: Vec<(String, Option<ColumnType>, bool)>) -> Self {
        let columns = columns
            .into_iter()
            .map(|(name, declared, may_be_null)| Building {
                name,
                declared,
                found: None,
                has_nulls: false,
                has_not_finite: false,
                may_be_null,
                cells: Vec::new(),
            })
            .collect();
        Self { columns, rows: 0, bytes: 0, total: 0, spool: Spool::new(pool), batches: Vec::new() }
    }

    /// Adds a row: one value for each column.
    ///
    /// # Errors
    ///
    /// Those of the file that it is kept in.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            self.bytes += cell.counted();
            column.has_nulls |= cell.is_null();
            column.has_not_finite |= cell.is_not_finite();
            column.cells.push(cell);
        }
        self.rows += 1;
        if self.rows >= BATCH || self.bytes >= BATCH_BYTES { self.keep() } else { Ok(()) }
    }

    /// How many bytes are kept so far.
    pub(crate) fn kept(&self) -> u64 {
        self.spool.len()
    }

    fn keep(&mut self) -> io::Result<()> {
        let mut types = Vec::with_capacity(self.columns.len());
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &mut self.columns {
            let found = cell::type_of(&column.cells, column.declared);
            if let Some(found) = found {
                column.found = Some(column.found.map_or(found, |before| cell::both(before, found)));
            }
            // A batch of nulls alone is of any type.
            let this = found.or(column.found).or(column.declared).unwrap_or(ColumnType::Utf8);
            arrays.push(cell::array(&column.cells, this));
            types.push(this);
            column.cells.clear();
        }
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch =
            RecordBatch::try_new_with_options(plain_schema(&types), arrays, &options).map_err(broken)?;
        let (_, bytes) = encode(&batch, &IpcWriteOptions::default()).map_err(broken)?;
        let rows = self.rows as u64;
        self.batches.push(Kept {
            place: self.spool.len(),
            length: bytes.len(),
            first_row: self.total,
            rows,
            types,
        });
        self.spool.push(&bytes)?;
        self.total += rows;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    /// The result.
    ///
    /// # Errors
    ///
    /// Those of the file that it is kept in.
    pub(crate) fn finish(mut self) -> io::Result<StoredResult> {
        if self.rows > 0 {
            self.keep()?;
        }
        let not_finite = self.columns.iter().map(|column| column.has_not_finite).collect();
        let columns: Vec<Column> = self
            .columns
            .into_iter()
            .map(|column| Column {
                name: column.name,
                data_type: column.found.or(column.declared).unwrap_or(ColumnType::Utf8),
                nullable: column.has_nulls || column.may_be_null,
            })
            .collect();
        Ok(StoredResult::of_parts(columns, not_finite, self.spool, self.batches))
    }
}

/// A result that is whole.
#[derive(Debug)]
pub(crate) struct StoredResult {
    schema: SchemaRef,
    pub(super) columns: Vec<Column>,
    /// Which columns have numbers that JSON has not.
    pub(super) not_finite: Vec<bool>,
    rows: u64,
    pub(super) spool: Spool,
    pub(super) batches: Vec<Kept>,
}

impl StoredResult {
    pub(super) fn of_parts(
        columns: Vec<Column>,
        not_finite: Vec<bool>,
        spool: Spool,
        batches: Vec<Kept>,
    ) -> Self {
        let fields: Vec<Field> =
            columns.iter().map(|c| Field::new(c.name.as_str(), c.data_type.arrow(), c.nullable)).collect();
        let rows = batches.last().map_or(0, |last| last.first_row + last.rows);
        Self { schema: Arc::new(Schema::new(fields)), columns, not_finite, rows, spool, batches }
    }

    /// Its columns.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether each column may be null in JSON and text, where numbers that are not finite become null.
    pub(crate) fn nullable(&self) -> Vec<bool> {
        self.columns
            .iter()
            .zip(&self.not_finite)
            .map(|(column, not_finite)| column.nullable || *not_finite)
            .collect()
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// How many bytes it takes, in memory or in the file: about the size of it as Arrow.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.spool.len()
    }

    /// How many rows from the beginning take no more than so many bytes as Arrow: what a preview may show.
    pub(crate) fn rows_within(&self, bytes: u64) -> u64 {
        let mut left = bytes;
        for batch in &self.batches {
            let length = batch.length as u64;
            if length > left {
                let share = u128::from(left) * u128::from(batch.rows) / u128::from(length.max(1));
                return batch.first_row + u64::try_from(share).unwrap_or(0);
            }
            left -= length;
        }
        self.rows
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The batches of a window, in order.
    pub(crate) fn batches(self: &Arc<Self>, window: Window) -> Batches {
        let (from, to) = window.of(self.rows);
        let next = self.batches.partition_point(|batch| batch.first_row + batch.rows <= from);
        Batches { result: Arc::clone(self), next, from, to }
    }

    fn types(&self) -> Vec<ColumnType> {
        self.columns.iter().map(|column| column.data_type).collect()
    }
}

/// Batches of a result.
#[derive(Debug)]
pub(crate) struct Batches {
    result: Arc<StoredResult>,
    next: usize,
    from: u64,
    to: u64,
}

impl Batches {
    /// The next one, and its bytes as they would be encoded if they are at hand.
    pub(super) fn next_kept(&mut self) -> Option<io::Result<Result<Vec<u8>, RecordBatch>>> {
        let result = &self.result;
        let kept = result.batches.get(self.next).filter(|kept| kept.first_row < self.to)?;
        self.next += 1;
        let bytes = match result.spool.bytes(kept.place, kept.length) {
            Ok(bytes) => bytes,
            Err(e) => return Some(Err(e)),
        };
        let is_whole = self.from <= kept.first_row && kept.first_row + kept.rows <= self.to;
        if is_whole && kept.types == result.types() {
            return Some(Ok(Ok(bytes)));
        }
        Some(self.decode(kept, bytes).map(Err))
    }

    /// The batch of which [`next_kept`](Self::next_kept) gave the bytes last.
    pub(super) fn decode_last(&self, bytes: Vec<u8>) -> io::Result<RecordBatch> {
        match self.next.checked_sub(1).and_then(|last| self.result.batches.get(last)) {
            Some(kept) => self.decode(kept, bytes),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn decode(&self, kept: &Kept, bytes: Vec<u8>) -> io::Result<RecordBatch> {
        let batch = kept.decode(bytes)?;
        let batch = cell::cast(&batch, self.result.schema(), &self.result.types());
        let first = self.from.saturating_sub(kept.first_row);
        let last = (self.to - kept.first_row).min(kept.rows);
        let place = |row: u64| usize::try_from(row).unwrap_or(0);
        Ok(batch.map_err(broken)?.slice(place(first), place(last.saturating_sub(first))))
    }
}

impl Iterator for Batches {
    type Item = io::Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_kept()? {
            Err(e) => Some(Err(e)),
            Ok(Err(batch)) => Some(Ok(batch)),
            Ok(Ok(bytes)) => Some(self.decode_last(bytes)),
        }
    }
}

/// A schema of which only the types matter.
pub(super) fn plain_schema(types: &[ColumnType]) -> SchemaRef {
    let fields: Vec<Field> = types.iter().map(|wanted| Field::new("", wanted.arrow(), true)).collect();
    Arc::new(Schema::new(fields))
}

/// What stands before the batches of a stream, and this batch.
pub(super) fn encode(
    batch: &RecordBatch,
    options: &IpcWriteOptions,
) -> Result<(Vec<u8>, Vec<u8>), ArrowError> {
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), batch.schema_ref(), options.clone())?;
    let head = std::mem::take(writer.get_mut());
    writer.write(batch)?;
    Ok((head, std::mem::take(writer.get_mut())))
}

pub(super) fn broken(error: ArrowError) -> io::Error {
    io::Error::other(error)
}
