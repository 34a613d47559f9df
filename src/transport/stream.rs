//! Responses whose bodies arrive in pieces.

use std::fmt;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::http::{Headers, Response};

use super::SendError;

/// A response whose body has not been read yet: the status, the headers, and the body as [`Pieces`] or
/// `AsyncPieces`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<B> {
    /// The HTTP status.
    pub status: u16,
    /// The headers. `Debug` shows the values of a few harmless headers only.
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

/// Appends bytes of the body to the buffer, at least one and at most so many; false: the body is complete.
type Fill = dyn FnMut(&mut Vec<u8>, usize) -> Result<bool, SendError> + Send;

/// The length of a piece where the reader has no buffer of its own.
const PIECE: usize = 16 * 1024;

/// The body of a response, which a blocking program reads in pieces. Dropping it before its end closes the
/// connection.
pub struct Pieces(Box<Fill>);

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

impl Pieces {
    /// Returns a body that consists of the pieces that `next` returns. `next` returns `None` when the body is
    /// complete.
    pub fn new(mut next: impl FnMut() -> Result<Option<Vec<u8>>, SendError> + Send + 'static) -> Self {
        let mut rest = Bytes::new();
        Self::reading(move |buffer, most| {
            while rest.is_empty() {
                let Some(piece) = next()? else { return Ok(false) };
                rest = piece.into();
            }
            append(&mut rest, buffer, most);
            Ok(true)
        })
    }

    /// Returns a body that `fill` appends to a buffer, part by part. Each call of `fill` appends at least one
    /// byte and at most as many bytes as its second argument says, and returns true; or it appends nothing
    /// and returns false, if the body is complete.
    ///
    /// A long body is copied once less than with [`new`](Self::new).
    pub fn reading(
        fill: impl FnMut(&mut Vec<u8>, usize) -> Result<bool, SendError> + Send + 'static,
    ) -> Self {
        Self(Box::new(fill))
    }

    /// Appends the next bytes of the body to the buffer, at most `most`, and returns true. Returns false if
    /// the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next bytes did not arrive. After an error, nothing more can be read.
    pub fn read(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<bool, SendError> {
        (self.0)(buffer, most)
    }

    /// Returns the next piece of the body, or `None` if the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next piece did not arrive. After an error, nothing more can be read.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        let mut piece = Vec::new();
        Ok(self.read(&mut piece, PIECE)?.then_some(piece))
    }
}

/// Moves at most so many bytes of a piece to the end of the buffer.
pub(crate) fn append(rest: &mut Bytes, buffer: &mut Vec<u8>, most: usize) {
    buffer.extend_from_slice(&rest.split_to(rest.len().min(most)));
}

/// Converts a complete response: the body is one piece.
impl From<Response> for Opened<Pieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, Pieces::new(move || Ok(body.take())))
    }
}

#[cfg(feature = "async")]
type PollFill = dyn FnMut(&mut Context<'_>, &mut Vec<u8>, usize) -> Poll<Result<bool, SendError>> + Send;

/// The body of a response, which an async program reads in pieces. Dropping it before its end closes the
/// connection.
#[cfg(feature = "async")]
pub struct AsyncPieces(Box<PollFill>);

#[cfg(feature = "async")]
impl fmt::Debug for AsyncPieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncPieces")
    }
}

#[cfg(feature = "async")]
impl AsyncPieces {
    /// Returns a body that consists of the pieces that `poll` returns when it is polled. It returns `None`
    /// when the body is complete.
    pub fn new(
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, SendError>> + Send + 'static,
    ) -> Self {
        let mut rest = Bytes::new();
        Self::reading(move |context, buffer, most| {
            while rest.is_empty() {
                let Some(piece) = ready!(poll(context))? else { return Poll::Ready(Ok(false)) };
                rest = piece.into();
            }
            append(&mut rest, buffer, most);
            Poll::Ready(Ok(true))
        })
    }

    /// Returns a body that `poll` appends to a buffer, part by part. Each time that `poll` is ready, it has
    /// appended at least one byte and at most as many bytes as its third argument says, and returns true; or
    /// it has appended nothing and returns false, if the body is complete.
    pub fn reading(
        poll: impl FnMut(&mut Context<'_>, &mut Vec<u8>, usize) -> Poll<Result<bool, SendError>> + Send + 'static,
    ) -> Self {
        Self(Box::new(poll))
    }

    /// Appends the next bytes of the body to the buffer, at most `most`, and returns true. Returns false if
    /// the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next bytes did not arrive. After an error, nothing more can be read.
    pub async fn read(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<bool, SendError> {
        std::future::poll_fn(|context| (self.0)(context, buffer, most)).await
    }

    /// Returns the next piece of the body, or `None` if the body is complete.
    ///
    /// # Errors
    ///
    /// The reason why the next piece did not arrive. After an error, nothing more can be read.
    pub async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        let mut piece = Vec::new();
        Ok(self.read(&mut piece, PIECE).await?.then_some(piece))
    }
}

/// Converts a complete response: the body is one piece.
#[cfg(feature = "async")]
impl From<Response> for Opened<AsyncPieces> {
    fn from(response: Response) -> Self {
        let mut body = Some(response.body).filter(|body| !body.is_empty());
        Self::new(response.status, response.headers, AsyncPieces::new(move |_| Poll::Ready(Ok(body.take()))))
    }
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;

    #[test]
    fn a_piece_longer_than_the_room_is_read_in_parts() {
        let pieces = || [vec![1, 2, 3, 4, 5], vec![], vec![6], vec![7, 8]].into_iter();
        for most in 1..7 {
            let (mut left, mut left_async) = (pieces(), pieces());
            let mut body = Pieces::new(move || Ok(left.next()));
            let mut body_async = AsyncPieces::new(move |_| Poll::Ready(Ok(left_async.next())));
            let mut context = Context::from_waker(std::task::Waker::noop());
            let (mut read, mut read_async) = (vec![0], vec![0]);
            loop {
                let before = read.len();
                let is_read = body.read(&mut read, most).unwrap();
                let polled = (body_async.0)(&mut context, &mut read_async, most);
                assert!(matches!(polled, Poll::Ready(Ok(same)) if same == is_read));
                if !is_read {
                    break;
                }
                assert!((1..=most).contains(&(read.len() - before)), "{most}");
            }
            assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7, 8], "{most}");
            assert_eq!(read_async, read);
        }
    }
}
