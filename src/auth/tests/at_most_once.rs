//! Exchanging a refresh token changes something: it is not repeated after it may have been accepted.

use serde_json::Value;

use super::*;
use crate::engine::{
    Budget, CallContext, Effect, Exchange, Failure, Id, Judgement, Operation, Poll, RetryPolicy, Service,
};

#[derive(Debug)]
struct Plain;

impl Service for Plain {
    fn failure(&self, response: &Response) -> Option<Failure> {
        Failure::of(response)
    }

    fn how_to_check(&self) -> &'static str {
        "Look"
    }
}

/// How the issuer answers a token request, and after which time.
#[derive(Clone, Copy, Debug)]
enum Issuer {
    /// With a token of this lifetime, and a new refresh token if it rotates them.
    Token {
        lasts: u32,
        rotates: bool,
    },
    /// The response is lost.
    Lost,
    /// There is no response within the time of the request.
    Silent,
    Unavailable,
    TooMany,
    /// Nothing is sent.
    Refused,
}

/// An issuer with a script, and a service that answers everything with 200.
struct World {
    now: Instant,
    issuer: Vec<Issuer>,
    /// Token requests.
    exchanges: usize,
    /// Requests to the service.
    calls: usize,
}

impl World {
    /// The last answer of the script is repeated for ever.
    fn new(issuer: &[Issuer]) -> Self {
        Self { now: Instant::now(), issuer: issuer.to_vec(), exchanges: 0, calls: 0 }
    }

