//! The modes of a client: each is the transport that it sends with.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::engine::asynchronous::{self, driver::SystemClock};
use crate::engine::{Machine, blocking};
use crate::error::Error;
use crate::http::{Request, Response};
#[cfg(feature = "async")]
use crate::transport::{AnyAsyncTransport, AsyncPieces, AsyncTransport, HyperTransport};
use crate::transport::{HttpConfig, Pieces, SendError, SendErrorKind, Transport, UreqTransport};

use super::cancel::{CancelToken, CancellableClock};
use super::{Core, Platform, Shared};

/// The mode of a client whose calls block the thread. The default mode.
pub struct Blocking(Box<dyn Transport>);

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocking")
    }
}

impl Blocking {
    pub(super) fn new(transport: impl Transport + 'static) -> Self {
        Self(Box::new(transport))
    }
}

/// The mode of a client whose calls are futures for Tokio.
#[cfg(feature = "async")]
pub struct Async(AnyAsyncTransport);

#[cfg(feature = "async")]
impl fmt::Debug for Async {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Async")
    }
}

#[cfg(feature = "async")]
impl Async {
    pub(super) fn new(transport: impl AsyncTransport + 'static) -> Self {
        Self(AnyAsyncTransport::new(transport))
    }
}

/// The mode of a client: [`Blocking`] or `Async`. Sealed.
pub trait Mode: Sized {
    /// The open body of a stream in this mode.
    type Body;

    /// The mode with the transport of this crate.
    fn connect(http: &HttpConfig) -> Result<Self, Error>;

    /// The mode of a client without credentials, which cannot send.
    fn offline() -> Self;
}

impl Mode for Blocking {
    type Body = Pieces;

    fn connect(http: &HttpConfig) -> Result<Self, Error> {
        Ok(Self::new(UreqTransport::new(http)?))
    }

    fn offline() -> Self {
        Self::new(NoTransport)
    }
}

#[cfg(feature = "async")]
impl Mode for Async {
    type Body = AsyncPieces;

    fn connect(http: &HttpConfig) -> Result<Self, Error> {
        Ok(Self::new(HyperTransport::new(http)?))
    }

    fn offline() -> Self {
        Self::new(NoTransport)
    }
}

impl<S: Platform, M: Mode> Shared<S, M> {
    /// A client without credentials, which cannot send.
    pub(crate) fn offline() -> Self {
        Self::new(Core::offline(), M::offline())
    }
}

impl<S: Platform> Shared<S, Blocking> {
    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.mode().0
    }

    /// Runs a machine to its outcome. `body` is the open body of a stream.
    pub(crate) fn drive<O>(
        &self,
        cancel: Option<&CancelToken>,
        machine: &mut dyn Machine<Output = O>,
        body: &mut Option<Pieces>,
    ) -> Result<O, Error> {
        let (transport, clock) = (self.transport(), self.core().clock());
        match cancel {
            None => blocking::driver::drive(transport, clock, None, machine, body),
            Some(token) => {
                let clock = CancellableClock { clock, token };
                blocking::driver::drive(transport, &clock, Some(token.interrupt()), machine, body)
            }
        }
    }
}

#[cfg(feature = "async")]
impl<S: Platform> Shared<S, Async> {
    pub(crate) fn transport(&self) -> &AnyAsyncTransport {
        &self.mode().0
    }

    /// Runs a machine to its outcome. `body` is the open body of a stream.
    pub(crate) fn drive<'a, O>(
        &'a self,
        cancel: Option<&'a CancelToken>,
        machine: &'a mut dyn Machine<Output = O>,
        body: &'a mut Option<AsyncPieces>,
    ) -> impl Future<Output = Result<O, Error>> + Send + 'a {
        let interrupt = cancel.map(CancelToken::interrupt);
        asynchronous::driver::drive(self.transport(), &SystemClock, interrupt, machine, body)
    }
}

/// The transport of a client that cannot send: it is never asked, because there are no credentials either.
#[derive(Debug)]
struct NoTransport;

impl NoTransport {
    fn refuse() -> SendError {
        SendError::new(SendErrorKind::InvalidRequest, false, "this client is offline")
    }
}

impl Transport for NoTransport {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        Err(Self::refuse())
    }
}

#[cfg(feature = "async")]
impl AsyncTransport for NoTransport {
    fn send(&self, _: &Request, _: Duration) -> impl Future<Output = Result<Response, SendError>> + Send {
        std::future::ready(Err(Self::refuse()))
    }
}
