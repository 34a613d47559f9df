//! Machines that are not operations, in batches: what is sent, what is written down, and what is true of it
//! whatever happens.

use std::collections::BTreeMap;

use super::*;
use crate::engine::batch::{Batch, BatchStep, Entry, JournalEvent, Latest, Past, Reports, Task};
use crate::engine::sequence::then;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Reads something.
    Read,
    /// Changes something.
    Change,
    /// Reads something, then changes something.
    ReadAndChange,
    /// Changes two things, one after the other.
    TwoChanges,
    /// Starts something and waits for its end.
    StartAndWait,
    /// Waits for the end of something that exists.
    Wait,
    /// Waits for something that an earlier run has started.
    Resumed,
}

const KINDS: [Kind; 7] = [
    Kind::Read,
    Kind::Change,
    Kind::ReadAndChange,
    Kind::TwoChanges,
    Kind::StartAndWait,
    Kind::Wait,
    Kind::Resumed,
];

impl Kind {
    fn effect(self) -> Effect {
        match self {
            Self::Read | Self::Wait | Self::Resumed => Effect::Repeatable,
            _ => Effect::Changes,
        }
    }
}

fn request(method: Method, path: &str) -> Request {
    Request::new(method, "http://h", path)
}

fn exchange(context: &Arc<CallContext>, method: Method, path: &str) -> impl Machine<Output = String> + use<> {
    let effect = if method == Method::Get { Effect::Repeatable } else { Effect::Changes };
    Exchange::new(context.clone(), request(method, path), effect)
        .map(|outcome| outcome.map(|response| text(&response)))
}

fn machine(kind: Kind, context: Arc<CallContext>) -> BoxMachine<String> {
    let first = |method| exchange(&context, method, "/1");
    let again = context.clone();
    let second = move |_| Ok(Box::new(exchange(&again, Method::Post, "/2")) as BoxMachine<String>);
    let id = |outcome: Result<Completed, Error>| outcome.map(|done| done.id);
    match kind {
        Kind::Read => Box::new(first(Method::Get)),
        Kind::Change => Box::new(first(Method::Post)),
        Kind::ReadAndChange => Box::new(then(context.clone(), first(Method::Get), second)),
        Kind::TwoChanges => Box::new(then(context.clone(), first(Method::Post), second)),
        Kind::StartAndWait => {
            let submit = request(Method::Post, "/1");
            Box::new(Operation::submit(context, submit, Effect::Changes, accept()).map(id))
        }
        Kind::Wait | Kind::Resumed => {
            Box::new(Operation::resume(context, Id::Request("id-1".into()), poll("id-1")).map(id))
        }
    }
}

/// A batch of calls of these kinds, and a server that answers by a script.
struct Sim {
    kinds: Vec<Kind>,
    budget: Arc<Budget>,
    timeout: Duration,
    batch_timeout: Option<Duration>,
    after: Vec<usize>,
    script: Vec<Incident>,
    /// When everything is cancelled.
    cancel: Option<Duration>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Story {
    written: Vec<(usize, JournalEvent)>,
    /// When each request was sent, of which job, with what limit, whether it changes something, and what it
    /// met.
    sent: Vec<(Duration, usize, Duration, bool, Option<What>)>,
    outcomes: BTreeMap<usize, Result<String, Error>>,
    took: Duration,
}

impl Story {
    fn events(&self) -> Vec<String> {
        let name = |event: &JournalEvent| match event {
            JournalEvent::Submitting => "submitting".to_owned(),
            JournalEvent::Submitted { request_id } => format!("submitted {request_id}"),
            JournalEvent::NotTaken => "not taken".to_owned(),
            JournalEvent::Unknown { .. } => "unknown".to_owned(),
            JournalEvent::Done { .. } => "done".to_owned(),
            JournalEvent::Failed { .. } => "failed".to_owned(),
            event => format!("{event:?}"),
        };
        self.written.iter().map(|(_, event)| name(event)).collect()
    }

    fn kind(&self) -> Option<ErrorKind> {
        self.outcomes[&0].as_ref().err().map(Error::kind)
    }
}

impl Sim {
    fn new(kinds: &[Kind], script: Vec<Incident>) -> Self {
        Self {
            kinds: kinds.to_vec(),
            budget: Arc::new(Budget::unlimited()),
            timeout: 60 * SECOND,
            batch_timeout: None,
            after: Vec::new(),
            script,
            cancel: None,
        }
    }