    fn answer(&mut self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        let lost = |kind| Err(SendError::new(kind, true, "lost"));
        let url = request.url();
        if url.ends_with("/.well-known/openid-configuration") {
            return json(200, r#"{"token_endpoint": "https://auth.test/token"}"#);
        }
        if url != "https://auth.test/token" {
            self.calls += 1;
            return json(200, "pending");
        }
        let answer = self.issuer[self.exchanges.min(self.issuer.len() - 1)];
        self.exchanges += 1;
        match answer {
            Issuer::Token { lasts, rotates } => {
                let rotated = if rotates {
                    format!(r#", "refresh_token": "refresh-{}""#, self.exchanges)
                } else {
                    "".into()
                };
                json(200, &format!(r#"{{"access_token": "access", "expires_in": {lasts}{rotated}}}"#))
            }
            Issuer::Lost => lost(SendErrorKind::Closed),
            Issuer::Silent => {
                self.now += timeout;
                lost(SendErrorKind::Timeout)
            }
            Issuer::Unavailable => json(503, ""),
            Issuer::TooMany => json(429, ""),
            Issuer::Refused => Err(SendError::new(SendErrorKind::Connect, false, "refused")),
        }
    }

    fn run<K: Machine>(&mut self, mut machine: K) -> Result<K::Output, Error> {
        loop {
            match machine.next(self.now) {
                Step::Send { request, timeout } => {
                    let answer = self.answer(&request, timeout);
                    machine.on(at(self.now), Event::Response(answer));
                }
                Step::Wait(time) => self.now += time,
                Step::Detach(Detached(renewal)) => drop(self.run(renewal)),
                Step::Done => return machine.finish(),
                step => panic!("not expected here: {step:?}"),
            }
        }
    }

    /// A call of one request that reads.
    fn call(&mut self, tokens: &Tokens) -> Result<Response, Error> {
        let context = context();
        let request = Request::new(Method::Get, "https://api.test", "/v1/x");
        let exchange = Exchange::new(context.clone(), request, Effect::Repeatable);
        self.run(Authorized::new(tokens.clone(), exchange, context.settings.clone()))
    }

    /// A wait that polls until its timeout.
    fn wait(&mut self, tokens: &Tokens) -> Error {
        let context = context();
        let poll = Poll::new(Request::new(Method::Get, "https://api.test", "/v1/x"), |_| {
            Ok(Judgement::Pending { status: "RUNNING".to_owned() })
        });
        let wait = Operation::resume(context.clone(), Id::Resource("x".to_owned()), poll);
        self.run(Authorized::new(tokens.clone(), wait, context.settings.clone())).unwrap_err()
    }
}

fn context() -> Arc<CallContext> {
    let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
    let settings = Settings { timeout: Duration::from_secs(600), retry, ..Settings::default() };
    Arc::new(CallContext::new("TEST", settings, Arc::new(Budget::unlimited()), Arc::new(Plain)))
}

const LASTS: Issuer = Issuer::Token { lasts: 300, rotates: true };
const SHORT: Issuer = Issuer::Token { lasts: 20, rotates: true };
const KEPT: Issuer = Issuer::Token { lasts: 20, rotates: false };

fn says_it_is_safe(error: &Error) -> bool {
    error.is_retryable() || error.to_string().contains("safe")
}

#[test]
fn an_exchange_whose_response_is_lost_is_not_repeated_within_a_call() {
    for lost in [Issuer::Lost, Issuer::Silent, Issuer::Unavailable] {
        let (tokens, mut world) = (tokens(), World::new(&[lost, LASTS]));
        let error = world.call(&tokens).unwrap_err();
        assert_eq!((world.exchanges, world.calls), (1, 0), "{lost:?}: {error}");
        assert!(!says_it_is_safe(&error), "{lost:?}: {error}");
        assert!(error.to_string().contains("may have been used up"), "{lost:?}: {error}");
        assert!(matches!(error.kind(), ErrorKind::Transport | ErrorKind::Server), "{lost:?}: {error}");
        // The next call of the program tries again.
        world.call(&tokens).unwrap();
        assert_eq!((world.exchanges, world.calls), (2, 1), "{lost:?}");
    }
}

#[test]
fn an_exchange_whose_response_is_lost_is_not_repeated_by_later_polls() {
    for lost in [Issuer::Lost, Issuer::Silent, Issuer::Unavailable] {
        let (tokens, mut world) = (tokens(), World::new(&[SHORT, lost, LASTS]));
        let error = world.wait(&tokens);
        assert_eq!(world.exchanges, 2, "{lost:?}: {error}");
        assert!(world.calls > 0);
        assert_eq!(error.resource(), Some("x"));
        assert_ne!(error.kind(), ErrorKind::OperationTimeout, "{lost:?}: {error}");
        assert!(!says_it_is_safe(&error), "{lost:?}: {error}");
    }
}

#[test]
fn an_exchange_that_was_not_accepted_is_repeated_by_later_polls() {
    for refused in [Issuer::Refused, Issuer::TooMany] {
        let (tokens, mut world) = (tokens(), World::new(&[SHORT, refused, LASTS]));
        let error = world.wait(&tokens);
        assert!(world.exchanges > 3, "{refused:?}: {error}");
        // It went on to the end of its time.
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{refused:?}: {error}");
    }
}

#[test]
fn an_issuer_that_keeps_its_refresh_tokens_may_be_asked_again() {
    for lost in [Issuer::Lost, Issuer::Unavailable] {
        let (tokens, mut world) = (tokens(), World::new(&[KEPT, lost, LASTS]));
        world.call(&tokens).unwrap();
        world.now += Duration::from_secs(30);
        world.call(&tokens).unwrap();
        assert_eq!((world.exchanges, world.calls), (3, 2), "{lost:?}");

        let (tokens, mut world) = (self::tokens(), World::new(&[KEPT, lost, lost, lost, lost, lost, LASTS]));
        let error = world.wait(&tokens);
        assert!(world.exchanges > 6, "{lost:?}: {error}");
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{lost:?}: {error}");
    }
    // One that rotates again has to be asked once again.
    let (tokens, mut world) = (tokens(), World::new(&[KEPT, SHORT, Issuer::Lost, LASTS]));
    for _ in 0..2 {
        world.call(&tokens).unwrap();
        world.now += Duration::from_secs(30);
    }
    let error = world.call(&tokens).unwrap_err();
    assert_eq!((world.exchanges, says_it_is_safe(&error)), (3, false), "{error}");
}

#[test]
fn a_call_that_is_cancelled_while_it_obtains_a_token_has_sent_nothing() {
    let (tokens, context) = (tokens(), context());
    let request = Request::new(Method::Post, "https://api.test", "/v1/x");
    let exchange = Exchange::new(context.clone(), request, Effect::Changes);
    let mut machine = Authorized::new(tokens, exchange, context.settings.clone());
    let now = Instant::now();
    let _renewal = renewal(&mut machine, now);
    machine.on(at(now), Event::Cancelled);
    assert!(matches!(machine.next(now), Step::Done));
    let error = machine.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.to_string().contains("Nothing was sent"), "{error}");
}

#[test]
fn an_error_of_the_issuer_shows_no_token() {
    let mut world = World::new(&[Issuer::Lost]);
    let error = world.call(&tokens()).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.body().map(Value::from));
    assert!(!shown.contains("refresh-0"), "{shown}");
}
