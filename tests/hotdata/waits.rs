//! When waits end: by the service's own states, by a rule of the program, and with what has failed.

use std::time::Duration;

use controlplane::hotdata::{Client, Credentials, JobStatus, QueryRunStatus, ResultStatus, Seen};
use controlplane::http::{Headers, Response};
use controlplane::transport::SendErrorKind;
use controlplane::{ErrorKind, RetryPolicy};
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

pub(crate) fn credentials() -> Credentials {
    let credentials = Credentials::builder().env(Vec::<(String, String)>::new()).api_key("hd_hunter2");
    credentials.workspace_id("ws_1").database_id("db_1").build().unwrap()
}

/// A client that gets these responses, and the last one again and again.
fn client(responses: Vec<(u16, Value)>) -> (Client, Scripted, Leaping) {
    let transport = Scripted::new(move |_, i| {
        let (status, body) = &responses[i.min(responses.len() - 1)];
        Reply::Whole(Response::new(*status, Headers::new(), body.to_string()))
    });
    let clock = Leaping::new();
    let builder = Client::builder().credentials(credentials());
    (builder.transport(transport.clone()).clock(clock.clone()).build().unwrap(), transport, clock)
}

fn job(status: &str) -> Value {
    json!({"id": "job1", "job_type": "noop", "status": status, "attempts": 1, "error_message": "no such column",
        "created_at": "2026-03-01T12:00:00Z"})
}

fn run(status: &str) -> Value {
    json!({"id": "qrun1", "status": status, "created_at": "2026-03-01T12:00:00Z", "sql_text": "S", "sql_hash": "h",
        "snapshot_id": "s", "error_message": "no such table"})
}

fn result(status: &str) -> Value {
    json!({"result_id": "r1", "status": status, "error_message": "disk full"})
}

#[test]
fn a_rule_ends_a_wait() {
    let (client, transport, _) = client(vec![(200, job("pending")), (200, job("running"))]);
    let wait = client.jobs().wait_for_job("job1").until(|job| match job.status {
        JobStatus::Pending => Seen::Pending("not begun".into()),
        _ => Seen::Done,
    });
    assert_eq!(wait.send().unwrap().status, JobStatus::Running);
    assert_eq!(transport.sent().len(), 2);
    let wait = client.query_runs().wait_for_query_run("qrun1");
    let error = wait.until(|_| Seen::Unclear("no column for it".into())).send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::UnexpectedResponse, Some("qrun1")));
}

#[test]
fn a_rule_says_that_it_will_never_be() {
    let (client, ..) = client(vec![(200, result("pending"))]);
    let wait = client.results().wait_for_result("r1");
    let error = wait.until(|_| Seen::Failed("too late".into())).send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("too late")));
    assert_eq!(error.resource(), Some("r1"));
    let wait = client.results().wait_for_result("r1");
    let error = wait.until(|_| Seen::Unclear("no rows".into())).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some("r1")));
    let wait = client.results().wait_for_result("r1").until(|result| match result.status {
        ResultStatus::Pending => Seen::Done,
        _ => Seen::Failed("gone".into()),
    });
    assert_eq!(wait.send().unwrap().status, ResultStatus::Pending);
}

#[test]
fn a_wait_for_a_result_that_times_out_says_how_long_it_was() {
    let (client, ..) = client(vec![(200, result("pending"))]);
    // The limit of the call, and that of the wait.
    for (call, within) in [(10, 120), (300, 12)] {
        let wait = client.results().wait_for_result("r1").within(Duration::from_secs(within));
        let error = wait.timeout(Duration::from_secs(call)).send().unwrap_err();
        let elapsed = error.elapsed().unwrap();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationTimeout, Some("r1")), "{error}");
        assert!(
            elapsed >= Duration::from_secs(5) && elapsed <= Duration::from_secs(call.min(within)),
            "{error}"
        );
        let says = format!("timed out after {}", elapsed.as_secs());
        assert!(error.to_string().contains(&says), "{error}");
    }
}

#[test]
fn a_failure_ends_a_wait_with_an_error_unless_it_is_accepted() {
    let (jobs, ..) = client(vec![(200, job("failed"))]);
    let error = jobs.jobs().wait_for_job("job1").send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationFailed, Some("job1")));
    let failed = jobs.jobs().wait_for_job("job1").accept_failure().send().unwrap();
    assert_eq!((failed.status, failed.error_message.as_deref()), (JobStatus::Failed, Some("no such column")));
    let (runs, ..) = client(vec![(200, run("interrupted"))]);
    let failed = runs.query_runs().wait_for_query_run("qrun1").accept_failure().send().unwrap();
    assert_eq!(failed.status, QueryRunStatus::Interrupted);
    // A failed result is a 409, or a state.
    for status in [409, 200] {
        let (results, ..) = client(vec![(status, result("failed"))]);
        let error = results.results().wait_for_result("r1").send().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationFailed, Some("r1")), "{status}");
        assert_eq!(error.api_message(), Some("disk full"), "{status}");
        let failed = results.results().wait_for_result("r1").accept_failure().send().unwrap();
        assert_eq!(failed.status, ResultStatus::Failed, "{status}");
    }
    // Another conflict is not a failed result.
    let (results, ..) = client(vec![(409, json!({"error": {"code": "CONFLICT", "message": "no"}}))]);
    let error = results.results().wait_for_result("r1").accept_failure().send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Conflict, Some("r1")));
    // Nor is one whose body has the form of a result, and another state or none.
    for body in [
        result("processing"),
        json!({"result_id": "r1", "status": "conflict", "error": {"code": "CONFLICT", "message": "no"}}),
        json!({"result_id": "r1", "error": {"code": "CONFLICT", "message": "no"}}),
    ] {
        let (results, ..) = client(vec![(409, body.clone())]);
        let error = results.results().wait_for_result("r1").send().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Conflict, Some("r1")), "{body}");
        let error = results.results().get("r1").send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{body}");
    }
}

