//! The loop that carries out what a machine decides: written once, emitted for both modes. The only place of
//! the engine that reads a clock or sleeps.

use std::time::{Duration, Instant, SystemTime};

use super::{Body, Transport, interruptible, mode, pause, race, sleep};
use crate::engine::machine::{Caller, Event, Now, Step, Steps};
#[cfg(streams)]
use crate::error::MAX_KEPT_BODY;
use crate::http::Interrupt;
#[cfg(streams)]
use crate::http::{Request, Response};
#[cfg(streams)]
use crate::transport::Opened;
use crate::transport::{SendError, SendErrorKind};

/// A source of time and a way to let it pass.
///
/// With a custom clock ([`ClientBuilder::clock`](crate::client::ClientBuilder::clock) of a blocking client),
/// a test can let hours pass in no time.
#[mode(AFIT)]
pub trait Clock: Send + Sync {
    /// Returns the current time, by which delays and deadlines are measured.
    fn now(&self) -> Instant;

    /// Returns the current calendar time, for dates in responses and in journals.
    fn wall(&self) -> SystemTime;

    /// Waits for this time. Afterwards, [`now`](Clock::now) returns a time that is later by at least as much.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The clock of the system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

#[mode(AFIT)]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep(&self, time: Duration) {
        sleep(time).await;
    }
}

fn now<C: Clock + ?Sized>(clock: &C) -> Now {
    Now { at: clock.now(), wall: clock.wall() }
}

/// Carries out the steps of a machine until it is done, so that it has its outcome. `body` is the open body of a
/// stream: it is kept for machines that go on reading it.
#[mode]
pub(crate) async fn drive<T, C>(
    transport: &T,
    clock: &C,
    caller: Caller<'_>,
    machine: &mut dyn Steps,
    body: &mut Option<Body>,
) where
    T: Transport + ?Sized,
    C: Clock + ?Sized,
{
    let mut cancel = caller.cancel;
    loop {
        if cancel.is_some_and(Interrupt::is_tripped) {
            cancel = None;
            *body = None;
            machine.on(now(clock), Event::Cancelled);
        }
        match machine.next(clock.now()) {
            Step::Send { request, timeout } => {
                *body = None;
                let request = interruptible(&request, cancel);
                let result = race(cancel, transport.send(&request, timeout)).await;
                machine.on(now(clock), Event::Response(settled(cancel, result)));
            }
            #[cfg(streams)]
            Step::Open { request, timeout, idle } => {
                *body = None;
                let until = clock.now().checked_add(timeout);
                let request = interruptible(&request, cancel);
                let opened = race(cancel, transport.open(&request, timeout, idle)).await;
                let event = match settled(cancel, opened) {
                    Err(error) => Event::Response(Err(error)),
                    Ok(opened) if opened.status == 200 => {
                        *body = Some(opened.body);
                        Event::Head(opened.headers)
                    }
                    Ok(opened) => {
                        let response = race(cancel, whole(&request, opened, clock, until)).await;
                        Event::Response(settled(cancel, response))
                    }
                };
                machine.on(now(clock), event);
            }
            #[cfg(streams)]
            Step::Read { mut buffer, most } => {
                let read = match body {
                    Some(open) => race(cancel, open.read(&mut buffer, most)).await,
                    None => Some(Ok(false)),
                };
                let piece = settled(cancel, read).map(|is_read| is_read.then_some(buffer));
                if !matches!(piece, Ok(Some(_))) {
                    *body = None;
                }
                machine.on(now(clock), Event::Piece(piece));
            }
            Step::Wait(time) => pause(cancel, clock, time).await,
            #[cfg(tokens)]
            Step::Detach(machine) => (caller.detach)(machine),
            Step::Done => return,
        }
    }
}

/// The result of a request, or the error of one that was cancelled in flight. `None`: it was abandoned, and
/// the server may have accepted it.
pub(crate) fn settled<T>(
    cancel: Option<&Interrupt>,
    result: Option<Result<T, SendError>>,
) -> Result<T, SendError> {
    const WHY: &str = "cancelled while the request was in flight";
    match result {
        None => Err(SendError::new(SendErrorKind::Cancelled, true, WHY)),
        Some(Err(error)) if cancel.is_some_and(Interrupt::is_tripped) => {
            Err(SendError::new(SendErrorKind::Cancelled, error.is_sent(), WHY).with_source(error))
        }
        Some(result) => result,
    }
}

/// Reads the body of a response that is not streamed, as far as it is kept and as long as the request has
/// time: the status says what became of the request.
#[cfg(streams)]
#[mode]
async fn whole<C: Clock + ?Sized>(
    request: &Request,
    opened: Opened<Body>,
    clock: &C,
    until: Option<Instant>,
) -> Result<Response, SendError> {
    let Opened { status, headers, mut body, .. } = opened;
    let limit = request.max_response_body.min(MAX_WHOLE);
    let mut bytes = Vec::new();
    while let Some(piece) = body.next_piece().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= limit {
            bytes.truncate(limit);
            break;
        }
        if until.is_some_and(|until| clock.now() >= until) {
            break;
        }
    }
    Ok(Response::new(status, headers, bytes))
}

/// The most that is read of a response that should have been a stream.
#[cfg(streams)]
const MAX_WHOLE: usize = 16 * MAX_KEPT_BODY;
