//! States of resources: what ends a wait, and how long it takes.

use std::time::Duration;

use controlplane::http::{Headers, Response};
use controlplane::onehouse::{
    Client, ClusterStatus, FlowStatus, StatusResponse, TableService, TableServiceStatus,
};
use controlplane::{Error, ErrorKind, Progress};
use controlplane_emulator::onehouse::Emulator;
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

fn answer(body: &Value) -> Reply {
    Reply::Whole(Response::new(200, Headers::new(), body.to_string()))
}

/// A service whose resources are in this state for ever, and a clock that moves when something waits.
fn client(payload: Value, timeout: Option<Duration>) -> Client {
    let emulator = Emulator::builder().start().unwrap();
    let transport = Scripted::new(move |request, _| match &*request.path {
        "/v1/resource/" => answer(&json!({"requestId": "id-1"})),
        _ => answer(&json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": payload})),
    });
    let builder = Client::builder().credentials(emulator.credentials()).transport(transport);
    let builder = builder.clock(Leaping::new());
    match timeout {
        Some(timeout) => builder.timeout(timeout).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

fn waits(client: &Client) -> [(Result<StatusResponse, Error>, u64); 4] {
    let minutes = |minutes: u64| 60 * minutes;
    [
        (client.wait_for_cluster("c", ClusterStatus::Running).send(), minutes(20)),
        (client.wait_for_flow("f", FlowStatus::Paused).send(), minutes(30)),
        (
            client
                .wait_for_table_service("l", "d", "t", TableService::Clean, TableServiceStatus::Paused)
                .send(),
            minutes(30),
        ),
        (client.wait_for(controlplane::onehouse::ShowLakes::new()).until(|_| false).send(), minutes(30)),
    ]
}

#[test]
fn waits_take_the_time_of_the_vendors_tools_unless_the_program_says_otherwise() {
    let pending = json!({"name": "x", "state": "CHANGING"});
    for (result, seconds) in waits(&client(pending.clone(), None)) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
        let elapsed = error.elapsed().unwrap().as_secs();
        assert!((seconds - 15..=seconds).contains(&elapsed), "{elapsed} s of {seconds}: {error}");
    }
    for (result, _) in waits(&client(pending.clone(), Some(Duration::from_secs(40)))) {
        let elapsed = result.unwrap_err().elapsed().unwrap().as_secs();
        assert!((25..=40).contains(&elapsed), "{elapsed}");
    }
    let client = client(pending, None);
    let wait = client.wait_for_cluster("c", "RUNNING").timeout(Duration::from_secs(5));
    assert!(wait.send().unwrap_err().elapsed().unwrap() <= Duration::from_secs(5));
    let wait = client.wait_for_job_run("ab-1", "etl").send().unwrap_err();
    assert!((1785..=1800).contains(&wait.elapsed().unwrap().as_secs()), "{wait}");
}

#[test]
fn a_failure_ends_every_wait_for_a_state() {
    for state in ["FAILED", "failed", "CLUSTER_STATE_FAILED"] {
        for (result, _) in waits(&client(json!({"state": state}), None)).into_iter().take(3) {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some(state)));
        }
    }
    let client = client(json!({"state": "FAILED"}), None);
    client.wait_for_cluster("c", ClusterStatus::Failed).send().unwrap();
    client.wait_for_cluster("c", ClusterStatus::Running).accept_failure().send().unwrap();
}

#[test]
fn a_state_that_is_nearly_a_known_one_is_refused_before_anything_is_sent() {
    let client = client(json!({"state": "RUNING"}), None);
    for (wanted, meant) in
        [("RUNING", "RUNNING"), ("runnign", "RUNNING"), ("STOPED", "STOPPED"), ("STARTIN", "STARTING")]
    {
        let error = client.wait_for_cluster("c", wanted).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{wanted}");
        assert!(error.to_string().contains(&format!("did you mean \"{meant}\"?")), "{error}");
    }
    let refused = client.wait_for_flow("f", String::from("PAUSE")).send().unwrap_err();
    assert!(refused.to_string().contains("\"PAUSED\""), "{refused}");
    let refused = client.wait_for_table_service("l", "d", "t", "CLEAN", "Activ").send().unwrap_err();
    assert!(refused.to_string().contains("\"Active\""), "{refused}");
    // Others may exist, and the enum says that one is meant as it is.
    client.wait_for_cluster("c", ClusterStatus::Other("RUNING".into())).send().unwrap();
    let error = client.wait_for_cluster("c", "HIBERNATED").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    // A rule of one's own does not look at the state.
    client.wait_for_cluster("c", "RUNING").until(|_| true).send().unwrap();
}

#[test]
fn a_failed_operation_says_what_is_wrong_and_what_to_do() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let error = client.describe_cluster("nobody").send().unwrap_err();
    assert_eq!(
        (error.api_code(), error.api_message()),
        (Some("NOT_FOUND"), Some("cluster 'nobody' does not exist"))
    );
    assert!(error.is_not_found() && !error.is_already_exists());
    let text = error.to_string();
    assert!(text.contains("NOT_FOUND: cluster 'nobody' does not exist") && !text.contains('{'), "{text}");
    assert!(text.contains("Check the names"), "{text}");
    let debug = format!("{error:?}");
    assert!(debug.starts_with(&text) && !debug.contains('{'), "{debug}");
    // A wait for something that is not there.
    let error = client.wait_for_cluster("nobody", "RUNNING").send().unwrap_err();
    assert!(error.is_not_found(), "{error}");

    client.create_cluster("prod", "Managed").send().unwrap();
    let error = client.create_cluster("prod", "Managed").send().unwrap_err();
    assert!(error.is_already_exists() && !error.is_not_found(), "{error}");
    assert!(error.to_string().contains("Use it, or choose another name."), "{error}");
}

#[test]
fn progress_is_json() {
    let event = Progress::Finished {
        id: Some("id-1".into()),
        outcome: Err(ErrorKind::OperationFailed),
        elapsed: Duration::from_millis(1500),
    };
    assert_eq!(
        serde_json::to_value(event).unwrap(),
        json!({"event": "finished", "id": "id-1", "error": "operation_failed", "elapsed": 1.5}),
    );
    let event = Progress::Polled {
        id: "id-1".into(),
        status: "PENDING".into(),
        elapsed: Duration::from_secs(2),
        next: Duration::from_millis(250),
    };
    assert_eq!(
        serde_json::to_value(event).unwrap(),
        json!({"event": "polled", "id": "id-1", "status": "PENDING", "elapsed": 2.0, "next": 0.25}),
    );
}
