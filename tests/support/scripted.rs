//! A transport without a network: a function answers, and every request is kept.

use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use controlplane::http::{Headers, Request, Response};
use controlplane::transport::{
    AsyncPieces, AsyncTransport, Opened, Pieces, SendError, SendErrorKind, Transport,
};

/// What happens to a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A response.
    Whole(Response),
    /// A response whose body comes in pieces; with an error, the connection breaks after them.
    Pieces(u16, Headers, Vec<Vec<u8>>, Option<SendErrorKind>),
    /// No response: why, and whether anything of the request was sent.
    Fails(SendErrorKind, bool),
}

impl Reply {
    /// A response without headers.
    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Whole(Response::new(status, Headers::new(), body))
    }
}

type Answer = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The transport. Its clones share what they have seen.
#[derive(Clone)]
pub(crate) struct Scripted {
    answer: Arc<Answer>,
    sent: Arc<Mutex<Vec<Request>>>,
}

/// Shows the requests.
impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&*self.sent.lock().unwrap()).finish()
    }
}

impl Scripted {
    /// A transport that answers so: the function gets a request and its number, from 0.
    pub(crate) fn new(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), sent: Arc::default() }
    }

    /// Every request so far.
    pub(crate) fn sent(&self) -> Vec<Request> {
        self.sent.lock().unwrap().clone()
    }

    /// Answers a request.
    pub(crate) fn reply(&self, request: &Request) -> Reply {
        let number = {
            let mut sent = self.sent.lock().unwrap();
            sent.push(request.clone());
            sent.len() - 1
        };
        (self.answer)(request, number)
    }

    fn whole(&self, request: &Request) -> Result<Response, SendError> {
        match self.reply(request) {
            Reply::Whole(response) => Ok(response),
            Reply::Pieces(status, headers, pieces, None) => {
                Ok(Response::new(status, headers, pieces.concat()))
            }
            Reply::Pieces(_, _, _, Some(kind)) => Err(error(kind, true)),
            Reply::Fails(kind, is_sent) => Err(error(kind, is_sent)),
        }
    }
}

fn error(kind: SendErrorKind, is_sent: bool) -> SendError {
    SendError::new(kind, is_sent, "as the script says")
}

/// The pieces that are left, then the end.
fn next(
    pieces: &mut std::vec::IntoIter<Vec<u8>>,
    end: Option<SendErrorKind>,
) -> Result<Option<Vec<u8>>, SendError> {
    match (pieces.next(), end) {
        (Some(piece), _) => Ok(Some(piece)),
        (None, Some(kind)) => Err(error(kind, true)),
        (None, None) => Ok(None),
    }
}

impl Transport for Scripted {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        self.whole(request)
    }

    fn open(&self, request: &Request, _: Duration, _: Duration) -> Result<Opened<Pieces>, SendError> {
        match self.reply(request) {
            Reply::Whole(response) => Ok(response.into()),
            Reply::Pieces(status, headers, pieces, end) => {
                let mut pieces = pieces.into_iter();
                Ok(Opened::new(status, headers, Pieces::new(move || next(&mut pieces, end))))
            }
            Reply::Fails(kind, is_sent) => Err(error(kind, is_sent)),
        }
    }
}

impl AsyncTransport for Scripted {
    async fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        self.whole(request)
    }

    async fn open(
        &self,
        request: &Request,
        _: Duration,
        _: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        match self.reply(request) {
            Reply::Whole(response) => Ok(response.into()),
            Reply::Pieces(status, headers, pieces, end) => {
                let mut pieces = pieces.into_iter();
                let body = AsyncPieces::new(move |_| Poll::Ready(next(&mut pieces, end)));
                Ok(Opened::new(status, headers, body))
            }
            Reply::Fails(kind, is_sent) => Err(error(kind, is_sent)),
        }
    }
}
