//! Waits for runs and the rest.

use super::*;
use crate::error::ErrorKind;
use crate::h2o_workflows::{JobState, RunFailure, RunState, Seen, StepState};

fn run(state: &str) -> String {
    format!(r#"{{"run": {{"name": "{RUN}", "state": "{state}"}}}}"#)
}

fn failed(reason: &str) -> String {
    format!(
        r#"{{"run": {{"name": "{RUN}", "state": "STATE_FAILED", "failureReason": "RUN_FAILURE_REASON_{reason}",
        "failureMessage": "because"}}}}"#
    )
}

fn script(answers: &[String]) -> World {
    World::script(&answers.iter().map(|text| (200, text.as_str())).collect::<Vec<_>>())
}

#[test]
fn a_wait_polls_until_the_end() {
    let world = script(&[run("STATE_QUEUED"), run("STATE_NEW_ONE"), run(""), run("STATE_SUCCEEDED")]);
    let start = world.now();
    let done = world.client().run().wait_for_run(RUN).send().unwrap();
    assert_eq!(done.state, RunState::Succeeded);
    assert_eq!(world.asked(), vec![format!("GET {SERVICE}/v1/{RUN}"); 4]);
    // At once, after 2 s, 3 s and 4.5 s.
    assert_eq!(world.since(start), Duration::from_millis(9_900));
}

#[test]
fn a_failure_is_an_error_with_its_reason() {
    let world = script(&[run("STATE_RUNNING"), failed("TIMEOUT")]);
    let error = world.client().run().wait_for_run(RUN).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationFailed, Some(RUN)));
    assert_eq!((error.request_id(), error.api_status()), (None, Some("STATE_FAILED")));
    let failure = error.detail::<RunFailure>().unwrap();
    assert_eq!((&*failure.reason, &*failure.message), ("RUN_FAILURE_REASON_TIMEOUT", "because"));
    assert_eq!((failure.is_cancelled(), error.api_message()), (false, Some("because")));

    let world = script(&[failed("CANCELED")]);
    let error = world.client().run().wait_for_run(RUN).send().unwrap_err();
    assert!(error.detail::<RunFailure>().unwrap().is_cancelled());
    assert!(error.to_string().contains("It was cancelled"), "{error}");

    let world = script(&[run("STATE_RUNNING"), failed("TIMEOUT")]);
    let done = world.client().run().wait_for_run(RUN).accept_failure().send().unwrap();
    assert_eq!(done.state, RunState::Failed);
}

#[test]
fn a_condition_replaces_the_end() {
    let world = script(&[run("STATE_QUEUED"), run("STATE_RUNNING"), run("STATE_SUCCEEDED")]);
    let running = |run: &crate::h2o_workflows::Run| run.state == RunState::Running;
    let found = world.client().run().wait_for_run(RUN).until(running).send().unwrap();
    assert_eq!((found.state, world.asked().len()), (RunState::Running, 2));

    // A failure ends the wait early, and so does an end that does not meet the condition.
    for (last, expected) in [
        (failed("TIMEOUT"), "STATE_FAILED"),
        (run("STATE_SUCCEEDED"), "before the condition of the wait was met"),
    ] {
        let world = script(&[run("STATE_QUEUED"), last]);
        let error = world.client().run().wait_for_run(RUN).until(running).send().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationFailed, Some(RUN)));
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(world.asked().len(), 2);
    }
    // A rule can say more than whether it is met.
    let world = script(&[run("STATE_QUEUED"), run("STATE_RUNNING")]);
    let lost = |run: &crate::h2o_workflows::Run| match run.state {
        RunState::Running => Seen::Failed("lost".to_owned()),
        _ => Seen::Pending(String::new()),
    };
    let error = world.client().run().wait_for_run(RUN).until(lost).send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("lost")));
    assert_eq!(world.asked().len(), 2);

    let world = script(&[failed("TIMEOUT")]);
    let has_failed = |run: &crate::h2o_workflows::Run| run.state == RunState::Failed;
    world.client().run().wait_for_run(RUN).until(has_failed).accept_failure().send().unwrap();
}

