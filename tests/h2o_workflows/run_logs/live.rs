//! Runs that are followed while they run, in virtual time.

use super::*;

/// A run that takes its time: queued for 60 s, then job `a` runs for 300 s and `b` beside it for 30 s; the
/// run ends at 400 s. A stream that has nothing to say is silent for a minute.
fn live(clock: &Leaping) -> Scripted {
    let (start, clock) = (clock.now(), clock.clone());
    let stepping = clock.clone();
    Scripted::new(move |request, _| {
        let now = stepping.now().duration_since(start).as_secs();
        let state = |from, to, good: &str| match now {
            now if now < from => "STATE_PENDING".to_owned(),
            now if now < to => "STATE_RUNNING".to_owned(),
            _ => format!("STATE_{good}"),
        };
        let attempt_state = if now < 60 { "STATE_QUEUED".to_owned() } else { state(60, 380, "SUCCEEDED") };
        let run_state = if now < 60 { "STATE_QUEUED".to_owned() } else { state(60, 400, "SUCCEEDED") };
        let mut service = Service::default();
        service.run(RUN, &run_state);
        let attempt = service.attempt(RUN, 1, &attempt_state);
        let started = |at: u64| (now >= at).then_some(at as u32 % 60);
        let a = service.job(&attempt, "a", &state(60, 361, "SUCCEEDED"), started(60));
        let b = service.job(&attempt, "b", &state(61, 90, "SUCCEEDED"), started(61));
        let c = service.job(&attempt, "c", &state(365, 375, "SUCCEEDED"), started(365));
        let lines = |from: u64, to: u64| -> String {
            (from..to.min(now)).step_by(10).map(|second| format!("at {second}\n")).collect()
        };
        service.step(&a, 1, &state(60, 200, "SUCCEEDED"), &lines(60, 200));
        service.step(&a, 2, &state(200, 361, "SUCCEEDED"), &lines(200, 361));
        service.step(&b, 1, &state(61, 90, "SUCCEEDED"), &lines(61, 90));
        service.step(&c, 1, &state(365, 375, "SUCCEEDED"), &lines(365, 375));
        let path = asked(request);
        let Some(step) = path.strip_suffix(":streamLogs") else { return service.answer(request) };
        let is_over = service.resources[step].1["state"] == "STATE_SUCCEEDED";
        if !is_over {
            clock.sleep(Duration::from_secs(60));
        }
        stream(&service.logs[step], request, (!is_over).then_some(SendErrorKind::Timeout))
    })
}

fn live_lines() -> Vec<String> {
    let lines = |job: &str, from: u64, to: u64| -> Vec<String> {
        (from..to).step_by(10).map(|second| format!("{job}: at {second}")).collect()
    };
    [lines("a", 60, 200), lines("a", 200, 361), lines("b", 61, 90), lines("c", 365, 375)].concat()
}

#[test]
fn a_run_is_followed_until_it_has_ended() {
    let clock = Leaping::new();
    let service = live(&clock);
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = seen.clone();
    let call =
        call_at(&service, &clock).on_progress(move |progress| keep.lock().unwrap().push(progress.clone()));
    let (all, _, error) = lines(call, usize::MAX);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(all, live_lines());
    let seen = seen.lock().unwrap();
    let states: Vec<&str> = seen
        .iter()
        .filter_map(|progress| match progress {
            Progress::StatusChanged { to, .. } => Some(&**to),
            _ => None,
        })
        .collect();
    assert_eq!(states, ["STATE_QUEUED", "STATE_RUNNING", "STATE_SUCCEEDED"]);
    let Some(Progress::Finished { id, outcome: Ok(status), .. }) = seen.last() else { panic!("{seen:?}") };
    assert_eq!((id.as_deref(), &**status), (Some(RUN), "STATE_SUCCEEDED"));
    assert!(
        seen.iter()
            .any(|progress| matches!(progress, Progress::Polled { status, .. } if status == "STATE_QUEUED"))
    );
    // Polls at growing intervals, a silent stream once a minute.
    assert!(service.sent().len() < 50, "{}", service.sent().len());
}

