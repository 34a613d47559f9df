//! Whose turn it is when there is a place in the budget.

use std::collections::BTreeSet;
use std::time::Instant;

/// While calls wait to be submitted, this many submits go before a poll for which others wait.
const BEFORE_WANTED: u32 = 1;
/// While calls wait to be submitted, this many go before a poll that will almost surely find an end.
const BEFORE_SURE: u32 = 1;
/// While calls wait to be submitted, this many go before a poll that is likely to find an end, or to teach something.
const BEFORE_LIKELY: u32 = 15;
/// The same, if a failure is to be heard of soon.
const BEFORE_FAILURE: u32 = 3;

/// While so many calls that have begun wait to be submitted, no other begins.
const MOST_RETRIES: usize = 64;

/// What a turn is for. Jobs are named by their places among those of their client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Choice {
    Submit(usize),
    Poll {
        job: usize,
        /// It cannot wait any longer.
        is_last: bool,
    },
}

impl Choice {
    pub(super) fn place(self) -> usize {
        match self {
            Self::Submit(job) | Self::Poll { job, .. } => job,
        }
    }
}

/// What a running job wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    /// When a poll is likely to find an end; `None`: at once.
    pub(super) due: Option<Instant>,
    /// When it will find one almost surely.
    pub(super) sure: Option<Instant>,
    /// When the last one has to go.
    pub(super) last: Instant,
    /// When it is too late.
    pub(super) deadline: Instant,
    /// Whether others come after the job.
    pub(super) is_wanted: bool,
}

/// A set of jobs, each at its time; those without come first.
type Times = BTreeSet<(Option<Instant>, usize)>;

/// Who wants what, in order of time.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// To be submitted, in the order of the batch.
    ready: BTreeSet<usize>,
    /// To begin with an errand, in the order of the batch.
    #[cfg(errands)]
    errands: BTreeSet<usize>,
    /// Back from an errand, and waiting for a place.
    #[cfg(errands)]
    returned: BTreeSet<usize>,
    /// Submits that failed and may be repeated.
    retries: Times,
    due: Times,
    /// Due as well, and others come after these.
    wanted: Times,
    sure: Times,
    last: Times,
    deadline: Times,
    /// What each job has in the sets above.
    polls: Vec<Option<Poll>>,
    retrying: Vec<Option<(Instant, Option<Instant>)>>,
    submits_in_a_row: u32,
    listens_for_failures: bool,
}

impl Turns {
    pub(super) fn new(listens_for_failures: bool) -> Self {
        Self { listens_for_failures, ..Self::default() }
    }

    pub(super) fn ready(&mut self, job: usize) {
        self.ready.insert(job);
    }

    /// The job is to begin with an errand.
    #[cfg(errands)]
    pub(super) fn errand(&mut self, job: usize) {
        self.errands.insert(job);
    }

    /// The next job that is to begin with an errand.
    #[cfg(errands)]
    pub(super) fn first_errand(&self) -> Option<usize> {
        self.errands.first().copied()
    }

    /// The job is back from its errand.
    #[cfg(errands)]
    pub(super) fn returned(&mut self, job: usize) {
        self.returned.insert(job);
    }

    /// Returns the number of jobs that are back from their errands and wait for a place.
    #[cfg(errands)]
    pub(super) fn have_returned(&self) -> usize {
        self.returned.len()
    }

    /// The submit goes again at this time, if there is a place before the deadline.
    pub(super) fn retry(&mut self, job: usize, at: Instant, deadline: Option<Instant>) {
        self.forget(job);
        put(&mut self.retrying, job, (at, deadline));
        self.retries.insert((Some(at), job));
        if deadline.is_some() {
            self.deadline.insert((deadline, job));
        }
    }

    pub(super) fn poll(&mut self, job: usize, poll: Poll) {
        self.forget(job);
        put(&mut self.polls, job, poll);
        let due = if poll.is_wanted { &mut self.wanted } else { &mut self.due };
        due.insert((poll.due, job));
        if let Some(sure) = poll.sure {
            self.sure.insert((Some(sure), job));
        }
        self.last.insert((Some(poll.last), job));
        self.deadline.insert((Some(poll.deadline), job));
    }

