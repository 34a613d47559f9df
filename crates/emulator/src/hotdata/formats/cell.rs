//! One value as SQLite has it, and what it is in a column of a type.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;

use crate::hotdata::sql::ColumnType;

use super::text::{format_decimal, parse_date, parse_decimal, parse_timestamp};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// None.
    Null,
    /// A whole number; 0 and 1 where it is a truth.
    Int(i64),
    /// Another number.
    Real(f64),
    /// Text; also days, times and long decimals.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// The largest whole number up to which every one has a double of its own.
const EXACT: u64 = 1 << 53;

impl Cell {
    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// How many bytes it counts until a batch is full.
    pub(super) fn counted(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Blob(bytes) => bytes.len(),
            _ => 8,
        }
    }

    /// Whether it is not finite: JSON has no such number.
    pub(super) fn is_not_finite(&self) -> bool {
        matches!(self, Self::Real(number) if !number.is_finite())
    }

    fn boolean(&self) -> Option<bool> {
        match self {
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            _ => None,
        }
    }

    fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Real(number) if number.fract() == 0.0 && number.abs() <= EXACT as f64 => {
                Some(*number as i64)
            }
            _ => None,
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    fn decimal(&self, precision: u8, scale: i8) -> Option<i128> {
        match self {
            Self::Int(number) => parse_decimal(&number.to_string(), precision, scale),
            Self::Real(number) if number.is_finite() => {
                let text = format!("{number:.*}", usize::try_from(scale).unwrap_or(0));
                parse_decimal(&text, precision, scale)
            }
            Self::Text(text) => parse_decimal(text, precision, scale),
            _ => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Int(number) => number.to_string(),
            Self::Real(number) => format!("{number:?}"),
            Self::Text(text) => text.clone(),
            Self::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Blob(bytes) => Some(bytes),
            Self::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// Whether a column of this type can hold it.
    pub(crate) fn fits(&self, wanted: ColumnType) -> bool {
        self.is_null()
            || match wanted {
                ColumnType::Boolean => self.boolean().is_some(),
                ColumnType::Int64 => self.int().is_some(),
                ColumnType::Float64 => self.float().is_some(),
                ColumnType::Decimal { precision, scale } => self.decimal(precision, scale).is_some(),
                ColumnType::Utf8 => matches!(self, Self::Text(_)),
                ColumnType::Date => matches!(self, Self::Text(text) if parse_date(text).is_some()),
                ColumnType::Timestamp { .. } => {
                    matches!(self, Self::Text(text) if parse_timestamp(text).is_some())
                }
                ColumnType::Binary => self.bytes().is_some(),
            }
    }
}

/// The type of these values: what the column was declared as if they all fit, else what they are. None if
/// nothing but nulls is there.
pub(super) fn type_of(cells: &[Cell], declared: Option<ColumnType>) -> Option<ColumnType> {
    if let Some(declared) = declared.filter(|declared| cells.iter().all(|cell| cell.fits(*declared))) {
        return Some(declared);
    }
    let mut found = None;
    for cell in cells {
        let this = match cell {
            Cell::Null => continue,
            Cell::Int(_) => ColumnType::Int64,
            Cell::Real(_) => ColumnType::Float64,
            Cell::Text(_) => ColumnType::Utf8,
            Cell::Blob(_) => ColumnType::Binary,
        };
        found = Some(found.map_or(this, |found| both(found, this)));
    }
    found
}

/// A type for values of either.
pub(super) fn both(one: ColumnType, other: ColumnType) -> ColumnType {
    match (one, other) {
        (one, other) if one == other => one,
        (ColumnType::Boolean, ColumnType::Int64) | (ColumnType::Int64, ColumnType::Boolean) => {
            ColumnType::Int64
        }
        (one, other) => one.widest(other).unwrap_or(ColumnType::Utf8),
    }
}

/// The values as a column of Arrow. What does not fit is null; the types above see to it that all fits.
pub(super) fn array(cells: &[Cell], wanted: ColumnType) -> ArrayRef {
    match wanted {
        ColumnType::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(cells.len());
            cells.iter().for_each(|cell| builder.append_option(cell.boolean()));
            Arc::new(builder.finish())
        }
        ColumnType::Int64 => {
            let mut builder = Int64Builder::with_capacity(cells.len());
            cells.iter().for_each(|cell| builder.append_option(cell.int()));
            Arc::new(builder.finish())
        }
        ColumnType::Float64 => {
            let mut builder = Float64Builder::with_capacity(cells.len());
            cells.iter().for_each(|cell| builder.append_option(cell.float()));
            Arc::new(builder.finish())
        }
        ColumnType::Decimal { precision, scale } => {
            let mut builder = Decimal128Builder::with_capacity(cells.len()).with_data_type(wanted.arrow());
            cells.iter().for_each(|cell| builder.append_option(cell.decimal(precision, scale)));
            Arc::new(builder.finish())
        }
        ColumnType::Utf8 => {
            let mut builder = StringBuilder::new();
            for cell in cells {
                match cell {
                    Cell::Null => builder.append_null(),
                    Cell::Text(text) => builder.append_value(text),
                    other => builder.append_value(other.text()),
                }
            }
            Arc::new(builder.finish())
        }
        ColumnType::Date => {
            let mut builder = Date32Builder::with_capacity(cells.len());
            for cell in cells {
                builder.append_option(match cell {
                    Cell::Text(text) => parse_date(text),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        ColumnType::Timestamp { .. } => {
            let mut builder =
                TimestampMicrosecondBuilder::with_capacity(cells.len()).with_data_type(wanted.arrow());
            for cell in cells {
                builder.append_option(match cell {
                    Cell::Text(text) => parse_timestamp(text).map(|(micros, _)| micros),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        ColumnType::Binary => {
            let mut builder = BinaryBuilder::new();
            cells.iter().for_each(|cell| builder.append_option(cell.bytes()));
            Arc::new(builder.finish())
        }
    }
}

/// A batch in which some columns have other types than they came with: those of the whole result.
pub(super) fn cast(
    batch: &RecordBatch,
    schema: &arrow_schema::SchemaRef,
    types: &[ColumnType],
) -> Result<RecordBatch, ArrowError> {
    let mut columns = Vec::with_capacity(types.len());
    for (column, wanted) in batch.columns().iter().zip(types) {
        if *column.data_type() == wanted.arrow() {
            columns.push(Arc::clone(column));
            continue;
        }
        let values = super::values::Values::of(column);
        let cells: Vec<Cell> = (0..column.len()).map(|row| values.cell(row)).collect();
        columns.push(array(&cells, *wanted));
    }
    RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )
}

/// A decimal as the cell that has all its digits.
pub(super) fn decimal_cell(value: i128, scale: i8) -> Cell {
    Cell::Text(format_decimal(value, scale))
}
