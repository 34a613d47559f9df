//! A call: a command, the client that sends it, and its limits.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(batches)]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "sign-in")]
use crate::auth::Authorized;
use crate::engine::{BoxMachine, Machine, Observer, PollPolicy, Progress, RetryPolicy, Settings};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;

#[cfg(feature = "async")]
use super::Async;
use super::cancel::CancelToken;
use super::{Blocking, Core, Platform, Shared};

/// A command, with the client that sends it and the limits of the call.
///
/// A call does nothing until it is sent. It owns its command and a clone of the client, so it can be kept,
/// and sent from another thread.
///
/// Each service has an alias of this type, such as `onehouse::Call`, with more methods of that service.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<S: Platform, M, C> {
    pub(crate) client: Shared<S, M>,
    pub(crate) command: C,
    pub(crate) options: CallOptions<S>,
}

impl<S: Platform, M, C: Clone> Clone for Call<S, M, C> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), command: self.command.clone(), options: self.options.clone() }
    }
}

impl<S: Platform, M, C: fmt::Debug> fmt::Debug for Call<S, M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("client", &self.client)
            .field("command", &self.command)
            .field("options", &self.options)
            .finish()
    }
}

/// The options of one call.
#[derive(Clone)]
pub struct CallOptions<S: Platform> {
    pub(crate) settings: Settings,
    pub(crate) observer: Observer,
    pub(crate) cancel: Option<CancelToken>,
    /// The key of the call in its batch.
    #[cfg(batches)]
    pub(crate) key: Option<Arc<str>>,
    /// The options that the service adds.
    pub(crate) own: S::Options,
}

impl<S: Platform> fmt::Debug for CallOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("settings", &self.settings)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}

impl<S: Platform> CallOptions<S> {
    /// The options of a call that sets none.
    pub(crate) fn of(core: &Core<S>) -> Self {
        Self {
            settings: core.settings.clone(),
            observer: Observer::default(),
            cancel: None,
            #[cfg(batches)]
            key: None,
            own: S::Options::default(),
        }
    }
}

impl<S: Platform, M, C> Call<S, M, C> {
    pub(crate) fn new(client: Shared<S, M>, command: C) -> Self {
        let options = CallOptions::of(client.core());
        Self { client, command, options }
    }

    /// Another command with the same client and limits.
    pub(crate) fn map<D>(self, make: impl FnOnce(C) -> D) -> Call<S, M, D> {
        Call { client: self.client, command: make(self.command), options: self.options }
    }

    /// Returns the command.
    pub fn command(&self) -> &C {
        &self.command
    }

    /// Sets the time limit of the whole call: submit, retries, waits and requests in flight. When it has
    /// passed, the call ends with [`OperationTimeout`](crate::ErrorKind::OperationTimeout), or with the error
    /// of its last attempt.
    ///
    /// Default: the client's timeout; waits for a resource or a run have longer defaults.
    /// [`docs::timeouts`](crate::docs::timeouts) lists the defaults of each service.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        (self.options.settings.timeout, self.options.settings.has_own_timeout) = (timeout, true);
        self
    }

    /// Sets the time limit of the whole call, unless the program has set one, here or on the client.
    #[cfg(checks)]
    pub(crate) fn default_timeout(mut self, timeout: Duration) -> Self {
        if !self.options.settings.has_own_timeout {
            self.options.settings.timeout = timeout;
        }
        self
    }

    /// Sets the time limit of one HTTP request, response body included. Default: the client's;
    /// [`docs::timeouts`](crate::docs::timeouts) lists the defaults of each service.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.options.settings.http_timeout = timeout;
        self
    }

    /// Sets the first interval between two polls. Later intervals grow by the factor of the polling policy
    /// ([`polling`](Call::polling)), up to its longest interval, or up to this one if it is longer. Less than
    /// 10 ms counts as 10 ms. Default: the client's; [`docs::timeouts`](crate::docs::timeouts) lists the
    /// defaults of each service.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.settings.poll = self.options.settings.poll.clone().beginning_with(interval);
        self
    }

    /// Sets the intervals between two polls: the first, their growth and the longest. Default: the client's.
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.options.settings.poll = policy;
        self
    }

    /// Sets how often and after which delays a failed request is sent again. Default: the client's policy.
    ///
    /// The policy does not decide which requests are repeated: a request that may have changed something is
    /// not repeated. See [`docs::errors`](crate::docs::errors).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.settings.retry = policy;
        self
    }

    /// Sets a callback for the progress of the call, to show it or to keep the request id. The callback runs
    /// on the thread that waits, so it should return soon.
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.options.observer = Observer::new(callback);
        self
    }

    /// Sets a token with which another thread or task can cancel the call: see [`CancelToken`].
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.options.cancel = Some(token.clone());
        self
    }
}