    /// True if a job waits to be submitted.
    pub(super) fn has_submits(&self) -> bool {
        !self.ready.is_empty() || !self.retries.is_empty()
    }

    /// The jobs that wait for a poll.
    pub(super) fn polled(&self) -> Vec<usize> {
        self.due.iter().chain(&self.wanted).map(|(_, job)| *job).collect()
    }

    /// The job wants nothing any more.
    pub(super) fn forget(&mut self, job: usize) {
        self.ready.remove(&job);
        #[cfg(errands)]
        {
            self.errands.remove(&job);
            self.returned.remove(&job);
        }
        if let Some((at, deadline)) = self.retrying.get_mut(job).and_then(Option::take) {
            self.retries.remove(&(Some(at), job));
            self.deadline.remove(&(deadline, job));
        }
        if let Some(poll) = self.polls.get_mut(job).and_then(Option::take) {
            self.due.remove(&(poll.due, job));
            self.wanted.remove(&(poll.due, job));
            self.sure.remove(&(poll.sure, job));
            self.last.remove(&(Some(poll.last), job));
            self.deadline.remove(&(Some(poll.deadline), job));
        }
    }

    /// A job that has timed out.
    pub(super) fn overdue(&self, now: Instant) -> Option<usize> {
        first(&self.deadline, now)
    }

    /// When the next job runs out of time.
    pub(super) fn next_deadline(&self, now: Instant) -> Option<Instant> {
        self.deadline.first().and_then(|(time, _)| *time).filter(|time| *time > now)
    }

    /// When the next last poll has to go.
    pub(super) fn next_last(&self, now: Instant) -> Option<Instant> {
        self.last.first().and_then(|(time, _)| *time).filter(|time| *time > now)
    }

    /// What the next place is for, if it is to be had now. `paused`: nothing but what cannot wait.
    pub(super) fn choose(&self, now: Instant, paused: bool) -> Option<Choice> {
        let poll = |job| Choice::Poll { job, is_last: false };
        if let Some(job) = first(&self.last, now) {
            return Some(Choice::Poll { job, is_last: true });
        }
        if paused {
            return None;
        }
        let begins = || self.ready.first().copied().filter(|_| self.retries.len() < MOST_RETRIES);
        let Some(submit) = first(&self.retries, now).or_else(begins) else {
            return first(&self.wanted, now).or_else(|| first(&self.due, now)).map(poll);
        };
        let turn = |after: u32, set: &Times| {
            if self.submits_in_a_row >= after { first(set, now) } else { None }
        };
        let before_likely = if self.listens_for_failures { BEFORE_FAILURE } else { BEFORE_LIKELY };
        let poll_now = turn(BEFORE_WANTED, &self.wanted)
            .or_else(|| turn(BEFORE_SURE, &self.sure))
            .or_else(|| turn(before_likely, &self.due));
        Some(poll_now.map_or(Choice::Submit(submit), poll))
    }

    /// The choice was followed.
    pub(super) fn took(&mut self, choice: Choice) {
        self.submits_in_a_row = match choice {
            Choice::Submit(_) => self.submits_in_a_row.saturating_add(1),
            Choice::Poll { .. } => 0,
        };
    }

    /// When the next job wants something.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let sets = [&self.retries, &self.due, &self.wanted, &self.last, &self.deadline];
        let times = sets.into_iter().filter_map(|set| {
            let from = (Some(now), usize::MAX);
            set.range(from..).find_map(|(time, _)| *time)
        });
        times.min()
    }
}

fn put<T>(places: &mut Vec<Option<T>>, job: usize, value: T) {
    if places.len() <= job {
        places.resize_with(job + 1, || None);
    }
    places[job] = Some(value);
}

/// The first job whose time has come.
fn first(times: &Times, now: Instant) -> Option<usize> {
    let (time, job) = times.first()?;
    time.is_none_or(|time| time <= now).then_some(*job)
}
