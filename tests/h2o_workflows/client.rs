//! The clients of H2O Workflows against their emulator, over sockets: logins, tokens, runs, logs, pages,
//! faults.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use controlplane::h2o_workflows::{
    AsyncClient, Client, ClientBuilder, Credentials, CredentialsBuilder, JobState, Run, RunFailure, RunState,
    Workflow,
};
use controlplane::{Error, ErrorKind, RetryPolicy, SecretString};
use controlplane_emulator::h2o_workflows::Emulator;

pub(crate) const PARENT: &str = "workspaces/w";
const SOURCE: &str = "id: f\njobs:\n  greet:\n    steps:\n      - run: |\n          echo one\n          echo two\n          echo three\n      - run: echo done\n";
const ACTIVE: &str = "workspaces/w/workflows/f/revisions/active";

/// Nothing of the machine that the test runs on counts.
fn no_env() -> CredentialsBuilder {
    Credentials::builder().env([("HOME", "/nonexistent")])
}

/// Credentials for discovery.
fn found(emulator: &Emulator) -> CredentialsBuilder {
    no_env().environment(emulator.url()).platform_token(emulator.refresh_token())
}

/// Credentials that name everything.
pub(crate) fn custom(emulator: &Emulator) -> CredentialsBuilder {
    no_env()
        .endpoint(emulator.url())
        .refresh_token(emulator.refresh_token())
        .issuer_url(emulator.issuer_url())
        .client_id(emulator.client_id())
}

/// A client that waits little.
pub(crate) fn with<M>(builder: ClientBuilder<M>, credentials: CredentialsBuilder) -> ClientBuilder<M> {
    let mut retry = RetryPolicy::default();
    retry.first_delay = Duration::from_millis(1);
    retry.max_delay = Duration::from_millis(10);
    let builder = builder.credentials(credentials.build().unwrap());
    builder.poll_interval(Duration::from_millis(10)).retry(retry)
}

fn client(emulator: &Emulator) -> Client {
    with(Client::builder(), custom(emulator)).login().unwrap()
}

pub(crate) fn active(emulator: &Emulator, source: &str) -> Client {
    let client = client(emulator);
    let workflow = client.workflow().create_workflow(PARENT, Workflow::new(source)).send().unwrap();
    client.workflow().activate_workflow(workflow.name).send().unwrap();
    client
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn starts(emulator: &Emulator) -> usize {
    emulator.ledger().iter().filter(|taken| taken.operation == "run_workflow_revision").count()
}

#[test]
fn both_logins_in_both_modes() {
    let emulator = Emulator::start().unwrap();
    let first = with(Client::builder(), found(&emulator)).login().unwrap();
    assert_eq!(first.endpoint(), Some(emulator.url()));
    assert!(first.workflow().list_workflows(PARENT).send().unwrap().workflows.is_empty());
    client(&emulator).workflow().list_workflows(PARENT).send().unwrap();
    runtime().block_on(async {
        let found = with(AsyncClient::builder(), found(&emulator)).login().await.unwrap();
        found.workflow().list_workflows(PARENT).await.unwrap();
        let given = with(AsyncClient::builder(), custom(&emulator)).login().await.unwrap();
        given.workflow().list_workflows(PARENT).await.unwrap();
    });
    assert_eq!(emulator.renewals(), 4);
}

#[test]
fn without_a_login_the_first_call_looks_the_service_up() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(found(&emulator).build().unwrap()).unwrap();
    assert_eq!((client.endpoint(), emulator.requests().len()), (None, 0));
    client.workflow().list_workflows(PARENT).send().unwrap();
    assert_eq!(client.endpoint(), Some(emulator.url()));
    runtime().block_on(async {
        let client = AsyncClient::new(found(&emulator).build().unwrap()).unwrap();
        let calls: Vec<_> =
            (0..20).map(|_| tokio::spawn(client.workflow().list_workflows(PARENT).send())).collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(client.endpoint(), Some(emulator.url()));
    });
    let discovered = emulator.requests().iter().filter(|r| r.path.ends_with("/v1/environment")).count();
    assert_eq!((discovered, emulator.renewals()), (2, 2));
}

#[test]
fn a_login_that_cannot_be_says_what_is_missing() {
    let emulator = Emulator::start().unwrap();
    let error = no_env().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.missing_fields(), ["environment", "platform_token"]);
    assert!(error.to_string().contains("H2O_CLOUD_ENVIRONMENT"), "{error}");
    let error = with(Client::builder(), no_env().environment(emulator.url())).login().unwrap_err();
    assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, &["platform_token"][..]));
    assert!(error.to_string().contains("H2O_CLOUD_CLIENT_PLATFORM_TOKEN"), "{error}");
    let error = with(Client::builder(), custom(&emulator).refresh_token("hunter2")).login().unwrap_err();
    assert_eq!((error.kind(), error.api_code()), (ErrorKind::Authentication, Some("invalid_grant")));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let error = no_env().endpoint(emulator.url()).build().unwrap_err();
    assert_eq!(error.missing_fields(), ["refresh_token", "issuer_url", "client_id"]);
    // A call says the same as a login.
    let error = with(Client::builder(), no_env().environment(emulator.url()));
    let error = error.build().unwrap().workflow().list_workflows(PARENT).send().unwrap_err();
    assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, &["platform_token"][..]));
}

