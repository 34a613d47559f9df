//! A body that is read piece by piece.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Incoming};

use crate::transport::SendError;
use crate::transport::suspend::LAST_LOOK;

use super::connection::Live;
use super::failure::{Failure, Road};

/// A body on its way, with the connection that it comes on.
pub(super) struct Reading {
    pub(super) live: Live,
    pub(super) body: Incoming,
    pub(super) host: String,
    pub(super) idle: Duration,
    /// Ends when the next piece is late.
    pub(super) silence: Option<Pin<Box<tokio::time::Sleep>>>,
    /// The next piece is late, and the socket is looked at once more: it may have come while the process did
    /// not run.
    pub(super) is_last_look: bool,
}

impl Reading {
    /// Returns the next bytes, or `None` at the end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, SendError>> {
        let road = Road { host: &self.host, proxy: None, limit: usize::MAX, time: self.idle };
        loop {
            Live::drive(&mut self.live.connection, &mut self.live.ended, cx);
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(road.classify(Failure::http(error), true)));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(data) = frame.into_data().ok().filter(|data| !data.is_empty()) {
                        (self.silence, self.is_last_look) = (None, false);
                        return Poll::Ready(Ok(Some(data)));
                    }
                }
                Poll::Pending if self.live.ended => {
                    return Poll::Ready(Err(road.classify(Failure::Ended, true)));
                }
                Poll::Pending => {
                    let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.idle)));
                    ready!(silence.as_mut().poll(cx));
                    if !std::mem::replace(&mut self.is_last_look, true) {
                        silence.as_mut().reset(tokio::time::Instant::now() + LAST_LOOK);
                        continue;
                    }
                    return Poll::Ready(Err(road.classify(Failure::Timeout, true)));
                }
            }
        }
    }
}
