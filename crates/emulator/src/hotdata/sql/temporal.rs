//! Functions for days and times: their parts, the beginning of a unit, and what lies an interval away.

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

use crate::hotdata::formats::{
    civil, days, days_in, format_date, format_timestamp, parse_clock, parse_date, parse_timestamp,
};

use super::functions::{PURE, wrong};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

pub(super) fn add(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function("date_part", 2, PURE, |context| {
        let Some((unit, micros)) = unit_and_time(context)? else { return Ok(Value::Null) };
        part(&unit, micros).map_or_else(|| unknown("part of a timestamp", &unit), Ok)
    })?;
    connection.create_scalar_function("date_trunc", 2, PURE, |context| {
        let Some((unit, micros)) = unit_and_time(context)? else { return Ok(None) };
        match beginning(&unit, micros) {
            Some(micros) => Ok(Some(format_timestamp(micros, ' '))),
            None => unknown("unit of time", &unit),
        }
    })?;
    connection.create_scalar_function("hd_shift", 3, PURE, |context| {
        let written: String = context.get(2)?;
        let sign = if context.get::<String>(1)? == "-" { -1 } else { 1 };
        let Some(interval) = Interval::parse(&written) else { return wrong("interval", &written) };
        match text(context, 0)? {
            None => Ok(None),
            Some(text) => match interval.shift(text.trim(), sign) {
                Some(shifted) => Ok(Some(shifted)),
                None => not_shifted(&text),
            },
        }
    })
}

fn unknown<T>(what: &str, found: &str) -> rusqlite::Result<T> {
    let text = format!("unknown {what}: \"{}\"", crate::text::one_line(found, 100));
    Err(rusqlite::Error::UserFunctionError(text.into()))
}

fn not_shifted<T>(text: &str) -> rusqlite::Result<T> {
    let text = crate::text::one_line(text, 100);
    let why = format!("\"{text}\" and the interval do not give a date or timestamp in the years 1 to 9999");
    Err(rusqlite::Error::UserFunctionError(why.into()))
}

/// The first argument, which names a unit, and the second, which is a day or a time; none if that is null.
fn unit_and_time(context: &Context<'_>) -> rusqlite::Result<Option<(String, i64)>> {
    let unit = context.get::<String>(0)?.to_ascii_lowercase();
    let Some(text) = text(context, 1)? else { return Ok(None) };
    match parse_timestamp(&text) {
        Some((micros, _)) => Ok(Some((unit, micros))),
        None => wrong("timestamp", &text),
    }
}

fn text(context: &Context<'_>, place: usize) -> rusqlite::Result<Option<String>> {
    match context.get_raw(place) {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        _ => wrong("timestamp", "a value of another type"),
    }
}

/// Monday is 0.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The week of the ISO calendar: the first has the year's first Thursday.
fn week(day: i64) -> i64 {
    let thursday = day - weekday(day) + 3;
    (thursday - days(civil(thursday).0, 1, 1)) / 7 + 1
}

fn part(unit: &str, micros: i64) -> Option<Value> {
    let (day, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, date) = civil(day);
    let in_minute = time % (60 * SECOND);
    Some(Value::Integer(match unit {
        "year" => year,
        "quarter" => (month + 2) / 3,
        "month" => month,
        "week" => week(day),
        "day" => date,
        "hour" => time / (3600 * SECOND),
        "minute" => time / (60 * SECOND) % 60,
        "second" => in_minute / SECOND,
        "millisecond" | "milliseconds" => in_minute / 1000,
        "microsecond" | "microseconds" => in_minute,
        "dow" => (weekday(day) + 1) % 7,
        "isodow" => weekday(day) + 1,
        "doy" => day - days(year, 1, 1) + 1,
        "epoch" => return Some(Value::Real(micros as f64 / SECOND as f64)),
        _ => return None,
    }))
}

