//! Uploads in virtual time: a service and a storage that fail as they are told to, or by chance.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::hotdata::Client;
use crate::hotdata::command::{Call, Core};
use crate::http::{Headers, Request, Response};
use crate::transport::{SendError, SendErrorKind};

use super::api::Api;
use super::failure::UploadFailureKind;
use super::machine::{Job, Outcome, Plan, Step, Upload};
use super::model::FinalizeUploadResponse;
use super::progress::UploadProgress;
use super::rules::{PartRetry, effective_in_flight};

const SECOND: Duration = Duration::from_secs(1);

fn core() -> (Client, Core) {
    let client = Client::builder()
        .api_key("key")
        .workspace_id("ws")
        .base_url("https://api.example")
        .env(Vec::<(String, String)>::new())
        .build()
        .unwrap();
    let core = client.shared.core().clone();
    (client, core)
}

fn plan(size: Option<u64>) -> Plan {
    Plan {
        label: "uploading".into(),
        size,
        filename: None,
        content_type: None,
        content_encoding: None,
        part_size: None,
        max_concurrency: 10,
        memory_budget: 256 << 20,
        part_retry: PartRetry::default(),
        max_extra_rounds: 3,
        round_base_delay: 2 * SECOND,
        request_timeout: None,
        timeout: None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Single,
    Eager,
    Streaming,
}

/// What comes of a PUT, in place of success.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Status(u16),
    /// With so many seconds in `Retry-After`.
    Later(u16, u32),
    Lost(SendErrorKind),
    NoETag,
}

/// Numbers by chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A service, a storage, a file and a clock.
struct Sim {
    kind: Kind,
    data: Vec<u8>,
    part_size: u64,
    /// What comes of the n-th PUT of a part; success when there are no more.
    faults: BTreeMap<u64, Vec<Fault>>,
    /// Statuses of mints in their order; success when there are no more.
    mints: Vec<u16>,
    finalize: Result<u16, SendErrorKind>,
    /// The file has so many bytes when it is read.
    really: usize,
    /// All of this by chance, and how long things take.
    dice: Option<Dice>,
    cancel_at: Option<Duration>,
    /// How long the PUT of a part takes.
    put_takes: Duration,
    /// How long finalizing takes.
    finalize_takes: Duration,
}

/// What was seen.
#[derive(Debug, Default)]
struct Story {
    outcome: Option<Result<FinalizeUploadResponse, Error>>,
    took: Duration,
    puts: Vec<(u64, Duration)>,
    put_timeouts: Vec<Duration>,
    mints: u32,
    reads: u32,
    finalized: u32,
    is_intact: bool,
    most_in_flight: usize,
    most_held: usize,
    progress: Vec<UploadProgress>,
    begun_after_cancel: u32,
}

impl Story {
    fn error(&self) -> &Error {
        self.outcome.as_ref().unwrap().as_ref().unwrap_err()
    }

    fn kind(&self) -> UploadFailureKind {
        self.error().upload().unwrap().kind
    }
}

impl Sim {
    fn new(kind: Kind, size: usize, part_size: u64) -> Self {
        let data: Vec<u8> = (0..size).map(|i| u8::try_from(i * 31 % 251).unwrap()).collect();
        Self {
            kind,
            really: data.len(),
            data,
            part_size,
            faults: BTreeMap::new(),
            mints: Vec::new(),
            finalize: Ok(200),
            dice: None,
            cancel_at: None,
            put_takes: SECOND,
            finalize_takes: Duration::ZERO,
        }
    }

    fn faults(mut self, part: u64, faults: &[Fault]) -> Self {
        self.faults.insert(part, faults.to_vec());
        self
    }

    fn answer(status: u16, body: &Value) -> Response {
        Response::new(status, Headers::new(), body.to_string())
    }

    fn session(&self) -> Value {
        let mut session = json!({"upload_id": "u", "finalize_token": "token-1234", "headers": {}});
        let url = |part: u64| format!("https://s.example/{part}?sig=first");
        match self.kind {
            Kind::Single => {
                session["mode"] = "single".into();
                session["url"] = url(1).into();
            }
            _ => {
                session["mode"] = "multipart".into();
                session["part_size"] = self.part_size.into();
            }
        }
        if self.kind == Kind::Eager {
            let parts = super::rules::part_count(self.data.len() as u64, self.part_size);
            session["part_urls"] = (1..=parts).map(url).collect();
        }
        session
    }

