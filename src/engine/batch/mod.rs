//! Many calls at once, those of each client under its budget.
//!
//! The batch decides which request gets the next place in the budget; the machine of each call ([`Work`]) decides how it
//! continues. A poll of an operation is delayed until an end is likely, as others of the same kind have shown, and submits
//! take precedence over polls: long operations should begin early. Some places go to polls all the same, so that ends and
//! failures are noticed meanwhile.

#[cfg(operation_batches)]
mod durations;
mod early;
#[cfg(errands)]
mod errand;
#[cfg(operation_batches)]
mod learned;
mod member;
mod record;
#[cfg(operation_batches)]
mod submitted;
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
#[cfg(errands)]
use crate::http::Interrupt;
use crate::http::{LONGEST, Request, Response};
use crate::transport::SendError;

use super::machine::Now;
use super::retry;
use super::{Budget, Pace, Wish};

#[cfg(operation_batches)]
use durations::Durations;
use early::why_unwritten;
#[cfg(errands)]
pub(crate) use errand::{Errand, ErrandFirst, Returned};
#[cfg(operation_batches)]
pub(super) use learned::{Learned, SharedDurations};
use member::Member;
pub(crate) use record::{JournalEvent, Past, Record};
#[cfg(operation_batches)]
pub(crate) use submitted::Submitted;
pub(crate) use task::{Latest, Reports, Task};
use turns::Choice;
pub(crate) use work::Work;
use work::{Ask, Conclusion};

/// The longest pause of a client's calls after a 429.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// For so long after its first request, a client with a budget has one request in flight: if others have used up the limit,
/// it hears of that once.
const ALONE: Duration = Duration::from_secs(1);
/// The last calls of a client are polled by the policy: so many for each request that its budget allows in a second. They can
/// all be polled in ten seconds, the longest interval of the default policy.
const LAST_PER_PLACE: usize = 10;
/// The most calls that are polled by the policy, because each choice of the next request looks at all of them.
const MOST_BY_POLICY: usize = 1000;

/// What a batch wants next.
#[derive(Debug)]
pub(crate) enum BatchStep {
    /// Send this request of this job once, by the client of this number, then call [`received`](Batch::received). The
    /// [`records`](Batch::records) have to be written down before.
    Send { job: usize, member: usize, request: Arc<Request>, timeout: Duration },
    /// Carry out this errand of this job by the client of this number, beside everything else, then call
    /// [`returned`](Batch::returned).
    #[cfg(errands)]
    Errand { job: usize, member: usize, errand: Errand },
    /// Call [`next`](Batch::next) again after this long, or after the next response or errand.
    Wait(Duration),
    /// Nothing before the next response or errand.
    Response,
    /// Nothing: all jobs are over.
    Done,
}

/// One call of a batch.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) label: String,
    /// The number of its client.
    pub(crate) member: usize,
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
    members: Vec<Member>,
    /// The member that is asked first for the next request, so that each has its turn.
    first: usize,
    stops_on_failure: bool,
    /// For the whole batch.
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    /// When the first step was asked for.
    began: Option<Instant>,
    /// Why nothing more is submitted.
    stopped: Option<Arc<str>>,
    /// Why the events of the batch cannot be written down.
    unwritten: Option<Error>,
    left: usize,
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
    member: usize,
    /// Its place among the jobs of the member.
    place: usize,
    state: State<T>,
    /// How many of the jobs that it comes after are not finished.
    blockers: usize,
    /// The jobs that come after it.
    followers: Vec<usize>,
    past: Past,
    /// It ends with the response to the request in flight.
    is_cancelled: bool,
    /// Its errand has returned.
    #[cfg(errands)]
    has_returned: bool,
    /// The id of the resource that a failed errand has made.
    #[cfg(errands)]
    resource: Option<Box<str>>,
}

/// What a member wants.
enum Offer {
    Send(BatchStep),
    /// Nothing before this time, or before the next response.
    Nothing(Option<Instant>),
    /// A job ended or continues without a request.
    Changed,
}

enum State<T> {
    /// Not begun: it comes after others, or its turn has not come.
    Waiting(Box<dyn Work<T>>),
    /// Begun, with the place in the budget of the request in flight.
    Running(Box<dyn Work<T>>, Option<Pace>),
    /// Begun, with an errand under way, and what ends that.
    #[cfg(errands)]
    Away(Box<dyn Work<T>>, Interrupt),
    Over,
}

