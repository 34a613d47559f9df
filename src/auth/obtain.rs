//! A machine that obtains an access token.

use std::fmt;
use std::time::{Duration, Instant};

use crate::engine::failure::seconds;
use crate::engine::machine::{Event, Now, Outcome, Step, Steps};
use crate::engine::{Machine, Settings};
use crate::error::{Error, ErrorKind};
use crate::http::LONGEST;

use super::{Ask, Grant, Tokens};

/// The interval at which a machine checks whether another one has renewed the token.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Obtains a token: the current one, or one that a renewal returns. The renewal is a machine of its own,
/// which this one starts if there is none: it goes on if the call times out before its end.
pub(crate) struct Obtain {
    tokens: Tokens,
    settings: Settings,
    until: Option<Instant>,
    /// The renewal that an earlier attempt of the call has waited for in vain: its failure counts for this
    /// one.
    earlier: Option<u64>,
    /// The renewal that is waited for.
    waited: Option<u64>,
    outcome: Outcome<Grant>,
}

impl fmt::Debug for Obtain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Obtain").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl Obtain {
    /// `earlier`: the renewal that an earlier attempt of the call has waited for in vain.
    pub(crate) fn new(tokens: Tokens, settings: Settings, earlier: Option<u64>) -> Self {
        Self { tokens, settings, until: None, earlier, waited: None, outcome: Outcome::default() }
    }

    /// The renewal that is waited for.
    pub(crate) fn waited(&self) -> Option<u64> {
        self.waited
    }
}

impl Steps for Obtain {
    fn next(&mut self, now: Instant) -> Step {
        let until = *self.until.get_or_insert(now + self.settings.timeout.min(LONGEST));
        while !self.outcome.is_set() {
            let earlier = self.earlier.take().and_then(|number| self.tokens.ended(number));
            let earlier = earlier.filter(Result::is_err);
            let ended = self.waited.and_then(|number| self.tokens.ended(number));
            if let Some(outcome) = earlier.or(ended) {
                self.outcome.set(outcome);
                continue;
            }
            if now >= until {
                let timeout = seconds(self.settings.timeout.min(LONGEST));
                let why = format!("timed out after {timeout} while the token was being renewed");
                let error = Error::new(ErrorKind::Transport, "getting an access token", why)
                    .with_advice("Send the call again, with more time (`.timeout(…)`).");
                self.outcome.set(Err(error.with_timeout(true).with_retryable(true)));
                continue;
            }
            match self.tokens.ask(now) {
                Ask::Token(grant) => self.outcome.set(Ok(grant)),
                Ask::Failed(error) => self.outcome.set(Err(error)),
                Ask::Renew(renewal) => {
                    self.waited = Some(renewal.number);
                    return Step::Detach(renewal.detached(&self.settings));
                }
                Ask::Wait(number) => {
                    self.waited = Some(number);
                    return Step::Wait(LOOK_AGAIN.min(until - now));
                }
            }
        }
        Step::Done
    }

    fn on(&mut self, _: Now, event: Event) {
        if matches!(event, Event::Cancelled) {
            self.outcome.set(Err(crate::engine::failure::cancelled("getting an access token")));
        }
    }
}

impl Machine for Obtain {
    type Output = Grant;

    fn finish(&mut self) -> Result<Grant, Error> {
        self.outcome.take()
    }
}
