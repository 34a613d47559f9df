//! Batches in virtual time: what is sent when, what comes after what, what is written down.

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::engine::batch::{Batch, BatchStep, Entry, JournalEvent as Written, Past, Submitted};

/// What a simulated server makes of the calls of a batch.
struct Sim {
    budget: Arc<Budget>,
    /// How long each job's operation takes; those that fail.
    takes: Vec<Duration>,
    fails: Vec<usize>,
    after: Vec<Vec<usize>>,
    /// How long a request and its answer take.
    round_trip: Duration,
    /// How many requests may be in flight.
    lanes: usize,
    timeout: Duration,
    stops_on_failure: bool,
    kinds: usize,
    /// What the n-th request meets in place of an answer; of a submit, whether it was taken before.
    faults: HashMap<usize, (What, bool)>,
    past: Vec<(Past, Option<Duration>)>,
    /// For the whole batch.
    batch_timeout: Option<Duration>,
    /// When everything is cancelled, or one job.
    cancel: Option<(Duration, Option<usize>)>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Story {
    took: Duration,
    /// When each request arrived, in order.
    arrivals: Vec<Duration>,
    /// How often the server took the statement of each job.
    taken: Vec<u32>,
    polls: u32,
    /// In the order in which they came.
    concluded: Vec<(usize, Result<Completed, Error>)>,
    ended_at: BTreeMap<usize, Duration>,
    began_at: BTreeMap<usize, Duration>,
    written: Vec<(usize, Written)>,
}

impl Story {
    fn outcome(&self, job: usize) -> &Result<Completed, Error> {
        &self.concluded.iter().find(|(other, _)| *other == job).expect("no outcome").1
    }

    fn kind(&self, job: usize) -> Option<ErrorKind> {
        self.outcome(job).as_ref().err().map(Error::kind)
    }
}

impl Sim {
    fn new(takes: Vec<Duration>) -> Self {
        let jobs = takes.len();
        Self {
            budget: Arc::new(Budget::per_second(10)),
            takes,
            fails: Vec::new(),
            after: vec![Vec::new(); jobs],
            round_trip: Duration::from_millis(50),
            lanes: 1,
            timeout: 3600 * SECOND,
            stops_on_failure: false,
            kinds: 1,
            faults: HashMap::new(),
            past: vec![(Past::Todo, None); jobs],
            batch_timeout: None,
            cancel: None,
        }
    }

    fn entry(&self, job: usize) -> Entry<Completed> {
        let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        let too_many = TooMany::LeaveToBatch;
        let settings = Settings { timeout: self.timeout, retry, too_many, ..Settings::default() };
        let budget = Arc::new(Budget::unlimited());
        let context = Arc::new(CallContext::new(format!("JOB {job}"), settings, budget, Arc::new(Plain)));
        let (past, age) = self.past[job];
        let operation = if past == Past::Submitted {
            Operation::resume(context, Id::Request(job.to_string()), poll(&job.to_string()))
        } else {
            Operation::submit(
                context,
                Request::new(Method::Post, "http://h", format!("/{job}")),
                Effect::Changes,
                accept(),
            )
        };
        Entry {
            label: format!("JOB {job}"),
            member: 0,
            kind: format!("KIND {}", job % self.kinds),
            work: Box::new(Submitted::new(operation, |done| done)),
            after: self.after[job].clone(),
            past,
            age,
        }
    }

