//! The whole protocol in virtual time: every fault at every step, without a socket.

mod batch;
mod drivers;
mod sequences;
mod waits;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::context::CallContext;
use super::machine::{Event, Now, Step};
use super::operation::Completed;
use super::*;
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};
use crate::transport::{SendError, SendErrorKind};

const SECOND: Duration = Duration::from_secs(1);

/// A service whose responses say what they mean: `taken <id>`, `pending <status>`, `done`, `failed`.
#[derive(Debug)]
struct Plain;

impl Service for Plain {
    fn failure(&self, response: &Response) -> Option<Failure> {
        Failure::of(response)
    }

    fn secrets(&self) -> &[SecretString] {
        &[]
    }

    fn how_to_check(&self) -> &'static str {
        "Look"
    }
}

fn accept() -> Accept {
    Arc::new(|response| {
        let text = text(response);
        match text.strip_prefix("taken ") {
            Some(id) => {
                Ok(Accepted { id: Id::Request(id.to_owned()), body: Value::Null, poll: Some(poll(id)) })
            }
            None => Err(format!("no id in {text:?}")),
        }
    })
}

fn poll(id: &str) -> Poll {
    Poll::new(Request::new(Method::Get, "http://h", format!("/status/{id}")), |response| {
        let text = text(response);
        match text.split_once(' ').unwrap_or((&text, "")) {
            ("pending", status) => Ok(Judgement::Pending { status: status.to_owned() }),
            ("done", "") => Ok(Judgement::Done { status: "DONE".into(), body: json!("payload") }),
            ("done", payload) => Ok(Judgement::Done { status: "DONE".into(), body: json!(payload) }),
            ("failed", _) => {
                Ok(Judgement::Failed { status: "FAILED".into(), detail: json!({"why": "because"}) })
            }
            _ => Err("it makes no sense".to_owned()),
        }
    })
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// What the server, or the road to it, does with one request.
#[derive(Clone, Debug)]
struct Incident {
    /// How long it takes.
    after: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    Unsent(SendErrorKind),
    Sent(SendErrorKind),
}

impl From<What> for Incident {
    fn from(what: What) -> Self {
        Self { after: Duration::from_millis(20), what }
    }
}

impl What {
    fn status(status: u16) -> Self {
        Self::Answer(status, vec![], "")
    }

    fn text(text: &'static str) -> Self {
        Self::Answer(200, vec![], text)
    }

    fn result(&self) -> Result<Response, SendError> {
        match self {
            Self::Answer(status, headers, body) => {
                let mut all = Headers::new();
                for (name, value) in headers {
                    all.push(*name, value.as_bytes());
                }
                Ok(Response::new(*status, all, *body))
            }
            Self::Unsent(kind) => Err(SendError::new(*kind, false, "not sent")),
            Self::Sent(kind) => Err(SendError::new(*kind, true, "sent, then lost")),
        }
    }

    /// True if the server cannot have taken the request, so that sending it again is no repetition.
    fn proves_not_taken(&self) -> bool {
        match self {
            Self::Answer(status, ..) => {
                matches!(status, 300..=302 | 307 | 308 | 400..=407 | 409..=424 | 426..=499 | 501 | 505)
            }
            Self::Unsent(_) => true,
            Self::Sent(_) => false,
        }
    }
}

/// One request as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    at: Duration,
    limit: Duration,
    is_submit: bool,
    path: String,
    what: What,
}

/// Everything that happened in a run.
#[derive(Debug)]
struct Run {
    outcome: Result<Completed, Error>,
    sent: Vec<Sent>,
    progress: Vec<Progress>,
    took: Duration,
}

impl Run {
    fn submits(&self) -> usize {
        self.sent.iter().filter(|s| s.is_submit).count()
    }

    fn polls(&self) -> usize {
        self.sent.len() - self.submits()
    }

    fn error(&self) -> &Error {
        self.outcome.as_ref().unwrap_err()
    }

    fn poll_times(&self) -> Vec<f64> {
        self.sent.iter().filter(|s| !s.is_submit).map(|s| s.at.as_secs_f64()).collect()
    }
}

