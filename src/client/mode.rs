//! The modes of a client: each is the transport that it sends with.

use std::fmt;
#[cfg(all(batches, feature = "async"))]
use std::pin::Pin;
#[cfg(batches)]
use std::sync::Arc;
use std::time::Duration;

#[cfg(tokens)]
use crate::auth::{Authorized, Once};
#[cfg(feature = "async")]
use crate::engine::asynchronous::{self, driver::SystemClock};
#[cfg(errands)]
use crate::engine::batch::{Errand, Returned};
use crate::engine::machine::Caller;
#[cfg(tokens)]
use crate::engine::machine::Detached;
use crate::engine::{Machine, blocking};
use crate::error::Error;
#[cfg(batches)]
use crate::http::Interrupt;
use crate::http::{Request, Response};
#[cfg(feature = "async")]
use crate::transport::{AnyAsyncTransport, AsyncPieces, AsyncTransport, HyperTransport};
use crate::transport::{HttpConfig, Pieces, SendError, SendErrorKind, Transport, UreqTransport};

#[cfg(tokens)]
use super::AccessTokens;
#[cfg(batches)]
use super::batch::BatchPlatform;
use super::cancel::{CancelToken, CancellableClock};
use super::{Core, Platform, Shared};

/// The mode of a client whose calls block the thread: the default of the type parameter `M` of clients and
/// batches.
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

    /// A client without credentials, for requests to others than the service.
    #[cfg(feature = "sign-in")]
    pub(crate) fn without_credentials(http: &HttpConfig) -> Result<Self, Error> {
        Ok(Self::new(Core::offline(), M::connect(http)?))
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
        let caller = Caller {
            cancel: cancel.map(CancelToken::interrupt),
            #[cfg(tokens)]
            detach: &|machine| self.detach(machine),
        };
        match cancel {
            None => blocking::driver::drive(transport, clock, caller, machine, body),
            Some(token) => {
                let clock = CancellableClock { clock, token };
                blocking::driver::drive(transport, &clock, caller, machine, body);
            }
        }
        machine.finish().map_err(|error| self.core().masked(error))
    }

    /// Runs a machine on a thread of its own. With a clock of a test it runs here and now: that clock stands
    /// still unless somebody waits. So it does if the system has no thread, because a machine that is dropped
    /// may lose a token.
    #[cfg(tokens)]
    fn detach(&self, machine: Detached) {
        if !self.core().clock().is_of_the_system() {
            return self.run_detached(machine);
        }
        // The machine is passed by a channel, so that it is still here if there is no thread.
        let (give, take) = std::sync::mpsc::channel();
        let client = self.clone();
        let work = move || {
            if let Ok(machine) = take.recv() {
                client.run_detached(machine);
            }
        };
        let thread = std::thread::Builder::new().name("controlplane token".into()).spawn(work);
        if let Err(std::sync::mpsc::SendError(machine)) = give.send(machine) {
            // Without a thread nobody receives.
            drop(thread);
            self.run_detached(machine);
        }
    }

    #[cfg(tokens)]
    fn run_detached(&self, mut machine: Detached) {
        let caller = Caller { cancel: None, detach: &drop };
        let clock = self.core().clock();
        blocking::driver::drive(self.transport(), clock, caller, &mut machine.0, &mut None);
        // Its outcome is in the state that it shares with the calls.
        drop(machine.0.finish());
    }
}

/// A client that sends the requests of a batch, whichever its service. Sealed.
#[cfg(batches)]
pub trait Sender: Send + Sync {
    /// Sends a request once, with an access token if the account has them.
    fn send_once(
        &self,
        request: &Arc<Request>,
        timeout: Duration,
        interrupt: Option<&Interrupt>,
    ) -> Result<Response, SendError>;

    /// Carries out an errand of one of its calls.
    #[cfg(errands)]
    fn carry_out(&self, errand: Errand) -> Returned;
}

