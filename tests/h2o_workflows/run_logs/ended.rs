//! Runs that have ended: order, requests, positions, faults.

use super::*;

#[test]
fn an_ended_run_step_after_step() {
    for mode in MODES {
        let (service, expected) = ended();
        let service = service.scripted();
        let followed = mode(&service, None, usize::MAX);
        assert!(followed.error.is_none(), "{:?}", followed.error);
        assert_eq!(followed.steps(), expected);
        // Nothing is asked twice, and skipped steps have no log. Lists of three or four items have two pages
        // here.
        let mut sent: Vec<String> = service
            .sent()
            .iter()
            .map(|request| format!("{} {}", asked(request), queried(request, "pageToken")))
            .collect();
        assert_eq!(sent.iter().filter(|asked| asked.contains(":streamLogs")).count(), 6);
        let count = sent.len();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len(), count, "{sent:#?}");
        // Two runs, their attempts, the jobs (two pages of the first attempt), the steps (two pages of one
        // job), the logs.
        assert_eq!(count, 2 + 2 + 4 + 5 + 6, "{sent:#?}");
        // The order of creation decides between jobs without a time.
        assert!(service.sent().iter().all(|request| {
            !asked(request).ends_with("/jobs") || queried(request, "orderBy") == "create_time"
        }));
    }
}

#[test]
fn a_later_process_continues_at_any_position() {
    for mode in MODES {
        let (service, expected) = ended();
        let service = service.scripted();
        let whole = mode(&service, None, usize::MAX).chunks;
        for cut in 0..=whole.len() {
            let mut first = mode(&service, None, cut);
            let text = serde_json::to_string(&first.position.unwrap()).unwrap();
            let second = mode(&service, Some(serde_json::from_str(&text).unwrap()), usize::MAX);
            assert!(second.error.is_none(), "{cut}: {:?}", second.error);
            first.chunks.extend(second.chunks);
            first.position = None;
            assert_eq!(first.steps(), expected, "{cut}: {text}");
        }
        // At the end there is nothing more, and the attempts, jobs and steps before are not listed again.
        let end = mode(&service, None, usize::MAX).position;
        let before = service.sent().len();
        assert!(mode(&service, end, usize::MAX).chunks.is_empty());
        assert_eq!(service.sent().len() - before, 2);
    }
}

#[test]
fn a_connection_that_breaks_anywhere_gives_each_byte_once() {
    for mode in MODES {
        for kind in [SendErrorKind::Closed, SendErrorKind::Timeout] {
            let (service, expected) = ended();
            // Each stream breaks after the first line of each connection.
            let service = Scripted::new(move |request, _| match service.answer(request) {
                Reply::Pieces(status, headers, pieces, None) if pieces.len() > 1 => {
                    Reply::Pieces(status, headers, pieces[..1].to_vec(), Some(kind))
                }
                reply => reply,
            });
            let followed = mode(&service, None, usize::MAX);
            assert!(followed.error.is_none(), "{:?}", followed.error);
            assert_eq!(followed.steps(), expected);
        }
    }
}

