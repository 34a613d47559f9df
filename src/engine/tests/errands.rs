//! Calls that begin with an errand, in virtual time: when it begins, what ends it, and what is written down.

use std::any::Any;
use std::collections::BTreeMap;

use super::*;
use crate::engine::batch::{
    Batch, BatchStep, Entry, Errand, ErrandFirst, JournalEvent, Latest, Past, Reports, Returned, Task,
};
use crate::http::Interrupt;

const MINUTE: Duration = Duration::from_secs(60);

/// The kind of a job.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A request that changes something, after an errand that takes so long.
    Errand(Duration),
    /// The same, whose errand fails.
    Fails,
    /// A request that changes something.
    Plain,
    /// One that is rejected.
    Rejected,
}

/// A batch of such jobs.
struct Sim {
    kinds: Vec<Kind>,
    after: BTreeMap<usize, usize>,
    budget: Arc<Budget>,
    /// The time limit of errand and request together.
    timeout: Option<Duration>,
    batch_timeout: Option<Duration>,
    stops_on_failure: bool,
    in_flight: usize,
    cancel: Option<Duration>,
    /// The duration of a request.
    request: Duration,
    /// The time limit of a request, from when it is sent.
    request_timeout: Duration,
    /// The first request is answered with 429 and this `Retry-After`, in seconds.
    pause: Option<&'static str>,
}

#[derive(Default)]
struct Story {
    /// When each errand began, and of which job.
    begun: Vec<(Duration, usize)>,
    most_at_a_time: usize,
    sent: Vec<(Duration, usize)>,
    written: Vec<(Duration, usize, JournalEvent)>,
    ends: BTreeMap<usize, (Duration, Result<String, Error>)>,
}

impl Story {
    fn error(&self, job: usize) -> &Error {
        self.ends[&job].1.as_ref().unwrap_err()
    }

    fn events(&self, job: usize) -> Vec<&'static str> {
        self.written.iter().filter(|(_, of, _)| *of == job).map(|(.., event)| event.name()).collect()
    }
}

fn change(label: &str, path: &str, timeout: Duration) -> Task<String> {
    let (reports, latest) = (Reports::default(), Latest::default());
    let settings =
        Settings { timeout, too_many: TooMany::LeaveToBatch, latest: latest.clone(), ..Settings::default() };
    let budget = Arc::new(Budget::unlimited());
    let context =
        CallContext::new(label, settings, budget, Arc::new(Plain)).with_observer(Observer::default());
    let request = Request::new(Method::Post, "http://h", path);
    let exchange = Exchange::new(Arc::new(context), request, Effect::Changes);
    let made = path.starts_with("/of-the-errand").then(|| label.to_owned());
    let machine = exchange.map(move |outcome| match (outcome, made) {
        (Err(error), Some(made)) => Err(error.with_resource(made)),
        (outcome, _) => outcome.map(|response| text(&response)),
    });
    Task::new(label, Box::new(machine), Effect::Changes, timeout, latest, reports)
}

impl Sim {
    fn new(kinds: &[Kind]) -> Self {
        Self {
            kinds: kinds.to_vec(),
            after: BTreeMap::new(),
            budget: Arc::new(Budget::unlimited()),
            timeout: None,
            batch_timeout: None,
            stops_on_failure: false,
            in_flight: usize::MAX,
            cancel: None,
            request: Duration::from_millis(100),
            request_timeout: MINUTE,
            pause: None,
        }
    }

    fn entry(&self, job: usize) -> Entry<String> {
        let (label, whole, alone) = (format!("JOB {job}"), self.timeout, self.request_timeout);
        let work: Box<dyn crate::engine::batch::Work<String>> = match self.kinds[job] {
            Kind::Plain => Box::new(change(&label, "/plain", MINUTE)),
            Kind::Rejected => Box::new(change(&label, "/rejected", MINUTE)),
            kind @ (Kind::Errand(_) | Kind::Fails) => {
                Box::new(ErrandFirst::new(label.clone(), kind, whole, move |id: String, spent: Duration| {
                    let left = whole.map_or(alone, |whole| whole.saturating_sub(spent));
                    Ok(Box::new(change(&label, &id, left)))
                }))
            }
        };
        let after = self.after.get(&job).copied().into_iter().collect();
        let label = format!("JOB {job}");
        Entry { label, member: 0, kind: String::new(), work, after, past: Past::Todo, age: None }
    }