#[cfg(batches)]
impl<S: BatchPlatform> Sender for Shared<S, Blocking> {
    fn send_once(
        &self,
        request: &Arc<Request>,
        timeout: Duration,
        interrupt: Option<&Interrupt>,
    ) -> Result<Response, SendError> {
        #[cfg(tokens)]
        if let Some(AccessTokens(tokens)) = self.core().tokens_for(request) {
            let once = Once::new(request.clone(), timeout);
            let mut machine = Authorized::new(tokens.clone(), once, self.core().settings.clone());
            let cancel = interrupt.cloned().map(CancelToken::of);
            let sent = self.drive(cancel.as_ref(), &mut machine, &mut None);
            return sent.unwrap_or_else(|error| Err(not_sent(error)));
        }
        let _ = interrupt;
        self.transport().send(request, timeout)
    }

    #[cfg(errands)]
    fn carry_out(&self, errand: Errand) -> Returned {
        S::carry_out(self, errand).map_err(|error| self.core().masked(error))
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
        let cancel = cancel.map(CancelToken::interrupt);
        async move {
            let caller = Caller {
                cancel,
                #[cfg(tokens)]
                detach: &|machine| self.detach(machine),
            };
            let (transport, clock) = (self.transport(), &SystemClock);
            asynchronous::driver::drive(transport, clock, caller, machine, body).await;
            machine.finish().map_err(|error| self.core().masked(error))
        }
    }

    /// Runs a machine as a task of its own.
    #[cfg(tokens)]
    fn detach(&self, mut machine: Detached) {
        let client = self.clone();
        tokio::spawn(async move {
            let caller = Caller { cancel: None, detach: &drop };
            let (transport, machine) = (client.transport(), &mut machine.0);
            asynchronous::driver::drive(transport, &SystemClock, caller, machine, &mut None).await;
            // Its outcome is in the state that it shares with the calls.
            drop(machine.finish());
        });
    }
}

/// A request of a batch that is in flight.
#[cfg(all(batches, feature = "async"))]
pub(crate) type Sending = Pin<Box<dyn Future<Output = Result<Response, SendError>> + Send>>;

/// An errand of a batch that is under way.
#[cfg(all(errands, feature = "async"))]
pub(crate) type Returning = Pin<Box<dyn Future<Output = Returned> + Send>>;

/// A client that sends the requests of a batch of futures, whichever its service. Sealed.
#[cfg(all(batches, feature = "async"))]
pub trait AsyncSender: Send + Sync {
    /// Sends a request once, with an access token if the account has them.
    fn send_once(&self, request: Arc<Request>, timeout: Duration) -> Sending;

    /// Carries out an errand of one of its calls.
    #[cfg(errands)]
    fn carry_out(&self, errand: Errand) -> Returning;
}

#[cfg(all(batches, feature = "async"))]
impl<S: BatchPlatform> AsyncSender for Shared<S, Async> {
    fn send_once(&self, request: Arc<Request>, timeout: Duration) -> Sending {
        let client = self.clone();
        Box::pin(async move { client.sent_once(request, timeout).await })
    }

    #[cfg(errands)]
    fn carry_out(&self, errand: Errand) -> Returning {
        let client = self.clone();
        Box::pin(async move {
            let returned = S::carry_out_async(client.clone(), errand).await;
            returned.map_err(|error| client.core().masked(error))
        })
    }
}

#[cfg(all(batches, feature = "async"))]
impl<S: BatchPlatform> Shared<S, Async> {
    async fn sent_once(&self, request: Arc<Request>, timeout: Duration) -> Result<Response, SendError> {
        #[cfg(tokens)]
        if let Some(AccessTokens(tokens)) = self.core().tokens_for(&request) {
            let once = Once::new(request, timeout);
            let mut machine = Authorized::new(tokens.clone(), once, self.core().settings.clone());
            let sent = self.drive(None, &mut machine, &mut None).await;
            return sent.unwrap_or_else(|error| Err(not_sent(error)));
        }
        self.transport().send(&request, timeout).await
    }
}

#[cfg(tokens)]
impl<S: BatchPlatform> Core<S> {
    /// The access tokens to add to this request of a batch.
    fn tokens_for(&self, request: &Request) -> Option<AccessTokens<'_>> {
        self.protocol.as_deref().and_then(|protocol| S::tokens_for(protocol, request))
    }
}

/// The machine that sends one request has an outcome in any case.
#[cfg(tokens)]
#[cold]
fn not_sent(error: Error) -> SendError {
    SendError::new(SendErrorKind::Token, false, error.to_string()).with_source(error)
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