/// A world where time passes only when something takes time.
struct World {
    settings: Settings,
    effect: Effect,
    budget: Arc<Budget>,
    resume: bool,
}

impl World {
    fn new(effect: Effect) -> Self {
        let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        Self {
            settings: Settings { retry, ..Settings::default() },
            effect,
            budget: Arc::new(Budget::unlimited()),
            resume: false,
        }
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    fn context(&self) -> (Arc<CallContext>, Arc<Mutex<Vec<Progress>>>) {
        let progress = Arc::new(Mutex::new(Vec::new()));
        let seen = progress.clone();
        let observer = Observer::new(move |p| seen.lock().unwrap().push(p.clone()));
        let context = CallContext::new("TEST", self.settings.clone(), self.budget.clone(), Arc::new(Plain));
        (Arc::new(context.with_observer(observer)), progress)
    }

    /// Runs an operation; after the script's end the last event goes on for ever.
    fn run(&self, script: &[Incident]) -> Run {
        let (context, progress) = self.context();
        let submit = Request::new(Method::Post, "http://h", "/submit");
        let mut machine = if self.resume {
            Operation::resume(context, Id::Request("id-1".into()), poll("id-1"))
        } else {
            Operation::submit(context, submit, self.effect, accept())
        };

        let (sent, took) = play(&mut machine, script);
        let outcome = machine.finish();
        let progress = progress.lock().unwrap().clone();
        Run { outcome, sent, progress, took }
    }
}

fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}

/// Runs a machine until it is done: what it sent, and how long it took.
fn play<O>(machine: &mut dyn Machine<Output = O>, script: &[Incident]) -> (Vec<Sent>, Duration) {
    let start = Instant::now();
    let mut now = start;
    let mut sent = Vec::new();
    let mut events = script.iter();
    let mut event = events.next().unwrap();
    for _ in 0..10_000 {
        match machine.next(now) {
            Step::Send { request, timeout: limit } => {
                assert!(limit > Duration::ZERO, "a request without time");
                let (after, what) = if event.after <= limit {
                    (event.after, event.what.clone())
                } else {
                    (limit, What::Sent(SendErrorKind::Timeout))
                };
                sent.push(Sent {
                    at: now - start,
                    limit,
                    is_submit: request.method == Method::Post,
                    path: request.path.clone(),
                    what: what.clone(),
                });
                now += after;
                machine.on(at(now), Event::Response(what.result()));
                event = events.next().unwrap_or(event);
            }
            Step::Wait(time) => {
                assert!(time > Duration::ZERO, "waiting for nothing");
                now += time;
            }
            Step::Done => return (sent, now - start),
            step => panic!("not expected here: {step:?}"),
        }
    }
    panic!("no end");
}

fn events(whats: impl IntoIterator<Item = What>) -> Vec<Incident> {
    whats.into_iter().map(Incident::from).collect()
}

fn taken() -> What {
    What::text("taken id-1")
}

fn pending() -> What {
    What::text("pending PENDING")
}

#[test]
fn a_plain_operation() {
    for effect in [Effect::Changes, Effect::Repeatable] {
        let run = World::new(effect).run(&events([taken(), pending(), pending(), What::text("done")]));
        let done = run.outcome.as_ref().unwrap();
        assert_eq!((done.id.as_str(), done.status.as_str()), ("id-1", "DONE"));
        assert_eq!((run.submits(), run.polls()), (1, 3));
        // The first poll is at once, the others after 1 s and 1.5 s (and 20 ms for each answer).
        assert_eq!(run.poll_times(), [0.02, 1.04, 2.56]);
        assert!(matches!(&run.progress[0], Progress::Submitted { id } if id == "id-1"));
        assert!(
            matches!(&run.progress[1], Progress::StatusChanged { from: None, to, .. } if to == "PENDING")
        );
        assert!(matches!(&run.progress[2], Progress::Polled { next, .. } if *next == SECOND));
        let ended = matches!(
            run.progress.last(),
            Some(Progress::Finished { outcome: Ok(status), elapsed, .. }) if status == "DONE" && *elapsed == run.took
        );
        assert!(ended, "{:?}", run.progress);
    }
}

