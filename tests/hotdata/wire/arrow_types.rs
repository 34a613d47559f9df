//! Names of Arrow's types, as pyarrow writes them.

use arrow_schema::{DataType, Field, FieldRef, IntervalUnit, TimeUnit, UnionMode};

fn unit(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

/// A field inside of a type.
fn inner(field: &FieldRef) -> String {
    let null = if field.is_nullable() { "" } else { " not null" };
    format!("{}: {}{null}", field.name(), type_name(field.data_type()))
}

fn all<'a>(fields: impl IntoIterator<Item = &'a FieldRef>) -> String {
    fields.into_iter().map(inner).collect::<Vec<_>>().join(", ")
}

/// True if a column has the type of this name. The order of a dictionary is nothing that this crate reads,
/// some versions of pyarrow add the names of a map's parts, and an extension may stand for the type that it
/// is stored as.
pub(super) fn has_type(field: &Field, expected: &str) -> bool {
    let expected = expected.replace("ordered=1", "ordered=0").replace(" ('entries')", "");
    let extension = field.metadata().get("ARROW:extension:name").map(|name| format!("extension<{name}>"));
    type_name(field.data_type()) == expected || extension.is_some_and(|name| name == expected)
}

/// The name of a type.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "null".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Int8 => "int8".to_owned(),
        DataType::Int16 => "int16".to_owned(),
        DataType::Int32 => "int32".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::UInt8 => "uint8".to_owned(),
        DataType::UInt16 => "uint16".to_owned(),
        DataType::UInt32 => "uint32".to_owned(),
        DataType::UInt64 => "uint64".to_owned(),
        DataType::Float16 => "halffloat".to_owned(),
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Date32 => "date32[day]".to_owned(),
        DataType::Date64 => "date64[ms]".to_owned(),
        DataType::Time32(of) => format!("time32[{}]", unit(*of)),
        DataType::Time64(of) => format!("time64[{}]", unit(*of)),
        DataType::Timestamp(of, None) => format!("timestamp[{}]", unit(*of)),
        DataType::Timestamp(of, Some(zone)) => format!("timestamp[{}, tz={zone}]", unit(*of)),
        DataType::Duration(of) => format!("duration[{}]", unit(*of)),
        DataType::Interval(IntervalUnit::MonthDayNano) => "month_day_nano_interval".to_owned(),
        DataType::Interval(IntervalUnit::YearMonth) => "month_interval".to_owned(),
        DataType::Interval(IntervalUnit::DayTime) => "day_time_interval".to_owned(),
        DataType::Decimal32(precision, scale) => format!("decimal32({precision}, {scale})"),
        DataType::Decimal64(precision, scale) => format!("decimal64({precision}, {scale})"),
        DataType::Decimal128(precision, scale) => format!("decimal128({precision}, {scale})"),
        DataType::Decimal256(precision, scale) => format!("decimal256({precision}, {scale})"),
        DataType::Utf8 => "string".to_owned(),
        DataType::LargeUtf8 => "large_string".to_owned(),
        DataType::Utf8View => "string_view".to_owned(),
        DataType::Binary => "binary".to_owned(),
        DataType::LargeBinary => "large_binary".to_owned(),
        DataType::BinaryView => "binary_view".to_owned(),
        DataType::FixedSizeBinary(size) => format!("fixed_size_binary[{size}]"),
        DataType::List(field) => format!("list<{}>", inner(field)),
        DataType::LargeList(field) => format!("large_list<{}>", inner(field)),
        DataType::ListView(field) => format!("list_view<{}>", inner(field)),
        DataType::LargeListView(field) => format!("large_list_view<{}>", inner(field)),
        DataType::FixedSizeList(field, size) => format!("fixed_size_list<{}>[{size}]", inner(field)),
        DataType::Struct(fields) => format!("struct<{}>", all(fields)),
        DataType::Map(entries, is_sorted) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                let sorted = if *is_sorted { ", keys_sorted" } else { "" };
                let (key, value) = (type_name(fields[0].data_type()), type_name(fields[1].data_type()));
                format!("map<{key}, {value}{sorted}>")
            }
            other => format!("map<{}>", type_name(other)),
        },
        DataType::Dictionary(index, value) => {
            format!("dictionary<values={}, indices={}, ordered=0>", type_name(value), type_name(index))
        }
        DataType::RunEndEncoded(ends, values) => {
            let (ends, values) = (type_name(ends.data_type()), type_name(values.data_type()));
            format!("run_end_encoded<run_ends: {ends}, values: {values}>")
        }
        DataType::Union(fields, mode) => {
            let mode = match mode {
                UnionMode::Sparse => "sparse",
                UnionMode::Dense => "dense",
            };
            let fields: Vec<String> =
                fields.iter().map(|(code, field)| format!("{}={code}", inner(field))).collect();
            format!("{mode}_union<{}>", fields.join(", "))
        }
    }
}
