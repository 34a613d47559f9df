//! The driver of uploads as futures: one task, with a future for each job under way. Reads run on Tokio's
//! threads for blocking work. Dropping the future closes its connections and leaves nothing behind but a read
//! that had begun.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use tokio::time::{Instant, Sleep};

use crate::client::{Async, CancelToken, Shared};
use crate::engine::machine::Now;
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::http::LONGEST;
use crate::transport::AsyncTransport;

use super::call::Attendant;
use super::machine::{Job, Outcome, Step, Upload};
use super::model::FinalizeUploadResponse;
use super::source::Source;

type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Tokio's clock, which its tests can pause.
fn now() -> Now {
    Now { at: Instant::now().into_std(), wall: SystemTime::now() }
}

/// Runs an upload to its end.
pub(super) fn run(
    client: Shared<Hotdata, Async>,
    mut upload: Upload,
    source: Arc<Source>,
    mut attendant: Attendant,
) -> impl Future<Output = Result<FinalizeUploadResponse, Error>> + Send {
    let waker = Arc::new(Mutex::new(Waker::noop().clone()));
    let theirs = waker.clone();
    let wake: Arc<dyn Fn() + Send + Sync> =
        Arc::new(move || theirs.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref());
    attendant.on_cancel(&wake);
    async move {
        // As long as it exists, it is called back.
        let _wake = wake;
        let mut under_way = UnderWay::default();
        loop {
            attendant.look_after(&mut upload);
            let time = match upload.next(now().at) {
                Step::Done => break,
                Step::Begin(id, job) => {
                    under_way.begin(id, job, &client, &source);
                    continue;
                }
                Step::Wait(time) => time,
                Step::Job => LONGEST,
            };
            let (may_stop, token) = (!upload.is_finalizing(), attendant.token().cloned());
            let mut sleep = Box::pin(tokio::time::sleep(time));
            let ended = std::future::poll_fn(|context| {
                waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
                if may_stop && token.as_ref().is_some_and(CancelToken::is_cancelled) {
                    return Poll::Ready(None);
                }
                under_way.poll(context, &mut sleep)
            })
            .await;
            if let Some((id, outcome)) = ended {
                upload.done(id, now(), outcome);
            }
        }
        drop(under_way);
        upload.finish()
    }
}

/// The jobs under way, polled by whoever waits for the upload.
#[derive(Default)]
struct UnderWay(Vec<(u64, Work)>);

impl UnderWay {
    fn begin(&mut self, id: u64, job: Job, client: &Shared<Hotdata, Async>, source: &Arc<Source>) {
        let (client, source) = (client.clone(), source.clone());
        let work: Work = match job {
            Job::Call { request, timeout, .. } | Job::Put { request, timeout } => Box::pin(async move {
                let result = client.transport().send(&request, timeout).await;
                // Nobody else holds its bytes when the outcome is taken.
                drop(request);
                Outcome::Response(result)
            }),
            Job::Read { offset, length, spare } => Box::pin(async move {
                Outcome::Read(match source.at_hand(offset, length) {
                    Some(bytes) => Ok(bytes),
                    None => blocking(move || source.read(offset, length, spare)).await,
                })
            }),
            Job::Peek { length } => {
                Box::pin(async move { Outcome::Peeked(blocking(move || source.peek(length)).await) })
            }
            Job::Compare => Box::pin(async move {
                Outcome::Compared(match source.can_change() {
                    true => blocking(move || source.compare()).await,
                    false => Ok(None),
                })
            }),
        };
        self.0.push((id, work));
    }

    /// The outcome of one of them, or `None` at the timeout.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        sleep: &mut Pin<Box<Sleep>>,
    ) -> Poll<Option<(u64, Outcome)>> {
        for at in 0..self.0.len() {
            let (id, work) = &mut self.0[at];
            let id = *id;
            if let Poll::Ready(outcome) = work.as_mut().poll(context) {
                drop(self.0.swap_remove(at));
                return Poll::Ready(Some((id, outcome)));
            }
        }
        sleep.as_mut().poll(context).map(|()| None)
    }
}

/// Runs blocking work on a thread for it. A panic continues here.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> impl Future<Output = std::io::Result<T>> + Send {
    let task = tokio::task::spawn_blocking(work);
    async move {
        match task.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(std::io::Error::other("the runtime is shutting down")),
            },
        }
    }
}
