//! Looking up the names of hosts, on threads that nobody has to wait for.
//!
//! A lookup by the system cannot be given up once it has begun. So it runs on a detached thread: a call that
//! times out, a future that is dropped and a runtime that shuts down leave it behind. Calls for the same name
//! share one lookup, so a resolver that hangs costs a few threads and not one for each attempt.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(feature = "async")]
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use thiserror::Error;

/// A lookup older than this is not shared any more: the network may have changed since it began.
const SHARED_FOR: Duration = Duration::from_secs(10);

/// The addresses of a name.
pub(super) type Found = Result<Vec<SocketAddr>, LookupError>;

/// The reason why a name has no addresses.
#[derive(Clone, Debug, Error)]
pub(super) enum LookupError {
    /// The system gave no thread.
    #[error("looking up its address needs a thread, and the system cannot start one: {0}")]
    NoThread(String),
    /// The system's answer.
    #[error("{0}")]
    Failed(String),
}

/// The lookups that are on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookups {
    running: Arc<Mutex<HashMap<String, Arc<Lookup>>>>,
    /// The size of a thread's stack; the system's default if it is not set.
    stack: Option<usize>,
}

/// One lookup.
#[derive(Debug)]
pub(super) struct Lookup {
    began: Instant,
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Debug, Default)]
struct State {
    found: Option<Found>,
    #[cfg(feature = "async")]
    wakers: Vec<Waker>,
}

impl Lookups {
    /// Asks for threads with a stack that no system has.
    #[cfg(test)]
    pub(super) fn without_threads() -> Self {
        Self { stack: Some(usize::MAX / 4), ..Self::default() }
    }

    /// Begins to look up `host:port`, or joins a lookup of the same that is on its way.
    pub(super) fn begin(&self, address: &str) -> Result<Arc<Lookup>, LookupError> {
        self.begin_with(address, |address| address.to_socket_addrs().map(Iterator::collect))
    }

    fn begin_with(
        &self,
        address: &str,
        resolve: impl FnOnce(&str) -> io::Result<Vec<SocketAddr>> + Send + 'static,
    ) -> Result<Arc<Lookup>, LookupError> {
        let mut running = lock(&self.running);
        if let Some(lookup) = running.get(address).filter(|lookup| lookup.began.elapsed() < SHARED_FOR) {
            return Ok(lookup.clone());
        }
        let lookup =
            Arc::new(Lookup { began: Instant::now(), state: Mutex::default(), over: Condvar::new() });
        let (ours, shared, name) = (lookup.clone(), self.running.clone(), address.to_owned());
        let mut thread = std::thread::Builder::new().name("lookup".to_owned());
        if let Some(stack) = self.stack {
            thread = thread.stack_size(stack);
        }
        let work = move || {
            let found = resolve(&name).map_err(|error| LookupError::Failed(error.to_string()));
            // Whoever asks after this begins another lookup.
            let mut running = lock(&shared);
            if running.get(&name).is_some_and(|lookup| Arc::ptr_eq(lookup, &ours)) {
                running.remove(&name);
            }
            drop(running);
            ours.end(found);
        };
        thread.spawn(work).map_err(|error| LookupError::NoThread(error.to_string()))?;
        running.insert(address.to_owned(), lookup.clone());
        Ok(lookup)
    }
}

