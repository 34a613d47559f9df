//! A service, a storage, a file and a clock, in virtual time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::engine::Progress;
use crate::engine::machine::Now;
use crate::error::Error;
use crate::hotdata::command::{Call, Core};
use crate::hotdata::{Client, Credentials};
use crate::http::{Headers, Request, Response};
use crate::transport::{SendError, SendErrorKind};

use super::super::api::Api;
use super::super::failure::{UploadFailure, UploadFailureKind};
use super::super::machine::{Job, Outcome, Step, Upload};
use super::super::model::FinalizeUploadResponse;
use super::super::plan::Plan;
use super::super::progress::Events;
use super::super::rules::PartRetry;

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn core() -> (Client, Core) {
    let credentials = Credentials::builder()
        .api_key("key")
        .workspace_id("ws")
        .base_url("https://api.example")
        .env(Vec::<(String, String)>::new())
        .build()
        .unwrap();
    let client = Client::new(credentials).unwrap();
    let core = client.shared.core().clone();
    (client, core)
}

pub(super) fn plan(size: Option<u64>) -> Plan {
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
        http_timeout: None,
        timeout: None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Single,
    Eager,
    Streaming,
}

/// The failure of a PUT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    Status(u16),
    /// A status with this many seconds in `Retry-After`.
    Later(u16, u32),
    Lost(SendErrorKind),
    /// No connection: nothing was sent.
    Unsent,
    NoETag,
}

/// Pseudorandom numbers from a seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// A service, a storage, a file and a clock.
pub(super) struct Sim {
    pub(super) kind: Kind,
    pub(super) data: Vec<u8>,
    pub(super) part_size: u64,
    /// The failures of the PUTs of a part in order; then it succeeds.
    pub(super) faults: BTreeMap<u64, Vec<Fault>>,
    /// The statuses of the requests for URLs in order; then they succeed.
    pub(super) mints: Vec<u16>,
    pub(super) finalize: Result<u16, SendErrorKind>,
    /// The real size of the file.
    pub(super) really: usize,
    /// Random failures and durations instead.
    pub(super) dice: Option<Dice>,
    /// How the file has changed when everything was written.
    pub(super) change: Option<&'static str>,
    /// The duration of the request that creates the session.
    pub(super) session_takes: Duration,
    pub(super) cancel_at: Option<Duration>,
    /// The duration of the PUT of a part.
    pub(super) put_takes: Duration,
    /// The duration of finalizing.
    pub(super) finalize_takes: Duration,
}

/// The record of a run.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) outcome: Option<Result<FinalizeUploadResponse, Error>>,
    pub(super) took: Duration,
    pub(super) puts: Vec<(u64, Duration)>,
    pub(super) put_timeouts: Vec<Duration>,
    pub(super) mints: u32,
    pub(super) reads: u32,
    pub(super) finalized: u32,
    pub(super) is_intact: bool,
    pub(super) most_in_flight: usize,
    pub(super) most_held: usize,
    /// The transferred and the total bytes.
    pub(super) progress: Vec<(u64, Option<u64>)>,
    pub(super) begun_after_cancel: u32,
}

impl Story {
    pub(super) fn error(&self) -> &Error {
        self.outcome.as_ref().unwrap().as_ref().unwrap_err()
    }

    pub(super) fn kind(&self) -> UploadFailureKind {
        self.failure().kind
    }

    pub(super) fn failure(&self) -> &UploadFailure {
        self.error().detail().unwrap()
    }
}

impl Sim {
    pub(super) fn new(kind: Kind, size: usize, part_size: u64) -> Self {
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
            change: None,
            session_takes: Duration::ZERO,
            cancel_at: None,
            put_takes: SECOND,
            finalize_takes: Duration::ZERO,
        }
    }

    pub(super) fn faults(mut self, part: u64, faults: &[Fault]) -> Self {
        self.faults.insert(part, faults.to_vec());
        self
    }

    pub(super) fn response(status: u16, body: &Value) -> Response {
        Response::new(status, Headers::new(), body.to_string())
    }

    pub(super) fn session(&self) -> Value {
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
            let parts = super::super::rules::part_count(self.data.len() as u64, self.part_size);
            session["part_urls"] = (1..=parts).map(url).collect();
        }
        session
    }

    pub(super) fn run(self, plan: Plan) -> Story {
        let (client, core) = core();
        self.run_with(plan, &client, &core)
    }

    pub(super) fn run_with(mut self, plan: Plan, client: &Client, core: &Core) -> Story {
        let mut options = Call::new(client.shared.clone(), ()).options;
        let events = Events::default();
        options.observer = events.observer();
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
            story.progress.extend(std::iter::from_fn(|| events.next()).filter_map(|event| match event {
                Progress::Transferred { transferred, total } => Some((transferred, total)),
                _ => None,
            }));
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
                        Job::Compare => {
                            takes = Duration::ZERO;
                            Outcome::Compared(Ok(self.change.map(str::to_owned)))
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
                            takes = match &*request.path {
                                "/v1/uploads" => self.session_takes,
                                _ if is_final => self.finalize_takes,
                                _ => Duration::ZERO,
                            };
                            Outcome::Response(self.call(&request, &stored, &mut story))
                        }
                        Job::Put { request, timeout } => {
                            story.put_timeouts.push(timeout);
                            Outcome::Response(self.put(&request, now - start, &mut stored, &mut story))
                        }
                    };
                    if let Some(dice) = &mut self.dice {
                        takes = Duration::from_millis(dice.roll(3000));
                    }
                    under_way.push((now + takes, id, outcome));
                    story.most_in_flight = story.most_in_flight.max(under_way.len());
                }
                step @ (Step::Wait(_) | Step::Job) => {
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
                        upload.done(id, Now { at: now, wall: SystemTime::UNIX_EPOCH }, outcome);
                    }
                }
                Step::Done => {
                    story.took = now - start;
                    story.outcome = Some(upload.finish());
                    assert!(matches!(upload.next(now), Step::Done));
                    return story;
                }
            }
        }
        panic!("there is no end");
    }

    /// Handles a request to the service.
    pub(super) fn call(
        &mut self,
        request: &Request,
        stored: &BTreeMap<u64, (String, Bytes)>,
        story: &mut Story,
    ) -> Result<Response, SendError> {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        if request.path == "/v1/uploads" {
            return Ok(Self::response(201, &self.session()));
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
                return Ok(Self::response(status, &json!({"error": {"code": "TEST", "message": "test"}})));
            }
            let part = body["part_numbers"][0].as_u64().unwrap();
            let url = format!("https://s.example/{part}?sig=minted{}", story.mints);
            return Ok(Self::response(status, &json!({"parts": [{"part_number": part, "url": url}]})));
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
                Ok(Self::response(status, &done))
            }
            Err(kind) => Err(SendError::new(kind, true, "test")),
        }
    }

    /// A PUT to the storage.
    pub(super) fn put(
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
            Some(Fault::Unsent) => return Err(SendError::new(SendErrorKind::Connect, false, "test")),
            // It is there, but nobody can say so.
            Some(Fault::NoETag) => headers.push("ETag", " "),
            None => headers.push("ETag", tag.clone()),
        }
        stored.insert(part, (tag, request.body.clone().unwrap()));
        Ok(Response::new(200, headers, ""))
    }
}

pub(super) fn seconds(times: &[(u64, Duration)], part: u64) -> Vec<f64> {
    times.iter().filter(|(other, _)| *other == part).map(|(_, at)| at.as_secs_f64()).collect()
}
