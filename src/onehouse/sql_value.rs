//! How values are written into a statement.
//!
//! The API has no bind parameters, so every value is quoted here. The rules are those of the vendor's own SDK 0.3.0,
//! stricter where that one lets broken text through: NUL in an option's key.

use std::fmt::Write;

use crate::open_enum::OpenEnum;

use super::options::OptionValue;

/// A value that a clause can hold. An error says what is wrong with it, without showing it: it may be a
/// secret.
pub(crate) trait SqlValue {
    fn write(&self, out: &mut String) -> Result<(), String>;
}

impl SqlValue for str {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self)
    }
}

impl SqlValue for String {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self)
    }
}

/// Enums are quoted in their canonical spelling.
impl<E: OpenEnum + PartialEq> SqlValue for E {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, self.spelling())
    }
}

/// Integers are bare.
impl SqlValue for i64 {
    fn write(&self, out: &mut String) -> Result<(), String> {
        let _ = write!(out, "{self}");
        Ok(())
    }
}

/// Lists are quoted strings in parentheses, at least one.
impl SqlValue for Vec<String> {
    fn write(&self, out: &mut String) -> Result<(), String> {
        list(out, self, |out, entry| quote(out, entry))
    }
}

/// A boolean as `'true'` or `'false'`.
pub(crate) struct Lower(pub(crate) bool);

impl SqlValue for Lower {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, if self.0 { "true" } else { "false" })
    }
}

/// A boolean as `'TRUE'` or `'FALSE'`.
pub(crate) struct Upper(pub(crate) bool);

impl SqlValue for Upper {
    fn write(&self, out: &mut String) -> Result<(), String> {
        quote(out, if self.0 { "TRUE" } else { "FALSE" })
    }
}

/// A keyword that stands without quotes.
pub(crate) struct Bare(pub(crate) &'static str);

impl SqlValue for Bare {
    fn write(&self, out: &mut String) -> Result<(), String> {
        out.push_str(self.0);
        Ok(())
    }
}

/// `(a, b)`: at least one entry.
pub(crate) fn list<T>(
    out: &mut String,
    entries: &[T],
    mut write: impl FnMut(&mut String, &T) -> Result<(), String>,
) -> Result<(), String> {
    if entries.is_empty() {
        return Err("is an empty list: leave the parameter out, or give at least one entry".to_owned());
    }
    out.push('(');
    for (i, entry) in entries.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, entry)?;
    }
    out.push(')');
    Ok(())
}

/// A string in single quotes, quotes inside it doubled.
pub(crate) fn quote(out: &mut String, text: &str) -> Result<(), String> {
    if text.contains(['\n', '\r', '\0']) {
        return Err("contains a line break or NUL, which the API does not accept".to_owned());
    }
    out.push('\'');
    for part in text.split_inclusive('\'') {
        out.push_str(part);
        if part.ends_with('\'') {
            out.push('\'');
        }
    }
    out.push('\'');
    Ok(())
}

pub(super) fn write_key(key: &str) -> Result<(), String> {
    if key.is_empty() {
        Err("has an empty key".to_owned())
    } else if key.contains(['\'', '\n', '\r', '\0']) {
        Err("has a key that contains a quote, a line break or NUL".to_owned())
    } else {
        Ok(())
    }
}

pub(super) fn write_option(out: &mut String, value: &OptionValue) -> Result<(), String> {
    match value {
        OptionValue::String(text) => quote(out, text),
        OptionValue::Bool(value) => Upper(*value).write(out),
        OptionValue::Int(n) => quote(out, &n.to_string()),
        OptionValue::Float(x) if x.is_finite() => quote(out, &decimal(*x)),
        OptionValue::Float(_) => Err("is not a finite number".to_owned()),
    }
}

/// A decimal as the vendor's SDK writes it: shortest form, `1.0`, `1e+20`, `1e-07`.
fn decimal(x: f64) -> String {
    // The digits are not those of `{:?}`, which rounds a tie of the last one up where Python takes the even
    // one.
    let text = serde_json::Number::from_f64(x.abs()).map(|n| n.to_string()).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let skipped = all.len() - digits.len();
    let digits = if digits.is_empty() { "0" } else { digits.trim_end_matches('0') };
    // Where the point stands, counted from the first digit.
    let exponent = exponent.parse::<isize>().unwrap_or_default();
    let point = if digits == "0" { 1 } else { exponent + whole.len() as isize - skipped as isize };
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let zeros = |n: isize| "0".repeat(n.unsigned_abs());
    match (point, point - digits.len() as isize) {
        (..-3 | 17.., _) => {
            let (first, rest) = digits.split_at(1);
            let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
            let way = if point > 0 { '+' } else { '-' };
            format!("{sign}{first}{rest}e{way}{:02}", (point - 1).abs())
        }
        (..=0, _) => format!("{sign}0.{}{digits}", zeros(point)),
        (_, missing @ 0..) => format!("{sign}{digits}{}.0", zeros(missing)),
        _ => {
            let (whole, fraction) = digits.split_at(point.unsigned_abs());
            format!("{sign}{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl Into<OptionValue>) -> Result<String, String> {
        let mut out = String::new();
        write_option(&mut out, &value.into()).map(|()| out)
    }

    #[test]
    fn decimals_are_written_as_python_writes_them() {
        for (x, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (-2.5, "-2.5"),
            (123456789.125, "123456789.125"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1.5e-10, "1.5e-10"),
            (5e-324, "5e-324"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.2345e16, "1.2345e+16"),
            (1e20, "1e+20"),
            (-1e20, "-1e+20"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(written(x), Ok(format!("'{text}'")));
        }
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(written(x).is_err());
        }
    }

    #[test]
    fn option_values_are_always_quoted() {
        assert_eq!(written(true), Ok("'TRUE'".to_owned()));
        assert_eq!(written(false), Ok("'FALSE'".to_owned()));
        assert_eq!(written(i64::MIN), Ok("'-9223372036854775808'".to_owned()));
        assert_eq!(written("it's"), Ok("'it''s'".to_owned()));
        assert_eq!(written("'"), Ok("''''".to_owned()));
        assert_eq!(written(""), Ok("''".to_owned()));
    }
}