/// What can happen to a request, and what it comes to: for a poll or a repeatable submit, and for a changing submit.
fn happenings() -> Vec<(What, Expected, Expected)> {
    use Expected::{Again, Ends};
    use SendErrorKind as K;
    let mut table = Vec::new();
    // Nothing was sent.
    for kind in [K::Dns, K::Connect, K::Tls, K::Timeout, K::Proxy] {
        table.push((What::Unsent(kind), Again, Again));
    }
    // 429, with and without a Retry-After.
    table.push((What::status(429), Again, Again));
    for after in ["2", "Thu, 01 Jan 1970 00:00:02 GMT", "-1", "nan", "99999"] {
        table.push((What::Answer(429, vec![("Retry-After", after.into())], ""), Again, Again));
    }
    for status in [408, 425, 500, 502, 503, 504] {
        table.push((What::status(status), Again, Ends(ErrorKind::OutcomeUnknown)));
    }
    // Bytes were sent, then time-out, reset, truncated body.
    for kind in [K::Timeout, K::Closed, K::Protocol] {
        table.push((What::Sent(kind), Again, Ends(ErrorKind::OutcomeUnknown)));
    }
    // Any other 4xx.
    for (status, kind) in [
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (418, ErrorKind::Rejected),
        (451, ErrorKind::Rejected),
    ] {
        table.push((What::status(status), Ends(kind), Ends(kind)));
    }
    table
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// It is sent again, and the operation ends well.
    Again,
    /// It ends with this kind.
    Ends(ErrorKind),
}

#[test]
fn every_cell_of_the_retry_table_on_the_submit() {
    for (what, reads, changes) in happenings() {
        for (effect, expected) in [(Effect::Repeatable, reads), (Effect::Changes, changes)] {
            let world = World::new(effect).timeout(120 * SECOND);
            let run = world.run(&events([what.clone(), taken(), What::text("done")]));
            let case = format!("{effect:?} {what:?}: {:?}", run.outcome);
            match expected {
                Expected::Again => {
                    assert!(run.outcome.is_ok(), "{case}");
                    assert_eq!(run.submits(), 2, "{case}");
                    assert!(run.progress.iter().any(|p| matches!(p, Progress::Retrying { .. })), "{case}");
                }
                Expected::Ends(kind) => {
                    assert_eq!(run.error().kind(), kind, "{case}");
                    assert_eq!(run.submits(), 1, "{case}");
                    assert_eq!(run.polls(), 0, "{case}");
                    assert_eq!(run.error().request_id(), None, "{case}");
                    assert!(!run.error().is_retryable(), "{case}");
                }
            }
        }
    }
}

