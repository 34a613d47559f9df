//! The state machine of an upload, without I/O and clock.
//!
//! It starts jobs and receives their outcomes. Several jobs run at a time, with one slot for each part in
//! flight. The bytes of a part are held once, from the read to the response. Finalizing starts once, when
//! every part has its ETag and nothing has failed permanently.

mod parts;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::engine::failure::seconds;
use crate::engine::machine::{Now, Outcome as Ended, Step as CallStep};
use crate::engine::{Effect, Observer, Progress};
use crate::error::{Error, ErrorKind};
use crate::hotdata::Secret;
use crate::http::{Headers, LONGEST, Request, Response};
use crate::transport::SendError;

use super::api::{Api, Calling, Manner};
use super::commands::FinalizeUpload;
use super::failure::{self, Failed, UploadFailureKind};
use super::model::{
    FinalizeUploadPart, FinalizeUploadRequest, FinalizeUploadResponse, MintUploadPartsResponse,
    UploadSessionResponse,
};
use super::plan::Plan;
use super::rules::{
    STREAMING_THRESHOLD, WIRE_LIMIT, effective_in_flight, part_count, round_in_flight, times_power_of_two,
};
use super::session::{self, Shape, Unusable};

use parts::SlotStep;

/// The least time for the request that finalizes: its response decides what became of the upload.
const MIN_FINALIZE: Duration = Duration::from_secs(1);

/// What the driver has to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Start this job, and report its outcome with [`done`](Upload::done).
    Begin(u64, Job),
    /// Call `next` again after this time, or when a job has ended.
    Wait(Duration),
    /// Wait until a job has ended.
    Job,
    /// The upload has its outcome. Abort running jobs.
    Done,
}

/// A piece of work for the driver.
#[derive(Debug)]
pub(super) enum Job {
    /// A request to the service. The one that finalizes must not be aborted.
    Call { request: Request, timeout: Duration, is_final: bool },
    /// A PUT to the storage.
    Put { request: Request, timeout: Duration },
    /// A read of this many bytes at this offset. `spare`: a buffer to reuse.
    Read { offset: u64, length: usize, spare: Option<Bytes> },
    /// A check whether a source that can be read only once ends within this many bytes.
    Peek { length: usize },
    /// A check whether the source is the one that was opened, unchanged.
    Compare,
}

/// The outcome of a job.
#[derive(Debug)]
pub(super) enum Outcome {
    Response(Result<Response, SendError>),
    /// The bytes that were read.
    Read(std::io::Result<Bytes>),
    /// The size, if the source has ended.
    Peeked(std::io::Result<Option<u64>>),
    /// How the source has changed, if it has.
    Compared(std::io::Result<Option<String>>),
}

enum Phase {
    Peek,
    Session(Box<Calling<UploadSessionResponse>>),
    Parts,
    /// Everything was written: compares the source with what it was.
    Compare,
    Finalize(Box<Calling<FinalizeUploadResponse>>),
    Done(Ended<FinalizeUploadResponse>),
}

/// A part in flight.
struct Slot {
    bytes: Option<Bytes>,
    url: Option<Secret>,
    /// The URL came with the session, so another can be requested if it has expired.
    can_remint: bool,
    /// The retries of the PUT to this URL.
    retries: u32,
    /// The rounds of a part that can be read only once.
    rounds: u32,
    /// Its PUTs in the log.
    trace: Observer,
    state: State,
}

enum State {
    Read,
    Mint(Box<Calling<MintUploadPartsResponse>>),
    Put,
    Busy,
    /// A pause until this time, then a PUT to the same URL or to a new one.
    Retry(Instant),
    Again(Instant),
}

/// The owner of a running job.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Upload,
    Slot(u64),
}

/// An upload, from the first request to the last.
pub(super) struct Upload {
    plan: Plan,
    api: Api,
    phase: Phase,
    next_job: u64,
    jobs: BTreeMap<u64, Owner>,
    deadline: Option<Instant>,
    /// Known once the session exists.
    upload_id: String,
    token: Secret,
    headers: Headers,
    single: bool,
    part_size: u64,
    urls: Option<Vec<Secret>>,
    /// The parts to begin in this round, by number from 1.
    queue: VecDeque<u64>,
    /// The next part of a source that can be read only once; `None` when all of it has been read.
    unread: Option<u64>,
    read: u64,
    slots: BTreeMap<u64, Slot>,
    failed: Vec<u64>,
    last: Option<Failed>,
    round: u32,
    pause: Option<Instant>,
    etags: BTreeMap<u64, String>,
    transferred: u64,
    spare: Vec<Bytes>,
}

