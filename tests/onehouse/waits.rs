//! Waits for resources and for runs of jobs, in both modes, against the emulator and its faults: what they
//! see, how they end, and that a job is never run twice.

mod rules;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::onehouse::client::Client as AnyClient;
use controlplane::onehouse::{
    Action, Async, AsyncClient, Blocking, Call, Client, ClusterType, CreateCluster, DescribeCluster,
    FlowChange, JobRun, JobRunStatus, JobType, LakeType, NewFlow, RawSql, RunnableService, Seen,
    ShowClusters, SourceType, StatusResponse, TableService, WaitUntil, WriteMode,
};
use controlplane::transport::Proxy;
use controlplane::{CancelToken, Error, ErrorKind, PollPolicy, Progress, RetryPolicy};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::onehouse::{Emulator, Shape};

const MS: Duration = Duration::from_millis(1);
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(50);
/// For what is meant to run out of time: long enough for a busy machine to look at how things stand.
const SHORT: Duration = Duration::from_secs(2);

fn polling() -> PollPolicy {
    let mut polling = PollPolicy::every(10 * MS);
    polling.factor = 1.0;
    polling
}

fn retry() -> RetryPolicy {
    let mut retry = RetryPolicy::retries(3);
    retry.first_delay = MS;
    retry
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().credentials(emulator.credentials()).proxy(Proxy::None).no_rate_limit();
    builder.polling(polling()).retry(retry()).timeout(LONG).build().unwrap()
}

fn async_client(emulator: &Emulator) -> AsyncClient {
    let builder =
        AsyncClient::builder().credentials(emulator.credentials()).proxy(Proxy::None).no_rate_limit();
    builder.polling(polling()).retry(retry()).timeout(LONG).build().unwrap()
}

/// A project with a lake, a flow into a table, and two jobs, one of which fails.
fn project(shape: Shape) -> Emulator {
    let emulator = Emulator::builder().pending_polls(1).shape(shape).start().unwrap();
    let client = client(&emulator);
    client.create_cluster("spark", ClusterType::Spark).send().unwrap();
    client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System").send().unwrap();
    client.create_database("db", "raw").send().unwrap();
    client.create_source("s3", SourceType::S3).send().unwrap();
    let flow = NewFlow {
        source: "s3",
        lake: "raw",
        database: "db",
        table_name: "orders",
        write_mode: WriteMode::Immutable,
        cluster: "System",
    };
    client.create_flow("orders", flow).send().unwrap();
    client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send().unwrap();
    client
        .create_job("bad", JobType::Python, ["s3a://bucket/etl.py", "emulator.fail"], "spark")
        .send()
        .unwrap();
    emulator
}

/// How often statements that begin so were taken.
fn taken(emulator: &Emulator, start: &str) -> usize {
    emulator.ledger().iter().filter(|taken| taken.statement.starts_with(start)).count()
}

fn fault(emulator: &Emulator, spec: &str) {
    emulator.add_fault(spec.parse::<Fault>().unwrap_or_else(|e| panic!("{e}")));
}

/// The result of a call, and the states that its progress reported.
struct Watched<T> {
    outcome: Result<T, Error>,
    states: Vec<String>,
}

fn watched<M, A>(call: Call<M, A>) -> (Call<M, A>, Arc<Mutex<Vec<String>>>) {
    let states = Arc::new(Mutex::new(Vec::new()));
    let heard = states.clone();
    let call = call.on_progress(move |progress| {
        if let Progress::Polled { status, .. } = progress {
            heard.lock().unwrap().push(status.clone());
        }
    });
    (call, states)
}

/// Runs a call in each mode, on a project of its own.
fn on_both<A>(
    shape: Shape,
    prepare: impl Fn(&Emulator, &Client),
    blocking: impl Fn(&Client) -> Call<Blocking, A>,
    asynchronous: impl Fn(&AsyncClient) -> Call<Async, A>,
    check: impl Fn(&Emulator, Watched<A::Output>),
) where
    A: Action<controlplane::onehouse::client::Onehouse> + Send + Sync + 'static,
{
    let emulator = project(shape);
    prepare(&emulator, &client(&emulator));
    let (call, states) = watched(blocking(&client(&emulator)));
    let outcome = call.send();
    let states = states.lock().unwrap().clone();
    check(&emulator, Watched { outcome, states });

    let emulator = project(shape);
    prepare(&emulator, &client(&emulator));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (call, states) = watched(asynchronous(&async_client(&emulator)));
    let outcome = runtime.block_on(async { call.await });
    let states = states.lock().unwrap().clone();
    check(&emulator, Watched { outcome, states });
}

