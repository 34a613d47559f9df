//! Answers as servers and proxies really send them: advice for the next poll, an operation that is not known
//! yet, web pages.

use super::*;

fn pending_after(value: &str) -> What {
    What::Answer(200, vec![("retry-after", value.to_owned())], "pending PENDING")
}

fn run(script: &[What]) -> Run {
    World::new(Effect::Changes).run(&events(script.to_vec()))
}

fn resume(script: &[What]) -> Run {
    World { resume: true, ..World::new(Effect::Changes) }.run(&events(script.to_vec()))
}

#[test]
fn a_retry_after_with_a_pending_answer_is_the_next_interval() {
    let done = What::text("done");
    let run1 = run(&[
        taken(),
        pending_after("7"),
        pending_after("0"),
        pending_after("0.25"),
        pending(),
        pending_after("9999"),
        done.clone(),
    ]);
    assert!(run1.outcome.is_ok());
    // 7 s; the schedule's second interval, as zero does not count; 0.25 s; the fourth interval; the last
    // poll.
    assert_eq!(run1.poll_times(), [0.02, 7.04, 8.56, 8.83, 12.225, 59.95]);
    let date = What::Answer(
        202,
        vec![
            ("Retry-After", "Sat, 21 Nov 2026 10:00:07 GMT".into()),
            ("Date", "Sat, 21 Nov 2026 10:00:00 GMT".into()),
        ],
        "pending PENDING",
    );
    let run2 = run(&[taken(), date, done]);
    assert_eq!(run2.poll_times(), [0.02, 7.04]);
    let next = run2.progress.iter().find_map(|progress| match progress {
        Progress::Polled { next, .. } => Some(*next),
        _ => None,
    });
    assert_eq!(next, Some(7 * SECOND));
}

#[test]
fn an_operation_that_the_service_does_not_know_yet_is_polled_again() {
    let unknown = || What::status(404);
    let done = run(&[taken(), unknown(), unknown(), unknown(), pending(), What::text("done")]);
    assert!(done.outcome.is_ok(), "{:?}", done.outcome);
    assert_eq!((done.submits(), done.polls()), (1, 5));
    let retried = done.progress.iter().filter(|p| matches!(p, Progress::Retrying { .. })).count();
    assert_eq!(retried, 3);

    // Not for ever: the service has lost it.
    let lost = World::new(Effect::Changes).timeout(600 * SECOND).run(&events([taken(), unknown()]));
    let error = lost.error();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::NotFound, Some("id-1")));
    assert!((60..75).contains(&lost.took.as_secs()), "{:?}", lost.took);
    assert!(error.to_string().contains("accepted the operation"), "{error}");

    // Not once it was known, and not for an id from somewhere else.
    let gone = run(&[taken(), pending(), unknown()]);
    assert_eq!((gone.error().kind(), gone.polls()), (ErrorKind::NotFound, 2));
    let resumed = resume(&[unknown(), pending(), What::text("done")]);
    assert_eq!((resumed.error().kind(), resumed.polls()), (ErrorKind::NotFound, 1));
}

#[test]
fn an_id_that_was_never_known_is_not_said_to_go_on() {
    for what in [What::status(404), What::status(403), What::status(503), What::text("?")] {
        let text = resume(std::slice::from_ref(&what)).error().to_string();
        for wrong in ["still be running", "continues", "submit it again"] {
            assert!(!text.contains(wrong), "{what:?}: {text}");
        }
        assert!(text.to_lowercase().contains("check"), "{what:?}: {text}");
        // What was submitted, or seen, is another matter.
        let submitted =
            World::new(Effect::Changes).timeout(50 * SECOND).run(&events([taken(), what.clone()]));
        assert!(submitted.error().to_string().contains("submit it again"), "{what:?}: {}", submitted.error());
        let seen = resume(&[pending(), what.clone()]);
        assert!(seen.error().to_string().contains("submit it again"), "{what:?}: {}", seen.error());
    }
}

#[test]
fn a_web_page_is_no_answer_of_the_service() {
    let page = || What::Answer(200, vec![("content-type", "text/html".into())], "Please sign in");
    let changes = run(&[page()]);
    let error = changes.error();
    assert_eq!((error.kind(), error.status(), changes.submits()), (ErrorKind::OutcomeUnknown, Some(200), 1));
    let text = error.to_string();
    assert!(
        text.contains("the response is a web page; it may come from a proxy or a sign-in page"),
        "{text}"
    );
    assert!(!text.contains("probably") && text.contains("may not have seen it"), "{text}");
    assert_eq!(error.body(), Some("Please sign in"));

    let reads = World::new(Effect::Repeatable).run(&events([page()]));
    assert_eq!((reads.error().kind(), reads.submits()), (ErrorKind::UnexpectedResponse, 1));
    assert!(reads.error().to_string().contains("web page"), "{}", reads.error());

    // A poll that meets one is a failed poll, as often as there are retries.
    let done = run(&[taken(), page(), page(), What::text("done")]);
    assert!(done.outcome.is_ok() && done.polls() == 3, "{:?}", done.outcome);
    let behind = run(&[taken(), page()]);
    assert_eq!((behind.error().kind(), behind.polls()), (ErrorKind::UnexpectedResponse, 4));
    assert_eq!(behind.error().request_id(), Some("id-1"));
}

#[test]
fn text_is_not_said_to_be_probably_accepted() {
    let text = run(&[What::text("Service is starting")]);
    assert_eq!(text.error().kind(), ErrorKind::OutcomeUnknown);
    let shown = text.error().to_string();
    assert!(shown.contains("text instead of JSON") && !shown.contains("probably"), "{shown}");
    let json = run(&[What::text(r#"{"other": 1}"#)]);
    assert!(json.error().to_string().contains("probably accepted"), "{}", json.error());
}

#[test]
fn the_number_of_tries_is_not_said_of_a_permanent_failure() {
    let reads = |script: &[What]| World::new(Effect::Repeatable).run(&events(script.to_vec()));
    let permanent = reads(&[What::status(503), What::status(503), What::status(403)]);
    assert_eq!((permanent.error().kind(), permanent.submits()), (ErrorKind::PermissionDenied, 3));
    assert!(!permanent.error().to_string().contains("tried"), "{}", permanent.error());
    let lasting = reads(&[What::status(503)]);
    assert!(lasting.error().to_string().contains("tried 4 times"), "{}", lasting.error());
}