    /// What comes of an errand, and when.
    fn carry_out(now: Instant, errand: Errand) -> (Instant, Interrupt, Returned) {
        let (kind, cancel, timeout) = errand.unpack::<Kind>().unwrap();
        let error = |kind, why: &str| Err(Error::new(kind, "the errand", why));
        let (time, returned): (Duration, Returned) = match kind {
            Kind::Errand(time) => (time, Ok(Box::new("/of-the-errand".to_owned()) as Box<dyn Any + Send>)),
            _ => (SECOND, error(ErrorKind::Io, "no such file")),
        };
        match timeout.filter(|timeout| *timeout < time) {
            Some(timeout) => (now + timeout, cancel, error(ErrorKind::OperationTimeout, "timed out")),
            None => (now + time, cancel, returned),
        }
    }

    fn run(&self) -> Story {
        let entries = (0..self.kinds.len()).map(|job| self.entry(job)).collect();
        let mut batch = Batch::new(entries, vec![self.budget.clone()], self.stops_on_failure)
            .with_timeout(self.batch_timeout);
        batch.limit_in_flight(self.in_flight);
        let start = Instant::now();
        let (mut now, mut story) = (start, Story::default());
        let (mut cancel, mut pause) = (self.cancel.map(|after| start + after), self.pause);
        let mut away: Vec<(usize, Instant, Interrupt, Returned)> = Vec::new();
        let mut flying: Vec<(usize, Instant, u16)> = Vec::new();
        for _ in 0..100_000 {
            if cancel.take_if(|at| *at <= now).is_some() {
                batch.cancel_all(at(now));
            }
            let step = batch.next(now);
            let records = batch.records();
            story.written.extend(records.into_iter().map(|record| (now - start, record.job, record.event)));
            while let Some((job, outcome)) = batch.concluded() {
                assert!(story.ends.insert(job, (now - start, outcome)).is_none(), "two outcomes");
            }
            let wake = match step {
                BatchStep::Errand { job, errand, .. } => {
                    story.begun.push((now - start, job));
                    let (time, cancel, returned) = Self::carry_out(now, errand);
                    away.push((job, time, cancel, returned));
                    story.most_at_a_time = story.most_at_a_time.max(away.len());
                    continue;
                }
                BatchStep::Send { job, request, .. } => {
                    story.sent.push((now - start, job));
                    let has_errand = matches!(self.kinds[job], Kind::Errand(_));
                    assert_eq!(request.path == "/of-the-errand", has_errand);
                    let status = match pause.take() {
                        Some(_) => 429,
                        None if request.path == "/rejected" => 400,
                        None => 200,
                    };
                    flying.push((job, now + self.request, status));
                    continue;
                }
                BatchStep::Wait(time) => Some(now + time),
                BatchStep::Response => None,
                BatchStep::Done => {
                    assert!(away.is_empty() && flying.is_empty(), "something goes on after the end");
                    return story;
                }
            };
            // One that is ended returns at once.
            for (_, time, cancel, returned) in &mut away {
                if cancel.is_tripped() {
                    *time = now;
                    *returned = Err(Error::new(ErrorKind::Cancelled, "the errand", "cancelled"));
                }
            }
            let times = away.iter().map(|(_, time, ..)| *time).chain(flying.iter().map(|(_, time, _)| *time));
            now = now.max(times.chain(wake).chain(cancel).min().expect("nothing happens"));
            while let Some(place) = away.iter().position(|(_, time, ..)| *time <= now) {
                let (job, _, _, returned) = away.swap_remove(place);
                batch.returned(job, at(now), returned);
            }
            while let Some(place) = flying.iter().position(|(_, time, _)| *time <= now) {
                let (job, _, status) = flying.swap_remove(place);
                let mut headers = Headers::new();
                if let Some(seconds) = self.pause.filter(|_| status == 429) {
                    headers.push("retry-after", seconds.as_bytes());
                }
                let response = Response::new(status, headers, "fine");
                batch.received(job, now, SystemTime::UNIX_EPOCH, Ok(response));
            }
        }
        panic!("no end");
    }
}

fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}

#[test]
fn what_follows_an_errand_is_announced_when_it_is_sent_and_not_before() {
    let story = Sim::new(&[Kind::Errand(10 * SECOND)]).run();
    assert_eq!((story.begun.len(), &*story.sent), (1, &[(10 * SECOND, 0)][..]));
    assert_eq!(story.events(0), ["submitting", "done"]);
    assert_eq!(story.written[0].0, 10 * SECOND);
    assert_eq!(story.ends[&0].1.as_ref().unwrap(), "fine");
}

#[test]
fn an_errand_needs_no_place_in_the_budget_and_delays_no_other_call() {
    let kinds = [Kind::Errand(30 * SECOND), Kind::Errand(30 * SECOND), Kind::Plain, Kind::Plain, Kind::Plain];
    let mut sim = Sim::new(&kinds);
    sim.budget = Arc::new(Budget::per_second(1));
    let story = sim.run();
    assert_eq!(story.begun, [(Duration::ZERO, 0), (Duration::ZERO, 1)]);
    assert!(story.sent[..3].iter().all(|(time, job)| *job >= 2 && *time < 5 * SECOND), "{:?}", story.sent);
    // Those that follow have places as all others.
    assert!(story.sent[4].0 >= story.sent[3].0 + SECOND, "{:?}", story.sent);
}

#[test]
fn few_errands_are_under_way_at_a_time() {
    for (in_flight, most) in [(usize::MAX, 4), (8, 4), (2, 2), (1, 1)] {
        let mut sim = Sim::new(&[Kind::Errand(SECOND); 9]);
        sim.in_flight = in_flight;
        let story = sim.run();
        assert_eq!(story.most_at_a_time, most);
        assert_eq!(story.begun.iter().map(|(_, job)| *job).collect::<Vec<_>>(), (0..9).collect::<Vec<_>>());
        assert!(story.ends.values().all(|(_, end)| end.is_ok()));
    }
}

#[test]
fn an_errand_begins_after_what_its_call_comes_after_and_its_failure_skips_what_comes_after_it() {
    let mut sim = Sim::new(&[Kind::Plain, Kind::Fails, Kind::Plain, Kind::Errand(SECOND)]);
    sim.after = BTreeMap::from([(1, 0), (2, 1), (3, 1)]);
    let story = sim.run();
    assert_eq!(story.begun, [(Duration::from_millis(100), 1)]);
    assert_eq!(story.error(1).kind(), ErrorKind::Io);
    for job in [2, 3] {
        assert_eq!(story.error(job).kind(), ErrorKind::Skipped);
    }
    // It may be done again.
    assert_eq!(story.events(1), [] as [&str; 0]);
}

#[test]
fn a_cancelled_batch_ends_its_errands_and_begins_no_others() {
    let mut sim = Sim::new(&[Kind::Errand(MINUTE); 6]);
    sim.cancel = Some(3 * SECOND);
    let story = sim.run();
    for job in 0..6 {
        let (time, _) = &story.ends[&job];
        let expected = if job < 4 { ErrorKind::Cancelled } else { ErrorKind::Skipped };
        assert_eq!((*time, story.error(job).kind()), (3 * SECOND, expected), "{job}");
    }
    assert!(story.written.is_empty() && story.sent.is_empty());
}

