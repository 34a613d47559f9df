//! The settings of an upload and its load together.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::CancelToken;
use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::hotdata::{Client, LoadMode};
use controlplane::http::{Headers, Response};
use controlplane::{Clock, ErrorKind, Progress};
use serde_json::json;

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};
use crate::waits::credentials;

/// A service whose session takes four seconds, and whose table is locked for good.
fn service(clock: &Leaping) -> Scripted {
    let clock = clock.clone();
    Scripted::new(move |request, _| {
        let mut headers = Headers::new();
        let (status, body) = match &*request.path {
            "/v1/uploads" => {
                clock.sleep(Duration::from_secs(4));
                let session = json!({"upload_id": "u1", "mode": "single", "finalize_token": "token-1234",
                    "headers": {}, "url": "https://storage.example/u1"});
                (201, session)
            }
            "/u1" => (200, json!({})),
            "/v1/uploads/u1/finalize" => {
                let finished = json!({"upload_id": "u1", "size_bytes": 1, "status": "ready",
                    "created_at": "2026-03-01T12:00:00Z"});
                (200, finished)
            }
            _ => {
                headers.push("Retry-After", "2");
                (409, json!({"error": {"code": "RESOURCE_LOCKED", "message": "busy"}}))
            }
        };
        Reply::Whole(Response::new(status, headers, body.to_string()))
    })
}

#[test]
fn one_time_limit_covers_the_upload_and_the_load() {
    let clock = Leaping::new();
    let builder = Client::builder().credentials(credentials()).transport(service(&clock));
    let client = builder.clock(clock.clone()).build().unwrap();
    let load = || client.databases().load("db_1", "main", "t", LoadMode::Append);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = seen.clone();
    let call = client.uploads().upload_bytes("a").and_load(load()).timeout(Duration::from_secs(10));
    let call = call.on_progress(move |progress| {
        sees.lock().unwrap().push(match progress {
            Progress::Transferred { transferred, .. } => format!("transferred {transferred}"),
            Progress::Retrying { .. } => "retrying".to_owned(),
            other => format!("{other:?}"),
        });
    });
    let error = call.send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Conflict, Some("u1")));
    assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Load);
    let passed: f64 = clock.slept.lock().unwrap().iter().map(Duration::as_secs_f64).sum();
    assert!((6.0..=10.0).contains(&passed), "{passed}");
    let seen = seen.lock().unwrap();
    assert_eq!(seen[..3], ["transferred 0", "transferred 1", "retrying"]);

    // Less than the session takes.
    let call = client.uploads().upload_bytes("a").and_load(load()).timeout(Duration::from_secs(3));
    let error = call.send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationTimeout, Some("u1")));
}

#[test]
fn a_token_of_both_ends_either() {
    let clock = Leaping::new();
    let transport = service(&clock);
    let builder = Client::builder().credentials(credentials()).transport(transport.clone());
    let client = builder.clock(clock).build().unwrap();
    let token = CancelToken::new();
    let canceller = token.clone();
    let load = client.databases().load("db_1", "main", "t", LoadMode::Append);
    let call = client.uploads().upload_bytes("a").and_load(load).cancel_with(&token);
    let call = call.on_progress(move |progress| {
        if matches!(progress, Progress::Transferred { transferred: 1, .. }) {
            canceller.cancel();
        }
    });
    let error = call.send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some("u1")));
    assert!(transport.sent().iter().all(|request| !request.path.ends_with("/finalize")));
}