impl<T> Batch<T> {
    /// `budgets`: one for each client. The entries must not come after one another in a cycle.
    pub(crate) fn new(entries: Vec<Entry<T>>, budgets: Vec<Arc<Budget>>, stops_on_failure: bool) -> Self {
        let members = budgets.into_iter().map(|budget| Member::new(budget, stops_on_failure));
        let mut members: Vec<Member> = members.collect();
        #[cfg(operation_batches)]
        let mut kinds: HashMap<(usize, String), SharedDurations> = HashMap::new();
        let mut followers = vec![Vec::new(); entries.len()];
        for (job, entry) in entries.iter().enumerate() {
            for before in &entry.after {
                followers[*before].push(job);
            }
        }
        let left = entries.len();
        let jobs = entries.into_iter().zip(followers).enumerate().map(|(job, (entry, followers))| {
            #[cfg(operation_batches)]
            let entry = {
                let Entry { member, kind, mut work, age, .. } = entry;
                work.learn(kinds.entry((member, kind)).or_default().clone(), age);
                Entry { work, kind: String::new(), ..entry }
            };
            let Entry { label, member, work, after, past, .. } = entry;
            let (state, blockers) = (State::Waiting(work), after.len());
            let place = members[member].add(job);
            Job {
                label,
                member,
                place,
                state,
                blockers,
                followers,
                past,
                is_cancelled: false,
                #[cfg(errands)]
                has_returned: false,
                #[cfg(errands)]
                resource: None,
            }
        });
        Self {
            jobs: jobs.collect(),
            members,
            first: 0,
            stops_on_failure,
            timeout: None,
            deadline: None,
            began: None,
            stopped: None,
            unwritten: None,
            left,
            records: Vec::new(),
            concluded: VecDeque::new(),
        }
    }