type Start<S, C, T> = fn(&C, &Core<S>, &CallOptions<S>) -> Result<Running<T>, Error>;

impl<S: Platform, M, C> Call<S, M, C> {
    /// Makes the machine of the call, with access tokens if the account has them.
    fn machine<T: 'static>(&self, start: Start<S, C, T>) -> Result<BoxMachine<T>, Error> {
        let machine = start(&self.command, self.client.core(), &self.options)?.0;
        #[cfg(feature = "sign-in")]
        if let Some(tokens) = self.client.tokens() {
            return Ok(Box::new(Authorized::new(tokens.clone(), machine, self.options.settings.clone())));
        }
        Ok(machine)
    }
}

impl<S: Platform, C> Call<S, Blocking, C> {
    /// Runs the machine of the call.
    pub(crate) fn run<T: 'static>(self, start: Start<S, C, T>) -> Result<T, Error> {
        let mut machine = self.machine(start)?;
        self.client.drive(self.options.cancel.as_ref(), &mut machine, &mut None)
    }
}

impl<S: Platform, A: Action<S>> Call<S, Blocking, A> {
    /// Sends the call and returns its outcome. For an operation that the call polls, it returns when the
    /// operation has ended.
    ///
    /// # Errors
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument), [`Credentials`](ErrorKind::Credentials): nothing
    ///   was sent to the service;
    /// - [`Rejected`](ErrorKind::Rejected), [`Authentication`](ErrorKind::Authentication) and the other kinds
    ///   of an HTTP status: the server rejected the request;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown): the server may have accepted the request; it was not
    ///   sent again;
    /// - [`OperationFailed`](ErrorKind::OperationFailed): the operation failed (Onehouse: as `FAILED` or
    ///   `INVALID`);
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): the timeout of the call has passed. If the error
    ///   has a request id or a resource, the operation may continue at the server: wait for its end with that
    ///   id or name. If it has neither, nothing was sent, or the call only reads;
    /// - [`Transport`](ErrorKind::Transport), [`Tls`](ErrorKind::Tls): there was no connection, it broke, or
    ///   a response did not arrive in time. If the error has a request id or a resource, the operation may
    ///   continue at the server.
    ///
    /// [`docs::errors`](crate::docs::errors) lists all kinds.
    pub fn send(self) -> Result<A::Output, Error> {
        self.run(A::start)
    }
}

#[cfg(feature = "async")]
impl<S: Platform, C> Call<S, Async, C> {
    /// Runs the machine of the call.
    pub(crate) fn run<T: 'static>(
        self,
        start: Start<S, C, T>,
    ) -> impl Future<Output = Result<T, Error>> + use<S, C, T> {
        // It begins when it is polled, inside the spans of whoever awaits it. Until then the call is boxed: a future has
        // room for all that it was made of, and many thousands may wait.
        let call = Box::new(self);
        async move {
            let (machine, client, cancel) = {
                let call = *call;
                (call.machine(start), call.client, call.options.cancel)
            };
            client.drive(cancel.as_ref(), &mut machine?, &mut None).await
        }
    }
}

#[cfg(feature = "async")]
impl<S: Platform, A: Action<S>> Call<S, Async, A> {
    /// Sends the call and returns its outcome. For an operation that the call polls, it returns when the
    /// operation has ended. `.await` on the call itself does the same.
    ///
    /// Dropping the future ends the wait; a submitted operation continues at the server. To be able to resume
    /// the operation, keep the request id that [`on_progress`](Call::on_progress) reports, or submit the call
    /// without waiting, and wait in a second call.
    ///
    /// # Errors
    ///
    /// The errors are those of `send` of a blocking call, which this page lists too.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled outside a Tokio runtime with I/O and time enabled, as Tokio's own
    /// futures do.
    pub fn send(self) -> impl Future<Output = Result<A::Output, Error>> + use<S, A> {
        self.run(A::start)
    }
}

/// `.await` on a call is `.send().await`.
#[cfg(feature = "async")]
impl<S, A> IntoFuture for Call<S, Async, A>
where
    S: Platform,
    A: Action<S> + Send + Sync + 'static,
{
    type Output = Result<A::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// An action that a [`Call`] can send: a command of a service, a wait, a query. The trait is sealed: only
/// types of this crate implement it.
pub trait Action<S: Platform> {
    /// The output of the call.
    type Output: 'static;

    /// Makes the machine that carries it out.
    #[doc(hidden)]
    fn start(&self, core: &Core<S>, options: &CallOptions<S>) -> Result<Running<Self::Output>, Error>;
}

/// A machine that is ready to run.
pub struct Running<T>(pub(crate) BoxMachine<T>);

impl<T> fmt::Debug for Running<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl<T> Running<T> {
    pub(crate) fn new(machine: impl Machine<Output = T> + 'static) -> Self {
        Self(Box::new(machine))
    }
}
