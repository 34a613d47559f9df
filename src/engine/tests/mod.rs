//! The whole protocol in virtual time: every fault at every step, without a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod batch;
#[cfg(feature = "async")]
mod drivers;
#[cfg(errands)]
mod errands;
mod members;
mod operations;
mod promises;
mod sequences;
mod sharing;
mod tasks;
mod waits;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::context::CallContext;
use super::machine::{Event, Now, Step, Steps};
use super::operation::Completed;
use super::*;
use crate::error::{Error, ErrorKind};
use crate::http::{Headers, Method, Request, Response};
use crate::transport::{SendError, SendErrorKind};

const SECOND: Duration = Duration::from_secs(1);

/// A service whose responses say what they mean: `taken <id>`, `pending <status>`, `done`, `failed`.
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

fn accept() -> Accept {
    Arc::new(|response| {
        let text = text(response);
        match text.strip_prefix("taken ") {
            Some(id) => {
                Ok(Accepted { id: Id::Request(id.to_owned()), body: Value::Null, poll: Some(poll(id)) })
            }
            None => Err(format!("no id in {text:?}")),
        }
    })
}

fn poll(id: &str) -> Poll {
    Poll::new(Request::new(Method::Get, "http://h", format!("/status/{id}")), |response| {
        let text = text(response);
        match text.split_once(' ').unwrap_or((&text, "")) {
            ("pending", status) => Ok(Judgement::Pending { status: status.to_owned() }),
            ("done", "") => Ok(Judgement::Done { status: "DONE".into(), body: json!("payload") }),
            ("done", payload) => Ok(Judgement::Done { status: "DONE".into(), body: json!(payload) }),
            ("failed", _) => {
                Ok(Judgement::Failed { status: "FAILED".into(), detail: json!({"why": "because"}) })
            }
            _ => Err("it makes no sense".to_owned()),
        }
    })
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// What the server, or the road to it, does with one request.
#[derive(Clone, Debug)]
struct Incident {
    /// How long it takes.
    after: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    Unsent(SendErrorKind),
    Sent(SendErrorKind),
}

impl From<What> for Incident {
    fn from(what: What) -> Self {
        Self { after: Duration::from_millis(20), what }
    }
}

impl What {
    fn status(status: u16) -> Self {
        Self::Answer(status, vec![], "")
    }

    fn text(text: &'static str) -> Self {
        Self::Answer(200, vec![], text)
    }

    fn result(&self) -> Result<Response, SendError> {
        match self {
            Self::Answer(status, headers, body) => {
                let mut all = Headers::new();
                for (name, value) in headers {
                    all.push(*name, value.as_bytes());
                }
                Ok(Response::new(*status, all, *body))
            }
            Self::Unsent(kind) => Err(SendError::new(*kind, false, "not sent")),
            Self::Sent(kind) => Err(SendError::new(*kind, true, "sent, then lost")),
        }
    }

    /// True if the server cannot have taken the request, so that sending it again is not a repetition.
    fn proves_not_taken(&self) -> bool {
        match self {
            Self::Answer(status, ..) => {
                matches!(status, 300..=302 | 307 | 308 | 400..=407 | 409..=424 | 426..=499 | 501 | 505)
            }
            Self::Unsent(_) => true,
            Self::Sent(_) => false,
        }
    }
}

/// One request as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    at: Duration,
    limit: Duration,
    is_submit: bool,
    path: String,
    what: What,
}

/// Everything that happened in a run.
#[derive(Debug)]
struct Run {
    outcome: Result<Completed, Error>,
    sent: Vec<Sent>,
    progress: Vec<Progress>,
    took: Duration,
}

impl Run {
    fn submits(&self) -> usize {
        self.sent.iter().filter(|s| s.is_submit).count()
    }

    fn polls(&self) -> usize {
        self.sent.len() - self.submits()
    }

    fn error(&self) -> &Error {
        self.outcome.as_ref().unwrap_err()
    }

    fn poll_times(&self) -> Vec<f64> {
        self.sent.iter().filter(|s| !s.is_submit).map(|s| s.at.as_secs_f64()).collect()
    }
}

/// A world where time passes only when something takes time.
struct World {
    settings: Settings,
    effect: Effect,
    budget: Arc<Budget>,
    resume: bool,
}

impl World {
    fn new(effect: Effect) -> Self {
        let retry = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        Self {
            settings: Settings { retry, ..Settings::default() },
            effect,
            budget: Arc::new(Budget::unlimited()),
            resume: false,
        }
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    fn context(&self) -> (Arc<CallContext>, Arc<Mutex<Vec<Progress>>>) {
        let progress = Arc::new(Mutex::new(Vec::new()));
        let seen = progress.clone();
        let observer = Observer::new(move |p| seen.lock().unwrap().push(p.clone()));
        let context = CallContext::new("TEST", self.settings.clone(), self.budget.clone(), Arc::new(Plain));
        (Arc::new(context.with_observer(observer)), progress)
    }

    /// Runs an operation; after the script's end the last event goes on for ever.
    fn run(&self, script: &[Incident]) -> Run {
        let (context, progress) = self.context();
        let submit = Request::new(Method::Post, "http://h", "/submit");
        let mut machine = if self.resume {
            Operation::resume(context, Id::Request("id-1".into()), poll("id-1"))
        } else {
            Operation::submit(context, submit, self.effect, accept())
        };

        let (sent, took) = play(&mut machine, script);
        let outcome = machine.finish();
        let progress = progress.lock().unwrap().clone();
        Run { outcome, sent, progress, took }
    }
}

fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}