fn nothing(_: &Emulator, _: &Client) {}

/// Runs all cases at the same time.
fn each<C: Copy + Send>(cases: impl IntoIterator<Item = C>, check: impl Fn(C) + Sync) {
    let check = &check;
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || check(case));
        }
    });
}

#[test]
fn a_cluster_until_it_runs() {
    for shape in [Shape::Flat, Shape::Wrapped] {
        on_both(
            shape,
            |_, client| {
                // Not waited for, so it is still starting.
                client.create_cluster("prod", ClusterType::Managed).submit().unwrap();
            },
            |client| client.wait_for_cluster("prod", "running"),
            |client| client.wait_for_cluster("prod", "running"),
            |emulator, seen| {
                let answer = seen.outcome.unwrap();
                assert_eq!(answer.state().as_deref(), Some("RUNNING"));
                assert_eq!(seen.states, ["STARTING"]);
                assert_eq!(taken(emulator, "DESCRIBE CLUSTER `prod`"), 2);
                assert_eq!(taken(emulator, "CREATE CLUSTER `prod`"), 1);
            },
        );
    }
}

#[test]
fn a_state_that_does_not_come() {
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for_cluster("spark", "STOPPED").timeout(SHORT),
        |client| client.wait_for_cluster("spark", "STOPPED").timeout(SHORT),
        |_, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationTimeout, Some("RUNNING")));
            assert_eq!((error.request_id(), error.is_retryable()), (None, true));
            assert_eq!(error.resource(), Some("spark"));
            let text = error.to_string();
            assert!(
                text.starts_with("waiting for cluster `spark` to be STOPPED: timed out after "),
                "{text}"
            );
            assert!(text.contains("RUNNING"), "{text}");
        },
    );
}

#[test]
fn a_state_that_ends_the_wait_and_a_thing_that_is_not_there() {
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for_cluster("spark", "STOPPED").fail_on("LOST").fail_on("running"),
        |client| client.wait_for_cluster("spark", "STOPPED").fail_on("LOST").fail_on("running"),
        |emulator, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("RUNNING")));
            assert_eq!(error.api_response().unwrap()["name"], "spark");
            assert_eq!(taken(emulator, "DESCRIBE"), 1);
        },
    );
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for_cluster("nowhere", "RUNNING"),
        |client| client.wait_for_cluster("nowhere", "RUNNING"),
        |emulator, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OperationFailed);
            assert_eq!(error.api_status(), Some("API_OPERATION_STATUS_FAILED"));
            assert!(error.to_string().contains("does not exist"), "{error}");
            assert_eq!(taken(emulator, "DESCRIBE"), 1);
        },
    );
}

#[test]
fn a_flow_until_it_is_paused() {
    for name in ["orders", "orders:orders"] {
        on_both(
            Shape::Wrapped,
            |_, client| {
                client.alter_flow("orders", FlowChange::Pause).send().unwrap();
            },
            |client| client.wait_for_flow(name, "PAUSED").unchecked_names(),
            |client| client.wait_for_flow(name, "PAUSED").unchecked_names(),
            |emulator, seen| {
                assert_eq!(seen.outcome.unwrap().state().as_deref(), Some("PAUSED"));
                assert_eq!((seen.states.len(), taken(emulator, "DESCRIBE FLOW")), (0, 1));
            },
        );
    }
    let emulator = project(Shape::Flat);
    let error = client(&emulator).wait_for_flow("orders:orders", "PAUSED").send().unwrap_err();
    assert_eq!((error.kind(), taken(&emulator, "DESCRIBE")), (ErrorKind::InvalidArgument, 0));
}

#[test]
fn a_table_service_until_it_is_active_again() {
    on_both(
        Shape::Flat,
        |_, client| {
            client.run_service_in_table("raw", "db", "orders", RunnableService::Clean).submit().unwrap();
        },
        |client| client.wait_for_table_service("raw", "db", "orders", TableService::Clean, "Running"),
        |client| client.wait_for_table_service("raw", "db", "orders", TableService::Clean, "Running"),
        |emulator, seen| {
            assert_eq!(seen.outcome.unwrap().state().as_deref(), Some("Running"));
            // Its end has to be seen in its list of runs: DESCRIBE does not move the emulator's runs on.
            let client = client(emulator);
            for _ in 0..2 {
                client.show_runs_in_table_service("raw", "db", "orders", TableService::Clean).send().unwrap();
            }
            let wait = client.wait_for_table_service("raw", "db", "orders", TableService::Clean, "Active");
            assert_eq!(wait.send().unwrap().state().as_deref(), Some("Active"));
        },
    );
}

