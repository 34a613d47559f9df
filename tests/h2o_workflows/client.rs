//! The clients of H2O Workflows against their emulator, over sockets: logins, tokens, runs, logs, pages, faults.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use controlplane::h2o_workflows::{
    AsyncClients, ClientBuilder, Clients, JobState, Run, RunState, Workflow, failure_reason, is_cancelled,
};
use controlplane::{Error, ErrorKind, RetryPolicy, SecretString};
use controlplane_emulator::h2o_workflows::Emulator;

const PARENT: &str = "workspaces/w";
const SOURCE: &str = "id: f\njobs:\n  greet:\n    steps:\n      - run: |\n          echo one\n          echo two\n          echo three\n      - run: echo done\n";
const ACTIVE: &str = "workspaces/w/workflows/f/revisions/active";

/// Nothing of the machine that the test runs on counts.
fn no_env<M>(builder: ClientBuilder<M>) -> ClientBuilder<M> {
    let mut retry = RetryPolicy::default();
    retry.first_delay = Duration::from_millis(1);
    retry.max_delay = Duration::from_millis(10);
    builder.env([("HOME", "/nonexistent")]).poll_interval(Duration::from_millis(10)).retry(retry)
}

fn custom<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
    no_env(builder)
        .endpoint(emulator.url())
        .refresh_token(emulator.refresh_token())
        .issuer_url(emulator.issuer_url())
        .client_id(emulator.client_id())
}

fn clients(emulator: &Emulator) -> Clients {
    custom(Clients::builder(), emulator).login().unwrap()
}

fn active(emulator: &Emulator, source: &str) -> Clients {
    let clients = clients(emulator);
    let workflow = clients.workflow().create_workflow(PARENT, Workflow::new(source)).send().unwrap();
    clients.workflow().activate_workflow(workflow.name).send().unwrap();
    clients
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn starts(emulator: &Emulator) -> usize {
    emulator.ledger().iter().filter(|taken| taken.operation == "run_workflow_revision").count()
}

#[test]
fn both_logins_in_both_modes() {
    let emulator = Emulator::start().unwrap();
    let found = no_env(Clients::builder())
        .environment(emulator.url())
        .platform_token(emulator.refresh_token())
        .login()
        .unwrap();
    assert_eq!(found.endpoint(), Some(emulator.url()));
    assert!(found.workflow().list_workflows(PARENT).send().unwrap().workflows.is_empty());
    clients(&emulator).workflow().list_workflows(PARENT).send().unwrap();
    runtime().block_on(async {
        let builder = no_env(AsyncClients::builder()).environment(emulator.url());
        let found = builder.platform_token(emulator.refresh_token()).login().await.unwrap();
        found.workflow().list_workflows(PARENT).await.unwrap();
        let given = custom(AsyncClients::builder(), &emulator).login().await.unwrap();
        given.workflow().list_workflows(PARENT).await.unwrap();
    });
    assert_eq!(emulator.renewals(), 4);
}

#[test]
fn a_login_that_cannot_be_says_what_is_missing() {
    let emulator = Emulator::start().unwrap();
    let error = no_env(Clients::builder()).login().unwrap_err();
    assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, &["environment"][..]));
    assert!(error.to_string().contains("H2O_CLOUD_ENVIRONMENT"), "{error}");
    let error = no_env(Clients::builder()).environment(emulator.url()).login().unwrap_err();
    assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, &["platform_token"][..]));
    assert!(error.to_string().contains("H2O_CLOUD_CLIENT_PLATFORM_TOKEN"), "{error}");
    let error = custom(Clients::builder(), &emulator).refresh_token("hunter2").login().unwrap_err();
    assert_eq!((error.kind(), error.api_code()), (ErrorKind::Authentication, Some("invalid_grant")));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let error = no_env(Clients::builder()).endpoint(emulator.url()).login().unwrap_err();
    assert_eq!(error.missing_fields(), ["refresh_token", "issuer_url", "client_id"]);
    // Without a login there is no service to send to.
    let unknown = no_env(Clients::builder()).environment(emulator.url()).platform_token("x").build().unwrap();
    let error = unknown.workflow().list_workflows(PARENT).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
}

