//! A batch on threads: that of the caller, and others while answers are slow.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::client::{Blocking, Platform, Shared};
use crate::engine::batch::BatchStep;
use crate::engine::blocking::driver::Clock;

use super::{Concluded, Recorded};

/// The threads that send the requests of a batch, one request at a time each.
///
/// Before a thread sends, it sees to it that another one stands by: so there are as many as there are requests in
/// flight, and one more, and a slow answer holds nothing up.
pub(crate) struct Lanes<S: Platform>(Arc<Shop<S>>);

/// What the threads share.
struct Shop<S: Platform> {
    client: Shared<S, Blocking>,
    state: Mutex<State>,
    changed: Condvar,
    /// Threads, that of the caller among them.
    most: usize,
}

struct State {
    recorded: Recorded,
    helpers: Vec<JoinHandle<()>>,
    waiting: usize,
    is_over: bool,
}

impl<S: Platform> fmt::Debug for Lanes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").field("most", &self.0.most).finish_non_exhaustive()
    }
}

impl<S: Platform> Lanes<S> {
    /// `most`: threads, that of the caller among them.
    pub(crate) fn new(client: Shared<S, Blocking>, recorded: Recorded, most: usize) -> Self {
        // A clock of a test stands still unless somebody waits.
        let most = if client.core().clock().is_of_the_system() { most.max(1) } else { 1 };
        let state = Mutex::new(State { recorded, helpers: Vec::new(), waiting: 0, is_over: false });
        Self(Arc::new(Shop { client, state, changed: Condvar::new(), most }))
    }

    /// Works until there is an outcome. `None`: that was all.
    pub(crate) fn next(&mut self) -> Option<Concluded> {
        let concluded = self.0.work(true);
        if concluded.is_none() {
            self.join();
        }
        concluded
    }

    /// Ends the threads, after the answers that they wait for; a panic of theirs goes on here.
    fn join(&mut self) {
        let helpers = std::mem::take(&mut self.0.lock().helpers);
        for helper in helpers {
            if let Err(panic) = helper.join() {
                if !std::thread::panicking() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
}

/// Nothing new is sent after it is dropped; the answers that are under way are waited for and written down.
impl<S: Platform> Drop for Lanes<S> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
        self.join();
    }
}

impl<S: Platform> Shop<S> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what the batch wants: the caller until there is something for him, the others until all is done.
    fn work(self: &Arc<Self>, is_caller: bool) -> Option<Concluded> {
        let clock = self.client.core().clock();
        let mut state = self.lock();
        loop {
            if is_caller {
                if let Some(concluded) = state.recorded.batch.concluded() {
                    return Some(concluded);
                }
            }
            if state.is_over {
                return None;
            }
            let step = state.recorded.batch.next(clock.now());
            if let BatchStep::Send(job, request, timeout) = step {
                if let Err(error) = state.recorded.write(clock.wall()) {
                    state.recorded.batch.not_sent(job, error);
                    continue;
                }
                if state.waiting == 0 && state.helpers.len() + 1 < self.most {
                    let helper = self.helper();
                    state.helpers.extend(helper);
                }
                drop(state);
                let result = self.client.transport().send(&request, timeout);
                state = self.lock();
                state.recorded.batch.received(job, clock.now(), clock.wall(), result);
                state.recorded.write_after(clock.wall());
                self.changed.notify_all();
                continue;
            }
            state.recorded.write_after(clock.wall());
            if state.recorded.batch.has_concluded() {
                self.changed.notify_all();
                if is_caller {
                    continue;
                }
            }
            state = match step {
                BatchStep::Wait(time) if self.most == 1 => {
                    drop(state);
                    clock.sleep(time);
                    self.lock()
                }
                BatchStep::Wait(time) => self.wait(state, Some(time)),
                BatchStep::Response | BatchStep::Send(..) => self.wait(state, None),
                BatchStep::Done => {
                    state.is_over = true;
                    self.changed.notify_all();
                    state
                }
            }
        }
    }

    /// Waits until something has changed, or for this long.
    fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        time: Option<std::time::Duration>,
    ) -> MutexGuard<'a, State> {
        state.waiting += 1;
        let mut state = match time {
            Some(time) => self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0,
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        state.waiting -= 1;
        state
    }

    /// One more thread. If the system has none to give, it goes on with those that are there.
    fn helper(self: &Arc<Self>) -> Option<JoinHandle<()>> {
        let guard = Guard(self.clone());
        let work = move || drop(guard.0.work(false));
        std::thread::Builder::new().name("controlplane batch".into()).spawn(work).ok()
    }
}

/// Ends the batch if its thread panics, so that nobody waits for it.
struct Guard<S: Platform>(Arc<Shop<S>>);

impl<S: Platform> Drop for Guard<S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().is_over = true;
            self.0.changed.notify_all();
        }
    }
}
