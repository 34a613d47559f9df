//! The modes of a client: each is the transport that it sends with.

use std::fmt;
use std::time::Duration;

use crate::http::{Request, Response};
#[cfg(feature = "async")]
use crate::transport::{AnyAsyncTransport, AsyncTransport};
use crate::transport::{SendError, SendErrorKind, Transport};

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
        Self(AnyAsyncTransport(Box::new(transport)))
    }
}

impl<S: Platform> Shared<S, Blocking> {
    /// A client without credentials, which cannot send.
    pub(crate) fn offline() -> Self {
        Self::new(Core::offline(), Blocking::new(NoTransport))
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.mode().0
    }
}

#[cfg(feature = "async")]
impl<S: Platform> Shared<S, Async> {
    /// A client without credentials, which cannot send.
    pub(crate) fn offline() -> Self {
        Self::new(Core::offline(), Async::new(NoTransport))
    }

    pub(crate) fn transport(&self) -> &AnyAsyncTransport {
        &self.mode().0
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
    async fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        Err(Self::refuse())
    }
}
