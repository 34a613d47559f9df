//! The control calls of an upload, as machines that are run by it.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::engine::{Context, Effect, Exchange};
use crate::error::Error;
use crate::hotdata::command::{Answer, CallOptions, Command, Core};
use crate::hotdata::protocol::Protocol;
use crate::http::Response;

/// How a control call is made.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) effect: Effect,
    /// `None`: as often as the client does.
    pub(super) retries: Option<u32>,
    /// `None`: as long as the client allows.
    pub(super) timeout: Option<Duration>,
}

/// The account, and what its calls go by.
pub(super) struct Api {
    core: Core,
    protocol: Arc<Protocol>,
    options: CallOptions,
    /// What is being done, for messages.
    label: String,
}

impl Api {
    pub(super) fn new(core: &Core, options: CallOptions, label: String) -> Result<Self, Error> {
        Ok(Self { core: core.clone(), protocol: core.protocol()?.clone(), options, label })
    }

    pub(super) fn base_url(&self) -> &str {
        self.protocol.base_url()
    }

    pub(super) fn exchange<C: Command>(&self, command: &C, manner: Manner) -> Result<Exchange, Error> {
        let label = format!("{}: {}", self.label, command.label());
        let request = command.to_request().map_err(|error| error.with_context(&self.label))?;
        let request = self.protocol.complete(&label, command.spec().scope, request)?;
        let mut options = self.options.clone();
        if let Some(timeout) = manner.timeout {
            options.settings.http_timeout = timeout;
            options.settings.timeout = options.settings.timeout.max(timeout);
        }
        if let Some(retries) = manner.retries {
            options.settings.retry.retries = retries;
        }
        let context = self.core.context(self.protocol.clone(), label, command.secrets(), &options);
        Ok(Exchange::new(context, Arc::new(request), manner.effect))
    }

    pub(super) fn read<C: Command>(
        &self,
        command: &C,
        effect: Effect,
        response: &Response,
    ) -> Result<C::Output, Error> {
        let label = format!("{}: {}", self.label, command.label());
        let context = self.core.context(self.protocol.clone(), label, command.secrets(), &self.options);
        command.read(Answer::new(&context, effect, response))
    }

    /// The text of a storage's answer, without what it may repeat of these secrets.
    pub(super) fn mask(&self, response: &Response, secrets: Vec<SecretString>) -> String {
        let context: Arc<Context> =
            self.core.context(self.protocol.clone(), self.label.clone(), secrets, &self.options);
        context.text(response)
    }
}