#[test]
fn a_poll_bears_a_service_that_does_not_say_when_and_a_plain_read_does_not() {
    let unavailable = (503, json!({"error": {"code": "SERVICE_UNAVAILABLE", "message": "later"}}));
    let (polled, transport, _) = client(vec![unavailable.clone(), (200, job("succeeded"))]);
    assert!(polled.jobs().wait_for_job("job1").send().is_ok());
    assert_eq!(transport.sent().len(), 2);
    let (read, transport, _) = client(vec![unavailable]);
    assert_eq!(read.jobs().get("job1").send().unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(transport.sent().len(), 1);
}

/// The retries are those of a request; a poll that fails says nothing of the operation.
#[test]
fn without_retries_failed_polls_are_borne_and_other_requests_end() {
    let scripted = |failing: Reply| {
        let transport = Scripted::new(move |request, i| match (request.path.as_str(), i) {
            ("/v1/jobs/job1", 3) => Reply::text(200, job("succeeded").to_string()),
            _ => failing.clone(),
        });
        let builder = Client::builder().credentials(credentials()).clock(Leaping::new());
        let builder = builder.retry(RetryPolicy::retries(0)).transport(transport.clone());
        (builder.build().unwrap(), transport)
    };
    for (failing, kind) in [
        (Reply::text(500, ""), ErrorKind::Server),
        (Reply::text(502, "bad gateway"), ErrorKind::Server),
        (Reply::Fails(SendErrorKind::Closed, true), ErrorKind::Transport),
        (Reply::Fails(SendErrorKind::Connect, false), ErrorKind::Transport),
    ] {
        let (client, transport) = scripted(failing.clone());
        let job = client.jobs().wait_for_job("job1").send();
        assert_eq!(job.unwrap().status, JobStatus::Succeeded, "{failing:?}");
        assert_eq!(transport.sent().len(), 4, "{failing:?}");
        let (client, transport) = scripted(failing.clone());
        let error = client.jobs().get("job1").send().unwrap_err();
        assert_eq!((error.kind(), transport.sent().len()), (kind, 1), "{failing:?}: {error}");
    }
}

#[test]
fn two_codes_of_a_503_are_for_good() {
    for code in ["PERSISTENCE_UNAVAILABLE", "RESOURCE_EXHAUSTED"] {
        let transport = Scripted::new(move |_, _| {
            let mut headers = Headers::new();
            headers.push("Retry-After", "1");
            let body = json!({"error": {"code": code, "message": "no"}}).to_string();
            Reply::Whole(Response::new(503, headers, body))
        });
        let builder = Client::builder().credentials(credentials()).transport(transport.clone());
        let client = builder.clock(Leaping::new()).build().unwrap();
        let error = client.query("SELECT 1").send().unwrap_err();
        assert_eq!((error.kind(), error.api_code()), (ErrorKind::Server, Some(code)));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
        assert!(error.to_string().contains("check whether it took effect"), "{error}");
        assert_eq!(transport.sent().len(), 1);
    }
}

#[test]
fn a_workspace_is_waited_for_in_the_list_of_its_organization() {
    let list = |status: &str| {
        json!({"ok": true, "workspaces": [
            {"public_id": "ws_0", "name": "a", "active": true, "favorite": false, "provision_status": "provisioned"},
            {"public_id": "ws_9", "name": "b", "active": true, "favorite": false, "provision_status": status},
        ]})
    };
    let responses = || {
        let none = json!({"ok": true, "workspaces": []});
        vec![(200, none), (200, list("pending")), (200, list("provisioned"))]
    };
    let (client, transport, _) = client(responses());
    let wait = client.workspaces().wait_for_workspace("ws_9");
    assert_eq!(wait.send().unwrap().name, "b");
    assert!(transport.sent().len() == 3 && transport.sent().iter().all(|request| request.query.is_empty()));

    let invalid = json!({"ok": true, "workspaces": [{"public_id": "ws_9", "name": 5, "provision_status": "provisioned"}]});
    let (client, ..) = self::client(vec![(200, invalid)]);
    let error = client.workspaces().wait_for_workspace("ws_9").send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some("ws_9")));

    let (client, transport, _) = self::client(responses());
    let mut batch = client.batch();
    batch.add("w", client.workspaces().wait_for_workspace("ws_9").organization_public_id("org_2"));
    assert!(batch.run().unwrap().all(|finished| finished.result.is_ok()));
    let query = [("organization_public_id".to_owned(), "org_2".to_owned())];
    assert!(transport.sent().len() == 3 && transport.sent().iter().all(|request| request.query == query));
}
