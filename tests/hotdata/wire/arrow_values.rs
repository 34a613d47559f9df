//! Whether a cell is what a recording has for it. JSON has no dates, decimals or bytes: each of the usual
//! ways to write them counts.

use base64::Engine as _;
use serde_json::Value;

use super::arrow_cells::Cell;

const DAY: i128 = 86_400_000_000_000;

/// True if a cell is what is expected.
pub(super) fn is_value(cell: &Cell, expected: &Value) -> bool {
    match (cell, expected) {
        (Cell::Null, expected) => expected.is_null(),
        (Cell::Bool(value), expected) => expected == value,
        (Cell::Int(value), expected) => expected.to_string().trim_matches('"') == value.to_string(),
        (Cell::Float(value), Value::String(text)) => match text.to_lowercase().as_str() {
            "nan" => value.is_nan(),
            "infinity" | "inf" => *value == f64::INFINITY,
            "-infinity" | "-inf" => *value == f64::NEG_INFINITY,
            _ => false,
        },
        (Cell::Float(value), expected) => expected.as_f64() == Some(*value),
        (Cell::Decimal(text), Value::String(expected)) => {
            decimal(text).is_some_and(|got| decimal(expected) == Some(got))
        }
        (Cell::Decimal(text), Value::Number(expected)) => {
            decimal(text).is_some_and(|got| decimal(&expected.to_string()) == Some(got))
        }
        (Cell::Text(text), expected) => expected == text,
        (Cell::Bytes(bytes), expected) => is_bytes(bytes, expected),
        (Cell::Date(days), Value::String(text)) => {
            instant(text).map(|(nanos, _)| nanos) == Some(i128::from(*days) * DAY)
        }
        (Cell::Date(raw), expected) => expected == raw,
        (Cell::Timestamp(nanos, _), Value::String(text)) => {
            // At the precision of the text, but not less than a microsecond.
            instant(text)
                .is_some_and(|(wanted, unit)| nanos.div_euclid(unit.min(1_000)) * unit.min(1_000) == wanted)
        }
        (Cell::Time(nanos, _), Value::String(text)) => time(text)
            .is_some_and(|(wanted, unit)| nanos.div_euclid(unit.min(1_000)) * unit.min(1_000) == wanted),
        (Cell::Duration(nanos, _), Value::String(text)) => duration(text) == Some(*nanos),
        (Cell::Duration(nanos, raw), expected) => {
            #[allow(clippy::cast_precision_loss)]
            let seconds = *nanos as f64 / 1e9;
            expected == raw || expected.as_f64() == Some(seconds)
        }
        (Cell::Timestamp(_, raw) | Cell::Time(_, raw), expected) => expected == raw,
        (Cell::Interval(months, days, nanos), Value::Array(parts)) => {
            parts.len() == 3 && parts[0] == *months && parts[1] == *days && parts[2] == *nanos
        }
        (Cell::Interval(months, days, nanos), expected) => {
            expected["months"] == *months && expected["days"] == *days && expected["nanoseconds"] == *nanos
        }
        (Cell::List(items), Value::Array(expected)) => {
            items.len() == expected.len() && items.iter().zip(expected).all(|(item, e)| is_value(item, e))
        }
        (Cell::Struct(fields), Value::Object(expected)) => {
            fields.len() == expected.len()
                && fields.iter().all(|(name, cell)| expected.get(name).is_some_and(|e| is_value(cell, e)))
        }
        (Cell::Map(pairs), Value::Array(expected)) => {
            let is_pair = |(key, value): &(Cell, Cell), expected: &Value| match expected {
                Value::Array(pair) => pair.len() == 2 && is_value(key, &pair[0]) && is_value(value, &pair[1]),
                pair => is_value(key, &pair["key"]) && is_value(value, &pair["value"]),
            };
            pairs.len() == expected.len() && pairs.iter().zip(expected).all(|(pair, e)| is_pair(pair, e))
        }
        (Cell::Map(pairs), Value::Object(expected)) => {
            let is_pair = |(key, value): &(Cell, Cell)| {
                expected
                    .iter()
                    .any(|(name, e)| is_value(key, &Value::String(name.clone())) && is_value(value, e))
            };
            pairs.len() == expected.len() && pairs.iter().all(is_pair)
        }
        _ => false,
    }
}

/// Bytes as base64, hex, text, a list of numbers, or an object that says which.
fn is_bytes(bytes: &[u8], expected: &Value) -> bool {
    let hex = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let base64 = || base64::engine::general_purpose::STANDARD.encode(bytes);
    match expected {
        Value::String(text) => {
            *text == base64()
                || text.eq_ignore_ascii_case(&hex())
                || text.as_bytes() == bytes
                || *text == python(bytes)
        }
        Value::Array(numbers) => {
            numbers.len() == bytes.len() && numbers.iter().zip(bytes).all(|(number, byte)| number == byte)
        }
        Value::Object(map) if map.len() == 1 => {
            expected["base64"] == base64()
                || expected["hex"] == hex()
                || expected["text"].as_str().is_some_and(|t| t.as_bytes() == bytes)
        }
        _ => false,
    }
}

/// Bytes as Python writes them.
fn python(bytes: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\\' => "\\\\".to_owned(),
        0x20..=0x7e => char::from(*byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    };
    format!("b'{}'", bytes.iter().map(byte).collect::<String>())
}

