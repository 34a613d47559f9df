//! Many calls at once under one budget.
//!
//! The batch decides which request gets the next place in the budget; the machine of each call ([`Work`]) decides how it
//! continues. A poll of an operation is delayed until an end is likely, as others of the same kind have shown, and submits
//! take precedence over polls: long operations should begin early. Some places go to polls all the same, so that ends and
//! failures are noticed meanwhile.

#[cfg(operation_batches)]
mod durations;
mod early;
#[cfg(operation_batches)]
mod learned;
mod record;
#[cfg(operation_batches)]
mod submitted;
#[cfg(machine_batches)]
mod task;
mod turns;
mod work;

#[cfg(operation_batches)]
use std::collections::HashMap;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind};
use crate::http::{LONGEST, Request, Response};
use crate::transport::SendError;

use super::machine::Now;
use super::policy::{RetryPolicy, Schedule};
use super::retry;
use super::{Budget, Pace, Turn, Wish};

#[cfg(operation_batches)]
use durations::Durations;
#[cfg(operation_batches)]
pub(super) use learned::{Learned, SharedDurations};
pub(crate) use record::{JournalEvent, Past, Record};
#[cfg(operation_batches)]
pub(crate) use submitted::Submitted;
#[cfg(machine_batches)]
pub(crate) use task::{Latest, Reports, Task};
use turns::{Choice, Turns};
pub(crate) use work::Work;
use work::{Ask, Conclusion};

/// The longest pause of the whole batch after a 429.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// For so long after it began, a batch with a budget sends one request at a time: if others have used up the limit, it hears
/// of that once.
const ALONE: Duration = Duration::from_secs(1);
/// While the budget is slowed, the last calls of a batch are polled by the policy: so many for each place.
const LAST_PER_PLACE: usize = 8;

/// What a batch wants next.
#[derive(Debug)]
pub(crate) enum BatchStep {
    /// Send this request of this job once, then call [`received`](Batch::received). The [`records`](Batch::records) have to
    /// be written down before.
    Send(usize, Arc<Request>, Duration),
    /// Call [`next`](Batch::next) again after this long, or after the next response.
    Wait(Duration),
    /// Nothing before the next response.
    Response,
    /// Nothing: all jobs are over.
    Done,
}

/// One call of a batch.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) label: String,
    /// Operations of one kind are expected to take about the same time.
    #[cfg(operation_batches)]
    pub(crate) kind: String,
    pub(crate) work: Box<dyn Work<T>>,
    /// The jobs that have to be finished before.
    pub(crate) after: Vec<usize>,
    /// What is known of it from earlier runs.
    pub(crate) past: Past,
    /// How long ago it was submitted, if it was.
    #[cfg(operation_batches)]
    pub(crate) age: Option<Duration>,
}

/// Many machines that run at once.
pub(crate) struct Batch<T> {
    jobs: Vec<Job<T>>,
    turns: Turns,
    pace: Pace,
    /// Only last polls are sent before this time, which the server asked for.
    paused: Option<Instant>,
    stops_on_failure: bool,
    /// For the whole batch.
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    /// When the first step was asked for.
    began: Option<Instant>,
    /// The pauses after a 429 where no budget can slow down.
    pauses: Schedule,
    /// The last response was a 429, and no budget can slow down: the next request goes alone.
    is_refused: bool,
    is_stopped: bool,
    left: usize,
    in_flight: usize,
    records: Vec<Record>,
    concluded: VecDeque<(usize, Result<T, Error>)>,
}

impl<T> fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("jobs", &self.jobs.len())
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

struct Job<T> {
    label: String,
    state: State<T>,
    /// How many of the jobs that it comes after are not finished.
    blockers: usize,
    /// The jobs that come after it.
    followers: Vec<usize>,
    past: Past,
    /// It ends with the response to the request in flight.
    is_cancelled: bool,
}

enum State<T> {
    /// Not begun: it comes after others, or its turn has not come.
    Waiting(Box<dyn Work<T>>),
    /// Begun, with the place in the budget of the request in flight.
    Running(Box<dyn Work<T>>, Option<Pace>),
    Over,
}

