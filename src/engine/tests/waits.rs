//! Waits by a rule, and runs that are waited for.

use super::*;
use crate::engine::sequence::then;
use crate::engine::wait::{Finding, Rule, Wait};

/// What is checked is as the payload says: `GOOD` is what is waited for, `BAD` never gets so.
fn rule() -> Arc<Rule> {
    Arc::new(|check| match check.body.as_str() {
        Some("GOOD") => Finding::Done,
        Some("BAD") => Finding::Failed { status: "BAD".into(), detail: json!({"why": "because"}) },
        Some("NOTHING") => Finding::Unclear { why: "it says nothing".into() },
        other => Finding::Pending { status: other.unwrap_or_default().to_owned() },
    })
}

fn check() -> Request {
    Request::new(Method::Post, "http://h", "/check")
}

fn run<O>(
    world: &World,
    machine: &mut dyn Machine<Output = O>,
    script: &[Incident],
) -> (Vec<Sent>, Duration) {
    let (sent, took) = play(machine, script);
    assert!(took <= world.settings.timeout, "{took:?}");
    (sent, took)
}

fn wait(world: &World, script: &[Incident]) -> Run {
    let (context, progress) = world.context();
    let mut wait = Wait::machine(context, check(), accept(), rule());
    let (sent, took) = run(world, &mut wait, script);
    let outcome = wait.finish();
    let progress = progress.lock().unwrap().clone();
    Run { outcome, sent, progress, took }
}

/// Starts something at `/start`, whose payload is the name of the run, and waits for its end.
fn start_and_wait(world: &World, script: &[Incident]) -> (Run, Option<Value>) {
    let (context, progress) = world.context();
    let start = Request::new(Method::Post, "http://h", "/start");
    let operation = Operation::submit(context.clone(), start, Effect::Changes, accept());
    let (checks, started) = (context.clone(), Arc::new(Mutex::new(None)));
    let seen = started.clone();
    let mut machine = then(context, operation, move |start: Completed| {
        *seen.lock().unwrap() = Some(start.body.clone());
        match start.body.as_str() {
            Some("NOTHING") => Err(Error::new(ErrorKind::UnexpectedResponse, "TEST", "it has no id")),
            _ => Ok(Box::new(Wait::machine(checks, check(), accept(), rule()))),
        }
    });
    let (sent, took) = run(world, &mut machine, script);
    let outcome = machine.finish();
    let progress = progress.lock().unwrap().clone();
    (Run { outcome, sent, progress, took }, started.lock().unwrap().clone())
}

fn world() -> World {
    World::new(Effect::Repeatable)
}

/// A check that finds this.
fn finds(payload: &'static str) -> [What; 2] {
    [taken(), What::text(payload)]
}

fn often(times: usize, payload: &'static str) -> Vec<What> {
    (0..times).flat_map(|_| finds(payload)).collect()
}

fn polled(progress: &[Progress]) -> Vec<&str> {
    fn status(progress: &Progress) -> Option<&str> {
        match progress {
            Progress::Polled { status, .. } => Some(status),
            _ => None,
        }
    }
    progress.iter().filter_map(status).collect()
}

fn submit_times(sent: &[Sent]) -> Vec<f64> {
    sent.iter().filter(|s| s.is_submit).map(|s| s.at.as_secs_f64()).collect()
}

#[test]
fn checks_until_the_rule_is_content() {
    let script = [finds("done LOW"), [taken(), pending()], finds("done MIDDLE"), finds("done GOOD")];
    let mut script = script.concat();
    // The second check is pending for a poll.
    script.insert(4, What::text("done LOW"));
    let run = wait(&world(), &events(script));
    assert_eq!(run.outcome.unwrap().body, json!("GOOD"));
    // At once, then on the schedule of polls: 1 s, 1.5 s and 2.25 s after the check before has ended.
    assert_eq!(submit_times(&run.sent), [0.0, 1.04, 3.6, 5.89]);
    // What is heard of is how things stand, not every submit and poll of every check.
    assert_eq!(polled(&run.progress), ["LOW", "LOW", "MIDDLE"]);
    let others: Vec<String> = run
        .progress
        .iter()
        .filter(|progress| !matches!(progress, Progress::Polled { .. }))
        .map(ToString::to_string)
        .collect();
    assert_eq!(others, ["LOW", "from LOW to MIDDLE", "ended with DONE after 5.9 s"]);
    let elapsed = Duration::from_millis(40);
    assert!(
        matches!(&run.progress[1], Progress::Polled { elapsed: e, next, .. } if (*e, *next) == (elapsed, SECOND))
    );
}