    fn run(&self) -> Story {
        let entries = (0..self.takes.len()).map(|job| self.entry(job)).collect();
        let batch = Batch::new(entries, vec![self.budget.clone()], self.stops_on_failure);
        let mut batch = batch.with_timeout(self.batch_timeout);
        let mut cancel = self.cancel;
        let start = Instant::now();
        let mut now = start;
        let mut story = Story { taken: vec![0; self.takes.len()], ..Story::default() };
        let mut ends: HashMap<usize, Instant> = HashMap::new();
        for (job, (past, age)) in self.past.iter().enumerate() {
            if *past == Past::Submitted {
                ends.insert(job, (start + self.takes[job]).checked_sub(age.unwrap_or_default()).unwrap());
            }
        }
        // What is on its way back: when, whose, what.
        let mut flying: Vec<(Instant, usize, Result<Response, SendError>)> = Vec::new();
        let mut wake = None;
        for _ in 0..1_000_000 {
            if let Some((_, job)) = cancel.take_if(|(at, _)| now >= start + *at) {
                cancel_at(&mut batch, &mut flying, now, job);
                wake = None;
            }
            let has_lane = flying.len() < self.lanes;
            let step =
                if has_lane && wake.is_none_or(|time| time <= now) { Some(batch.next(now)) } else { None };
            for record in batch.records() {
                story.written.push((record.job, record.event));
            }
            while let Some(concluded) = batch.concluded() {
                story.ended_at.insert(concluded.0, now - start);
                story.concluded.push(concluded);
            }
            match step {
                Some(BatchStep::Send { job, request, timeout, .. }) => {
                    assert!(timeout > Duration::ZERO);
                    wake = None;
                    let result = self.serve(&mut story, &mut ends, now, now - start, &request);
                    flying.push((now + self.round_trip, job, result));
                    continue;
                }
                Some(BatchStep::Wait(time)) => {
                    assert!(time > Duration::ZERO);
                    wake = Some(now + time);
                }
                Some(BatchStep::Response) => assert!(!flying.is_empty(), "waiting for no answer"),
                #[cfg(errands)]
                Some(BatchStep::Errand { .. }) => panic!("no call has an errand"),
                Some(BatchStep::Done) => {
                    assert!(flying.is_empty());
                    story.took = now - start;
                    return story;
                }
                None => {}
            }
            // The next thing that happens.
            let answer = flying.iter().enumerate().min_by_key(|(_, (time, ..))| *time).map(|(at, _)| at);
            let next = answer.map(|at| flying[at].0).into_iter().chain(wake).min();
            if let Some((at, _)) = cancel.filter(|(at, _)| next.is_none_or(|next| start + *at < next)) {
                now = now.max(start + at);
                continue;
            }
            match (answer, wake) {
                (Some(at), wake) if wake.is_none_or(|wake| flying[at].0 <= wake) => {
                    let (time, job, result) = flying.remove(at);
                    now = now.max(time);
                    batch.received(job, now, SystemTime::UNIX_EPOCH, result);
                    wake_up(&mut story, &mut batch);
                }
                (_, Some(time)) => now = now.max(time),
                (_, None) => panic!("nothing will ever happen"),
            }
            if wake.is_some_and(|time| time <= now) || answer.is_some() {
                wake = None;
            }
        }
        panic!("no end");
    }

