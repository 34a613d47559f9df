//! A machine that obtains an access token.

use std::time::{Duration, Instant};

use crate::engine::machine::{Event, Now, Outcome, Step};
use crate::engine::sequence::Sequence;
use crate::engine::{Machine, Settings};
use crate::error::{Error, ErrorKind};
use crate::http::LONGEST;

use super::renewal::Renewal;
use super::{Ask, Grant, Tokens};

/// The interval at which a machine checks whether another one has renewed the token.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Obtains a token: the current one, one that another machine renews, or one that it renews itself.
#[derive(Debug)]
pub(crate) struct Obtain {
    tokens: Tokens,
    settings: Settings,
    until: Option<Instant>,
    /// The renewal of another machine that is waited for.
    waited: Option<u64>,
    renewal: Option<Sequence<Renewal>>,
    outcome: Outcome<Grant>,
}

impl Obtain {
    pub(crate) fn new(tokens: Tokens, settings: Settings) -> Self {
        Self { tokens, settings, until: None, waited: None, renewal: None, outcome: Outcome::default() }
    }
}

impl Machine for Obtain {
    type Output = Grant;

    fn next(&mut self, now: Instant) -> Step {
        let until = *self.until.get_or_insert(now + self.settings.timeout.min(LONGEST));
        while !self.outcome.is_set() {
            if let Some(renewal) = &mut self.renewal {
                match renewal.next(now) {
                    Step::Done => {
                        self.outcome.set(renewal.finish());
                        self.renewal = None;
                    }
                    step => return step,
                }
                continue;
            }
            if now >= until {
                let error =
                    Error::new(ErrorKind::Transport, "getting an access token", "there was none in time");
                self.outcome.set(Err(error.with_timeout(true).with_retryable(true)));
                continue;
            }
            match self.tokens.ask(now, self.waited) {
                Ask::Token(grant) => self.outcome.set(Ok(grant)),
                Ask::Failed(error) => self.outcome.set(Err(error)),
                Ask::Renew(renewal) => {
                    let settings = Settings { timeout: until - now, ..self.settings.clone() };
                    self.renewal = Some(renewal.machine(&settings));
                }
                Ask::Wait(number) => {
                    self.waited = Some(number);
                    return Step::Wait(LOOK_AGAIN.min(until - now));
                }
            }
        }
        Step::Done
    }

    fn on(&mut self, now: Now, event: Event) {
        match (&mut self.renewal, event) {
            (Some(renewal), Event::Cancelled) => {
                // A response that has arrived still counts: its refresh token may be a new one.
                renewal.on(now, Event::Cancelled);
                self.outcome.set(renewal.finish());
                self.renewal = None;
            }
            (Some(renewal), event) => renewal.on(now, event),
            (None, Event::Cancelled) => {
                self.outcome.set(Err(crate::engine::failure::cancelled("getting an access token")));
            }
            (None, _) => {}
        }
    }

    fn finish(&mut self) -> Result<Grant, Error> {
        self.outcome.take()
    }
}
