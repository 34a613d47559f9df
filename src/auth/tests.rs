//! Tokens in virtual time, without sockets.

#![allow(clippy::unwrap_used, clippy::panic)]

mod at_most_once;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use secrecy::SecretString;

use super::{Ask, Authorized, Grant, RefreshGrant, Refresher, Tokens};
use crate::engine::machine::{Event, Now, Step};
use crate::engine::{Machine, Settings};
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};
use crate::transport::{SendError, SendErrorKind};

const ISSUER: &str = "https://auth.test/realms/hac";

fn tokens() -> Tokens {
    Tokens::Refresh(Refresher::new(RefreshGrant::new(ISSUER, "platform", "refresh-0")))
}

/// Wants one request, and keeps what came of it.
#[derive(Debug, Default)]
struct One {
    is_sent: bool,
    came: Option<Result<Response, SendError>>,
}

impl Machine for One {
    type Output = ();

    fn next(&mut self, _: Instant) -> Step {
        if self.came.is_some() {
            return Step::Done;
        }
        assert!(!std::mem::replace(&mut self.is_sent, true));
        let request = Arc::new(Request::new(Method::Post, "https://api.test", "/v1/x"));
        Step::Send { request, timeout: Duration::from_secs(30) }
    }

    fn on(&mut self, _: Now, event: Event) {
        match event {
            Event::Response(result) => self.came = Some(result),
            Event::Cancelled => {}
            event => panic!("not expected here: {event:?}"),
        }
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}

fn machine(tokens: &Tokens) -> Authorized<One> {
    Authorized::new(tokens.clone(), One::default(), Settings::default())
}

fn json(status: u16, body: &str) -> Result<Response, SendError> {
    Ok(Response::new(status, Headers::new(), body))
}

/// An issuer whose refresh tokens are good once, and a service that knows which access token is good.
#[derive(Default)]
struct Server {
    renewals: u32,
    configurations: u32,
    calls: Vec<String>,
    expires_in: u32,
    /// The access token that the service takes; 0: any.
    good: u32,
}

impl Server {
    fn answer(&mut self, request: &Request) -> Result<Response, SendError> {
        let url = request.url();
        if url.ends_with("/.well-known/openid-configuration") {
            self.configurations += 1;
            return json(200, r#"{"token_endpoint": "https://auth.test/token"}"#);
        }
        if url == "https://auth.test/token" {
            let form = String::from_utf8(request.body.clone().unwrap().to_vec()).unwrap();
            let wanted = format!("refresh_token=refresh%2D{}", self.renewals);
            assert!(form.contains(&wanted), "{form} has no {wanted}");
            self.renewals += 1;
            let (n, lasts) = (self.renewals, self.expires_in);
            return json(
                200,
                &format!(
                    r#"{{"access_token": "access-{n}", "refresh_token": "refresh-{n}", "expires_in": {lasts}}}"#
                ),
            );
        }
        let token = request.headers.text("authorization").unwrap().into_owned();
        self.calls.push(token.clone());
        if self.good == 0 || token == format!("Bearer access-{}", self.good) {
            return json(200, "{}");
        }
        json(401, &format!("{token} is not good"))
    }
}

/// Runs a machine to its end.
fn run(machine: &mut Authorized<One>, server: &mut Server, now: &mut Instant) {
    loop {
        match machine.next(*now) {
            Step::Send { request, .. } => {
                let answer = server.answer(&request);
                machine.on(at(*now), Event::Response(answer));
            }
            Step::Wait(time) => *now += time,
            Step::Done => return,
            step => panic!("not expected here: {step:?}"),
        }
    }
}

fn call(tokens: &Tokens, server: &mut Server, now: &mut Instant) -> Result<Response, SendError> {
    let mut machine = machine(tokens);
    run(&mut machine, server, now);
    machine.into_inner().came.unwrap()
}

#[test]
fn a_token_lasts_until_five_seconds_before_its_end() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 300, ..Server::default() };
    for (passes, renewals) in [(0.0, 1), (294.9, 1), (0.1, 2), (300.0, 3), (1.0, 3)] {
        now += Duration::from_secs_f64(passes);
        call(&tokens, &mut server, &mut now).unwrap();
        assert_eq!(server.renewals, renewals);
    }
    assert_eq!(server.configurations, 1);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_request_sent_once_more() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 300, good: 2, ..Server::default() };
    assert_eq!(call(&tokens, &mut server, &mut now).unwrap().status, 200);
    assert_eq!(
        (server.renewals, &*server.calls),
        (2, &["Bearer access-1".to_owned(), "Bearer access-2".to_owned()][..])
    );
    // A service that takes none: one more try, and the second 401 is the answer, without the token in it.
    server.good = 99;
    let answer = call(&tokens, &mut server, &mut now).unwrap();
    assert_eq!((answer.status, &*answer.body), (401, &b"Bearer [redacted] is not good"[..]));
    assert_eq!((server.renewals, server.calls.len()), (3, 4));
}

