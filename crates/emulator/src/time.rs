//! When things end: after so many looks, or at a time of the clock.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use crate::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::duration;
use crate::error::Error;
use crate::seeded::{fraction, mix};
use crate::text::one_line;

/// Sets the durations of operations apart from other numbers of the same seed.
const DURATIONS: u64 = 0x6475_7261_7469;

/// How long work is pending, for example an operation of Onehouse, a new cluster of EloqCloud, a step of H2O
/// Workflows or a job of Hotdata.
///
/// It can be parsed from text: a duration (`2s`), a range of durations (`300ms..2s`), or a number of polls
/// (`3`). A duration in text is a number followed by `h`, `m`, `s`, `ms`, `us` or `ns`, and at most 24 hours.
///
/// ```
/// use std::time::Duration;
/// use controlplane_emulator::Pending;
///
/// let pending: Pending = "300ms..2s".parse()?;
/// assert_eq!(pending, Pending::between(Duration::from_millis(300)..=Duration::from_secs(2)));
/// # Ok::<(), controlplane_emulator::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Polls(u32),
    Time { least: Duration, most: Duration },
}

/// How long work is pending, in a document.
#[cfg(feature = "hotdata")]
pub(crate) mod kept_pending {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Kind, Pending};

    pub(crate) fn serialize<Z: Serializer>(pending: &Pending, to: Z) -> Result<Z::Ok, Z::Error> {
        pending.0.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Pending, D::Error> {
        Ok(match Kind::deserialize(from)? {
            Kind::Polls(polls) => Pending::polls(polls),
            Kind::Time { least, most } => Pending::between(least..=most),
        })
    }
}

impl Pending {
    /// Returns a value that keeps work pending for this number of polls, regardless of time. With 0 the first
    /// poll finds it ended.
    pub fn polls(polls: u32) -> Self {
        Self(Kind::Polls(polls))
    }

    /// Returns a value that keeps work pending for this duration, regardless of the number of polls.
    pub fn time(time: Duration) -> Self {
        Self::between(time..=time)
    }

    /// Returns a value that keeps each piece of work pending for a duration drawn from this range. The
    /// duration follows from the [seed](crate::Builder::seed) and from how much work was begun before. If the
    /// range is empty, the duration is its start.
    pub fn between(range: RangeInclusive<Duration>) -> Self {
        let (least, most) = range.into_inner();
        Self(Kind::Time { least, most: most.max(least) })
    }

    /// The end of the `count`th operation, which begins now.
    pub(crate) fn end(self, now: Moment, seed: u64, count: u64) -> End {
        match self.0 {
            Kind::Polls(polls) => End::AfterLooks(polls),
            Kind::Time { least, most } => {
                let drawn = fraction(mix(seed ^ DURATIONS) ^ mix(count));
                let time = least.saturating_add((most - least).mul_f64(drawn));
                // A time beyond the clock's never comes.
                End::At(now.checked_add(time))
            }
        }
    }
}

impl FromStr for Pending {
    type Err = Error;

    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if the text is neither a duration, nor a range of durations,
    /// nor a number of polls below 2^32, or if the range's start is after its end.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |why: String| {
            Error::setting(
                format!("reading `{}` as the duration for which operations are pending", one_line(text, 40)),
                why,
            )
        };
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Self::polls).map_err(|e| refuse(e.to_string()));
        }
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (duration::read(least).map_err(refuse)?, duration::read(most).map_err(refuse)?);
        if most < least {
            return Err(refuse("the range's start is after its end".to_owned()));
        }
        Ok(Self::between(least..=most))
    }
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// After it has been looked at so often.
    AfterLooks(u32),
    /// At this time; never if there is no such time.
    At(Option<Moment>),
}

impl End {
    /// Whether it has come.
    pub(crate) fn has_come(self, now: Moment) -> bool {
        match self {
            Self::AfterLooks(left) => left == 0,
            Self::At(at) => at.is_some_and(|at| now >= at),
        }
    }

    /// One look: whether the end had come before it.
    pub(crate) fn look(&mut self, now: Moment) -> bool {
        let has_come = self.has_come(now);
        if let Self::AfterLooks(left) = self {
            *left = left.saturating_sub(1);
        }
        has_come
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pending_from_text() {
        for (text, pending) in [
            ("0", Pending::polls(0)),
            ("3", Pending::polls(3)),
            ("2s", Pending::time(2 * SECOND)),
            ("300ms..2s", Pending::between(Duration::from_millis(300)..=2 * SECOND)),
            ("2s..2000ms", Pending::time(2 * SECOND)),
        ] {
            assert_eq!(text.parse::<Pending>().unwrap(), pending, "{text}");
        }
        for text in ["", "-1", "4294967296", "..", "1s..", "..1s", "2s..1s", "1s...2s", "1..2", "soon", "25h"]
        {
            let error = text.parse::<Pending>().unwrap_err();
            assert!(matches!(error, Error::InvalidSetting { .. }), "{text}");
        }
    }

    #[test]
    fn times_are_drawn_from_the_whole_range_and_repeat_for_a_seed() {
        let start = Moment::START;
        let pending = Pending::between(SECOND..=3 * SECOND);
        let draw = |seed| {
            let time = |count| match pending.end(start, seed, count) {
                End::At(Some(at)) => at - start,
                other => panic!("{other:?}"),
            };
            (0..1000).map(time).collect::<Vec<_>>()
        };
        let times = draw(7);
        assert_eq!(times, draw(7));
        assert_ne!(times, draw(8));
        assert!(times.iter().all(|time| (SECOND..=3 * SECOND).contains(time)));
        let tenth = Duration::from_millis(200);
        assert!(
            times.iter().any(|time| *time < SECOND + tenth)
                && times.iter().any(|time| *time > 3 * SECOND - tenth)
        );
        assert_eq!(Pending::time(SECOND).end(start, 7, 0), End::At(Some(start + SECOND)));
        assert_eq!(Pending::time(Duration::MAX).end(start, 7, 0), End::At(None));
        assert!(!End::At(None).has_come(start));
        let (late, early) = (3 * SECOND, SECOND);
        assert_eq!(Pending::between(late..=early), Pending::time(late));
    }
}