#[test]
fn a_hundred_threads_renew_once() {
    let emulator = Emulator::builder().rotate_refresh_tokens().start().unwrap();
    let client = with(Client::builder(), custom(&emulator)).build().unwrap();
    // Without a token; then with one that is not taken any more.
    for renewals in 1..=2 {
        let barrier = Arc::new(Barrier::new(100));
        std::thread::scope(|scope| {
            for _ in 0..100 {
                let (client, barrier) = (client.clone(), barrier.clone());
                scope.spawn(move || {
                    barrier.wait();
                    client.workflow().list_workflows(PARENT).send().unwrap();
                });
            }
        });
        assert_eq!(emulator.renewals(), renewals);
        emulator.revoke_access_tokens();
    }
}

#[test]
fn a_hundred_tasks_renew_once() {
    let emulator = Emulator::builder().rotate_refresh_tokens().start().unwrap();
    let client = with(AsyncClient::builder(), custom(&emulator)).build().unwrap();
    for renewals in 1..=2 {
        runtime().block_on(async {
            let call = || tokio::spawn(client.workflow().list_workflows(PARENT).send());
            let tasks: Vec<_> = (0..100).map(|_| call()).collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
        });
        assert_eq!(emulator.renewals(), renewals);
        emulator.revoke_access_tokens();
    }
}

#[test]
fn a_change_with_a_refused_token_is_made_once() {
    let emulator = Emulator::start().unwrap();
    let client = active(&emulator, SOURCE);
    emulator.revoke_access_tokens();
    client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
    assert_eq!((starts(&emulator), emulator.renewals()), (1, 2));
    emulator.revoke_access_tokens();
    emulator.revoke_refresh_tokens();
    let error = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap_err();
    assert_eq!(
        (error.kind(), error.api_code()),
        (ErrorKind::Authentication, Some("invalid_grant")),
        "{error}"
    );
    assert_eq!(starts(&emulator), 1);
}

#[test]
fn a_token_of_ones_own() {
    let emulator = Emulator::start().unwrap();
    let token = SecretString::from(emulator.access_token());
    let credentials = no_env().endpoint(emulator.url()).token_provider(token);
    let client = with(Client::builder(), credentials).login().unwrap();
    client.workflow().list_workflows(PARENT).send().unwrap();
    assert_eq!(emulator.renewals(), 0);
}

fn check_run(run: &Run) {
    assert_eq!(run.state, RunState::Succeeded);
    assert!(run.end_time >= run.start_time, "{run:?}");
}

#[test]
fn a_run_from_its_yaml_to_its_logs() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let validation = client.workflow().validate_workflow(PARENT, "id: f\njobs: 5\n").send().unwrap();
    assert!(!validation.is_valid && !validation.validation_errors.is_empty());
    assert!(client.workflow().validate_workflow(PARENT, SOURCE).send().unwrap().is_valid);
    let workflow = client.workflow().create_workflow(PARENT, Workflow::new(SOURCE)).send().unwrap();
    let workflow = client.workflow().activate_workflow(workflow.name).send().unwrap();
    assert!(!workflow.active_revision.is_empty());

    let run = client.workflow_revision().run_workflow_revision(ACTIVE).and_wait().send().unwrap();
    check_run(&run);
    let attempt =
        client.run_attempt().get_run_attempt(format!("{}/attempts/latest", run.name)).send().unwrap();
    let jobs: Vec<_> = client.job().list_jobs(&*attempt.name).iter().collect::<Result<_, _>>().unwrap();
    assert_eq!((jobs.len(), &jobs[0].state), (1, &JobState::Succeeded));
    let steps: Vec<_> = client.step().list_steps(&*jobs[0].name).iter().collect::<Result<_, _>>().unwrap();
    let logs = client.step().get_step_logs(&*steps[0].name).send().unwrap();
    assert_eq!(logs.to_text(), "one\ntwo\nthree\n");
    client.step().wait_for_step(&*steps[0].name).send().unwrap();
    client.job().wait_for_job(&*jobs[0].name).send().unwrap();
    client.run_attempt().wait_for_run_attempt(&*attempt.name).send().unwrap();
    assert_eq!(starts(&emulator), 1);

    runtime().block_on(async {
        let client = with(AsyncClient::builder(), custom(&emulator)).login().await.unwrap();
        let run = client.workflow_revision().run_workflow_revision(ACTIVE).and_wait().await.unwrap();
        check_run(&run);
        check_run(&client.run().wait_for_run(run.name).await.unwrap());
        let mut logs = client.step().stream_step_logs(&*steps[0].name).follow();
        while logs.next().await.transpose().unwrap().is_some() {}
        assert_eq!(logs.offset(), 14);
        let mut logs = client.step().stream_step_logs(&*steps[0].name).follow().lines();
        let mut lines = Vec::new();
        while let Some(line) = logs.next().await {
            lines.push(line.unwrap());
        }
        assert_eq!(lines, ["one", "two", "three"]);
    });
}