    fn run(self, plan: Plan) -> Story {
        let (client, core) = core();
        self.run_with(plan, &client, &core)
    }

    fn run_with(mut self, plan: Plan, client: &Client, core: &Core) -> Story {
        let options = Call::new(client.shared.clone(), ()).into_parts().2;
        let budget = plan.memory_budget;
        let is_reader = plan.size.is_none();
        let api = Api::new(core, options, plan.label.clone()).unwrap();
        let mut upload = Upload::new(plan, api);
        let start = Instant::now();
        let mut now = start;
        let mut story = Story::default();
        let mut stored: BTreeMap<u64, (String, Bytes)> = BTreeMap::new();
        let mut under_way: Vec<(Instant, u64, Outcome)> = Vec::new();
        let mut read_on = 0;
        let mut cancelled = false;
        for _ in 0..100_000 {
            story.progress.extend(std::iter::from_fn(|| upload.progress()));
            // Each time that it is looked at, as the drivers do it.
            if self.cancel_at.is_some_and(|at| now >= start + at) {
                cancelled = true;
                upload.cancel();
            }
            assert!(
                upload.held() as u64 * self.part_size <= budget || upload.held() <= 1,
                "{}",
                upload.held()
            );
            story.most_held = story.most_held.max(upload.held());
            match upload.next(now) {
                Step::Begin(id, job) => {
                    if cancelled {
                        story.begun_after_cancel += 1;
                    }
                    let mut takes = self.put_takes;
                    let outcome = match job {
                        Job::Peek { .. } => {
                            takes = Duration::ZERO;
                            Outcome::Peeked(Ok(None))
                        }
                        Job::Read { offset, length, .. } => {
                            story.reads += 1;
                            takes = Duration::ZERO;
                            let from = if is_reader { read_on } else { usize::try_from(offset).unwrap() };
                            let to = from.saturating_add(length).min(self.really);
                            read_on = to;
                            Outcome::Read(Ok(Bytes::copy_from_slice(&self.data[from.min(to)..to])))
                        }
                        Job::Call { request, is_final, .. } => {
                            takes = if is_final { self.finalize_takes } else { Duration::ZERO };
                            Outcome::Answered(self.call(&request, &stored, &mut story))
                        }
                        Job::Put { request, timeout } => {
                            story.put_timeouts.push(timeout);
                            Outcome::Answered(self.put(&request, now - start, &mut stored, &mut story))
                        }
                    };
                    if let Some(dice) = &mut self.dice {
                        takes = Duration::from_millis(dice.roll(3000));
                    }
                    under_way.push((now + takes, id, outcome));
                    story.most_in_flight = story.most_in_flight.max(under_way.len());
                }
                step @ (Step::Wait(_) | Step::Answer) => {
                    let at = match step {
                        Step::Wait(time) => {
                            assert!(!time.is_zero());
                            Some(now + time)
                        }
                        _ => None,
                    };
                    let cancel = self.cancel_at.map(|at| start + at).filter(|_| !cancelled);
                    under_way.sort_by_key(|(at, ..)| *at);
                    let first = under_way.first().map(|(at, ..)| *at);
                    now =
                        at.into_iter().chain(cancel).chain(first).min().expect("nobody will go on").max(now);
                    if first.is_some_and(|first| first <= now) {
                        let (_, id, outcome) = under_way.remove(0);
                        upload.done(id, now, SystemTime::UNIX_EPOCH, outcome);
                    }
                }
                Step::Done => {
                    story.took = now - start;
                    story.outcome = upload.finish();
                    assert!(matches!(upload.next(now), Step::Done));
                    return story;
                }
            }
        }
        panic!("there is no end");
    }

