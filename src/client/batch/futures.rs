//! A batch as a future: one task, with as many requests in flight as the rate limit has room for.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Instant, SystemTime};

use tokio::time::Sleep;

#[cfg(errands)]
use crate::client::mode::Returning;
use crate::client::mode::{AsyncSender, Sending};
use crate::engine::batch::BatchStep;
use crate::engine::blocking::driver::settled;
use crate::engine::machine::Now;
use crate::http::Interrupt;

use super::{Concluded, Recorded};

/// The largest number of requests of a client in flight, where no rate limit applies.
const MOST: usize = 64;

/// The requests of a batch that are in flight, polled by whoever awaits the outcomes.
pub(super) struct Flights<T> {
    /// One for each client of the batch.
    senders: Vec<Arc<dyn AsyncSender>>,
    recorded: Recorded<T>,
    in_flight: Vec<(usize, Sending)>,
    /// The errands under way.
    #[cfg(errands)]
    errands: Vec<(usize, Returning)>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Of the task that awaits the batch, for a token that is cancelled.
    waker: Arc<Mutex<Waker>>,
}

impl<T> fmt::Debug for Flights<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("in_flight", &self.in_flight.len()).finish_non_exhaustive()
    }
}

impl<T> Flights<T> {
    pub(super) fn new(senders: Vec<Arc<dyn AsyncSender>>, mut recorded: Recorded<T>) -> Self {
        recorded.jobs.limit_in_flight(MOST);
        let waker = Arc::new(Mutex::new(Waker::noop().clone()));
        let cancelled = waker.clone();
        recorded
            .cancels
            .on_cancel(move || cancelled.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref());
        Self {
            senders,
            recorded,
            in_flight: Vec::new(),
            #[cfg(errands)]
            errands: Vec::new(),
            sleep: None,
            waker,
        }
    }

    /// Continues until there is an outcome; `None` after the last.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Concluded<T>>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        loop {
            let Recorded { jobs, cancels, .. } = &mut self.recorded;
            if cancels.apply(jobs, now) {
                self.abort();
            }
            if let Some(concluded) = self.recorded.jobs.concluded() {
                return Poll::Ready(Some(concluded));
            }
            if self.take_responses(context) {
                continue;
            }
            #[cfg(errands)]
            if self.take_errands(context) {
                continue;
            }
            let step = self.recorded.jobs.next(Instant::now());
            if let BatchStep::Send { job, member, request, timeout } = step {
                if let Err(error) = self.recorded.write(SystemTime::now()) {
                    self.recorded.jobs.not_sent(job, now(), error);
                    continue;
                }
                self.in_flight.push((job, self.senders[member].send_once(request, timeout)));
                continue;
            }
            #[cfg(errands)]
            let step = match step {
                BatchStep::Errand { job, member, errand } => {
                    self.errands.push((job, self.senders[member].carry_out(errand)));
                    continue;
                }
                step => step,
            };
            self.recorded.write_after(SystemTime::now());
            if self.recorded.jobs.has_concluded() {
                continue;
            }
            match step {
                BatchStep::Wait(time) => {
                    let sleep = self.sleep.insert(Box::pin(tokio::time::sleep(time)));
                    ready!(sleep.as_mut().poll(context));
                    self.sleep = None;
                }
                BatchStep::Done => return Poll::Ready(None),
                // The others are carried out above.
                _ => return Poll::Pending,
            }
        }
    }

    /// Aborts the requests in flight of cancelled calls.
    fn abort(&mut self) {
        let mut at = 0;
        while let Some((job, _)) = self.in_flight.get(at) {
            let job = *job;
            if !self.recorded.cancels.interrupt(job).is_some_and(Interrupt::is_tripped) {
                at += 1;
                continue;
            }
            drop(self.in_flight.swap_remove(at));
            let Now { at, wall } = now();
            self.recorded.jobs.received(job, at, wall, settled(None, None));
        }
        self.recorded.write_after(SystemTime::now());
    }

    /// Takes the outputs of errands that have ended; `false` if there are none.
    #[cfg(errands)]
    fn take_errands(&mut self, context: &mut Context<'_>) -> bool {
        let mut some = false;
        let mut at = 0;
        while let Some((job, returning)) = self.errands.get_mut(at) {
            match returning.as_mut().poll(context) {
                Poll::Pending => at += 1,
                Poll::Ready(returned) => {
                    let job = *job;
                    drop(self.errands.swap_remove(at));
                    self.recorded.jobs.returned(job, now(), returned);
                    self.recorded.write_after(SystemTime::now());
                    some = true;
                }
            }
        }
        some
    }

    /// Takes the responses that have arrived; `false` if there are none.
    fn take_responses(&mut self, context: &mut Context<'_>) -> bool {
        let mut some = false;
        let mut at = 0;
        while let Some((job, sending)) = self.in_flight.get_mut(at) {
            match sending.as_mut().poll(context) {
                Poll::Pending => at += 1,
                Poll::Ready(result) => {
                    let job = *job;
                    drop(self.in_flight.swap_remove(at));
                    self.recorded.jobs.received(job, Instant::now(), SystemTime::now(), result);
                    self.recorded.write_after(SystemTime::now());
                    some = true;
                }
            }
        }
        some
    }
}

fn now() -> Now {
    Now { at: Instant::now(), wall: SystemTime::now() }
}
