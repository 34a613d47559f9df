//! Times of the emulator's clock, as the wire writes them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// The seconds from 1970 to the first moment of every emulator: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

/// Which time the clock's instants are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    start: Moment,
}

impl Calendar {
    pub(crate) fn new(start: Moment) -> Self {
        Self { start }
    }

    /// Microseconds since 1970.
    pub(crate) fn micros(&self, at: Moment) -> i64 {
        let since = at.saturating_duration_since(self.start);
        START * 1_000_000 + i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2)
    }

    /// RFC 3339, in UTC; the fraction only if there is one.
    #[cfg(any(test, feature = "h2o-workflows"))]
    pub(crate) fn show(&self, at: Moment) -> String {
        shown(self.micros(at))
    }
}

/// Microseconds since 1970 as RFC 3339, in UTC; the fraction only if there is one.
pub(crate) fn shown(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = match micros.rem_euclid(1_000_000) {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The date of a day, counted from 1970-01-01, by the algorithm of Howard Hinnant.
fn date(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Reads RFC 3339: microseconds since 1970.
pub(crate) fn read(text: &str) -> Option<i64> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let signs: Vec<u8> =
        [4, 7, 10, 13, 16].iter().filter_map(|at| text.as_bytes().get(*at).copied()).collect();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let in_range = (1..=12).contains(&month) && date(days(year, month, day)) == (year, month, day);
    if signs != b"--T::" || !in_range || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = &text[19..];
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let micros = match fraction.strip_prefix('.') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0<6}").get(..6)?.parse::<i64>().ok()?
        }
        None if fraction.is_empty() => 0,
        _ => return None,
    };
    let offset = match zone.as_bytes() {
        b"Z" => 0,
        [sign, a, b, b':', c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) => {
            let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
            let seconds = two(*a, *b) * 3600 + two(*c, *d) * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    Some((days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + micros)
}

/// How far a time lies between two others, from 0 to 1.
pub(crate) fn fraction(from: Moment, to: Moment, at: Moment) -> f64 {
    let whole = to.saturating_duration_since(from);
    if whole == Duration::ZERO {
        return 1.0;
    }
    (at.saturating_duration_since(from).as_secs_f64() / whole.as_secs_f64()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_with_2026() {
        let start = Moment::START;
        let calendar = Calendar::new(start);
        assert_eq!(calendar.show(start), "2026-01-01T00:00:00Z");
        let later = start + Duration::from_micros(86_400_000_000 * 59 + 3_723_000_450);
        assert_eq!(calendar.show(later), "2026-03-01T01:02:03.000450Z");
        assert_eq!(read(&calendar.show(later)), Some(calendar.micros(later)));
    }

    #[test]
    fn times_are_read_with_every_zone() {
        let noon = read("2026-06-01T12:00:00Z");
        assert!(noon.is_some());
        assert_eq!(read("2026-06-01T14:00:00+02:00"), noon);
        assert_eq!(read("2026-06-01T11:30:00.000-00:30"), noon);
        assert_eq!(read("1970-01-01T00:00:00.5Z"), Some(500_000));
        assert_eq!(read("2024-02-29T00:00:00Z").map(|t| t / 86_400_000_000), Some(19_782));
        for text in [
            "",
            "2026-06-01",
            "2026-06-01T12:00:00",
            "2026-02-29T00:00:00Z",
            "2026-06-01 12:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-06-01T24:00:00Z",
            "2026-06-01T12:00:00.Z",
            "x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
