//! The one thing that a transport does: emitted twice, once for each mode.

use std::sync::Arc;
use std::time::Duration;

use super::{Body, mode};
use crate::http::{Request, Response};
use crate::transport::{Opened, SendError};

/// Sends one request and returns one response.
///
/// What an implementation promises:
///
/// - the request is sent at most once, and as it is;
/// - every answer is a response, whatever its status; redirects are not followed;
/// - the call returns within `timeout`, which covers connecting, sending, waiting and the whole body;
/// - a body larger than the request's `max_response_body` is an error;
/// - an error says [`sent`](SendError::is_sent) unless it is certain that nothing of the request left.
#[mode(AFIT)]
pub trait Transport: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Whatever kept an answer from arriving whole.
    fn send(
        &self,
        request: &Request,
        timeout: Duration,
    ) -> impl Future<Output = Result<Response, SendError>> + Send;

    /// Sends the request, and gives the answer when its header has come: the body follows piece by piece, and
    /// may be of any length.
    ///
    /// The header comes within `timeout`, and each piece of the body within `idle` after the one before. The
    /// rest is as with [`send`](Transport::send), which this does unless a transport has more: then the body
    /// is one piece.
    ///
    /// # Errors
    ///
    /// Whatever kept the header from arriving.
    fn open(
        &self,
        request: &Request,
        timeout: Duration,
        _idle: Duration,
    ) -> impl Future<Output = Result<Opened<Body>, SendError>> + Send {
        async move { self.send(request, timeout).await.map(Opened::from) }
    }
}

/// A transport behind a pointer, also one whose type is not known.
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

/// A shared transport: a test keeps a clone, to see what was sent.
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
