//! The trait of transports, emitted once for each mode.

use std::sync::Arc;
use std::time::Duration;

use super::{Body, mode};
use crate::http::{Request, Response};
use crate::transport::{Opened, SendError};

/// A transport: it sends one request and returns one response.
///
/// A client relies on these promises of an implementation:
///
/// - the request is sent at most once, unchanged;
/// - every response is returned, whatever its status; redirects are not followed;
/// - the call returns within `timeout`, which covers connecting, sending, waiting and the whole body;
/// - a body larger than the request's `max_response_body` is an error;
/// - an error is [`sent`](SendError::is_sent) unless it is certain that nothing of the request was sent.
#[mode(AFIT)]
pub trait Transport: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// The reason why no complete response arrived.
    fn send(
        &self,
        request: &Request,
        timeout: Duration,
    ) -> impl Future<Output = Result<Response, SendError>> + Send;

    /// Sends the request, and returns the response when its head (the status and the headers) has arrived.
    /// The body follows in pieces, and may have any length.
    ///
    /// The head has to arrive within `timeout`, and each piece of the body within `idle` after the piece
    /// before. Everything else is as with [`send`](Transport::send). The default implementation calls `send`,
    /// and returns the whole body as one piece.
    ///
    /// # Errors
    ///
    /// The reason why the head did not arrive.
    fn open(
        &self,
        request: &Request,
        timeout: Duration,
        _idle: Duration,
    ) -> impl Future<Output = Result<Opened<Body>, SendError>> + Send {
        async move { self.send(request, timeout).await.map(Opened::from) }
    }
}

/// A boxed transport is a transport, also `Box<dyn Transport>`.
#[mode(AFIT)]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        (**self).send(request, timeout).await
    }

    async fn open(
        &self,
        request: &Request,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Opened<Body>, SendError> {
        (**self).open(request, timeout, idle).await
    }
}

/// A shared transport is a transport: a test can keep a clone of the `Arc`, to look at the requests later.
#[mode(AFIT)]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        (**self).send(request, timeout).await
    }

    async fn open(
        &self,
        request: &Request,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Opened<Body>, SendError> {
        (**self).open(request, timeout, idle).await
    }
}
