//! The requests of an upload to the service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::engine::machine::{Event, Now, Step, Steps};
use crate::engine::{CallContext, Effect, Exchange, Machine, Progress};
use crate::error::Error;
use crate::hotdata::command::{CallOptions, Command, Core};
use crate::hotdata::endpoint::Reader;
use crate::hotdata::protocol::Protocol;
use crate::http::Response;
use crate::transport::SendError;

/// How a request is sent.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) effect: Effect,
    /// `None`: as often as the client's policy says.
    pub(super) retries: Option<u32>,
    /// `None`: as long as the client allows.
    pub(super) timeout: Option<Duration>,
}

/// Sends requests for one upload.
pub(super) struct Api {
    core: Core,
    protocol: Arc<Protocol>,
    options: CallOptions,
    /// What is attempted, for messages.
    label: String,
}

impl Api {
    pub(super) fn new(core: &Core, options: CallOptions, label: String) -> Result<Self, Error> {
        Ok(Self { core: core.clone(), protocol: core.protocol()?.clone(), options, label })
    }

    pub(super) fn base_url(&self) -> &str {
        self.protocol.base_url()
    }

    /// The time limit of a request that has none of its own.
    pub(super) fn http_timeout(&self) -> Duration {
        self.options.settings.http_timeout
    }

    pub(super) fn emit(&self, progress: &Progress) {
        self.options.observer.emit(progress);
    }

    pub(super) fn call<C: Command>(
        &self,
        command: &C,
        manner: Manner,
    ) -> Result<Box<Calling<C::Output>>, Error> {
        let prepared = command.endpoint().effect(manner.effect).prepare();
        let mut prepared = prepared.map_err(|error| error.with_context(&self.label))?;
        let label = format!("{}: {}", self.label, prepared.label);
        let mut options = self.options.clone();
        if let Some(timeout) = manner.timeout {
            options.settings.http_timeout = timeout;
            options.settings.timeout = options.settings.timeout.max(timeout);
        }
        if let Some(retries) = manner.retries {
            options.settings.retry.retries = retries;
        }
        let secrets = std::mem::take(&mut prepared.secrets);
        let context = self.core.context(self.protocol.clone(), label, secrets, &options);
        let (exchange, reader) = prepared.exchange(&self.protocol, &context, None)?;
        Ok(Box::new(Calling { context, exchange, reader, is_in_flight: false, was_sent: false }))
    }

    /// The text of a storage's response, with these secrets masked.
    pub(super) fn mask(&self, response: &Response, secrets: Vec<SecretString>) -> String {
        self.core.context(self.protocol.clone(), &*self.label, secrets, &self.options).text(response)
    }
}

/// A request to the service under way.
pub(super) struct Calling<T> {
    context: Arc<CallContext>,
    exchange: Exchange,
    reader: Reader<T>,
    is_in_flight: bool,
    was_sent: bool,
}

impl<T> Calling<T> {
    /// The next step; `None` while the request is in flight.
    pub(super) fn next(&mut self, now: Instant) -> Option<Step> {
        if self.is_in_flight {
            return None;
        }
        let step = self.exchange.next(now);
        self.is_in_flight = matches!(step, Step::Send { .. });
        self.was_sent |= self.is_in_flight;
        Some(step)
    }

    pub(super) fn received(&mut self, now: Now, result: Result<Response, SendError>) {
        self.is_in_flight = false;
        self.exchange.on(now, Event::Response(result));
    }

    pub(super) fn is_over(&self) -> bool {
        self.exchange.is_over()
    }

    pub(super) fn was_sent(&self) -> bool {
        self.was_sent
    }

    /// The successful response.
    pub(super) fn response(&mut self) -> Result<Response, Error> {
        self.exchange.finish()
    }

    pub(super) fn read(&self, response: Response) -> Result<T, Error> {
        self.reader.outcome(&self.context, Ok(response))
    }
}
