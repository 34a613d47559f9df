//! Cells of Arrow arrays of every type.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

use crate::vectors::unknown;

/// A cell.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Decimal(String),
    Text(String),
    Bytes(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i64),
    /// Nanoseconds since 1970-01-01T00:00:00, in UTC if there is a zone; and the number as it is stored.
    Timestamp(i128, i64),
    /// Nanoseconds since midnight, and the number as it is stored.
    Time(i128, i64),
    /// Nanoseconds, and the number as it is stored.
    Duration(i128, i64),
    /// Months, days, nanoseconds.
    Interval(i64, i64, i64),
    List(Vec<Cell>),
    Struct(Vec<(String, Cell)>),
    Map(Vec<(Cell, Cell)>),
}

fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

/// A number of 64 bits with one of four units.
macro_rules! of_unit {
    ($array:expr, $row:expr, $unit:expr, $second:ty, $milli:ty, $micro:ty, $nano:ty) => {{
        let raw: i64 = match $unit {
            TimeUnit::Second => primitive::<$second>($array, $row).into(),
            TimeUnit::Millisecond => primitive::<$milli>($array, $row).into(),
            TimeUnit::Microsecond => primitive::<$micro>($array, $row).into(),
            TimeUnit::Nanosecond => primitive::<$nano>($array, $row).into(),
        };
        (i128::from(raw) * nanos($unit), raw)
    }};
}

/// A run: the values, and which of them a row has.
fn run<R: RunEndIndexType>(array: &ArrayRef, row: usize) -> Result<Cell, String> {
    let run = array.as_run::<R>();
    cell(run.values(), run.get_physical_index(row))
}

/// The cell of a row. `Err`: the harness does not know the type.
pub(super) fn cell(array: &ArrayRef, row: usize) -> Result<Cell, String> {
    if array.is_null(row) {
        return Ok(Cell::Null);
    }
    let list = |items: ArrayRef| -> Result<Cell, String> {
        Ok(Cell::List((0..items.len()).map(|i| cell(&items, i)).collect::<Result<_, _>>()?))
    };
    Ok(match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
        DataType::Int8 => Cell::Int(primitive::<Int8Type>(array, row).into()),
        DataType::Int16 => Cell::Int(primitive::<Int16Type>(array, row).into()),
        DataType::Int32 => Cell::Int(primitive::<Int32Type>(array, row).into()),
        DataType::Int64 => Cell::Int(primitive::<Int64Type>(array, row).into()),
        DataType::UInt8 => Cell::Int(primitive::<UInt8Type>(array, row).into()),
        DataType::UInt16 => Cell::Int(primitive::<UInt16Type>(array, row).into()),
        DataType::UInt32 => Cell::Int(primitive::<UInt32Type>(array, row).into()),
        DataType::UInt64 => Cell::Int(primitive::<UInt64Type>(array, row).into()),
        DataType::Float16 => Cell::Float(primitive::<Float16Type>(array, row).into()),
        DataType::Float32 => Cell::Float(primitive::<Float32Type>(array, row).into()),
        DataType::Float64 => Cell::Float(primitive::<Float64Type>(array, row)),
        DataType::Decimal32(..) => Cell::Decimal(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => Cell::Decimal(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => {
            Cell::Decimal(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Decimal256(..) => {
            Cell::Decimal(array.as_primitive::<Decimal256Type>().value_as_string(row))
        }
        DataType::Date32 => Cell::Date(primitive::<Date32Type>(array, row).into()),
        DataType::Date64 => Cell::Date(primitive::<Date64Type>(array, row).div_euclid(86_400_000)),
        DataType::Time32(unit) => {
            let raw: i64 = match unit {
                TimeUnit::Second => primitive::<Time32SecondType>(array, row).into(),
                _ => primitive::<Time32MillisecondType>(array, row).into(),
            };
            Cell::Time(i128::from(raw) * nanos(*unit), raw)
        }
        DataType::Time64(unit) => {
            let raw = match unit {
                TimeUnit::Nanosecond => primitive::<Time64NanosecondType>(array, row),
                _ => primitive::<Time64MicrosecondType>(array, row),
            };
            Cell::Time(i128::from(raw) * nanos(*unit), raw)
        }
        DataType::Timestamp(unit, _) => {
            let (nanos, raw) = of_unit!(
                array,
                row,
                *unit,
                TimestampSecondType,
                TimestampMillisecondType,
                TimestampMicrosecondType,
                TimestampNanosecondType
            );
            Cell::Timestamp(nanos, raw)
        }
        DataType::Duration(unit) => {
            let (nanos, raw) = of_unit!(
                array,
                row,
                *unit,
                DurationSecondType,
                DurationMillisecondType,
                DurationMicrosecondType,
                DurationNanosecondType
            );
            Cell::Duration(nanos, raw)
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            Cell::Interval(primitive::<IntervalYearMonthType>(array, row).into(), 0, 0)
        }
        DataType::Interval(IntervalUnit::DayTime) => {
            let value = primitive::<IntervalDayTimeType>(array, row);
            Cell::Interval(0, value.days.into(), i64::from(value.milliseconds) * 1_000_000)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = primitive::<IntervalMonthDayNanoType>(array, row);
            Cell::Interval(value.months.into(), value.days.into(), value.nanoseconds)
        }
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(row).to_owned()),
        DataType::Binary => Cell::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::LargeBinary => Cell::Bytes(array.as_binary::<i64>().value(row).to_vec()),
        DataType::BinaryView => Cell::Bytes(array.as_binary_view().value(row).to_vec()),
        DataType::FixedSizeBinary(_) => Cell::Bytes(array.as_fixed_size_binary().value(row).to_vec()),
        DataType::List(_) => list(array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row))?,
        DataType::ListView(_) => list(array.as_list_view::<i32>().value(row))?,
        DataType::LargeListView(_) => list(array.as_list_view::<i64>().value(row))?,
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row))?,
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            let cells = columns.map(|(field, column)| Ok((field.name().clone(), cell(column, row)?)));
            Cell::Struct(cells.collect::<Result<_, String>>()?)
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let pairs = (0..entries.len()).map(|i| Ok((cell(keys, i)?, cell(values, i)?)));
            Cell::Map(pairs.collect::<Result<_, String>>()?)
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            cell(dictionary.values(), dictionary.normalized_keys()[row])?
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => run::<Int16Type>(array, row)?,
            DataType::Int32 => run::<Int32Type>(array, row)?,
            DataType::Int64 => run::<Int64Type>(array, row)?,
            other => return Err(unknown(format_args!("runs that end at {other}"))),
        },
        DataType::Union(..) => cell(&array.as_union().value(row), 0)?,
    })
}