#[test]
fn what_else_can_be_waited_for() {
    let (attempt, job) = (format!("{RUN}/attempts/latest"), format!("{RUN}/attempts/1/jobs/j"));
    let client = |key: &str, state: &str| {
        World::script(&[(200, &format!(r#"{{"{key}": {{"state": "{state}"}}}}"#))]).client()
    };
    let done = client("runAttempt", "STATE_SUCCEEDED").run_attempt().wait_for_run_attempt(&*attempt).send();
    assert!(done.unwrap().state.is_terminal());
    let done = client("job", "STATE_SKIPPED").job().wait_for_job(&*job).send().unwrap();
    assert_eq!(done.state, JobState::Skipped);
    let done = client("step", "STATE_SUCCEEDED").step().wait_for_step(STEP).send().unwrap();
    assert_eq!(done.state, StepState::Succeeded);
    let error = client("step", "STATE_FAILED").step().wait_for_step(STEP).send().unwrap_err();
    assert_eq!(error.detail::<RunFailure>().unwrap().reason, "STEP_FAILURE_REASON_UNSPECIFIED");

    let error = client("run", "").run().wait_for_run("runs/x").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let request = Client::offline().run().wait_for_run(RUN).to_request().unwrap();
    assert!(request.path.ends_with("runs%2Fx"), "{}", request.path);
}

#[test]
fn a_wait_has_an_hour_unless_the_call_says_otherwise() {
    for (client_time, call_time, expected) in
        [(None, None, 3600), (Some(7200), None, 7200), (None, Some(30), 30), (Some(20), Some(40), 40)]
    {
        let world = script(&[run("STATE_RUNNING")]);
        let mut client = world.client();
        if let Some(time) = client_time {
            let credentials =
                Credentials::builder().endpoint(SERVICE).token_provider(SecretString::from("t"));
            let builder = world.builder().credentials(credentials.build().unwrap());
            client = builder.timeout(Duration::from_secs(time)).build().unwrap();
        }
        let start = world.now();
        let mut call = client.run().wait_for_run(RUN);
        if let Some(time) = call_time {
            call = call.timeout(Duration::from_secs(time));
        }
        let error = call.send().unwrap_err();
        let took = world.since(start).as_secs_f64();
        assert!((took - f64::from(expected)).abs() < 1.1, "{took} {expected}");
        assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationTimeout, Some(RUN)));
        assert!(
            error.is_retryable() && error.to_string().contains(" s; last status: STATE_RUNNING"),
            "{error}"
        );
    }
}

#[test]
fn a_started_run_is_waited_for() {
    let world = script(&[run("STATE_QUEUED"), run("STATE_RUNNING"), run("STATE_SUCCEEDED")]);
    let revision = format!("{WORKFLOW}/revisions/active");
    let call = world.client().workflow_revision().run_workflow_revision(&*revision).input("a", "b");
    assert_eq!(call.clone().and_wait().to_request().unwrap().body, call.to_request().unwrap().body);
    let done = call.and_wait().send().unwrap();
    assert_eq!((done.state, &*done.name), (RunState::Succeeded, RUN));
    let get = format!("GET {SERVICE}/v1/{RUN}");
    assert_eq!(world.asked(), [format!("POST {SERVICE}/v1/{revision}:run"), get.clone(), get]);
}

#[test]
fn a_timeout_before_the_wait_is_that_of_the_wait_also_if_it_is_the_default() {
    let revision = format!("{WORKFLOW}/revisions/active");
    for (time, expected) in [(None, 3600), (Some(60), 60), (Some(90), 90)] {
        let world = script(&[run("STATE_RUNNING")]);
        let start = world.now();
        let mut call = world.client().workflow_revision().run_workflow_revision(&*revision);
        if let Some(time) = time {
            call = call.timeout(Duration::from_secs(time));
        }
        assert_eq!(call.and_wait().send().unwrap_err().kind(), ErrorKind::OperationTimeout);
        let took = world.since(start).as_secs_f64();
        assert!((took - f64::from(expected)).abs() < 1.1, "{took} {expected}");
    }
}

#[test]
fn every_error_after_the_start_has_the_name_of_the_run() {
    let revision = format!("{WORKFLOW}/revisions/active");
    for (status, text, kind) in [
        (200, failed("JOB_FAILED"), ErrorKind::OperationFailed),
        (404, String::new(), ErrorKind::NotFound),
        (403, String::new(), ErrorKind::PermissionDenied),
        (503, String::new(), ErrorKind::OperationTimeout),
        (200, "<html>".to_owned(), ErrorKind::UnexpectedResponse),
        (200, run("STATE_RUNNING"), ErrorKind::OperationTimeout),
    ] {
        let world = World::script(&[(200, &run("STATE_QUEUED")), (status, &text)]);
        let call = world.client().workflow_revision().run_workflow_revision(&*revision).and_wait();
        let error = call.timeout(Duration::from_secs(600)).send().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (kind, Some(RUN)), "{error}");
        assert_eq!((world.count("POST"), error.is_retryable()), (1, false), "{error}");
    }
    // Cancelled between two polls.
    let token = CancelToken::new();
    let (inner, mut polls) = (token.clone(), 0);
    let world = World::new(move |_| {
        polls += 1;
        if polls == 3 {
            inner.cancel();
        }
        answer(200, &run("STATE_RUNNING"))
    });
    let call = world.client().workflow_revision().run_workflow_revision(&*revision).and_wait();
    let error = call.cancel_with(&token).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(RUN)), "{error}");
    assert!(error.to_string().contains("do not start it again"), "{error}");
}