#[test]
fn logs_are_followed_while_they_are_written_and_across_cuts() {
    let emulator = Emulator::builder().pending_polls(3).log_piece(Some(2)).start().unwrap();
    let client = active(&emulator, SOURCE);
    for cut in [0, 1, 60, 100] {
        let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
        let attempt = format!("{}/attempts/1", run.name);
        let job = client.job().list_jobs(attempt).iter().next().unwrap().unwrap();
        let step = client.step().list_steps(job.name).iter().next().unwrap().unwrap();
        emulator.clear_faults();
        emulator.add_fault(format!("starts=stream_step_logs, times=2: cut-body={cut}").parse().unwrap());
        let lines: Result<Vec<String>, Error> =
            client.step().stream_step_logs(step.name).follow().lines().collect();
        assert_eq!(lines.unwrap(), ["one", "two", "three"], "{cut}");
        client.run().wait_for_run(run.name).send().unwrap();
    }
}

#[test]
fn failure_and_cancellation_are_told_apart() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let client = active(&emulator, SOURCE);
    emulator.fail_next("greet", 1, 3);
    let error = client.workflow_revision().run_workflow_revision(ACTIVE).and_wait().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    let failure = error.detail::<RunFailure>().unwrap();
    assert_eq!(failure.reason, "RUN_FAILURE_REASON_JOB_FAILED", "{error}");
    assert!(!failure.is_cancelled());
    let run = client.run().wait_for_run(error.resource().unwrap()).accept_failure().send().unwrap();
    assert_eq!(run.state, RunState::Failed);
    assert!(!run.is_cancelled());

    let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
    client.run().cancel_run(&*run.name).send().unwrap();
    let error = client.run().wait_for_run(&*run.name).send().unwrap_err();
    assert!(error.detail::<RunFailure>().unwrap().is_cancelled(), "{error}");
    let error = client.run().cancel_run(&*run.name).send().unwrap_err();
    assert_eq!((error.kind(), error.api_code()), (ErrorKind::Rejected, Some("9")));
    let run = client.run().retry_run(&*run.name).send().unwrap();
    let latest =
        client.run_attempt().get_run_attempt(format!("{}/attempts/latest", run.name)).send().unwrap();
    assert!(latest.name.ends_with("/attempts/2"), "{}", latest.name);
    client.run_attempt().wait_for_run_attempt(latest.name).send().unwrap();
    let run = client.run().retry_run(&*run.name).and_wait().send().unwrap();
    check_run(&run);
    let third = client.run_attempt().get_run_attempt(format!("{}/attempts/3", run.name)).send().unwrap();
    assert!(third.state.is_terminal());
}

#[test]
fn a_start_whose_answer_is_lost_is_not_repeated() {
    for (fault, taken) in [("take-then-close", 1), ("cut-body=3", 1), ("close-before-read", 0)] {
        let emulator = Emulator::start().unwrap();
        let client = active(&emulator, SOURCE);
        emulator.add_fault(format!("starts=run_workflow_revision: {fault}").parse().unwrap());
        let error = client.workflow_revision().run_workflow_revision(ACTIVE).and_wait().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{fault}: {error}");
        assert_eq!(starts(&emulator), taken, "{fault}");
        let sent = emulator.requests().iter().filter(|r| r.path.ends_with(":run")).count();
        assert_eq!(sent, 1, "{fault}");
    }
}

#[test]
fn a_wait_bears_what_passes() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    let client = active(&emulator, SOURCE);
    for fault in ["poll, every=2: status=503", "poll, every=3: close-before-read"] {
        emulator.add_fault(fault.parse().unwrap());
    }
    check_run(&client.workflow_revision().run_workflow_revision(ACTIVE).and_wait().send().unwrap());
    assert_eq!(starts(&emulator), 1);
}

#[test]
fn all_pages() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for i in 0..60 {
        let source = format!("id: f{i}\njobs: {{a: {{steps: [{{run: echo}}]}}}}\n");
        client.workflow().create_workflow(PARENT, Workflow::new(source)).send().unwrap();
    }
    assert_eq!(client.workflow().list_workflows(PARENT).send().unwrap().workflows.len(), 50);
    for size in [0, 1, 7, 60] {
        let all: Result<Vec<_>, _> =
            client.workflow().list_workflows(PARENT).page_size(size).iter().collect();
        assert_eq!(all.unwrap().len(), 60, "{size}");
    }
    runtime().block_on(async {
        let client = with(AsyncClient::builder(), custom(&emulator)).login().await.unwrap();
        let mut all = client.workflow().list_workflows(PARENT).page_size(7).stream();
        let mut count = 0;
        while let Some(workflow) = all.next().await {
            workflow.unwrap();
            count += 1;
        }
        assert_eq!(count, 60);
    });
}
