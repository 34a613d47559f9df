//! A machine that knows nothing of batches, as a job of one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::engine::failure::cancelled;
use crate::engine::machine::{Event, Now, Step, Steps};
use crate::engine::{BoxMachine, Effect, Observer, Progress, Wish};
use crate::error::{Error, ErrorKind};
use crate::http::{LONGEST, Method, Request, Response};
use crate::transport::{SendError, SendErrorKind};

use super::JournalEvent;
use super::work::{Ask, Conclusion, Received, Work};

/// The least time that is kept for the last request of a call.
const MIN_LAST: Duration = Duration::from_millis(50);
/// The most time that is kept for it.
const MAX_LAST: Duration = Duration::from_secs(1);
/// Why a request was not sent that was held until the end of its call.
const NO_PLACE: &str = "the call timed out before the batch could send its request";
/// The number of times that a machine may want to send again after its timeout.
const MOST_REFUSED: usize = 100;

/// The end of the whole batch, which the calls of the batch get to know when they begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Latest(Arc<OnceLock<Instant>>);

impl Latest {
    /// Returns the earlier of the two ends.
    pub(crate) fn limit(&self, deadline: Instant) -> Instant {
        self.0.get().map_or(deadline, |latest| deadline.min(*latest))
    }
}

/// What a machine has reported to its observer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports(Arc<Mutex<Reported>>);

#[derive(Debug, Default)]
struct Reported {
    /// The id under which the server has accepted the call.
    id: Option<String>,
    /// In the server's words.
    status: String,
}

impl Reports {
    /// An observer that keeps what is reported, and reports it to another one.
    pub(crate) fn observer(&self, next: Observer) -> Observer {
        let reports = self.clone();
        Observer::new(move |progress| {
            match progress {
                Progress::Submitted { id } => reports.lock().id = Some(id.clone()),
                Progress::StatusChanged { to, .. } => reports.lock().status.clone_from(to),
                _ => {}
            }
            next.call(progress);
        })
    }

    fn lock(&self) -> MutexGuard<'_, Reported> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A machine that runs in a batch.
///
/// The machine has no limit of its own: a request that it wants to send is held until the batch has a place
/// for it. What the journal needs to know follows from the requests. A `GET` changes nothing, and neither
/// does any request of a call that is repeatable. Any other request may have changed something until its
/// response proves the contrary. The call was accepted under the id that the machine reports as
/// [`Progress::Submitted`].
pub(crate) struct Task<T> {
    label: String,
    machine: BoxMachine<T>,
    effect: Effect,
    timeout: Duration,
    latest: Latest,
    reports: Reports,
    /// When it began, and when it has to end.
    span: Option<(Instant, Instant)>,
    state: State,
    taken: Taken,
    /// The journal has announced a request, and not what became of it.
    is_announced: bool,
    /// The longest time that a response took.
    round_trip: Duration,
}

/// What the machine does.
#[derive(Debug)]
enum State {
    /// It was not asked yet, or has taken the result of its last step.
    Ready,
    /// It wants to send a request.
    Held(Arc<Request>, Duration),
    InFlight {
        since: Instant,
        changes: bool,
    },
    /// It wants nothing before.
    Asleep(Instant),
    Over,
}

/// What the server has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// Nothing.
    Nothing,
    /// Nothing, because the call only reads; the server has responded.
    Seen,
    /// A request that changed something or may have, and the call goes on. It cannot be continued after a
    /// restart.
    Part,
    /// The call, under an id by which it can be waited for again.
    Call,
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("label", &self.label)
            .field("state", &self.state)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

impl<T> Task<T> {
    /// `effect`: of the whole call. `latest` and `reports` belong to the settings and the observer of the
    /// machine.
    pub(crate) fn new(
        label: impl Into<String>,
        machine: BoxMachine<T>,
        effect: Effect,
        timeout: Duration,
        latest: Latest,
        reports: Reports,
    ) -> Self {
        Self {
            label: label.into(),
            machine,
            effect,
            timeout,
            latest,
            reports,
            span: None,
            state: State::Ready,
            taken: Taken::Nothing,
            is_announced: false,
            round_trip: Duration::ZERO,
        }
    }

    /// The machine waits for what an earlier run has submitted, and changes nothing.
    pub(crate) fn resumed(self) -> Self {
        Self { effect: Effect::Repeatable, taken: Taken::Call, ..self }
    }

