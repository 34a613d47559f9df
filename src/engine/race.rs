//! A future that ends early when its call is cancelled.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::http::Interrupt;

/// Waits for the future, or until the interrupt is tripped: then the future is dropped and there is no
/// output.
pub(super) fn race<F: Future>(
    cancel: Option<&Interrupt>,
    future: F,
) -> impl Future<Output = Option<F::Output>> {
    let watched = cancel.map(|interrupt| {
        let waker = Arc::new(Mutex::new(Waker::noop().clone()));
        let theirs = waker.clone();
        let wake: Arc<dyn Fn() + Send + Sync> =
            Arc::new(move || theirs.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref());
        interrupt.on_trip(&wake);
        (interrupt, waker, wake)
    });
    async move {
        // As long as the last one exists, it is called back.
        let Some((interrupt, waker, _wake)) = watched else { return Some(future.await) };
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            if interrupt.is_tripped() { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }
}
