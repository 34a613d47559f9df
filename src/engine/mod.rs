//! The engine: what may be repeated, when to ask again, when to stop.
//!
//! Machines ([`Exchange`], [`Operation`], [`Sequence`](sequence::Sequence) and its plans) decide and do
//! nothing: they take the time and the last event, and return a [`Step`](machine::Step). The driver carries
//! the steps out. No machine knows a service, a socket or a clock, so the whole protocol is tested in virtual
//! time.

#[cfg(batches)]
pub(crate) mod batch;
mod budget;
pub(crate) mod context;
pub(crate) mod decode;
mod exchange;
pub(crate) mod failure;
pub(crate) mod machine;
pub(crate) mod operation;
pub(crate) mod policy;
mod polls;
mod progress;
pub(crate) mod retry;
pub(crate) mod sequence;
pub(crate) mod service;
mod trace;
// The tests use all of it.
#[cfg(all(test, batches, checks, operation_ids))]
mod tests;
#[cfg(checks)]
pub(crate) mod wait;

#[cfg(batches)]
use std::time::Instant;

pub(crate) use budget::{Budget, Pace, Turn};
#[cfg(any(batches, checks))]
pub(crate) use context::TooMany;
pub(crate) use context::{CallContext, Settings};
pub(crate) use exchange::Exchange;
pub(crate) use machine::{BoxMachine, Machine};
pub(crate) use operation::Operation;
pub use policy::{PollPolicy, RetryPolicy};
pub(crate) use progress::Observer;
pub use progress::Progress;
pub use retry::Effect;
#[cfg(checks)]
pub(crate) use service::Words;
#[cfg(submits)]
pub(crate) use service::{Accept, Accepted};
pub(crate) use service::{Failure, Id, Judgement, Poll, Service};

/// The driver for blocking programs.
#[path = "."]
pub(crate) mod blocking {
    use std::sync::Arc;
    use std::thread::sleep;
    use std::time::Duration;

    use maybe_async::must_be_sync as mode;

    use crate::http::{Interrupt, Request};
    use crate::transport::{Pieces as Body, Transport};

    pub(crate) mod driver;

    /// The request with the interrupt that ends it from another thread.
    fn interruptible(request: &Arc<Request>, cancel: Option<&Interrupt>) -> Arc<Request> {
        match cancel {
            None => request.clone(),
            Some(interrupt) => {
                let mut request = Request::clone(request);
                request.interrupt = Some(interrupt.clone());
                Arc::new(request)
            }
        }
    }

    /// The sleep of the clock ends by itself when the call is cancelled.
    fn pause<C: driver::Clock + ?Sized>(_: Option<&Interrupt>, clock: &C, time: Duration) {
        clock.sleep(time);
    }

    /// What has returned has won.
    fn race<T>(_: Option<&Interrupt>, returned: T) -> Option<T> {
        Some(returned)
    }
}

/// The driver for futures, from the same source.
#[cfg(feature = "async")]
#[path = "."]
#[allow(clippy::duplicate_mod, unreachable_pub)]
pub(crate) mod asynchronous {
    use std::sync::Arc;
    use std::time::Duration;

    use maybe_async::must_be_async as mode;
    use tokio::time::sleep;

    use crate::http::{Interrupt, Request};
    use crate::transport::{AsyncPieces as Body, AsyncTransport as Transport};

    pub(crate) mod driver;
    mod race;
    use race::race;

    /// Lets time pass until the call is cancelled.
    async fn pause<C: driver::Clock + ?Sized>(cancel: Option<&Interrupt>, clock: &C, time: Duration) {
        race(cancel, clock.sleep(time)).await;
    }

    /// A future is ended by dropping it.
    fn interruptible(request: &Arc<Request>, _: Option<&Interrupt>) -> Arc<Request> {
        request.clone()
    }
}

/// When a machine wants to send its next request, for a scheduler of many machines.
#[cfg(batches)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wish {
    Now,
    At(Instant),
    /// A request is in flight, or there is an outcome.
    Nothing,
}