    /// A request to the service.
    fn call(
        &mut self,
        request: &Request,
        stored: &BTreeMap<u64, (String, Bytes)>,
        story: &mut Story,
    ) -> Result<Response, SendError> {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        if request.path == "/v1/uploads" {
            return Ok(Self::answer(201, &self.session()));
        }
        assert_eq!(request.headers.get("x-upload-finalize-token"), Some(&b"token-1234"[..]));
        if request.path == "/v1/uploads/u/parts" {
            story.mints += 1;
            let mut status = if self.mints.is_empty() { 200 } else { self.mints.remove(0) };
            if let Some(dice) = &mut self.dice {
                status = [200, 200, 200, 200, 200, 200, 200, 500, 429, 400]
                    [usize::try_from(dice.roll(10)).unwrap()];
            }
            if status != 200 {
                return Ok(Self::answer(status, &json!({"error": {"code": "TEST", "message": "test"}})));
            }
            let part = body["part_numbers"][0].as_u64().unwrap();
            let url = format!("https://s.example/{part}?sig=minted{}", story.mints);
            return Ok(Self::answer(status, &json!({"parts": [{"part_number": part, "url": url}]})));
        }
        assert_eq!(request.path, "/v1/uploads/u/finalize");
        story.finalized += 1;
        let whole: Vec<u8> = stored.values().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let tags: Vec<Value> =
            stored.iter().map(|(part, (tag, _))| json!({"part_number": part, "e_tag": tag})).collect();
        let expected = if self.kind == Kind::Single { json!({}) } else { json!({ "parts": tags }) };
        story.is_intact = whole == self.data && body == expected;
        match self.finalize {
            Ok(status) => {
                let size = whole.len();
                let done = json!({"upload_id": "u", "size_bytes": size, "status": "ready",
                    "created_at": "2026-03-01T12:00:00Z"});
                Ok(Self::answer(status, &done))
            }
            Err(kind) => Err(SendError::new(kind, true, "test")),
        }
    }

    /// A PUT to the storage.
    fn put(
        &mut self,
        request: &Request,
        at: Duration,
        stored: &mut BTreeMap<u64, (String, Bytes)>,
        story: &mut Story,
    ) -> Result<Response, SendError> {
        assert!(request.bare && request.headers.iter().next().is_none());
        let part: u64 = request.path.trim_start_matches('/').split('?').next().unwrap().parse().unwrap();
        story.puts.push((part, at));
        let fault = match &mut self.dice {
            Some(dice) => match dice.roll(20) {
                0 => Some(Fault::Status(500)),
                1 => Some(Fault::Status(403)),
                2 => Some(Fault::Later(429, 1)),
                3 => Some(Fault::Lost(SendErrorKind::Closed)),
                4 => Some(Fault::Lost(SendErrorKind::Timeout)),
                5 => Some(Fault::NoETag),
                6 if dice.roll(50) == 0 => Some(Fault::Lost(SendErrorKind::Certificate)),
                _ => None,
            },
            None => {
                self.faults.get_mut(&part).filter(|faults| !faults.is_empty()).map(|faults| faults.remove(0))
            }
        };
        let tag = format!("\"{part}-{}\"", story.puts.len());
        let mut headers = Headers::new();
        match fault {
            Some(Fault::Status(status)) => return Ok(Response::new(status, headers, "")),
            Some(Fault::Later(status, seconds)) => {
                headers.push("Retry-After", seconds.to_string());
                return Ok(Response::new(status, headers, ""));
            }
            Some(Fault::Lost(kind)) => return Err(SendError::new(kind, true, "test")),
            // It is there, but nobody can say so.
            Some(Fault::NoETag) => headers.push("ETag", " "),
            None => headers.push("ETag", tag.clone()),
        }
        stored.insert(part, (tag, request.body.clone().unwrap()));
        Ok(Response::new(200, headers, ""))
    }
}

fn seconds(times: &[(u64, Duration)], part: u64) -> Vec<f64> {
    times.iter().filter(|(other, _)| *other == part).map(|(_, at)| at.as_secs_f64()).collect()
}

