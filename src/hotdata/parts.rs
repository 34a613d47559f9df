//! What the layers above the plain calls are made of: requests in a row, waits, and the errors of both.

use std::sync::Arc;

use serde_json::Value;

use crate::Effect;
use crate::engine::retry::Verdict;
use crate::engine::{Context, Exchange, Judgement, Operation, RetryPolicy, Service};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response};

use secrecy::SecretString;

use super::command::{Answer, CallOptions, Command, Core};
use super::protocol::{Protocol, error_code};

/// What makes exchanges and waits that belong to one call.
#[derive(Debug)]
pub(super) struct Parts {
    protocol: Arc<Protocol>,
    core: Core,
    options: CallOptions,
    /// Of the whole call, for messages.
    pub(super) label: String,
    context: Arc<Context>,
}

impl Parts {
    pub(super) fn new(core: &Core, options: &CallOptions, label: String) -> Result<Self, Error> {
        let protocol = core.protocol()?.clone();
        let context = core.context(protocol.clone(), label.clone(), Vec::new(), options);
        Ok(Self { protocol, core: core.clone(), options: options.clone(), label, context })
    }

    pub(super) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    pub(super) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// A command as a part of the call.
    pub(super) fn exchange<C: Command>(&self, command: &C) -> Result<Box<Exchange>, Error> {
        let spec = command.spec();
        let request = self.protocol.complete(&self.label, spec.scope, command.to_request()?)?;
        Ok(Box::new(Exchange::new(self.context.clone(), Arc::new(request), spec.effect)))
    }

    /// The same with a policy of its own for retries, and its own idea of what may be retried.
    pub(super) fn exchange_with<C: Command>(
        &self,
        command: &C,
        retry: RetryPolicy,
        rule: RetryRule,
    ) -> Result<Box<Exchange>, Error> {
        let spec = command.spec();
        let request = self.protocol.complete(&self.label, spec.scope, command.to_request()?)?;
        let mut options = self.options.clone();
        options.settings.retry = retry;
        let service = Arc::new(Retried { protocol: self.protocol.clone(), rule });
        let context = self.core.context(service, self.label.clone(), Vec::new(), &options);
        Ok(Box::new(Exchange::new(context, Arc::new(request), spec.effect)))
    }

    /// What an answer to a command says.
    pub(super) fn read<C: Command>(&self, command: &C, response: &Response) -> Result<C::Output, Error> {
        command.read(Answer::new(&self.context, command.spec().effect, response))
    }

    /// The wait that asks with this command until the rule knows the end. The id is for errors and progress.
    pub(super) fn wait<C: Command>(&self, command: &C, id: &str, judge: Judge) -> Result<Operation, Error> {
        let request = self.protocol.complete(&self.label, command.spec().scope, command.to_request()?)?;
        let service = Arc::new(Waiting { protocol: self.protocol.clone(), request, judge });
        let context = self.core.context(service, self.label.clone(), Vec::new(), &self.options);
        Ok(Operation::resume(context, id.to_owned()))
    }
}

/// What may be sent again, besides what never reached the service.
#[derive(Clone, Copy, Debug)]
pub(super) enum RetryRule {
    /// As everywhere: a query that was turned away (429).
    Usual,
    /// Loads: nothing but a locked table (reference, section 8).
    LockedTable,
}

/// The service with a rule of its own for retries.
#[derive(Debug)]
struct Retried {
    protocol: Arc<Protocol>,
    rule: RetryRule,
}

/// True for the one conflict that passes: another load holds the table. Only the shape with an object counts.
fn is_locked(response: &Response) -> bool {
    response.status == 409
        && serde_json::from_slice::<Value>(&response.body)
            .is_ok_and(|body| body["error"]["code"] == "RESOURCE_LOCKED")
}

impl Service for Retried {
    fn explain(&self, response: &Response) -> Option<String> {
        self.protocol.explain(response)
    }

    fn message(&self, response: &Response) -> Option<String> {
        self.protocol.message(response)
    }

    fn code(&self, response: &Response) -> Option<String> {
        error_code(response)
    }

    fn verdict(&self, effect: Effect, response: &Response) -> Verdict {
        match self.rule {
            RetryRule::Usual => self.protocol.verdict(effect, response),
            RetryRule::LockedTable if is_locked(response) => Verdict::Retry,
            RetryRule::LockedTable => match self.protocol.verdict(effect, response) {
                Verdict::Retry => Verdict::Permanent,
                verdict => verdict,
            },
        }
    }

    fn secrets(&self) -> &[SecretString] {
        self.protocol.secrets()
    }

    fn advice(&self, kind: ErrorKind, response: &Response) -> Option<&'static str> {
        self.protocol.advice(kind, response)
    }

    fn how_to_check(&self) -> &'static str {
        self.protocol.how_to_check()
    }

    fn accepted(&self, response: &Response) -> Result<(String, Value), String> {
        self.protocol.accepted(response)
    }

    fn status_request(&self, id: &str) -> Request {
        self.protocol.status_request(id)
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        self.protocol.judge(response)
    }
}

/// What the answer to a poll means.
pub(super) type Judge = Box<dyn Fn(Value) -> Result<Judgement, String> + Send + Sync>;

/// The service for one wait.
struct Waiting {
    protocol: Arc<Protocol>,
    request: Request,
    judge: Judge,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("request", &self.request).finish_non_exhaustive()
    }
}

impl Service for Waiting {
    fn explain(&self, response: &Response) -> Option<String> {
        self.protocol.explain(response)
    }

    fn message(&self, response: &Response) -> Option<String> {
        self.protocol.message(response)
    }

    fn code(&self, response: &Response) -> Option<String> {
        error_code(response)
    }

    /// While something runs, a service that is short of something is asked again, whether it says when or not.
    fn verdict(&self, effect: Effect, response: &Response) -> Verdict {
        crate::engine::retry::judge_status(effect, response.status)
    }

    fn secrets(&self) -> &[SecretString] {
        self.protocol.secrets()
    }

    fn advice(&self, kind: ErrorKind, response: &Response) -> Option<&'static str> {
        self.protocol.advice(kind, response)
    }

    fn how_to_check(&self) -> &'static str {
        self.protocol.how_to_check()
    }

    fn accepted(&self, _: &Response) -> Result<(String, Value), String> {
        Err("it was begun before".to_owned())
    }

    fn status_request(&self, _: &str) -> Request {
        self.request.clone()
    }

    fn judge(&self, response: &Response) -> Result<Judgement, String> {
        let body = serde_json::from_slice(&response.body).map_err(|_| "the answer is not JSON".to_owned())?;
        (self.judge)(body)
    }
}

/// The text under a key, or why there is none.
pub(super) fn text(body: &Value, key: &str) -> Result<String, String> {
    match body.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("the answer has no {key}")),
    }
}
