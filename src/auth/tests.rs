//! Tokens in virtual time, without sockets.

#![allow(clippy::unwrap_used, clippy::panic)]

mod at_most_once;
#[cfg(feature = "sign-in")]
mod once;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use super::{About, Ask, Authorized, Grant, RefreshGrant, Refresher, TokenProvider, Tokens};
use crate::engine::machine::{Detached, Event, Now, Step, Steps};
use crate::engine::{BoxMachine, Machine, Settings};
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

impl Steps for One {
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
}

impl Machine for One {
    type Output = ();

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

/// Starts the renewal that a machine begins with.
fn renewal<K: Machine>(machine: &mut Authorized<K>, now: Instant) -> BoxMachine<()> {
    match machine.next(now) {
        Step::Detach(Detached(renewal)) => renewal,
        step => panic!("not expected here: {step:?}"),
    }
}

/// The next request of a machine.
fn request<O>(machine: &mut dyn Machine<Output = O>, now: Instant) -> Arc<Request> {
    match machine.next(now) {
        Step::Send { request, .. } => request,
        step => panic!("not expected here: {step:?}"),
    }
}

/// Runs a machine to its end, and the renewals that it starts.
fn run<O>(machine: &mut dyn Machine<Output = O>, server: &mut Server, now: &mut Instant) {
    loop {
        match machine.next(*now) {
            Step::Send { request, .. } => {
                let answer = server.answer(&request);
                machine.on(at(*now), Event::Response(answer));
            }
            Step::Wait(time) => *now += time,
            Step::Detach(Detached(mut renewal)) => run(&mut *renewal, server, now),
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

/// A server repeats the token where masks of the body alone do not find it.
#[test]
fn a_token_that_is_echoed_in_a_header_or_in_gzip_is_masked() {
    use std::io::Write;

    let tokens = Tokens::from(Arc::new(SecretString::from("an-access-token")) as Arc<dyn TokenProvider>);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"an-access-token is not good").unwrap();
    let gzip = gzip.finish().unwrap();
    let mut headers = Headers::new();
    headers.push("grpc-message", "invalid token an%2Daccess%2Dtoken");
    headers.push("content-encoding", "gzip");
    headers.push("content-type", "text/plain");
    for status in [401, 502] {
        let answer = Response::new(status, headers.clone(), gzip.clone());
        let (mut machine, now) = (machine(&tokens), Instant::now());
        request(&mut machine, now);
        machine.on(at(now), Event::Response(Ok(answer)));
        while !matches!(machine.next(now), Step::Done) {}
        let came = machine.into_inner().came.unwrap().unwrap();
        assert_eq!((came.status, &*came.body), (status, &b"[redacted] is not good"[..]));
        assert_eq!(came.headers.text("grpc-message").unwrap(), "invalid token [redacted]");
    }
}

#[test]
fn the_same_token_is_not_tried_twice() {
    let tokens = Tokens::from(Arc::new(SecretString::from("a-1")) as Arc<dyn TokenProvider>);
    let mut server = Server { good: 2, ..Server::default() };
    assert_eq!(call(&tokens, &mut server, &mut Instant::now()).unwrap().status, 401);
    assert_eq!(server.calls.len(), 1);
}

#[test]
fn many_wait_for_one_renewal_even_if_its_token_ends_at_once() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 1, ..Server::default() };
    let mut machines: Vec<_> = (0..100).map(|_| machine(&tokens)).collect();
    let mut renewals = Vec::new();
    for machine in &mut machines {
        if let Step::Detach(Detached(renewal)) = machine.next(now) {
            renewals.push(renewal);
        }
    }
    assert_eq!(renewals.len(), 1);
    now += Duration::from_millis(10);
    run(&mut *renewals[0], &mut server, &mut now);
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
    let mut renewal = renewal(&mut first, now);
    assert!(matches!(second.next(now), Step::Wait(_)));
    request(&mut *renewal, now);
    renewal.on(at(now), Event::Response(json(200, r#"{"token_endpoint": "https://auth.test/token"}"#)));
    request(&mut *renewal, now);
    let refusal = r#"{"error": "invalid_grant", "error_description": "refresh-0 is used up"}"#;
    renewal.on(at(now), Event::Response(json(400, refusal)));
    assert!(matches!(renewal.next(now), Step::Done));
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
    assert!(matches!(third.next(now), Step::Detach(_)));
}

/// The renewal that a call waits for ends, its token is rejected, and another renewal ends before the call
/// looks: it has the result of the later one, and sends nothing to the issuer.
#[test]
fn a_call_that_looks_late_has_the_result_of_a_later_renewal() {
    for later_fails in [false, true] {
        let (tokens, mut now) = (tokens(), Instant::now());
        let mut server = Server { expires_in: 300, ..Server::default() };
        let (mut first, mut late, mut third) = (machine(&tokens), machine(&tokens), machine(&tokens));
        let mut renewal_1 = renewal(&mut first, now);
        assert!(matches!(late.next(now), Step::Wait(_)));
        run(&mut *renewal_1, &mut server, &mut now);
        let Ask::Token(grant) = tokens.ask(now) else { panic!("there is no token") };
        tokens.reject(&grant);
        let mut renewal_2 = renewal(&mut third, now);
        if later_fails {
            request(&mut *renewal_2, now);
            renewal_2.on(at(now), Event::Response(json(400, r#"{"error": "invalid_grant"}"#)));
            assert!(matches!(renewal_2.next(now), Step::Done));
            assert!(matches!(late.next(now), Step::Done));
            let error = late.into_inner().came.unwrap().unwrap_err();
            assert_eq!(error.token_error().unwrap().kind(), ErrorKind::Authentication);
        } else {
            run(&mut *renewal_2, &mut server, &mut now);
            let sent = request(&mut late, now);
            assert_eq!(sent.headers.text("authorization").unwrap(), "Bearer access-2");
        }
    }
}

#[test]
fn a_renewal_goes_on_when_the_call_that_began_it_ends() {
    for ends_by in ["its time", "a drop", "cancelling"] {
        let (tokens, mut now) = (tokens(), Instant::now());
        let mut server = Server { expires_in: 300, ..Server::default() };
        let mut first = Authorized::new(
            tokens.clone(),
            One::default(),
            Settings { http_timeout: Duration::from_millis(1), ..Settings::default() },
        );
        let mut renewal = renewal(&mut first, now);
        let configuration = request(&mut *renewal, now);
        renewal.on(at(now), Event::Response(server.answer(&configuration)));
        // The issuer has replaced the refresh token; its response is on the way.
        let exchange = match renewal.next(now) {
            Step::Send { request, timeout } => {
                assert_eq!(timeout, Duration::from_secs(30), "a time of its own");
                request
            }
            step => panic!("not expected here: {step:?}"),
        };
        let answer = server.answer(&exchange);
        match ends_by {
            "its time" => {
                while let Step::Wait(time) = first.next(now) {
                    now += time;
                }
                let error = first.into_inner().came.unwrap().unwrap_err();
                assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Timeout, false));
            }
            "a drop" => drop(first),
            _ => {
                first.on(at(now), Event::Cancelled);
                let error = first.into_inner().came.unwrap().unwrap_err();
                assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Cancelled, false));
            }
        }
        // The next call waits for it and does not ask the issuer again.
        let mut second = machine(&tokens);
        assert!(matches!(second.next(now), Step::Wait(_)), "{ends_by}");
        renewal.on(at(now), Event::Response(answer));
        assert!(matches!(renewal.next(now), Step::Done));
        run(&mut second, &mut server, &mut now);
        assert_eq!(second.into_inner().came.unwrap().unwrap().status, 200, "{ends_by}");
        assert_eq!((server.renewals, server.calls.len()), (1, 1), "{ends_by}");
        now += Duration::from_secs(300);
        // With the token that was rotated, as the server checks.
        call(&tokens, &mut server, &mut now).unwrap();
        assert_eq!(server.renewals, 2, "{ends_by}");
    }
}

#[test]
fn a_renewal_that_is_abandoned_fails_those_who_wait_and_the_next_call_renews() {
    for was_sent in [false, true] {
        let (tokens, now) = (tokens(), Instant::now());
        let mut server = Server::default();
        let mut first = machine(&tokens);
        let mut second = machine(&tokens);
        let mut renewal = renewal(&mut first, now);
        assert!(matches!(second.next(now), Step::Wait(_)));
        if was_sent {
            let configuration = request(&mut *renewal, now);
            renewal.on(at(now), Event::Response(server.answer(&configuration)));
            assert_eq!(request(&mut *renewal, now).method, Method::Post);
        }
        drop(renewal);
        for mut machine in [first, second] {
            assert!(matches!(machine.next(now), Step::Done));
            let error = machine.into_inner().came.unwrap().unwrap_err();
            assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Token, false), "{error:?}");
            let error = error.token_error().unwrap();
            assert_eq!(error.is_retryable(), !was_sent, "{error}");
            assert_eq!(error.to_string().contains("may have been used up"), was_sent, "{error}");
        }
        assert!(matches!(machine(&tokens).next(now), Step::Detach(_)));
    }
}

#[test]
fn a_rotated_token_is_reported_before_the_access_token_is_used() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, mut now) = (seen.clone(), Instant::now());
    let grant = RefreshGrant::new(ISSUER, "platform", "refresh-0").on_token_rotated(move |token| {
        log.lock().unwrap().push(token.expose_secret().to_owned());
        assert!(token.expose_secret() != "refresh-2", "a callback that panics");
    });
    let tokens = Tokens::Refresh(Refresher::new(grant));
    let mut server = Server { expires_in: 300, ..Server::default() };
    let mut first = machine(&tokens);
    let mut renewal = renewal(&mut first, now);
    let configuration = request(&mut *renewal, now);
    renewal.on(at(now), Event::Response(server.answer(&configuration)));
    let exchange = request(&mut *renewal, now);
    assert!(seen.lock().unwrap().is_empty());
    renewal.on(at(now), Event::Response(server.answer(&exchange)));
    assert!(matches!(renewal.next(now), Step::Done));
    assert_eq!(*seen.lock().unwrap(), ["refresh-1"]);
    run(&mut first, &mut server, &mut now);
    assert_eq!(server.calls.len(), 1);

    // The second one panics: its access token is good all the same, and the issuer is not asked again and
    // again.
    now += Duration::from_secs(300);
    let mut machine = machine(&tokens);
    let renews = std::panic::AssertUnwindSafe(|| run(&mut machine, &mut server, &mut now));
    assert!(std::panic::catch_unwind(renews).is_err());
    call(&tokens, &mut server, &mut now).unwrap();
    assert_eq!((server.renewals, server.calls.len()), (2, 2));
}

