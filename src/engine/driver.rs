//! The loop that carries out what a machine says: emitted twice, once for each mode. The only place of the engine
//! that reads a clock or sleeps.

use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "arrow")]
use super::Body;
use super::{Transport, mode, sleep};
use crate::engine::{Machine, Step};
#[cfg(feature = "arrow")]
use crate::http::Response;
#[cfg(feature = "arrow")]
use crate::transport::{Opened, SendError};

/// The time, and a way to let it pass.
///
/// A clock of your own, given to the builder of a blocking client, lets a test wait for hours in no time.
#[mode(AFIT)]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;

    /// Now, as people count it.
    fn wall(&self) -> SystemTime;

    /// Returns after this long.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The clock of the machine that this runs on.
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

/// Runs a machine until it is done.
#[mode]
pub(crate) async fn drive<T, C>(transport: &T, clock: &C, machine: &mut dyn Machine)
where
    T: Transport + ?Sized,
    C: Clock + ?Sized,
{
    loop {
        match machine.next(clock.now()) {
            Step::Send(request, timeout) => {
                let result = transport.send(&request, timeout).await;
                #[cfg(feature = "hotdata")]
                let result = result.and_then(|answer| crate::transport::encoding::decoded(&request, answer));
                machine.received(clock.now(), clock.wall(), result);
            }
            Step::Wait(time) => clock.sleep(time).await,
            Step::Done => return,
        }
    }
}

/// Runs a machine until it is done, and gives the body of the answer that it was content with: a 200, whose body the machine
/// does not see. Other answers are read whole, as far as an error keeps them.
#[cfg(feature = "arrow")]
#[mode]
pub(crate) async fn open<T, C>(
    transport: &T,
    clock: &C,
    machine: &mut dyn Machine,
    idle: Duration,
) -> Option<Body>
where
    T: Transport + ?Sized,
    C: Clock + ?Sized,
{
    let mut body = None;
    loop {
        match machine.next(clock.now()) {
            Step::Send(request, timeout) => {
                body = None;
                let result = match transport.open(&request, timeout, idle).await {
                    Ok(opened) if opened.status == 200 => {
                        body = Some(opened.body);
                        Ok(Response::new(200, opened.headers, Vec::new()))
                    }
                    Ok(opened) => whole(opened).await,
                    Err(error) => Err(error),
                };
                #[cfg(feature = "hotdata")]
                let result = result.and_then(|answer| crate::transport::encoding::decoded(&request, answer));
                machine.received(clock.now(), clock.wall(), result);
            }
            Step::Wait(time) => clock.sleep(time).await,
            Step::Done => return body,
        }
    }
}

/// An answer that is no stream, as far as it is kept.
#[cfg(feature = "arrow")]
#[mode]
async fn whole(opened: Opened<Body>) -> Result<Response, SendError> {
    let Opened { status, headers, mut body, .. } = opened;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next_piece().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= crate::error::MAX_KEPT_BODY {
            break;
        }
    }
    Ok(Response::new(status, headers, bytes))
}
