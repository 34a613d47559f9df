//! A batch as a future: one task, with as many requests in flight as the budget has room for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use tokio::time::Sleep;

use crate::client::{Async, Platform, Shared};
use crate::engine::batch::BatchStep;
use crate::http::Response;
use crate::transport::{AsyncTransport, SendError};

use super::{Concluded, Recorded};

/// The most requests in flight, where no budget says so.
const MOST: usize = 64;

type Answer = Pin<Box<dyn Future<Output = Result<Response, SendError>> + Send>>;

/// The requests of a batch that are in flight, polled by whoever waits for the outcomes.
pub(crate) struct Flights<S: Platform> {
    client: Shared<S, Async>,
    recorded: Recorded,
    in_flight: Vec<(usize, Answer)>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<S: Platform> fmt::Debug for Flights<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("in_flight", &self.in_flight.len()).finish_non_exhaustive()
    }
}

impl<S: Platform> Flights<S> {
    pub(crate) fn new(client: Shared<S, Async>, recorded: Recorded) -> Self {
        Self { client, recorded, in_flight: Vec::new(), sleep: None }
    }

    /// Goes on until there is an outcome. `None`: that was all.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Concluded>> {
        loop {
            if let Some(concluded) = self.recorded.batch.concluded() {
                return Poll::Ready(Some(concluded));
            }
            if self.take_answers(context) {
                continue;
            }
            if self.in_flight.len() >= MOST {
                return Poll::Pending;
            }
            let step = self.recorded.batch.next(Instant::now());
            if let BatchStep::Send(job, request, timeout) = step {
                if let Err(error) = self.recorded.write(SystemTime::now()) {
                    self.recorded.batch.not_sent(job, error);
                    continue;
                }
                let client = self.client.clone();
                let answer = async move { client.transport().send(&request, timeout).await };
                self.in_flight.push((job, Box::pin(answer)));
                continue;
            }
            self.recorded.write_after(SystemTime::now());
            if self.recorded.batch.has_concluded() {
                continue;
            }
            match step {
                BatchStep::Wait(time) => {
                    let sleep = self.sleep.insert(Box::pin(tokio::time::sleep(time)));
                    ready!(sleep.as_mut().poll(context));
                    self.sleep = None;
                }
                BatchStep::Response | BatchStep::Send(..) => return Poll::Pending,
                BatchStep::Done => return Poll::Ready(None),
            }
        }
    }

    /// Takes in the answers that are there; `false` if there are none.
    fn take_answers(&mut self, context: &mut Context<'_>) -> bool {
        let mut some = false;
        let mut at = 0;
        while let Some((job, answer)) = self.in_flight.get_mut(at) {
            match answer.as_mut().poll(context) {
                Poll::Pending => at += 1,
                Poll::Ready(result) => {
                    let job = *job;
                    drop(self.in_flight.swap_remove(at));
                    self.recorded.batch.received(job, Instant::now(), SystemTime::now(), result);
                    self.recorded.write_after(SystemTime::now());
                    some = true;
                }
            }
        }
        some
    }
}
