//! The loop that carries out what a machine says: emitted twice, once for each mode. The only place of the engine
//! that reads a clock or sleeps.

use std::time::{Duration, Instant, SystemTime};

use super::{Transport, mode, sleep};
use crate::engine::{Machine, Step};

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