    /// Limits the time of the whole batch.
    pub(crate) fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits how many requests of each client are in flight at a time.
    pub(crate) fn limit_in_flight(&mut self, most: usize) {
        for member in &mut self.members {
            member.most = most.max(1);
        }
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
            let mut next = self.expires();
            let mut is_changed = false;
            for offset in 0..self.members.len() {
                let member = (self.first + offset) % self.members.len();
                match self.next_of(member, now) {
                    Offer::Send(step) => {
                        self.first = (member + 1) % self.members.len();
                        return step;
                    }
                    Offer::Nothing(time) => next = next.into_iter().chain(time).min(),
                    Offer::Changed => is_changed = true,
                }
            }
            if is_changed {
                continue;
            }
            return match next {
                Some(time) => BatchStep::Wait(time - now),
                None => BatchStep::Response,
            };
        }
    }

    /// What a member wants to send now.
    fn next_of(&mut self, member: usize, now: Instant) -> Offer {
        let is_paused = self.members[member].is_paused(now);
        // An errand sends requests to the same service, which has asked for a pause.
        #[cfg(errands)]
        if let Some(job) = self.members[member].next_errand().filter(|_| !is_paused) {
            return self.set_out(job, now).map_or(Offer::Changed, Offer::Send);
        }
        if self.members[member].is_full(now) {
            return Offer::Nothing(self.members[member].next(now));
        }
        let Some(choice) = self.choose(member, now, is_paused) else {
            return Offer::Nothing(self.members[member].next(now));
        };
        match self.members[member].take_place(choice, now) {
            Err(time) => Offer::Nothing(Some(time)),
            Ok(pace) => match self.send(self.members[member].job(choice), pace, now) {
                Some(step) => Offer::Send(step),
                None => Offer::Changed,
            },
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
        let Job { state: State::Running(_, pace), member, .. } = &mut self.jobs[job] else { return };
        let (Some(pace), member) = (pace.take(), &mut self.members[*member]) else { return };
        member.in_flight -= 1;
        match &result {
            Ok(response) if response.status == 429 => {
                member.slow_down(pace, now, retry::retry_after(response, wall));
            }
            _ => member.answered(pace, now),
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

    /// Takes the news that the driver could not write down the events, so that it did not send the request of this job.
    pub(crate) fn not_sent(&mut self, job: usize, now: Now, error: Error) {
        let Job { state: State::Running(work, pace), member, .. } = &mut self.jobs[job] else { return };
        if let Some(pace) = pace.take() {
            pace.unused();
            self.members[*member].in_flight -= 1;
        }
        let error = work.identified(now, error);
        self.unwritten(&error);
        let why = why_unwritten(&error);
        self.end(job, Err(error));
        self.stop(&why);
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
                        self.ready(job);
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
                    self.over(job);
                    self.unblock(job);
                }
                Past::Failed => {
                    self.over(job);
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

    /// A job has nothing more to do.
    fn over(&mut self, job: usize) {
        self.forget(job);
        self.jobs[job].state = State::Over;
        self.left -= 1;
        self.members[self.jobs[job].member].left -= 1;
    }

    /// A job wants nothing any more.
    fn forget(&mut self, job: usize) {
        let Job { member, place, .. } = self.jobs[job];
        self.members[member].turns.forget(place);
    }

    /// A job is to be begun.
    fn ready(&mut self, job: usize) {
        let Job { member, place, .. } = self.jobs[job];
        let turns = &mut self.members[member].turns;
        #[cfg(errands)]
        if matches!(&self.jobs[job].state, State::Waiting(work) if work.has_errand()) {
            return turns.errand(place);
        }
        turns.ready(place);
    }

    /// Chooses the request of a member that gets the next place.
    fn choose(&mut self, member: usize, now: Instant, is_paused: bool) -> Option<Choice> {
        let by_policy = self.members[member].polls_by_policy();
        if by_policy {
            for job in self.members[member].polled() {
                if let State::Running(work, _) = &mut self.jobs[job].state {
                    work.reconsider(now, true);
                    self.mark(job);
                }
            }
        }
        loop {
            let choice = self.members[member].turns.choose(now, is_paused)?;
            let Choice::Poll { is_last, .. } = choice else { return Some(choice) };
            let job = self.members[member].job(choice);
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

    /// Asks a job for the request for which it has a place.
    fn send(&mut self, job: usize, pace: Pace, now: Instant) -> Option<BatchStep> {
        let mut work = match self.take(job) {
            State::Waiting(work) | State::Running(work, _) => work,
            other => {
                pace.unused();
                self.jobs[job].state = other;
                self.forget(job);
                return None;
            }
        };
        work.begin(now, self.deadline);
        match work.next(now) {
            Ask::Send { request, timeout, announces } => {
                if announces {
                    self.records.push(Record { job, event: JournalEvent::Submitting });
                }
                self.forget(job);
                self.jobs[job].state = State::Running(work, Some(pace));
                let member = self.jobs[job].member;
                self.members[member].sent(now);
                Some(BatchStep::Send { job, member, request, timeout })
            }
            #[cfg(errands)]
            Ask::Errand(errand) => {
                pace.unused();
                Some(self.away(job, work, errand))
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
        while let Some(job) = self.members.iter().find_map(|member| member.overdue(now)) {
            let State::Running(work, _) = &mut self.jobs[job].state else {
                self.forget(job);
                continue;
            };
            let conclusion = work.expire(now);
            self.conclude(job, conclusion);
        }
    }

    /// Continues a job that wants another request.
    fn go_on(&mut self, job: usize) {
        if self.stopped.is_some() {
            let submits = matches!(&self.jobs[job].state, State::Running(work, _) if !work.is_submitted());
            if submits {
                return self.skip(job, "the batch was stopped");
            }
        }
        self.mark(job);
    }

    /// Registers what a running job wants.
    fn mark(&mut self, job: usize) {
        let Job { state: State::Running(work, _), member, place, followers, .. } = &self.jobs[job] else {
            return;
        };
        let at = match work.wish() {
            Wish::At(time) => Some(time),
            Wish::Now => None,
            Wish::Nothing => return,
        };
        let (turns, place) = (&mut self.members[*member].turns, *place);
        if !work.is_submitted() {
            let deadline = work.limits().map(|(_, deadline)| deadline);
            if let Some(at) = at.or(self.began) {
                turns.retry(place, at, deadline);
            }
            return;
        }
        let Some((last, deadline)) = work.limits() else { return };
        let is_wanted = !followers.is_empty();
        turns.poll(place, turns::Poll { due: at, sure: work.sure_end(), last, deadline, is_wanted });
    }

    /// Ends a job whose end has to be written down.
    fn conclude(&mut self, job: usize, conclusion: Conclusion<T>) {
        self.records.extend(conclusion.event.map(|event| Record { job, event }));
        self.end(job, conclusion.outcome);
    }

    fn end(&mut self, job: usize, outcome: Result<T, Error>) {
        self.over(job);
        let is_good = outcome.is_ok();
        self.concluded.push_back((job, outcome));
        if is_good {
            self.unblock(job);
            return;
        }
        self.skip_followers(job, "did not succeed");
        if self.stops_on_failure && self.stopped.is_none() {
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
                self.ready(follower);
            }
        }
    }
}
