//! How long operations of a kind take, learned from their polls.
//!
//! A poll tells whether an operation of a certain age had ended, and no more. From many such answers follows,
//! for each age, the share of operations that have ended by then: a share that never falls as the age grows,
//! so neighbouring ages whose shares stand the wrong way round are taken together (isotonic regression). From
//! the share follows when the next poll is likely to find the operation at its end.

use std::time::Duration;

/// The first age that is told apart from the next.
const FIRST: f64 = 0.01;
/// Each age is so many times the one before it.
const STEP: f64 = 1.15;
/// So many ages: from 10 ms to 5 days.
const AGES: usize = 126;
/// How many polls the guess that stands for missing knowledge is worth, at each age.
const GUESS_WEIGHT: f64 = 0.5;
/// While nothing is known, operations are guessed to take between these times, in seconds, each order of
/// magnitude as likely as the other.
const GUESS: (f64, f64) = (0.1, 600.0);

/// What the polls of one kind of operations told.
#[derive(Clone, Debug)]
pub(crate) struct Durations {
    /// For each age the polls that found an end, and all polls.
    polls: Vec<(f64, f64)>,
    /// The share that has ended, for each age.
    ended: Vec<f64>,
    /// The highest age that was asked about.
    frontier: Option<usize>,
}

impl Default for Durations {
    fn default() -> Self {
        let mut durations = Self { polls: vec![(0.0, 0.0); AGES], ended: vec![0.0; AGES], frontier: None };
        durations.learn();
        durations
    }
}

impl Durations {
    /// Takes in what a poll told.
    pub(crate) fn saw(&mut self, age: Duration, has_ended: bool) {
        let age = index(age.as_secs_f64());
        let (ends, all) = &mut self.polls[age];
        *all += 1.0;
        if has_ended {
            *ends += 1.0;
        }
        self.frontier = self.frontier.max(Some(age));
        self.learn();
    }

    /// True once there is more than a guess.
    pub(crate) fn is_known(&self) -> bool {
        self.frontier.is_some()
    }

    /// The first age of which nothing is known: past all ages that were asked about, and past this one.
    pub(crate) fn unknown_age(&self, age: Duration) -> Duration {
        let known = self.frontier.map_or(0, |frontier| frontier + 1).max(index(age.as_secs_f64()) + 1);
        Duration::from_secs_f64(center(known))
    }

    /// The age at which an operation has ended with this probability, if it had not at `age`. `None` if no
    /// age that was asked about promises that much.
    pub(crate) fn likely_end(&self, age: Option<Duration>, probability: f64) -> Option<Duration> {
        let (from, before) = match age {
            Some(age) => (age.as_secs_f64(), self.share(age.as_secs_f64())),
            None => (0.0, 0.0),
        };
        let wanted = before + probability * (1.0 - before);
        let at =
            self.ended.iter().position(|share| *share >= wanted).filter(|at| Some(*at) <= self.frontier)?;
        let upper = center(at);
        // Between the two ages that it lies between.
        let seconds = match at.checked_sub(1) {
            Some(below) if self.ended[at] > self.ended[below] => {
                let part = (wanted - self.ended[below]) / (self.ended[at] - self.ended[below]);
                center(below) * STEP.powf(part.clamp(0.0, 1.0))
            }
            _ => upper,
        };
        (seconds > from).then(|| Duration::from_secs_f64(seconds))
    }

    /// The share of operations that has ended at this age.
    fn share(&self, seconds: f64) -> f64 {
        let place = position(seconds) - 0.5;
        let below = place.floor().clamp(0.0, (AGES - 1) as f64);
        let part = (place - below).clamp(0.0, 1.0);
        let at = below as usize;
        let above = (at + 1).min(AGES - 1);
        self.ended[at] + part * (self.ended[above] - self.ended[at])
    }

