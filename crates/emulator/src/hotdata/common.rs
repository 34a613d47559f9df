//! What all parts of the service share: settings, time, ids.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calendar::{self, Calendar};
use crate::clock::Clock;
use crate::document::words::count;
use crate::moment::Moment;
use crate::seeded::mix;
use crate::server::lock;
use crate::settings::Settings;
use crate::time::{End, Pending};

use super::refusal::Refusal;
use super::settings::{Behaviour, Options};
use super::storage::UploadLimits;

/// Sets ids apart from other numbers of the same seed.
const IDS: u64 = 0x6964_7368_6f74;
/// What ids are made of.
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// How long an id is behind its prefix.
const ID_LENGTH: usize = 26;

/// Settings, time and ids.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) pending: Pending,
    pub(super) seed: u64,
    pub(super) workspace_id: String,
    limits: UploadLimits,
    behaviour: Arc<Mutex<Behaviour>>,
    clock: Clock,
    calendar: Calendar,
    made: AtomicU64,
    begun: AtomicU64,
}

/// From where ids and times go on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) seed: u64,
    calendar: Calendar,
    #[serde(deserialize_with = "count")]
    made: u64,
    #[serde(deserialize_with = "count")]
    begun: u64,
}

impl Common {
    pub(super) fn new(settings: &Settings, options: &Options, behaviour: Arc<Mutex<Behaviour>>) -> Self {
        let clock = settings.clock.clone();
        let Behaviour { min_part, single_up_to, .. } = options.behaviour;
        Self {
            pending: settings.pending,
            seed: settings.seed,
            workspace_id: options.workspace_id.clone(),
            limits: UploadLimits { min_part, single_up_to, ..UploadLimits::default() },
            behaviour,
            calendar: Calendar::new(clock.now()),
            clock,
            made: AtomicU64::new(0),
            begun: AtomicU64::new(0),
        }
    }

    /// Those of no emulator.
    pub(super) fn of_nothing() -> Arc<Self> {
        Arc::new(Self::new(&Settings::default(), &Options::default(), Arc::default()))
    }

    /// What goes on when a state is restored.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            seed: self.seed,
            calendar: self.calendar,
            made: self.made.load(Ordering::Relaxed),
            begun: self.begun.load(Ordering::Relaxed),
        }
    }

    /// The same emulator, going on from there.
    pub(super) fn going_on_from(
        settings: &Settings,
        options: &Options,
        behaviour: Arc<Mutex<Behaviour>>,
        counts: Counts,
    ) -> Self {
        let Counts { seed, calendar, made, begun } = counts;
        let new = Self::new(settings, options, behaviour);
        Self { seed, calendar, made: made.into(), begun: begun.into(), ..new }
    }

    /// What can be chosen while it runs.
    pub(super) fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        lock(&self.behaviour)
    }

    /// What can be chosen about uploads from the start only.
    pub(super) fn upload_limits(&self) -> UploadLimits {
        self.limits.clone()
    }

    pub(super) fn instant(&self) -> Moment {
        self.clock.now()
    }

    /// Microseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.calendar.micros(self.clock.now())
    }

    /// A number that nobody else has.
    pub(super) fn number(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// An id as the service has them: a prefix and 26 lower-case letters and digits.
    pub(super) fn id(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.letters(ID_LENGTH))
    }

    /// Letters and digits that nobody guesses who does not know the seed.
    pub(super) fn letters(&self, length: usize) -> String {
        let number = self.number();
        let mut state = mix(self.seed ^ IDS ^ mix(number));
        let mut text = String::with_capacity(length);
        for _ in 0..length {
            state = mix(state);
            text.push(char::from(ALPHABET[(state >> 32) as usize % ALPHABET.len()]));
        }
        text
    }

    /// The end of work that begins now.
    pub(super) fn end(&self, pending: Pending) -> End {
        let count = self.begun.fetch_add(1, Ordering::Relaxed);
        pending.end(self.clock.now(), self.seed, count)
    }

    /// When something expires: RFC 3339, or `<n>h`, `<n>m`, `<n>d`. In the past is refused.
    pub(super) fn expiry(&self, text: &str) -> Result<i64, Refusal> {
        const WANTED: &str = "expires_at must be a time in RFC 3339 or a duration such as 12h, 30m or 7d, and before \
             the year 10000";
        let now = self.now();
        let at = match calendar::read(text) {
            Some(at) => at,
            None => {
                let unit = text.chars().last().ok_or_else(|| Refusal::bad(WANTED))?;
                let seconds: i64 = match unit {
                    'h' => 3600,
                    'm' => 60,
                    'd' => 86_400,
                    _ => return Err(Refusal::bad(WANTED)),
                };
                let digits = &text[..text.len() - 1];
                let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                let number = digits.parse::<i64>().ok().filter(|_| all_digits);
                number
                    .and_then(|n| n.checked_mul(seconds)?.checked_mul(1_000_000)?.checked_add(now))
                    .filter(|at| *at < LATEST)
                    .ok_or_else(|| Refusal::bad(WANTED))?
            }
        };
        if at <= now {
            return Err(Refusal::bad("expires_at is not in the future"));
        }
        Ok(at)
    }
}

/// The end of the year 9999: later times have no RFC 3339.
const LATEST: i64 = 253_402_300_799_000_000;

/// A time on the wire.
pub(super) fn time(micros: i64) -> String {
    calendar::shown(micros)
}

/// How much of the work is done, from 0 to `of`.
pub(super) fn share(of: u64, total: End, left: End, began: Moment, now: Moment) -> u64 {
    if left.has_come(now) {
        return of;
    }
    let fraction = match (total, left) {
        (End::AfterLooks(total), End::AfterLooks(left)) => {
            f64::from(total.saturating_sub(left)) / f64::from(total.max(1))
        }
        (_, End::At(Some(end))) => calendar::fraction(began, end, now),
        _ => 0.0,
    };
    // Never whole before its end.
    ((of as f64 * fraction) as u64).min(of.saturating_sub(1))
}

/// Whether work that ends so is done within this time without anybody looking.
pub(super) fn ends_within(end: End, now: Moment, wait: Duration) -> bool {
    match end {
        End::AfterLooks(left) => left == 0,
        End::At(at) => at.is_some_and(|at| at <= now + wait),
    }
}