#[test]
fn what_never_comes_is_checked_for_the_last_time_at_the_deadline() {
    let script = often(40, "done LOW");
    let run = wait(&world(), &events(script));
    let error = run.outcome.unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationTimeout, Some("LOW")));
    assert!(error.to_string().contains("last status: LOW"), "{error}");
    assert_eq!((error.request_id(), error.elapsed()), (None, Some(run.took)));
    assert!(error.is_timeout() && error.is_retryable() && !error.is_resumable());
    // As late as its answers can still arrive: a check takes 40 ms here.
    assert_eq!(submit_times(&run.sent).last(), Some(&59.9));

    // If it has come by then, that is the outcome.
    let before = submit_times(&run.sent).len() - 1;
    let mut script = often(before, "done LOW");
    script.extend(finds("done GOOD"));
    let run = wait(&world(), &events(script));
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    assert_eq!(submit_times(&run.sent).last(), Some(&59.9));
}

#[test]
fn the_last_check_starts_earlier_where_checks_take_longer() {
    let slow = |what: What| Incident { after: SECOND, what };
    let script: Vec<Incident> = often(40, "done LOW").into_iter().map(slow).collect();
    let run = wait(&world(), &script);
    assert_eq!(submit_times(&run.sent).last(), Some(&56.0));
    assert_eq!(run.outcome.unwrap_err().kind(), ErrorKind::OperationTimeout);
}

/// The state that was seen before says how far it was, and the last check why nothing later is known.
#[test]
fn a_last_check_without_a_result_is_in_the_words_of_the_timeout() {
    for (what, why) in
        [(What::status(503), "HTTP 503"), (What::Sent(SendErrorKind::Closed), "sent, then lost")]
    {
        for seen in [0, 2] {
            let script = [often(seen, "done LOW"), vec![what.clone()]].concat();
            let run = wait(&world(), &events(script));
            let error = run.error();
            let state = if seen > 0 { "last status: LOW" } else { "no status was received" };
            let elapsed = format!("{:.1} s", run.took.as_secs_f64());
            let words = format!("timed out after {elapsed}; {state}; the last check had no result: ");
            let text = error.to_string();
            assert!(text.contains(&words) && text.contains(why), "{text}");
            assert!(text.contains("start it again"), "{text}");
            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OperationTimeout, true), "{text}");
            assert_eq!(error.api_status(), (seen > 0).then_some("LOW"), "{text}");
        }
    }
    // A check that ran out of the same time says nothing more.
    let mut script = events(often(2, "done LOW"));
    script.push(Incident { after: 300 * SECOND, what: taken() });
    let text = wait(&world(), &script).error().to_string();
    assert!(text.contains("last status: LOW") && !text.contains("had no result"), "{text}");
}

#[test]
fn what_will_never_be_ends_the_wait_at_once() {
    let run = wait(&world(), &events([finds("done LOW"), finds("done BAD")].concat()));
    let error = run.error();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("BAD")));
    assert_eq!(error.api_response(), Some(&json!({"why": "because"})));
    assert_eq!((error.request_id(), error.is_retryable()), (None, false));
    assert_eq!(run.submits(), 2);
}

#[test]
fn checks_that_tell_nothing_are_borne_for_a_while() {
    let nothing = || often(3, "done NOTHING");
    let script = [nothing(), often(1, "done LOW"), nothing(), often(1, "done GOOD")].concat();
    let run = wait(&world(), &events(script));
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    let run = wait(&world(), &events(often(9, "done NOTHING")));
    assert_eq!((run.error().kind(), run.submits()), (ErrorKind::UnexpectedResponse, 4));
    assert!(run.error().to_string().contains("it says nothing"), "{}", run.error());
}

