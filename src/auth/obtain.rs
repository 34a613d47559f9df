//! A machine that does nothing but come by a token.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::engine::{Budget, Machine, Settings, Step};
use crate::error::{Error, ErrorKind};
use crate::http::Response;
use crate::transport::SendError;

use super::authorized::LOOK_AGAIN;
use super::{Ask, Grant, Renewal, Tokens};

/// Asks for a token, and renews it if that is to be done.
#[derive(Debug)]
pub(crate) struct Obtain {
    tokens: Tokens,
    settings: Settings,
    budget: Arc<Budget>,
    until: Option<Instant>,
    waited: Option<u64>,
    renewal: Option<Box<Renewal>>,
    outcome: Option<Result<Grant, Error>>,
}

impl Obtain {
    pub(crate) fn new(tokens: Tokens, settings: Settings, budget: Arc<Budget>) -> Self {
        Self { tokens, settings, budget, until: None, waited: None, renewal: None, outcome: None }
    }

    pub(crate) fn finish(self) -> Result<Grant, Error> {
        self.outcome.unwrap_or_else(|| Err(crate::client::not_run()))
    }
}

impl Machine for Obtain {
    fn next(&mut self, now: Instant) -> Step {
        let time = self.settings.timeout.min(crate::http::LONGEST);
        let until = *self.until.get_or_insert(now + time);
        while self.outcome.is_none() {
            if let Some(renewal) = &mut self.renewal {
                match renewal.next(now, &self.settings, &self.budget) {
                    Step::Done => {
                        self.outcome = renewal.finish();
                        self.renewal = None;
                    }
                    step => return step,
                }
                continue;
            }
            if now >= until {
                let error =
                    Error::new(ErrorKind::Transport, "getting an access token", "there was none in time")
                        .with_timeout(true);
                self.outcome = Some(Err(error));
                continue;
            }
            match self.tokens.ask(now, self.waited) {
                Ask::Token(grant) => self.outcome = Some(Ok(grant)),
                Ask::Failed(error) => self.outcome = Some(Err(error)),
                Ask::Renew(renewal) => self.renewal = Some(renewal),
                Ask::Wait(number) => {
                    self.waited = Some(number);
                    return Step::Wait(LOOK_AGAIN.min(until - now).max(Duration::from_millis(1)));
                }
            }
        }
        Step::Done
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        if let Some(renewal) = &mut self.renewal {
            renewal.received(now, wall, result);
        }
    }
}