/// A decimal number: whether it is negative, its digits without zeros at either end, and the power of ten of
/// the last one.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
    let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.trim_start_matches('+')),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent - i64::try_from(fraction.len()).ok()?;
    let short = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - short.len()).ok()?;
    let short = short.trim_start_matches('0');
    Some(match short.is_empty() {
        true => (false, String::new(), 0),
        false => (is_negative, short.to_owned(), exponent + zeros),
    })
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * m + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A time of day in nanoseconds, and the nanoseconds of its last digit.
fn time(text: &str) -> Option<(i128, i128)> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let parts: Vec<i128> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    if fraction.len() > 9 {
        return None;
    }
    let unit = 10_i128.pow(9 - u32::try_from(fraction.len()).ok()?);
    let fraction: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let whole = (hours * 60 + minutes) * 60 + seconds;
    Some((whole * 1_000_000_000 + fraction * unit, unit))
}

/// A date or a date with a time in nanoseconds since 1970-01-01, in UTC if it has a zone; and the nanoseconds
/// of its last digit.
fn instant(text: &str) -> Option<(i128, i128)> {
    let (date, rest) = match text.char_indices().nth(10) {
        Some((at, 'T' | ' ')) => (&text[..at], Some(&text[at + 1..])),
        Some(_) => return None,
        None => (text, None),
    };
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day] = parts[..] else { return None };
    let midnight = i128::from(days(year, month, day)) * DAY;
    let Some(rest) = rest else { return Some((midnight, 1)) };
    let rest = rest.trim_end_matches(" UTC");
    let (clock, shift) = if let Some(clock) = rest.strip_suffix('Z') {
        (clock, 0)
    } else if let Some(at) = rest.rfind(['+', '-']) {
        let (shift, _) = time(&rest[at + 1..])?;
        (&rest[..at], if rest[at..].starts_with('-') { -shift } else { shift })
    } else {
        (rest, 0)
    };
    let (time, unit) = time(clock)?;
    Some((midnight + time - shift, unit))
}

/// A duration as Python writes it: `1 day, 2:03:04.500000`, `-1 day, 23:59:59`.
fn duration(text: &str) -> Option<i128> {
    let (days, clock) = match text.split_once(", ") {
        Some((days, clock)) => (days.split(' ').next()?.parse::<i128>().ok()?, clock),
        None => (0, text),
    };
    Some(days * DAY + time(clock)?.0)
}

#[test]
fn values_in_each_way_to_write_them() {
    use serde_json::json;

    let date = Cell::Date(20_513);
    let timestamp = Cell::Timestamp(1_772_368_496_789_012_345, 1_772_368_496_789_012_345);
    let time = Cell::Time(3_723_500_000_000, 3_723_500);
    let duration = Cell::Duration(-1_000_000_000, -1_000_000);
    let bytes = Cell::Bytes(vec![0, b'a', 0xff]);
    let decimal = |text: &str| Cell::Decimal(text.to_owned());
    for (cell, right, wrong) in [
        (
            date,
            vec![json!("2026-03-01"), json!("2026-03-01T00:00:00"), json!(20_513)],
            vec![json!("2026-03-02")],
        ),
        (
            timestamp,
            vec![
                json!("2026-03-01T12:34:56.789012"),
                json!("2026-03-01 12:34:56.789012345"),
                json!("2026-03-01T14:34:56.789012+02:00"),
                json!("2026-03-01T12:34:56.789012Z"),
                json!(1_772_368_496_789_012_345_i64),
            ],
            vec![
                json!("2026-03-01T12:34:56.789013"),
                json!("2026-03-01T12:34:56.789"),
                json!("2026-03-01T12:34:56.789012+01:00"),
            ],
        ),
        (
            time,
            vec![json!("01:02:03.500000"), json!("01:02:03.5"), json!(3_723_500)],
            vec![json!("01:02:03")],
        ),
        (duration, vec![json!(-1.0), json!("-1 day, 23:59:59"), json!(-1_000_000)], vec![json!(1.0)]),
        (
            bytes,
            vec![
                json!("AGH/"),
                json!("0061ff"),
                json!({"base64": "AGH/"}),
                json!("b'\\x00a\\xff'"),
                json!([0, 97, 255]),
            ],
            vec![json!("AGH")],
        ),
        (
            decimal("-0.010"),
            vec![json!("-0.01"), json!("-1E-2"), json!(-0.01)],
            vec![json!("0.01"), json!("x")],
        ),
        (decimal("1200"), vec![json!("1.2E+3"), json!(1200)], vec![json!("120")]),
        (Cell::Float(f64::NAN), vec![json!("NaN")], vec![json!(null), json!(0.0)]),
        (
            Cell::Interval(1, 2, 3),
            vec![json!([1, 2, 3]), json!({"months": 1, "days": 2, "nanoseconds": 3})],
            vec![json!([1, 2])],
        ),
        (
            Cell::Map(vec![(Cell::Text("k".to_owned()), Cell::Int(1))]),
            vec![json!([["k", 1]]), json!({"k": 1}), json!([{"key": "k", "value": 1}])],
            vec![json!([["k", 2]]), json!({})],
        ),
    ] {
        assert!(right.iter().all(|value| is_value(&cell, value)), "{cell:?} {right:?}");
        assert!(!wrong.iter().any(|value| is_value(&cell, value)), "{cell:?} {wrong:?}");
    }
}
