//! What a batch asks of an operation: when it wants to send, and when its end is likely.

use std::time::{Duration, Instant};

use crate::engine::Wish;
use crate::engine::batch::{Learned, SharedDurations};

use super::{Operation, State, Turns};

impl Operation {
    /// Polls when an end is likely, as others of its kind have shown, and shows others. `age`: of an operation that was
    /// submitted before.
    pub(crate) fn learn(&mut self, durations: SharedDurations, age: Duration) {
        self.polls = Box::new(Learned::new(&self.context.settings.poll, durations));
        self.age_when_accepted = age;
    }

    /// True once there is an outcome.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// When the next request is wanted.
    pub(crate) fn wish(&self) -> Wish {
        match &self.state {
            State::Submitting(submit) => submit.exchange.wish(),
            State::Polling(_, Turns::Ready) => Wish::Now,
            State::Polling(_, Turns::Due(due)) => Wish::At(*due),
            State::Polling(_, Turns::InFlight(_)) => Wish::Nothing,
            State::Over => Wish::Nothing,
        }
    }

    /// Returns when a poll will find the end almost surely, if that is known.
    pub(crate) fn sure_end(&self) -> Option<Instant> {
        let (accepted, end) = (self.accepted?, self.polls.sure(self.ran_at)?);
        self.put_off.max(Some(accepted + end.saturating_sub(self.age_when_accepted)))
    }

    /// When the last poll has to start, and when the wait times out.
    pub(crate) fn limits(&self) -> Option<(Instant, Instant)> {
        let deadline = self.context.begun()?.deadline;
        Some((deadline.checked_sub(self.last_poll()).unwrap_or(deadline), deadline))
    }

    /// Begins the call, which ends no later than `latest`.
    pub(crate) fn begin(&self, now: Instant, latest: Option<Instant>) {
        self.context.span_until(now, latest);
    }

    /// Begins to wait for an operation that was submitted before: its time runs from now on.
    pub(crate) fn begin_waiting(&mut self, now: Instant, latest: Option<Instant>) {
        self.begin(now, latest);
        if matches!(self.state, State::Polling(_, Turns::Ready)) {
            self.poll_first(now);
        }
    }

    /// Schedules the next poll by what is known now. `by_policy`: no later than a call outside of a batch would send it.
    pub(crate) fn reconsider(&mut self, now: Instant, by_policy: bool) {
        if let (State::Polling(_, Turns::Due(_)), Some(accepted)) = (&self.state, self.accepted)
            && let Some(mut age) = self.polls.reconsider(self.ran_at)
        {
            if let (true, Some(latest)) = (by_policy, self.polls.by_policy(self.ran_at)) {
                age = age.min(latest);
            }
            let due = self.put_off.max(Some(accepted + age.saturating_sub(self.age_when_accepted)));
            let delay = due.map(|due| due.saturating_duration_since(now)).unwrap_or_default();
            self.poll_again(now, delay);
        }
    }

    /// Lets the next poll go at once.
    pub(crate) fn hasten(&mut self, now: Instant) {
        if let State::Polling(_, Turns::Due(due)) = &mut self.state {
            *due = now.min(*due);
        }
    }
}