impl<T> Batch<T> {
    /// The entries must not come after one another in a cycle.
    pub(crate) fn new(entries: Vec<Entry<T>>, budget: Arc<Budget>, stops_on_failure: bool) -> Self {
        #[cfg(operation_batches)]
        let mut kinds: HashMap<String, SharedDurations> = HashMap::new();
        let mut followers = vec![Vec::new(); entries.len()];
        for (job, entry) in entries.iter().enumerate() {
            for before in &entry.after {
                followers[*before].push(job);
            }
        }
        let left = entries.len();
        let jobs = entries.into_iter().zip(followers).map(|(entry, followers)| {
            #[cfg(operation_batches)]
            let entry = {
                let mut entry = entry;
                entry.work.learn(kinds.entry(entry.kind.clone()).or_default().clone(), entry.age);
                entry
            };
            let Entry { label, work, after, past, .. } = entry;
            let state = State::Waiting(work);
            Job { label, state, blockers: after.len(), followers, past, is_cancelled: false }
        });
        Self {
            jobs: jobs.collect(),
            turns: Turns::new(stops_on_failure),
            pace: Pace::new(budget),
            paused: None,
            stops_on_failure,
            timeout: None,
            deadline: None,
            began: None,
            pauses: RetryPolicy::default().schedule(),
            is_refused: false,
            is_stopped: false,
            left,
            in_flight: 0,
            records: Vec::new(),
            concluded: VecDeque::new(),
        }
    }

    /// Limits the time of the whole batch.
    pub(crate) fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the next outcome, in the order in which jobs finish.
    pub(crate) fn concluded(&mut self) -> Option<(usize, Result<T, Error>)> {
        self.concluded.pop_front()
    }

    /// True if [`concluded`](Batch::concluded) returns an outcome.
    pub(crate) fn has_concluded(&self) -> bool {
        !self.concluded.is_empty()
    }