#[test]
fn every_cell_of_the_retry_table_on_the_first_and_on_a_later_poll() {
    for before in [0, 3] {
        for (what, expected, _) in happenings() {
            for effect in [Effect::Repeatable, Effect::Changes] {
                let mut script = vec![taken()];
                script.extend(std::iter::repeat_n(pending(), before));
                script.extend([what.clone(), pending(), What::text("done")]);
                let run = World::new(effect).timeout(120 * SECOND).run(&events(script));
                let case = format!("{effect:?} {what:?} after {before}: {:?}", run.outcome);
                assert_eq!(run.submits(), 1, "{case}");
                match expected {
                    Expected::Again => {
                        assert!(run.outcome.is_ok(), "{case}");
                        assert_eq!(run.polls(), before + 3, "{case}");
                    }
                    Expected::Ends(kind) => {
                        assert_eq!(run.error().kind(), kind, "{case}");
                        assert_eq!(run.polls(), before + 1, "{case}");
                        assert_eq!(run.error().request_id(), Some("id-1"), "{case}");
                        assert_eq!(run.error().is_resumable(), kind != ErrorKind::NotFound, "{case}");
                        assert!(!run.error().is_retryable(), "sending it again would do it twice: {case}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_submit_is_tried_four_times_with_growing_delays() {
    let run = World::new(Effect::Changes).run(&events([What::Unsent(SendErrorKind::Connect)]));
    assert_eq!(run.error().kind(), ErrorKind::Transport);
    assert!(run.error().is_retryable());
    let times: Vec<f64> = run.sent.iter().map(|s| s.at.as_secs_f64()).collect();
    assert_eq!(times, [0.0, 0.52, 1.54, 3.56]);
    let run = World::new(Effect::Changes).run(&events([What::status(429)]));
    assert_eq!((run.error().kind(), run.submits()), (ErrorKind::RateLimited, 4));
}

#[test]
fn retry_after_is_honoured_but_capped_and_never_past_the_deadline() {
    let limited = |after: &str| {
        events([What::Answer(429, vec![("retry-after", after.into())], ""), taken(), What::text("done")])
    };
    let run = World::new(Effect::Changes).run(&limited("7"));
    assert_eq!(run.sent[1].at, Duration::from_millis(7020));
    // Longer than the call may take: it ends at once and says how long the server asked for.
    let run = World::new(Effect::Changes).run(&limited("100"));
    assert_eq!(run.error().kind(), ErrorKind::RateLimited);
    assert_eq!(run.error().retry_after(), Some(100 * SECOND));
    assert_eq!((run.submits(), run.took), (1, Duration::from_millis(20)));
    // Beyond reason: cut to a minute.
    let run = World::new(Effect::Changes).timeout(600 * SECOND).run(&limited("99999"));
    assert_eq!(run.sent[1].at, Duration::from_millis(60_020));
    // While polling, a Retry-After beyond the deadline leaves the last poll.
    let script = [taken(), What::Answer(429, vec![("retry-after", "99999".into())], ""), What::text("done")];
    let run = World::new(Effect::Changes).run(&events(script));
    assert!(run.outcome.is_ok());
    assert_eq!(run.poll_times(), [0.02, 59.95]);
}

#[test]
fn an_operation_that_never_ends_is_polled_for_the_last_time_at_the_deadline() {
    let run = World::new(Effect::Changes).run(&events([taken(), pending()]));
    let error = run.error();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    assert_eq!(error.request_id(), Some("id-1"));
    assert_eq!(error.api_status(), Some("PENDING"));
    assert!(error.is_timeout() && error.is_resumable() && !error.is_retryable());
    // The vendor's schedule, and the last poll as late as its answer can still arrive (answers take 20 ms here).
    let times = run.poll_times();
    assert_eq!(times.len(), 11, "{times:?}");
    assert_eq!(times[10], 59.95);
    assert_eq!(run.took, Duration::from_millis(59_970));
    assert_eq!(error.elapsed(), Some(run.took));
}

#[test]
fn the_last_poll_starts_earlier_when_answers_take_longer() {
    let slow = |what: What| Incident { after: Duration::from_millis(300), what };
    let run = World::new(Effect::Changes).run(&[slow(taken()), slow(pending())]);
    assert_eq!(run.poll_times().last(), Some(&59.4));
    assert_eq!(run.error().kind(), ErrorKind::OperationTimeout);
    // It is a poll like any other: if the operation has ended by then, that is the outcome.
    let mut script = vec![slow(taken())];
    script.extend(std::iter::repeat_n(slow(pending()), 10));
    script.push(slow(What::text("done")));
    let run = World::new(Effect::Changes).run(&script);
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
}

#[test]
fn a_failing_last_poll_is_a_time_out_that_tells_why() {
    let mut script = vec![taken(), pending()];
    script.extend(std::iter::repeat_n(What::status(503), 50));
    let run = World::new(Effect::Changes).timeout(5 * SECOND).run(&events(script));
    let error = run.error();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    assert_eq!(error.api_status(), Some("PENDING"));
    assert!(error.to_string().contains("503"), "{error}");
}

#[test]
fn failed_polls_are_tried_again_until_the_deadline_however_many() {
    let mut script = vec![taken()];
    script.extend(std::iter::repeat_n(What::Unsent(SendErrorKind::Connect), 8));
    script.push(What::text("done"));
    let run = World::new(Effect::Changes).run(&events(script));
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    assert_eq!(run.polls(), 9);
}

#[test]
fn failed_operations_carry_what_the_server_says() {
    let run = World::new(Effect::Changes).run(&events([taken(), pending(), What::text("failed")]));
    let error = run.error();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert_eq!(error.request_id(), Some("id-1"));
    assert_eq!(error.api_status(), Some("FAILED"));
    assert_eq!(error.api_response(), Some(&json!({"why": "because"})));
    assert!(!error.is_resumable());
}

#[test]
fn a_submit_that_is_answered_without_an_id_is_not_sent_again() {
    for body in ["", "nonsense", "taken ", "taken a\nb"] {
        let run = World::new(Effect::Changes).run(&events([What::text(body)]));
        assert_eq!((run.error().kind(), run.submits()), (ErrorKind::OutcomeUnknown, 1), "{body:?}");
        let run = World::new(Effect::Repeatable).run(&events([What::text(body)]));
        assert_eq!((run.error().kind(), run.submits()), (ErrorKind::UnexpectedResponse, 1), "{body:?}");
    }
}

#[test]
fn answers_that_make_no_sense_are_borne_for_a_while() {
    let nonsense = || std::iter::repeat_n(What::text("<html>"), 3);
    let mut script = vec![taken()];
    script.extend(nonsense());
    script.push(pending());
    script.extend(nonsense());
    script.push(What::text("done"));
    let run = World::new(Effect::Changes).run(&events(script));
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    let run = World::new(Effect::Changes).run(&events([taken(), What::text("<html>")]));
    assert_eq!((run.error().kind(), run.polls()), (ErrorKind::UnexpectedResponse, 4));
    assert_eq!(run.error().request_id(), Some("id-1"));
}

#[test]
fn an_unknown_status_is_kept_and_polled_on() {
    let run = World::new(Effect::Changes).run(&events([taken(), What::text("pending NEW_STATE")]));
    assert_eq!(run.error().api_status(), Some("NEW_STATE"));
    assert!(run.error().to_string().contains("NEW_STATE"));
    assert!(
        run.progress.iter().any(|p| matches!(p, Progress::Polled { status, .. } if status == "NEW_STATE"))
    );
}

#[test]
fn a_resumed_wait_submits_nothing() {
    let world = World { resume: true, ..World::new(Effect::Changes) };
    let run = world.run(&events([pending(), What::status(503), What::text("done")]));
    assert!(run.outcome.is_ok());
    assert_eq!((run.submits(), run.polls()), (0, 3));
    let run = world.run(&events([What::status(404)]));
    assert_eq!((run.error().kind(), run.error().request_id()), (ErrorKind::NotFound, Some("id-1")));
}

#[test]
fn one_request_gets_the_smaller_of_its_own_limit_and_what_is_left() {
    let never = Incident { after: 1000 * SECOND, what: taken() };
    let run = World::new(Effect::Repeatable).run(&[never]);
    let limits: Vec<Duration> = run.sent.iter().map(|s| s.limit).collect();
    assert_eq!(limits, [30 * SECOND, Duration::from_millis(29_500)]);
    assert_eq!(run.took, 60 * SECOND);
    assert!(run.error().is_timeout());
}

#[test]
fn waiting_for_the_budget_counts_towards_the_deadline() {
    let mut world = World::new(Effect::Changes);
    world.budget = Arc::new(Budget::per_second(1));
    let run = world.run(&events([taken(), pending(), What::text("done")]));
    assert!(run.outcome.is_ok());
    assert!(run.progress.iter().any(|p| matches!(p, Progress::WaitingForBudget { .. })));
    let times: Vec<f64> = run.sent.iter().map(|s| s.at.as_secs_f64()).collect();
    assert_eq!(times, [0.0, 1.03, 2.06]);

    // No room before the deadline: nothing is sent, nothing is waited for.
    let mut world = World::new(Effect::Changes).timeout(SECOND / 2);
    world.budget = Arc::new(Budget::per_second(1));
    let now = Instant::now();
    let mut other = Pace::new(world.budget.clone());
    assert_eq!(other.turn(now + SECOND / 4, now + 100 * SECOND), Turn::Now);
    other.answered(now + SECOND / 4);
    let run = world.run(&events([taken()]));
    assert_eq!((run.sent.len(), run.took), (0, Duration::ZERO));
    assert!(run.error().is_timeout() && run.error().is_retryable());
    assert_eq!(run.error().request_id(), None);
}

#[test]
fn times_beyond_reason_do_no_harm() {
    for timeout in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let run = World::new(Effect::Changes).timeout(timeout).run(&events([taken(), What::text("done")]));
        assert!(run.outcome.is_ok() == (timeout == Duration::MAX), "{timeout:?} {:?}", run.outcome);
    }
}

fn any_what() -> impl Strategy<Value = What> {
    use SendErrorKind as K;
    let kinds = prop::sample::select(vec![
        K::Dns,
        K::Connect,
        K::Proxy,
        K::Tls,
        K::Certificate,
        K::Timeout,
        K::Closed,
        K::Protocol,
        K::BodyTooLarge,
        K::InvalidRequest,
    ]);
    let bodies = prop::sample::select(vec![
        "",
        "taken id-1",
        "taken id-1",
        "pending PENDING",
        "pending PENDING",
        "pending OTHER",
        "done",
        "failed",
        "<html>",
        "taken ",
    ]);
    let retry_after = prop::sample::select(vec![
        "0",
        "1",
        "59",
        "60",
        "1e9",
        "-1",
        "nan",
        "Thu, 01 Jan 1970 00:01:00 GMT",
        "x",
    ]);
    prop_oneof![
        4 => bodies.clone().prop_map(What::text),
        2 => (100u16..600, bodies, prop::option::of(retry_after)).prop_map(|(status, body, after)| {
            What::Answer(status, after.map(|a| ("Retry-After", a.to_owned())).into_iter().collect(), body)
        }),
        1 => kinds.clone().prop_map(What::Unsent),
        1 => kinds.prop_map(What::Sent),
    ]
}

fn any_event() -> impl Strategy<Value = Incident> {
    (prop_oneof![Just(0u64), 0u64..2_000, 0u64..100_000], any_what())
        .prop_map(|(millis, what)| Incident { after: Duration::from_millis(millis), what })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the server does: no panic, an end before the deadline, no changing statement twice after it may
    /// have been taken, and the request id in every error after the submit.
    #[test]
    fn the_promises_hold_for_arbitrary_answers(
        script in prop::collection::vec(any_event(), 1..30),
        changes in any::<bool>(),
        resume in any::<bool>(),
        timeout in prop_oneof![0u64..200, 0u64..100_000],
        interval in 0u64..20_000,
        retries in 0u32..6,
        budget in prop::option::of(1u32..20),
    ) {
        let effect = if changes { Effect::Changes } else { Effect::Repeatable };
        let timeout = Duration::from_millis(timeout);
        let world = World {
            settings: Settings {
                timeout,
                http_timeout: 30 * SECOND,
                poll: PollPolicy::every(Duration::from_millis(interval)),
                retry: RetryPolicy::retries(retries),
            },
            effect,
            budget: Arc::new(budget.map_or_else(Budget::unlimited, Budget::per_second)),
            resume,
        };
        let run = world.run(&script);

        prop_assert!(run.took <= timeout, "{:?} > {timeout:?}", run.took);
        let submits: Vec<&Sent> = run.sent.iter().filter(|s| s.is_submit).collect();
        prop_assert!(!resume || submits.is_empty());
        if changes && !submits.is_empty() {
            for earlier in &submits[..submits.len() - 1] {
                prop_assert!(earlier.what.proves_not_taken(), "sent again after {earlier:?}");
            }
        }
        let was_taken = run.progress.iter().any(|p| matches!(p, Progress::Submitted { .. }));
        if let Err(error) = &run.outcome {
            prop_assert_eq!(error.request_id().is_some(), was_taken || resume, "{}", error);
            prop_assert!(!(error.is_retryable() && error.request_id().is_some()), "{}", error);
            prop_assert!(error.to_string().lines().count() <= 2);
            if was_taken || resume {
                let text = error.to_string();
                prop_assert!(!text.contains("safe to send") && !text.contains("Nothing was sent"), "{}", text);
            }
            if error.kind() == ErrorKind::OutcomeUnknown {
                prop_assert!(changes && !was_taken);
            }
        } else {
            prop_assert!(was_taken || resume);
        }
    }
}