#[test]
fn a_run_until_it_is_over() {
    for shape in [Shape::Flat, Shape::Wrapped] {
        let id = Mutex::new(String::new());
        on_both(
            shape,
            |_, client| {
                let done = client.run_job("etl").send().unwrap();
                *id.lock().unwrap() = done.job_run_id().unwrap();
            },
            |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl"),
            |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl"),
            |emulator, seen| {
                let run = seen.outcome.unwrap();
                assert_eq!((run.job_run_id, run.job_name.as_str()), (id.lock().unwrap().clone(), "etl"));
                assert_eq!(run.status, JobRunStatus::Completed);
                assert!(run.described.is_terminal());
                assert_eq!(seen.states, ["SPARK_JOB_RUN_STATUS_QUEUED", "SPARK_JOB_RUN_STATUS_RUNNING"]);
                assert_eq!((taken(emulator, "RUN JOB"), taken(emulator, "DESCRIBE JOB_RUN")), (1, 3));
            },
        );
    }
}

#[test]
fn a_run_that_is_cancelled() {
    let id = Mutex::new(String::new());
    on_both(
        Shape::Flat,
        |_, client| {
            let run = client.run_job("etl").send().unwrap().job_run_id().unwrap();
            client.cancel_job_run(run.as_str(), "etl").send().unwrap();
            *id.lock().unwrap() = run;
        },
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl"),
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl"),
        |_, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OperationFailed);
            assert_eq!(error.api_status(), Some("SPARK_JOB_RUN_STATUS_CANCELED"));
            assert_eq!(error.resource(), Some(id.lock().unwrap().as_str()));
        },
    );
}

#[test]
fn a_job_that_is_run_and_waited_for() {
    for shape in [Shape::Flat, Shape::Wrapped] {
        on_both(
            shape,
            nothing,
            |client| client.run_job("etl").and_wait(),
            |client| client.run_job("etl").and_wait(),
            |emulator, seen| {
                let run = seen.outcome.unwrap();
                assert_eq!((run.job_name.as_str(), run.status), ("etl", JobRunStatus::Completed));
                let runs = client(emulator).show_runs_in_job("etl").send().unwrap().rows();
                assert_eq!((runs.len(), runs[0]["jobRunId"].as_str()), (1, Some(run.job_run_id.as_str())));
                assert_eq!(taken(emulator, "RUN JOB"), 1);
                assert!(
                    seen.states.contains(&"SPARK_JOB_RUN_STATUS_RUNNING".to_owned()),
                    "{:?}",
                    seen.states
                );
            },
        );
        on_both(
            shape,
            nothing,
            |client| {
                client.create_and_run_job("new", JobType::Python, ["s3a://b/etl.py"], "spark").and_wait()
            },
            |client| {
                client.create_and_run_job("new", JobType::Python, ["s3a://b/etl.py"], "spark").and_wait()
            },
            |emulator, seen| {
                assert_eq!(seen.outcome.unwrap().job_name, "new");
                assert_eq!(taken(emulator, "CREATE AND RUN JOB"), 1);
            },
        );
    }
}

#[test]
fn a_run_that_fails() {
    on_both(
        Shape::Flat,
        nothing,
        |client| client.run_job("bad").and_wait(),
        |client| client.run_job("bad").and_wait(),
        |emulator, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OperationFailed);
            assert_eq!(error.api_status(), Some("SPARK_JOB_RUN_STATUS_FAILED"));
            assert!(error.resource().is_some() && error.request_id().is_some());
            assert!(!error.is_retryable() && !error.is_resumable());
            let text = error.to_string();
            assert!(text.contains("starts another run") && !text.contains("wait_for_job_run"), "{text}");
            assert_eq!(taken(emulator, "RUN JOB"), 1);
        },
    );
}

