//! The steps of one part: read it, get a URL, write it, retry, leave it to the next round.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::engine::machine::{Now, Step as CallStep};
use crate::engine::retry::retry_after;
use crate::engine::{Effect, Progress};
use crate::hotdata::Secret;
use crate::http::{Request, Response, host_of};
use crate::transport::{SendError, SendErrorKind};

use super::super::api::Manner;
use super::super::commands::MintUploadParts;
use super::super::failure::{self, Failed, UploadFailureKind};
use super::super::model::MintUploadPartsRequest;
use super::super::rules::{MAX_PARTS, MINT_TIMEOUT, part_put_timeout, times_power_of_two};
use super::super::session;
use super::{Job, State, Upload};

impl Upload {
    /// Returns the next step of a part.
    pub(super) fn slot_step(&mut self, part: u64, now: Instant) -> SlotStep {
        let (offset, length) = self.extent(part);
        let Some(slot) = self.slots.get_mut(&part) else { return SlotStep::Busy };
        match &mut slot.state {
            State::Busy => SlotStep::Busy,
            State::Read => {
                slot.state = State::Busy;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                SlotStep::Begin(Job::Read { offset, length, spare: self.spare.pop() })
            }
            State::Retry(until) | State::Again(until) if now < *until => SlotStep::Wait(*until - now),
            State::Retry(_) => {
                slot.state = State::Put;
                SlotStep::Look
            }
            State::Again(_) => {
                self.mint(part);
                SlotStep::Look
            }
            State::Put => {
                slot.state = State::Busy;
                self.put(part)
            }
            State::Mint(calling) => match calling.next(now) {
                None => SlotStep::Busy,
                Some(CallStep::Send { request, timeout }) => {
                    let request = Request::clone(&request);
                    SlotStep::Begin(Job::Call { request, timeout, is_final: false })
                }
                Some(CallStep::Wait(time)) => SlotStep::Wait(time),
                Some(_) => {
                    self.take_mint(part, now);
                    SlotStep::Look
                }
            },
        }
    }

    fn put(&mut self, part: u64) -> SlotStep {
        let Some(slot) = self.slots.get(&part) else { return SlotStep::Look };
        let made = match &slot.url {
            Some(url) => session::put_request(self.api.base_url(), url, &self.headers),
            None => Err("there is no URL".to_owned()),
        };
        match made {
            Ok(mut request) => {
                let bytes = slot.bytes.clone().unwrap_or_default();
                let timeout = part_put_timeout(bytes.len() as u64);
                request.body = Some(bytes);
                slot.trace.sends(&request);
                SlotStep::Begin(Job::Put { request, timeout })
            }
            Err(why) => {
                let number = self.number(part);
                self.fail(failure::malformed(&self.plan.label, why).at(number));
                SlotStep::Look
            }
        }
    }

    /// Returns the number of the part for messages. A single PUT has none.
    fn number(&self, part: u64) -> Option<u64> {
        (!self.single).then_some(part)
    }

    fn mint(&mut self, part: u64) {
        let request = MintUploadPartsRequest::new([i64::try_from(part).unwrap_or(i64::MAX)]);
        let command = MintUploadParts::new(self.upload_id.clone(), self.token.clone(), request);
        // Another URL does no harm.
        let manner = Manner { effect: Effect::Repeatable, retries: Some(0), timeout: Some(MINT_TIMEOUT) };
        match self.api.call(&command, manner) {
            Ok(calling) => {
                if let Some(slot) = self.slots.get_mut(&part) {
                    slot.retries = 0;
                    slot.state = State::Mint(calling);
                }
            }
            Err(error) => self.fail(Failed::new(error, UploadFailureKind::Mint).at(Some(part))),
        }
    }

    fn take_mint(&mut self, part: u64, now: Instant) {
        let Some(slot) = self.slots.get_mut(&part) else { return };
        let State::Mint(calling) = &mut slot.state else { return };
        let response = match calling.response() {
            Ok(response) => response,
            Err(error) => {
                let failed = Failed::new(error, UploadFailureKind::Mint).at(Some(part));
                return self.leave_to_next_round(part, now, failed);
            }
        };
        let url = match calling.read(response) {
            Ok(minted) => session::minted(minted, part),
            Err(error) => Err(error.happened().to_owned()),
        };
        match url {
            Ok(url) => {
                slot.url = Some(url);
                slot.state = State::Put;
            }
            Err(why) => self.fail(failure::malformed(&self.plan.label, why).at(Some(part))),
        }
    }

    pub(super) fn take_bytes(&mut self, part: u64, result: std::io::Result<Bytes>) {
        let (_, length) = self.extent(part);
        let (is_known, number) = (self.is_known(), self.number(part));
        let bytes = match result {
            Ok(bytes) => bytes,
            Err(error) => {
                let why = error.to_string();
                return self.fail(failure::unreadable(&self.plan.label, number, &why, Some(error)));
            }
        };
        let got = bytes.len() as u64;
        if is_known && got != length {
            let why = format!("only {got} of {length} bytes were left in the input");
            return self.fail(failure::unreadable(&self.plan.label, number, &why, None));
        }
        if !is_known {
            self.read += got;
            if got < length {
                self.unread = None;
            }
            if got == 0 {
                self.slots.remove(&part);
                self.tell();
                return;
            }
            // Where it ends is seen only by reading on.
            if part > MAX_PARTS {
                let why = format!(
                    "the input has more than {MAX_PARTS} parts of {} bytes, which the service does not accept",
                    self.part_size
                );
                let failed = failure::too_large(&self.plan.label, why);
                let advice = "Nothing was finalized. Divide the data into several uploads. Or set larger parts with `.part_size(…)`.";
                return self
                    .fail(Failed { error: failed.error.with_advice(advice), failure: failed.failure });
            }
        }
        let Some(slot) = self.slots.get_mut(&part) else { return };
        slot.bytes = Some(bytes);
        if slot.url.is_some() {
            slot.state = State::Put;
        } else {
            self.mint(part);
        }
    }

