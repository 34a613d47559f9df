//! Calls that end early: skipped, cancelled or out of time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, ErrorKind};

use super::super::Wish;
use super::super::failure::seconds;
use super::super::machine::Now;
use super::{Batch, Past, State};

/// Why calls are skipped after this error.
pub(super) fn why_unwritten(error: &Error) -> String {
    format!("{}: {}", error.attempted(), error.happened())
}

impl<T> Batch<T> {
    /// Submits nothing more. What runs is waited for.
    pub(crate) fn stop(&mut self, why: &str) {
        if self.stopped.is_some() {
            return;
        }
        self.stopped = Some(why.into());
        for job in 0..self.jobs.len() {
            let begins = match &self.jobs[job].state {
                State::Waiting(_) => self.jobs[job].past == Past::Todo,
                State::Running(work, _) => {
                    !work.is_submitted() && matches!(work.wish(), Wish::At(_) | Wish::Now)
                }
                // It is skipped when the errand has ended.
                #[cfg(errands)]
                State::Away(_, cancel) => {
                    cancel.trip();
                    false
                }
                State::Over => false,
            };
            if begins {
                self.skip(job, why);
            }
        }
    }

    /// Submits nothing more, because events cannot be written down.
    pub(crate) fn stop_unwritten(&mut self, error: &Error) {
        self.unwritten(error);
        self.stop(&why_unwritten(error));
    }

    /// Makes the error the source of those of the calls that are skipped from now on. Without its advice, which
    /// may be as long as the list of calls.
    pub(super) fn unwritten(&mut self, error: &Error) {
        let cause = || Error::new(error.kind(), error.attempted(), error.happened());
        self.unwritten.get_or_insert_with(cause);
    }

    /// Stops the batch at its timeout. What runs has the same deadline.
    pub(super) fn expire(&mut self, now: Instant) {
        if let (Some(timeout), Some(deadline), false) = (self.timeout, self.deadline, self.stopped.is_some())
            && now >= deadline
        {
            self.stop(&format!("the batch timed out after {}", seconds(timeout)));
        }
    }

    /// Returns when the batch times out, unless it is stopped already.
    pub(super) fn expires(&self) -> Option<Instant> {
        self.deadline.filter(|_| self.stopped.is_none())
    }

    /// Cancels all jobs: what is not submitted is skipped, what runs ends with an error that carries its id.
    pub(crate) fn cancel_all(&mut self, now: Now) {
        self.start(now.at);
        self.stop("the batch was cancelled");
        for job in 0..self.jobs.len() {
            self.cancel(job, now);
        }
    }

    /// Cancels a job. If its request is in flight, it ends with the response to that, and if it has an errand under way,
    /// with the end of that.
    pub(crate) fn cancel(&mut self, job: usize, now: Now) {
        self.start(now.at);
        self.jobs[job].is_cancelled = true;
        let conclusion = match &mut self.jobs[job].state {
            State::Waiting(work) | State::Running(work, None) => work.cancel(now),
            #[cfg(errands)]
            State::Away(_, cancel) => return cancel.trip(),
            State::Running(_, Some(_)) | State::Over => return,
        };
        self.conclude(job, conclusion);
    }

    /// Skips what comes after a job that did not succeed.
    pub(super) fn skip_followers(&mut self, job: usize, what: &str) {
        let why = self.because_of(job, what);
        for follower in self.followers_to_skip(job) {
            self.skip(follower, &why);
        }
    }

    /// Ends a job of which nothing was sent, or nothing that was accepted, and what comes after it.
    pub(super) fn skip(&mut self, job: usize, why: &str) {
        // Not recursive: a chain of jobs may be longer than a stack is deep.
        let mut skipped: VecDeque<(usize, Arc<str>)> = VecDeque::from([(job, why.into())]);
        while let Some((job, why)) = skipped.pop_front() {
            if matches!(self.jobs[job].state, State::Over) {
                continue;
            }
            let label = self.jobs[job].label.clone();
            let error = Error::new(ErrorKind::Skipped, label, format!("not submitted: {why}"));
            let error = match &self.unwritten {
                Some(cause) => error.with_source(cause.duplicate()),
                None => error,
            };
            #[cfg(errands)]
            let error = self.with_made(job, error);
            self.over(job);
            self.concluded.push_back((job, Err(error)));
            let why: Arc<str> = self.because_of(job, "was not submitted").into();
            skipped.extend(self.followers_to_skip(job).into_iter().map(|follower| (follower, why.clone())));
        }
    }

    fn because_of(&self, job: usize, what: &str) -> String {
        format!("it depends on {}, which {what}", self.jobs[job].label)
    }

    fn followers_to_skip(&self, job: usize) -> Vec<usize> {
        let is_todo = |follower: &usize| {
            let follower = &self.jobs[*follower];
            follower.past == Past::Todo && matches!(follower.state, State::Waiting(_))
        };
        self.jobs[job].followers.iter().copied().filter(is_todo).collect()
    }
}
