//! The part of a client that all its clones, calls and streams share.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "sign-in")]
use crate::auth::Tokens;
use crate::engine::{Budget, CallContext, Service, Settings};
use crate::error::{Error, ErrorKind};

use crate::redact::masked;

use super::clock::AnyClock;
use super::{CallOptions, Platform};

/// A client without its helpers; all clones of a client share one.
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
    pub(super) fn new(core: Core<S>, mode: M) -> Self {
        Self(Arc::new(Inner { core, mode }))
    }

    /// A number that the clones of one client share, and no other client has that exists at the same time.
    #[cfg(batches)]
    pub(crate) fn number(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    pub(crate) fn core(&self) -> &Core<S> {
        &self.0.core
    }

    pub(crate) fn mode(&self) -> &M {
        &self.0.mode
    }

    /// The access tokens to add to every request of a call, if the account has them.
    #[cfg(feature = "sign-in")]
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.core().protocol.as_deref().and_then(S::tokens).map(|tokens| tokens.0)
    }
}

/// The part of a client that does not depend on its mode.
#[derive(Debug)]
pub struct Core<S: Platform> {
    /// `None`: the client has no credentials and cannot send.
    pub(super) protocol: Option<Arc<S::Protocol>>,
    pub(super) settings: Settings,
    pub(super) budget: Arc<Budget>,
    pub(super) clock: AnyClock,
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
    pub(super) fn offline() -> Self {
        Self {
            protocol: None,
            settings: S::settings(),
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
            .with_advice(
                "To send calls, make the client with `Client::from_env()`, or with credentials of your own.",
            )
        })
    }

    /// Masks the secrets of the account in an error. The engine does so too; errors are also made of
    /// responses that it has passed on.
    pub(crate) fn masked(&self, error: Error) -> Error {
        let secrets = self.protocol.as_deref().map(S::secrets).unwrap_or_default();
        error.masked(&|text| masked(text, secrets.iter().map(ExposeSecret::expose_secret)))
    }

    pub(crate) fn clock(&self) -> &AnyClock {
        &self.clock
    }

    /// The context of one call: its label, limits and observer. Clones of the context share the call's
    /// deadline.
    pub(crate) fn context(
        &self,
        service: Arc<dyn Service>,
        label: impl Into<String>,
        secrets: Vec<SecretString>,
        options: &CallOptions<S>,
    ) -> Arc<CallContext> {
        let context = CallContext::new(label, options.settings.clone(), self.budget.clone(), service);
        #[cfg(batches)]
        let operation = options.key.as_ref().map(|key| format!("{key} ({})", context.label));
        #[cfg(not(batches))]
        let operation: Option<String> = None;
        let operation = operation.as_ref().unwrap_or(&context.label);
        let observer = options.observer.clone().of(operation, context.service.name());
        Arc::new(context.with_secrets(secrets).with_observer(observer))
    }

    /// The same for the calls of a batch, which enforces the rate limit itself.
    #[cfg(batches)]
    pub(super) fn of_a_batch(&self) -> Self {
        Self { budget: Arc::new(Budget::unlimited()), ..self.clone() }
    }
}