    pub(super) fn take_put(
        &mut self,
        part: u64,
        Now { at: now, wall }: Now,
        result: Result<Response, SendError>,
    ) {
        let number = self.number(part);
        let Some(slot) = self.slots.get_mut(&part) else { return };
        slot.trace.answered(&result);
        let asked = result.as_ref().ok().and_then(|response| retry_after(response, wall));
        // A whole upload ends with the vendor's client if its connection breaks after it was sent; here too.
        let is_lost = self.single && result.as_ref().is_err_and(SendError::is_sent);
        let can_retry = !is_lost && slot.retries < self.plan.part_retry.max_retries;
        if can_retry && is_passing(&result) {
            slot.retries += 1;
            let delay = self.plan.part_retry.delay(slot.retries, asked);
            slot.state = if delay.is_zero() { State::Put } else { State::Retry(now + delay) };
            let reason = match &result {
                Ok(response) => format!("HTTP {}", response.status),
                Err(error) => error.to_string(),
            };
            let reason = format!("writing {} to the storage: {reason}", failure::named(number));
            self.api.emit(&Progress::Retrying { reason, delay });
            return;
        }
        let response = match result {
            Ok(response) => response,
            Err(error) => {
                let is_hopeless = matches!(
                    error.kind(),
                    SendErrorKind::InvalidRequest
                        | SendErrorKind::Certificate
                        | SendErrorKind::CertificateExpired
                        | SendErrorKind::ProxyAuthentication
                        | SendErrorKind::Token
                );
                let failed = failure::no_response(&self.plan.label, number, error);
                return if is_hopeless || is_lost {
                    self.fail(failed)
                } else {
                    self.leave_to_next_round(part, now, failed)
                };
            }
        };
        if response.is_success() {
            return self.take_etag(part, now, &response);
        }
        if response.status == 403 && slot.can_remint {
            slot.can_remint = false;
            return self.mint(part);
        }
        let (status, url) = (response.status, slot.url.take().unwrap_or_else(|| Secret::from("")));
        let body = self.api.mask(&response, session::secrets_of(&url));
        let failed = failure::refused(&self.plan.label, number, host_of(url.expose()), status, body);
        // There is no other URL for a single PUT: of its rejections, only those of a busy storage may pass.
        if self.single && !matches!(status, 408 | 425 | 429 | 500..=599) {
            self.fail(failed);
        } else {
            self.leave_to_next_round(part, now, failed);
        }
    }

    fn take_etag(&mut self, part: u64, now: Instant, response: &Response) {
        let etag = response.headers.get("etag").and_then(|etag| std::str::from_utf8(etag).ok());
        match etag.filter(|etag| !etag.trim().is_empty()) {
            Some(etag) => drop(self.etags.insert(part, etag.to_owned())),
            None if self.single => {}
            None => {
                let failed = failure::no_etag(&self.plan.label, part);
                return self.leave_to_next_round(part, now, failed);
            }
        }
        if let Some(bytes) = self.slots.remove(&part).and_then(|slot| slot.bytes) {
            self.transferred += bytes.len() as u64;
            let is_new = !bytes.is_empty();
            self.spare.push(bytes);
            if is_new {
                self.tell();
            }
        }
    }

    /// Leaves a part to the next round after a failure that may be temporary.
    fn leave_to_next_round(&mut self, part: u64, now: Instant, failed: Failed) {
        if self.is_known() {
            if let Some(bytes) = self.slots.remove(&part).and_then(|slot| slot.bytes) {
                self.spare.push(bytes);
            }
            self.failed.push(part);
            self.last = Some(failed);
            return;
        }
        // It cannot be read again: it keeps its place and its bytes.
        let Some(slot) = self.slots.get_mut(&part) else { return };
        slot.rounds += 1;
        let (rounds, most) = (slot.rounds, self.plan.max_extra_rounds);
        if rounds > most {
            return self.exhausted(failed, most);
        }
        let delay = times_power_of_two(self.plan.round_base_delay, rounds - 1);
        slot.state = State::Again(now + delay);
        self.api.emit(&Progress::Retrying { reason: failed.error.happened().to_owned(), delay });
    }

    pub(super) fn exhausted(&mut self, failed: Failed, extra_rounds: u32) {
        let Failed { error, mut failure } = failed;
        failure.rounds_attempted = extra_rounds.saturating_add(1);
        failure.is_exhausted = true;
        let error = match failure.rounds_attempted {
            1 => error,
            rounds => error.with_more(&format!("tried in {rounds} rounds")),
        };
        self.fail(Failed { error, failure });
    }
}

/// The next step of a slot.
pub(super) enum SlotStep {
    Begin(Job),
    Wait(Duration),
    Busy,
    /// The slot has changed: ask it again.
    Look,
}

/// Returns true if the same PUT may succeed soon: the storage is busy, or there was no response. A timeout
/// counts as a broken connection.
fn is_passing(result: &Result<Response, SendError>) -> bool {
    use SendErrorKind as K;
    match result {
        Ok(response) => match response.status {
            429 => true,
            413 | 503 => response.headers.get("retry-after").is_some(),
            _ => false,
        },
        Err(error) => {
            matches!(error.kind(), K::Dns | K::Connect | K::Proxy | K::Timeout | K::Closed)
        }
    }
}