#[test]
fn an_attempt_that_begins_meanwhile_is_followed_too() {
    let clock = Leaping::new();
    let service = Scripted::new(|request, number| {
        let (mut service, late) = (Service::default(), number > 8);
        // A person retries the run right after its end; the list has the new attempt a moment later.
        service.run(RUN, if number > 20 { "STATE_SUCCEEDED" } else { "STATE_QUEUED" });
        let first = service.attempt(RUN, 1, "STATE_FAILED");
        let job = service.job(&first, "j", "STATE_FAILED", Some(1));
        service.step(&job, 1, "STATE_FAILED", "fails\n");
        if late {
            let state = if number > 14 { "STATE_SUCCEEDED" } else { "STATE_QUEUED" };
            let second = service.attempt(RUN, 2, state);
            let job = service.job(&second, "j", "STATE_SUCCEEDED", Some(2));
            service.step(&job, 1, "STATE_SUCCEEDED", "works\n");
        }
        service.answer(request)
    });
    let (all, _, error) = lines(call_at(&service, &clock), usize::MAX);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(all, ["j: fails", "j: works"]);
}

#[test]
fn a_live_run_continues_at_any_line() {
    for cut in 0..=live_lines().len() {
        let clock = Leaping::new();
        let service = live(&clock);
        let (mut first, position, _) = lines(call_at(&service, &clock), cut);
        let text = serde_json::to_string(&position).unwrap();
        let call = call_at(&service, &clock).position(serde_json::from_str(&text).unwrap());
        first.extend(lines(call, usize::MAX).0);
        assert_eq!(first, live_lines(), "{cut}: {text}");
    }
}

#[test]
fn a_stream_that_ends_before_its_step_is_opened_again() {
    let clock = Leaping::new();
    let inner = live(&clock);
    let service = Scripted::new(move |request, _| match inner.reply(request) {
        // A proxy that ends every response after some time.
        Reply::Pieces(status, headers, pieces, Some(SendErrorKind::Timeout)) => {
            Reply::Pieces(status, headers, pieces, None)
        }
        reply => reply,
    });
    let (all, _, error) = lines(call_at(&service, &clock), usize::MAX);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(all, live_lines());
}

#[test]
fn the_time_of_the_call_is_that_of_the_whole() {
    let over = |error: &Error| {
        assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationTimeout, Some(RUN)), "{error}");
        assert!(error.is_timeout() && error.is_retryable(), "{error}");
    };
    // In the queue, while a stream is silent, between two steps.
    for (seconds, most) in [(30, 30), (100, 102), (150, 152), (365, 367)] {
        let clock = Leaping::new();
        let start = clock.now();
        let service = live(&clock);
        let call = call_at(&service, &clock).timeout(Duration::from_secs(seconds));
        let (first, position, error) = lines(call, usize::MAX);
        let error = error.unwrap();
        over(&error);
        let took = clock.now().duration_since(start).as_secs();
        // A silent stream takes a minute here, however long it may.
        assert!((seconds..=most + 60).contains(&took), "{seconds}: {took}");
        assert_eq!(error.detail::<RunLogPosition>(), Some(&position));
        let rest = lines(call_at(&service, &clock).position(position), usize::MAX).0;
        assert_eq!([first, rest].concat(), live_lines());
    }
    // The client's own time is for its other calls.
    let clock = Leaping::new();
    let service = live(&clock);
    let builder = Client::builder().credentials(credentials()).timeout(Duration::from_secs(5)).clock(clock);
    let client = builder.transport(service).build().unwrap();
    assert_eq!(lines(client.run().follow_logs(RUN), usize::MAX).0, live_lines());
}

#[test]
fn it_can_be_cancelled_in_the_queue_and_while_a_log_is_read() {
    let expect = |error: Error| {
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(RUN)), "{error}");
        error.detail::<RunLogPosition>().unwrap().clone()
    };
    for cancel_at in [0, 1, 3, 8, 12] {
        let clock = Leaping::new();
        let (token, inner) = (CancelToken::new(), live(&clock));
        let canceller = token.clone();
        let service = Scripted::new(move |request, number| {
            if number == cancel_at {
                canceller.cancel();
            }
            inner.reply(request)
        });
        let (first, position, error) = lines(call_at(&service, &clock).cancel_with(&token), usize::MAX);
        assert_eq!(expect(error.unwrap()), position);
        let rest = lines(call_at(&service, &clock).position(position), usize::MAX).0;
        assert_eq!([first, rest].concat(), live_lines(), "{cancel_at}");
    }
    let token = CancelToken::new();
    token.cancel();
    let service = ended().0.scripted();
    expect(call(&service).cancel_with(&token).iter().next().unwrap().unwrap_err());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    expect(runtime.block_on(call_async(&service).cancel_with(&token).stream().next()).unwrap().unwrap_err());
    assert!(service.sent().is_empty());
    // A client without credentials.
    let error = Client::offline().run().follow_logs(RUN).iter().next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Credentials, Some(RUN)));
}