#[test]
fn a_wait_that_ends_before_its_run_can_be_taken_up_again() {
    let cases = [
        ("starts=DESCRIBE: status=401", ErrorKind::Authentication),
        ("starts=DESCRIBE: status=400, grpc-message=no", ErrorKind::Rejected),
        ("starts=DESCRIBE: status=503", ErrorKind::OperationTimeout),
        ("starts=DESCRIBE: take-then-close", ErrorKind::OperationTimeout),
        // The polls of RUN JOB itself are the first two.
        ("starts=DESCRIBE: status=404", ErrorKind::NotFound),
        ("poll, nth=3: operation-status=API_OPERATION_STATUS_FAILED", ErrorKind::OperationFailed),
        ("poll, nth=3, times=1000: status=503", ErrorKind::OperationTimeout),
        ("poll, nth=3, times=1000: not-json", ErrorKind::UnexpectedResponse),
    ];
    each(cases, |(spec, kind)| {
        let timeout = if kind == ErrorKind::OperationTimeout { SHORT } else { LONG };
        on_both(
            Shape::Flat,
            |emulator, _| fault(emulator, spec),
            |client| client.run_job("etl").and_wait().timeout(timeout),
            |client| client.run_job("etl").and_wait().timeout(timeout),
            |emulator, seen| {
                let error = seen.outcome.unwrap_err();
                assert_eq!(error.kind(), kind, "{spec}: {error}");
                let id = error.resource().unwrap_or_else(|| panic!("{spec}: {error}"));
                assert!(!error.is_retryable() && !error.is_resumable(), "{spec}: {error}");
                let text = error.to_string();
                assert!(text.contains(id) && text.contains("wait_for_job_run"), "{spec}: {text}");
                assert!(text.contains("do not run the job"), "{spec}: {text}");

                emulator.clear_faults();
                let client = client(emulator);
                // The request id is that of RUN JOB, and leads to the same run.
                let start = client.resume(error.request_id().unwrap()).send().unwrap();
                assert_eq!(start.job_run_id().as_deref(), Some(id));
                assert_eq!(client.wait_for_job_run(id, "etl").send().unwrap().job_run_id, id);
                assert_eq!(taken(emulator, "RUN JOB"), 1, "{spec}");
            },
        );
    });
}

#[test]
fn what_may_pass_does_not_end_the_wait() {
    let specs = [
        "starts=DESCRIBE, times=6: status=503",
        "starts=DESCRIBE, times=9: status=429",
        "starts=DESCRIBE, every=2: take-then-close",
        "starts=DESCRIBE, times=5: cut-body",
        "poll, every=2: status=503",
        "poll, every=2: take-then-close",
        "poll, every=3: not-json",
        "poll, every=3: operation-status=API_OPERATION_STATUS_NEW",
    ];
    each(specs, |spec| {
        on_both(
            Shape::Flat,
            |emulator, _| fault(emulator, spec),
            |client| client.run_job("etl").and_wait(),
            |client| client.run_job("etl").and_wait(),
            |emulator, seen| {
                let run = seen.outcome.unwrap_or_else(|error| panic!("{spec}: {error}"));
                assert_eq!(run.status, JobRunStatus::Completed, "{spec}");
                assert_eq!(taken(emulator, "RUN JOB"), 1, "{spec}");
            },
        );
    });
}

#[test]
fn whatever_happens_to_whichever_request_the_job_is_not_run_twice() {
    let actions = [
        "status=503",
        "status=503, taken",
        "status=429",
        "status=401",
        "status=404",
        "close-before-read",
        "take-then-close",
        "cut-header",
        "cut-body",
        "not-json",
        "empty-body",
    ];
    each(actions, |action| {
        let emulator = project(Shape::Flat);
        let client = client(&emulator);
        // The twelfth request is the last of this call.
        for nth in 1..=13 {
            let before = taken(&emulator, "RUN JOB");
            emulator.clear_faults();
            fault(&emulator, &format!("nth={nth}: {action}"));
            let outcome = client.run_job("etl").and_wait().send();
            emulator.clear_faults();
            let case = format!("{action} at {nth}: {outcome:?}");
            let runs = taken(&emulator, "RUN JOB") - before;
            assert!(runs <= 1, "{case}");
            let error = match outcome {
                Ok(_) => {
                    assert_eq!(runs, 1, "{case}");
                    continue;
                }
                Err(error) => error,
            };
            assert!(nth <= 12, "{case}");
            // What is known of the run is enough to go on.
            let id = match (error.resource(), error.request_id()) {
                (Some(id), Some(_)) => Some(id.to_owned()),
                (None, Some(request)) => client.resume(request).send().unwrap().job_run_id(),
                _ => None,
            };
            match id {
                Some(id) => {
                    assert_eq!(client.wait_for_job_run(id, "etl").send().unwrap().job_name, "etl");
                }
                // Only the submit of RUN JOB leaves it open.
                None => assert_eq!(nth, 1, "{case}"),
            }
            assert!(runs == 0 || !error.is_retryable(), "{case}");
        }
    });
}