#[test]
fn the_same_token_is_not_tried_twice() {
    let tokens = Tokens::Provider(Arc::new(SecretString::from("a-1")));
    let mut server = Server { good: 2, ..Server::default() };
    assert_eq!(call(&tokens, &mut server, &mut Instant::now()).unwrap().status, 401);
    assert_eq!(server.calls.len(), 1);
}

#[test]
fn many_wait_for_one_renewal_even_if_its_token_ends_at_once() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 1, ..Server::default() };
    let mut machines: Vec<_> = (0..100).map(|_| machine(&tokens)).collect();
    let mut waiting: Vec<Arc<Request>> = Vec::new();
    for machine in &mut machines {
        if let Step::Send { request, .. } = machine.next(now) {
            waiting.push(request);
        }
    }
    assert_eq!(waiting.len(), 1);
    now += Duration::from_millis(10);
    let answer = server.answer(&waiting[0]);
    machines[0].on(at(now), Event::Response(answer));
    for machine in &mut machines {
        run(machine, &mut server, &mut now);
    }
    assert_eq!((server.renewals, server.calls.len()), (1, 100));
}

#[test]
fn a_failed_renewal_fails_all_who_waited_and_the_next_call_tries_again() {
    let (tokens, now) = (tokens(), Instant::now());
    let mut first = machine(&tokens);
    let mut second = machine(&tokens);
    assert!(matches!(first.next(now), Step::Send { .. }));
    assert!(matches!(second.next(now), Step::Wait(_)));
    first.on(at(now), Event::Response(json(200, r#"{"token_endpoint": "https://auth.test/token"}"#)));
    assert!(matches!(first.next(now), Step::Send { .. }));
    let refusal = r#"{"error": "invalid_grant", "error_description": "refresh-0 is used up"}"#;
    first.on(at(now), Event::Response(json(400, refusal)));
    for mut machine in [first, second] {
        assert!(matches!(machine.next(now), Step::Done));
        let error = machine.into_inner().came.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Token, false));
        let error = error.token_error().unwrap();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, Some(400)));
        assert_eq!(error.api_code(), Some("invalid_grant"));
        assert!(!format!("{error} {error:?}").contains("refresh-0"), "{error}");
    }
    let mut third = machine(&tokens);
    assert!(matches!(third.next(now), Step::Send { .. }));
}

#[test]
fn a_renewal_that_is_given_up_is_taken_over() {
    let (tokens, now) = (tokens(), Instant::now());
    let mut first = machine(&tokens);
    let mut second = machine(&tokens);
    assert!(matches!(first.next(now), Step::Send { .. }));
    assert!(matches!(second.next(now), Step::Wait(_)));
    drop(first);
    assert!(matches!(second.next(now), Step::Send { .. }));
}

#[test]
fn a_new_refresh_token_outlives_the_cancelled_call_that_obtained_it() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 300, ..Server::default() };
    let mut first = machine(&tokens);
    for _ in ["the configuration", "the token"] {
        let Step::Send { request, .. } = first.next(now) else { panic!() };
        first.on(at(now), Event::Response(server.answer(&request)));
    }
    first.on(at(now), Event::Cancelled);
    let error = first.into_inner().came.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Cancelled, false));
    call(&tokens, &mut server, &mut now).unwrap();
    assert_eq!((server.renewals, server.calls.len()), (1, 1));
}

