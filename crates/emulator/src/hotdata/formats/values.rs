//! The values of one column of a batch, one by one.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::DataType;

use super::cell::{Cell, decimal_cell};
use super::text::{format_date, format_decimal, format_timestamp};

/// A column by what it is: found once for a batch, not for every value.
pub(super) enum Values<'a> {
    Boolean(&'a BooleanArray),
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Decimal(&'a Decimal128Array, i8),
    Text(&'a StringArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray, bool),
    Binary(&'a BinaryArray),
    /// A type that no result has.
    Other,
}

impl<'a> Values<'a> {
    pub(super) fn of(column: &'a ArrayRef) -> Self {
        let found = match column.data_type() {
            DataType::Boolean => column.as_boolean_opt().map(Self::Boolean),
            DataType::Int64 => column.as_primitive_opt::<Int64Type>().map(Self::Int),
            DataType::Float64 => column.as_primitive_opt::<Float64Type>().map(Self::Float),
            DataType::Decimal128(_, scale) => {
                column.as_primitive_opt::<Decimal128Type>().map(|array| Self::Decimal(array, *scale))
            }
            DataType::Utf8 => column.as_string_opt::<i32>().map(Self::Text),
            DataType::Date32 => column.as_primitive_opt::<Date32Type>().map(Self::Date),
            DataType::Timestamp(_, zone) => column
                .as_primitive_opt::<TimestampMicrosecondType>()
                .map(|array| Self::Timestamp(array, zone.is_some())),
            DataType::Binary => column.as_binary_opt::<i32>().map(Self::Binary),
            _ => None,
        };
        found.unwrap_or(Self::Other)
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Boolean(array) => array.is_null(row),
            Self::Int(array) => array.is_null(row),
            Self::Float(array) => array.is_null(row),
            Self::Decimal(array, _) => array.is_null(row),
            Self::Text(array) => array.is_null(row),
            Self::Date(array) => array.is_null(row),
            Self::Timestamp(array, _) => array.is_null(row),
            Self::Binary(array) => array.is_null(row),
            Self::Other => true,
        }
    }

    /// The value as SQLite has it.
    pub(super) fn cell(&self, row: usize) -> Cell {
        if self.is_null(row) {
            return Cell::Null;
        }
        match self {
            Self::Boolean(array) => Cell::Int(array.value(row).into()),
            Self::Int(array) => Cell::Int(array.value(row)),
            Self::Float(array) => Cell::Real(array.value(row)),
            Self::Decimal(array, scale) => decimal_cell(array.value(row), *scale),
            Self::Text(array) => Cell::Text(array.value(row).to_owned()),
            Self::Date(array) => Cell::Text(format_date(array.value(row))),
            // Without a zone, which is UTC: so that text compares as time does.
            Self::Timestamp(array, _) => Cell::Text(format_timestamp(array.value(row), ' ')),
            Self::Binary(array) => Cell::Blob(array.value(row).to_vec()),
            Self::Other => Cell::Null,
        }
    }

    /// Appends the value as JSON.
    pub(super) fn json(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            _ if self.is_null(row) => out.extend_from_slice(b"null"),
            Self::Float(array) if !array.value(row).is_finite() => out.extend_from_slice(b"null"),
            Self::Text(array) => quote(array.value(row), out),
            Self::Date(_) | Self::Timestamp(..) | Self::Binary(_) => quote(&self.plain(row), out),
            _ => out.extend_from_slice(self.plain(row).as_bytes()),
        }
    }

    /// The value as text; nothing where it is null or not finite.
    pub(super) fn text(&self, row: usize) -> String {
        match self {
            _ if self.is_null(row) => String::new(),
            Self::Float(array) if !array.value(row).is_finite() => String::new(),
            _ => self.plain(row),
        }
    }

    fn plain(&self, row: usize) -> String {
        match self {
            Self::Boolean(array) => array.value(row).to_string(),
            Self::Int(array) => array.value(row).to_string(),
            Self::Float(array) => format!("{:?}", array.value(row)),
            Self::Decimal(array, scale) => format_decimal(array.value(row), *scale),
            Self::Text(array) => array.value(row).to_owned(),
            Self::Date(array) => format_date(array.value(row)),
            Self::Timestamp(array, zoned) => {
                let mut text = format_timestamp(array.value(row), 'T');
                text.push_str(if *zoned { "Z" } else { "" });
                text
            }
            // As Arrow's own writers of JSON and CSV have bytes.
            Self::Binary(array) => array.value(row).iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Other => String::new(),
        }
    }
}

/// A string of JSON.
fn quote(text: &str, out: &mut Vec<u8>) {
    // Writing a string into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}