impl Upload {
    pub(super) fn new(plan: Plan, api: Api) -> Self {
        let mut upload = Self {
            api,
            phase: Phase::Peek,
            next_job: 0,
            jobs: BTreeMap::new(),
            deadline: None,
            upload_id: String::new(),
            token: Secret::from(""),
            headers: Headers::new(),
            single: false,
            part_size: 0,
            urls: None,
            queue: VecDeque::new(),
            unread: None,
            read: 0,
            slots: BTreeMap::new(),
            failed: Vec::new(),
            last: None,
            round: 0,
            pause: None,
            etags: BTreeMap::new(),
            transferred: 0,
            spare: Vec::new(),
            plan,
        };
        if let Err(failed) = upload.begin() {
            upload.fail(failed);
        }
        upload
    }

    /// Returns true if the source can be read again.
    fn is_known(&self) -> bool {
        self.plan.size.is_some()
    }

    fn begin(&mut self) -> Result<(), Failed> {
        let label = &self.plan.label;
        for (what, size) in [("the part size", self.plan.part_size), ("the size", self.plan.size)] {
            if let Some(size) = size.filter(|size| *size > WIRE_LIMIT) {
                let why = format!("{what} is {size} bytes, and the limit of the API is {WIRE_LIMIT} bytes");
                let Failed { error, failure } = failure::too_large(label, why);
                return Err(Failed { error: error.with_advice("Nothing was sent."), failure });
            }
        }
        if self.is_known() { self.ask_for_a_session() } else { Ok(()) }
    }

    fn ask_for_a_session(&mut self) -> Result<(), Failed> {
        let plan = &self.plan;
        let command = plan.session(plan.size);
        let manner = Manner { effect: Effect::Changes, retries: None, timeout: plan.http_timeout };
        let calling = self.api.call(&command, manner);
        self.phase = Phase::Session(calling.map_err(|error| Failed::new(error, UploadFailureKind::Session))?);
        Ok(())
    }

    /// Returns the outcome. Called once after [`Step::Done`].
    pub(super) fn finish(&mut self) -> Result<FinalizeUploadResponse, Error> {
        match &mut self.phase {
            Phase::Done(outcome) => outcome.take(),
            _ => Ended::default().take(),
        }
    }