#[test]
fn everything_arrives_whatever_the_shape() {
    for (kind, size, part_size) in [
        (Kind::Single, 0, 100),
        (Kind::Single, 100, 100),
        (Kind::Eager, 0, 4),
        (Kind::Eager, 8, 4),
        (Kind::Eager, 1001, 10),
        (Kind::Streaming, 1001, 10),
    ] {
        let story = Sim::new(kind, size, part_size).run(plan(Some(size as u64)));
        assert_eq!(story.outcome.as_ref().unwrap().as_ref().unwrap().size_bytes, size as u64);
        assert!(story.is_intact && story.finalized == 1, "{story:?}");
        assert_eq!(story.progress.first().map(|p| p.transferred), Some(0));
        assert_eq!(
            story.progress.last().map(|p| (p.transferred, p.total)),
            Some((size as u64, Some(size as u64)))
        );
        if kind != Kind::Single && size > 100 {
            assert_eq!(story.most_in_flight, 10);
            assert_eq!(story.reads, 101);
            // Ten at a time, a second each.
            assert_eq!(story.took, 11 * SECOND);
        }
    }
}

#[test]
fn a_reader_is_read_once_and_on_and_on() {
    for size in [1, 99, 100, 101, 1000, 1001] {
        let story = Sim::new(Kind::Streaming, size, 100).run(plan(None));
        assert!(story.is_intact && story.finalized == 1, "{size}: {story:?}");
        let totals: Vec<Option<u64>> = story.progress.iter().map(|p| p.total).collect();
        assert_eq!(totals.last(), Some(&Some(size as u64)), "{size}");
        assert_eq!(totals.first(), Some(&None));
    }
    // What has failed keeps its place, and is not read again.
    let faults = [Fault::Status(500), Fault::Status(500), Fault::Status(500)];
    let story = Sim::new(Kind::Streaming, 1000, 100).faults(2, &faults).run(plan(None));
    assert!(story.is_intact, "{story:?}");
    assert_eq!(story.reads, 11);
    assert_eq!(seconds(&story.puts, 2), [0.0, 3.0, 8.0, 17.0]);
    assert_eq!(story.mints, 13);
    let faults = [Fault::Status(500); 4];
    let story = Sim::new(Kind::Streaming, 1000, 100).faults(2, &faults).run(plan(None));
    let failure = story.error().upload().unwrap();
    assert_eq!((failure.part_number, failure.rounds_attempted, failure.is_exhausted), (Some(2), 4, true));
    assert_eq!(story.finalized, 0);
}

#[test]
fn what_has_no_end_ends_at_the_last_part_that_is_taken() {
    let story = Sim::new(Kind::Streaming, 10_001, 1).run(plan(None));
    assert_eq!(story.kind(), UploadFailureKind::SizeLimit);
    assert_eq!(story.finalized, 0);
    let story = Sim::new(Kind::Streaming, 10_000, 1).run(plan(None));
    assert!(story.is_intact && story.finalized == 1);
}

#[test]
fn the_inner_tier_waits_as_it_is_told() {
    let run = |faults: &[Fault]| {
        let mut sim = Sim::new(Kind::Eager, 8, 4).faults(2, faults);
        sim.put_takes = Duration::ZERO;
        let story = sim.run(plan(Some(8)));
        assert!(story.is_intact, "{story:?}");
        assert_eq!(story.reads, 2, "what is held is not read again");
        seconds(&story.puts, 2)
    };
    let lost = Fault::Lost(SendErrorKind::Closed);
    assert_eq!(run(&[lost, lost, lost]), [0.0, 0.0, 0.4, 1.2]);
    for kind in [SendErrorKind::Dns, SendErrorKind::Connect, SendErrorKind::Proxy, SendErrorKind::Timeout] {
        assert_eq!(run(&[Fault::Lost(kind)]), [0.0, 0.0]);
    }
    for status in [413, 429, 503] {
        assert_eq!(run(&[Fault::Later(status, 7), Fault::Later(status, 500)]), [0.0, 7.0, 127.0]);
    }
    assert_eq!(run(&[Fault::Status(429), Fault::Status(429)]), [0.0, 0.0, 0.4]);
}