    /// Fits the shares to the polls: pool adjacent violators.
    fn learn(&mut self) {
        // Each pool: ends, polls, and how many ages it spans.
        let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(AGES);
        for (age, (ends, all)) in self.polls.iter().enumerate() {
            let mut pool = (ends + GUESS_WEIGHT * guess(center(age)), all + GUESS_WEIGHT, 1);
            while let Some(last) = pools.last() {
                if last.0 * pool.1 <= pool.0 * last.1 {
                    break;
                }
                pool = (pool.0 + last.0, pool.1 + last.1, pool.2 + last.2);
                pools.pop();
            }
            pools.push(pool);
        }
        let mut at = 0;
        for (ends, all, ages) in pools {
            self.ended[at..at + ages].fill(ends / all);
            at += ages;
        }
    }
}

/// Where on the scale of ages a time lies.
fn position(seconds: f64) -> f64 {
    (seconds.max(FIRST) / FIRST).ln() / STEP.ln()
}

fn index(seconds: f64) -> usize {
    (position(seconds).floor().max(0.0) as usize).min(AGES - 1)
}

/// The middle of an age, in seconds.
fn center(index: usize) -> f64 {
    FIRST * STEP.powf(index as f64 + 0.5)
}

/// The share that is guessed to have ended.
fn guess(seconds: f64) -> f64 {
    let (least, most) = GUESS;
    ((seconds / least).ln() / (most / least).ln()).clamp(0.02, 0.98)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Close enough to be told apart by no more than two ages.
    fn about(time: Option<Duration>, expected: f64) -> bool {
        time.is_some_and(|time| {
            (expected / STEP.powi(2)..expected * STEP.powi(2)).contains(&time.as_secs_f64())
        })
    }

    #[test]
    fn nothing_is_promised_of_ages_that_were_not_asked_about() {
        let mut durations = Durations::default();
        assert!(!durations.is_known());
        assert_eq!(durations.likely_end(None, 0.1), None);
        durations.saw(seconds(10.0), false);
        assert!(durations.is_known());
        assert_eq!(durations.likely_end(Some(seconds(2.0)), 0.25), None);
        assert!(about(Some(durations.unknown_age(seconds(2.0))), 10.0));
        assert!(durations.unknown_age(seconds(2.0)) > seconds(10.0));
        assert!(durations.unknown_age(seconds(50.0)) > seconds(50.0));
        assert!(durations.unknown_age(Duration::MAX) > Duration::ZERO);
    }

    #[test]
    fn it_learns_when_operations_end() {
        let mut durations = Durations::default();
        // All of them take 40 s, and are asked at all sorts of times.
        for i in 0..200 {
            let age = f64::from(i);
            durations.saw(seconds(age), age >= 40.0);
        }
        assert!(durations.is_known());
        assert!(about(durations.likely_end(None, 0.5), 40.0), "{:?}", durations.likely_end(None, 0.5));
        assert!(about(durations.likely_end(Some(seconds(20.0)), 0.5), 40.0));
        assert!(durations.share(10.0) < 0.25 && durations.share(100.0) > 0.9);
    }

    #[test]
    fn half_quick_half_slow() {
        let mut durations = Durations::default();
        for i in 0..400 {
            let (age, takes) = (f64::from(i % 200) / 2.0, if i % 2 == 0 { 3.0 } else { 60.0 });
            durations.saw(seconds(age), age >= takes);
        }
        assert!(about(durations.likely_end(None, 0.3), 3.0), "{:?}", durations.likely_end(None, 0.3));
        // One that has not ended at 20 s is one of the slow ones.
        let later = durations.likely_end(Some(seconds(20.0)), 0.5);
        assert!(about(later, 60.0), "{later:?}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// Whatever is seen: shares stay shares, and grow with the age; a likely end lies ahead.
        #[test]
        fn shares_grow_with_the_age(
            polls in proptest::collection::vec((0.0f64..1e7, proptest::prelude::any::<bool>()), 0..200),
            age in 0.0f64..1e6,
            probability in 0.0f64..1.0,
        ) {
            let mut durations = Durations::default();
            for (age, has_ended) in polls {
                durations.saw(seconds(age), has_ended);
            }
            proptest::prop_assert!(durations.ended.is_sorted());
            proptest::prop_assert!(durations.ended.iter().all(|share| (0.0..=1.0).contains(share)));
            if let Some(end) = durations.likely_end(Some(seconds(age)), probability) {
                proptest::prop_assert!(end > seconds(age));
            }
        }
    }
}