    /// What the server, or the road to it, makes of a request that is sent now.
    fn serve(
        &self,
        story: &mut Story,
        ends: &mut HashMap<usize, Instant>,
        now: Instant,
        at: Duration,
        request: &Request,
    ) -> Result<Response, SendError> {
        let fault = self.faults.get(&story.arrivals.len());
        story.arrivals.push(at);
        let is_submit = request.method == Method::Post;
        let job: usize = request.path.trim_start_matches("/status/").trim_start_matches('/').parse().unwrap();
        let takes = fault.is_none_or(|(_, was_taken)| *was_taken);
        if is_submit && takes {
            story.taken[job] += 1;
            story.began_at.insert(job, at);
            ends.insert(job, now + self.takes[job]);
        }
        if !is_submit {
            story.polls += 1;
        }
        if let Some((what, _)) = fault {
            return what.result();
        }
        let body = if is_submit {
            format!("taken {job}")
        } else if now < ends[&job] {
            "pending PENDING".to_owned()
        } else if self.fails.contains(&job) {
            "failed".to_owned()
        } else {
            "done".to_owned()
        };
        Ok(Response::new(200, Headers::new(), body))
    }
}

/// Cancels the batch or a job, and aborts the requests in flight of what is cancelled.
fn cancel_at(
    batch: &mut Batch<Completed>,
    flying: &mut [(Instant, usize, Result<Response, SendError>)],
    now: Instant,
    job: Option<usize>,
) {
    let moment = Now { at: now, wall: SystemTime::UNIX_EPOCH };
    match job {
        Some(job) => batch.cancel(job, moment),
        None => batch.cancel_all(moment),
    }
    for (time, _, result) in flying.iter_mut().filter(|(_, of, _)| job.is_none_or(|job| job == *of)) {
        *time = now;
        *result = Err(SendError::new(SendErrorKind::Cancelled, true, "cancelled"));
    }
}

fn wake_up(story: &mut Story, batch: &mut Batch<Completed>) {
    for record in batch.records() {
        story.written.push((record.job, record.event));
    }
}

/// Durations from a range, the same ones each time.
fn durations(count: usize, least: f64, most: f64) -> Vec<Duration> {
    let mut state = 42u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| Duration::from_secs_f64(least + (most - least) * next())).collect()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Everything takes the same time.
fn steady(count: usize, seconds: u64) -> Sim {
    Sim::new(vec![secs(seconds); count])
}

#[test]
fn a_batch_takes_little_more_than_its_requests_and_its_longest_operation() {
    for count in [100, 1000] {
        let sim = Sim::new(durations(count, 5.0, 120.0));
        let story = sim.run();
        let requests = Duration::from_secs_f64(2.0 * count as f64 / 10.0);
        // In the order given, ten begin in a second.
        let ends = sim.takes.iter().enumerate().map(|(job, takes)| secs(job as u64 / 10) + *takes);
        let least = requests.max(ends.max().unwrap());
        assert!(story.took < least.mul_f64(1.05), "{count}: {:?}, at least {least:?}", story.took);
        assert!(story.concluded.iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(story.concluded.len(), count);
    }
}

#[test]
fn operations_of_a_known_kind_are_polled_late_and_seldom() {
    let mut sim = steady(300, 30);
    sim.budget = Arc::new(Budget::unlimited());
    sim.lanes = 8;
    // One after the other, so that the later ones know how long it takes.
    sim.after = (0..300).map(|job| if job < 20 { vec![] } else { vec![job - 20] }).collect();
    let story = sim.run();
    assert!(story.polls < 4 * 300, "{} polls", story.polls);
    let lag = |job: usize| story.ended_at[&job] - story.began_at[&job] - secs(30);
    assert!((200..300).all(|job| lag(job) < secs(6)), "{:?}", (200..300).map(lag).max());
}

#[test]
fn never_an_eleventh_request_in_a_second() {
    for (lanes, millis) in [(1, 50), (4, 300), (8, 5)] {
        let mut sim = Sim::new(durations(150, 1.0, 20.0));
        (sim.lanes, sim.round_trip) = (lanes, Duration::from_millis(millis));
        let story = sim.run();
        assert_eq!(story.concluded.len(), 150);
        for window in story.arrivals.windows(11) {
            assert!(window[10] - window[0] > SECOND, "{window:?}");
        }
    }
}

#[test]
fn a_call_goes_after_those_it_comes_after() {
    let mut sim = Sim::new(durations(60, 1.0, 30.0));
    sim.after = (0..60).map(|job| if job % 3 == 0 { vec![] } else { vec![job - 1, job - job % 3] }).collect();
    let story = sim.run();
    for (job, after) in sim.after.iter().enumerate() {
        for before in after {
            assert!(story.began_at[&job] >= story.ended_at[before], "{job} began before {before} ended");
        }
    }
    assert_eq!(story.concluded.len(), 60);
}

#[test]
fn what_comes_after_a_failure_is_skipped_and_the_rest_goes_on() {
    let mut sim = steady(5, 3);
    sim.fails = vec![1];
    sim.after = vec![vec![], vec![0], vec![1], vec![2, 0], vec![]];
    let story = sim.run();
    assert_eq!(story.kind(1), Some(ErrorKind::OperationFailed));
    assert_eq!((story.kind(2), story.kind(3)), (Some(ErrorKind::Skipped), Some(ErrorKind::Skipped)));
    assert_eq!((story.kind(0), story.kind(4)), (None, None));
    assert_eq!(story.taken, [1, 1, 0, 0, 1]);
    let text = story.outcome(2).as_ref().unwrap_err().to_string();
    assert!(text.contains("JOB 2") && text.contains("JOB 1") && text.contains("did not succeed"), "{text}");
}

#[test]
fn it_stops_submitting_at_the_first_failure_if_told_so() {
    let mut sim = steady(200, 3);
    sim.fails = vec![0];
    sim.stops_on_failure = true;
    let story = sim.run();
    assert_eq!(story.concluded.len(), 200);
    let submitted = story.taken.iter().sum::<u32>();
    assert!(submitted < 100, "{submitted} submitted");
    for job in 0..200 {
        match story.kind(job) {
            None => assert_eq!(story.taken[job], 1),
            Some(ErrorKind::OperationFailed) => assert_eq!(job, 0),
            Some(kind) => assert_eq!((kind, story.taken[job]), (ErrorKind::Skipped, 0)),
        }
    }
}

#[test]
fn the_time_of_a_call_begins_with_its_submit() {
    let mut sim = steady(100, 5);
    sim.takes[7] = secs(1000);
    sim.timeout = secs(20);
    let story = sim.run();
    for job in 0..100 {
        assert_eq!(story.kind(job), (job == 7).then_some(ErrorKind::OperationTimeout), "{job}");
    }
    let error = story.outcome(7).as_ref().unwrap_err();
    assert_eq!(error.request_id(), Some("7"));
    assert!(error.is_resumable());
    // Not over for the journal: it can be resumed.
    assert!(!story.written.iter().any(|(job, event)| *job == 7 && matches!(event, Written::Failed { .. })));
}

#[test]
fn everything_waits_when_the_server_has_had_too_many() {
    let mut sim = steady(20, 1);
    sim.faults.insert(3, (What::Answer(429, vec![("Retry-After", "5".into())], ""), false));
    let story = sim.run();
    assert!(story.concluded.iter().all(|(_, outcome)| outcome.is_ok()));
    assert!(story.arrivals[4] - story.arrivals[3] >= secs(5), "{:?}", &story.arrivals[..6]);
    assert!(story.taken.iter().all(|taken| *taken == 1));
}

#[test]
fn what_is_known_from_before_is_not_done_again() {
    let mut sim = steady(8, 10);
    sim.past[0] = (Past::Done, None);
    sim.past[1] = (Past::Submitted, Some(secs(4)));
    sim.past[2] = (Past::Submitted, None);
    sim.past[3] = (Past::Failed, None);
    sim.past[4] = (Past::Unknown, None);
    sim.after = vec![vec![], vec![], vec![], vec![], vec![], vec![0, 1], vec![3], vec![4]];
    let story = sim.run();
    assert_eq!(story.taken, [0, 0, 0, 0, 0, 1, 0, 0]);
    let told: Vec<usize> = story.ended_at.keys().copied().collect();
    assert_eq!(told, [1, 2, 4, 5, 6, 7], "what was finished before is not told again");
    assert_eq!((story.kind(1), story.kind(2), story.kind(5)), (None, None, None));
    assert_eq!(story.kind(4), Some(ErrorKind::OutcomeUnknown));
    assert_eq!((story.kind(6), story.kind(7)), (Some(ErrorKind::Skipped), Some(ErrorKind::Skipped)));
}

#[test]
fn an_unknown_outcome_from_before_stops_the_rest_and_leaves_what_is_finished() {
    let mut sim = steady(6, 10);
    sim.stops_on_failure = true;
    sim.past[1] = (Past::Unknown, None);
    sim.past[2] = (Past::Done, None);
    sim.past[3] = (Past::Submitted, Some(secs(4)));
    sim.past[4] = (Past::Failed, None);
    let story = sim.run();
    assert_eq!(story.taken, [0; 6]);
    let ended: Vec<usize> = story.ended_at.keys().copied().collect();
    assert_eq!(ended, [0, 1, 3, 5]);
    assert_eq!((story.kind(0), story.kind(5)), (Some(ErrorKind::Skipped), Some(ErrorKind::Skipped)));
    assert_eq!((story.kind(1), story.kind(3)), (Some(ErrorKind::OutcomeUnknown), None));
}

#[test]
fn a_chain_of_100_000_calls_is_skipped_stopped_and_cancelled_on_a_small_stack() {
    const JOBS: usize = 100_000;
    let play = |change: fn(&mut Sim)| {
        let mut sim = steady(JOBS, 1);
        sim.after = (0..JOBS).map(|job| job.checked_sub(1).into_iter().collect()).collect();
        change(&mut sim);
        let story = sim.run();
        assert_eq!(story.concluded.len(), JOBS);
        let skipped = (1..JOBS).rev().step_by(997).all(|job| story.kind(job) == Some(ErrorKind::Skipped));
        assert!(skipped && story.taken[1..].iter().all(|taken| *taken == 0));
        story
    };
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let played = small.spawn(move || {
        let failed = play(|sim| sim.fails = vec![0]);
        assert_eq!(failed.kind(0), Some(ErrorKind::OperationFailed));
        let why = failed.concluded.iter().find(|(job, _)| *job == JOBS - 1).unwrap().1.as_ref().unwrap_err();
        let expected = format!("not submitted: it depends on JOB {}, which was not submitted", JOBS - 2);
        assert!(why.to_string().contains(&expected), "{why}");
        let stopped = play(|sim| (sim.fails, sim.stops_on_failure) = (vec![0], true));
        assert_eq!(stopped.kind(0), Some(ErrorKind::OperationFailed));
        let known = play(|sim| sim.past[0] = (Past::Unknown, None));
        assert_eq!(known.kind(0), Some(ErrorKind::OutcomeUnknown));
        let cancelled = play(|sim| sim.cancel = Some((Duration::from_millis(10), None)));
        assert_eq!(cancelled.kind(0), Some(ErrorKind::OutcomeUnknown));
    });
    played.unwrap().join().unwrap();
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_batch_before_anything_is_sent() {
    let sim = steady(3, 1);
    let entries = (0..3).map(|job| sim.entry(job)).collect();
    let mut batch = Batch::new(entries, vec![sim.budget.clone()], false);
    let now = Instant::now();
    let BatchStep::Send { job, .. } = batch.next(now) else { panic!("nothing to send") };
    assert_eq!(batch.records(), [crate::engine::batch::Record { job, event: Written::Submitting }]);
    batch.not_sent(job, at(now), Error::new(ErrorKind::Journal, "writing", "the disk is full"));
    assert!(matches!(batch.next(now), BatchStep::Done));
    let errors: Vec<Error> =
        std::iter::from_fn(|| batch.concluded()).map(|(_, outcome)| outcome.unwrap_err()).collect();
    let kinds: Vec<ErrorKind> = errors.iter().map(Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Journal, ErrorKind::Skipped, ErrorKind::Skipped]);
    for skipped in &errors[1..] {
        assert!(skipped.to_string().ends_with("not submitted: writing: the disk is full"), "{skipped}");
        let source = std::error::Error::source(skipped).and_then(|source| source.downcast_ref::<Error>());
        assert_eq!(source.map(Error::kind), Some(ErrorKind::Journal));
    }
}

#[test]
fn a_cancelled_batch_has_an_outcome_for_each_call_and_can_be_continued() {
    let mut sim = steady(60, 30);
    sim.after[59] = vec![0];
    (sim.lanes, sim.cancel) = (4, Some((Duration::from_millis(2130), None)));
    let story = sim.run();
    assert_eq!((story.concluded.len(), story.took), (60, Duration::from_millis(2130)));
    let mut kinds: HashMap<ErrorKind, u32> = HashMap::new();
    for job in 0..60 {
        check_written(&story, job);
        let error = story.outcome(job).as_ref().unwrap_err();
        *kinds.entry(error.kind()).or_default() += 1;
        match error.kind() {
            // Its submit was in flight.
            ErrorKind::OutcomeUnknown => assert_eq!((story.taken[job], error.request_id()), (1, None)),
            ErrorKind::Cancelled => {
                assert_eq!((story.taken[job], error.request_id()), (1, Some(job.to_string().as_str())));
                assert!(error.is_resumable() && !error.is_retryable(), "{error}");
            }
            kind => assert_eq!((kind, story.taken[job]), (ErrorKind::Skipped, 0)),
        }
    }
    for kind in [ErrorKind::OutcomeUnknown, ErrorKind::Cancelled, ErrorKind::Skipped] {
        assert!(kinds.contains_key(&kind), "{kinds:?}");
    }
    let text = story.outcome(58).as_ref().unwrap_err().to_string();
    assert!(text.contains("the batch was cancelled"), "{text}");
}

#[test]
fn a_cancelled_call_ends_alone_with_what_comes_after_it() {
    for (at, kind) in
        [(0, ErrorKind::Cancelled), (20, ErrorKind::OutcomeUnknown), (5000, ErrorKind::Cancelled)]
    {
        let mut sim = steady(4, 10);
        sim.after[3] = vec![0];
        sim.cancel = Some((Duration::from_millis(at), Some(0)));
        let story = sim.run();
        assert_eq!(story.kind(0), Some(kind), "{at}");
        assert_eq!(story.outcome(0).as_ref().unwrap_err().request_id().is_some(), at == 5000);
        assert_eq!((story.kind(1), story.kind(2), story.kind(3)), (None, None, Some(ErrorKind::Skipped)));
        (0..4).for_each(|job| check_written(&story, job));
    }
}

#[test]
fn the_time_of_a_batch_covers_all_of_it() {
    let mut sim = steady(100, 4);
    sim.batch_timeout = Some(secs(8));
    sim.after = (0..100).map(|job| if job < 50 { vec![] } else { vec![job - 50] }).collect();
    let story = sim.run();
    assert!(story.took <= secs(8), "{:?}", story.took);
    let mut kinds: HashMap<Option<ErrorKind>, u32> = HashMap::new();
    for job in 0..100 {
        check_written(&story, job);
        let kind = story.kind(job);
        *kinds.entry(kind).or_default() += 1;
        assert!(matches!(kind, None | Some(ErrorKind::OperationTimeout | ErrorKind::Skipped)), "{kind:?}");
        if kind == Some(ErrorKind::OperationTimeout) {
            assert_eq!(story.outcome(job).as_ref().unwrap_err().request_id(), Some(job.to_string().as_str()));
        }
    }
    assert_eq!(kinds.len(), 3, "{kinds:?}");
}

/// Whatever happened to a job is written in an order that makes sense, and ends with what it came to.
fn check_written(story: &Story, job: usize) {
    use Written::*;
    let mut last: Option<&Written> = None;
    for (_, event) in story.written.iter().filter(|(other, _)| *other == job) {
        let makes_sense = matches!(
            (last, event),
            (None | Some(NotTaken), Submitting)
                | (Some(Submitting), Submitted { .. } | NotTaken | Unknown { .. })
                | (Some(Submitted { .. }), Done { .. } | Failed { .. })
        );
        assert!(makes_sense, "{job}: {event:?} after {last:?}");
        last = Some(event);
    }
    match (story.outcome(job), last) {
        (Ok(_), Some(Done { .. })) => {}
        (Err(error), last) => match (error.kind(), last) {
            (ErrorKind::OperationFailed, Some(Failed { .. })) => {}
            (ErrorKind::OutcomeUnknown, Some(Unknown { .. })) => {}
            (_, Some(Submitted { .. })) => assert!(error.request_id().is_some(), "{error}"),
            (_, None | Some(NotTaken)) => assert!(error.request_id().is_none(), "{error}"),
            (kind, last) => panic!("{job}: {kind:?} after {last:?}"),
        },
        (outcome, last) => panic!("{job}: {outcome:?} after {last:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    /// Whatever the server and the network do: each call comes to one end, no statement is taken twice, what
    /// was taken is known or is said to be unknown, and the budget holds.
    #[test]
    fn the_promises_hold_for_batches(
        takes in prop::collection::vec(0u64..40_000, 1..40),
        links in prop::collection::vec((0usize..40, 0usize..40), 0..20),
        fails in prop::collection::vec(0usize..40, 0..5),
        faults in prop::collection::vec((0usize..120, any_what(), any::<bool>()), 0..25),
        lanes in 1usize..6,
        round_trip in 1u64..400,
        timeout in prop_oneof![Just(3_600_000u64), 0u64..30_000],
        stops_on_failure in any::<bool>(),
        kinds in 1usize..4,
        batch_timeout in prop::option::weighted(0.3, 0u64..60_000),
        cancel in prop::option::weighted(0.3, (0u64..40_000, prop::option::of(0usize..40))),
    ) {
        let mut sim = Sim::new(takes.iter().map(|millis| Duration::from_millis(*millis)).collect());
        let jobs = sim.takes.len();
        for (a, b) in links {
            let (before, after) = (a.min(b), a.max(b));
            if before != after && after < jobs && !sim.after[after].contains(&before) {
                sim.after[after].push(before);
            }
        }
        sim.fails = fails;
        sim.faults = faults
            .into_iter()
            // What proves that it was not taken, was not.
            .map(|(at, what, taken)| {
                let taken = taken && !what.proves_not_taken() && !matches!(what, What::Answer(429, ..));
                (at, (what, taken))
            })
            // An answer of its own would be that of another job.
            .filter(|(_, (what, _))| !matches!(what, What::Answer(200..=299, ..)))
            .collect();
        (sim.lanes, sim.round_trip) = (lanes, Duration::from_millis(round_trip));
        (sim.timeout, sim.stops_on_failure, sim.kinds) = (Duration::from_millis(timeout), stops_on_failure, kinds);
        sim.batch_timeout = batch_timeout.map(Duration::from_millis);
        sim.cancel = cancel
            .filter(|(_, job)| job.is_none_or(|job| job < jobs))
            .map(|(at, job)| (Duration::from_millis(at), job));
        let story = sim.run();

        if let Some(limit) = sim.batch_timeout {
            // The simulated network takes its time whatever the limit of a request is.
            prop_assert!(story.took <= limit + sim.round_trip, "{:?}", story.took);
        }
        prop_assert_eq!(story.concluded.len(), jobs);
        prop_assert_eq!(story.ended_at.len(), jobs);
        for job in 0..jobs {
            prop_assert!(story.taken[job] <= 1, "{} was taken {} times", job, story.taken[job]);
            check_written(&story, job);
            let kind = story.kind(job);
            if story.taken[job] == 1 {
                let known = story.outcome(job).as_ref().map_or_else(|e| e.request_id().is_some(), |_| true);
                prop_assert!(known || kind == Some(ErrorKind::OutcomeUnknown), "{} is lost: {:?}", job, kind);
            }
            for before in &sim.after[job] {
                let begins_after = story.began_at.get(&job).is_none_or(|at| *at >= story.ended_at[before]);
                prop_assert!(begins_after && (kind.is_some() || story.kind(*before).is_none()));
            }
        }
        for window in story.arrivals.windows(11) {
            prop_assert!(window[10] - window[0] >= SECOND, "{window:?}");
        }
    }
}