#[test]
fn the_outer_tier_goes_round_with_half_as_many() {
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    for part in 1..=20 {
        sim = sim.faults(part, &[Fault::Status(500), Fault::Status(404), Fault::NoETag]);
    }
    sim.put_takes = Duration::ZERO;
    let story = sim.run(plan(Some(100)));
    assert!(story.is_intact, "{story:?}");
    let at = |time: f64| story.puts.iter().filter(|(_, at)| at.as_secs_f64() == time).count();
    assert_eq!([at(0.0), at(2.0), at(6.0), at(14.0)], [20, 20, 20, 20]);
    // In flight by round: see `round_in_flight`. With one second each they show.
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    for part in 1..=20 {
        sim = sim.faults(part, &[Fault::Status(500)]);
    }
    let story = sim.run(plan(Some(100)));
    assert_eq!(story.took, 2 * SECOND + 2 * SECOND + 4 * SECOND);
}

#[test]
fn an_expired_url_is_replaced_once_in_a_round() {
    let expired = Fault::Status(403);
    let story = Sim::new(Kind::Eager, 8, 4).faults(2, &[expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 1 && story.reads == 2, "{story:?}");
    assert_eq!(story.took, 2 * SECOND);
    let story = Sim::new(Kind::Eager, 8, 4).faults(2, &[expired, expired, expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 2, "{story:?}");
    // Minted ones are not replaced but in the next round.
    let story = Sim::new(Kind::Streaming, 8, 4).faults(2, &[expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 3, "{story:?}");
}

#[test]
fn what_cannot_pass_ends_it_at_once() {
    for kind in [SendErrorKind::Certificate, SendErrorKind::InvalidRequest] {
        let story = Sim::new(Kind::Eager, 100, 5).faults(2, &[Fault::Lost(kind)]).run(plan(Some(100)));
        assert_eq!(story.kind(), UploadFailureKind::StorageTransport);
        assert_eq!(story.took, SECOND);
        assert_eq!(story.finalized, 0);
    }
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    sim.really = 99;
    let story = sim.run(plan(Some(100)));
    assert_eq!((story.kind(), story.error().kind()), (UploadFailureKind::Source, ErrorKind::Source));
    assert_eq!(story.finalized, 0);
    // One PUT is not tried again, and is no part.
    for fault in [Fault::Status(500), Fault::Later(429, 1), Fault::Lost(SendErrorKind::Closed)] {
        let story = Sim::new(Kind::Single, 10, 5).faults(1, &[fault]).run(plan(Some(10)));
        assert_eq!((story.puts.len(), story.error().upload().unwrap().part_number), (1, None));
        assert_eq!(story.finalized, 0);
    }
}

#[test]
fn finalizing_is_tried_once_whatever_comes() {
    for finalize in [Ok(429), Ok(500), Ok(503), Err(SendErrorKind::Closed), Err(SendErrorKind::Timeout)] {
        let mut sim = Sim::new(Kind::Eager, 8, 4);
        sim.finalize = finalize;
        let story = sim.run(plan(Some(8)));
        assert_eq!((story.finalized, story.kind()), (1, UploadFailureKind::Finalize));
        assert!(!story.error().is_retryable());
        if finalize != Ok(429) {
            assert_eq!(story.error().kind(), ErrorKind::OutcomeUnknown, "{finalize:?}");
        }
        assert!(!format!("{:?}", story.error()).contains("token-1234"));
    }
}

#[test]
fn the_memory_bounds_what_is_in_flight() {
    for (budget, expected) in [(0, 1), (99, 1), (100, 1), (250, 2), (1000, 10), (100_000, 10)] {
        for kind in [Kind::Eager, Kind::Streaming] {
            let plan = Plan { memory_budget: budget, ..plan(Some(3000)) };
            let story = Sim::new(kind, 3000, 100).run(plan);
            assert_eq!(story.most_held, expected, "{budget}");
            assert!(story.is_intact);
        }
    }
}

#[test]
fn sizes_that_cannot_be_said_are_refused_before_anything_is_sent() {
    for plan in [Plan { part_size: Some(1 << 63), ..plan(Some(1)) }, plan(Some(1 << 63))] {
        let story = Sim::new(Kind::Eager, 8, 4).run(plan);
        assert_eq!(
            (story.kind(), story.error().kind()),
            (UploadFailureKind::SizeLimit, ErrorKind::InvalidArgument)
        );
        assert!(story.most_in_flight == 0);
    }
}

#[test]
fn time_that_is_over_ends_it() {
    let plan = Plan { timeout: Some(3 * SECOND), ..plan(Some(1000)) };
    let story = Sim::new(Kind::Eager, 1000, 10).run(plan);
    assert_eq!(story.error().kind(), ErrorKind::OperationTimeout);
    assert_eq!((story.took, story.finalized), (3 * SECOND, 0));
}

#[test]
fn the_answer_to_finalizing_counts_whatever_was_wanted_meanwhile() {
    for is_cancelled in [false, true] {
        for finalize in [Ok(200), Ok(400), Err(SendErrorKind::Closed)] {
            let mut sim = Sim::new(Kind::Single, 8, 8);
            sim.finalize_takes = 10 * SECOND;
            sim.finalize = finalize;
            sim.cancel_at = is_cancelled.then_some(3 * SECOND);
            let story = sim.run(Plan { timeout: (!is_cancelled).then_some(3 * SECOND), ..plan(Some(8)) });
            assert_eq!((story.finalized, story.took), (1, 11 * SECOND));
            match finalize {
                Ok(200) => assert!(story.outcome.unwrap().is_ok()),
                _ => assert_eq!(story.kind(), UploadFailureKind::Finalize),
            }
        }
    }
}

#[test]
fn each_attempt_has_its_time() {
    let story = Sim::new(Kind::Eager, 100, 50).run(plan(Some(100)));
    assert!(story.put_timeouts.iter().all(|time| (60.0..60.1).contains(&time.as_secs_f64())));
}

#[test]
fn whatever_happens_the_promises_hold() {
    let (client, core) = core();
    let (mut whole, mut failed) = (0, 0);
    for seed in 1..=1500u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let size = usize::try_from(dice.roll(800)).unwrap();
        let kind = [Kind::Single, Kind::Eager, Kind::Streaming][usize::try_from(dice.roll(3)).unwrap()];
        let part_size = 1 + dice.roll(200);
        let is_reader = kind == Kind::Streaming && size > 0 && dice.roll(2) == 0;
        let mut plan = plan((!is_reader).then_some(size as u64));
        plan.max_concurrency = usize::try_from(dice.roll(8)).unwrap();
        plan.memory_budget = 800 + dice.roll(1000);
        plan.max_extra_rounds = u32::try_from(dice.roll(5)).unwrap();
        let most = effective_in_flight(plan.max_concurrency, part_size, plan.memory_budget);
        let mut sim = Sim::new(kind, size, part_size);
        sim.cancel_at = (dice.roll(4) == 0).then(|| Duration::from_millis(dice.roll(20_000)));
        if dice.roll(20) == 0 {
            sim.really = sim.really.saturating_sub(1 + usize::try_from(dice.roll(50)).unwrap());
            if is_reader {
                sim.data.truncate(sim.really);
            }
        }
        let is_short = sim.really < sim.data.len();
        let finalize = dice.roll(10);
        sim.finalize = if finalize == 0 { Err(SendErrorKind::Closed) } else { Ok(200) };
        sim.dice = Some(dice);
        let story = sim.run_with(plan, &client, &core);
        assert!(story.finalized <= 1, "{seed}");
        assert!(story.finalized == 0 || story.is_intact, "{seed}: {story:?}");
        assert!(story.begun_after_cancel == 0, "{seed}");
        assert!(story.most_in_flight <= most && story.most_held <= most, "{seed}");
        assert!(story.progress.windows(2).all(|two| two[0].transferred <= two[1].transferred), "{seed}");
        match story.outcome.as_ref().unwrap() {
            Ok(finished) => {
                whole += 1;
                assert_eq!(story.finalized, 1, "{seed}");
                assert!(!is_short, "{seed}: {kind:?} {size} {part_size} {is_reader} {story:?}");
                let last = story.progress.last().unwrap();
                assert_eq!(
                    (last.transferred, last.total),
                    (finished.size_bytes, Some(finished.size_bytes)),
                    "{seed}"
                );
            }
            Err(error) => {
                failed += 1;
                let kind = error.upload().unwrap().kind;
                assert_eq!(story.finalized == 1, kind == UploadFailureKind::Finalize, "{seed}: {error}");
                assert!(!format!("{error} {error:?}").contains("sig="), "{seed}: {error:?}");
            }
        }
    }
    assert!(whole > 200 && failed > 200, "{whole} {failed}");
}
