//! The lock, the metadata and the listener, without a server.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use secrecy::ExposeSecret;
use serde_json::json;

use super::discovery::Metadata;
use super::lock::Locking;
use super::place::Place;
use super::renewal::SessionTokens;
use super::session_file::SessionFile;
use crate::auth::{Ask, Issuer, StoredTokens};
use crate::engine::machine::{Detached, Event, Now, Step, Steps};
use crate::engine::{Budget, CallContext, Machine, Settings};
use crate::error::ErrorKind;
use crate::http::{Headers, Response};

fn context() -> Arc<CallContext> {
    let issuer = Arc::new(Issuer { secrets: crate::redact::Secrets::default() });
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

/// When it is, by the calendar, in the tests of tokens.
const WALL: SystemTime = SystemTime::UNIX_EPOCH;

/// A session whose access token expires this many seconds after [`WALL`], and the directory to delete.
fn tokens(test: &str, expires_at: f64) -> (Arc<SessionTokens>, PathBuf) {
    let directory = std::env::temp_dir().join(format!("controlplane-{test}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let place = Place::new("https://api.test", &directory).unwrap();
    let session =
        json!({ "refresh_token": "refresh-0", "access_token": "access-0", "expires_at": expires_at });
    std::fs::write(place.file.path(), session.to_string()).unwrap();
    (SessionTokens::with_wall(place, Box::new(|| WALL)), directory)
}

/// Renews the tokens; the server replaces the refresh token each time.
fn renew(tokens: &Arc<SessionTokens>, renewals: &mut u32) {
    let Ask::Renew(renewing) = tokens.clone().ask(Instant::now()) else { panic!("nothing is to be renewed") };
    let Detached(mut renewal) = renewing.detached(&Settings::default());
    let mut now = Instant::now();
    loop {
        match renewal.next(now) {
            Step::Send { request, .. } => {
                let body = if request.url().ends_with("/token") {
                    *renewals += 1;
                    json!({
                        "access_token": format!("access-{renewals}"), "token_type": "Bearer",
                        "refresh_token": format!("refresh-{renewals}"), "expires_in": 3600,
                    })
                } else {
                    json!({
                        "issuer": "https://api.test", "authorization_endpoint": "https://api.test/authorize",
                        "token_endpoint": "https://api.test/token",
                    })
                };
                let response = Response::new(200, Headers::new(), body.to_string());
                renewal.on(Now { at: now, wall: WALL }, Event::Response(Ok(response)));
            }
            Step::Wait(time) => now += time,
            Step::Done => return,
            step => panic!("not expected here: {step:?}"),
        }
    }
}

#[test]
fn a_token_is_renewed_from_a_minute_before_its_end_on() {
    for (expires_at, is_used) in [(60.001, true), (60.0, false), (59.999, false)] {
        let (tokens, directory) = tokens("boundary", expires_at);
        let ask = tokens.ask(Instant::now());
        assert_eq!(matches!(ask, Ask::Token(_)), is_used, "{expires_at}");
        assert_eq!(matches!(ask, Ask::Renew(_)), !is_used, "{expires_at}");
        std::fs::remove_dir_all(directory).unwrap();
    }
}

/// A call waits for the first renewal and looks only after the second one: it has the newer token. Another
/// call, which waits for a third one, has no result yet.
#[test]
fn a_call_that_looks_late_has_the_result_of_a_later_renewal() {
    let (tokens, directory) = tokens("late", 0.0);
    let mut renewals = 0;
    renew(&tokens, &mut renewals);
    let Ask::Token(first) = tokens.clone().ask(Instant::now()) else { panic!("there is no token") };
    tokens.reject(&first);
    renew(&tokens, &mut renewals);
    for (number, result) in [(1, Some("access-2")), (2, Some("access-2")), (3, None)] {
        let grant = tokens.ended(number).map(|ended| ended.unwrap());
        assert_eq!(grant.as_ref().map(|grant| grant.token.expose_secret()), result, "{number}");
    }
    assert_eq!(renewals, 2);
    std::fs::remove_dir_all(directory).unwrap();
}
