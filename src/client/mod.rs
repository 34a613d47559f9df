//! What the clients of all services share: their modes, their settings and how a call is sent.
//!
//! Each service has names of its own for these, with itself filled in: `onehouse::Call`, `onehouse::ClientBuilder`,
//! `onehouse::Blocking`. Programs use those.

mod base_url;
pub(crate) mod batch;
mod builder;
mod call;
mod cancel;
mod clock;
mod mode;
mod pages;

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use crate::engine::{Budget, Context, Service, Settings};
use crate::error::{Error, ErrorKind};

pub(crate) use base_url::checked_base_url;
pub use builder::ClientBuilder;
pub(crate) use call::not_run;
pub use call::{Action, Call, CallOptions, Running};
pub use cancel::CancelToken;
#[cfg(feature = "arrow")]
pub(crate) use cancel::{Cancellable, CancellableClock, cancelled};
use clock::AnyClock;
#[cfg(feature = "async")]
pub use mode::Async;
pub use mode::Blocking;
#[cfg(feature = "async")]
pub use pages::ItemStream;
pub use pages::{Items, Next, Paged};

/// A service, for what all clients share. Not to be implemented outside this crate.
pub trait Platform: Copy + fmt::Debug + 'static {
    /// The client of this service.
    type Client<M>;

    /// What the builder collects besides the settings: credentials, for instance.
    #[doc(hidden)]
    type Setup: fmt::Debug + Default;

    /// What makes a request one of this account.
    #[doc(hidden)]
    type Protocol: fmt::Debug + Send + Sync;

    /// What can be chosen for one call besides the settings.
    #[doc(hidden)]
    type Options: fmt::Debug + Clone + Default + Send + Sync;

    /// Requests in a second that a client sends unless told otherwise.
    #[doc(hidden)]
    const REQUESTS_PER_SECOND: Option<u32>;

    #[doc(hidden)]
    fn settings() -> Defaults;

    #[doc(hidden)]
    fn protocol(setup: Self::Setup) -> Result<Self::Protocol, Error>;

    #[doc(hidden)]
    fn client<M>(shared: Shared<Self, M>) -> Self::Client<M>;
}

/// The settings that a service's clients begin with.
#[derive(Debug, Default)]
pub struct Defaults(pub(crate) Settings);

/// What a client is behind its helpers; all its clones have the same one.
pub struct Shared<S: Platform, M>(Arc<Inner<S, M>>);

struct Inner<S: Platform, M> {
    core: Core<S>,
    mode: M,
}

impl<S: Platform, M> Clone for Shared<S, M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Platform, M> fmt::Debug for Shared<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("protocol", &self.0.core.protocol).finish_non_exhaustive()
    }
}

impl<S: Platform, M> Shared<S, M> {
    fn new(core: Core<S>, mode: M) -> Self {
        Self(Arc::new(Inner { core, mode }))
    }

    /// Whether these are clones of one client.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn core(&self) -> &Core<S> {
        &self.0.core
    }

    pub(crate) fn mode(&self) -> &M {
        &self.0.mode
    }
}

/// What a client is, whichever its mode.
#[derive(Debug)]
pub struct Core<S: Platform> {
    /// `None`: the client has no credentials and cannot send.
    protocol: Option<Arc<S::Protocol>>,
    settings: Settings,
    budget: Arc<Budget>,
    clock: AnyClock,
}

// A derived one would ask that the protocol can be cloned, which is only shared.
impl<S: Platform> Clone for Core<S> {
    fn clone(&self) -> Self {
        Self {
            protocol: self.protocol.clone(),
            settings: self.settings.clone(),
            budget: self.budget.clone(),
            clock: self.clock.clone(),
        }
    }
}

impl<S: Platform> Core<S> {
    fn offline() -> Self {
        Self {
            protocol: None,
            settings: S::settings().0,
            budget: Arc::new(Budget::unlimited()),
            clock: AnyClock::default(),
        }
    }

    pub(crate) fn protocol(&self) -> Result<&Arc<S::Protocol>, Error> {
        self.protocol.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Credentials,
                "sending a call",
                "this client was made with `Client::offline()`, which has no credentials",
            )
            .with_advice("Make it with `Client::from_env()` or with credentials of your own to send.")
        })
    }

    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(crate) fn clock(&self) -> &AnyClock {
        &self.clock
    }

    /// What a machine needs besides its request.
    pub(crate) fn context(
        &self,
        service: Arc<dyn Service>,
        label: String,
        secrets: Vec<SecretString>,
        options: &CallOptions<S>,
    ) -> Arc<Context> {
        let observer = options.observer.clone().of(&label);
        Arc::new(Context {
            label,
            settings: options.settings.clone(),
            budget: self.budget.clone(),
            service,
            secrets,
            observer,
        })
    }
}
