//! The rate limit of a service.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::moment::Moment;

/// The window of the limit.
const SECOND: Duration = Duration::from_secs(1);

/// So many requests in any one second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Limiter(#[serde(deserialize_with = "bounded")] VecDeque<Moment>);

/// The most requests that a document may count: more do not come in a second.
const MOST: usize = 100_000;

impl Limiter {
    /// Where what was read contradicts the clock: a request that is yet to come would be counted for as long
    /// as it is.
    pub(crate) fn check(&self, clock: Moment) -> Result<(), String> {
        match self.0.iter().position(|then| *then > clock) {
            None => Ok(()),
            Some(place) => {
                Err(format!("/{place}: the time of this request is later than the time in /clock"))
            }
        }
    }

    /// Whether one more may come now.
    pub(crate) fn admit(&mut self, now: Moment, per_second: u32) -> bool {
        while self.0.front().is_some_and(|then| now.saturating_duration_since(*then) >= SECOND) {
            self.0.pop_front();
        }
        let admitted = self.0.len() < per_second as usize;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

/// Reads no more than may be, so that what is too long takes no memory.
fn bounded<'de, D: Deserializer<'de>>(from: D) -> Result<VecDeque<Moment>, D::Error> {
    struct Reader;

    impl<'de> Visitor<'de> for Reader {
        type Value = VecDeque<Moment>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of times")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut all = VecDeque::new();
            while let Some(one) = seq.next_element()? {
                if all.len() == MOST {
                    return Err(A::Error::custom(format!("there are more than {MOST} requests")));
                }
                all.push_back(one);
            }
            Ok(all)
        }
    }

    from.deserialize_seq(Reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_what_was_admitted_in_the_last_second() {
        let mut limiter = Limiter::default();
        let start = Moment::START;
        let at = |ms| start + Duration::from_millis(ms);
        let admitted: Vec<bool> =
            [0, 0, 500, 999, 1000, 1001, 1500, 1501].into_iter().map(|ms| limiter.admit(at(ms), 3)).collect();
        assert_eq!(admitted, [true, true, true, false, true, true, true, false]);
    }
}