/// Runs a machine until it is done: what it sent, and how long it took.
fn play<O>(machine: &mut dyn Machine<Output = O>, script: &[Incident]) -> (Vec<Sent>, Duration) {
    let start = Instant::now();
    let mut now = start;
    let mut sent = Vec::new();
    let mut events = script.iter();
    let mut event = events.next().unwrap();
    for _ in 0..10_000 {
        match machine.next(now) {
            Step::Send { request, timeout: limit } => {
                assert!(limit > Duration::ZERO, "a request without time");
                let (after, what) = if event.after <= limit {
                    (event.after, event.what.clone())
                } else {
                    (limit, What::Sent(SendErrorKind::Timeout))
                };
                sent.push(Sent {
                    at: now - start,
                    limit,
                    is_submit: request.method == Method::Post,
                    path: request.path.clone(),
                    what: what.clone(),
                });
                now += after;
                machine.on(at(now), Event::Response(what.result()));
                event = events.next().unwrap_or(event);
            }
            Step::Wait(time) => {
                assert!(time > Duration::ZERO, "waiting for nothing");
                now += time;
            }
            Step::Done => return (sent, now - start),
            #[cfg(any(streams, tokens))]
            step => panic!("not expected here: {step:?}"),
        }
    }
    panic!("no end");
}

fn events(whats: impl IntoIterator<Item = What>) -> Vec<Incident> {
    whats.into_iter().map(Incident::from).collect()
}

fn taken() -> What {
    What::text("taken id-1")
}

fn pending() -> What {
    What::text("pending PENDING")
}

/// What can happen to a request, and what it comes to: for a poll or a repeatable submit, and for a changing
/// submit.
fn happenings() -> Vec<(What, Expected, Expected)> {
    use Expected::{Again, Ends};
    use SendErrorKind as K;
    let mut table = Vec::new();
    // Nothing was sent.
    for kind in [K::Dns, K::Connect, K::Tls, K::Timeout, K::Proxy] {
        table.push((What::Unsent(kind), Again, Again));
    }
    // 429, with and without a Retry-After.
    table.push((What::status(429), Again, Again));
    for after in ["2", "Thu, 01 Jan 1970 00:00:02 GMT", "-1", "nan", "99999"] {
        table.push((What::Answer(429, vec![("Retry-After", after.into())], ""), Again, Again));
    }
    for status in [408, 425, 500, 502, 503, 504] {
        table.push((What::status(status), Again, Ends(ErrorKind::OutcomeUnknown)));
    }
    // Bytes were sent, then time-out, reset, truncated body.
    for kind in [K::Timeout, K::Closed, K::Protocol] {
        table.push((What::Sent(kind), Again, Ends(ErrorKind::OutcomeUnknown)));
    }
    // Any other 4xx.
    for (status, kind) in [
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (418, ErrorKind::Rejected),
        (451, ErrorKind::Rejected),
    ] {
        table.push((What::status(status), Ends(kind), Ends(kind)));
    }
    table
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// It is sent again, and the operation ends well.
    Again,
    /// It ends with this kind.
    Ends(ErrorKind),
}

fn any_what() -> impl Strategy<Value = What> {
    use SendErrorKind as K;
    let kinds = prop::sample::select(vec![
        K::Dns,
        K::Connect,
        K::Proxy,
        K::Tls,
        K::Certificate,
        K::CertificateExpired,
        K::ProxyAuthentication,
        K::Timeout,
        K::Closed,
        K::Protocol,
        K::BodyTooLarge,
        K::InvalidRequest,
    ]);
    let bodies = prop::sample::select(vec![
        "",
        "taken id-1",
        "taken id-1",
        "pending PENDING",
        "pending PENDING",
        "pending OTHER",
        "done",
        "failed",
        "<html>",
        "taken ",
    ]);
    let retry_after = prop::sample::select(vec![
        "0",
        "1",
        "59",
        "60",
        "1e9",
        "-1",
        "nan",
        "Thu, 01 Jan 1970 00:01:00 GMT",
        "x",
    ]);
    prop_oneof![
        4 => bodies.clone().prop_map(What::text),
        2 => (100u16..600, bodies, prop::option::of(retry_after)).prop_map(|(status, body, after)| {
            What::Answer(status, after.map(|a| ("Retry-After", a.to_owned())).into_iter().collect(), body)
        }),
        1 => kinds.clone().prop_map(What::Unsent),
        1 => kinds.prop_map(What::Sent),
    ]
}

fn any_event() -> impl Strategy<Value = Incident> {
    (prop_oneof![Just(0u64), 0u64..2_000, 0u64..100_000], any_what())
        .prop_map(|(millis, what)| Incident { after: Duration::from_millis(millis), what })
}
