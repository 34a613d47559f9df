//! Durations as a person writes them.

use std::time::Duration;

/// The units, the largest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1000)];

/// Reads a timeout: `20m`, `90s`, `1h30m`, `500ms`. A bare number is minutes, as in the vendor's `oh`.
pub(crate) fn timeout(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(minutes) => of_parts(&format!("{minutes}m")),
        Err(_) => of_parts(text),
    }
}

/// Reads an interval: as a timeout, but a bare number is seconds.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| expected(text)),
        Err(_) => of_parts(text),
    }
}

fn expected(text: &str) -> String {
    format!("{text:?} is not a duration; write for example 90s, 20m or 1h30m")
}

fn of_parts(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err(expected(text));
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| expected(text))?;
        rest = &rest[digits..];
        let (unit, milliseconds) =
            UNITS.into_iter().find(|(unit, _)| rest.starts_with(unit)).ok_or_else(|| expected(text))?;
        rest = &rest[unit.len()..];
        let part = number.checked_mul(milliseconds);
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(|| expected(text))?;
    }
    Ok(Duration::from_millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up_and_a_bare_number_is_minutes() {
        for (text, seconds) in [
            ("20m", 1200.0),
            ("10", 600.0),
            ("90s", 90.0),
            ("1h30m", 5400.0),
            ("1d", 86400.0),
            ("500ms", 0.5),
        ] {
            assert_eq!(timeout(text).map(|time| time.as_secs_f64()), Ok(seconds), "{text}");
        }
        assert_eq!(interval("2"), Ok(Duration::from_secs(2)));
        assert_eq!(interval("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(interval("1m"), Ok(Duration::from_secs(60)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "m", "10x", "-5", "1.5h", "99999999999999999999", "9999999999999999d", "10m 5", "ü"]
        {
            assert!(timeout(text).is_err(), "{text}");
        }
        for text in ["-1", "nan", "inf", "1e300"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }
}