#[test]
fn a_batch_that_stops_ends_its_errands_at_once_and_says_why() {
    let mut sim = Sim::new(&[Kind::Errand(MINUTE), Kind::Rejected]);
    sim.stops_on_failure = true;
    let story = sim.run();
    assert_eq!(story.error(0).kind(), ErrorKind::Skipped);
    assert!(story.error(0).to_string().contains("JOB 1 failed"), "{}", story.error(0));
    assert_eq!(story.ends[&0].0, Duration::from_millis(100));
    let mut sim = Sim::new(&[Kind::Errand(MINUTE), Kind::Errand(MINUTE)]);
    sim.batch_timeout = Some(5 * SECOND);
    sim.in_flight = 1;
    let story = sim.run();
    for job in [0, 1] {
        assert_eq!((story.ends[&job].0, story.error(job).kind()), (5 * SECOND, ErrorKind::Skipped));
        assert!(story.error(job).to_string().contains("the batch timed out after 5"), "{}", story.error(job));
    }
    assert!(story.written.is_empty());
}

#[test]
fn one_time_limit_is_of_the_errand_and_of_what_follows() {
    let mut sim = Sim::new(&[Kind::Errand(8 * SECOND), Kind::Errand(20 * SECOND)]);
    sim.timeout = Some(10 * SECOND);
    let story = sim.run();
    assert!(story.ends[&0].1.is_ok());
    assert_eq!((story.ends[&1].0, story.error(1).kind()), (10 * SECOND, ErrorKind::OperationTimeout));
    // Without one, the time of the request begins after the errand.
    let story = Sim::new(&[Kind::Errand(3600 * SECOND)]).run();
    assert!(story.ends[&0].1.is_ok());
}

#[test]
fn the_time_of_what_follows_begins_when_it_is_sent() {
    // The last request is sent 24 s after its errand has returned.
    let mut sim = Sim::new(&[Kind::Errand(SECOND); 6]);
    (sim.in_flight, sim.request, sim.request_timeout) = (1, 8 * SECOND, 10 * SECOND);
    let story = sim.run();
    assert!(story.ends.values().all(|(_, end)| end.is_ok()), "{:?}", story.ends);
}

#[test]
fn no_errand_begins_long_before_its_call_goes_on() {
    let mut sim = Sim::new(&[Kind::Errand(SECOND); 12]);
    sim.budget = Arc::new(Budget::per_second(1));
    let story = sim.run();
    for (begun, job) in &story.begun {
        let sent = story.sent.iter().filter(|(time, _)| time <= begun).count();
        assert!(*job < sent + 4, "{job} begins at {begun:?}, when {sent} requests were sent");
    }
    assert_eq!(story.ends.len(), 12);
}

#[test]
fn no_errand_begins_while_the_server_wants_a_pause() {
    // The first is rejected, and the second accepted after that.
    let mut sim = Sim::new(&[Kind::Plain, Kind::Plain, Kind::Errand(SECOND)]);
    sim.after = BTreeMap::from([(2, 1)]);
    sim.pause = Some("30");
    let story = sim.run();
    assert!(story.ends[&1].0 < SECOND && story.begun[0].0 > 30 * SECOND, "{:?}", story.begun);
    assert!(story.ends.values().all(|(_, end)| end.is_ok()), "{:?}", story.ends);
}

#[test]
fn a_call_that_is_skipped_says_what_its_errand_has_made() {
    let mut sim = Sim::new(&[Kind::Errand(SECOND), Kind::Errand(SECOND), Kind::Rejected]);
    (sim.in_flight, sim.request, sim.stops_on_failure) = (1, 8 * SECOND, true);
    let story = sim.run();
    assert_eq!(story.begun, [(Duration::ZERO, 0)]);
    for (job, made) in [(0, Some("JOB 0")), (1, None)] {
        assert_eq!((story.error(job).kind(), story.error(job).resource()), (ErrorKind::Skipped, made));
    }
    assert!(story.written.iter().all(|(_, job, _)| *job == 2), "{:?}", story.written);
}