    /// Asks the machine for its next step.
    fn advance(&mut self, now: Instant) {
        self.state = match self.machine.next(now) {
            Step::Send { request, timeout } => State::Held(request, timeout),
            // Less than that is too short for a scheduler.
            Step::Wait(time) => State::Asleep(now + time.clamp(Duration::from_millis(1), LONGEST)),
            Step::Done => State::Over,
            #[cfg(streams)]
            Step::Open { .. } | Step::Read { .. } => {
                let why = "a batch reads no streams";
                self.machine.on(at(now), not_sent(SendErrorKind::InvalidRequest, why));
                State::Ready
            }
            // Whoever sends the requests of a batch adds the access tokens and renews them.
            #[cfg(tokens)]
            Step::Detach(_) => State::Ready,
        };
    }

    /// Reports to the machine that its request was not sent.
    fn refuse(&mut self, now: Now, kind: SendErrorKind, why: &'static str) {
        self.state = State::Ready;
        self.machine.on(now, not_sent(kind, why));
    }

    fn changes(&self, request: &Request) -> bool {
        self.effect != Effect::Repeatable && !matches!(request.method, Method::Get)
    }

    fn finish(&mut self) -> Conclusion<T> {
        self.finish_after(None)
    }

    fn finish_after(&mut self, fate: Option<Fate>) -> Conclusion<T> {
        let outcome = self.machine.finish();
        self.concluded(outcome, fate)
    }

    /// `fate`: of the request that may have changed something and whose response ended the call.
    fn concluded(&mut self, outcome: Result<T, Error>, fate: Option<Fate>) -> Conclusion<T> {
        let event = match &outcome {
            Ok(_) => Some(JournalEvent::Done { status: std::mem::take(&mut self.reports.lock().status) }),
            Err(error) if error.kind() == ErrorKind::OperationFailed => {
                Some(JournalEvent::Failed { error: error.to_string() })
            }
            // It continues at the server, or only reads.
            Err(_) if !self.is_announced => None,
            Err(error) => {
                let is_unknown = error.kind() == ErrorKind::OutcomeUnknown
                    || self.taken != Taken::Nothing
                    // A success that cannot be read is one all the same.
                    || (fate == Some(Fate::Accepted) && error.kind() == ErrorKind::UnexpectedResponse);
                Some(match is_unknown {
                    true => JournalEvent::Unknown { error: error.to_string() },
                    false => JournalEvent::NotTaken,
                })
            }
        };
        self.is_announced = false;
        Conclusion { outcome, event }
    }
}

impl<T> Work<T> for Task<T> {
    fn is_submitted(&self) -> bool {
        self.taken != Taken::Nothing
    }

    fn wish(&self) -> Wish {
        match self.state {
            // Its end is taken as soon as there is a place.
            State::Ready | State::Held(..) | State::Over => Wish::Now,
            State::Asleep(until) => Wish::At(until),
            State::InFlight { .. } => Wish::Nothing,
        }
    }

    fn limits(&self) -> Option<(Instant, Instant)> {
        let (_, deadline) = self.span?;
        let kept = (self.round_trip * 2).clamp(MIN_LAST, MAX_LAST).min(self.timeout / 4);
        let last = deadline.checked_sub(kept).unwrap_or(deadline);
        // A machine that pauses sends nothing before, so that no last request can be asked of it.
        let last = match self.state {
            State::Asleep(until) => last.max(until).min(deadline),
            _ => last,
        };
        Some((last, deadline))
    }

    fn begin(&mut self, now: Instant, latest: Option<Instant>) {
        if self.span.is_some() {
            return;
        }
        if let Some(latest) = latest {
            self.latest.0.get_or_init(|| latest);
        }
        self.span = Some((now, self.latest.limit(now + self.timeout.min(LONGEST))));
    }

    /// The time of the machine begins when it is asked first.
    fn begin_waiting(&mut self, now: Instant, latest: Option<Instant>) {
        self.begin(now, latest);
        self.advance(now);
    }

    fn next(&mut self, now: Instant) -> Ask<T> {
        for _ in 0..MOST_REFUSED {
            match &self.state {
                State::Held(request, timeout) => {
                    let deadline = self.span.map_or(now, |(_, deadline)| deadline);
                    let timeout = deadline.saturating_duration_since(now).min(*timeout);
                    if timeout.is_zero() {
                        self.refuse(at(now), SendErrorKind::Timeout, NO_PLACE);
                        continue;
                    }
                    let (request, changes) = (request.clone(), self.changes(request));
                    let announces = changes && !self.is_announced && self.taken == Taken::Nothing;
                    self.is_announced |= announces;
                    self.state = State::InFlight { since: now, changes };
                    return Ask::Send { request, timeout, announces };
                }
                State::Asleep(until) if now < *until => return Ask::Later,
                State::Ready | State::Asleep(_) => self.advance(now),
                State::InFlight { .. } => return Ask::Later,
                State::Over => return Ask::Over(self.finish()),
            }
        }
        Ask::Over(self.cancel(at(now)))
    }

