//! Results, and the forms in which they go out. Knows nothing of HTTP.
//!
//! A [`StoredResult`] is kept whole; what is made of it is made piece by piece ([`Pieces`]), a batch of at
//! most 8,192 rows at a time. Parquet is not among the forms: the emulator has no writer for it.

mod cell;
mod kept;
mod store;
mod text;
mod values;
mod write;

pub(crate) use cell::Cell;
pub(crate) use kept::{KeptRow, kept_result};
pub(crate) use store::{ResultBuilder, StoredResult, Window};
pub(crate) use text::{
    civil, days, days_in, format_date, format_decimal, format_timestamp, parse_clock, parse_date,
    parse_decimal, parse_timestamp,
};
pub(crate) use write::{Pieces, arrow, csv, json, markdown};

/// The rows of a batch, as SQLite has their values.
pub(crate) fn rows(batch: &arrow_array::RecordBatch) -> impl Iterator<Item = Vec<Cell>> + '_ {
    let columns: Vec<values::Values<'_>> = batch.columns().iter().map(values::Values::of).collect();
    (0..batch.num_rows()).map(move |row| columns.iter().map(|column| column.cell(row)).collect())
}

#[cfg(test)]
mod tests;
