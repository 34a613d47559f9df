//! Waits for resources and for runs of jobs: what is read from payloads that no source shows in full.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::onehouse::{Client, JobRunStatus, Seen, ShowClusters, TableService};
use controlplane::{ErrorKind, RetryPolicy};
use controlplane_emulator::onehouse::Emulator;

use crate::scripted::{Reply, Scripted};

/// A service in the program: each statement ends at once, and what it ends with is a payload of the script,
/// the last one for ever.
struct Service(Scripted);

impl Service {
    fn new(payloads: &[&'static str]) -> Self {
        let payloads = payloads.to_vec();
        let statements = AtomicUsize::new(0);
        Self(Scripted::new(move |request, _| match request.body {
            Some(_) => {
                statements.fetch_add(1, Ordering::SeqCst);
                Reply::text(200, r#"{"requestId": "id-1"}"#)
            }
            None => {
                let last = statements.load(Ordering::SeqCst) - 1;
                let payload = payloads[last.min(payloads.len() - 1)];
                let body =
                    format!(r#"{{"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": {payload}}}"#);
                Reply::text(200, body)
            }
        }))
    }

    fn client(&self) -> Client {
        // For its credentials alone.
        let emulator = Emulator::start().unwrap();
        let mut retry = RetryPolicy::retries(3);
        retry.first_delay = Duration::ZERO;
        let builder = Client::builder().credentials(emulator.credentials()).transport(self.0.clone());
        builder.poll_interval(Duration::ZERO).retry(retry).no_rate_limit().build().unwrap()
    }

    fn statements(&self) -> Vec<String> {
        let bodies = self.0.sent().into_iter().filter_map(|request| request.body);
        let bodies = bodies.map(|body| serde_json::from_slice::<serde_json::Value>(&body).unwrap());
        bodies.map(|body| body["statement"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn answers_to_run_job_that_no_one_has_seen_yet() {
    // No id: the run was started, and cannot be waited for.
    for payload in ["null", "{}", r#"{"runJobApiResponse": {"id": "x"}}"#, r#"{"jobRunId": ""}"#] {
        let script = Service::new(&[payload]);
        let error = script.client().run_job("etl").and_wait().send().unwrap_err();
        assert_eq!(
            (error.kind(), error.request_id()),
            (ErrorKind::UnexpectedResponse, Some("id-1")),
            "{error}"
        );
        assert_eq!((error.resource(), error.is_retryable()), (None, false));
        assert!(error.to_string().contains("Do not run the job again"), "{error}");
        assert_eq!(script.statements(), ["RUN JOB `etl`"]);
    }
    // An id that cannot stand in a statement.
    let script = Service::new(&[r#"{"jobRunId": "a`; RUN JOB `b"}"#]);
    let error = script.client().run_job("etl").and_wait().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    assert_eq!(error.resource(), Some("a`; RUN JOB `b"));
    assert_eq!(script.statements(), ["RUN JOB `etl`"]);
    // One that people may not type, and the server may say; and a status in another place.
    let script = Service::new(&[
        r#"{"jobRunId": "run 7"}"#,
        r#"{"sparkJobRun": {"status": "SPARK_JOB_RUN_STATUS_NOT_RUN"}, "more": 1}"#,
        r#"{"status": "SPARK_JOB_RUN_STATUS_NEW"}"#,
        r#"{"columns": ["jobRunId", "status"], "rows": [["run 7", "spark_job_run_status_completed"]]}"#,
    ]);
    let run = script.client().run_job("etl").and_wait().send().unwrap();
    assert_eq!((run.job_run_id.as_str(), run.status), ("run 7", JobRunStatus::Completed));
    assert_eq!(script.statements()[1], "DESCRIBE JOB_RUN `run 7`\n  JOB_NAME = 'etl'");
    let wait = script.client().wait_for_job_run("run 7", "etl");
    assert_eq!(wait.clone().send().unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert!(wait.unchecked_names().send().is_ok());
}

#[test]
fn a_state_that_is_nowhere_is_said_to_be_so() {
    let script = Service::new(&[r#"{"name": "orders", "phase": "hunter2"}"#]);
    let error = script.client().wait_for_flow("orders", "RUNNING").send().unwrap_err();
    assert_eq!((error.kind(), script.statements().len()), (ErrorKind::UnexpectedResponse, 4));
    let text = error.to_string();
    assert!(text.contains("name, phase") && text.contains("until"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_table_service_that_fails_ends_the_wait_unless_that_is_waited_for() {
    for (wanted, kind) in [("Active", Some(ErrorKind::OperationFailed)), ("FAILED", None)] {
        let script = Service::new(&[r#"{"state": "Running"}"#, r#"{"Status": "Failed"}"#]);
        let wait = script.client().wait_for_table_service("l", "d", "t", TableService::Clean, wanted);
        let outcome = wait.send();
        assert_eq!(outcome.as_ref().err().map(controlplane::Error::kind), kind, "{outcome:?}");
        assert_eq!(script.statements().len(), 2);
    }
}

#[test]
fn a_state_that_repeats_a_secret_is_masked() {
    // What the emulator's clients send.
    const SECRET: &str = "emulator-secret";
    for payload in [r#"{"state": "lost emulator-secret"}"#, r#"{"status": "emulator-secret"}"#] {
        let script = Service::new(&[payload]);
        let wait = script.client().wait_for_cluster("c", "RUNNING").timeout(Duration::from_secs(1));
        let states = Arc::new(Mutex::new(Vec::new()));
        let heard = states.clone();
        let wait = wait.on_progress(move |progress| heard.lock().unwrap().push(format!("{progress:?}")));
        let error = wait.send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert!(!format!("{error} {error:?} {:?}", error.api_status()).contains(SECRET), "{error:?}");
        let states = states.lock().unwrap();
        assert!(!states.is_empty() && states.iter().all(|state| !state.contains(SECRET)));
        let failed = script
            .client()
            .wait_for(ShowClusters::new())
            .until(|answer| Seen::Failed(answer.state().unwrap_or_default()));
        let error = failed.send().unwrap_err();
        let told = format!("{error} {error:?} {:?} {:?}", error.api_status(), error.api_response());
        assert!(!told.contains(SECRET), "{told}");
    }
}
