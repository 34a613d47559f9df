//! The lock, the metadata and the listener, without a server.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::discovery::Metadata;
use super::lock::Locking;
use super::session_file::SessionFile;
use crate::auth::Issuer;
use crate::engine::machine::Step;
use crate::engine::{Budget, CallContext, Machine, Settings};
use crate::error::ErrorKind;
use crate::http::{Headers, Response};

fn context() -> Arc<CallContext> {
    let issuer = Arc::new(Issuer { secrets: Vec::new() });
    let settings = Settings { timeout: Duration::from_secs(300), ..Settings::default() };
    Arc::new(CallContext::new("renewing", settings, Arc::new(Budget::unlimited()), issuer))
}

fn session(test: &str) -> SessionFile {
    let directory = std::env::temp_dir().join(format!("controlplane-{test}-{}", std::process::id()));
    SessionFile::new(directory.join("sessions").join("h.json"))
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_named() {
    let session = session("lock");
    let mut now = Instant::now();
    let mut first = Locking::machine(&context(), session.clone());
    assert!(matches!(first.next(now), Step::Done));
    let held = first.finish().unwrap();

    let began = now;
    let mut second = Locking::machine(&context(), session.clone());
    let mut waits = 0;
    loop {
        match second.next(now) {
            Step::Wait(time) => {
                assert!(time <= Duration::from_millis(50));
                now += time;
                waits += 1;
            }
            Step::Done => break,
            step => panic!("not expected here: {step:?}"),
        }
    }
    let error = second.finish().unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Credentials, true));
    assert!(error.to_string().contains("another program has held the lock"), "{error}");
    assert!(error.to_string().contains("h.json.lock"), "{error}");
    assert_eq!((now - began, waits), (Duration::from_secs(30), 600));

    drop(held);
    let mut third = Locking::machine(&context(), session.clone());
    assert!(matches!(third.next(now), Step::Done));
    drop(third.finish().unwrap());
    std::fs::remove_dir_all(session.path().parent().unwrap().parent().unwrap()).unwrap();
}

#[test]
fn metadata_are_those_of_the_issuer_that_was_asked() {
    let read =
        |status, body: &str| Metadata::read(&Response::new(status, Headers::new(), body), "https://api.test");
    let good = r#"{"issuer": "https://api.test", "authorization_endpoint": "https://api.test/a",
                   "token_endpoint": "https://login.test/t", "revocation_endpoint": ""}"#;
    let metadata = read(200, good).unwrap();
    assert!(metadata.revocation_endpoint.is_none() && !metadata.names_issuer);
    for (status, body, says) in [
        (204, good.to_owned(), "HTTP 204"),
        (200, "<html>".to_owned(), "not JSON"),
        (200, "[]".to_owned(), "no issuer"),
        (200, good.replace("https://api.test\",", "https://api.test/\","), "another issuer"),
        (200, good.replace("https://api.test\",", "https://API.test\","), "another issuer"),
        (200, good.replace("token_endpoint", "x"), "no token_endpoint"),
        (200, good.replace("authorization_endpoint", "x"), "no authorization_endpoint"),
        (200, good.replace("https://login.test", "http://login.test"), "not https"),
        (200, good.replace("https://login.test/t", "file:///etc/passwd"), "cannot be used"),
        (200, good.replace("https://api.test/a", "javascript:alert(1)"), "cannot be used"),
        (200, good.replace("\"\"", "\"nowhere\""), "revocation_endpoint cannot be used"),
    ] {
        let error = read(status, &body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains(says), "{error}");
    }
}