#[test]
fn a_token_that_is_not_rotated_is_not_reported() {
    let seen = Arc::new(Mutex::new(0));
    let (log, now) = (seen.clone(), Instant::now());
    let grant = RefreshGrant::new(ISSUER, "platform", "refresh-0")
        .token_endpoint("https://auth.test/token")
        .on_token_rotated(move |_| *log.lock().unwrap() += 1);
    let tokens = Tokens::Refresh(Refresher::new(grant));
    for answer in [r#"{"access_token": "a"}"#, r#"{"access_token": "a", "refresh_token": "refresh-0"}"#] {
        let Ask::Renew(renewal) = tokens.ask(now) else { panic!() };
        let mut renewal = renewal.detached(&Settings::default()).0;
        request(&mut *renewal, now);
        renewal.on(at(now), Event::Response(json(200, answer)));
        assert!(matches!(renewal.next(now), Step::Done));
        let Ask::Token(grant) = tokens.ask(now) else { panic!() };
        tokens.reject(&grant);
    }
    assert_eq!(*seen.lock().unwrap(), 0);
}

#[test]
fn the_refusal_of_a_token_that_was_read_says_that_it_was_rotated() {
    for (origin, code, says) in [
        (Some("PlatformToken in /c.toml"), "invalid_grant", true),
        (Some("PlatformToken in /c.toml"), "invalid_client", false),
        (None, "invalid_grant", false),
    ] {
        let now = Instant::now();
        let grant = RefreshGrant::new(ISSUER, "platform", "refresh-0")
            .token_endpoint("https://auth.test/token")
            .about(About { origin: origin.map(str::to_owned), hint: Some("A hint.".to_owned()) });
        let tokens = Tokens::Refresh(Refresher::new(grant));
        let mut first = machine(&tokens);
        let mut renewal = renewal(&mut first, now);
        request(&mut *renewal, now);
        renewal.on(at(now), Event::Response(json(400, &format!(r#"{{"error": "{code}"}}"#))));
        assert!(matches!(renewal.next(now), Step::Done));
        assert!(matches!(first.next(now), Step::Done));
        let error = first.into_inner().came.unwrap().unwrap_err();
        let shown = error.token_error().unwrap().to_string();
        let is_explained = shown.contains("PlatformToken in /c.toml") && shown.contains("on_token_rotated");
        assert_eq!(is_explained, says, "{shown}");
        assert!(shown.ends_with(" A hint."), "{shown}");
    }
}

#[test]
fn the_lifetime_of_a_token_counts_from_its_request() {
    for (expires_in, lasts) in [
        ("300", 295),
        ("\"300\"", 295),
        ("\" 300.5 \"", 295),
        ("0", 25),
        ("-300", 25),
        ("\"-5\"", 25),
        ("\"soon\"", 25),
        ("\"NaN\"", 25),
        ("\"1e400\"", 25),
        ("null", 25),
        ("{}", 25),
        ("1e300", 86_400),
        ("99999999999999999999999", 86_400),
    ] {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let grant = RefreshGrant::new(ISSUER, "p", "refresh-0").token_endpoint("https://auth.test/token");
        let tokens = Tokens::Refresh(Refresher::new(grant));
        let Ask::Renew(renewal) = tokens.ask(now) else { panic!() };
        let mut renewal = renewal.detached(&Settings::default()).0;
        request(&mut *renewal, now);
        let answer = format!(r#"{{"access_token": "a", "expires_in": {expires_in}}}"#);
        // It arrives late.
        renewal.on(at(now + 3 * second), Event::Response(json(200, &answer)));
        assert!(matches!(renewal.next(now + 3 * second), Step::Done));
        let is_good = |at: Instant| matches!(tokens.ask(at), Ask::Token(_));
        assert!(is_good(now + (lasts - 1) * second), "{expires_in}");
        assert!(
            expires_in.len() > 9 || expires_in == "1e300" || !is_good(now + (lasts + 1) * second),
            "{expires_in}"
        );
    }
}

#[test]
fn an_old_token_that_is_refused_late_does_not_cost_a_renewal() {
    let (tokens, mut now) = (tokens(), Instant::now());
    let mut server = Server { expires_in: 300, ..Server::default() };
    call(&tokens, &mut server, &mut now).unwrap();
    let Ask::Token(old) = tokens.ask(now) else { panic!() };
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
        let mut renewal = renewal(&mut machine, now);
        request(&mut *renewal, now);
        renewal.on(at(now), Event::Response(json(200, configuration)));
        if let Some(token) = token {
            request(&mut *renewal, now);
            renewal.on(at(now), Event::Response(json(200, token)));
        }
        assert!(matches!(renewal.next(now), Step::Done));
        assert!(matches!(machine.next(now), Step::Done));
        let error = machine.into_inner().came.unwrap().unwrap_err();
        // A web page does not say whether the issuer has seen the request.
        let is_page = token == Some("<html>");
        let expected = if is_page { ErrorKind::Server } else { ErrorKind::UnexpectedResponse };
        assert_eq!(error.token_error().unwrap().kind(), expected, "{configuration}");
    }
}

#[test]
fn the_request_for_a_token_is_not_repeated() {
    let now = Instant::now();
    let mut machine = machine(&tokens());
    let mut renewal = renewal(&mut machine, now);
    request(&mut *renewal, now);
    renewal.on(at(now), Event::Response(json(200, r#"{"token_endpoint": "https://auth.test/token"}"#)));
    request(&mut *renewal, now);
    let lost = SendError::new(SendErrorKind::Closed, true, "lost");
    renewal.on(at(now), Event::Response(Err(lost)));
    assert!(matches!(renewal.next(now), Step::Done));
    assert!(matches!(machine.next(now), Step::Done));
}

#[test]
fn secrets_do_not_show() {
    let seen = Arc::new(Mutex::new(String::new()));
    let grant = RefreshGrant::new(ISSUER, "platform", "hunter2").client_secret("hunter3");
    let refresher = Refresher::new(grant.clone());
    let ask = Tokens::Refresh(refresher.clone()).ask(Instant::now());
    let given = Grant { token: "hunter4".into(), number: 1 };
    *seen.lock().unwrap() = format!("{grant:?} {refresher:?} {ask:?} {given:?}");
    assert!(!seen.lock().unwrap().contains("hunter"), "{seen:?}");
}