fn beginning(unit: &str, micros: i64) -> Option<i64> {
    let day = micros.div_euclid(DAY);
    let (year, month, _) = civil(day);
    Some(match unit {
        "microsecond" => micros,
        "millisecond" => micros - micros.rem_euclid(1000),
        "second" => micros - micros.rem_euclid(SECOND),
        "minute" => micros - micros.rem_euclid(60 * SECOND),
        "hour" => micros - micros.rem_euclid(3600 * SECOND),
        "day" => day * DAY,
        "week" => (day - weekday(day)) * DAY,
        "month" => days(year, month, 1) * DAY,
        "quarter" => days(year, month - (month - 1) % 3, 1) * DAY,
        "year" => days(year, 1, 1) * DAY,
        _ => return None,
    })
}

/// A span of time: months are not a number of days, and days no number of hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Interval {
    months: i64,
    days: i64,
    micros: i64,
}

impl Interval {
    /// `1 day`, `-2 years 3 mons`, `1 day 02:30:00`, `1.5 hours`.
    fn parse(text: &str) -> Option<Self> {
        let mut interval = Self::default();
        let lower = text.to_ascii_lowercase();
        let mut words = lower.split_whitespace().peekable();
        words.peek()?;
        while let Some(word) = words.next() {
            if word.contains(':') {
                let (sign, clock) = word.strip_prefix('-').map_or((1, word), |clock| (-1, clock));
                interval.micros = interval.micros.checked_add(sign * parse_clock(clock)?)?;
                continue;
            }
            // The unit may follow at once: `1day`.
            let end = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
            let (number, unit) = word.split_at(end);
            let unit = if unit.is_empty() { words.next()? } else { unit };
            let unit = unit.strip_suffix('s').unwrap_or(unit);
            let whole: Option<i64> = number.parse().ok();
            let scaled = |micros: i64| match whole {
                Some(whole) => whole.checked_mul(micros),
                None => {
                    let found = number.parse::<f64>().ok()? * micros as f64;
                    (found.abs() < 9e18).then_some(found.round() as i64)
                }
            };
            let (months, days, micros) = match unit {
                "year" => (whole?.checked_mul(12)?, 0, 0),
                "month" | "mon" => (whole?, 0, 0),
                "week" => (0, whole?.checked_mul(7)?, 0),
                "day" => (0, whole?, 0),
                "hour" | "hr" => (0, 0, scaled(3600 * SECOND)?),
                "minute" | "min" => (0, 0, scaled(60 * SECOND)?),
                "second" | "sec" => (0, 0, scaled(SECOND)?),
                "millisecond" => (0, 0, scaled(1000)?),
                "microsecond" => (0, 0, scaled(1)?),
                _ => return None,
            };
            interval.months = interval.months.checked_add(months)?;
            interval.days = interval.days.checked_add(days)?;
            interval.micros = interval.micros.checked_add(micros)?;
        }
        Some(interval)
    }

    /// What lies so far from a day or a time. A day stays one. The last day of a month stands for days that
    /// it does not have.
    fn shift(self, text: &str, sign: i64) -> Option<String> {
        let is_day = parse_date(text).is_some();
        let micros = parse_timestamp(text)?.0;
        let (day, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        let (year, month, date) = civil(day);
        let months = self.months.checked_mul(sign)?.checked_add(year * 12 + month - 1)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        // Days as the service writes them have four digits of a year.
        let is_year = |year: i64| (1..=9999).contains(&year);
        if !is_year(year) {
            return None;
        }
        let day = days(year, month, date.min(days_in(year, month)));
        let micros = day.checked_add(self.days.checked_mul(sign)?)?.checked_mul(DAY)?.checked_add(time)?;
        let micros = micros.checked_add(self.micros.checked_mul(sign)?)?;
        let day = micros.div_euclid(DAY);
        if !is_year(civil(day).0) {
            return None;
        }
        Some(match is_day {
            true => format_date(i32::try_from(day).ok()?),
            false => format_timestamp(micros, ' '),
        })
    }
}
