//! A future that ends early when its call is cancelled.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::http::Interrupt;

/// Waits for the future, or until the interrupt is tripped: then the future is dropped and there is no
/// output.
pub(super) fn race<F: Future>(cancel: Option<&Interrupt>, future: F) -> Race<F> {
    let watched = cancel.map(|interrupt| {
        let waker = Arc::new(Mutex::new(Waker::noop().clone()));
        let theirs = waker.clone();
        let wake: Arc<dyn Fn() + Send + Sync> =
            Arc::new(move || theirs.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref());
        interrupt.on_trip(&wake);
        Watched { interrupt: interrupt.clone(), waker, _wake: wake }
    });
    Race { watched, future: Box::pin(future) }
}

/// The future of [`race`].
///
/// It is boxed: in an `async` block that awaits it, a future takes room twice, and many thousands may wait.
pub(super) struct Race<F> {
    watched: Option<Watched>,
    future: Pin<Box<F>>,
}

/// The call that may be cancelled.
struct Watched {
    interrupt: Interrupt,
    waker: Arc<Mutex<Waker>>,
    /// As long as it exists, it is called back.
    _wake: Arc<dyn Fn() + Send + Sync>,
}

impl<F> fmt::Debug for Race<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Race")
    }
}

impl<F: Future> Future for Race<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(watched) = &self.watched {
            watched.waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        }
        if let Poll::Ready(output) = self.future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        match &self.watched {
            Some(watched) if watched.interrupt.is_tripped() => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }
}
