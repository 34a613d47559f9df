//! A batch on threads: that of the caller, and others while responses are slow.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::client::clock::AnyClock;
use crate::client::mode::Sender;
use crate::engine::batch::BatchStep;
#[cfg(errands)]
use crate::engine::batch::Errand;
use crate::engine::blocking::driver::{Clock, settled};
use crate::engine::machine::Now;
use crate::http::Request;

use super::{Concluded, Recorded};

/// The default number of threads for each client.
pub(super) const DEFAULT_THREADS: usize = 8;

/// The threads that send the requests of a batch, one request at a time each.
///
/// Before a thread sends, it starts another one if none stands by: so there are as many as there are requests
/// in flight, and one more, and a slow response delays nothing else.
pub(super) struct Lanes<T>(Arc<Shop<T>>);

/// What the threads share.
struct Shop<T> {
    /// One for each client of the batch.
    senders: Vec<Arc<dyn Sender>>,
    clock: AnyClock,
    state: Mutex<State<T>>,
    bell: Arc<Bell>,
    /// The largest number of threads, that of the caller included.
    most: usize,
}

struct State<T> {
    recorded: Recorded<T>,
    helpers: Vec<JoinHandle<()>>,
    /// The threads that carry out errands.
    #[cfg(errands)]
    errands: Vec<JoinHandle<()>>,
    waiting: usize,
    is_over: bool,
}

/// Wakes the threads that wait. It has a lock of its own, so that a callback that runs while the state is
/// locked can ring it.
#[derive(Default)]
struct Bell {
    count: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    /// How often it was rung. To be read before the reasons to wait are.
    fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.rung.notify_all();
    }

    /// Waits until it has been rung more often, at most this long.
    fn wait(&self, seen: u64, time: Option<Duration>) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        match time {
            Some(time) => drop(self.rung.wait_timeout_while(count, time, |count| *count == seen)),
            None => drop(self.rung.wait_while(count, |count| *count == seen)),
        }
    }
}

impl<T> fmt::Debug for Lanes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").field("most", &self.0.most).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Lanes<T> {
    /// `most`: threads for each client, that of the caller included. A slow client leaves those of the others.
    pub(super) fn new(
        senders: Vec<Arc<dyn Sender>>,
        clock: AnyClock,
        mut recorded: Recorded<T>,
        most: usize,
    ) -> Self {
        let most = most.max(1);
        recorded.jobs.limit_in_flight(most);
        // A test's clock stands still unless somebody waits.
        let most = if clock.is_of_the_system() { most.saturating_mul(senders.len().max(1)) } else { 1 };
        let bell = Arc::new(Bell::default());
        let cancelled = bell.clone();
        recorded.cancels.on_cancel(move || cancelled.ring());
        let state = Mutex::new(State {
            recorded,
            helpers: Vec::new(),
            #[cfg(errands)]
            errands: Vec::new(),
            waiting: 0,
            is_over: false,
        });
        Self(Arc::new(Shop { senders, clock, state, bell, most }))
    }

    /// Works until there is an outcome; `None` after the last.
    pub(super) fn next(&mut self) -> Option<Concluded<T>> {
        let concluded = self.0.work(true);
        if concluded.is_none() {
            self.join();
        }
        concluded
    }
}

impl<T> Lanes<T> {
    /// Ends the threads, after the responses that they wait for; a panic of theirs continues here.
    fn join(&mut self) {
        let helpers = {
            let mut state = self.0.lock();
            #[cfg(errands)]
            state.recorded.jobs.end_errands();
            let helpers = std::mem::take(&mut state.helpers);
            #[cfg(errands)]
            let helpers = helpers.into_iter().chain(std::mem::take(&mut state.errands)).collect::<Vec<_>>();
            helpers
        };
        join_all(helpers);
    }
}

/// Waits for the end of threads; a panic of theirs continues here.
fn join_all(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if let Err(panic) = thread.join()
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Nothing new is sent after the drop; the responses to requests in flight are waited for and written down.
impl<T> Drop for Lanes<T> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.bell.ring();
        self.join();
    }
}

impl<T> Shop<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static> Shop<T> {
    fn now(&self) -> Now {
        Now { at: self.clock.now(), wall: self.clock.wall() }
    }