#[test]
fn a_refresh_token_that_may_have_been_used_is_not_sent_by_another_call() {
    for is_cancelled in [true, false] {
        let (tokens, now) = (tokens(), Instant::now());
        let mut server = Server::default();
        let mut first = machine(&tokens);
        let Step::Send { request, .. } = first.next(now) else { panic!() };
        first.on(at(now), Event::Response(server.answer(&request)));
        let mut second = machine(&tokens);
        assert!(matches!(first.next(now), Step::Send { request, .. } if request.method == Method::Post));
        assert!(matches!(second.next(now), Step::Wait(_)));
        if is_cancelled {
            first.on(at(now), Event::Cancelled);
        }
        drop(first);
        assert!(matches!(second.next(now), Step::Done), "cancelled: {is_cancelled}");
        let error = second.into_inner().came.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Token, false), "{error:?}");
        assert!(format!("{error:?}").contains("may have been used up"), "{error:?}");
    }
}

#[test]
fn a_renewal_takes_no_longer_than_the_request_may() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut first = machine(&tokens);
    let mut second = machine(&tokens);
    assert!(matches!(first.next(now), Step::Send { .. }));
    while let Step::Wait(time) = second.next(now) {
        now += time;
    }
    let error = second.into_inner().came.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Timeout, false));
}

#[test]
fn an_old_token_that_is_refused_late_does_not_cost_a_renewal() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 300, ..Server::default() };
    call(&tokens, &mut server, &mut now).unwrap();
    let Ask::Token(old) = tokens.ask(now, None) else { panic!() };
    now += Duration::from_secs(300);
    call(&tokens, &mut server, &mut now).unwrap();
    tokens.reject(&old);
    call(&tokens, &mut server, &mut now).unwrap();
    assert_eq!(server.renewals, 2);
}

#[test]
fn what_an_issuer_may_say_is_bounded_and_checked() {
    for (configuration, token) in [
        ("<html>", None),
        ("{}", None),
        (r#"{"token_endpoint": 5}"#, None),
        (r#"{"token_endpoint": "http://auth.test/token"}"#, None),
        (r#"{"token_endpoint": "https://me:pw@auth.test/token"}"#, None),
        (r#"{"token_endpoint": "file:///etc/passwd"}"#, None),
        (r#"{"token_endpoint": "https://auth.test/token"}"#, Some("<html>")),
        (r#"{"token_endpoint": "https://auth.test/token"}"#, Some("{}")),
        (r#"{"token_endpoint": "https://auth.test/token"}"#, Some(r#"{"access_token": ""}"#)),
        (r#"{"token_endpoint": "https://auth.test/token"}"#, Some(r#"{"access_token": "a\r\nb"}"#)),
    ] {
        let now = Instant::now();
        let mut machine = machine(&tokens());
        assert!(matches!(machine.next(now), Step::Send { .. }));
        machine.on(at(now), Event::Response(json(200, configuration)));
        if let Some(token) = token {
            assert!(matches!(machine.next(now), Step::Send { .. }));
            machine.on(at(now), Event::Response(json(200, token)));
        }
        assert!(matches!(machine.next(now), Step::Done));
        let error = machine.into_inner().came.unwrap().unwrap_err();
        assert_eq!(error.token_error().unwrap().kind(), ErrorKind::UnexpectedResponse, "{configuration}");
    }
}

#[test]
fn the_request_for_a_token_is_not_repeated() {
    let now = Instant::now();
    let mut machine = machine(&tokens());
    assert!(matches!(machine.next(now), Step::Send { .. }));
    machine.on(at(now), Event::Response(json(200, r#"{"token_endpoint": "https://auth.test/token"}"#)));
    assert!(matches!(machine.next(now), Step::Send { .. }));
    let lost = SendError::new(SendErrorKind::Closed, true, "lost");
    machine.on(at(now), Event::Response(Err(lost)));
    assert!(matches!(machine.next(now), Step::Done));
}

#[test]
fn secrets_do_not_show() {
    let seen = Arc::new(Mutex::new(String::new()));
    let grant = RefreshGrant::new(ISSUER, "platform", "hunter2").client_secret("hunter3");
    let refresher = Refresher::new(grant.clone());
    let ask = Tokens::Refresh(refresher.clone()).ask(Instant::now(), None);
    let given = Grant { token: "hunter4".into(), number: 1 };
    *seen.lock().unwrap() = format!("{grant:?} {refresher:?} {ask:?} {given:?}");
    assert!(!seen.lock().unwrap().contains("hunter"), "{seen:?}");
}
