//! Answers whose bodies come piece by piece.

use std::fmt;
#[cfg(any(test, feature = "async"))]
use std::task::{Context, Poll};

use crate::http::{Headers, Response};

use super::SendError;

/// The beginning of an answer, and what gives its body: [`Pieces`] or `AsyncPieces`.
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
    /// An answer.
    pub fn new(status: u16, headers: Headers, body: B) -> Self {
        Self { status, headers, body }
    }
}

/// A body, for blocking programs. Dropped before its end, it closes its connection.
pub struct Pieces(Box<dyn FnMut() -> Result<Option<Vec<u8>>, SendError> + Send>);

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

impl Pieces {
    /// A body whose pieces this function gives; `None`: it has ended as it should.
    pub fn new(next: impl FnMut() -> Result<Option<Vec<u8>>, SendError> + Send + 'static) -> Self {
        Self(Box::new(next))
    }

    /// The next piece; `None`: it has ended as it should.
    ///
    /// # Errors
    ///
    /// What kept the next piece from arriving. Nothing comes after it.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        (self.0)()
    }
}

/// A whole answer as one piece.
impl From<Response> for Opened<Pieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, Pieces::new(move || Ok(body.take())))
    }
}

#[cfg(any(test, feature = "async"))]
type PollPiece = dyn FnMut(&mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> + Send;

/// A body, for programs with futures. Dropped before its end, it closes its connection.
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
    /// A body whose pieces this function gives when it is polled; `None`: it has ended as it should.
    pub fn new(
        poll: impl FnMut(&mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> + Send + 'static,
    ) -> Self {
        Self(Box::new(poll))
    }

    /// The next piece; `None`: it has ended as it should.
    ///
    /// # Errors
    ///
    /// What kept the next piece from arriving. Nothing comes after it.
    #[cfg(any(feature = "async", streams))]
    pub async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        std::future::poll_fn(|context| (self.0)(context)).await
    }
}

/// A whole answer as one piece.
#[cfg(any(test, feature = "async"))]
impl From<Response> for Opened<AsyncPieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, AsyncPieces::new(move |_| Poll::Ready(Ok(body.take()))))
    }
}