    /// Does what the batch wants: the caller until there is an outcome, the others until the end.
    fn work(self: &Arc<Self>, is_caller: bool) -> Option<Concluded<T>> {
        let clock = &self.clock;
        let mut state = self.lock();
        loop {
            let mut seen = self.bell.count();
            let is_over = state.is_over;
            let Recorded { jobs, cancels, .. } = &mut state.recorded;
            if !is_over && cancels.apply(jobs, || self.now()) {
                state.recorded.write_after(clock.wall());
                self.bell.ring();
                continue;
            }
            if is_caller && let Some(concluded) = state.recorded.jobs.concluded() {
                return Some(concluded);
            }
            if is_over {
                return None;
            }
            let step = state.recorded.jobs.next(clock.now());
            if let BatchStep::Send { job, member, request, timeout } = step {
                if let Err(error) = state.recorded.write(clock.wall()) {
                    state.recorded.jobs.not_sent(job, self.now(), error);
                    continue;
                }
                self.stand_by(&mut state);
                let interrupt = state.recorded.cancels.interrupt(job).cloned();
                drop(state);
                let request = match &interrupt {
                    None => request,
                    Some(interrupt) => {
                        Arc::new(Request { interrupt: Some(interrupt.clone()), ..Request::clone(&request) })
                    }
                };
                let result = self.senders[member].send_once(&request, timeout, interrupt.as_ref());
                let result = settled(interrupt.as_ref(), Some(result));
                state = self.lock();
                state.recorded.jobs.received(job, clock.now(), clock.wall(), result);
                state.recorded.write_after(clock.wall());
                self.bell.ring();
                continue;
            }
            state.recorded.write_after(clock.wall());
            #[cfg(errands)]
            let step = match step {
                BatchStep::Errand { job, member, errand } => {
                    self.stand_by(&mut state);
                    if let Some(errand) = self.send_off(&mut state, job, member, errand) {
                        drop(state);
                        self.carry_out(job, member, errand);
                        state = self.lock();
                    }
                    continue;
                }
                step => step,
            };
            if state.recorded.jobs.has_concluded() {
                if is_caller {
                    continue;
                }
                self.bell.ring();
                // Its own ring does not wake it.
                seen += 1;
            }
            state = match step {
                BatchStep::Wait(time) if !clock.is_of_the_system() => {
                    drop(state);
                    clock.sleep(time);
                    self.lock()
                }
                BatchStep::Wait(time) => self.wait(state, seen, Some(time)),
                BatchStep::Done => {
                    state.is_over = true;
                    self.bell.ring();
                    state
                }
                // The others are carried out above.
                _ => self.wait(state, seen, None),
            }
        }
    }

    /// Waits until something has changed, at most this long.
    fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<T>>,
        seen: u64,
        time: Option<Duration>,
    ) -> MutexGuard<'a, State<T>> {
        state.waiting += 1;
        drop(state);
        self.bell.wait(seen, time);
        let mut state = self.lock();
        state.waiting -= 1;
        state
    }

    /// Makes sure that a thread is ready for what comes next, while this one is busy.
    fn stand_by(self: &Arc<Self>, state: &mut State<T>) {
        if state.waiting == 0 && state.helpers.len() + 1 < self.most {
            let helper = self.helper();
            state.helpers.extend(helper);
        }
    }

    /// Starts one more thread. If the system has none, the batch continues with those that there are.
    fn helper(self: &Arc<Self>) -> Option<JoinHandle<()>> {
        let guard = Guard(self.clone());
        let work = move || drop(guard.0.work(false));
        std::thread::Builder::new().name("controlplane batch".into()).spawn(work).ok()
    }
}

#[cfg(errands)]
impl<T: Send + 'static> Shop<T> {
    /// Starts an errand on a thread of its own, so that nothing waits for it: it may take hours. With a clock of a test,
    /// and if the system has no thread, it is returned: to be carried out here and now.
    fn send_off(
        self: &Arc<Self>,
        state: &mut State<T>,
        job: usize,
        member: usize,
        errand: Errand,
    ) -> Option<Errand> {
        if !self.clock.is_of_the_system() {
            return Some(errand);
        }
        // One that has panicked has ended the batch, so that this is not reached.
        let all = std::mem::take(&mut state.errands);
        let (ended, running): (Vec<_>, Vec<_>) = all.into_iter().partition(JoinHandle::is_finished);
        join_all(ended);
        state.errands = running;
        // The errand is passed by a channel, so that it is still here if there is no thread.
        let (give, take) = std::sync::mpsc::channel();
        let guard = Guard(self.clone());
        let work = move || {
            if let Ok(errand) = take.recv() {
                guard.0.carry_out(job, member, errand);
            }
        };
        let thread = std::thread::Builder::new().name("controlplane batch".into()).spawn(work);
        state.errands.extend(thread);
        give.send(errand).err().map(|back| back.0)
    }

    fn carry_out(&self, job: usize, member: usize, errand: Errand) {
        // The token of the call ends it, also if it keeps the thread that would notice.
        let cancel = errand.cancel.clone();
        let trip: Arc<dyn Fn() + Send + Sync> = Arc::new(move || cancel.trip());
        if let Some(interrupt) = self.lock().recorded.cancels.interrupt(job) {
            interrupt.on_trip(&trip);
        }
        let returned = self.senders[member].carry_out(errand);
        let mut state = self.lock();
        state.recorded.jobs.returned(job, self.now(), returned);
        state.recorded.write_after(self.clock.wall());
        drop(state);
        self.bell.ring();
    }
}

/// Ends the batch if its thread panics, so that no other thread waits for it.
struct Guard<T>(Arc<Shop<T>>);

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().is_over = true;
            self.0.bell.ring();
        }
    }
}
