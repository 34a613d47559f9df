//! Days, times and decimals as text and as the numbers that Arrow has for them.

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// The day of `2024-02-29`, counted from 1970.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if year < 1 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    i32::try_from(days(year, month, day)).ok()
}

/// `2024-02-29`.
pub(crate) fn format_date(days: i32) -> String {
    let (year, month, day) = civil(days.into());
    format!("{year:04}-{month:02}-{day:02}")
}

/// The microseconds since 1970 of a date and a time, `T` or a blank between them, a fraction and a zone if it
/// likes. A date alone is its midnight. The second says whether a zone was named. None too for a time that a
/// zone moves out of the years 1 to 9999: it could not be read again.
pub(crate) fn parse_timestamp(text: &str) -> Option<(i64, bool)> {
    let text = text.trim();
    let Some(at) = text.find(['T', 't', ' ']) else {
        return Some((i64::from(parse_date(text)?) * DAY * MICROS, false));
    };
    let date = i64::from(parse_date(&text[..at])?);
    let rest = &text[at + 1..];
    let (clock, zone) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), Some(&rest[at..])),
        None => (rest.strip_suffix(" UTC").unwrap_or(rest), rest.ends_with(" UTC").then_some("Z")),
    };
    let micros = parse_clock(clock)?;
    let offset = match zone {
        None => 0,
        Some("Z" | "z") => 0,
        Some(zone) => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
            let hours = number(digits.get(..2)?)?;
            let minutes = if digits.len() > 2 { number(digits.get(2..4)?)? } else { 0 };
            if digits.len() > 4 || hours > 15 || minutes > 59 {
                return None;
            }
            sign * (hours * 60 + minutes) * 60 * MICROS
        }
    };
    let at = date * DAY * MICROS + micros - offset;
    let years = days(1, 1, 1) * DAY * MICROS..days(10_000, 1, 1) * DAY * MICROS;
    years.contains(&at).then_some((at, zone.is_some()))
}

/// The microseconds of a day of `23:59` or `23:59:59.25`.
pub(crate) fn parse_clock(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, part)| (clock, Some(part)));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() || (second.is_none() && fraction.is_some()) {
        return None;
    }
    let two = |text: &str| if text.len() <= 2 { number(text) } else { None };
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second.unwrap_or("0"))?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match fraction {
        None => 0,
        Some(digits) if digits.len() <= 9 => number(&format!("{digits:0<9}"))? / 1000,
        Some(_) => return None,
    };
    Some(((hour * 60 + minute) * 60 + second) * MICROS + micros)
}

/// `2024-02-29`, this text and `23:59:59.25`; no fraction where it is zero.
pub(crate) fn format_timestamp(micros: i64, between: char) -> String {
    let (seconds, fraction) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS));
    let (day, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, date) = civil(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{date:02}{between}{hour:02}:{minute:02}:{second:02}");
    if fraction > 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    text
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// How many days a month has.
pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a day of the Gregorian calendar: years begin in March, so that leap days come last.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, the month and the day of a day, counted from 1970.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The digits of a decimal number, with as many behind the point as `scale`. None if it is not a number, has
/// more digits than `precision`, or would have to be rounded.
pub(crate) fn parse_decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let scale = usize::try_from(scale).ok()?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > scale {
        return None;
    }
    let text = format!("{}{fraction:0<scale$}", whole.trim_start_matches('0'));
    if text.trim_start_matches('0').len() > usize::from(precision) {
        return None;
    }
    let value: i128 = if text.is_empty() { 0 } else { text.parse().ok()? };
    Some(if negative { -value } else { value })
}

/// A decimal number as text.
pub(crate) fn format_decimal(value: i128, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_and_times_are_read_as_iso_has_them() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("1900-02-29", None),
            ("2024-13-01", None),
            ("2024-01-32", None),
            ("24-01-01", None),
            ("2024-01", None),
            ("x", None),
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
        let noon = 1_704_110_400_000_000;
        for (text, expected) in [
            ("2024-01-01 12:00:00", Some((noon, false))),
            ("2024-01-01T12:00", Some((noon, false))),
            ("2024-01-01T12:00:00.25Z", Some((noon + 250_000, true))),
            ("2024-01-01 14:00:00+02:00", Some((noon, true))),
            ("2024-01-01 10:30:00-0130", Some((noon, true))),
            ("2024-01-01 12:00:00 UTC", Some((noon, true))),
            ("2024-01-01", Some((noon - 12 * 3600 * MICROS, false))),
            ("2024-01-01 25:00:00", None),
            ("2024-01-01 12", None),
            ("2024-01-01 12:00:00+99", None),
        ] {
            assert_eq!(parse_timestamp(text), expected, "{text}");
        }
    }

    #[test]
    fn decimals_keep_every_digit_or_are_none() {
        for (text, precision, scale, expected) in [
            ("12.5", 10, 2, Some("12.50")),
            ("-0.05", 10, 2, Some("-0.05")),
            ("+7", 1, 0, Some("7")),
            (".5", 3, 1, Some("0.5")),
            ("1.250", 3, 2, Some("1.25")),
            ("1.255", 10, 2, None),
            ("100", 4, 2, None),
            ("0", 1, 1, Some("0.0")),
            ("12345678901234567890123456789012345678", 38, 0, Some("12345678901234567890123456789012345678")),
            ("1e3", 10, 0, None),
            ("", 10, 0, None),
            (".", 10, 0, None),
        ] {
            let read = parse_decimal(text, precision, scale).map(|value| format_decimal(value, scale));
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_zone_moves_no_time_out_of_the_years_that_are_written() {
        for (text, read) in [
            ("9999-12-31T23:59:59-01:00", None),
            ("9999-12-31T23:59:59.999999Z", Some("9999-12-31 23:59:59.999999")),
            ("9999-12-31T23:59:59+01:00", Some("9999-12-31 22:59:59")),
            ("0001-01-01T00:00:00+01:00", None),
            ("0001-01-01T00:00:00Z", Some("0001-01-01 00:00:00")),
            ("0001-01-01T00:00:00-01:00", Some("0001-01-01 01:00:00")),
        ] {
            let written = parse_timestamp(text).map(|(micros, _)| format_timestamp(micros, ' '));
            assert_eq!(written.as_deref(), read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            days in parse_date("0001-01-01").unwrap()..=parse_date("9999-12-31").unwrap(),
            micros in 0..DAY * MICROS, value in any::<i64>(), scale in 0_i8..=18,
        ) {
            prop_assert_eq!(parse_date(&format_date(days)), Some(days));
            let moment = i64::from(days) * DAY * MICROS + micros;
            prop_assert_eq!(parse_timestamp(&format_timestamp(moment, ' ')), Some((moment, false)));
            let value = i128::from(value);
            prop_assert_eq!(parse_decimal(&format_decimal(value, scale), 38, scale), Some(value));
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,20}") {
            let _ = (parse_date(&text), parse_timestamp(&text), parse_decimal(&text, 10, 2));
        }
    }
}
