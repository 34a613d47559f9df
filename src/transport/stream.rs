//! Responses whose bodies arrive in pieces.

use std::fmt;
#[cfg(any(test, feature = "async"))]
use std::task::{Context, Poll};

use crate::http::{Headers, Response};

use super::SendError;

/// The head of a response, and its body as [`Pieces`] or `AsyncPieces`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<B> {
    /// The HTTP status.
    pub status: u16,
    /// The headers. `Debug` shows few.
    pub headers: Headers,
    /// The body.
    pub body: B,
}

impl<B> Opened<B> {
    /// Returns a response with this status, these headers and this body.
    pub fn new(status: u16, headers: Headers, body: B) -> Self {
        Self { status, headers, body }
    }
}

/// A body, for blocking programs. It closes its connection if it is dropped before its end.
pub struct Pieces(Box<dyn FnMut() -> Result<Option<Vec<u8>>, SendError> + Send>);

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

impl Pieces {
    /// Returns a body whose pieces this function returns; `None`: the body is complete.
    pub fn new(next: impl FnMut() -> Result<Option<Vec<u8>>, SendError> + Send + 'static) -> Self {
        Self(Box::new(next))
    }

    /// Returns the next piece; `None`: the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next piece did not arrive. It is the last item.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        (self.0)()
    }
}

/// Converts a complete response: the body is one piece.
impl From<Response> for Opened<Pieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, Pieces::new(move || Ok(body.take())))
    }
}

#[cfg(any(test, feature = "async"))]
type PollPiece = dyn FnMut(&mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> + Send;

/// A body, for async programs. It closes its connection if it is dropped before its end.
#[cfg(any(test, feature = "async"))]
pub struct AsyncPieces(Box<PollPiece>);

#[cfg(any(test, feature = "async"))]
impl fmt::Debug for AsyncPieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncPieces")
    }
}

#[cfg(any(test, feature = "async"))]
impl AsyncPieces {
    /// Returns a body whose pieces this function returns when it is polled; `None`: the body is complete.
    pub fn new(
        poll: impl FnMut(&mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> + Send + 'static,
    ) -> Self {
        Self(Box::new(poll))
    }

    /// Returns the next piece; `None`: the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next piece did not arrive. It is the last item.
    #[cfg(any(feature = "async", streams))]
    pub async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        std::future::poll_fn(|context| (self.0)(context)).await
    }
}

/// Converts a complete response: the body is one piece.
#[cfg(any(test, feature = "async"))]
impl From<Response> for Opened<AsyncPieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, AsyncPieces::new(move |_| Poll::Ready(Ok(body.take()))))
    }
}
