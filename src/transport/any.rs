//! A transport of futures whose type is not known.

use std::pin::Pin;
use std::time::Duration;

use crate::http::{Request, Response};

use super::{AsyncPieces, AsyncTransport, Opened, SendError};

/// A transport of futures behind a pointer, which the trait itself cannot be.
trait DynTransport: Send + Sync {
    fn send_boxed<'a>(
        &'a self,
        request: &'a Request,
        timeout: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Response, SendError>> + Send + 'a>>;

    fn open_boxed<'a>(
        &'a self,
        request: &'a Request,
        timeout: Duration,
        idle: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Opened<AsyncPieces>, SendError>> + Send + 'a>>;
}

impl<T: AsyncTransport> DynTransport for T {
    fn send_boxed<'a>(
        &'a self,
        request: &'a Request,
        timeout: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Response, SendError>> + Send + 'a>> {
        Box::pin(self.send(request, timeout))
    }

    fn open_boxed<'a>(
        &'a self,
        request: &'a Request,
        timeout: Duration,
        idle: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Opened<AsyncPieces>, SendError>> + Send + 'a>> {
        Box::pin(self.open(request, timeout, idle))
    }
}

/// Any transport of futures.
pub(crate) struct AnyAsyncTransport(Box<dyn DynTransport>);

impl AnyAsyncTransport {
    pub(crate) fn new(transport: impl AsyncTransport + 'static) -> Self {
        Self(Box::new(transport))
    }
}

impl AsyncTransport for AnyAsyncTransport {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        self.0.send_boxed(request, timeout).await
    }

    async fn open(
        &self,
        request: &Request,
        timeout: Duration,
        idle: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        self.0.open_boxed(request, timeout, idle).await
    }
}