    fn received(&mut self, now: Now, result: Result<Response, SendError>, is_cancelled: bool) -> Received<T> {
        let State::InFlight { since, changes } = self.state else {
            return Received { event: None, conclusion: None };
        };
        self.round_trip = self.round_trip.max(now.at.saturating_duration_since(since));
        let fate = Fate::of(&result);
        let has_answer = matches!(&result, Ok(response) if response.status < 500 && response.status != 429);
        self.reports.lock().id = None;
        self.machine.on(now, Event::Response(result));
        self.advance(now.at);
        let is_over = matches!(self.state, State::Over);
        let id = self.reports.lock().id.take();
        let event = match (changes, fate, id) {
            (false, ..) => {
                if has_answer && self.taken == Taken::Nothing && self.effect == Effect::Repeatable {
                    self.taken = Taken::Seen;
                }
                None
            }
            (true, Fate::Accepted, Some(request_id)) => {
                self.taken = Taken::Call;
                std::mem::take(&mut self.is_announced).then_some(JournalEvent::Submitted { request_id })
            }
            // Its end says what became of it.
            _ if is_over => None,
            (true, Fate::Refused, _) if self.taken == Taken::Nothing => {
                std::mem::take(&mut self.is_announced).then_some(JournalEvent::NotTaken)
            }
            (true, Fate::Refused, _) => None,
            (true, ..) => {
                if self.taken != Taken::Call {
                    self.taken = Taken::Part;
                }
                None
            }
        };
        let conclusion = match (is_over, is_cancelled) {
            (true, _) => Some(self.finish_after(changes.then_some(fate))),
            (false, true) => Some(self.cancel(now)),
            (false, false) => None,
        };
        Received { event, conclusion }
    }

    fn cancel(&mut self, now: Now) -> Conclusion<T> {
        if let State::Held(..) = self.state {
            self.refuse(now, SendErrorKind::Cancelled, "cancelled before the request was sent");
        }
        self.machine.on(now, Event::Cancelled);
        self.advance(now.at);
        match self.state {
            State::Over => self.finish(),
            // No machine goes on after that.
            _ => {
                self.state = State::Over;
                let error = cancelled(&self.label);
                self.concluded(Err(error), None)
            }
        }
    }

    fn expire(&mut self, now: Instant) -> Conclusion<T> {
        for _ in 0..MOST_REFUSED {
            match self.state {
                State::Held(..) => {
                    self.refuse(at(now), SendErrorKind::Timeout, NO_PLACE);
                }
                State::Over => return self.finish(),
                _ => self.advance(now),
            }
            if matches!(self.state, State::Asleep(until) if until > now) {
                break;
            }
        }
        match self.state {
            State::Over => self.finish(),
            // A machine that waits after its timeout.
            _ => self.cancel(at(now)),
        }
    }

    fn identified(&mut self, now: Now, mut error: Error) -> Error {
        // A request that was not written down was not sent.
        if let State::InFlight { .. } = self.state {
            self.refuse(now, SendErrorKind::Cancelled, "the journal cannot be written");
        }
        if let Err(of_call) = self.cancel(now).outcome {
            #[cfg(operation_ids)]
            if let Some(id) = of_call.request_id() {
                error = error.with_request_id(id);
            }
            if let Some(resource) = of_call.resource() {
                error = error.with_resource(resource);
            }
        }
        error
    }
}

/// What a response says about its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was accepted.
    Accepted,
    /// It was not.
    Refused,
    Unclear,
}

impl Fate {
    fn of(result: &Result<Response, SendError>) -> Self {
        let status = match result {
            Ok(response) => Some(response.status),
            Err(error) if !error.is_sent() => return Self::Refused,
            // Of a body that cannot be read, the status alone counts.
            Err(error) => error.status().filter(|status| !(200..300).contains(status)),
        };
        match status {
            Some(200..=299) => Self::Accepted,
            Some(408 | 425) | None => Self::Unclear,
            Some(400..=499) => Self::Refused,
            Some(_) => Self::Unclear,
        }
    }
}

fn not_sent(kind: SendErrorKind, why: &'static str) -> Event {
    let error = SendError::new(kind, false, why);
    Event::Response(Err(match kind {
        SendErrorKind::Timeout => error.with_advice("Give the call more time (`.timeout(…)`)."),
        _ => error,
    }))
}

/// For events whose wall clock nobody reads: it is for dates in responses.
pub(super) fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}