    /// Takes the events to write down before the step of [`next`](Batch::next) is carried out.
    pub(crate) fn records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }

    /// Returns the next step at this time.
    pub(crate) fn next(&mut self, now: Instant) -> BatchStep {
        self.start(now);
        self.expire(now);
        loop {
            self.end_overdue(now);
            if self.left == 0 {
                return BatchStep::Done;
            }
            let paused = self.paused.is_some_and(|until| now < until);
            let begins = self.began.is_some_and(|began| now < began + ALONE);
            let most = if self.is_refused { 1 } else { self.pace.most_in_flight(begins) };
            if self.in_flight >= most {
                return self.wait(now);
            }
            let Some(choice) = self.choose(now, paused) else { return self.wait(now) };
            let turn = match choice {
                Choice::Poll { is_last: true, .. } => self.pace.urgent_turn(now, now + LONGEST),
                _ => self.pace.turn(now, now + LONGEST),
            };
            match turn {
                Turn::Now => {}
                Turn::At(time) | Turn::Never(time) => {
                    // Some may run out of time before.
                    let ends = [self.turns.next_last(now), self.turns.next_deadline(now), self.expires()];
                    let time = ends.into_iter().flatten().fold(time, Instant::min);
                    return BatchStep::Wait(time - now);
                }
            }
            if let Some(step) = self.send(choice, now) {
                return step;
            }
        }
    }

    /// Takes the result of the request of this job. `wall` is for `Retry-After` dates.
    pub(crate) fn received(
        &mut self,
        job: usize,
        now: Instant,
        wall: SystemTime,
        result: Result<Response, SendError>,
    ) {
        let State::Running(_, pace) = &mut self.jobs[job].state else { return };
        let Some(mut pace) = pace.take() else { return };
        self.in_flight -= 1;
        match &result {
            Ok(response) if response.status == 429 => {
                self.slow_down(pace, now, retry::retry_after(response, wall));
            }
            _ => {
                pace.answered(now);
                self.pauses.restart();
                self.is_refused = false;
            }
        }
        let Job { state, is_cancelled, .. } = &mut self.jobs[job];
        let State::Running(work, _) = state else { return };
        let received = work.received(Now { at: now, wall }, result, *is_cancelled);
        self.records.extend(received.event.map(|event| Record { job, event }));
        match received.conclusion {
            Some(conclusion) => self.conclude(job, conclusion),
            None => self.go_on(job),
        }
    }

    /// Takes a 429: the server admits no more requests for now.
    fn slow_down(&mut self, mut pace: Pace, now: Instant, asked: Option<Duration>) {
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

    /// Takes the news that the driver could not write down the events, so that it did not send the request of this job.
    pub(crate) fn not_sent(&mut self, job: usize, now: Now, error: Error) {
        let State::Running(work, pace) = &mut self.jobs[job].state else { return };
        if let Some(pace) = pace.take() {
            pace.unused();
            self.in_flight -= 1;
        }
        let error = work.identified(now, error);
        self.end(job, Err(error));
        self.stop("the journal cannot be written");
    }

    fn start(&mut self, now: Instant) {
        if self.began.is_some() {
            return;
        }
        self.began = Some(now);
        self.deadline = self.timeout.map(|timeout| now + timeout.min(LONGEST));
        for job in 0..self.jobs.len() {
            match self.jobs[job].past {
                Past::Todo => {
                    // Others may have stopped the batch by now.
                    if self.jobs[job].blockers == 0 && matches!(self.jobs[job].state, State::Waiting(_)) {
                        self.turns.ready(job);
                    }
                }
                Past::Submitted => {
                    if let State::Waiting(mut work) = self.take(job) {
                        work.begin_waiting(now, self.deadline);
                        self.jobs[job].state = State::Running(work, None);
                        self.go_on(job);
                    }
                }
                Past::Done => {
                    self.jobs[job].state = State::Over;
                    self.left -= 1;
                    self.unblock(job);
                }
                Past::Failed => {
                    self.jobs[job].state = State::Over;
                    self.left -= 1;
                    self.skip_followers(job, "failed before");
                }
                Past::Unknown => {
                    let error = Error::new(
                        ErrorKind::OutcomeUnknown,
                        self.jobs[job].label.clone(),
                        "it was being submitted when the batch stopped, and may have been accepted",
                    )
                    .with_advice(
                        "It was not sent again. Check whether it took effect, then call `batch.again(key)` or \
                         `batch.settled(key)`.",
                    );
                    self.end(job, Err(error));
                }
            }
        }
    }

    fn take(&mut self, job: usize) -> State<T> {
        std::mem::replace(&mut self.jobs[job].state, State::Over)
    }

    /// True if the jobs that are left are polled by the policy at the latest. While the budget is slowed, a poll goes when
    /// there is a place for it, so the ages at which polls find an end say more of the budget than of the operations.
    fn polls_by_policy(&self) -> bool {
        let places = self.pace.slowed_places();
        places.is_some_and(|places| self.left <= places.saturating_mul(LAST_PER_PLACE))
    }

    /// Chooses the request that gets the next place.
    fn choose(&mut self, now: Instant, paused: bool) -> Option<Choice> {
        let by_policy = self.polls_by_policy();
        if by_policy {
            for job in self.turns.polled() {
                if let State::Running(work, _) = &mut self.jobs[job].state {
                    work.reconsider(now, true);
                    self.mark(job);
                }
            }
        }
        loop {
            let choice = self.turns.choose(now, paused)?;
            let Choice::Poll { job, is_last } = choice else { return Some(choice) };
            let State::Running(work, _) = &mut self.jobs[job].state else { return Some(choice) };
            if is_last {
                return Some(choice);
            }
            // More may be known now than when its time was set.
            work.reconsider(now, by_policy);
            let is_sure = work.sure_end().is_some_and(|end| end <= now);
            if is_sure || matches!(work.wish(), Wish::Now) {
                return Some(choice);
            }
            match work.wish() {
                Wish::At(time) if time > now => self.mark(job),
                _ => return Some(choice),
            }
        }
    }

    fn send(&mut self, choice: Choice, now: Instant) -> Option<BatchStep> {
        let job = choice.job();
        self.turns.took(choice);
        let pace = self.pace.hand_over();
        let mut work = match self.take(job) {
            State::Waiting(work) | State::Running(work, _) => work,
            State::Over => {
                pace.unused();
                self.turns.forget(job);
                return None;
            }
        };
        work.begin(now, self.deadline);
        match work.next(now) {
            Ask::Send { request, timeout, announces } => {
                if announces {
                    self.records.push(Record { job, event: JournalEvent::Submitting });
                }
                self.turns.forget(job);
                self.in_flight += 1;
                self.jobs[job].state = State::Running(work, Some(pace));
                Some(BatchStep::Send(job, request, timeout))
            }
            Ask::Later => {
                pace.unused();
                self.jobs[job].state = State::Running(work, None);
                self.go_on(job);
                None
            }
            Ask::Over(conclusion) => {
                pace.unused();
                self.jobs[job].state = State::Running(work, None);
                self.conclude(job, conclusion);
                None
            }
        }
    }

    /// Ends the jobs that ran out of time before they got a place.
    fn end_overdue(&mut self, now: Instant) {
        while let Some(job) = self.turns.overdue(now) {
            let State::Running(work, _) = &mut self.jobs[job].state else {
                self.turns.forget(job);
                continue;
            };
            let conclusion = work.expire(now);
            self.conclude(job, conclusion);
        }
    }

    /// The step when nothing can be sent now.
    fn wait(&self, now: Instant) -> BatchStep {
        let next = self.turns.next(now);
        let resumed = self.paused.filter(|until| *until > now);
        match [next, resumed, self.expires()].into_iter().flatten().min() {
            Some(time) => BatchStep::Wait(time - now),
            None => BatchStep::Response,
        }
    }

    /// Continues a job that wants another request.
    fn go_on(&mut self, job: usize) {
        if self.is_stopped {
            let submits = matches!(&self.jobs[job].state, State::Running(work, _) if !work.is_submitted());
            if submits {
                return self.skip(job, "the batch was stopped");
            }
        }
        self.mark(job);
    }

    /// Registers what a running job wants.
    fn mark(&mut self, job: usize) {
        let State::Running(work, _) = &self.jobs[job].state else { return };
        let at = match work.wish() {
            Wish::At(time) => Some(time),
            Wish::Now => None,
            Wish::Nothing => return,
        };
        if !work.is_submitted() {
            let deadline = work.limits().map(|(_, deadline)| deadline);
            if let Some(at) = at.or(self.began) {
                self.turns.retry(job, at, deadline);
            }
            return;
        }
        let Some((last, deadline)) = work.limits() else { return };
        let is_wanted = !self.jobs[job].followers.is_empty();
        self.turns.poll(job, turns::Poll { due: at, sure: work.sure_end(), last, deadline, is_wanted });
    }

    /// Ends a job whose end has to be written down.
    fn conclude(&mut self, job: usize, conclusion: Conclusion<T>) {
        self.records.extend(conclusion.event.map(|event| Record { job, event }));
        self.end(job, conclusion.outcome);
    }

    fn end(&mut self, job: usize, outcome: Result<T, Error>) {
        self.turns.forget(job);
        self.jobs[job].state = State::Over;
        self.left -= 1;
        let is_good = outcome.is_ok();
        self.concluded.push_back((job, outcome));
        if is_good {
            self.unblock(job);
            return;
        }
        self.skip_followers(job, "did not succeed");
        if self.stops_on_failure && !self.is_stopped {
            let label = self.jobs[job].label.clone();
            self.stop(&format!("the batch stops at the first failure, and {label} failed"));
        }
    }

    fn unblock(&mut self, job: usize) {
        for follower in self.jobs[job].followers.clone() {
            let next = &mut self.jobs[follower];
            next.blockers -= 1;
            let begins = next.blockers == 0 && next.past == Past::Todo;
            if begins && matches!(next.state, State::Waiting(_)) {
                self.turns.ready(follower);
            }
        }
    }
}
