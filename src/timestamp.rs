//! Times, as the service writes them.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time as a server writes it: a text in the form of RFC 3339, such as `2026-01-31T12:00:00Z`.
/// `Deserialize` also accepts a text without a time zone, which counts as UTC.
///
/// The value keeps the server's own text, which `Display` and `Serialize` write. Times are compared as
/// moments, so `12:00:00+02:00` and `10:00:00Z` of the same day are equal.
#[derive(Clone)]
pub struct Timestamp {
    text: String,
    /// Since 1970, UTC.
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// Parses a text in the form of RFC 3339, with its time zone. `None` if the text has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (seconds, nanos) = moment(text)?;
        Some(Self { text: text.to_owned(), seconds, nanos })
    }

    /// Parses a server's text, which may have no time zone and counts as UTC then.
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let (seconds, nanos) = moment(&format!("{text}Z"))?;
            Some(Self { text: text.to_owned(), seconds, nanos })
        })
    }

    /// Returns the server's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the seconds since the beginning of 1970 (UTC), rounded down.
    pub fn unix_seconds(&self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds since the beginning of the second that
    /// [`unix_seconds`](Timestamp::unix_seconds) returns.
    pub fn subsec_nanos(&self) -> u32 {
        self.nanos
    }

    /// Returns the time as a [`SystemTime`], or `None` if `SystemTime` cannot represent it.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let seconds = Duration::from_secs(self.seconds.unsigned_abs());
        let whole = if self.seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(seconds)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(seconds)
        };
        whole?.checked_add(Duration::from_nanos(u64::from(self.nanos)))
    }
}

/// Seconds since 1970 and nanoseconds.
fn moment(text: &str) -> Option<(i64, u32)> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        digits.iter().all(u8::is_ascii_digit).then_some(())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    let at = |i: usize, wanted: &[u8]| bytes.get(i).is_some_and(|byte| wanted.contains(byte)).then_some(());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    at(4, b"-")?;
    at(7, b"-")?;
    at(10, b"Tt ")?;
    at(13, b":")?;
    at(16, b":")?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // A leap second is written as 60.
    if day < 1 || day > days_in_month || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = 19;
    let mut nanos = 0;
    if bytes.get(rest) == Some(&b'.') {
        let digits = bytes[rest + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        for i in 0..9 {
            let digit = if i < digits { u32::from(bytes[rest + 1 + i] - b'0') } else { 0 };
            nanos = nanos * 10 + digit;
        }
        rest += 1 + digits;
    }
    let offset = match bytes.get(rest)? {
        b'Z' | b'z' if bytes.len() == rest + 1 => 0,
        sign @ (b'+' | b'-') if bytes.len() == rest + 6 => {
            at(rest + 3, b":")?;
            let (hours, minutes) = (number(rest + 1, rest + 3)?, number(rest + 4, rest + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    // Days from a year that begins in March, so that the leap day is its last.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let (year_of_era, month) = (y.rem_euclid(400), (month + 9) % 12);
    let day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos))
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| {
            serde::de::Error::custom("a time must have the form of RFC 3339, such as 2026-01-31T12:00:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (text, seconds, nanos) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-01-01T00:00:00.5Z", 1_767_225_600, 500_000_000),
            ("2026-06-01T12:00:00+02:00", 1_780_308_000, 0),
            ("2024-02-29T23:59:59.123456789-00:30", 1_709_252_999, 123_456_789),
            ("1969-12-31T23:59:59z", -1, 0),
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!((time.unix_seconds(), time.subsec_nanos()), (seconds, nanos), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00Zx",
            "2026-01-01T00:00:00+1",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00ü",
        ] {
            assert!(Timestamp::parse(text).is_none(), "{text}");
        }
        let read = |json: &str| serde_json::from_str::<Timestamp>(json).ok();
        let without = read("\"2026-01-01T00:00:00.5\"").unwrap();
        assert_eq!(Some(&without), Timestamp::parse("2026-01-01T00:00:00.5Z").as_ref());
        assert_eq!(without.as_str(), "2026-01-01T00:00:00.5");
        assert!(read("\"2026-01-01\"").is_none() && read("\"2026-01-01T00:00:00+02:00Z\"").is_none());
    }
}
