//! Durations as text: `300ms`, `2s`, `1.5s`, `20m`.

use std::time::Duration;

/// The longest duration that is read: a day.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The units, the longest first, in seconds.
const UNITS: [(&str, f64); 6] =
    [("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)];

/// Reads a duration; an error says what one looks like.
pub(crate) fn read(text: &str) -> Result<Duration, String> {
    let why = || {
        format!(
            "`{}` is not a duration: write 300ms, 1.5s or 20m, at most 24h",
            crate::text::one_line(text, 40)
        )
    };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(why)?;
    let (number, unit) = text.split_at(digits);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(why)?;
    // Whole numbers without the detour: so they come back as they were written.
    let duration = match (number.parse::<u64>(), unit) {
        (Ok(n), "ns") => Duration::from_nanos(n),
        (Ok(n), "us") => Duration::from_micros(n),
        (Ok(n), "ms") => Duration::from_millis(n),
        (Ok(n), _) => Duration::from_secs(n.checked_mul(*seconds as u64).ok_or_else(why)?),
        (Err(_), _) => {
            let number: f64 = number.parse().map_err(|_| why())?;
            Duration::try_from_secs_f64(number * seconds).map_err(|_| why())?
        }
    };
    if duration > LONGEST { Err(why()) } else { Ok(duration) }
}

/// Writes a duration in the longest unit of which it is a whole number.
pub(crate) fn show(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    match nanos {
        0 => format!("{seconds}s"),
        n if n % 1_000_000 == 0 => format!("{}ms", duration.as_millis()),
        n if n % 1000 == 0 => format!("{}us", duration.as_micros()),
        _ => format!("{}ns", duration.as_nanos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_their_units_and_written_exactly() {
        for (text, nanos, shown) in [
            ("0s", 0, "0s"),
            ("300ms", 300_000_000, "300ms"),
            ("2000ms", 2_000_000_000, "2s"),
            ("1.5s", 1_500_000_000, "1500ms"),
            (".5ms", 500_000, "500us"),
            ("20m", 1_200_000_000_000, "1200s"),
            ("24h", 86_400_000_000_000, "86400s"),
            ("7us", 7_000, "7us"),
            ("7ns", 7, "7ns"),
        ] {
            let duration = read(text).unwrap();
            assert_eq!((duration.as_nanos(), show(duration).as_str()), (nanos, shown), "{text}");
            assert_eq!(read(shown), Ok(duration));
        }
        for text in [
            "",
            "1",
            "s",
            "1 s",
            "-1s",
            "+1s",
            "1.2.3s",
            "nans",
            "1e3s",
            "25h",
            "99999999999999999999s",
            "1S",
            "86400001ms",
        ] {
            let why = read(text).unwrap_err();
            assert!(why.contains("300ms"), "{text}: {why}");
        }
    }
}
