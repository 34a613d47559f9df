//! The clients of a batch, and its calls as they are kept until it runs.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use crate::client::clock::AnyClock;
use crate::client::{CallOptions, CancelToken, Core, Shared};
use crate::engine::{Budget, Effect, Observer, Settings};
use crate::error::Error;
use crate::http::Request;

use super::journal::KeptSettings;
use super::{BatchPlatform, BatchScope, Includes, Job, JobContext, Owner, PlannedCall};

/// A client whose calls are in a batch.
pub(crate) struct Member<S: BatchScope, M> {
    /// That of [`Shared::number`]; the client exists as long as this does.
    number: usize,
    pub(super) client: S::Client<M>,
    pub(super) account: Arc<dyn Account<S::Output>>,
}

impl<S: BatchScope, M> Clone for Member<S, M> {
    fn clone(&self) -> Self {
        Self { number: self.number, client: self.client.clone(), account: self.account.clone() }
    }
}

impl<S: BatchScope, M> fmt::Debug for Member<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("number", &self.number).finish_non_exhaustive()
    }
}

impl<S: BatchScope, M> Member<S, M> {
    pub(crate) fn new<P: BatchPlatform>(client: Shared<P, M>) -> Self
    where
        S: Includes<P>,
    {
        let (number, core) = (client.number(), client.core());
        let account = OfService {
            budget: core.budget.clone(),
            core: Arc::new(core.of_a_batch()),
            convert: <S as Includes<P>>::output,
        };
        Self { number, client: S::client(client), account: Arc::new(account) }
    }

    /// True if this is the client, or a clone of it.
    pub(super) fn is<P: BatchPlatform>(&self, client: &Shared<P, M>) -> bool {
        self.number == client.number()
    }

    /// Makes a call of the client one of the batch. `None`: the client is of another service.
    pub(super) fn keep<P: BatchPlatform>(
        &self,
        call: P::Planned,
        options: CallOptions<P>,
    ) -> Option<Box<dyn AnyCall<S::Output>>> {
        let account = self.account.as_any().downcast_ref::<OfService<P, S::Output>>()?;
        Some(account.keep(call, options))
    }
}

/// The account of a client, whichever its service.
pub(super) trait Account<T>: Send + Sync {
    /// The owner of its calls.
    fn owner(&self) -> Result<Owner, Error>;

    fn budget(&self) -> &Arc<Budget>;

    fn clock(&self) -> &AnyClock;

    /// A call as the journal keeps it, with the client's settings where the journal has none.
    fn restore(&self, call: &RawValue, kept: &KeptSettings)
    -> Result<Box<dyn AnyCall<T>>, serde_json::Error>;

    fn as_any(&self) -> &dyn Any;
}

struct OfService<P: BatchPlatform, T> {
    /// The batch enforces the rate limit, so this one has none.
    core: Arc<Core<P>>,
    budget: Arc<Budget>,
    convert: fn(P::Output) -> T,
}

impl<P: BatchPlatform, T: Send + 'static> OfService<P, T> {
    fn keep(&self, call: P::Planned, options: CallOptions<P>) -> Box<dyn AnyCall<T>> {
        Box::new(Kept { core: self.core.clone(), call, options, convert: self.convert })
    }
}

impl<P: BatchPlatform, T: Send + 'static> Account<T> for OfService<P, T> {
    fn owner(&self) -> Result<Owner, Error> {
        Ok(P::owner(self.core.protocol()?))
    }

    fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    fn clock(&self) -> &AnyClock {
        self.core.clock()
    }

    fn restore(
        &self,
        call: &RawValue,
        kept: &KeptSettings,
    ) -> Result<Box<dyn AnyCall<T>>, serde_json::Error> {
        let call: P::Planned = serde_json::from_str(call.get())?;
        let mut options = CallOptions::of(&self.core);
        kept.restore(&mut options.settings);
        Ok(self.keep(call, options))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A call of a batch, whichever its service.
pub(super) trait AnyCall<T>: Send + Sync {
    /// What the call does, for messages.
    fn label(&self) -> Cow<'_, str>;

    /// Calls of one kind are expected to take about the same time.
    #[cfg(operation_batches)]
    fn kind(&self) -> &str;

    fn effect(&self) -> Effect;

    fn settings(&self) -> &Settings;

    fn observer(&self) -> &Observer;

    fn cancel(&self) -> Option<&CancelToken>;

    /// The call as the journal keeps it.
    fn written(&self) -> Result<Box<RawValue>, serde_json::Error>;

    /// The machine of the call; with the id under which the server accepted it in an earlier run, the machine
    /// that only waits for its end.
    fn job(
        &self,
        key: &Arc<str>,
        settings: Settings,
        observer: Observer,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error>;

    /// The name of the service.
    fn service(&self) -> &'static str;

    /// The statement that the call sends, if it sends one.
    fn statement(&self) -> Option<&str>;

    /// The first request of the call, if it can be shown.
    fn request(&self) -> Option<Request>;
}

struct Kept<P: BatchPlatform, T> {
    core: Arc<Core<P>>,
    call: P::Planned,
    options: CallOptions<P>,
    convert: fn(P::Output) -> T,
}

impl<P: BatchPlatform, T: Send + 'static> AnyCall<T> for Kept<P, T> {
    fn label(&self) -> Cow<'_, str> {
        self.call.label()
    }

    #[cfg(operation_batches)]
    fn kind(&self) -> &str {
        self.call.kind()
    }

    fn effect(&self) -> Effect {
        self.call.effect()
    }

    fn settings(&self) -> &Settings {
        &self.options.settings
    }

    fn observer(&self) -> &Observer {
        &self.options.observer
    }

    fn cancel(&self) -> Option<&CancelToken> {
        self.options.cancel.as_ref()
    }

    fn written(&self) -> Result<Box<RawValue>, serde_json::Error> {
        to_raw_value(&self.call)
    }

    fn job(
        &self,
        key: &Arc<str>,
        settings: Settings,
        observer: Observer,
        submitted: Option<&str>,
    ) -> Result<Job<T>, Error> {
        let own = self.options.own.clone();
        let options = CallOptions { settings, observer, cancel: None, key: Some(key.clone()), own };
        P::job(JobContext::new(self.core.clone(), options, self.convert), &self.call, submitted)
    }

    fn service(&self) -> &'static str {
        P::NAME
    }

    fn statement(&self) -> Option<&str> {
        self.call.statement()
    }

    fn request(&self) -> Option<Request> {
        self.call.request()
    }
}