#[test]
fn every_cell_of_the_retry_table_on_each_request_of_a_check() {
    for before in [0, 1, 2, 3] {
        for (what, expected, _) in happenings() {
            let mut world = world();
            world.settings.timeout = 120 * SECOND;
            let mut script = [finds("done LOW"), finds("done LOW")].concat();
            script.truncate(before);
            script.push(what.clone());
            // What was struck is sent again, then the check goes on.
            script.extend([finds("done LOW"), finds("done GOOD")].concat().into_iter().skip(before % 2));
            let run = wait(&world, &events(script));
            let case = format!("{what:?} after {before}: {:?}", run.outcome);
            match expected {
                Expected::Again => assert!(run.outcome.is_ok(), "{case}"),
                // The first poll of a check: the service may not know it yet.
                Expected::Ends(ErrorKind::NotFound) if before % 2 == 1 => {
                    assert!(run.outcome.is_ok(), "{case}");
                }
                Expected::Ends(kind) => {
                    assert_eq!((run.error().kind(), run.sent.len()), (kind, before + 1), "{case}");
                    assert_eq!(
                        (run.error().request_id(), run.error().is_retryable()),
                        (None, false),
                        "{case}"
                    );
                    assert!(!run.error().to_string().contains("resume"), "{case}");
                }
            }
        }
    }
}

#[test]
fn a_server_that_is_down_for_a_while_does_not_end_the_wait() {
    // Longer than the retries of one request last, which is four attempts.
    for (what, kind) in [
        (What::status(503), ErrorKind::Server),
        (What::Unsent(SendErrorKind::Connect), ErrorKind::Transport),
        (What::Unsent(SendErrorKind::CertificateExpired), ErrorKind::Tls),
        (What::status(429), ErrorKind::RateLimited),
    ] {
        let script = [vec![what.clone(); 9], often(1, "done GOOD")].concat();
        let run = wait(&world(), &events(script));
        assert!(run.outcome.is_ok(), "{:?}", run.outcome);
        assert_eq!(run.submits(), 10);
        // And if it stays down, the time-out says why.
        let run = wait(&world(), &events([what]));
        let error = run.error();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OperationTimeout, true));
        let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<Error>()).unwrap();
        assert_eq!(cause.kind(), kind);
        assert!(error.to_string().contains("no status was received"), "{error}");
    }
}

#[test]
fn a_proxy_that_refuses_the_password_is_asked_once() {
    for what in [What::Unsent(SendErrorKind::ProxyAuthentication), What::status(407)] {
        let run = wait(&world(), &events([what]));
        assert_eq!(run.submits(), 1, "{:?}", run.outcome);
        assert!(!run.error().is_retryable());
    }
}

#[test]
fn after_a_good_check_the_delays_between_bad_ones_start_anew() {
    let down = |times| vec![What::status(503); times];
    let script = [down(8), often(1, "done LOW"), down(4), often(1, "done GOOD")].concat();
    let run = wait(&world(), &events(script));
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    let delay = |p: &Progress| match p {
        Progress::Retrying { delay, .. } => Some(delay.as_secs_f64()),
        _ => None,
    };
    let delays: Vec<f64> = run.progress.iter().filter_map(delay).collect();
    // Three of a request's own, then the one of the wait.
    assert_eq!(delays, [0.5, 1.0, 2.0, 0.5, 0.5, 1.0, 2.0, 1.0, 0.5, 1.0, 2.0, 0.5]);
}

#[test]
fn one_deadline_for_all_checks_and_their_requests() {
    let mut script = events(often(10, "done LOW"));
    script.push(Incident { after: 1000 * SECOND, what: taken() });
    let run = wait(&world(), &script);
    assert_eq!(run.took, 60 * SECOND);
    assert!(run.error().is_timeout());
    for sent in &run.sent {
        assert!(sent.at + sent.limit <= 60 * SECOND, "{sent:?}");
    }
    // No time at all: nothing is sent.
    let mut world = world();
    world.settings.timeout = Duration::ZERO;
    let run = wait(&world, &events([taken()]));
    assert_eq!((run.error().kind(), run.sent.len()), (ErrorKind::OperationTimeout, 0));
    assert!(run.error().to_string().contains("timed out after 0.0 s"), "{}", run.error());
}

#[test]
fn checks_keep_to_the_budget() {
    let mut world = world();
    world.budget = Arc::new(Budget::per_second(1));
    world.settings.poll = PollPolicy::every(Duration::ZERO);
    let script = [often(5, "done LOW"), often(1, "done GOOD")].concat();
    let run = wait(&world, &events(script));
    assert!(run.outcome.is_ok());
    for pair in run.sent.windows(2) {
        assert!(pair[1].at - pair[0].at >= SECOND, "{pair:?}");
    }
}

