//! Calls that need several requests.

use std::sync::Arc;

use serde_json::Value;

#[cfg(feature = "arrow")]
use crate::engine::Exchange;
use crate::engine::policy::Retries;
use crate::engine::{CallContext, Id, Judgement, Machine, Operation, Poll, Progress};
use crate::error::Error;

use super::command::{CallOptions, Command, Core};
#[cfg(feature = "arrow")]
use super::endpoint::Endpoint;
use super::protocol::Protocol;

/// Makes the requests and waits of one call. They share its label, its limits and its deadline.
#[derive(Clone, Debug)]
pub(super) struct Composite {
    protocol: Arc<Protocol>,
    context: Arc<CallContext>,
}

impl Composite {
    pub(super) fn new(core: &Core, options: &CallOptions, label: impl Into<String>) -> Result<Self, Error> {
        let protocol = core.protocol()?.clone();
        let context = core.context(protocol.clone(), label, Vec::new(), options);
        Ok(Self { protocol, context })
    }

    pub(super) fn context(&self) -> &Arc<CallContext> {
        &self.context
    }

    /// The label of the call, for messages.
    pub(super) fn label(&self) -> &str {
        &self.context.label
    }

    pub(super) fn emit(&self, progress: &Progress) {
        self.context.observer.emit(progress);
    }

    /// The database of the call: the one that it names, else the client's.
    pub(super) fn database(&self, named: Option<&str>) -> Result<String, Error> {
        self.protocol.database(self.label(), named)
    }

    /// Sends a command.
    pub(super) fn send<C: Command>(
        &self,
        command: &C,
    ) -> Result<impl Machine<Output = C::Output> + use<C>, Error> {
        self.send_with(command, None)
    }

    /// Sends a command with these retries, or with those of the call.
    pub(super) fn send_with<C: Command>(
        &self,
        command: &C,
        retries: Option<Retries>,
    ) -> Result<impl Machine<Output = C::Output> + use<C>, Error> {
        command.endpoint().prepare()?.machine(&self.protocol, &self.context, retries)
    }

    /// Sends a request whose response body stays open. Each piece of it has to arrive within the time of one
    /// HTTP request.
    #[cfg(feature = "arrow")]
    pub(super) fn open<T: 'static>(
        &self,
        endpoint: Endpoint<'_, T>,
        retries: Option<Retries>,
    ) -> Result<Exchange, Error> {
        let (exchange, _) = endpoint.prepare()?.exchange(&self.protocol, &self.context, retries)?;
        Ok(exchange.streaming(self.context.settings.http_timeout))
    }

    /// Polls with a command until the rule sees an end.
    pub(super) fn wait<C: Command>(
        &self,
        command: &C,
        id: Id,
        origin: Origin,
        judge: impl Fn(Value) -> Result<Judgement, String> + Send + Sync + 'static,
    ) -> Result<Operation, Error> {
        let prepared = command.endpoint().prepare()?;
        let request = self.protocol.complete(self.label(), prepared.scope, prepared.request)?;
        let poll = Poll::new(request, move |response| {
            let body = serde_json::from_slice(&response.body).map_err(|_| "it is not JSON".to_owned())?;
            judge(body)
        });
        let operation = Operation::resume(self.context.clone(), id, poll);
        Ok(match origin {
            Origin::ThisCall => operation.just_started(),
            Origin::Earlier => operation,
        })
    }
}

/// Who started what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The call that waits: the service may not know it yet.
    ThisCall,
    /// Another call, or another program.
    Earlier,
}

/// Returns the text under a key, or why there is none.
pub(super) fn text(body: &Value, key: &str) -> Result<String, String> {
    match body.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("it has no {key}")),
    }
}