    /// Returns the number of parts that are in memory or about to be.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.slots.len() + self.spare.len()
    }

    /// Ends the upload, unless it has ended, or the service may have accepted the request that finalizes it.
    pub(super) fn cancel(&mut self) {
        self.stop(failure::cancelled(&self.plan.label));
    }

    /// Returns true once the request that finalizes was sent: only its outcome counts then.
    pub(super) fn is_finalizing(&self) -> bool {
        matches!(&self.phase, Phase::Finalize(calling) if calling.was_sent())
    }

    /// Ends the upload with this failure.
    pub(super) fn stop(&mut self, failed: Failed) {
        if !self.is_finalizing() {
            self.fail(failed);
        }
    }

    fn fail(&mut self, failed: Failed) {
        let Failed { error, mut failure } = failed;
        if matches!(self.phase, Phase::Done(_)) {
            return;
        }
        failure.upload_id = Some(self.upload_id.clone()).filter(|id| !id.is_empty());
        let is_asked_for = matches!(&self.phase, Phase::Session(calling) if calling.was_sent());
        let error = match (is_asked_for, failure.kind) {
            // The response would name it.
            (
                true,
                UploadFailureKind::Cancelled | UploadFailureKind::Timeout | UploadFailureKind::Progress,
            ) => error.with_more("a session may have been created, but no response with its id arrived"),
            _ => error,
        };
        let has_begun = failure.upload_id.is_some() && failure.kind != UploadFailureKind::MalformedSession;
        if has_begun && failure.rounds_attempted == 0 {
            failure.rounds_attempted = self.round.saturating_add(1);
        }
        self.end(Err(failure.add_to(error)));
    }

    fn end(&mut self, outcome: Result<FinalizeUploadResponse, Error>) {
        let mut ended = Ended::default();
        ended.set(outcome);
        self.phase = Phase::Done(ended);
        self.slots.clear();
        self.spare.clear();
        self.jobs.clear();
    }

    fn job(&mut self, owner: Owner, job: Job) -> Step {
        self.next_job += 1;
        self.jobs.insert(self.next_job, owner);
        Step::Begin(self.next_job, job)
    }

    /// Returns the next step at this time.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        let deadline = match (self.deadline, self.plan.timeout) {
            (None, Some(timeout)) => Some(now + timeout.min(LONGEST)),
            (deadline, _) => deadline,
        };
        self.deadline = deadline;
        if let Some(deadline) = deadline.filter(|deadline| *deadline <= now) {
            let _ = deadline;
            let why = format!("timed out after {}", seconds(self.plan.timeout.unwrap_or_default()));
            let error = Error::new(ErrorKind::OperationTimeout, &*self.plan.label, why)
                .with_retryable(true)
                .with_advice("Nothing was finalized. Give the upload more time (`.timeout(…)`).");
            self.stop(Failed::new(error, UploadFailureKind::Timeout));
        }
        match (self.step(now), self.deadline) {
            (Step::Wait(time), Some(deadline)) => {
                Step::Wait(time.min(deadline.saturating_duration_since(now)))
            }
            (Step::Job, Some(deadline)) if deadline > now => Step::Wait(deadline - now),
            (step, _) => step,
        }
    }

    fn step(&mut self, now: Instant) -> Step {
        loop {
            match &mut self.phase {
                Phase::Done(_) => return Step::Done,
                Phase::Peek if self.jobs.is_empty() => {
                    let length = usize::try_from(STREAMING_THRESHOLD).unwrap_or(usize::MAX).saturating_add(1);
                    return self.job(Owner::Upload, Job::Peek { length });
                }
                Phase::Peek => return Step::Job,
                Phase::Session(calling) => match calling.next(now) {
                    None => return Step::Job,
                    Some(CallStep::Send { request, timeout }) => {
                        let request = Request::clone(&request);
                        return self.job(Owner::Upload, Job::Call { request, timeout, is_final: false });
                    }
                    Some(CallStep::Wait(time)) => return Step::Wait(time),
                    Some(_) => self.take_session(),
                },
                Phase::Parts => {
                    if let Some(step) = self.part_step(now) {
                        return step;
                    }
                }
                Phase::Compare if self.jobs.is_empty() => return self.job(Owner::Upload, Job::Compare),
                Phase::Compare => return Step::Job,
                Phase::Finalize(calling) => match calling.next(now) {
                    None => return Step::Job,
                    Some(CallStep::Send { request, timeout }) => {
                        let request = Request::clone(&request);
                        return self.job(Owner::Upload, Job::Call { request, timeout, is_final: true });
                    }
                    Some(CallStep::Wait(time)) => return Step::Wait(time),
                    Some(_) => self.take_end(),
                },
            }
        }
    }

    /// Handles the outcome of a job.
    pub(super) fn done(&mut self, job: u64, now: Now, outcome: Outcome) {
        let Some(owner) = self.jobs.remove(&job) else { return };
        match (owner, outcome) {
            (Owner::Upload, Outcome::Peeked(result)) => self.take_peek(result),
            (Owner::Upload, Outcome::Compared(result)) => self.take_comparison(now.at, result),
            (Owner::Upload, Outcome::Response(result)) => match &mut self.phase {
                Phase::Session(calling) => {
                    calling.received(now, result);
                    // At once, so that the id is known whatever comes next.
                    if calling.is_over() {
                        self.take_session();
                    }
                }
                Phase::Finalize(calling) => calling.received(now, result),
                _ => {}
            },
            (Owner::Slot(part), Outcome::Read(result)) => self.take_bytes(part, result),
            (Owner::Slot(part), Outcome::Response(result)) => {
                let Some(slot) = self.slots.get_mut(&part) else { return };
                match &mut slot.state {
                    State::Mint(calling) => calling.received(now, result),
                    _ => self.take_put(part, now, result),
                }
            }
            // The outcome of another kind of job: a fault of the driver.
            (Owner::Upload | Owner::Slot(_), _) => {
                self.fail(failure::unreadable(&self.plan.label, None, "it was not read", None));
            }
        }
    }

    fn take_peek(&mut self, result: std::io::Result<Option<u64>>) {
        match result {
            Err(error) => {
                let why = error.to_string();
                self.fail(failure::unreadable(&self.plan.label, None, &why, Some(error)));
            }
            Ok(size) => {
                self.plan.size = size;
                if let Err(failed) = self.ask_for_a_session() {
                    self.fail(failed);
                }
            }
        }
    }

    fn take_session(&mut self) {
        let Phase::Session(calling) = &mut self.phase else { return };
        let response = match calling.response() {
            Ok(response) => response,
            Err(error) => return self.fail(Failed::new(error, UploadFailureKind::Session)),
        };
        let mut session = match calling.read(response) {
            Ok(session) => session,
            Err(error) => {
                let error =
                    error.with_kind(ErrorKind::UnexpectedResponse).with_advice("Nothing was finalized.");
                return self.fail(Failed::new(error, UploadFailureKind::MalformedSession));
            }
        };
        self.upload_id.clone_from(&session.upload_id);
        self.token = session.finalize_token.clone();
        let checked = session::storage_headers(&session).map_err(Unusable::from).and_then(|headers| {
            let shape = session::shape(&mut session, self.plan.size, self.plan.memory_budget)?;
            Ok((headers, shape))
        });
        let shape = match checked {
            Ok((headers, shape)) => {
                self.headers = headers;
                shape
            }
            Err(unusable) => return self.fail(unusable.failed(&self.plan.label)),
        };
        match shape {
            Shape::Single(url) => {
                self.single = true;
                self.part_size = self.plan.size.unwrap_or_default();
                self.urls = Some(vec![url]);
                self.queue = [1].into();
            }
            Shape::Multipart { part_size, urls } => {
                self.part_size = part_size;
                self.urls = urls;
                match self.plan.size {
                    Some(size) => self.queue = (1..=part_count(size, part_size)).collect(),
                    None => self.unread = Some(1),
                }
            }
        }
        self.phase = Phase::Parts;
        self.tell();
    }

    fn tell(&mut self) {
        let total = match (self.plan.size, self.unread) {
            (Some(size), _) => Some(size),
            (None, None) => Some(self.read),
            (None, Some(_)) => None,
        };
        self.api.emit(&Progress::Transferred { transferred: self.transferred, total });
    }

    /// Returns the number of parts that may be in flight.
    fn room(&self) -> usize {
        let base = effective_in_flight(self.plan.max_concurrency, self.part_size, self.plan.memory_budget);
        round_in_flight(base, self.round)
    }

    /// Returns the offset and length of a part.
    fn extent(&self, part: u64) -> (u64, u64) {
        let offset = part.saturating_sub(1).saturating_mul(self.part_size);
        let length =
            self.plan.size.map_or(self.part_size, |size| size.saturating_sub(offset).min(self.part_size));
        (offset, length)
    }

    /// Returns the next step of the parts, or `None` if the phase has changed.
    fn part_step(&mut self, now: Instant) -> Option<Step> {
        if let Some(until) = self.pause.filter(|until| now < *until) {
            return Some(Step::Wait(until - now));
        }
        self.pause = None;
        let mut wait: Option<Duration> = None;
        let mut soonest = |time: Duration| wait = Some(wait.map_or(time, |other| other.min(time)));
        for part in self.slots.keys().copied().collect::<Vec<_>>() {
            match self.slot_step(part, now) {
                SlotStep::Begin(job) => return Some(self.job(Owner::Slot(part), job)),
                SlotStep::Wait(time) => soonest(time),
                SlotStep::Busy => {}
                SlotStep::Look => return None,
            }
        }
        if self.slots.len() < self.room() && self.open_slot() {
            return None;
        }
        if !self.slots.is_empty() {
            return Some(wait.map_or(Step::Job, Step::Wait));
        }
        self.end_round(now);
        None
    }

    /// Begins the next part, if there is one.
    fn open_slot(&mut self) -> bool {
        let part = match self.unread {
            // Read one after the other.
            Some(_) if self.slots.values().any(|slot| slot.bytes.is_none()) => return false,
            Some(part) => part,
            None => match self.queue.pop_front() {
                Some(part) => part,
                None => return false,
            },
        };
        self.unread = self.unread.map(|part| part + 1);
        let index = usize::try_from(part - 1).unwrap_or(usize::MAX);
        let url = self.urls.as_ref().and_then(|urls| urls.get(index)).cloned();
        let can_remint = url.is_some() && !self.single;
        let label = format!("{}: {}", self.plan.label, failure::named((!self.single).then_some(part)));
        let trace = Observer::default().of(&label, "hotdata");
        let slot = Slot { bytes: None, url, can_remint, retries: 0, rounds: 0, trace, state: State::Read };
        self.slots.insert(part, slot);
        true
    }

    /// Ends a round: no part is in flight.
    fn end_round(&mut self, now: Instant) {
        if let Some(last) = self.last.take() {
            if self.round >= self.plan.max_extra_rounds {
                return self.exhausted(last, self.plan.max_extra_rounds);
            }
            self.round += 1;
            self.failed.sort_unstable();
            self.queue = std::mem::take(&mut self.failed).into();
            let delay = times_power_of_two(self.plan.round_base_delay, self.round - 1);
            self.api.emit(&Progress::Retrying { reason: last.error.happened().to_owned(), delay });
            self.pause = Some(now + delay);
            return;
        }
        let is_whole = self.single || self.etags.keys().copied().eq(1..=self.etags.len() as u64);
        let sent = self.plan.size.unwrap_or(self.read);
        if !is_whole || self.transferred != sent || (!self.single && self.etags.is_empty()) {
            let why =
                format!("{} of {sent} bytes were written, but no part is left to write", self.transferred);
            return self.fail(failure::malformed(&self.plan.label, why));
        }
        self.phase = Phase::Compare;
    }

    fn take_comparison(&mut self, now: Instant, result: std::io::Result<Option<String>>) {
        match result {
            Ok(None) => self.finalize(now),
            Ok(Some(change)) => self.fail(failure::changed(&self.plan.label, &change)),
            Err(error) => {
                let why = format!("the input could not be checked for changes: {error}");
                self.fail(failure::unreadable(&self.plan.label, None, &why, Some(error)));
            }
        }
    }

    fn finalize(&mut self, now: Instant) {
        let etags = std::mem::take(&mut self.etags);
        let request = if self.single {
            FinalizeUploadRequest::single()
        } else {
            let part = |(number, e_tag): (u64, String)| {
                FinalizeUploadPart::new(i64::try_from(number).unwrap_or(i64::MAX), e_tag)
            };
            FinalizeUploadRequest::multipart(etags.into_iter().map(part))
        };
        let mut command = FinalizeUpload::new(self.upload_id.clone(), self.token.clone());
        command.finalize_upload_request = Some(request);
        // Nothing ends this request early, so it has the time that the upload has left.
        let own = self.plan.http_timeout.unwrap_or(self.api.http_timeout());
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(now).max(MIN_FINALIZE));
        let timeout = Some(left.map_or(own, |left| left.min(own)));
        let manner = Manner { effect: Effect::Changes, retries: Some(0), timeout };
        match self.api.call(&command, manner) {
            Ok(calling) => self.phase = Phase::Finalize(calling),
            Err(error) => self.fail(Failed::new(error, UploadFailureKind::Finalize)),
        }
    }

    fn take_end(&mut self) {
        let Phase::Finalize(calling) = &mut self.phase else { return };
        let result = calling.response().and_then(|response| calling.read(response));
        match result {
            Ok(finished) => self.end(Ok(finished)),
            // Finalizing is sent once, whatever the response says about another attempt.
            Err(error) => {
                self.fail(Failed::new(error.with_retryable(false), UploadFailureKind::Finalize));
            }
        }
    }
}