    fn entry(&self, job: usize) -> Entry<String> {
        let (reports, latest) = (Reports::default(), Latest::default());
        let settings = Settings {
            timeout: self.timeout,
            too_many: TooMany::LeaveToBatch,
            latest: latest.clone(),
            retry: RetryPolicy { jitter: 0.0, ..RetryPolicy::default() },
            ..Settings::default()
        };
        let budget = Arc::new(Budget::unlimited());
        let context = CallContext::new(format!("JOB {job}"), settings, budget, Arc::new(Plain));
        let context = Arc::new(context.with_observer(reports.observer(Observer::default())));
        let kind = self.kinds[job];
        let task = Task::new("JOB", machine(kind, context), kind.effect(), self.timeout, latest, reports);
        let (work, past) = match kind {
            Kind::Resumed => (task.resumed(), Past::Submitted),
            _ => (task, Past::Todo),
        };
        let after = self.after.get(job).copied().into_iter().filter(|before| *before < job).collect();
        Entry {
            label: format!("JOB {job}"),
            member: 0,
            kind: String::new(),
            work: Box::new(work),
            after,
            past,
            age: None,
        }
    }

    fn run(&self) -> Story {
        let entries = (0..self.kinds.len()).map(|job| self.entry(job)).collect();
        let mut batch =
            Batch::new(entries, vec![self.budget.clone()], false).with_timeout(self.batch_timeout);
        let start = Instant::now();
        let mut now = start;
        let mut story = Story::default();
        let mut cancel = self.cancel.map(|after| start + after);
        let mut script = self.script.iter();
        let mut incident = script.next().unwrap();
        // One request in flight at a time: when its result comes, whose it is, and which.
        let mut flying: Option<(Instant, usize, Result<Response, SendError>)> = None;
        for _ in 0..100_000 {
            if let Some(at) = cancel.take_if(|at| *at <= now) {
                batch.cancel_all(self::at(at));
                if let Some((time, _, result)) = &mut flying {
                    *time = now;
                    *result = Err(SendError::new(SendErrorKind::Cancelled, true, "cancelled"));
                }
            }
            if let Some((time, job, result)) = flying.take() {
                if time > now && cancel.is_some_and(|at| at < time) {
                    flying = Some((time, job, result));
                    now = cancel.unwrap();
                    continue;
                }
                now = now.max(time);
                batch.received(job, now, SystemTime::UNIX_EPOCH, result);
                story.take(&mut batch);
                continue;
            }
            let step = batch.next(now);
            story.take(&mut batch);
            match step {
                BatchStep::Send { job, request, timeout: limit, .. } => {
                    assert!(limit > Duration::ZERO, "a request without time");
                    let what = if incident.after <= limit {
                        incident.what.clone()
                    } else {
                        What::Sent(SendErrorKind::Timeout)
                    };
                    let changes = request.method == Method::Post;
                    let result = what.result();
                    story.sent.push((now - start, job, limit, changes, Some(what)));
                    flying = Some((now + incident.after.min(limit), job, result));
                    incident = script.next().unwrap_or(incident);
                }
                BatchStep::Wait(time) => {
                    assert!(time > Duration::ZERO, "waiting for nothing");
                    now = cancel.map_or(now + time, |at| at.min(now + time));
                }
                BatchStep::Response => panic!("waiting for no response"),
                #[cfg(errands)]
                BatchStep::Errand { .. } => panic!("no call has an errand"),
                BatchStep::Done => {
                    story.took = now - start;
                    assert_eq!(story.outcomes.len(), self.kinds.len());
                    return story;
                }
            }
        }
        panic!("no end");
    }
}

impl Story {
    fn take(&mut self, batch: &mut Batch<String>) {
        self.written.extend(batch.records().into_iter().map(|record| (record.job, record.event)));
        while let Some((job, outcome)) = batch.concluded() {
            assert!(self.outcomes.insert(job, outcome).is_none(), "two outcomes");
        }
    }
}

#[test]
fn a_429_that_arrives_at_once_is_not_answered_with_another_request_at_once() {
    let script = [What::text("fine"), What::status(429)].map(|what| Incident { after: Duration::ZERO, what });
    let sim = Sim { timeout: SECOND, ..Sim::new(&[Kind::TwoChanges, Kind::Read], script.to_vec()) };
    let story = sim.run();
    check(&sim, &story, "429");
    assert!(story.sent.len() < 200, "{} requests in a second", story.sent.len());
}

#[test]
fn what_is_written_down_follows_from_the_responses() {
    use Kind::{Change, Read, ReadAndChange, Resumed, StartAndWait, TwoChanges, Wait};
    let ok = || What::text("fine");
    let status = What::status;
    let lost = || What::Sent(SendErrorKind::Closed);
    let unsent = || What::Unsent(SendErrorKind::Connect);
    let (done, failed) = (|| What::text("done"), || What::text("failed"));
    let announced = ["submitting", "submitted id-1"];
    type Case<'a> = (Kind, Vec<What>, Vec<&'a str>, Option<ErrorKind>);
    let cases: Vec<Case<'_>> = vec![
        (Read, vec![ok()], vec!["done"], None),
        (Read, vec![status(503), ok()], vec!["done"], None),
        (Read, vec![lost(), ok()], vec!["done"], None),
        (Read, vec![status(404)], vec![], Some(ErrorKind::NotFound)),
        (Change, vec![ok()], vec!["submitting", "done"], None),
        (Change, vec![status(400)], vec!["submitting", "not taken"], Some(ErrorKind::Rejected)),
        (Change, vec![status(503)], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (Change, vec![status(408)], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (Change, vec![lost()], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (Change, vec![unsent(), ok()], vec!["submitting", "not taken", "submitting", "done"], None),
        (Change, vec![status(429), ok()], vec!["submitting", "not taken", "submitting", "done"], None),
        (ReadAndChange, vec![ok(), ok()], vec!["submitting", "done"], None),
        (ReadAndChange, vec![lost(), ok(), ok()], vec!["submitting", "done"], None),
        (ReadAndChange, vec![status(403)], vec![], Some(ErrorKind::PermissionDenied)),
        (ReadAndChange, vec![ok(), lost()], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (TwoChanges, vec![ok(), ok()], vec!["submitting", "done"], None),
        (TwoChanges, vec![status(400)], vec!["submitting", "not taken"], Some(ErrorKind::Rejected)),
        // The first has changed something: the call is not to be sent again.
        (TwoChanges, vec![ok(), status(400)], vec!["submitting", "unknown"], Some(ErrorKind::Rejected)),
        (TwoChanges, vec![ok(), status(429), ok()], vec!["submitting", "done"], None),
        (TwoChanges, vec![ok(), lost()], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (StartAndWait, vec![taken(), pending(), done()], [&announced[..], &["done"]].concat(), None),
        (
            StartAndWait,
            vec![taken(), lost(), status(429), done()],
            [&announced[..], &["done"]].concat(),
            None,
        ),
        (
            StartAndWait,
            vec![taken(), failed()],
            [&announced[..], &["failed"]].concat(),
            Some(ErrorKind::OperationFailed),
        ),
        (StartAndWait, vec![taken(), status(403)], announced.to_vec(), Some(ErrorKind::PermissionDenied)),
        (StartAndWait, vec![taken(), pending()], announced.to_vec(), Some(ErrorKind::OperationTimeout)),
        (StartAndWait, vec![status(400)], vec!["submitting", "not taken"], Some(ErrorKind::Rejected)),
        // A success without an id.
        (StartAndWait, vec![ok()], vec!["submitting", "unknown"], Some(ErrorKind::OutcomeUnknown)),
        (Wait, vec![pending(), status(503), done()], vec!["done"], None),
        (Wait, vec![pending(), failed()], vec!["failed"], Some(ErrorKind::OperationFailed)),
        (Wait, vec![pending()], vec![], Some(ErrorKind::OperationTimeout)),
        (Resumed, vec![lost(), pending(), done()], vec!["done"], None),
        (Resumed, vec![pending()], vec![], Some(ErrorKind::OperationTimeout)),
    ];
    for (kind, whats, written, error) in cases {
        let case = format!("{kind:?} {whats:?}");
        let story = Sim::new(&[kind], events(whats)).run();
        assert_eq!(story.events(), written, "{case}");
        assert_eq!(story.kind(), error, "{case}");
        assert!(story.took <= 61 * SECOND, "{case}: {:?}", story.took);
    }
}

/// What must be true of a call whatever happens: what is written down never says less than what the server
/// may have taken.
fn check(sim: &Sim, story: &Story, case: &str) {
    for (job, kind) in sim.kinds.iter().enumerate() {
        let sent: Vec<_> = story.sent.iter().filter(|(_, of, ..)| *of == job).collect();
        let changes: Vec<&What> =
            sent.iter().filter(|sent| sent.3).map(|sent| sent.4.as_ref().unwrap()).collect();
        let may_have =
            changes.iter().filter(|what| !what.proves_not_taken() && !matches!(what, What::Answer(429, ..)));
        let most = if *kind == Kind::TwoChanges { 2 } else { 1 };
        assert!(may_have.clone().count() <= most, "{case}: sent twice: {changes:?}");
        let events: Vec<&JournalEvent> =
            story.written.iter().filter(|(of, _)| *of == job).map(|(_, event)| event).collect();
        let announced = events.iter().filter(|event| ***event == JournalEvent::Submitting).count();
        assert!(changes.is_empty() == (announced == 0), "{case}: {events:?}, {changes:?}");
        let last = events
            .iter()
            .rev()
            .find(|event| !matches!(event, JournalEvent::Done { .. } | JournalEvent::Failed { .. }));
        if may_have.count() > 0 && story.outcomes[&job].is_err() {
            let is_true = matches!(
                last,
                Some(
                    JournalEvent::Submitting | JournalEvent::Submitted { .. } | JournalEvent::Unknown { .. }
                )
            );
            assert!(is_true, "{case}: {events:?}, {changes:?}");
        }
        match &story.outcomes[&job] {
            Ok(_) => assert!(matches!(events.last(), Some(JournalEvent::Done { .. })), "{case}: {events:?}"),
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {
                assert!(matches!(events.last(), Some(JournalEvent::Unknown { .. })), "{case}: {events:?}");
            }
            Err(_) => {}
        }
        let took = sim.batch_timeout.unwrap_or(sim.timeout).min(sim.timeout);
        if sent.first().is_some_and(|first| first.0 == Duration::ZERO) {
            assert!(sent.iter().all(|(at, _, limit, ..)| *at + *limit <= took), "{case}: {sent:?}");
        }
    }
}

#[test]
fn a_cancelled_call_says_what_may_have_been_taken() {
    let incident = |what| Incident { after: Duration::from_millis(100), what };
    let script = |kind| match kind {
        Kind::Read | Kind::Change | Kind::ReadAndChange | Kind::TwoChanges => vec![What::text("fine"); 2],
        Kind::StartAndWait => vec![taken(), pending(), What::status(429), What::text("done")],
        Kind::Wait | Kind::Resumed => vec![pending(), What::status(503), What::text("done")],
    };
    for kind in KINDS {
        for millis in (0..6000).step_by(50) {
            let script = script(kind).into_iter().map(incident).collect();
            let cancel = Some(Duration::from_millis(millis));
            let sim = Sim { cancel, ..Sim::new(&[kind], script) };
            let story = sim.run();
            let case = format!("{kind:?} cancelled after {millis} ms");
            assert!(story.took <= Duration::from_millis(millis.max(5000)) + SECOND, "{case}");
            if let Err(error) = &story.outcomes[&0] {
                let kinds = [ErrorKind::Cancelled, ErrorKind::OutcomeUnknown, ErrorKind::Skipped];
                assert!(kinds.contains(&error.kind()), "{case}: {error}");
                let is_accepted = story.events().contains(&"submitted id-1".to_owned());
                assert!(!is_accepted || error.request_id() == Some("id-1"), "{case}: {error}");
            }
            // What was cancelled in flight met nothing that is known.
            let mut story = story;
            if matches!(story.kind(), Some(ErrorKind::OutcomeUnknown)) {
                story.sent.last_mut().unwrap().4 = Some(What::Sent(SendErrorKind::Cancelled));
            }
            check(&sim, &story, &case);
        }
    }
}

#[test]
fn a_call_ends_with_its_time_or_that_of_the_batch() {
    let script = || vec![Incident { after: Duration::from_millis(300), what: pending() }];
    for kind in [Kind::Wait, Kind::Resumed] {
        for millis in (50..4000).step_by(50) {
            let time = Duration::from_millis(millis);
            let of_call = Sim { timeout: time, ..Sim::new(&[kind], script()) };
            let of_batch = Sim { batch_timeout: Some(time), ..Sim::new(&[kind], script()) };
            for sim in [of_call, of_batch] {
                let story = sim.run();
                let case = format!("{kind:?} within {time:?} {:?}", story.outcomes);
                assert_eq!(story.kind(), Some(ErrorKind::OperationTimeout), "{case}");
                assert!(story.took <= time, "{case}: {:?}", story.took);
                check(&sim, &story, &case);
            }
        }
    }
}

/// Between the time that is kept for a last request and the end of the call, a machine may still pause.
#[test]
fn a_machine_that_pauses_beyond_its_last_request_is_left_alone() {
    let slow = |what| Incident { after: Duration::from_millis(600), what };
    let busy = What::Answer(429, vec![("retry-after", "2".to_owned())], "");
    for millis in (3000..4500).step_by(50) {
        let script = vec![slow(What::text("fine")), slow(busy.clone()), slow(What::text("fine"))];
        let sim = Sim { timeout: Duration::from_millis(millis), ..Sim::new(&[Kind::TwoChanges], script) };
        let story = sim.run();
        let case = format!("within {millis} ms: {:?}", story.outcomes);
        // The pause ends after 3.2 s, and the third response takes as long as the others.
        let sent = if millis > 3200 { 3 } else { 2 };
        assert_eq!((story.sent.len(), story.outcomes[&0].is_ok()), (sent, millis >= 3800), "{case}");
        assert!(story.took <= sim.timeout, "{case}: {:?}", story.took);
        check(&sim, &story, &case);
    }
}

#[test]
fn a_request_that_gets_no_place_in_time_is_not_sent() {
    let budget = Arc::new(Budget::per_second(1));
    let script = vec![What::text("fine"), What::text("fine"), What::text("fine"), What::text("fine")];
    // The change has no place before its call times out.
    let sim = Sim { budget, timeout: SECOND / 2, ..Sim::new(&[Kind::ReadAndChange; 4], events(script)) };
    let story = sim.run();
    check(&sim, &story, "no place");
    assert_eq!(story.sent.len(), 4);
    assert!(story.written.is_empty(), "{:?}", story.written);
    for outcome in story.outcomes.values() {
        let error = outcome.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(error.is_timeout() && error.is_retryable(), "{error}");
        assert!(error.to_string().contains("timed out before the batch could send its request"), "{error}");
    }
    assert!(story.sent.windows(2).all(|two| two[1].0 - two[0].0 >= SECOND));
}

#[test]
fn machines_share_the_budget_with_each_other() {
    let kinds: Vec<Kind> =
        (0..60).map(|job| [Kind::Change, Kind::ReadAndChange, Kind::Read][job % 3]).collect();
    let script = events([What::text("fine")]);
    let sim = Sim { budget: Arc::new(Budget::per_second(10)), ..Sim::new(&kinds, script) };
    let story = sim.run();
    assert!(story.outcomes.values().all(Result::is_ok));
    assert_eq!(story.sent.len(), 80);
    for window in story.sent.windows(11) {
        assert!(window[10].0 - window[0].0 > SECOND, "{window:?}");
    }
    assert!(story.took < 9 * SECOND, "{:?}", story.took);
    check(&sim, &story, "sharing");
}

#[test]
fn what_comes_after_a_machine_begins_at_its_end() {
    let script = events([taken(), pending(), What::text("done"), What::text("fine")]);
    let mut sim = Sim::new(&[Kind::StartAndWait, Kind::Change], script);
    sim.after = vec![9, 0];
    let story = sim.run();
    assert_eq!(story.events(), ["submitting", "submitted id-1", "done", "submitting", "done"]);
    // It is not begun if the first one fails.
    sim.script = events([taken(), What::text("failed")]);
    let story = sim.run();
    assert_eq!(story.outcomes[&1].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_happens_nothing_is_sent_twice_that_may_have_been_taken(
        kinds in prop::collection::vec(prop::sample::select(KINDS.to_vec()), 1..4),
        script in prop::collection::vec(any_event(), 1..12),
        per_second in prop::option::of(1u32..5),
        timeout in 1u64..120,
        batch_timeout in prop::option::of(1u64..120),
    ) {
        let budget = per_second.map_or_else(Budget::unlimited, Budget::per_second);
        let sim = Sim {
            budget: Arc::new(budget),
            timeout: Duration::from_secs(timeout),
            batch_timeout: batch_timeout.map(Duration::from_secs),
            ..Sim::new(&kinds, script)
        };
        let story = sim.run();
        check(&sim, &story, "whatever");
    }
}
