//! Rules of a program in place of those of a wait, failures that are accepted, and what is not a check.

use super::*;

#[test]
fn a_rule_of_ones_own_and_what_it_says() {
    fn three_times<M>(client: &AnyClient<M>) -> Call<M, WaitUntil<ShowClusters>> {
        let times = AtomicUsize::new(0);
        client.wait_for(ShowClusters::new()).until(move |answer| match times.fetch_add(1, Ordering::SeqCst) {
            2 => Seen::Done,
            _ => Seen::Pending(format!("{} clusters", answer.rows().len())),
        })
    }
    on_both(Shape::Flat, nothing, three_times, three_times, |emulator, seen| {
        assert_eq!(seen.outcome.unwrap().rows().len(), 3);
        assert_eq!(seen.states, ["3 clusters", "3 clusters"]);
        assert_eq!(taken(emulator, "SHOW CLUSTERS"), 3);
    });
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for(DescribeCluster::new("spark")).until(|_| Seen::Failed("lost".into())),
        |client| client.wait_for(DescribeCluster::new("spark")).until(|_| Seen::Failed("lost".into())),
        |emulator, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("lost")));
            assert_eq!(taken(emulator, "DESCRIBE"), 1);
        },
    );
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for(DescribeCluster::new("spark")).until(|_| Seen::Unclear("what is it".into())),
        |client| client.wait_for(DescribeCluster::new("spark")).until(|_| Seen::Unclear("what is it".into())),
        |emulator, seen| {
            let error = seen.outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
            assert!(error.to_string().contains("what is it"), "{error}");
            assert_eq!(taken(emulator, "DESCRIBE"), 4);
        },
    );
}

#[test]
fn failures_that_are_accepted_are_outputs() {
    let is_failed = |_: &Emulator, seen: Watched<JobRun>| {
        let run = seen.outcome.unwrap();
        assert_eq!((run.job_name.as_str(), &run.status), ("bad", &JobRunStatus::Failed));
        assert!(run.status.is_failure());
    };
    on_both(
        Shape::Flat,
        nothing,
        |client| client.run_job("bad").and_wait().accept_failure(),
        |client| client.run_job("bad").and_wait().accept_failure(),
        is_failed,
    );
    let id = Mutex::new(String::new());
    on_both(
        Shape::Wrapped,
        |_, client| {
            *id.lock().unwrap() = client.run_job("bad").send().unwrap().job_run_id().unwrap();
        },
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "bad").accept_failure(),
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "bad").accept_failure(),
        is_failed,
    );
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for_cluster("spark", "STOPPED").fail_on("RUNNING").accept_failure(),
        |client| client.wait_for_cluster("spark", "STOPPED").fail_on("RUNNING").accept_failure(),
        |_, seen| assert_eq!(seen.outcome.unwrap().state().as_deref(), Some("RUNNING")),
    );
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for(ShowClusters::new()).accept_failure().until(|_| Seen::Failed("x".into())),
        |client| client.wait_for(ShowClusters::new()).until(|_| Seen::Failed("x".into())).accept_failure(),
        |_, seen| assert!(!seen.outcome.unwrap().rows().is_empty()),
    );
}

#[test]
fn a_rule_in_place_of_that_of_a_wait() {
    fn runs(answer: &StatusResponse) -> bool {
        answer.state().as_deref() == Some("RUNNING")
    }
    on_both(
        Shape::Flat,
        nothing,
        |client| client.wait_for_cluster("spark", "STOPPED").until(runs),
        |client| client.wait_for_cluster("spark", "STOPPED").until(runs),
        |_, seen| assert!(runs(&seen.outcome.unwrap())),
    );
    // Until it runs, and not until it has ended.
    let is_running = |_: &Emulator, seen: Watched<JobRun>| {
        assert_eq!(seen.outcome.unwrap().status, JobRunStatus::Running);
    };
    let rule = |answer: &StatusResponse| answer.api_response.to_string().contains("RUNNING");
    on_both(
        Shape::Flat,
        nothing,
        |client| client.run_job("etl").and_wait().until(rule),
        |client| client.run_job("etl").and_wait().until(rule),
        is_running,
    );
    let id = Mutex::new(String::new());
    on_both(
        Shape::Flat,
        |_, client| {
            *id.lock().unwrap() = client.run_job("etl").send().unwrap().job_run_id().unwrap();
        },
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl").until(rule),
        |client| client.wait_for_job_run(id.lock().unwrap().as_str(), "etl").until(rule),
        is_running,
    );
}

#[test]
fn a_cancelled_wait_names_what_it_waited_for() {
    for mode in ["blocking", "async"] {
        let emulator = project(Shape::Flat);
        // The run never ends: DESCRIBE JOB_RUN is not answered.
        fault(&emulator, "starts=\"DESCRIBE JOB_RUN\": delay=100s");
        let token = CancelToken::new();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                while taken(&emulator, "DESCRIBE JOB_RUN") == 0 {
                    std::thread::yield_now();
                }
                token.cancel();
            });
            if mode == "blocking" {
                client(&emulator).run_job("etl").and_wait().cancel_with(&token).send().unwrap_err()
            } else {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let call = async_client(&emulator).run_job("etl").and_wait().cancel_with(&token);
                runtime.block_on(call.send()).unwrap_err()
            }
        });
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{mode}: {error}");
        // The id of RUN JOB, and that of the run.
        assert!(error.request_id().is_some() && error.resource().is_some(), "{mode}: {error}");
        assert!(!error.is_retryable(), "{mode}: {error}");
        assert_eq!(taken(&emulator, "RUN JOB"), 1);
    }
}

#[test]
fn what_changes_something_is_no_check() {
    /// A typed command, and raw statements.
    type Changes<M> = (Call<M, WaitUntil<CreateCluster>>, [Call<M, WaitUntil<RawSql>>; 2]);

    fn refused<M>(client: &AnyClient<M>) -> Changes<M> {
        let raw = ["RUN JOB `etl`", "SHOW LAKES; RUN JOB `etl`"];
        (
            client.wait_for(CreateCluster::new("c", ClusterType::Spark)).until(|_| Seen::Done),
            raw.map(|sql| client.wait_for(RawSql::new(sql)).until(|_| Seen::Done)),
        )
    }
    let emulator = Emulator::start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (typed, raw) = refused(&client(&emulator));
    let outcomes = [typed.send()].into_iter().chain(raw.map(Call::<Blocking, _>::send));
    let (typed, raw) = refused(&async_client(&emulator));
    let others =
        [runtime.block_on(typed.send())].into_iter().chain(raw.map(|call| runtime.block_on(call.send())));
    for outcome in outcomes.chain(others) {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("SHOW or DESCRIBE"), "{error}");
    }
    assert!(emulator.requests().is_empty());
    // Nor is an empty state.
    let error = client(&emulator).wait_for_cluster("c", " ").send().unwrap_err();
    assert_eq!((error.kind(), emulator.requests().len()), (ErrorKind::InvalidArgument, 0));
    // And without credentials there is nobody to ask.
    let error = Client::offline().run_job("etl").and_wait().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
}