#[test]
fn a_start_is_not_repeated_after_it_may_have_been_accepted() {
    let revision = format!("{WORKFLOW}/revisions/active");
    let world = World::new(|_| lost());
    let error =
        world.client().workflow_revision().run_workflow_revision(&*revision).and_wait().send().unwrap_err();
    assert_eq!((error.kind(), world.count("POST")), (ErrorKind::OutcomeUnknown, 1));
    assert!(error.to_string().contains("list_runs"), "{error}");

    // The name of a run that cannot be read proves that it was accepted.
    let text = format!(r#"{{"run": {{"name": "{RUN}", "state": 5}}}}"#);
    let world = World::script(&[(200, &text)]);
    let error = world.client().workflow_revision().run_workflow_revision(&*revision).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some(RUN)), "{error}");
    assert_eq!(world.count("POST"), 1);
}

#[test]
fn a_retry_waits_for_its_own_attempt() {
    let attempt =
        |state: &str| format!(r#"{{"runAttempt": {{"name": "{RUN}/attempts/2", "state": "{state}"}}}}"#);
    // The state of the run may still be that of the attempt before.
    let answers =
        [failed("TIMEOUT"), attempt("STATE_QUEUED"), attempt("STATE_SUCCEEDED"), run("STATE_SUCCEEDED")];
    let world = script(&answers);
    let done = world.client().run().retry_run(RUN).and_wait().send().unwrap();
    assert_eq!(done.state, RunState::Succeeded);
    let latest = format!("GET {SERVICE}/v1/{RUN}/attempts/latest");
    let expected =
        [format!("POST {SERVICE}/v1/{RUN}:retry"), latest.clone(), latest, format!("GET {SERVICE}/v1/{RUN}")];
    assert_eq!(world.asked(), expected);

    // It has ended, and what the run is now cannot be read.
    let mut answers = answers.map(|text| (200, text));
    answers[3] = (404, String::new());
    let answers: Vec<(u16, &str)> = answers.iter().map(|(status, text)| (*status, text.as_str())).collect();
    let error = World::script(&answers).client().run().retry_run(RUN).and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::NotFound, Some(RUN)));
    assert!(error.to_string().contains("do not start it again"), "{error}");
}