#[test]
fn every_request_may_fail_and_be_repeated() {
    for mode in MODES {
        for (status, passes) in [(503, true), (429, true), (500, false)] {
            let (service, expected) = ended();
            let service = Scripted::new(move |request, number| match number % 3 {
                0 if passes => Reply::text(status, "busy"),
                _ if !passes && number == 9 => Reply::text(403, r#"{"code": 7, "message": "not yours"}"#),
                _ => service.answer(request),
            });
            let followed = mode(&service, None, usize::MAX);
            if passes {
                assert_eq!(followed.steps(), expected, "{:?}", followed.error);
                continue;
            }
            let error = followed.error.unwrap();
            assert_eq!((error.kind(), error.resource()), (ErrorKind::PermissionDenied, Some(RUN)), "{error}");
            assert_eq!(error.detail::<RunLogPosition>(), followed.position.as_ref());
            assert!(followed.is_over);
        }
    }
}

const LINES: [&str; 7] = [
    "early[os:linux]: one",
    "early[os:linux]: two",
    "early[os:linux]: três, without an end",
    "inner: in the child",
    "late: fails",
    "late: works",
    "late: now",
];

#[test]
fn lines_end_with_their_step_and_continue_at_any_line() {
    let service = ended().0.scripted();
    assert_eq!(lines(call(&service), usize::MAX).0, LINES);
    for cut in 0..=LINES.len() {
        let (mut first, position, _) = lines(call(&service), cut);
        let (second, _, error) = lines(call(&service).position(position), usize::MAX);
        assert!(error.is_none());
        first.extend(second);
        assert_eq!(first, LINES, "{cut}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (lines, position) = runtime.block_on(async {
        let (mut logs, mut lines) = (call_async(&service).stream().lines(), Vec::new());
        while let Some(line) = logs.next().await {
            let line = line.unwrap();
            lines.push(format!("{}: {}", line.source.job_id, line.text));
        }
        (lines, logs.position())
    });
    assert_eq!(lines, LINES);
    assert_eq!(position, follow(&service, None, usize::MAX).position.unwrap());
}

/// The beginning of a line is returned with its rest, whatever ends the logs between the two.
#[test]
fn a_line_that_an_error_cuts_off_is_read_again() {
    let (service, _) = ended();
    let requests = {
        let service = service.clone().scripted();
        lines(call(&service), usize::MAX);
        service.sent().len()
    };
    for fails in 0..requests {
        let service = service.clone();
        let scripted =
            Scripted::new(
                move |request, number| {
                    if number == fails { Reply::text(403, "no") } else { service.answer(request) }
                },
            );
        let (mut first, position, error) = lines(call(&scripted), usize::MAX);
        let error = error.unwrap();
        assert_eq!(error.detail::<RunLogPosition>(), Some(&position), "{fails}");
        let (second, _, error) = lines(call(&scripted).position(position), usize::MAX);
        assert!(error.is_none());
        first.extend(second);
        assert_eq!(first, LINES, "{fails}");
    }
}

#[test]
fn the_log_of_one_step_is_cut_off_before_half_a_line_too() {
    let service = Scripted::new(|request, _| stream(b"one\ntwo", request, Some(SendErrorKind::Closed)));
    let token = CancelToken::new();
    let builder = Client::builder().credentials(credentials()).retry(retry(0)).clock(Leaping::new());
    let client = builder.transport(service).build().unwrap();
    let step = format!("{RUN}/attempts/1/jobs/j/steps/1");
    let mut logs = client.step().stream_step_logs(&*step).cancel_with(&token).follow().lines();
    assert_eq!(logs.next().unwrap().unwrap(), "one");
    token.cancel();
    let error = logs.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.detail::<LogPosition>().unwrap().offset), (ErrorKind::Cancelled, 4));
    assert!(error.to_string().contains(".offset(4)"), "{error}");
}

#[test]
fn runs_without_logs() {
    for mode in MODES {
        // No attempts at all, an attempt without jobs, a job without steps, a call that has called nothing.
        for depth in 0..4 {
            let mut service = Service::default();
            service.run(RUN, "STATE_FAILED");
            if depth > 0 {
                let attempt = service.attempt(RUN, 1, "STATE_FAILED");
                if depth > 1 {
                    service.job(&attempt, "j", "STATE_FAILED", Some(1));
                }
                if depth > 2 {
                    let (_, jobs) = service.lists.get_mut(&format!("{attempt}/jobs")).unwrap();
                    jobs[0]["type"] = json!("TYPE_WORKFLOW_CALL");
                }
            }
            let followed = mode(&service.scripted(), None, usize::MAX);
            assert!(followed.error.is_none() && followed.chunks.is_empty(), "{depth}: {followed:?}");
        }
        // The run that a job has called was deleted.
        let (mut service, mut expected) = ended();
        service.resources.remove(CHILD);
        expected.retain(|(step, _)| !step.starts_with(CHILD));
        assert_eq!(mode(&service.scripted(), None, usize::MAX).steps(), expected);
        // The run itself is not there.
        let error = mode(&Service::default().scripted(), None, usize::MAX).error.unwrap();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::NotFound, Some(RUN)));
    }
}