impl Lookup {
    fn end(&self, found: Found) {
        let mut state = lock(&self.state);
        state.found = Some(found);
        #[cfg(feature = "async")]
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.over.notify_all();
        #[cfg(feature = "async")]
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Makes those who wait ask again whether they should.
    pub(super) fn nudge(&self) {
        drop(lock(&self.state));
        self.over.notify_all();
    }

    /// Waits for the result until the deadline, or until `stop` is true after a [`nudge`](Lookup::nudge).
    /// `None`: there is no result yet.
    pub(super) fn wait(&self, deadline: Option<Instant>, stop: impl Fn() -> bool) -> Option<Found> {
        let mut state = lock(&self.state);
        loop {
            if state.found.is_some() || stop() {
                return state.found.clone();
            }
            state = match deadline {
                None => self.over.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    self.over.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The result, for a future.
    #[cfg(feature = "async")]
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Found> {
        let mut state = lock(&self.state);
        if let Some(found) = &state.found {
            return Poll::Ready(found.clone());
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const ENOUGH: Duration = Duration::from_secs(20);

    fn somewhere() -> Vec<SocketAddr> {
        vec![SocketAddr::from(([192, 0, 2, 1], 443))]
    }

    #[test]
    fn a_thread_that_cannot_be_had_is_an_error() {
        let lookups = Lookups::without_threads();
        let error = lookups.begin("localhost:80").unwrap_err();
        assert!(matches!(error, LookupError::NoThread(_)), "{error:?}");
        // It left nothing behind that others would wait for.
        assert!(lock(&lookups.running).is_empty());
    }

    #[test]
    fn one_lookup_serves_all_who_ask_meanwhile_and_a_slow_one_can_be_left() {
        let lookups = Lookups::default();
        let (finish, wait) = mpsc::channel::<()>();
        let first = lookups
            .begin_with("slow.example:443", move |_| {
                let _ = wait.recv();
                Ok(somewhere())
            })
            .unwrap();
        let second = lookups.begin_with("slow.example:443", |_| panic!("a second lookup")).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(first.wait(Some(Instant::now()), || false).is_none());
        assert!(first.wait(None, || true).is_none());
        finish.send(()).unwrap();
        assert_eq!(second.wait(Some(Instant::now() + ENOUGH), || false).unwrap().unwrap(), somewhere());
        // What has ended is not shared.
        let third = lookups
            .begin_with("slow.example:443", |_| Err(io::Error::other("failed to lookup address")))
            .unwrap();
        let error = third.wait(Some(Instant::now() + ENOUGH), || false).unwrap().unwrap_err();
        assert!(matches!(error, LookupError::Failed(_)), "{error:?}");
    }

    #[test]
    #[cfg(feature = "async")]
    fn a_runtime_does_not_wait_for_a_lookup() {
        let lookups = Lookups::default();
        let (finish, wait) = mpsc::channel::<()>();
        let lookup = lookups
            .begin_with("slow.example:443", move |_| {
                let _ = wait.recv();
                Ok(somewhere())
            })
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let shared = lookup.clone();
        let task = runtime.spawn(std::future::poll_fn(move |cx| shared.poll(cx)));
        // It would hang here for as long as the lookup lasts.
        drop(runtime);
        assert!(!task.is_finished() || lookup.wait(Some(Instant::now()), || false).is_none());
        // A lookup that ends wakes those who wait.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let shared = lookup.clone();
        let task = runtime.spawn(std::future::poll_fn(move |cx| shared.poll(cx)));
        finish.send(()).unwrap();
        assert_eq!(runtime.block_on(task).unwrap().unwrap(), somewhere());
    }

    #[test]
    fn a_nudge_ends_the_wait_of_one_who_should_stop() {
        let lookups = Lookups::default();
        let (finish, wait) = mpsc::channel::<()>();
        let lookup = lookups
            .begin_with("slow.example:443", move |_| {
                let _ = wait.recv();
                Ok(somewhere())
            })
            .unwrap();
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (asked, was_asked) = mpsc::channel();
        let waiting = std::thread::spawn({
            let (lookup, stop) = (lookup.clone(), stop.clone());
            move || {
                lookup.wait(None, || {
                    let _ = asked.send(());
                    stop.load(std::sync::atomic::Ordering::SeqCst)
                })
            }
        });
        was_asked.recv().unwrap();
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        lookup.nudge();
        assert!(waiting.join().unwrap().is_none());
        drop(finish);
    }
}
