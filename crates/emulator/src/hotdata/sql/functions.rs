//! Functions that SQLite does not have.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};

use super::{calculations, temporal};
use crate::hotdata::formats::{
    format_date, format_decimal, format_timestamp, parse_decimal, parse_timestamp,
};

pub(super) const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// The largest number that a series has to do with: no sum or difference of two is too large for SQLite.
const MAX_BOUND: u64 = 1 << 61;

/// Adds them to a connection, for which it is `now` in microseconds since 1970.
pub(super) fn add(connection: &Connection, now: i64) -> rusqlite::Result<()> {
    calculations::add(connection)?;
    temporal::add(connection)?;
    connection.create_scalar_function("now", 0, PURE, move |_| Ok(format_timestamp(now, ' ')))?;
    connection.create_scalar_function("hd_date", 1, PURE, |context| {
        text(context, "date", |text| {
            let (micros, _) = parse_timestamp(text)?;
            i32::try_from(micros.div_euclid(86_400_000_000)).ok().map(format_date)
        })
    })?;
    connection.create_scalar_function("hd_timestamp", 1, PURE, |context| {
        text(context, "timestamp", |text| {
            parse_timestamp(text).map(|(micros, _)| format_timestamp(micros, ' '))
        })
    })?;
    connection.create_scalar_function("hd_boolean", 1, PURE, |context| match context.get_raw(0) {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer((number != 0).into())),
        ValueRef::Text(bytes) => match String::from_utf8_lossy(bytes).trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Ok(Value::Integer(1)),
            "f" | "false" | "n" | "no" | "off" | "0" => Ok(Value::Integer(0)),
            other => wrong("boolean", other),
        },
        _ => wrong("boolean", "a value of another type"),
    })?;
    connection.create_scalar_function("hd_decimal", 3, PURE, decimal)?;
    connection.create_scalar_function("hd_bound", 1, PURE, |context| match context.get_raw(0) {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) if number.unsigned_abs() <= MAX_BOUND => Ok(Value::Integer(number)),
        _ => Err(rusqlite::Error::UserFunctionError(
            "the arguments of generate_series must be whole numbers from -2^61 to 2^61".into(),
        )),
    })?;
    // What `x REGEXP y` calls, and `x ILIKE y` is written as.
    connection.create_scalar_function("regexp", 2, PURE, |context| {
        let text = |place| match context.get_raw(place) {
            ValueRef::Null | ValueRef::Blob(_) => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).to_lowercase()),
        };
        Ok(text(0).zip(text(1)).map(|(pattern, value)| like(&pattern, &value)))
    })
}

pub(super) fn wrong<T>(wanted: &str, found: &str) -> rusqlite::Result<T> {
    let found: String = found.chars().take(100).collect();
    let text = format!("invalid input syntax for type {wanted}: \"{found}\"");
    Err(rusqlite::Error::UserFunctionError(text.into()))
}

fn text(
    context: &Context<'_>,
    wanted: &str,
    convert: impl Fn(&str) -> Option<String>,
) -> rusqlite::Result<Option<String>> {
    match context.get_raw(0) {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            match convert(text.trim()) {
                Some(found) => Ok(Some(found)),
                None => wrong(wanted, &text),
            }
        }
        _ => wrong(wanted, "a value of another type"),
    }
}

/// Rounds half away from zero, as Postgres does. A number that a double holds stays a number; a longer one
/// becomes text.
fn decimal(context: &Context<'_>) -> rusqlite::Result<Value> {
    let precision: u8 = context.get(1)?;
    let scale: i8 = context.get(2)?;
    let digits = usize::try_from(scale).unwrap_or(0);
    let (written, found) = match context.get_raw(0) {
        ValueRef::Null => return Ok(Value::Null),
        ValueRef::Integer(number) => {
            (number.to_string(), parse_decimal(&number.to_string(), precision, scale))
        }
        ValueRef::Real(number) => {
            let text = number.to_string();
            (text.clone(), parse_decimal(&round(&text, digits), precision, scale))
        }
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            (text.clone(), parse_decimal(&round(text.trim(), digits), precision, scale))
        }
        ValueRef::Blob(_) => ("bytes".to_owned(), None),
    };
    match found {
        None => wrong(&format!("decimal({precision},{scale})"), &written),
        Some(value) => Ok(number(value, scale)),
    }
}

/// A decimal as SQLite keeps it: as a number while a double has all its digits, as text beyond that.
pub(super) fn number(value: i128, scale: i8) -> Value {
    let text = format_decimal(value, scale);
    match i64::try_from(value) {
        Ok(whole) if scale == 0 => Value::Integer(whole),
        _ if value.unsigned_abs() < 1_000_000_000_000_000 => {
            text.parse().map_or(Value::Text(text), Value::Real)
        }
        _ => Value::Text(text),
    }
}

/// A decimal number with no more digits behind its point.
pub(super) fn round(text: &str, digits: usize) -> String {
    let Some((whole, fraction)) = text.split_once('.') else { return text.to_owned() };
    let next = fraction.as_bytes().get(digits);
    let (Some(next), true) = (next, fraction.bytes().all(|b| b.is_ascii_digit())) else {
        return text.to_owned();
    };
    let mut kept: Vec<u8> = format!("{whole}.{}", &fraction[..digits]).into_bytes();
    if *next >= b'5' {
        let mut carries = true;
        for byte in kept.iter_mut().rev().filter(|byte| byte.is_ascii_digit()) {
            carries = *byte == b'9';
            *byte = if carries { b'0' } else { *byte + 1 };
            if !carries {
                break;
            }
        }
        if carries {
            let start = usize::from(matches!(kept.first(), Some(b'-' | b'+')));
            kept.insert(start, b'1');
        }
    }
    String::from_utf8_lossy(&kept).trim_end_matches('.').to_owned()
}

/// Whether a text is like a pattern, in which `%` is any text, `_` any letter, and `\` takes both literally.
fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Back to the last `%` when what follows it does not fit: never to an earlier one.
    let (mut p, mut t, mut star) = (0, 0, None);
    loop {
        match pattern.get(p) {
            Some('%') => {
                star = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some('_') if t < text.len() => (p, t) = (p + 1, t + 1),
            Some('\\') if p + 1 < pattern.len() && text.get(t) == pattern.get(p + 1) => {
                (p, t) = (p + 2, t + 1)
            }
            Some(letter) if *letter != '\\' && text.get(t) == Some(letter) => (p, t) = (p + 1, t + 1),
            None if t == text.len() => return true,
            _ => match star {
                Some((after, from)) if from < text.len() => {
                    (p, t) = (after, from + 1);
                    star = Some((after, from + 1));
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_like_what() {
        for (pattern, text, expected) in [
            ("a%", "abc", true),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a_c", "abc", true),
            ("a_c", "ac", false),
            ("", "", true),
            ("%", "", true),
            ("a\\%", "a%", true),
            ("a\\%", "ab", false),
            ("%aab", "aaaab", true),
            ("ab", "abc", false),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
        // Would take for ever if every `%` were tried again.
        assert!(!like(&"%a".repeat(50), &"a".repeat(49)));
    }

    #[test]
    fn rounding_carries() {
        for (text, digits, expected) in [
            ("1.25", 1, "1.3"),
            ("-1.25", 1, "-1.3"),
            ("9.99", 1, "10.0"),
            ("-0.5", 0, "-1"),
            ("1.24", 1, "1.2"),
            ("99", 1, "99"),
            ("1.2x", 0, "1.2x"),
        ] {
            assert_eq!(round(text, digits), expected, "{text}");
        }
    }
}
