//! A client whose calls are in a batch: what limits its requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(errands)]
use super::errand::MOST_ERRANDS;
use super::turns::{Choice, Turns};
use super::{ALONE, LAST_PER_PLACE, MAX_PAUSE, MOST_BY_POLICY};
use crate::engine::policy::{RetryPolicy, Schedule};
use crate::engine::{Budget, Pace, Turn};
use crate::http::LONGEST;

/// The turns of the calls of one client, and the pace at which their requests go.
///
/// Its calls have places of their own, from 0, so that many members cost no more than one.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) turns: Turns,
    pub(super) pace: Pace,
    /// Only last polls are sent before this time, which the server asked for.
    paused: Option<Instant>,
    /// The pauses after a 429 where no budget can slow down.
    pauses: Schedule,
    /// The last response was a 429, and no budget can slow down: the next request goes alone.
    is_refused: bool,
    /// When the first request went.
    began: Option<Instant>,
    pub(super) in_flight: usize,
    /// The most requests in flight.
    pub(super) most: usize,
    /// The errands under way.
    #[cfg(errands)]
    pub(super) away: usize,
    /// How many of its jobs are not over.
    pub(super) left: usize,
    /// The job at each place.
    jobs: Vec<usize>,
}

impl Member {
    pub(super) fn new(budget: Arc<Budget>, stops_on_failure: bool) -> Self {
        Self {
            turns: Turns::new(stops_on_failure),
            pace: Pace::new(budget),
            paused: None,
            pauses: RetryPolicy::default().schedule(),
            is_refused: false,
            began: None,
            in_flight: 0,
            most: usize::MAX,
            #[cfg(errands)]
            away: 0,
            left: 0,
            jobs: Vec::new(),
        }
    }

    /// Adds a job, and returns its place.
    pub(super) fn add(&mut self, job: usize) -> usize {
        self.left += 1;
        self.jobs.push(job);
        self.jobs.len() - 1
    }

    /// The job of a choice.
    pub(super) fn job(&self, choice: Choice) -> usize {
        self.jobs[choice.place()]
    }

    /// The job whose errand may begin. Those that have returned and wait for a place count too: what they hold in memory is
    /// bounded, and no errand is carried out long before its call goes on.
    #[cfg(errands)]
    pub(super) fn next_errand(&self) -> Option<usize> {
        let place = self.turns.first_errand()?;
        (self.away + self.turns.have_returned() < MOST_ERRANDS.min(self.most)).then(|| self.jobs[place])
    }

    /// The jobs that wait for a poll.
    pub(super) fn polled(&self) -> Vec<usize> {
        self.turns.polled().into_iter().map(|place| self.jobs[place]).collect()
    }

    /// A job that has timed out.
    pub(super) fn overdue(&self, now: Instant) -> Option<usize> {
        self.turns.overdue(now).map(|place| self.jobs[place])
    }

    pub(super) fn is_paused(&self, now: Instant) -> bool {
        self.paused.is_some_and(|until| now < until)
    }

    /// True if there are as many requests in flight as there may be.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        let begins = self.began.is_none_or(|began| now < began + ALONE);
        let most = if self.is_refused { 1 } else { self.pace.most_in_flight(begins) };
        self.in_flight >= most.min(self.most)
    }

    /// Takes a place in the budget for the choice; otherwise returns the time at which to ask again.
    pub(super) fn take_place(&mut self, choice: Choice, now: Instant) -> Result<Pace, Instant> {
        let turn = match choice {
            Choice::Poll { is_last: true, .. } => self.pace.urgent_turn(now, now + LONGEST),
            _ => self.pace.turn(now, now + LONGEST),
        };
        match turn {
            Turn::Now => {
                self.turns.took(choice);
                Ok(self.pace.hand_over())
            }
            Turn::At(time) | Turn::Never(time) => {
                // Some may run out of time before.
                let ends = [self.turns.next_last(now), self.turns.next_deadline(now)];
                Err(ends.into_iter().flatten().fold(time, Instant::min))
            }
        }
    }

    /// Counts a request that goes.
    pub(super) fn sent(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        self.in_flight += 1;
    }

    /// When something changes without a response; `None`: nothing does.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let resumed = self.paused.filter(|until| *until > now);
        self.turns.next(now).into_iter().chain(resumed).min()
    }

    /// Counts a response that is not a 429.
    pub(super) fn answered(&mut self, mut pace: Pace, now: Instant) {
        pace.answered(now);
        self.pauses.restart();
        self.is_refused = false;
    }

    /// Takes a 429: the server admits no more requests for now.
    pub(super) fn slow_down(&mut self, mut pace: Pace, now: Instant, asked: Option<Duration>) {
        let is_first = !self.is_refused || self.in_flight == 0;
        self.is_refused = pace.is_unlimited();
        let pause = match asked {
            Some(asked) => asked.min(MAX_PAUSE),
            // Several that were in flight together make one pause.
            None if self.is_refused && is_first => self.pauses.next(),
            None => Duration::ZERO,
        };
        self.paused = self.paused.max(now.checked_add(pause));
        pace.refused(now, asked);
    }

    /// True if the jobs that are left are polled by the policy at the latest: they are few enough for the budget, and a place
    /// that is left idle cannot be used later. While submits wait, no place is idle, and what is known of the durations
    /// counts alone; but while the budget is slowed, polls are late, so the ages at which they find an end say more of the
    /// budget than of the operations.
    pub(super) fn polls_by_policy(&self) -> bool {
        self.pace
            .limit()
            .is_some_and(|limit| self.left <= limit.saturating_mul(LAST_PER_PLACE).min(MOST_BY_POLICY))
            && (self.pace.is_slowed() || !self.turns.has_submits())
    }
}
