//! The tokens that cancel a batch or some of its calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::client::CancelToken;
use crate::engine::batch::Batch as Jobs;
use crate::engine::machine::Now;
use crate::http::Interrupt;

type Callback = Arc<dyn Fn() + Send + Sync>;

/// The token of a batch, and those of its calls that have one.
#[derive(Default)]
pub(super) struct Cancels {
    batch: Option<CancelToken>,
    is_batch_cancelled: bool,
    /// Calls that have a token and are not cancelled yet, in their order.
    calls: Vec<(usize, CancelToken)>,
    /// For the requests of calls that have a token: it is tripped by that of the batch too.
    interrupts: HashMap<usize, Interrupt>,
    /// A token may have been cancelled since it was looked at.
    is_rung: Arc<AtomicBool>,
    /// Tokens hold their callbacks weakly.
    callbacks: Vec<Callback>,
}

impl fmt::Debug for Cancels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancels").field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl Cancels {
    pub(super) fn new(batch: Option<CancelToken>, calls: Vec<(usize, CancelToken)>) -> Self {
        let mut cancels = Self { batch, calls, ..Self::default() };
        for (job, token) in &cancels.calls {
            let interrupt = Interrupt::new();
            let tripped = interrupt.clone();
            let trip: Callback = Arc::new(move || tripped.trip());
            for token in cancels.batch.iter().chain([token]) {
                token.interrupt().on_trip(&trip);
            }
            cancels.callbacks.push(trip);
            cancels.interrupts.insert(*job, interrupt);
        }
        cancels
    }

    /// Calls back when a token is cancelled, or now if one was.
    pub(super) fn on_cancel(&mut self, wake: impl Fn() + Send + Sync + 'static) {
        let is_rung = self.is_rung.clone();
        let ring: Callback = Arc::new(move || {
            is_rung.store(true, Ordering::SeqCst);
            wake();
        });
        for token in self.batch.iter().chain(self.calls.iter().map(|(_, token)| token)) {
            token.interrupt().on_trip(&ring);
        }
        self.callbacks.push(ring);
    }

    /// The interrupt of the requests of a job.
    pub(super) fn interrupt(&self, job: usize) -> Option<&Interrupt> {
        self.interrupts.get(&job).or(self.batch.as_ref().map(CancelToken::interrupt))
    }

    /// Cancels the jobs whose token was cancelled since the last time; `false` if there are none.
    pub(super) fn apply<T>(&mut self, jobs: &mut Jobs<T>, now: impl FnOnce() -> Now) -> bool {
        if !self.is_rung.swap(false, Ordering::SeqCst) {
            return false;
        }
        let now = now();
        if !self.is_batch_cancelled && self.batch.as_ref().is_some_and(CancelToken::is_cancelled) {
            self.is_batch_cancelled = true;
            jobs.cancel_all(now);
        }
        self.calls.retain(|(job, token)| {
            let is_cancelled = token.is_cancelled();
            if is_cancelled {
                jobs.cancel(*job, now);
            }
            !is_cancelled
        });
        true
    }
}
