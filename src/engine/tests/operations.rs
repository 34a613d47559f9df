//! One operation: what is repeated, how long it is polled, and what its errors say.

use super::*;

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
                    // It was accepted a moment ago; the service may not know it yet.
                    Expected::Ends(ErrorKind::NotFound) if before == 0 => {
                        assert!(run.outcome.is_ok(), "{case}");
                        assert_eq!(run.polls(), before + 3, "{case}");
                    }
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
    // The vendor's schedule, and the last poll as late as its answer can still arrive (answers take 20 ms
    // here).
    let times = run.poll_times();
    assert_eq!(times.len(), 11, "{times:?}");
    assert_eq!(times[10], 59.95);
    assert_eq!(run.took, Duration::from_millis(59_970));
    assert_eq!(error.elapsed(), Some(run.took));
    assert!(
        error.to_string().contains(": timed out after 60.0 s; last status: PENDING (request id"),
        "{error}"
    );
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
    for kind in [SendErrorKind::Connect, SendErrorKind::CertificateExpired] {
        let mut script = vec![taken()];
        script.extend(std::iter::repeat_n(What::Unsent(kind), 8));
        script.push(What::text("done"));
        let run = World::new(Effect::Changes).run(&events(script));
        assert!(run.outcome.is_ok(), "{:?}", run.outcome);
        assert_eq!(run.polls(), 9);
    }
}

#[test]
fn a_proxy_that_refuses_the_password_is_asked_once() {
    for what in [What::Unsent(SendErrorKind::ProxyAuthentication), What::status(407)] {
        let run = World::new(Effect::Changes).run(&events([what.clone()]));
        assert_eq!((run.submits(), run.polls()), (1, 0), "{:?}", run.outcome);
        let run = World::new(Effect::Changes).run(&events([taken(), what]));
        assert_eq!((run.submits(), run.polls()), (1, 1), "{:?}", run.outcome);
        assert_eq!(run.error().request_id(), Some("id-1"));
    }
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
    assert!(run.progress.iter().any(|p| matches!(p, Progress::WaitingForRateLimit { .. })));
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