#[test]
fn a_run_is_started_once_and_waited_for() {
    let script = [finds("done run-1"), finds("done LOW"), finds("done GOOD")].concat();
    let (run, started) = start_and_wait(&world(), &events(script));
    assert_eq!((run.outcome.unwrap().body, started), (json!("GOOD"), Some(json!("run-1"))));
    let paths: Vec<&str> = run.sent.iter().filter(|s| s.is_submit).map(|s| s.path.as_str()).collect();
    assert_eq!(paths, ["/start", "/check", "/check"]);
    // The start is heard of, the checks are not; how the run stands is.
    assert!(matches!(&run.progress[0], Progress::Submitted { .. }));
    assert_eq!(polled(&run.progress), ["LOW"]);
    let submitted = run.progress.iter().filter(|progress| matches!(progress, Progress::Submitted { .. }));
    assert_eq!(submitted.count(), 1);
}

#[test]
fn the_start_and_the_wait_share_one_deadline() {
    let mut script = events([taken(), pending()]);
    script.push(Incident { after: 20 * SECOND, what: What::text("done run-1") });
    script.extend(events(often(40, "done LOW")));
    let (run, started) = start_and_wait(&world(), &script);
    let error = run.error();
    assert_eq!((error.kind(), error.elapsed()), (ErrorKind::OperationTimeout, Some(run.took)));
    assert!(started.is_some() && run.took > 59 * SECOND, "{:?}", run.took);
}

#[test]
fn a_start_that_fails_or_gives_no_name_is_not_waited_for() {
    let (run, started) = start_and_wait(&world(), &events(finds("failed")));
    assert_eq!((run.error().kind(), run.sent.len(), started), (ErrorKind::OperationFailed, 2, None));
    let (run, started) = start_and_wait(&world(), &events([What::Sent(SendErrorKind::Closed)]));
    assert_eq!((run.error().kind(), run.sent.len(), started), (ErrorKind::OutcomeUnknown, 1, None));
    let (run, started) = start_and_wait(&world(), &events(finds("done NOTHING")));
    assert_eq!((run.error().kind(), run.sent.len()), (ErrorKind::UnexpectedResponse, 2));
    assert_eq!(started, Some(json!("NOTHING")));
}

fn any_step() -> impl Strategy<Value = Incident> {
    let good = prop::sample::select(vec![
        "taken id-1",
        "taken id-1",
        "taken id-1",
        "pending PENDING",
        "done LOW",
        "done LOW",
        "done GOOD",
        "done NOTHING",
    ]);
    let good = (0u64..3_000, good)
        .prop_map(|(millis, text)| Incident { after: Duration::from_millis(millis), what: What::text(text) });
    prop_oneof![3 => good, 1 => any_event()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the server does: an end before the deadline, and the start never sent again after it may have
    /// been taken, least of all once it has ended.
    #[test]
    fn a_run_is_never_started_twice(
        script in prop::collection::vec(any_step(), 1..40),
        timeout in prop_oneof![0u64..200, 0u64..100_000],
        interval in 0u64..20_000,
        retries in 0u32..6,
        budget in prop::option::of(1u32..20),
    ) {
        let world = World {
            settings: Settings {
                has_own_timeout: true,
                too_many: TooMany::default(),
                timeout: Duration::from_millis(timeout),
                http_timeout: 30 * SECOND,
                poll: PollPolicy::every(Duration::from_millis(interval)),
                retry: RetryPolicy::retries(retries),
                ..Settings::default()
            },
            effect: Effect::Changes,
            budget: Arc::new(budget.map_or_else(Budget::unlimited, Budget::per_second)),
            resume: false,
        };
        let (run, started) = start_and_wait(&world, &script);
        let starts: Vec<&Sent> = run.sent.iter().filter(|s| s.path == "/start").collect();
        for earlier in &starts[..starts.len().saturating_sub(1)] {
            prop_assert!(earlier.what.proves_not_taken(), "sent again after {earlier:?}");
        }
        if let Some(first) = run.sent.iter().position(|s| s.path == "/check") {
            prop_assert!(started.is_some());
            prop_assert!(run.sent[first..].iter().all(|s| s.path != "/start"));
        }
        match &run.outcome {
            Ok(check) => prop_assert_eq!(&check.body, &json!("GOOD")),
            Err(error) => prop_assert!(error.to_string().lines().count() <= 2),
        }
    }
}