#[test]
fn a_hundred_threads_renew_once() {
    let emulator = Emulator::builder().rotate_refresh_tokens().start().unwrap();
    let clients = custom(Clients::builder(), &emulator).build().unwrap();
    // Without a token; then with one that is not taken any more.
    for renewals in 1..=2 {
        let barrier = Arc::new(Barrier::new(100));
        std::thread::scope(|scope| {
            for _ in 0..100 {
                let (clients, barrier) = (clients.clone(), barrier.clone());
                scope.spawn(move || {
                    barrier.wait();
                    clients.workflow().list_workflows(PARENT).send().unwrap();
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
    let clients = custom(AsyncClients::builder(), &emulator).build().unwrap();
    for renewals in 1..=2 {
        runtime().block_on(async {
            let call = || tokio::spawn(clients.workflow().list_workflows(PARENT).send());
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
    let clients = active(&emulator, SOURCE);
    emulator.revoke_access_tokens();
    clients.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
    assert_eq!((starts(&emulator), emulator.renewals()), (1, 2));
    emulator.revoke_access_tokens();
    emulator.revoke_refresh_tokens();
    let error = clients.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap_err();
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
    let clients = no_env(Clients::builder()).endpoint(emulator.url()).token_provider(token).login().unwrap();
    clients.workflow().list_workflows(PARENT).send().unwrap();
    assert_eq!(emulator.renewals(), 0);
}

fn check_run(run: &Run) {
    assert_eq!(run.state, RunState::Succeeded);
    assert!(run.end_time >= run.start_time, "{run:?}");
}

#[test]
fn a_run_from_its_yaml_to_its_logs() {
    let emulator = Emulator::start().unwrap();
    let clients = clients(&emulator);
    let validation = clients.workflow().validate_workflow(PARENT, "id: f\njobs: 5\n").send().unwrap();
    assert!(!validation.is_valid && !validation.validation_errors.is_empty());
    assert!(clients.workflow().validate_workflow(PARENT, SOURCE).send().unwrap().is_valid);
    let workflow = clients.workflow().create_workflow(PARENT, Workflow::new(SOURCE)).send().unwrap();
    let workflow = clients.workflow().activate_workflow(workflow.name).send().unwrap();
    assert!(!workflow.active_revision.is_empty());

    let run = clients.workflow_revision().run_and_wait(ACTIVE).send().unwrap();
    check_run(&run);
    let attempt =
        clients.run_attempt().get_run_attempt(format!("{}/attempts/latest", run.name)).send().unwrap();
    let jobs: Vec<_> = clients.job().list_jobs(&*attempt.name).iter().collect::<Result<_, _>>().unwrap();
    assert_eq!((jobs.len(), &jobs[0].state), (1, &JobState::Succeeded));
    let steps: Vec<_> = clients.step().list_steps(&*jobs[0].name).iter().collect::<Result<_, _>>().unwrap();
    let logs = clients.step().get_step_logs(&*steps[0].name).send().unwrap();
    assert_eq!(logs.to_text(), "one\ntwo\nthree\n");
    clients.step().wait_for_step(&*steps[0].name).send().unwrap();
    clients.job().wait_for_job(&*jobs[0].name).send().unwrap();
    clients.run_attempt().wait_for_run_attempt(&*attempt.name).send().unwrap();
    assert_eq!(starts(&emulator), 1);

    runtime().block_on(async {
        let clients = custom(AsyncClients::builder(), &emulator).login().await.unwrap();
        let run = clients.workflow_revision().run_and_wait(ACTIVE).await.unwrap();
        check_run(&run);
        check_run(&clients.run().wait_for_run(run.name).await.unwrap());
        let mut logs = clients.step().stream_step_logs(&*steps[0].name).follow_stream();
        let mut lines = Vec::new();
        while let Some(line) = logs.next_line().await {
            lines.push(line.unwrap());
        }
        assert_eq!((lines.join(" "), logs.offset()), ("one two three".to_owned(), 14));
    });
}

#[test]
fn logs_are_followed_while_they_are_written_and_across_cuts() {
    let emulator = Emulator::builder().pending_polls(3).log_piece(Some(2)).start().unwrap();
    let clients = active(&emulator, SOURCE);
    for cut in [0, 1, 60, 100] {
        let run = clients.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
        let attempt = format!("{}/attempts/1", run.name);
        let job = clients.job().list_jobs(attempt).iter().next().unwrap().unwrap();
        let step = clients.step().list_steps(job.name).iter().next().unwrap().unwrap();
        emulator.clear_faults();
        emulator.add_fault(format!("starts=stream_step_logs, times=2: cut-body={cut}").parse().unwrap());
        let lines: Result<Vec<String>, Error> =
            clients.step().stream_step_logs(step.name).follow().lines().collect();
        assert_eq!(lines.unwrap(), ["one", "two", "three"], "{cut}");
        clients.run().wait_for_run(run.name).send().unwrap();
    }
}

#[test]
fn failure_and_cancellation_are_told_apart() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let clients = active(&emulator, SOURCE);
    emulator.fail_next("greet", 1, 3);
    let error = clients.workflow_revision().run_and_wait(ACTIVE).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert_eq!(failure_reason(&error), Some("RUN_FAILURE_REASON_JOB_FAILED"), "{error}");
    assert!(!is_cancelled(&error));
    let run = clients.run().wait_for_run(error.request_id().unwrap()).accept_failure().send().unwrap();
    assert_eq!(run.state, RunState::Failed);
    assert!(!run.is_cancelled());

    let run = clients.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap();
    clients.run().cancel_run(&*run.name).send().unwrap();
    let error = clients.run().wait_for_run(&*run.name).send().unwrap_err();
    assert!(is_cancelled(&error), "{error}");
    let error = clients.run().cancel_run(&*run.name).send().unwrap_err();
    assert_eq!((error.kind(), error.api_code()), (ErrorKind::Rejected, Some("9")));
    let run = clients.run().retry_run(&*run.name).send().unwrap();
    let latest =
        clients.run_attempt().get_run_attempt(format!("{}/attempts/latest", run.name)).send().unwrap();
    assert!(latest.name.ends_with("/attempts/2"), "{}", latest.name);
    clients.run_attempt().wait_for_run_attempt(latest.name).send().unwrap();
}

#[test]
fn a_start_whose_answer_is_lost_is_not_repeated() {
    for (fault, taken) in [("take-then-close", 1), ("cut-body=3", 1), ("close-before-read", 0)] {
        let emulator = Emulator::start().unwrap();
        let clients = active(&emulator, SOURCE);
        emulator.add_fault(format!("starts=run_workflow_revision: {fault}").parse().unwrap());
        let error = clients.workflow_revision().run_and_wait(ACTIVE).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{fault}: {error}");
        assert_eq!(starts(&emulator), taken, "{fault}");
        let sent = emulator.requests().iter().filter(|r| r.path.ends_with(":run")).count();
        assert_eq!(sent, 1, "{fault}");
    }
}

#[test]
fn a_wait_bears_what_passes() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    let clients = active(&emulator, SOURCE);
    for fault in ["poll, every=2: status=503", "poll, every=3: close-before-read"] {
        emulator.add_fault(fault.parse().unwrap());
    }
    check_run(&clients.workflow_revision().run_and_wait(ACTIVE).send().unwrap());
    assert_eq!(starts(&emulator), 1);
}

#[test]
fn all_pages() {
    let emulator = Emulator::start().unwrap();
    let clients = clients(&emulator);
    for i in 0..60 {
        let source = format!("id: f{i}\njobs: {{a: {{steps: [{{run: echo}}]}}}}\n");
        clients.workflow().create_workflow(PARENT, Workflow::new(source)).send().unwrap();
    }
    assert_eq!(clients.workflow().list_workflows(PARENT).send().unwrap().workflows.len(), 50);
    for size in [0, 1, 7, 60] {
        let all: Result<Vec<_>, _> =
            clients.workflow().list_workflows(PARENT).page_size(size).iter().collect();
        assert_eq!(all.unwrap().len(), 60, "{size}");
    }
    runtime().block_on(async {
        let clients = custom(AsyncClients::builder(), &emulator).login().await.unwrap();
        let mut all = clients.workflow().list_workflows(PARENT).page_size(7).stream();
        let mut count = 0;
        while let Some(workflow) = all.next().await {
            workflow.unwrap();
            count += 1;
        }
        assert_eq!(count, 60);
    });
}