#[test]
fn a_service_that_leads_in_circles_is_an_error() {
    for mode in MODES {
        let (mut service, _) = ended();
        let (_, jobs) = service.lists.get_mut(&format!("{CHILD}/attempts/1/jobs")).unwrap();
        jobs[0]["childRun"] = json!(RUN);
        let error = mode(&service.scripted(), None, usize::MAX).error.unwrap();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some(RUN)));

        let service = Scripted::new(|request, _| match &*asked(request) {
            RUN => Reply::text(200, json!({"run": {"name": RUN, "state": "STATE_FAILED"}}).to_string()),
            _ => Reply::text(200, json!({"runAttempts": [], "nextPageToken": "a"}).to_string()),
        });
        let error = mode(&service, None, usize::MAX).error.unwrap();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert_eq!(service.sent().len(), 3);

        let (mut service, _) = ended();
        let (_, jobs) = service.lists.get_mut(&format!("{RUN}/attempts/1/jobs")).unwrap();
        jobs[0]["name"] = json!("jobs/x");
        let error = mode(&service.scripted(), None, usize::MAX).error.unwrap();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    }
}

#[test]
fn a_position_that_does_not_fit_sends_nothing() {
    let service = ended().0.scripted();
    let position = follow(&service, None, 1).position.unwrap();
    let sent = service.sent().len();
    let refused = |call: Call<Blocking, FollowLogs>| {
        let mut logs = call.iter();
        let error = logs.next().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("Nothing was sent") && error.resource().is_some(), "{error}");
        assert!(logs.next().is_none());
    };
    refused(call(&service).position(position.clone()).output(OutputStream::Stderr));
    let builder = Client::builder().credentials(credentials()).transport(service.clone());
    let client = builder.build().unwrap();
    refused(client.run().follow_logs(CHILD).position(position));
    refused(client.run().follow_logs("runs/x"));
    let damaged =
        |place: Value| serde_json::from_value::<RunLogPosition>(json!({"places": [place]})).unwrap();
    refused(call(&service).position(damaged(json!({"run": RUN, "attempt": 0}))));
    refused(call(&service).position(damaged(json!({"run": RUN, "step": 0}))));
    refused(call(&service).position(serde_json::from_value(json!({"places": []})).unwrap()));
    let deep = vec![json!({"run": RUN}); 100];
    refused(call(&service).position(serde_json::from_value(json!({"places": deep})).unwrap()));
    assert!(serde_json::from_value::<RunLogPosition>(json!({"places": [], "later": 1})).is_err());
    assert_eq!(service.sent().len(), sent);
    // The output of the position is the one that is read.
    let call = call(&service).output(OutputStream::Stderr);
    let position = {
        let mut logs = call.iter();
        logs.next();
        logs.position()
    };
    follow(&service, Some(position), 1);
    assert_eq!(queried(service.sent().last().unwrap(), "stream"), "OUTPUT_STREAM_STDERR");
}

#[test]
fn a_source_is_a_heading() {
    let service = ended().0.scripted();
    let headings: Vec<String> =
        call(&service).iter().map(|chunk| chunk.unwrap().source.to_string()).collect();
    assert_eq!(headings.first().unwrap(), "early[os:linux], step 1: step 1");
    assert_eq!(headings.last().unwrap(), "attempt 2, late, step 1: step 1");
}

/// States that a later service may have: what ends them is their time.
#[test]
fn states_that_are_not_known_do_not_hold_the_logs_up() {
    for mode in MODES {
        let (mut service, expected) = ended();
        for (_, items) in service.lists.values_mut().filter(|(key, _)| *key != "runAttempts") {
            for item in items {
                if item["state"] != "STATE_SKIPPED" {
                    (item["state"], item["endTime"]) = (json!("STATE_NEW"), json!("2026-01-01T00:01:00Z"));
                }
            }
        }
        assert_eq!(mode(&service.scripted(), None, usize::MAX).steps(), expected);
    }
}
